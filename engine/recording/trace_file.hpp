// SPDX-License-Identifier: MIT
// Writes a recording as a Chrome Trace Event file, which Perfetto and speedscope open too.
#pragma once

#include "engine/recording/recording.hpp"
#include "engine/recording/trace_stream.hpp"

#include <functional>
#include <nlohmann/json_fwd.hpp>

namespace manyhands {

/// Streams `recording` to `sink` in pieces of about 64 KiB: `{"displayTimeUnit","otherData":
/// {"manyhands": head},"traceEvents":[…],"manyhandsResults": results}`, one event a line. Nothing
/// of the recording is lost: read_trace() makes the same of it. `progress` is told the share of
/// the events that is written. Memory use does not grow with the recording's events.
///
/// Every "ts" is in µs with three decimals since the recording's origin, and exact.
/// - "M": "manyhands_recording" (origin_ns, now_ns), "manyhands_lane", "manyhands_channel",
///   "manyhands_lock", "manyhands_value", "manyhands_gate", "manyhands_place" and
///   "manyhands_output" hold the lists of these, in order of their "index"; names and sort indices
///   of processes and threads are for viewers. A lane's tid is its pid, and another number where a
///   process before had that pid.
/// - "B" and "E": a state, strictly nested. What it is about (task, channel, lock, gate or subject)
///   and its place are members of the "B" event itself, as indices: speedscope takes events for a
///   pair only where both have the same name and "args". "open": it had not ended.
/// - "b" and the "e" behind it: a phase (kind, number, work) or a task (task, argument, outcome);
///   they need not nest with spans.
/// - "s", "f": the ends of a message (channel, message, bytes) within a span; "time_ns" where it
///   had to be drawn a nanosecond early to lie there. Outside of spans, and summarised ("messages"
///   counts them), they are instants of the category "message".
/// - "i", by category: "stop", "exit", "pause", "lock" ("lock held" and "paused" with dur_ns, and
///   "open" where they had not ended; "lock awaited" of a holder, which is a lane; "lock recovered"
///   from one), "value" ("now" in its form, or its bits as a number).
/// - "C": "depth" of a channel in messages, "work" done; "memory rss" of a lane in bytes and,
///   where it was read at that moment, behind it "memory pss".
void write_trace(const Recording& recording, const nlohmann::json& head,
    const nlohmann::json& results, const TraceSink& sink,
    const std::function<void(double share)>& progress = {});

} // namespace manyhands
