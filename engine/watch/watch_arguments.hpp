// SPDX-License-Identifier: MIT
// What an observer hands to the host of a watched program.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace manyhands {

/// The words behind the lesson program's name: `--watch SEGMENT LIFELINE REPORTS PROGRAM --
/// WORD...`.
struct WatchArguments
{
    int segment = -1; ///< descriptors
    int lifeline = -1;
    int reports = -1; ///< lines of description/watch_report.hpp go there
    std::string program; ///< the file that is executed
    std::vector<std::string> words; ///< its name and arguments
};

/// Nothing where the words are those of a lesson.
std::optional<WatchArguments> watch_arguments_from(std::span<char* const> words);

} // namespace manyhands
