// SPDX-License-Identifier: MIT
#include "engine/process/process.hpp"

#include "engine/launch/launch.hpp"
#include "engine/os/error.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/trace/this_process.hpp"

#include <csignal>
#include <cstring>
#include <utility>

namespace manyhands {
namespace {

int made = 0;

ArenaOffset write_start_block(
    std::uint64_t thunk, std::uint64_t function, const std::vector<std::byte>& arguments)
{
    Arena& arena = *this_process.arena;
    const ArenaOffset block
        = arena.allocate(sizeof(StartBlock) + arguments.size(), Arena::shared_owner);
    const StartBlock start = {thunk, function, arguments.size()};
    std::memcpy(arena.at(block), &start, sizeof start);
    std::memcpy(arena.at(block) + sizeof start, arguments.data(), arguments.size());
    return block;
}

} // namespace

Process::Process(ProcessOptions options)
    : options_(std::move(options))
{
    ++made;
    if (options_.name.empty())
        options_.name = "Process-" + std::to_string(made);
}

Process::Process(Process&& other) noexcept
    : options_(std::move(other.options_))
    , thunk_(other.thunk_)
    , function_(other.function_)
    , arguments_(std::move(other.arguments_))
    , pid_(std::exchange(other.pid_, 0))
    , slot_(other.slot_)
    , generation_(other.generation_)
{
}

Process& Process::operator=(Process&& other) noexcept
{
    if (this != &other) {
        std::swap(options_, other.options_);
        std::swap(thunk_, other.thunk_);
        std::swap(function_, other.function_);
        std::swap(arguments_, other.arguments_);
        std::swap(pid_, other.pid_);
        std::swap(slot_, other.slot_);
        std::swap(generation_, other.generation_);
    }
    return *this;
}

Process::~Process()
{
    if (pid_ == 0 || !is_alive())
        return;
    print(options_.name + " (pid " + std::to_string(pid_) + ") was still running and is ended");
    kill();
    join();
}

void Process::start(const std::source_location& where)
{
    if (pid_ != 0)
        throw Error({.object = "process " + options_.name,
            .problem = "has been started before",
            .advice = "make another one"});
    Supervisor& supervisor = *this_process.supervisor;
    const StateSpan starting(State::starting, event_without_subject, where);
    const std::uint32_t slot_number = supervisor.take_slot();
    const ArenaOffset block = write_start_block(thunk_, function_, arguments_);
    Slot& slot = this_process.segment.slot(slot_number);
    slot.role = options_.role;
    slot.start_method = StartMethod::spawn;
    slot.group.store(supervisor.group(), std::memory_order_relaxed);
    set_name(slot, options_.name);
    const std::uint32_t generation = slot.generation.load(std::memory_order_relaxed) + 1;
    slot.start_ticks.store(this_process.recorder.ticks(), std::memory_order_relaxed);
    Launched launched;
    try {
        const WorkerArguments arguments = {.name = options_.name,
            .slot = slot_number,
            .start = block,
            .segment = this_process.segment.descriptor(),
            .arena = this_process.arena->descriptor(),
            .lifeline = supervisor.lifeline()};
        launched = launch({.program = "/proc/self/exe",
            .argv0 = supervisor.program_name(),
            .arguments = to_words(arguments),
            .inherit = {arguments.segment, arguments.arena, arguments.lifeline}});
    } catch (...) {
        this_process.arena->free(block);
        supervisor.give_back_slot(slot_number);
        throw;
    }
    slot.pid.store(launched.pid, std::memory_order_relaxed);
    // Release: pairs with the reader, which looks at the generation first.
    slot.generation.store(generation, std::memory_order_release);
    std::atomic<std::uint32_t>& used = this_process.segment.header().slots_used;
    if (used.load(std::memory_order_relaxed) <= slot_number)
        used.store(slot_number + 1, std::memory_order_release);
    // Release: a reader that sees the state sees all of the slot.
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
    pid_ = launched.pid;
    slot_ = slot_number;
    generation_ = generation;
    supervisor.adopt(launched.pid, std::move(launched.process), slot_number);
}

bool Process::join(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    if (pid_ == 0)
        return false;
    const StateSpan joining(State::joining, slot_, where);
    const Deadline deadline(timeout);
    while (true) {
        // The token first: a child that ends behind the look changes it.
        const std::uint32_t token = wake_token();
        if (!is_alive())
            return true;
        if (deadline.over())
            return false;
        sleep_until_woken(token, deadline.left());
        this_process.supervisor->drain();
    }
}

bool Process::is_alive()
{
    return pid_ != 0 && !exit_code();
}

std::optional<int> Process::exit_code()
{
    if (pid_ == 0)
        return std::nullopt;
    this_process.supervisor->look();
    const auto end = this_process.supervisor->end_of(slot_, generation_);
    return end ? std::optional(end->exit) : std::nullopt;
}

void Process::signal(int number)
{
    // Not reaped yet, so the pid is still this process's.
    if (is_alive())
        ::kill(pid_, number);
}

void Process::terminate()
{
    signal(SIGTERM);
}
void Process::kill()
{
    signal(SIGKILL);
}

} // namespace manyhands
