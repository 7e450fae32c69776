// SPDX-License-Identifier: MIT
// What recording one event costs its process, in a ring with room.
#include "engine/trace/this_process.hpp"
#include "tests/bench/harness.hpp"
#include "tests/bench/plain_ring.hpp"

#include <vector>

namespace manyhands::bench {
namespace {

// A third of a ring: no sample meets a full one.
constexpr std::uint32_t events_a_sample = 60'000;
constexpr int pairs = 101;

double ns_an_event(std::int64_t begin_ns)
{
    return static_cast<double>(os::monotonic_ns() - begin_ns) / events_a_sample;
}

// Through the process-wide recorder, as all of the engine does it.
double record()
{
    const std::int64_t begin = os::monotonic_ns();
    for (std::uint32_t i = 0; i < events_a_sample; ++i)
        this_process.recorder.event(EventKind::task_begun, 0, i, i);
    return ns_an_event(begin);
}

double write_plainly(PlainRing& ring, os::ClockSource source)
{
    PlainWriter writer(ring.shared());
    const std::int64_t begin = os::monotonic_ns();
    for (std::uint32_t i = 0; i < events_a_sample; ++i)
        writer.push({os::read_ticks(source), i, i, 0, EventKind::task_begun, 0});
    return ns_an_event(begin);
}

Peer lttng()
{
#if __has_include(<lttng/tracepoint.h>)
    return {"LTTng-UST", std::nullopt, "installed, but not measured: it needs its daemon"};
#else
    return {"LTTng-UST", std::nullopt, "not installed"};
#endif
}

std::vector<Row> measure()
{
    this_process.segment = Segment({.traced = true, .observed = true});
    this_process.recorder = Recorder(this_process.segment, main_slot);
    RingReader reader(this_process.segment.ring(main_slot), ring_bytes, RingReading::taking);
    std::vector<TraceEvent> taken;
    PlainRing plain;
    const os::ClockSource source = this_process.segment.header().clock.source;
    Row row = paired_row("event recorded", "ns",
        measure_in_turn(
            pairs,
            [&] {
                const double ns = record();
                taken.clear();
                reader.read(taken, events_a_sample);
                return ns;
            },
            [&] {
                const double ns = write_plainly(plain, source);
                plain.drain(events_a_sample);
                return ns;
            }),
        "clock, 24 bytes, release of the head, in a local ring");
    row.goal = Goal::ratio_at_most;
    row.target = 1.3;
    row.peers = {lttng()};
    if (reader.dropped() > 0)
        row.note = std::to_string(reader.dropped()) + " dropped: the figure does not hold";
    else if (source == os::ClockSource::monotonic)
        row.note = "the clock is CLOCK_MONOTONIC here: most of it is the clock";
    this_process.recorder = Recorder();
    this_process.segment = Segment();
    return {row};
}

} // namespace

const Figure event_recorded = {"event_recorded", measure};

} // namespace manyhands::bench
