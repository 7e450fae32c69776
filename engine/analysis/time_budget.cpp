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

std::int64_t overlap(const Interval& a, const Interval& b)
{
    return std::max<std::int64_t>(
        std::min(a.end_ns, b.end_ns) - std::max(a.begin_ns, b.begin_ns), 0);
}

/// What lies in either of two lists, each in order and without overlaps: such a list, too.
std::vector<Interval> united(const std::vector<Interval>& a, const std::vector<Interval>& b)
{
    std::vector<Interval> both(a.size() + b.size());
    std::merge(a.begin(), a.end(), b.begin(), b.end(), both.begin(),
        [](const Interval& left, const Interval& right) { return left.begin_ns < right.begin_ns; });
    std::vector<Interval> united;
    for (const Interval& next : both) {
        if (united.empty() || united.back().end_ns < next.begin_ns)
            united.push_back(next);
        else
            united.back().end_ns = std::max(united.back().end_ns, next.end_ns);
    }
    return united;
}

/// Adds up one lane's time. Goes through its lifetime once, from the left to the right.
class LaneSweep
{
public:
    LaneSweep(const Lane& lane, const Recording& recording, Interval life)
        : lane_(lane)
        , cuts_(united(lane.stops, recording.pauses()))
        , life_(life)
        , now_(life.begin_ns)
        , paused_ns_(recording.paused_within(life))
    {
    }

    Sums sums()
    {
        for (const Interval& cut : cuts_)
            add(BudgetCategory::stopped, overlap(cut, life_));
        add(BudgetCategory::stopped, -paused_ns_);
        for (const Span& span : lane_.spans) {
            if (span.begin_ns >= life_.end_ns)
                break;
            leave_all_that_end_by(span.begin_ns);
            go_to(span.begin_ns);
            open_.push_back(&span);
        }
        leave_all_that_end_by(life_.end_ns);
        go_to(life_.end_ns);
        return sums_;
    }

private:
    void add(BudgetCategory category, std::int64_t ns) { sums_[index_of(category)] += ns; }

    void leave_all_that_end_by(std::int64_t time)
    {
        while (!open_.empty() && open_.back()->end_ns <= time) {
            go_to(open_.back()->end_ns);
            open_.pop_back();
        }
    }

    /// What lies between the last call's time and this one belongs to the innermost open span.
    void go_to(std::int64_t time)
    {
        const Interval part = {now_, std::min(time, life_.end_ns)};
        if (part.length_ns() <= 0)
            return;
        now_ = part.end_ns;
        const BudgetCategory category
            = open_.empty() ? BudgetCategory::unexplained : category_of(open_.back()->state);
        add(category, part.length_ns() - cut_out_of(part));
    }

    /// Parts come in order, so cuts that end before one are never looked at again.
    std::int64_t cut_out_of(const Interval& part)
    {
        std::int64_t cut_ns = 0;
        while (next_cut_ < cuts_.size()) {
            const Interval& cut = cuts_[next_cut_];
            cut_ns += overlap(cut, part);
            if (cut.end_ns > part.end_ns)
                break;
            ++next_cut_;
        }
        return cut_ns;
    }

    const Lane& lane_;
    std::vector<Interval> cuts_; ///< its stops and the run's pauses
    Interval life_;
    std::int64_t now_;
    std::int64_t paused_ns_;
    std::vector<const Span*> open_;
    std::size_t next_cut_ = 0;
    Sums sums_ = {};
};

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
        Sums sums = LaneSweep(lane, recording, life).sums();
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
            workers_time += life.length_ns() - recording.paused_within(life);
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
