// SPDX-License-Identifier: GPL-3.0-or-later
// What a report says of a student's work on a lesson: a lab report.
#pragma once

#include "app/figures/report_content.hpp"
#include "app/notebook/notebook.hpp"

namespace manyhands::app {

/// What somebody did in a lesson, as a value.
struct StudentWork
{
    LessonDescription lesson;
    QList<KeptStep> steps;
    bool asked = false; ///< for predictions, whether made or skipped
    QList<KeptPrediction> predictions;
    QList<KeptAnswer> answers;
    QList<KeptNote> notes; ///< newest first, as the runs
    QList<KeptRun> runs;
    std::shared_ptr<const FinishedRun> run; ///< whose figures are shown; nullptr for none
};

StudentWork studentWork(
    Notebook& notebook, const LessonDescription& lesson, std::shared_ptr<const FinishedRun> run);

/// Of the run, where there is one, with the predictions beside what was measured.
std::vector<FigureMaker> workFigures(const StudentWork& work);
/// In the order of the lesson's steps; `figures`: those that came of workFigures().
ReportContent workReportContent(const StudentWork& work, std::vector<ReportFigure> figures);

} // namespace manyhands::app
