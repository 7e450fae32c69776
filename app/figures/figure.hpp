// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a finished run: title, chart, caption, drawn by the window's own charts.
#pragma once

#include "app/figures/figure_drawing.hpp"
#include "app/views/run_facts.hpp"
#include "engine/observe/finished_run.hpp"

#include <QFont>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace manyhands::app {

class Chart;
class Theme;
class ViewState;

/// What a figure is of: a run, and what was measured beside it.
struct FigureSubject
{
    FinishedRun run;
    std::vector<ScalingPoint> points; ///< for the same work, over numbers of workers
    std::shared_ptr<const SweptParameter> swept; ///< nullptr where nothing was
    Predictions predictions; ///< nullptr where none was made
};

/// A figure of one run, or of what was measured over several.
class Figure : public FigureDrawing
{
public:
    /// Throws BadValue where the settings cannot be met: no such view, a lane that is not there.
    Figure(FigureSubject subject, FigureSettings settings);
    ~Figure() override;

    const FigureSettings& settings() const override { return m_settings; }
    /// There is nothing to see, and emptyReason() says why.
    bool isEmpty() const;
    QString emptyReason() const override;
    QString title() const override;
    /// Metadata have all of it; below the figure stands what three lines hold.
    QString caption() const override;
    /// One sentence on what is to be seen.
    QString summary() const;
    /// Of the interval and lanes that are shown.
    ChartTable table() const override;
    const Theme& theme() const;

    void draw(QCPPainter& painter, QSize pixels, double dpi) override;

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
