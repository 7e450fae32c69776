// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/details_pane.hpp"

#include "app/views/explain.hpp"

#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace manyhands::app {

DetailsPane::DetailsPane(ViewState* view, QWidget* parent)
    : QWidget(parent)
    , m_view(view)
    , m_title(new QLabel(this))
    , m_sentence(new QLabel(this))
    , m_table(new QTableWidget(0, 2, this))
    , m_links(new QVBoxLayout)
{
    setAccessibleName(tr("Details of selection"));
    QFont bold = font();
    bold.setBold(true);
    m_title->setFont(bold);
    for (QLabel* label : {m_title, m_sentence}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    }
    m_table->setAccessibleName(tr("Details of selection, as a table"));
    m_table->horizontalHeader()->hide();
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(1, QHeaderView::Stretch);
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setWordWrap(true);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(6, 6, 6, 6);
    column->addWidget(m_title);
    column->addWidget(m_sentence);
    column->addLayout(m_links);
    column->addWidget(m_table, 1);
    connect(m_view, &ViewState::selectionChanged, this, &DetailsPane::selectionChanged);
    showSelection();
}

void DetailsPane::showRun(const RunFacts& facts)
{
    m_facts = facts;
    selectionChanged();
}

void DetailsPane::clear()
{
    m_facts = RunFacts{};
    selectionChanged();
}

void DetailsPane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        showSelection();
}

void DetailsPane::selectionChanged()
{
    m_stale = true;
    if (isVisible())
        showSelection();
}

void DetailsPane::showSelection()
{
    m_stale = false;
    const Explanation words = explain(m_view->selection(), m_facts);
    const bool nothing = words.title.isEmpty();
    m_title->setText(nothing ? tr("Nothing selected") : words.title);
    m_sentence->setText(nothing ? tr("Click a bar of the timeline, or walk with ↑ ↓ to a process "
                                     "and with , . to what it did. Drag selects an interval.")
                                : words.sentence);
    m_table->setVisible(!words.rows.isEmpty());
    m_table->setRowCount(static_cast<int>(words.rows.size()));
    for (int row = 0; row < words.rows.size(); ++row) {
        const auto& [name, value] = words.rows[row];
        m_table->setItem(row, 0, new QTableWidgetItem(name));
        m_table->setItem(row, 1, new QTableWidgetItem(value));
    }
    showLinks(words.links);
}

void DetailsPane::showLinks(const QList<std::pair<QString, Target>>& links)
{
    while (QLayoutItem* item = m_links->takeAt(0)) {
        // A button that was pressed is still at work.
        item->widget()->deleteLater();
        delete item;
    }
    constexpr qsizetype most = 4;
    for (const auto& [words, target] : links.mid(0, most)) {
        QString text = words;
        auto* button = new QPushButton(text.replace(QLatin1Char('&'), QStringLiteral("&&")), this);
        button->setMinimumHeight(24);
        connect(button, &QPushButton::clicked, this, [this, to = target] { m_view->select(to); });
        m_links->addWidget(button);
    }
}

} // namespace manyhands::app
