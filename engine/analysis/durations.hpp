// SPDX-License-Identifier: MIT
// How long tasks took: a histogram, quartiles, and how evenly the work was spread.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands {

/// What a histogram's bins are even on.
enum class DurationAxis : std::uint8_t { linear, logarithmic };

/// How many durations lie in a part of the axis: from `begin_ns` to below `end_ns`.
struct DurationBin
{
    std::int64_t begin_ns;
    std::int64_t end_ns;
    std::uint64_t count;
};

/// Durations of tasks.
struct DurationHistogram
{
    DurationAxis axis = DurationAxis::linear;
    std::vector<DurationBin> bins; ///< without gaps; the first and the last are not empty
    std::uint64_t count = 0; ///< of durations, so of all bins together
    double median_ns = 0;
    double first_quartile_ns = 0;
    double third_quartile_ns = 0;
    std::int64_t min_ns = 0;
    std::int64_t max_ns = 0;
};

/// The bins of durations, none of them negative; no bins for no durations.
///
/// Where the longest is less than 100 times the shortest the axis is linear, and the bins are as
/// wide as D. Freedman and P. Diaconis say ("On the Histogram as a Density Estimator: L2 Theory",
/// 1981): 2 IQR / n^(1/3), by H. A. Sturges (1926), log2 n + 1 of them, where the quartiles are the
/// same; rounded up to 1, 2 or 5 times a power of ten, and at most 100 of them. Else the axis is
/// logarithmic and the edges are all 1, 2 and 5 times a power of ten; what is shorter than 1 ns
/// counts as 1 ns there.
DurationHistogram histogram_of(std::vector<std::int64_t> durations_ns);

/// The durations of the tasks that began and ended within an interval, in the order of
/// Recording::tasks(): less pauses. Tasks that were lost with their process are left out.
std::vector<std::int64_t> task_durations_ns(const Recording& recording, Interval interval);

/// Imbalance: the longest time that a worker spent in tasks within the interval, over the mean of
/// the workers' (and of the main process's where it did some). 1 where all did the same. Nothing
/// where there are less than two of them, or they did nothing.
std::optional<double> imbalance(const Recording& recording, Interval interval);

} // namespace manyhands
