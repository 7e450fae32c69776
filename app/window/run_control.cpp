// SPDX-License-Identifier: GPL-3.0-or-later
// The window's runs: starts them, drains them, stops them, and says when there is something to
// draw.
#include "app/window/run_control.hpp"

#include <algorithm>

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
    // The innermost open span is the last one that is open.
    const auto open = std::find_if(lane.spans.rbegin(), lane.spans.rend(),
        [](const Span& span) { return span.end_ns == open_end; });
    if (open == lane.spans.rend())
        return true;
    switch (open->state) {
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

void RunControl::start(RunOrder order)
{
    if (isRunning())
        return;
    m_work
        = keyOf(order, [](const ParameterDescription& parameter) { return parameter.work; });
    m_comparable
        = keyOf(order, [](const ParameterDescription& parameter) { return !parameter.workers; });
    m_measured = order.repeats.has_value();
    SessionOptions options;
    // A measurement takes a baseline beside each repeat; only a sweep has one to spare.
    const auto& baselines = m_sweep ? m_sweep->baselines : m_baselines;
    if (const auto known = baselines.find(m_work);
        known != baselines.end() && (!m_measured || m_sweep))
        options.baseline = known->second;
    options.lesson = std::move(order.lesson);
    options.description = std::move(order.description);
    options.parameters = std::move(order.parameters);
    options.seed = order.seed;
    options.repeats = order.repeats;

    emit aboutToStart();
    m_facts = RunFacts{};
    m_finished.reset();
    m_session.reset();
    m_stopAsked = false;
    try {
        m_session = std::make_unique<Session>(std::move(options));
    } catch (const std::exception& error) {
        const bool swept = m_sweep.has_value();
        m_sweep.reset();
        emit failed(QString::fromUtf8(error.what()));
        if (swept)
            emit sweepFinished();
        return;
    }
    m_announcedRevision = 0;
    m_announcedState = RunState::running;
    m_sinceFrame.start();
    m_sinceBudget.invalidate();
    m_drainTimer.start();
    emit started();
    announce();
}

void RunControl::startSweep(
    RunOrder order, const std::string& parameter, std::vector<ParameterValue> values)
{
    if (isRunning() || values.empty())
        return;
    m_sweep = Sweep{std::move(order), parameter, std::move(values), 0, {}};
    startNext();
}

void RunControl::startNext()
{
    RunOrder order = m_sweep->order;
    order.parameters[m_sweep->parameter] = m_sweep->values[m_sweep->next];
    start(std::move(order));
}

std::optional<SweepProgress> RunControl::sweep() const
{
    if (!m_sweep)
        return std::nullopt;
    return SweepProgress{static_cast<int>(m_sweep->next),
        static_cast<int>(m_sweep->values.size()), m_sweep->values[m_sweep->next]};
}

void RunControl::stop()
{
    if (!isRunning())
        return;
    m_stopAsked = true;
    m_session->stop(StopReason::person);
    drain();
}

void RunControl::setPaused(bool paused)
{
    if (!isRunning() || m_session->state() != RunState::running || paused == m_session->paused())
        return;
    if (paused)
        m_session->pause();
    else
        m_session->resume();
    announce();
}

void RunControl::stopAndWait(std::chrono::milliseconds longest)
{
    if (!isRunning())
        return;
    m_stopAsked = true;
    m_session->stop(StopReason::person);
    QElapsedTimer timer;
    timer.start();
    while (m_session->poll() && timer.elapsed() < longest.count())
        m_session->wait(waitStep);
    if (!m_session->finished()) {
        m_session->stop(StopReason::person);
        QElapsedTimer last;
        last.start();
        while (m_session->poll() && last.elapsed() < longest.count())
            m_session->wait(waitStep);
    }
    drain();
}

void RunControl::drain()
{
    if (!m_drainTimer.isActive())
        return;
    if (!m_session->poll()) {
        end();
        return;
    }
    if (m_sinceFrame.elapsed() < frameInterval().count())
        return;
    if (m_session->recording().revision() == m_announcedRevision
        && m_session->state() == m_announcedState)
        return;
    announce();
}

void RunControl::end()
{
    m_drainTimer.stop();
    m_finished = std::make_shared<const FinishedRun>(finished_run(*m_session));
    keepBaseline();
    keepPoint();
    m_sinceBudget.invalidate();
    announce();
    const bool swept = m_sweep.has_value();
    const bool goesOn = swept && !m_stopAsked && m_session->state() == RunState::done
        && m_sweep->next + 1 < m_sweep->values.size();
    if (swept && !goesOn)
        m_sweep.reset();
    emit finished();
    if (goesOn && m_sweep) {
        ++m_sweep->next;
        startNext();
    } else if (swept) {
        emit sweepFinished();
    }
}

void RunControl::announce()
{
    m_sinceFrame.start();
    m_announcedRevision = m_session->recording().revision();
    m_announcedState = m_session->state();
    const bool budgetServes = m_sinceBudget.isValid() && m_sinceBudget.elapsed() < budgetIntervalMs;
    m_facts = factsOf(*m_session, budgetServes ? &m_facts.budget : nullptr);
    if (!budgetServes)
        m_sinceBudget.start();
    for (const auto& [workers, point] : m_points[m_comparable])
        m_facts.points.push_back(point);
    emit changed();
}

void RunControl::keepBaseline()
{
    const std::optional<double> sequential = m_session->sequential_s();
    const std::optional<std::uint64_t> work = m_session->all_work();
    if (!sequential || !work)
        return;
    m_baselines.insert_or_assign(m_work, KnownBaseline{*sequential, *work});
    if (m_sweep)
        m_sweep->baselines.try_emplace(m_work, KnownBaseline{*sequential, *work});
}

void RunControl::keepPoint()
{
    if (!m_measured)
        return;
    if (std::optional<ScalingPoint> point = pointOf(*m_finished)) {
        const int workers = point->workers;
        m_points[m_comparable].insert_or_assign(workers, std::move(*point));
    }
}

std::chrono::milliseconds RunControl::frameInterval() const
{
    const auto& lanes = m_session->recording().lanes();
    const auto wanting = std::count_if(lanes.begin(), lanes.end(), runnable);
    return wanting >= m_session->machine().usable_cpus ? crowdedFrameInterval : freeFrameInterval;
}

std::optional<ScalingPoint> pointOf(const FinishedRun& run)
{
    constexpr std::string_view spoilt[] = {"partial", "paused", "slowed", "stepped"};
    const bool forMeasuring = std::none_of(std::begin(spoilt), std::end(spoilt), [&](auto mark) {
        return std::find(run.marks.begin(), run.marks.end(), mark) != run.marks.end();
    });
    if (!forMeasuring || run.state != RunState::done || !run.sequential_s || run.repeats.empty())
        return std::nullopt;
    ScalingPoint point;
    point.workers = factsOf(run).workers;
    point.sequential_s = *run.sequential_s;
    for (const Repeat& repeat : run.repeats)
        point.wall_s.push_back(repeat.wall_s);
    point.oversubscribed
        = std::find(run.marks.begin(), run.marks.end(), "oversubscribed") != run.marks.end();
    return point;
}

} // namespace manyhands::app
