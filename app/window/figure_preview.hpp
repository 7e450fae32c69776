// SPDX-License-Identifier: GPL-3.0-or-later
// A figure as it will be, as large as there is room.
#pragma once

#include <QImage>
#include <QString>
#include <QWidget>

namespace manyhands::app {

/// Shows a picture in its middle, or says why there is none.
class FigurePreview : public QWidget
{
    Q_OBJECT

public:
    explicit FigurePreview(QWidget* parent = nullptr);

    /// In device pixels; what is transparent in it is shown upon squares.
    void setPicture(const QImage& picture);
    const QImage& picture() const { return m_picture; }
    /// In place of a picture.
    void setNote(const QString& note);
    /// How large a picture of that shape can be, in device pixels.
    QSize room(QSize shape) const;

    QSize sizeHint() const override { return {440, 300}; }
    QSize minimumSizeHint() const override { return {240, 160}; }

signals:
    void resized();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QImage m_picture;
    QString m_note;
};

} // namespace manyhands::app
