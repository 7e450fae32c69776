// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/work_report_content.hpp"

#include "app/figures/report_text.hpp"
#include "app/figures/run_report_content.hpp"
#include "app/guide/guide_words.hpp"
#include "app/guide/lesson_steps.hpp"
#include "engine/description/parameter_words.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::WorkReport", text);
}

QString text(const std::string& utf8)
{
    return QString::fromStdString(utf8);
}

/// The same in every language.
QString timeText(const QDateTime& utc)
{
    return utc.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString stateText(RunState state)
{
    switch (state) {
    case RunState::done:
        return tr("✓ done");
    case RunState::failed:
        return tr("✕ failed");
    case RunState::timed_out:
        return tr("■ timed out");
    default:
        return tr("■ stopped");
    }
}

QString valuesText(const LessonDescription& lesson, const ParameterValues& values)
{
    QStringList words;
    for (const std::string& word : parameter_words(lesson, values))
        words.append(text(word));
    return words.join(QLatin1Char(' '));
}

const KeptRun* runOf(const StudentWork& work, std::optional<qint64> id)
{
    const auto found = std::find_if(work.runs.begin(), work.runs.end(),
        [&](const KeptRun& run) { return id && run.id == *id; });
    return found == work.runs.end() ? nullptr : &*found;
}

const PredictionDescription* askedBy(const StudentWork& work, const std::string& name)
{
    const auto& asked = work.lesson.guide.predictions;
    const auto found = std::find_if(asked.begin(), asked.end(),
        [&](const PredictionDescription& one) { return one.name == name; });
    return found == asked.end() ? nullptr : &*found;
}

QString predictedOf(const KeptPrediction& kept, const PredictionDescription* asked)
{
    if (asked)
        return predictedText(*asked, kept.prediction);
    if (kept.prediction.value)
        return roundedText(*kept.prediction.value);
    return kept.prediction.choice ? tr("choice %1").arg(*kept.prediction.choice + 1) : tr("–");
}

QString measuredOf(const KeptPrediction& kept, const QString& unit)
{
    if (!kept.measured)
        return tr("–");
    const QString value = valueText(*kept.measured, unit);
    return kept.low && kept.high
        ? tr("%1 (%2 to %3)").arg(value, valueText(*kept.low, unit), valueText(*kept.high, unit))
        : value;
}

QString verdictOf(const KeptPrediction& kept)
{
    switch (kept.verdict) {
    case Verdict::right:
        return tr("✓ right");
    case Verdict::too_low:
        return tr("✕ too low");
    case Verdict::too_high:
        return tr("✕ too high");
    case Verdict::other:
        return tr("✕ it came out otherwise");
    case Verdict::unknown:
        break;
    }
    return kept.run ? tr("– the run does not tell") : tr("● waits for a run");
}

ReportTable predictionTable(const StudentWork& work)
{
    ReportTable table;
    table.header = {tr("Question"), tr("Predicted"), tr("How sure"), tr("Measured"), tr("Verdict")};
    for (const KeptPrediction& kept : work.predictions) {
        const PredictionDescription* asked = askedBy(work, kept.prediction.name);
        const QString unit = asked ? text(asked->unit) : QString();
        table.rows.append(QStringList{text(asked ? asked->question : kept.prediction.name),
            predictedOf(kept, asked), confidenceText(kept.prediction.confidence),
            measuredOf(kept, unit), verdictOf(kept)});
    }
    return table;
}

ReportTable runTable(const StudentWork& work)
{
    ReportTable table;
    table.header
        = {tr("Made"), tr("Parameters"), tr("n"), tr("Wall, s"), tr("Speedup"), tr("How it ended")};
    table.alignment = QStringLiteral("llrrrl");
    for (const KeptRun& run : work.runs) {
        const QString marks = run.marks.join(tr(", "));
        table.rows.append(QStringList{timeText(run.time), valuesText(work.lesson, run.parameters),
            QString::number(run.repeats), run.wallS ? QString::number(*run.wallS, 'f', 4) : tr("–"),
            run.speedup ? QString::number(*run.speedup, 'f', 2) : tr("–"),
            marks.isEmpty() ? stateText(run.state)
                            : tr("%1 (%2)").arg(stateText(run.state), marks)});
    }
    return table;
}

ReportTable answerTable(const StudentWork& work)
{
    ReportTable table;
    table.header = {tr("Question"), tr("Answer"), tr("Verdict")};
    for (const KeptAnswer& answer : work.answers)
        table.rows.append(QStringList{
            answer.question, answer.chosen, answer.right ? tr("✓ right") : tr("✕ wrong")});
    return table;
}

ReportTable stepTable(const StudentWork& work)
{
    ReportTable table;
    table.header = {tr("Step"), tr("How far")};
    for (const LessonStep step : allLessonSteps()) {
        const auto found = std::find_if(work.steps.begin(), work.steps.end(),
            [&](const KeptStep& kept) { return kept.name == nameOf(step); });
        const QString state = found == work.steps.end() ? tr("○ to come")
            : found->done                               ? tr("✓ done")
                                                        : tr("● begun");
        table.rows.append(QStringList{titleOf(step), state});
    }
    return table;
}

/// A table, or a sentence in its place.
void addOr(ReportContent& content, ReportTable table, const QString& ifNone)
{
    if (table.rows.isEmpty())
        content.paragraph(ifNone);
    else
        content.add(std::move(table));
}

void addRun(ReportContent& content, const StudentWork& work)
{
    const FinishedRun& run = *work.run;
    const nlohmann::json object = run_object(run);
    for (const QString& warning : warningsOf(run))
        content.warning(warning);
    content.paragraph(measuredSentence(run, object));
    content.add(parameterTable(run.description, run.parameters));
    content.add(timesTable(run, object));
    content.section(tr("Results of the lesson"), quantityTable(run));
    content.section(tr("Checks"), checkTable(run));
}

void addNotes(ReportContent& content, const StudentWork& work)
{
    if (work.notes.isEmpty())
        content.paragraph(tr("No notes were written."));
    // In the order in which they were written.
    for (auto note = work.notes.rbegin(); note != work.notes.rend(); ++note) {
        const KeptRun* run = runOf(work, note->run);
        content.add(ReportQuote{note->text,
            run ? tr("%1, on the run with %2")
                      .arg(timeText(note->time), valuesText(work.lesson, run->parameters))
                : timeText(note->time)});
    }
}

Predictions shownPredictions(const StudentWork& work)
{
    auto points = std::make_shared<std::vector<PredictedPoint>>();
    for (const PredictionDescription& asked : work.lesson.guide.predictions) {
        const auto kept = std::find_if(work.predictions.begin(), work.predictions.end(),
            [&](const KeptPrediction& one) { return one.prediction.name == asked.name; });
        if (kept != work.predictions.end())
            points->push_back({.description = asked,
                .prediction = kept->prediction,
                .measured = measured(*work.run, asked.quantity),
                .open = false});
    }
    return points->empty() ? nullptr : points;
}

} // namespace

StudentWork studentWork(
    Notebook& notebook, const LessonDescription& lesson, std::shared_ptr<const FinishedRun> run)
{
    const QString id = QString::fromStdString(lesson.id);
    return {.lesson = lesson,
        .steps = notebook.steps(id),
        .asked = notebook.wasAskedPredictions(id),
        .predictions = notebook.lastPredictions(id),
        .answers = notebook.answers(id),
        .notes = notebook.notes(id),
        .runs = notebook.runs(id),
        .run = std::move(run)};
}

std::vector<FigureMaker> workFigures(const StudentWork& work)
{
    if (!work.run)
        return {};
    return runFigures(
        {.run = *work.run, .points = {}, .swept = {}, .predictions = shownPredictions(work)});
}

ReportContent workReportContent(const StudentWork& work, std::vector<ReportFigure> figures)
{
    const FileNumbers numbers;
    ReportContent content;
    content.title = text(work.lesson.title);
    content.subtitle = tr("Lab report");
    content.add(ReportBlank{tr("Name:")});
    content.add(ReportBlank{tr("Course and date:")});
    content.heading(titleOf(LessonStep::read));
    QStringList objectives;
    for (const std::string& objective : work.lesson.objectives)
        objectives.append(text(objective));
    content.add(ReportList{objectives});
    content.add(stepTable(work));
    if (!work.lesson.guide.predictions.empty() || !work.predictions.isEmpty()) {
        content.heading(titleOf(LessonStep::predict));
        addOr(content, predictionTable(work),
            work.asked ? tr("The predictions were skipped.") : tr("Nothing was predicted yet."));
    }
    content.heading(titleOf(LessonStep::run));
    addOr(content, runTable(work), tr("The lesson was not run yet."));
    content.heading(titleOf(LessonStep::observe));
    if (work.run) {
        addRun(content, work);
        content.figures(tr("Figures of this run"), std::move(figures),
            work.run->traced ? tr("No view has anything to show of this run.")
                             : tr("There are none: the run was not traced."));
    } else {
        content.paragraph(tr("No run is at hand whose figures could be shown."));
    }
    content.heading(titleOf(LessonStep::explain));
    addNotes(content, work);
    content.heading(titleOf(LessonStep::quiz));
    addOr(content, answerTable(work), tr("No question was answered yet."));
    if (work.run) {
        content.section(tr("Machine"), machineTable(work.run->machine, work.run->seed));
        content.heading(tr("How to repeat the run"));
        content.add(ReportCommand{runCommandLine(*work.run)});
    }
    return content;
}

} // namespace manyhands::app
