// SPDX-License-Identifier: GPL-3.0-or-later
// Lines and areas cut to a rectangle, for formats that cannot clip.
#pragma once

#include <QLineF>
#include <QList>
#include <QPolygonF>
#include <QRectF>

#include <optional>

namespace manyhands::app {

/// The part of a line that lies within the rectangle, its edge included; nothing where none does.
std::optional<QLineF> clippedLine(const QLineF& line, const QRectF& within);

/// The parts of a line through many points that lie within the rectangle, in order.
QList<QPolygonF> clippedPolyline(const QPolygonF& points, const QRectF& within);

/// The part of an area that lies within the rectangle; empty where none does. What falls apart
/// hangs together by lines upon the rectangle's edge.
QPolygonF clippedPolygon(const QPolygonF& area, const QRectF& within);

/// A hatch as lines: those of a brush's style, 8 units apart like Qt's own, cut to areas by the
/// even-odd rule and to the rectangle.
QList<QLineF> hatchLines(Qt::BrushStyle style, const QList<QPolygonF>& areas, const QRectF& within);
/// How long the gap behind each dot is, in dots, of a style that consists of dots along lines; 0
/// for one of lines.
double hatchGap(Qt::BrushStyle style);

} // namespace manyhands::app
