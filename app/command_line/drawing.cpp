// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/drawing.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/figures/figure_file.hpp"

namespace manyhands::app {

bool drawFigures(const FinishedRun& run, const std::vector<ScalingPoint>& points,
    const std::vector<FigureRequest>& figures, const Interruption& interruption)
{
    if (figures.empty())
        return true;
    const OffscreenApplication application;
    bool allWritten = true;
    const int signalsBefore = interruption.count();
    for (const FigureRequest& request : figures) {
        try {
            if (interruption.count() > signalsBefore)
                throw Error(
                    {.object = request.path.string(), .problem = "was not drawn: interrupted"});
            FigureSettings settings;
            settings.view = QString::fromStdString(request.view);
            Figure figure({.run = run, .points = points, .swept = {}, .predictions = {}}, settings);
            writeFigure(figure, request.path);
        } catch (const Error& error) {
            printError(error.what());
            allWritten = false;
        }
    }
    return allWritten;
}

} // namespace manyhands::app
