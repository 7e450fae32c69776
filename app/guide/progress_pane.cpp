// SPDX-License-Identifier: GPL-3.0-or-later
// What a person has done: the past runs, and the steps, predictions and answers of a lesson.
#include "app/guide/progress_pane.hpp"

#include "app/guide/guide_words.hpp"
#include "app/guide/lesson_steps.hpp"
#include "app/history/history_pane.hpp"
#include "app/history/history_words.hpp"
#include "app/views/theme.hpp"

#include <QEvent>
#include <QPushButton>
#include <QScrollBar>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int refreshDelayMs = 20;

/// How a step of the guide is called.
QString stepWord(const QString& name)
{
    const std::optional<LessonStep> step = lessonStepOf(name);
    return step ? titleOf(*step) : name;
}

QString heading(const QString& text)
{
    return QStringLiteral("<p style=\"margin:6px 0 2px 0\"><b>%1</b></p>")
        .arg(text.toHtmlEscaped());
}

QString line(const QString& text, const QColor& colour, int above = 1)
{
    return QStringLiteral("<p style=\"margin:%1px 0 1px 0;color:%2\">%3</p>")
        .arg(above)
        .arg(colour.name(), text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")));
}

/// What the lines below it are about.
QString question(const QString& text, const QColor& colour)
{
    constexpr int above = 6;
    return line(text, colour, above);
}

} // namespace

QString signOf(LessonProgress progress)
{
    switch (progress) {
    case LessonProgress::untouched:
        return QStringLiteral("○");
    case LessonProgress::begun:
        return QStringLiteral("●");
    case LessonProgress::done:
        return QStringLiteral("✓");
    }
    return {};
}

QString wordFor(LessonProgress progress)
{
    switch (progress) {
    case LessonProgress::untouched:
        return ProgressPane::tr("new");
    case LessonProgress::begun:
        return ProgressPane::tr("begun");
    case LessonProgress::done:
        return ProgressPane::tr("done");
    }
    return {};
}

ProgressPane::ProgressPane(Notebook& notebook, QWidget* parent)
    : QTabWidget(parent)
    , m_notebook(notebook)
    , m_history(new HistoryPane(notebook.history(), this))
    , m_summary(new QTextBrowser(this))
    , m_report(new QPushButton(tr("Save lab report…"), this))
{
    setDocumentMode(true);
    m_summary->setAccessibleName(tr("Progress in this lesson"));
    m_summary->setOpenLinks(false);
    m_summary->document()->setDocumentMargin(5);
    addTab(m_history, tr("Runs"));
    setTabToolTip(0, tr("Every run that was made, of all lessons: pinned ones, then the newest"));
    auto* progress = new QWidget(this);
    auto* column = new QVBoxLayout(progress);
    column->setContentsMargins({});
    column->setSpacing(2);
    column->addWidget(m_summary);
    m_report->setEnabled(false);
    m_report->setToolTip(
        tr("Write what you predicted, ran, noted and answered in this lesson, as a "
           "web page or PDF"));
    connect(m_report, &QPushButton::clicked, this, &ProgressPane::labReportRequested);
    column->addWidget(m_report);
    addTab(progress, tr("Progress"));
    setTabToolTip(1, tr("What you did, predicted and answered in this lesson"));
    m_refresh.setSingleShot(true);
    m_refresh.setInterval(refreshDelayMs);
    connect(&m_refresh, &QTimer::timeout, this, &ProgressPane::refresh);
    connect(&m_notebook.history(), &RunHistory::changed, this, [this] { m_refresh.start(); });
}

void ProgressPane::setLesson(const LessonDescription& lesson)
{
    m_lesson = QString::fromStdString(lesson.id);
    m_asked = lesson.guide.predictions;
    m_report->setEnabled(!lesson.id.empty());
    m_refresh.start();
}

LessonProgress ProgressPane::progressOf(const QString& lessonId) const
{
    return m_progress.value(lessonId, LessonProgress::untouched);
}

void ProgressPane::changeEvent(QEvent* event)
{
    QTabWidget::changeEvent(event);
    // The summary has colours of the theme in it.
    if (event->type() == QEvent::PaletteChange && m_summary)
        m_refresh.start();
}

void ProgressPane::refresh()
{
    m_progress = m_notebook.progress();
    showSummary();
    emit refreshed();
}

void ProgressPane::showSummary()
{
    const QString html = steps() + predictions() + answers() + notes();
    if (html.isEmpty()) {
        m_summary->setPlainText(tr("Nothing yet. The steps that you take in this lesson, what you "
                                   "predict, answer and note, and what came out stand here."));
        return;
    }
    // Who reads goes on where they were.
    const int place = m_summary->verticalScrollBar()->value();
    m_summary->setHtml(html);
    m_summary->verticalScrollBar()->setValue(place);
}

QString ProgressPane::steps()
{
    const QList<KeptStep> reached = m_notebook.steps(m_lesson);
    if (reached.isEmpty())
        return {};
    static const QStringList order = {QStringLiteral("read"), QStringLiteral("predict"),
        QStringLiteral("run"), QStringLiteral("observe"), QStringLiteral("explain"),
        QStringLiteral("quiz"), QStringLiteral("next")};
    QStringList names = order;
    for (const KeptStep& step : reached) {
        if (!names.contains(step.name))
            names.append(step.name);
    }
    const Theme& theme = Theme::matching(palette());
    QString html = heading(tr("Steps"));
    for (const QString& name : std::as_const(names)) {
        const auto step = std::find_if(
            reached.begin(), reached.end(), [&](const KeptStep& one) { return one.name == name; });
        if (step == reached.end())
            html += line(tr("○ %1: to come").arg(stepWord(name)), theme.secondaryText);
        else if (step->done)
            html += line(tr("✓ %1: done").arg(stepWord(name)), theme.success);
        else
            html += line(tr("● %1: begun").arg(stepWord(name)), theme.text);
    }
    return html;
}

QString ProgressPane::predictions()
{
    const QList<KeptPrediction> made = m_notebook.lastPredictions(m_lesson);
    const Theme& theme = Theme::matching(palette());
    if (made.isEmpty()) {
        return m_notebook.wasAskedPredictions(m_lesson)
            ? heading(tr("Predictions")) + line(tr("– Skipped"), theme.secondaryText)
            : QString();
    }
    QString html = heading(tr("Predictions"));
    for (const KeptPrediction& kept : made) {
        const Prediction& prediction = kept.prediction;
        const auto asked = std::find_if(m_asked.begin(), m_asked.end(),
            [&](const PredictionDescription& one) { return one.name == prediction.name; });
        const bool known = asked != m_asked.end();
        const QString unit = known ? QString::fromStdString(asked->unit) : QString();
        QString predicted;
        if (prediction.value)
            predicted = valueText(*prediction.value, unit);
        else if (prediction.choice && known && *prediction.choice < asked->choices.size())
            predicted = QString::fromStdString(asked->choices[*prediction.choice].label);
        else if (prediction.choice)
            predicted = tr("choice %1").arg(*prediction.choice + 1);
        html += question(
            QString::fromStdString(known ? asked->question : prediction.name), theme.text);
        html += line(tr("You said: %1 (%2)").arg(predicted, confidenceText(prediction.confidence)),
            theme.text);
        if (kept.measured) {
            html += line(kept.low && kept.high
                    ? tr("Measured: %1 (%2 to %3)")
                          .arg(valueText(*kept.measured, unit), roundedText(*kept.low),
                              roundedText(*kept.high))
                    : tr("Measured: %1").arg(valueText(*kept.measured, unit)),
                theme.text);
        }
        switch (kept.verdict) {
        case Verdict::right:
            html += line(tr("✓ Right"), theme.success);
            break;
        case Verdict::too_low:
            html += line(tr("✕ Too low"), theme.error);
            break;
        case Verdict::too_high:
            html += line(tr("✕ Too high"), theme.error);
            break;
        case Verdict::other:
            html += line(tr("✕ It came out otherwise"), theme.error);
            break;
        case Verdict::unknown:
            html += line(kept.run ? tr("– The run does not tell") : tr("● Waits for a run"),
                theme.secondaryText);
            break;
        }
    }
    return html;
}

QString ProgressPane::answers()
{
    const QList<KeptAnswer> given = m_notebook.answers(m_lesson);
    if (given.isEmpty())
        return {};
    const Theme& theme = Theme::matching(palette());
    const auto right = std::count_if(
        given.begin(), given.end(), [](const KeptAnswer& answer) { return answer.right; });
    QString html = heading(tr("Quiz: %1 of %2 right").arg(right).arg(given.size()));
    for (const KeptAnswer& answer : given) {
        html += question(answer.question, theme.text);
        html += answer.right ? line(tr("✓ Right: %1").arg(answer.chosen), theme.success)
                             : line(tr("✕ Wrong: %1").arg(answer.chosen), theme.error);
    }
    return html;
}

QString ProgressPane::notes()
{
    const QList<KeptNote> written = m_notebook.notes(m_lesson);
    if (written.isEmpty())
        return {};
    const Theme& theme = Theme::matching(palette());
    QString html = heading(tr("Notes"));
    for (const KeptNote& note : written)
        html += line(tr("%1: %2").arg(timeText(note.time), note.text), theme.text);
    return html;
}

} // namespace manyhands::app
