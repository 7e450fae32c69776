// SPDX-License-Identifier: MIT
#include "engine/sync/deaths.hpp"

#include "engine/os/process_figures.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

namespace manyhands {
namespace {

std::string name_in(const char* field, std::size_t bytes)
{
    // Written by another process: it may be changing at this moment.
    std::string name(field, bytes);
    return name.substr(0, name.find('\0'));
}

const char* const unknown = "a process that has ended";

// 0 of one that lives. Whoever waited for it writes its exit into the slot right behind that; in
// between it is told nowhere.
int exit_of(std::uint32_t number, std::uint32_t generation)
{
    constexpr int most_looks = 1000;
    const Slot& slot = this_process.segment.slot(number);
    for (int looks = 0; this_process.segment.lives(number, generation); ++looks) {
        const int pid = slot.pid.load(std::memory_order_relaxed);
        if (const auto exit = os::exit_of_unreaped(pid))
            return *exit;
        if (looks == most_looks || !os::has_ended(pid))
            return 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return slot.exit.load(std::memory_order_relaxed);
}

} // namespace

std::uint32_t ends_so_far() noexcept
{
    // Acquire: with the count come the entries before it.
    return this_process.segment.header().deaths.count.load(std::memory_order_acquire);
}

std::vector<Death> deaths_since(std::uint32_t ends_before)
{
    std::vector<Death> deaths;
    const Segment& segment = this_process.segment;
    const DeathLog& log = segment.header().deaths;
    const std::uint32_t ends = ends_so_far();
    const std::uint32_t told = std::min(ends - ends_before, DeathLog::kept);
    for (std::uint32_t number = ends - told; number != ends; ++number) {
        const DeathLog::Entry& entry = log.entries[number % DeathLog::kept];
        const Death death = {name_in(entry.name, sizeof entry.name),
            entry.pid.load(std::memory_order_relaxed), entry.exit.load(std::memory_order_relaxed)};
        if (death.exit != 0)
            deaths.push_back(death);
    }
    const std::uint32_t slots
        = std::min(segment.header().slots_used.load(std::memory_order_acquire), slot_limit);
    for (std::uint32_t number = 1; number < slots; ++number) {
        const Slot& slot = segment.slot(number);
        if (slot.state.load(std::memory_order_acquire)
            != static_cast<std::uint32_t>(SlotState::running))
            continue;
        const int pid = slot.pid.load(std::memory_order_relaxed);
        const std::optional<int> exit = os::exit_of_unreaped(pid);
        if (exit.value_or(0) != 0)
            deaths.push_back({name_of(slot), pid, *exit});
    }
    return deaths;
}

std::string to_text(const std::vector<Death>& deaths)
{
    std::string text;
    for (const Death& death : deaths)
        text += (text.empty() ? "" : "; ") + death.process + " (pid " + std::to_string(death.pid)
            + ") " + how_it_ended(death.exit);
    return text;
}

bool has_ended(std::uint32_t slot, std::uint32_t generation)
{
    const Segment& segment = this_process.segment;
    if (slot >= slot_limit || !segment.lives(slot, generation))
        return true;
    const int pid = segment.slot(slot).pid.load(std::memory_order_relaxed);
    const bool ended = pid > 0 && os::has_ended(pid);
    // The pid is that of the slot's process of this generation, if it has still got it now.
    return !segment.lives(slot, generation)
        || (ended && segment.slot(slot).generation.load(std::memory_order_acquire) == generation);
}

bool seems_alive(ProcessKey key) noexcept
{
    // A slot that no process can have: the word was damaged, and nobody holds by it.
    return slot_of_key(key) < slot_limit
        && this_process.segment.lives(slot_of_key(key), generation_of_key(key));
}

Death death_of(ProcessKey key)
{
    const Segment& segment = this_process.segment;
    const std::uint32_t slot = slot_of_key(key);
    const std::uint32_t generation = generation_of_key(key);
    if (slot >= slot_limit)
        return {unknown, 0, 0};
    Slot& plate = segment.slot(slot);
    const int pid = plate.pid.load(std::memory_order_relaxed);
    const Death on_plate = {name_of(plate), pid, exit_of(slot, generation)};
    // The generation behind the reading: if the slot has been given out again meanwhile, it says
    // so. An exchange of it with itself, since nothing passes that, and a fence means nothing to
    // ThreadSanitizer.
    std::uint32_t still = generation;
    const auto state = static_cast<SlotState>(plate.state.load(std::memory_order_acquire));
    if (plate.generation.compare_exchange_strong(still, generation, std::memory_order_acq_rel)
        && (state == SlotState::running || state == SlotState::ended))
        return on_plate;
    const DeathLog& log = segment.header().deaths;
    const std::uint32_t ends = ends_so_far();
    for (std::uint32_t back = 1; back <= std::min(ends, DeathLog::kept); ++back) {
        const DeathLog::Entry& entry = log.entries[(ends - back) % DeathLog::kept];
        if (entry.slot.load(std::memory_order_relaxed) == slot
            && entry.generation.load(std::memory_order_relaxed) == generation)
            return {name_in(entry.name, sizeof entry.name),
                entry.pid.load(std::memory_order_relaxed),
                entry.exit.load(std::memory_order_relaxed)};
    }
    // One that runs already and whose start is not written down yet: its name is.
    return seems_alive(key) ? Death{on_plate.process, 0, 0} : Death{unknown, 0, 0};
}

std::string name_of_process(ProcessKey key)
{
    return death_of(key).process;
}

std::string signal_name(int number)
{
    const char* const name = ::sigabbrev_np(number);
    return name == nullptr ? "signal " + std::to_string(number) : std::string("SIG") + name;
}

std::string how_it_ended(int exit)
{
    return exit < 0 ? "was killed by " + signal_name(-exit)
                    : "ended with exit code " + std::to_string(exit);
}

TimeoutError::TimeoutError(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_deaths(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

ErrorDetails with_deaths(ErrorDetails details, const std::vector<Death>& deaths)
{
    if (!deaths.empty())
        details.advice = "meanwhile " + to_text(deaths);
    return details;
}

} // namespace manyhands
