// SPDX-License-Identifier: MIT
#include "engine/trace/ring.hpp"

#include <algorithm>
#include <cstring>

namespace manyhands {
namespace {

void copy_event(TraceEvent& to, const TraceEvent* from) noexcept
{
    const auto* const source = reinterpret_cast<const std::uint64_t*>(from);
    std::uint64_t words[3];
    // Acquire: who reads a word that overwrites an older event sees the head before it, too.
    for (int i = 0; i < 3; ++i)
        words[i] = __atomic_load_n(source + i, __ATOMIC_ACQUIRE);
    std::memcpy(&to, words, sizeof words);
}

} // namespace

RingWriter::RingWriter(std::byte* memory, std::size_t bytes) noexcept
    : header_(reinterpret_cast<RingHeader*>(memory))
    , events_(reinterpret_cast<TraceEvent*>(memory + sizeof(RingHeader)))
    , capacity_(ring_capacity(bytes))
    , head_(header_->head.load(std::memory_order_relaxed))
    , seen_tail_(header_->tail.load(std::memory_order_acquire))
    , index_(head_ % capacity_)
{
}

RingReader::RingReader(std::byte* memory, std::size_t bytes, RingReading reading) noexcept
    : header_(reinterpret_cast<RingHeader*>(memory))
    , events_(reinterpret_cast<TraceEvent*>(memory + sizeof(RingHeader)))
    , capacity_(ring_capacity(bytes))
    , reading_(reading)
{
}

std::size_t RingReader::read(std::vector<TraceEvent>& events, std::size_t most)
{
    if (header_ == nullptr)
        return 0;
    // Acquire: pairs with the writer's release; the events before the head are whole.
    std::uint64_t head = header_->head.load(std::memory_order_acquire);
    if (head < position_) {
        damaged_ = true;
        return 0;
    }
    if (head - position_ > capacity_ && reading_ == RingReading::taking) {
        // The writer never passes us: somebody else wrote here.
        damaged_ = true;
        return 0;
    }
    // The oldest event's place may be the one that is being written now: it counts as overwritten.
    if (head - position_ >= capacity_ && reading_ == RingReading::following) {
        missed_ += head + 1 - capacity_ - position_;
        position_ = head + 1 - capacity_;
    }
    const std::size_t count
        = static_cast<std::size_t>(std::min<std::uint64_t>(head - position_, most));
    const std::size_t old_size = events.size();
    events.resize(old_size + count);
    std::uint64_t index = position_ % capacity_;
    for (std::size_t i = 0; i < count; ++i) {
        copy_event(events[old_size + i], events_ + index);
        if (++index == capacity_)
            index = 0;
    }
    const std::uint64_t first = position_;
    position_ += count;
    if (reading_ == RingReading::taking) {
        // Release: the writer may overwrite what we have copied.
        header_->tail.store(position_, std::memory_order_release);
        return count;
    }
    // What the writer has overwritten while we copied is not what it was: as a sequence lock reads,
    // look at the head again. The place being written now counts as overwritten.
    head = header_->head.load(std::memory_order_relaxed);
    const std::uint64_t oldest_whole = head + 1 > capacity_ ? head + 1 - capacity_ : 0;
    if (oldest_whole > first) {
        const auto torn
            = static_cast<std::size_t>(std::min<std::uint64_t>(oldest_whole - first, count));
        events.erase(events.begin() + static_cast<std::ptrdiff_t>(old_size),
            events.begin() + static_cast<std::ptrdiff_t>(old_size + torn));
        missed_ += torn;
        return count - torn;
    }
    return count;
}

std::uint64_t RingReader::dropped() const noexcept
{
    return header_ == nullptr ? 0 : header_->dropped.load(std::memory_order_relaxed);
}

} // namespace manyhands
