// SPDX-License-Identifier: GPL-3.0-or-later
// The window's runs: starts them, drains them, stops them, and says when there is something to
// draw.
#pragma once

#include "app/views/run_facts.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/observe/sweep.hpp"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace manyhands::app {

/// What is to be run.
struct RunOrder
{
    LessonReference lesson;
    LessonDescription description;
    ParameterValues parameters; ///< all of them
    std::uint64_t seed = 1;
    std::optional<int> repeats; ///< nothing: Run; a number: Measure
    std::optional<WatchedCommand> command = {}; ///< to be watched; then it is no lesson
};

/// What gates (engine/sync/gate.hpp) do with a process that comes to one.
struct Pace
{
    enum class Kind : std::uint8_t { free, slow, stepped };

    Kind kind = Kind::free;
    double stepsPerSecond = 2; ///< of Kind::slow, and kept beside the others

    bool operator==(const Pace&) const = default;
};

/// One run at a time. Drains it at one rate, always, and announces changes at another, at which
/// drawing does not disturb what is measured.
class RunControl : public QObject
{
    Q_OBJECT

public:
    explicit RunControl(QObject* parent = nullptr);

    /// Starts a run, unless one is under way. For Run, the serial baseline is measured once for the
    /// same work. Emits aboutToStart(), and started() or failed().
    void start(RunOrder order);
    /// Measures for each value of one parameter, order.repeats times each. Refuses, by failed(),
    /// what Sweep refuses.
    void startSweep(
        RunOrder order, const std::string& parameter, std::vector<ParameterValue> values);
    /// Asks the run to stop, and a sweep with it; a second call kills.
    void stop();
    /// Holds the run where it is, or lets it go on.
    void setPaused(bool paused);
    /// The pace of the run under way, where it takes one, and of those to come.
    void setPace(const Pace& pace);
    /// Of the run under way, where it takes one; else of the next.
    Pace pace() const { return takesPace() ? m_runPace : m_pace; }
    /// Whether the run under way can be slowed and stepped: a single one, of a lesson with gates.
    bool takesPace() const { return m_running && m_gates; }
    /// Who is held at a gate and waits for a step.
    std::vector<Session::HeldLane> held() const;
    /// Lets one of them go, up to its next gate; all of them.
    void step(std::uint32_t lane);
    void stepAll();

    /// Stops the run and waits until its processes are gone, at most so long; then kills them.
    void stopAndWait(std::chrono::milliseconds longest);

    bool isRunning() const { return m_running; }
    bool isPaused() const { return isRunning() && session()->paused(); }
    /// The sweep under way or the last one, until the next start; nullptr where there is none.
    const Sweep* sweep() const { return m_sweep.get(); }
    /// The run under way or the last one; nullptr before the first.
    const Session* session() const { return m_sweep ? &m_sweep->session() : m_session.get(); }
    /// The last run once it has ended; it stays whole however many runs follow. nullptr before.
    std::shared_ptr<const FinishedRun> finishedRun() const { return m_finished; }
    /// As of the last changed(). Its recording lives until the next aboutToStart().
    const RunFacts& facts() const { return m_facts; }

signals:
    void aboutToStart(); ///< the recording of the run before is not to be looked at any more
    void started();
    void changed(); ///< there is something new to draw
    void finished(); ///< after the last changed()
    void pointFinished(); ///< of a sweep: one value is measured
    void failed(const QString& problem);
    void paceChanged();

private:
    /// What makes runs comparable: program, lesson, seed, values of some parameters. Of baselines
    /// those that are `work`, of points all but the number of workers.
    using WorkKey = std::tuple<std::string, std::string, std::uint64_t, ParameterValues>;

    /// Runs that differ in one parameter alone.
    struct SweptRuns
    {
        std::map<ParameterValue, SweptValue> values;
        std::optional<double> predictedBest; ///< of the newest
    };

    static WorkKey keyOf(const RunOrder& order, bool (*counts)(const ParameterDescription&));
    SessionOptions prepare(RunOrder& order);
    /// With which pace a run is to begin.
    Pace firstPace(const SessionOptions& options) const;
    void begin();
    void pollSweep();
    void end();
    void keepPoints();
    void keepSwept(SweptValue measured, const ParameterValues& parameters,
        const std::function<std::optional<double>(const std::string&)>& quantity);
    const SweptRuns* sweptOver(const ParameterDescription& parameter) const;
    const ParameterDescription* parameterToShow() const;
    void gatherSwept();
    Session* current() { return m_sweep ? &m_sweep->session() : m_session.get(); }

    void drain();
    void announce();
    void keepBaseline();
    std::chrono::milliseconds frameInterval() const;

    std::unique_ptr<Session> m_session;
    std::shared_ptr<const FinishedRun> m_finished;
    std::unique_ptr<Sweep> m_sweep;
    bool m_running = false;
    bool m_measured = false; ///< the run is no mere Run
    bool m_gates = false; ///< its pace can be chosen
    Pace m_pace; ///< that a person chose
    Pace m_runPace; ///< of the run under way
    WorkKey m_work;
    WorkKey m_comparable;
    WorkKey m_exact; ///< with all its parameters
    std::map<WorkKey, KnownBaseline> m_baselines;
    std::map<WorkKey, std::map<int, ScalingPoint>> m_points; ///< by number of workers
    std::map<WorkKey, SweptRuns> m_sweptRuns; ///< by all parameters but the one they differ in
    std::map<std::string, std::string> m_lastSwept; ///< parameter, by lesson
    std::shared_ptr<const SweptParameter> m_swept; ///< what is shown
    RunFacts m_facts;
    QTimer m_drainTimer;
    QElapsedTimer m_sinceFrame;
    QElapsedTimer m_sinceBudget;
    std::uint64_t m_announcedRevision = 0;
    RunState m_announcedState = RunState::running;
};

/// The point over workers that a measured run makes; nothing where it is not for measuring or has
/// no baseline.
std::optional<ScalingPoint> pointOf(const FinishedRun& run);

} // namespace manyhands::app
