// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands watch -- COMMAND...`: a person's own program, in the window or in the terminal.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/drawing.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/observing.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_options.hpp"
#include "app/command_line/run_report.hpp"
#include "app/command_line/tables.hpp"
#include "app/window/display.hpp"
#include "app/window/window_main.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/session.hpp"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace manyhands::app {
namespace {

const CommandDescription& watchDescription()
{
    static const CommandDescription description = [] {
        CommandDescription command = {
        .name = "watch",
        .usage = {"manyhands watch [OPTION...] -- COMMAND..."},
        .purpose = "Runs a program of your own and shows its processes, a lane each, while they\n"
                   "run: in the window where there is a display and no option asks for the\n"
                   "terminal; else in this terminal, with a table of the processes at the end.\n"
                   "Python programs that use multiprocessing trace themselves: messages, locks,\n"
                   "values, tasks. All others are sampled from outside, as far as they can be\n"
                   "seen: start, end, CPU, what they wait for, bytes, memory. COMMAND is run as it\n"
                   "stands, by no shell; for a pipeline, name one: sh -c 'seq 9 | sort'.\n"
                   "Ctrl-C stops it and keeps what was seen; whatever it started ends with it.",
        .options = {
            {"--window", "", "open the window, whatever else is asked"},
            {"--timeout", "SECONDS", "stop after so many seconds"},
            {"--json", "", "one JSON object on standard output; COMMAND's goes to standard error"},
            {"--quiet", "", "print COMMAND's own output and errors only"},
            {"--save", "FILE", "keep the run: .json or .json.gz"},
            {"--figure", "VIEW=FILE", "draw a view as .png, .svg or .pdf: " + commonViews(), true},
            {"--csv", "[TABLE=]FILE", "write data (spans, channels, repeats; else spans) as CSV",
                true},
            reportOption(),
        },
        .more = "Exit codes: 0 COMMAND ended with 0; 1 it ended with another code or by a signal\n"
                "(which one is said), the timeout struck or an output could not be written;\n"
                "2 usage, or COMMAND is no program; 3 the machine lacks something; 128 + n ended\n"
                "by signal n.",
        };
        command.options.insert(command.options.end(), figureLooks().begin(), figureLooks().end());
        return command;
    }();
    return description;
}

/// Whether something is asked for that only a run in the terminal gives.
bool asksForTerminal(const Arguments& given)
{
    return std::any_of(given.options.begin(), given.options.end(),
        [](const auto& option) { return option.first != "--window"; });
}

bool hasDisplay()
{
    return DisplayProbe().problem().empty();
}

/// What the program writes, where the terminal would have had it from the program itself.
void passOn(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        // A reader that has gone does not keep the program from running.
        if (written <= 0)
            return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

int watchInTerminal(const WatchedCommand& command, const Arguments& given)
{
    RunOptions options = runOptionsFrom(watchDescription(), given, tablesOfRun());
    SessionOptions sessionOptions;
    sessionOptions.lesson = {.program = own_lesson_program(), .id = watched_id};
    sessionOptions.description = describe_command(command);
    sessionOptions.command = command;
    sessionOptions.in_terminal = true;
    sessionOptions.output = [json = options.json](std::string_view text, bool error) {
        passOn(error || json ? STDERR_FILENO : STDOUT_FILENO, text);
    };
    resolveViews(options.figures, sessionOptions.description);

    std::optional<Interruption> interruption(std::in_place);
    Session session(std::move(sessionOptions));
    // Its own output stands where progress would.
    RunOptions observing = options;
    observing.quiet = true;
    observe(session, observing, *interruption, [] { return std::string(); });
    const nlohmann::json run = run_object(session);

    const FigureSubject subject
        = {.run = finished_run(session), .points = {}, .swept = {}, .predictions = {}};
    bool allWritten = true;
    if (options.save) {
        const int signalsBefore = interruption->count();
        try {
            save_run(session, *options.save, [&] { return interruption->count() > signalsBefore; });
        } catch (const Error& error) {
            printError(error.what());
            allWritten = false;
        }
    }
    allWritten
        = drawFigures(subject, options.figures, *interruption) == exit_code::done && allWritten;
    allWritten = writeTables(subject.run, {}, options.tables, *interruption) && allWritten;
    if (options.report)
        allWritten = writeReport(*options.report, subject.run, *interruption) && allWritten;
    const int signal = interruption->signal();
    interruption.reset();
    try {
        if (options.json)
            printJson(run);
        else if (!options.quiet)
            print(watchReport(session, run));
    } catch (const Error& error) {
        printError(error.what());
        allWritten = false;
    }
    for (const std::string& note : session.notes())
        printError(note);

    if (signal != 0) {
        printError("stopped by SIG" + std::string(::sigabbrev_np(signal))
            + "; what was seen until then was kept");
        return exit_code::signal(signal);
    }
    if (session.state() == RunState::timed_out) {
        printError("stopped after --timeout " + numberText(*options.timeoutSeconds)
            + " s; what was seen until then was kept");
        return exit_code::failed;
    }
    if (session.state() != RunState::done) {
        printError(session.problem());
        return exit_code_of(session);
    }
    return allWritten ? exit_code::done : exit_code::failed;
}

} // namespace

int watchCommand(const std::vector<std::string>& arguments, int argc, char** argv)
{
    const auto separator = std::find(arguments.begin(), arguments.end(), "--");
    auto given = parseArguments(watchDescription(), {arguments.begin(), separator});
    if (!given)
        return exit_code::done;
    if (separator == arguments.end() || separator + 1 == arguments.end() || !given->words.empty())
        throw BadValue({.object = "watch",
            .problem = separator == arguments.end() ? "has no -- before the program"
                : given->words.empty()              ? "has no program behind its --"
                                       : "has a word before its --: " + given->words.front(),
            .limit = "manyhands watch [OPTION...] -- COMMAND...",
            .advice = helpAdvice(watchDescription())});
    given->words.assign(separator + 1, arguments.end());
    WatchedCommand command = find_command(given->words);
    if (given->has("--window") || (!asksForTerminal(*given) && hasDisplay())) {
        WindowOptions options;
        options.watch = std::move(command);
        return windowMain(argc, argv, options);
    }
    return watchInTerminal(command, *given);
}

} // namespace manyhands::app
