// SPDX-License-Identifier: MIT
#include "engine/pool/job.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace manyhands::detail {
namespace {

// Finds room for one array behind the other, each on cache lines of its own.
class Layout
{
public:
    ArenaOffset add(std::size_t count, std::size_t bytes_each)
    {
        const std::size_t begin = bytes_;
        std::size_t bytes = 0;
        if (__builtin_mul_overflow(count, bytes_each, &bytes)
            || __builtin_add_overflow(bytes_, bytes + 63, &bytes_))
            throw Error({.object = "tasks of a pool",
                .problem = "need more memory than any machine has",
                .value = std::to_string(count) + " of " + std::to_string(bytes_each) + " bytes"});
        bytes_ = bytes_ / 64 * 64;
        return begin;
    }
    std::size_t bytes() const { return bytes_; }

private:
    std::size_t bytes_ = (sizeof(JobBlock) + 63) / 64 * 64;
};

ArenaOffset allocate(std::size_t bytes, std::size_t tasks)
{
    try {
        return this_process.arena->allocate(bytes, Arena::shared_owner);
    } catch (const Error& error) {
        throw Error({.object = std::to_string(tasks) + " tasks of a pool",
            .problem = "find no room in the shared memory of the run",
            .value = error.value(),
            .limit = error.limit(),
            .advice = "submit fewer or smaller ones at once"});
    }
}

void copy_to(ArenaOffset to, const void* from, std::size_t bytes)
{
    if (bytes > 0)
        std::memcpy(this_process.arena->at(to), from, bytes);
}

} // namespace

std::vector<TaskRange> guided_chunks(
    std::uint32_t tasks, std::uint32_t least_chunk, std::uint32_t workers)
{
    std::vector<TaskRange> ranges;
    for (std::uint32_t first = 0; first < tasks;) {
        const std::uint32_t left = tasks - first;
        const std::uint32_t share = (left + 2 * workers - 1) / (2 * workers);
        const std::uint32_t count = std::min(left, std::max(share, least_chunk));
        ranges.push_back({first, count});
        first += count;
    }
    return ranges;
}

ArenaOffset lay_out(const JobPlan& plan, std::uint32_t workers, std::uint64_t first_task,
    std::uint64_t first_message)
{
    constexpr std::size_t most_tasks = std::numeric_limits<std::uint32_t>::max() - 1;
    if (plan.tasks > most_tasks)
        throw BadValue({.object = "tasks of one call",
            .problem = "are too many",
            .value = std::to_string(plan.tasks),
            .limit = std::to_string(most_tasks)});
    const auto tasks = static_cast<std::uint32_t>(plan.tasks);
    std::size_t chunk_size = plan.chunk_size;
    if (chunk_size == 0)
        chunk_size = plan.schedule == Schedule::guided
            ? 1
            : (plan.tasks + std::size_t{4} * workers - 1) / (std::size_t{4} * workers);
    const auto chunk = static_cast<std::uint32_t>(std::min<std::size_t>(chunk_size, tasks));
    std::vector<TaskRange> ranges;
    if (plan.schedule == Schedule::guided)
        ranges = guided_chunks(tasks, chunk, workers);

    Layout layout;
    const ArenaOffset marks = layout.add(tasks, sizeof(Mark));
    const ArenaOffset results = layout.add(tasks, plan.cell_bytes);
    const ArenaOffset ends = layout.add(plan.ends.size(), sizeof(std::uint64_t));
    const ArenaOffset range_table = layout.add(ranges.size(), sizeof(TaskRange));
    const ArenaOffset arguments = layout.add(plan.arguments.size(), 1);
    const ArenaOffset block = allocate(layout.bytes(), plan.tasks);
    // The marks stand right behind the block, and both begin as zeros.
    std::memset(this_process.arena->at(block), 0, results);
    JobBlock& job = *new (this_process.arena->at(block)) JobBlock{};
    job.thunk = plan.thunk;
    job.function = plan.function;
    job.first_task = first_task;
    job.first_message = first_message;
    job.marks = block + marks;
    job.results = block + results;
    job.arguments = block + arguments;
    job.ends = plan.ends.empty() ? 0 : block + ends;
    job.ranges = ranges.empty() ? 0 : block + range_table;
    job.tasks = tasks;
    job.chunks
        = ranges.empty() ? (tasks + chunk - 1) / chunk : static_cast<std::uint32_t>(ranges.size());
    job.chunk_size = chunk;
    job.argument_bytes = plan.argument_bytes;
    job.cell_bytes = plan.cell_bytes;
    job.stride = plan.schedule == Schedule::fixed ? workers : 0;
    job.each_wakes = plan.each_wakes;
    copy_to(block + ends, plan.ends.data(), plan.ends.size() * sizeof(std::uint64_t));
    copy_to(block + range_table, ranges.data(), ranges.size() * sizeof(TaskRange));
    copy_to(job.arguments, plan.arguments.data(), plan.arguments.size());
    return block;
}

ArenaOffset lay_out_rest(
    const JobBlock& job, std::span<const TaskRange> ranges, std::uint64_t first_message)
{
    Layout layout;
    const ArenaOffset table = layout.add(ranges.size(), sizeof(TaskRange));
    const ArenaOffset block = allocate(layout.bytes(), ranges.size());
    JobBlock& rest = *new (this_process.arena->at(block)) JobBlock{};
    rest.thunk = job.thunk;
    rest.function = job.function;
    rest.first_task = job.first_task;
    rest.first_message = first_message;
    rest.marks = job.marks;
    rest.results = job.results;
    rest.arguments = job.arguments;
    rest.ends = job.ends;
    rest.ranges = block + table;
    rest.tasks = job.tasks;
    rest.chunks = static_cast<std::uint32_t>(ranges.size());
    rest.argument_bytes = job.argument_bytes;
    rest.cell_bytes = job.cell_bytes;
    rest.each_wakes = job.each_wakes;
    rest.wanted.store(job.wanted.load(std::memory_order_relaxed), std::memory_order_relaxed);
    copy_to(rest.ranges, ranges.data(), ranges.size_bytes());
    return block;
}

void throw_problem_of(const Job& job)
{
    if (job.problem)
        throw Error(*job.problem);
    if (!job.failures.empty())
        throw_failure(job.failures.begin()->second, results_of(job));
}

TaskResults results_of(const Job& job)
{
    TaskResults results = {job.results, {}};
    for (const auto& [task, failure] : job.failures)
        results.failures.push_back(failure);
    return results;
}

} // namespace manyhands::detail
