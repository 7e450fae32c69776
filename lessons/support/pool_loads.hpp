// SPDX-License-Identifier: MIT
// How the tasks of a run were spread over the workers of its pool.
#pragma once

#include "engine/description/guide.hpp"
#include "engine/recording/recording.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::lessons {

/// What one worker did in the shown repeat.
struct WorkerLoad
{
    std::uint32_t lane; ///< index into Recording::lanes()
    std::string name;
    double busy_s = 0; ///< in tasks, less pauses
    std::uint64_t tasks = 0; ///< that it carried out
    /// When it had no more work: the end of its last task. Where it had none: when the first task
    /// of all began, or the worker itself where that was later.
    std::int64_t free_ns = 0;
};

/// Of all workers that lived then, in the order of their start. Empty without tasks.
std::vector<WorkerLoad> worker_loads(const Recording& recording);

/// The time between the first and the last worker that ran out of work, less pauses, in seconds.
/// Nothing where there are less than two.
std::optional<double> idle_tail_s(const Recording& recording, const std::vector<WorkerLoad>& loads);

/// Bars of the view `view`: seconds in tasks of each worker, numbered from 1, and their mean.
std::vector<Series> busy_time_series(std::string_view view, const std::vector<WorkerLoad>& loads);

} // namespace manyhands::lessons
