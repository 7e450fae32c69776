// SPDX-License-Identifier: MIT
// The main of a lesson program.
#include "engine/program/lesson.hpp"

#include "engine/arena/arena.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/machine.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/program/check.hpp"
#include "engine/program/command_line.hpp"
#include "engine/program/lesson_runner.hpp"
#include "engine/program/summary.hpp"
#include "engine/watch/watch_main.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <unistd.h>

namespace manyhands {
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
        answer = to_json(summaries);
    } else {
        answer = to_json(describe(find_lesson(lessons, arguments.lesson), files));
    }
    return print_all(answer.dump() + "\n") ? exit_code::done : exit_code::failed;
}

int answer_check(const ProgramArguments& arguments, std::span<const Lesson> lessons,
    const char* program_name)
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
        exit = runner.run();
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

} // namespace

int run(int argc, char** argv, std::span<const Lesson> lessons, std::span<const EmbeddedFile> files)
{
    os::reopen_standard_descriptors();
    if (const auto worker
        = worker_arguments_from(std::span<char* const>(argv, static_cast<std::size_t>(argc))))
        worker_main(*worker);
    const char* const program_name = argc > 0 ? argv[0] : "manyhands-lesson";
    try {
        const auto watched
            = watch_arguments_from(std::span<char* const>(argv, static_cast<std::size_t>(argc)));
        if (watched)
            return watch_main(*watched);
        const ParsedArguments parsed = parse_arguments(argc, argv);
        if (parsed.answer)
            return print_all(*parsed.answer) ? exit_code::done : exit_code::failed;
        if (parsed.arguments.describe)
            return answer_describe(parsed.arguments, lessons, files);
        if (parsed.arguments.check)
            return answer_check(parsed.arguments, lessons, program_name);
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

} // namespace manyhands
