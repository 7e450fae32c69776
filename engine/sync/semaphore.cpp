// SPDX-License-Identifier: MIT
#include "engine/sync/semaphore.hpp"

#include "engine/sync/robust_lock.hpp"
#include "engine/sync/shared_text.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/wait_text.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <new>
#include <utility>

namespace manyhands {
namespace {

// As in Python, where the system has it so.
constexpr std::int64_t most_tokens = std::numeric_limits<std::int32_t>::max();

// How often a sleeper asks the kernel whether the holders still live; see RobustLock.
constexpr std::chrono::nanoseconds look_closer = std::chrono::milliseconds(10);

// How long a time-out of its own the lock within gets at least: it is held for less than 1 us, but
// its holder may have been put off by the kernel, or stopped.
constexpr std::chrono::nanoseconds patience = std::chrono::seconds(1);

// What a process holds: the tokens of its guards and, above 32 bits, its slot's generation.
constexpr std::uint64_t one_held = 1;
constexpr std::uint32_t held_of(std::uint64_t entry) noexcept
{
    return static_cast<std::uint32_t>(entry);
}

std::string kind_of(bool bounded)
{
    return bounded ? "bounded semaphore" : "semaphore";
}

} // namespace

// Who takes does so under `taking` and by one store, who gives back by one store and without it:
// tokens only become more while somebody counts them, and a death leaves nothing half done.
struct Semaphore::State
{
    // At the beginning, less those taken by acquire(), and those added by release().
    alignas(64) std::atomic<std::int64_t> permits;
    std::atomic<std::uint32_t> slots; // entries below were used; changed under `taking`
    std::uint16_t number;
    bool bounded;
    std::int64_t most; // tokens, by release()
    SharedName name;
    RobustLock taking;
    Waiters waiters;
    // Each by its slot's process alone, or, when that has ended, back to 0 by anybody.
    alignas(64) std::array<std::atomic<std::uint64_t>, slot_limit> held;

    std::int64_t available() const noexcept
    {
        // Sequentially consistent, as waiting demands. The entries behind the permits: whatever
        // changes meanwhile makes it more than is counted, while nobody else can take.
        std::int64_t count = permits.load(std::memory_order_seq_cst);
        const std::uint32_t used = std::min(slots.load(std::memory_order_seq_cst), slot_limit);
        for (std::uint32_t slot = 0; slot < used; ++slot) {
            const std::uint64_t entry = held[slot].load(std::memory_order_seq_cst);
            if (held_of(entry) != 0 && seems_alive(process_key(slot, generation_of_key(entry))))
                count -= held_of(entry);
        }
        return count;
    }

    // The tokens of those whom the kernel knows to have ended. Returns whether there were any.
    bool give_back_of_dead() noexcept
    {
        bool found = false;
        const std::uint32_t used = std::min(slots.load(std::memory_order_seq_cst), slot_limit);
        for (std::uint32_t slot = 0; slot < used; ++slot) {
            std::uint64_t entry = held[slot].load(std::memory_order_seq_cst);
            if (held_of(entry) != 0 && has_ended(slot, generation_of_key(entry)))
                found |= held[slot].compare_exchange_strong(entry, 0, std::memory_order_seq_cst);
        }
        return found;
    }

    void take(Kind kind) noexcept
    {
        if (kind == Kind::bare) {
            permits.fetch_sub(1, std::memory_order_seq_cst);
            return;
        }
        const std::uint32_t own = this_process.slot_number;
        if (slots.load(std::memory_order_relaxed) <= own)
            slots.store(own + 1, std::memory_order_seq_cst);
        const std::uint64_t entry = held[own].load(std::memory_order_relaxed);
        // One of an earlier process in this slot, which is dead, is void.
        const bool ours = generation_of_key(entry) == this_process.generation;
        held[own].store((ours ? entry : process_key(0, this_process.generation)) + one_held,
            std::memory_order_seq_cst);
    }
};

Semaphore::Semaphore(std::int64_t value, const std::string& name, bool bounded)
{
    const std::string kind = kind_of(bounded);
    const std::string object = name.empty() ? kind : kind + " " + name;
    if (value < 0 || value > most_tokens)
        throw BadValue({.object = object,
            .problem = "cannot begin with so many tokens",
            .value = std::to_string(value),
            .limit = "0 to " + std::to_string(most_tokens)});
    block_ = SharedBlock(object, sizeof(State));
    State& shared = *new (block_.memory()) State();
    shared.permits.store(value, std::memory_order_relaxed);
    shared.number = this_process.arena->next_lock();
    shared.bounded = bounded;
    shared.most = bounded ? value : most_tokens;
    shared.name.set(
        name_or_number(name, bounded ? "BoundedSemaphore" : "Semaphore", shared.number));
    tell_of_lock(shared.number, kind, shared.name.get());
}

std::string Semaphore::object() const
{
    return kind_of(state().bounded) + " " + name();
}

Semaphore::State& Semaphore::state() const noexcept
{
    return block_.as<State>();
}

bool Semaphore::take(Kind kind, const Deadline& deadline, const std::source_location& where)
{
    State& shared = state();
    WaitSpan span(shared.number, where);
    while (true) {
        if (shared.taking.take(Deadline(std::max(deadline.left(), patience)))) {
            const RobustHold hold(shared.taking);
            if (shared.available() > 0) {
                shared.take(kind);
                return true;
            }
        } else if (deadline.over()) {
            return false;
        }
        const Deadline slice(
            std::clamp(deadline.left(), std::chrono::nanoseconds::zero(), look_closer));
        const bool there = shared.waiters.wait(
            slice, [&] { return shared.available() > 0; },
            [&] {
                span.begin();
                return false;
            });
        if (there)
            continue;
        if (shared.give_back_of_dead())
            shared.waiters.wake_all();
        else if (deadline.over())
            return false;
    }
}

void Semaphore::take_in_time(
    Kind kind, std::chrono::nanoseconds timeout, const std::source_location& where)
{
    const Deadline deadline(timeout);
    if (!take(kind, deadline, where))
        throw TimeoutError(
            {.object = object(), .problem = "had no token in time", .value = time_text(timeout)},
            deadline.deaths());
}

void Semaphore::acquire(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    take_in_time(Kind::bare, timeout, where);
}

bool Semaphore::try_acquire(const std::source_location& where)
{
    return take(Kind::bare, Deadline(std::chrono::nanoseconds::zero()), where);
}

void Semaphore::release(std::int64_t tokens)
{
    if (tokens < 1)
        throw BadValue({.object = object(),
            .problem = "cannot be given so many tokens",
            .value = std::to_string(tokens),
            .limit = "1 or more"});
    State& shared = state();
    std::int64_t permits = shared.permits.load(std::memory_order_relaxed);
    do {
        if (tokens > shared.most - permits)
            throw BadValue({.object = object(),
                .problem = "would have too many tokens",
                .value = std::to_string(permits) + " and " + std::to_string(tokens),
                .limit = "at most " + std::to_string(shared.most),
                .advice = shared.bounded ? "release only what was acquired" : ""});
        // Sequentially consistent: before the list of sleepers is looked at.
    } while (!shared.permits.compare_exchange_weak(
        permits, permits + tokens, std::memory_order_seq_cst));
    if (tokens == 1)
        shared.waiters.wake_one();
    else
        shared.waiters.wake_all();
}

SemaphoreGuard Semaphore::hold(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    take_in_time(Kind::held, timeout, where);
    return SemaphoreGuard(*this);
}

std::optional<SemaphoreGuard> Semaphore::try_hold(const std::source_location& where)
{
    if (!take(Kind::held, Deadline(std::chrono::nanoseconds::zero()), where))
        return std::nullopt;
    return SemaphoreGuard(*this);
}

void Semaphore::give_back() noexcept
{
    State& shared = state();
    std::atomic<std::uint64_t>& entry = shared.held[this_process.slot_number];
    // This process's alone. Sequentially consistent: before the list of sleepers is looked at.
    entry.store(entry.load(std::memory_order_relaxed) - one_held, std::memory_order_seq_cst);
    shared.waiters.wake_one();
}

std::int64_t Semaphore::get_value() const noexcept
{
    // What is read one after the other need not fit together.
    return std::max<std::int64_t>(state().available(), 0);
}

std::string Semaphore::name() const
{
    return state().name.get();
}

SemaphoreGuard::SemaphoreGuard(SemaphoreGuard&& other) noexcept
    : semaphore_(other.semaphore_)
    , owner_(std::exchange(other.owner_, 0))
{
}

SemaphoreGuard& SemaphoreGuard::operator=(SemaphoreGuard&& other) noexcept
{
    if (this != &other) {
        release();
        semaphore_ = other.semaphore_;
        owner_ = std::exchange(other.owner_, 0);
    }
    return *this;
}

void SemaphoreGuard::release() noexcept
{
    if (std::exchange(owner_, 0) == own_key())
        semaphore_.give_back();
}

} // namespace manyhands
