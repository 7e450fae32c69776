// SPDX-License-Identifier: MIT
#include "engine/observe/lesson_program.hpp"

#include "engine/description/built_with.hpp"
#include "engine/launch/launch.hpp"
#include "engine/os/error.hpp"
#include "engine/os/machine.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/trace/segment.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_answer_time = 2s;
constexpr std::size_t longest_answer_bytes = std::size_t{4} << 20;

struct Answer
{
    std::string text;
    std::optional<int> exit; ///< as in Python; nothing where it lived on
};

// Ends and reaps a program when the scope is left, however that happens.
class Reaper
{
public:
    explicit Reaper(int pid)
        : pid_(pid)
    {
    }
    ~Reaper()
    {
        if (pid_ <= 0)
            return;
        ::kill(-pid_, SIGKILL);
        ::kill(pid_, SIGKILL);
        wait();
    }
    Reaper(const Reaper&) = delete;
    Reaper& operator=(const Reaper&) = delete;

    int wait()
    {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) { }
        pid_ = 0;
        return os::exit_of_status(status);
    }

private:
    int pid_;
};

[[noreturn]] void refuse(const std::filesystem::path& program, const std::string& why)
{
    throw BadValue({.object = program.string(),
        .problem = "is no lesson program: " + why,
        .advice = "manyhands watch -- COMMAND shows any other program"});
}

// Starts a program that a person named: where it is none, that is what the person is told.
Launched start(const LaunchOptions& options)
{
    try {
        return launch(options);
    } catch (const MachineLacks& error) {
        const int why = error.code().value();
        if (why != ENOEXEC && why != ENOENT && why != EACCES)
            throw;
        throw BadValue({.object = options.program.string(),
            .problem = "cannot be started as a program",
            .advice = "manyhands watch -- COMMAND shows any other program",
            .code = error.code()});
    }
}

// Runs the program with `arguments` and collects what it prints, within time and size.
Answer ask(const std::filesystem::path& program, std::vector<std::string> arguments)
{
    const auto end = std::chrono::steady_clock::now() + longest_answer_time;
    os::PipeEnds pipe = os::make_pipe();
    const os::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const Launched launched = start({.program = program,
        .argv0 = program.string(),
        .arguments = std::move(arguments),
        .inherit = {},
        .standard_input = nothing.get(),
        .output = pipe.write.get(),
        .error_output = nothing.get(),
        .own_group = true});
    Reaper reaper(launched.pid);
    pipe.write.reset();
    Answer answer;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd waiting = {pipe.read.get(), POLLIN, 0};
        const int ready
            = left.count() > 0 ? ::poll(&waiting, 1, static_cast<int>(left.count())) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            refuse(program, "it did not answer --describe within 2 s");
        char piece[65536];
        const ssize_t length = ::read(pipe.read.get(), piece, sizeof piece);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            break;
        answer.text.append(piece, static_cast<std::size_t>(length));
        if (answer.text.size() > longest_answer_bytes)
            refuse(program, "it answered --describe with more than 4 MiB");
    }
    // Its output is closed; a program that lives on all the same has its time, too.
    pollfd ended = {launched.process.get(), POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 1))) == 1)
        answer.exit = reaper.wait();
    return answer;
}

// What `read` makes of an answer; where that is not as it should be, the program is not either.
template <class Read>
auto read_answer(const std::filesystem::path& program, Read read)
{
    try {
        return read();
    } catch (const BadValue& error) {
        refuse(program, error.what());
    }
}

std::string in_words(const BuiltWith& built)
{
    return "Manyhands " + built.engine + " (descriptions " + std::to_string(built.description)
        + ", segments " + std::to_string(built.segment) + ")";
}

// Before anything else of it is read: another version may say it in another way.
void check_version(const std::filesystem::path& program, const BuiltWith& theirs)
{
    const BuiltWith ours = {.engine = this_machine().version, .segment = segment_layout_version};
    if (theirs.description != ours.description || theirs.segment != ours.segment)
        throw BadValue({.object = program.string(),
            .problem = "was built with " + in_words(theirs) + ", and this is " + in_words(ours),
            .advice = "build it again with the engine of this one, or open it with the other"});
}

nlohmann::json json_in(const std::filesystem::path& program, const Answer& answer)
{
    if (!answer.exit)
        refuse(program, "asked for --describe, it does not end");
    if (*answer.exit < 0)
        refuse(program,
            "asked for --describe, it was killed by signal " + std::to_string(-*answer.exit));
    if (*answer.exit != 0)
        refuse(program,
            "asked for --describe, it ended with exit code " + std::to_string(*answer.exit));
    auto json = nlohmann::json::parse(answer.text, nullptr, false);
    std::optional<BuiltWith> built;
    if (!json.is_discarded())
        built = read_answer(program, [&] { return built_with_from(json); });
    if (!built)
        refuse(program, "it does not answer --describe");
    check_version(program, *built);
    return json;
}

std::string list_of(const std::vector<LessonSummary>& lessons)
{
    std::string list;
    for (const LessonSummary& lesson : lessons)
        list += (list.empty() ? "" : ", ") + lesson.id;
    return list;
}

bool has(const std::vector<LessonSummary>& lessons, const std::string& id)
{
    return std::any_of(lessons.begin(), lessons.end(),
        [&](const LessonSummary& lesson) { return lesson.id == id; });
}

[[noreturn]] void throw_unknown(const std::string& id, const std::vector<LessonSummary>& lessons)
{
    throw BadValue({.object = "lesson",
        .problem = "is not known",
        .value = id,
        .limit = list_of(lessons),
        .advice = "or give the path of a lesson program, with a / in it"});
}

bool is_program(const std::filesystem::path& path)
{
    std::error_code error;
    return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::filesystem::path own_lesson_program()
{
    const std::filesystem::path folder
        = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    const std::filesystem::path places[] = {folder / "manyhands-lesson",
        folder.parent_path() / "libexec" / "manyhands" / "manyhands-lesson"};
    for (const std::filesystem::path& place : places) {
        if (is_program(place))
            return place;
    }
    throw MachineLacks({.object = "lesson program",
        .problem = "is missing",
        .value = places[0].string(),
        .advice = "build or install Manyhands anew"});
}

std::vector<LessonSummary> describe_lessons(const std::filesystem::path& program)
{
    const nlohmann::json answer = json_in(program, ask(program, {"--describe"}));
    return read_answer(
        program, [&] { return lesson_summaries_from(answer.value("lessons", nlohmann::json())); });
}

LessonDescription describe_lesson(const LessonReference& lesson, const std::string& language)
{
    const Answer answer = ask(lesson.program, {"--describe", lesson.id, "--language", language});
    if (answer.exit == 2) {
        const auto known = describe_lessons(lesson.program);
        if (!has(known, lesson.id))
            throw_unknown(lesson.id, known);
    }
    const nlohmann::json description = json_in(lesson.program, answer);
    return read_answer(lesson.program, [&] { return lesson_description_from(description); });
}

LessonReference find_lesson(const std::string& word, OfSeveral which)
{
    if (word.find('/') == std::string::npos) {
        const std::filesystem::path own = own_lesson_program();
        const auto known = describe_lessons(own);
        if (!has(known, word))
            throw_unknown(word, known);
        return {own, word};
    }
    std::filesystem::path program = word;
    std::string id;
    const auto colon = word.rfind(':');
    if (!std::filesystem::exists(program) && colon != std::string::npos) {
        program = word.substr(0, colon);
        id = word.substr(colon + 1);
    }
    if (!is_program(program))
        throw BadValue({.object = program.string(),
            .problem = std::filesystem::exists(program) ? "is not a program" : "does not exist",
            .advice
            = "give the path of a lesson program, with :ID behind it where it has several"});
    const auto known = describe_lessons(program);
    if (id.empty() && !known.empty() && (known.size() == 1 || which == OfSeveral::first))
        id = known.front().id;
    if (id.empty())
        throw BadValue({.object = program.string(),
            .problem = "has several lessons",
            .limit = list_of(known),
            .advice = "put :ID behind the path"});
    if (!has(known, id))
        throw_unknown(id, known);
    return {program, id};
}

} // namespace manyhands
