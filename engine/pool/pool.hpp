// SPDX-License-Identifier: MIT
// A pool of worker processes, as Python's multiprocessing.Pool.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/ipc/message_queue.hpp"
#include "engine/os/task_address.hpp"
#include "engine/pool/task_failure.hpp"
#include "engine/process/process.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/trace/this_process.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace manyhands {

/// An argument as a person reads it: numbers and texts as they are, other types by their own
/// `to_text()`, which argument-dependent lookup finds; empty where there is none.
template <class Argument>
std::string argument_text(const Argument& argument)
{
    if constexpr (std::is_arithmetic_v<Argument>)
        return std::to_string(argument);
    else if constexpr (std::convertible_to<const Argument&, std::string>)
        return argument;
    else if constexpr (requires {
                           {
                               to_text(argument)
                               } -> std::convertible_to<std::string>;
                       })
        return to_text(argument);
    else
        return {};
}

namespace detail {

/// What a worker does with one task after the other of a chunk.
class TaskRunner
{
public:
    TaskRunner(MessageQueue& results, std::atomic<std::uint64_t>& begun)
        : results_(results)
        , begun_(begun)
    {
    }

    /// Calls `task`, which encodes its result, and publishes that or the exception.
    template <class Task>
    void run(std::uint32_t number, std::uint64_t argument, Task&& task)
    {
        begin(number, argument);
        std::vector<std::byte> result;
        try {
            task(result);
        } catch (const std::exception& error) {
            failed(number, error);
            return;
        }
        done(number, result);
    }

private:
    void begin(std::uint32_t number, std::uint64_t argument);
    void done(std::uint32_t number, std::span<const std::byte> result);
    void failed(std::uint32_t number, const std::exception& error);
    void publish(std::uint32_t number, bool is_result, std::span<const std::byte> contents);

    MessageQueue& results_;
    std::atomic<std::uint64_t>& begun_;
};

template <class Argument>
std::uint64_t argument_number(const Argument& argument)
{
    if constexpr (std::is_integral_v<Argument>)
        return static_cast<std::uint64_t>(argument);
    else
        return 0;
}

/// Runs the tasks of a chunk in a worker.
template <class Function, class Argument, class Result>
void run_chunk(std::uint64_t function, std::uint32_t first, std::uint32_t count,
    std::span<const std::byte> bytes, TaskRunner& runner)
{
    const auto call = function_at<Function>(function);
    for (std::uint32_t i = 0; i < count; ++i) {
        const Argument argument = codec::decode<Argument>(bytes);
        runner.run(first + i, argument_number(argument),
            [&](std::vector<std::byte>& result) { codec::encode<Result>(result, call(argument)); });
    }
}

using ChunkThunk = void (*)(
    std::uint64_t, std::uint32_t, std::uint32_t, std::span<const std::byte>, TaskRunner&);

} // namespace detail

/// How a pool works.
struct PoolOptions
{
    std::string worker_name = "Worker"; ///< "Worker-1", "Worker-2" …
    std::uint32_t queue_capacity = 1024; ///< chunks on their way at once
};

/// Worker processes that take tasks from one queue and put results into another, both traced as
/// channels.
///
/// A worker that dies loses the task that it had begun and no other; it is replaced, and the loss
/// is reported. The pool never hangs for a death. Belongs to the lesson's main process.
class Pool
{
public:
    /// Starts `workers` processes. Throws BadValue for less than 1 and MachineLacks where they
    /// cannot be started.
    explicit Pool(int workers, PoolOptions options = {});
    /// Ends the workers as terminate() does.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    /// Calls `function` with each of `items` in the workers and returns the results in the order of
    /// the items. The schedule is dynamic: a worker that is free takes the next chunk of
    /// `chunk_size` items; 0 takes Python's default, ceil(items / (4 × workers)).
    ///
    /// All tasks are carried out. Then, where some failed, throws the failure of the lowest index:
    /// RemoteError for an exception, WorkerDied for a death. Throws StopRequested as soon as the
    /// observer asks the run to end.
    template <class Callable, class Argument>
    auto map(Callable callable, const std::vector<Argument>& items, std::size_t chunk_size = 0,
        const std::source_location& where = std::source_location::current());

    /// No more tasks will come: workers end when they have done what is there.
    void close();
    /// Waits until all workers have ended; after close() or terminate().
    void join();
    /// Ends the workers at once; tasks that they have begun are lost.
    void terminate();

    int workers() const noexcept { return static_cast<int>(workers_.size()); }

private:
    struct Chunk
    {
        std::uint32_t first;
        std::uint32_t count;
        std::uint32_t open; // tasks of it that have neither result nor failure
        std::optional<std::uint32_t> taker; // noted before its place in the queue is used again
    };

    /// A map() under way, without its types.
    struct Job
    {
        std::uint64_t thunk;
        std::uint64_t function;
        std::uint32_t first_task; // tasks are numbered through the pool's life
        std::uint32_t tasks;
        std::function<void(std::vector<std::byte>&, std::uint32_t first, std::uint32_t count)>
            encode;
        std::function<void(std::uint32_t index, std::span<const std::byte>)> take_result;
        std::function<std::string(std::uint32_t index)> describe;

        std::vector<bool> resolved = {};
        std::uint32_t open = 0;
        std::deque<Chunk> to_send = {};
        std::map<std::uint64_t, Chunk> sent = {}; // by position in the task queue
        std::map<std::uint32_t, TaskFailure> failures = {};
        std::source_location where = {};
    };

    void run(Job& job, std::size_t chunk_size);
    void send_chunks(Job& job);
    void take_result(Job& job, std::span<const std::byte> message);
    void resolve(Job& job, std::uint32_t index);
    void handle_deaths(Job& job);
    void handle_death(Job& job, const ChildEnd& end);
    void replace(const ChildEnd& end);
    Process make_worker();
    std::atomic<std::uint64_t>& begun(std::uint32_t slot) const;

    PoolOptions options_;
    MessageQueue tasks_;
    MessageQueue results_;
    ArenaOffset board_ = 0;
    std::vector<Process> workers_;
    std::deque<ChildEnd> deaths_;
    std::deque<std::chrono::steady_clock::time_point> replacements_;
    int listener_ = -1;
    std::uint32_t next_task_ = 0;
    std::uint64_t next_position_ = 0; ///< in the task queue, which only the pool fills
    int made_ = 0;
    bool ending_ = false;
};

template <class Callable, class Argument>
auto Pool::map(Callable callable, const std::vector<Argument>& items, std::size_t chunk_size,
    const std::source_location& where)
{
    const auto function = as_function(callable);
    using Function = std::remove_const_t<decltype(function)>;
    using Result = std::remove_cvref_t<std::invoke_result_t<Function, const Argument&>>;
    static_assert(!std::is_void_v<Result>,
        "map() collects what the function returns, and this one returns nothing. Return a value.");
    std::vector<std::optional<Result>> found(items.size());
    Job job = {.thunk = function_offset(&detail::run_chunk<Function, Argument, Result>),
        .function = function_offset(function),
        .first_task = next_task_,
        .tasks = static_cast<std::uint32_t>(items.size()),
        .encode =
            [&](std::vector<std::byte>& bytes, std::uint32_t first, std::uint32_t count) {
                for (std::uint32_t i = first; i < first + count; ++i)
                    codec::encode(bytes, items[i]);
            },
        .take_result
        = [&](std::uint32_t index,
              std::span<const std::byte> bytes) { found[index] = codec::decode<Result>(bytes); },
        .describe = [&](std::uint32_t index) { return argument_text(items[index]); },
        .where = where};
    run(job, chunk_size);
    std::vector<Result> results;
    results.reserve(items.size());
    for (std::optional<Result>& result : found)
        results.push_back(std::move(*result));
    return results;
}

} // namespace manyhands
