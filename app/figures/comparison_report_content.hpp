// SPDX-License-Identifier: GPL-3.0-or-later
// What a report says of a comparison of runs.
#pragma once

#include "app/figures/report_content.hpp"
#include "app/views/compared_runs.hpp"

namespace manyhands::app {

/// The figures of every view of the comparison.
std::vector<FigureMaker> comparisonFigures(std::shared_ptr<const ComparedRuns> runs);

/// `figures`: those that came of comparisonFigures(). `files`: the runs' names on the command line,
/// by run.
ReportContent comparisonReportContent(
    const ComparedRuns& runs, const QStringList& files, std::vector<ReportFigure> figures);

} // namespace manyhands::app
