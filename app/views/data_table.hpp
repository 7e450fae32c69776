// SPDX-License-Identifier: GPL-3.0-or-later
// The data behind a chart as a table to read, sort and copy: the chart's twin without a picture.
#pragma once

#include "app/views/chart_table.hpp"

#include <QPointer>
#include <QWidget>

class QLabel;
class QPushButton;
class QTableView;
class QTimer;

namespace manyhands::app {

class Chart;

/// The table of one chart, kept up with it. Opens at once however many rows there are.
class DataTable : public QWidget
{
    Q_OBJECT

public:
    explicit DataTable(QWidget* parent = nullptr);

    /// Shows the table of a chart from now on; nullptr: nothing.
    void setChart(Chart* chart);
    Chart* chart() const { return m_chart; }

    /// The rows in their present order, as CSV: those selected, or all.
    QString selectedAsCsv() const;
    QString allAsCsv() const;
    void copySelected();
    void copyAll();
    /// By clicking a column's head, or from there by the keys; -1: as the chart gives them.
    void sortBy(int column, Qt::SortOrder order);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    class Model;

    void read();
    void noteChange();

    QPointer<Chart> m_chart;
    Model* m_model;
    QTableView* m_view;
    QLabel* m_count;
    QPushButton* m_copy;
    QTimer* m_timer;
};

} // namespace manyhands::app
