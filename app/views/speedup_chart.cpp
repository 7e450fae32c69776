// SPDX-License-Identifier: GPL-3.0-or-later
// The speedup as it grows, and over numbers of workers.
#include "app/views/speedup_chart.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <QActionGroup>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr double shortestLiveAxisS = 0.01;
constexpr double shortestAxisS = 1e-6;
constexpr double headRoom = 1.15;
constexpr double markerSize = 7;
/// Numbers of workers that make points over workers.
constexpr int fewestPoints = 2;
/// What the entries of the curve's legend hide, beside those of ScalingPlot.
constexpr int curveId = 10;
constexpr int idealId = 11;
constexpr int usableId = 12;
constexpr int predictedId = 13;
/// Of the value's box from the end of the curve, as a share of the axis.
constexpr double valueDistance = 0.03;
/// A prediction farther beyond would squash what was measured: the legend tells it.
constexpr double farthestPrediction = 4;
/// As near as the pointer must come to a prediction, in pixels.
constexpr double reach = 16;
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
    , m_valueTicker(new UnitTicker)
    , m_scaling(xAxis, yAxis)
{
    m_ideal = addGraph();
    m_usable = addGraph();
    m_curve = addGraph();
    m_end = addGraph();
    m_end->setLineStyle(QCPGraph::lsNone);
    m_value = new QCPItemText(this); // owned by the plot
    m_value->setPositionAlignment(Qt::AlignRight | Qt::AlignBottom);
    m_value->setPadding(QMargins(3, 2, 3, 2));
    yAxis->setTicker(m_valueTicker);
    axisRect()->setMinimumMargins(QMargins(0, 4, 10, 2));
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (!isEmpty() && !isHidden(predictedId))
            drawPredictions(painter);
    });
    addSwitch(tr("Show"), {tr("S(t) of this run"), tr("Points over workers"), tr("Efficiency")},
        [this](int i) { setMode(static_cast<Mode>(i)); });
    applyStyle();
    refresh(true);
}

void SpeedupChart::setMode(Mode mode)
{
    if (m_choosing)
        return;
    m_modeChosen = true;
    m_mode = mode;
    m_endS = 0;
    m_speedupEnd = 0;
    refreshSoon();
}

void SpeedupChart::chooseMode()
{
    if (m_modeChosen)
        return;
    const bool points = m_scaling.workerCounts() >= fewestPoints && !facts().running;
    m_mode = points ? Mode::points : Mode::curve;
    // The switch tells what is shown; nobody chose it.
    m_choosing = true;
    switches().first()->actions()[static_cast<int>(m_mode)]->setChecked(true);
    m_choosing = false;
}

bool SpeedupChart::explainNoPoints()
{
    if (!facts().recording && m_scaling.workerCounts() == 0)
        return explainEmpty();
    if (!facts().hasBaseline)
        return explainEmpty();
    if (m_scaling.workerCounts() >= fewestPoints)
        return false;
    setEmpty(tr("Points need two worker counts"),
        m_scaling.workerCounts() == 0
            ? tr("Measure this work with several numbers of workers to compare them.")
            : tr("So far this work was measured with one number of workers only."),
        EmptyAction::measure, tr("Measure 1, 2, 4"));
    return true;
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
    if (!facts().goesOn()) {
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
    const Phase* repeat = facts().recording->last_phase(PhaseKind::repeat);
    if (facts().untilNs && repeat) {
        const Recording& recording = *facts().recording;
        const double now = static_cast<double>(recording.run_time(facts().nowNs())
                               - recording.run_time(repeat->begin_ns))
            / 1e9;
        std::erase_if(m_points, [now](const SpeedupPoint& point) { return point.time_s > now; });
    }
    if (!m_points.empty() && !(m_points.back().speedup > 0))
        m_points.clear();
    // The end is measured by itself: a short repeat may have no sample at all.
    if (finalSpeedup() && repeat && repeat->end_ns != open_end) {
        const double end = static_cast<double>(repeat->end_ns - repeat->begin_ns) / 1e9;
        std::erase_if(m_points, [=](const SpeedupPoint& point) { return point.time_s >= end; });
        m_points.push_back({end, *finalSpeedup()});
    }
}

void SpeedupChart::refresh(bool afresh)
{
    if (afresh || !facts().recording) {
        m_endS = 0;
        m_speedupEnd = 0;
    }
    takePoints();
    takePredictions();
    m_scaling.setPoints(facts().points, facts().usableCpus);
    chooseMode();
    const bool curve = m_mode == Mode::curve;
    const bool empty = curve ? explainEmpty() : explainNoPoints();
    m_scaling.show(!empty && !curve, m_mode == Mode::efficiency);
    m_value->setVisible(!empty && curve && !isHidden(curveId));
    for (QCPGraph* graph : {m_curve, m_end})
        graph->setVisible(curve && !isHidden(curveId));
    m_ideal->setVisible(curve && !isHidden(idealId));
    m_usable->setVisible(curve && facts().usableCpus != facts().workers && !isHidden(usableId));
    if (empty)
        return;
    setEmpty({});
    if (curve)
        showCurve();
    else
        showPoints();
}

void SpeedupChart::showPoints()
{
    const bool efficiency = m_mode == Mode::efficiency;
    xAxis->setTicker(m_scaling.workersTicker());
    labelAxis(xAxis, tr("Workers (processes)"), tr("Workers"));
    labelAxis(yAxis, efficiency ? tr("Efficiency (speedup ÷ workers)") : tr("Speedup (×)"),
        efficiency ? tr("Efficiency") : tr("(×)"));
    m_scaling.setHidden(isHidden(ScalingPlot::measured), isHidden(ScalingPlot::ideal),
        isHidden(ScalingPlot::model));
    m_scaling.scaleAxes();
    makeRoomForPredictions();
    QList<LegendEntry> entries = m_scaling.legendEntries(theme());
    if (!m_predicted.empty())
        entries.append(predictionEntry());
    legendStrip()->setEntries(entries);
}

void SpeedupChart::showCurve()
{
    xAxis->setTicker(m_timeTicker);
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

    const double shown = *lastSpeedup();
    const double time = m_points.back().time_s;
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
    labelAxis(xAxis, tr("Time since the repeat began (%1)").arg(unit.symbol),
        tr("Time (%1)").arg(unit.symbol));

    const double reference = std::max(facts().workers, facts().usableCpus);
    double highest = reference;
    for (const SpeedupPoint& point : m_points)
        highest = std::max(highest, std::min(point.speedup, reference * mostAboveIdeal));
    // What came out in the end is seen however high it is.
    highest = std::max(highest, m_points.back().speedup);
    m_speedupEnd = std::max(facts().running ? m_speedupEnd : 0, highest * headRoom);
    yAxis->setRange(0, m_speedupEnd);
    makeRoomForPredictions();
    const bool soFar = facts().running || !finalSpeedup();
    labelAxis(yAxis, soFar ? tr("Speedup so far (×)") : tr("Speedup (×)"), tr("(×)"));
}

std::optional<double> SpeedupChart::finalSpeedup() const
{
    // A replay has not come to it before the repeat's end.
    const Phase* repeat
        = facts().recording ? facts().recording->last_phase(PhaseKind::repeat) : nullptr;
    if (facts().untilNs && repeat && facts().nowNs() < repeat->end_ns)
        return std::nullopt;
    return facts().finalSpeedup;
}

std::optional<double> SpeedupChart::lastSpeedup() const
{
    if (finalSpeedup())
        return finalSpeedup();
    if (m_points.empty())
        return std::nullopt;
    return m_points.back().speedup;
}

void SpeedupChart::takePredictions()
{
    m_predicted.clear();
    for (const PredictedPoint& point : predictions()) {
        const std::string& quantity = point.description.quantity;
        if ((quantity == "speedup" || quantity == "efficiency") && isMade(point)
            && point.prediction.value)
            m_predicted.push_back(point);
    }
}

double SpeedupChart::shownPrediction(const PredictedPoint& point) const
{
    const double workers = std::max(1, facts().workers);
    const double value = *point.prediction.value;
    const double speedup = point.description.quantity == "speedup" ? value : value * workers;
    return m_mode == Mode::efficiency ? speedup / workers : speedup;
}

QPointF SpeedupChart::predictionPlace(const PredictedPoint& point) const
{
    const double y = yAxis->coordToPixel(shownPrediction(point));
    // In time it has no place of its own: it stands away from the value at the end.
    const double x = m_mode == Mode::curve
        ? axisRect()->rect().left() + 2 * diamondRadius(lineScale())
        : xAxis->coordToPixel(std::max(1, facts().workers));
    return QPointF(x, y);
}

void SpeedupChart::makeRoomForPredictions()
{
    const double end = yAxis->range().upper;
    double needed = end;
    for (const PredictedPoint& point : m_predicted) {
        const double shown = shownPrediction(point);
        if (shown < end * farthestPrediction)
            needed = std::max(needed, shown * headRoom);
        if (m_mode == Mode::curve && point.measured && point.measured->high)
            needed = std::max(needed, *point.measured->high);
    }
    yAxis->setRangeUpper(needed);
}

QString SpeedupChart::predictionWords(const PredictedPoint& point) const
{
    const QString verdict = verdictText(point);
    return verdict.isEmpty() ? predictedText(point)
                             : tr("%1: %2").arg(predictedText(point), verdict);
}

LegendEntry SpeedupChart::predictionEntry() const
{
    QStringList words;
    for (const PredictedPoint& point : m_predicted)
        words.append(predictionWords(point));
    return {.text = words.join(QStringLiteral(", ")),
        .sample = LegendEntry::Sample::marker,
        .series = theme().series(1),
        .shape = QCPScatterStyle::ssDiamond,
        .id = predictedId,
        .name = tr("prediction")};
}

void SpeedupChart::drawPredictions(QCPPainter& painter) const
{
    painter.setFont(font());
    const QFontMetrics metrics(font());
    const QRectF area = axisRect()->rect();
    for (const PredictedPoint& point : m_predicted) {
        const QPointF place = predictionPlace(point);
        if (place.y() < area.top())
            continue;
        if (m_mode == Mode::curve) {
            painter.setPen(QPen(theme().series(1).colour, 1.5 * lineScale(), Qt::DotLine));
            painter.drawLine(QLineF(area.left(), place.y(), area.right(), place.y()));
            // Where the measurement was repeated, its end has a spread.
            if (point.description.quantity == "speedup" && point.measured && point.measured->low
                && point.measured->high && finalSpeedup() && !m_points.empty()) {
                const double x = xAxis->coordToPixel(m_points.back().time_s);
                const auto at
                    = [&](double value) { return QPointF(x, yAxis->coordToPixel(value)); };
                drawMeasured(painter, at(point.measured->value), at(*point.measured->low),
                    at(*point.measured->high), theme(), lineScale());
            }
        }
        drawPredicted(painter, place, theme(), lineScale(), true);
        const QString words = predictedText(point);
        const double aside = diamondRadius(lineScale()) + 3;
        QRectF box(0, 0, metrics.horizontalAdvance(words) + 6, metrics.height());
        box.moveCenter(place);
        if (place.x() + aside + box.width() > area.right())
            box.moveRight(place.x() - aside);
        else
            box.moveLeft(place.x() + aside);
        box.moveTop(std::clamp(box.top(), area.top(), area.bottom() - box.height()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().background);
        painter.drawRect(box);
        painter.setPen(theme().text);
        painter.drawText(box, Qt::AlignCenter, words);
    }
}

void SpeedupChart::fillLegend()
{
    const SeriesLook reference{theme().secondaryText, Qt::DashLine};
    const SeriesLook limit{theme().secondaryText, Qt::DotLine};
    const QString value = speedupText(*lastSpeedup());
    QList<LegendEntry> entries;
    entries.append(
        {.text = finalSpeedup() ? tr("in the end %1").arg(value) : tr("so far %1").arg(value),
            .sample = LegendEntry::Sample::line,
            .series = theme().series(0),
            .id = curveId,
            .name = tr("speedup")});
    const bool same = facts().usableCpus == facts().workers;
    entries.append({.text = same ? tr("ideal = usable CPUs: %1").arg(facts().workers)
                                 : tr("ideal: %1").arg(facts().workers),
        .sample = LegendEntry::Sample::line,
        .series = reference,
        .id = idealId,
        .name = tr("ideal")});
    if (!same) {
        entries.append({.text = tr("usable CPUs: %1").arg(facts().usableCpus),
            .sample = LegendEntry::Sample::line,
            .series = limit,
            .id = usableId,
            .name = tr("usable CPUs")});
    }
    if (!m_predicted.empty())
        entries.append(predictionEntry());
    legendStrip()->setEntries(entries);
}

void SpeedupChart::restyle()
{
    const double scale = lineScale();
    const QColor colour = theme().series(0).colour;
    m_curve->setPen(QPen(colour, 2 * scale));
    m_end->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, markerSize * scale));
    m_ideal->setPen(QPen(theme().secondaryText, scale, Qt::DashLine));
    m_usable->setPen(QPen(theme().secondaryText, scale, Qt::DotLine));
    QFont bold = font();
    bold.setBold(true);
    m_value->setFont(bold);
    m_value->setColor(theme().text);
    m_value->setBrush(theme().background);
    m_value->setPen(QPen(theme().frame));
    m_scaling.style(theme(), font(), scale);
}

QString SpeedupChart::hoverText(const QPointF& position) const
{
    if (!axisRect()->rect().contains(position.toPoint()))
        return {};
    for (const PredictedPoint& point : m_predicted) {
        const QPointF way = predictionPlace(point) - position;
        if (!isHidden(predictedId) && std::hypot(way.x(), way.y()) < reach)
            return tellingOf(point);
    }
    if (m_mode != Mode::curve) {
        const int point = m_scaling.pointAt(position);
        return point < 0 ? QString() : m_scaling.pointText(point);
    }
    if (m_points.empty())
        return {};
    const double time = xAxis->pixelToCoord(position.x());
    auto after = std::lower_bound(m_points.begin(), m_points.end(), time,
        [](const SpeedupPoint& point, double value) { return point.time_s < value; });
    if (after == m_points.end())
        --after;
    return tr("after %1: %2").arg(durationText(after->time_s), speedupText(after->speedup));
}

QString SpeedupChart::seriesName(int series) const
{
    if (series == 1)
        return tr("predictions");
    return m_mode == Mode::curve ? tr("speedup of this run") : tr("measured points");
}

int SpeedupChart::legendIdOf(int series, int) const
{
    if (series == 1)
        return predictedId;
    return m_mode == Mode::curve ? curveId : static_cast<int>(ScalingPlot::measured);
}

int SpeedupChart::datumCount(int series) const
{
    if (series == 1)
        return static_cast<int>(m_predicted.size());
    return m_mode == Mode::curve ? static_cast<int>(m_points.size()) : m_scaling.workerCounts();
}

Datum SpeedupChart::datum(int series, int index) const
{
    if (series == 1) {
        const PredictedPoint& point = m_predicted[static_cast<std::size_t>(index)];
        return {tellingOf(point), predictionPlace(point)};
    }
    if (m_mode != Mode::curve)
        return {m_scaling.pointText(index), m_scaling.pointPlace(index)};
    const SpeedupPoint& point = m_points[static_cast<std::size_t>(index)];
    return {tr("after %1: %2").arg(durationText(point.time_s), speedupText(point.speedup)),
        QPointF(xAxis->coordToPixel(point.time_s), yAxis->coordToPixel(point.speedup))};
}

QString SpeedupChart::summary() const
{
    QString text;
    if (m_mode != Mode::curve) {
        text = m_scaling.workerCounts() >= fewestPoints ? m_scaling.summary() : QString();
    } else if (const std::optional<double> value = lastSpeedup()) {
        text = (finalSpeedup() ? tr("%1 with %2") : tr("%1 so far with %2"))
                   .arg(speedupText(*value),
                       workersText(static_cast<std::uint64_t>(std::max(0, facts().workers))));
    }
    for (const PredictedPoint& point : m_predicted) {
        if (!text.isEmpty())
            text += QStringLiteral("; ") + predictionWords(point);
    }
    return text;
}

ChartTable SpeedupChart::table() const
{
    if (m_mode != Mode::curve)
        return m_scaling.table();
    ChartTable table;
    table.header = {tr("time (s)"), tr("speedup")};
    for (const SpeedupPoint& point : m_points)
        table.rows.append({QString::number(point.time_s), QString::number(point.speedup)});
    return table;
}

} // namespace manyhands::app
