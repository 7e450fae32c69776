// SPDX-License-Identifier: MIT
#include "tests/bench/plain_ring.hpp"

#include <benchmark/benchmark.h>
#include <new>
#include <sched.h>

namespace manyhands::bench {

PlainRing::PlainRing()
    : memory_("manyhands-bench-ring", sizeof(Shared))
{
    memory_.back(0, sizeof(Shared));
}

PlainRing::Shared& PlainRing::shared() const noexcept
{
    return *std::launder(reinterpret_cast<Shared*>(memory_.data()));
}

std::uint64_t PlainRing::drain(std::uint64_t at_least) noexcept
{
    Shared& ring = shared();
    const std::uint64_t tail = ring.tail.load(std::memory_order_relaxed);
    std::uint64_t head = ring.head.load(std::memory_order_acquire);
    while (head - tail < at_least) {
        // On a busy machine the writer may be waiting for this CPU.
        ::sched_yield();
        head = ring.head.load(std::memory_order_acquire);
    }
    std::uint64_t index = tail % capacity;
    for (std::uint64_t i = tail; i < head; ++i) {
        TraceEvent event = ring.events[index];
        benchmark::DoNotOptimize(event);
        if (++index == capacity)
            index = 0;
    }
    ring.tail.store(head, std::memory_order_release);
    return head - tail;
}

} // namespace manyhands::bench
