// SPDX-License-Identifier: MIT
#include "engine/analysis/scaling.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace manyhands {
namespace {

/// A point in which the law is a straight line through the origin: beyond = f * share.
struct LinearPoint
{
    double share; ///< 1 - 1/p, what the serial part weighs
    double beyond; ///< 1/S - 1/p, what is left above the ideal
};

std::string counted(std::size_t count, const char* one, const char* many)
{
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

/// Why the points are too few; empty where they are not.
std::string lack_of_points(const std::set<int>& counts, bool others_left_out, int usable_cpus)
{
    const std::string left_out = others_left_out ? " (points with more workers than the "
            + counted(static_cast<std::size_t>(usable_cpus), "usable CPU", "usable CPUs")
            + " do not count: their workers share CPUs)"
                                                 : "";
    if (counts.empty() && !others_left_out)
        return "Amdahl's law cannot be fitted: no point is complete.";
    if (counts.empty())
        return "Amdahl's law cannot be fitted: no point was measured with a CPU for each worker"
            + left_out + ".";
    if (counts.size() < 2)
        return "Amdahl's law cannot be fitted: it takes at least 2 different numbers of workers, "
               "and only 1 was measured"
            + left_out + ".";
    return {};
}

} // namespace

std::optional<ScalingFigures> figures_of(const ScalingPoint& point)
{
    const auto wall = median(point.wall_s);
    if (!wall || point.workers < 1)
        return std::nullopt;
    std::vector<double> speedups;
    for (const double wall_s : point.wall_s) {
        const auto one = speedup(point.sequential_s, wall_s);
        if (!one)
            return std::nullopt;
        speedups.push_back(*one);
    }
    ScalingFigures figures;
    figures.n = point.wall_s.size();
    figures.wall_s = *wall;
    figures.speedup = point.sequential_s / *wall;
    figures.first_quartile = *quantile(speedups, 0.25);
    figures.third_quartile = *quantile(speedups, 0.75);
    figures.efficiency = figures.speedup / point.workers;
    figures.karp_flatt = karp_flatt(figures.speedup, point.workers);
    return figures;
}

double amdahl_speedup(double serial_fraction, double workers)
{
    return 1 / (serial_fraction + (1 - serial_fraction) / workers);
}

std::variant<ScalingModel, std::string> fit_amdahl(
    const std::vector<ScalingPoint>& points, int usable_cpus)
{
    std::vector<LinearPoint> usable;
    std::set<int> counts;
    bool others_left_out = false;
    for (const ScalingPoint& point : points) {
        const auto figures = figures_of(point);
        if (!figures)
            continue;
        if (point.oversubscribed || point.workers > usable_cpus) {
            others_left_out = true;
            continue;
        }
        const double one_of_all = 1.0 / point.workers;
        usable.push_back({1 - one_of_all, 1 / figures->speedup - one_of_all});
        counts.insert(point.workers);
    }
    if (std::string lack = lack_of_points(counts, others_left_out, usable_cpus); !lack.empty())
        return lack;

    double share_by_beyond = 0;
    double share_by_share = 0;
    for (const LinearPoint& point : usable) {
        share_by_beyond += point.share * point.beyond;
        share_by_share += point.share * point.share;
    }
    // Not zero: of two different numbers of workers one is above 1.
    double fraction = share_by_beyond / share_by_share;
    // Exact points of f = 0 and f = 1 are no refusal for a rounding's sake.
    constexpr double rounding = 1e-12;
    if (fraction < -rounding)
        return "Amdahl's law cannot be fitted: the speedup is larger than the number of workers "
               "(superlinear), and no serial part explains that. More workers may have more cache "
               "between them, or the baseline was disturbed.";
    if (fraction > 1 + rounding)
        return "Amdahl's law cannot be fitted: with more workers the run takes longer than the "
               "serial baseline, and no serial part explains that. Starting and talking cost more "
               "than the workers save, or other programs use the CPUs.";
    fraction = std::clamp(fraction, 0.0, 1.0);

    double squares = 0;
    for (const LinearPoint& point : usable)
        squares += std::pow(point.beyond - fraction * point.share, 2);
    return ScalingModel{.serial_fraction = fraction,
        .rms = std::sqrt(squares / static_cast<double>(usable.size())),
        .worker_counts = static_cast<int>(counts.size())};
}

} // namespace manyhands
