// SPDX-License-Identifier: MIT
// A semaphore of processes, as Python's multiprocessing.Semaphore, with tokens that come back.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>

namespace manyhands {

class SemaphoreGuard;

/// So many tokens. Made by any process of the run; copies are views and cross to others as
/// arguments. By the main threads of processes.
///
/// A token that was taken by hold() is given back if its holder dies. A bare acquire() may be a
/// signal to another process, which will release(): such a token stays taken, as in Python.
class Semaphore
{
public:
    /// Throws BadValue for less than 0 tokens or more than 2^31 - 1.
    explicit Semaphore(std::int64_t value = 1, const std::string& name = {})
        : Semaphore(value, name, false)
    {
    }
    static Semaphore view(ArenaOffset offset) noexcept { return Semaphore(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// Waits for a token and takes it for good. Throws TimeoutError, which says who died meanwhile
    /// (Python returns False), BadValue for a negative time, StopRequested when the run is asked to
    /// end.
    void acquire(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());
    /// Takes one if there is one; returns whether it has.
    bool try_acquire(const std::source_location& where = std::source_location::current());
    /// Adds tokens, by any process. Throws BadValue for less than 1, and where there would be more
    /// than 2^31 - 1.
    void release(std::int64_t tokens = 1);

    /// Waits for a token and takes it for as long as the guard lives. Throws as acquire().
    [[nodiscard]] SemaphoreGuard hold(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());
    /// The same if there is one now.
    [[nodiscard]] std::optional<SemaphoreGuard> try_hold(
        const std::source_location& where = std::source_location::current());

    /// How many tokens there are now; others may be taking them at this moment.
    std::int64_t get_value() const noexcept;
    std::string name() const;

private:
    friend class BoundedSemaphore;
    friend class SemaphoreGuard;
    struct State;
    enum class Kind { bare, held };

    Semaphore(std::int64_t value, const std::string& name, bool bounded);

    explicit Semaphore(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    State& state() const noexcept;
    std::string object() const;
    bool take(Kind kind, const Deadline& deadline, const std::source_location& where);
    void take_in_time(
        Kind kind, std::chrono::nanoseconds timeout, const std::source_location& where);
    void give_back() noexcept;

    SharedBlock block_;
};

/// A token of a semaphore, given back when the guard is destroyed or its process dies. Move-only;
/// not longer there than the semaphore.
class SemaphoreGuard
{
public:
    SemaphoreGuard(SemaphoreGuard&& other) noexcept;
    SemaphoreGuard& operator=(SemaphoreGuard&& other) noexcept;
    ~SemaphoreGuard() { release(); }

    /// Gives the token back now.
    void release() noexcept;

private:
    friend class Semaphore;
    explicit SemaphoreGuard(const Semaphore& semaphore) noexcept
        : semaphore_(semaphore)
        , owner_(own_key())
    {
    }

    Semaphore semaphore_;
    ProcessKey owner_; // 0: nothing is held. A forked process holds nothing by copies.
};

} // namespace manyhands
