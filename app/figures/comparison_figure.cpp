// SPDX-License-Identifier: GPL-3.0-or-later
// A figure of a comparison of runs: the window's own charts, between a title and a caption.
#include "app/figures/comparison_figure.hpp"

#include "app/figures/figure_layout.hpp"
#include "app/views/compared_budget.hpp"
#include "app/views/compared_curves.hpp"
#include "app/views/compared_table.hpp"
#include "app/views/compared_timeline.hpp"
#include "app/views/linked_views.hpp"
#include "app/views/wording.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QCoreApplication>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int mostTitleLines = 2;
constexpr int mostLinesOfRun = 2;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ComparisonFigure", text);
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

void prepare(Chart& chart, const FigureSettings& settings)
{
    chart.setStill();
    chart.fixTheme(themeOf(settings.theme));
    chart.setFont(figureFont());
}

void paint(Chart& chart, QCPPainter& painter, const QRect& place)
{
    painter.save();
    painter.translate(place.topLeft());
    // The background is drawn, or left out, for the figure as a whole.
    chart.setBackground(QBrush(Qt::NoBrush));
    chart.drawOn(painter, place.size());
    painter.restore();
}

std::unique_ptr<Chart> chartFor(const QString& view, std::shared_ptr<const ComparedRuns> runs)
{
    if (view == QLatin1String("timeline"))
        return nullptr;
    if (view == QLatin1String("budget")) {
        auto chart = std::make_unique<ComparedBudget>();
        chart->setRuns(std::move(runs));
        return chart;
    }
    auto chart = std::make_unique<ComparedCurves>(view == QLatin1String("speedup")
            ? ComparedCurves::Subject::speedup
            : ComparedCurves::Subject::ipc);
    chart->setRuns(std::move(runs));
    return chart;
}

void checkSettings(const FigureSettings& settings)
{
    checkFigure(settings);
    if (!comparisonViews().contains(settings.view))
        throw BadValue({.object = "the figure's view",
            .problem = "is none of a comparison",
            .value = settings.view.toStdString(),
            .limit = comparisonViews().join(QStringLiteral(", ")).toStdString()});
    if (settings.fromS || settings.toS || !settings.lanes.isEmpty())
        throw BadValue({.object = "the figure of a comparison",
            .problem = "shows whole runs, with all their lanes",
            .limit = "no --from, --to or --lanes"});
}

} // namespace

const QStringList& comparisonViews()
{
    static const QStringList views = {QStringLiteral("timeline"), QStringLiteral("budget"),
        QStringLiteral("speedup"), QStringLiteral("ipc")};
    return views;
}

QString comparisonTitle(const QString& view)
{
    if (view == QLatin1String("timeline"))
        return tr("Timelines");
    if (view == QLatin1String("budget"))
        return tr("Time budgets");
    return view == QLatin1String("speedup") ? tr("Speedups") : tr("Bytes sent");
}

ComparisonFigure::ComparisonFigure(
    std::shared_ptr<const ComparedRuns> runs, FigureSettings settings)
    : m_runs(std::move(runs))
    , m_settings(std::move(settings))
{
    checkSettings(m_settings);
    m_chart = chartFor(m_settings.view, m_runs);
    if (!m_chart)
        return;
    prepare(*m_chart, m_settings);
    // Only then is it known whether there is anything to show.
    m_chart->layOut((m_settings.points() * (letterUnits / m_settings.fontPt)).toSize());
}

ComparisonFigure::~ComparisonFigure() = default;

QString ComparisonFigure::emptyReason() const
{
    return m_chart && m_chart->isEmpty()
        ? m_chart->emptyTitle() + QStringLiteral(". ") + m_chart->emptyText()
        : QString();
}

QString ComparisonFigure::title() const
{
    if (!m_settings.title.isNull())
        return m_settings.title;
    QStringList names;
    for (const AlignedRun& run : m_runs->runs)
        names.append(tr("%1 %2").arg(run.label, run.name));
    return tr("%1: %2").arg(comparisonTitle(m_settings.view), names.join(QStringLiteral(", ")));
}

QString ComparisonFigure::caption() const
{
    return captionsOf(*m_runs).join(QLatin1Char('\n'));
}

QString ComparisonFigure::summary() const
{
    if (m_chart)
        return m_chart->summary();
    QStringList sentences;
    for (const ComparisonSentence& sentence : m_runs->comparison.sentences)
        sentences.append(QString::fromStdString(sentence.text));
    return sentences.join(QLatin1Char(' '));
}

ChartTable ComparisonFigure::table() const
{
    return m_chart ? m_chart->table() : differenceTable(*m_runs);
}

void ComparisonFigure::draw(QCPPainter& painter, QSize pixels, double dpi)
{
    const Theme& theme = themeOf(m_settings.theme);
    if (!m_settings.transparent)
        painter.fillRect(QRect(QPoint(), pixels), theme.background);
    const double scale = pixelsPerUnit(m_settings, dpi);
    const QSize size(
        static_cast<int>(pixels.width() / scale), static_cast<int>(pixels.height() / scale));
    const int width = std::max(1, size.width() - 2 * figureMargin);
    const QFont font = figureFont();
    QFont bold = font;
    bold.setBold(true);
    const int line = QFontMetrics(font).height();
    const QStringList titleLines
        = title().isEmpty() ? QStringList() : wrappedLines(title(), bold, width, mostTitleLines);
    QStringList captionLines;
    if (m_settings.caption) {
        for (const QString& caption : captionsOf(*m_runs))
            captionLines.append(wrappedLines(caption, font, width, mostLinesOfRun));
    }
    const auto roomFor = [line](const QStringList& lines) {
        return lines.isEmpty() ? 0 : static_cast<int>(lines.size()) * line + figureMargin;
    };
    const int head = roomFor(titleLines);
    const int foot = roomFor(captionLines);
    const QRect area(0, head, size.width(), std::max(1, size.height() - head - foot));

    painter.save();
    // What is scaled is neither to be rounded to whole units nor kept as a picture.
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.scale(scale, scale);
    if (m_chart)
        paint(*m_chart, painter, area);
    else
        drawTimelines(painter, area);
    painter.setPen(theme.text);
    drawLines(painter, titleLines, bold, figureMargin, figureMargin);
    painter.setPen(theme.secondaryText);
    drawLines(painter, captionLines, font, figureMargin, size.height() - foot);
    painter.restore();
}

void ComparisonFigure::drawTimelines(QCPPainter& painter, const QRect& area) const
{
    LinkedViews views;
    std::vector<ViewState*> states;
    for (const AlignedRun& run : m_runs->runs)
        states.push_back(views.add(m_runs->whole, run.originNs));
    views.show(m_runs->shown);
    const auto count = static_cast<int>(m_runs->runs.size());
    const QFont font = figureFont();
    const int head = QFontMetrics(font).height();
    // The lowest one has the time's labels besides.
    const int labels = 3 * head;
    const int each = (area.height() - labels) / count;
    int top = area.top();
    for (int i = 0; i < count; ++i) {
        const auto run = static_cast<std::size_t>(i);
        ComparedTimeline timeline;
        prepare(timeline, m_settings);
        timeline.setViewState(states[run]);
        timeline.setRun(m_runs, run);
        const int bottom = i + 1 == count ? area.bottom() + 1 : top + each;
        painter.setPen(timeline.theme().text);
        drawLines(painter,
            {QFontMetrics(font).elidedText(tr("%1:  %2").arg(timeline.title(), timeline.summary()),
                Qt::ElideRight, area.width() - 2 * figureMargin)},
            font, area.left() + figureMargin, top);
        paint(timeline, painter,
            QRect(area.left(), top + head, area.width(), std::max(1, bottom - top - head)));
        top = bottom;
    }
}

} // namespace manyhands::app
