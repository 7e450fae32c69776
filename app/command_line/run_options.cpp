// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/run_options.hpp"

#include "app/command_line/plain_text.hpp"
#include "app/figures/figure_settings.hpp"
#include "app/views/chart_factory.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/output_file.hpp"
#include "engine/observe/run_file.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace manyhands::app {
namespace {

/// Enough for any statistics, and short of a number mistyped.
constexpr int mostRepeats = 1000;
/// About 30 years, which a clock in nanoseconds still holds.
constexpr double longestTimeout = 1e9;

std::optional<double> realFrom(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

template <typename Whole>
std::optional<Whole> wholeFrom(std::string_view text)
{
    Whole value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

[[noreturn]] void refuse(std::string option, std::string_view value, std::string allowed)
{
    throw BadValue({.object = std::move(option),
        .problem = "has a value that is not allowed",
        .value = value.empty() ? "''" : shown(value),
        .limit = std::move(allowed)});
}

int repeatsFrom(std::string_view text)
{
    const auto repeats = wholeFrom<int>(text);
    if (!repeats || *repeats < 1 || *repeats > mostRepeats)
        refuse("--repeat", text, "a whole number from 1 to " + std::to_string(mostRepeats));
    return *repeats;
}

double timeoutFrom(std::string_view text)
{
    const auto seconds = realFrom(text);
    if (!seconds || !(*seconds > 0 && *seconds <= longestTimeout))
        refuse("--timeout", text, "seconds, more than 0 and up to " + numberText(longestTimeout));
    return *seconds;
}

std::vector<std::string> textsOf(const QStringList& names)
{
    std::vector<std::string> texts;
    for (const QString& name : names)
        texts.push_back(name.toStdString());
    return texts;
}

FigureRequest figureFrom(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos)
        refuse("--figure", text, "VIEW=FILE, VIEW one of " + joined(textsOf(commonCharts())));
    FigureRequest figure = {.view = text.substr(0, equals), .path = text.substr(equals + 1)};
    if (!figure.path.empty())
        figureFormatOf(figure.path.string());
    check_output_path(figure.path);
    return figure;
}

} // namespace

const CommandDescription& runDescription()
{
    static const CommandDescription description = {
        .name = "run",
        .usage = {"manyhands run LESSON [name=value...] [OPTION...]"},
        .purpose = "Runs a lesson without a window and reports what was measured.\n"
                   "LESSON is an id (manyhands list) or the path of another lesson program, with\n"
                   ":ID behind it where that has several; manyhands describe LESSON says what can\n"
                   "be set. Ctrl-C stops the run and keeps what was measured; twice kills it.",
        .options = {
            {"--repeat", "N", "measure: one warm-up, then N baselines and repeats in turn"},
            {"--seed", "S", "seed of the random numbers; 1 unless given"},
            {"--timeout", "SECONDS", "stop after so many seconds"},
            {"--json", "", "print the result as one JSON object"},
            {"--quiet", "", "print errors only (and the JSON object)"},
            {"--no-trace", "", "record no events: wall times, exits and results only"},
            {"--save", "FILE", "keep the run: .json or .json.gz"},
            {"--figure", "VIEW=FILE", "draw a view as .png, .svg or .pdf: " + joined(textsOf(commonCharts()))
                    + ", or one of the lesson's own", true},
            reportOption(),
        },
        .more = "Exit codes: 0 done; 1 the run or a check failed, the timeout struck or an output\n"
                "could not be written; 2 usage or a bad value; 3 the machine lacks something;\n"
                "128 + n ended by signal n.",
    };
    return description;
}

RunOptions runOptionsFrom(const CommandDescription& command, const Arguments& given)
{
    if (given.words.empty())
        throw BadValue({.object = command.name,
            .problem = "has no lesson",
            .limit = command.name + " LESSON [name=value...]",
            .advice = "manyhands list names the lessons"});
    RunOptions options;
    options.lesson = given.words.front();
    options.parameters.assign(given.words.begin() + 1, given.words.end());
    options.json = given.has("--json");
    options.quiet = given.has("--quiet");
    options.traced = !given.has("--no-trace");
    if (const auto text = given.value("--seed"))
        options.seed = seedFrom(*text);
    if (const auto text = given.value("--repeat"))
        options.repeats = repeatsFrom(*text);
    if (const auto text = given.value("--timeout"))
        options.timeoutSeconds = timeoutFrom(*text);

    std::set<std::filesystem::path> paths;
    if (const auto text = given.value("--save")) {
        check_run_file_path(*text);
        options.save = *text;
        paths.insert(options.save->lexically_normal());
    }
    for (const std::string& text : given.values("--figure")) {
        if (!options.traced)
            throw BadValue({.object = "--figure " + text,
                .problem = "needs a trace",
                .limit = "either --no-trace or --figure"});
        options.figures.push_back(figureFrom(text));
        const auto& path = options.figures.back().path;
        if (!paths.insert(path.lexically_normal()).second)
            throw BadValue({.object = path.string(),
                .problem = "is named twice",
                .limit = "a file of its own for each figure"});
    }
    options.report = reportFrom(given);
    if (options.report && !paths.insert(options.report->path.lexically_normal()).second)
        throw BadValue({.object = options.report->path.string(),
            .problem = "is named twice",
            .limit = "a file of its own for the report"});
    return options;
}

void checkFigures(const RunOptions& options, const LessonDescription& lesson)
{
    const QStringList views = chartsOf(lesson);
    for (const FigureRequest& figure : options.figures) {
        if (!views.contains(QString::fromStdString(figure.view)))
            throw BadValue({.object = "--figure",
                .problem = "names an unknown view",
                .value = shown(figure.view),
                .limit = joined(textsOf(views))});
    }
}

std::uint64_t seedFrom(std::string_view text)
{
    const auto seed = wholeFrom<std::uint64_t>(text);
    if (!seed)
        refuse("--seed", text, "a whole number from 0 to 18446744073709551615");
    return *seed;
}

} // namespace manyhands::app
