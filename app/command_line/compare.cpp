// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands compare`: two to four saved runs beside each other, in numbers and words.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/compare_report.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/drawing.hpp"
#include "app/command_line/figure_options.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/command_line/option_values.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/report_writing.hpp"
#include "app/figures/comparison_figure.hpp"
#include "app/figures/comparison_report_content.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/comparison.hpp"
#include "engine/observe/run_file.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

namespace manyhands::app {
namespace {

std::vector<std::string> viewNames()
{
    std::vector<std::string> names;
    for (const QString& view : comparisonViews())
        names.push_back(view.toStdString());
    return names;
}

const CommandDescription& compareDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
        .name = "compare",
        .usage = {"manyhands compare FILE FILE [FILE [FILE]] [OPTION...]"},
        .purpose = "Compares two to four saved runs (--save, or Save in the window): what was set,\n"
                   "what came out, and what may be said of the difference. Each run is compared\n"
                   "with the first one, which is A.",
        .options = {
            {"--figure", "VIEW=FILE", "draw a view (" + joined(viewNames()) + ") as .png, .svg or .pdf", true},
            reportOption(),
            {"--json", "", "print the runs and their differences as one JSON object"},
            {"--quiet", "", "print errors only (and the JSON object)"},
        },
        .more = "Exit codes: 0 done; 1 an output could not be written; 2 usage, or a file that is no\n"
                "run; 128 + n ended by signal n.",
        };
        // Runs are compared as a whole.
        std::copy_if(figureLooks().begin(), figureLooks().end(),
            std::back_inserter(command.options), [](const OptionDescription& option) {
                const std::string name = option.name;
                return name != "--from" && name != "--to" && name != "--lanes";
            });
        return command;
    }();
    return description;
}

void checkCount(const std::vector<std::string>& files)
{
    if (files.size() < fewest_compared || files.size() > most_compared)
        throw BadValue({.object = "compare",
            .problem = "was given another number of files than it can compare",
            .value = std::to_string(files.size()),
            .limit = "two to four",
            .advice = helpAdvice(compareDescription())});
}

/// Throws BadValue for views that a comparison does not have, for files that two are to go into,
/// and for those that would replace a run.
void checkOutputs(const FigureOptions& options, const std::optional<ReportRequest>& report,
    const std::vector<std::string>& files)
{
    OutputPaths paths;
    for (const std::string& file : files)
        paths.forbid(file);
    for (const FigureRequest& figure : options.figures) {
        if (!comparisonViews().contains(QString::fromStdString(figure.view)))
            throw BadValue({.object = "--figure",
                .problem = "names an unknown view",
                .value = figure.view.empty() ? "''" : shown(figure.view),
                .limit = joined(viewNames())});
        paths.take(figure.path);
    }
    if (report)
        paths.take(report->path);
}

std::vector<ComparedRun> readRuns(
    const std::vector<std::string>& files, const Interruption& interruption)
{
    std::vector<ComparedRun> runs;
    for (const std::string& file : files) {
        std::error_code ignored;
        runs.push_back({.name = file,
            .run = std::make_shared<const FinishedRun>(
                open_run(file, [&](double) { return interruption.count() == 0; })),
            .path = std::filesystem::canonical(file, ignored).string()});
    }
    return runs;
}

/// Refuses what no run has a trace for.
void checkTraces(const FigureOptions& options, const std::vector<ComparedRun>& runs)
{
    const bool traced = std::any_of(
        runs.begin(), runs.end(), [](const ComparedRun& run) { return run.run->traced; });
    if (!traced && !options.figures.empty())
        throw BadValue({.object = "--figure " + options.figures.front().view,
            .problem = "needs a trace",
            .limit = "runs that were not made with --no-trace"});
}

/// Draws the figures and writes the report; an exit code.
int writeFiles(const FigureOptions& figures, const std::optional<ReportRequest>& report,
    const std::vector<ComparedRun>& runs, const Interruption& interruption)
{
    if (figures.figures.empty() && !report)
        return exit_code::done;
    const OffscreenApplication application;
    const std::shared_ptr<const ComparedRuns> compared = comparedRuns(runs);
    int exit = drawFigures(
        [&](const FigureSettings& settings) -> std::unique_ptr<FigureDrawing> {
            return std::make_unique<ComparisonFigure>(compared, settings);
        },
        figures, interruption);
    if (!report)
        return exit;
    QStringList files;
    for (const ComparedRun& run : runs)
        files.append(QString::fromStdString(run.name));
    const bool written = writeReport(
        *report, comparisonFigures(compared),
        [&](std::vector<ReportFigure> drawn) {
            return comparisonReportContent(*compared, files, std::move(drawn));
        },
        interruption);
    return written ? exit : std::max(exit, exit_code::failed);
}

/// Prints the result. Returns false, and has said why, if standard output took it not.
bool printResult(const std::vector<ComparedRun>& runs, bool asJson, bool quiet)
{
    const Comparison comparison = compare(runs);
    try {
        if (asJson)
            printJson(comparison_object(runs, comparison));
        else if (!quiet)
            print(comparisonReport(runs, comparison));
        return true;
    } catch (const Error& error) {
        printError(error.what());
        return false;
    }
}

} // namespace

int compareCommand(const std::vector<std::string>& arguments)
{
    const auto given = parseArguments(compareDescription(), arguments);
    if (!given)
        return exit_code::done;
    checkCount(given->words);
    std::for_each(given->words.begin(), given->words.end(), checkRunFile);
    const FigureOptions figures = figureOptionsFrom(*given);
    const std::optional<ReportRequest> report = reportFrom(*given);
    checkOutputs(figures, report, given->words);

    std::optional<Interruption> interruption(std::in_place);
    std::vector<ComparedRun> runs;
    try {
        runs = readRuns(given->words, *interruption);
    } catch (const Error&) {
        if (interruption->signal() == 0)
            throw;
        return exit_code::signal(interruption->signal());
    }
    checkTraces(figures, runs);
    // Files first: whoever reads our output may be slow, or gone.
    const int exit = writeFiles(figures, report, runs, *interruption);
    const int signal = interruption->signal();
    interruption.reset();
    if (signal != 0)
        return exit_code::signal(signal);
    const bool printed = printResult(runs, given->has("--json"), given->has("--quiet"));
    return printed ? exit : std::max(exit, exit_code::failed);
}

} // namespace manyhands::app
