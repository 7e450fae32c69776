// SPDX-License-Identifier: MIT
#include "engine/sync/lock.hpp"

#include "engine/sync/wait_text.hpp"

#include <new>
#include <utility>

namespace manyhands {
namespace {

// Shorter holds are no news (two readings of the clock and an event take up to 0.1 µs), and at most
// 100 000 a second are told.
constexpr std::chrono::microseconds least_told_hold{10};

} // namespace

SharedBlock LockState::make(const LockOptions& options, bool reentrant)
{
    const std::string kind = reentrant ? "rlock" : "lock";
    SharedBlock block(kind + (options.name.empty() ? "" : " " + options.name), sizeof(LockState));
    LockState& state = *new (block.memory()) LockState();
    Description& description = state.description;
    description.number = this_process.arena->next_lock();
    description.reentrant = reentrant;
    description.told_hold_ticks
        = options.trace_holds ? std::max<std::uint64_t>(ticks_in(least_told_hold), 1) : 0;
    description.name.set(
        name_or_number(options.name, reentrant ? "RLock" : "Lock", description.number));
    tell_of_lock(description.number, kind, description.name.get());
    return block;
}

std::optional<std::string> LockState::take_slowly(
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    const Deadline deadline(timeout);
    if (description.reentrant && lock.is_ours()) {
        ++lock.own().depth;
        return std::nullopt;
    }
    WaitSpan span(description.number, where);
    const RobustLock::Taking taking = lock.take(deadline, &span);
    // Without a time of its release a taking would be one for ever.
    const bool told = span.end() && description.told_hold_ticks != 0;
    if (!taking)
        throw_timeout(timeout, deadline);
    lock.own().depth = 1;
    if (told)
        this_process.recorder.event(
            EventKind::lock_taken, 0, description.number, 0, this_process.recorder.place(where));
    std::optional<std::string> dead;
    if (taking.from_dead != 0) {
        this_process.recorder.event(EventKind::lock_recovered, 0, description.number,
            taking.from_dead, this_process.recorder.place(where));
        dead = name_of_process(taking.from_dead);
    }
    taken(where);
    lock.own().taken_told = told;
    return dead;
}

std::uint64_t LockState::release_all()
{
    if (!lock.is_ours())
        throw_not_owner();
    const std::uint64_t depth = std::exchange(lock.own().depth, 1);
    release();
    return depth;
}

std::optional<std::string> LockState::take_again(
    std::uint64_t depth, const std::source_location& where)
{
    // How often it is looked at where the run is asked to end.
    constexpr std::chrono::milliseconds soon{10};
    while (true) {
        const std::uint32_t token = wake_token();
        try {
            std::optional<std::string> dead = take(forever, where);
            lock.own().depth = depth;
            return dead;
        } catch (const StopRequested&) {
            sleep_until_woken(token, soon);
        }
    }
}

void LockState::throw_timeout(std::chrono::nanoseconds timeout, const Deadline& deadline) const
{
    const ProcessKey holder = lock.holder();
    std::string problem = "did not become free in time";
    if (holder == own_key())
        problem += ": this process, " + this_process.name + ", owns it and waits for itself";
    else if (holder != 0)
        problem += ": " + name_of_process(holder) + " owns it";
    throw TimeoutError(
        {.object = object(), .problem = problem, .value = time_text(timeout)}, deadline.deaths());
}

void LockState::throw_not_owner() const
{
    throw Error({.object = object(),
        .problem = "cannot be released by " + this_process.name + ", which does not own it",
        .value = owner().value_or("nobody does"),
        .advice = "release it in the process that has locked it"});
}

std::string LockState::object() const
{
    return (description.reentrant ? "rlock " : "lock ") + description.name.get();
}

std::optional<std::string> LockState::owner() const
{
    const ProcessKey holder = lock.holder();
    return holder == 0 ? std::nullopt : std::optional(name_of_process(holder));
}

} // namespace manyhands
