// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep in words and a table, for a terminal.
#pragma once

#include "engine/observe/sweep.hpp"

#include <string>

namespace manyhands::app {

/// "point 2 of 4 (workers=4), about 12 s left; ", what goes before the progress of its run.
std::string sweepProgressText(const Sweep& sweep);

/// What `manyhands sweep` prints without --json. Only of a sweep that has finished.
std::string sweepReport(const Sweep& sweep);

/// Why a sweep that is not done is not, in one line.
std::string reasonOf(const Sweep& sweep);

} // namespace manyhands::app
