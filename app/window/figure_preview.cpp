// SPDX-License-Identifier: GPL-3.0-or-later
// A figure as it will be, as large as there is room.
#include "app/window/figure_preview.hpp"

#include <QPainter>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr int border = 1;
/// Of the squares that stand for what is transparent.
constexpr int square = 8;

} // namespace

FigurePreview::FigurePreview(QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(tr("Preview of the figure"));
}

void FigurePreview::setPicture(const QImage& picture)
{
    m_picture = picture;
    m_picture.setDevicePixelRatio(devicePixelRatioF());
    m_note.clear();
    update();
}

void FigurePreview::setNote(const QString& note)
{
    m_picture = {};
    m_note = note;
    setAccessibleDescription(note);
    update();
}

QSize FigurePreview::room(QSize shape) const
{
    const QSize all = (size() - QSize(2 * border, 2 * border)) * devicePixelRatioF();
    // Larger than it will be it need not be.
    return shape.scaled(all.boundedTo(shape), Qt::KeepAspectRatio).expandedTo({1, 1});
}

void FigurePreview::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    if (m_picture.isNull()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(rect().adjusted(8, 8, -8, -8), Qt::AlignCenter | Qt::TextWordWrap, m_note);
        return;
    }
    const QSize size = m_picture.deviceIndependentSize().toSize();
    const QRect place(QPoint((width() - size.width()) / 2, (height() - size.height()) / 2), size);
    if (m_picture.hasAlphaChannel()) {
        painter.fillRect(place, Qt::white);
        for (int y = 0; y < size.height(); y += square) {
            for (int x = y / square % 2 * square; x < size.width(); x += 2 * square) {
                const QRect one(place.left() + x, place.top() + y, square, square);
                painter.fillRect(one.intersected(place), QColor(0xd8, 0xd8, 0xd8));
            }
        }
    }
    painter.drawImage(place.topLeft(), m_picture);
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawRect(place.adjusted(-border, -border, 0, 0));
}

void FigurePreview::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    emit resized();
}

} // namespace manyhands::app
