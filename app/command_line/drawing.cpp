// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/drawing.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/figures/figure.hpp"

namespace manyhands::app {

bool drawFigures(const FinishedRun& run, const std::vector<ScalingPoint>& points,
    const std::vector<FigureRequest>& figures, const Interruption& interruption)
{
    if (figures.empty())
        return true;
    const OffscreenApplication application;
    bool allWritten = true;
    const int signalsBefore = interruption.count();
    for (const FigureRequest& figure : figures) {
        const QString path = QString::fromStdString(figure.path.string());
        const QString problem = interruption.count() > signalsBefore
            ? path + QStringLiteral(": was not drawn: interrupted")
            : writeFigure(QString::fromStdString(figure.view), run, path, points);
        if (!problem.isEmpty()) {
            printError(problem.toStdString());
            allWritten = false;
        }
    }
    return allWritten;
}

} // namespace manyhands::app
