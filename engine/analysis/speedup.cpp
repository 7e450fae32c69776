// SPDX-License-Identifier: MIT
#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace manyhands {
namespace {

bool positive(double value)
{
    return std::isfinite(value) && value > 0;
}

} // namespace

std::optional<double> median(std::vector<double> values)
{
    return quantile(std::move(values), 0.5);
}

std::optional<double> quantile(std::vector<double> values, double q)
{
    if (values.empty() || !(q >= 0 && q <= 1))
        return std::nullopt;
    std::sort(values.begin(), values.end());
    const double rank = static_cast<double>(values.size() - 1) * q;
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], rank - static_cast<double>(below));
}

std::size_t median_index(const std::vector<double>& values)
{
    if (values.empty())
        return 0;
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
        [&](std::size_t left, std::size_t right) { return values[left] < values[right]; });
    return order[(order.size() - 1) / 2];
}

std::optional<double> speedup(double sequential_s, double parallel_s)
{
    if (!positive(sequential_s) || !positive(parallel_s))
        return std::nullopt;
    return sequential_s / parallel_s;
}

std::optional<double> efficiency(double speedup, int workers)
{
    if (workers < 1)
        return std::nullopt;
    return speedup / workers;
}

std::optional<double> karp_flatt(double speedup, int workers)
{
    if (workers < 2 || !positive(speedup))
        return std::nullopt;
    const double one_of_all = 1.0 / workers;
    return (1.0 / speedup - one_of_all) / (1.0 - one_of_all);
}

std::vector<SpeedupPoint> speedup_so_far(
    const Recording& recording, std::optional<double> sequential_s, std::uint64_t all_work)
{
    const Phase* phase = recording.last_phase(PhaseKind::repeat);
    if (!phase)
        phase = recording.last_phase(PhaseKind::warm_up);
    if (!phase || !sequential_s || !positive(*sequential_s) || all_work == 0)
        return {};
    const double sequential_work = *sequential_s / static_cast<double>(all_work);
    std::vector<SpeedupPoint> points;
    for (const WorkSample& sample : recording.work_samples()) {
        if (sample.time_ns <= phase->begin_ns || sample.time_ns > phase->end_ns)
            continue;
        const std::int64_t time_ns = sample.time_ns - phase->begin_ns
            - recording.paused_within({phase->begin_ns, sample.time_ns});
        if (time_ns <= 0)
            continue;
        const double time_s = static_cast<double>(time_ns) * 1e-9;
        points.push_back({time_s, static_cast<double>(sample.work) * sequential_work / time_s});
    }
    return points;
}

} // namespace manyhands
