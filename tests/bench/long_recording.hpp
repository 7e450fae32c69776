// SPDX-License-Identifier: GPL-3.0-or-later
// The long run that frames and figures are drawn of.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstddef>

namespace manyhands::bench {

inline constexpr std::uint32_t drawn_lanes = 64;

/// A run of about `spans` spans, drawn_lanes at least, in that many lanes: pool workers that wait
/// for a task, receive it, compute and send the result. The same in every run of the program.
Recording long_recording(std::size_t spans);

} // namespace manyhands::bench
