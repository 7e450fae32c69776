// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions and what came of them, one under the other, each on its own scale.
#include "app/views/prediction_chart.hpp"

#include "app/views/drawn.hpp"
#include "app/views/wording.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

constexpr int bigStep = 10;
/// Of a linear scale; a logarithmic one is marked at the powers of ten.
constexpr int linearMarks = 4;

QString unitOf(const PredictedPoint& point)
{
    return QString::fromStdString(point.description.unit);
}

QString wordFor(Confidence confidence)
{
    switch (confidence) {
    case Confidence::guessing:
        return PredictionChart::tr("guessing");
    case Confidence::fairly_sure:
        return PredictionChart::tr("fairly sure");
    case Confidence::certain:
        return PredictionChart::tr("certain");
    }
    return {};
}

/// Where a value stands among the choices' ranges, which are drawn equally wide: 0 at the begin of
/// the first, 1 at the end of the last.
double shareAmong(const std::vector<PredictionChoice>& choices, double value)
{
    const auto count = static_cast<double>(choices.size());
    double passed = 0;
    for (const PredictionChoice& choice : choices) {
        if (value < choice.low)
            break;
        if (value <= choice.high) {
            const double width = choice.high - choice.low;
            const double within = width > 0 ? (value - choice.low) / width : 0.5;
            // Not upon the line between two ranges: it is in one of them.
            return (passed + std::clamp(within, 0.06, 0.94)) / count;
        }
        ++passed;
    }
    return passed / count;
}

} // namespace

PredictionChart::PredictionChart(QWidget* parent)
    : Chart(tr("Prediction"), tr("Prediction chart"), parent)
{
    xAxis->setVisible(false);
    yAxis->setVisible(false);
    axisRect()->setAutoMargins(QCP::msNone);
    axisRect()->setMargins(QMargins(10, 4, 10, 4));
    new Drawn(xAxis, yAxis, [this](QCPPainter& painter) {
        if (!isEmpty())
            drawRows(painter);
    });
    applyStyle();
    refresh(true);
}

const PredictedPoint& PredictionChart::at(int row) const
{
    return predictions()[static_cast<std::size_t>(row)];
}

void PredictionChart::refresh(bool)
{
    if (predictions().empty()) {
        setEmpty(tr("Nothing to predict here"),
            tr("With these settings the lesson asks for no prediction."));
        return;
    }
    setEmpty({});
    fillLegend();
}

void PredictionChart::fillLegend()
{
    QList<LegendEntry> entries;
    entries.append({.text = tr("predicted"),
        .sample = LegendEntry::Sample::marker,
        .series = theme().series(1),
        .shape = QCPScatterStyle::ssDiamond});
    const std::vector<PredictedPoint>& all = predictions();
    if (std::any_of(all.begin(), all.end(),
            [](const PredictedPoint& point) { return point.measured.has_value(); })) {
        entries.append({.text = tr("measured: median, quartiles"),
            .sample = LegendEntry::Sample::marker,
            .series = theme().series(0),
            .shape = QCPScatterStyle::ssSquare});
    } else if (facts().goesOn()) {
        entries.append(
            {.text = tr("measured when the run has ended"), .sample = LegendEntry::Sample::words});
    } else if (std::any_of(all.begin(), all.end(), isMovable)) {
        entries.append({.text = tr("drag the diamond to what you expect, then run (F5)"),
            .sample = LegendEntry::Sample::words});
    }
    legendStrip()->setEntries(entries);
}

PredictionChart::Places PredictionChart::placesOf(int row) const
{
    const QRectF area = axisRect()->rect();
    const double height = area.height() / std::max(1, seriesCount());
    const double line = QFontMetrics(font()).height();
    const double strip = 2 * diamondRadius(lineScale()) + 4;
    Places places;
    places.all = QRectF(area.left(), area.top() + row * height, area.width(), height);
    const bool question = height >= strip + 3 * line;
    const bool words = height >= strip + 2 * line;
    const double needed = strip + (question ? 3 : words ? 2 : 1) * line;
    double top = places.all.top() + std::max(0.0, (height - needed) / 2);
    const auto take = [&](double part) {
        const QRectF place(area.left(), top, area.width(), part);
        top += part;
        return place;
    };
    if (question)
        places.question = take(line);
    const double aside = diamondRadius(lineScale()) + 2;
    places.scale = take(strip).adjusted(aside, 0, -aside, 0);
    places.ends = take(line);
    if (words)
        places.words = take(line);
    return places;
}

int PredictionChart::rowAt(const QPointF& position) const
{
    for (int row = 0; row < seriesCount(); ++row) {
        if (placesOf(row).all.contains(position))
            return row;
    }
    return -1;
}

double PredictionChart::pixelOf(int row, double value) const
{
    const PredictionDescription& description = at(row).description;
    const QRectF scale = placesOf(row).scale;
    const double share = description.kind == PredictionKind::choice
        ? shareAmong(description.choices, value)
        : shareOf(description, value);
    return scale.left() + share * scale.width();
}

double PredictionChart::valueOf(int row, double pixel) const
{
    const QRectF scale = placesOf(row).scale;
    return valueAt(at(row).description, (pixel - scale.left()) / std::max(1.0, scale.width()));
}

QPointF PredictionChart::predictedPlace(int row) const
{
    const PredictedPoint& point = at(row);
    const QRectF scale = placesOf(row).scale;
    if (point.description.kind != PredictionKind::choice)
        return QPointF(pixelOf(row, markedValue(point)), scale.center().y());
    const auto count
        = static_cast<double>(std::max<std::size_t>(1, point.description.choices.size()));
    const double number = isMade(point) ? static_cast<double>(*point.prediction.choice) : 0;
    return QPointF(scale.left() + (number + 0.5) / count * scale.width(), scale.center().y());
}

QPointF PredictionChart::measuredPlace(int row) const
{
    return QPointF(pixelOf(row, at(row).measured ? at(row).measured->value : 0),
        placesOf(row).scale.center().y());
}

void PredictionChart::drawRows(QCPPainter& painter) const
{
    const QFontMetrics metrics(font());
    QFont bold = font();
    bold.setBold(true);
    for (int row = 0; row < seriesCount(); ++row) {
        const Places places = placesOf(row);
        const PredictedPoint& point = at(row);
        if (!places.question.isEmpty()) {
            painter.setFont(bold);
            painter.setPen(theme().text);
            painter.drawText(places.question, Qt::AlignLeft | Qt::AlignVCenter,
                QFontMetrics(bold).elidedText(QString::fromStdString(point.description.question),
                    Qt::ElideRight, static_cast<int>(places.question.width())));
        }
        painter.setFont(font());
        if (point.description.kind == PredictionKind::choice)
            drawRanges(painter, row);
        else
            drawScale(painter, row);
        drawAnswer(painter, row);
        if (places.words.isEmpty())
            continue;
        QString words = predictedText(point);
        if (point.measured)
            words += QStringLiteral(", ") + measuredText(point);
        if (const QString verdict = verdictText(point); !verdict.isEmpty())
            words = tr("%1: %2").arg(verdict, words);
        painter.setPen(theme().text);
        painter.drawText(places.words, Qt::AlignLeft | Qt::AlignVCenter,
            metrics.elidedText(words, Qt::ElideRight, static_cast<int>(places.words.width())));
    }
}

void PredictionChart::drawScale(QCPPainter& painter, int row) const
{
    const Places places = placesOf(row);
    const PredictionDescription& description = at(row).description;
    const double y = std::round(places.scale.center().y());
    const auto mark = [&](double value, double half) {
        const double x = std::round(pixelOf(row, value));
        painter.drawLine(QLineF(x, y - half, x, y + half));
    };
    painter.setPen(QPen(theme().frame, lineScale()));
    painter.drawLine(QLineF(places.scale.left(), y, places.scale.right(), y));
    const double half = 4 * lineScale();
    if (description.logarithmic && description.minimum > 0) {
        double power = std::pow(10, std::ceil(std::log10(description.minimum)));
        for (; power < description.maximum; power *= 10)
            mark(power, half);
    } else {
        for (int i = 1; i < linearMarks; ++i) {
            const double share = static_cast<double>(i) / linearMarks;
            mark(description.minimum + (description.maximum - description.minimum) * share, half);
        }
    }
    mark(description.minimum, 2 * half);
    mark(description.maximum, 2 * half);
    painter.setPen(theme().secondaryText);
    painter.drawText(places.ends, Qt::AlignLeft | Qt::AlignVCenter,
        quantityText(description.minimum, unitOf(at(row))));
    painter.drawText(places.ends, Qt::AlignRight | Qt::AlignVCenter,
        quantityText(description.maximum, unitOf(at(row))));
    if (description.logarithmic)
        painter.drawText(places.ends, Qt::AlignCenter, tr("logarithmic"));
}

void PredictionChart::drawRanges(QCPPainter& painter, int row) const
{
    const Places places = placesOf(row);
    const std::vector<PredictionChoice>& choices = at(row).description.choices;
    const QFontMetrics metrics(font());
    const double width
        = places.scale.width() / std::max<double>(1, static_cast<double>(choices.size()));
    for (std::size_t i = 0; i < choices.size(); ++i) {
        const double left = places.scale.left() + static_cast<double>(i) * width;
        painter.setPen(QPen(theme().frame, lineScale()));
        painter.setBrush(i % 2 == 0 ? QBrush(theme().grid) : QBrush(Qt::NoBrush));
        painter.drawRect(QRectF(left, places.scale.top() + 1, width, places.scale.height() - 2));
        painter.setPen(theme().secondaryText);
        painter.drawText(QRectF(left, places.ends.top(), width, places.ends.height()),
            Qt::AlignCenter,
            metrics.elidedText(QString::fromStdString(choices[i].label), Qt::ElideRight,
                static_cast<int>(width) - 4));
    }
}

void PredictionChart::drawAnswer(QCPPainter& painter, int row) const
{
    const PredictedPoint& point = at(row);
    if (point.measured && std::isfinite(point.measured->value)) {
        const QPointF place = measuredPlace(row);
        const auto end = [&](const std::optional<double>& value) {
            return value && std::isfinite(*value) ? QPointF(pixelOf(row, *value), place.y())
                                                  : place;
        };
        drawMeasured(painter, place, end(point.measured->low), end(point.measured->high), theme(),
            lineScale());
    }
    // Where nothing was predicted there is a mark to drag, as long as that is possible.
    if (isMade(point) || isMovable(point))
        drawPredicted(painter, predictedPlace(row), theme(), lineScale(), isMade(point));
}

QString PredictionChart::hoverText(const QPointF& position) const
{
    const int row = rowAt(position);
    return row < 0 ? QString() : tellingOf(at(row));
}

int PredictionChart::seriesCount() const
{
    return static_cast<int>(predictions().size());
}

QString PredictionChart::seriesName(int series) const
{
    return QString::fromStdString(at(series).description.question);
}

QRect PredictionChart::partRect(int part) const
{
    return placesOf(part).all.toAlignedRect();
}

int PredictionChart::datumCount(int series) const
{
    if (series >= seriesCount())
        return 0;
    return at(series).measured ? 2 : 1;
}

Datum PredictionChart::datum(int series, int index) const
{
    return {tellingOf(at(series)), index == 0 ? predictedPlace(series) : measuredPlace(series)};
}

void PredictionChart::keyPressEvent(QKeyEvent* event)
{
    const int row = focusedSeries();
    const bool arrow = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    const bool plain = !(event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier));
    if (!arrow || !plain || row < 0 || row >= seriesCount() || !isMovable(at(row))) {
        Chart::keyPressEvent(event);
        return;
    }
    const int steps = event->modifiers() & Qt::ShiftModifier ? bigStep : 1;
    movePrediction(static_cast<std::size_t>(row),
        steppedValue(at(row).description, markedValue(at(row)),
            event->key() == Qt::Key_Right ? steps : -steps));
}

void PredictionChart::mousePressEvent(QMouseEvent* event)
{
    const int row = isEmpty() ? -1 : rowAt(event->position());
    if (event->button() != Qt::LeftButton || row < 0 || !isMovable(at(row))
        || !placesOf(row).scale.adjusted(-8, 0, 8, 0).contains(event->position())) {
        Chart::mousePressEvent(event);
        return;
    }
    m_moved = row;
    focusDatum(row, 0);
    const QPointF way = predictedPlace(row) - event->position();
    // Holding the diamond moves nothing yet.
    if (std::abs(way.x()) > diamondRadius(lineScale()))
        movePrediction(static_cast<std::size_t>(row), valueOf(row, event->position().x()));
    event->accept();
}

void PredictionChart::mouseMoveEvent(QMouseEvent* event)
{
    if (m_moved < 0 || m_moved >= seriesCount()) {
        Chart::mouseMoveEvent(event);
        const int row = isEmpty() ? -1 : rowAt(event->position());
        const bool movable
            = row >= 0 && isMovable(at(row)) && placesOf(row).scale.contains(event->position());
        setCursor(movable ? Qt::SizeHorCursor : Qt::ArrowCursor);
        return;
    }
    movePrediction(static_cast<std::size_t>(m_moved), valueOf(m_moved, event->position().x()));
    event->accept();
}

void PredictionChart::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_moved < 0) {
        Chart::mouseReleaseEvent(event);
        return;
    }
    m_moved = -1;
    event->accept();
}

QString PredictionChart::summary() const
{
    const std::vector<PredictedPoint>& all = predictions();
    if (all.empty())
        return {};
    if (all.size() == 1) {
        const PredictedPoint& point = all.front();
        const QString verdict = verdictText(point);
        return verdict.isEmpty() ? predictedText(point)
                                 : tr("%1: %2").arg(predictedText(point), verdict);
    }
    const auto made = std::count_if(all.begin(), all.end(), isMade);
    const auto answered = std::count_if(all.begin(), all.end(),
        [](const PredictedPoint& point) { return !verdictText(point).isEmpty(); });
    if (answered == 0)
        return tr("%1 of %2 predicted").arg(made).arg(all.size());
    const auto inside = std::count_if(all.begin(), all.end(), [](const PredictedPoint& point) {
        return judged(point.description, point.prediction, point.measured) == Verdict::right;
    });
    return tr("%1 of %2 inside what was measured").arg(inside).arg(answered);
}

ChartTable PredictionChart::table() const
{
    ChartTable table;
    table.header = {tr("question"), tr("predicted"), tr("confidence"), tr("measured, median"),
        tr("first quartile"), tr("third quartile"), tr("repeats"), tr("unit"), tr("prediction is")};
    const auto number = [](const std::optional<double>& value) {
        return value ? QString::number(*value, 'g', 9) : tr("none");
    };
    for (const PredictedPoint& point : predictions()) {
        const bool choice = point.description.kind == PredictionKind::choice;
        const QString predicted = !isMade(point) ? tr("none")
            : choice
            ? QString::fromStdString(point.description.choices[*point.prediction.choice].label)
            : number(point.prediction.value);
        const std::optional<Measured>& measured = point.measured;
        const QString verdict = verdictText(point);
        table.rows.append({QString::fromStdString(point.description.question), predicted,
            isMade(point) ? wordFor(point.prediction.confidence) : tr("none"),
            number(measured ? std::optional(measured->value) : std::nullopt),
            number(measured ? measured->low : std::nullopt),
            number(measured ? measured->high : std::nullopt),
            measured ? QString::number(measured->samples) : tr("none"),
            unitOf(point).isEmpty() ? tr("none") : unitOf(point),
            verdict.isEmpty() ? tr("not known") : verdict});
    }
    return table;
}

} // namespace manyhands::app
