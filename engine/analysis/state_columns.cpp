// SPDX-License-Identifier: MIT
#include "engine/analysis/state_columns.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace manyhands {
namespace {

/// Adds up columns from the left to the right.
class ColumnSweep
{
public:
    ColumnSweep(const Recording& recording, const Lane& lane, std::int64_t begin_ns)
        : walk_(lane.spans, begin_ns)
        , cuts_(recording.cuts_of(lane))
        , time_ns_(begin_ns)
    {
    }

    /// Until when nothing changes; it may be long ago.
    std::int64_t next_change() const
    {
        const std::int64_t change = walk_.next_change();
        return next_cut_ < cuts_.size() ? std::min(change, cuts_[next_cut_].interval.begin_ns)
                                        : change;
    }
    /// The column until `end_ns`, which is not behind next_change().
    StateColumn same(std::int64_t end_ns)
    {
        walk_.skip_to(end_ns);
        time_ns_ = end_ns;
        const std::optional<State> state = walk_.state();
        return {state ? static_cast<Fill>(*state) : fill_nothing, false};
    }

    /// The column from where the last one ended to `end_ns`, in recorded time.
    StateColumn next(std::int64_t end_ns)
    {
        StateTimes times = {};
        std::int64_t stopped_ns = 0;
        const std::size_t begun = walk_.begun();
        for (; next_cut_ < cuts_.size() && cuts_[next_cut_].interval.begin_ns < end_ns;
             ++next_cut_) {
            const auto& [cut, pause] = cuts_[next_cut_];
            if (cut.end_ns <= time_ns_)
                continue;
            if (cut.begin_ns > time_ns_)
                walk_.add_until(cut.begin_ns, times);
            const std::int64_t cut_end = std::min(cut.end_ns, end_ns);
            StateTimes interrupted = {};
            walk_.add_until(cut_end, interrupted);
            if (!pause)
                stopped_ns += cut_end - std::max(cut.begin_ns, time_ns_);
            time_ns_ = cut_end;
            if (cut.end_ns > end_ns)
                break;
        }
        walk_.add_until(end_ns, times);
        time_ns_ = end_ns;

        StateColumn column;
        std::int64_t most = 0;
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (times[i] > most) {
                most = times[i];
                column.fill = static_cast<Fill>(i);
            }
        }
        if (stopped_ns > most)
            column.fill = fill_stopped;
        column.several = walk_.begun() > begun + 1;
        return column;
    }

private:
    StateWalk walk_;
    std::vector<Recording::Cut> cuts_;
    std::int64_t time_ns_;
    std::size_t next_cut_ = 0;
};

} // namespace

Interval column_interval(Interval visible, std::size_t index, std::size_t count) noexcept
{
    const auto columns = static_cast<std::int64_t>(count);
    const auto at = static_cast<std::int64_t>(index);
    const std::int64_t begin = visible.begin_ns + visible.length_ns() * at / columns;
    const std::int64_t end = visible.begin_ns + visible.length_ns() * (at + 1) / columns;
    return {begin, std::max(end, begin + 1)};
}

std::vector<Interval> columns_of(const Recording& recording, Interval visible, std::size_t count)
{
    std::vector<Interval> columns;
    columns.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const Interval run = column_interval(visible, i, count);
        columns.push_back(
            {recording.recorded_time(run.begin_ns), recording.recorded_time(run.end_ns)});
    }
    return columns;
}

void state_columns(const Recording& recording, const Lane& lane, std::span<const Interval> columns,
    std::int64_t until_ns, std::span<StateColumn> filled)
{
    std::fill(filled.begin(), filled.end(), StateColumn{});
    const std::int64_t life_end
        = std::min(lane.ended() ? lane.end_ns : recording.now_ns(), until_ns);
    const auto within_life
        = [&](std::int64_t time) { return std::clamp(time, lane.start_ns, life_end); };
    if (columns.empty() || lane.start_ns >= life_end)
        return;
    ColumnSweep sweep(recording, lane, within_life(columns.front().begin_ns));
    std::int64_t swept = columns.front().begin_ns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Interval column = {within_life(columns[i].begin_ns), within_life(columns[i].end_ns)};
        if (column.length_ns() <= 0)
            continue;
        // Columns of less than a nanosecond overlap, and begin anew each time.
        if (columns[i].begin_ns < swept) {
            filled[i] = ColumnSweep(recording, lane, column.begin_ns).next(column.end_ns);
            continue;
        }
        filled[i] = column.end_ns <= sweep.next_change() ? sweep.same(column.end_ns)
                                                         : sweep.next(column.end_ns);
        swept = columns[i].end_ns;
    }
}

} // namespace manyhands
