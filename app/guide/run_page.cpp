// SPDX-License-Identifier: GPL-3.0-or-later
// Run and Try next: the pages that start something.
#include "app/guide/run_page.hpp"

#include "app/guide/guide_words.hpp"
#include "app/guide/wrapped_button.hpp"
#include "app/views/wording.hpp"

#include <QLabel>

namespace manyhands::app {
namespace {

constexpr int largeButton = 44;

} // namespace

RunPage::RunPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::run, parent)
{
    addHeading(tr("What will run"));
    m_values = addLine({});
    m_estimate = addLine({}, Tone::secondary);
    m_run = addButton({});
    m_run->setAccessibleName(tr("Run this lesson"));
    QFont large = font();
    large.setBold(true);
    m_run->setFont(large);
    m_run->setMinimumHeight(largeButton);
    connect(m_run, &QPushButton::clicked, this, &GuidePage::runRequested);
    m_status = addLine({});
    m_status->setAccessibleName(tr("What the run does"));
    addLine(tr("Shift+F5 runs it several times and measures the spread. Esc stops a run; what it "
               "measured stays."),
        Tone::secondary);
    addRest();
}

void RunPage::refresh()
{
    QStringList lines;
    for (const ParameterDescription& parameter : context().lesson.parameters) {
        const auto value = context().values.find(parameter.name);
        if (value == context().values.end())
            continue;
        lines.append(tr("%1: %2").arg(QString::fromStdString(parameter.label),
            parameterText(context().lesson, parameter.name, value->second)));
    }
    m_values->setText(
        lines.isEmpty() ? tr("This lesson has no parameters.") : lines.join(QLatin1Char('\n')));
    m_estimate->setText(estimate());
    m_run->setPlainText(context().running ? tr("▶ It is running…") : tr("▶ Run  F5"));
    m_run->setEnabled(context().whyNotRun.isEmpty());
    m_run->setToolTip(context().whyNotRun.toHtmlEscaped());
    m_status->setText(context().status);
}

QString RunPage::estimate() const
{
    const FinishedRun* run = context().run.get();
    if (!run || run->shown_repeat >= run->repeats.size())
        return tr("How long it takes is known after the first run.");
    const QString took = durationText(run->repeats[run->shown_repeat].wall_s);
    return run->parameters == context().values
        ? tr("The last run with these values took %1.").arg(took)
        : tr("The last run, with other values, took %1.").arg(took);
}

NextPage::NextPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::next, parent)
{
}

void NextPage::refresh()
{
    clear();
    addLine(
        tr("Each button sets the values and runs. The others stay as they are."), Tone::secondary);
    for (const Attempt& attempt : context().lesson.guide.next) {
        addAttempt(attempt);
        addLine(attemptText(context().lesson, attempt), Tone::secondary);
    }
    addRest();
}

} // namespace manyhands::app
