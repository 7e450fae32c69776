// SPDX-License-Identifier: GPL-3.0-or-later
// How runs differ, in numbers.
#include "app/window/comparison_table.hpp"

#include "app/views/compared_table.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Letters of a figure's name, and of a value; the longest ones are told by their tips.
constexpr int nameLetters = 22;
constexpr int valueLetters = 15;

} // namespace

ComparisonTable::ComparisonTable(QWidget* parent)
    : QTableWidget(parent)
{
    setAccessibleName(tr("Table of differences"));
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setTabKeyNavigation(false);
    setWordWrap(false);
    verticalHeader()->hide();
    horizontalHeader()->setHighlightSections(false);
}

void ComparisonTable::setRuns(const ComparedRuns& runs)
{
    const Comparison& comparison = runs.comparison;
    m_table = differenceTable(runs);
    QStringList shown = {tr("figure")};
    const QString first = runs.runs.front().label;
    for (std::size_t run = 0; run < runs.runs.size(); ++run) {
        const QString& label = runs.runs[run].label;
        shown << signOfRun(run);
        if (run > 0)
            shown << tr("%1 − %2").arg(label, first) << tr("%1 ÷ %2").arg(label, first);
    }
    setColumnCount(static_cast<int>(shown.size()));
    setHorizontalHeaderLabels(shown);
    setRowCount(static_cast<int>(comparison.settings.size() + comparison.quantities.size()));
    int row = 0;
    const auto put = [&](int column, const QString& text, bool number) {
        auto* item = new QTableWidgetItem(text);
        item->setToolTip(text);
        item->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        setItem(row, column, item);
    };
    for (const ComparedSetting& setting : comparison.settings) {
        int column = 0;
        put(column++, tr("set: %1").arg(QString::fromStdString(setting.name)), false);
        for (std::size_t run = 0; run < runs.runs.size(); ++run) {
            put(column++, QString::fromStdString(setting.values[run]), true);
            for (int i = 0; run > 0 && i < 2; ++i)
                put(column++, {}, true);
        }
        ++row;
    }
    for (const ComparedQuantity& quantity : comparison.quantities) {
        int column = 0;
        put(column++, QString::fromStdString(quantity.label), false);
        for (std::size_t run = 0; run < runs.runs.size(); ++run) {
            put(column++, valueText(quantity, run), true);
            if (run == 0)
                continue;
            put(column++, differenceText(quantity, run), true);
            put(column++, ratioText(quantity, run), true);
        }
        ++row;
    }
    resizeColumnsToContents();
    const int letter = fontMetrics().averageCharWidth();
    for (int column = 0; column < columnCount(); ++column) {
        const int letters = column == 0 ? nameLetters : valueLetters;
        setColumnWidth(column, std::min(columnWidth(column), letters * letter));
    }
    resizeRowsToContents();
    if (rowCount() > 0)
        setCurrentCell(0, 0);
    clearSelection();
}

void ComparisonTable::copy() const
{
    QList<qsizetype> rows;
    for (const QModelIndex& index : selectionModel()->selectedRows())
        rows.append(index.row());
    std::sort(rows.begin(), rows.end());
    QApplication::clipboard()->setText(rows.isEmpty() ? toCsv(m_table) : toCsv(m_table, rows));
}

void ComparisonTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        copy();
    else
        QTableWidget::keyPressEvent(event);
}

} // namespace manyhands::app
