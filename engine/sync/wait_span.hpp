// SPDX-License-Identifier: MIT
// How a wait for a lock and its like is told: not at all where it is short, live where it is long.
#pragma once

#include "engine/sync/deaths.hpp"
#include "engine/trace/this_process.hpp"

#include <chrono>
#include <cstdint>
#include <source_location>

namespace manyhands {

/// So many ticks of the run's clock.
std::uint64_t ticks_in(std::chrono::nanoseconds time) noexcept;

/// A span of State::waiting_lock from its making to its end, if it turns out to be worth telling:
/// where the process goes to sleep, or a microsecond is over. Shorter ones would fill the ring with
/// up to several million a second, and cost as much to tell as they last.
class WaitSpan
{
public:
    WaitSpan(std::uint16_t number, const std::source_location& where) noexcept;
    ~WaitSpan() { end(); }
    WaitSpan(const WaitSpan&) = delete;
    WaitSpan& operator=(const WaitSpan&) = delete;

    /// The process is about to sleep: from now on an observer sees that it waits, and for whom
    /// (0: for nobody who is known).
    void begin(ProcessKey holder = 0) noexcept
    {
        if (ticks_ != 0 && !told_)
            tell(holder);
    }
    /// The wait goes on, and `holder` has it, who was looked up after the moment `now`: told where
    /// that is news, and ten times a second in any case. Who was told to hold it while it waits
    /// itself cannot have let it go since: that is how a deadlock is proved.
    void go_on(std::uint64_t now, ProcessKey holder) noexcept;
    /// Ends it; returns whether it was told.
    bool end() noexcept;

private:
    void tell(ProcessKey holder) noexcept;

    std::source_location where_;
    std::uint64_t ticks_ = 0; // of its beginning; 0 where there is nothing to tell (any more)
    std::uint64_t holder_ticks_ = 0; // when the holder was told last
    ProcessKey holder_ = 0; // as it was told
    std::uint16_t number_;
    bool told_ = false;
};

} // namespace manyhands
