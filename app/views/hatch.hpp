// SPDX-License-Identifier: GPL-3.0-or-later
// Hatches that are as wide on paper as they are in a window.
#pragma once

#include <QBrush>
#include <QList>
#include <QRectF>

class QPainter;

namespace manyhands::app {

/// Fills areas with a hatch. Qt's own patterns have the size of the device's dots, which is too
/// fine wherever the painter is scaled: there it is drawn as lines.
void paintHatch(QPainter& painter, const QBrush& hatch, const QList<QRectF>& areas);

} // namespace manyhands::app
