// SPDX-License-Identifier: GPL-3.0-or-later
// Axes' scales: one unit an axis, growth in steps of 1-2-5, never shrinking while a run lasts.
#include "app/views/scales.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace manyhands::app {

Unit timeUnit(double upperS)
{
    if (upperS < 1e-3)
        return {QStringLiteral("µs"), 1e6};
    if (upperS < 1)
        return {QStringLiteral("ms"), 1e3};
    return {QStringLiteral("s"), 1};
}

Unit bytesUnit(double upper)
{
    constexpr double kibi = 1024;
    if (upper < kibi)
        return {QStringLiteral("B"), 1};
    if (upper < kibi * kibi)
        return {QStringLiteral("KiB"), 1 / kibi};
    if (upper < kibi * kibi * kibi)
        return {QStringLiteral("MiB"), 1 / kibi / kibi};
    return {QStringLiteral("GiB"), 1 / kibi / kibi / kibi};
}

Unit rateUnit(double upper)
{
    Unit unit = bytesUnit(upper);
    unit.symbol += QLatin1String("/s");
    return unit;
}

Unit countUnit(double upper, const QString& things)
{
    if (upper < 1e5)
        return {things, 1};
    if (upper < 1e8)
        return {QCoreApplication::translate("manyhands::app::Scales", "1000 %1").arg(things), 1e-3};
    return {QCoreApplication::translate("manyhands::app::Scales", "million %1").arg(things), 1e-6};
}

double stepUp(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    // A hair of tolerance, so that 0.2 stays 0.2 and does not become 0.5.
    const double power = std::pow(10, std::floor(std::log10(value) + 1e-9));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (value <= step * power * (1 + 1e-9))
            return step * power;
    }
    return 10 * power;
}

double grownEnd(double current, double needed, double least, bool live)
{
    if (!std::isfinite(needed))
        needed = 0;
    if (!live)
        return std::max(needed, least);
    return std::max({current, stepUp(needed), least});
}

double UnitTicker::getTickStep(const QCPRange& range)
{
    m_step = QCPAxisTicker::getTickStep(range * m_unit.factor);
    return m_step / m_unit.factor;
}

QString UnitTicker::getTickLabel(double tick, const QLocale& locale, QChar, int)
{
    // As many decimals as tell neighbours apart, however far from zero they are.
    constexpr int mostDecimals = 9;
    int decimals = 0;
    double step = m_step;
    while (decimals < mostDecimals && std::abs(step - std::round(step)) > 1e-6 * std::abs(step)) {
        step *= 10;
        ++decimals;
    }
    const double value = (tick - tickOrigin()) * m_unit.factor;
    return locale.toString(std::abs(value) < m_step * 1e-6 ? 0.0 : value, 'f', decimals);
}

double WholeTicker::getTickStep(const QCPRange& range)
{
    return std::max(1.0, std::round(QCPAxisTicker::getTickStep(range)));
}

QString WholeTicker::getTickLabel(double tick, const QLocale& locale, QChar, int)
{
    return locale.toString(tick, 'f', 0);
}

} // namespace manyhands::app
