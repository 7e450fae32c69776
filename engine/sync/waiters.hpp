// SPDX-License-Identifier: MIT
// Who sleeps until something changes: one bit for each process, and each process's own futex word.
#pragma once

#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/trace/segment.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

namespace manyhands {

/// No time-out.
inline constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();

/// The observer has asked the run to end. Thrown by what waits; a lesson lets it pass.
class StopRequested : public Error
{
public:
    StopRequested()
        : Error({.object = "run", .problem = "was asked to stop"})
    {
    }
};

/// CLOCK_MONOTONIC less the time for which the run was paused.
std::int64_t run_time_ns() noexcept;

/// When a wait is over. Made once for a call, so that its parts share one time-out. Counts the time
/// that the run has run: while it is paused, no time-out comes nearer.
class Deadline
{
public:
    /// 0 is over at once. Throws BadValue for a negative time.
    explicit Deadline(std::chrono::nanoseconds timeout);
    bool over() const noexcept { return end_ns_ != never && run_time_ns() >= end_ns_; }
    std::chrono::nanoseconds left() const noexcept
    {
        return end_ns_ == never ? forever : std::chrono::nanoseconds(end_ns_ - run_time_ns());
    }
    /// The same, 0 once it is over: a time-out for a part of the call.
    std::chrono::nanoseconds left_or_none() const noexcept
    {
        return std::max(left(), std::chrono::nanoseconds::zero());
    }
    /// Who died since it was made: for what is said when it is over.
    std::vector<Death> deaths() const { return deaths_since(ends_before_); }

private:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    std::int64_t end_ns_;
    std::uint32_t ends_before_;
};

/// Sleeps on this process's own futex word until somebody wakes it, a child's state changes (in the
/// lesson's main process) or 100 ms are over; then does what this_process has to do while it waits.
/// `token` is the word as it was *before* the caller looked at its condition: a wake in between is
/// not lost.
void sleep_until_woken(std::uint32_t token, std::chrono::nanoseconds at_most);

/// The same on a descriptor, instead of the futex word; returns whether it is ready. A wake by a
/// futex does not end it: for what only the kernel tells.
bool sleep_until_ready(int descriptor, os::Readiness readiness, std::chrono::nanoseconds at_most);

/// How many times a waiter looks at its condition before it goes to sleep. Adapts: where looking
/// was in vain the last times, as it is where there are more processes than CPUs, it is done less.
class SpinBudget
{
public:
    int looks() const noexcept { return looks_; }
    void was_in_vain() noexcept { looks_ = looks_ > least ? looks_ / 2 : least; }
    void paid_off() noexcept { looks_ = looks_ < most / 2 ? looks_ * 2 : most; }

private:
    // A look with its pause takes some 20 to 50 ns: at the most 10 µs or so are spent, about as
    // much as going to sleep and being woken costs.
    static constexpr int least = 4;
    static constexpr int most = 256;
    int looks_ = most;
};

/// This thread's own.
SpinBudget& spin_budget() noexcept;

/// Tells the CPU that this is a loop that waits for another one.
void relax_cpu() noexcept;

/// This process's futex word now.
std::uint32_t wake_token() noexcept;

/// The sleepers of one condition. Lies in shared memory, zeros when new.
///
/// A process that dies or is stopped while it sleeps swallows at most one wake. Every death wakes
/// everybody, and every sleeper looks again after 100 ms, so nothing hangs for that.
class Waiters
{
public:
    /// Wakes one sleeper, if there is one; the caller has changed the condition before by a
    /// sequentially consistent store or exchange. Costs a look at one cache line where there is
    /// none.
    void wake_one() noexcept
    {
        if (anyone()) [[unlikely]]
            wake_first();
    }
    void wake_all() noexcept;

    /// Takes a dead process off the list and hands the wake that it may have swallowed to another.
    void forget(std::uint32_t slot) noexcept;

    /// Waits until `condition()` holds or `deadline` is over, or the process is asked to look
    /// elsewhere (`interrupted()`); returns whether the condition held. The condition is looked at
    /// with sequentially consistent loads. Throws StopRequested when the run is asked to end, and
    /// what `condition` throws.
    template <class Condition, class Interrupted>
    bool wait(const Deadline& deadline, Condition&& condition, Interrupted&& interrupted)
    {
        return spin(condition) || sleep(deadline, condition, interrupted);
    }
    /// The first part of wait(): looks for a moment whether `condition` holds, and returns that.
    template <class Condition>
    static bool spin(Condition&& condition)
    {
        for (int i = spin_budget().looks(); i > 0; --i) {
            if (condition()) {
                spin_budget().paid_off();
                return true;
            }
            relax_cpu();
        }
        spin_budget().was_in_vain();
        return false;
    }
    /// The second part: sleeps where the condition does not hold.
    template <class Condition, class Interrupted>
    bool sleep(const Deadline& deadline, Condition&& condition, Interrupted&& interrupted)
    {
        while (true) {
            const std::uint32_t token = wake_token();
            const Entry entry(*this);
            // The list is entered before the condition is looked at, and a waker changes the
            // condition before it looks at the list: one of the two sees the other.
            if (condition())
                return true;
            if (deadline.over() || interrupted())
                return false;
            if (this_process.stop_requested())
                throw StopRequested();
            sleep_until_woken(token, deadline.left());
        }
    }
    template <class Condition>
    bool wait(const Deadline& deadline, Condition&& condition)
    {
        return wait(deadline, condition, [] { return false; });
    }

private:
    // The process's place on the list, as long as it lives.
    class Entry
    {
    public:
        explicit Entry(Waiters& waiters) noexcept
            : waiters_(waiters)
        {
            waiters_.enter();
        }
        ~Entry() { waiters_.leave(); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

    private:
        Waiters& waiters_;
    };

    bool anyone() const noexcept
    {
        // Sequentially consistent, as is what the caller did to the condition, and enter().
        std::uint64_t bits = 0;
        for (const std::atomic<std::uint64_t>& some : bits_)
            bits |= some.load(std::memory_order_seq_cst);
        return bits != 0;
    }
    void wake_first() noexcept;
    void enter() noexcept;
    void leave() noexcept;

    alignas(64) std::array<std::atomic<std::uint64_t>, slot_limit / 64> bits_;
};
static_assert(std::is_trivially_destructible_v<Waiters>);

} // namespace manyhands
