// SPDX-License-Identifier: MIT
// What machine.hpp sums up, in its parts; defined with it.
#pragma once

#include "engine/os/machine.hpp"

#include <string>

namespace manyhands {

/// The two that usable_cpus() looks at: CPUs of the affinity mask, and the tightest quota of the
/// cgroups in CPUs (infinity where there is none).
int affinity_cpus();
double cpu_quota();

/// "0.1 (commit 1f2e3d4)": which build a program is of.
std::string version_text(const Machine& machine);

} // namespace manyhands
