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

std::int64_t Deadline::run_time_ns() noexcept
{
    // Relaxed: a reading from before a pause ended is looked at again at the next wake.
    return os::monotonic_ns()
        - this_process.segment.header().control.paused_ns.load(std::memory_order_relaxed);
}

void wake(const Segment& segment, std::uint32_t slot) noexcept
{
    std::atomic<std::uint32_t>& word = segment.slot(slot).wake;
    // Release: the sleeper sees what its waker did before.
    word.fetch_add(1, std::memory_order_release);
    os::futex_wake(word, 1);
}

void wake_everybody(const Segment& segment) noexcept
{
    const std::uint32_t slots
        = std::min(segment.header().slots_used.load(std::memory_order_acquire), slot_limit);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        const auto state
            = static_cast<SlotState>(segment.slot(slot).state.load(std::memory_order_relaxed));
        if (state == SlotState::running || state == SlotState::starting)
            wake(segment, slot);
    }
}

SpinBudget& spin_budget() noexcept
{
    static SpinBudget budget;
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

void sleep_until_woken(std::uint32_t token, std::chrono::nanoseconds at_most)
{
    if (this_process.before_sleeping != nullptr)
        this_process.before_sleeping();
    const std::chrono::nanoseconds longest
        = this_process.slot_number == main_slot ? longest_sleep_of_main : longest_sleep;
    os::futex_wait(this_process.slot().wake, token, std::min(at_most, longest));
    if (this_process.while_waiting != nullptr)
        this_process.while_waiting();
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

void Waiters::wake_one() noexcept
{
    for (std::uint32_t i = 0; i < bits_.size(); ++i) {
        // Sequentially consistent, as is what the caller did to the condition and enter().
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
