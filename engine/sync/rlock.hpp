// SPDX-License-Identifier: MIT
// A lock that its owner may take again, as Python's multiprocessing.RLock.
#pragma once

#include "engine/sync/lock.hpp"

namespace manyhands {

/// A Lock that its owner may lock again; it is free when it has been unlocked as often. If its
/// owner dies, the next one gets it, locked once, however often the dead one had locked it.
class RLock
{
public:
    explicit RLock(LockOptions options = {})
        : block_(LockState::make(options, true))
    {
    }
    static RLock view(ArenaOffset offset) noexcept { return RLock(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// As Lock's.
    std::optional<std::string> lock(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return state().take(timeout, where);
    }
    bool try_lock(const std::source_location& where = std::source_location::current()) noexcept
    {
        return state().try_take(where);
    }
    /// Throws Error where the caller is not the owner (an AssertionError in Python).
    void unlock() { state().release(); }
    [[nodiscard]] std::unique_lock<RLock> hold(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        lock(timeout, where);
        return {*this, std::adopt_lock};
    }

    std::optional<std::string> owner() const { return state().owner(); }
    std::string name() const { return state().description.name.get(); }

private:
    explicit RLock(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    LockState& state() const noexcept { return block_.as<LockState>(); }

    SharedBlock block_;
};

} // namespace manyhands
