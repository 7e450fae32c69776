// SPDX-License-Identifier: MIT
// The main of a lesson program.
#include "engine/program/lesson.hpp"

#include "engine/arena/arena.hpp"
#include "engine/description/built_with.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/machine.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/program/check.hpp"
#include "engine/program/command_line.hpp"
#include "engine/program/lesson_runner.hpp"
#include "engine/program/program_function.hpp"
#include "engine/program/run.hpp"
#include "engine/program/summary.hpp"
#include "engine/watch/watch_main.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <utility>

namespace manyhands {

// Null in a program that nothing was built into.
[[gnu::weak]] std::span<const EmbeddedFile> embedded_files();

namespace {

// The arena is sparse: what is not used costs nothing.
constexpr std::uint64_t arena_share = 4;
constexpr std::uint64_t least_arena_bytes = std::uint64_t{64} << 20;

bool print_all(const std::string& text)
{
    return os::write_all(STDOUT_FILENO, text);
}

std::string text_of(std::span<const EmbeddedFile> files, std::string_view path)
{
    const auto found = std::find_if(
        files.begin(), files.end(), [&](const EmbeddedFile& file) { return file.path == path; });
    return found == files.end() ? std::string() : std::string(found->text);
}

LessonDescription describe(const Lesson& lesson, std::span<const EmbeddedFile> files)
{
    LessonDescription description = lesson.describe();
    if (!lesson.text.empty())
        description.text = text_of(files, lesson.text);
    for (const std::string_view path : lesson.sources)
        description.sources.push_back({.path = std::string(path),
            .language = path.ends_with(".py") ? "python" : "cpp",
            .text = text_of(files, path)});
    return description;
}

const Lesson& find_lesson(std::span<const Lesson> lessons, const std::string& id)
{
    std::string known;
    for (const Lesson& lesson : lessons) {
        const std::string one = lesson.describe().id;
        if (one == id)
            return lesson;
        known += (known.empty() ? "" : ", ") + one;
    }
    throw BadValue({.object = "lesson",
        .problem = id.empty() ? "is missing" : "is not known",
        .value = id,
        .limit = known});
}

int answer_describe(const ProgramArguments& arguments, std::span<const Lesson> lessons,
    std::span<const EmbeddedFile> files)
{
    nlohmann::json answer;
    if (arguments.lesson.empty()) {
        std::vector<LessonSummary> summaries;
        for (const Lesson& lesson : lessons) {
            const LessonDescription description = lesson.describe();
            summaries.push_back({description.id, description.title});
        }
        answer["lessons"] = to_json(summaries);
    } else {
        answer = to_json(describe(find_lesson(lessons, arguments.lesson), files));
    }
    answer["built_with"]
        = to_json(BuiltWith{.engine = this_machine().version, .segment = segment_layout_version});
    // A source file may be in whatever encoding.
    const std::string text = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return print_all(text + "\n") ? exit_code::done : exit_code::failed;
}

int answer_check(
    const ProgramArguments& arguments, std::span<const Lesson> lessons, const char* program_name)
{
    const std::chrono::seconds limit(arguments.check_limit_s);
    ::signal(SIGPIPE, SIG_IGN);
    if (arguments.lesson.empty())
        return check_lessons(lessons, limit, program_name);
    return check_lessons({&find_lesson(lessons, arguments.lesson), 1}, limit, program_name);
}

// The slot of the main process, where nobody else has made the segment and filled it in.
void observe_ourselves(bool traced)
{
    this_process.segment = Segment({.traced = traced, .observed = false});
    Slot& slot = this_process.segment.slot(main_slot);
    slot.role = Role::main;
    slot.start_method = StartMethod::none;
    set_name(slot, "main");
    slot.pid.store(::getpid(), std::memory_order_relaxed);
    slot.start_ticks.store(
        os::read_ticks(this_process.segment.header().clock.source), std::memory_order_relaxed);
    slot.generation.store(1, std::memory_order_relaxed);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
    this_process.segment.header().slots_used.store(1, std::memory_order_release);
}

void take_up_main_process(const ProgramArguments& arguments)
{
    os::become_subreaper();
    os::forbid_core_files();
    ::signal(SIGPIPE, SIG_IGN);
    if (arguments.segment >= 0)
        this_process.segment = Segment(os::Descriptor(arguments.segment));
    else
        observe_ourselves(arguments.traced);
    if (arguments.lifeline >= 0)
        os::die_with_lifeline(arguments.lifeline);
    this_process.segment.header().build_id = os::build_id();
    this_process.recorder = Recorder(this_process.segment, main_slot);
    this_process.recorder.event(EventKind::process_ready, 0, event_without_subject, 0);
}

// The process that runs a lesson at this moment; a forked worker inherits the number.
int running_main = 0;

// What a lesson's main process started must not be left to itself when it calls std::exit.
void end_after_exit(int status, void* program_name)
{
    if (running_main != ::getpid())
        return;
    const std::string problem = "the program called exit(" + std::to_string(status)
        + ") in the midst of its run; return from its function instead";
    this_process.recorder.text(TextKind::exception, 0, "std::exit\n" + problem);
    std::fprintf(stderr, "%s: %s\n", static_cast<const char*>(program_name), problem.c_str());
    this_process.supervisor->end_all();
    os::end_all_descendants();
    std::fflush(nullptr);
    ::_exit(exit_code::failed);
}

int run_lesson(const Lesson& lesson, const ProgramArguments& arguments, const char* program_name)
{
    const LessonDescription description = lesson.describe();
    const ParameterValues parameters = description.parse(arguments.parameters);
    take_up_main_process(arguments);
    Arena arena(static_cast<std::size_t>(
        std::max(available_memory_bytes() / arena_share, least_arena_bytes)));
    this_process.arena = &arena;
    Supervisor supervisor(program_name);
    this_process.supervisor = &supervisor;
    int exit = exit_code::done;
    {
        LessonRunner runner(lesson, description, parameters, arguments);
        running_main = ::getpid();
        ::on_exit(end_after_exit, const_cast<char*>(program_name));
        exit = runner.run();
        running_main = 0;
        // What it wrote itself stands before the summary, and once.
        std::fflush(nullptr);
        const bool alone = arguments.segment < 0;
        if (alone && !runner.problem().empty())
            std::fprintf(stderr, "%s: %s\n", program_name, runner.problem().c_str());
        if (arguments.document_pipe >= 0)
            os::write_all(arguments.document_pipe, to_json(runner.document()).dump());
        else if (alone && !print_all(summary(description, parameters, runner)))
            exit = exit_code::failed;
    }
    supervisor.set_drain({});
    this_process.recorder.event(EventKind::process_exiting, 0, event_without_subject, 0);
    supervisor.end_all();
    os::end_all_descendants();
    this_process.supervisor = nullptr;
    this_process.arena = nullptr;
    return exit;
}

// Whoever has one lesson need not be told which.
void complete(ProgramArguments& arguments, std::span<const Lesson> lessons)
{
    if (lessons.size() != 1 || arguments.describe || arguments.check)
        return;
    const std::string id = lessons.front().describe().id;
    if (arguments.lesson == id)
        return;
    if (!arguments.lesson.empty())
        arguments.parameters.insert(arguments.parameters.begin(), arguments.lesson);
    arguments.lesson = id;
}

// Of a program with one lesson: what `--help` says of its parameters.
std::string help_on_parameters(std::span<const Lesson> lessons)
{
    if (lessons.size() != 1)
        return {};
    std::string text;
    for (const ParameterDescription& parameter : lessons.front().describe().parameters)
        text += "  " + parameter.name + "=" + to_text(parameter.default_value) + "  "
            + parameter.label + ": " + parameter.allowed() + "\n";
    return text.empty() ? text : "Parameters, with their defaults:\n" + text;
}

// In a worker process it does not return.
void become_worker_if_asked(int argc, char** argv)
{
    os::reopen_standard_descriptors();
    if (const auto worker
        = worker_arguments_from(std::span<char* const>(argv, static_cast<std::size_t>(argc))))
        worker_main(*worker);
}

int carry_out(
    int argc, char** argv, std::span<const Lesson> lessons, std::span<const EmbeddedFile> files)
{
    const char* const program_name = argc > 0 ? argv[0] : "manyhands-lesson";
    try {
        const auto watched
            = watch_arguments_from(std::span<char* const>(argv, static_cast<std::size_t>(argc)));
        if (watched)
            return watch_main(*watched);
        ParsedArguments parsed = parse_arguments(argc, argv);
        if (parsed.answer)
            return print_all(*parsed.answer
                       + (parsed.is_help ? help_on_parameters(lessons) : std::string()))
                ? exit_code::done
                : exit_code::failed;
        if (parsed.arguments.describe)
            return answer_describe(parsed.arguments, lessons, files);
        if (parsed.arguments.check)
            return answer_check(parsed.arguments, lessons, program_name);
        complete(parsed.arguments, lessons);
        return run_lesson(
            find_lesson(lessons, parsed.arguments.lesson), parsed.arguments, program_name);
    } catch (const BadValue& error) {
        std::fprintf(stderr, "%s: %s\n", program_name, error.what());
        return exit_code::usage;
    } catch (const MachineLacks& error) {
        std::fprintf(stderr, "%s: %s\n", program_name, error.what());
        return exit_code::machine_lacks;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s: %s\n", program_name, error.what());
        return exit_code::failed;
    }
}

std::span<const EmbeddedFile> files_of_this_program()
{
    return embedded_files == nullptr ? std::span<const EmbeddedFile>() : embedded_files();
}

} // namespace

int run(int argc, char** argv, std::span<const Lesson> lessons)
{
    return run(argc, argv, lessons, files_of_this_program());
}

int run(int argc, char** argv, std::span<const Lesson> lessons, std::span<const EmbeddedFile> files)
{
    become_worker_if_asked(argc, argv);
    return carry_out(argc, argv, lessons, files);
}

int detail::run_program(int argc, char** argv, std::function<void(const Given&)> function,
    ProgramOptions options, const std::source_location& where)
{
    this_process.functions_compute = true;
    become_worker_if_asked(argc, argv);
    const ProgramOfOneFunction program(
        std::move(function), std::move(options), files_of_this_program(), where);
    return carry_out(argc, argv, {&program.lesson(), 1}, program.files());
}

} // namespace manyhands
