// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands run`: a lesson without a window.
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
#include "engine/description/exit_codes.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/session.hpp"

#include <cstring>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

/// Saves the run. Returns false, and has said why, if it could not be written.
bool save(
    const Session& session, const std::filesystem::path& path, const Interruption& interruption)
{
    const int signalsBefore = interruption.count();
    try {
        save_run(session, path, [&] { return interruption.count() > signalsBefore; });
        return true;
    } catch (const Error& error) {
        printError(error.what());
        return false;
    }
}

/// Prints the result. Returns false, and has said why, if standard output took it not.
bool report(const Session& session, const nlohmann::json& run, const RunOptions& options)
{
    try {
        if (options.json)
            printJson(run);
        else if (!options.quiet)
            print(runReport(session, run));
        return true;
    } catch (const Error& error) {
        printError(error.what());
        return false;
    }
}

} // namespace

int runCommand(const std::vector<std::string>& arguments)
{
    const auto given = parseArguments(runDescription(), arguments);
    if (!given)
        return exit_code::done;
    RunOptions options = runOptionsFrom(runDescription(), *given, tablesOfRun());
    SessionOptions sessionOptions = sessionOptionsFrom(options);
    resolveViews(options.figures, sessionOptions.description);

    std::optional<Interruption> interruption(std::in_place);
    Session session(std::move(sessionOptions));
    observe(session, options, *interruption, [&] { return progressText(session.progress()); });
    const nlohmann::json run = run_object(session);

    // Files first: whoever reads our output may be slow, or gone.
    bool allWritten = true;
    if (options.save)
        allWritten = save(session, *options.save, *interruption) && allWritten;
    const FigureSubject subject
        = {.run = finished_run(session), .points = {}, .swept = {}, .predictions = {}};
    allWritten
        = drawFigures(subject, options.figures, *interruption) == exit_code::done && allWritten;
    allWritten = writeTables(subject.run, {}, options.tables, *interruption) && allWritten;
    if (options.report)
        allWritten = writeReport(*options.report, subject.run, *interruption) && allWritten;
    const int signal = interruption->signal();
    // A reader that does not read must not keep Ctrl-C from ending us.
    interruption.reset();
    allWritten = report(session, run, options) && allWritten;

    if (signal != 0) {
        printError("stopped by SIG" + std::string(::sigabbrev_np(signal))
            + "; what was measured until then was kept");
        return exit_code::signal(signal);
    }
    if (session.state() == RunState::timed_out) {
        printError("stopped after --timeout " + numberText(*options.timeoutSeconds)
            + " s; what was measured until then was kept");
        return exit_code::failed;
    }
    if (const int exit = exit_code_of(session); exit != exit_code::done) {
        printError(session.options().lesson.id + ": " + reasonOf(session, run));
        return exit;
    }
    return allWritten ? exit_code::done : exit_code::failed;
}

} // namespace manyhands::app
