// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's content as a table, for people and programs that do not see pictures.
#pragma once

#include <QList>
#include <QString>
#include <QStringList>
#include <QVariant>

#include <functional>

namespace manyhands::app {

/// Rows that are written down, or made when they are asked for, so that a million cost nothing
/// before they are seen. Cells are texts or numbers; a text that is a number counts as one.
struct ChartTable
{
    /// The cell of a row and column. It may look into the recording: the table holds only until the
    /// chart forgets the run.
    using Cell = std::function<QVariant(qsizetype row, int column)>;

    QStringList header; ///< with units
    QList<QStringList> rows; ///< of a table that is written down

    /// A table of `count` rows that `cell` makes, instead of `rows`.
    void setLazy(qsizetype count, Cell cell);

    qsizetype rowCount() const { return m_cell ? m_count : rows.size(); }
    int columnCount() const { return static_cast<int>(header.size()); }
    QVariant at(qsizetype row, int column) const;

private:
    Cell m_cell;
    qsizetype m_count = 0;
};

/// A cell as it stands in a file: the same whatever the person's language.
QString cellText(const QVariant& cell);
/// The number that a cell holds, or NaN.
double cellNumber(const QVariant& cell);

/// The table, or those of its rows, as CSV (RFC 4180): a header, commas, dots in numbers, quotes
/// where needed.
QString toCsv(const ChartTable& table);
QString toCsv(const ChartTable& table, const QList<qsizetype>& rows);

} // namespace manyhands::app
