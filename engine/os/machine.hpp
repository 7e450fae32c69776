// SPDX-License-Identifier: MIT
// What this machine is and how much of it may be used.
#pragma once

#include <cstdint>
#include <string>

namespace manyhands {

/// The machine as a run file names it; never the host's or a user's name.
struct Machine
{
    std::string cpu; ///< the CPU's model name
    int usable_cpus; ///< see usable_cpus()
    int logical_cpus; ///< those that the kernel has online
    std::uint64_t memory_bytes;
    std::string kernel; ///< "Linux 6.1.0"
    std::string version; ///< of Manyhands
    std::string commit; ///< that it was built from, or "unknown"
};

/// Reads the machine's description afresh.
Machine this_machine();

/// How many CPUs this process may really use, at least 1: the affinity mask, and the cgroup's CPU
/// quota (version 2 and 1) rounded up, whichever is less.
int usable_cpus();

/// Keeps this thread, and what it starts, on one of the CPUs of its affinity mask: the `index`-th,
/// counted from 0 and around. Returns whether the kernel allows it.
bool stay_on_cpu(int index) noexcept;

/// Memory that new work may take, in bytes: MemAvailable, and the cgroup's limit less its use.
std::uint64_t available_memory_bytes();

} // namespace manyhands
