// SPDX-License-Identifier: GPL-3.0-or-later
// The commands. To add one: a file of its own here, a line in this header, and one in the table
// of command_line.cpp.
#pragma once

#include <string>
#include <vector>

namespace manyhands::app {

/// The words that are commands.
std::vector<std::string> commandNames();

// Each takes the arguments without its own name, returns the exit code, and throws
// manyhands::Error for what went wrong.
int listCommand(const std::vector<std::string>& arguments);
int describeCommand(const std::vector<std::string>& arguments);
int doctorCommand(const std::vector<std::string>& arguments);
int exportCommand(const std::vector<std::string>& arguments);
int runCommand(const std::vector<std::string>& arguments);
int sweepCommand(const std::vector<std::string>& arguments);
int compareCommand(const std::vector<std::string>& arguments);
/// `argc` and `argv` are those of main(): it may open the window.
int watchCommand(const std::vector<std::string>& arguments, int argc, char** argv);

/// No command: the window, at a lesson where the first word names one. `argc` and `argv` are those
/// of main().
int openWindow(const std::vector<std::string>& arguments, int argc, char** argv);

} // namespace manyhands::app
