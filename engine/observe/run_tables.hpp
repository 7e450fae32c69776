// SPDX-License-Identifier: MIT
// A run's data as tidy tables for other programs: CSV as in RFC 4180, UTF-8, with a header whose
// names end in the unit where there is one, and dots in numbers whatever the locale.
#pragma once

#include "engine/observe/finished_run.hpp"
#include "engine/observe/sweep.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// What a row is of.
enum class RunTable : std::uint8_t {
    spans, ///< a stay of a process in a state; an outer one stands before those within it
    channels, ///< a channel of the whole shown repeat
    repeats, ///< a repeat of the measurement
    sweep, ///< a value of the parameter that a sweep goes over
};
inline constexpr std::array all_run_tables
    = {RunTable::spans, RunTable::channels, RunTable::repeats, RunTable::sweep};

std::string_view name_of(RunTable table); ///< "spans"
std::optional<RunTable> run_table_named(std::string_view name);

/// What of a run goes into a table.
struct TableSelection
{
    /// What stands in the column "run"; the lesson's id where it is empty.
    std::string run;
    /// Spans that lie in it, whole or in part, and are not cut; of run time, as the charts' axes
    /// show it. All of them without one.
    std::optional<Interval> interval;
};

/// A value of a swept parameter, and what was measured with it.
struct SweepRow
{
    ParameterValue value;
    std::optional<int> workers; ///< processes that did tasks; nothing where that is not known
    std::vector<double> wall_s; ///< of each repeat
    std::optional<double> sequential_s; ///< T1 of the same work
    bool oversubscribed = false;
    std::vector<std::string> marks; ///< see Session::marks()
};

/// The points of a sweep as rows.
struct SweepRows
{
    std::string lesson; ///< id
    std::string parameter;
    std::vector<SweepRow> rows; ///< in the order of the points
};

SweepRows sweep_rows(const Sweep& sweep);

/// Takes the next piece of a table; throws to end the writing.
using TableSink = std::function<void(std::string_view piece)>;

/// Writes a table of `run`, row by row: no text holds it all. Times of spans are nanoseconds since
/// time 0 of the timeline (the start of the lesson's main process), less pauses of the run; what
/// had not ended lasts to the last moment known. Bytes are those of the messages copied in a span;
/// a message that was too quick to have one counts in its channel alone. Throws BadValue for
/// `sweep`, for `spans` and `channels` of a run without a trace, and for all but `spans` of another
/// program's.
void write_table(const FinishedRun& run, RunTable table, const TableSelection& selection,
    const TableSink& write);
/// Writes the table `sweep`: median and quartiles of the wall time over the repeats, and of T1 over
/// it, whose first quartile is that of the slower ones.
void write_table(const SweepRows& sweep, const TableSink& write);

/// The same, into a file. Whatever goes wrong is an Error naming the path; a file that stood there
/// is left as it was then. Once `cancelled` says true, the writing ends with an Error.
void save_table(const FinishedRun& run, RunTable table, const TableSelection& selection,
    const std::filesystem::path& path, const std::function<bool()>& cancelled = {});
void save_table(const SweepRows& sweep, const std::filesystem::path& path,
    const std::function<bool()>& cancelled = {});

} // namespace manyhands
