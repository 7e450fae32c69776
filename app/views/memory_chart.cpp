// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory each process had, where the lesson wants it sampled.
#include "app/views/memory_chart.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <QActionGroup>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double leastBytes = 1024;
constexpr double headRoom = 1.08;
constexpr double markerSize = 5;
/// As near as the pointer must come to a sample, in pixels.
constexpr double reach = 16;

} // namespace

MemoryChart::MemoryChart(QWidget* parent)
    : Chart(tr("Memory"), tr("Memory chart"), parent)
    , m_time({xAxis})
    , m_valueTicker(new UnitTicker)
{
    yAxis->setTicker(m_valueTicker);
    axisRect()->setMinimumMargins(QMargins(0, 4, 10, 2));
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (hasRun() && !isEmpty())
            m_time.drawMarks(painter, *axisRect(), facts(), viewState(), theme(), lineScale());
    });
    addSwitch(tr("Count"),
        {tr("Resident (RSS): shared pages in full"), tr("Proportional (PSS): a share of them")},
        [this](int i) { setMeasure(i == 0 ? Measure::resident : Measure::proportional); });
    applyStyle();
    refresh(true);
}

void MemoryChart::setMeasure(Measure measure)
{
    m_measure = measure;
    reset();
    refreshSoon();
}

void MemoryChart::reset()
{
    for (const Series& series : m_series)
        removePlottable(series.graph);
    m_series.clear();
    m_taken = 0;
    m_takenUntil_ns = 0;
    m_valueEnd = 0;
}

bool MemoryChart::explainEmpty()
{
    if (!facts().recording) {
        setEmpty(
            tr("No run yet"), tr("Run the lesson (F5) to see what memory its processes take."));
        return true;
    }
    if (!facts().recording->memory().empty()) {
        if (!m_series.empty())
            return false;
        setEmpty(m_measure == Measure::proportional ? tr("No share was measured")
                                                    : tr("No sample until here"),
            m_measure == Measure::proportional
                ? tr("The run was too short, or the kernel does not tell it here.")
                : tr("The first one comes later in the run."));
        return true;
    }
    if (!facts().declaresMemory)
        setEmpty(tr("Memory is not sampled here"),
            tr("This lesson does not ask for it: taking samples would disturb what it measures."));
    else if (facts().running)
        setEmpty(tr("No sample yet"), tr("The memory of each process is sampled once a second."));
    else
        setEmpty(tr("No sample"), tr("The run was over before its memory was sampled."));
    return true;
}

void MemoryChart::refresh(bool afresh)
{
    if (afresh || !facts().recording || facts().nowNs() < m_takenUntil_ns) {
        reset();
        m_time.reset();
    }
    if (facts().recording)
        takeSamples(*facts().recording);
    if (explainEmpty())
        return;
    setEmpty({});
    m_time.fit(facts(), viewState());
    labelAxis(xAxis, m_time.label(), m_time.label());
    for (const Series& series : m_series)
        series.graph->setVisible(!isHidden(static_cast<int>(series.lane)));
    scaleAxes();
    fillLegend();
}

double MemoryChart::valueOf(const MemorySample& sample) const
{
    return static_cast<double>(
        m_measure == Measure::resident ? sample.rss_bytes : sample.pss_bytes);
}

MemoryChart::Series& MemoryChart::seriesOf(std::uint32_t lane)
{
    const auto place = std::lower_bound(m_series.begin(), m_series.end(), lane,
        [](const Series& series, std::uint32_t wanted) { return series.lane < wanted; });
    if (place != m_series.end() && place->lane == lane)
        return *place;
    auto* graph = new QCPGraph(xAxis, yAxis); // owned by the plot
    graph->setAntialiased(true);
    const auto added = m_series.insert(place, Series{lane, graph});
    styleSeries();
    return *added;
}

void MemoryChart::takeSamples(const Recording& recording)
{
    const std::vector<MemorySample>& samples = recording.memory();
    for (; m_taken < samples.size(); ++m_taken) {
        const MemorySample& sample = samples[m_taken];
        if (sample.time_ns > facts().nowNs())
            break;
        if (sample.lane >= recording.lanes().size() || !facts().shows(sample.lane)
            || !(valueOf(sample) > 0))
            continue;
        seriesOf(sample.lane)
            .graph->addData(secondsOf(recording.run_time(sample.time_ns)), valueOf(sample));
    }
    m_takenUntil_ns = facts().nowNs();
}

void MemoryChart::styleSeries()
{
    for (const Series& series : m_series) {
        // By the lane's number: the same colour in every run of as many.
        const SeriesLook look = theme().series(static_cast<int>(series.lane));
        series.graph->setPen(QPen(look.colour, 1.5 * lineScale(), look.line));
        series.graph->setScatterStyle(QCPScatterStyle(
            QCPScatterStyle::ssDisc, look.colour, look.colour, markerSize * lineScale()));
    }
}

void MemoryChart::restyle()
{
    styleSeries();
}

void MemoryChart::scaleAxes()
{
    const QCPRange seen = xAxis->range();
    double most = 0;
    for (const Series& series : m_series) {
        if (!series.graph->visible())
            continue;
        for (auto point = series.graph->data()->findBegin(seen.lower);
             point != series.graph->data()->findEnd(seen.upper); ++point)
            most = std::max(most, point->value);
    }
    m_valueEnd = grownEnd(m_valueEnd, most * headRoom, leastBytes, facts().running);
    const Unit unit = bytesUnit(m_valueEnd);
    m_valueTicker->setUnit(unit);
    yAxis->setRange(0, m_valueEnd);
    labelAxis(yAxis, tr("%1 (%2)").arg(measureText(), unit.symbol), unit.symbol);
}

QString MemoryChart::measureText() const
{
    return m_measure == Measure::resident ? tr("Resident") : tr("Proportional");
}

void MemoryChart::fillLegend()
{
    QList<LegendEntry> entries;
    for (const Series& series : m_series) {
        const double last = (series.graph->data()->constEnd() - 1)->value;
        const QString name = laneName(*facts().recording, series.lane, false);
        entries.append({.text = tr("%1: %2").arg(name, bytesText(last)),
            .sample = LegendEntry::Sample::line,
            .series = theme().series(static_cast<int>(series.lane)),
            .id = static_cast<int>(series.lane),
            .name = name});
    }
    legendStrip()->setEntries(entries);
}

QString MemoryChart::pointText(const Series& series, const QCPGraphData& point) const
{
    return tr("%1\n%2 after %3: %4")
        .arg(laneName(*facts().recording, series.lane), measureText(), durationText(point.key),
            bytesText(point.value));
}

QString MemoryChart::hoverText(const QPointF& position) const
{
    double nearest = reach;
    QString text;
    for (const Series& series : m_series) {
        if (!series.graph->visible())
            continue;
        for (const QCPGraphData& point : *series.graph->data()) {
            const double distance = std::hypot(xAxis->coordToPixel(point.key) - position.x(),
                yAxis->coordToPixel(point.value) - position.y());
            if (distance < nearest) {
                nearest = distance;
                text = pointText(series, point);
            }
        }
    }
    return text;
}

QString MemoryChart::seriesName(int series) const
{
    const Series& one = m_series[static_cast<std::size_t>(series)];
    return laneName(*facts().recording, one.lane);
}

int MemoryChart::datumCount(int series) const
{
    return m_series[static_cast<std::size_t>(series)].graph->dataCount();
}

Datum MemoryChart::datum(int series, int index) const
{
    const Series& one = m_series[static_cast<std::size_t>(series)];
    const QCPGraphData& point = *(one.graph->data()->constBegin() + index);
    return {pointText(one, point),
        QPointF(xAxis->coordToPixel(point.key), yAxis->coordToPixel(point.value))};
}

int MemoryChart::legendIdOf(int series, int) const
{
    return static_cast<int>(m_series[static_cast<std::size_t>(series)].lane);
}

void MemoryChart::seriesFocused(int series)
{
    if (viewState())
        viewState()->select(Target::ofLane(m_series[static_cast<std::size_t>(series)].lane));
}

QString MemoryChart::summary() const
{
    double most = 0;
    std::uint32_t lane = no_subject;
    for (const Series& series : m_series) {
        for (const QCPGraphData& point : *series.graph->data()) {
            if (point.value > most) {
                most = point.value;
                lane = series.lane;
            }
        }
    }
    if (lane == no_subject)
        return {};
    return tr("%1 of %2; most %3 in %4")
        .arg(measureText().toLower(), processesText(m_series.size()), bytesText(most),
            laneName(*facts().recording, lane, false));
}

ChartTable MemoryChart::table() const
{
    ChartTable table;
    table.header
        = {tr("process"), tr("time (s)"), tr("resident (bytes)"), tr("proportional (bytes)")};
    if (!facts().recording)
        return table;
    const Recording* recording = facts().recording;
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < recording->memory().size(); ++i) {
        const MemorySample& sample = recording->memory()[i];
        const std::int64_t time = recording->run_time(sample.time_ns);
        if (sample.time_ns <= facts().nowNs() && facts().shows(sample.lane)
            && (!facts().part || (time >= facts().part->begin_ns && time <= facts().part->end_ns)))
            shown.push_back(i);
    }
    const auto count = static_cast<qsizetype>(shown.size());
    table.setLazy(
        count, [recording, shown = std::move(shown)](qsizetype row, int column) -> QVariant {
            const MemorySample& sample = recording->memory()[shown[static_cast<std::size_t>(row)]];
            switch (column) {
            case 0:
                return laneName(*recording, sample.lane);
            case 1:
                return secondsOf(recording->run_time(sample.time_ns));
            case 2:
                return static_cast<qulonglong>(sample.rss_bytes);
            default:
                return sample.pss_bytes > 0 ? QVariant(static_cast<qulonglong>(sample.pss_bytes))
                                            : QVariant(tr("not measured"));
            }
        });
    return table;
}

} // namespace manyhands::app
