// SPDX-License-Identifier: GPL-3.0-or-later
// The guide's other half: what the student predicts, answers and writes, and who is told of it.
#include "app/guide/guide_page.hpp"
#include "app/guide/guide_pane.hpp"

#include <algorithm>
#include <utility>

namespace manyhands::app {

bool GuidePane::wantsToAsk() const
{
    const GuideProgress& progress = m_context.progress;
    return !progress.asked && !progress.skipped && progress.step != LessonStep::predict
        && m_context.unanswered() > 0;
}

void GuidePane::ask()
{
    goTo(LessonStep::predict);
    say(tr("First: what do you expect? F5 runs then, with or without an answer."));
    pageOf(LessonStep::predict)->focusFirst();
}

void GuidePane::skipPredictions()
{
    m_context.progress.skipped = true;
    markDone(LessonStep::predict);
    emit predictionsSkipped();
    goTo(LessonStep::run);
}

std::vector<Prediction> GuidePane::predictions() const
{
    std::vector<Prediction> made;
    for (const PredictionDescription& question : m_context.questions()) {
        if (const MadePrediction* one = m_context.progress.prediction(question.name))
            made.push_back(one->prediction);
    }
    return made;
}

void GuidePane::setPrediction(const Prediction& prediction)
{
    keepPrediction(prediction);
    if (m_context.progress.step == LessonStep::predict)
        refreshPage();
}

void GuidePane::keepPrediction(const Prediction& prediction)
{
    withdrawPrediction(prediction.name);
    m_context.progress.predictions.push_back({prediction, m_context.values, false});
    if (m_context.unanswered() == 0)
        markDone(LessonStep::predict);
    emit predictionsChanged();
}

void GuidePane::withdrawPrediction(const std::string& name)
{
    std::erase_if(m_context.progress.predictions,
        [&](const MadePrediction& made) { return made.prediction.name == name; });
}

void GuidePane::tellAll()
{
    for (MadePrediction& made : m_context.progress.predictions) {
        if (!std::exchange(made.told, true))
            emit predicted(made.prediction);
    }
    if (!std::exchange(m_context.progress.noteTold, true))
        emit noted(m_context.progress.note);
}

void GuidePane::setKnownStep(const QString& step)
{
    const std::optional<LessonStep> known = lessonStepOf(step);
    if (!known || !m_context.steps().contains(*known))
        return;
    m_context.progress.step = *known;
    showSteps();
    refreshPage();
}

void GuidePane::setKnownDone(const QStringList& steps)
{
    for (const QString& name : steps) {
        if (const std::optional<LessonStep> step = lessonStepOf(name))
            m_context.progress.done.insert(*step);
    }
    showSteps();
}

void GuidePane::setKnownPredictions(const std::vector<Prediction>& predictions)
{
    for (const Prediction& prediction : predictions) {
        withdrawPrediction(prediction.name);
        m_context.progress.predictions.push_back({prediction, m_context.values, true});
    }
    refreshPage();
    emit predictionsChanged();
}

void GuidePane::setKnownNote(const QString& text)
{
    m_context.progress.note = text;
    refreshPage();
}

void GuidePane::answer(const QuizQuestion& question, int choice, bool ofRun)
{
    GuideProgress& progress = m_context.progress;
    const QuizChoice& taken = question.choices[static_cast<std::size_t>(choice)];
    auto& answers = ofRun ? progress.runAnswers : progress.answers;
    answers[question.name] = static_cast<std::size_t>(choice);
    const auto all = [](const std::vector<QuizQuestion>& questions, const auto& given) {
        return std::all_of(questions.begin(), questions.end(),
            [&](const QuizQuestion& one) { return given.contains(one.name); });
    };
    if (m_context.run && all(m_context.lesson.guide.quiz, progress.answers)
        && (!m_context.run->document || all(m_context.run->document->quiz, progress.runAnswers)))
        markDone(LessonStep::quiz);
    showSteps();
    refreshPage();
    emit answered(QString::fromStdString(question.name), QString::fromStdString(question.question),
        QString::fromStdString(taken.text), taken.right);
}

void GuidePane::markDone(LessonStep step)
{
    if (!m_context.steps().contains(step) || m_context.progress.done.contains(step))
        return;
    m_context.progress.done.insert(step);
    showSteps();
    emit stepReached(nameOf(step), true);
}

} // namespace manyhands::app
