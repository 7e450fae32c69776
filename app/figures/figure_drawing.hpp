// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever can be written as a figure: something drawn between a title and a caption, with the
// numbers behind it.
#pragma once

#include "app/figures/figure_settings.hpp"
#include "app/views/chart_table.hpp"

#include <QImage>
#include <QString>

class QCPPainter;

namespace manyhands::app {

/// One figure. Needs a QApplication; the offscreen platform is enough.
class FigureDrawing
{
public:
    FigureDrawing() = default;
    virtual ~FigureDrawing() = default;
    FigureDrawing(const FigureDrawing&) = delete;
    FigureDrawing& operator=(const FigureDrawing&) = delete;

    virtual const FigureSettings& settings() const = 0;
    /// Why there is nothing to see, in a sentence or two; empty where there is something.
    virtual QString emptyReason() const = 0;
    virtual QString title() const = 0;
    /// What was run, on what, how often: never the host's or the user's name.
    virtual QString caption() const = 0;
    /// The numbers behind what is drawn.
    virtual ChartTable table() const = 0;

    /// Paints the figure into (0, 0) to `pixels`, `dpi` of which make an inch. Backgrounds are
    /// left to the caller where the figure is transparent.
    virtual void draw(QCPPainter& painter, QSize pixels, double dpi) = 0;
    /// As a PNG shows it. Throws MachineLacks where it does not fit into memory.
    QImage image();
};

} // namespace manyhands::app
