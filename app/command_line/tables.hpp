// SPDX-License-Identifier: GPL-3.0-or-later
// Writes what --csv asked for.
#pragma once

#include "app/command_line/interruption.hpp"
#include "app/command_line/run_options.hpp"
#include "engine/observe/run_tables.hpp"

#include <vector>

namespace manyhands::app {

/// Writes tables of a run. Returns false, and has said why, if one could not be written; a signal
/// that comes meanwhile leaves out those to come.
bool writeTables(const FinishedRun& run, const TableSelection& selection,
    const std::vector<CsvRequest>& tables, const Interruption& interruption);
/// The same of a sweep, whose only table is that of its points.
bool writeTables(const SweepRows& sweep, const std::vector<CsvRequest>& tables,
    const Interruption& interruption);

} // namespace manyhands::app
