// SPDX-License-Identifier: MIT
#include "engine/analysis/time_budget.hpp"

#include <algorithm>
#include <cstddef>

namespace manyhands {
namespace {

constexpr std::array<std::string_view, budget_category_count> category_names = {"computing",
    "starting", "tear_down", "serialising", "transfer", "waiting_data", "waiting_space",
    "waiting_lock", "joining", "idle", "sleeping", "held", "stopped", "ready", "unexplained"};

/// Nanoseconds by category, exact until the very end.
using Sums = std::array<std::int64_t, budget_category_count>;

constexpr std::size_t index_of(BudgetCategory category)
{
    return static_cast<std::size_t>(category);
}

/// Adds to `sums` what a lane did within `part`, by the index of its spans.
void add_states(const Lane& lane, Interval part, std::int64_t sign, Sums& sums)
{
    const StateTimes until_end = lane.spans.times_until(part.end_ns);
    const StateTimes until_begin = lane.spans.times_until(part.begin_ns);
    std::int64_t known = 0;
    for (std::size_t i = 0; i < until_end.size(); ++i) {
        const std::int64_t ns = until_end[i] - until_begin[i];
        sums[index_of(category_of(static_cast<State>(i)))] += sign * ns;
        known += ns;
    }
    sums[index_of(BudgetCategory::unexplained)] += sign * (part.length_ns() - known);
}

/// One lane's time within its lifetime.
Sums sums_of(const Lane& lane, const Recording& recording, Interval life)
{
    Sums sums = {};
    add_states(lane, life, 1, sums);
    for (const auto& [cut, pause] : recording.cuts_of(lane)) {
        const Interval part
            = {std::max(cut.begin_ns, life.begin_ns), std::min(cut.end_ns, life.end_ns)};
        if (part.length_ns() <= 0)
            continue;
        add_states(lane, part, -1, sums);
        if (!pause)
            sums[index_of(BudgetCategory::stopped)] += part.length_ns();
    }
    return sums;
}

double seconds_of(std::int64_t ns)
{
    return static_cast<double>(ns) * 1e-9;
}

Budget budget_of(const Sums& sums)
{
    Budget budget;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        budget.seconds[i] = seconds_of(sums[i]);
        total += sums[i];
    }
    budget.total_s = seconds_of(total);
    return budget;
}

} // namespace

std::string_view name_of(BudgetCategory category)
{
    const std::size_t index = index_of(category);
    return index < category_names.size() ? category_names[index] : "unknown";
}

BudgetCategory category_of(State state)
{
    switch (state) {
    case State::starting:
        return BudgetCategory::starting;
    case State::tearing_down:
        return BudgetCategory::tear_down;
    case State::computing:
        return BudgetCategory::computing;
    case State::serialising:
        return BudgetCategory::serialising;
    case State::sending:
    case State::receiving:
        return BudgetCategory::transfer;
    case State::waiting_data:
        return BudgetCategory::waiting_data;
    case State::waiting_space:
        return BudgetCategory::waiting_space;
    case State::waiting_lock:
        return BudgetCategory::waiting_lock;
    case State::joining:
        return BudgetCategory::joining;
    case State::idle:
        return BudgetCategory::idle;
    case State::sleeping:
        return BudgetCategory::sleeping;
    case State::held:
        return BudgetCategory::held;
    case State::foreign:
        break;
    }
    return BudgetCategory::unexplained;
}

TimeBudget time_budget(const Recording& recording, Interval interval)
{
    const Interval shown = recording.shown_interval();
    const bool kernel_knows
        = interval.begin_ns == shown.begin_ns && interval.end_ns == shown.end_ns;

    TimeBudget budget;
    budget.interval = interval;
    budget.lanes.reserve(recording.lanes().size());
    Sums all = {};
    std::int64_t workers_time = 0;
    std::int64_t workers_purpose = 0;
    for (const Lane& lane : recording.lanes()) {
        const std::int64_t end = lane.ended() ? lane.end_ns : recording.now_ns();
        const Interval life
            = {std::max(lane.start_ns, interval.begin_ns), std::min(end, interval.end_ns)};
        if (life.length_ns() <= 0) {
            budget.lanes.emplace_back();
            continue;
        }
        Sums sums = sums_of(lane, recording, life);
        // The kernel's total is one over the process's life, so it says nothing about a part of it.
        // (Main's is that of the repeat alone: it reads its own at both ends.)
        const bool whole_life = life.begin_ns == lane.start_ns && life.end_ns == end;
        if (kernel_knows && (whole_life || lane.role == Role::main)) {
            std::int64_t& computing = sums[index_of(BudgetCategory::computing)];
            // The kernel's total covers waits for a CPU in every state, so it may be more than what
            // `computing` lost: that kept at least the CPU time that the process had.
            const std::int64_t without_cpu
                = std::max<std::int64_t>(computing - std::max<std::int64_t>(lane.cpu_ns, 0), 0);
            const std::int64_t ready = std::clamp<std::int64_t>(lane.run_delay_ns, 0, without_cpu);
            sums[index_of(BudgetCategory::ready)] = ready;
            computing -= ready;
        }
        if (lane.role == Role::worker || (lane.role == Role::main && lane.tasks_done > 0)) {
            workers_time += recording.run_time_within(life);
            workers_purpose += sums[index_of(BudgetCategory::computing)]
                + sums[index_of(BudgetCategory::sleeping)] + sums[index_of(BudgetCategory::held)];
        }
        for (std::size_t i = 0; i < sums.size(); ++i)
            all[i] += sums[i];
        budget.lanes.push_back(budget_of(sums));
    }
    budget.all = budget_of(all);
    if (workers_time > 0) {
        budget.overhead = static_cast<double>(workers_time - workers_purpose)
            / static_cast<double>(workers_time);
    }
    return budget;
}

} // namespace manyhands
