// SPDX-License-Identifier: MIT
// What a machine grants to the runs of lessons, and how still it is for measuring.
#include "engine/observe/machine_report.hpp"

#include "engine/observe/own_program.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/error.hpp"
#include "engine/os/limits.hpp"
#include "engine/trace/segment.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <thread>

namespace manyhands {
namespace {

std::string first_word(const char* path)
{
    std::ifstream file(path);
    std::string word;
    file >> word;
    return word;
}

std::optional<std::int64_t> unless_unlimited(std::int64_t left)
{
    return left == std::numeric_limits<std::int64_t>::max() ? std::nullopt : std::optional(left);
}

constexpr auto longest_answer_time = std::chrono::seconds(2);
constexpr auto between_looks = std::chrono::milliseconds(2);

} // namespace

std::string version_of(const std::filesystem::path& lesson_program)
{
    const auto end = std::chrono::steady_clock::now() + longest_answer_time;
    OwnProgram answering({"--version"}, lesson_program);
    while (answering.poll()) {
        if (std::chrono::steady_clock::now() > end)
            throw Error({.object = lesson_program.string(),
                .problem = "did not answer --version within 2 s"});
        std::this_thread::sleep_for(between_looks);
    }
    return answering.output().substr(0, answering.output().find('\n'));
}

MachineReport machine_report()
{
    const double quota = cpu_quota();
    double load = 0;
    const bool load_known = ::getloadavg(&load, 1) == 1;
    return {.machine = this_machine(),
        .affinity_cpus = affinity_cpus(),
        .cpu_quota = std::isfinite(quota) ? std::optional(quota) : std::nullopt,
        .available_memory_bytes = available_memory_bytes(),
        .most_processes = static_cast<int>(slot_limit),
        .processes_left = unless_unlimited(os::processes_left()),
        .descriptors_left = unless_unlimited(os::descriptors_left()),
        .features = kernel_features(),
        .clock_source
        = first_word("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        .cycle_counter = os::calibrate_clock().source == os::ClockSource::cycle_counter,
        .load_average = load_known ? std::optional(load) : std::nullopt,
        .governor = first_word("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")};
}

} // namespace manyhands
