// SPDX-License-Identifier: MIT
// Reads traces of other programs: Chrome's trace events, which VizTracer and many others write.
#pragma once

#include "engine/recording/recording.hpp"
#include "engine/recording/trace_stream.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace manyhands {

/// What stands in such a trace, as far as we show it: a lane for each thread with spans, and its
/// spans in the state `foreign`, each with its name. Time 0 is the first one's begin.
struct ForeignTrace
{
    Recording recording;
    std::string writer; ///< "VizTracer"; empty where that is not told
    std::uint64_t entries = 0; ///< events of all kinds
    std::string left_out; ///< "12 counters, 3 flows"; empty where nothing was
    std::uint64_t without_end = 0; ///< spans that are drawn to their thread's last moment
    /// What of the file is missing, as a clause behind its name; empty where it is whole. A list
    /// that is not closed, or has a comma at its end, is whole: the format says so.
    std::string shortfall;
};

/// Reads a trace, be it a list of events or an object with a list "traceEvents"; nothing where it
/// is neither, or none of the entries says what kind of event it is. Events may stand in any order.
/// A text that is cut off or damaged is read up to there. Throws what `source` throws but
/// TraceDamage. Format: "Trace Event Format", the Chromium project.
std::optional<ForeignTrace> read_foreign_trace(const TraceSource& source);

} // namespace manyhands
