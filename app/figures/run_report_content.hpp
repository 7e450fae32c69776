// SPDX-License-Identifier: GPL-3.0-or-later
// What a report says of a run, and the parts that reports of other things take from it.
#pragma once

#include "app/figures/report_content.hpp"
#include "engine/observe/finished_run.hpp"

#include <nlohmann/json_fwd.hpp>

namespace manyhands::app {

/// The figures of every view that a run may have, the timeline first. None of a run without a
/// trace.
std::vector<FigureMaker> runFigures(const FigureSubject& subject);

/// `figures`: those that came of runFigures().
ReportContent runReportContent(const FinishedRun& run, std::vector<ReportFigure> figures);

/// What was measured, in a sentence or two. `object` is the run's run_object().
QString measuredSentence(const FinishedRun& run, const nlohmann::json& object);
/// What makes a run less than it seems: how it ended, its marks, lost events. Empty where nothing
/// does.
QStringList warningsOf(const FinishedRun& run);
/// Every parameter by its label, name and value; `without`: but for that one.
ReportTable parameterTable(const LessonDescription& lesson, const ParameterValues& values,
    const std::string& without = {});
/// Wall times, speedup and what follows from them.
ReportTable timesTable(const FinishedRun& run, const nlohmann::json& object);
ReportTable quantityTable(const FinishedRun& run);
ReportTable checkTable(const FinishedRun& run);
/// Never the host's or the user's name.
ReportTable machineTable(const Machine& machine, std::uint64_t seed);
/// "prime_counting"; of another lesson program its file's name, not the path to it.
QString lessonWord(const LessonReference& lesson);
/// The command that makes the run again.
QString runCommandLine(const FinishedRun& run);

} // namespace manyhands::app
