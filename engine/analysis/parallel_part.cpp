// SPDX-License-Identifier: MIT
#include "engine/analysis/parallel_part.hpp"

#include <algorithm>

namespace manyhands {

std::int64_t parallel_begin(const Recording& recording)
{
    const Interval shown = recording.shown_interval();
    const std::vector<Lane>& lanes = recording.lanes();
    const auto lies_within = [&](std::int64_t time_ns) {
        return shown.begin_ns <= time_ns && time_ns <= shown.end_ns;
    };
    std::int64_t first = open_end;
    for (const Task& task : recording.tasks()) {
        if (task.lane < lanes.size() && lanes[task.lane].role == Role::worker
            && lies_within(task.begin_ns))
            first = std::min(first, task.begin_ns);
    }
    if (first != open_end)
        return first;
    for (const Lane& lane : lanes) {
        if (lane.role != Role::worker)
            continue;
        for (const Span& span : lane.spans) {
            if (span.begin_ns >= first)
                break;
            if (span.state != State::starting && lies_within(span.begin_ns))
                first = span.begin_ns;
        }
    }
    return first == open_end ? shown.begin_ns : first;
}

} // namespace manyhands
