// SPDX-License-Identifier: MIT
// Where the parallel part of a run begins: runs side by side are aligned there.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>

namespace manyhands {

/// The moment (recorded time) at which the parallel part of the shown repeat begins: the first
/// task that a worker began in it; where workers had no tasks, the first of their spans that is not
/// `starting`; where there is neither, the begin of the shown interval.
std::int64_t parallel_begin(const Recording& recording);

} // namespace manyhands
