// SPDX-License-Identifier: MIT
// What an event costs where nothing is traced: one branch that is always predicted.
#include "engine/trace/this_process.hpp"
#include "tests/bench/harness.hpp"

#include <benchmark/benchmark.h>
#include <cstdio>

namespace manyhands::bench {
namespace {

constexpr std::uint32_t rounds = 2'000'000;
constexpr int pairs = 51;

template <class Body>
double ns_a_round(const Body& body)
{
    const std::int64_t begin = os::monotonic_ns();
    for (std::uint32_t i = 0; i < rounds; ++i) {
        body(i);
        // What the recorder is must be looked up again in each round, as between two tasks.
        benchmark::ClobberMemory();
    }
    return static_cast<double>(os::monotonic_ns() - begin) / rounds;
}

std::vector<Row> measure()
{
    Row row = paired_row("event untraced", "ns",
        measure_in_turn(
            pairs,
            [] {
                return ns_a_round([](std::uint32_t i) {
                    this_process.recorder.event(EventKind::task_begun, 0, i, i);
                });
            },
            [] { return ns_a_round([](std::uint32_t) {}); }),
        "an empty loop");
    char branch[64];
    std::snprintf(
        branch, sizeof branch, "the branch itself: %.2f ns", row.ours.median - row.floor->median);
    row.note = branch;
    return {row};
}

} // namespace

const Figure event_untraced = {"event_untraced", measure};

} // namespace manyhands::bench
