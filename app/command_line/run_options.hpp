// SPDX-License-Identifier: GPL-3.0-or-later
// What `manyhands run` and `manyhands sweep` were asked for, checked as far as it can be before.
#pragma once

#include "app/command_line/arguments.hpp"
#include "app/command_line/report_writing.hpp"
#include "engine/description/lesson_description.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::app {

/// A figure to draw after the run.
struct FigureRequest
{
    std::string view;
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
    std::vector<FigureRequest> figures;
    std::optional<ReportRequest> report;
};

/// How `run` shows itself.
const CommandDescription& runDescription();

/// The options that `command` and `run` have in common. Throws BadValue naming the option, its
/// value and what is allowed.
RunOptions runOptionsFrom(const CommandDescription& command, const Arguments& given);

/// Throws BadValue for figures of views that the lesson does not have.
void checkFigures(const RunOptions& options, const LessonDescription& lesson);

/// The value of `--seed`; throws BadValue.
std::uint64_t seedFrom(std::string_view text);

} // namespace manyhands::app
