// SPDX-License-Identifier: MIT
#include "engine/sync/condition.hpp"

#include "engine/sync/shared_text.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/wait_text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <new>

namespace manyhands {
namespace {

// How often a sleeper asks the kernel whether those live that were notified; see RobustLock.
constexpr std::chrono::nanoseconds look_closer = std::chrono::milliseconds(10);

// A process's part in a condition, one word: its slot's generation, the turn in which it came, and
// how far it is. One store changes it, so a death leaves nothing half done.
enum class Phase : std::uint8_t { away, waiting, notified };

class Entry
{
public:
    constexpr explicit Entry(std::uint64_t bits) noexcept
        : bits_(bits)
    {
    }
    constexpr Entry(std::uint32_t generation, std::uint32_t turn, Phase phase) noexcept
        : bits_(std::uint64_t{generation} << 32 | std::uint64_t{turn << 2}
            | static_cast<std::uint8_t>(phase))
    {
    }
    constexpr std::uint64_t bits() const noexcept { return bits_; }
    constexpr std::uint32_t generation() const noexcept { return generation_of_key(bits_); }
    constexpr Phase phase() const noexcept { return static_cast<Phase>(bits_ & 3); }
    constexpr Entry notified() const noexcept { return {generation(), turn(), Phase::notified}; }
    // How many have come since. Turns begin again after 2^30; nobody waits so long.
    constexpr std::uint32_t age(std::uint32_t next_turn) const noexcept
    {
        return (next_turn - turn()) & most_turns;
    }
    static constexpr std::uint32_t most_turns = (std::uint32_t{1} << 30) - 1;

private:
    constexpr std::uint32_t turn() const noexcept { return static_cast<std::uint32_t>(bits_) >> 2; }

    std::uint64_t bits_;
};

} // namespace

// Who comes and who notifies does so with the lock taken. Only what a dead process was notified of
// is taken over without it.
struct Condition::State
{
    ArenaOffset lock;
    std::uint16_t number;
    SharedName name;
    std::atomic<std::uint32_t> next_turn;
    std::atomic<std::uint32_t> slots; // entries below were used
    alignas(64) std::array<std::atomic<std::uint64_t>, slot_limit> entries;

    Entry entry(std::uint32_t slot) const noexcept
    {
        // Sequentially consistent: a sleeper has read its futex word before.
        return Entry(entries[slot].load(std::memory_order_seq_cst));
    }
    std::uint32_t used() const noexcept
    {
        return std::min(slots.load(std::memory_order_seq_cst), slot_limit);
    }

    void notify(std::uint32_t slot, Entry seen) noexcept
    {
        std::uint64_t expected = seen.bits();
        if (entries[slot].compare_exchange_strong(
                expected, seen.notified().bits(), std::memory_order_seq_cst))
            wake(this_process.segment, slot);
    }

    bool waits(std::uint32_t slot, Entry seen) const noexcept
    {
        return seen.phase() == Phase::waiting && seems_alive(process_key(slot, seen.generation()));
    }

    // The one that has waited longest. Returns whether there was one.
    bool notify_oldest() noexcept
    {
        const std::uint32_t next = next_turn.load(std::memory_order_relaxed);
        std::uint32_t oldest = slot_limit;
        for (std::uint32_t slot = 0; slot < used(); ++slot) {
            if (waits(slot, entry(slot))
                && (oldest == slot_limit || entry(slot).age(next) > entry(oldest).age(next)))
                oldest = slot;
        }
        if (oldest == slot_limit)
            return false;
        notify(oldest, entry(oldest));
        return true;
    }

    // What somebody was notified of who died before its wait was over.
    bool take_over_from_dead() noexcept
    {
        for (std::uint32_t slot = 0; slot < used(); ++slot) {
            std::uint64_t seen = entry(slot).bits();
            if (slot != this_process.slot_number && Entry(seen).phase() == Phase::notified
                && has_ended(slot, Entry(seen).generation())
                && entries[slot].compare_exchange_strong(seen, 0, std::memory_order_seq_cst))
                return true;
        }
        return false;
    }

    void come() noexcept
    {
        const std::uint32_t own = this_process.slot_number;
        const Entry before = entry(own);
        const std::uint32_t turn = next_turn.load(std::memory_order_relaxed);
        next_turn.store((turn + 1) & Entry::most_turns, std::memory_order_relaxed);
        if (slots.load(std::memory_order_relaxed) <= own)
            slots.store(own + 1, std::memory_order_seq_cst);
        entries[own].store(
            Entry(this_process.generation, turn, Phase::waiting).bits(), std::memory_order_seq_cst);
        // An earlier process in this slot died with it.
        if (before.phase() == Phase::notified)
            notify_oldest();
    }
};

Condition::Condition(const std::string& name)
    : Condition(name, RLock({.name = name}))
{
}

Condition::Condition(const Lock& lock, const std::string& name)
    : Condition(name, RLock::view(lock.offset()))
{
}

Condition::Condition(const RLock& lock, const std::string& name)
    : Condition(name, RLock::view(lock.offset()))
{
}

Condition::Condition(const std::string& name, RLock lock)
    : block_(name.empty() ? "condition" : "condition " + name, sizeof(State))
    , lock_(std::move(lock))
{
    State& shared = *new (block_.memory()) State();
    shared.lock = lock_.offset();
    shared.number = this_process.arena->next_lock();
    shared.name.set(name_or_number(name, "Condition", shared.number));
    tell_of_lock(shared.number, "condition", shared.name.get());
}

Condition::Condition(SharedBlock block) noexcept
    : block_(std::move(block))
    , lock_(RLock::view(state().lock))
{
}

Condition::State& Condition::state() const noexcept
{
    return block_.as<State>();
}

LockState& Condition::lock_state() const noexcept
{
    return SharedBlock(state().lock).as<LockState>();
}

void Condition::check_owner(const char* done) const
{
    if (!lock_state().lock.is_ours())
        throw Error({.object = "condition " + name(),
            .problem = "cannot be " + std::string(done) + " by " + this_process.name
                + ", which does not own its lock",
            .value = lock_.owner().value_or("nobody does"),
            .advice = "lock it first"});
}

std::optional<std::string> Condition::wait(
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    const Deadline deadline(timeout);
    check_owner("waited for");
    std::optional<std::string> dead;
    if (!wait_until(deadline, where, dead))
        throw_timeout(timeout, deadline);
    return dead;
}

void Condition::throw_timeout(std::chrono::nanoseconds timeout, const Deadline& deadline) const
{
    throw TimeoutError({.object = "condition " + name(),
                           .problem = "was not notified in time",
                           .value = time_text(timeout)},
        deadline.deaths());
}

// Returns whether it was notified, with the lock taken again.
bool Condition::wait_until(
    const Deadline& deadline, const std::source_location& where, std::optional<std::string>& dead)
{
    State& shared = state();
    LockState& lock = lock_state();
    shared.come();
    const std::uint64_t depth = lock.release_all();
    bool taken_over = false;
    sleep(deadline, where, taken_over);
    if (std::optional<std::string> name = lock.take_again(depth, where))
        dead = std::move(name);
    // Nobody notifies meanwhile.
    const Entry last(
        shared.entries[this_process.slot_number].exchange(0, std::memory_order_seq_cst));
    const bool notified = last.phase() == Phase::notified;
    if (notified && taken_over)
        shared.notify_oldest();
    if (!notified && !taken_over && this_process.stop_requested())
        throw StopRequested();
    return notified || taken_over;
}

void Condition::sleep(const Deadline& deadline, const std::source_location& where, bool& taken_over)
{
    State& shared = state();
    const std::uint32_t own = this_process.slot_number;
    const auto notified = [&] { return shared.entry(own).phase() == Phase::notified; };
    WaitSpan span(shared.number, where);
    if (Waiters::spin(notified))
        return;
    while (true) {
        // The token first: who notifies changes it behind the entry.
        const std::uint32_t token = wake_token();
        if (notified() || deadline.over() || this_process.stop_requested())
            return;
        taken_over = shared.take_over_from_dead();
        if (taken_over)
            return;
        span.begin();
        sleep_until_woken(token, std::min(deadline.left_or_none(), look_closer));
    }
}

void Condition::notify(std::int64_t count)
{
    if (count < 1)
        throw BadValue({.object = "condition " + name(),
            .problem = "cannot be notified so often",
            .value = std::to_string(count),
            .limit = "1 or more"});
    check_owner("notified");
    while (count > 0 && state().notify_oldest())
        --count;
}

void Condition::notify_all()
{
    check_owner("notified");
    State& shared = state();
    for (std::uint32_t slot = 0; slot < shared.used(); ++slot) {
        const Entry seen = shared.entry(slot);
        if (shared.waits(slot, seen))
            shared.notify(slot, seen);
    }
}

std::string Condition::name() const
{
    return state().name.get();
}

} // namespace manyhands
