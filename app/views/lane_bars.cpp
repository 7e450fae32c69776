// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/lane_bars.hpp"

#include <QPaintEngine>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Tasks in a row look like bricks, down to this width in pixels.
constexpr double narrowestBrick = 6;
/// Beyond so many spans a column, none of them is as wide as a brick.
constexpr std::size_t mostSpansPerColumn = 1;
/// Below it neither hatch nor frame can be seen, and calls to the painter for each would cost more
/// than the pixels.
constexpr int widestSliver = 3;
constexpr double severalHeight = 2;

} // namespace

Look lookOf(const Theme& theme, Fill fill)
{
    return fill == fill_stopped ? theme.stoppedLook() : theme.look(static_cast<State>(fill));
}

LaneBars::LaneBars(const Theme& theme, const QSet<int>& hidden, const Recording& recording,
    Interval visible, std::int64_t untilNs, int width, double columnsPerPixel)
    : m_theme(theme)
    , m_hidden(hidden)
    , m_recording(recording)
    , m_visible(visible)
    , m_untilNs(untilNs)
    , m_columnsPerPixel(columnsPerPixel)
    , m_intervals(columns_of(recording, visible,
          static_cast<std::size_t>(std::max(0L, std::lround(width * columnsPerPixel)))))
    , m_columns(m_intervals.size())
{
}

void LaneBars::addLane(const Lane& lane, const QRectF& row)
{
    state_columns(m_recording, lane, m_intervals, m_untilNs, m_columns);
    cutTasks(lane);
    addRuns(row);
}

// The pixel between two tasks stays free, unless something else fills most of it.
void LaneBars::cutTasks(const Lane& lane)
{
    const std::size_t first = lane.spans.begun_by(m_recording.recorded_time(m_visible.begin_ns));
    const std::size_t last = lane.spans.begun_by(m_recording.recorded_time(m_visible.end_ns));
    if (last - first > m_columns.size() * mostSpansPerColumn)
        return;
    const double columnsPerNs
        = static_cast<double>(m_columns.size()) / static_cast<double>(m_visible.length_ns());
    const double narrowest = narrowestBrick * m_columnsPerPixel;
    const auto gap = static_cast<std::size_t>(std::max(1L, std::lround(m_columnsPerPixel)));
    for (std::size_t i = first; i < last; ++i) {
        const Span span = lane.spans[i];
        const bool named = span.state == State::foreign;
        if (!named && (span.state != State::computing || span.subject == no_subject))
            continue;
        const std::int64_t begin = m_recording.run_time(span.begin_ns);
        const std::int64_t end = m_recording.run_time(std::min(span.end_ns, m_recording.now_ns()));
        if (static_cast<double>(end - begin) * columnsPerNs < narrowest)
            continue;
        const auto cut = [&](std::int64_t time) {
            const double place = static_cast<double>(time - m_visible.begin_ns) * columnsPerNs;
            if (place < 1)
                return;
            const auto column = static_cast<std::size_t>(place);
            for (std::size_t at = column; at < std::min(column + gap, m_columns.size()); ++at) {
                if (m_columns[at].fill == static_cast<Fill>(span.state))
                    m_columns[at].fill = fill_nothing;
            }
        };
        cut(begin);
        // What is around it has the same look.
        if (named && span.depth > 0)
            cut(end);
    }
}

void LaneBars::addRuns(const QRectF& row)
{
    const auto count = static_cast<int>(m_columns.size());
    const double left = std::round(row.left());
    const double pixels = 1 / m_columnsPerPixel;
    const double widest = widestSliver * m_columnsPerPixel;
    int severalFrom = -1;
    for (int from = 0; from < count;) {
        const Fill fill = m_columns[static_cast<std::size_t>(from)].fill;
        int to = from;
        for (; to < count && m_columns[static_cast<std::size_t>(to)].fill == fill; ++to) {
            const bool several = m_columns[static_cast<std::size_t>(to)].several;
            if (several && severalFrom < 0)
                severalFrom = to;
            if ((!several || to + 1 == count) && severalFrom >= 0) {
                const int end = several ? to + 1 : to;
                m_several.append(QRectF(left + severalFrom * pixels, row.bottom(),
                    (end - severalFrom) * pixels, std::min(severalHeight, row.height() / 4)));
                severalFrom = -1;
            }
        }
        if (fill != fill_nothing && !m_hidden.contains(fill)) {
            const int width = to - from;
            if (width > widest) {
                m_bars[fill].append(
                    QRectF(left + from * pixels, row.top(), width * pixels, row.height()));
            } else {
                m_slivers.push_back(
                    {left + from * pixels, width * pixels, row.top(), row.height(), fill});
            }
        }
        from = to;
    }
}

void LaneBars::paint(QPainter& painter)
{
    for (Fill fill = 0; fill < fill_nothing; ++fill)
        paintBars(painter, lookOf(m_theme, fill), m_bars[fill]);
    paintSlivers(painter);
    for (Fill fill = 0; fill < fill_nothing; ++fill)
        paintLetters(painter, lookOf(m_theme, fill), m_bars[fill]);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.secondaryText);
    painter.drawRects(m_several);
}

void LaneBars::paintSlivers(QPainter& painter)
{
    const bool raster = painter.paintEngine()->type() == QPaintEngine::Raster;
    if (!raster || m_columnsPerPixel != 1) {
        // On paper a rectangle is a rectangle.
        for (Fill fill = 0; fill < fill_nothing; ++fill) {
            QList<QRectF> bars;
            for (const Sliver& sliver : m_slivers) {
                if (sliver.fill == fill)
                    bars.append(QRectF(sliver.left, sliver.top, sliver.width, sliver.height));
            }
            paintBars(painter, lookOf(m_theme, fill), bars);
        }
        return;
    }
    // One picture for each lane: rows of it are alike, so three of them are made and copied.
    struct Paint
    {
        QRgb colour;
        double height;
        bool line;
        bool tick;
    };
    std::array<Paint, fill_nothing> paints;
    for (Fill fill = 0; fill < fill_nothing; ++fill) {
        const Look look = lookOf(m_theme, fill);
        paints[fill]
            = {look.colour.rgba(), look.height, look.body == Look::Body::line, look.topTick};
    }
    for (auto at = m_slivers.begin(); at != m_slivers.end();) {
        const auto end = std::find_if(
            at, m_slivers.end(), [&](const Sliver& sliver) { return sliver.top != at->top; });
        const int left = static_cast<int>(at->left);
        const int width = static_cast<int>(end[-1].left + end[-1].width) - left;
        const auto height = static_cast<int>(std::lround(at->height));
        if (m_strip.width() < width || m_strip.height() != height)
            m_strip = QImage(width, height, QImage::Format_ARGB32_Premultiplied);
        // A row of pixels at the top of the bar, in its lower half, and at its foot.
        std::vector<QRgb> upper(static_cast<std::size_t>(width), 0);
        std::vector<QRgb> lower = upper;
        std::vector<QRgb> line = upper;
        for (; at != end; ++at) {
            const Paint& paint = paints[at->fill];
            const int from = static_cast<int>(at->left) - left;
            for (int x = from; x < from + static_cast<int>(at->width); ++x) {
                const auto column = static_cast<std::size_t>(x);
                line[column] = paint.colour;
                if (paint.line)
                    continue;
                lower[column] = paint.colour;
                if (paint.height >= 1 || (paint.tick && x < from + 2))
                    upper[column] = paint.colour;
            }
        }
        const int lowTop = height - static_cast<int>(std::lround(height * 0.5));
        const int lineRow = height - 1;
        for (int y = 0; y < height; ++y) {
            const std::vector<QRgb>& from = y == lineRow ? line : y >= lowTop ? lower : upper;
            std::copy(from.begin(), from.end(), reinterpret_cast<QRgb*>(m_strip.scanLine(y)));
        }
        painter.drawImage(QPoint(left, static_cast<int>(std::lround(end[-1].top))), m_strip,
            QRect(0, 0, width, height));
    }
}

} // namespace manyhands::app
