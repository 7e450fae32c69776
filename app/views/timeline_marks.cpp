// SPDX-License-Identifier: GPL-3.0-or-later
// What stands upon and between the timeline's bars: phases, pauses, locks held, failures, messages,
// the critical path, the selection.
#include "app/views/timeline.hpp"

#include "app/views/hatch.hpp"
#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr std::size_t mostLabelledArrows = 3;
/// More of them are drawn thin, or nothing else would be seen.
constexpr std::size_t mostThickArrows = 40;
constexpr double arrowHead = 7;
constexpr double thinArrowHead = 4;
constexpr double crossArm = 5;
constexpr int shadeAlpha = 46;

/// An arrow; a thick one with a rim of the background, so that it is seen upon any bar.
void drawArrow(QCPPainter& painter, const QPointF& from, const QPointF& to, const Theme& theme,
    const QColor& colourOfArrow, bool thick)
{
    const QLineF line(from, to);
    const double length = std::max(1.0, line.length());
    const QPointF along = (to - from) / length;
    const QPointF across(-along.y(), along.x());
    const double size = thick ? arrowHead : thinArrowHead;
    const QPolygonF head(
        {to, to - along * size + across * size * 0.45, to - along * size - across * size * 0.45});
    const auto draw = [&](const QColor& colour, double width) {
        painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(colour);
        painter.drawLine(line);
        painter.drawPolygon(head);
    };
    if (thick)
        draw(theme.background, 4.5);
    draw(colourOfArrow, thick ? 1.8 : 0.8);
}

/// Text upon a ground of its own.
void drawLabel(QCPPainter& painter, const QPointF& at, const QString& text, const Theme& theme,
    const QRect& within)
{
    const QFontMetricsF metrics(painter.font());
    QRectF box(0, 0, metrics.horizontalAdvance(text) + 8, metrics.height() + 2);
    box.moveCenter(at);
    box.moveLeft(std::clamp(box.left(), static_cast<double>(within.left()),
        std::max<double>(within.left(), within.right() - box.width())));
    box.moveTop(std::max<double>(box.top(), within.top()));
    painter.setPen(QPen(theme.frame, 1));
    painter.setBrush(theme.background);
    painter.drawRect(box);
    painter.setPen(theme.text);
    painter.drawText(box, Qt::AlignCenter, text);
}

/// What a wait is for.
QString awaited(const Recording& recording, const WaitEdge& wait)
{
    const auto named = [&](const auto& all) {
        return wait.subject < all.size() && !all[wait.subject].name.empty()
            ? Timeline::tr("waits for %1").arg(QString::fromStdString(all[wait.subject].name))
            : wordFor(wait.state);
    };
    switch (wait.state) {
    case State::waiting_lock:
        return named(recording.locks());
    case State::waiting_data:
    case State::waiting_space:
        return named(recording.channels());
    default:
        return wordFor(wait.state);
    }
}

/// The spans that a moment lies in, the innermost last; of those far back not all.
std::vector<Span> spansAround(const Spans& spans, std::int64_t time)
{
    constexpr std::size_t farthest = 4096;
    std::vector<Span> around;
    std::size_t number = spans.innermost(time);
    if (number >= spans.size())
        return around;
    around.push_back(spans[number]);
    const std::size_t end = number - std::min(number, farthest);
    while (number > end && around.back().depth > 0) {
        const Span span = spans[--number];
        if (span.depth < around.back().depth)
            around.push_back(span);
    }
    std::reverse(around.begin(), around.end());
    return around;
}

} // namespace

void Timeline::drawPhases(QCPPainter& painter) const
{
    const QRect area = axisRect()->rect();
    painter.setFont(font());
    const QFontMetrics metrics(font());
    for (const Phase& phase : facts().recording->phases()) {
        if (phase.begin_ns > facts().nowNs())
            continue;
        const std::int64_t end = std::min(phase.end_ns, facts().nowNs());
        const double left = std::max<double>(area.left(), std::round(timeToPixel(phase.begin_ns)));
        const double right = std::min<double>(area.right(), std::round(timeToPixel(end)));
        if (right - left < 1)
            continue;
        // What does not count is shaded, between and above the lanes: upon the bars a shade would
        // change the states' colours.
        if (phase.kind != PhaseKind::repeat) {
            paintHatch(painter, QBrush(theme().grid, Qt::BDiagPattern),
                {QRectF(left, area.top(), right - left, area.height())});
        }
        const QRectF head(left, area.top(), right - left, header() - 1);
        painter.setPen(Qt::NoPen);
        painter.setBrush(phase.kind == PhaseKind::repeat ? theme().background : theme().grid);
        painter.drawRect(head);
        painter.setPen(QPen(theme().frame, 1));
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()));
        painter.drawLine(QLineF(right, area.top(), right, area.bottom()));
        painter.drawLine(head.bottomLeft(), head.bottomRight());
        painter.setPen(theme().text);
        if (head.width() > metrics.averageCharWidth() * 4) {
            painter.drawText(head.adjusted(4, 0, -2, 0), Qt::AlignLeft | Qt::AlignVCenter,
                metrics.elidedText(
                    wordFor(phase.kind), Qt::ElideRight, static_cast<int>(head.width()) - 6));
        }
    }
}

// A pause has no width: a seam says where it was, and how long.
void Timeline::drawPauses(QCPPainter& painter) const
{
    const Recording& recording = *facts().recording;
    const QRect area = axisRect()->rect();
    for (const Interval& pause : recording.pauses()) {
        if (pause.begin_ns > facts().nowNs())
            break;
        const double x = std::round(timeToPixel(pause.begin_ns)) + 0.5;
        if (x < area.left() || x > area.right())
            continue;
        painter.setPen(QPen(theme().background, 3));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
        painter.setPen(QPen(theme().text, 1.5, Qt::DashLine));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
        const bool lasts = pause.end_ns == open_end;
        const double seconds
            = secondsOf(std::min(pause.end_ns, recording.now_ns()) - pause.begin_ns);
        const QString text = lasts ? tr("paused") : tr("paused for %1").arg(durationText(seconds));
        drawLabel(
            painter, {x, area.bottom() - QFontMetricsF(font()).height()}, text, theme(), area);
    }
}

// Of a trace of another program: what each span is called, wherever nothing lies within it.
void Timeline::drawNames(QCPPainter& painter) const
{
    const Recording& recording = *facts().recording;
    const QRect area = axisRect()->rect();
    const QFontMetrics metrics(font());
    const double narrowest = metrics.averageCharWidth() * 4.0;
    const std::int64_t begin = recording.recorded_time(visible().begin_ns);
    const std::int64_t end = std::min(recording.recorded_time(visible().end_ns), facts().nowNs());
    painter.setPen(theme().text);
    painter.setFont(font());
    const auto [firstRow, lastRow] = rowsInSight();
    for (int row = firstRow; row < lastRow; ++row) {
        const Spans& spans = recording.lanes()[static_cast<std::size_t>(row)].spans;
        const std::size_t first = spans.begun_by(begin);
        const std::size_t last = spans.begun_by(end);
        // Beyond it, none has room for a name.
        if (last - first > static_cast<std::size_t>(area.width()))
            continue;
        const QRectF place = laneRect(row);
        const auto draw = [&](const Span& span, std::int64_t from, std::int64_t to) {
            const double left = timeToPixel(from) + 3;
            const double right = timeToPixel(to) - 2;
            if (right - left < narrowest || isHidden(static_cast<int>(span.state)))
                return;
            painter.drawText(QRectF(left, place.top(), right - left, place.height()),
                Qt::AlignLeft | Qt::AlignVCenter,
                metrics.elidedText(
                    wordFor(recording, span), Qt::ElideRight, static_cast<int>(right - left)));
        };
        std::vector<Span> around = spansAround(spans, begin);
        std::int64_t from = begin;
        for (std::size_t number = first; number <= last; ++number) {
            const std::int64_t next = number < last ? spans[number].begin_ns : end;
            for (; !around.empty() && from < next; around.pop_back()) {
                const std::int64_t to = std::min(around.back().end_ns, next);
                if (from < to)
                    draw(around.back(), from, to);
                from = std::max(from, to);
                if (around.back().end_ns > next)
                    break;
            }
            from = next;
            if (number < last)
                around.push_back(spans[number]);
        }
    }
}

void Timeline::drawHolds(QCPPainter& painter) const
{
    const Recording& recording = *facts().recording;
    if (recording.holds().empty())
        return;
    const QRect area = axisRect()->rect();
    const auto [first, last] = rowsInSight();
    // Brackets that touch the same pixels are one: the last end of each lane is all that is kept.
    std::vector<std::pair<double, double>> open(static_cast<std::size_t>(last - first), {0, -1});
    QList<QLineF> lines;
    const auto draw = [&](std::size_t row, double from, double to) {
        const double top = laneRect(first + static_cast<int>(row)).top() - 2;
        lines.append(QLineF(from, top, to, top));
        if (to - from >= 3) {
            lines.append(QLineF(from, top, from, top + 3));
            lines.append(QLineF(to, top, to, top + 3));
        }
    };
    for (const LockHold& hold : recording.holds()) {
        const int row = static_cast<int>(hold.lane) - first;
        if (row < 0 || row >= last - first || hold.begin_ns > facts().nowNs())
            continue;
        const double from = std::round(timeToPixel(hold.begin_ns)) + 0.5;
        const double to = std::max(
            from + 1, std::round(timeToPixel(std::min(hold.end_ns, facts().nowNs()))) + 0.5);
        if (to < area.left() || from > area.right())
            continue;
        auto& [begin, end] = open[static_cast<std::size_t>(row)];
        if (end >= from - 1 && begin <= to) {
            begin = std::min(begin, from);
            end = std::max(end, to);
            continue;
        }
        if (end >= begin)
            draw(static_cast<std::size_t>(row), begin, end);
        begin = from;
        end = to;
    }
    for (std::size_t row = 0; row < open.size(); ++row) {
        if (open[row].second >= open[row].first)
            draw(row, open[row].first, open[row].second);
    }
    painter.setPen(QPen(theme().stateColour(State::waiting_lock), 2));
    painter.drawLines(lines);
}

void Timeline::drawFailures(QCPPainter& painter) const
{
    QList<QPointF> crosses;
    const QRect area = axisRect()->rect();
    const auto [first, last] = rowsInSight();
    for (int row = first; row < last; ++row) {
        const Lane& lane = facts().recording->lanes()[static_cast<std::size_t>(row)];
        if (!failed(lane) || !lane.ended() || lane.end_ns > facts().nowNs())
            continue;
        const double x = timeToPixel(lane.end_ns);
        if (x >= area.left() && x <= area.right() + crossArm) {
            crosses.append(
                QPointF(std::min<double>(x, area.right() - crossArm), laneRect(row).center().y()));
        }
    }
    // A cross with a rim of the background, readable upon any bar.
    painter.setAntialiasing(true);
    for (const bool rim : {true, false}) {
        painter.setPen(QPen(rim ? theme().background : theme().failedColour(), rim ? 5 : 2.5,
            Qt::SolidLine, Qt::RoundCap));
        for (const QPointF& cross : std::as_const(crosses)) {
            painter.drawLine(
                cross + QPointF(-crossArm, -crossArm), cross + QPointF(crossArm, crossArm));
            painter.drawLine(
                cross + QPointF(-crossArm, crossArm), cross + QPointF(crossArm, -crossArm));
        }
    }
    painter.setAntialiasing(false);
}

void Timeline::drawPath(QCPPainter& painter) const
{
    if (!m_path)
        return;
    const QRect area = axisRect()->rect();
    const auto [first, last] = rowsInSight();
    const auto clamped
        = [&](double x) { return std::clamp<double>(x, area.left() - 10, area.right() + 10); };
    QList<QLineF> lines;
    const PathStep* before = nullptr;
    for (const PathStep& step : m_path->steps) {
        const int row = static_cast<int>(step.lane);
        const double from = clamped(timeToPixel(step.interval.begin_ns));
        const double to = clamped(timeToPixel(step.interval.end_ns));
        const double y = laneRect(row).bottom() + 2;
        if (row >= first && row < last && to - from >= 0) {
            // Steps that lie within a pixel of the one before would be drawn a thousand times.
            if (!lines.isEmpty() && lines.back().y1() == y && lines.back().y2() == y
                && from - lines.back().x2() < 1)
                lines.back().setP2({to, y});
            else
                lines.append(QLineF(from, y, to, y));
        }
        if (before != nullptr && before->lane != step.lane && facts().shows(before->lane)
            && facts().shows(step.lane) && from > area.left() && from < area.right()) {
            const double other = laneRect(static_cast<int>(before->lane)).bottom() + 2;
            if (lines.isEmpty() || std::abs(lines.back().x1() - from) >= 1
                || lines.back().y1() == lines.back().y2())
                lines.append(QLineF(from, other, from, y));
        }
        before = &step;
    }
    for (const bool rim : {true, false}) {
        painter.setPen(QPen(rim ? theme().background : theme().text, rim ? 5 : 3));
        painter.drawLines(lines);
    }
}

// Of a deadlock: from each of its lanes to the one that it waits for, beside each other from the
// moment backwards, with what each waits for.
void Timeline::drawWaits(QCPPainter& painter) const
{
    const WaitForGraph* const graph = deadlock();
    if (graph == nullptr)
        return;
    const Recording& recording = *facts().recording;
    const QRect area = axisRect()->rect();
    const auto [first, last] = rowsInSight();
    const std::vector<std::uint32_t>& cycle = graph->cycle;
    const QFontMetricsF metrics(font());
    double right = std::min<double>(timeToPixel(graph->moment_ns), area.right()) - arrowHead;
    painter.setAntialiasing(true);
    for (std::size_t i = cycle.size(); i-- > 0;) {
        const std::uint32_t from = cycle[i];
        const std::uint32_t to = cycle[(i + 1) % cycle.size()];
        const WaitEdge& wait = *graph->edge_of(from);
        const QString text = awaited(recording, wait);
        const double width = metrics.horizontalAdvance(text) + 12;
        const double x = right - width / 2;
        right -= width + arrowHead;
        const int low = static_cast<int>(std::min(from, to));
        const int high = static_cast<int>(std::max(from, to));
        if (x < area.left() || high < first || low >= last || !facts().shows(from)
            || !facts().shows(to))
            continue;
        const QPointF begin(x, laneRect(static_cast<int>(from)).center().y());
        const QPointF end(x, laneRect(static_cast<int>(to)).center().y());
        if (from != to)
            drawArrow(painter, begin, end, theme(), theme().failedColour(), true);
        drawLabel(painter, (begin + end) / 2, text, theme(), area);
    }
    painter.setAntialiasing(false);
}

void Timeline::drawMessages(QCPPainter& painter) const
{
    if (m_messages.messages.empty())
        return;
    const QRect area = axisRect()->rect();
    const auto [first, last] = rowsInSight();
    painter.setAntialiasing(true);
    std::size_t drawn = 0;
    for (const Message& message : m_messages.messages) {
        if (message.receiver == no_subject || message.received_ns > facts().nowNs()
            || !facts().shows(message.sender) || !facts().shows(message.receiver))
            continue;
        const auto end = [&](std::uint32_t lane, std::int64_t time) {
            return QPointF(timeToPixel(time), laneRect(static_cast<int>(lane)).center().y());
        };
        const QPointF from = end(message.sender, message.sent_ns);
        const QPointF to = end(message.receiver, message.received_ns);
        const int low = static_cast<int>(std::min(message.sender, message.receiver));
        const int high = static_cast<int>(std::max(message.sender, message.receiver));
        if (to.x() < area.left() || from.x() > area.right() || high < first || low >= last)
            continue;
        drawArrow(painter, from, to, theme(), theme().text,
            m_messages.messages.size() <= mostThickArrows);
        if (m_messages.messages.size() <= mostLabelledArrows) {
            drawLabel(painter, (from + to) / 2, bytesText(static_cast<double>(message.bytes)),
                theme(), area);
        }
        ++drawn;
    }
    painter.setAntialiasing(false);
    if (m_messages.all > m_messages.messages.size() && drawn > 0) {
        const QString text
            = tr("%1 of %2 messages")
                  .arg(countText(m_messages.messages.size()), countText(m_messages.all));
        drawLabel(painter, QPointF(area.right(), area.top() + header() + 8.0), text, theme(), area);
    }
}

QRectF Timeline::spanRect(const Target& target) const
{
    const auto interval = intervalOf(target, *facts().recording);
    if (!interval)
        return {};
    const QRect area = axisRect()->rect();
    const double left = timeToPixel(interval->begin_ns);
    const double right
        = std::max(left + 3, timeToPixel(std::min(interval->end_ns, facts().nowNs())));
    const QRectF row = laneRect(static_cast<int>(target.lane));
    return QRectF(QPointF(std::max<double>(left, area.left() - 4), row.top()),
        QPointF(std::min<double>(right, area.right() + 4), row.bottom()));
}

void Timeline::drawSelection(QCPPainter& painter) const
{
    if (!viewState())
        return;
    const Target& target = viewState()->selection();
    const QRect area = axisRect()->rect();
    painter.setBrush(Qt::NoBrush);
    switch (target.kind) {
    case Target::Kind::span: {
        const auto [first, last] = rowsInSight();
        const int row = static_cast<int>(target.lane);
        const auto interval = intervalOf(target, *facts().recording);
        if (row < first || row >= last || !interval || interval->begin_ns > facts().nowNs())
            break;
        const QRectF frame = spanRect(target).adjusted(-1.5, -1.5, 1.5, 1.5);
        painter.setPen(QPen(theme().background, 5));
        painter.drawRect(frame);
        painter.setPen(QPen(theme().text, 2));
        painter.drawRect(frame);
        break;
    }
    case Target::Kind::interval: {
        const double left = timeToPixel(target.interval.begin_ns);
        const double right = timeToPixel(target.interval.end_ns);
        QColor shade = theme().text;
        shade.setAlpha(shadeAlpha);
        painter.setPen(Qt::NoPen);
        painter.setBrush(shade);
        painter.drawRect(QRectF(QPointF(left, area.top()), QPointF(right, area.bottom())));
        painter.setPen(QPen(theme().text, 1.5));
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()));
        painter.drawLine(QLineF(right, area.top(), right, area.bottom()));
        const Recording& recording = *facts().recording;
        const std::int64_t length = recording.run_time_within(target.interval);
        drawLabel(painter, {(left + right) / 2, area.top() + header() / 2.0},
            durationText(secondsOf(length)), theme(), area);
        break;
    }
    case Target::Kind::moment: {
        const double x = std::round(timeToPixel(target.interval.begin_ns)) + 0.5;
        painter.setPen(QPen(theme().background, 4));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
        painter.setPen(QPen(theme().text, 1.5));
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
        break;
    }
    case Target::Kind::lane:
    case Target::Kind::channel:
    case Target::Kind::nothing:
        break;
    }
}

void Timeline::drawFollowing(QCPPainter& painter)
{
    m_followChip = {};
    if (!facts().running || !viewState() || viewState()->mode() != ViewState::Mode::chosen)
        return;
    const QString text = tr("Following: off (End follows again)");
    const QFontMetricsF metrics(font());
    const QRect area = axisRect()->rect();
    m_followChip = QRectF(area.right() - metrics.horizontalAdvance(text) - 16, area.top() + 2,
        metrics.horizontalAdvance(text) + 12, metrics.height() + 6);
    painter.setPen(QPen(theme().warning, 1.5));
    painter.setBrush(theme().background);
    painter.drawRoundedRect(m_followChip, 6, 6);
    painter.setPen(theme().text);
    painter.drawText(m_followChip, Qt::AlignCenter, text);
}

} // namespace manyhands::app
