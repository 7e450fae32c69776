// SPDX-License-Identifier: GPL-3.0-or-later
// Something in a chart that no plottable of the library draws: drawn by a function of the chart's.
#pragma once

#include <qcustomplot.h>

#include <cstdint>
#include <functional>
#include <utility>

namespace manyhands::app {

/// Calls its function whenever the plot is drawn, clipped to the rectangle of its axes, or to that
/// with the margins around it.
class Drawn : public QCPAbstractPlottable
{
public:
    using Draw = std::function<void(QCPPainter&)>;
    enum class Clip : std::uint8_t { axes, margins };

    /// Owned by the plot.
    Drawn(QCPAxis* keyAxis, QCPAxis* valueAxis, Draw draw, Clip clip = Clip::axes)
        : QCPAbstractPlottable(keyAxis, valueAxis)
        , m_draw(std::move(draw))
        , m_clip(clip)
    {
        setAntialiased(false);
    }

    double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
    QCPRange getKeyRange(bool& found, QCP::SignDomain) const override
    {
        found = false;
        return {};
    }
    QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override
    {
        found = false;
        return {};
    }

protected:
    QRect clipRect() const override
    {
        return m_clip == Clip::axes ? QCPAbstractPlottable::clipRect()
                                    : keyAxis()->axisRect()->outerRect();
    }
    void draw(QCPPainter* painter) override
    {
        painter->setAntialiasing(false);
        m_draw(*painter);
    }
    void drawLegendIcon(QCPPainter*, const QRectF&) const override { }

private:
    Draw m_draw;
    Clip m_clip;
};

} // namespace manyhands::app
