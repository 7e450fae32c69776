// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions beside what was measured: as values, as words, and as marks that charts share.
#pragma once

#include "app/views/theme.hpp"
#include "engine/observe/measured.hpp"

#include <QPointF>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

class QPainter;

namespace manyhands::app {

/// A prediction as charts show it.
struct PredictedPoint
{
    PredictionDescription description;
    Prediction prediction; ///< without value and choice: not made yet
    std::optional<Measured> measured; ///< once a run has answered it
    bool open = true; ///< may still be changed: the run that answers it has not begun
};

/// Shared by the charts, which compare the pointers; nullptr where there are none.
using Predictions = std::shared_ptr<const std::vector<PredictedPoint>>;

/// It was made.
bool isMade(const PredictedPoint& point);
/// It is a number that may still be moved.
bool isMovable(const PredictedPoint& point);
/// The value that the mark stands at: the predicted one; the middle of the scale before that.
double markedValue(const PredictedPoint& point);

/// Where a value stands on the prediction's scale: 0 at its minimum, 1 at its maximum.
double shareOf(const PredictionDescription& scale, double value);
/// The value there, rounded to what a person would say.
double valueAt(const PredictionDescription& scale, double share);
/// As many presses of a key away, on the scale; another value than before unless at an end.
double steppedValue(const PredictionDescription& scale, double value, int steps);

/// "predicted 1.8 ×", "predicted: all of them", "not predicted yet".
QString predictedText(const PredictedPoint& point);
/// "measured 1.62 × (quartiles 1.6 × to 1.65 ×, n = 5)", "not measured".
QString measuredText(const PredictedPoint& point);
/// "inside", "too low", "too high", "another range"; empty where nothing is to be said.
QString verdictText(const PredictedPoint& point);
/// All that is known of it, in lines.
QString tellingOf(const PredictedPoint& point);

/// A hollow diamond: a prediction; with a dotted rim before it is made.
void drawPredicted(
    QPainter& painter, const QPointF& place, const Theme& theme, double lineScale, bool made);
/// A square in the middle of a band with ends: a measurement with its spread. The band may be
/// empty.
void drawMeasured(QPainter& painter, const QPointF& place, const QPointF& low, const QPointF& high,
    const Theme& theme, double lineScale);
/// Half of a diamond's width, in pixels.
double diamondRadius(double lineScale);

} // namespace manyhands::app
