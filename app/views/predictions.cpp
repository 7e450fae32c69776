// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/predictions.hpp"

#include "app/views/wording.hpp"

#include <QCoreApplication>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Presses of a key from one end of a scale to the other.
constexpr double stepsPerScale = 100;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Predictions", text);
}

/// The greatest power of ten that is not above `value`.
double magnitude(double value)
{
    return std::pow(10, std::floor(std::log10(value) + 1e-9));
}

/// To two digits on a logarithmic scale, to the hundredth part of a linear one.
double rounded(const PredictionDescription& scale, double value)
{
    const double grain = scale.logarithmic
        ? magnitude(value) / 10
        : magnitude(std::max(scale.maximum - scale.minimum, 1e-12)) / 100;
    return std::clamp(std::round(value / grain) * grain, scale.minimum, scale.maximum);
}

QString unitOf(const PredictedPoint& point)
{
    return QString::fromStdString(point.description.unit);
}

} // namespace

bool isMade(const PredictedPoint& point)
{
    if (point.description.kind == PredictionKind::choice)
        return point.prediction.choice
            && *point.prediction.choice < point.description.choices.size();
    return point.prediction.value && std::isfinite(*point.prediction.value);
}

bool isMovable(const PredictedPoint& point)
{
    return point.open && point.description.kind != PredictionKind::choice;
}

double markedValue(const PredictedPoint& point)
{
    return isMade(point) && point.prediction.value ? *point.prediction.value
                                                   : valueAt(point.description, 0.5);
}

double shareOf(const PredictionDescription& scale, double value)
{
    const bool log = scale.logarithmic && scale.minimum > 0;
    if (!(scale.maximum > scale.minimum) || !(log ? value > 0 : std::isfinite(value)))
        return 0;
    const double share = log
        ? std::log(value / scale.minimum) / std::log(scale.maximum / scale.minimum)
        : (value - scale.minimum) / (scale.maximum - scale.minimum);
    return std::clamp(share, 0.0, 1.0);
}

double valueAt(const PredictionDescription& scale, double share)
{
    // The ends themselves, however round they are.
    if (share <= 0)
        return scale.minimum;
    if (share >= 1)
        return scale.maximum;
    const double value = scale.logarithmic && scale.minimum > 0
        ? scale.minimum * std::pow(scale.maximum / scale.minimum, share)
        : scale.minimum + (scale.maximum - scale.minimum) * share;
    return rounded(scale, value);
}

double steppedValue(const PredictionDescription& scale, double value, int steps)
{
    // Where rounding gives the same value again, a press goes as far as the next one.
    for (int further = 1; further <= static_cast<int>(stepsPerScale); ++further) {
        const double share = shareOf(scale, value) + further * steps / stepsPerScale;
        const double next = valueAt(scale, share);
        if (next != value || share <= 0 || share >= 1)
            return next;
    }
    return value;
}

QString predictedText(const PredictedPoint& point)
{
    if (!isMade(point))
        return tr("not predicted yet");
    if (point.description.kind == PredictionKind::choice)
        return tr("predicted: %1")
            .arg(QString::fromStdString(point.description.choices[*point.prediction.choice].label));
    return tr("predicted %1").arg(quantityText(*point.prediction.value, unitOf(point)));
}

QString measuredText(const PredictedPoint& point)
{
    if (!point.measured)
        return tr("not measured");
    const Measured& measured = *point.measured;
    const QString value = quantityText(measured.value, unitOf(point));
    if (!measured.low || !measured.high)
        return tr("measured %1 (n = %2)").arg(value).arg(measured.samples);
    return tr("measured %1 (quartiles %2 to %3, n = %4)")
        .arg(value, quantityText(*measured.low, unitOf(point)),
            quantityText(*measured.high, unitOf(point)))
        .arg(measured.samples);
}

QString verdictText(const PredictedPoint& point)
{
    switch (judged(point.description, point.prediction, point.measured)) {
    case Verdict::unknown:
        break;
    case Verdict::right:
        return tr("inside");
    case Verdict::too_low:
        return tr("too low");
    case Verdict::too_high:
        return tr("too high");
    case Verdict::other:
        return tr("another range");
    }
    return {};
}

QString tellingOf(const PredictedPoint& point)
{
    QString text = QString::fromStdString(point.description.question) + QLatin1Char('\n')
        + predictedText(point);
    if (point.measured)
        text += QLatin1Char('\n') + measuredText(point);
    if (const QString verdict = verdictText(point); !verdict.isEmpty())
        text += QLatin1Char('\n') + tr("prediction: %1").arg(verdict);
    return text;
}

double diamondRadius(double lineScale)
{
    return 7 * lineScale;
}

void drawPredicted(
    QPainter& painter, const QPointF& place, const Theme& theme, double lineScale, bool made)
{
    const double radius = diamondRadius(lineScale);
    const QPolygonF diamond({place + QPointF(0, -radius), place + QPointF(radius, 0),
        place + QPointF(0, radius), place + QPointF(-radius, 0)});
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    // A rim in the background's colour: it stays seen upon data.
    painter.setPen(QPen(theme.background, 5 * lineScale));
    painter.drawPolygon(diamond);
    painter.setPen(QPen(theme.series(1).colour, 2 * lineScale, made ? Qt::SolidLine : Qt::DotLine));
    painter.drawPolygon(diamond);
    painter.restore();
}

void drawMeasured(QPainter& painter, const QPointF& place, const QPointF& low, const QPointF& high,
    const Theme& theme, double lineScale)
{
    const QColor colour = theme.series(0).colour;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QPointF along = high - low;
    const double length = std::hypot(along.x(), along.y());
    if (length > 0) {
        const QPointF across
            = QPointF(-along.y(), along.x()) / length * diamondRadius(lineScale) * 0.7;
        painter.setPen(QPen(colour, 2 * lineScale));
        painter.drawLine(low, high);
        for (const QPointF& end : {low, high})
            painter.drawLine(end - across, end + across);
    }
    const double half = 4 * lineScale;
    painter.setPen(QPen(theme.background, lineScale));
    painter.setBrush(colour);
    painter.drawRect(QRectF(place.x() - half, place.y() - half, 2 * half, 2 * half));
    painter.restore();
}

} // namespace manyhands::app
