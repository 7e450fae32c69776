// SPDX-License-Identifier: MIT
// What a worker of a pool does: takes chunk after chunk, calls the function, and leaves each result
// where the pool finds it.
#pragma once

#include "engine/ipc/channel_trace.hpp"
#include "engine/os/task_address.hpp"
#include "engine/pool/job_block.hpp"
#include "engine/pool/task_codec.hpp"
#include "engine/process/start_block.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/this_process.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace manyhands::detail {

/// Takes a worker's tasks from their begin to their end.
///
/// Slot::task says which one it is at, from before its begin until its mark tells its end: what a
/// death loses is never in doubt.
class TaskRunner
{
public:
    explicit TaskRunner(const PoolAddress& address);

    void begin(const JobBlock& job, std::uint32_t task, std::uint64_t argument) noexcept
    {
        const std::uint64_t number = job.first_task + task;
        Recorder& recorder = this_process.recorder;
        if (recorder.traced()) {
            const std::uint64_t now = recorder.ticks();
            slot_.task_ticks.store(now, std::memory_order_relaxed);
            recorder.begin_task(now, static_cast<std::uint32_t>(number), argument);
        }
        // Release: who sees the task sees since when.
        slot_.task.store(number + 1, std::memory_order_release);
    }

    /// The task is done, and its result of `bytes` bytes is in its cell, or in `block`.
    void done(const JobBlock& job, std::uint32_t task, std::uint64_t bytes, ArenaOffset block = 0)
    {
        Recorder& recorder = this_process.recorder;
        // Told before it is published: who sees the result finds the task in the trace.
        if (recorder.traced()) {
            const std::uint64_t now = recorder.ticks();
            recorder.end_task(now);
            results_.sent(job.first_task + task, bytes, no_depth, 0, now);
        }
        slot_.tasks_done.store(
            slot_.tasks_done.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        publish(job, task, TaskEnd::done, block);
    }

    /// The task threw. Where there is no room for the text, it is published without.
    void failed(
        const JobBlock& job, std::uint32_t task, const std::string& type, const std::string& text);

    /// Puts an encoded result into a block of its own; returns that.
    static ArenaOffset block_of(std::span<const std::byte> encoded);

    /// The chunk is over.
    void rest() noexcept { slot_.task.store(0, std::memory_order_release); }

    /// What results are encoded into; its memory is kept from one to the next.
    std::vector<std::byte>& buffer() noexcept
    {
        buffer_.clear();
        return buffer_;
    }

private:
    // Results are not taken in order: how many there are is not worth counting.
    static constexpr auto no_depth = [] { return std::uint64_t{0}; };

    void publish(const JobBlock& job, std::uint32_t task, TaskEnd end, ArenaOffset block) noexcept
    {
        if (block != 0)
            hand_over(job, task, block);
        // Release: who sees the mark sees the result.
        job.mark(task).store(mark_of(end, owner_), std::memory_order_release);
        if (block != 0)
            hand_.hands_over.store(0, std::memory_order_relaxed);
    }
    void hand_over(const JobBlock& job, std::uint32_t task, ArenaOffset block) noexcept;

    Slot& slot_;
    Board::Hand& hand_;
    ChannelTrace results_;
    std::uint32_t owner_; ///< as marks name it
    std::vector<std::byte> buffer_;
};

/// Runs the tasks of a chunk.
using ChunkThunk = void (*)(const JobBlock&, TaskRange, TaskRunner&);

template <class Function, class Arguments, class Result>
void run_task(
    const JobBlock& job, std::uint32_t task, Function function, auto& arguments, TaskRunner& runner)
{
    using Codec = ArgumentCodec<Arguments>;
    if constexpr (std::is_void_v<Result>) {
        Codec::call(function, arguments);
        runner.done(job, task, 0);
    } else if constexpr (in_cell<Kept<Result>>) {
        const Kept<Result> result = Codec::call(function, arguments);
        std::memcpy(job.cell(task), &result, sizeof result);
        runner.done(job, task, sizeof result);
    } else {
        const Kept<Result> result = Codec::call(function, arguments);
        ArenaOffset block = 0;
        std::size_t bytes = 0;
        {
            const StateSpan serialising(
                State::serialising, static_cast<std::uint32_t>(job.first_task + task));
            std::vector<std::byte>& encoded = runner.buffer();
            codec::encode(encoded, result);
            bytes = encoded.size();
            block = TaskRunner::block_of(encoded);
        }
        runner.done(job, task, bytes, block);
    }
}

template <class Function, class Arguments, class Result>
void run_chunk(const JobBlock& job, TaskRange chunk, TaskRunner& runner)
{
    using Codec = ArgumentCodec<Arguments>;
    const auto function = function_at<Function>(job.function);
    for (std::uint32_t task = chunk.first; task < chunk.first + chunk.count; ++task) {
        if (job.cancelled.load(std::memory_order_relaxed) != 0) [[unlikely]]
            break;
        try {
            if constexpr (Codec::bytes > 0) {
                auto arguments = Codec::decode(job.argument(task));
                runner.begin(job, task, Codec::number(arguments));
                run_task<Function, Arguments, Result>(job, task, function, arguments, runner);
            } else {
                // Taking it apart is part of the task: it may throw what the type's own code does.
                runner.begin(job, task, 0);
                auto arguments = [&] {
                    const StateSpan serialising(
                        State::serialising, static_cast<std::uint32_t>(job.first_task + task));
                    return Codec::decode(job.argument(task));
                }();
                run_task<Function, Arguments, Result>(job, task, function, arguments, runner);
            }
        } catch (const StopRequested&) {
            throw; // the run is to end, and this process with it
        } catch (const std::exception& error) {
            runner.failed(job, task, type_name(error), error.what());
        } catch (...) {
            runner.failed(job, task, "unknown type", "");
        }
    }
    runner.rest();
}

/// A worker from its start to its end.
void work(PoolAddress address);

} // namespace manyhands::detail
