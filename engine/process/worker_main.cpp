// SPDX-License-Identifier: MIT
#include "engine/process/start_block.hpp"

#include "engine/ipc/pipe_end.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/os/task_address.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/this_process.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <exception>
#include <string_view>
#include <typeinfo>
#include <unistd.h>

namespace manyhands {
namespace {

constexpr std::string_view worker_word = "--worker=";
constexpr std::string_view slot_word = "--slot=";
constexpr std::string_view start_word = "--start=";
constexpr std::string_view inherit_word = "--inherit=";
constexpr std::string_view end_word = "end:";

int lifeline_of_this_process = -1;

template <class Number>
bool read_number(std::string_view& text, Number& number)
{
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc())
        return false;
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
    return true;
}

bool read_number_after(std::string_view word, std::string_view prefix, auto& number)
{
    if (!word.starts_with(prefix))
        return false;
    word.remove_prefix(prefix.size());
    return read_number(word, number) && word.empty();
}

// "segment:5,arena:6,lifeline:7", and ",end:8" for each end of a pipe
bool read_descriptors(std::string_view word, WorkerArguments& arguments)
{
    if (!word.starts_with(inherit_word))
        return false;
    word.remove_prefix(inherit_word.size());
    for (const auto& [name, fd] :
        {std::pair<std::string_view, int*>{"segment:", &arguments.segment},
            {"arena:", &arguments.arena}, {"lifeline:", &arguments.lifeline}}) {
        if (!word.starts_with(name))
            return false;
        word.remove_prefix(name.size());
        if (!read_number(word, *fd))
            return false;
        if (word.starts_with(','))
            word.remove_prefix(1);
    }
    while (word.starts_with(end_word)) {
        word.remove_prefix(end_word.size());
        if (!read_number(word, arguments.ends.emplace_back()))
            return false;
        if (word.starts_with(','))
            word.remove_prefix(1);
    }
    return word.empty();
}

void map_memory(const WorkerArguments& arguments)
{
    this_process.segment = Segment(os::Descriptor(arguments.segment));
    static Arena arena{os::Descriptor(arguments.arena)};
    this_process.arena = &arena;
    if (this_process.segment.header().build_id != os::build_id())
        throw Error({.object = arguments.name,
            .problem = "is of another build than the process that started it",
            .advice = "do not replace the program while it runs"});
}

void take_part(const WorkerArguments& arguments)
{
    if (arguments.slot == main_slot || arguments.slot >= slot_limit)
        throw Error({.object = "slot", .problem = "is not a worker's"});
    this_process.slot_number = arguments.slot;
    this_process.name = arguments.name;
    this_process.role = this_process.slot().role;
    this_process.recorder = Recorder(this_process.segment, arguments.slot);
}

void call_function(ArenaOffset block)
{
    Arena& arena = *this_process.arena;
    if (!arena.holds(block, sizeof(StartBlock)))
        throw Error({.object = "start block", .problem = "lies outside the arena"});
    StartBlock start;
    std::memcpy(&start, arena.at(block), sizeof start);
    if (!arena.holds(block, sizeof start + start.argument_bytes))
        throw Error({.object = "start block", .problem = "lies outside the arena"});
    const std::byte* const first = arena.at(block) + sizeof start;
    const std::vector<std::byte> argument_bytes(first, first + start.argument_bytes);
    arena.free(block);
    this_process.generation = static_cast<std::uint32_t>(start.generation);
    const FunctionSpan computing;
    function_at<void (*)(std::uint64_t, std::span<const std::byte>)>(start.thunk)(
        start.function, argument_bytes);
}

int run_worker(const WorkerArguments& arguments)
{
    return run_lane(arguments.name, [&] {
        take_over_ends(arguments.ends);
        if (arguments.segment >= 0)
            map_memory(arguments);
        take_part(arguments);
        this_process.recorder.event(EventKind::process_ready, 0, event_without_subject, 0);
        call_function(arguments.start);
    });
}

} // namespace

std::vector<std::string> to_words(const WorkerArguments& arguments)
{
    std::string inherited = "segment:" + std::to_string(arguments.segment) + ",arena:"
        + std::to_string(arguments.arena) + ",lifeline:" + std::to_string(arguments.lifeline);
    for (const int end : arguments.ends)
        inherited += "," + std::string(end_word) + std::to_string(end);
    return {std::string(worker_word) + arguments.name,
        std::string(slot_word) + std::to_string(arguments.slot),
        std::string(start_word) + std::to_string(arguments.start),
        std::string(inherit_word) + inherited};
}

std::optional<WorkerArguments> worker_arguments_from(std::span<char* const> words)
{
    if (words.size() != 5 || !std::string_view(words[1]).starts_with(worker_word))
        return std::nullopt;
    WorkerArguments arguments;
    arguments.name = std::string_view(words[1]).substr(worker_word.size());
    if (!read_number_after(words[2], slot_word, arguments.slot)
        || !read_number_after(words[3], start_word, arguments.start)
        || !read_descriptors(words[4], arguments))
        return std::nullopt;
    return arguments;
}

void worker_main(const WorkerArguments& arguments)
{
    lifeline_of_this_process = arguments.lifeline;
    // The launcher has set the death signal; the lifeline is the second guard.
    os::die_with_lifeline(arguments.lifeline);
    os::name_this_process(arguments.name);
    std::exit(run_worker(arguments));
}

void forked_worker_main(const WorkerArguments& arguments)
{
    os::name_this_process(arguments.name);
    const int exit = run_worker(arguments);
    std::fflush(nullptr);
    ::_exit(exit);
}

int run_lane(const std::string& name, const std::function<void()>& function) noexcept
{
    int exit = 1;
    try {
        function();
        exit = 0;
    } catch (const StopRequested&) {
        exit = 0; // as it was asked to
    } catch (const std::exception& error) {
        const std::string text = type_name(error) + "\n" + error.what();
        if (!this_process.recorder.text(TextKind::exception, 0, text))
            std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
    } catch (...) {
        this_process.recorder.text(TextKind::exception, 0, "unknown type\n");
    }
    if (this_process.before_sleeping != nullptr)
        this_process.before_sleeping();
    this_process.recorder.event(EventKind::process_exiting, 0, event_without_subject, 0);
    return exit;
}

int inherited_lifeline() noexcept
{
    return lifeline_of_this_process;
}

std::string type_name(const std::exception& error)
{
    const char* const mangled = typeid(error).name();
    int status = 0;
    char* const readable = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
    std::string name = status == 0 ? readable : mangled;
    std::free(readable);
    return name;
}

} // namespace manyhands
