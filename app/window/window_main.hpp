// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a window, from its options to its exit code.
#pragma once

#include "engine/observe/lesson_program.hpp"
#include "engine/observe/watched_command.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands::app {

/// What the window begins with.
struct WindowOptions
{
    std::optional<LessonReference> lesson; ///< nothing: our first one
    std::vector<std::string> parameters; ///< name=value words
    bool run = false; ///< at once
    bool json = false; ///< print the run when it ends, and quit
    std::uint64_t seed = 1;
    std::vector<std::string> files; ///< saved runs, instead of a lesson
    std::optional<WatchedCommand> watch; ///< to be run at once, instead of a lesson
};

/// Shows the window; returns the exit code. Throws BadValue for a bad parameter and MachineLacks
/// where there is no display, both before anything is shown.
int windowMain(int argc, char** argv, const WindowOptions& options);

} // namespace manyhands::app
