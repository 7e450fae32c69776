// SPDX-License-Identifier: MIT
// A process of the lesson's own: made, started, joined, as Python's multiprocessing.Process.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/ipc/hand_over.hpp"
#include "engine/ipc/pipe_end.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/task_address.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/vocabulary.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace manyhands {

/// How a process is to be made.
struct ProcessOptions
{
    std::string name = {}; ///< "Process-1", "Process-2" … where empty
    Role role = Role::worker;
    std::optional<StartMethod> start_method = {}; ///< start_method() where it is nothing
    /// The run ends it and does not wait for it, as Python does. (A daemon may have no children;
    /// here that holds for whatever is not the lesson's main process.)
    bool daemon = false;
};

/// How processes are started that do not say it themselves: spawn, unless set otherwise.
StartMethod start_method() noexcept;
/// Sets that. Throws BadValue for what is none of the three.
void set_start_method(StartMethod method);

/// One process, from its making to its end. Move-only; belongs to the lesson's main process.
///
/// The function and its arguments cross by value, however it is started, so that a program means
/// the same by spawn and by fork. (In Python a forked process gets its parent's very objects.) An
/// end of a pipe is handed over: moved in here, and closed here as soon as the process has it. Of
/// the ends that its parent has besides, the process has none.
/// Destroying a running one kills it, and prints a line that says so, but for a daemon. When the
/// lesson's function has returned, the run waits for those that live on, in objects of static
/// storage, and then terminates (SIGTERM) the daemons among them, as Python does. An exception in
/// the function is written down with its type and text, and the process ends with exit code 1, as
/// in Python. Only the lesson's main process starts others; Python permits that to any.
class Process
{
public:
    /// Makes a process that will call `target(arguments...)`; nothing is started yet.
    template <class Target, class... Arguments>
    explicit Process(ProcessOptions options, Target target, Arguments... arguments)
        : Process(std::move(options))
    {
        const auto function = as_function(target);
        thunk_ = function_offset(&call<decltype(function), Arguments...>);
        function_ = function_offset(function);
        (hand_over(arguments_, ends_, arguments), ...);
    }
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    /// Starts it: by spawn as a new process that executes this very program, by fork as a copy of
    /// this one, by forkserver as a copy of a small process that is started for that the first time
    /// and lives as long as the run. Throws MachineLacks where it cannot be started.
    void start(const std::source_location& where = std::source_location::current());

    /// Waits until it has ended, at most `timeout`. Returns whether it has: false for one that was
    /// never started (an error in Python). Throws StopRequested when the run is asked to end.
    bool join(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    bool is_alive();
    /// As in Python: the exit code, the negative number of the signal that killed it, or nothing
    /// while it lives or was not started.
    std::optional<int> exit_code();
    /// "TYPE: TEXT" of the exception that ended it; nothing where none did, or it lives.
    std::optional<std::string> exception();
    void terminate(); ///< SIGTERM
    void kill(); ///< SIGKILL

    int pid() const noexcept { return pid_; } ///< 0 before the start
    std::uint32_t slot() const noexcept { return slot_; }
    std::uint32_t generation() const noexcept { return generation_; }
    const std::string& name() const noexcept { return options_.name; }

private:
    explicit Process(ProcessOptions options);

    // Runs in the new process: takes the arguments apart and calls the function.
    template <class Function, class... Arguments>
    static void call(std::uint64_t function, [[maybe_unused]] std::span<const std::byte> arguments)
    {
        // Braces: the arguments are decoded in their order.
        std::tuple<Arguments...> decoded{taken_over<Arguments>(arguments)...};
        std::apply(function_at<Function>(function), std::move(decoded));
    }

    void spawn(std::uint32_t slot, ArenaOffset block);
    void fork(std::uint32_t slot, ArenaOffset block);
    void fork_by_server(std::uint32_t slot, ArenaOffset block);
    void take_up_unwatched(int pid, std::uint32_t slot);
    void take_up(int pid, os::Descriptor process, std::uint32_t slot);
    bool wait_for_end(std::chrono::nanoseconds timeout, bool throws);

    ProcessOptions options_;
    std::uint64_t thunk_ = 0;
    std::uint64_t function_ = 0;
    std::vector<std::byte> arguments_;
    std::vector<PipeEnd> ends_; ///< of pipes among the arguments, until it has started
    int pid_ = 0;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
};

/// A process of the run, as its name plate says.
struct ProcessInfo
{
    std::string name;
    int pid = 0;
    Role role = Role::worker;
};

/// The children that live, in the order of their start; in the lesson's main process. (Python's
/// returns the Process objects themselves; here they are whoever made them's.)
std::vector<ProcessInfo> active_children();
/// This process.
ProcessInfo current_process();

} // namespace manyhands
