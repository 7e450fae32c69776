// SPDX-License-Identifier: GPL-3.0-or-later
// A chart of the lesson's own: what it describes, filled with the series of its runs.
#include "app/views/lesson_view.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace manyhands::app {
namespace {

/// Beyond it numbers are written with a unit.
constexpr double mostCounted = 1000;

constexpr double headRoom = 0.1;
constexpr double sideRoom = 0.03;
constexpr double markerSize = 7;
constexpr double widestBar = 60;
constexpr double shareOfGap = 0.8;
/// A line of so few points shows where it was measured.
constexpr std::size_t mostMarkedPoints = 40;
/// As near as the pointer must come to a point, in pixels.
constexpr double reach = 24;
constexpr int bigStep = 10;
constexpr int predictionsId = 1000;

constexpr std::array shapes
    = {QCPScatterStyle::ssDisc, QCPScatterStyle::ssSquare, QCPScatterStyle::ssTriangle,
        QCPScatterStyle::ssTriangleInverted, QCPScatterStyle::ssCross, QCPScatterStyle::ssPlus};

/// The least and the greatest of what it was given.
struct Extent
{
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();

    void take(double value)
    {
        least = std::min(least, value);
        most = std::max(most, value);
    }
    bool isEmpty() const { return least > most; }
};

QString briefOf(const QString& label)
{
    const qsizetype bracket = label.lastIndexOf(QLatin1String(" ("));
    return bracket > 0 && label.endsWith(QLatin1Char(')')) ? label.sliced(bracket + 2).chopped(1)
                                                           : label;
}

} // namespace

LessonView::LessonView(const ViewDescription& view, QWidget* parent)
    : Chart(QString::fromStdString(view.title),
        tr("%1 chart").arg(QString::fromStdString(view.title)), parent)
    , m_view(view)
{
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (isEmpty())
            return;
        drawSeries(painter);
        if (!isHidden(predictionsId))
            drawPredictions(painter);
    });
    xAxis->setScaleType(view.x_logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    yAxis->setScaleType(view.y_logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axisRect()->setMinimumMargins(QMargins(0, 4, 12, 2));
    applyStyle();
    refresh(true);
}

bool LessonView::canShow(double x, double y) const
{
    return std::isfinite(x) && std::isfinite(y) && (!m_view.x_logarithmic || x > 0)
        && (!m_view.y_logarithmic || y > 0);
}

void LessonView::takeSeries()
{
    m_drawings.clear();
    if (!facts().document)
        return;
    for (const Series& series : facts().document->series) {
        if (series.view != m_view.name)
            continue;
        Drawing drawing{QString::fromStdString(series.name), series.style, series.reference, {}};
        const std::size_t count = std::min(series.x.size(), series.y.size());
        const bool spread = series.low.size() >= count && series.high.size() >= count;
        for (std::size_t i = 0; i < count; ++i) {
            const double y = series.y[i];
            if (!canShow(series.x[i], y))
                continue;
            Point point{series.x[i], y, y, y};
            if (spread && canShow(point.x, series.low[i]) && canShow(point.x, series.high[i])) {
                point.low = std::min(y, series.low[i]);
                point.high = std::max(y, series.high[i]);
            }
            drawing.points.push_back(point);
        }
        std::stable_sort(drawing.points.begin(), drawing.points.end(),
            [](const Point& one, const Point& other) { return one.x < other.x; });
        if (!drawing.points.empty())
            m_drawings.push_back(std::move(drawing));
    }
}

std::vector<std::size_t> LessonView::predictedHere() const
{
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < predictions().size(); ++i) {
        const PredictionDescription& description = predictions()[i].description;
        if (description.kind == PredictionKind::point && description.view == m_view.name
            && canShow(description.x, markedValue(predictions()[i])))
            places.push_back(i);
    }
    return places;
}

bool LessonView::explainEmpty()
{
    if (!m_drawings.empty() || !predictedHere().empty())
        return false;
    const QString help = QString::fromStdString(m_view.help);
    if (!facts().recording)
        setEmpty(tr("No run yet"), tr("Run the lesson (F5). %1").arg(help));
    else if (facts().goesOn())
        setEmpty(tr("Stands when the run has ended"), help);
    else if (!facts().document)
        setEmpty(tr("Not known of this run"),
            tr("It ended before the lesson could work this out. %1").arg(help));
    else
        setEmpty(tr("Not in this run"),
            tr("This run has nothing to show here: its settings leave it out, or it was stopped. "
               "%1")
                .arg(help));
    return true;
}

void LessonView::refresh(bool)
{
    takeSeries();
    if (explainEmpty())
        return;
    setEmpty({});
    scaleAxes();
    fillLegend();
}

bool LessonView::countsAcross() const
{
    bool bars = false;
    for (const Drawing& drawing : m_drawings) {
        bars = bars || drawing.style == SeriesStyle::bars;
        for (const Point& point : drawing.points) {
            if (point.x != std::floor(point.x))
                return false;
        }
    }
    return bars && !m_view.x_logarithmic;
}

void LessonView::scaleAxes()
{
    Extent x;
    Extent y;
    bool onlyLines = predictedHere().empty();
    for (const Drawing& drawing : m_drawings) {
        onlyLines = onlyLines
            && (drawing.style == SeriesStyle::line || drawing.style == SeriesStyle::steps);
        for (const Point& point : drawing.points) {
            x.take(point.x);
            y.take(point.low);
            y.take(point.high);
        }
    }
    for (const std::size_t i : predictedHere()) {
        const PredictedPoint& point = predictions()[i];
        x.take(point.description.x);
        y.take(markedValue(point));
        // As long as it may be moved there is room for all of its scale.
        if (isMovable(point)) {
            if (canShow(point.description.x, point.description.minimum))
                y.take(point.description.minimum);
            y.take(point.description.maximum);
        }
        if (point.measured) {
            for (const double value :
                {point.measured->value, point.measured->low.value_or(point.measured->value),
                    point.measured->high.value_or(point.measured->value)}) {
                if (canShow(point.description.x, value))
                    y.take(value);
            }
        }
    }
    const auto scale = [](QCPAxis* axis, const QCPRange& range, bool logarithmic,
                           const std::string& label) {
        QString text = QString::fromStdString(label);
        QString brief = briefOf(text);
        if (logarithmic) {
            axis->setTicker(QSharedPointer<LogTicker>::create());
            text = tr("%1, logarithmic").arg(text);
        } else {
            const auto ticker = QSharedPointer<UnitTicker>::create();
            const Unit unit = powerUnit(std::max(std::abs(range.lower), std::abs(range.upper)));
            ticker->setUnit(unit);
            axis->setTicker(ticker);
            if (!unit.symbol.isEmpty()) {
                brief = brief == text ? tr("in %1").arg(unit.symbol)
                                      : tr("%1, in %2").arg(brief, unit.symbol);
                text = tr("%1, in %2").arg(text, unit.symbol);
            }
        }
        axis->setRange(range);
        return std::pair(text, brief);
    };
    const double width = x.most - x.least;
    QCPRange across(onlyLines ? x.least : x.least - width * sideRoom, x.most + width * sideRoom);
    if (m_view.x_logarithmic)
        across = roomyLogRange(x.least, x.most);
    else if (!(width > 0))
        across = QCPRange(x.least - std::max(1.0, std::abs(x.least) / 2),
            x.most + std::max(1.0, std::abs(x.most) / 2));
    // Bars stand on both sides of their places.
    if (const auto bars = std::find_if(m_drawings.begin(), m_drawings.end(),
            [](const Drawing& drawing) { return drawing.style == SeriesStyle::bars; });
        bars != m_drawings.end() && !m_view.x_logarithmic && bars->points.size() > 1) {
        const double half = width / static_cast<double>(bars->points.size() - 1) / 2;
        across.lower = std::min(across.lower, x.least - half);
        across.upper = std::max(across.upper, x.most + half);
    }
    const double height = std::max(0.0, y.most) - std::min(0.0, y.least);
    const double room = height > 0 ? height * headRoom : 1;
    const QCPRange up = m_view.y_logarithmic
        ? roomyLogRange(y.least, y.most)
        : QCPRange(y.least < 0 ? y.least - room : 0, std::max(0.0, y.most) + room);
    const auto [xText, xBrief] = scale(xAxis, across, m_view.x_logarithmic, m_view.x_label);
    labelAxis(xAxis, xText, xBrief);
    // Workers are counted: there are no halves of them.
    if (countsAcross() && std::max(std::abs(across.lower), std::abs(across.upper)) < mostCounted)
        xAxis->setTicker(QSharedPointer<WholeTicker>::create());
    const auto [yText, yBrief] = scale(yAxis, up, m_view.y_logarithmic, m_view.y_label);
    labelAxis(yAxis, yText, yBrief);
}

SeriesLook LessonView::lookOf(std::size_t series) const
{
    if (m_drawings[series].reference)
        return {theme().secondaryText, Qt::DashLine};
    return theme().series(static_cast<int>(series));
}

void LessonView::fillLegend()
{
    QList<LegendEntry> entries;
    for (std::size_t i = 0; i < m_drawings.size(); ++i) {
        const Drawing& drawing = m_drawings[i];
        LegendEntry::Sample sample = LegendEntry::Sample::line;
        if (drawing.style == SeriesStyle::bars)
            sample = LegendEntry::Sample::area;
        else if (drawing.style == SeriesStyle::points)
            sample = LegendEntry::Sample::marker;
        const bool spread = std::any_of(drawing.points.begin(), drawing.points.end(),
            [](const Point& point) { return point.high > point.low; });
        entries.append({.text = spread ? tr("%1, with quartiles").arg(drawing.name) : drawing.name,
            .sample = sample,
            .series = lookOf(i),
            .shape = shapes[i % shapes.size()],
            .id = static_cast<int>(i),
            .name = drawing.name});
    }
    if (!predictedHere().empty()) {
        entries.append({.text = tr("predicted"),
            .sample = LegendEntry::Sample::marker,
            .series = theme().series(1),
            .shape = QCPScatterStyle::ssDiamond,
            .id = predictionsId});
        const std::vector<std::size_t> places = predictedHere();
        const auto any = [&](const auto& holds) {
            return std::any_of(places.begin(), places.end(),
                [&](std::size_t i) { return holds(predictions()[i]); });
        };
        if (any([](const PredictedPoint& point) { return point.measured.has_value(); })) {
            entries.append({.text = tr("measured, with quartiles"),
                .sample = LegendEntry::Sample::marker,
                .series = theme().series(0),
                .shape = QCPScatterStyle::ssSquare});
        } else if (any(isMovable)) {
            entries.append({.text = tr("drag the diamond to what you expect, then run (F5)"),
                .sample = LegendEntry::Sample::words});
        } else if (facts().goesOn()) {
            entries.append({.text = tr("measured when the run has ended"),
                .sample = LegendEntry::Sample::words});
        }
    }
    legendStrip()->setEntries(entries);
}

QPointF LessonView::place(double x, double y) const
{
    return QPointF(xAxis->coordToPixel(x), yAxis->coordToPixel(y));
}

QPointF LessonView::diamondPlace(const PredictedPoint& point) const
{
    return place(point.description.x, markedValue(point));
}

double LessonView::barWidth() const
{
    std::vector<double> places;
    int count = 0;
    for (const Drawing& drawing : m_drawings) {
        if (drawing.style != SeriesStyle::bars)
            continue;
        ++count;
        for (const Point& point : drawing.points)
            places.push_back(xAxis->coordToPixel(point.x));
    }
    std::sort(places.begin(), places.end());
    double gap = std::numeric_limits<double>::infinity();
    for (std::size_t i = 1; i < places.size(); ++i) {
        if (places[i] - places[i - 1] > 0.5)
            gap = std::min(gap, places[i] - places[i - 1]);
    }
    const double widest = widestBar * lineScale();
    return std::clamp(gap * shareOfGap / std::max(1, count), 1.0, widest);
}

QRectF LessonView::barOf(std::size_t series, const Point& point, double width) const
{
    int count = 0;
    int number = 0;
    for (std::size_t i = 0; i < m_drawings.size(); ++i) {
        if (m_drawings[i].style != SeriesStyle::bars)
            continue;
        if (i < series)
            ++number;
        ++count;
    }
    const QPointF top = place(point.x, point.y);
    const double left = top.x() + (number - count / 2.0) * width;
    const double foot
        = m_view.y_logarithmic ? axisRect()->rect().bottom() + 1.0 : yAxis->coordToPixel(0);
    // Whole pixels: neighbours do not blur into each other. What is not 0 is seen.
    const double shown = point.y == 0 ? foot
        : point.y > 0                 ? std::min(top.y(), foot - 1)
                                      : std::max(top.y(), foot + 1);
    const double leftPixel = std::round(left);
    return QRectF(QPointF(leftPixel, std::round(shown)),
        QPointF(std::max(leftPixel + 1, std::round(left + width) - 1), std::round(foot)))
        .normalized();
}

void LessonView::drawSeries(QCPPainter& painter) const
{
    for (std::size_t i = 0; i < m_drawings.size(); ++i) {
        if (isHidden(static_cast<int>(i)))
            continue;
        const Drawing& drawing = m_drawings[i];
        if (drawing.style == SeriesStyle::bars) {
            drawBars(painter, i);
            drawSpreads(painter, i);
            continue;
        }
        painter.setAntialiasing(true);
        if (drawing.style != SeriesStyle::points)
            drawLine(painter, i);
        drawSpreads(painter, i);
        if (drawing.style == SeriesStyle::points
            || (drawing.style == SeriesStyle::line && !drawing.reference
                && drawing.points.size() <= mostMarkedPoints))
            drawMarkers(painter, i);
        painter.setAntialiasing(false);
    }
}

void LessonView::drawLine(QCPPainter& painter, std::size_t series) const
{
    const Drawing& drawing = m_drawings[series];
    QPolygonF line;
    for (const Point& point : drawing.points) {
        const QPointF next = place(point.x, point.y);
        if (drawing.style == SeriesStyle::steps && !line.isEmpty())
            line.append(QPointF(next.x(), line.last().y()));
        line.append(next);
    }
    const SeriesLook look = lookOf(series);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(look.colour, (drawing.reference ? 1 : 2) * lineScale(), look.line));
    painter.drawPolyline(line);
}

void LessonView::drawBars(QCPPainter& painter, std::size_t series) const
{
    const Drawing& drawing = m_drawings[series];
    const SeriesLook look = lookOf(series);
    const double width = barWidth();
    for (const Point& point : drawing.points) {
        const QRectF bar = barOf(series, point, width);
        if (drawing.reference) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(look.colour, lineScale(), look.line));
            painter.drawRect(bar);
        } else {
            paintArea(painter, look, bar);
        }
    }
}

void LessonView::drawMarkers(QCPPainter& painter, std::size_t series) const
{
    const Drawing& drawing = m_drawings[series];
    const SeriesLook look = lookOf(series);
    const QCPScatterStyle marker(shapes[series % shapes.size()], QPen(look.colour, 2 * lineScale()),
        drawing.reference ? QBrush(Qt::NoBrush) : QBrush(look.colour), markerSize * lineScale());
    marker.applyTo(&painter, QPen(look.colour));
    for (const Point& point : drawing.points)
        marker.drawShape(&painter, place(point.x, point.y));
}

void LessonView::drawSpreads(QCPPainter& painter, std::size_t series) const
{
    const Drawing& drawing = m_drawings[series];
    const bool bars = drawing.style == SeriesStyle::bars;
    const double width = bars ? barWidth() : 0;
    const double half = 4 * lineScale();
    painter.setPen(QPen(bars ? theme().text : lookOf(series).colour, 1.5 * lineScale()));
    for (const Point& point : drawing.points) {
        if (!(point.high > point.low))
            continue;
        const double x
            = bars ? barOf(series, point, width).center().x() : xAxis->coordToPixel(point.x);
        const double low = yAxis->coordToPixel(point.low);
        const double high = yAxis->coordToPixel(point.high);
        painter.drawLine(QLineF(x, low, x, high));
        for (const double y : {low, high})
            painter.drawLine(QLineF(x - half, y, x + half, y));
    }
}

void LessonView::drawPredictions(QCPPainter& painter) const
{
    painter.setFont(font());
    const QFontMetrics metrics(font());
    const QRectF area = axisRect()->rect();
    for (const std::size_t i : predictedHere()) {
        const PredictedPoint& point = predictions()[i];
        const double x = point.description.x;
        if (point.measured && canShow(x, point.measured->value)) {
            const Measured& measured = *point.measured;
            const auto end = [&](const std::optional<double>& value) {
                return place(x, value && canShow(x, *value) ? *value : measured.value);
            };
            drawMeasured(painter, place(x, measured.value), end(measured.low), end(measured.high),
                theme(), lineScale());
        }
        if (!isMade(point) && !isMovable(point))
            continue;
        const QPointF at = diamondPlace(point);
        drawPredicted(painter, at, theme(), lineScale(), isMade(point));
        QString words = predictedText(point);
        if (const QString verdict = verdictText(point); !verdict.isEmpty())
            words = tr("%1: %2").arg(words, verdict);
        QRectF box(
            0, 0, std::min(area.width(), metrics.horizontalAdvance(words) + 6.0), metrics.height());
        const double aside = diamondRadius(lineScale()) + 4;
        box.moveCenter(at);
        if (at.x() + aside + box.width() <= area.right())
            box.moveLeft(at.x() + aside);
        else if (at.x() - aside - box.width() >= area.left())
            box.moveRight(at.x() - aside);
        else
            box.translate(0, (at.y() < area.center().y() ? 1 : -1) * (aside + box.height() / 2));
        box.moveLeft(std::clamp(box.left(), area.left(), area.right() - box.width()));
        box.moveTop(std::clamp(box.top(), area.top(), area.bottom() - box.height()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().background);
        painter.drawRect(box);
        painter.setPen(theme().text);
        painter.drawText(box, Qt::AlignCenter,
            metrics.elidedText(words, Qt::ElideRight, static_cast<int>(box.width())));
    }
}

QString LessonView::pointText(const Drawing& drawing, const Point& point) const
{
    QString text
        = tr("%1\n%2: %3\n%4: %5")
              .arg(drawing.name, QString::fromStdString(m_view.x_label), figureText(point.x),
                  QString::fromStdString(m_view.y_label), figureText(point.y));
    if (point.high > point.low)
        text += tr(" (quartiles %1 to %2)").arg(figureText(point.low), figureText(point.high));
    return text;
}

QString LessonView::hoverText(const QPointF& position) const
{
    if (!axisRect()->rect().contains(position.toPoint()))
        return {};
    QString text;
    double distance = reach;
    const auto offer = [&](const QPointF& at, const auto& telling) {
        const double away = std::hypot(at.x() - position.x(), at.y() - position.y());
        if (away < distance) {
            distance = away;
            text = telling();
        }
    };
    const double width = barWidth();
    for (std::size_t i = 0; i < m_drawings.size(); ++i) {
        if (isHidden(static_cast<int>(i)))
            continue;
        const Drawing& drawing = m_drawings[i];
        for (const Point& point : drawing.points) {
            const auto telling = [&] { return pointText(drawing, point); };
            const bool bar = drawing.style == SeriesStyle::bars;
            const bool inside = bar && barOf(i, point, width).contains(position);
            offer(inside ? position : place(point.x, point.y), telling);
        }
    }
    if (isHidden(predictionsId))
        return text;
    for (const std::size_t i : predictedHere())
        offer(diamondPlace(predictions()[i]), [&] { return tellingOf(predictions()[i]); });
    return text;
}

int LessonView::seriesCount() const
{
    return static_cast<int>(m_drawings.size()) + (predictedHere().empty() ? 0 : 1);
}

QString LessonView::seriesName(int series) const
{
    const auto number = static_cast<std::size_t>(series);
    return number < m_drawings.size() ? m_drawings[number].name : tr("predictions");
}

int LessonView::datumCount(int series) const
{
    const auto number = static_cast<std::size_t>(series);
    return static_cast<int>(
        number < m_drawings.size() ? m_drawings[number].points.size() : predictedHere().size());
}

Datum LessonView::datum(int series, int index) const
{
    const auto number = static_cast<std::size_t>(series);
    const auto at = static_cast<std::size_t>(index);
    if (number >= m_drawings.size()) {
        const PredictedPoint& point = predictions()[predictedHere()[at]];
        return {tellingOf(point), diamondPlace(point)};
    }
    const Drawing& drawing = m_drawings[number];
    const Point& point = drawing.points[at];
    return {pointText(drawing, point), place(point.x, point.y)};
}

int LessonView::legendIdOf(int series, int) const
{
    return static_cast<std::size_t>(series) < m_drawings.size() ? series : predictionsId;
}

bool LessonView::focusesPrediction() const
{
    return focusedSeries() == static_cast<int>(m_drawings.size()) && focusedIndex() >= 0
        && focusedIndex() < static_cast<int>(predictedHere().size());
}

void LessonView::keyPressEvent(QKeyEvent* event)
{
    const bool arrow = event->key() == Qt::Key_Up || event->key() == Qt::Key_Down;
    const Qt::KeyboardModifiers others
        = event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier);
    if (focusesPrediction() && others == Qt::NoModifier) {
        const std::size_t number = predictedHere()[static_cast<std::size_t>(focusedIndex())];
        const PredictedPoint& point = predictions()[number];
        if (arrow && isMovable(point)) {
            const int steps = event->modifiers() & Qt::ShiftModifier ? bigStep : 1;
            movePrediction(number,
                steppedValue(point.description, markedValue(point),
                    event->key() == Qt::Key_Up ? steps : -steps));
            return;
        }
        // Up and down move the diamond: the way back to the series is to the left of the first.
        if (event->key() == Qt::Key_Left && focusedIndex() == 0 && seriesCount() > 1) {
            focusDatum(seriesCount() - 2, datumCount(seriesCount() - 2) - 1);
            return;
        }
    }
    Chart::keyPressEvent(event);
}

int LessonView::movableAt(const QPointF& position) const
{
    if (isEmpty() || isHidden(predictionsId))
        return -1;
    int nearest = -1;
    double distance = diamondRadius(lineScale()) + 6;
    const std::vector<std::size_t> places = predictedHere();
    for (std::size_t i = 0; i < places.size(); ++i) {
        const PredictedPoint& point = predictions()[places[i]];
        const QPointF way = diamondPlace(point) - position;
        if (isMovable(point) && std::hypot(way.x(), way.y()) < distance) {
            distance = std::hypot(way.x(), way.y());
            nearest = static_cast<int>(i);
        }
    }
    return nearest;
}

void LessonView::mousePressEvent(QMouseEvent* event)
{
    const int movable = movableAt(event->position());
    if (event->button() != Qt::LeftButton || movable < 0) {
        Chart::mousePressEvent(event);
        return;
    }
    m_moved = movable;
    focusDatum(static_cast<int>(m_drawings.size()), movable);
    event->accept();
}

void LessonView::mouseMoveEvent(QMouseEvent* event)
{
    if (m_moved < 0 || m_moved >= static_cast<int>(predictedHere().size())) {
        Chart::mouseMoveEvent(event);
        setCursor(movableAt(event->position()) < 0 ? Qt::ArrowCursor : Qt::SizeVerCursor);
        return;
    }
    const std::size_t number = predictedHere()[static_cast<std::size_t>(m_moved)];
    const PredictionDescription& scale = predictions()[number].description;
    movePrediction(
        number, valueAt(scale, shareOf(scale, yAxis->pixelToCoord(event->position().y()))));
    event->accept();
}

void LessonView::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_moved < 0) {
        Chart::mouseReleaseEvent(event);
        return;
    }
    m_moved = -1;
    event->accept();
}

QString LessonView::summary() const
{
    if (isEmpty())
        return {};
    QStringList parts;
    for (const Drawing& drawing : m_drawings) {
        if (drawing.reference)
            continue;
        const auto [least, most] = std::minmax_element(drawing.points.begin(), drawing.points.end(),
            [](const Point& one, const Point& other) { return one.y < other.y; });
        parts.append(least->y == most->y
                ? tr("%1: %2").arg(drawing.name, figureText(most->y))
                : tr("%1: %2 to %3").arg(drawing.name, figureText(least->y), figureText(most->y)));
    }
    for (const std::size_t i : predictedHere()) {
        const PredictedPoint& point = predictions()[i];
        parts.append(point.measured ? tr("%1, %2").arg(predictedText(point), measuredText(point))
                                    : predictedText(point));
    }
    if (parts.isEmpty() && !m_drawings.empty())
        parts.append(m_drawings.front().name);
    return parts.join(QStringLiteral("; "));
}

ChartTable LessonView::table() const
{
    struct Row
    {
        QString name;
        Point point;
    };
    std::vector<Row> rows;
    for (const Drawing& drawing : m_drawings) {
        for (const Point& point : drawing.points)
            rows.push_back({drawing.name, point});
    }
    for (const std::size_t i : predictedHere()) {
        const PredictedPoint& point = predictions()[i];
        const double x = point.description.x;
        if (isMade(point)) {
            const double value = *point.prediction.value;
            rows.push_back({tr("predicted"), {x, value, value, value}});
        }
        if (point.measured) {
            const Measured& measured = *point.measured;
            rows.push_back({tr("measured"),
                {x, measured.value, measured.low.value_or(measured.value),
                    measured.high.value_or(measured.value)}});
        }
    }
    ChartTable table;
    table.header = {tr("series"), QString::fromStdString(m_view.x_label),
        QString::fromStdString(m_view.y_label), tr("first quartile"), tr("third quartile")};
    const auto count = static_cast<qsizetype>(rows.size());
    table.setLazy(count, [rows = std::move(rows)](qsizetype row, int column) -> QVariant {
        const auto& [name, point] = rows[static_cast<std::size_t>(row)];
        const bool spread = point.high > point.low;
        switch (column) {
        case 0:
            return name;
        case 1:
            return point.x;
        case 2:
            return point.y;
        case 3:
            return spread ? QVariant(point.low) : QVariant(tr("none"));
        default:
            return spread ? QVariant(point.high) : QVariant(tr("none"));
        }
    });
    return table;
}

} // namespace manyhands::app
