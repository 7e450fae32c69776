// SPDX-License-Identifier: GPL-3.0-or-later
// A layout that sets widgets side by side and goes on in a new row where there is no room.
#pragma once

#include <QLayout>
#include <QList>

namespace manyhands::app {

/// Rows of widgets at their preferred sizes, as high as the width makes necessary.
class FlowLayout : public QLayout
{
    Q_OBJECT

public:
    explicit FlowLayout(QWidget* parent = nullptr);
    ~FlowLayout() override;

    void addItem(QLayoutItem* item) override;
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize minimumSize() const override;
    QSize sizeHint() const override;
    void setGeometry(const QRect& rect) override;

private:
    /// Sets the items into `rect`, or only computes how high that would be.
    int arrange(const QRect& rect, bool apply) const;

    QList<QLayoutItem*> m_items;
};

} // namespace manyhands::app
