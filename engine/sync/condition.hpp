// SPDX-License-Identifier: MIT
// A condition that processes wait for and notify each other of, as Python's
// multiprocessing.Condition.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace manyhands {

/// A lock, and a place to wait for what it guards to change. Made by any process of the run; copies
/// are views and cross to others as arguments. By the main threads of processes.
///
/// A wait may end without a notification (after the death of a process that had one, for example):
/// who waits looks again at what it waits for, or leaves that to wait_for(). A notification goes to
/// who has waited longest, is kept where nobody waits for none, and is lost with no death: what a
/// killed waiter was notified of, another one is. If a process dies while it has the lock, the next
/// one that gets it is told the dead one's name, by lock() or by its wait.
class Condition
{
public:
    /// With an RLock of its own, as in Python. `name`: "Condition-1" … where empty.
    explicit Condition(const std::string& name = {});
    /// With a lock that others use as well, and that lives as long.
    explicit Condition(const Lock& lock, const std::string& name = {});
    explicit Condition(const RLock& lock, const std::string& name = {});
    static Condition view(ArenaOffset offset) noexcept { return Condition(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// The lock's own: see there.
    std::optional<std::string> lock(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return lock_.lock(timeout, where);
    }
    bool try_lock(const std::source_location& where = std::source_location::current()) noexcept
    {
        return lock_.try_lock(where);
    }
    void unlock() { lock_.unlock(); }
    [[nodiscard]] std::unique_lock<Condition> hold(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        lock(timeout, where);
        return {*this, std::adopt_lock};
    }

    /// Lets go of the lock, waits to be notified, and takes the lock again, as deep as it was.
    /// Returns the name of a process that died while it had the lock meanwhile, or nothing. Throws,
    /// with the lock taken again, TimeoutError, which says who died meanwhile (Python returns
    /// False), and StopRequested when the run is asked to end; without having let go of it,
    /// BadValue for a negative time and Error where the caller does not own the lock.
    std::optional<std::string> wait(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    /// Waits until `predicate()` holds, which is asked with the lock taken; at most `timeout` in
    /// all. Returns and throws as wait().
    template <std::predicate Predicate>
    std::optional<std::string> wait_for(Predicate&& predicate,
        std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        const Deadline deadline(timeout);
        check_owner("waited for");
        std::optional<std::string> dead;
        while (!predicate()) {
            if (wait_until(deadline, where, dead))
                continue;
            if (!predicate())
                throw_timeout(timeout, deadline);
            break;
        }
        return dead;
    }

    /// Ends the waits of `count` processes, or of as many as there are. Throws BadValue for less
    /// than 1, and Error where the caller does not own the lock.
    void notify(std::int64_t count = 1);
    void notify_all();

    std::string name() const;

private:
    struct State;

    Condition(const std::string& name, RLock lock);
    explicit Condition(SharedBlock block) noexcept;
    State& state() const noexcept;
    LockState& lock_state() const noexcept;
    void check_owner(const char* done) const;
    bool wait_until(const Deadline& deadline, const std::source_location& where,
        std::optional<std::string>& dead);
    void sleep(const Deadline& deadline, const std::source_location& where, bool& taken_over);
    [[noreturn]] void throw_timeout(
        std::chrono::nanoseconds timeout, const Deadline& deadline) const;

    SharedBlock block_;
    RLock lock_; ///< or a view of a Lock: what it is, its memory says
};

} // namespace manyhands
