// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a comparison of runs.
#pragma once

#include "app/figures/figure_drawing.hpp"
#include "app/views/compared_runs.hpp"

#include <QStringList>

#include <memory>

namespace manyhands::app {

class Chart;

/// The views that a comparison can be drawn in, as the command line names them: timeline, budget,
/// speedup, ipc.
const QStringList& comparisonViews();
/// What stands above one of them.
QString comparisonTitle(const QString& view);

/// Two to four runs in one view, the same charts as the window's.
class ComparisonFigure : public FigureDrawing
{
public:
    /// Throws BadValue where the settings cannot be met: no such view, an interval, lanes.
    ComparisonFigure(std::shared_ptr<const ComparedRuns> runs, FigureSettings settings);
    ~ComparisonFigure() override;

    const FigureSettings& settings() const override { return m_settings; }
    QString emptyReason() const override;
    QString title() const override;
    QString caption() const override;
    /// One sentence on what is to be seen.
    QString summary() const;
    /// Of the timelines: what differs between the runs.
    ChartTable table() const override;
    void draw(QCPPainter& painter, QSize pixels, double dpi) override;

private:
    void drawTimelines(QCPPainter& painter, const QRect& area) const;

    std::shared_ptr<const ComparedRuns> m_runs;
    FigureSettings m_settings;
    std::unique_ptr<Chart> m_chart; ///< nullptr: the timelines, which are one for each run
};

} // namespace manyhands::app
