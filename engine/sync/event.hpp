// SPDX-License-Identifier: MIT
// A flag that processes wait for, as Python's multiprocessing.Event.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <source_location>
#include <string>

namespace manyhands {

/// Something that has happened, or not. Made by any process of the run; copies are views and cross
/// to others as arguments. By the main threads of processes. No process owns it, so a death changes
/// nothing.
class Event
{
public:
    /// Not set. `name`: "Event-1" … where empty.
    explicit Event(std::string name = {});
    static Event view(ArenaOffset offset) noexcept { return Event(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// Sets it and wakes all that wait for it.
    void set() noexcept;
    void clear() noexcept;
    bool is_set() const noexcept;

    /// Waits until it is set; who waits when it is set goes on, even if it is cleared at once. (In
    /// Python who waits may miss that.) Throws TimeoutError, which says who died meanwhile (Python
    /// returns False), BadValue for a negative time, StopRequested when the run is asked to end.
    void wait(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    std::string name() const;

private:
    struct State;

    explicit Event(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    State& state() const noexcept;

    SharedBlock block_;
};

} // namespace manyhands
