// SPDX-License-Identifier: MIT
// Speedup and what follows from it.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands {

/// Median of `values` (the mean of the middle two of an even number); nothing for none.
std::optional<double> median(std::vector<double> values);

/// Quantile `q` in 0..1 with linear interpolation between closest ranks (R's type 7, as NumPy's
/// default); nothing for no values or another `q`.
std::optional<double> quantile(std::vector<double> values, double q);

/// Index of the value with the median rank, the lower middle one of an even number, the first of
/// equal ones; 0 for no values.
std::size_t median_index(const std::vector<double>& values);

/// S = T1 / Tp. Nothing where either is not positive.
std::optional<double> speedup(double sequential_s, double parallel_s);

/// E = S / p. Nothing for p < 1.
std::optional<double> efficiency(double speedup, int workers);

/// The experimentally determined serial fraction e = (1/S - 1/p) / (1 - 1/p) of A. H. Karp and
/// H. P. Flatt, "Measuring Parallel Processor Performance", CACM 33(5), 1990. Nothing for p < 2.
std::optional<double> karp_flatt(double speedup, int workers);

/// One point of S(t) = (work done / all work) * T1 / t, t since the repeat began, less pauses.
struct SpeedupPoint
{
    double time_s;
    double speedup;
};

/// S(t) of the recording's newest repeat from its work samples; empty while the baseline (T1 and
/// all work) is unknown. Nothing is interpolated: a point for each sample taken.
std::vector<SpeedupPoint> speedup_so_far(
    const Recording& recording, std::optional<double> sequential_s, std::uint64_t all_work);

} // namespace manyhands
