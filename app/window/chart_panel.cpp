// SPDX-License-Identifier: GPL-3.0-or-later
// A chart in its place in the window, under a head with its title and what it comes to.
#include "app/window/chart_panel.hpp"

#include "app/views/chart.hpp"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace manyhands::app {

ChartPanel::ChartPanel(Chart* chart, QWidget* parent)
    : QFrame(parent)
    , m_chart(chart)
    , m_title(new QLabel(chart->title(), this))
    , m_summary(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setBuddy(chart);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setMinimumWidth(0);
    m_summary->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);

    auto* head = new QHBoxLayout;
    head->setContentsMargins(6, 2, 6, 2);
    head->setSpacing(8);
    head->addWidget(m_title);
    head->addWidget(m_summary, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    chart->setParent(this);
    column->addWidget(chart, 1);
    connect(chart, &Chart::summaryChanged, this, &ChartPanel::showSummary);
}

void ChartPanel::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    showSummary();
}

void ChartPanel::showSummary()
{
    const QString words = m_chart->isEmpty() ? QString() : m_chart->summary();
    m_summary->setToolTip(words);
    const int room = std::max(0, width() - m_title->sizeHint().width() - 24);
    m_summary->setText(m_summary->fontMetrics().elidedText(words, Qt::ElideRight, room));
}

} // namespace manyhands::app
