// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of a comparison of runs: the window's own charts, drawn on paper's theme.
#include "app/figures/comparison_figure.hpp"

#include "app/views/compared_budget.hpp"
#include "app/views/compared_curves.hpp"
#include "app/views/compared_timeline.hpp"
#include "app/views/linked_views.hpp"
#include "app/views/wording.hpp"
#include "engine/observe/output_file.hpp"

#include <QBuffer>
#include <QCoreApplication>
#include <QPainter>

#include <algorithm>

namespace manyhands::app {
namespace {

/// A figure of 1600 × 900 pixels is read from where 18 pixels of letter are comfortable.
constexpr int linesPerHeight = 50;
constexpr int lettersPerWidth = 88;
constexpr int smallestFont = 8;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ComparisonFigure", text);
}

QString titleOf(const QString& view)
{
    if (view == QLatin1String("timeline"))
        return tr("Timelines");
    if (view == QLatin1String("budget"))
        return tr("Time budgets");
    return view == QLatin1String("speedup") ? tr("Speedups") : tr("Bytes sent");
}

/// Never the host's or the user's name.
QString machineOf(const Machine& machine)
{
    return tr("%1, %2  ·  Manyhands %3")
        .arg(cpusText(static_cast<std::uint64_t>(std::max(0, machine.usable_cpus))),
            QString::fromStdString(machine.cpu), QString::fromStdString(machine.version));
}

/// What each run is; the machine once where it is the same.
QStringList captionsOf(const ComparedRuns& runs)
{
    const QString machine = machineOf(runs.runs.front().run->machine);
    const bool sameMachine = std::all_of(runs.runs.begin(), runs.runs.end(),
        [&](const AlignedRun& run) { return machineOf(run.run->machine) == machine; });
    QStringList lines;
    for (const AlignedRun& run : runs.runs) {
        const FinishedRun& one = *run.run;
        QStringList parts = {tr("%1: %2").arg(run.label, run.facts.lesson), settingsText(one),
            tr("n = %1").arg(one.repeats.size())};
        QStringList marks;
        for (const std::string& mark : one.marks)
            marks.append(QString::fromStdString(mark).replace(QLatin1Char('_'), QLatin1Char(' ')));
        parts.append(marks.join(QStringLiteral(", ")));
        if (!sameMachine)
            parts.append(machineOf(one.machine));
        parts.removeAll(QString());
        lines.append(parts.join(QStringLiteral("  ·  ")));
    }
    if (sameMachine)
        lines.append(machine);
    return lines;
}

/// The one place where a chart comes upon the figure.
void paintChart(
    Chart& chart, QPainter& painter, const QRect& place, const Theme& theme, const QFont& font)
{
    chart.fixTheme(theme);
    chart.setFont(font);
    painter.drawImage(place.topLeft(), chart.picture(place.size()));
}

void paintTimelines(QPainter& painter, const QRect& area,
    const std::shared_ptr<const ComparedRuns>& runs, const Theme& theme, const QFont& font)
{
    LinkedViews views;
    std::vector<ViewState*> states;
    for (const AlignedRun& run : runs->runs)
        states.push_back(views.add(runs->whole, run.originNs));
    views.show(runs->shown);
    const auto count = static_cast<int>(runs->runs.size());
    const int head = QFontMetrics(font).height();
    // The lowest one has the time's labels besides.
    const int labels = 3 * head;
    const int each = (area.height() - labels) / count;
    int top = area.top();
    for (int i = 0; i < count; ++i) {
        const auto run = static_cast<std::size_t>(i);
        ComparedTimeline timeline;
        timeline.fixTheme(theme);
        timeline.setFont(font);
        timeline.setViewState(states[run]);
        timeline.setRun(runs, run);
        const int bottom = i + 1 == count ? area.bottom() + 1 : top + each;
        painter.setFont(font);
        painter.setPen(theme.text);
        painter.drawText(QRect(area.left() + head / 2, top, area.width() - head, head),
            Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(font).elidedText(tr("%1:  %2").arg(timeline.title(), timeline.summary()),
                Qt::ElideRight, area.width() - head));
        paintChart(timeline, painter,
            QRect(area.left(), top + head, area.width(), std::max(1, bottom - top - head)), theme,
            font);
        top = bottom;
    }
}

} // namespace

QStringList comparisonViews()
{
    return {QStringLiteral("timeline"), QStringLiteral("budget"), QStringLiteral("speedup"),
        QStringLiteral("ipc")};
}

void paintComparison(QPainter& painter, QSize size, const QString& view,
    std::shared_ptr<const ComparedRuns> runs, const Theme& theme, const QFont& font)
{
    QFont bold = font;
    bold.setBold(true);
    const int line = QFontMetrics(bold).height();
    const int margin = line / 3;
    const int width = size.width() - 2 * margin;
    painter.fillRect(QRect(QPoint(), size), theme.background);
    painter.setFont(bold);
    painter.setPen(theme.text);
    QStringList names;
    for (const AlignedRun& run : runs->runs)
        names.append(tr("%1 %2").arg(run.label, run.name));
    painter.drawText(QRect(margin, margin, width, line), Qt::AlignLeft | Qt::AlignVCenter,
        QFontMetrics(bold).elidedText(
            tr("%1: %2").arg(titleOf(view), names.join(QStringLiteral(", "))), Qt::ElideRight,
            width));
    const QStringList captions = captionsOf(*runs);
    const int foot = static_cast<int>(captions.size()) * line;
    const int top = line + 2 * margin;
    const QRect area(0, top, size.width(), std::max(1, size.height() - top - foot - 2 * margin));
    if (view == QLatin1String("timeline")) {
        paintTimelines(painter, area, runs, theme, font);
    } else if (view == QLatin1String("budget")) {
        ComparedBudget chart;
        chart.setRuns(runs);
        paintChart(chart, painter, area, theme, font);
    } else {
        ComparedCurves chart(view == QLatin1String("speedup") ? ComparedCurves::Subject::speedup
                                                              : ComparedCurves::Subject::ipc);
        chart.setRuns(runs);
        paintChart(chart, painter, area, theme, font);
    }
    painter.setFont(font);
    painter.setPen(theme.secondaryText);
    int y = size.height() - foot - margin;
    for (const QString& caption : captions) {
        painter.drawText(QRect(margin, y, width, line), Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetrics(font).elidedText(caption, Qt::ElideRight, width));
        y += line;
    }
}

QString writeComparisonFigure(
    const QString& view, std::shared_ptr<const ComparedRuns> runs, const QString& path, QSize size)
{
    QImage figure(size, QImage::Format_RGB32);
    QFont font = QGuiApplication::font();
    font.setPixelSize(std::max(
        smallestFont, std::min(size.height() / linesPerHeight, size.width() / lettersPerWidth)));
    {
        QPainter painter(&figure);
        paintComparison(painter, size, view, std::move(runs), Theme::light(), font);
    }
    QByteArray png;
    QBuffer buffer(&png);
    if (!buffer.open(QIODevice::WriteOnly) || !figure.save(&buffer, "PNG"))
        return tr("%1: the figure could not be drawn").arg(path);
    try {
        OutputFile file(path.toStdString());
        file.write({png.constData(), static_cast<std::size_t>(png.size())});
        file.commit();
    } catch (const Error& error) {
        return QString::fromStdString(error.what());
    }
    return {};
}

} // namespace manyhands::app
