// SPDX-License-Identifier: MIT
// The critical path: the chain of spans, messages and locks that decided the wall time.
#pragma once

#include "engine/analysis/time_budget.hpp"
#include "engine/recording/recording.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace manyhands {

/// How the path came from the step before to a step.
enum class Link : std::uint8_t {
    same_lane, ///< the lane went on; also the first step of all
    message, ///< the lane before sent the message that this one waited for
    space, ///< the lane before received a message, and so made room
    lock, ///< the lane before released the lock, or held it when the wait began
    join, ///< the lane before ended
    start, ///< the lane before started this one
    pool, ///< the lane before owns the pool in which this one had no task
};
inline constexpr int link_count = 7;

/// "same_lane", "message", …
std::string_view name_of(Link link);

/// A part of the path: one lane at one thing. What a link skips of a wait is not in it.
struct PathStep
{
    std::uint32_t lane; ///< index into Recording::lanes()
    Interval interval;
    BudgetCategory category; ///< never `ready`, of which only totals are known
    Link how_reached;
};

/// The path through an interval.
struct CriticalPath
{
    /// What the path covers: the interval asked for, less what no process lived in at its ends.
    Interval interval;
    /// In order of time, without gaps: each begins where the one before ends, the first with the
    /// interval and the last ends with it.
    std::vector<PathStep> steps;
    /// Run time of the steps by category, less pauses, in nanoseconds.
    std::array<std::int64_t, budget_category_count> category_ns = {};
    /// Their sum: the interval's length less pauses.
    std::int64_t total_ns = 0;

    /// Share of the path, 0 to 1; 0 for an empty one.
    double share(BudgetCategory category) const noexcept;
};

/// Walks back from the end of the interval, in the lane that ended last there (where none did, in
/// one that does not wait for what is still to come; the main process, if it may be chosen):
/// through what the lane did and, at the end of a wait, on in the lane that ended it, at the moment
/// in which it did: the sender of the last message that it got while it waited, the receiver that
/// made room, the holder that released the lock, the process that ended, the main process that
/// started it. Where nothing tells who ended a wait, it counts itself.
///
/// The method is that of the critical path of a program activity graph: C.-Q. Yang and B. P.
/// Miller, "Critical Path Analysis for the Execution of Parallel and Distributed Programs", ICDCS
/// 1988. Cost: sorting the transfers, holds and lanes, else linear in spans and steps.
CriticalPath critical_path(const Recording& recording, Interval interval);

} // namespace manyhands
