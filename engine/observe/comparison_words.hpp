// SPDX-License-Identifier: MIT
// A comparison in plain words, its limits among them. compare() calls it; nobody else needs to.
#pragma once

#include "engine/observe/comparison.hpp"

namespace manyhands {

inline constexpr const char* budget_prefix = "budget.";
inline constexpr const char* bytes_prefix = "bytes.";

/// What may be said of `runs`, whose settings and quantities `comparison` holds already: of the
/// first one its limits; of each other one what was set, then its limits, then what differs.
std::vector<ComparisonSentence> comparison_sentences(
    const std::vector<ComparedRun>& runs, const Comparison& comparison);

} // namespace manyhands
