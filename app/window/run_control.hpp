// SPDX-License-Identifier: GPL-3.0-or-later
// The window's runs: starts them, drains them, stops them, and says when there is something to
// draw.
#pragma once

#include "app/views/run_facts.hpp"
#include "engine/observe/session.hpp"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <tuple>

namespace manyhands::app {

/// One run at a time. Drains it at one rate, always, and announces changes at another, at which
/// drawing does not disturb what is measured.
class RunControl : public QObject
{
    Q_OBJECT

public:
    explicit RunControl(QObject* parent = nullptr);

    /// Starts a run, unless one is under way. The serial baseline is measured once for the same
    /// work. Emits aboutToStart(), and started() or failed().
    void start(const LessonReference& lesson, const LessonDescription& description,
        const ParameterValues& parameters, std::uint64_t seed);
    /// Asks the run to stop; a second call kills.
    void stop();
    /// Stops the run and waits until its processes are gone, at most so long; then kills them.
    void stopAndWait(std::chrono::milliseconds longest);

    bool isRunning() const { return m_session && !m_session->finished(); }
    /// The run under way or the last one; nullptr before the first.
    const Session* session() const { return m_session.get(); }
    /// As of the last changed(). Its recording lives until the next aboutToStart().
    const RunFacts& facts() const { return m_facts; }

signals:
    void aboutToStart(); ///< the recording of the run before goes away
    void started();
    void changed(); ///< there is something new to draw
    void finished(); ///< after the last changed()
    void failed(const QString& problem);

private:
    /// What makes work the same: program, lesson, seed, values of its `work` parameters.
    using WorkKey = std::tuple<std::string, std::string, std::uint64_t, ParameterValues>;

    void drain();
    void announce();
    void keepBaseline();
    std::chrono::milliseconds frameInterval() const;

    std::unique_ptr<Session> m_session;
    WorkKey m_work;
    std::map<WorkKey, KnownBaseline> m_baselines;
    RunFacts m_facts;
    QTimer m_drainTimer;
    QElapsedTimer m_sinceFrame;
    QElapsedTimer m_sinceBudget;
    std::uint64_t m_announcedRevision = 0;
    RunState m_announcedState = RunState::running;
};

} // namespace manyhands::app
