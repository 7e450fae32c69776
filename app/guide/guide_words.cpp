// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of a lesson in words: what was predicted, what was measured, how they compare.
#include "app/guide/guide_words.hpp"

#include "app/views/wording.hpp"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::GuidePane", text);
}

/// judged() falls back on the tolerance where the quartiles say next to nothing.
bool toleranceCounts(const PredictionDescription& description, const Measured& figure)
{
    const double spread = figure.high.value_or(figure.value) - figure.low.value_or(figure.value);
    return spread < std::abs(figure.value) * description.tolerance / 10;
}

const PredictionChoice* choiceFor(const PredictionDescription& description, double value)
{
    const auto found = std::find_if(description.choices.begin(), description.choices.end(),
        [value](const PredictionChoice& one) { return one.low <= value && value <= one.high; });
    return found == description.choices.end() ? nullptr : &*found;
}

} // namespace

QString roundedText(double value)
{
    constexpr double exactlyWhole = 9e15;
    if (std::abs(value) < exactlyWhole && value == std::round(value))
        return QLocale().toString(static_cast<qlonglong>(value));
    // Four digits that count, trailing zeros too: 1.000 says more than 1.
    constexpr int most = 6;
    const int decimals
        = std::clamp(3 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, most);
    return QLocale().toString(value, 'f', decimals);
}

QString valueText(double value, const QString& unit)
{
    if (unit == QLatin1String("s") && value > 0)
        return durationText(value);
    return unit.isEmpty() ? roundedText(value) : roundedText(value) + QChar(QChar::Nbsp) + unit;
}

QString figureText(const Measured& figure)
{
    return valueText(figure.value, QString::fromStdString(figure.unit));
}

QString parameterText(
    const LessonDescription& lesson, const std::string& name, const ParameterValue& value)
{
    QString text = QString::fromStdString(to_text(value));
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        text = QLocale().toString(static_cast<qlonglong>(*whole));
    const ParameterDescription* described = lesson.parameter(name);
    if (described && !described->unit.empty())
        text += QChar(QChar::Nbsp) + QString::fromStdString(described->unit);
    return text;
}

bool isMeasured(const LessonDescription& lesson, std::string_view name)
{
    constexpr std::array<std::string_view, 4> general
        = {"wall_s", "sequential_s", "speedup", "efficiency"};
    return std::find(general.begin(), general.end(), name) != general.end()
        || std::any_of(lesson.quantities.begin(), lesson.quantities.end(),
            [name](const QuantityDescription& one) { return one.name == name; });
}

QString confidenceText(Confidence confidence)
{
    switch (confidence) {
    case Confidence::guessing:
        return tr("guessing");
    case Confidence::fairly_sure:
        return tr("fairly sure");
    case Confidence::certain:
        break;
    }
    return tr("certain");
}

QString predictedText(const PredictionDescription& description, const Prediction& prediction)
{
    if (description.kind == PredictionKind::choice) {
        if (!prediction.choice || *prediction.choice >= description.choices.size())
            return {};
        return tr("“%1”").arg(
            QString::fromStdString(description.choices[*prediction.choice].label));
    }
    return prediction.value ? valueText(*prediction.value, QString::fromStdString(description.unit))
                            : QString();
}

QString spreadText(const Measured& figure)
{
    const QString unit = QString::fromStdString(figure.unit);
    if (figure.samples > 1 && figure.low && figure.high) {
        return tr("%1; half of the measurements lie between %2 and %3 (n = %4)")
            .arg(figureText(figure), valueText(*figure.low, unit), valueText(*figure.high, unit))
            .arg(figure.samples);
    }
    return tr("%1 (n = %2)").arg(figureText(figure)).arg(figure.samples);
}

QString verdictText(const PredictionDescription& description, Verdict verdict,
    const std::optional<Measured>& measurement)
{
    switch (verdict) {
    case Verdict::right:
        if (description.kind == PredictionKind::choice)
            return tr("✓ Right: the measurement is in this range");
        if (toleranceCounts(description, *measurement)) {
            return tr("✓ Right: within %1 of the measurement")
                .arg(shareText(description.tolerance));
        }
        return tr("✓ Right: inside the spread of the measurements");
    case Verdict::too_low:
        return tr("✕ Too low: more was measured");
    case Verdict::too_high:
        return tr("✕ Too high: less was measured");
    case Verdict::other:
        if (const PredictionChoice* holds = choiceFor(description, measurement->value))
            return tr("✕ Another answer holds: “%1”").arg(QString::fromStdString(holds->label));
        return tr("✕ None of the answers holds");
    case Verdict::unknown:
        break;
    }
    return measurement ? tr("– Not predicted") : tr("– This run did not measure it");
}

QString onceText(const std::optional<Measured>& measurement)
{
    if (!measurement || measurement->samples > 1)
        return {};
    return tr("One measurement (n = 1) has no spread: Shift+F5 measures it.");
}

std::optional<double> numberFrom(const QString& text)
{
    QString digits = text.simplified();
    digits.remove(QLatin1Char(' ')).remove(QLatin1Char('_'));
    bool isNumber = false;
    double value = QLocale::c().toDouble(digits, &isNumber);
    if (!isNumber)
        value = QLocale().toDouble(digits, &isNumber);
    return isNumber && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

} // namespace manyhands::app
