// SPDX-License-Identifier: MIT
// A place where processes wait until all are there, as Python's multiprocessing.Barrier.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

namespace manyhands {

/// A barrier is broken: a process that waited at it timed out or died, its action failed, or it was
/// aborted or reset. what() says which; deaths() who died, at the barrier or while this process
/// waited.
class BrokenBarrierError : public Error
{
public:
    BrokenBarrierError(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// How a barrier is made.
struct BarrierOptions
{
    std::string name = {}; ///< "Barrier-1" … where empty
    /// A plain function or a lambda without captures: the last one to come calls it, before any
    /// goes on. What it throws breaks the barrier, and is thrown in that process.
    void (*action)() = nullptr;
    std::chrono::nanoseconds timeout = forever; ///< of waits that do not say another
};

/// Lets processes go on together, phase after phase. Made by any process of the run; copies are
/// views and cross to others as arguments. By the main threads of processes.
///
/// A process that dies while it waits breaks the barrier for the others, who would wait for it in
/// vain the next time. (Python's does not notice.) A broken barrier stays so until it is reset.
class Barrier
{
public:
    /// Throws BadValue for less than 1 process, more than can live at once, or a negative time.
    explicit Barrier(std::int64_t parties, BarrierOptions options = {});
    static Barrier view(ArenaOffset offset) noexcept { return Barrier(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// Waits until as many processes are here as the barrier is for. Returns as the how-manieth
    /// this one came, from 0. Throws BrokenBarrierError where the barrier is broken or breaks
    /// meanwhile, as it does when the time is over; TimeoutError where a process that was stopped
    /// within the barrier holds it up; BadValue for a negative time, StopRequested when the run is
    /// asked to end.
    std::size_t wait(std::optional<std::chrono::nanoseconds> timeout = {},
        const std::source_location& where = std::source_location::current());

    /// Breaks it.
    void abort();
    /// Makes it as new; those who wait get a BrokenBarrierError.
    void reset();

    std::size_t parties() const noexcept;
    std::size_t n_waiting() const noexcept; ///< 0 where it is broken
    bool broken() const noexcept;
    std::string name() const;

private:
    struct State;
    struct Wait;

    explicit Barrier(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    State& state() const noexcept;
    void arrive(Wait& wait);
    void act(Wait& wait);
    void await(Wait& wait);
    [[noreturn]] static void throw_ended(Wait& wait);

    SharedBlock block_;
};

} // namespace manyhands
