// SPDX-License-Identifier: MIT
#include "engine/sync/waiters.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/futex.hpp"

#include <algorithm>
#include <bit>
#include <string>

namespace manyhands {
namespace {

// However a wake was lost, nobody sleeps longer than this without another look. The main process
// also drains the rings while it waits, which do not hold more than 33 ms of the fastest writer.
constexpr std::chrono::milliseconds longest_sleep{100};
constexpr std::chrono::milliseconds longest_sleep_of_main{30};

} // namespace

std::int64_t run_time_ns() noexcept
{
    const std::atomic<std::int64_t>& paused_ns = this_process.segment.header().control.paused_ns;
    // A pause may lie between the two readings: its time would be taken off a clock that does not
    // show it yet. Acquire: the clock is read between the loads.
    std::int64_t paused = paused_ns.load(std::memory_order_acquire);
    while (true) {
        const std::int64_t now = os::monotonic_ns();
        const std::int64_t again = paused_ns.load(std::memory_order_acquire);
        if (again == paused)
            return now - paused;
        paused = again;
    }
}

Deadline::Deadline(std::chrono::nanoseconds timeout)
    : ends_before_(ends_so_far())
{
    if (timeout < std::chrono::nanoseconds::zero())
        throw BadValue({.object = "time-out",
            .problem = "is negative",
            .value = std::to_string(timeout.count()) + " ns",
            .limit = "0 or more"});
    const std::int64_t now = run_time_ns();
    end_ns_ = timeout.count() < never - now ? now + timeout.count() : never;
}

SpinBudget& spin_budget() noexcept
{
    static thread_local SpinBudget budget;
    return budget;
}

void relax_cpu() noexcept
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

std::uint32_t wake_token() noexcept
{
    return this_process.slot().wake.load(std::memory_order_acquire);
}

namespace {

// What comes before a sleep; returns how long it may take.
std::chrono::nanoseconds go_to_sleep(std::chrono::nanoseconds at_most)
{
    if (this_process.before_sleeping != nullptr)
        this_process.before_sleeping();
    const std::chrono::nanoseconds longest
        = this_process.slot_number == main_slot ? longest_sleep_of_main : longest_sleep;
    return std::min(at_most, longest);
}

} // namespace

void sleep_until_woken(std::uint32_t token, std::chrono::nanoseconds at_most)
{
    os::futex_wait(this_process.slot().wake, token, go_to_sleep(at_most));
    if (this_process.while_waiting != nullptr)
        this_process.while_waiting();
}

bool sleep_until_ready(int descriptor, os::Readiness readiness, std::chrono::nanoseconds at_most)
{
    const bool ready = os::wait_until_ready(descriptor, readiness, go_to_sleep(at_most));
    // Who is woken by an answer asks the next question first: that many of them leave time for the
    // rest, too, is their own duty (MessagePipe::attend).
    if (!ready && this_process.while_waiting != nullptr)
        this_process.while_waiting();
    return ready;
}

void Waiters::enter() noexcept
{
    const std::uint32_t slot = this_process.slot_number;
    // Sequentially consistent, as in wake_one(): a store here and a load of the condition there
    // must not both pass each other.
    bits_[slot / 64].fetch_or(std::uint64_t{1} << slot % 64, std::memory_order_seq_cst);
}

void Waiters::leave() noexcept
{
    const std::uint32_t slot = this_process.slot_number;
    bits_[slot / 64].fetch_and(~(std::uint64_t{1} << slot % 64), std::memory_order_relaxed);
}

void Waiters::wake_first() noexcept
{
    for (std::uint32_t i = 0; i < bits_.size(); ++i) {
        // Sequentially consistent, as in anyone().
        std::uint64_t bits = bits_[i].load(std::memory_order_seq_cst);
        while (bits != 0) {
            const auto bit = static_cast<std::uint32_t>(std::countr_zero(bits));
            const std::uint64_t mask = std::uint64_t{1} << bit;
            // Whoever takes the bit off wakes: no two wakers spend their wake on one sleeper.
            if ((bits_[i].fetch_and(~mask, std::memory_order_relaxed) & mask) != 0) {
                wake(this_process.segment, i * 64 + bit);
                return;
            }
            bits = bits_[i].load(std::memory_order_relaxed);
        }
    }
}

void Waiters::wake_all() noexcept
{
    for (std::uint32_t i = 0; i < bits_.size(); ++i) {
        // Looked at first: where nobody sleeps, the cache line stays everybody's.
        if (bits_[i].load(std::memory_order_seq_cst) == 0)
            continue;
        std::uint64_t bits = bits_[i].exchange(0, std::memory_order_relaxed);
        for (; bits != 0; bits &= bits - 1)
            wake(this_process.segment, i * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)));
    }
}

void Waiters::forget(std::uint32_t slot) noexcept
{
    bits_[slot / 64].fetch_and(~(std::uint64_t{1} << slot % 64), std::memory_order_relaxed);
    wake_one();
}

} // namespace manyhands
