// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands export`: what a saved run is made into, without a window.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/drawing.hpp"
#include "app/command_line/figure_options.hpp"
#include "app/command_line/interruption.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/run_file.hpp"

#include <cstring>

namespace manyhands::app {
namespace {

const CommandDescription& exportDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
            .name = "export",
            .usage = {"manyhands export FILE [OPTION...]"},
            .purpose = "Draws figures of a saved run (manyhands run --save, or Save in the window).",
            .options = {
                {"--figure", "VIEW=FILE", "draw a view as .png, .svg or .pdf: " + commonViews()
                        + ", or one of the lesson's own; all=FOLDER/VIEW.pdf: every one that has"
                          " something to show", true},
            },
            .more = "Exit codes: 0 done; 1 an output could not be written, or has nothing to show;\n"
                    "2 usage or a bad value; 3 the machine lacks something; 128 + n ended by\n"
                    "signal n.",
        };
        command.options.insert(command.options.end(), figureLooks().begin(), figureLooks().end());
        return command;
    }();
    return description;
}

void refuseUntraced(const FinishedRun& run, const FigureOptions& options)
{
    if (!run.traced && !options.figures.empty())
        throw BadValue({.object = "--figure " + options.figures.front().view,
            .problem = "needs a trace, and this run was made with --no-trace",
            .advice = "run it again without"});
}

} // namespace

int exportCommand(const std::vector<std::string>& arguments)
{
    const auto given = parseArguments(exportDescription(), arguments);
    if (!given)
        return exit_code::done;
    if (given->words.size() != 1)
        throw BadValue({.object = "export",
            .problem = given->words.empty() ? "has no run" : "takes one run",
            .value = given->words.empty() ? "" : shown(given->words[1]),
            .limit = "export FILE --figure VIEW=FILE",
            .advice = helpAdvice(exportDescription())});
    FigureOptions figures = figureOptionsFrom(*given);
    if (figures.figures.empty())
        throw BadValue({.object = "export",
            .problem = "has nothing to write",
            .limit = "export FILE --figure VIEW=FILE",
            .advice = helpAdvice(exportDescription())});

    const Interruption interruption;
    const auto interrupted = [&] { return interruption.count() > 0; };
    const FinishedRun run = open_run(given->words.front(), [&](double) { return !interrupted(); });
    if (!run.shortfall.empty())
        printError(shown(given->words.front()) + ": " + run.shortfall);
    resolveViews(figures, run.description);
    refuseUntraced(run, figures);
    const FigureSubject subject = {.run = run, .points = {}, .swept = {}, .predictions = {}};
    const int exit = drawFigures(subject, figures, interruption);
    return interrupted() ? exit_code::signal(interruption.signal()) : exit;
}

} // namespace manyhands::app
