// SPDX-License-Identifier: MIT
// A trace of another program, as what is shown of a run that has ended.
#pragma once

#include "engine/observe/finished_run.hpp"
#include "engine/recording/foreign_trace.hpp"

#include <filesystem>

namespace manyhands {

/// The trace that `path` held. Throws BadValue naming it where there is no span to show.
FinishedRun foreign_run(ForeignTrace trace, const std::filesystem::path& path);

} // namespace manyhands
