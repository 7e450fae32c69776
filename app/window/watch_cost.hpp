// SPDX-License-Identifier: GPL-3.0-or-later
// What watching costs: the same run in the window, without it, and without any record, in turn.
#pragma once

#include "app/window/run_control.hpp"
#include "engine/observe/own_program.hpp"

#include <QObject>
#include <QTimer>

#include <array>
#include <memory>

namespace manyhands::app {

/// Measures rounds of the three. Each takes one warm-up, one baseline and one repeat; the wall time
/// of the repeat counts.
class WatchCost : public QObject
{
    Q_OBJECT

public:
    enum class Way : std::uint8_t { window, headless, untraced };
    static constexpr int wayCount = 3;

    explicit WatchCost(RunControl& control, QObject* parent = nullptr);

    /// The command that is started without a window; ours unless set.
    void setProgram(const std::filesystem::path& program) { m_program = program; }

    void start(const RunOrder& order, int rounds);
    /// What is measured stays.
    void stop();
    bool isRunning() const { return m_running; }
    int rounds() const { return m_rounds; }
    /// Runs that are complete, of all.
    int done() const { return m_done; }

    /// Wall times in seconds, in the order in which they were measured.
    const std::vector<double>& times(Way way) const
    {
        return m_times[static_cast<std::size_t>(way)];
    }
    /// Median of the window's times by that of `way`; nothing before both are known.
    std::optional<double> ratio(Way way) const;
    /// One sentence on what came out.
    QString sentence() const;

signals:
    void changed();
    void failed(const QString& problem);

private:
    Way wayOf(int number) const;
    void next();
    void runFinished();
    void pollHeadless();
    void keep(double wallS);
    void end(const QString& problem);

    RunControl& m_control;
    std::filesystem::path m_program;
    RunOrder m_order;
    std::array<std::vector<double>, wayCount> m_times;
    std::unique_ptr<OwnProgram> m_headless;
    QTimer m_poll;
    int m_rounds = 0;
    int m_done = 0;
    bool m_running = false;
};

} // namespace manyhands::app
