// SPDX-License-Identifier: GPL-3.0-or-later
// The data behind a chart as a table to read, sort and copy.
#include "app/views/data_table.hpp"

#include "app/views/chart.hpp"
#include "app/views/wording.hpp"

#include <QAbstractTableModel>
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace manyhands::app {
namespace {

/// A live run's table is read again this often: more would move what a person is reading.
constexpr int refreshMs = 1000;
/// And by itself only while that is done in a moment.
constexpr qsizetype mostRowsLive = 20'000;
/// As wide as the widest of so many cells is a column to begin with.
constexpr int rowsMeasured = 100;

} // namespace

/// Gives rows in sorted order. Cells are made when they are seen.
class DataTable::Model : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    void setTable(const ChartTable& table)
    {
        beginResetModel();
        const bool same = table.header == m_table.header;
        m_table = table;
        m_order.clear();
        m_numeric.clear();
        for (int column = 0; column < m_table.columnCount(); ++column)
            m_numeric.append(
                m_table.rowCount() > 0 && std::isfinite(cellNumber(m_table.at(0, column))));
        if (!same)
            m_column = -1;
        order();
        endResetModel();
    }

    const ChartTable& table() const { return m_table; }
    qsizetype sourceRow(qsizetype row) const { return m_order.isEmpty() ? row : m_order[row]; }

    int rowCount(const QModelIndex& parent = {}) const override
    {
        constexpr qsizetype most = std::numeric_limits<int>::max();
        return parent.isValid() ? 0 : static_cast<int>(std::min(most, m_table.rowCount()));
    }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : m_table.columnCount();
    }

    QVariant data(const QModelIndex& index, int role) const override
    {
        if (!index.isValid())
            return {};
        const bool numeric = m_numeric.value(index.column());
        if (role == Qt::TextAlignmentRole)
            return QVariant(Qt::AlignVCenter | (numeric ? Qt::AlignRight : Qt::AlignLeft));
        if (role != Qt::DisplayRole)
            return {};
        QString text = cellText(m_table.at(sourceRow(index.row()), index.column()));
        if (numeric)
            text.replace(QLatin1Char('.'), QLocale().decimalPoint());
        return text;
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (role == Qt::DisplayRole && orientation == Qt::Horizontal)
            return m_table.header.value(section);
        if (role == Qt::DisplayRole)
            return section + 1;
        return {};
    }

    void sort(int column, Qt::SortOrder order) override
    {
        m_column = column;
        m_descending = order == Qt::DescendingOrder;
        emit layoutAboutToBeChanged();
        this->order();
        emit layoutChanged();
    }

private:
    template <typename Key>
    void orderBy(const std::vector<Key>& keys)
    {
        m_order.resize(m_table.rowCount());
        std::iota(m_order.begin(), m_order.end(), qsizetype{0});
        const auto less = [&](qsizetype one, qsizetype other) {
            const Key& left = keys[static_cast<std::size_t>(one)];
            const Key& right = keys[static_cast<std::size_t>(other)];
            return m_descending ? right < left : left < right;
        };
        std::stable_sort(m_order.begin(), m_order.end(), less);
    }

    void order()
    {
        m_order.clear();
        if (m_column < 0 || m_column >= m_table.columnCount())
            return;
        // Each cell is made once, not at each comparison.
        const auto count = static_cast<std::size_t>(m_table.rowCount());
        if (m_numeric.value(m_column)) {
            std::vector<double> keys(count);
            for (std::size_t row = 0; row < count; ++row) {
                const double key = cellNumber(m_table.at(static_cast<qsizetype>(row), m_column));
                keys[row] = std::isnan(key) ? -std::numeric_limits<double>::infinity() : key;
            }
            orderBy(keys);
        } else {
            std::vector<QString> keys(count);
            for (std::size_t row = 0; row < count; ++row)
                keys[row] = cellText(m_table.at(static_cast<qsizetype>(row), m_column));
            orderBy(keys);
        }
    }

    ChartTable m_table;
    QList<qsizetype> m_order; ///< empty: as the table has them
    QList<bool> m_numeric; ///< by column
    int m_column = -1;
    bool m_descending = false;
};

DataTable::DataTable(QWidget* parent)
    : QWidget(parent)
    , m_model(new Model(this))
    , m_view(new QTableView(this))
    , m_count(new QLabel(this))
    , m_copy(new QPushButton(tr("Copy all as CSV"), this))
    , m_timer(new QTimer(this))
{
    m_view->setModel(m_model);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setWordWrap(false);
    m_view->setTabKeyNavigation(false);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    // A million rows are not measured.
    m_view->horizontalHeader()->setResizeContentsPrecision(rowsMeasured);
    m_view->horizontalHeader()->setSectionsClickable(true);
    m_view->horizontalHeader()->setSortIndicatorClearable(true);
    m_view->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_view->setSortingEnabled(true);
    m_count->setTextFormat(Qt::PlainText);
    m_copy->setMinimumHeight(24);
    m_timer->setSingleShot(true);
    m_timer->setInterval(refreshMs);

    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(6, 2, 6, 2);
    foot->addWidget(m_count, 1);
    foot->addWidget(m_copy);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_view, 1);
    column->addLayout(foot);
    setFocusProxy(m_view);
    connect(m_copy, &QPushButton::clicked, this, &DataTable::copyAll);
    connect(m_timer, &QTimer::timeout, this, &DataTable::read);
}

void DataTable::setChart(Chart* chart)
{
    if (m_chart)
        m_chart->disconnect(this);
    m_chart = chart;
    if (chart) {
        m_view->setAccessibleName(tr("Data of %1").arg(chart->accessibleName()));
        connect(chart, &Chart::tableChanged, this, &DataTable::noteChange);
    }
    read();
}

void DataTable::noteChange()
{
    // What is shown may stand in a recording that goes now.
    if (!m_chart || !m_chart->hasRun()) {
        m_timer->stop();
        read();
    } else if (!m_timer->isActive()) {
        m_timer->start();
    }
}

void DataTable::read()
{
    const ChartTable table = m_chart && m_chart->hasRun() ? m_chart->table() : ChartTable();
    const bool first = table.header != m_model->table().header;
    if (!first && table.rowCount() > mostRowsLive && table.rowCount() == m_model->rowCount())
        return;
    m_model->setTable(table);
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + 4);
    if (first) {
        m_view->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
        m_view->resizeColumnsToContents();
    }
    m_count->setText(tr("%n row(s)", nullptr, m_model->rowCount()));
    m_copy->setEnabled(m_model->rowCount() > 0);
}

void DataTable::sortBy(int column, Qt::SortOrder order)
{
    m_view->horizontalHeader()->setSortIndicator(column, order);
}

QString DataTable::selectedAsCsv() const
{
    QList<qsizetype> rows;
    const QItemSelection selection = m_view->selectionModel()->selection();
    for (const QItemSelectionRange& range : selection) {
        for (int row = range.top(); row <= range.bottom(); ++row)
            rows.append(row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    for (qsizetype& row : rows)
        row = m_model->sourceRow(row);
    return rows.isEmpty() ? allAsCsv() : toCsv(m_model->table(), rows);
}

QString DataTable::allAsCsv() const
{
    QList<qsizetype> rows(m_model->rowCount());
    for (qsizetype row = 0; row < rows.size(); ++row)
        rows[row] = m_model->sourceRow(row);
    return toCsv(m_model->table(), rows);
}

void DataTable::copySelected()
{
    QApplication::clipboard()->setText(selectedAsCsv());
}

void DataTable::copyAll()
{
    QApplication::clipboard()->setText(allAsCsv());
}

void DataTable::keyPressEvent(QKeyEvent* event)
{
    // The view hands on what it does not know; its own copy would be one cell.
    if (event->matches(QKeySequence::Copy)) {
        copySelected();
        return;
    }
    QWidget::keyPressEvent(event);
}

void DataTable::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    read();
}

} // namespace manyhands::app
