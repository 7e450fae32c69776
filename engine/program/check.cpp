// SPDX-License-Identifier: MIT
#include "engine/program/check.hpp"

#include "engine/description/exit_codes.hpp"
#include "engine/launch/launch.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/sync/deaths.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

using Clock = std::chrono::steady_clock;

/// How a run ended.
struct CheckedRun
{
    std::optional<int> exit; ///< nothing where it was stopped for the time it took
    std::string document; ///< as JSON; empty where it sent none
};

std::vector<std::string> words_of(const std::string& id, std::string_view parameters)
{
    std::vector<std::string> words = {id};
    std::istringstream stream{std::string(parameters)};
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

int reap(int pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return os::exit_of_status(status);
}

/// Takes what has come; false where nothing more can come.
bool take(int pipe, std::string& text)
{
    char piece[65536];
    for (;;) {
        const ssize_t length = ::read(pipe, piece, sizeof piece);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return length < 0 && errno == EAGAIN;
        text.append(piece, static_cast<std::size_t>(length));
    }
}

CheckedRun carry_out(
    std::vector<std::string> words, std::chrono::seconds limit, const char* program_name)
{
    os::PipeEnds document = os::make_pipe();
    ::fcntl(document.read.get(), F_SETFL, O_NONBLOCK);
    const os::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    words.push_back("--document-pipe=" + std::to_string(document.write.get()));
    const Launched launched = launch({.program = "/proc/self/exe",
        .argv0 = program_name,
        .arguments = std::move(words),
        .inherit = {document.write.get()},
        .standard_input = nothing.get(),
        .output = nothing.get(),
        .own_group = true});
    document.write.reset();

    CheckedRun run;
    const Clock::time_point end = Clock::now() + limit;
    bool open = true;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0)
            break;
        pollfd waited[]
            = {{launched.process.get(), POLLIN, 0}, {open ? document.read.get() : -1, POLLIN, 0}};
        // What poll() says of an error, the next turn says again.
        if (::poll(waited, 2, static_cast<int>(std::min<std::int64_t>(left, 60'000))) <= 0)
            continue;
        if (waited[1].revents != 0)
            open = take(document.read.get(), run.document);
        if (waited[0].revents == 0)
            continue;
        run.exit = reap(launched.pid);
        if (open)
            take(document.read.get(), run.document);
        return run;
    }
    ::kill(-launched.pid, SIGKILL);
    reap(launched.pid);
    return run;
}

void add(std::string& list, const std::string& item)
{
    list += (list.empty() ? "" : "; ") + item;
}

std::string count_of(const ResultDocument& document, std::optional<bool> held)
{
    return std::to_string(std::count_if(document.checks.begin(), document.checks.end(),
        [held](const Check& check) { return check.held == held; }));
}

/// What a run says of itself, for its line.
struct Verdict
{
    bool good = false;
    std::string words;
};

Verdict judge(const CheckedRun& run, std::chrono::seconds limit)
{
    if (!run.exit)
        return {false, "not done after " + std::to_string(limit.count()) + " s, and stopped"};
    ResultDocument document;
    try {
        // Strictly, as whoever observes reads it. One that died may have sent a part of it.
        const nlohmann::json json = nlohmann::json::parse(run.document, nullptr, false);
        if (!json.is_discarded())
            document = result_document_from(json);
        else if (*run.exit == exit_code::done)
            return {false, "there is no result document"};
    } catch (const BadValue& error) {
        return {false, error.what()};
    }
    std::string failures;
    for (const Failure& failure : document.failures)
        add(failures, failure.process + ": " + failure.text.substr(0, failure.text.find('\n')));
    if (*run.exit == exit_code::done) {
        // A lesson may be about failures: they are told, and are none of the run.
        std::string words = count_of(document, true) + " held, " + count_of(document, std::nullopt)
            + " do not apply";
        if (!failures.empty())
            add(words, failures);
        return {true, words};
    }
    std::string problems;
    for (const Check& check : document.checks) {
        if (check.held == false)
            add(problems, "does not hold: " + check.claim);
    }
    if (!failures.empty())
        add(problems, failures);
    return {false, problems.empty() ? how_it_ended(*run.exit) : problems};
}

} // namespace

int check_lessons(
    std::span<const Lesson> lessons, std::chrono::seconds limit, const char* program_name)
{
    // Workers of a main process that was killed come to us.
    os::become_subreaper();
    bool all_held = true;
    for (const Lesson& lesson : lessons) {
        const std::string id = lesson.describe().id;
        for (const std::string_view parameters : lesson.check_runs) {
            const CheckedRun run = carry_out(words_of(id, parameters), limit, program_name);
            os::end_all_descendants();
            const Verdict verdict = judge(run, limit);
            std::string line = (verdict.good ? "✓ " : "✕ ") + id;
            if (!parameters.empty())
                line.append(" ").append(parameters);
            line += ": " + verdict.words;
            if (!os::write_all(STDOUT_FILENO, line + "\n"))
                return exit_code::failed;
            all_held = all_held && verdict.good;
        }
    }
    return all_held ? exit_code::done : exit_code::failed;
}

} // namespace manyhands
