// SPDX-License-Identifier: GPL-3.0-or-later
// Charts side by side where there is room for them, else one at a time under tabs.
#pragma once

#include <QList>
#include <QWidget>

class QSplitter;
class QStackedLayout;
class QTabWidget;

namespace manyhands::app {

class ChartPanel;

/// Holds panels and rearranges them as its width changes.
class ChartShelf : public QWidget
{
    Q_OBJECT

public:
    explicit ChartShelf(QWidget* parent = nullptr);

    void addPanel(ChartPanel* panel);
    bool isTabbed() const { return m_tabbed; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange(bool tabbed);

    QStackedLayout* m_stack;
    QSplitter* m_row;
    QTabWidget* m_tabs;
    QList<ChartPanel*> m_panels;
    bool m_tabbed = false;
};

} // namespace manyhands::app
