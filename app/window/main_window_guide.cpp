// SPDX-License-Identifier: GPL-3.0-or-later
// What the guide asks of the window: runs, attempts, and what its links lead to.
#include "app/guide/guide_pane.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/notebook/notebook.hpp"
#include "app/views/chart.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/main_window.hpp"
#include "app/window/measure_dialog.hpp"
#include "engine/observe/run_findings.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

/// Of what is seen, when a link leads to something smaller: 1 part in so many is too small to see.
constexpr std::int64_t smallestShare = 50;
/// What a link leads to then takes a third of the room.
constexpr std::int64_t partsBeside = 1;

Target targetOf(const Finding& finding)
{
    if (finding.interval && finding.interval->length_ns() > 0)
        return Target::ofInterval(*finding.interval);
    return finding.lane ? Target::ofLane(*finding.lane) : Target{};
}

GuideFinding guideFinding(const Finding& finding)
{
    return {QString::fromStdString(finding.sentence), QString::fromStdString(finding.question),
        targetOf(finding), finding.attempt};
}

} // namespace

void MainWindow::connectGuide()
{
    connect(m_guide, &GuidePane::runRequested, this, &MainWindow::askOrRun);
    connect(m_guide, &GuidePane::attemptRequested, this, &MainWindow::attempt);
    connect(m_guide, &GuidePane::targetRequested, this, &MainWindow::showTarget);
    connect(m_guide, &GuidePane::viewRequested, this, &MainWindow::showView);
    connect(m_guide, &GuidePane::predictionsChanged, this, &MainWindow::updatePredictions);
    connect(m_form, &ParameterForm::changed, this, &MainWindow::updatePredictions);
    connect(m_area, &ChartArea::predictionDragged, this, &MainWindow::takeDragged);
    keepWhatTheGuideSays();
}

void MainWindow::keepWhatTheGuideSays()
{
    connect(m_guide, &GuidePane::predicted, this, [this](const Prediction& prediction) {
        m_notebook->keepPrediction(m_guidedLesson, prediction);
    });
    connect(m_guide, &GuidePane::predictionsSkipped, this,
        [this] { m_notebook->skipPredictions(m_guidedLesson); });
    connect(m_guide, &GuidePane::answered, this,
        [this](const QString& name, const QString& question, const QString& chosen, bool right) {
            QuizQuestion asked;
            asked.name = name.toStdString();
            asked.question = question.toStdString();
            m_notebook->keepAnswer(m_guidedLesson, asked, chosen, right);
        });
    connect(m_guide, &GuidePane::noted, this,
        [this](const QString& text) { m_notebook->keepNote(m_guidedLesson, text); });
    connect(m_guide, &GuidePane::stepReached, this, [this](const QString& step, bool done) {
        m_notebook->stepReached(m_guidedLesson, step, done);
    });
}

void MainWindow::guideThrough(const LessonDescription& description)
{
    // What the guide has not told yet is of the lesson that it leaves.
    m_guide->setLesson(description, m_lesson.program.string());
    m_guidedLesson = QString::fromStdString(description.id);
    remindGuide();
}

void MainWindow::remindGuide()
{
    // What was done since stands in the guide already.
    if (m_reminded.contains(m_guidedLesson))
        return;
    m_reminded.insert(m_guidedLesson);
    QStringList done;
    QString last;
    for (const KeptStep& step : m_notebook->steps(m_guidedLesson)) {
        last = step.name;
        if (step.done)
            done.append(step.name);
    }
    std::vector<Prediction> waiting;
    for (const KeptPrediction& kept : m_notebook->lastPredictions(m_guidedLesson)) {
        if (!kept.run)
            waiting.push_back(kept.prediction);
    }
    const QList<KeptNote> notes = m_notebook->notes(m_guidedLesson);
    m_guide->setKnownDone(done);
    m_guide->setKnownPredictions(waiting);
    if (!notes.isEmpty())
        m_guide->setKnownNote(notes.first().text);
    if (!last.isEmpty())
        m_guide->setKnownStep(last);
}

void MainWindow::updatePredictions()
{
    const std::optional<ParameterValues> values = m_form->values();
    const bool answered = m_shown && values == m_shown->parameters;
    std::vector<PredictedPoint> points;
    for (const PredictionDescription& question : m_guide->questions()) {
        PredictedPoint& point = points.emplace_back();
        point.description = question;
        point.prediction.name = question.name;
        for (const Prediction& made : m_guide->predictions()) {
            if (made.name == question.name)
                point.prediction = made;
        }
        if (answered)
            point.measured = measured(*m_shown, question.quantity);
        point.open = !m_control.isRunning() && !answered;
    }
    m_area->setPredictions(std::move(points));
}

void MainWindow::takeDragged(const QString& name, double value)
{
    Prediction dragged;
    dragged.name = name.toStdString();
    for (const Prediction& made : m_guide->predictions()) {
        if (made.name == dragged.name)
            dragged = made;
    }
    dragged.value = value;
    m_guide->setPrediction(dragged);
}

void MainWindow::showFindings()
{
    std::vector<GuideFinding> found;
    for (const Finding& finding : findings_of(*m_shown, m_guide->predictions()))
        found.push_back(guideFinding(finding));
    m_guide->setFindings(std::move(found));
}

void MainWindow::askOrRun()
{
    QString problem;
    // Who has put the guide away is not called back to it.
    if (order(problem) && m_guide->isVisible() && m_guide->wantsToAsk())
        m_guide->ask();
    else
        run();
}

void MainWindow::attempt(const Attempt& attempt)
{
    for (const std::string& word : attempt.words) {
        const std::size_t sign = std::min(word.find('='), word.size());
        m_form->setText(QString::fromStdString(word.substr(0, sign)),
            QString::fromStdString(word.substr(std::min(sign + 1, word.size()))));
    }
    if (attempt.sweep.empty())
        return run();
    QString problem;
    std::optional<RunOrder> wanted = order(problem);
    if (!wanted)
        return say(problem);
    const std::size_t sign = std::min(attempt.sweep.find('='), attempt.sweep.size());
    const std::string parameter = attempt.sweep.substr(0, sign);
    const std::string list = attempt.sweep.substr(std::min(sign + 1, attempt.sweep.size()));
    try {
        std::vector<ParameterValue> values = sweep_values_from(m_description, parameter, list);
        m_problem.clear();
        wanted->repeats = m_measureDialog->repeats();
        m_control.startSweep(*wanted, parameter, std::move(values));
    } catch (const Error& error) {
        say(QString::fromUtf8(error.what()));
    }
}

void MainWindow::showTarget(const Target& target)
{
    if (!m_shown)
        return;
    if (m_area->isMaximized() && m_area->currentChart() != m_area->charts().first())
        m_area->restore();
    ViewState& view = m_area->view();
    view.select(target);
    const Recording& recording = *m_shown->recording;
    const std::optional<Interval> recorded = intervalOf(target, recording);
    if (!recorded)
        return;
    const Interval place
        = {recording.run_time(recorded->begin_ns), recording.run_time(recorded->end_ns)};
    const Interval seen = view.visible();
    const bool inside = place.begin_ns >= seen.begin_ns && place.end_ns <= seen.end_ns;
    const std::int64_t length = place.length_ns();
    if (inside
        && (target.kind == Target::Kind::moment || length * smallestShare >= seen.length_ns()))
        return;
    if (length > 0)
        view.show({place.begin_ns - partsBeside * length, place.end_ns + partsBeside * length});
    else
        view.show({place.begin_ns - seen.length_ns() / 2, place.begin_ns + seen.length_ns() / 2});
}

void MainWindow::showView(const QString& view)
{
    if (Chart* chart = m_area->chartNamed(view))
        m_area->showChart(chart);
    else
        m_guide->say(tr("This window has no chart “%1”.").arg(view));
}

} // namespace manyhands::app
