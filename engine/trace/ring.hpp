// SPDX-License-Identifier: MIT
// A ring of events: one writer that never waits, one reader that takes, others that follow.
#pragma once

#include "engine/trace/event.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace manyhands {

/// The fixed part at the beginning of a ring's memory; the events stand behind it. Positions count
/// events since the ring was made and never wrap; an event's place is its position modulo capacity.
struct RingHeader
{
    // On lines of their own: the writer's words and the reader's would otherwise travel between
    // two CPUs at each event.
    alignas(64) std::atomic<std::uint64_t> head; ///< events written; by the writer
    std::atomic<std::uint64_t> dropped; ///< events that found no room; by the writer
    alignas(64) std::atomic<std::uint64_t> tail; ///< events taken; by the taking reader
};
static_assert(sizeof(RingHeader) == 128);

/// How many events a ring of `bytes` bytes holds.
constexpr std::size_t ring_capacity(std::size_t bytes) noexcept
{
    return (bytes - sizeof(RingHeader)) / sizeof(TraceEvent);
}

/// The writing side, over plain memory. Belongs to one thread; allocates nothing, takes no lock.
class RingWriter
{
public:
    RingWriter() = default;
    /// Goes on where the ring's memory stands. `memory` is aligned to 64.
    RingWriter(std::byte* memory, std::size_t bytes) noexcept;

    /// Appends `event`; in a full ring counts it as dropped and returns false.
    bool push(const TraceEvent& event) noexcept
    {
        if (head_ - seen_tail_ == capacity_) [[unlikely]] {
            // Acquire: the reader has copied out what lies before its tail.
            seen_tail_ = header_->tail.load(std::memory_order_acquire);
            if (head_ - seen_tail_ >= capacity_) {
                header_->dropped.store(header_->dropped.load(std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
                return false;
            }
        }
        write(events_ + index_, event);
        if (++index_ == capacity_)
            index_ = 0;
        // Release: who sees the new head sees the event.
        header_->head.store(++head_, std::memory_order_release);
        return true;
    }

    /// Whether less than a quarter of the ring is free.
    bool nearly_full() noexcept
    {
        if (head_ - seen_tail_ <= capacity_ / 4 * 3) [[likely]]
            return false;
        seen_tail_ = header_->tail.load(std::memory_order_acquire); // as in push()
        return head_ - seen_tail_ > capacity_ / 4 * 3;
    }

private:
    // As atomic words, since a following reader may copy them at this very moment. Release: who
    // reads one of them sees the head that came before.
    static void write(TraceEvent* to, const TraceEvent& event) noexcept;

    RingHeader* header_ = nullptr;
    TraceEvent* events_ = nullptr;
    std::uint64_t capacity_ = 0;
    std::uint64_t head_ = 0;
    std::uint64_t seen_tail_ = 0;
    std::uint64_t index_ = 0;
};

inline void RingWriter::write(TraceEvent* to, const TraceEvent& event) noexcept
{
    std::uint64_t words[3];
    static_assert(sizeof words == sizeof event);
    __builtin_memcpy(words, &event, sizeof words);
    auto* const target = reinterpret_cast<std::uint64_t*>(to);
    for (int i = 0; i < 3; ++i)
        __atomic_store_n(target + i, words[i], __ATOMIC_RELEASE);
}

/// How a reader treats the ring.
enum class RingReading : std::uint8_t {
    taking, ///< gives room back to the writer; one such reader a ring
    following, ///< only looks; what was overwritten before it looked is counted as missed
};

/// The reading side. Trusts no word of the ring's memory, but that it is mapped.
class RingReader
{
public:
    RingReader() = default;
    RingReader(std::byte* memory, std::size_t bytes, RingReading reading) noexcept;

    /// Appends what is new to `events`, at most `most` of it. Returns how many.
    std::size_t read(std::vector<TraceEvent>& events, std::size_t most);

    std::uint64_t dropped() const noexcept; ///< by the writer
    std::uint64_t missed() const noexcept { return missed_; } ///< by this follower
    bool damaged() const noexcept { return damaged_; } ///< the head was where no writer puts it

private:
    RingHeader* header_ = nullptr;
    TraceEvent* events_ = nullptr;
    std::uint64_t capacity_ = 0;
    std::uint64_t position_ = 0;
    std::uint64_t missed_ = 0;
    RingReading reading_ = RingReading::taking;
    bool damaged_ = false;
};

} // namespace manyhands
