// SPDX-License-Identifier: GPL-3.0-or-later
// Draws what --figure asked for.
#pragma once

#include "app/command_line/interruption.hpp"
#include "app/command_line/run_options.hpp"
#include "engine/analysis/scaling.hpp"
#include "engine/observe/finished_run.hpp"

#include <vector>

namespace manyhands::app {

/// Draws the figures of a run, with what was measured for the same work over numbers of workers.
/// Needs no display. Returns false, and has said why, if one could not be written; a signal that
/// comes meanwhile leaves out those to come.
bool drawFigures(const FinishedRun& run, const std::vector<ScalingPoint>& points,
    const std::vector<FigureRequest>& figures, const Interruption& interruption);

} // namespace manyhands::app
