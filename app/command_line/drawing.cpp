// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/drawing.hpp"

#include "app/command_line/console.hpp"
#include "app/figures/figure_file.hpp"

#include <QApplication>
#include <QTemporaryDir>
#include <clocale>
#include <optional>

namespace manyhands::app {

bool drawFigures(const FinishedRun& run, const std::vector<ScalingPoint>& points,
    const std::vector<FigureRequest>& figures, const Interruption& interruption)
{
    if (figures.empty())
        return true;
    // There may be no display, and none is needed.
    qputenv("QT_QPA_PLATFORM", "offscreen");
    // Without a folder for sockets and the like (cron, containers) Qt would make one in /tmp, say
    // so, and leave it there.
    std::optional<QTemporaryDir> runtimeFolder;
    if (qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR")) {
        runtimeFolder.emplace();
        qputenv("XDG_RUNTIME_DIR", runtimeFolder->path().toLocal8Bit());
    }
    char name[] = "manyhands";
    char* arguments[] = {name, nullptr};
    int count = 1;
    const QApplication application(count, arguments);
    // It has taken the user's locale; our numbers have dots in every one.
    std::setlocale(LC_NUMERIC, "C");
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
