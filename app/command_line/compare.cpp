// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands compare`: two to four saved runs beside each other, in numbers and words.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/compare_report.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/offscreen.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_options.hpp"
#include "app/figures/comparison_figure.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/comparison.hpp"
#include "engine/observe/output_file.hpp"
#include "engine/observe/run_file.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
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
    static const CommandDescription description = {
        .name = "compare",
        .usage = {"manyhands compare FILE FILE [FILE [FILE]] [OPTION...]"},
        .purpose = "Compares two to four saved runs (--save, or Save in the window): what was set,\n"
                   "what came out, and what may be said of the difference. Each run is compared\n"
                   "with the first one, which is A.",
        .options = {
            {"--figure", "VIEW=FILE", "draw a view (" + joined(viewNames()) + ") as .png", true},
            {"--json", "", "print the runs and their differences as one JSON object"},
            {"--quiet", "", "print errors only (and the JSON object)"},
        },
        .more = "Exit codes: 0 done; 1 an output could not be written; 2 usage, or a file that is no\n"
                "run; 128 + n ended by signal n.",
    };
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

/// Throws BadValue for what can be no run, as far as can be seen without reading it.
void checkRunFile(const std::string& file)
{
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status))
        throw BadValue({.object = file.empty() ? "''" : file, .problem = "does not exist"});
    if (!std::filesystem::is_regular_file(status))
        throw BadValue({.object = file, .problem = "is no file that can hold a run"});
}

FigureRequest figureFrom(const std::string& text, const std::vector<std::string>& views)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos)
        throw BadValue({.object = "--figure",
            .problem = "has a value that is not allowed",
            .value = text.empty() ? "''" : shown(text),
            .limit = "VIEW=FILE, VIEW one of " + joined(views)});
    FigureRequest figure = {.view = text.substr(0, equals), .path = text.substr(equals + 1)};
    if (std::find(views.begin(), views.end(), figure.view) == views.end())
        throw BadValue({.object = "--figure",
            .problem = "names an unknown view",
            .value = shown(figure.view),
            .limit = joined(views)});
    if (!figure.path.empty() && !figure.path.native().ends_with(".png"))
        throw BadValue({.object = "the figure " + figure.path.string(),
            .problem = "has another suffix",
            .limit = ".png"});
    check_output_path(figure.path);
    return figure;
}

/// Throws BadValue for a figure that two name, or that would replace a run.
std::vector<FigureRequest> figuresFrom(
    const std::vector<std::string>& texts, const std::vector<std::string>& files)
{
    std::set<std::filesystem::path> paths;
    for (const std::string& file : files)
        paths.insert(std::filesystem::path(file).lexically_normal());
    std::vector<FigureRequest> figures;
    for (const std::string& text : texts) {
        figures.push_back(figureFrom(text, viewNames()));
        const std::filesystem::path& path = figures.back().path;
        if (!paths.insert(path.lexically_normal()).second)
            throw BadValue({.object = path.string(),
                .problem = "is named twice",
                .limit = "a file of its own for each figure"});
    }
    return figures;
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
void checkTraces(const std::vector<FigureRequest>& figures, const std::vector<ComparedRun>& runs)
{
    const bool traced = std::any_of(
        runs.begin(), runs.end(), [](const ComparedRun& run) { return run.run->traced; });
    if (!traced && !figures.empty())
        throw BadValue({.object = "--figure " + figures.front().view,
            .problem = "needs a trace",
            .limit = "runs that were not made with --no-trace"});
}

/// Draws the figures. Returns false, and has said why, if one could not be written.
bool draw(const std::vector<FigureRequest>& figures, const std::vector<ComparedRun>& runs,
    const Interruption& interruption)
{
    if (figures.empty())
        return true;
    const OffscreenApplication application;
    const std::shared_ptr<const ComparedRuns> compared = comparedRuns(runs);
    bool allWritten = true;
    for (const FigureRequest& figure : figures) {
        const QString path = QString::fromStdString(figure.path.string());
        const QString problem = interruption.count() > 0
            ? path + QStringLiteral(": was not drawn: interrupted")
            : writeComparisonFigure(QString::fromStdString(figure.view), compared, path);
        if (!problem.isEmpty()) {
            printError(problem.toStdString());
            allWritten = false;
        }
    }
    return allWritten;
}

/// Prints the result. Returns false, and has said why, if standard output took it not.
bool report(const std::vector<ComparedRun>& runs, bool asJson, bool quiet)
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
    const std::vector<FigureRequest> figures = figuresFrom(given->values("--figure"), given->words);

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
    bool allWritten = draw(figures, runs, *interruption);
    const int signal = interruption->signal();
    interruption.reset();
    if (signal != 0)
        return exit_code::signal(signal);
    allWritten = report(runs, given->has("--json"), given->has("--quiet")) && allWritten;
    return allWritten ? exit_code::done : exit_code::failed;
}

} // namespace manyhands::app
