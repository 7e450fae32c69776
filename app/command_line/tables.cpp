// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/tables.hpp"

#include "app/command_line/console.hpp"

#include <functional>

namespace manyhands::app {
namespace {

/// Calls `write` for each table, which throws where that cannot be written.
bool writeEach(const std::vector<CsvRequest>& tables, const Interruption& interruption,
    const std::function<void(const CsvRequest&, const std::function<bool()>& cancelled)>& write)
{
    bool allWritten = true;
    const int signalsBefore = interruption.count();
    for (const CsvRequest& table : tables) {
        try {
            write(table, [&] { return interruption.count() > signalsBefore; });
        } catch (const Error& error) {
            printError(error.what());
            allWritten = false;
        }
    }
    return allWritten;
}

} // namespace

bool writeTables(const FinishedRun& run, const TableSelection& selection,
    const std::vector<CsvRequest>& tables, const Interruption& interruption)
{
    return writeEach(tables, interruption,
        [&](const CsvRequest& request, const std::function<bool()>& cancelled) {
            save_table(run, request.table, selection, request.path, cancelled);
        });
}

bool writeTables(
    const SweepRows& sweep, const std::vector<CsvRequest>& tables, const Interruption& interruption)
{
    return writeEach(tables, interruption,
        [&](const CsvRequest& request, const std::function<bool()>& cancelled) {
            save_table(sweep, request.path, cancelled);
        });
}

} // namespace manyhands::app
