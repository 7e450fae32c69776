// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of a lesson in words: what was predicted, what was measured, how they compare.
#pragma once

#include "engine/observe/measured.hpp"

#include <QString>

#include <string_view>

namespace manyhands::app {

/// Whole numbers in full, others with four digits that count.
QString roundedText(double value);
/// "3.142 µJ", "18.4 ms", "1.8 ×".
QString valueText(double value, const QString& unit);
QString figureText(const Measured& figure);
/// A parameter's value with its unit; whole numbers grouped.
QString parameterText(
    const LessonDescription& lesson, const std::string& name, const ParameterValue& value);

/// Whether a run can tell `name`: a quantity of the lesson, or a figure that every run has.
bool isMeasured(const LessonDescription& lesson, std::string_view name);

QString confidenceText(Confidence confidence);
/// "1.5 ×", "“up to 2”"; empty where nothing was predicted.
QString predictedText(const PredictionDescription& description, const Prediction& prediction);
/// "1.8 × (n = 1)", "1.8 ×, between 1.7 × and 1.9 × (n = 5)".
QString spreadText(const Measured& figure);
/// What the measurement says of the prediction, with its sign: "✕ Too low: …".
QString verdictText(const PredictionDescription& description, Verdict verdict,
    const std::optional<Measured>& measurement);
/// What a single measurement leaves open; empty where there were several.
QString onceText(const std::optional<Measured>& measurement);

/// The number that a person typed: with dot or the locale's own, blanks, underscores, exponent.
std::optional<double> numberFrom(const QString& text);

} // namespace manyhands::app
