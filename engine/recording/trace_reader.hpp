// SPDX-License-Identifier: MIT
// Reads the trace files that trace_file.hpp writes.
#pragma once

#include "engine/os/error.hpp"
#include "engine/recording/recording.hpp"
#include "engine/recording/trace_stream.hpp"

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace manyhands {

/// What stands in a trace file.
struct TraceContents
{
    nlohmann::json head;
    nlohmann::json results; ///< the members asked for; null where they are not complete
    Recording recording;
    /// What of the file is missing, as a clause behind its name: "is cut off in line 7 (byte 912):
    /// 3 of 10 spans …"; empty where it is whole.
    std::string shortfall;
};

/// What to look for in a file.
struct TraceReading
{
    std::string object; ///< the file, as errors name it
    /// Called with the head once that is complete; throws where the file is not to be read on.
    std::function<void(const nlohmann::json& head)> check_head;
    /// Whether this member of the results is kept: what can be computed again need not be.
    std::function<bool(const std::string& member)> keep_result;
};

/// What read_trace() throws of a file that has nothing of a run of ours, not even a damaged head.
class NoRun : public BadValue
{
public:
    using BadValue::BadValue;
};

/// Reads a file, plain or compressed, as it comes: beside what it returns it takes memory for a
/// piece of 64 KiB, and for the longest text in it. A file that is cut off or damaged behind its
/// head is read up to there. Every event has to be one that write_trace() writes. Throws BadValue
/// naming the file, the place and the reason where not even the head is there, and what `source`
/// throws but TraceDamage.
TraceContents read_trace(const TraceSource& source, const TraceReading& reading);

} // namespace manyhands
