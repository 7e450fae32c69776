// SPDX-License-Identifier: GPL-3.0-or-later
// Charts side by side where there is room for them, else one at a time under tabs.
#include "app/window/chart_shelf.hpp"

#include "app/views/chart.hpp"
#include "app/window/chart_panel.hpp"

#include <QResizeEvent>
#include <QSplitter>
#include <QStackedLayout>
#include <QTabWidget>

namespace manyhands::app {
namespace {

/// Below so much for each, legends leave no room for data.
constexpr int leastPanelCharacters = 40;

} // namespace

ChartShelf::ChartShelf(QWidget* parent)
    : QWidget(parent)
    , m_stack(new QStackedLayout(this))
    , m_row(new QSplitter(Qt::Horizontal, this))
    , m_tabs(new QTabWidget(this))
{
    m_row->setChildrenCollapsible(false);
    m_tabs->setDocumentMode(true);
    m_stack->addWidget(m_row);
    m_stack->addWidget(m_tabs);
    setMinimumHeight(120);
}

void ChartShelf::addPanel(ChartPanel* panel)
{
    m_panels.append(panel);
    m_row->addWidget(panel);
}

void ChartShelf::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int least = leastPanelCharacters * fontMetrics().averageCharWidth();
    const bool tabbed = event->size().width() < least * m_panels.size();
    if (tabbed != m_tabbed)
        arrange(tabbed);
}

void ChartShelf::arrange(bool tabbed)
{
    m_tabbed = tabbed;
    for (ChartPanel* panel : std::as_const(m_panels)) {
        if (tabbed)
            m_tabs->addTab(panel, panel->chart()->title());
        else
            m_row->addWidget(panel);
    }
    m_stack->setCurrentWidget(tabbed ? static_cast<QWidget*>(m_tabs) : m_row);
    if (!tabbed) {
        for (ChartPanel* panel : std::as_const(m_panels))
            panel->show();
    }
}

} // namespace manyhands::app
