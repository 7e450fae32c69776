// SPDX-License-Identifier: MIT
// What a pool and its workers share: the jobs under way, and the marks that say of each task who
// has it and how it ended.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/segment.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

namespace manyhands::detail {

/// The mark of a task: how it ended above 16 bits, below them who has taken it, its slot plus 1.
/// Whose chunk it is stands in the mark of the chunk's first task alone until that task ends; it is
/// taken by one compare-and-swap from 0.
enum class TaskEnd : std::uint32_t { open, done, failed, lost };

constexpr std::uint32_t mark_of(TaskEnd end, std::uint32_t owner) noexcept
{
    return static_cast<std::uint32_t>(end) << 16 | owner;
}
constexpr TaskEnd end_in(std::uint32_t mark) noexcept
{
    return static_cast<TaskEnd>(mark >> 16);
}
constexpr std::uint32_t owner_in(std::uint32_t mark) noexcept
{
    return mark & 0xffff;
}
/// The owner of what a dead process had: no slot's, so that its slot's next process is not taken
/// for it.
inline constexpr std::uint32_t nobody = 0xffff;

using Mark = std::atomic<std::uint32_t>;
static_assert(sizeof(Mark) == 4 && Mark::is_always_lock_free);

/// Where the mark and the result of task `index` of `tasks` stand. Neighbours in number are taken
/// by different workers at the same moment: they are kept on different cache lines, by turning
/// each square of 16 times 16 places round.
constexpr std::size_t spread(std::size_t index, std::size_t tasks) noexcept
{
    constexpr std::size_t side = 16; // marks in a cache line
    const std::size_t square = index / (side * side) * (side * side);
    if (square + side * side > tasks)
        return index;
    const std::size_t within = index - square;
    return square + within % side * side + within / side;
}

/// The tasks of a chunk.
struct TaskRange
{
    std::uint32_t first;
    std::uint32_t count;
};

/// Chunks of tasks to be taken. A job begins with one such block, which has its arrays behind it;
/// what the dead leave behind goes into further ones over the same arrays.
struct JobBlock
{
    /// The next chunk that nobody has been given. Its changes by the workers and by the pool are
    /// what orders the marks before against the looks behind (Pool::wait_for).
    alignas(64) std::atomic<std::uint64_t> next;

    alignas(64) std::uint64_t thunk; ///< offset of a ChunkThunk
    std::uint64_t function; ///< offset of the function itself
    std::uint64_t first_task; ///< the pool's number of task 0
    std::uint64_t first_message; ///< the number in the channel "tasks" of chunk 0
    ArenaOffset marks;
    ArenaOffset results; ///< a cell for each task, spread() like its mark
    ArenaOffset arguments;
    ArenaOffset ends; ///< where each argument ends in `arguments`; 0 where all are of one size
    ArenaOffset ranges; ///< TaskRange of each chunk; 0 where all are chunk_size long
    std::uint32_t tasks;
    std::uint32_t chunks;
    std::uint32_t chunk_size;
    std::uint32_t argument_bytes; ///< of each, where they are of one size
    std::uint32_t cell_bytes;
    /// 0: the next free chunk is anybody's. n: worker i has the chunks i, i + n, i + 2n …
    std::uint32_t stride;
    bool each_wakes; ///< the pool wants to know of every chunk, not of the last ones alone
    std::atomic<std::uint32_t> wanted; ///< the pool sleeps for this one. By the pool.
    std::atomic<std::uint32_t> cancelled; ///< no further task is to begin. By the pool.

    std::byte* at(ArenaOffset offset) const noexcept { return this_process.arena->at(offset); }
    Mark& mark(std::uint32_t task) const noexcept
    {
        return reinterpret_cast<Mark*>(at(marks))[spread(task, tasks)];
    }
    std::byte* cell(std::uint32_t task) const noexcept
    {
        return at(results) + spread(task, tasks) * cell_bytes;
    }
    TaskRange range(std::uint64_t chunk) const noexcept
    {
        if (ranges != 0)
            return reinterpret_cast<const TaskRange*>(at(ranges))[chunk];
        const auto first = static_cast<std::uint32_t>(chunk * chunk_size);
        return {first, std::min(chunk_size, tasks - first)};
    }
    /// The bytes of an argument.
    std::span<const std::byte> argument(std::uint32_t task) const noexcept
    {
        if (ends == 0)
            return {at(arguments) + std::size_t{task} * argument_bytes, argument_bytes};
        const auto* const end = reinterpret_cast<const std::uint64_t*>(at(ends));
        const std::uint64_t begin = task == 0 ? 0 : end[task - 1];
        return {at(arguments) + begin, end[task] - begin};
    }
};

inline JobBlock& job_at(ArenaOffset offset) noexcept
{
    return *std::launder(reinterpret_cast<JobBlock*>(this_process.arena->at(offset)));
}

/// Jobs that can be under way at once; more wait in the pool's process.
inline constexpr std::uint32_t most_jobs = 1024;

/// How far a worker is, where its end means something else than the end of one that works.
enum class WorkerStage : std::uint32_t {
    working,
    initialising,
    spent, ///< it has done as many chunks as it may, and ends
};

/// Where the workers of a pool find their jobs.
///
/// Job number n stands in jobs[n % most_jobs] from its submission until all of it is resolved. A
/// worker that looks at a job says so first, and looks again whether it is still there: the pool
/// takes the job off the table first and gives its memory back only when nobody looks at it.
struct Board
{
    std::atomic<std::uint64_t> first; ///< jobs below are off the table. By the pool.
    std::atomic<std::uint64_t> submitted; ///< jobs so far. By the pool.
    std::atomic<std::uint32_t> closed; ///< no job will come but what the dead leave. By the pool.
    alignas(64) std::atomic<std::uint32_t> asleep; ///< the pool's process is about to sleep
    Waiters idle;
    std::array<std::atomic<ArenaOffset>, most_jobs> jobs;

    /// One worker's words.
    struct alignas(64) Hand
    {
        std::atomic<ArenaOffset> looks_at; ///< a job
        /// A block that it is handing over to the pool, for its task: whose it is when it dies
        /// there is the pool's to find out.
        std::atomic<ArenaOffset> hands_over;
        std::atomic<WorkerStage> stage;
    };
    std::array<Hand, slot_limit> hands;
};

inline Board& board_at(ArenaOffset offset) noexcept
{
    return *std::launder(reinterpret_cast<Board*>(this_process.arena->at(offset)));
}

/// Where a worker finds its pool, and which of its workers it is.
struct PoolAddress
{
    ArenaOffset board;
    ArenaOffset initializer; ///< an InitializerBlock; 0 where there is none
    std::uint32_t index;
    std::uint32_t most_chunks; ///< it ends after so many; 0: it does not
    std::uint16_t tasks_channel;
    std::uint16_t results_channel;
};

/// A block that holds what each worker calls first; the encoded arguments stand behind it.
struct InitializerBlock
{
    std::uint64_t thunk; ///< offset of a void(std::uint64_t function, std::span<const std::byte>)
    std::uint64_t function; ///< offset of the function itself
    std::uint64_t argument_bytes;
};

/// A block that holds a result which is not kept in its cell: its size, and the bytes behind.
struct ResultBlock
{
    std::uint64_t bytes;
};
/// A block that holds an exception: whose it was, its type and its text behind.
struct ExceptionBlock
{
    std::int32_t pid;
    std::uint32_t process_bytes; ///< of the worker's name
    std::uint32_t type_bytes;
    std::uint32_t text_bytes;
};

} // namespace manyhands::detail
