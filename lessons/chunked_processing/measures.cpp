// SPDX-License-Identifier: MIT
#include "lessons/chunked_processing/measures.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::lessons::chunked_processing {
namespace {

bool is_chunk_transfer(const Recording& recording, const Transfer& transfer)
{
    const Interval shown = recording.shown_interval();
    return recording.channels()[transfer.channel].name == "tasks"
        && shown.begin_ns <= transfer.time_ns && transfer.time_ns <= shown.end_ns;
}

double run_seconds(const Recording& recording, Interval interval)
{
    return static_cast<double>(recording.run_time_within(interval)) / 1e9;
}

// Of a worker: the gap before each chunk but the first, and the unpacking of the chunk.
void add_costs_of(const Recording& recording, const Lane& lane, std::vector<double>& costs)
{
    std::int64_t last_end_ns = open_end;
    bool counts = false;
    for (const Span& span : lane.spans) {
        if (span.end_ns == open_end)
            return;
        if (span.state == State::computing) {
            counts = last_end_ns != open_end;
            if (counts)
                costs.push_back(run_seconds(recording, {last_end_ns, span.begin_ns}));
            last_end_ns = span.end_ns;
        } else if (counts && span.state == State::serialising) {
            costs.back() += run_seconds(recording, {span.begin_ns, span.end_ns});
        }
    }
}

// Of the main process: from one sending to the next, without its waits for results.
std::optional<double> cost_to_main(const Recording& recording)
{
    std::vector<const Transfer*> sent;
    for (const Transfer& transfer : recording.transfers()) {
        if (!transfer.received && !transfer.summarised && is_chunk_transfer(recording, transfer))
            sent.push_back(&transfer);
    }
    constexpr auto waiting = static_cast<std::size_t>(State::waiting_data);
    std::vector<double> costs;
    for (std::size_t i = 1; i < sent.size(); ++i) {
        const Interval between = {sent[i - 1]->time_ns, sent[i]->time_ns};
        const Spans& spans = recording.lanes()[sent[i]->lane].spans;
        const std::int64_t waited_ns = spans.times_until(between.end_ns)[waiting]
            - spans.times_until(between.begin_ns)[waiting];
        costs.push_back(
            std::max(0.0, run_seconds(recording, between) - static_cast<double>(waited_ns) / 1e9));
    }
    return median(costs);
}

} // namespace

std::optional<MessageCost> message_cost(const Recording& recording, bool main_shares)
{
    std::vector<double> costs;
    for (const Lane& lane : recording.lanes()) {
        if (lane.role == Role::worker)
            add_costs_of(recording, lane, costs);
    }
    if (costs.empty())
        return std::nullopt;
    const double main_s = main_shares ? cost_to_main(recording).value_or(0) : 0;
    return MessageCost{*median(costs) + main_s, *quantile(costs, 0.25) + main_s,
        *quantile(costs, 0.75) + main_s, static_cast<int>(costs.size())};
}

std::optional<InFlight> in_flight(const Recording& recording)
{
    struct Step
    {
        std::int64_t time_ns;
        std::uint64_t bytes;
        bool begun;
    };
    std::vector<Step> steps;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.received || !is_chunk_transfer(recording, transfer))
            continue;
        if (transfer.summarised)
            return std::nullopt;
        steps.push_back({transfer.time_ns, transfer.bytes, false});
    }
    const Interval shown = recording.shown_interval();
    std::vector<std::int64_t> begun;
    for (const Task& task : recording.tasks()) {
        if (shown.begin_ns <= task.begin_ns && task.begin_ns <= shown.end_ns)
            begun.push_back(task.begin_ns);
    }
    std::sort(begun.begin(), begun.end());
    // What was sent behind the chunks tells the workers to end.
    steps.resize(std::min(steps.size(), begun.size()));
    const std::size_t chunks = steps.size();
    for (std::size_t i = 0; i < chunks; ++i)
        steps.push_back({begun[i], steps[i].bytes, true});
    // A chunk is sent before it is begun, also where both carry one time.
    std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
        return a.time_ns != b.time_ns ? a.time_ns < b.time_ns : a.begun < b.begun;
    });
    InFlight found;
    std::uint64_t bytes = 0;
    for (const Step& step : steps) {
        if (step.begun)
            bytes -= std::min(bytes, step.bytes);
        else
            bytes += step.bytes;
        found.points.push_back({step.time_ns, bytes});
        found.peak_bytes = std::max(found.peak_bytes, bytes);
    }
    return found;
}

double best_chunk(std::uint64_t numbers, double number_s, double message_s, int at_once)
{
    const auto all = static_cast<double>(numbers);
    if (!(number_s > 0) || at_once < 2)
        return all;
    const double best = std::sqrt(2 * all * message_s / (at_once * number_s));
    return std::clamp(std::round(best), 1.0, all);
}

} // namespace manyhands::lessons::chunked_processing
