// SPDX-License-Identifier: MIT
#include "lessons/support/pool_loads.hpp"

#include <algorithm>
#include <map>

namespace manyhands::lessons {

std::vector<WorkerLoad> worker_loads(const Recording& recording)
{
    const Interval shown = recording.shown_interval();
    std::map<std::uint32_t, WorkerLoad> by_lane;
    std::int64_t first_begin_ns = open_end;
    std::int64_t last_end_ns = 0;
    for (const Task& task : recording.tasks()) {
        if (task.lane == no_subject || task.end_ns == open_end || task.begin_ns < shown.begin_ns
            || task.end_ns > shown.end_ns)
            continue;
        const std::int64_t paused_ns = recording.paused_within({task.begin_ns, task.end_ns});
        WorkerLoad& load = by_lane[task.lane];
        load.busy_s += static_cast<double>(task.end_ns - task.begin_ns - paused_ns) / 1e9;
        load.free_ns = std::max(load.free_ns, task.end_ns);
        ++load.tasks;
        first_begin_ns = std::min(first_begin_ns, task.begin_ns);
        last_end_ns = std::max(last_end_ns, task.end_ns);
    }
    std::vector<WorkerLoad> loads;
    if (by_lane.empty())
        return loads;
    const auto& lanes = recording.lanes();
    for (std::uint32_t i = 0; i < lanes.size(); ++i) {
        const Lane& lane = lanes[i];
        if (lane.role != Role::worker || lane.start_ns >= shown.end_ns
            || (lane.ended() && lane.end_ns <= shown.begin_ns))
            continue;
        WorkerLoad load;
        if (const auto known = by_lane.find(i); known != by_lane.end())
            load = known->second;
        else
            load.free_ns = std::clamp(lane.start_ns, first_begin_ns, last_end_ns);
        load.lane = i;
        load.name = lane.name;
        loads.push_back(std::move(load));
    }
    return loads;
}

std::optional<double> idle_tail_s(const Recording& recording, const std::vector<WorkerLoad>& loads)
{
    if (loads.size() < 2)
        return std::nullopt;
    const auto [first, last] = std::minmax_element(loads.begin(), loads.end(),
        [](const WorkerLoad& a, const WorkerLoad& b) { return a.free_ns < b.free_ns; });
    return static_cast<double>(recording.run_time_within({first->free_ns, last->free_ns})) / 1e9;
}

std::vector<Series> busy_time_series(std::string_view view, const std::vector<WorkerLoad>& loads)
{
    if (loads.empty())
        return {};
    Series busy = {.view = std::string(view), .name = "in tasks", .style = SeriesStyle::bars};
    Series mean = {.view = std::string(view), .name = "mean", .style = SeriesStyle::line};
    mean.reference = true;
    double sum = 0;
    for (const WorkerLoad& load : loads) {
        busy.x.push_back(static_cast<double>(busy.x.size() + 1));
        busy.y.push_back(load.busy_s);
        sum += load.busy_s;
    }
    const auto workers = static_cast<double>(loads.size());
    mean.x = {0.5, workers + 0.5};
    mean.y = {sum / workers, sum / workers};
    return {std::move(busy), std::move(mean)};
}

} // namespace manyhands::lessons
