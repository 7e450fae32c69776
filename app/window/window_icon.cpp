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

namespace {

void drawSign(QPainter& painter, Sign sign, const QColor& colour, double size)
{
    painter.setRenderHint(QPainter::Antialiasing, sign == Sign::play);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    const double edge = size / 8;
    const QRectF inside(edge, edge, size - 2 * edge, size - 2 * edge);
    const auto bar = [&](double left, double top, double width, double height) {
        painter.drawRect(
            QRectF(inside.left() + left * inside.width(), inside.top() + top * inside.height(),
                width * inside.width(), height * inside.height()));
    };
    const auto frame = [&](double head) {
        bar(0, 0, 1, head);
        bar(0, 0.9, 1, 0.1);
        bar(0, 0, 0.1, 1);
        bar(0.9, 0, 0.1, 1);
    };
    switch (sign) {
    case Sign::play:
        painter.drawPolygon(QPolygonF(
            {inside.topLeft(), inside.bottomLeft(), QPointF(inside.right(), inside.center().y())}));
        break;
    case Sign::pause:
        bar(0.1, 0, 0.3, 1);
        bar(0.6, 0, 0.3, 1);
        break;
    case Sign::stop:
        bar(0, 0, 1, 1);
        break;
    case Sign::table:
        frame(0.25);
        bar(0, 0.55, 1, 0.1);
        bar(0.45, 0, 0.1, 1);
        break;
    case Sign::large:
        frame(0.25);
        break;
    }
}

} // namespace

QIcon drawnSign(Sign sign, const QPalette& palette)
{
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 64}) {
        for (const bool enabled : {true, false}) {
            QPixmap pixmap(size, size);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            const QColor colour = palette.color(
                enabled ? QPalette::Active : QPalette::Disabled, QPalette::ButtonText);
            drawSign(painter, sign, colour, size);
            painter.end();
            icon.addPixmap(pixmap, enabled ? QIcon::Normal : QIcon::Disabled);
        }
    }
    return icon;
}

} // namespace manyhands::app
