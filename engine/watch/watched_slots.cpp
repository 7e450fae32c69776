// SPDX-License-Identifier: MIT
#include "engine/watch/watched_slots.hpp"

#include <algorithm>

namespace manyhands {
namespace {

// Most processes are sampled, and short: a ring of 4 MiB each would be a gigabyte.
constexpr std::size_t first_bytes = std::size_t{16} << 10;

} // namespace

WatchedSlots::WatchedSlots(const Segment& segment)
    : segment_(segment)
{
    backed_[main_slot] = ring_bytes;
}

bool WatchedSlots::is_free(std::uint32_t number) const noexcept
{
    const Slot& slot = segment_.slot(number);
    const auto state = static_cast<SlotState>(slot.state.load(std::memory_order_relaxed));
    // Acquire: the observer has copied everything out of it.
    return state == SlotState::free
        || (state == SlotState::ended
            && slot.drained.load(std::memory_order_acquire)
                == slot.generation.load(std::memory_order_relaxed));
}

std::optional<std::uint32_t> WatchedSlots::take()
{
    if (!root_given_) {
        root_given_ = true;
        return main_slot;
    }
    for (std::uint32_t number = 1; number < slot_limit; ++number) {
        if (!is_free(number))
            continue;
        back(number, first_bytes);
        segment_.clear_slot(number);
        Slot& slot = segment_.slot(number);
        slot.state.store(static_cast<std::uint32_t>(SlotState::free), std::memory_order_relaxed);
        slot.work_done.store(0, std::memory_order_relaxed);
        slot.tasks_done.store(0, std::memory_order_relaxed);
        slot.task.store(0, std::memory_order_relaxed);
        slot.gate.store(0, std::memory_order_relaxed);
        return number;
    }
    return std::nullopt;
}

void WatchedSlots::run(std::uint32_t number) noexcept
{
    Slot& slot = segment_.slot(number);
    std::atomic<std::uint32_t>& used = segment_.header().slots_used;
    // Release, in this order, as SegmentReader reads them.
    if (used.load(std::memory_order_relaxed) <= number)
        used.store(number + 1, std::memory_order_release);
    slot.state.store(static_cast<std::uint32_t>(SlotState::starting), std::memory_order_release);
    slot.generation.fetch_add(1, std::memory_order_release);
    slot.state.store(static_cast<std::uint32_t>(SlotState::running), std::memory_order_release);
}

void WatchedSlots::end(std::uint32_t number) noexcept
{
    // Release: with the state come the figures.
    segment_.slot(number).state.store(
        static_cast<std::uint32_t>(SlotState::ended), std::memory_order_release);
}

void WatchedSlots::back(std::uint32_t number, std::size_t bytes)
{
    if (backed_[number] >= std::min(bytes, ring_bytes))
        return;
    segment_.back_slot(number, bytes);
    backed_[number] = std::min(bytes, ring_bytes);
}

} // namespace manyhands
