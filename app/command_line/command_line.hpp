// SPDX-License-Identifier: GPL-3.0-or-later
// From the program's arguments to its exit code.
#pragma once

namespace manyhands::app {

/// Does what the arguments say. Every error becomes one line on standard error and its exit code.
int commandLine(int argc, char** argv);

} // namespace manyhands::app
