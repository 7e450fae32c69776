// SPDX-License-Identifier: MIT
// What may still be started on this machine.
#pragma once

#include <cstdint>

namespace manyhands::os {

/// How many more processes this user may start: RLIMIT_NPROC (which does not bind root) and the
/// cgroup's pids.max, less what there is. A very large number where nothing limits it.
std::int64_t processes_left();

/// How many more descriptors this process may open.
std::int64_t descriptors_left();

/// How many of them a start may need for a moment, beside the pidfd that stays.
inline constexpr std::int64_t descriptors_to_spare = 16;

} // namespace manyhands::os
