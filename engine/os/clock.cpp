// SPDX-License-Identifier: MIT
#include "engine/os/clock.hpp"

#include <fstream>
#include <limits>
#include <string>

namespace manyhands::os {
namespace {

// Under 5 ms apart, the reading error of a pair (some 20 ns) would show as more than 10 ppm.
constexpr std::int64_t shortest_baseline_ns = 5'000'000;

ClockSource choose_source()
{
#if defined(__x86_64__)
    std::ifstream file("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    std::string name;
    if (file >> name && name == "tsc")
        return ClockSource::cycle_counter;
#endif
    return ClockSource::monotonic;
}

// Reads both clocks; of several tries the one with the shortest gap between the readings counts.
ClockPair read_pair(ClockSource source)
{
    ClockPair best = {};
    std::uint64_t narrowest = std::numeric_limits<std::uint64_t>::max();
    for (int attempt = 0; attempt < 16; ++attempt) {
        const std::uint64_t before = read_ticks(source);
        const std::int64_t monotonic = monotonic_ns();
        const std::uint64_t after = read_ticks(source);
        if (after - before < narrowest) {
            narrowest = after - before;
            best = {before + (after - before) / 2, monotonic};
        }
    }
    return best;
}

} // namespace

ClockCalibration calibrate_clock()
{
    static const ClockSource source = choose_source();
    static const ClockPair first = read_pair(source);
    ClockPair second = read_pair(source);
    while (second.monotonic_ns - first.monotonic_ns < shortest_baseline_ns)
        second = read_pair(source);
    return {source, 0, first, second};
}

ClockCalibration monotonic_clock() noexcept
{
    const std::int64_t ns = monotonic_ns();
    const ClockPair now = {static_cast<std::uint64_t>(ns), ns};
    return {ClockSource::monotonic, 0, now, now};
}

Clock::Clock(const ClockCalibration& calibration) noexcept
    : source_(calibration.source)
    , origin_(calibration.second)
    , ns_per_tick_(1.0)
{
    const auto ticks
        = static_cast<std::int64_t>(calibration.second.ticks - calibration.first.ticks);
    const std::int64_t ns = calibration.second.monotonic_ns - calibration.first.monotonic_ns;
    if (source_ == ClockSource::cycle_counter && ticks > 0 && ns > 0)
        ns_per_tick_ = static_cast<double>(ns) / static_cast<double>(ticks);
}

std::uint64_t Clock::to_ticks(std::int64_t monotonic) const noexcept
{
    const double difference = static_cast<double>(monotonic - origin_.monotonic_ns) / ns_per_tick_;
    return origin_.ticks + static_cast<std::uint64_t>(static_cast<std::int64_t>(difference));
}

} // namespace manyhands::os
