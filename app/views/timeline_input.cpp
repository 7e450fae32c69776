// SPDX-License-Identifier: GPL-3.0-or-later
// What keys and mouse do in the timeline.
#include "app/views/timeline.hpp"

#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// A press that moves less is a click.
constexpr double dragDistance = 4;
/// What is brought into view fills so much of it.
constexpr double focusShare = 0.5;

} // namespace

void Timeline::keyPressEvent(QKeyEvent* event)
{
    const Qt::KeyboardModifiers modifiers
        = event->modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier);
    if (viewState() && facts().recording && !isEmpty() && modifiers == Qt::NoModifier
        && (changeTime(*event) || timeKey(event->key()) || walkKey(event->key())))
        return;
    LaneChart::keyPressEvent(event);
}

// What is selected stays where it is seen, else the middle does.
std::int64_t Timeline::zoomCentre() const
{
    const Interval seen = visible();
    if (const auto interval = intervalOf(viewState()->selection(), *facts().recording)) {
        const std::int64_t middle
            = facts().recording->run_time(interval->begin_ns / 2 + interval->end_ns / 2);
        if (seen.begin_ns <= middle && middle <= seen.end_ns)
            return middle;
    }
    return LaneChart::zoomCentre();
}

bool Timeline::timeKey(int key)
{
    switch (key) {
    case Qt::Key_Left:
        viewState()->panBySteps(-1);
        return true;
    case Qt::Key_Right:
        viewState()->panBySteps(1);
        return true;
    case Qt::Key_End:
        viewState()->follow();
        return true;
    case Qt::Key_F:
        focusSelection();
        return true;
    default:
        return false;
    }
}

bool Timeline::walkKey(int key)
{
    switch (key) {
    case Qt::Key_Up:
        selectLane(-1);
        return true;
    case Qt::Key_Down:
        selectLane(1);
        return true;
    case Qt::Key_Comma:
        selectSpan(-1);
        return true;
    case Qt::Key_Period:
        selectSpan(1);
        return true;
    case Qt::Key_BracketLeft:
    case Qt::Key_BracketRight:
        followMessage(key == Qt::Key_BracketRight);
        return true;
    case Qt::Key_Escape:
        if (viewState()->selection().kind == Target::Kind::nothing)
            return false;
        viewState()->select({});
        return true;
    default:
        return false;
    }
}

void Timeline::selectLane(int step)
{
    const Target now = viewState()->selection();
    const int rows = rowCount();
    const bool known = now.kind == Target::Kind::lane || now.kind == Target::Kind::span;
    const int row = known ? std::clamp(static_cast<int>(now.lane) + step, 0, rows - 1)
                          : (step > 0 ? 0 : rows - 1);
    const auto lane = static_cast<std::size_t>(row);
    Target next = Target::ofLane(lane);
    // What the other lane did at the same moment.
    if (now.kind == Target::Kind::span) {
        const auto interval = intervalOf(now, *facts().recording);
        const Spans& spans = facts().recording->lanes()[lane].spans;
        const std::size_t span = interval ? spans.innermost(interval->begin_ns) : spans.size();
        if (span < spans.size())
            next = Target::ofSpan(lane, span);
    }
    viewState()->select(next);
    ensureRowVisible(row);
}

void Timeline::selectSpan(int step)
{
    const Target now = viewState()->selection();
    const bool known = now.kind == Target::Kind::lane || now.kind == Target::Kind::span;
    const std::size_t lane = known ? now.lane : 0;
    const Spans& spans = facts().recording->lanes()[lane].spans;
    const std::size_t count = spans.begun_by(facts().nowNs());
    if (count == 0)
        return;
    std::size_t next = 0;
    if (now.kind == Target::Kind::span) {
        next = step < 0 ? std::max<std::size_t>(now.number, 1) - 1
                        : std::min<std::size_t>(now.number + 1, count - 1);
    } else {
        // The first one in sight, seen from where the person goes.
        const Interval seen = visible();
        const std::int64_t edge
            = facts().recording->recorded_time(step > 0 ? seen.begin_ns : seen.end_ns);
        const std::size_t begun = spans.begun_by(edge);
        next = std::min(step > 0 ? begun : std::max<std::size_t>(begun, 1) - 1, count - 1);
    }
    const Target target = Target::ofSpan(lane, next);
    viewState()->select(target);
    bringIntoView(target);
}

// Forwards to where a message of the selected span was received, backwards to where one that it
// received was sent.
void Timeline::followMessage(bool forwards)
{
    const Target now = viewState()->selection();
    if (now.kind != Target::Kind::span)
        return;
    const Recording& recording = *facts().recording;
    const auto interval = intervalOf(now, recording);
    if (!interval)
        return;
    constexpr std::size_t enough = 64;
    const LaneMessages found = messages_of(recording, now.lane, *interval, enough);
    for (const Message& message : found.messages) {
        if ((forwards ? message.sender : message.receiver) != now.lane
            || message.receiver == no_subject)
            continue;
        const std::uint32_t lane = forwards ? message.receiver : message.sender;
        const std::int64_t time = forwards ? message.received_ns : message.sent_ns;
        const Spans& spans = recording.lanes()[lane].spans;
        // A message's moment is the end of the span that it was copied in.
        const std::size_t span = spans.innermost(std::max<std::int64_t>(0, time - 1));
        const Target target
            = span < spans.size() ? Target::ofSpan(lane, span) : Target::ofLane(lane);
        viewState()->select(target);
        bringIntoView(target);
        return;
    }
}

void Timeline::focusSelection()
{
    ViewState& view = *viewState();
    const auto interval = intervalOf(view.selection(), *facts().recording);
    if (!interval) {
        view.fit();
        return;
    }
    const Recording& recording = *facts().recording;
    const std::int64_t begin = recording.run_time(interval->begin_ns);
    const std::int64_t length
        = std::max<std::int64_t>(recording.run_time(interval->end_ns) - begin, 10);
    const auto around
        = static_cast<std::int64_t>(static_cast<double>(length) * (1 / focusShare - 1) / 2);
    const Interval wanted = {std::max<std::int64_t>(0, begin - around), begin + length + around};
    const Interval seen = view.visible();
    const bool there = std::abs(seen.begin_ns - wanted.begin_ns) <= length / 100 + 1
        && std::abs(seen.end_ns - wanted.end_ns) <= length / 100 + 1;
    // Asked for again, it shows everything.
    if (there)
        view.fit();
    else
        view.show(wanted);
}

void Timeline::bringIntoView(const Target& target)
{
    if (target.kind == Target::Kind::span || target.kind == Target::Kind::lane)
        ensureRowVisible(static_cast<int>(target.lane));
    const auto interval = intervalOf(target, *facts().recording);
    if (!interval)
        return;
    const Interval seen = visible();
    const std::int64_t begin = facts().recording->run_time(interval->begin_ns);
    const std::int64_t end = facts().recording->run_time(interval->end_ns);
    if (begin >= seen.begin_ns && begin <= seen.end_ns
        && (end <= seen.end_ns || begin <= seen.end_ns - seen.length_ns() / 10))
        return;
    const std::int64_t middle = begin + std::min(end - begin, seen.length_ns()) / 2;
    viewState()->show({middle - seen.length_ns() / 2, middle + (seen.length_ns() + 1) / 2},
        ViewState::Gesture::pan);
}

void Timeline::mousePressEvent(QMouseEvent* event)
{
    const QRect area = axisRect()->rect();
    const bool inside = viewState() && facts().recording && !isEmpty()
        && event->position().y() >= area.top() && event->position().y() <= area.bottom();
    if (inside && event->button() == Qt::LeftButton && m_followChip.contains(event->position())) {
        viewState()->follow();
        return;
    }
    const bool pans = event->button() == Qt::MiddleButton
        || (event->button() == Qt::LeftButton && event->modifiers() & Qt::ShiftModifier);
    if (inside && (pans || event->button() == Qt::LeftButton)) {
        m_drag = pans ? Drag::pan : Drag::select;
        m_dragFrom = event->position();
        m_dragVisible = visible();
        m_dragged = false;
        setFocus(Qt::MouseFocusReason);
        event->accept();
        return;
    }
    LaneChart::mousePressEvent(event);
}

void Timeline::mouseMoveEvent(QMouseEvent* event)
{
    if (m_drag == Drag::none) {
        LaneChart::mouseMoveEvent(event);
        return;
    }
    const double by = event->position().x() - m_dragFrom.x();
    m_dragged = m_dragged || std::abs(by) >= dragDistance;
    if (!m_dragged)
        return;
    if (m_drag == Drag::pan) {
        const double perPixel
            = static_cast<double>(m_dragVisible.length_ns()) / std::max(1, axisRect()->width());
        const std::int64_t shift = -std::llround(by * perPixel);
        viewState()->show({m_dragVisible.begin_ns + shift, m_dragVisible.end_ns + shift},
            ViewState::Gesture::pan);
        return;
    }
    const QRect area = axisRect()->rect();
    const auto moment = [&](double x) {
        return std::min(
            pixelToTime(std::clamp<double>(x, area.left(), area.right())), facts().nowNs());
    };
    const std::int64_t one = moment(m_dragFrom.x());
    const std::int64_t other = moment(event->position().x());
    if (one != other)
        viewState()->select(Target::ofInterval({std::min(one, other), std::max(one, other)}));
}

void Timeline::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_drag == Drag::none) {
        LaneChart::mouseReleaseEvent(event);
        return;
    }
    if (m_drag == Drag::select && !m_dragged)
        viewState()->select(targetAt(event->position()));
    m_drag = Drag::none;
}

void Timeline::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (viewState() && facts().recording && event->button() == Qt::LeftButton
        && axisRect()->rect().contains(event->position().toPoint())) {
        viewState()->select(targetAt(event->position()));
        focusSelection();
        return;
    }
    LaneChart::mouseDoubleClickEvent(event);
}

} // namespace manyhands::app
