// SPDX-License-Identifier: GPL-3.0-or-later
// What was measured over the values of one parameter: where it is fastest, and where a model says
// so.
#include "app/views/sweep_chart.hpp"

#include "app/views/drawn.hpp"
#include "app/views/scaling_plot.hpp"
#include "app/views/wording.hpp"
#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace manyhands::app {
namespace {

/// Values and times that differ by more are told apart on a logarithmic axis alone.
constexpr double logarithmicFrom = 30;
constexpr double headRoom = 1.15;
constexpr double sideRoom = 0.06;
/// A reference farther above all points would squash them.
constexpr double farthestReference = 4;
constexpr double markerSize = 8;
/// As near as the pointer must come to a point, in pixels.
constexpr double reach = 24;
constexpr int fewestForBest = 2;
constexpr int leastLinesForWords = 8;

enum Entry : int { measuredId, referenceId, lessonsId, personsId };

std::optional<double> numberOf(const ParameterValue& value)
{
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&value))
        return *real;
    return std::nullopt;
}

QString timesText(double speedup)
{
    return SweepChart::tr("%1 ×").arg(QLocale().toString(speedup, 'f', 2));
}

} // namespace

SweepChart::SweepChart(QWidget* parent)
    : Chart(tr("Sweep"), tr("Sweep chart"), parent)
    , m_reference(nullptr)
    , m_line(nullptr)
    , m_medians(nullptr)
    , m_quartiles(nullptr)
    , m_wholeTicker(new WholeTicker)
    , m_xTicker(new UnitTicker)
    , m_xLogTicker(new LogTicker)
    , m_choiceTicker(new QCPAxisTickerText)
    , m_yTicker(new UnitTicker)
    , m_yLogTicker(new LogTicker)
{
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (!isEmpty() && facts().swept && facts().swept->parameter.workers)
            drawOversubscribed(painter, *xAxis, facts().usableCpus, theme(), font(), lineScale());
    });
    m_reference = addGraph();
    m_line = addGraph();
    m_medians = addGraph();
    m_medians->setLineStyle(QCPGraph::lsNone);
    m_quartiles = new QCPErrorBars(xAxis, yAxis); // owned by the plot
    m_quartiles->setDataPlottable(m_medians);
    m_quartiles->setErrorType(QCPErrorBars::etValueError);
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (!isEmpty())
            drawMarks(painter);
    });
    axisRect()->setMinimumMargins(QMargins(0, 4, 12, 2));
    addSwitch(tr("Show"), {tr("Wall time"), tr("Speedup")},
        [this](int i) { setMode(i == 0 ? Mode::wallTime : Mode::speedup); });
    applyStyle();
    refresh(true);
}

void SweepChart::setMode(Mode mode)
{
    m_mode = mode;
    refreshSoon();
}

bool SweepChart::hasNumbers() const
{
    return facts().swept && facts().swept->parameter.type != ParameterType::choice;
}

QString SweepChart::label() const
{
    // Hidden, the chart may be asked when its facts are gone and its points not yet.
    return facts().swept ? QString::fromStdString(facts().swept->parameter.label) : QString();
}

QString SweepChart::valueText(double value) const
{
    return facts().swept
        ? quantityText(value, QString::fromStdString(facts().swept->parameter.unit))
        : figureText(value);
}

void SweepChart::takePoints()
{
    m_points.clear();
    if (!facts().swept)
        return;
    const std::vector<std::string>& choices = facts().swept->parameter.choices;
    for (const SweptValue& swept : facts().swept->values) {
        std::vector<double> wall = swept.wall_s;
        std::erase_if(wall, [](double seconds) { return !std::isfinite(seconds) || seconds <= 0; });
        if (wall.empty())
            continue;
        Point point{0, QString::fromStdString(to_text(swept.value)), wall.size(),
            {*quantile(wall, 0.25), *median(wall), *quantile(wall, 0.75)}, swept.sequential_s, {},
            swept.oversubscribed};
        if (const std::optional<double> number = numberOf(swept.value)) {
            point.place = *number;
            point.name = valueText(*number);
        } else {
            const auto known = std::find(choices.begin(), choices.end(), to_text(swept.value));
            point.place = static_cast<double>(known - choices.begin());
        }
        if (swept.sequential_s && std::isfinite(*swept.sequential_s) && *swept.sequential_s > 0) {
            const double serial = *swept.sequential_s;
            point.speedup = Spread{serial / point.wall_s.high, serial / point.wall_s.median,
                serial / point.wall_s.low};
        }
        if (std::isfinite(point.place))
            m_points.push_back(std::move(point));
    }
    std::erase_if(m_points, [this](const Point& point) { return !isShown(point); });
    std::stable_sort(m_points.begin(), m_points.end(),
        [](const Point& one, const Point& other) { return one.place < other.place; });
}

void SweepChart::takeVerticals()
{
    m_verticals.clear();
    if (!hasNumbers() || !facts().swept->predictor)
        return;
    const QuantityDescription& predictor = *facts().swept->predictor;
    if (const auto& best = facts().swept->predictedBest; best && std::isfinite(*best)) {
        m_verticals.push_back({*best, false,
            tr("%1: %2").arg(QString::fromStdString(predictor.label), valueText(*best))});
    }
    for (const PredictedPoint& point : predictions()) {
        if (point.description.quantity == predictor.name && isMade(point)
            && point.prediction.value) {
            m_verticals.push_back({*point.prediction.value, true,
                tr("you predicted %1").arg(valueText(*point.prediction.value))});
        }
    }
}

bool SweepChart::isShown(const Point& point) const
{
    return m_mode == Mode::wallTime || point.speedup.has_value();
}

const SweepChart::Spread& SweepChart::shown(const Point& point) const
{
    return m_mode == Mode::wallTime ? point.wall_s : *point.speedup;
}

/// What the serial run comes to on the y axis; nothing where it is not the same for all points.
std::optional<double> SweepChart::reference() const
{
    if (m_mode == Mode::speedup)
        return 1;
    if (facts().swept->parameter.work)
        return std::nullopt;
    std::vector<double> serial;
    for (const Point& point : m_points) {
        if (point.speedup)
            serial.push_back(*point.sequentialS);
    }
    return median(std::move(serial));
}

bool SweepChart::explainEmpty()
{
    if (!m_points.empty())
        return false;
    if (facts().swept && m_mode == Mode::speedup && !facts().swept->values.empty()) {
        setEmpty(tr("No speedup in this lesson"),
            tr("It has no serial baseline that these runs could be compared with."));
    } else if (facts().swept && facts().goesOn()) {
        setEmpty(tr("Measuring the first value"),
            tr("Each value of “%1” gets its point once all its repeats are measured.")
                .arg(label()));
    } else {
        setEmpty(tr("Nothing measured over a parameter yet"),
            tr("Sweep over a parameter (Ctrl+F5) to see which of its values is fastest."),
            EmptyAction::measure, tr("Measure over…"));
    }
    return true;
}

void SweepChart::refresh(bool)
{
    takePoints();
    takeVerticals();
    findBest();
    if (explainEmpty())
        return;
    setEmpty({});
    scaleX();
    scaleY();
    fill();
    fillLegend();
}

void SweepChart::findBest()
{
    m_best = -1;
    if (static_cast<int>(m_points.size()) < fewestForBest)
        return;
    // Less work takes less time; that makes no value the best one.
    if (m_mode == Mode::wallTime && facts().swept->parameter.work)
        return;
    const auto better = [this](const Point& one, const Point& other) {
        return m_mode == Mode::wallTime ? one.wall_s.median < other.wall_s.median
                                        : one.speedup->median > other.speedup->median;
    };
    m_best = static_cast<int>(
        std::min_element(m_points.begin(), m_points.end(), better) - m_points.begin());
}

void SweepChart::scaleX()
{
    const double first = m_points.front().place;
    const double last = m_points.back().place;
    xAxis->setScaleType(QCPAxis::stLinear);
    if (!hasNumbers()) {
        const auto choices = static_cast<double>(facts().swept->parameter.choices.size());
        xAxis->setRange(-0.5, std::max(choices, 1.0) - 0.5);
        nameChoices();
        labelAxis(xAxis, label(), label());
        return;
    }
    const QString unit = QString::fromStdString(facts().swept->parameter.unit);
    QString title = unit.isEmpty() ? label() : tr("%1 (%2)").arg(label(), unit);
    double lowest = first;
    double highest = last;
    const bool logarithmic = first > 0 && last / first >= logarithmicFrom;
    for (const Vertical& vertical : m_verticals) {
        // What is far away is told by the legend: on the axis it would squash the points.
        const double span = std::max(last - first, std::abs(last) / 2);
        const double place = vertical.place;
        const bool near = logarithmic ? place > first / 100 && place < last * 100
                                      : place > first - span / 2 && place < last + span / 2;
        if (near) {
            lowest = std::min(lowest, place);
            highest = std::max(highest, place);
        }
    }
    if (logarithmic) {
        xAxis->setScaleType(QCPAxis::stLogarithmic);
        xAxis->setTicker(m_xLogTicker);
        xAxis->setRange(roomyLogRange(lowest, highest));
        title = tr("%1, logarithmic").arg(title);
    } else {
        const bool whole = facts().swept->parameter.type == ParameterType::integer;
        xAxis->setTicker(whole ? qSharedPointerCast<QCPAxisTicker>(m_wholeTicker)
                               : qSharedPointerCast<QCPAxisTicker>(m_xTicker));
        const double room = highest > lowest ? (highest - lowest) * sideRoom
                                             : std::max(1.0, std::abs(highest) / 2);
        xAxis->setRange(lowest - room, highest + room);
    }
    labelAxis(xAxis, title, label());
}

void SweepChart::nameChoices()
{
    const std::vector<std::string>& choices = facts().swept->parameter.choices;
    const QFontMetrics metrics(font());
    const int room = std::max(1,
        axisRect()->width() / std::max(1, static_cast<int>(choices.size()))
            - metrics.averageCharWidth());
    m_choiceTicker->clear();
    for (std::size_t i = 0; i < choices.size(); ++i) {
        m_choiceTicker->addTick(static_cast<double>(i),
            metrics.elidedText(QString::fromStdString(choices[i]), Qt::ElideRight, room));
    }
    xAxis->setTicker(m_choiceTicker);
}

void SweepChart::scaleY()
{
    double lowest = std::numeric_limits<double>::infinity();
    double highest = 0;
    for (const Point& point : m_points) {
        lowest = std::min(lowest, shown(point).low);
        highest = std::max(highest, shown(point).high);
    }
    const bool logarithmic = highest / lowest >= logarithmicFrom;
    const double top = highest;
    if (const std::optional<double> serial = reference();
        serial && *serial <= top * farthestReference) {
        highest = std::max(highest, *serial);
        lowest = logarithmic ? std::min(lowest, *serial) : lowest;
    }
    const Unit unit = m_mode == Mode::wallTime ? timeUnit(highest) : Unit{tr("×"), 1};
    m_yTicker->setUnit(unit);
    m_yLogTicker->setUnit(unit);
    QString title = m_mode == Mode::wallTime ? tr("Wall time (%1)").arg(unit.symbol)
                                             : tr("Speedup (%1)").arg(unit.symbol);
    yAxis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (logarithmic) {
        yAxis->setTicker(m_yLogTicker);
        yAxis->setRange(roomyLogRange(lowest, highest));
        title = tr("%1, logarithmic").arg(title);
    } else {
        yAxis->setTicker(m_yTicker);
        yAxis->setRange(0, highest * headRoom);
    }
    labelAxis(yAxis, title, tr("(%1)").arg(unit.symbol));
}

void SweepChart::fill()
{
    QList<double> places;
    QList<double> medians;
    QList<double> below;
    QList<double> above;
    for (const Point& point : m_points) {
        const Spread& spread = shown(point);
        places.append(point.place);
        medians.append(spread.median);
        below.append(std::max(0.0, spread.median - spread.low));
        above.append(std::max(0.0, spread.high - spread.median));
    }
    m_medians->setData(places, medians, true);
    m_line->setData(places, medians, true);
    m_quartiles->setData(below, above);
    const QCPRange across = xAxis->range();
    const std::optional<double> serial = reference();
    m_reference->setData(serial ? QList<double>{across.lower, across.upper} : QList<double>(),
        serial ? QList<double>{*serial, *serial} : QList<double>(), true);
    const bool seen = !isHidden(measuredId);
    m_medians->setVisible(seen);
    m_quartiles->setVisible(seen);
    // Between choices there is nothing.
    m_line->setVisible(seen && hasNumbers());
    m_reference->setVisible(!isHidden(referenceId));
}

void SweepChart::fillLegend()
{
    const auto [fewest, most] = std::minmax_element(m_points.begin(), m_points.end(),
        [](const Point& one, const Point& other) { return one.n < other.n; });
    const QString repeats = fewest->n == most->n ? tr("n = %1").arg(most->n)
                                                 : tr("n = %1 to %2").arg(fewest->n).arg(most->n);
    QList<LegendEntry> entries;
    entries.append({.text = tr("measured: median, quartiles, %1").arg(repeats),
        .sample = LegendEntry::Sample::marker,
        .series = theme().series(0),
        .id = measuredId,
        .name = tr("measured")});
    if (const std::optional<double> serial = reference()) {
        entries.append(
            {.text = m_mode == Mode::wallTime ? tr("serial: %1").arg(durationText(*serial))
                                              : tr("serial: 1"),
                .sample = LegendEntry::Sample::line,
                .series = {theme().secondaryText, Qt::DashLine},
                .id = referenceId,
                .name = tr("serial")});
    }
    for (const Vertical& vertical : m_verticals) {
        const bool seen = xAxis->range().contains(vertical.place);
        entries.append(
            {.text = seen ? vertical.text : tr("%1 (beyond the axis)").arg(vertical.text),
                .sample = LegendEntry::Sample::line,
                .series = {vertical.byPerson ? theme().series(1).colour : theme().text,
                    vertical.byPerson ? Qt::DotLine : Qt::DashDotLine},
                .id = vertical.byPerson ? personsId : lessonsId,
                .name = vertical.byPerson ? tr("your prediction") : tr("predicted best")});
    }
    legendStrip()->setEntries(entries);
}

void SweepChart::restyle()
{
    const double scale = lineScale();
    const QColor colour = theme().series(0).colour;
    m_line->setPen(QPen(colour, scale, Qt::SolidLine));
    m_medians->setScatterStyle(
        QCPScatterStyle(QCPScatterStyle::ssDisc, colour, colour, markerSize * scale));
    m_quartiles->setPen(QPen(colour, 2 * scale));
    m_quartiles->setWhiskerWidth(9 * scale);
    m_quartiles->setSymbolGap(0);
    m_reference->setPen(QPen(theme().secondaryText, scale, Qt::DashLine));
}

void SweepChart::drawWords(QCPPainter& painter, const QString& words, QRectF box) const
{
    const QRectF area = axisRect()->rect();
    box.moveLeft(std::clamp(
        box.left(), area.left() + 2, std::max(area.left() + 2, area.right() - box.width() - 2)));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().background);
    painter.drawRect(box);
    painter.setPen(theme().text);
    painter.drawText(box, Qt::AlignCenter,
        painter.fontMetrics().elidedText(words, Qt::ElideRight, static_cast<int>(area.width())));
}

void SweepChart::drawVertical(QCPPainter& painter, const Vertical& vertical, int row) const
{
    const QRect area = axisRect()->rect();
    const double x = std::round(xAxis->coordToPixel(vertical.place));
    if (x < area.left() || x > area.right())
        return;
    const QColor colour = vertical.byPerson ? theme().series(1).colour : theme().text;
    painter.setPen(
        QPen(colour, 2 * lineScale(), vertical.byPerson ? Qt::DotLine : Qt::DashDotLine));
    painter.drawLine(QLineF(x, area.top(), x, area.bottom()));
    if (row >= 0) {
        // The unit stands at the axis.
        const QString words = (vertical.byPerson ? tr("you: %1") : tr("predicted best: %1"))
                                  .arg(figureText(vertical.place));
        const QFontMetrics metrics(font());
        const double width
            = std::min<double>(area.width() - 4, metrics.horizontalAdvance(words) + 6);
        // Away from the best point: that is low as a time, and high as a speedup.
        const double from = row * (metrics.height() + 1.0) + 2;
        const double foot = area.bottom() - 2 * diamondRadius(lineScale()) - 4;
        const double top
            = m_mode == Mode::wallTime ? area.top() + from : foot - metrics.height() - from;
        const bool toLeft = x + width + 6 > area.right();
        drawWords(
            painter, words, QRectF(toLeft ? x - width - 4 : x + 4, top, width, metrics.height()));
    }
    if (vertical.byPerson) {
        drawPredicted(painter, QPointF(x, area.bottom() - diamondRadius(lineScale()) - 2), theme(),
            lineScale(), true);
    }
}

void SweepChart::drawMarks(QCPPainter& painter) const
{
    painter.setFont(font());
    // In a small chart words would cover the points; the legend has them.
    const bool roomy = axisRect()->height() > leastLinesForWords * QFontMetrics(font()).height();
    int row = 0;
    for (const Vertical& vertical : m_verticals) {
        if (!isHidden(vertical.byPerson ? personsId : lessonsId))
            drawVertical(painter, vertical, roomy ? row++ : -1);
    }
    if (m_best < 0 || isHidden(measuredId))
        return;
    const Point& best = m_points[static_cast<std::size_t>(m_best)];
    const QPointF place = pointPlace(best);
    const double radius = markerSize * lineScale();
    painter.setAntialiasing(true);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().text, 2 * lineScale()));
    painter.drawEllipse(place, radius, radius);
    painter.setAntialiasing(false);
    const QFontMetrics metrics(font());
    const QString words = tr("best: %1").arg(hasNumbers() ? figureText(best.place) : best.name);
    QRectF box(0, 0, metrics.horizontalAdvance(words) + 6, metrics.height());
    const bool above = place.y() > axisRect()->rect().center().y();
    const double high = yAxis->coordToPixel(shown(best).high);
    const double low = yAxis->coordToPixel(shown(best).low);
    box.moveCenter(QPointF(place.x(), 0));
    if (above)
        box.moveBottom(std::min(high, place.y() - radius) - 4);
    else
        box.moveTop(std::max(low, place.y() + radius) + 4);
    drawWords(painter, words, box);
}

QPointF SweepChart::pointPlace(const Point& point) const
{
    return QPointF(xAxis->coordToPixel(point.place), yAxis->coordToPixel(shown(point).median));
}

QString SweepChart::pointText(const Point& point) const
{
    QString text = tr("%1: %2\n%3 (quartiles %4 to %5, n = %6)")
                       .arg(label(), point.name, durationText(point.wall_s.median),
                           durationText(point.wall_s.low), durationText(point.wall_s.high))
                       .arg(point.n);
    if (point.speedup)
        text += tr("\nspeedup %1").arg(timesText(point.speedup->median));
    if (m_best >= 0 && &point == &m_points[static_cast<std::size_t>(m_best)])
        text += tr("\nthe best that was measured");
    if (point.oversubscribed)
        text += tr("\nmore workers than usable CPUs");
    return text;
}

QString SweepChart::hoverText(const QPointF& position) const
{
    const Point* nearest = nullptr;
    double distance = reach;
    for (const Point& point : m_points) {
        const QPointF way = pointPlace(point) - position;
        if (std::hypot(way.x(), way.y()) < distance) {
            distance = std::hypot(way.x(), way.y());
            nearest = &point;
        }
    }
    return nearest ? pointText(*nearest) : QString();
}

QString SweepChart::seriesName(int) const
{
    return tr("measured points");
}

int SweepChart::datumCount(int) const
{
    return static_cast<int>(m_points.size());
}

Datum SweepChart::datum(int, int index) const
{
    const Point& point = m_points[static_cast<std::size_t>(index)];
    return {pointText(point), pointPlace(point)};
}

int SweepChart::legendIdOf(int, int) const
{
    return measuredId;
}

QString SweepChart::summary() const
{
    if (m_points.empty() || !facts().swept)
        return {};
    QString text;
    if (m_best < 0) {
        text = tr("%1: %2 of its values measured").arg(label()).arg(m_points.size());
    } else {
        const Point& best = m_points[static_cast<std::size_t>(m_best)];
        text = tr("%1: %2 is the best of %3, %4")
                   .arg(label(), best.name)
                   .arg(m_points.size())
                   .arg(m_mode == Mode::wallTime ? durationText(best.wall_s.median)
                                                 : timesText(best.speedup->median));
    }
    for (const Vertical& vertical : m_verticals) {
        text += vertical.byPerson ? tr("; %1").arg(vertical.text)
                                  : tr("; predicted best %1").arg(valueText(vertical.place));
    }
    return text;
}

ChartTable SweepChart::table() const
{
    ChartTable table;
    if (!facts().swept)
        return table;
    const QString unit = QString::fromStdString(facts().swept->parameter.unit);
    table.header = {unit.isEmpty() ? label() : tr("%1 (%2)").arg(label(), unit), tr("repeats"),
        tr("wall time, median (s)"), tr("first quartile (s)"), tr("third quartile (s)"),
        tr("serial time (s)"), tr("speedup"), tr("remark")};
    const auto numberOrNone = [](const std::optional<double>& value) {
        return value ? QString::number(*value, 'g', 9) : tr("none");
    };
    for (const Point& point : m_points) {
        QStringList remarks;
        if (m_best >= 0 && &point == &m_points[static_cast<std::size_t>(m_best)])
            remarks.append(tr("best"));
        if (point.oversubscribed)
            remarks.append(tr("oversubscribed"));
        table.rows.append({hasNumbers() ? QString::number(point.place, 'g', 15) : point.name,
            QString::number(point.n), QString::number(point.wall_s.median, 'g', 9),
            QString::number(point.wall_s.low, 'g', 9), QString::number(point.wall_s.high, 'g', 9),
            numberOrNone(point.sequentialS),
            numberOrNone(point.speedup ? std::optional(point.speedup->median) : std::nullopt),
            remarks.isEmpty() ? tr("none") : remarks.join(QStringLiteral(", "))});
    }
    return table;
}

} // namespace manyhands::app
