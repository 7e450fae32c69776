// SPDX-License-Identifier: GPL-3.0-or-later
// A chart's content as a table, for people and programs that do not see pictures.
#include "app/views/chart_table.hpp"

#include <limits>
#include <utility>

namespace manyhands::app {
namespace {

/// Enough for nanoseconds of a run of three years, less than a double's noise.
constexpr int digits = 15;

void appendField(QString& csv, const QString& text)
{
    static const QString special = QStringLiteral(",\"\r\n");
    bool quoted = false;
    for (const QChar letter : text)
        quoted = quoted || special.contains(letter);
    if (!quoted) {
        csv += text;
        return;
    }
    csv += QLatin1Char('"');
    csv += QString(text).replace(QLatin1Char('"'), QStringLiteral("\"\""));
    csv += QLatin1Char('"');
}

void appendRow(QString& csv, const ChartTable& table, qsizetype row)
{
    for (int column = 0; column < table.columnCount(); ++column) {
        if (column > 0)
            csv += QLatin1Char(',');
        appendField(csv, cellText(table.at(row, column)));
    }
    csv += QLatin1Char('\n');
}

QString headerLine(const ChartTable& table)
{
    QString csv;
    for (int column = 0; column < table.columnCount(); ++column) {
        if (column > 0)
            csv += QLatin1Char(',');
        appendField(csv, table.header[column]);
    }
    return csv + QLatin1Char('\n');
}

} // namespace

void ChartTable::setLazy(qsizetype count, Cell cell)
{
    m_count = count;
    m_cell = std::move(cell);
}

QVariant ChartTable::at(qsizetype row, int column) const
{
    if (row < 0 || row >= rowCount() || column < 0 || column >= columnCount())
        return {};
    return m_cell ? m_cell(row, column) : QVariant(rows[row].value(column));
}

QString cellText(const QVariant& cell)
{
    switch (cell.typeId()) {
    case QMetaType::Double:
        return QString::number(cell.toDouble(), 'g', digits);
    case QMetaType::UnknownType:
        return {};
    default:
        return cell.toString();
    }
}

double cellNumber(const QVariant& cell)
{
    bool isNumber = false;
    const double number = cell.toDouble(&isNumber);
    return isNumber ? number : std::numeric_limits<double>::quiet_NaN();
}

QString toCsv(const ChartTable& table)
{
    QString csv = headerLine(table);
    for (qsizetype row = 0; row < table.rowCount(); ++row)
        appendRow(csv, table, row);
    return csv;
}

QString toCsv(const ChartTable& table, const QList<qsizetype>& rows)
{
    QString csv = headerLine(table);
    for (const qsizetype row : rows)
        appendRow(csv, table, row);
    return csv;
}

} // namespace manyhands::app
