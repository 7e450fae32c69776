// SPDX-License-Identifier: MIT
// The one clock of a run: cheap ticks on the writing side, CLOCK_MONOTONIC nanoseconds elsewhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace manyhands::os {

/// Where ticks come from. The values are written into segments.
enum class ClockSource : std::uint32_t {
    monotonic = 1, ///< CLOCK_MONOTONIC, a tick is a nanosecond
    cycle_counter = 2, ///< the CPU's time stamp counter, only where the kernel itself trusts it
};

/// The same moment on both clocks.
struct ClockPair
{
    std::uint64_t ticks;
    std::int64_t monotonic_ns;
};

/// How ticks become nanoseconds: a line through two pairs.
struct ClockCalibration
{
    ClockSource source;
    std::uint32_t reserved;
    ClockPair first;
    ClockPair second;
};

inline std::int64_t monotonic_ns() noexcept
{
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

inline std::uint64_t read_ticks(ClockSource source) noexcept
{
#if defined(__x86_64__)
    if (source == ClockSource::cycle_counter) [[likely]]
        return __rdtsc();
#else
    static_cast<void>(source);
#endif
    return static_cast<std::uint64_t>(monotonic_ns());
}

/// Measures the relation of ticks to nanoseconds; takes up to 5 ms the first time in a process.
/// The cycle counter is chosen where the kernel's clocksource is `tsc`.
ClockCalibration calibrate_clock();

/// CLOCK_MONOTONIC itself, which any program can read: a tick is a nanosecond.
ClockCalibration monotonic_clock() noexcept;

/// Turns ticks into CLOCK_MONOTONIC nanoseconds. Immutable, so safe everywhere.
class Clock
{
public:
    explicit Clock(const ClockCalibration& calibration) noexcept;

    std::uint64_t ticks() const noexcept { return read_ticks(source_); }
    std::int64_t to_ns(std::uint64_t ticks) const noexcept;
    std::uint64_t to_ticks(std::int64_t monotonic) const noexcept;

private:
    ClockSource source_;
    ClockPair origin_;
    double ns_per_tick_;
};

inline std::int64_t Clock::to_ns(std::uint64_t ticks) const noexcept
{
    // Differences from the origin fit a double's 53 bits for a month of run time.
    const auto difference = static_cast<std::int64_t>(ticks - origin_.ticks);
    // A hostile writer's ticks may lie anywhere: what no clock can show is cut off.
    constexpr double most_ns = 4e18;
    const double ns = std::clamp(static_cast<double>(difference) * ns_per_tick_, -most_ns, most_ns);
    return origin_.monotonic_ns + static_cast<std::int64_t>(ns);
}

} // namespace manyhands::os
