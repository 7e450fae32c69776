// SPDX-License-Identifier: MIT
// A program of a person's own that is to be watched: what was typed, and what it stands for.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// Only what a person has typed becomes one, never what stands in a file.
struct WatchedCommand
{
    std::vector<std::string> words; ///< its name as typed, and its arguments
    std::filesystem::path program; ///< the file that its name stands for
};

/// The id of watched runs, where lessons have theirs.
inline constexpr const char* watched_id = "watch";

/// Finds the program as a shell would, in PATH. Throws BadValue naming the word: where there is no
/// such program, it is a folder or may not be executed, or the word is a line for a shell.
WatchedCommand find_command(std::vector<std::string> words);

/// Takes a line apart as a shell would, with its quotes and backslashes, and runs none: throws
/// BadValue for what only a shell can do (a pipe, a variable, a pattern) and for an open quote.
std::vector<std::string> words_of(std::string_view line);

/// The words as one line, quoted so that a shell takes them apart again.
std::string command_line_of(const std::vector<std::string>& words);

/// What stands in the place of a lesson's description in a watched run.
LessonDescription describe_command(const WatchedCommand& command);

} // namespace manyhands
