// SPDX-License-Identifier: GPL-3.0-or-later
// The looks of the charts: colours from resources/palette.json, and how each state is drawn.
// Colour is never alone: height, hatch and letter say the same.
#pragma once

#include "engine/analysis/time_budget.hpp"

#include <QColor>
#include <QList>
#include <QPalette>
#include <QRectF>
#include <QString>

class QPainter;

namespace manyhands::app {

/// How a stretch of time is drawn: tall = using a CPU, half = waiting, line = asleep.
struct Look
{
    enum class Body : std::uint8_t { filled, outlined, line };

    QColor colour;
    QColor letterColour;
    QString letter; ///< empty where there is none
    Body body = Body::filled;
    double height = 1.0; ///< share of the lane's bar, from its foot
    Qt::BrushStyle hatch = Qt::NoBrush;
    bool topTick = false;
};

/// A colour, a line style and a hatch for the n-th series of a chart; colours come again from the
/// fifth on, with a hatch that the first four have not.
struct SeriesLook
{
    QColor colour;
    Qt::PenStyle line = Qt::SolidLine;
    Qt::BrushStyle hatch = Qt::NoBrush; ///< upon the colour, of an area
};

/// All colours of one theme, read once from the embedded palette.
class Theme
{
public:
    static const Theme& light();
    static const Theme& dark();
    static const Theme& highContrast();
    /// For print without colours.
    static const Theme& grey();
    /// The theme that goes with a widget's palette: high contrast where that is nothing but white
    /// upon black.
    static const Theme& matching(const QPalette& palette);

    QColor background;
    QColor text;
    QColor secondaryText;
    QColor grid;
    QColor frame;
    QColor error;
    QColor warning;
    QColor success;

    QColor stateColour(State state) const { return look(state).colour; }
    Look look(State state) const;
    Look look(BudgetCategory category) const;
    /// Stopped from outside (SIGSTOP).
    Look stoppedLook() const;
    /// The mark of a lane that ended abnormally.
    QColor failedColour() const { return m_failed.colour; }
    SeriesLook series(int number) const;
    /// The colour of an amount, 0 to 1 of the greatest: what is great stands out from the
    /// background.
    QColor amountColour(double share) const;
    /// Black or white, whichever is told from `ground` more easily: 4.5:1 at least.
    static QColor inkUpon(const QColor& ground);

private:
    struct Entry
    {
        QColor colour;
        QColor letter;
    };

    explicit Theme(const char* name);
    Look outline(const QString& letter, Qt::BrushStyle hatch) const;

    Entry m_starting;
    Entry m_computing;
    Entry m_ipc;
    Entry m_ready;
    Entry m_waitingData;
    Entry m_waitingLock;
    Entry m_sleeping;
    Entry m_failed;
    QList<QColor> m_series;
    QList<QColor> m_amounts; ///< from little to much
};

/// Fills a rectangle as the area of a series.
void paintArea(QPainter& painter, const SeriesLook& series, const QRectF& area);

/// Draws bars of one look. Each rectangle is the whole height of its lane's bar; what the look
/// leaves free is cut off here. A handful of calls to the painter, however many bars.
void paintBars(QPainter& painter, const Look& look, const QList<QRectF>& bars);

/// Writes the look's letter into each bar that is wide and high enough for it.
void paintLetters(QPainter& painter, const Look& look, const QList<QRectF>& bars);

} // namespace manyhands::app
