// SPDX-License-Identifier: MIT
// A call of a pool from its submission to its last result, as the pool's own process sees it.
#pragma once

#include "engine/os/error.hpp"
#include "engine/pool/job_block.hpp"
#include "engine/pool/task_codec.hpp"
#include "engine/pool/task_failure.hpp"

#include <any>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

/// Who gets which chunk.
enum class Schedule : std::uint8_t {
    fixed, ///< chunk c is worker c modulo the workers': what OpenMP calls static
    dynamic, ///< whoever is free takes the next one
    guided, ///< the same, with chunks that get smaller: half of an even share of what is left
};

namespace detail {

class PoolCore;

/// When and in which order a call's results are handed out.
enum class HandingOut : std::uint8_t {
    at_the_end,
    in_order, ///< each as soon as it and all before it are there
    as_they_come,
};

/// What is to be submitted, without its types.
struct JobPlan
{
    std::uint64_t thunk = 0;
    std::uint64_t function = 0;
    std::size_t tasks = 0;
    std::uint32_t argument_bytes = 0; ///< of each; 0 where `ends` tells
    std::uint32_t cell_bytes = 0;
    bool results_in_cells = true; ///< those of exceptions never are
    std::uint32_t result_bytes = 0; ///< of each, where they are
    std::span<const std::byte> arguments = {};
    std::vector<std::uint64_t> ends = {};
    std::size_t chunk_size = 0;
    Schedule schedule = Schedule::dynamic;
    bool each_wakes = false;
    HandingOut handing_out = HandingOut::at_the_end;
    std::source_location where = {};
    std::any results = {}; ///< std::vector<std::optional<R>>
    /// Puts the result of each of `tasks` into `results`: from its cell …
    void (*take_cells)(
        std::any& results, const JobBlock& block, std::span<const std::uint32_t> tasks)
        = nullptr;
    /// … or that of one from the bytes of its block.
    void (*take)(std::any& results, std::uint32_t task, std::span<const std::byte> bytes) = nullptr;
    std::string (*describe)(std::span<const std::byte> argument) = nullptr;
};

/// A call under way, or over.
struct Job
{
    PoolCore* pool = nullptr; ///< null when the pool is gone
    bool orphaned = false; ///< nobody holds its AsyncResult: it goes when it is over
    bool calling_back = false;
    std::uint64_t first_task = 0;
    std::uint32_t tasks = 0;
    std::uint32_t open = 0; ///< tasks that have neither result nor failure
    std::uint32_t first_open = 0; ///< all before are resolved
    std::vector<bool> resolved = {};
    std::uint32_t cell_bytes = 0;
    bool results_in_cells = true;
    std::uint32_t result_bytes = 0;
    HandingOut handing_out = HandingOut::at_the_end;
    std::deque<std::uint32_t> arrived = {}; ///< to be handed out, in this order
    std::uint32_t next_in_order = 0; ///< the first that has not arrived, where in_order
    std::int64_t limit_ns = 0; ///< of each task's run time; 0: none
    bool cancelled = false;
    std::map<std::uint32_t, TaskFailure> failures = {};
    /// What became of it as a whole, where it did not come to its end.
    std::optional<ErrorDetails> problem = {};
    std::any results = {};
    void (*take_cells)(std::any&, const JobBlock&, std::span<const std::uint32_t>) = nullptr;
    void (*take)(std::any&, std::uint32_t, std::span<const std::byte>) = nullptr;
    std::string (*describe)(std::span<const std::byte>) = nullptr;
    std::vector<std::function<void(Job&)>> callbacks = {}; ///< when it is over
    std::source_location where = {};

    struct OnBoard
    {
        ArenaOffset block;
        std::optional<std::uint64_t> number; ///< nothing while it waits for a place
    };
    std::vector<OnBoard> blocks = {}; ///< the first has the arrays behind it
    std::uint16_t place = 0; ///< of `where`

    bool over() const noexcept { return open == 0 || problem.has_value(); }
    bool is_failure(std::uint32_t task) const { return failures.contains(task); }
    JobBlock& block() const noexcept { return job_at(blocks.front().block); }
};

/// Cuts `tasks` into chunks as `schedule` says: the ranges of guided ones; nothing for chunks of
/// one size.
std::vector<TaskRange> guided_chunks(
    std::uint32_t tasks, std::uint32_t least_chunk, std::uint32_t workers);

/// Lays a job out in the arena: block, marks, cells and arguments in one piece. Throws Error where
/// there is no room.
ArenaOffset lay_out(const JobPlan& plan, std::uint32_t workers, std::uint64_t first_task,
    std::uint64_t first_message);

/// A further block over the arrays of `job`, with the chunks `ranges`.
ArenaOffset lay_out_rest(
    const JobBlock& job, std::span<const TaskRange> ranges, std::uint64_t first_message);

/// Throws why the call did not come to a good end, where it did not: what befell it as a whole,
/// else the failure of the lowest index.
void throw_problem_of(const Job& job);

/// A copy of what a job has found, for an exception.
TaskResults results_of(const Job& job);

} // namespace detail
} // namespace manyhands
