// SPDX-License-Identifier: GPL-3.0-or-later
// A curve of each of several runs over their common time, in one plot or each in its own.
#include "app/views/compared_curves.hpp"

#include "app/views/wording.hpp"
#include "engine/analysis/speedup.hpp"

#include <QActionGroup>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr QMargins plotMargins(0, 6, 12, 2);
/// Pixels of a plot, however many there are.
constexpr int leastPlot = 20;
constexpr double headRoom = 1.12;
constexpr double leastSpeedup = 1.2;
constexpr double leastSent = 10;
/// Bins of about so many pixels.
constexpr double binWidth = 9;
constexpr double fewestBins = 10;
constexpr double mostBins = 240;
/// The first samples of a repeat divide by next to nothing; beyond this many times the workers
/// they leave the chart.
constexpr double mostAboveIdeal = 1.5;
/// Of a curve, whatever its points are: enough to tell it from the others.
constexpr int markersPerCurve = 10;
constexpr double markerSize = 8;
/// As near as the pointer must come to a point, in pixels.
constexpr double reach = 24;

} // namespace

ComparedCurves::ComparedCurves(Subject subject, QWidget* parent)
    : Chart(subject == Subject::speedup ? tr("Speedups") : tr("Bytes sent"),
        subject == Subject::speedup ? tr("Compared speedups chart")
                                    : tr("Compared IPC volume chart"),
        parent)
    , m_subject(subject)
    , m_plots{axisRect(), new QCPAxisRect(this), new QCPAxisRect(this), new QCPAxisRect(this)}
    , m_time([this] {
        QList<QCPAxis*> axes;
        for (QCPAxisRect* plot : m_plots)
            axes.append(plot->axis(QCPAxis::atBottom));
        return axes;
    }())
    , m_ticker(new UnitTicker)
{
    auto* margins = new QCPMarginGroup(this);
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        if (i > 0)
            plotLayout()->addElement(static_cast<int>(i) + 1, 0, m_plots[i]);
        m_plots[i]->setMarginGroup(QCP::msLeft | QCP::msRight, margins);
        m_plots[i]->setMinimumMargins(plotMargins);
        m_plots[i]->axis(QCPAxis::atLeft)->setTicker(m_ticker);
    }
    addSwitch(tr("Layout"), {tr("Overlaid"), tr("Side by side")},
        [this](int i) { setSideBySide(i == 1); });
    if (m_subject == Subject::ipc)
        addSwitch(tr("Show"), {tr("A second"), tr("In all")},
            [this](int i) { setShape(i == 0 ? Shape::rate : Shape::cumulative); });
    applyStyle();
    refresh(true);
}

void ComparedCurves::setRuns(std::shared_ptr<const ComparedRuns> runs)
{
    m_runs = std::move(runs);
    for (std::size_t run = 0; run < m_sent.size(); ++run) {
        m_sent[run].reset();
        if (m_runs && run < m_runs->runs.size() && m_subject == Subject::ipc)
            m_sent[run].take(*m_runs->runs[run].run->recording);
    }
    refreshSoon();
}

void ComparedCurves::setSideBySide(bool sideBySide)
{
    m_sideBySide = sideBySide;
    refreshSoon();
}

void ComparedCurves::setShape(Shape shape)
{
    m_shape = shape;
    refreshSoon();
}

int ComparedCurves::seriesCount() const
{
    return m_runs ? static_cast<int>(m_runs->runs.size()) : 0;
}

std::vector<ComparedCurves::Point> ComparedCurves::speedupsOf(const AlignedRun& run) const
{
    const Recording& recording = *run.run->recording;
    const Phase* phase = recording.last_phase(PhaseKind::repeat);
    if (!phase)
        phase = recording.last_phase(PhaseKind::warm_up);
    if (!phase)
        return {};
    const double beginS = secondsOf(run.commonTime(phase->begin_ns));
    const std::vector<SpeedupPoint> curve
        = speedup_so_far(recording, run.facts.sequentialS, run.facts.allWork.value_or(0));
    if (curve.empty())
        return {};
    // Its first moments say little and may be far above; what came out in the end is always shown.
    const double most
        = std::max(mostAboveIdeal * std::max(1, run.facts.workers), curve.back().speedup);
    std::vector<Point> points;
    for (const SpeedupPoint& point : curve) {
        if (std::isfinite(point.speedup) && point.speedup <= most)
            points.push_back({beginS + point.time_s, point.speedup});
    }
    return points;
}

std::uint64_t ComparedCurves::sentBefore(std::size_t run, std::int64_t recorded_ns) const
{
    std::uint64_t bytes = 0;
    for (std::size_t channel = 0; channel < m_sent[run].channels(); ++channel)
        bytes += m_sent[run].sentBefore(channel, recorded_ns).bytes;
    return bytes;
}

std::vector<ComparedCurves::Point> ComparedCurves::sentOf(std::size_t run) const
{
    const AlignedRun& one = m_runs->runs[run];
    if (m_sent[run].empty())
        return {};
    const Interval seen = m_time.visible();
    const double beginS = secondsOf(seen.begin_ns);
    const double endS = secondsOf(seen.end_ns);
    const double across
        = std::clamp(viewport().width() / (binWidth * lineScale()), fewestBins, mostBins);
    const double width = std::max(1e-9, stepUp((endS - beginS) / across));
    const Recording& recording = *one.run->recording;
    const double firstS = secondsOf(one.commonTime(0));
    const double lastS = secondsOf(one.commonTime(recording.now_ns()));
    std::vector<Point> points;
    for (double number = std::floor(beginS / width); number * width < endS; ++number) {
        const double from = number * width;
        const double to = from + width;
        if (to <= firstS || from > lastS)
            continue;
        const std::int64_t begin = std::max<std::int64_t>(0, one.recordedTime(nanosecondsOf(from)));
        // What comes at the last moment belongs to the last bin.
        const std::int64_t end
            = to >= lastS ? recording.now_ns() + 1 : one.recordedTime(nanosecondsOf(to));
        const auto until = static_cast<double>(sentBefore(run, end));
        if (m_shape == Shape::cumulative)
            points.push_back({to, until});
        else
            points.push_back({from, (until - static_cast<double>(sentBefore(run, begin))) / width});
    }
    return points;
}

bool ComparedCurves::explainEmpty()
{
    if (!m_runs) {
        setEmpty(
            tr("Nothing to compare yet"), tr("Choose two to four runs in File > Compare runs…"));
        return true;
    }
    const bool any = std::any_of(
        m_points.begin(), m_points.end(), [](const auto& points) { return !points.empty(); });
    if (any)
        return false;
    if (m_subject == Subject::speedup)
        setEmpty(tr("No speedups to compare"),
            tr("A speedup over time needs a serial baseline, counted work, and a run that is long "
               "enough to be sampled; none of these runs has all three."));
    else
        setEmpty(tr("No messages to compare"),
            tr("In none of these runs a process was seen to send another anything."));
    return true;
}

void ComparedCurves::takeIn()
{
    for (std::size_t run = 0; run < m_points.size(); ++run) {
        m_points[run].clear();
        if (m_runs && run < m_runs->runs.size())
            m_points[run]
                = m_subject == Subject::speedup ? speedupsOf(m_runs->runs[run]) : sentOf(run);
    }
}

void ComparedCurves::refresh(bool)
{
    if (m_runs) {
        ViewState atFirst;
        atFirst.align(m_runs->whole, 0);
        atFirst.show(m_runs->shown);
        m_time.fit(m_runs->runs.front().facts, viewState() ? viewState() : &atFirst);
    }
    takeIn();
    if (explainEmpty())
        return;
    setEmpty({});
    arrange();
    scaleAxes();
    fillLegend();
}

void ComparedCurves::arrange()
{
    const std::size_t runs = m_runs->runs.size();
    const std::size_t plots = m_sideBySide ? runs : 1;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        const bool shown = i < plots;
        m_plots[i]->setVisible(shown);
        m_plots[i]->setMinimumSize(leastPlot, shown ? leastPlot : 0);
        m_plots[i]->setMaximumSize(QWIDGETSIZE_MAX, shown ? QWIDGETSIZE_MAX : 0);
        m_plots[i]->setMinimumMargins(shown ? plotMargins : QMargins());
        m_plots[i]->setAutoMargins(shown ? QCP::msAll : QCP::msNone);
        m_plots[i]->setMargins(QMargins());
        QCPAxis* time = m_plots[i]->axis(QCPAxis::atBottom);
        const bool lowest = i + 1 == plots;
        time->setTickLabels(lowest);
        labelAxis(
            time, lowest ? m_time.label() : QString(), lowest ? m_time.briefLabel() : QString());
    }
    for (std::size_t run = 0; run < m_graphs.size(); ++run) {
        QCPAxisRect* plot = m_plots[plotOf(run)];
        if (m_graphs[run] && m_graphs[run]->keyAxis()->axisRect() != plot) {
            removePlottable(m_graphs[run]);
            m_graphs[run] = nullptr;
        }
        if (run >= runs)
            continue;
        if (!m_graphs[run]) {
            m_graphs[run] = new QCPGraph(
                plot->axis(QCPAxis::atBottom), plot->axis(QCPAxis::atLeft)); // owned by the plot
            restyle();
        }
        QList<double> times;
        QList<double> values;
        for (const Point& point : m_points[run]) {
            times.append(point.timeS);
            values.append(point.value);
        }
        const bool rate = m_subject == Subject::ipc && m_shape == Shape::rate;
        m_graphs[run]->setLineStyle(rate ? QCPGraph::lsStepLeft : QCPGraph::lsLine);
        m_graphs[run]->setScatterSkip(
            std::max(0, static_cast<int>(times.size()) / markersPerCurve - 1));
        m_graphs[run]->setData(times, values, true);
        m_graphs[run]->setVisible(!isHidden(static_cast<int>(run)));
    }
}

void ComparedCurves::restyle()
{
    const double scale = lineScale();
    for (std::size_t run = 0; run < m_graphs.size(); ++run) {
        if (!m_graphs[run])
            continue;
        const SeriesLook look = lookOfRun(theme(), run);
        m_graphs[run]->setPen(QPen(look.colour, 1.5 * scale, look.line));
        const bool hollow = markerOfRun(run) == QCPScatterStyle::ssDiamond;
        m_graphs[run]->setScatterStyle(QCPScatterStyle(markerOfRun(run), QPen(look.colour, scale),
            hollow ? QBrush(theme().background) : QBrush(look.colour), markerSize * scale));
    }
}

void ComparedCurves::scaleAxes()
{
    double highest = m_subject == Subject::speedup ? leastSpeedup : leastSent;
    const Interval seen = m_time.visible();
    for (std::size_t run = 0; run < m_points.size(); ++run) {
        for (const Point& point : m_points[run]) {
            if (!isHidden(static_cast<int>(run)) && point.timeS >= secondsOf(seen.begin_ns)
                && point.timeS <= secondsOf(seen.end_ns))
                highest = std::max(highest, point.value);
        }
    }
    const double end = highest * headRoom;
    Unit unit{tr("×"), 1};
    QString label = tr("Speedup so far (×)");
    if (m_subject == Subject::ipc) {
        unit = m_shape == Shape::rate ? rateUnit(end) : bytesUnit(end);
        label
            = (m_shape == Shape::rate ? tr("Sent (%1)") : tr("Sent in all (%1)")).arg(unit.symbol);
    }
    m_ticker->setUnit(unit);
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        QCPAxis* axis = m_plots[i]->axis(QCPAxis::atLeft);
        axis->setRange(0, end);
        const bool named = m_sideBySide && i < m_runs->runs.size();
        labelAxis(axis, named ? tr("%1: %2").arg(m_runs->runs[i].label, label) : label,
            named ? tr("%1 (%2)").arg(m_runs->runs[i].label, unit.symbol) : unit.symbol);
    }
}

QString ComparedCurves::valueWords(double value) const
{
    if (m_subject == Subject::speedup)
        return tr("%1 ×").arg(QLocale().toString(value, 'f', 2));
    return m_shape == Shape::rate ? tr("%1/s").arg(bytesText(value)) : bytesText(value);
}

void ComparedCurves::fillLegend()
{
    QList<LegendEntry> entries;
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
        const AlignedRun& one = m_runs->runs[run];
        const QString name = tr("%1 %2").arg(one.label, one.name);
        QString value = tr("none");
        if (m_subject == Subject::speedup && !m_points[run].empty())
            value = valueWords(m_points[run].back().value);
        else if (m_subject == Subject::ipc)
            value
                = bytesText(static_cast<double>(sentBefore(run, one.run->recording->now_ns() + 1)));
        entries.append({.text = tr("%1: %2").arg(name, value),
            .sample = LegendEntry::Sample::marker,
            .series = lookOfRun(theme(), run),
            .shape = markerOfRun(run),
            .id = static_cast<int>(run),
            .name = name});
    }
    legendStrip()->setEntries(entries);
}

QString ComparedCurves::pointText(std::size_t run, const Point& point) const
{
    return tr("%1: %2 at %3 since the start of the parallel part")
        .arg(m_runs->runs[run].label, valueWords(point.value), durationText(point.timeS));
}

QString ComparedCurves::hoverText(const QPointF& position) const
{
    QString text;
    double distance = reach;
    for (std::size_t run = 0; m_runs && run < m_runs->runs.size(); ++run) {
        if (!m_graphs[run] || !m_graphs[run]->visible())
            continue;
        for (const Point& point : m_points[run]) {
            const QPointF way = QPointF(m_graphs[run]->keyAxis()->coordToPixel(point.timeS),
                                    m_graphs[run]->valueAxis()->coordToPixel(point.value))
                - position;
            if (std::hypot(way.x(), way.y()) < distance) {
                distance = std::hypot(way.x(), way.y());
                text = pointText(run, point);
            }
        }
    }
    return text;
}

QString ComparedCurves::seriesName(int series) const
{
    const AlignedRun& run = m_runs->runs[static_cast<std::size_t>(series)];
    return tr("%1 %2").arg(run.label, run.name);
}

int ComparedCurves::datumCount(int series) const
{
    return static_cast<int>(m_points[static_cast<std::size_t>(series)].size());
}

Datum ComparedCurves::datum(int series, int index) const
{
    const auto run = static_cast<std::size_t>(series);
    const auto at = static_cast<std::size_t>(index);
    if (!m_graphs[run] || at >= m_points[run].size())
        return {};
    const Point& point = m_points[run][at];
    return {pointText(run, point),
        QPointF(m_graphs[run]->keyAxis()->coordToPixel(point.timeS),
            m_graphs[run]->valueAxis()->coordToPixel(point.value))};
}

QString ComparedCurves::summary() const
{
    if (!m_runs || isEmpty())
        return {};
    QStringList parts;
    for (std::size_t run = 0; run < m_runs->runs.size(); ++run) {
        const AlignedRun& one = m_runs->runs[run];
        if (m_subject == Subject::ipc)
            parts.append(tr("%1 %2").arg(one.label,
                bytesText(static_cast<double>(sentBefore(run, one.run->recording->now_ns() + 1)))));
        else
            parts.append(tr("%1 %2").arg(one.label,
                m_points[run].empty() ? tr("none") : valueWords(m_points[run].back().value)));
    }
    return parts.join(QStringLiteral(", "));
}

ChartTable ComparedCurves::table() const
{
    ChartTable table;
    const QString value = m_subject == Subject::speedup ? tr("speedup so far")
        : m_shape == Shape::rate                        ? tr("sent (bytes/s)")
                                                        : tr("sent until then (bytes)");
    table.header = {tr("run"), tr("time since the start of the parallel part (s)"), value};
    for (std::size_t run = 0; m_runs && run < m_runs->runs.size(); ++run) {
        for (const Point& point : m_points[run])
            table.rows.append({m_runs->runs[run].label, QString::number(point.timeS, 'g', 9),
                QString::number(point.value, 'g', 9)});
    }
    return table;
}

} // namespace manyhands::app
