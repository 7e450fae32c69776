// SPDX-License-Identifier: GPL-3.0-or-later
// Axes' scales: one unit an axis, growth in steps of 1-2-5, never shrinking while a run lasts.
#pragma once

#include <qcustomplot.h>

#include <QString>

#include <limits>

namespace manyhands::app {

/// A unit that an axis is labelled in; its coordinates stay in the base unit (s, B/s).
struct Unit
{
    QString symbol;
    double factor = 1; ///< label = coordinate × factor
};

/// µs, ms or s, for an axis that ends at `upperS`.
Unit timeUnit(double upperS);
/// B/s, KiB/s, MiB/s or GiB/s.
Unit rateUnit(double upper);

/// B, KiB, MiB or GiB.
Unit bytesUnit(double upper);
/// Of things that are counted: "messages", "1000 messages", "million messages".
Unit countUnit(double upper, const QString& things);

/// "10⁶".
QString powerOfTen(int exponent);
/// Of any number: none where it is easily written, else the power of ten: "10⁶", "10⁻³".
Unit powerUnit(double upper);

/// The least 1, 2 or 5 × 10^n that is not below `value`.
double stepUp(double value);

/// The end of an axis that must hold `needed`: grows in steps while `live`, and fits after that.
/// Never less than `least`, and never less than `current` while `live`.
double grownEnd(double current, double needed, double least, bool live);

/// Round ticks in the unit that the labels have.
class UnitTicker : public QCPAxisTicker
{
public:
    void setUnit(const Unit& unit) { m_unit = unit; }
    /// The coordinate that is labelled 0.
    void setOrigin(double origin) { setTickOrigin(origin); }
    /// No label beyond this coordinate: there is nothing, and it means nothing.
    void setEnd(double end) { m_end = end; }
    const Unit& unit() const { return m_unit; }

protected:
    double getTickStep(const QCPRange& range) override;
    QString getTickLabel(
        double tick, const QLocale& locale, QChar formatChar, int precision) override;

private:
    Unit m_unit;
    double m_end = std::numeric_limits<double>::infinity();
    double m_step = 0; ///< between the ticks that are being labelled, in the unit
};

/// Of a logarithmic axis: ticks at powers of ten, at 1, 2 and 5 times them where there are few, or
/// at every so many where there are too many.
class LogTicker : public QCPAxisTicker
{
public:
    void setUnit(const Unit& unit) { m_unit = unit; }

protected:
    double getTickStep(const QCPRange&) override { return 1; }
    int getSubTickCount(double) override { return 0; }
    QList<double> createTickVector(double step, const QCPRange& range) override;
    QString getTickLabel(
        double tick, const QLocale& locale, QChar formatChar, int precision) override;

private:
    Unit m_unit;
};

/// An axis over `lowest` to `highest`, both above 0, that has room at both ends: as far as they are
/// apart, and never less than a factor of 2.
QCPRange roomyLogRange(double lowest, double highest);

/// Ticks at whole numbers, which are labelled so.
class WholeTicker : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange& range) override;
    QString getTickLabel(
        double tick, const QLocale& locale, QChar formatChar, int precision) override;
};

} // namespace manyhands::app
