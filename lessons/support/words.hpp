// SPDX-License-Identifier: MIT
// Figures as lessons say them in questions that are computed from a run.
#pragma once

#include <string>

namespace manyhands::lessons {

/// A duration with three significant digits and a fitting unit: "12.5 µs". Not negative.
std::string duration_text(double seconds);

} // namespace manyhands::lessons
