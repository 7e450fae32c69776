// SPDX-License-Identifier: MIT
// A process of the lesson's own: made, started, joined, as Python's multiprocessing.Process.
#pragma once

#include "engine/ipc/arena.hpp"
#include "engine/ipc/codec.hpp"
#include "engine/process/task_address.hpp"
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
    std::string name; ///< "Process-1", "Process-2" … where empty
    Role role = Role::worker;
};

/// One process, from its making to its end. Move-only; belongs to the lesson's main process.
///
/// The function and its arguments cross by value. Destroying a running one ends it, and prints a
/// line that says so. An exception in the function is written down with its type and text, and the
/// process ends with exit code 1, as in Python.
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
        (codec::encode(arguments_, arguments), ...);
    }
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    ~Process();

    /// Starts it by spawn: a new process that executes this very program. Throws MachineLacks where
    /// it cannot be started.
    void start(const std::source_location& where = std::source_location::current());

    /// Waits until it has ended, at most `timeout`. Returns whether it has.
    bool join(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    bool is_alive();
    /// As in Python: the exit code, the negative number of the signal that killed it, or nothing
    /// while it lives or was not started.
    std::optional<int> exit_code();
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
    static void call(std::uint64_t function, std::span<const std::byte> arguments)
    {
        // Braces: the arguments are decoded in their order.
        std::tuple<Arguments...> decoded{codec::decode<Arguments>(arguments)...};
        std::apply(function_at<Function>(function), std::move(decoded));
    }

    void signal(int number);

    ProcessOptions options_;
    std::uint64_t thunk_ = 0;
    std::uint64_t function_ = 0;
    std::vector<std::byte> arguments_;
    int pid_ = 0;
    std::uint32_t slot_ = 0;
    std::uint32_t generation_ = 0;
};

} // namespace manyhands
