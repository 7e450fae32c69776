// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/run_options.hpp"

#include "app/command_line/option_values.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/output_file.hpp"
#include "engine/observe/run_file.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

/// Enough for any statistics, and short of a number mistyped.
constexpr int mostRepeats = 1000;
/// About 30 years, which a clock in nanoseconds still holds.
constexpr double longestTimeout = 1e9;

int repeatsFrom(std::string_view text)
{
    const auto repeats = numberFrom<int>(text);
    if (!repeats || *repeats < 1 || *repeats > mostRepeats)
        refuseValue("--repeat", text, "a whole number from 1 to " + std::to_string(mostRepeats));
    return *repeats;
}

double timeoutFrom(std::string_view text)
{
    const auto seconds = numberFrom<double>(text);
    if (!seconds || !(*seconds > 0 && *seconds <= longestTimeout))
        refuseValue(
            "--timeout", text, "seconds, more than 0 and up to " + numberText(longestTimeout));
    return *seconds;
}

std::string tableNames(const std::vector<RunTable>& tables)
{
    std::vector<std::string> names;
    for (const RunTable table : tables)
        names.emplace_back(name_of(table));
    return joined(names);
}

} // namespace

const CommandDescription& runDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
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
            {"--figure", "VIEW=FILE", "draw a view as .png, .svg or .pdf: " + commonViews()
                    + ", or one of the lesson's own", true},
            {"--csv", "[TABLE=]FILE",
                "write data (" + tableNames(tablesOfRun()) + "; else spans) as CSV", true},
            reportOption(),
        },
        .more = "Exit codes: 0 done; 1 the run or a check failed, the timeout struck or an output\n"
                "could not be written; 2 usage or a bad value; 3 the machine lacks something;\n"
                "128 + n ended by signal n.",
        };
        command.options.insert(command.options.end(), figureLooks().begin(), figureLooks().end());
        return command;
    }();
    return description;
}

RunOptions runOptionsFrom(
    const CommandDescription& command, const Arguments& given, const std::vector<RunTable>& tables)
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

    OutputPaths paths;
    if (const auto text = given.value("--save")) {
        check_run_file_path(*text);
        options.save = *text;
        paths.take(*options.save);
    }
    if (!options.traced && given.has("--figure"))
        throw BadValue({.object = "--figure " + shown(given.values("--figure").front()),
            .problem = "needs a trace",
            .limit = "either --no-trace or --figure"});
    options.figures = figureOptionsFrom(given);
    for (const FigureRequest& figure : options.figures.figures)
        paths.take(figure.path);
    for (const std::string& text : given.values("--csv")) {
        options.tables.push_back(csvFrom(text, tables));
        const RunTable table = options.tables.back().table;
        if (!options.traced && (table == RunTable::spans || table == RunTable::channels))
            throw BadValue({.object = "--csv " + text,
                .problem = "needs a trace",
                .limit = "with --no-trace: repeats=FILE"});
        paths.take(options.tables.back().path);
    }
    options.report = reportFrom(given);
    if (options.report)
        paths.take(options.report->path);
    return options;
}

const std::vector<RunTable>& tablesOfRun()
{
    static const std::vector<RunTable> tables
        = {RunTable::spans, RunTable::channels, RunTable::repeats};
    return tables;
}

CsvRequest csvFrom(const std::string& text, const std::vector<RunTable>& tables)
{
    const auto equals = text.find('=');
    // A path may hold one, too, but not before its first '/'.
    const bool named = equals != std::string::npos && text.find('/') > equals;
    if (text.empty() || (!named && run_table_named(text)))
        refuseValue("--csv", text, "[TABLE=]FILE, TABLE one of " + tableNames(tables));
    CsvRequest request = {.table = tables.front(), .path = named ? text.substr(equals + 1) : text};
    if (named) {
        const std::string name = text.substr(0, equals);
        const auto table = run_table_named(name);
        if (!table)
            throw BadValue({.object = "--csv",
                .problem = "names an unknown table",
                .value = name.empty() ? "''" : shown(name),
                .limit = tableNames(tables)});
        if (std::find(tables.begin(), tables.end(), *table) == tables.end())
            throw BadValue({.object = "--csv",
                .problem = "names a table that is not there",
                .value = name,
                .limit = tableNames(tables)});
        request.table = *table;
    }
    check_output_path(request.path);
    return request;
}

std::uint64_t seedFrom(std::string_view text)
{
    const auto seed = numberFrom<std::uint64_t>(text);
    if (!seed)
        refuseValue("--seed", text, "a whole number from 0 to 18446744073709551615");
    return *seed;
}

} // namespace manyhands::app
