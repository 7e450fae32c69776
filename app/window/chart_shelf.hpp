// SPDX-License-Identifier: GPL-3.0-or-later
// Charts in as many columns as there is room for; those that share a column stand under tabs.
#pragma once

#include <QList>
#include <QWidget>

class QSplitter;
class QTabWidget;

namespace manyhands::app {

class ChartPanel;

/// Holds panels and rearranges them as its width changes. The first ones get a column each.
class ChartShelf : public QWidget
{
    Q_OBJECT

public:
    explicit ChartShelf(QWidget* parent = nullptr);

    void addPanel(ChartPanel* panel);
    /// Puts panels before all others, so that they get the first columns.
    void prependPanels(const QList<ChartPanel*>& panels);
    /// Takes panels out; they belong to the caller then.
    void removePanels(const QList<ChartPanel*>& panels);
    int columns() const { return static_cast<int>(m_columns.size()); }
    /// Brings a panel to the front of its column.
    void bringForward(ChartPanel* panel);
    /// Gives all the room to one panel; nullptr: to all again.
    void showOnly(ChartPanel* panel);
    /// The panels that are to be seen, from left to right.
    QList<ChartPanel*> shown() const;

    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    int columnsThatFit() const;
    void arrange(int columns);
    QTabWidget* columnOf(ChartPanel* panel) const;

    QSplitter* m_row;
    QList<QTabWidget*> m_columns;
    QList<ChartPanel*> m_panels;
    QList<ChartPanel*> m_wanted; ///< brought to the front, the latest last
    ChartPanel* m_only = nullptr;
};

} // namespace manyhands::app
