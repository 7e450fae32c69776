// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/drawing.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/figures/figure_file.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"

#include <filesystem>
#include <system_error>

namespace manyhands::app {

int drawFigures(
    const FigureSubject& subject, const FigureOptions& options, const Interruption& interruption)
{
    return drawFigures(
        [&](const FigureSettings& settings) -> std::unique_ptr<FigureDrawing> {
            return std::make_unique<Figure>(subject, settings);
        },
        options, interruption);
}

int drawFigures(
    const FigureOf& make, const FigureOptions& options, const Interruption& interruption)
{
    if (options.figures.empty())
        return exit_code::done;
    const OffscreenApplication application;
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
            const std::unique_ptr<FigureDrawing> figure = make(settings);
            if (request.ifAny && !figure->emptyReason().isEmpty())
                continue;
            // Where it cannot be made, the writing says so.
            std::error_code ignored;
            if (request.ifAny)
                std::filesystem::create_directory(request.path.parent_path(), ignored);
            writeFigure(*figure, request.path, options.withData);
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
