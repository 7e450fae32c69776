// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands run`: a lesson without a window.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/interruption.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_options.hpp"
#include "app/command_line/run_report.hpp"
#include "app/figures/figure.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/session.hpp"

#include <QApplication>
#include <QTemporaryDir>
#include <chrono>
#include <clocale>
#include <cstring>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

using Clock = std::chrono::steady_clock;

/// What is recorded must be taken in at least this often.
constexpr std::chrono::milliseconds longestWait{33};
/// Often enough to look alive, and no load.
constexpr std::chrono::milliseconds progressInterval{100};

SessionOptions sessionOptionsFrom(const RunOptions& options)
{
    SessionOptions session;
    session.lesson = find_lesson(options.lesson);
    session.description = describe_lesson(session.lesson);
    session.parameters = session.description.parse(options.parameters);
    session.seed = options.seed;
    session.repeats = options.repeats;
    session.traced = options.traced;
    return session;
}

std::string progressText(const Session& session)
{
    if (session.state() == RunState::stopping)
        return "stopping ...";
    const Session::Progress progress = session.progress();
    std::string text;
    if (progress.phase) {
        std::string phase(name_of(*progress.phase));
        std::replace(phase.begin(), phase.end(), '_', '-');
        text += phase + ' ' + std::to_string(progress.number + 1) + " of "
            + std::to_string(progress.phase == PhaseKind::warm_up ? 1 : progress.repeats) + ", ";
    }
    text += fixedText(progress.elapsed_s, 1) + " s, "
        + countText(static_cast<std::size_t>(progress.alive), "process", "processes") + ", "
        + countText(progress.events, "event", "events");
    if (progress.dropped > 0)
        text += ", " + std::to_string(progress.dropped) + " dropped";
    return text;
}

/// Takes the run to its end, stopping it at a signal or when its time is over.
void observe(Session& session, const RunOptions& options, const Interruption& interruption)
{
    const Clock::time_point begin = Clock::now();
    ProgressLine progressLine(!options.quiet);
    Clock::time_point nextProgress = begin;
    bool timeIsOver = false;
    int signalsHandled = 0;
    while (session.poll()) {
        for (const int seen = interruption.count(); signalsHandled < seen; ++signalsHandled)
            session.stop(StopReason::person);
        const Clock::time_point now = Clock::now();
        const std::chrono::duration<double> elapsed = now - begin;
        auto wait = longestWait;
        if (options.timeoutSeconds && !timeIsOver) {
            const double left = *options.timeoutSeconds - elapsed.count();
            timeIsOver = left <= 0;
            // A run that is being stopped already is not killed by its time-out, too.
            if (timeIsOver && signalsHandled == 0)
                session.stop(StopReason::timeout);
            if (left > 0 && left < 0.033)
                wait = std::chrono::milliseconds(static_cast<int>(left * 1000) + 1);
        }
        if (progressLine.shown() && now >= nextProgress) {
            progressLine.show(progressText(session));
            nextProgress = now + progressInterval;
        }
        session.wait(wait);
    }
}

/// Draws the figures. Returns false, and has said why, if one could not be written.
bool drawFigures(const Session& session, const std::vector<FigureRequest>& figures,
    const Interruption& interruption)
{
    if (figures.empty())
        return true;
    // There may be no display, and none is needed.
    qputenv("QT_QPA_PLATFORM", "offscreen");
    // Without a folder for sockets and the like (cron, containers) Qt would make one in /tmp, say
    // so, and leave it there.
    std::optional<QTemporaryDir> runtimeFolder;
    if (qEnvironmentVariableIsEmpty("XDG_RUNTIME_DIR")) {
        runtimeFolder.emplace();
        qputenv("XDG_RUNTIME_DIR", runtimeFolder->path().toLocal8Bit());
    }
    char name[] = "manyhands";
    char* arguments[] = {name, nullptr};
    int count = 1;
    const QApplication application(count, arguments);
    // It has taken the user's locale; our numbers have dots in every one.
    std::setlocale(LC_NUMERIC, "C");
    bool allWritten = true;
    const FinishedRun run = finished_run(session);
    const int signalsBefore = interruption.count();
    for (const FigureRequest& figure : figures) {
        const QString path = QString::fromStdString(figure.path.string());
        const QString problem = interruption.count() > signalsBefore
            ? path + QStringLiteral(": was not drawn: interrupted")
            : writeFigure(QString::fromStdString(figure.view), run, path);
        if (!problem.isEmpty()) {
            printError(problem.toStdString());
            allWritten = false;
        }
    }
    return allWritten;
}

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
    const RunOptions options = runOptionsFrom(*given);
    SessionOptions sessionOptions = sessionOptionsFrom(options);

    std::optional<Interruption> interruption(std::in_place);
    Session session(std::move(sessionOptions));
    observe(session, options, *interruption);
    const nlohmann::json run = run_object(session);

    // Files first: whoever reads our output may be slow, or gone.
    bool allWritten = true;
    if (options.save)
        allWritten = save(session, *options.save, *interruption) && allWritten;
    allWritten = drawFigures(session, options.figures, *interruption) && allWritten;
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
