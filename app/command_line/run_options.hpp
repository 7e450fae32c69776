// SPDX-License-Identifier: GPL-3.0-or-later
// What `manyhands run` and `manyhands sweep` were asked for, checked as far as it can be before.
#pragma once

#include "app/command_line/arguments.hpp"
#include "app/command_line/figure_options.hpp"
#include "app/command_line/report_writing.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/observe/run_tables.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::app {

/// A table of data to write after the run.
struct CsvRequest
{
    RunTable table;
    std::filesystem::path path;
};

struct RunOptions
{
    std::string lesson;
    std::vector<std::string> parameters; ///< name=value
    std::uint64_t seed = 1;
    std::optional<int> repeats;
    std::optional<double> timeoutSeconds;
    bool json = false;
    bool quiet = false;
    bool traced = true;
    std::optional<std::filesystem::path> save;
    FigureOptions figures;
    std::vector<CsvRequest> tables;
    std::optional<ReportRequest> report;
};

/// How `run` shows itself.
const CommandDescription& runDescription();

/// The options that `command` and `run` have in common; `tables`: those that the command has, the
/// one without a name first. Throws BadValue naming the option, its value and what is allowed.
RunOptions runOptionsFrom(
    const CommandDescription& command, const Arguments& given, const std::vector<RunTable>& tables);

/// The tables of a run: all but that of a sweep.
const std::vector<RunTable>& tablesOfRun();

/// What `--csv [TABLE=]FILE` asks for, of the tables that the command has; without a name the
/// first. Throws BadValue for another one and for a file that can be seen to be unwritable.
CsvRequest csvFrom(const std::string& text, const std::vector<RunTable>& tables);

/// The value of `--seed`; throws BadValue.
std::uint64_t seedFrom(std::string_view text);

} // namespace manyhands::app
