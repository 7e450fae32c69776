// SPDX-License-Identifier: MIT
// Locks of processes that survive their owners, as Python's multiprocessing.Lock and RLock.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/sync/robust_lock.hpp"
#include "engine/sync/shared_text.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>

namespace manyhands {

/// How a lock is made.
struct LockOptions
{
    std::string name = {}; ///< "Lock-1" … where empty, by the lock's number in the run
    /// Whether holds are timed, so that those of 10 µs and more, and those behind a wait, are told:
    /// two readings of the clock for each. Contended waits are told in any case.
    bool trace_holds = true;
};

/// What Lock and RLock have in shared memory.
struct LockState
{
    /// What is written once, when it is made.
    struct Description
    {
        std::uint64_t told_hold_ticks; ///< holds of this length are told; 0: holds are not timed
        std::uint16_t number; ///< in the trace
        bool reentrant;
        SharedName name;
    };

    RobustLock lock;
    alignas(64) Description description;

    /// Makes one, in memory of zeros.
    static SharedBlock make(const LockOptions& options, bool reentrant);

    bool try_take(const std::source_location& where) noexcept;
    std::optional<std::string> take(
        std::chrono::nanoseconds timeout, const std::source_location& where);
    void release();
    /// Lets go of it, however often its owner has locked it; returns how often that was. Throws
    /// Error where the caller is not the owner.
    std::uint64_t release_all();
    /// Takes it again, locked so often. Waits for it even where the run is asked to end: whoever
    /// had it goes on by letting go of it. Returns as take() does.
    std::optional<std::string> take_again(std::uint64_t depth, const std::source_location& where);

    /// "lock NAME" or "rlock NAME", for errors.
    std::string object() const;
    std::optional<std::string> owner() const;

private:
    void taken(const std::source_location& where) noexcept;
    std::optional<std::string> take_slowly(
        std::chrono::nanoseconds timeout, const std::source_location& where);
    [[noreturn]] void throw_timeout(
        std::chrono::nanoseconds timeout, const Deadline& deadline) const;
    [[noreturn]] void throw_not_owner() const;
};
static_assert(std::is_trivially_destructible_v<LockState>);

/// Lock and RLock, which stand below.
template <bool reentrant>
class BasicLock
{
public:
    explicit BasicLock(LockOptions options = {})
        : block_(LockState::make(options, reentrant))
    {
    }
    static BasicLock view(ArenaOffset offset) noexcept { return BasicLock(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// Waits for it. Returns the name of the process that held it and died, or nothing. Throws
    /// TimeoutError, which says who owns it and who died meanwhile (Python returns False), BadValue
    /// for a negative time, StopRequested when the run is asked to end.
    std::optional<std::string> lock(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return state().take(timeout, where);
    }
    /// Takes it unless another one holds it; returns whether it has. (From a dead owner as well,
    /// once the lesson's main process knows of the death.)
    bool try_lock(const std::source_location& where = std::source_location::current()) noexcept
    {
        return state().try_take(where);
    }
    /// Throws Error where the caller is not the owner. (Of a Lock Python lets any process release
    /// it.)
    void unlock() { state().release(); }

    /// lock() for a scope.
    [[nodiscard]] std::unique_lock<BasicLock> hold(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        lock(timeout, where);
        return {*this, std::adopt_lock};
    }

    /// The name of the process that owns it now; nothing where it is free.
    std::optional<std::string> owner() const { return state().owner(); }
    std::string name() const { return state().description.name.get(); }

private:
    explicit BasicLock(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    LockState& state() const noexcept { return block_.as<LockState>(); }

    SharedBlock block_;
};

/// Lets one process in at a time. Made by any process of the run; copies are views and cross to
/// others as arguments. By the main threads of processes.
///
/// If its owner dies, the next one that takes it is told the dead one's name, and what the lock
/// guards is as the dead left it. (Python's waits for ever.) A process that locks twice waits for
/// itself, as in Python; RLock allows it. Works with std::lock_guard, unique_lock and scoped_lock,
/// whose source place, however, is in the standard library: hold() keeps that of the caller.
using Lock = BasicLock<false>;

/// A Lock that its owner may lock again; it is free when it has been unlocked as often. If its
/// owner dies, the next one gets it, locked once, however often the dead one had locked it.
using RLock = BasicLock<true>;

inline void LockState::taken(const std::source_location& where) noexcept
{
    RobustLock::Own& own = lock.own();
    own.taken_ticks = 0;
    own.taken_told = false;
    if (description.told_hold_ticks != 0 && this_process.recorder.traced()) {
        own.taken_place = this_process.recorder.place(where);
        own.taken_ticks = this_process.recorder.ticks();
    }
}

inline bool LockState::try_take(const std::source_location& where) noexcept
{
    if (description.reentrant && lock.is_ours()) {
        ++lock.own().depth;
        return true;
    }
    const RobustLock::Taking taking = lock.try_take_over();
    if (!taking)
        return false;
    lock.own().depth = 1;
    if (taking.from_dead != 0)
        this_process.recorder.event(EventKind::lock_recovered, 0, description.number,
            taking.from_dead, this_process.recorder.place(where));
    taken(where);
    return true;
}

inline std::optional<std::string> LockState::take(
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    if (timeout < std::chrono::nanoseconds::zero() || !lock.try_take()) [[unlikely]]
        return take_slowly(timeout, where);
    lock.own().depth = 1;
    taken(where);
    return std::nullopt;
}

inline void LockState::release()
{
    if (!lock.is_ours()) [[unlikely]]
        throw_not_owner();
    RobustLock::Own& own = lock.own();
    if (--own.depth != 0)
        return;
    const std::uint64_t begin = own.taken_ticks;
    const std::uint16_t place = own.taken_place;
    const bool told = own.taken_told;
    if (begin == 0) {
        lock.release();
        return;
    }
    const std::uint64_t held = this_process.recorder.ticks() - begin;
    lock.release();
    // Behind the release: nobody waits for what is told of it.
    if (told || held >= description.told_hold_ticks)
        this_process.recorder.event(EventKind::lock_released, 0, description.number, held, place);
}

} // namespace manyhands
