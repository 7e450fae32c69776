// SPDX-License-Identifier: GPL-3.0-or-later
// Observe and Explain: what the run says of the predictions, and why.
#include "app/guide/observe_page.hpp"

#include "app/guide/guide_words.hpp"
#include "app/guide/lesson_text.hpp"
#include "app/guide/results_pane.hpp"
#include "app/guide/wrapped_button.hpp"

#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace manyhands::app {
namespace {

constexpr int noteLines = 4;

/// "workers was 2": what of the form has changed between a prediction and the run.
QString otherValues(const ParameterValues& then, const ParameterValues& now)
{
    QStringList words;
    for (const auto& [name, value] : then) {
        const auto other = now.find(name);
        if (other != now.end() && other->second != value)
            words.append(QStringLiteral("%1=%2").arg(
                QString::fromStdString(name), QString::fromStdString(to_text(value))));
    }
    return words.join(QStringLiteral(", "));
}

} // namespace

ObservePage::ObservePage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::observe, parent)
{
}

void ObservePage::refresh()
{
    clear();
    if (!context().run) {
        if (context().running)
            addLine(tr("The run is under way: watch the charts grow. What it measured stands here "
                       "when it has ended."));
        else
            addNoRun(tr("No run is shown: there is nothing to observe. Run the lesson, or open an "
                        "earlier run under Your work."));
        addRest();
        return;
    }
    if (context().run->state == RunState::stopped)
        addLine(tr("⚠ The run was stopped: what stands here is partial."), Tone::warning);
    addVerdicts();
    const QString text = context().passages(GuideStep::observe);
    if (!text.isEmpty()) {
        addHeading(tr("What to look at"));
        addPassages(text);
    }
    addChecks();
    // A program that says nothing of itself: nothing else leads to what was found.
    if (text.isEmpty()) {
        addLine(tr("The charts and the tab “Results” show what this run came to."));
        if (!context().findings.empty())
            addLine(tr("Something stands out in this run: “Explain” tells what."));
    }
    addRest();
}

void ObservePage::addVerdicts()
{
    bool headed = false;
    QString once;
    for (const PredictionDescription& one : context().lesson.guide.predictions) {
        if (!context().holds(one.when, context().run->parameters))
            continue;
        if (!headed)
            addHeading(tr("Your prediction and the measurement"));
        headed = true;
        const std::optional<Measured> figure = measured(*context().run, one.quantity);
        addVerdict(one, figure);
        if (once.isEmpty())
            once = onceText(figure);
    }
    if (!once.isEmpty())
        addLine(once, Tone::secondary);
}

void ObservePage::addVerdict(
    const PredictionDescription& description, const std::optional<Measured>& figure)
{
    const MadePrediction* made = context().progress.prediction(description.name);
    const Prediction prediction = made ? made->prediction : Prediction{};
    const Verdict verdict = judged(description, prediction, figure);
    addLine(QString::fromStdString(description.question));
    if (made) {
        addLine(tr("You said: %1 (%2)")
                    .arg(predictedText(description, prediction),
                        confidenceText(prediction.confidence)));
    }
    if (figure)
        addLine(tr("Measured: %1").arg(spreadText(*figure)));
    const bool compared = verdict != Verdict::unknown;
    addLine(verdictText(description, verdict, figure),
        !compared                       ? Tone::secondary
            : verdict == Verdict::right ? Tone::good
                                        : Tone::bad);
    if (made && compared) {
        if (const QString other = otherValues(made->values, context().run->parameters);
            !other.isEmpty())
            addLine(tr("⚠ You predicted this for other values: %1").arg(other), Tone::warning);
    }
    column()->addSpacing(6);
}

void ObservePage::addChecks()
{
    const FinishedRun& run = *context().run;
    if (!run.document)
        return;
    if (!run.document->checks.empty())
        addHeading(tr("What must hold"));
    for (const Check& check : run.document->checks) {
        const QString claim = QString::fromStdString(check.claim);
        if (!check.held)
            addLine(tr("– Does not apply: %1").arg(claim), Tone::secondary);
        else if (*check.held)
            addLine(tr("✓ Held: %1").arg(claim), Tone::good);
        else
            addLine(tr("✕ Did not hold: %1").arg(claim), Tone::bad);
    }
    for (const Failure& failure : run.document->failures)
        addLine(failureText(failure), Tone::bad);
}

ExplainPage::ExplainPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::explain, parent)
{
}

void ExplainPage::refresh()
{
    clear();
    if (context().run)
        addFindings();
    else
        addNoRun(tr("What this page finds comes from your own run: run the lesson first."));
    addNote();
    const QString text = context().passages(GuideStep::explain);
    if (!text.isEmpty() && context().progress.explained) {
        addHeading(tr("The explanation"));
        addPassages(text);
    } else if (!text.isEmpty()) {
        WrappedButton* show = addButton(tr("Show the explanation"));
        show->setToolTip(tr("Your own words first: you learn more that way"));
        connect(show, &QPushButton::clicked, this, &ExplainPage::explanationShown);
    }
    addRest();
}

void ExplainPage::addFindings()
{
    if (context().findings.empty())
        return;
    addHeading(tr("Seen in your run"));
    for (const GuideFinding& finding : context().findings) {
        addLine(QStringLiteral("• ") + finding.sentence);
        if (!finding.question.isEmpty())
            addLine(finding.question)->setIndent(fontMetrics().averageCharWidth());
        if (finding.target.kind != Target::Kind::nothing) {
            WrappedButton* show = addButton(tr("Show me"));
            show->setAccessibleDescription(finding.sentence);
            connect(show, &QPushButton::clicked, this,
                [this, target = finding.target] { emit targetRequested(target); });
        }
        if (finding.attempt)
            addAttempt(*finding.attempt);
        column()->addSpacing(6);
    }
}

void ExplainPage::addNote()
{
    addHeading(tr("In your own words"));
    addLine(tr("Why did the run go as it did?"), Tone::secondary);
    auto* note = new QPlainTextEdit(context().progress.note, body());
    note->setAccessibleName(tr("Your own explanation"));
    note->setTabChangesFocus(true);
    note->setFixedHeight(noteLines * fontMetrics().lineSpacing() + 12);
    column()->addWidget(note);
    connect(note, &QPlainTextEdit::textChanged, this,
        [this, note] { emit noteEdited(note->toPlainText()); });
}

} // namespace manyhands::app
