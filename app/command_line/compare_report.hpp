// SPDX-License-Identifier: GPL-3.0-or-later
// A comparison of runs, for a person at a terminal.
#pragma once

#include "engine/observe/comparison.hpp"

#include <string>
#include <vector>

namespace manyhands::app {

/// What each run is, the table of differences and the sentences, as lines.
std::string comparisonReport(const std::vector<ComparedRun>& runs, const Comparison& comparison);

} // namespace manyhands::app
