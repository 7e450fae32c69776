// SPDX-License-Identifier: GPL-3.0-or-later
// Charts in as many columns as there is room for; those that share a column stand under tabs.
#include "app/window/chart_shelf.hpp"

#include "app/views/chart.hpp"
#include "app/window/chart_panel.hpp"

#include <QHBoxLayout>
#include <QResizeEvent>
#include <QSplitter>
#include <QTabBar>
#include <QTabWidget>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Below so much for each, legends leave no room for data.
constexpr int leastPanelCharacters = 41;
constexpr int leastPanelLines = 9;

} // namespace

ChartShelf::ChartShelf(QWidget* parent)
    : QWidget(parent)
    , m_row(new QSplitter(Qt::Horizontal, this))
{
    m_row->setChildrenCollapsible(false);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_row);
}

QSize ChartShelf::minimumSizeHint() const
{
    return {200, std::max(120, leastPanelLines * fontMetrics().height())};
}

void ChartShelf::addPanel(ChartPanel* panel)
{
    panel->setTitleShown(false);
    m_panels.append(panel);
    arrange(std::max(1, columns()));
}

void ChartShelf::prependPanels(const QList<ChartPanel*>& panels)
{
    for (ChartPanel* panel : panels)
        panel->setTitleShown(false);
    m_panels = panels + m_panels;
    arrange(std::max(1, columns()));
}

void ChartShelf::removePanels(const QList<ChartPanel*>& panels)
{
    for (ChartPanel* panel : panels) {
        m_panels.removeAll(panel);
        m_wanted.removeAll(panel);
        if (m_only == panel)
            showOnly(nullptr);
        panel->setParent(nullptr);
        panel->hide();
    }
    arrange(std::max(1, columns()));
}

int ChartShelf::columnsThatFit() const
{
    const int least = leastPanelCharacters * fontMetrics().averageCharWidth();
    return std::clamp(
        width() / std::max(1, least), 1, std::max(1, static_cast<int>(m_panels.size())));
}

void ChartShelf::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (columnsThatFit() != columns())
        arrange(columnsThatFit());
}

void ChartShelf::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    // Later: the fonts of what is to be rearranged are still on their way.
    if (event->type() == QEvent::FontChange) {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (!m_panels.isEmpty() && columnsThatFit() != columns())
                    arrange(columnsThatFit());
            },
            Qt::QueuedConnection);
    }
}

void ChartShelf::arrange(int columns)
{
    const QWidget* focus = focusWidget();
    const bool hadFocus = focus && focus->hasFocus();
    for (ChartPanel* panel : std::as_const(m_panels))
        panel->setParent(this);
    while (m_columns.size() > columns) {
        // Later: a change of style may be walking through all widgets.
        m_columns.last()->hide();
        m_columns.takeLast()->deleteLater();
    }
    while (m_columns.size() < columns) {
        auto* tabs = new QTabWidget(m_row);
        tabs->setDocumentMode(true);
        connect(tabs, &QTabWidget::tabBarClicked, this, [this, tabs](int index) {
            if (auto* panel = qobject_cast<ChartPanel*>(tabs->widget(index)))
                bringForward(panel);
        });
        m_row->addWidget(tabs);
        tabs->show();
        m_columns.append(tabs);
    }
    for (int i = 0; i < m_panels.size(); ++i)
        m_columns[i % columns]->addTab(m_panels[i], m_panels[i]->chart()->title());
    for (QTabWidget* column : std::as_const(m_columns))
        column->setCurrentIndex(0);
    for (ChartPanel* panel : std::as_const(m_wanted))
        columnOf(panel)->setCurrentWidget(panel);
    m_row->setSizes(QList<int>(columns, std::max(1, width() / columns)));
    if (m_only)
        showOnly(m_only);
    if (hadFocus && focus->isVisible())
        const_cast<QWidget*>(focus)->setFocus(Qt::OtherFocusReason);
}

QTabWidget* ChartShelf::columnOf(ChartPanel* panel) const
{
    return m_columns[m_panels.indexOf(panel) % m_columns.size()];
}

void ChartShelf::bringForward(ChartPanel* panel)
{
    m_wanted.removeAll(panel);
    m_wanted.append(panel);
    columnOf(panel)->setCurrentWidget(panel);
}

void ChartShelf::showOnly(ChartPanel* panel)
{
    m_only = panel;
    if (panel)
        bringForward(panel);
    for (QTabWidget* column : std::as_const(m_columns)) {
        column->setVisible(!panel || column == columnOf(panel));
        column->tabBar()->setVisible(!panel);
    }
    for (ChartPanel* one : std::as_const(m_panels))
        one->setTitleShown(one == panel);
}

QList<ChartPanel*> ChartShelf::shown() const
{
    QList<ChartPanel*> result;
    for (const QTabWidget* column : m_columns) {
        auto* panel = qobject_cast<ChartPanel*>(column->currentWidget());
        if (panel && !column->isHidden())
            result.append(panel);
    }
    return result;
}

} // namespace manyhands::app
