// SPDX-License-Identifier: GPL-3.0-or-later
// Axes' scales: one unit an axis, growth in steps of 1-2-5, never shrinking while a run lasts.
#include "app/views/scales.hpp"

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

Unit rateUnit(double upper)
{
    constexpr double kibi = 1024;
    if (upper < kibi)
        return {QStringLiteral("B/s"), 1};
    if (upper < kibi * kibi)
        return {QStringLiteral("KiB/s"), 1 / kibi};
    if (upper < kibi * kibi * kibi)
        return {QStringLiteral("MiB/s"), 1 / kibi / kibi};
    return {QStringLiteral("GiB/s"), 1 / kibi / kibi / kibi};
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
    return QCPAxisTicker::getTickStep(range * m_unit.factor) / m_unit.factor;
}

QString UnitTicker::getTickLabel(double tick, const QLocale& locale, QChar, int)
{
    return locale.toString((tick - tickOrigin()) * m_unit.factor, 'g', 6);
}

} // namespace manyhands::app
