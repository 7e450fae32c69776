// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/drawing.hpp"

#include "app/command_line/console.hpp"
#include "app/figures/figure_file.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"

#include <QApplication>
#include <QTemporaryDir>
#include <clocale>
#include <optional>

namespace manyhands::app {

int drawFigures(
    const FigureSubject& subject, const FigureOptions& options, const Interruption& interruption)
{
    if (options.figures.empty())
        return exit_code::done;
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
    for (const QString& warning : warningsOf(options.settings))
        printError("note: " + warning.toStdString());
    int exit = exit_code::done;
    const auto failed = [&exit](const Error& error, int code) {
        printError(error.what());
        exit = std::max(exit, code);
    };
    const int signalsBefore = interruption.count();
    for (const FigureRequest& request : options.figures) {
        try {
            if (interruption.count() > signalsBefore)
                throw Error({.object = shown(request.path.string()),
                    .problem = "was not drawn: interrupted"});
            FigureSettings settings = options.settings;
            settings.view = QString::fromStdString(request.view);
            Figure figure(subject, settings);
            if (!request.ifAny || !figure.isEmpty())
                writeFigure(figure, request.path, options.withData);
        } catch (const BadValue& error) {
            failed(error, exit_code::usage);
        } catch (const MachineLacks& error) {
            failed(error, exit_code::machine_lacks);
        } catch (const Error& error) {
            failed(error, exit_code::failed);
        }
    }
    return exit;
}

} // namespace manyhands::app
