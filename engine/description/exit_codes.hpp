// SPDX-License-Identifier: MIT
// How our programs end, for whoever called them.
#pragma once

namespace manyhands::exit_code {

inline constexpr int done = 0;          ///< a crash that a lesson is about is done, too
inline constexpr int failed = 1;        ///< the run or a check failed, or an output afterwards
inline constexpr int usage = 2;         ///< usage, a bad parameter, an output path seen unwritable
inline constexpr int machine_lacks = 3; ///< no display, no memory, no processes

/// Ended by signal `number`.
constexpr int signal(int number) { return 128 + number; }

} // namespace manyhands::exit_code
