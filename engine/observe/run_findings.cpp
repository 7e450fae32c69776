// SPDX-License-Identifier: MIT
#include "engine/observe/run_findings.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace manyhands {
namespace {

using nlohmann::json;

bool has_any(const std::vector<std::string>& marks, std::initializer_list<const char*> of)
{
    return std::any_of(of.begin(), of.end(), [&](const char* mark) {
        return std::find(marks.begin(), marks.end(), mark) != marks.end();
    });
}

} // namespace

std::vector<Finding> findings_of(const FinishedRun& run, const std::vector<Prediction>& predictions)
{
    if (run.foreign)
        return {};
    std::vector<double> walls;
    for (const Repeat& repeat : run.repeats)
        walls.push_back(repeat.wall_s);
    const std::optional<double> wall_s = median(std::move(walls));
    return findings({.description = run.description,
        .parameters = run.parameters,
        .recording = *run.recording,
        .document = run.document ? &*run.document : nullptr,
        .sequential_s = run.sequential_s,
        .wall_s = wall_s,
        .speedup = speedup(run.sequential_s.value_or(0), wall_s.value_or(0)),
        .usable_cpus = run.machine.usable_cpus,
        .stopped = run.state == RunState::stopped || run.state == RunState::timed_out,
        .partial = has_any(run.marks, {"partial"}),
        .timed = !has_any(run.marks, {"partial", "paused", "slowed", "stepped"}),
        .predictions = predictions});
}

json findings_array(const FinishedRun& run, const std::vector<Finding>& findings)
{
    const Recording& recording = *run.recording;
    const Interval shown = recording.shown_interval();
    const auto since_begin = [&](std::int64_t time) {
        const std::int64_t end = std::clamp(time, shown.begin_ns, shown.end_ns);
        return static_cast<double>(recording.run_time_within({shown.begin_ns, end})) / 1e9;
    };
    json array = json::array();
    for (const Finding& finding : findings) {
        const Lane* const lane = finding.lane ? &recording.lanes()[*finding.lane] : nullptr;
        array.push_back({{"id", finding.id}, {"belief", finding.belief},
            {"sentence", finding.sentence}, {"question", finding.question},
            {"process", lane == nullptr ? json() : json(lane->name)},
            {"pid", lane == nullptr ? json() : json(lane->pid)},
            {"interval_s",
                finding.interval ? json{since_begin(finding.interval->begin_ns),
                    since_begin(finding.interval->end_ns)}
                                 : json()},
            {"attempt",
                finding.attempt ? json{{"label", finding.attempt->label},
                    {"words", finding.attempt->words}, {"sweep", finding.attempt->sweep}}
                                : json()}});
    }
    return array;
}

} // namespace manyhands
