// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/comparison_report_content.hpp"

#include "app/figures/comparison_figure.hpp"
#include "app/figures/report_text.hpp"
#include "app/figures/run_report_content.hpp"
#include "app/views/compared_table.hpp"

#include <QCoreApplication>

#include <algorithm>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ComparisonReport", text);
}

QString nameOf(const AlignedRun& run)
{
    return tr("%1 %2").arg(run.label, run.name);
}

ReportTable runTable(const ComparedRuns& runs)
{
    ReportTable table;
    for (const AlignedRun& run : runs.runs)
        table.add(nameOf(run),
            tr("%1: %2, n = %3")
                .arg(run.facts.lesson, settingsText(*run.run))
                .arg(run.run->repeats.size()));
    return table;
}

/// As the window and the terminal show it, an approximate sign where no difference is clear.
ReportTable shownDifferences(const ComparedRuns& runs)
{
    ReportTable table;
    table.title = tr("Of each run, and against the first one; ≈: no clear difference");
    table.header = {tr("Figure")};
    table.alignment = QStringLiteral("l");
    const QString first = runs.runs.front().label;
    for (std::size_t run = 0; run < runs.runs.size(); ++run) {
        const QString& label = runs.runs[run].label;
        table.header << label;
        table.alignment += QLatin1Char('r');
        if (run > 0) {
            table.header << tr("%1 − %2").arg(label, first) << tr("%1 ÷ %2").arg(label, first);
            table.alignment += QStringLiteral("rr");
        }
    }
    for (const ComparedQuantity& quantity : runs.comparison.quantities) {
        QStringList row = {QString::fromStdString(quantity.label)};
        for (std::size_t run = 0; run < runs.runs.size(); ++run) {
            row << valueText(quantity, run);
            if (run > 0)
                row << differenceText(quantity, run) << ratioText(quantity, run);
        }
        table.rows.append(row);
    }
    return table;
}

ReportList sentencesOf(const Comparison& comparison, bool limits)
{
    ReportList list;
    for (const ComparisonSentence& sentence : comparison.sentences) {
        if (sentence.limit == limits)
            list.items.append(QString::fromStdString(sentence.text));
    }
    return list;
}

} // namespace

std::vector<FigureMaker> comparisonFigures(std::shared_ptr<const ComparedRuns> runs)
{
    std::vector<FigureMaker> makers;
    for (const QString& view : comparisonViews()) {
        makers.emplace_back([runs, view]() -> std::optional<ReportFigure> {
            const FileNumbers numbers;
            const auto figure
                = std::make_shared<ComparisonFigure>(runs, reportFigureSettings(view));
            if (!figure->emptyReason().isEmpty())
                return std::nullopt;
            return drawnFigure(figure, comparisonTitle(view), figure->summary());
        });
    }
    return makers;
}

ReportContent comparisonReportContent(
    const ComparedRuns& runs, const QStringList& files, std::vector<ReportFigure> figures)
{
    const FileNumbers numbers;
    QStringList names;
    for (const AlignedRun& run : runs.runs)
        names.append(nameOf(run));
    ReportContent content;
    content.title = names.join(tr(", "));
    content.subtitle = tr("Comparison of %1 runs").arg(names.size());
    content.section(tr("What was compared"), runTable(runs));
    content.heading(tr("In words"));
    content.add(sentencesOf(runs.comparison, false));
    if (ReportList limits = sentencesOf(runs.comparison, true); !limits.items.isEmpty()) {
        content.heading(tr("What this cannot tell"));
        content.add(std::move(limits));
    }
    content.section(tr("Differences"), shownDifferences(runs));
    content.figures(
        tr("Figures"), std::move(figures), tr("There are none: no run was recorded with a trace."));
    for (const AlignedRun& run : runs.runs) {
        const FinishedRun& one = *run.run;
        content.section(tr("Machine of %1").arg(nameOf(run)), machineTable(one.machine, one.seed));
    }
    content.heading(tr("How to repeat it"));
    content.add(ReportCommand{
        shellLine(QStringList{QStringLiteral("manyhands"), QStringLiteral("compare")} + files)});
    return content;
}

} // namespace manyhands::app
