// SPDX-License-Identifier: MIT
// The lock under all others: one word in shared memory that says who holds it.
#pragma once

#include "engine/sync/deaths.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/waiters.hpp"

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace manyhands {

/// A lock of processes. Lies in shared memory, zeros when new.
///
/// The word is 0 or the holder's ProcessKey, with a bit beside it that says that somebody sleeps
/// for it. One compare-and-swap takes it and names the holder, so there is no moment in which a
/// death would be anybody's: who finds that the holder has ended takes over with one
/// compare-and-swap from the dead one's word to its own. What the lock guards is as the dead left
/// it.
class RobustLock
{
public:
    struct Taking
    {
        bool taken = false;
        ProcessKey from_dead = 0; ///< who held it and has ended; 0: it was free
        explicit operator bool() const noexcept { return taken; }
    };

    /// Room on the lock's own cache line for what its holder alone reads and writes.
    struct Own
    {
        std::uint64_t taken_ticks;
        std::uint64_t depth;
        std::uint16_t taken_place;
        bool taken_told; ///< by lock_taken: so is its end
    };

    /// Takes it if it is free.
    bool try_take() noexcept
    {
        std::uint64_t expected = 0;
        // Acquire: what the last holder wrote is seen. Relaxed where it is held: nothing is.
        return word_.compare_exchange_strong(
            expected, own_key(), std::memory_order_acquire, std::memory_order_relaxed);
    }
    /// Takes it if it is free or held by one who is known to have ended.
    Taking try_take_over() noexcept;
    /// Waits for it, until `deadline`. Throws StopRequested when the run is asked to end.
    Taking take(const Deadline& deadline, WaitSpan* span = nullptr);

    /// By its holder.
    void release() noexcept
    {
        // Sequentially consistent: the word changes before the list of sleepers is looked at.
        if ((word_.exchange(0, std::memory_order_seq_cst) & contended) != 0)
            waiters_.wake_one();
    }

    /// Who holds it now; 0: nobody.
    ProcessKey holder() const noexcept
    {
        // Relaxed: whether it is this process, only this process changes; of others it is news.
        return word_.load(std::memory_order_relaxed) & ~contended;
    }
    bool is_ours() const noexcept { return holder() == own_key(); }

    Own& own() noexcept { return own_; }

private:
    // Slots need 8 of the 32 bits below the generation.
    static constexpr std::uint64_t contended = std::uint64_t{1} << 31;
    static_assert(slot_limit <= contended);

    bool take_or_mark(Taking& taking) noexcept;

    alignas(64) std::atomic<std::uint64_t> word_;
    Own own_;
    Waiters waiters_;
};
static_assert(std::is_trivially_destructible_v<RobustLock>);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// Holds a RobustLock that was taken.
class RobustHold
{
public:
    explicit RobustHold(RobustLock& lock) noexcept
        : lock_(lock)
    {
    }
    ~RobustHold() { lock_.release(); }
    RobustHold(const RobustHold&) = delete;
    RobustHold& operator=(const RobustHold&) = delete;

private:
    RobustLock& lock_;
};

} // namespace manyhands
