// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands export`: what a saved run is made into, without a window.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/drawing.hpp"
#include "app/command_line/figure_options.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/moving.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/command_line/option_values.hpp"
#include "app/command_line/report_writing.hpp"
#include "app/command_line/run_options.hpp"
#include "app/command_line/tables.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/run_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace manyhands::app {
namespace {

const CommandDescription& exportDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
            .name = "export",
            .usage = {"manyhands export FILE [OPTION...]"},
            .purpose = "Makes figures, moving pictures, data and a report of a saved run (manyhands run\n"
                       "--save, or Save in the window). --from and --to hold for all but the report.",
            .options = {
                {"--figure", "VIEW=FILE", "draw a view as .png, .svg, .pdf or moving .gif: "
                        + commonViews() + ", or one of the lesson's own; all=FOLDER/VIEW.pdf: every"
                          " one that has something to show", true},
                {"--csv", "[TABLE=]FILE",
                    "write data (spans, channels, repeats; else spans) as CSV", true},
                reportOption(),
            },
            .more = "Exit codes: 0 done; 1 an output could not be written, or has nothing to show;\n"
                    "2 usage or a bad value; 3 the machine lacks something; 128 + n ended by\n"
                    "signal n.",
        };
        command.options.insert(
            command.options.end(), movingOptions().begin(), movingOptions().end());
        command.options.insert(command.options.end(), figureLooks().begin(), figureLooks().end());
        return command;
    }();
    return description;
}

/// Everything that a run is to be made into.
struct ExportOptions
{
    FigureOptions figures; ///< those that do not move
    std::vector<FigureRequest> gifs;
    MovingOptions moving;
    std::vector<CsvRequest> tables;
    std::optional<ReportRequest> report;
};

void refuseTwice(const ExportOptions& options)
{
    OutputPaths paths;
    for (const FigureRequest& figure : options.figures.figures)
        paths.take(figure.path);
    for (const FigureRequest& gif : options.gifs)
        paths.take(gif.path);
    for (const CsvRequest& table : options.tables)
        paths.take(table.path);
    if (options.moving.frames)
        paths.take(*options.moving.frames);
    if (options.report)
        paths.take(options.report->path);
}

ExportOptions exportOptionsFrom(const Arguments& given)
{
    ExportOptions options;
    options.figures = figureOptionsFrom(given, true);
    std::vector<FigureRequest>& figures = options.figures.figures;
    const auto still
        = std::stable_partition(figures.begin(), figures.end(), [](const FigureRequest& figure) {
              return figure.view == "all"
                  || figureFormatOf(figure.path.string()) != FigureFormat::gif;
          });
    options.gifs.assign(still, figures.end());
    figures.erase(still, figures.end());
    options.moving = movingOptionsFrom(given);
    for (const std::string& text : given.values("--csv"))
        options.tables.push_back(csvFrom(text, tablesOfRun()));
    options.report = reportFrom(given);
    refuseTwice(options);
    FigureSettings settings = options.figures.settings;
    const auto checkMoving = [&](const std::string& view) {
        settings.view = QString::fromStdString(view);
        checkMovingPicture(options.moving.with(settings));
    };
    for (const FigureRequest& gif : options.gifs)
        checkMoving(gif.view);
    if (options.moving.frames)
        checkMoving(options.moving.framesView);
    const bool moves = options.moving.frames || !options.gifs.empty();
    if (!moves && (options.moving.fps || options.moving.seconds))
        throw BadValue({.object = options.moving.fps ? "--fps" : "--seconds",
            .problem = "is about moving pictures, and there is none",
            .limit = "with --frames FOLDER or --figure timeline=FILE.gif"});
    if (figures.empty() && !moves && options.tables.empty() && !options.report)
        throw BadValue({.object = "export",
            .problem = "has nothing to write",
            .limit = "export FILE with --figure, --frames, --csv or --report",
            .advice = helpAdvice(exportDescription())});
    return options;
}

void refuseUntraced(const FinishedRun& run, const ExportOptions& options)
{
    const auto refuse = [](const std::string& option) {
        throw BadValue({.object = option,
            .problem = "needs a trace, and this run was made with --no-trace",
            .advice = "run it again without"});
    };
    if (run.traced)
        return;
    if (!options.figures.figures.empty())
        refuse("--figure " + options.figures.figures.front().view);
    if (!options.gifs.empty())
        refuse("--figure " + options.gifs.front().view);
    if (options.moving.frames)
        refuse("--frames");
}

/// Of the seconds that figures are given.
TableSelection selectionOf(const FigureSettings& settings, const FinishedRun& run)
{
    TableSelection selection;
    if (settings.fromS || settings.toS) {
        const auto ns = [](double seconds) { return std::llround(seconds * 1e9); };
        selection.interval = Interval{ns(settings.fromS.value_or(0)),
            settings.toS ? ns(*settings.toS) : run.recording->run_time(run.recording->now_ns())};
    }
    return selection;
}

/// Draws what moves. Returns false, and has said why, if one could not be written.
bool writeMoving(
    const FigureSubject& subject, const ExportOptions& options, const Interruption& interruption)
{
    if (options.gifs.empty() && !options.moving.frames)
        return true;
    const OffscreenApplication application;
    const auto write
        = [&](const std::string& view, const std::filesystem::path& path, MovingFormat format) {
              FigureSettings settings = options.figures.settings;
              settings.view = QString::fromStdString(view);
              return writeMovingPicture(
                  subject, options.moving.with(settings), path, format, interruption);
          };
    bool allWritten = true;
    for (const FigureRequest& gif : options.gifs)
        allWritten = write(gif.view, gif.path, MovingFormat::gif) && allWritten;
    if (options.moving.frames)
        allWritten = write(options.moving.framesView, *options.moving.frames, MovingFormat::frames)
            && allWritten;
    return allWritten;
}

/// Writes everything; an exit code.
int writeAll(const FinishedRun& run, const ExportOptions& options, const Interruption& interruption)
{
    const FigureSubject subject = {.run = run, .points = {}, .swept = {}, .predictions = {}};
    int exit = drawFigures(subject, options.figures, interruption);
    bool allWritten = writeMoving(subject, options, interruption);
    allWritten
        = writeTables(run, selectionOf(options.figures.settings, run), options.tables, interruption)
        && allWritten;
    if (options.report)
        allWritten = writeReport(*options.report, run, interruption) && allWritten;
    return allWritten ? exit : std::max(exit, exit_code::failed);
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
    ExportOptions options = exportOptionsFrom(*given);

    const Interruption interruption;
    const auto interrupted = [&] { return interruption.count() > 0; };
    const FinishedRun run = open_run(given->words.front(), [&](double) { return !interrupted(); });
    if (!run.shortfall.empty())
        printError(shown(given->words.front()) + ": " + run.shortfall);
    resolveViews(options.figures, run.description);
    refuseUntraced(run, options);
    const int exit = writeAll(run, options, interruption);
    return interrupted() ? exit_code::signal(interruption.signal()) : exit;
}

} // namespace manyhands::app
