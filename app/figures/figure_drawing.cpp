// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_drawing.hpp"

#include "engine/observe/lesson_program.hpp"

#include <qcustomplot.h>

namespace manyhands::app {

QImage FigureDrawing::image()
{
    const QSize pixels = settings().pixels();
    QImage image(pixels, QImage::Format_ARGB32_Premultiplied);
    if (image.isNull())
        throw MachineLacks({.object = "a picture of " + std::to_string(pixels.width()) + "x"
                + std::to_string(pixels.height()) + " pixels",
            .problem = "does not fit into memory",
            .advice = "choose a smaller size or fewer dpi"});
    image.fill(Qt::transparent);
    QCPPainter painter(&image);
    draw(painter, pixels, settings().dpi);
    painter.end();
    return image;
}

} // namespace manyhands::app
