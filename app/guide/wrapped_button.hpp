// SPDX-License-Identifier: GPL-3.0-or-later
// Buttons whose text goes on in further lines where the pane is narrow.
#pragma once

#include <QPushButton>
#include <QRadioButton>

namespace manyhands::app {

/// One of several answers. Enter takes it, as the space bar does.
class WrappedRadio : public QRadioButton
{
    Q_OBJECT

public:
    /// `text` is plain: an ampersand in it is no more than that.
    explicit WrappedRadio(const QString& text, QWidget* parent = nullptr);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool hitButton(const QPoint& position) const override { return rect().contains(position); }

private:
    int indent() const;
    QString m_plain;
};

/// Does something at once. Enter presses it, as the space bar does.
class WrappedButton : public QPushButton
{
    Q_OBJECT

public:
    explicit WrappedButton(const QString& text, QWidget* parent = nullptr);

    QString plainText() const { return m_plain; }
    void setPlainText(const QString& text);

    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QString m_plain;
};

} // namespace manyhands::app
