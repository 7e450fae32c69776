// SPDX-License-Identifier: MIT
// What a pool does when workers die: finds out what they had begun, hands the rest on, and replaces
// them.
#include "engine/os/clock.hpp"
#include "engine/pool/pool_core.hpp"
#include "engine/pool/worker.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace manyhands::detail {
namespace {

// Erlang's supervisors give up after one restart in 5 s; a lesson about crashes needs a few more.
constexpr std::size_t most_replacements = 3;
constexpr std::int64_t replacement_window_ns = 5'000'000'000;

TaskFailure failure_of(const ChildEnd& end, bool threw)
{
    TaskFailure failure;
    failure.process = end.name;
    failure.pid = end.pid;
    if (!threw) {
        failure.kind = end.exit < 0 ? TaskFailure::Kind::signal : TaskFailure::Kind::exit;
        failure.value = std::abs(end.exit);
        failure.text = how_it_ended(end.exit);
    } else {
        const std::size_t type = end.exception.find('\n');
        failure.kind = TaskFailure::Kind::exception;
        failure.type = end.exception.substr(0, type);
        failure.text = type == std::string::npos ? "" : end.exception.substr(type + 1);
    }
    return failure;
}

} // namespace

// Called when a worker is reaped, before what it owned is given back and its slot is used again.
void PoolCore::note_end(const ChildEnd& end)
{
    const bool ours = std::any_of(workers_.begin(), workers_.end(), [&](const Process& one) {
        return one.slot() == end.slot && one.generation() == end.generation;
    });
    if (!ours)
        return;
    Board& board = board_.as<Board>();
    Board::Hand& hand = board.hands[end.slot];
    const std::uint64_t begun
        = this_process.segment.slot(end.slot).task.load(std::memory_order_acquire);
    const ArenaOffset block = hand.hands_over.exchange(0, std::memory_order_acquire);
    if (block != 0 && begun != 0) {
        // It died between the first step of handing it over and the last. Where the mark was not
        // set, nobody knows of the block, and whose it is may be either.
        const std::uint64_t task = begun - 1;
        const JobBlock* of = nullptr;
        std::uint64_t first_task = 0;
        if (const Job* const job = job_of(task)) {
            of = &job->block();
            first_task = job->first_task;
        }
        for (const Retired& retired : retired_) {
            if (task >= retired.first_task && task - retired.first_task < retired.tasks) {
                of = &job_at(retired.blocks.front().block);
                first_task = retired.first_task;
            }
        }
        if (of != nullptr
            && end_in(of->mark(static_cast<std::uint32_t>(task - first_task))
                          .load(std::memory_order_acquire))
                == TaskEnd::open) {
            this_process.arena->transfer(block, Arena::shared_owner);
            this_process.arena->free(block);
        }
    }
    hand.looks_at.store(0, std::memory_order_relaxed);
    // Acquire: one that is spent has left nothing undone.
    const WorkerStage stage = hand.stage.exchange(WorkerStage::working, std::memory_order_acquire);
    board.idle.forget(end.slot);
    deaths_.push_back({end, begun, stage});
}

std::optional<PoolCore::Gone> PoolCore::handle_death(const Death& death)
{
    const ChildEnd& end = death.end;
    const auto worker = std::find_if(workers_.begin(), workers_.end(), [&](const Process& one) {
        return one.slot() == end.slot && one.generation() == end.generation;
    });
    if (worker == workers_.end() || ended_)
        return std::nullopt;
    const auto index = static_cast<std::uint32_t>(worker - workers_.begin());
    const Watch watch = std::exchange(watches_[index], {});
    if (death.stage == WorkerStage::spent && end.exit == 0)
        return Gone{.index = index, .counts = false};
    Job* const job = death.begun == 0 ? nullptr : job_of(death.begun - 1);
    const auto lost = job == nullptr
        ? std::uint32_t{0}
        : static_cast<std::uint32_t>(death.begun - 1 - job->first_task);
    const bool lost_one = job != nullptr && !job->resolved[lost];
    // It has found the pool closed, and nothing left to do; or it was asked to end.
    if (end.exit == 0 && !lost_one
        && ((closed_ && death.stage == WorkerStage::working) || this_process.stop_requested()))
        return std::nullopt;
    // By our signal, and with the task that was to be stopped.
    const bool stopped = watch.asked && death.begun == watch.task;
    const bool initializer_threw
        = death.stage == WorkerStage::initialising && !end.exception.empty();
    TaskFailure failure = failure_of(end, initializer_threw);
    if (stopped && job != nullptr) {
        failure.kind = TaskFailure::Kind::timeout;
        failure.text = "ran longer than its limit of " + seconds_text(job->limit_ns)
            + ": its worker " + how_it_ended(end.exit);
    }
    if (initializer_threw) {
        give_up({.object = "pool",
            .problem = "gave up: its initializer threw " + failure.type + " in " + end.name,
            .value = failure.text});
        note_failure(std::move(failure));
        return std::nullopt;
    }
    if (lost_one) {
        // Its chunk is handed on below by this mark.
        Mark& mark = job->block().mark(lost);
        mark.store(mark_of(TaskEnd::lost, owner_in(mark.load(std::memory_order_relaxed))),
            std::memory_order_relaxed);
        fail(*job, lost, std::move(failure));
    } else if (!stopped) {
        note_failure(std::move(failure));
    }
    deaths_in_initializer_ += death.stage == WorkerStage::initialising ? 1 : 0;
    const std::vector<Job*> jobs = live_;
    for (Job* const one : jobs) {
        try {
            hand_on(*one, end.slot, index);
        } catch (const Error& error) {
            give_up({.object = "pool",
                .problem = "cannot hand on what " + end.name + " left: " + error.what()});
            return std::nullopt;
        }
        if (one->open == 0)
            finish(*one);
    }
    return Gone{.index = index, .counts = !stopped};
}

// What the dead worker had taken and not begun goes to others.
void PoolCore::hand_on(Job& job, std::uint32_t slot, std::uint32_t index)
{
    std::vector<TaskRange> rest;
    for (const Job::OnBoard& one : job.blocks) {
        if (!one.number)
            continue;
        const JobBlock& block = job_at(one.block);
        const std::uint64_t given = block.next.load(std::memory_order_acquire);
        const std::uint64_t end
            = block.stride != 0 ? block.chunks : std::min<std::uint64_t>(given, block.chunks);
        for (std::uint64_t chunk = 0; chunk < end; ++chunk) {
            const TaskRange range = block.range(chunk);
            Mark& mark = block.mark(range.first);
            const std::uint32_t seen = mark.load(std::memory_order_acquire);
            if (owner_in(seen) == slot + 1) {
                std::uint32_t first = range.first;
                const std::uint32_t behind = range.first + range.count;
                while (first < behind && job.resolved[first])
                    ++first;
                // Its slot's next process is another one.
                mark.store(first == range.first ? 0 : mark_of(end_in(seen), nobody),
                    std::memory_order_release);
                if (first < behind)
                    rest.push_back({first, behind - first});
            } else if (seen == 0 && (block.stride == 0 || chunk % block.stride == index)) {
                // Given to the dead one perhaps, perhaps to one that has not come to take it yet:
                // whoever marks it first has it.
                rest.push_back(range);
            }
        }
    }
    if (rest.empty())
        return;
    const ArenaOffset block = lay_out_rest(job.block(), rest, next_message_);
    tell_submission(job, job_at(block));
    publish(job, block);
}

void PoolCore::replace(const Gone& gone)
{
    const bool needed = !closed_ || !live_.empty();
    if (ended_ || !needed || this_process.stop_requested())
        return;
    if (gone.counts && !has_patience())
        return;
    try {
        Process fresh = make_worker(gone.index);
        fresh.start();
        workers_[gone.index] = std::move(fresh);
    } catch (const std::exception& error) {
        give_up({.object = "pool",
            .problem
            = std::string("gave up: a worker that ended could not be replaced: ") + error.what()});
    }
}

// Whether one more may be replaced; else the pool gives up.
bool PoolCore::has_patience()
{
    // However long the initializer takes.
    if (deaths_in_initializer_ > most_replacements) {
        give_up({.object = "pool",
            .problem = "gave up: its workers end in the initializer, "
                + std::to_string(deaths_in_initializer_) + " without finishing a task"});
        return false;
    }
    const std::int64_t now = os::monotonic_ns();
    while (!replacements_ns_.empty() && now - replacements_ns_.front() > replacement_window_ns)
        replacements_ns_.pop_front();
    if (replacements_ns_.size() == most_replacements) {
        give_up({.object = "pool",
            .problem = "gave up: its workers end one after the other, "
                + std::to_string(most_replacements + 1) + " within 5 s without finishing a task"});
        return false;
    }
    replacements_ns_.push_back(now);
    return true;
}

// Nothing that is under way will come to its end: whoever waits for it is told so.
void PoolCore::give_up(ErrorDetails reason)
{
    problem_ = std::move(reason);
    closed_ = true;
    ended_ = true;
    const std::vector<Job*> jobs = live_;
    for (Job* const job : jobs) {
        job->problem = problem_;
        finish(*job);
    }
    publish_waiting();
    for (Process& worker : workers_)
        worker.kill();
}

} // namespace manyhands::detail
