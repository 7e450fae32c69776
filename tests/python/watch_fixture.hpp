// SPDX-License-Identifier: MIT
// The host that a watched Python program expects, for tests: gives out slots, reads back.
#pragma once

#include "engine/recording/recording.hpp"
#include "engine/trace/segment.hpp"

#include <string>
#include <vector>

/// What a program did, and what is known of it.
struct WatchedRun
{
    int exit = 0; ///< as in Python
    std::string output; ///< what it wrote to standard output
    std::string errors; ///< and to standard error
    manyhands::Recording recording; ///< empty where it was not watched
    std::vector<std::string> problems; ///< of its events, which no recorder would write

    /// The lane of this name; fails the test and returns the first one where there is none.
    const manyhands::Lane& lane(const std::string& name) const;
    /// Whether there is a lane of this name.
    bool has_lane(const std::string& name) const;
};

/// How a program is run.
struct WatchOptions
{
    std::vector<std::string> arguments = {}; ///< behind the script
    bool watched = true; ///< false: as it would run without us
    bool answers = true; ///< false: a host that gives no lane
    bool reads = true; ///< false: only once all have ended
    std::uint32_t layout_version = manyhands::segment_layout_version;
};

/// Runs `script` with python3 until its processes have ended; kills it after two minutes.
WatchedRun run_python(const std::string& script, const WatchOptions& options = {});
