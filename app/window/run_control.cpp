// SPDX-License-Identifier: GPL-3.0-or-later
// The window's runs: starts them, drains them, stops them, and says when there is something to
// draw.
#include "app/window/run_control.hpp"

#include "app/views/swept.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

using namespace std::chrono_literals;

/// Rings must be drained at least every 33 ms; the rest is for a frame that takes long.
constexpr auto drainInterval = 20ms;
/// 30 frames a second, while drawing takes no CPU from the lesson.
constexpr auto freeFrameInterval = 33ms;
/// 4 a second, while every CPU is wanted.
constexpr auto crowdedFrameInterval = 250ms;
/// Adding the budget up walks all spans.
constexpr qint64 budgetIntervalMs = 250;
constexpr auto waitStep = 10ms;

/// Whether the lane is doing something that wants a CPU.
bool runnable(const Lane& lane)
{
    if (lane.ended())
        return false;
    const Spans& spans = lane.spans;
    if (!spans.is_open())
        return true;
    switch (spans.open_state(spans.depth() - 1)) {
    case State::starting:
    case State::tearing_down:
    case State::computing:
    case State::serialising:
    case State::sending:
    case State::receiving:
        return true;
    case State::waiting_data:
    case State::waiting_space:
    case State::waiting_lock:
    case State::joining:
    case State::idle:
    case State::sleeping:
    case State::held:
    case State::foreign:
        break;
    }
    return false;
}

} // namespace

RunControl::RunControl(QObject* parent)
    : QObject(parent)
{
    m_drainTimer.setTimerType(Qt::PreciseTimer);
    m_drainTimer.setInterval(drainInterval);
    connect(&m_drainTimer, &QTimer::timeout, this, &RunControl::drain);
}

RunControl::WorkKey RunControl::keyOf(
    const RunOrder& order, bool (*counts)(const ParameterDescription&))
{
    ParameterValues values;
    for (const ParameterDescription& parameter : order.description.parameters) {
        const auto value = order.parameters.find(parameter.name);
        if (counts(parameter) && value != order.parameters.end())
            values.insert(*value);
    }
    return {order.lesson.program.string(), order.lesson.id, order.seed, std::move(values)};
}

SessionOptions RunControl::prepare(RunOrder& order)
{
    m_work = keyOf(order, [](const ParameterDescription& parameter) { return parameter.work; });
    m_comparable
        = keyOf(order, [](const ParameterDescription& parameter) { return !parameter.workers; });
    m_exact = keyOf(order, [](const ParameterDescription&) { return true; });
    m_measured = order.repeats.has_value();
    SessionOptions options;
    options.lesson = std::move(order.lesson);
    options.description = std::move(order.description);
    options.parameters = std::move(order.parameters);
    options.seed = order.seed;
    options.repeats = order.repeats;
    options.command = std::move(order.command);
    emit aboutToStart();
    m_facts = RunFacts{};
    m_swept.reset();
    m_finished.reset();
    m_session.reset();
    m_sweep.reset();
    m_gates = false;
    return options;
}

Pace RunControl::firstPace(const SessionOptions& options) const
{
    Pace pace = m_pace;
    const Guide& guide = options.description.guide;
    if (!guide.held_when.empty() && options.description.holds(guide.held_when, options.parameters))
        pace.kind = Pace::Kind::stepped;
    return pace;
}

void RunControl::start(RunOrder order)
{
    if (isRunning())
        return;
    SessionOptions options = prepare(order);
    // A measurement takes a baseline beside each repeat.
    if (const auto known = m_baselines.find(m_work); known != m_baselines.end() && !m_measured)
        options.baseline = known->second;
    try {
        // What is measured runs as fast as it can.
        const bool gates = options.description.guide.gates && !m_measured;
        m_runPace = gates ? firstPace(options) : Pace{};
        options.hold_gates = m_runPace.kind == Pace::Kind::stepped;
        m_session = std::make_unique<Session>(std::move(options));
        // Long before its processes come to a gate.
        if (m_runPace.kind == Pace::Kind::slow)
            m_session->pace_gates(m_runPace.stepsPerSecond);
        m_gates = gates;
    } catch (const std::exception& error) {
        emit failed(QString::fromUtf8(error.what()));
        return;
    }
    begin();
}

void RunControl::startSweep(
    RunOrder order, const std::string& parameter, std::vector<ParameterValue> values)
{
    if (isRunning())
        return;
    const int repeats = order.repeats.value_or(1);
    order.repeats = repeats;
    SessionOptions options = prepare(order);
    m_lastSwept.insert_or_assign(options.description.id, parameter);
    try {
        m_sweep
            = std::make_unique<Sweep>(std::move(options), parameter, std::move(values), repeats);
    } catch (const std::exception& error) {
        emit failed(QString::fromUtf8(error.what()));
        return;
    }
    begin();
}

void RunControl::begin()
{
    m_running = true;
    m_announcedRevision = 0;
    m_announcedState = RunState::running;
    gatherSwept();
    m_sinceFrame.start();
    m_sinceBudget.invalidate();
    m_drainTimer.start();
    emit started();
    announce();
}

void RunControl::stop()
{
    if (!isRunning())
        return;
    if (m_sweep)
        m_sweep->stop(StopReason::person);
    else
        m_session->stop(StopReason::person);
    drain();
}

void RunControl::setPaused(bool paused)
{
    if (!isRunning() || session()->state() != RunState::running || paused == session()->paused())
        return;
    if (paused)
        current()->pause();
    else
        current()->resume();
    announce();
}

void RunControl::setPace(const Pace& pace)
{
    if (takesPace() && pace != m_runPace) {
        m_runPace = pace;
        switch (pace.kind) {
        case Pace::Kind::free:
            m_session->open_gates();
            break;
        case Pace::Kind::slow:
            m_session->pace_gates(pace.stepsPerSecond);
            break;
        case Pace::Kind::stepped:
            m_session->hold_gates();
            break;
        }
        announce();
    }
    m_pace = pace;
    emit paceChanged();
}

std::vector<Session::HeldLane> RunControl::held() const
{
    return takesPace() ? m_session->held() : std::vector<Session::HeldLane>();
}

void RunControl::step(std::uint32_t lane)
{
    if (takesPace())
        m_session->step(lane);
}

void RunControl::stepAll()
{
    if (takesPace())
        m_session->step_all();
}

void RunControl::stopAndWait(std::chrono::milliseconds longest)
{
    // The second call kills.
    for (int call = 0; call < 2 && isRunning(); ++call) {
        stop();
        QElapsedTimer timer;
        timer.start();
        while (isRunning() && timer.elapsed() < longest.count()) {
            current()->wait(waitStep);
            drain();
        }
    }
}

void RunControl::drain()
{
    if (!m_running)
        return;
    if (m_sweep)
        pollSweep();
    else if (!m_session->poll())
        end();
    if (!m_running)
        return;
    // Of a measurement, the recording of a repeat may be gone as soon as the next one has begun:
    // nobody is to draw it once more.
    if (&session()->recording() != m_facts.recording)
        return announce();
    if (m_sinceFrame.elapsed() < frameInterval().count())
        return;
    if (session()->recording().revision() == m_announcedRevision
        && session()->state() == m_announcedState)
        return;
    announce();
}

void RunControl::pollSweep()
{
    const std::size_t points = m_sweep->points().size();
    const bool goesOn = m_sweep->poll();
    if (m_sweep->points().size() == points && goesOn)
        return;
    keepPoints();
    if (goesOn) {
        // Another session has taken the place of the one that is shown.
        emit aboutToStart();
        m_facts = RunFacts{};
        m_announcedRevision = 0;
        m_sinceBudget.invalidate();
        announce();
    } else {
        end();
    }
    emit pointFinished();
}

void RunControl::end()
{
    m_drainTimer.stop();
    m_running = false;
    m_finished = std::make_shared<const FinishedRun>(finished_run(*session()));
    keepBaseline();
    keepPoints();
    m_sinceBudget.invalidate();
    announce();
    emit finished();
}

void RunControl::announce()
{
    m_sinceFrame.start();
    m_announcedRevision = session()->recording().revision();
    m_announcedState = session()->state();
    const bool budgetServes = m_sinceBudget.isValid() && m_sinceBudget.elapsed() < budgetIntervalMs;
    m_facts = factsOf(*session(), budgetServes ? &m_facts.budget : nullptr);
    if (!budgetServes)
        m_sinceBudget.start();
    for (const auto& [workers, point] : m_points[m_comparable])
        m_facts.points.push_back(point);
    m_facts.swept = m_swept;
    emit changed();
}

void RunControl::keepBaseline()
{
    // A sweep's values may change the work.
    if (m_sweep)
        return;
    const std::optional<double> sequential = m_session->sequential_s();
    const std::optional<std::uint64_t> work = m_session->all_work();
    if (sequential && work)
        m_baselines.insert_or_assign(m_work, KnownBaseline{*sequential, *work});
}

void RunControl::keepPoints()
{
    if (m_sweep) {
        ParameterValues parameters = std::get<ParameterValues>(m_exact);
        for (const SweepPoint& point : m_sweep->points()) {
            const nlohmann::json& marks = point.run.at("marks");
            if (!isForMeasuring(marks) || point.state != RunState::done)
                continue;
            parameters.insert_or_assign(m_sweep->parameter(), point.value);
            keepSwept(sweptValueOf(point.repeats, point.sequential_s, marks), parameters,
                [&](const std::string& quantity) { return quantityOf(point, quantity); });
        }
    } else if (m_finished && m_finished->state == RunState::done
        && isForMeasuring(m_finished->marks)) {
        keepSwept(sweptValueOf(m_finished->repeats, m_finished->sequential_s, m_finished->marks),
            m_finished->parameters, [this](const std::string& quantity) -> std::optional<double> {
                const std::optional<Measured> known = measured(*m_finished, quantity);
                return known ? std::optional(known->value) : std::nullopt;
            });
    }
    gatherSwept();
    if (!m_measured)
        return;
    const auto keep = [this](ScalingPoint point) {
        const int workers = point.workers;
        m_points[m_comparable].insert_or_assign(workers, std::move(point));
    };
    if (m_sweep) {
        const LessonDescription& lesson = session()->options().description;
        const ParameterDescription* over = lesson.parameter(m_sweep->parameter());
        if (over && over->workers)
            for (ScalingPoint& point : scaling_points(*m_sweep))
                keep(std::move(point));
    } else if (m_finished) {
        if (std::optional<ScalingPoint> point = pointOf(*m_finished))
            keep(std::move(*point));
    }
}

void RunControl::keepSwept(SweptValue measured, const ParameterValues& parameters,
    const std::function<std::optional<double>(const std::string&)>& quantity)
{
    const LessonDescription& lesson = session()->options().description;
    for (const auto& [name, value] : parameters) {
        WorkKey key = m_exact;
        std::get<ParameterValues>(key) = parameters;
        std::get<ParameterValues>(key).erase(name);
        SweptRuns& runs = m_sweptRuns[key];
        measured.value = value;
        if (m_measured && !measured.wall_s.empty())
            runs.values.insert_or_assign(value, measured);
        if (const QuantityDescription* predictor = predictorOf(lesson, name)) {
            if (const std::optional<double> best = quantity(predictor->name))
                runs.predictedBest = best;
        }
    }
}

const RunControl::SweptRuns* RunControl::sweptOver(const ParameterDescription& parameter) const
{
    WorkKey key = m_exact;
    std::get<ParameterValues>(key).erase(parameter.name);
    const auto found = m_sweptRuns.find(key);
    return found == m_sweptRuns.end() ? nullptr : &found->second;
}

/// The one that was swept last; else the one of whose values most were measured, if two at least.
const ParameterDescription* RunControl::parameterToShow() const
{
    const LessonDescription& lesson = session()->options().description;
    if (const auto last = m_lastSwept.find(lesson.id); last != m_lastSwept.end())
        return lesson.parameter(last->second);
    const ParameterDescription* result = nullptr;
    std::size_t most = 1;
    for (const ParameterDescription& parameter : lesson.parameters) {
        const SweptRuns* runs = sweptOver(parameter);
        if (runs && runs->values.size() > most) {
            most = runs->values.size();
            result = &parameter;
        }
    }
    return result;
}

void RunControl::gatherSwept()
{
    m_swept.reset();
    const ParameterDescription* parameter = parameterToShow();
    if (!parameter)
        return;
    const SweptRuns* runs = sweptOver(*parameter);
    if ((!runs || runs->values.empty()) && !m_sweep)
        return;
    SweptParameter swept = {.parameter = *parameter,
        .values = {},
        .predictor = {},
        .predictedBest = runs ? runs->predictedBest : std::nullopt};
    if (const auto* predictor = predictorOf(session()->options().description, parameter->name))
        swept.predictor = *predictor;
    if (runs) {
        for (const auto& [value, measured] : runs->values)
            swept.values.push_back(measured);
    }
    m_swept = std::make_shared<const SweptParameter>(std::move(swept));
}

std::chrono::milliseconds RunControl::frameInterval() const
{
    const auto& lanes = session()->recording().lanes();
    const auto wanting = std::count_if(lanes.begin(), lanes.end(), runnable);
    return wanting >= session()->machine().usable_cpus ? crowdedFrameInterval : freeFrameInterval;
}

std::optional<ScalingPoint> pointOf(const FinishedRun& run)
{
    if (!isForMeasuring(run.marks) || run.state != RunState::done || !run.sequential_s
        || run.repeats.empty())
        return std::nullopt;
    ScalingPoint point;
    // As a sweep counts them: those that did tasks.
    point.workers = workers_of(run);
    point.sequential_s = *run.sequential_s;
    for (const Repeat& repeat : run.repeats)
        point.wall_s.push_back(repeat.wall_s);
    point.oversubscribed
        = std::find(run.marks.begin(), run.marks.end(), "oversubscribed") != run.marks.end();
    return point;
}

} // namespace manyhands::app
