// SPDX-License-Identifier: GPL-3.0-or-later
// The time axes of a chart: run time, as far as the shared view state shows it, pauses as seams.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/views/scales.hpp"
#include "app/views/view_state.hpp"

#include <QList>

#include <optional>

namespace manyhands::app {

class Theme;

/// Keeps the x axes of one chart at the same interval. Coordinates are seconds of run time.
class TimeAxis
{
public:
    /// The lowest of `axes` comes last: it has the labels.
    explicit TimeAxis(const QList<QCPAxis*>& axes);

    /// Forgets how far an earlier run had grown.
    void reset() { m_endS = 0; }
    /// Sets the axes to what `view` shows; without one to the whole run, growing in steps.
    void fit(const RunFacts& facts, const ViewState* view);

    /// What is seen, in nanoseconds of run time.
    Interval visible() const { return m_visible; }
    /// The axis' title, with the unit of the labels; and where there is no room for it.
    QString label() const;
    QString briefLabel() const { return m_ticker->unit().symbol; }
    double pixelAt(double runS) const { return m_axes.last()->coordToPixel(runS); }
    double runSAt(double pixel) const { return m_axes.last()->pixelToCoord(pixel); }

    /// Draws, within one of the axes' rectangles: where the run was paused, and the moment or
    /// interval that is selected.
    void drawMarks(QCPPainter& painter, const QCPAxisRect& area, const RunFacts& facts,
        const ViewState* view, const Theme& theme, double lineScale) const;

private:
    void labelTicks(std::optional<std::int64_t> alignedAt);

    QList<QCPAxis*> m_axes;
    QSharedPointer<UnitTicker> m_ticker;
    Interval m_visible;
    QString m_origin; ///< in seconds, where labels do not begin at the start
    bool m_aligned = false; ///< and the start is that of the parallel part
    double m_endS = 0;
};

/// Nanoseconds as seconds, and the nearest whole ones of seconds.
double secondsOf(std::int64_t ns);
std::int64_t nanosecondsOf(double seconds);

} // namespace manyhands::app
