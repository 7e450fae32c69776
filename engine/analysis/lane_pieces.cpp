// SPDX-License-Identifier: MIT
#include "engine/analysis/lane_pieces.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace manyhands {

LanePieces::LanePieces(const Recording& recording, std::uint32_t lane, Interval interval)
    : lane_(recording.lanes()[lane])
    , life_({std::max(lane_.start_ns, interval.begin_ns),
          std::min(lane_.ended() ? lane_.end_ns : recording.now_ns(), interval.end_ns)})
    , now_(life_.begin_ns)
{
    add_spans();
    if (!lane_.stops.empty())
        cut_stops_out();
}

void LanePieces::add_spans()
{
    std::vector<std::uint32_t> open;
    const auto leave_all_that_end_by = [&](std::int64_t time) {
        while (!open.empty() && lane_.spans[open.back()].end_ns <= time) {
            add_until(lane_.spans[open.back()].end_ns, open.back());
            open.pop_back();
        }
        add_until(time, open.empty() ? no_span : open.back());
    };
    for (std::uint32_t index = 0; index < lane_.spans.size(); ++index) {
        const Span& span = lane_.spans[index];
        if (span.begin_ns >= life_.end_ns)
            break;
        if (span.end_ns <= life_.begin_ns)
            continue;
        leave_all_that_end_by(span.begin_ns);
        open.push_back(index);
    }
    leave_all_that_end_by(life_.end_ns);
}

// What lies between the last call's time and this one belongs to `span`.
void LanePieces::add_until(std::int64_t time, std::uint32_t span)
{
    const std::int64_t end = std::min(time, life_.end_ns);
    if (end <= now_)
        return;
    cuts_.push_back({now_, span});
    now_ = end;
}

void LanePieces::cut_stops_out()
{
    const std::vector<Cut> whole = std::exchange(cuts_, {});
    std::size_t next_stop = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        const std::int64_t end = i + 1 < whole.size() ? whole[i + 1].begin_ns : now_;
        cut_stops_out_of({whole[i].begin_ns, end}, whole[i].span, next_stop);
    }
}

// Pieces come in order, so stops that end before one are never looked at again.
void LanePieces::cut_stops_out_of(Interval piece, std::uint32_t span, std::size_t& next_stop)
{
    std::int64_t at = piece.begin_ns;
    while (next_stop < lane_.stops.size() && lane_.stops[next_stop].begin_ns < piece.end_ns) {
        const Interval& stop = lane_.stops[next_stop];
        const std::int64_t begin = std::max(stop.begin_ns, at);
        const std::int64_t end = std::min(stop.end_ns, piece.end_ns);
        if (end > begin) {
            if (begin > at)
                cuts_.push_back({at, span});
            cuts_.push_back({begin, stopped});
            at = end;
        }
        if (stop.end_ns > piece.end_ns)
            break;
        ++next_stop;
    }
    if (at < piece.end_ns)
        cuts_.push_back({at, span});
}

LanePiece LanePieces::before(std::int64_t time) const
{
    const auto after = std::lower_bound(cuts_.begin(), cuts_.end(), time,
        [](const Cut& cut, std::int64_t moment) { return cut.begin_ns < moment; });
    if (after == cuts_.begin())
        return {{life_.begin_ns, life_.end_ns}, BudgetCategory::unexplained, nullptr};
    const Cut& cut = *(after - 1);
    const Interval interval = {cut.begin_ns, after == cuts_.end() ? life_.end_ns : after->begin_ns};
    if (cut.span == stopped)
        return {interval, BudgetCategory::stopped, nullptr};
    if (cut.span == no_span)
        return {interval, BudgetCategory::unexplained, nullptr};
    const Span& span = lane_.spans[cut.span];
    return {interval, category_of(span.state), &span};
}

} // namespace manyhands
