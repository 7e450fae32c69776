// SPDX-License-Identifier: GPL-3.0-or-later
// What a run came to, in words: failures, the lesson's quantities, its checks.
#include "app/guide/results_pane.hpp"

#include "app/guide/guide_words.hpp"
#include "app/views/theme.hpp"
#include "app/views/wording.hpp"

#include <QLocale>

#include <algorithm>

namespace manyhands::app {
namespace {

QString row(const QString& left, const QString& right)
{
    return QStringLiteral("<tr><td>%1&nbsp;&nbsp;</td><td align=\"right\">%2</td></tr>")
        .arg(left.toHtmlEscaped(), right.toHtmlEscaped());
}

QString times(const FinishedRun& run)
{
    QString html;
    if (const std::optional<double> sequential = run.sequential_s)
        html += row(ResultsPane::tr("One process alone (T₁)"), durationText(*sequential));
    if (run.shown_repeat >= run.repeats.size())
        return html;
    const Repeat& repeat = run.repeats[run.shown_repeat];
    html += row(ResultsPane::tr("With the workers"), durationText(repeat.wall_s));
    if (repeat.speedup) {
        html += row(ResultsPane::tr("Speedup"),
            ResultsPane::tr("%1 ×").arg(QLocale().toString(*repeat.speedup, 'f', 2)));
    }
    return html;
}

QString quantities(const FinishedRun& run)
{
    QString html;
    if (!run.document)
        return html;
    const auto& described = run.description.quantities;
    for (const Quantity& quantity : run.document->quantities) {
        const auto found = std::find_if(described.begin(), described.end(),
            [&](const QuantityDescription& one) { return one.name == quantity.name; });
        const bool known = found != described.end();
        QString value = quantity.value ? roundedText(*quantity.value) : ResultsPane::tr("not known");
        if (quantity.value && known && !found->unit.empty())
            value += QLatin1Char(' ') + QString::fromStdString(found->unit);
        html += row(QString::fromStdString(known ? found->label : quantity.name), value);
    }
    return html;
}

QString line(const QString& text, const QColor& colour)
{
    return QStringLiteral("<p style=\"margin:2px 0;color:%1\">%2</p>")
        .arg(colour.name(), text.toHtmlEscaped());
}

QString checks(const FinishedRun& run, const Theme& theme)
{
    QString html;
    if (!run.document)
        return html;
    for (const Check& check : run.document->checks) {
        const QString claim = QString::fromStdString(check.claim);
        if (!check.held)
            html += line(ResultsPane::tr("– Does not apply: %1").arg(claim), theme.secondaryText);
        else if (*check.held)
            html += line(ResultsPane::tr("✓ Held: %1").arg(claim), theme.success);
        else
            html += line(ResultsPane::tr("✕ Did not hold: %1").arg(claim), theme.error);
    }
    return html;
}

QString failures(const FinishedRun& run, const Theme& theme)
{
    QString html;
    if (!run.problem.empty()) {
        html += line(QStringLiteral("✕ ") + QString::fromStdString(run.problem), theme.error);
    }
    if (!run.document)
        return html;
    for (const Failure& failure : run.document->failures)
        html += line(failureText(failure), theme.error);
    return html;
}

QString headline(RunState state)
{
    switch (state) {
    case RunState::done:
        return ResultsPane::tr("The run is done");
    case RunState::stopped:
        return ResultsPane::tr("You stopped the run; it is kept, partial");
    case RunState::timed_out:
        return ResultsPane::tr("The run took too long and was stopped");
    case RunState::failed:
        return ResultsPane::tr("The run failed");
    case RunState::running:
    case RunState::stopping:
        break;
    }
    return {};
}

} // namespace

QString failureText(const Failure& failure)
{
    QString text = ResultsPane::tr("✕ %1 (pid %2)")
                       .arg(QString::fromStdString(failure.process))
                       .arg(failure.pid);
    if (failure.task) {
        text += ResultsPane::tr(", task %1 (argument %2)")
                    .arg(*failure.task)
                    .arg(QString::fromStdString(failure.argument));
    }
    return text + QStringLiteral(": ") + QString::fromStdString(failure.text);
}

ResultsPane::ResultsPane(QWidget* parent)
    : QTextBrowser(parent)
{
    setOpenLinks(false);
    setAccessibleName(tr("Results"));
    document()->setDocumentMargin(8);
    showNothing(false);
}

void ResultsPane::showResults(const FinishedRun& run)
{
    if (run.foreign) {
        setPlainText(tr("A trace of another program has no results."));
        return;
    }
    const Theme& theme = Theme::matching(palette());
    QString html = QStringLiteral("<p><b>%1</b></p>").arg(headline(run.state).toHtmlEscaped());
    html += failures(run, theme);
    html += QStringLiteral("<table width=\"100%\">%1%2</table>").arg(times(run), quantities(run));
    html += checks(run, theme);
    setHtml(html);
}

void ResultsPane::showNothing(bool running)
{
    setPlainText(running ? tr("Results stand here when the run has ended.")
                         : tr("No run yet. Run the lesson (F5): its results will stand here."));
}

} // namespace manyhands::app
