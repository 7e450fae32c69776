// SPDX-License-Identifier: MIT
// How a run's speed grows with its workers: measured points, and Amdahl's law fitted to them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace manyhands {

/// Repeats of the same work with one number of workers.
struct ScalingPoint
{
    int workers = 0;
    std::vector<double> wall_s; ///< of each repeat
    double sequential_s = 0; ///< T1
    bool oversubscribed = false;
};

/// What a point says. Quartiles are those of T1 / wall time over the repeats.
struct ScalingFigures
{
    std::size_t n = 0; ///< repeats
    double wall_s = 0; ///< Tp, the median
    double speedup = 0; ///< T1 / Tp
    double first_quartile = 0;
    double third_quartile = 0;
    double efficiency = 0; ///< speedup / workers
    std::optional<double> karp_flatt; ///< nothing for one worker
};

/// The figures of a point; nothing where it has no repeat, no worker, or a time that is not
/// positive.
std::optional<ScalingFigures> figures_of(const ScalingPoint& point);

/// Amdahl's law fitted to measured points.
struct ScalingModel
{
    double serial_fraction = 0; ///< f, 0 to 1
    double rms = 0; ///< root of the mean square of what 1/S deviates by, as a share of T1
    int worker_counts = 0; ///< different ones that it rests on
};

/// S(p) = 1 / (f + (1 - f) / p): the fixed-size speedup of G. M. Amdahl, "Validity of the Single
/// Processor Approach to Achieving Large Scale Computing Capabilities", AFIPS 1967.
double amdahl_speedup(double serial_fraction, double workers);

/// Fits f by least squares on 1/S, in which the law is linear: 1/S = 1/p + f (1 - 1/p). Points that
/// are oversubscribed or have more workers than `usable_cpus` are left out: there the law does not
/// hold, since p workers do not have p CPUs. Where no fit says anything, a sentence says why.
std::variant<ScalingModel, std::string> fit_amdahl(
    const std::vector<ScalingPoint>& points, int usable_cpus);

} // namespace manyhands
