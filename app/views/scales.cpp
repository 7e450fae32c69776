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

QString powerOfTen(int exponent)
{
    constexpr char16_t digits[] = u"⁰¹²³⁴⁵⁶⁷⁸⁹";
    QString text = QStringLiteral("10");
    if (exponent < 0)
        text += QChar(u'⁻');
    const QString plain = QString::number(std::abs(exponent));
    for (const QChar digit : plain)
        text += QChar(digits[digit.digitValue()]);
    return text;
}

Unit powerUnit(double upper)
{
    constexpr double mostEasily = 1e6;
    constexpr double leastEasily = 1e-2;
    if (!(upper > 0) || !std::isfinite(upper) || (upper < mostEasily && upper >= leastEasily))
        return {};
    const int exponent = 3 * static_cast<int>(std::floor(std::log10(upper) / 3 + 1e-9));
    return {powerOfTen(exponent), std::pow(10, -exponent)};
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
    if (tick > m_end)
        return {};
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

QList<double> LogTicker::createTickVector(double, const QCPRange& range)
{
    const double factor = m_unit.factor;
    if (!(range.lower > 0) || !(range.upper > range.lower))
        return {};
    const double first = std::floor(std::log10(range.lower * factor));
    const double last = std::ceil(std::log10(range.upper * factor));
    const double decades = last - first;
    const double wanted = std::max(2, tickCount());
    const bool fine = std::log10(range.upper / range.lower) * 3 <= wanted + 2;
    const double stride = std::max(1.0, std::ceil(decades / wanted));
    QList<double> ticks;
    for (double power = first; power <= last; power += fine ? 1 : stride) {
        for (const double digit : {1.0, 2.0, 5.0}) {
            if (digit > 1 && !fine)
                break;
            ticks.append(digit * std::pow(10, power) / factor);
        }
    }
    return ticks;
}

QString LogTicker::getTickLabel(double tick, const QLocale& locale, QChar, int)
{
    constexpr double mostInFull = 1e6;
    constexpr int mostDecimals = 6;
    const double value = tick * m_unit.factor;
    const double power = std::floor(std::log10(value) + 1e-9);
    if (value > mostInFull * (1 + 1e-9) || power < -mostDecimals) {
        const double digit = std::round(value / std::pow(10, power));
        const QString ten = powerOfTen(static_cast<int>(power));
        return digit == 1 ? ten : QStringLiteral("%1·%2").arg(digit).arg(ten);
    }
    return locale.toString(value, 'f', static_cast<int>(std::max(0.0, -power)));
}

QCPRange roomyLogRange(double lowest, double highest)
{
    constexpr double shareOfRoom = 0.06;
    const double room = std::max(std::pow(highest / lowest, shareOfRoom), std::sqrt(2.0));
    return {lowest / room, highest * room};
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
