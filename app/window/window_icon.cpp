// SPDX-License-Identifier: GPL-3.0-or-later
// The program's sign, drawn.
#include "app/window/window_icon.hpp"

#include "app/views/theme.hpp"

#include <QPainter>

#include <iterator>

namespace manyhands::app {

QIcon drawnIcon()
{
    struct Bar
    {
        double left;
        double right;
        State state;
    };
    constexpr Bar lanes[4][2] = {{{0, 0.35, State::computing}, {0.35, 1, State::waiting_data}},
        {{0.2, 0.3, State::starting}, {0.3, 0.95, State::computing}},
        {{0.25, 0.35, State::starting}, {0.35, 0.8, State::computing}},
        {{0.3, 0.4, State::starting}, {0.4, 1, State::computing}}};
    QIcon icon;
    for (const int size : {16, 32, 64, 128}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(Theme::light().background);
        painter.drawRoundedRect(QRectF(0, 0, size, size), size / 8.0, size / 8.0);
        const double margin = size / 8.0;
        const double width = size - 2 * margin;
        const double row = width / std::size(lanes);
        double y = margin;
        for (const auto& lane : lanes) {
            for (const Bar& bar : lane) {
                const Look look = Theme::light().look(bar.state);
                const double full = row * 0.75;
                painter.setBrush(look.colour);
                painter.drawRect(QRectF(margin + bar.left * width, y + full * (1 - look.height),
                    (bar.right - bar.left) * width, full * look.height));
            }
            y += row;
        }
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace manyhands::app
