// SPDX-License-Identifier: MIT
// Which state fills a pixel: a lane's time cut into equal columns, in time that does not grow with
// the number of spans.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace manyhands {

/// What fills most of a column: a State by its number, or one of the two below.
using Fill = std::uint8_t;
/// Stopped from outside; not by a pause of the run, which has no width.
inline constexpr Fill fill_stopped = state_count;
inline constexpr Fill fill_nothing = state_count + 1;

struct StateColumn
{
    Fill fill = fill_nothing;
    bool several = false; ///< more than one span begins in it

    bool operator==(const StateColumn&) const = default;
};

/// The run time that a column covers: [begin, end), column `index` of `count` in `visible`, at
/// least a nanosecond.
Interval column_interval(Interval visible, std::size_t index, std::size_t count) noexcept;

/// Columns of one view, the same for all lanes: `count` equal parts of `visible`, an interval of
/// run time (Recording::run_time) of at most 25 days, as intervals of recorded time. A pause lies
/// within a column and has no part of it.
std::vector<Interval> columns_of(const Recording& recording, Interval visible, std::size_t count);

/// Fills `filled` with what `lane` did in `columns`, as many of them. The innermost state counts;
/// of several in a column the one that has most of it, the first in State's order of equal ones;
/// nothing counts only where there is nothing else. What lies behind `until_ns` (recorded time) is
/// left out.
void state_columns(const Recording& recording, const Lane& lane, std::span<const Interval> columns,
    std::int64_t until_ns, std::span<StateColumn> filled);

} // namespace manyhands
