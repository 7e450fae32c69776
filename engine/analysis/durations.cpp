// SPDX-License-Identifier: MIT
#include "engine/analysis/durations.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace manyhands {
namespace {

constexpr std::int64_t linear_below = 100; // times the shortest
constexpr std::int64_t most_bins = 100;

/// The next of 1, 2, 5, 10, 20, 50, … behind one of them; itself where that is beyond all numbers.
std::int64_t next_step(std::int64_t step)
{
    std::int64_t ten = step;
    while (ten % 10 == 0)
        ten /= 10;
    if (step > std::numeric_limits<std::int64_t>::max() / 5)
        return step;
    return ten == 2 ? step / 2 * 5 : step * 2;
}

/// The first of 1, 2, 5, 10, … that is not below `value`.
std::int64_t step_from(double value)
{
    std::int64_t step = 1;
    while (static_cast<double>(step) < value && next_step(step) != step)
        step = next_step(step);
    return step;
}

/// How wide a bin of a linear axis is to be, before it is rounded.
double width_of(const DurationHistogram& histogram)
{
    const auto count = static_cast<double>(histogram.count);
    const double spread = histogram.third_quartile_ns - histogram.first_quartile_ns;
    if (spread > 0)
        return 2 * spread / std::cbrt(count);
    const auto range = static_cast<double>(histogram.max_ns - histogram.min_ns);
    return range / (std::log2(count) + 1);
}

std::int64_t bins_of_width(std::int64_t width, const DurationHistogram& histogram)
{
    return histogram.max_ns / width - histogram.min_ns / width + 1;
}

void make_linear_bins(DurationHistogram& histogram)
{
    std::int64_t width = step_from(width_of(histogram));
    while (bins_of_width(width, histogram) > most_bins && next_step(width) != width)
        width = next_step(width);
    const std::int64_t count = bins_of_width(width, histogram);
    const std::int64_t first = histogram.min_ns / width;
    for (std::int64_t i = first; i < first + count; ++i)
        histogram.bins.push_back({i * width, (i + 1) * width, 0});
}

void make_logarithmic_bins(DurationHistogram& histogram)
{
    std::int64_t edge = 1;
    while (next_step(edge) <= histogram.min_ns && next_step(edge) != edge)
        edge = next_step(edge);
    for (; edge <= histogram.max_ns; edge = next_step(edge)) {
        const std::int64_t next = next_step(edge);
        histogram.bins.push_back(
            {edge, next == edge ? std::numeric_limits<std::int64_t>::max() : next, 0});
        if (next == edge)
            break;
    }
}

void count_into(std::vector<DurationBin>& bins, const std::vector<std::int64_t>& sorted)
{
    auto bin = bins.begin();
    for (const std::int64_t duration : sorted) {
        while (duration >= bin->end_ns && bin + 1 != bins.end())
            ++bin;
        ++bin->count;
    }
}

bool lies_within(const Task& task, Interval interval)
{
    return task.end_ns != open_end && task.outcome != Task::Outcome::lost
        && task.begin_ns >= interval.begin_ns && task.end_ns <= interval.end_ns;
}

std::int64_t run_time_of(const Task& task, const Recording& recording)
{
    return task.end_ns - task.begin_ns - recording.paused_within({task.begin_ns, task.end_ns});
}

} // namespace

DurationHistogram histogram_of(std::vector<std::int64_t> durations_ns)
{
    DurationHistogram histogram;
    if (durations_ns.empty())
        return histogram;
    std::sort(durations_ns.begin(), durations_ns.end());
    histogram.count = durations_ns.size();
    histogram.min_ns = durations_ns.front();
    histogram.max_ns = durations_ns.back();
    const std::vector<double> values(durations_ns.begin(), durations_ns.end());
    histogram.median_ns = *median(values);
    histogram.first_quartile_ns = *quantile(values, 0.25);
    histogram.third_quartile_ns = *quantile(values, 0.75);
    const std::int64_t shortest = std::max<std::int64_t>(histogram.min_ns, 1);
    if (histogram.max_ns / shortest < linear_below) {
        make_linear_bins(histogram);
    } else {
        histogram.axis = DurationAxis::logarithmic;
        make_logarithmic_bins(histogram);
    }
    count_into(histogram.bins, durations_ns);
    return histogram;
}

std::vector<std::int64_t> task_durations_ns(const Recording& recording, Interval interval)
{
    std::vector<std::int64_t> durations;
    for (const Task& task : recording.tasks()) {
        if (lies_within(task, interval))
            durations.push_back(run_time_of(task, recording));
    }
    return durations;
}

std::optional<double> imbalance(const Recording& recording, Interval interval)
{
    const auto& lanes = recording.lanes();
    std::vector<double> in_tasks(lanes.size(), 0);
    for (const Task& task : recording.tasks()) {
        if (lies_within(task, interval) && task.lane < lanes.size())
            in_tasks[task.lane] += static_cast<double>(run_time_of(task, recording));
    }
    std::vector<double> workers;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const bool lived = lanes[i].start_ns < interval.end_ns
            && (!lanes[i].ended() || lanes[i].end_ns > interval.begin_ns);
        if (lived && (lanes[i].role == Role::worker || in_tasks[i] > 0))
            workers.push_back(in_tasks[i]);
    }
    const double sum = std::accumulate(workers.begin(), workers.end(), 0.0);
    if (workers.size() < 2 || !(sum > 0))
        return std::nullopt;
    const double longest = *std::max_element(workers.begin(), workers.end());
    return longest * static_cast<double>(workers.size()) / sum;
}

} // namespace manyhands
