// SPDX-License-Identifier: GPL-3.0-or-later
// A run played again, as slowly as a person wants: which moment of it is shown now.
#include "app/window/replay.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr int frameMs = 33;
constexpr double visibleTakesS = 10;
constexpr double leadingDigits[] = {1, 2, 5};

/// Spans of a lane that begin at or before `ns`.
std::size_t begunUntil(const Lane& lane, std::int64_t ns)
{
    std::size_t low = 0;
    std::size_t high = lane.spans.size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (lane.spans[middle].begin_ns <= ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/// The first change of a lane behind `ns`, or `last`. The ends of outer spans are looked at only
/// next to `ns`: their last inner one ends with them in all that we record.
std::int64_t nextChange(const Lane& lane, std::int64_t ns, std::int64_t last)
{
    const auto sooner = [&](std::int64_t time) {
        if (time > ns && time < last)
            last = time;
    };
    const std::size_t next = begunUntil(lane, ns);
    if (next < lane.spans.size())
        sooner(lane.spans[next].begin_ns);
    for (std::size_t i = next; i > 0; --i) {
        const Span span = lane.spans[i - 1];
        sooner(span.end_ns);
        if (span.depth == 0)
            break;
        if (next - i > 64)
            break;
    }
    sooner(lane.start_ns);
    sooner(lane.end_ns);
    return last;
}

std::int64_t previousChange(const Lane& lane, std::int64_t ns, std::int64_t first)
{
    const auto later = [&](std::int64_t time) {
        if (time < ns && time > first)
            first = time;
    };
    const std::size_t next = begunUntil(lane, ns - 1);
    for (std::size_t i = next; i > 0 && next - i <= 64; --i) {
        const Span span = lane.spans[i - 1];
        later(span.begin_ns);
        later(span.end_ns);
        if (span.depth == 0 && i < next)
            break;
    }
    later(lane.start_ns);
    later(lane.end_ns);
    return first;
}

} // namespace

Replay::Replay(ViewState& view, QObject* parent)
    : QObject(parent)
    , m_view(view)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(frameMs);
    connect(&m_timer, &QTimer::timeout, this, &Replay::tick);
}

void Replay::begin(const Recording& recording)
{
    m_recording = &recording;
    m_lengthNs = std::max<std::int64_t>(1, recording.run_time(recording.now_ns()));
    const Interval visible = m_view.visible();
    const std::int64_t length = std::min(visible.end_ns, m_lengthNs) - visible.begin_ns;
    m_positionNs = std::clamp<std::int64_t>(visible.begin_ns, 0, m_lengthNs);
    m_remainder = 0;
    m_nsPerSecond = std::clamp(
        static_cast<double>(std::max<std::int64_t>(1, length)) / visibleTakesS, slowest, fastest);
    emit changed();
    emit moved();
}

void Replay::end()
{
    if (!isActive())
        return;
    m_timer.stop();
    m_recording = nullptr;
    emit changed();
}

void Replay::play()
{
    if (!isActive() || isPlaying())
        return;
    if (m_positionNs >= m_lengthNs)
        setPosition(std::min(m_view.visible().begin_ns, m_lengthNs - 1));
    m_sinceTick.start();
    m_timer.start();
    emit changed();
}

void Replay::pause()
{
    if (!isPlaying())
        return;
    m_timer.stop();
    emit changed();
}

void Replay::setPosition(std::int64_t runNs)
{
    if (!isActive())
        return;
    const std::int64_t position = std::clamp<std::int64_t>(runNs, 0, m_lengthNs);
    if (position == m_positionNs)
        return;
    m_positionNs = position;
    const Interval visible = m_view.visible();
    // What moves out of sight takes the view along, a page at a time.
    if (position > visible.end_ns)
        m_view.pan(position - visible.begin_ns);
    else if (position < visible.begin_ns)
        m_view.pan(position - visible.end_ns);
    emit moved();
}

std::int64_t Replay::untilNs() const
{
    return m_recording ? m_recording->recorded_time(m_positionNs) : 0;
}

void Replay::setSpeed(double nsPerSecond)
{
    m_nsPerSecond = std::clamp(nsPerSecond, slowest, fastest);
    emit changed();
}

void Replay::changeSpeed(int direction)
{
    double best = direction > 0 ? fastest : slowest;
    for (double decade = slowest; decade <= fastest; decade *= 10) {
        for (const double digit : leadingDigits) {
            const double speed = digit * decade;
            // A thousandth apart is the same to the eye.
            if (direction > 0 && speed > m_nsPerSecond * 1.001)
                best = std::min(best, speed);
            if (direction < 0 && speed < m_nsPerSecond * 0.999)
                best = std::max(best, speed);
        }
    }
    setSpeed(best);
}

void Replay::step(int direction)
{
    if (!isActive())
        return;
    pause();
    const std::int64_t now = untilNs();
    std::int64_t found
        = direction > 0 ? m_recording->recorded_time(m_lengthNs) : m_recording->recorded_time(0);
    for (const Lane& lane : m_recording->lanes())
        found = direction > 0 ? nextChange(lane, now, found) : previousChange(lane, now, found);
    m_remainder = 0;
    setPosition(m_recording->run_time(found));
}

void Replay::advance(double seconds)
{
    const double way = m_remainder + seconds * m_nsPerSecond;
    const double whole = std::floor(way);
    m_remainder = way - whole;
    setPosition(m_positionNs + static_cast<std::int64_t>(whole));
    if (m_positionNs >= m_lengthNs)
        pause();
}

void Replay::tick()
{
    advance(static_cast<double>(m_sinceTick.nsecsElapsed()) / 1e9);
    m_sinceTick.start();
}

} // namespace manyhands::app
