// SPDX-License-Identifier: MIT
// How a pool takes in what its workers have published, and lets go of calls that are over.
#include "engine/pool/pool_core.hpp"
#include "engine/process/start_block.hpp"

#include <algorithm>
#include <cstring>
#include <unistd.h>
#include <utility>

namespace manyhands::detail {
namespace {

ArenaOffset block_in(const JobBlock& block, std::uint32_t task)
{
    ArenaOffset offset = 0;
    std::memcpy(&offset, block.cell(task), sizeof offset);
    return offset;
}

} // namespace

void PoolCore::collect_all()
{
    const std::vector<Job*> jobs = live_;
    for (Job* const job : jobs) {
        // Those behind are not on the board either.
        if (!job->blocks.front().number)
            break;
        collect(*job);
    }
}

void PoolCore::collect(Job& job)
{
    if (job.over())
        return;
    const JobBlock& block = job.block();
    // Acquire: with the chunks given out come the marks that were set before.
    const std::uint64_t given = block.next.load(std::memory_order_acquire);
    std::uint32_t end = job.tasks;
    if (block.stride == 0 && given < block.chunks)
        end = given == 0 ? 0 : block.range(given - 1).first + block.range(given - 1).count;
    done_.clear();
    std::uint64_t failed_bytes = 0;
    std::vector<std::uint32_t> failed;
    for (std::uint32_t task = job.first_open; task < end; ++task) {
        const TaskEnd how = end_in(block.mark(task).load(std::memory_order_acquire));
        if (how == TaskEnd::open || job.resolved[task])
            continue;
        if (how == TaskEnd::done)
            done_.push_back(task);
        else
            failed.push_back(task);
    }
    if (done_.empty() && failed.empty())
        return;
    // Something was finished: those that died before do not count any more.
    replacements_ns_.clear();
    deaths_in_initializer_ = 0;
    take_done(job, done_);
    for (const std::uint32_t task : failed) {
        failed_bytes = take_exception(job, task);
        this_process.recorder.event(EventKind::message_received, 0,
            static_cast<std::uint32_t>(job.first_task + task),
            pack_message(results_channel_, failed_bytes), job.place);
    }
    while (job.first_open < job.tasks && job.resolved[job.first_open])
        ++job.first_open;
    if (job.open == 0)
        finish(job);
}

void PoolCore::take_done(Job& job, std::span<const std::uint32_t> tasks)
{
    const JobBlock& block = job.block();
    Recorder& recorder = this_process.recorder;
    const bool each = recorder.traced() && tasks.size() <= most_told_at_once;
    const auto tell = [&](std::uint32_t task, std::uint64_t size) {
        if (each)
            recorder.event(EventKind::message_received, 0,
                static_cast<std::uint32_t>(job.first_task + task),
                pack_message(results_channel_, size), job.place);
    };
    std::uint64_t bytes = 0;
    if (job.results_in_cells) {
        job.take_cells(job.results, block, tasks);
        bytes = tasks.size() * job.result_bytes;
        for (const std::uint32_t task : tasks) {
            tell(task, job.result_bytes);
            resolve(job, task);
        }
    }
    for (const std::uint32_t task :
        job.results_in_cells ? std::span<const std::uint32_t>() : tasks) {
        const ArenaOffset own = block_in(block, task);
        ResultBlock head;
        std::memcpy(&head, this_process.arena->at(own), sizeof head);
        const std::span<const std::byte> contents(
            this_process.arena->at(own) + sizeof head, head.bytes);
        bytes += head.bytes;
        tell(task, head.bytes);
        try {
            job.take(job.results, task, contents);
            resolve(job, task);
        } catch (const std::exception& error) {
            TaskFailure failure;
            failure.process = this_process.name;
            failure.pid = ::getpid();
            failure.type = type_name(error);
            failure.text = error.what();
            fail(job, task, std::move(failure));
        }
        this_process.arena->free(own);
    }
    if (!each && !tasks.empty())
        recorder.event(EventKind::messages_received, 0, static_cast<std::uint32_t>(tasks.size()),
            pack_message(results_channel_, bytes), job.place);
}

std::uint64_t PoolCore::take_exception(Job& job, std::uint32_t task)
{
    TaskFailure failure;
    const ArenaOffset block = block_in(job.block(), task);
    ExceptionBlock head = {};
    if (block != 0) {
        const std::byte* const at = this_process.arena->at(block);
        std::memcpy(&head, at, sizeof head);
        const auto* text = reinterpret_cast<const char*>(at + sizeof head);
        failure.process.assign(text, head.process_bytes);
        text += head.process_bytes;
        failure.type.assign(text, head.type_bytes);
        failure.text.assign(text + head.type_bytes, head.text_bytes);
        failure.pid = head.pid;
    } else {
        failure.process = "a worker";
        failure.type = "an exception";
        failure.text = "its text found no room in the shared memory of the run";
    }
    this_process.arena->free(block);
    fail(job, task, std::move(failure));
    return block == 0 ? 0 : sizeof head + head.process_bytes + head.type_bytes + head.text_bytes;
}

void PoolCore::fail(Job& job, std::uint32_t task, TaskFailure failure)
{
    failure.task = task;
    failure.argument = job.describe(job.block().argument(task));
    note_failure(failure);
    job.failures.emplace(task, std::move(failure));
    resolve(job, task);
}

void PoolCore::resolve(Job& job, std::uint32_t task)
{
    job.resolved[task] = true;
    --job.open;
    if (job.handing_out == HandingOut::as_they_come) {
        job.arrived.push_back(task);
    } else if (job.handing_out == HandingOut::in_order) {
        while (job.next_in_order < job.tasks && job.resolved[job.next_in_order])
            job.arrived.push_back(job.next_in_order++);
    }
}

void PoolCore::finish(Job& job)
{
    std::erase(live_, &job);
    std::erase(waiting_, &job);
    retire(job);
    if (!job.callbacks.empty())
        to_call_back_.push_back(&job);
    else if (job.orphaned)
        orphans_.erase(&job);
}

void PoolCore::retire(Job& job)
{
    Board& board = board_.as<Board>();
    for (const Job::OnBoard& one : job.blocks) {
        // Sequentially consistent: see Worker::run().
        if (one.number)
            board.jobs[*one.number % most_jobs].store(0, std::memory_order_seq_cst);
    }
    retired_.push_back({std::move(job.blocks), job.first_task, job.tasks, job.results_in_cells,
        job.cancelled, std::move(job.resolved)});
    job.blocks.clear();
    free_retired();
}

void PoolCore::free_retired()
{
    Board& board = board_.as<Board>();
    std::erase_if(retired_, [&](const Retired& retired) {
        for (const Process& worker : workers_) {
            const ArenaOffset looks_at
                = board.hands[worker.slot()].looks_at.load(std::memory_order_seq_cst);
            for (const Job::OnBoard& one : retired.blocks) {
                if (looks_at == one.block)
                    return false;
            }
        }
        drop_blocks(retired);
        return true;
    });
}

void PoolCore::drop_blocks(const Retired& retired)
{
    const JobBlock& block = job_at(retired.blocks.front().block);
    // Of a job that was given up: what was still published goes with it.
    for (std::uint32_t task = 0; task < retired.tasks; ++task) {
        if (retired.resolved[task])
            continue;
        const TaskEnd how = end_in(block.mark(task).load(std::memory_order_acquire));
        if (how == TaskEnd::failed || (how == TaskEnd::done && !retired.results_in_cells))
            this_process.arena->free(block_in(block, task));
    }
    for (const Job::OnBoard& one : retired.blocks)
        this_process.arena->free(one.block);
}

} // namespace manyhands::detail
