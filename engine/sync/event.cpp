// SPDX-License-Identifier: MIT
#include "engine/sync/event.hpp"

#include "engine/sync/shared_text.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/wait_text.hpp"

#include <atomic>
#include <cstdint>
#include <new>

namespace manyhands {
namespace {

constexpr std::uint64_t set_bit = 1;
constexpr std::uint64_t one_time = 2;

} // namespace

struct Event::State
{
    // Bit 0: it is set; above: how often it was. One word, so a death leaves nothing half done.
    alignas(64) std::atomic<std::uint64_t> word;
    Waiters waiters;
    std::uint16_t number;
    SharedName name;
};

Event::Event(std::string name)
    : block_(name.empty() ? "event" : "event " + name, sizeof(State))
{
    State& state = *new (block_.memory()) State();
    state.number = this_process.arena->next_lock();
    state.name.set(name_or_number(name, "Event", state.number));
    tell_of_lock(state.number, "event", state.name.get());
}

Event::State& Event::state() const noexcept
{
    return block_.as<State>();
}

void Event::set() noexcept
{
    std::atomic<std::uint64_t>& word = state().word;
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    // Sequentially consistent: before the list of sleepers is looked at. Also where it is set
    // already: what this process did before is seen by who waits.
    while (!word.compare_exchange_weak(seen,
        (seen & set_bit) != 0 ? seen : (seen + one_time) | set_bit, std::memory_order_seq_cst)) { }
    state().waiters.wake_all();
}

void Event::clear() noexcept
{
    // Release: who sees it cleared sees what was done before.
    state().word.fetch_and(~set_bit, std::memory_order_release);
}

bool Event::is_set() const noexcept
{
    // Acquire: with it comes what was done before set().
    return (state().word.load(std::memory_order_acquire) & set_bit) != 0;
}

void Event::wait(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    State& shared = state();
    const Deadline deadline(timeout);
    const std::uint64_t before = shared.word.load(std::memory_order_seq_cst);
    if ((before & set_bit) != 0)
        return;
    WaitSpan span(shared.number, where);
    const bool held = shared.waiters.wait(
        deadline, [&] { return shared.word.load(std::memory_order_seq_cst) != before; },
        [&] {
            span.begin();
            return false;
        });
    if (!held)
        throw TimeoutError({.object = "event " + shared.name.get(),
                               .problem = "was not set in time",
                               .value = time_text(timeout)},
            deadline.deaths());
}

std::string Event::name() const
{
    return state().name.get();
}

} // namespace manyhands
