// SPDX-License-Identifier: MIT
// Writes a recording as a Chrome Trace Event file, which Perfetto and speedscope open too.
#pragma once

#include "engine/recording/recording.hpp"

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace manyhands {

/// Takes the next piece of the file; throws to end the writing.
using TraceSink = std::function<void(std::string_view)>;

/// Streams `recording` to `sink` in pieces of about 64 KiB: `{"displayTimeUnit","otherData":
/// {"manyhands": head},"traceEvents":[…],"manyhandsResults": results}`. States are B/E pairs in µs
/// with three decimals since the recording's origin, strictly nested; messages are flow events
/// where a span contains them, else instants; depths and work are counters; phases and tasks are
/// asynchronous events. Holds and recoveries of locks, changes of values and pauses of the run are
/// instants: "lock held" (with start_ns and dur_ns, at its begin), "lock awaited" (of whom),
/// "lock recovered", "value changed", "paused" (as "lock held"). Lanes, channels, locks, values,
/// gates, places and output stand in metadata events of our own ("manyhands_lane"), so that nothing
/// of the recording is lost. A file without one of these kinds is one of a run that had none. One
/// event a line. Memory use does not grow with the recording's events.
void write_trace(const Recording& recording, const nlohmann::json& head,
    const nlohmann::json& results, const TraceSink& sink);

/// Wraps a sink: what it passes on is the gzip stream of what it takes.
class GzipSink
{
public:
    explicit GzipSink(TraceSink next);
    ~GzipSink();
    GzipSink(const GzipSink&) = delete;
    GzipSink& operator=(const GzipSink&) = delete;

    void operator()(std::string_view piece);
    void finish(); ///< writes the end of the stream; call once, after the last piece

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace manyhands
