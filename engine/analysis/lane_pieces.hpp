// SPDX-License-Identifier: MIT
// A lane cut into pieces in each of which it did one thing: its innermost state, or a stop.
#pragma once

#include "engine/analysis/time_budget.hpp"
#include "engine/recording/recording.hpp"

#include <cstdint>
#include <vector>

namespace manyhands {

/// A part of a lane's life in which nothing begins or ends.
struct LanePiece
{
    Interval interval;
    BudgetCategory category;
    const Span* span; ///< the innermost one; nullptr where there is none, or the lane is stopped
};

/// The pieces of one lane, for looking them up by time. The recording must outlive them. Memory: 16
/// bytes a piece, of which there are at most two a span.
class LanePieces
{
public:
    /// Those within `interval`. Linear in the lane's spans.
    LanePieces(const Recording& recording, std::uint32_t lane, Interval interval);

    /// The piece that contains the nanosecond before `time`, which must lie within the lane's life
    /// and the interval.
    LanePiece before(std::int64_t time) const;

private:
    struct Cut
    {
        std::int64_t begin_ns; ///< the end is the next one's begin
        std::uint32_t span; ///< or one of the two below
    };
    static constexpr std::uint32_t no_span = no_subject;
    static constexpr std::uint32_t stopped = no_subject - 1;

    void add_spans();
    void add_until(std::int64_t time, std::uint32_t span);
    void cut_stops_out();
    void cut_stops_out_of(Interval piece, std::uint32_t span, std::size_t& next_stop);

    const Lane& lane_;
    Interval life_;
    std::int64_t now_;
    std::vector<Cut> cuts_;
};

} // namespace manyhands
