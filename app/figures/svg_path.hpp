// SPDX-License-Identifier: GPL-3.0-or-later
// The text of an SVG path, as short as it can be.
#pragma once

#include <QByteArray>
#include <QPolygonF>
#include <QRectF>

#include <cstdint>

namespace manyhands::app {

/// "12.5", ".5", "-3": to hundredths.
QByteArray svgNumber(double value);

/// Collects the commands of a path, each relative to the point where the last one ended.
class SvgPath
{
public:
    bool isEmpty() const { return m_text.isEmpty(); }
    const QByteArray& text() const { return m_text; }

    void moveTo(const QPointF& point);
    void lineTo(const QPointF& point);
    void curveTo(const QPointF& first, const QPointF& second, const QPointF& end);
    void close();
    /// From the first point to the last; not closed.
    void polygon(const QPolygonF& points);
    void rect(const QRectF& rect);

private:
    /// In hundredths: whole numbers, so that nothing adds up from step to step.
    struct Place
    {
        std::int64_t x = 0;
        std::int64_t y = 0;
    };

    static Place placeOf(const QPointF& point);
    void append(const Place& place, const Place& from);

    QByteArray m_text;
    Place m_at;
    Place m_start; ///< of the part that is open
};

} // namespace manyhands::app
