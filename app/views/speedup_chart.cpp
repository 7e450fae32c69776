// SPDX-License-Identifier: GPL-3.0-or-later
// The speedup as it grows: S(t) = (work done ÷ all work) × T1 ÷ t.
#include "app/views/speedup_chart.hpp"

#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double shortestLiveAxisS = 0.01;
constexpr double shortestAxisS = 1e-6;
constexpr double headRoom = 1.15;
constexpr double markerSize = 7;
/// Of the value's box from the end of the curve, as a share of the axis.
constexpr double valueDistance = 0.03;
/// The first samples of a repeat divide by next to nothing; beyond this they leave the chart.
constexpr double mostAboveIdeal = 1.5;

QString speedupText(double speedup)
{
    return QCoreApplication::translate("manyhands::app::SpeedupChart", "%1 ×")
        .arg(QLocale().toString(speedup, 'f', 2));
}

} // namespace

SpeedupChart::SpeedupChart(QWidget* parent)
    : Chart(tr("Speedup"), tr("Speedup chart"), parent)
    , m_curve(nullptr)
    , m_end(nullptr)
    , m_ideal(nullptr)
    , m_usable(nullptr)
    , m_value(nullptr)
    , m_timeTicker(new UnitTicker)
{
    m_ideal = addGraph();
    m_usable = addGraph();
    m_curve = addGraph();
    m_end = addGraph();
    m_end->setLineStyle(QCPGraph::lsNone);
    m_value = new QCPItemText(this); // owned by the plot
    m_value->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    m_value->setPadding(QMargins(3, 2, 3, 2));
    xAxis->setTicker(m_timeTicker);
    auto ticker = QSharedPointer<UnitTicker>::create();
    yAxis->setTicker(ticker);
    axisRect()->setMinimumMargins(QMargins(0, 4, 10, 2));
    applyStyle();
    refresh(true);
}

bool SpeedupChart::explainEmpty()
{
    if (!facts().recording) {
        setEmpty(tr("No run yet"),
            tr("Run the lesson (F5) to see how much faster many processes are than one."));
        return true;
    }
    if (!facts().hasBaseline) {
        setEmpty(tr("No speedup in this lesson"),
            tr("It has no serial baseline that a run could be compared with."));
        return true;
    }
    if (!m_points.empty())
        return false;
    if (!facts().running) {
        setEmpty(tr("No speedup known"),
            tr("The run ended before its processes had done any counted work."));
    } else if (!facts().sequentialS) {
        setEmpty(tr("Measuring the baseline"),
            tr("First the serial baseline is measured: the same work in one process alone. "
               "Speedup compares with it."));
    } else {
        setEmpty(tr("No work done yet"),
            tr("The serial baseline took %1. Now the workers are starting.")
                .arg(durationText(*facts().sequentialS)));
    }
    return true;
}

void SpeedupChart::takePoints()
{
    m_points.clear();
    if (!facts().recording || !facts().sequentialS)
        return;
    m_points = speedup_so_far(*facts().recording, facts().sequentialS, facts().allWork.value_or(0));
    std::erase_if(m_points, [](const SpeedupPoint& point) {
        return !std::isfinite(point.time_s) || !std::isfinite(point.speedup);
    });
    if (!m_points.empty() && !(m_points.back().speedup > 0))
        m_points.clear();
    // The end is measured by itself: a short repeat may have no sample at all.
    const Phase* repeat = facts().recording->last_phase(PhaseKind::repeat);
    if (facts().finalSpeedup && repeat && repeat->end_ns != open_end) {
        const double end = static_cast<double>(repeat->end_ns - repeat->begin_ns) / 1e9;
        std::erase_if(m_points, [=](const SpeedupPoint& point) { return point.time_s >= end; });
        m_points.push_back({end, *facts().finalSpeedup});
    }
}

void SpeedupChart::refresh(bool afresh)
{
    if (afresh || !facts().recording) {
        m_endS = 0;
        m_speedupEnd = 0;
    }
    takePoints();
    if (explainEmpty()) {
        m_value->setVisible(false);
        return;
    }
    setEmpty({});
    scaleAxes();

    QList<double> times;
    QList<double> speedups;
    for (const SpeedupPoint& point : m_points) {
        times.append(point.time_s);
        speedups.append(point.speedup);
    }
    m_curve->setData(times, speedups, true);
    m_end->setData({times.last()}, {speedups.last()}, true);
    const double workers = std::max(1, facts().workers);
    const double usable = facts().usableCpus;
    m_ideal->setData({0, 2 * m_endS}, {workers, workers}, true);
    m_usable->setData({0, 2 * m_endS}, {usable, usable}, true);
    m_usable->setVisible(facts().usableCpus != facts().workers);

    const double shown = *lastSpeedup();
    const double time = m_points.back().time_s;
    m_value->setVisible(true);
    m_value->setText(speedupText(shown));
    // Beside the beginning of a curve there is room at its right alone, and above a high one none.
    const double height = std::min(m_points.back().speedup, m_speedupEnd);
    const bool below = height > m_speedupEnd / 3;
    m_value->setPositionAlignment((time < m_endS / 3 ? Qt::AlignLeft : Qt::AlignRight)
        | (below ? Qt::AlignTop : Qt::AlignBottom));
    m_value->position->setCoords(time, height + (below ? -1 : 1) * m_speedupEnd * valueDistance);
    fillLegend();
}

void SpeedupChart::scaleAxes()
{
    m_endS = grownEnd(m_endS, m_points.back().time_s,
        facts().running ? shortestLiveAxisS : shortestAxisS, facts().running);
    const Unit unit = timeUnit(m_endS);
    m_timeTicker->setUnit(unit);
    // Room for the whole of the last point.
    xAxis->setRange(0, facts().running ? m_endS : m_endS * 1.02);
    xAxis->setLabel(tr("Time since the repeat began (%1)").arg(unit.symbol));

    const double reference = std::max(facts().workers, facts().usableCpus);
    double highest = reference;
    for (const SpeedupPoint& point : m_points)
        highest = std::max(highest, std::min(point.speedup, reference * mostAboveIdeal));
    m_speedupEnd = std::max(facts().running ? m_speedupEnd : 0, highest * headRoom);
    yAxis->setRange(0, m_speedupEnd);
    yAxis->setLabel(facts().running ? tr("Speedup so far (×)") : tr("Speedup (×)"));
}

std::optional<double> SpeedupChart::lastSpeedup() const
{
    if (facts().finalSpeedup)
        return facts().finalSpeedup;
    if (m_points.empty())
        return std::nullopt;
    return m_points.back().speedup;
}

void SpeedupChart::fillLegend()
{
    const SeriesLook reference{theme().secondaryText, Qt::DashLine};
    const SeriesLook limit{theme().secondaryText, Qt::DotLine};
    const QString value = speedupText(*lastSpeedup());
    QList<LegendEntry> entries;
    entries.append(
        {.text = facts().finalSpeedup ? tr("in the end %1").arg(value) : tr("so far %1").arg(value),
            .sample = LegendEntry::Sample::line,
            .series = theme().series(0)});
    const bool same = facts().usableCpus == facts().workers;
    entries.append({.text = same ? tr("ideal = usable CPUs: %1").arg(facts().workers)
                                 : tr("ideal: %1").arg(facts().workers),
        .sample = LegendEntry::Sample::line,
        .series = reference});
    if (!same) {
        entries.append({.text = tr("usable CPUs: %1").arg(facts().usableCpus),
            .sample = LegendEntry::Sample::line,
            .series = limit});
    }
    legendStrip()->setEntries(entries);
}

void SpeedupChart::restyle()
{
    m_curve->setPen(QPen(theme().series(0).colour, 2));
    m_end->setScatterStyle(QCPScatterStyle(
        QCPScatterStyle::ssDisc, theme().series(0).colour, theme().series(0).colour, markerSize));
    m_ideal->setPen(QPen(theme().secondaryText, 1, Qt::DashLine));
    m_usable->setPen(QPen(theme().secondaryText, 1, Qt::DotLine));
    QFont bold = font();
    bold.setBold(true);
    m_value->setFont(bold);
    m_value->setColor(theme().text);
    m_value->setBrush(theme().background);
    m_value->setPen(QPen(theme().frame));
}

QString SpeedupChart::hoverText(const QPointF& position) const
{
    if (!axisRect()->rect().contains(position.toPoint()) || m_points.empty())
        return {};
    const double time = xAxis->pixelToCoord(position.x());
    auto after = std::lower_bound(m_points.begin(), m_points.end(), time,
        [](const SpeedupPoint& point, double value) { return point.time_s < value; });
    if (after == m_points.end())
        --after;
    return tr("after %1: %2").arg(durationText(after->time_s), speedupText(after->speedup));
}

QString SpeedupChart::summary() const
{
    const std::optional<double> value = lastSpeedup();
    if (!value)
        return {};
    const QString text = facts().finalSpeedup ? tr("%1 with %2") : tr("%1 so far with %2");
    return text.arg(
        speedupText(*value), workersText(static_cast<std::uint64_t>(std::max(0, facts().workers))));
}

ChartTable SpeedupChart::table() const
{
    ChartTable table;
    table.header = {tr("time (s)"), tr("speedup")};
    for (const SpeedupPoint& point : m_points)
        table.rows.append({QString::number(point.time_s), QString::number(point.speedup)});
    return table;
}

} // namespace manyhands::app
