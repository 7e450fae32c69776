// SPDX-License-Identifier: GPL-3.0-or-later
// The data table of a chart, in a window beside the main one.
#include "app/window/table_window.hpp"

#include "app/views/chart.hpp"
#include "app/views/data_table.hpp"

#include <QShortcut>
#include <QVBoxLayout>

namespace manyhands::app {

QWidget* openTableWindow(Chart& chart, QWidget* parent)
{
    auto* window = new QWidget(parent, Qt::Window);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(QWidget::tr("%1: table – Manyhands").arg(chart.title()));
    auto* table = new DataTable(window);
    table->setChart(&chart);
    auto* column = new QVBoxLayout(window);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(table);
    auto* close = new QShortcut(QKeySequence(Qt::Key_Escape), window);
    QObject::connect(close, &QShortcut::activated, window, &QWidget::close);
    const int letter = window->fontMetrics().averageCharWidth();
    window->resize(100 * letter, 60 * letter);
    window->show();
    window->activateWindow();
    table->setFocus(Qt::OtherFocusReason);
    return window;
}

} // namespace manyhands::app
