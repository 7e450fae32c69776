// SPDX-License-Identifier: MIT
// The floor under a trace: the least that a ring of events in shared memory can be.
#pragma once

#include "engine/os/memory.hpp"
#include "engine/trace/event.hpp"
#include "engine/trace/ring.hpp"
#include "engine/trace/segment.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace manyhands::bench {

/// As large as a lane's ring: what fits into which cache must not tell them apart.
class PlainRing
{
public:
    static constexpr std::uint64_t capacity = ring_capacity(ring_bytes);

    /// Zeros, and in memory already.
    PlainRing();

    struct Shared
    {
        alignas(64) std::atomic<std::uint64_t> head;
        alignas(64) std::atomic<std::uint64_t> tail;
        alignas(64) TraceEvent events[capacity];
    };
    Shared& shared() const noexcept;

    /// Takes what is there, once it is `at_least` events; returns how many.
    std::uint64_t drain(std::uint64_t at_least) noexcept;

private:
    os::SharedMemory memory_;
};

/// The writing side, made anew for each loop so that the compiler keeps it in registers.
class PlainWriter
{
public:
    explicit PlainWriter(PlainRing::Shared& ring) noexcept
        : ring_(ring)
        , head_(ring.head.load(std::memory_order_relaxed))
        , tail_(ring.tail.load(std::memory_order_acquire))
        , index_(head_ % PlainRing::capacity)
    {
    }

    bool push(const TraceEvent& event) noexcept
    {
        if (head_ - tail_ == PlainRing::capacity) [[unlikely]] {
            tail_ = ring_.tail.load(std::memory_order_acquire);
            if (head_ - tail_ == PlainRing::capacity)
                return false;
        }
        ring_.events[index_] = event;
        if (++index_ == PlainRing::capacity)
            index_ = 0;
        ring_.head.store(++head_, std::memory_order_release);
        return true;
    }

private:
    PlainRing::Shared& ring_;
    std::uint64_t head_;
    std::uint64_t tail_;
    std::uint64_t index_;
};

} // namespace manyhands::bench
