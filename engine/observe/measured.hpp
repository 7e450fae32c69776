// SPDX-License-Identifier: MIT
// What a run measured, by name, and what became of a prediction of it.
#pragma once

#include "engine/description/guide.hpp"
#include "engine/observe/finished_run.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace manyhands {

/// A figure of a run, with its spread where it was measured several times.
struct Measured
{
    double value = 0; ///< the median of several
    std::optional<double> low; ///< first and third quartile
    std::optional<double> high;
    int samples = 1;
    std::string unit;
};

/// The quantity `name` of the lesson, or one of the figures that every run has: "wall_s",
/// "sequential_s", "speedup" and "efficiency". Nothing where the run does not know it.
std::optional<Measured> measured(const FinishedRun& run, std::string_view name);

/// What a measurement says of a prediction.
enum class Verdict : std::uint8_t {
    unknown, ///< the run does not know the quantity, or nothing was predicted
    right, ///< inside the spread; of a single measurement, within the description's tolerance
    too_low, ///< the prediction lies below the measurement
    too_high,
    other, ///< another choice holds
};

/// A choice holds where the measured value lies in its range. A number is right where it lies
/// between the quartiles; where they are closer to the median than a tenth of the tolerance (or
/// there is one measurement only), within the tolerance.
Verdict judged(const PredictionDescription& description, const Prediction& prediction,
    const std::optional<Measured>& measurement);

} // namespace manyhands
