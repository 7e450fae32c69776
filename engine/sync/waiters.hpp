// SPDX-License-Identifier: MIT
// Who sleeps until something changes: one bit for each process, and each process's own futex word.
#pragma once

#include "engine/trace/segment.hpp"
#include "engine/trace/this_process.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

namespace manyhands {

/// No time-out.
inline constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

/// When a wait is over. Made once for a call, so that its parts share one time-out.
class Deadline
{
public:
    explicit Deadline(std::chrono::nanoseconds timeout) noexcept
        : end_(timeout == forever ? std::chrono::steady_clock::time_point::max()
                                  : std::chrono::steady_clock::now() + timeout)
    {
    }
    bool over() const noexcept
    {
        return end_ != std::chrono::steady_clock::time_point::max()
            && std::chrono::steady_clock::now() >= end_;
    }
    std::chrono::nanoseconds left() const noexcept
    {
        return end_ == std::chrono::steady_clock::time_point::max()
            ? forever
            : end_ - std::chrono::steady_clock::now();
    }

private:
    std::chrono::steady_clock::time_point end_;
};

/// Wakes the process in `slot`, if it sleeps, and keeps it from falling asleep if it is about to.
void wake(const Segment& segment, std::uint32_t slot) noexcept;

/// Sleeps on this process's own futex word until somebody wakes it, a child's state changes (in the
/// lesson's main process) or 100 ms are over. `token` is the word as it was *before* the caller
/// looked at its condition: a wake in between is not lost.
void sleep_until_woken(std::uint32_t token, std::chrono::nanoseconds at_most) noexcept;

/// This process's futex word now.
std::uint32_t wake_token() noexcept;

/// The sleepers of one condition. Lies in shared memory, zeros when new.
///
/// A process that dies or is stopped while it sleeps swallows at most one wake, and every sleeper
/// looks again after 100 ms, so nothing hangs for that.
class Waiters
{
public:
    /// Wakes one sleeper, if there is one. Costs a look at one cache line where there is none.
    void wake_one() noexcept;
    void wake_all() noexcept;

    /// Takes a dead process off the list and hands the wake that it may have swallowed to another.
    void forget(std::uint32_t slot) noexcept;

    /// Waits until `condition()` holds or `deadline` is over, or the process is asked to look
    /// elsewhere (`interrupted()`); returns whether the condition held.
    template <class Condition, class Interrupted>
    bool wait(const Deadline& deadline, Condition&& condition, Interrupted&& interrupted)
    {
        while (true) {
            const std::uint32_t token = wake_token();
            enter();
            // The list is entered before the condition is looked at, and a waker changes the
            // condition before it looks at the list: one of the two sees the other.
            const bool held = condition();
            if (!held && !deadline.over() && !interrupted()) {
                sleep_until_woken(token, deadline.left());
                leave();
                continue;
            }
            leave();
            return held;
        }
    }

private:
    void enter() noexcept;
    void leave() noexcept;

    alignas(64) std::array<std::atomic<std::uint64_t>, slot_limit / 64> bits_;
};
static_assert(std::is_trivially_destructible_v<Waiters>);

} // namespace manyhands
