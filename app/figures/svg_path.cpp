// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/svg_path.hpp"

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

/// Coordinates are kept in whole hundredths of a unit: finer is not seen, and costs room.
constexpr double fineness = 100;
/// Beyond it a renderer's numbers overflow.
constexpr double farthest = 1e6;

std::int64_t hundredths(double value)
{
    return std::llround(std::clamp(value, -farthest, farthest) * fineness);
}

/// "12.5", ".5", "-3".
void appendNumber(QByteArray& text, std::int64_t value)
{
    if (value < 0) {
        text += '-';
        value = -value;
    }
    const std::int64_t whole = value / 100;
    const auto rest = static_cast<int>(value % 100);
    if (whole > 0 || rest == 0)
        text += QByteArray::number(static_cast<qlonglong>(whole));
    if (rest == 0)
        return;
    text += '.';
    text += static_cast<char>('0' + rest / 10);
    if (rest % 10 > 0)
        text += static_cast<char>('0' + rest % 10);
}

} // namespace

QByteArray svgNumber(double value)
{
    QByteArray text;
    appendNumber(text, hundredths(value));
    return text;
}

SvgPath::Place SvgPath::placeOf(const QPointF& point)
{
    return {hundredths(point.x()), hundredths(point.y())};
}

void SvgPath::append(const Place& place, const Place& from)
{
    appendNumber(m_text, place.x - from.x);
    // A minus parts two numbers as well.
    if (place.y >= from.y)
        m_text += ' ';
    appendNumber(m_text, place.y - from.y);
}

void SvgPath::moveTo(const QPointF& point)
{
    const Place from = m_text.isEmpty() ? Place{} : m_at;
    m_text += m_text.isEmpty() ? 'M' : 'm';
    m_at = placeOf(point);
    append(m_at, from);
    m_start = m_at;
}

void SvgPath::lineTo(const QPointF& point)
{
    const Place to = placeOf(point);
    if (to.y == m_at.y) {
        m_text += 'h';
        appendNumber(m_text, to.x - m_at.x);
    } else if (to.x == m_at.x) {
        m_text += 'v';
        appendNumber(m_text, to.y - m_at.y);
    } else {
        m_text += 'l';
        append(to, m_at);
    }
    m_at = to;
}

void SvgPath::curveTo(const QPointF& first, const QPointF& second, const QPointF& end)
{
    m_text += 'c';
    append(placeOf(first), m_at);
    m_text += ' ';
    append(placeOf(second), m_at);
    m_text += ' ';
    append(placeOf(end), m_at);
    m_at = placeOf(end);
}

void SvgPath::close()
{
    m_text += 'z';
    m_at = m_start;
}

void SvgPath::polygon(const QPolygonF& points)
{
    moveTo(points.first());
    for (qsizetype i = 1; i < points.size(); ++i)
        lineTo(points[i]);
}

void SvgPath::rect(const QRectF& rect)
{
    polygon(QPolygonF({rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()}));
    close();
}

} // namespace manyhands::app
