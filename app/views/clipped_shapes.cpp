// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/clipped_shapes.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace manyhands::app {
namespace {

/// Between lines of a hatch, across them for those that go along an axis, along the axis for
/// slanted ones.
constexpr double hatchStep = 8;

/// One side of Sutherland and Hodgman's method: keeps what lies where `inside` is not negative.
template <typename Inside>
QPolygonF cutAt(const QPolygonF& area, Inside inside)
{
    QPolygonF result;
    for (qsizetype i = 0; i < area.size(); ++i) {
        const QPointF& from = area[i];
        const QPointF& to = area[(i + 1) % area.size()];
        const double a = inside(from);
        const double b = inside(to);
        if (a >= 0)
            result.append(from);
        if ((a >= 0) != (b >= 0))
            result.append(from + (to - from) * (a / (a - b)));
    }
    return result;
}

/// Appends where the line `normal`·p = `offset` runs within the areas.
void appendWithin(QList<QLineF>& lines, const QList<QPolygonF>& areas, QPointF normal,
    double offset, const QRectF& within)
{
    const QPointF along(-normal.y(), normal.x());
    QList<double> crossings;
    for (const QPolygonF& area : areas) {
        for (qsizetype i = 0; i < area.size(); ++i) {
            const QPointF& from = area[i];
            const QPointF& to = area[(i + 1) % area.size()];
            const double a = QPointF::dotProduct(from, normal) - offset;
            const double b = QPointF::dotProduct(to, normal) - offset;
            if ((a >= 0) != (b >= 0))
                crossings.append(QPointF::dotProduct(from + (to - from) * (a / (a - b)), along));
        }
    }
    std::sort(crossings.begin(), crossings.end());
    const double square = QPointF::dotProduct(normal, normal);
    const QPointF foot = normal * (offset / square);
    for (qsizetype i = 0; i + 1 < crossings.size(); i += 2) {
        const QLineF line(
            foot + along * (crossings[i] / square), foot + along * (crossings[i + 1] / square));
        if (const auto cut = clippedLine(line, within); cut && cut->length() > 0)
            lines.append(*cut);
    }
}

} // namespace

std::optional<QLineF> clippedLine(const QLineF& line, const QRectF& within)
{
    // Liang and Barsky's: the shares of the line at which it enters and leaves.
    double enters = 0;
    double leaves = 1;
    const auto cut = [&](double step, double room) {
        if (step == 0)
            return room >= 0;
        const double share = room / step;
        if (step < 0)
            enters = std::max(enters, share);
        else
            leaves = std::min(leaves, share);
        return enters <= leaves;
    };
    if (!std::isfinite(line.x1()) || !std::isfinite(line.y1()) || !std::isfinite(line.x2())
        || !std::isfinite(line.y2()))
        return std::nullopt;
    if (!cut(-line.dx(), line.x1() - within.left()) || !cut(line.dx(), within.right() - line.x1())
        || !cut(-line.dy(), line.y1() - within.top())
        || !cut(line.dy(), within.bottom() - line.y1()))
        return std::nullopt;
    return QLineF(line.pointAt(enters), line.pointAt(leaves));
}

QList<QPolygonF> clippedPolyline(const QPolygonF& points, const QRectF& within)
{
    QList<QPolygonF> parts;
    bool goesOn = false;
    for (qsizetype i = 0; i + 1 < points.size(); ++i) {
        const QLineF line(points[i], points[i + 1]);
        const auto cut = clippedLine(line, within);
        if (!cut) {
            goesOn = false;
            continue;
        }
        if (!goesOn || parts.isEmpty() || parts.last().last() != cut->p1())
            parts.append(QPolygonF({cut->p1()}));
        parts.last().append(cut->p2());
        goesOn = cut->p2() == line.p2();
    }
    return parts;
}

QPolygonF clippedPolygon(const QPolygonF& area, const QRectF& within)
{
    QPolygonF result = area;
    if (result.isClosed())
        result.removeLast();
    result = cutAt(result, [&](const QPointF& point) { return point.x() - within.left(); });
    result = cutAt(result, [&](const QPointF& point) { return within.right() - point.x(); });
    result = cutAt(result, [&](const QPointF& point) { return point.y() - within.top(); });
    return cutAt(result, [&](const QPointF& point) { return within.bottom() - point.y(); });
}

QList<QLineF> hatchLines(Qt::BrushStyle style, const QList<QPolygonF>& areas, const QRectF& within)
{
    QRectF bounds;
    for (const QPolygonF& area : areas)
        bounds |= area.boundingRect();
    bounds &= within;
    QList<QLineF> lines;
    if (bounds.isEmpty())
        return lines;
    const auto fill = [&](QPointF normal, double step, double first) {
        const double corners[] = {QPointF::dotProduct(bounds.topLeft(), normal),
            QPointF::dotProduct(bounds.topRight(), normal),
            QPointF::dotProduct(bounds.bottomLeft(), normal),
            QPointF::dotProduct(bounds.bottomRight(), normal)};
        const auto [low, high] = std::minmax_element(std::begin(corners), std::end(corners));
        for (double at = std::ceil((*low - first) / step) * step + first; at <= *high; at += step)
            appendWithin(lines, areas, normal, at, bounds);
    };
    const QPointF down(0, 1);
    const QPointF right(1, 0);
    const double middle = hatchStep / 2;
    switch (style) {
    case Qt::HorPattern:
        fill(down, hatchStep, middle);
        break;
    case Qt::VerPattern:
        fill(right, hatchStep, middle);
        break;
    case Qt::CrossPattern:
        fill(down, hatchStep, middle);
        fill(right, hatchStep, middle);
        break;
    case Qt::BDiagPattern:
        fill({1, 1}, hatchStep, 0);
        break;
    case Qt::FDiagPattern:
        fill({1, -1}, hatchStep, 0);
        break;
    case Qt::DiagCrossPattern:
        fill({1, 1}, hatchStep, 0);
        fill({1, -1}, hatchStep, 0);
        break;
    case Qt::Dense7Pattern:
        fill(down, hatchStep / 2, 1.5);
        break;
    default: // the denser ones
        fill(down, hatchStep / 4, 1.5);
        break;
    }
    return lines;
}

double hatchGap(Qt::BrushStyle style)
{
    return style >= Qt::Dense1Pattern && style <= Qt::Dense7Pattern ? 3 : 0;
}

} // namespace manyhands::app
