// SPDX-License-Identifier: MIT
// A thread of the lesson's main process that has a lane of its own: for lessons in which threads
// are the subject.
#pragma once

#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace manyhands {

/// How a thread is to be made.
struct ThreadOptions
{
    std::string name = {}; ///< "Thread-1", "Thread-2" … where empty
};

/// One thread, from its making to its end. Move-only; belongs to the main thread of the lesson's
/// main process, which alone may start others.
///
/// It has what a process has: a slot, a name, a text area, a trace. Locks, queues and values know
/// it as one of their users, and StateSpan and print() act on its lane. It shares its process's
/// memory: what is handed over by std::ref is used by both at once. A queue, a lock or a value is
/// handed over as a copy, which is a view: one such object belongs to one thread. While threads
/// live, no process can be forked (only spawned, or forked by the fork server). An exception in the
/// function is written down with its type and text and ends the thread, not the process. Like
/// Python's it cannot be ended from outside: destroying a running one waits for it.
class Thread
{
public:
    /// Makes a thread that will call `target(arguments...)`; nothing is started yet.
    template <class Target, class... Arguments>
    explicit Thread(ThreadOptions options, Target target, Arguments... arguments)
        : Thread(std::move(options), Function([target = std::move(target), arguments...]() mutable {
            std::invoke(target, arguments...);
        }))
    {
    }
    Thread(Thread&&) noexcept;
    Thread& operator=(Thread&& other) noexcept;
    ~Thread();

    /// Starts it. Throws MachineLacks where it cannot be started, Error anywhere but on the main
    /// thread of the lesson's main process.
    void start(const std::source_location& where = std::source_location::current());

    /// Waits until it has ended, at most `timeout`. Returns whether it has: false for one that was
    /// never started. Throws StopRequested when the run is asked to end.
    bool join(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    bool is_alive();
    /// "TYPE: TEXT" of the exception that ended it; nothing where none did, or it lives.
    std::optional<std::string> exception();

    std::uint32_t slot() const noexcept;
    std::uint32_t generation() const noexcept;
    const std::string& name() const noexcept;

private:
    using Function = std::function<void()>;
    struct State;

    Thread(ThreadOptions options, Function function);
    static void run(State& state) noexcept;
    bool wait_for_end(std::chrono::nanoseconds timeout, bool throws);
    void wait_and_forget() noexcept;

    std::unique_ptr<State> state_; ///< null in what was moved from
};

} // namespace manyhands
