// SPDX-License-Identifier: MIT
// The life of the process that hosts a watched program.
#pragma once

#include "engine/watch/watch_arguments.hpp"

namespace manyhands {

/// Becomes two processes: the host, and its parent, which does nothing but wait for it and end what
/// it left, should it be killed. Returns the exit code, in both.
int watch_main(const WatchArguments& arguments);

} // namespace manyhands
