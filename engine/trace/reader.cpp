// SPDX-License-Identifier: MIT
#include "engine/trace/reader.hpp"

#include <algorithm>

namespace manyhands {
namespace {

Role safe_role(Role role)
{
    return role <= Role::server ? role : Role::worker;
}

StartMethod safe_method(StartMethod method)
{
    return method <= StartMethod::thread ? method : StartMethod::none;
}

} // namespace

SegmentReader::SegmentReader(const Segment& segment, RingReading reading)
    : segment_(segment)
    , reading_(reading)
{
}

std::uint32_t SegmentReader::slots_used() const noexcept
{
    return std::min(segment_.header().slots_used.load(std::memory_order_acquire), slot_limit);
}

std::optional<SlotInfo> SegmentReader::started(std::uint32_t number)
{
    Slot& slot = segment_.slot(number);
    Seen& seen = seen_[number];
    // Acquire, in this order: the state is that of this generation or of a later one, never of the
    // process that had the slot before; and what the slot's giver wrote before the state is
    // complete.
    const std::uint32_t generation = slot.generation.load(std::memory_order_acquire);
    const auto state = static_cast<SlotState>(slot.state.load(std::memory_order_acquire));
    if (seen.generation != 0) {
        // Who follows may be too late: then another process has the slot already.
        seen.had_ended = state == SlotState::ended || generation != seen.generation;
        return std::nullopt;
    }
    if (state == SlotState::free || generation == 0 || generation == seen.finished)
        return std::nullopt;
    seen.generation = generation;
    seen.had_ended = state == SlotState::ended;
    seen.ring = segment_.header().traced != 0
        ? RingReader(segment_.ring(number), ring_bytes, reading_)
        : RingReader();
    seen.text = TextReader(segment_.text(number), segment_.text_size(number));
    return SlotInfo{.slot = number,
        .generation = generation,
        .group = slot.group.load(std::memory_order_relaxed),
        .name = name_of(slot),
        .pid = slot.pid.load(std::memory_order_relaxed),
        .role = safe_role(slot.role),
        .start_method = safe_method(slot.start_method),
        .start_ticks = slot.start_ticks.load(std::memory_order_relaxed)};
}

std::size_t SegmentReader::events(
    std::uint32_t slot, std::vector<TraceEvent>& events, std::size_t most)
{
    return seen_[slot].ring.read(events, most);
}

bool SegmentReader::text(std::uint32_t slot, TextRecord& record)
{
    return seen_[slot].text.next(record);
}

SlotFigures SegmentReader::figures(std::uint32_t number) const
{
    const Slot& slot = segment_.slot(number);
    const Seen& seen = seen_[number];
    return {.work_done = slot.work_done.load(std::memory_order_relaxed),
        .tasks_done = slot.tasks_done.load(std::memory_order_relaxed),
        .events_dropped = seen.ring.dropped() + seen.ring.missed(),
        .text_dropped = seen.text.dropped(),
        .damaged = seen.ring.damaged() || seen.text.damaged()};
}

std::optional<BegunTask> SegmentReader::begun_task(std::uint32_t number) const noexcept
{
    const Slot& slot = segment_.slot(number);
    if (segment_.header().traced == 0
        || slot.generation.load(std::memory_order_acquire) != seen_[number].generation)
        return std::nullopt;
    // Acquire: with the task come its begin and the events before it.
    const std::uint64_t task = slot.task.load(std::memory_order_acquire);
    if (task == 0)
        return std::nullopt;
    return BegunTask{task - 1, slot.task_ticks.load(std::memory_order_acquire)};
}

std::optional<SlotEnd> SegmentReader::ended(std::uint32_t number)
{
    return number == main_slot ? std::nullopt : take_end(number);
}

std::optional<SlotEnd> SegmentReader::watched_main_ended()
{
    return take_end(main_slot);
}

SlotInfo SegmentReader::named(std::uint32_t number) const
{
    const Slot& slot = segment_.slot(number);
    return {.slot = number,
        .generation = seen_[number].generation,
        .group = 0,
        .name = name_of(slot),
        .pid = slot.pid.load(std::memory_order_relaxed),
        .role = safe_role(slot.role),
        .start_method = safe_method(slot.start_method),
        .start_ticks = slot.start_ticks.load(std::memory_order_relaxed)};
}

std::optional<SlotEnd> SegmentReader::take_end(std::uint32_t number)
{
    Seen& seen = seen_[number];
    if (seen.generation == 0 || !seen.had_ended)
        return std::nullopt;
    Slot& slot = segment_.slot(number);
    const SlotEnd end = {.end_ticks = slot.end_ticks.load(std::memory_order_relaxed),
        .exit = slot.exit.load(std::memory_order_relaxed),
        .cpu_ns = slot.cpu_ns.load(std::memory_order_relaxed),
        .run_delay_ns = slot.run_delay_ns.load(std::memory_order_relaxed),
        .peak_rss_bytes = slot.peak_rss_bytes.load(std::memory_order_relaxed)};
    seen.finished = seen.generation;
    seen.generation = 0;
    if (reading_ == RingReading::taking) {
        // Release: all of the slot has been copied out before it is given to another process.
        slot.drained.store(seen.finished, std::memory_order_release);
    }
    return end;
}

} // namespace manyhands
