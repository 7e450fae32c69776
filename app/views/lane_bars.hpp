// SPDX-License-Identifier: GPL-3.0-or-later
// The bars of the timeline's lanes: what fills each pixel, drawn in a handful of calls however many
// spans there are.
#pragma once

#include "app/views/theme.hpp"
#include "engine/analysis/state_columns.hpp"

#include <QImage>
#include <QList>
#include <QRectF>
#include <QSet>

#include <array>
#include <vector>

class QPainter;

namespace manyhands::app {

/// How a fill of a column is drawn.
Look lookOf(const Theme& theme, Fill fill);

/// Draws the bars of one picture of the timeline.
class LaneBars
{
public:
    /// Rows of `width` pixels that show `visible` (run time) as far as `untilNs` (recorded time);
    /// `hidden`: fills that are left out. `columnsPerPixel`: for devices that are finer.
    LaneBars(const Theme& theme, const QSet<int>& hidden, const Recording& recording,
        Interval visible, std::int64_t untilNs, int width, double columnsPerPixel = 1);

    /// Takes in a lane, a column for each pixel of `row`, or finer.
    void addLane(const Lane& lane, const QRectF& row);

    /// Draws all that was taken in.
    void paint(QPainter& painter);

    /// The bars of a fill, each as high as its lane's row, and those of a pixel or a few.
    const QList<QRectF>& bars(Fill fill) const { return m_bars[fill]; }

private:
    void cutTasks(const Lane& lane);
    void addRuns(const QRectF& row);
    void paintSlivers(QPainter& painter);

    /// A run of columns too narrow for hatch, frame or letter.
    struct Sliver
    {
        double left;
        double width;
        double top;
        double height;
        Fill fill;
    };

    const Theme& m_theme;
    QSet<int> m_hidden;
    const Recording& m_recording;
    Interval m_visible;
    std::int64_t m_untilNs;
    double m_columnsPerPixel;
    std::vector<Interval> m_intervals; ///< of the columns
    std::array<QList<QRectF>, fill_nothing> m_bars;
    std::vector<Sliver> m_slivers; ///< lane by lane
    QList<QRectF> m_several; ///< where a pixel stands for more than one span
    std::vector<StateColumn> m_columns; ///< of the lane that is taken in
    QImage m_strip;
};

} // namespace manyhands::app
