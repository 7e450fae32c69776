// SPDX-License-Identifier: MIT
#include "engine/process/process.hpp"

#include "engine/launch/launch.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/process/fork_server.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/trace/this_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

int made = 0;
StartMethod usual_method = StartMethod::spawn;

void check(StartMethod method)
{
    if (method != StartMethod::spawn && method != StartMethod::fork
        && method != StartMethod::forkserver)
        throw BadValue({.object = "start method",
            .problem = "is not allowed",
            .value = std::string(name_of(method)),
            .limit = "spawn, fork or forkserver"});
}

ArenaOffset write_start_block(std::uint64_t thunk, std::uint64_t function, std::uint32_t slot,
    std::uint32_t generation, const std::vector<std::byte>& arguments)
{
    Arena& arena = *this_process.arena;
    // The new process's: it is given back with the rest should that die before it has read it.
    const ArenaOffset block = arena.allocate(sizeof(StartBlock) + arguments.size(), slot);
    const StartBlock start = {thunk, function, generation, arguments.size()};
    std::memcpy(arena.at(block), &start, sizeof start);
    std::memcpy(arena.at(block) + sizeof start, arguments.data(), arguments.size());
    return block;
}

std::vector<int> descriptors_of(const std::vector<PipeEnd>& ends)
{
    std::vector<int> descriptors;
    for (const PipeEnd& end : ends)
        descriptors.push_back(end.descriptor());
    return descriptors;
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
    , ends_(std::move(other.ends_))
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
        std::swap(ends_, other.ends_);
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
    // Where the run is asked to end, that is why; and of a daemon nothing else is expected.
    if (!options_.daemon && !this_process.stop_requested())
        print(options_.name + " (pid " + std::to_string(pid_) + ") was still running and is ended");
    kill();
    wait_for_end(forever, false);
}

void Process::start(const std::source_location& where)
{
    if (pid_ != 0)
        throw Error({.object = "process " + options_.name,
            .problem = "has been started before",
            .advice = "make another one"});
    if (this_process.supervisor == nullptr)
        throw Error({.object = "process " + options_.name,
            .problem = "cannot be started by " + this_process.name,
            .advice = "start processes in the lesson's main process, on its main thread"});
    const StartMethod method = options_.start_method.value_or(start_method());
    check(method);
    Supervisor& supervisor = *this_process.supervisor;
    const Supervisor::Starting under_way(supervisor);
    const StateSpan starting(State::starting, event_without_subject, where);
    // Before the slot is taken: it takes one, too.
    if (method == StartMethod::forkserver)
        supervisor.fork_server().start();
    const std::uint32_t number = supervisor.take_slot();
    try {
        Slot& slot = this_process.segment.slot(number);
        const std::uint32_t generation = slot.generation.load(std::memory_order_relaxed) + 1;
        const ArenaOffset block
            = write_start_block(thunk_, function_, number, generation, arguments_);
        slot.role = options_.role;
        slot.start_method = method;
        slot.group.store(supervisor.group(), std::memory_order_relaxed);
        set_name(slot, options_.name);
        slot.start_ticks.store(this_process.recorder.ticks(), std::memory_order_relaxed);
        // The process may do something before we come back: from now on it counts as alive.
        slot.state.store(
            static_cast<std::uint32_t>(SlotState::starting), std::memory_order_release);
        if (method == StartMethod::fork)
            fork(number, block);
        else if (method == StartMethod::forkserver)
            fork_by_server(number, block);
        else
            spawn(number, block);
        ends_.clear();
    } catch (...) {
        // The start block, unless the process came to freeing it before it was given up.
        this_process.arena->reclaim(number);
        supervisor.give_back_slot(number);
        throw;
    }
}

void Process::spawn(std::uint32_t slot, ArenaOffset block)
{
    const Supervisor& supervisor = *this_process.supervisor;
    const WorkerArguments arguments = {.name = options_.name,
        .slot = slot,
        .start = block,
        .segment = this_process.segment.descriptor(),
        .arena = this_process.arena->descriptor(),
        .lifeline = supervisor.lifeline(),
        .ends = descriptors_of(ends_)};
    std::vector<int> inherited = {arguments.segment, arguments.arena, arguments.lifeline};
    inherited.insert(inherited.end(), arguments.ends.begin(), arguments.ends.end());
    Launched launched = launch({.program = "/proc/self/exe",
        .argv0 = supervisor.program_name(),
        .arguments = to_words(arguments),
        .inherit = std::move(inherited)});
    take_up(launched.pid, std::move(launched.process), slot);
}

void Process::fork(std::uint32_t slot, ArenaOffset block)
{
    Supervisor& supervisor = *this_process.supervisor;
    if (supervisor.threads() > 0)
        throw Error({.object = "process " + options_.name,
            .problem = "cannot be forked while threads live",
            .value = std::to_string(supervisor.threads()),
            .limit = "none: a copy of the process would have their locks, and not them",
            .advice = "join them first, or use spawn or forkserver"});
    const WorkerArguments arguments
        = {.name = options_.name, .slot = slot, .start = block, .ends = descriptors_of(ends_)};
    os::Descriptor lifeline = supervisor.take_lifeline();
    const int parent = ::getpid();
    // What lies in a buffer would be written by both.
    std::fflush(nullptr);
    const int pid = ::fork();
    if (pid == 0) {
        os::die_with_parent(parent);
        supervisor.let_go_in_child();
        lifeline.release(); // open for as long as it lives
        forked_worker_main(arguments);
    }
    if (pid < 0)
        throw MachineLacks({.object = "process " + options_.name,
            .problem = "could not be forked",
            .code = std::error_code(errno, std::generic_category())});
    os::tie_to_lifeline(lifeline.get(), pid);
    take_up_unwatched(pid, slot);
}

void Process::fork_by_server(std::uint32_t slot, ArenaOffset block)
{
    take_up_unwatched(this_process.supervisor->fork_server().fork(
                          options_.name, slot, block, descriptors_of(ends_)),
        slot);
}

void Process::take_up_unwatched(int pid, std::uint32_t slot)
{
    try {
        take_up(pid, os::open_process(pid), slot);
    } catch (...) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        throw;
    }
}

void Process::take_up(int pid, os::Descriptor process, std::uint32_t number)
{
    generation_ = publish_slot(number, pid);
    pid_ = pid;
    slot_ = number;
    this_process.supervisor->adopt(pid, std::move(process), number, options_.daemon);
    os::volunteer_for_out_of_memory(pid);
}

bool Process::join(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    if (pid_ == 0)
        return false;
    const StateSpan joining(State::joining, slot_, where);
    return wait_for_end(timeout, true);
}

bool Process::wait_for_end(std::chrono::nanoseconds timeout, bool throws)
{
    const Deadline deadline(timeout);
    while (true) {
        // The token first: a child that ends behind the look changes it.
        const std::uint32_t token = wake_token();
        if (!is_alive())
            return true;
        if (deadline.over())
            return false;
        if (throws && this_process.stop_requested())
            throw StopRequested();
        sleep_until_woken(token, deadline.left());
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
    Supervisor& supervisor = Supervisor::of_this_thread();
    supervisor.look();
    const auto end = supervisor.end_of(slot_, generation_);
    return end ? std::optional(end->exit) : std::nullopt;
}

std::optional<std::string> Process::exception()
{
    if (!exit_code())
        return std::nullopt;
    const std::string text = this_process.supervisor->end_of(slot_, generation_)->exception;
    return text.empty() ? std::nullopt : std::optional(exception_words(text));
}

void Process::terminate()
{
    if (pid_ != 0)
        Supervisor::of_this_thread().signal(slot_, generation_, SIGTERM);
}
void Process::kill()
{
    if (pid_ != 0)
        Supervisor::of_this_thread().signal(slot_, generation_, SIGKILL);
}

StartMethod start_method() noexcept
{
    return usual_method;
}

void set_start_method(StartMethod method)
{
    check(method);
    usual_method = method;
}

std::vector<ProcessInfo> active_children()
{
    std::vector<ProcessInfo> found;
    if (this_process.supervisor == nullptr)
        return found;
    this_process.supervisor->look();
    for (const auto& [number, generation] : this_process.supervisor->living()) {
        const Slot& slot = this_process.segment.slot(number);
        found.push_back({name_of(slot), slot.pid.load(std::memory_order_relaxed), slot.role});
    }
    return found;
}

ProcessInfo current_process()
{
    return {this_process.name, ::getpid(), this_process.role};
}

} // namespace manyhands
