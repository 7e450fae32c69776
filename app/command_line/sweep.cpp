// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands sweep`: a lesson measured for each of several values of one parameter.
#include "engine/observe/sweep.hpp"
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/drawing.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/observing.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_options.hpp"
#include "app/command_line/sweep_report.hpp"
#include "app/command_line/tables.hpp"
#include "app/views/swept.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace manyhands::app {
namespace {

/// As many as Measure makes in the window.
constexpr int usualRepeats = 5;
const std::vector<std::string> viewsOfSweep = {"speedup", "efficiency", "sweep"};

const CommandDescription& sweepDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
        .name = "sweep",
        .usage = {"manyhands sweep LESSON [name=value...] --over name=v1,v2,... [OPTION...]"},
        .purpose = "Measures a lesson for each of several values of one parameter: one warm-up,\n"
                   "then repeats. The serial baseline is measured with the first value alone where\n"
                   "the parameter does not change the work. Ctrl-C stops the sweep and keeps what\n"
                   "was measured; twice kills the run under way.",
        .options = {
            {"--over", "NAME=V1,V2,...", "the parameter, and its values in this order"},
            {"--repeat", "N", "repeats for each value; " + std::to_string(usualRepeats)
                    + " unless given"},
            {"--seed", "S", "seed of the random numbers; 1 unless given"},
            {"--timeout", "SECONDS", "stop after so many seconds, for the sweep as a whole"},
            {"--json", "", "print the result as one JSON object, with the runs as run prints them"},
            {"--quiet", "", "print errors only (and the JSON object)"},
            {"--no-trace", "", "record no events: wall times, exits and results only"},
            {"--figure", "VIEW=FILE",
                "draw the points as .png, .svg or .pdf: " + joined(viewsOfSweep), true},
            {"--csv", "[sweep=]FILE", "write the points as CSV, a row for each value", true},
            reportOption(),
        },
        .more = "Exit codes: 0 done; 1 a run or a check failed, the timeout struck or an output could\n"
                "not be written; 2 usage or a bad value; 3 the machine lacks something; 128 + n\n"
                "ended by signal n.",
        };
        command.options.insert(command.options.end(), figureLooks().begin(), figureLooks().end());
        return command;
    }();
    return description;
}

/// The parameter to go over, and its values as they were typed.
struct Over
{
    std::string parameter;
    std::string values;
};

Over overFrom(const Arguments& given)
{
    const auto text = given.value("--over");
    if (!text)
        throw BadValue({.object = "sweep",
            .problem = "goes over no parameter",
            .limit = "sweep LESSON [name=value...] --over name=v1,v2,..."});
    const auto equals = text->find('=');
    if (equals == std::string::npos || equals == 0)
        throw BadValue({.object = "--over",
            .problem = "has a value that is not allowed",
            .value = text->empty() ? "''" : shown(*text),
            .limit = "name=v1,v2,..."});
    return {text->substr(0, equals), text->substr(equals + 1)};
}

/// Refuses figures that a sweep does not have: it has points, and no one run that they are of.
void checkFigures(const RunOptions& options, const SessionOptions& session, const Over& over)
{
    const ParameterDescription* const parameter = session.description.parameter(over.parameter);
    const bool comparable
        = session.description.baseline && (parameter == nullptr || !parameter->work);
    for (const FigureRequest& figure : options.figures.figures) {
        if (std::find(viewsOfSweep.begin(), viewsOfSweep.end(), figure.view) == viewsOfSweep.end())
            throw BadValue({.object = "--figure",
                .problem = "names a view that a sweep does not have",
                .value = figure.view.empty() ? "''" : shown(figure.view),
                .limit = joined(viewsOfSweep)});
        if (!comparable && figure.view != "sweep")
            throw BadValue({.object = "--figure " + figure.view,
                .problem = "needs the same work at every point, and a serial baseline",
                .limit = "a sweep over a parameter that does not change the work"});
    }
}

/// Starts the sweep; everything that can be refused before is refused here.
std::unique_ptr<Sweep> startSweep(const RunOptions& options, const Over& over)
{
    SessionOptions session = sessionOptionsFrom(options);
    std::vector<ParameterValue> values
        = sweep_values_from(session.description, over.parameter, over.values);
    for (const std::string& word : options.parameters) {
        if (word.starts_with(over.parameter + '='))
            throw BadValue({.object = over.parameter,
                .problem = "is given twice",
                .value = shown(word) + " and --over",
                .advice = "give it to --over alone"});
    }
    checkFigures(options, session, over);
    return std::make_unique<Sweep>(std::move(session), over.parameter, std::move(values),
        options.repeats.value_or(usualRepeats));
}

/// Draws the points. Returns false, and has said why, if a figure could not be written.
bool draw(const Sweep& sweep, const RunOptions& options, const Interruption& interruption)
{
    FinishedRun last = finished_run(sweep.session());
    // The figure is of all its values.
    last.parameters.erase(sweep.parameter());
    const FigureSubject subject = {.run = std::move(last),
        .points = scaling_points(sweep),
        .swept = sweptOf(sweep),
        .predictions = {}};
    return drawFigures(subject, options.figures, interruption) == exit_code::done;
}

/// Prints the result. Returns false, and has said why, if standard output took it not.
bool report(const Sweep& sweep, const RunOptions& options)
{
    try {
        if (options.json)
            printJson(sweep_object(sweep));
        else if (!options.quiet)
            print(sweepReport(sweep));
        return true;
    } catch (const Error& error) {
        printError(error.what());
        return false;
    }
}

} // namespace

int sweepCommand(const std::vector<std::string>& arguments)
{
    const auto given = parseArguments(sweepDescription(), arguments);
    if (!given)
        return exit_code::done;
    const RunOptions options = runOptionsFrom(sweepDescription(), *given, {RunTable::sweep});
    const Over over = overFrom(*given);

    std::optional<Interruption> interruption(std::in_place);
    const std::unique_ptr<Sweep> sweep = startSweep(options, over);
    observe(*sweep, options, *interruption, [&] { return sweepProgressText(*sweep); });
    // Files first: whoever reads our output may be slow, or gone.
    bool allWritten = draw(*sweep, options, *interruption);
    allWritten = writeTables(sweep_rows(*sweep), options.tables, *interruption) && allWritten;
    if (options.report)
        allWritten = writeReport(*options.report, *sweep, *interruption) && allWritten;
    const int signal = interruption->signal();
    // A reader that does not read must not keep Ctrl-C from ending us.
    interruption.reset();
    allWritten = report(*sweep, options) && allWritten;

    if (signal != 0) {
        printError("stopped by SIG" + std::string(::sigabbrev_np(signal))
            + "; what was measured until then was kept");
        return exit_code::signal(signal);
    }
    if (sweep->state() == RunState::timed_out) {
        printError("stopped after --timeout " + numberText(*options.timeoutSeconds)
            + " s; what was measured until then was kept");
        return exit_code::failed;
    }
    if (sweep->exit_code() != exit_code::done) {
        printError(sweep->session().options().lesson.id + ": " + reasonOf(*sweep));
        return sweep->exit_code();
    }
    return allWritten ? exit_code::done : exit_code::failed;
}

} // namespace manyhands::app
