// SPDX-License-Identifier: MIT
#include "engine/sync/barrier.hpp"

#include "engine/os/task_address.hpp"
#include "engine/sync/robust_lock.hpp"
#include "engine/sync/shared_text.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/wait_text.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <new>
#include <utility>

namespace manyhands {
namespace {

using Action = void (*)();

// How often a sleeper asks the kernel whether another one still lives; see RobustLock.
constexpr std::chrono::nanoseconds look_closer = std::chrono::milliseconds(10);

// How long a time-out of its own the lock within gets at least; see Semaphore.
constexpr std::chrono::nanoseconds patience = std::chrono::seconds(1);

enum class Status : std::uint32_t { filling, acting, broken };

// What the barrier is doing, in one word, so that each change is one store: the phase above 32
// bits, the status above 16, and how many are there.
constexpr std::uint64_t pack(std::uint32_t phase, Status status, std::size_t count) noexcept
{
    return std::uint64_t{phase} << 32 | std::uint64_t{static_cast<std::uint32_t>(status)} << 16
        | count;
}
constexpr std::uint32_t phase_of(std::uint64_t word) noexcept
{
    return static_cast<std::uint32_t>(word >> 32);
}
constexpr Status status_of(std::uint64_t word) noexcept
{
    return static_cast<Status>(word >> 16 & 0xffff);
}
constexpr std::size_t count_of(std::uint64_t word) noexcept
{
    return word & 0xffff;
}

// Who is there, and in which phase: the process's key has room for 24 bits of it.
constexpr int phase_shift = 8;
constexpr std::uint32_t phase_mask = 0xff'ffff;
static_assert(slot_limit <= 1U << phase_shift);
constexpr std::uint64_t stamped(ProcessKey key, std::uint32_t phase) noexcept
{
    return key | std::uint64_t{phase & phase_mask} << phase_shift;
}
constexpr bool is_of(std::uint64_t entry, std::uint32_t phase) noexcept
{
    return entry != 0 && (entry >> phase_shift & phase_mask) == (phase & phase_mask);
}
constexpr ProcessKey key_of(std::uint64_t entry) noexcept
{
    return entry & ~(std::uint64_t{phase_mask} << phase_shift);
}

} // namespace

// Changed under `deciding` alone, and each decision is made by one store into `word`: what was
// written for it before counts for nothing if its writer dies.
struct Barrier::State
{
    static constexpr std::uint64_t reset = 1; // in `outcomes`

    alignas(64) std::atomic<std::uint64_t> word;
    std::uint64_t action; // its offset; 0: none
    std::int64_t timeout_ns;
    std::uint32_t parties;
    std::uint16_t number;
    SharedName name;
    RobustLock deciding;
    Waiters waiters;
    // Who is within wait(), each in its own slot's place, with the phase that it saw last: who
    // dies there is found, whether it has come, is coming or going. Of earlier phases than the last
    // one it counts for nothing.
    alignas(64) std::array<std::atomic<std::uint64_t>, slot_limit> inside;
    std::atomic<std::uint32_t> slots; // places below have been used
    // How the last phases ended, for those that still sleep: the phase above 32 bits, `reset`.
    std::array<std::atomic<std::uint64_t>, 64> outcomes;
    // Why it is broken. Written before `word` says so.
    Death death() const { return {dead_name.get(), dead_pid, dead_exit}; }
    SharedText<256> why;
    SharedName dead_name;
    std::int32_t dead_pid;
    std::int32_t dead_exit;
    bool somebody_died;

    std::uint64_t look() const noexcept { return word.load(std::memory_order_seq_cst); }
    // Sequentially consistent: before the list of sleepers is looked at. That is done when
    // `deciding` is free again, since those who are woken want it.
    void decide(std::uint64_t decision) noexcept
    {
        word.store(decision, std::memory_order_seq_cst);
    }
    // `next` is one phase later where this one is complete, two where it is given up: then nobody
    // who came or died before counts any more.
    void end_phase(std::uint32_t phase, std::uint64_t outcome) noexcept
    {
        // Relaxed: read behind `word` only.
        outcomes[phase % outcomes.size()].store(
            std::uint64_t{phase} << 32 | outcome, std::memory_order_relaxed);
        decide(pack(phase + (outcome == reset ? 2 : 1), Status::filling, 0));
    }
    bool was_reset(std::uint32_t phase) const noexcept
    {
        return outcomes[phase % outcomes.size()].load(std::memory_order_relaxed)
            == (std::uint64_t{phase} << 32 | reset);
    }

    void take_decision(const Deadline& deadline)
    {
        if (!deciding.take(Deadline(std::max(deadline.left(), patience))))
            throw TimeoutError({.object = "barrier " + name.get(),
                                   .problem = "could not be entered in time",
                                   .value = name_of_process(deciding.holder()) + " holds it up"},
                deadline.deaths());
    }

    // Whoever is in this place and has ended, as far as `ended` knows; 0: nobody.
    template <class Ended>
    ProcessKey dead_in(std::uint32_t slot, std::uint32_t phase, Ended&& ended) const noexcept
    {
        // Acquire: with what was done before it came there.
        const std::uint64_t entry = inside[slot].load(std::memory_order_acquire);
        const bool counts = is_of(entry, phase) || is_of(entry, phase - 1);
        return counts && ended(key_of(entry)) ? key_of(entry) : 0;
    }
    std::uint32_t used() const noexcept
    {
        return std::min(slots.load(std::memory_order_acquire), slot_limit);
    }
    // Somebody within who is known to have ended.
    ProcessKey find_dead(std::uint32_t phase) const noexcept
    {
        for (std::uint32_t slot = 0; slot < used(); ++slot) {
            if (const ProcessKey dead
                = dead_in(slot, phase, [](ProcessKey key) { return !seems_alive(key); }))
                return dead;
        }
        return 0;
    }
    // The next one in a circle, if the kernel knows that it has ended: each looks after one other,
    // so that a death is found however many there are.
    ProcessKey find_dead_neighbour(std::uint32_t phase) const noexcept
    {
        const std::uint32_t count = used();
        for (std::uint32_t i = 1; i < count; ++i) {
            const std::uint32_t slot = (this_process.slot_number + i) % count;
            if (inside[slot].load(std::memory_order_relaxed) != 0)
                return dead_in(slot, phase, [](ProcessKey key) {
                    return has_ended(slot_of_key(key), generation_of_key(key));
                });
        }
        return 0;
    }

    // By who holds `deciding`.
    void break_now(const std::string& text, ProcessKey dead = 0)
    {
        const std::uint64_t now = look();
        if (status_of(now) == Status::broken)
            return;
        why.set(text);
        somebody_died = dead != 0;
        if (dead != 0) {
            const Death death = death_of(dead);
            dead_name.set(death.process);
            dead_pid = death.pid;
            dead_exit = death.exit;
            why.set(to_text({death}) + " while it waited");
        }
        decide(pack(phase_of(now), Status::broken, count_of(now)));
    }
    // If it is still in `phase`, and nobody else has broken it.
    void break_phase(
        std::uint32_t phase, const Deadline& deadline, const std::string& text, ProcessKey dead = 0)
    {
        take_decision(deadline);
        {
            const RobustHold hold(deciding);
            if (phase_of(look()) == phase)
                break_now(text, dead);
        }
        waiters.wake_all();
    }

    [[noreturn]] void throw_broken(const Deadline& deadline) const
    {
        std::vector<Death> deaths = deadline.deaths();
        if (somebody_died && std::none_of(deaths.begin(), deaths.end(), [&](const Death& one) {
                return one.pid == dead_pid;
            }))
            deaths.insert(deaths.begin(), death());
        throw_broken(why.get(), std::move(deaths));
    }
    [[noreturn]] void throw_broken(const std::string& text, std::vector<Death> deaths) const
    {
        throw BrokenBarrierError({.object = "barrier " + name.get(),
                                     .problem = "is broken: " + text,
                                     .advice = "reset it to use it again"},
            std::move(deaths));
    }
};

// One call of wait(), from its beginning to its end.
struct Barrier::Wait
{
    State& shared;
    const Deadline& deadline;
    std::chrono::nanoseconds timeout;
    WaitSpan span;
    std::uint32_t phase = 0;
    std::size_t index = 0;
    bool is_last = false;
    std::uint32_t ends = ends_so_far(); // looked through

    std::atomic<std::uint64_t>& place() const noexcept
    {
        return shared.inside[this_process.slot_number];
    }
    // Release: who finds it there sees what was done before.
    void come_into(std::uint32_t seen) const noexcept
    {
        place().store(stamped(own_key(), seen), std::memory_order_release);
    }
    ~Wait() { place().store(0, std::memory_order_release); }
};

BrokenBarrierError::BrokenBarrierError(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_deaths(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

Barrier::Barrier(std::int64_t parties, BarrierOptions options)
{
    const std::string object = options.name.empty() ? "barrier" : "barrier " + options.name;
    if (parties < 1 || parties > std::int64_t{slot_limit})
        throw BadValue({.object = object,
            .problem = "cannot be for so many processes",
            .value = std::to_string(parties),
            .limit = "1 to " + std::to_string(slot_limit)});
    block_ = SharedBlock(object, sizeof(State));
    static_cast<void>(Deadline(options.timeout)); // refuses a negative one
    State& shared = *new (block_.memory()) State();
    shared.parties = static_cast<std::uint32_t>(parties);
    shared.action = options.action == nullptr ? 0 : function_offset(options.action);
    shared.timeout_ns = options.timeout.count();
    shared.number = this_process.arena->next_lock();
    shared.name.set(name_or_number(options.name, "Barrier", shared.number));
    tell_of_lock(shared.number, "barrier", shared.name.get());
}

Barrier::State& Barrier::state() const noexcept
{
    return block_.as<State>();
}

std::size_t Barrier::wait(
    std::optional<std::chrono::nanoseconds> timeout, const std::source_location& where)
{
    State& shared = state();
    const std::chrono::nanoseconds time
        = timeout.value_or(std::chrono::nanoseconds(shared.timeout_ns));
    const Deadline deadline(time);
    Wait wait = {shared, deadline, time, {shared.number, where}};
    arrive(wait);
    if (wait.is_last)
        act(wait);
    else
        await(wait);
    return wait.index;
}

// Comes in, as soon as the phase before is over; completes the phase if there is no action.
void Barrier::arrive(Wait& wait)
{
    State& shared = wait.shared;
    const std::uint32_t own = this_process.slot_number;
    std::uint32_t used = shared.used();
    // Sequentially consistent, and before the place is taken: nobody overlooks it.
    while (used <= own && !shared.slots.compare_exchange_weak(used, own + 1)) { }
    // One who had this slot before, and died here.
    const std::uint32_t phase = phase_of(shared.look());
    if (const ProcessKey dead = shared.dead_in(own, phase, [](ProcessKey) { return true; }))
        shared.break_phase(phase, wait.deadline, {}, dead);
    wait.come_into(phase);
    while (true) {
        shared.take_decision(wait.deadline);
        std::uint64_t now = 0;
        {
            const RobustHold hold(shared.deciding);
            if (const ProcessKey dead = shared.find_dead(phase_of(shared.look())))
                shared.break_now({}, dead);
            now = shared.look();
            if (status_of(now) == Status::filling) {
                wait.phase = phase_of(now);
                wait.index = count_of(now);
                wait.is_last = wait.index + 1 == shared.parties;
                wait.come_into(wait.phase);
                if (!wait.is_last)
                    shared.decide(pack(wait.phase, Status::filling, wait.index + 1));
                else if (shared.action == 0)
                    shared.end_phase(wait.phase, 0);
                else
                    shared.decide(pack(wait.phase, Status::acting, shared.parties));
            }
        }
        if (status_of(now) == Status::filling) {
            if (wait.is_last)
                shared.waiters.wake_all();
            return;
        }
        if (status_of(now) == Status::broken) {
            shared.waiters.wake_all();
            shared.throw_broken(wait.deadline);
        }
        // The others wait for the action; this one waits for the next phase. It looks again now and
        // then, since the one that acts may die.
        const Deadline slice(
            std::clamp(wait.deadline.left(), std::chrono::nanoseconds::zero(), look_closer));
        if (shared.waiters.wait(
                slice, [&] { return shared.look() != now; },
                [&] {
                    wait.span.begin();
                    return false;
                }))
            continue;
        if (const ProcessKey dead = shared.find_dead_neighbour(phase_of(now)))
            shared.break_phase(phase_of(now), wait.deadline, {}, dead);
        else if (wait.deadline.over())
            shared.throw_broken(
                "its action took longer than " + time_text(wait.timeout), wait.deadline.deaths());
    }
}

// The last one, which calls the action for all.
void Barrier::act(Wait& wait)
{
    State& shared = wait.shared;
    if (shared.action == 0)
        return;
    wait.span.end();
    const std::string failed = "its action failed in " + this_process.name + ": ";
    try {
        function_at<Action>(shared.action)();
    } catch (const std::exception& error) {
        shared.break_phase(wait.phase, Deadline(forever), failed + error.what());
        throw;
    } catch (...) {
        shared.break_phase(wait.phase, Deadline(forever), failed + "unknown type");
        throw;
    }
    shared.take_decision(Deadline(forever));
    bool in_time = false;
    {
        const RobustHold hold(shared.deciding);
        in_time = shared.look() == pack(wait.phase, Status::acting, shared.parties);
        if (in_time)
            shared.end_phase(wait.phase, 0);
    }
    shared.waiters.wake_all();
    if (!in_time)
        throw_ended(wait);
}

// It is not as this one's phase had left it: it was broken, or reset, or both.
void Barrier::throw_ended(Wait& wait)
{
    if (phase_of(wait.shared.look()) != wait.phase)
        wait.shared.throw_broken("it was reset", wait.deadline.deaths());
    wait.shared.throw_broken(wait.deadline);
}

// Waits for the others.
void Barrier::await(Wait& wait)
{
    State& shared = wait.shared;
    const auto here
        = std::to_string(shared.parties) + (shared.parties == 1 ? " process" : " processes");
    while (true) {
        const Deadline slice(
            std::clamp(wait.deadline.left(), std::chrono::nanoseconds::zero(), look_closer));
        try {
            shared.waiters.wait(
                slice,
                [&] {
                    const std::uint64_t now = shared.look();
                    return phase_of(now) != wait.phase || status_of(now) == Status::broken
                        || ends_so_far() != wait.ends;
                },
                [&] {
                    wait.span.begin();
                    return false;
                });
        } catch (const StopRequested&) {
            shared.break_phase(wait.phase, Deadline(forever), "the run was asked to end");
            throw;
        }
        const std::uint32_t ends_now = ends_so_far();
        const std::uint64_t now = shared.look();
        if (phase_of(now) != wait.phase) {
            if (shared.was_reset(wait.phase))
                throw_ended(wait);
            return;
        }
        if (status_of(now) == Status::broken)
            throw_ended(wait);
        ProcessKey dead = 0;
        if (std::exchange(wait.ends, ends_now) != ends_now)
            dead = shared.find_dead(wait.phase);
        if (dead == 0)
            dead = shared.find_dead_neighbour(wait.phase);
        if (dead != 0)
            shared.break_phase(wait.phase, wait.deadline, {}, dead);
        else if (wait.deadline.over())
            shared.break_phase(wait.phase, wait.deadline,
                this_process.name + " waited " + time_text(wait.timeout) + " in vain, with "
                    + std::to_string(count_of(now)) + " of " + here + " there");
    }
}

void Barrier::abort()
{
    State& shared = state();
    shared.take_decision(Deadline(forever));
    {
        const RobustHold hold(shared.deciding);
        shared.break_now(this_process.name + " has aborted it");
    }
    shared.waiters.wake_all();
}

void Barrier::reset()
{
    State& shared = state();
    shared.take_decision(Deadline(forever));
    {
        const RobustHold hold(shared.deciding);
        shared.end_phase(phase_of(shared.look()), State::reset);
    }
    shared.waiters.wake_all();
}

std::size_t Barrier::parties() const noexcept
{
    return state().parties;
}

std::size_t Barrier::n_waiting() const noexcept
{
    const std::uint64_t now = state().look();
    return status_of(now) == Status::broken ? 0 : count_of(now);
}

bool Barrier::broken() const noexcept
{
    return status_of(state().look()) == Status::broken;
}

std::string Barrier::name() const
{
    return state().name.get();
}

} // namespace manyhands
