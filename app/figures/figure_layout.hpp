// SPDX-License-Identifier: GPL-3.0-or-later
// How the parts of every figure are set: letters, lines of text, and the units around them.
#pragma once

#include "app/figures/figure_settings.hpp"

#include <QFont>
#include <QStringList>

class QPainter;

namespace manyhands::app {

class Theme;

/// Of letters, in the units that a figure is laid out in: as in a window. Whatever else the charts
/// draw has its size in the same units, and so grows and shrinks with the letters.
inline constexpr int letterUnits = 13;
/// Around the texts, in the same units.
inline constexpr int figureMargin = letterUnits / 2;

const Theme& themeOf(FigureTheme theme);

/// Of all letters, `letterUnits` high; the same for everybody, whatever their desktop looks like.
QFont figureFont();

/// So many pixels make a unit, where `dpi` of them make an inch.
double pixelsPerUnit(const FigureSettings& settings, double dpi);

/// The text in lines of that width; the last one is cut short where they are more than `most`.
QStringList wrappedLines(const QString& text, const QFont& font, int width, int most);

/// Writes lines below each other, the first one's upper left corner at (x, y).
void drawLines(QPainter& painter, const QStringList& lines, const QFont& font, int x, int y);

} // namespace manyhands::app
