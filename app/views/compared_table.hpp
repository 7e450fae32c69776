// SPDX-License-Identifier: GPL-3.0-or-later
// How runs differ, as data.
#pragma once

#include "app/views/chart_table.hpp"
#include "app/views/compared_runs.hpp"

namespace manyhands::app {

/// What was set differently, then every figure: the runs' values, and each run's difference to the
/// first one, as plain numbers.
ChartTable differenceTable(const ComparedRuns& runs);

} // namespace manyhands::app
