// SPDX-License-Identifier: GPL-3.0-or-later
// What a report says of a sweep.
#pragma once

#include "app/figures/report_content.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/observe/sweep.hpp"

namespace manyhands::app {

/// A sweep that has ended, as a value.
struct FinishedSweep
{
    std::string parameter; ///< that it went over
    std::vector<ParameterValue> values; ///< asked for
    int repeats = 0; ///< of each
    RunState state = RunState::done;
    std::string problem; ///< see Sweep::problem()
    std::vector<SweepPoint> points;
    std::vector<ScalingPoint> scaling; ///< see scaling_points()
    FinishedRun last; ///< the run that ended it
};

FinishedSweep finishedSweep(const Sweep& sweep);

/// Wall times over the parameter; over numbers of workers speedup and efficiency as well.
std::vector<FigureMaker> sweepFigures(const FinishedSweep& sweep);
/// `figures`: those that came of sweepFigures().
ReportContent sweepReportContent(const FinishedSweep& sweep, std::vector<ReportFigure> figures);
/// The command that makes the sweep again.
QString sweepCommandLine(const FinishedSweep& sweep);

} // namespace manyhands::app
