// SPDX-License-Identifier: MIT
// The run as one JSON object.
#include "engine/analysis/speedup.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/observe/run_findings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace manyhands {
namespace {

using nlohmann::json;

constexpr int schema = 1;

template <class Value>
json or_null(const std::optional<Value>& value)
{
    return value ? json(*value) : json(nullptr);
}

json machine_object(const Machine& machine)
{
    return {{"cpu", machine.cpu}, {"usable_cpus", machine.usable_cpus},
        {"logical_cpus", machine.logical_cpus}, {"memory_bytes", machine.memory_bytes},
        {"kernel", machine.kernel}, {"version", machine.version}, {"commit", machine.commit}};
}

json repeats_array(const FinishedRun& run)
{
    json repeats = json::array();
    for (const Repeat& repeat : run.repeats)
        repeats.push_back({{"wall_s", repeat.wall_s},
            {"sequential_s", or_null(repeat.sequential_s)}, {"speedup", or_null(repeat.speedup)}});
    return repeats;
}

// Whether a lane belongs to the interval: the main process always does.
bool within(const Lane& lane, Interval interval)
{
    return lane.start_ns < interval.end_ns && (!lane.ended() || lane.end_ns > interval.begin_ns);
}

// The largest one read of each lane; null where none was.
std::vector<json> peak_pss_bytes(const Recording& recording)
{
    std::vector<json> peaks(recording.lanes().size());
    for (const MemorySample& sample : recording.memory()) {
        json& peak = peaks[sample.lane];
        if (sample.pss_bytes != 0 && (peak.is_null() || peak < sample.pss_bytes))
            peak = sample.pss_bytes;
    }
    return peaks;
}

json processes_array(const Recording& recording, const TimeBudget& budget, bool traced)
{
    json processes = json::array();
    const std::vector<json> peaks = peak_pss_bytes(recording);
    const Interval interval = budget.interval;
    const bool sampled = is_sampled(recording);
    // In run time, as are the wall times.
    const auto since_begin = [&](std::int64_t time) {
        const std::int64_t end = std::clamp(time, interval.begin_ns, interval.end_ns);
        return static_cast<double>(
                   end - interval.begin_ns - recording.paused_within({interval.begin_ns, end}))
            / 1e9;
    };
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        if (!within(lane, interval))
            continue;
        processes.push_back({{"name", lane.name}, {"pid", lane.pid}, {"role", name_of(lane.role)},
            {"start_method",
                lane.start_method == StartMethod::none ? json(nullptr)
                                                       : json(name_of(lane.start_method))},
            {"start_s", since_begin(lane.start_ns)},
            {"end_s", since_begin(lane.ended() ? lane.end_ns : interval.end_ns)},
            {"cpu_s", static_cast<double>(lane.cpu_ns) / 1e9},
            {"busy_s", traced ? json(budget.lanes[i][BudgetCategory::computing]) : json(nullptr)},
            {"exit", or_null(lane.exit)}, {"tasks", lane.tasks_done},
            {"peak_rss_bytes", lane.peak_rss_bytes}, {"peak_pss_bytes", peaks[i]}});
        // Of a watched program: some of its lanes trace themselves, the others are sampled.
        if (sampled)
            processes.back()["sampled"] = lane.spans.empty() || is_sampled(recording, lane);
    }
    return processes;
}

json channels_array(const Recording& recording)
{
    json channels = json::array();
    for (const Channel& channel : recording.channels())
        channels.push_back(
            {{"name", channel.name}, {"kind", channel.kind}, {"messages", channel.messages},
                {"bytes", channel.bytes}, {"max_depth", channel.max_depth}});
    return channels;
}

json budget_object(const Budget& budget)
{
    json object = json::object();
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        object[std::string(name_of(category))] = budget[category];
    }
    object["total"] = budget.total_s;
    return object;
}

// Median wall and baseline times and what follows from them.
void add_figures(json& object, const FinishedRun& run, int workers)
{
    std::vector<double> walls;
    std::vector<double> speedups;
    for (const Repeat& repeat : run.repeats) {
        walls.push_back(repeat.wall_s);
        if (repeat.speedup)
            speedups.push_back(*repeat.speedup);
    }
    const auto wall = median(walls);
    const auto sequential = run.sequential_s;
    const auto ratio = speedup(sequential.value_or(0), wall.value_or(0));
    object["wall_s"] = or_null(wall);
    object["sequential_s"] = or_null(sequential);
    object["speedup"] = or_null(ratio);
    object["efficiency"] = ratio ? or_null(efficiency(*ratio, workers)) : json(nullptr);
    object["karp_flatt"] = ratio ? or_null(karp_flatt(*ratio, workers)) : json(nullptr);
    object["spread"] = speedups.size() > 1
        ? json{*quantile(speedups, 0.25), *quantile(speedups, 0.75)}
        : json(nullptr);
}

void add_document(json& object, const FinishedRun& run)
{
    object["failures"] = json::array();
    object["quantities"] = json::object();
    object["checks"] = json::array();
    object["result"] = nullptr;
    if (!run.document)
        return;
    const json document = to_json(*run.document);
    for (const char* const name : {"failures", "checks", "result"})
        object[name] = document.at(name);
    for (const Quantity& quantity : run.document->quantities)
        object["quantities"][quantity.name] = or_null(quantity.value);
}

} // namespace

int workers_of(const FinishedRun& run)
{
    const auto& lanes = run.recording->lanes();
    const Interval interval = run.recording->shown_interval();
    return static_cast<int>(std::count_if(lanes.begin(), lanes.end(),
        [&](const Lane& lane) { return lane.tasks_done > 0 && within(lane, interval); }));
}

json run_object(const FinishedRun& run)
{
    const Recording& recording = *run.recording;
    const TimeBudget budget = time_budget(recording, recording.shown_interval());
    const int workers = workers_of(run);
    json object = {{"schema", schema}, {"lesson", run.lesson.id},
        {"parameters", to_json(run.parameters)}, {"seed", run.seed}, {"state", name_of(run.state)},
        {"marks", run.marks}, {"machine", machine_object(run.machine)}, {"workers", workers},
        {"repeats", repeats_array(run)},
        {"shown_repeat", run.repeats.empty() ? json(nullptr) : json(run.shown_repeat)}};
    add_figures(object, run, workers);
    object["processes"] = processes_array(recording, budget, run.traced);
    const bool known = run.traced && !run.foreign;
    object["channels"] = known ? channels_array(recording) : json(nullptr);
    object["budget"] = known ? budget_object(budget.all) : json(nullptr);
    object["events"]
        = run.traced ? json{{"recorded", run.events}, {"dropped", run.dropped}} : json(nullptr);
    add_document(object, run);
    object["findings"] = findings_array(run, findings_of(run));
    return object;
}

json run_object(const Session& session)
{
    return run_object(finished_run(session));
}

} // namespace manyhands
