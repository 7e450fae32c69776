// SPDX-License-Identifier: MIT
// Where the processes' time went: seconds by category, for each lane and in all.
#pragma once

#include "engine/recording/recording.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace manyhands {

/// What time is spent on. A lane's categories add up to its lifetime within the interval, less the
/// pauses of the run.
enum class BudgetCategory : std::uint8_t {
    computing,
    starting,
    tear_down,
    serialising,
    transfer, ///< sending and receiving
    waiting_data,
    waiting_space,
    waiting_lock,
    joining,
    idle,
    sleeping,
    held,
    stopped, ///< from outside
    ready, ///< runnable without a CPU; the kernel's total, taken off `computing`
    unexplained,
};
inline constexpr int budget_category_count = 15;

/// The category's name as in the JSON output: "waiting_data".
std::string_view name_of(BudgetCategory category);

/// What a stay in a state is spent on.
BudgetCategory category_of(State state);

/// Seconds by category.
struct Budget
{
    std::array<double, budget_category_count> seconds = {};
    /// The lane's lifetime within the interval, less pauses; sum of lifetimes in `all`.
    double total_s = 0;

    double operator[](BudgetCategory category) const noexcept
    {
        return seconds[static_cast<std::size_t>(category)];
    }
};

/// The budget of an interval.
struct TimeBudget
{
    Interval interval;
    std::vector<Budget> lanes; ///< parallel to Recording::lanes(); zeros for one outside
    Budget all;
    /// Share of the workers' time that was neither computing nor sleeping nor held, 0 to 1.
    double overhead = 0;
};

/// Adds up what each lane did within `interval`. The innermost state counts; stops and pauses are
/// cut out of what they interrupt, and pauses belong to no category; `ready` is taken off
/// `computing`, which keeps at least the CPU time that the kernel counted, and only where the
/// interval is the recording's shown one (the kernel knows just the total). Linear in spans.
TimeBudget time_budget(const Recording& recording, Interval interval);

} // namespace manyhands
