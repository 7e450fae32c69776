// SPDX-License-Identifier: MIT
// How a pool stops tasks that run longer than they may, or that nobody wants any more: by ending
// their workers.
//
// Nothing of this costs a worker anything: the pool looks every few milliseconds at which task each
// of them is, and counts the time between two looks where it saw it run. Before it ends a worker it
// holds it by SIGSTOP and looks again: one that has come to another task meanwhile is let go on.
#include "engine/os/process_figures.hpp"
#include "engine/pool/pool_core.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <sys/wait.h>
#include <thread>

namespace manyhands::detail {
namespace {

using namespace std::chrono_literals;

// How often running tasks are looked at, and a worker that is about to be held.
constexpr std::chrono::nanoseconds look_interval = 5ms;
constexpr std::chrono::nanoseconds hold_interval = 200us;
// A worker that is told to stop does so when it next leaves the kernel, mostly at once.
constexpr int looks_at_hold = 10;
constexpr std::chrono::nanoseconds hold_pause = 20us;
// How long a worker may take to end by SIGTERM.
constexpr std::int64_t grace_ns = 500'000'000;

} // namespace

std::string seconds_text(std::int64_t ns)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, static_cast<double>(ns) / 1e9);
    return std::string(text, end.ptr) + " s";
}

void check_task_limit(std::chrono::nanoseconds limit)
{
    if (limit <= std::chrono::nanoseconds::zero())
        throw BadValue({.object = "task limit",
            .problem = "is not allowed",
            .value = seconds_text(limit.count()),
            .limit = "more than 0 s"});
}

void PoolCore::limit(Job& job, std::chrono::nanoseconds each)
{
    check_task_limit(each);
    job.limit_ns = each.count();
    watching_ = true;
}

bool PoolCore::cancel(Job& job)
{
    check_ours();
    collect(job);
    if (job.over())
        return false;
    for (const Job::OnBoard& one : job.blocks)
        job_at(one.block).cancelled.store(1, std::memory_order_relaxed);
    job.cancelled = true;
    job.problem = ErrorDetails{.object = "call of a pool", .problem = "was cancelled"};
    watching_ = true;
    finish(job);
    look();
    return true;
}

std::chrono::nanoseconds PoolCore::longest_sleep() const noexcept
{
    if (!watching_)
        return forever;
    const bool holds = std::any_of(watches_.begin(), watches_.end(),
        [](const Watch& watch) { return watch.stage == Watch::Stage::held; });
    return holds ? hold_interval : look_interval;
}

void PoolCore::look_at_running_tasks()
{
    if (!watching_ || ended_)
        return;
    const std::int64_t now = run_time_ns();
    watching_
        = std::any_of(live_.begin(), live_.end(), [](const Job* job) { return job->limit_ns != 0; })
        || std::any_of(
            retired_.begin(), retired_.end(), [](const Retired& one) { return one.cancelled; });
    for (std::uint32_t index = 0; index < workers(); ++index) {
        const Process& worker = workers_[index];
        Watch& watch = watches_[index];
        // Not reaped, so that its pid is its own.
        if (!this_process.segment.lives(worker.slot(), worker.generation()))
            continue;
        if (watch.stage == Watch::Stage::running)
            follow(watch, this_process.segment.slot(worker.slot()), now);
        stop_task(index, now);
        watching_ = watching_ || watch.stage != Watch::Stage::running;
    }
}

void PoolCore::follow(Watch& watch, const Slot& slot, std::int64_t now_ns)
{
    const std::uint64_t task = slot.task.load(std::memory_order_acquire);
    // Acquire: a gate that has been left is counted as passed.
    const std::uint32_t passed = slot.gates_passed.load(std::memory_order_acquire);
    const bool at_gate = slot.gate.load(std::memory_order_relaxed) != 0;
    if (task != watch.task)
        watch.ran_ns = 0;
    else if (!at_gate && !watch.at_gate && passed == watch.gates_passed)
        watch.ran_ns += now_ns - watch.looked_ns;
    watch.task = task;
    watch.gates_passed = passed;
    watch.at_gate = at_gate;
    watch.looked_ns = now_ns;
}

bool PoolCore::is_to_stop(const Watch& watch) const
{
    if (watch.task == 0)
        return false;
    const std::uint64_t number = watch.task - 1;
    const auto is_open = [&](const JobBlock& block, std::uint64_t first_task) {
        const auto task = static_cast<std::uint32_t>(number - first_task);
        return end_in(block.mark(task).load(std::memory_order_acquire)) == TaskEnd::open;
    };
    if (const Job* const job = job_of(number))
        return job->limit_ns != 0 && watch.ran_ns >= job->limit_ns
            && is_open(job->block(), job->first_task);
    return std::any_of(retired_.begin(), retired_.end(), [&](const Retired& one) {
        return one.cancelled && number >= one.first_task && number - one.first_task < one.tasks
            && is_open(job_at(one.blocks.front().block), one.first_task);
    });
}

void PoolCore::stop_task(std::uint32_t index, std::int64_t now_ns)
{
    Process& worker = workers_[index];
    Watch& watch = watches_[index];
    const Slot& slot = this_process.segment.slot(worker.slot());
    const auto is_at_task = [&] { return slot.task.load(std::memory_order_acquire) == watch.task; };
    switch (watch.stage) {
    case Watch::Stage::running:
        if (!is_to_stop(watch))
            return;
        hold(worker, watch);
        break;
    case Watch::Stage::ending:
        // It has caught the signal and goes on.
        if (!is_at_task()) {
            watch = {};
            return;
        }
        if (now_ns - watch.asked_ns < grace_ns)
            return;
        hold(worker, watch);
        break;
    case Watch::Stage::held:
        break;
    }
    if (!is_held(worker, watch))
        return;
    const bool stops = is_at_task() && is_to_stop(watch);
    if (stops && watch.asked)
        worker.kill();
    else if (stops)
        worker.terminate();
    let_go_on(worker, watch);
    if (stops) {
        watch.stage = Watch::Stage::ending;
        watch.asked = true;
        watch.asked_ns = now_ns;
    } else {
        watch = {};
    }
}

void PoolCore::hold(const Process& worker, Watch& watch)
{
    watch.stage = Watch::Stage::held;
    watch.hidden = false;
    // Whom somebody else has stopped he lets go on.
    watch.stopped = !os::has_stopped(worker.pid());
    if (watch.stopped)
        ::kill(worker.pid(), SIGSTOP);
}

bool PoolCore::is_held(const Process& worker, Watch& watch)
{
    for (int looks = looks_at_hold; !os::has_stopped(worker.pid()); --looks) {
        if (looks == 0)
            return false;
        std::this_thread::sleep_for(hold_pause);
    }
    siginfo_t info = {};
    // Taken, so that the supervisor does not tell of a stop from outside.
    watch.hidden = watch.hidden
        || (watch.stopped
            && ::waitid(P_PID, static_cast<id_t>(worker.pid()), &info, WSTOPPED | WNOHANG) == 0
            && info.si_pid != 0);
    return true;
}

void PoolCore::let_go_on(const Process& worker, Watch& watch)
{
    if (watch.stage != Watch::Stage::held)
        return;
    watch.stage = Watch::Stage::running;
    if (!watch.stopped)
        return;
    ::kill(worker.pid(), SIGCONT);
    siginfo_t info = {};
    if (watch.hidden)
        ::waitid(P_PID, static_cast<id_t>(worker.pid()), &info, WCONTINUED | WNOHANG);
}

} // namespace manyhands::detail
