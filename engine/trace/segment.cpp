// SPDX-License-Identifier: MIT
#include "engine/trace/segment.hpp"

#include "engine/os/error.hpp"
#include "engine/os/futex.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace manyhands {
namespace {

constexpr std::size_t page = 4096;

constexpr std::size_t whole_pages(std::size_t bytes)
{
    return (bytes + page - 1) / page * page;
}

// In this order: header, slots, the main slot's text, ring and text of each slot, watched objects.
constexpr std::size_t slots_offset = whole_pages(sizeof(SegmentHeader));
constexpr std::size_t main_text_offset = slots_offset + whole_pages(slot_limit * sizeof(Slot));
constexpr std::size_t parts_offset = main_text_offset + main_text_bytes;
constexpr std::size_t part_bytes = ring_bytes + text_bytes;
constexpr std::size_t watched_offset = parts_offset + slot_limit * part_bytes;
constexpr std::size_t watched_bytes = WatchedObject::limit * sizeof(WatchedObject);
constexpr std::size_t segment_bytes = watched_offset + watched_bytes;

constexpr std::size_t ring_offset(std::uint32_t slot)
{
    return parts_offset + slot * part_bytes;
}

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(Slot) % 64 == 0);

} // namespace

Segment::Segment(SegmentOptions options)
    : memory_("manyhands-segment", segment_bytes)
{
    memory_.back(0, main_text_offset);
    // All of it is zero, which is what every atomic and counter begins with.
    auto* const header = new (memory_.data()) SegmentHeader;
    header->traced = options.traced ? 1 : 0;
    header->observed = options.observed ? 1 : 0;
    header->clock = options.only_engine_writes ? os::calibrate_clock() : os::monotonic_clock();
    header->layout_version = segment_layout_version;
    header->magic = segment_magic;
    memory_.back(main_text_offset, main_text_bytes);
    if (!options.only_engine_writes)
        memory_.back(watched_offset, watched_bytes);
    back_slot(main_slot);
}

Segment::Segment(os::Descriptor descriptor)
    : memory_(std::move(descriptor), sizeof(SegmentHeader))
{
    // First: one of another version may be of another size, too.
    if (header().magic != segment_magic || header().layout_version != segment_layout_version)
        throw Error({.object = "segment",
            .problem = "has another layout than this program was built for",
            .value = "version " + std::to_string(header().layout_version),
            .limit = "version " + std::to_string(segment_layout_version),
            .advice = "build the program again with the engine of the Manyhands that opened it"});
    if (memory_.size() < segment_bytes)
        throw Error({.object = "segment",
            .problem = "is too small",
            .value = std::to_string(memory_.size()) + " bytes",
            .limit = "at least " + std::to_string(segment_bytes)});
}

Slot& Segment::slot(std::uint32_t number) const noexcept
{
    return *std::launder(
        reinterpret_cast<Slot*>(memory_.data() + slots_offset + number * sizeof(Slot)));
}

WatchedObject& Segment::watched(std::uint32_t number) const noexcept
{
    return *std::launder(reinterpret_cast<WatchedObject*>(
        memory_.data() + watched_offset + number * sizeof(WatchedObject)));
}

std::byte* Segment::ring(std::uint32_t slot) const noexcept
{
    return memory_.data() + ring_offset(slot);
}

std::byte* Segment::text(std::uint32_t slot) const noexcept
{
    return memory_.data() + (slot == main_slot ? main_text_offset : ring_offset(slot) + ring_bytes);
}

std::size_t Segment::text_size(std::uint32_t slot) const noexcept
{
    return slot == main_slot ? main_text_bytes : text_bytes;
}

RingWriter Segment::ring_writer(std::uint32_t slot) const noexcept
{
    return {ring(slot), ring_bytes};
}

TextWriter Segment::text_writer(std::uint32_t slot) const noexcept
{
    return {text(slot), text_size(slot), slot == main_slot ? document_reserved_bytes : 0};
}

void Segment::back_slot(std::uint32_t slot) const
{
    if (header().traced != 0)
        memory_.back(ring_offset(slot), part_bytes);
    else
        memory_.back(ring_offset(slot) + ring_bytes, text_bytes);
}

void Segment::back_slot(std::uint32_t slot, std::size_t bytes) const
{
    memory_.back(ring_offset(slot), std::min(whole_pages(bytes), ring_bytes));
    memory_.back(ring_offset(slot) + ring_bytes, text_bytes);
}

void Segment::clear_slot(std::uint32_t slot) const noexcept
{
    if (header().traced != 0)
        std::memset(ring(slot), 0, sizeof(RingHeader));
    std::memset(text(slot), 0, sizeof(TextAreaHeader));
}

bool Segment::lives(std::uint32_t number, std::uint32_t generation) const noexcept
{
    const Slot& of = slot(number);
    // Acquire, in this order: the state is that of this generation or of a later one. A slot that
    // is being given to its next process has a state of `starting` and the last one's generation
    // for a moment: then the last one is taken for alive, and looked at again.
    if (of.generation.load(std::memory_order_acquire) != generation)
        return of.generation.load(std::memory_order_relaxed) < generation;
    const auto state = static_cast<SlotState>(of.state.load(std::memory_order_acquire));
    return state == SlotState::running || state == SlotState::starting;
}

void wake(const Segment& segment, std::uint32_t slot) noexcept
{
    std::atomic<std::uint32_t>& word = segment.slot(slot).wake;
    // Release: the sleeper sees what its waker did before.
    word.fetch_add(1, std::memory_order_release);
    os::futex_wake(word, 1);
}

void wake_everybody(const Segment& segment) noexcept
{
    const std::uint32_t slots
        = std::min(segment.header().slots_used.load(std::memory_order_acquire), slot_limit);
    for (std::uint32_t slot = 0; slot < slots; ++slot) {
        const auto state
            = static_cast<SlotState>(segment.slot(slot).state.load(std::memory_order_relaxed));
        if (state == SlotState::running || state == SlotState::starting)
            wake(segment, slot);
    }
}

void set_name(Slot& slot, std::string_view name) noexcept
{
    const std::size_t length = std::min(name.size(), Slot::name_bytes - 1);
    std::memcpy(slot.name, name.data(), length);
    std::memset(slot.name + length, 0, Slot::name_bytes - length);
}

std::string name_of(const Slot& slot)
{
    char name[Slot::name_bytes];
    std::memcpy(name, slot.name, sizeof name);
    name[sizeof name - 1] = '\0';
    return name;
}

} // namespace manyhands
