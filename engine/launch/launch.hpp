// SPDX-License-Identifier: MIT
// Starting a program: the one place that uses Boost.Process.
#pragma once

#include "engine/os/descriptor.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace manyhands {

/// What to start and what it inherits.
struct LaunchOptions
{
    std::filesystem::path program;
    std::string argv0; ///< what the program sees as its name; the path where empty
    std::vector<std::string> arguments;
    /// Descriptors that the program keeps, under their numbers. It gets 0 to 2 and no others.
    std::vector<int> inherit;
    int standard_input = -1; ///< becomes descriptor 0, where not negative
    int output = -1; ///< becomes descriptor 1, where not negative
    int error_output = -1; ///< becomes descriptor 2, where not negative
    /// The program leads a process group of its own, which pause, stop and Ctrl-C act on.
    bool own_group = false;
};

/// A program that was started.
struct Launched
{
    int pid = 0;
    os::Descriptor process; ///< readable when the program has ended; names no other one ever
};

/// Starts a program. It is killed when the calling *thread* ends; call from the thread that lives
/// as long as the run. The caller reaps it. Throws MachineLacks naming program and reason where it
/// cannot be started; nothing is left behind then.
Launched launch(const LaunchOptions& options);

} // namespace manyhands
