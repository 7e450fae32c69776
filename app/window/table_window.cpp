// SPDX-License-Identifier: GPL-3.0-or-later
// The data table of a chart, in a window beside the main one.
#include "app/window/table_window.hpp"

#include "app/views/chart.hpp"

#include <QShortcut>
#include <QTableWidget>
#include <QVBoxLayout>

namespace manyhands::app {

QWidget* openTableWindow(Chart& chart, QWidget* parent)
{
    auto* window = new QWidget(parent, Qt::Window);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(QWidget::tr("%1: table – Manyhands").arg(chart.title()));
    const ChartTable content = chart.table();
    auto* table = new QTableWidget(
        static_cast<int>(content.rows.size()), static_cast<int>(content.header.size()), window);
    table->setHorizontalHeaderLabels(content.header);
    for (int row = 0; row < table->rowCount(); ++row) {
        for (int column = 0; column < table->columnCount(); ++column)
            table->setItem(row, column, new QTableWidgetItem(content.rows[row].value(column)));
    }
    table->setAccessibleName(QWidget::tr("Data table"));
    auto* column = new QVBoxLayout(window);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(table);
    auto* close = new QShortcut(QKeySequence(Qt::Key_Escape), window);
    QObject::connect(close, &QShortcut::activated, window, &QWidget::close);
    const int letter = window->fontMetrics().averageCharWidth();
    window->resize(100 * letter, 60 * letter);
    window->show();
    table->setFocus(Qt::OtherFocusReason);
    return window;
}

} // namespace manyhands::app
