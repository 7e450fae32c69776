// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a finished run: title, chart, caption, drawn by the window's own charts.
#pragma once

#include "app/figures/figure_settings.hpp"
#include "app/views/run_facts.hpp"
#include "engine/observe/finished_run.hpp"

#include <QFont>
#include <QImage>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

class QCPPainter;

namespace manyhands::app {

class Chart;
class Theme;
class ViewState;
struct ChartTable;

/// What a figure is of: a run, and what was measured beside it.
struct FigureSubject
{
    FinishedRun run;
    std::vector<ScalingPoint> points; ///< for the same work, over numbers of workers
    std::shared_ptr<const SweptParameter> swept; ///< nullptr where nothing was
    Predictions predictions; ///< nullptr where none was made
};

/// One figure. Needs a QApplication; the offscreen platform is enough.
class Figure
{
public:
    /// Throws BadValue where the settings cannot be met: no such view, a lane that is not there.
    Figure(FigureSubject subject, FigureSettings settings);
    ~Figure();
    Figure(const Figure&) = delete;
    Figure& operator=(const Figure&) = delete;

    const FigureSettings& settings() const { return m_settings; }
    /// There is nothing to see, and the figure says why.
    bool isEmpty() const;
    /// Why, in a sentence or two; empty where there is something.
    QString emptyReason() const;
    QString title() const;
    /// What was run, on what, how often: never the host's or the user's name. Metadata have all of
    /// it; below the figure stands what three lines hold.
    QString caption() const;
    /// One sentence on what is to be seen.
    QString summary() const;
    /// The numbers behind the chart, of the interval and lanes that it shows.
    ChartTable table() const;
    const Theme& theme() const;
    /// Of all letters, in a size that draw() scales.
    QFont font() const;

    /// Paints the figure into (0, 0) to `pixels`, `dpi` of which make an inch. Backgrounds are
    /// left to the caller where the figure is transparent.
    void draw(QCPPainter& painter, QSize pixels, double dpi);
    /// As a PNG shows it.
    QImage image();

    /// Of a replay: nothing later than this moment of run time is drawn, and a line stands there.
    /// What the legend took up when the figure was last drawn stays its own, so that the axes stay
    /// where they are.
    void showUntil(std::int64_t runNs);

private:
    QStringList captionParts() const;
    QStringList fittingCaption(const QFont& font, int width) const;

    FigureSubject m_subject;
    FigureSettings m_settings;
    RunFacts m_facts;
    std::unique_ptr<ViewState> m_view; ///< before the chart: it holds on to it
    std::unique_ptr<Chart> m_chart;
};

} // namespace manyhands::app
