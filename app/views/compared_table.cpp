// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/compared_table.hpp"

#include <QCoreApplication>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::ComparedTable", text);
}

QString plainNumber(double value)
{
    return QString::number(value, 'g', 9);
}

QStringList settingRow(const ComparedSetting& setting, std::size_t runs)
{
    QStringList row = {tr("set: %1").arg(QString::fromStdString(setting.name)), {}};
    for (std::size_t run = 0; run < runs; ++run) {
        row << QString::fromStdString(setting.values[run]);
        if (run > 0)
            row << QString() << QString() << QString();
    }
    return row;
}

QStringList quantityRow(const ComparedQuantity& quantity, std::size_t runs)
{
    QStringList row
        = {QString::fromStdString(quantity.label), QString::fromStdString(quantity.unit)};
    for (std::size_t run = 0; run < runs; ++run) {
        const auto& value = quantity.values[run];
        row << (value ? plainNumber(value->value) : QString());
        if (run == 0)
            continue;
        const auto& difference = quantity.differences[run];
        const bool ratio = difference && difference->ratio;
        row << (difference ? plainNumber(difference->absolute) : QString())
            << (ratio ? plainNumber(*difference->ratio) : QString());
        if (difference)
            row << (difference->clear ? tr("yes") : tr("no"));
        else
            row << QString();
    }
    return row;
}

} // namespace

ChartTable differenceTable(const ComparedRuns& runs)
{
    ChartTable table;
    table.header = {tr("figure"), tr("unit")};
    const QString first = runs.runs.front().label;
    for (std::size_t run = 0; run < runs.runs.size(); ++run) {
        const QString& label = runs.runs[run].label;
        table.header << label;
        if (run > 0)
            table.header << tr("%1 - %2").arg(label, first) << tr("%1 / %2").arg(label, first)
                         << tr("clear difference of %1").arg(label);
    }
    for (const ComparedSetting& setting : runs.comparison.settings)
        table.rows.append(settingRow(setting, runs.runs.size()));
    for (const ComparedQuantity& quantity : runs.comparison.quantities)
        table.rows.append(quantityRow(quantity, runs.runs.size()));
    return table;
}

} // namespace manyhands::app
