// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/hatch.hpp"

#include "app/views/clipped_shapes.hpp"

#include <QPaintEngine>
#include <QPainter>
#include <QPen>

namespace manyhands::app {

void paintHatch(QPainter& painter, const QBrush& hatch, const QList<QRectF>& areas)
{
    if (painter.paintEngine()->type() == QPaintEngine::Raster
        && painter.transform().type() <= QTransform::TxTranslate) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(hatch);
        painter.drawRects(areas);
        return;
    }
    QPen pen(hatch.color(), 1, Qt::SolidLine, Qt::FlatCap);
    if (const double gap = hatchGap(hatch.style()); gap > 0)
        pen.setDashPattern({1, gap});
    const bool smooth = painter.testRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    QList<QLineF> lines;
    for (const QRectF& area : areas)
        lines.append(hatchLines(hatch.style(), {QPolygonF(area)}, area));
    painter.drawLines(lines);
    painter.setRenderHint(QPainter::Antialiasing, smooth);
    painter.setPen(Qt::NoPen);
}

} // namespace manyhands::app
