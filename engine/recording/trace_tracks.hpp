// SPDX-License-Identifier: MIT
// How a viewer draws a recording: a process and thread for each lane, and messages within spans.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands {

/// The process and thread that a viewer draws a lane as.
struct Track
{
    std::int64_t pid;
    std::int64_t tid;
    bool first_of_process; ///< the lane that names the process
};

/// Lanes' tracks: tid is the process's pid, and another number where a pid was used before, since
/// a viewer takes one tid for one lane.
std::vector<Track> tracks_of(const std::vector<Lane>& lanes);

/// Finds the spans of a lane that contain moments, which come in order.
class SpanCursor
{
public:
    /// When to draw an event of the moment `time` so that it lies within the innermost span around
    /// it, which may end just then; nothing where no span contains it.
    std::optional<std::int64_t> within(const Lane& lane, std::int64_t time);

private:
    std::optional<std::int64_t> find(const Lane& lane, std::int64_t time);

    std::vector<Span> open_; ///< outermost first
    std::size_t next_ = 0;
    std::optional<std::int64_t> last_time_;
    std::optional<std::int64_t> last_answer_;
};

} // namespace manyhands
