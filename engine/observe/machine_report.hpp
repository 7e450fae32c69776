// SPDX-License-Identifier: MIT
// What a machine grants to the runs of lessons, and how still it is for measuring.
#pragma once

#include "engine/os/kernel_features.hpp"
#include "engine/os/machine_details.hpp" // what to compare a version with, for the app

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// Looked up afresh by machine_report().
struct MachineReport
{
    Machine machine;
    int affinity_cpus; ///< CPUs that this process may run on
    std::optional<double> cpu_quota; ///< in CPUs; nothing where no cgroup sets one
    std::uint64_t available_memory_bytes;
    int most_processes; ///< that a run may have alive
    std::optional<std::int64_t> processes_left; ///< nothing where nothing limits them
    std::optional<std::int64_t> descriptors_left; ///< likewise
    std::vector<KernelFeature> features;
    std::string clock_source; ///< of the kernel, "tsc"; empty where it does not say
    bool cycle_counter; ///< whether events are stamped with the CPU's own counter
    std::optional<double> load_average; ///< of the last minute
    std::string governor; ///< of the first CPU, "performance"; empty where the kernel sets no pace
};

MachineReport machine_report();

/// What the `--version` of a lesson program says. Answers within 2 s, or throws Error.
std::string version_of(const std::filesystem::path& lesson_program);

} // namespace manyhands
