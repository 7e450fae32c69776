// SPDX-License-Identifier: MIT
// How near two CPUs are to each other: virtual machines change it without a word, and every figure
// between processes with it.
#pragma once

#include <optional>

namespace manyhands::bench {

/// A word there and back between two spinning processes, in nanoseconds; nothing on one CPU.
std::optional<double> spin_round_trip_ns();

} // namespace manyhands::bench
