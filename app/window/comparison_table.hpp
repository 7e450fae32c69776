// SPDX-License-Identifier: GPL-3.0-or-later
// How runs differ, in numbers.
#pragma once

#include "app/views/chart_table.hpp"
#include "app/views/compared_runs.hpp"

#include <QTableWidget>

namespace manyhands::app {

/// A row for each setting that differs and each figure: its value in each run, and how far it is
/// from that of the first one.
class ComparisonTable : public QTableWidget
{
    Q_OBJECT

public:
    explicit ComparisonTable(QWidget* parent = nullptr);

    void setRuns(const ComparedRuns& runs);
    /// The rows with full numbers, in base units, as CSV.
    QString asCsv() const { return toCsv(m_table); }
    /// The selected rows, or all, to the clipboard: by Ctrl+C.
    void copy() const;

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    ChartTable m_table;
};

} // namespace manyhands::app
