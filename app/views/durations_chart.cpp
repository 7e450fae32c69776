// SPDX-License-Identifier: GPL-3.0-or-later
// How long tasks took: a histogram with median and quartiles.
#include "app/views/durations_chart.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double nanosecondsPerSecond = 1e9;
constexpr double leastCount = 5;
constexpr double headRoom = 1.1;

double seconds(double ns)
{
    return ns / nanosecondsPerSecond;
}

/// Powers of ten as durations: "10 µs".
class DurationTicker : public QCPAxisTickerLog
{
protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return durationText(tick);
    }
};

} // namespace

DurationsChart::DurationsChart(QWidget* parent)
    : Chart(tr("Task durations"), tr("Task durations chart"), parent)
    , m_ticker(new UnitTicker)
    , m_logTicker(new DurationTicker)
{
    yAxis->setTicker(QSharedPointer<WholeTicker>::create());
    labelAxis(yAxis, tr("Tasks (number)"), tr("Tasks"));
    axisRect()->setMinimumMargins(QMargins(0, 4, 12, 2));
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (isEmpty())
            return;
        drawBars(painter);
        drawMarks(painter);
    });
    applyStyle();
    refresh(true);
}

void DurationsChart::count()
{
    const Recording& recording = *facts().recording;
    const std::optional<Interval> selected
        = viewState() ? viewState()->selectedInterval() : std::nullopt;
    m_cut = selected.has_value();
    Interval interval = selected.value_or(recording.shown_interval());
    interval.end_ns = std::min(interval.end_ns, facts().nowNs() + 1);
    // Counted afresh only where something changed: it takes time linear in the tasks.
    if (recording.revision() == m_revision && interval.begin_ns == m_interval.begin_ns
        && interval.end_ns == m_interval.end_ns)
        return;
    m_revision = recording.revision();
    m_interval = interval;
    m_histogram = histogram_of(task_durations_ns(recording, interval));
}

bool DurationsChart::explainEmpty()
{
    if (!facts().recording) {
        setEmpty(tr("No run yet"), tr("Run the lesson (F5) to see how long its tasks take."));
        return true;
    }
    if (m_histogram.count > 0)
        return false;
    if (m_cut)
        setEmpty(tr("No task in the selection"),
            tr("No task began and ended within the selected interval."));
    else if (facts().goesOn())
        setEmpty(tr("No task done yet"), tr("A task counts once it has ended."));
    else
        setEmpty(tr("No tasks"), tr("In this run no task of a pool was done."));
    return true;
}

void DurationsChart::refresh(bool afresh)
{
    if (afresh || !facts().recording) {
        m_histogram = {};
        m_revision = 0;
        m_interval = {};
        m_countEnd = 0;
    }
    if (facts().recording)
        count();
    if (explainEmpty())
        return;
    setEmpty({});
    scaleAxes();
    fillLegend();
}

void DurationsChart::scaleAxes()
{
    const double begin = seconds(static_cast<double>(m_histogram.bins.front().begin_ns));
    const double end = seconds(static_cast<double>(m_histogram.bins.back().end_ns));
    if (m_histogram.axis == DurationAxis::logarithmic) {
        xAxis->setScaleType(QCPAxis::stLogarithmic);
        xAxis->setTicker(m_logTicker);
        labelAxis(xAxis, tr("Duration of a task (logarithmic)"), tr("Duration (log)"));
    } else {
        const Unit unit = timeUnit(end);
        xAxis->setScaleType(QCPAxis::stLinear);
        xAxis->setTicker(m_ticker);
        m_ticker->setUnit(unit);
        labelAxis(xAxis, tr("Duration of a task (%1)").arg(unit.symbol),
            tr("Duration (%1)").arg(unit.symbol));
    }
    xAxis->setRange(begin, end);
    std::uint64_t most = 0;
    for (const DurationBin& bin : m_histogram.bins)
        most = std::max(most, bin.count);
    m_countEnd
        = grownEnd(m_countEnd, static_cast<double>(most) * headRoom, leastCount, facts().running);
    yAxis->setRange(0, m_countEnd);
}

double DurationsChart::pixelOf(double ns) const
{
    return std::round(xAxis->coordToPixel(seconds(ns)));
}

void DurationsChart::drawBars(QCPPainter& painter) const
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().stateColour(State::computing));
    const double foot = yAxis->coordToPixel(0);
    for (const DurationBin& bin : m_histogram.bins) {
        if (bin.count == 0)
            continue;
        const double left = pixelOf(static_cast<double>(bin.begin_ns));
        const double right = std::max(left + 1, pixelOf(static_cast<double>(bin.end_ns)) - 1);
        // One task is seen beside a million.
        const double top = std::min(foot - 1, yAxis->coordToPixel(static_cast<double>(bin.count)));
        painter.drawRect(QRectF(QPointF(left, std::round(top)), QPointF(right, std::round(foot))));
    }
}

void DurationsChart::drawMarks(QCPPainter& painter) const
{
    const QRect area = axisRect()->rect();
    const auto line = [&](double ns, Qt::PenStyle style, double width) {
        painter.setPen(QPen(theme().text, width * lineScale(), style));
        painter.drawLine(QLineF(pixelOf(ns), area.top(), pixelOf(ns), area.bottom()));
    };
    line(m_histogram.median_ns, Qt::SolidLine, 2);
    line(m_histogram.first_quartile_ns, Qt::DashLine, 1);
    line(m_histogram.third_quartile_ns, Qt::DashLine, 1);
}

void DurationsChart::fillLegend()
{
    QList<LegendEntry> entries;
    entries.append(
        {.text = m_cut ? tr("%1 tasks of the selected interval").arg(countText(m_histogram.count))
                       : tr("%1 tasks").arg(countText(m_histogram.count)),
            .sample = LegendEntry::Sample::area,
            .series = {theme().stateColour(State::computing)}});
    entries.append({.text = tr("median %1").arg(durationText(seconds(m_histogram.median_ns))),
        .sample = LegendEntry::Sample::line,
        .series = {theme().text}});
    entries.append({.text = tr("quartiles %1, %2")
                                .arg(durationText(seconds(m_histogram.first_quartile_ns)),
                                    durationText(seconds(m_histogram.third_quartile_ns))),
        .sample = LegendEntry::Sample::line,
        .series = {theme().text, Qt::DashLine}});
    legendStrip()->setEntries(entries);
}

QString DurationsChart::binText(const DurationBin& bin) const
{
    return tr("%1 to %2: %3 of %4 tasks")
        .arg(durationText(seconds(static_cast<double>(bin.begin_ns))),
            durationText(seconds(static_cast<double>(bin.end_ns))), countText(bin.count),
            countText(m_histogram.count));
}

QString DurationsChart::hoverText(const QPointF& position) const
{
    if (!axisRect()->rect().contains(position.toPoint()))
        return {};
    const double ns = xAxis->pixelToCoord(position.x()) * nanosecondsPerSecond;
    for (const DurationBin& bin : m_histogram.bins) {
        if (static_cast<double>(bin.begin_ns) <= ns && ns < static_cast<double>(bin.end_ns))
            return binText(bin);
    }
    return {};
}

Datum DurationsChart::datum(int, int index) const
{
    const DurationBin& bin = m_histogram.bins[static_cast<std::size_t>(index)];
    const double left = pixelOf(static_cast<double>(bin.begin_ns));
    const double right = pixelOf(static_cast<double>(bin.end_ns));
    return {binText(bin),
        QPointF((left + right) / 2, yAxis->coordToPixel(static_cast<double>(bin.count)))};
}

QString DurationsChart::summary() const
{
    if (m_histogram.count == 0)
        return {};
    return tr("%1 tasks: median %2, from %3 to %4")
        .arg(countText(m_histogram.count), durationText(seconds(m_histogram.median_ns)),
            durationText(seconds(static_cast<double>(m_histogram.min_ns))),
            durationText(seconds(static_cast<double>(m_histogram.max_ns))));
}

ChartTable DurationsChart::table() const
{
    ChartTable table;
    table.header = {tr("from (s)"), tr("to below (s)"), tr("tasks")};
    for (const DurationBin& bin : m_histogram.bins) {
        table.rows.append({QString::number(seconds(static_cast<double>(bin.begin_ns)), 'f', 9),
            QString::number(seconds(static_cast<double>(bin.end_ns)), 'f', 9),
            QString::number(bin.count)});
    }
    return table;
}

} // namespace manyhands::app
