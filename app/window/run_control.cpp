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

void RunControl::start(const LessonReference& lesson, const LessonDescription& description,
    const ParameterValues& parameters, std::uint64_t seed)
{
    if (isRunning())
        return;
    ParameterValues work;
    for (const ParameterDescription& parameter : description.parameters) {
        const auto value = parameters.find(parameter.name);
        if (parameter.work && value != parameters.end())
            work.insert(*value);
    }
    SessionOptions options;
    options.lesson = lesson;
    options.description = description;
    options.parameters = parameters;
    options.seed = seed;
    m_work = WorkKey(lesson.program.string(), lesson.id, seed, std::move(work));
    if (const auto known = m_baselines.find(m_work); known != m_baselines.end())
        options.baseline = known->second;

    emit aboutToStart();
    m_facts = RunFacts{};
    m_session.reset();
    try {
        m_session = std::make_unique<Session>(std::move(options));
    } catch (const std::exception& error) {
        emit failed(QString::fromUtf8(error.what()));
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

void RunControl::stop()
{
    if (!isRunning())
        return;
    m_session->stop(StopReason::person);
    drain();
}

void RunControl::stopAndWait(std::chrono::milliseconds longest)
{
    if (!isRunning())
        return;
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
        m_drainTimer.stop();
        keepBaseline();
        m_sinceBudget.invalidate();
        announce();
        emit finished();
        return;
    }
    if (m_sinceFrame.elapsed() < frameInterval().count())
        return;
    if (m_session->recording().revision() == m_announcedRevision
        && m_session->state() == m_announcedState)
        return;
    announce();
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
    emit changed();
}

void RunControl::keepBaseline()
{
    const std::optional<double> sequential = m_session->sequential_s();
    const std::optional<std::uint64_t> work = m_session->all_work();
    if (sequential && work)
        m_baselines.insert_or_assign(m_work, KnownBaseline{*sequential, *work});
}

std::chrono::milliseconds RunControl::frameInterval() const
{
    const auto& lanes = m_session->recording().lanes();
    const auto wanting = std::count_if(lanes.begin(), lanes.end(), runnable);
    return wanting >= m_session->machine().usable_cpus ? crowdedFrameInterval : freeFrameInterval;
}

} // namespace manyhands::app
