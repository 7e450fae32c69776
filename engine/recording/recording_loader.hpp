// SPDX-License-Identifier: MIT
// Builds a Recording from the events of a trace file. Trusts none of them.
#pragma once

#include "engine/recording/recording.hpp"
#include "engine/recording/trace_event_fields.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace manyhands {

/// Turns a file's events, in the order in which the writer gives them, into what was written.
/// Keeps the model's promises whatever the events say: spans nest, times do not run backwards
/// within a lane, every index leads somewhere. Belongs to one thread.
class RecordingLoader
{
public:
    /// Takes one event; throws TraceDamage and leaves all as it was where it cannot be one.
    void apply(TraceEventFields& event);

    /// Spans that have been read, and that the lanes are said to have.
    std::uint64_t spans_read() const noexcept { return spans_read_; }
    std::uint64_t spans_announced() const noexcept { return spans_announced_; }

    /// The recording. What the file began and did not end, where it was cut, ends at the last
    /// moment that it tells of that lane; a task or phase of which only the begin is there, is not.
    Recording take() &&;

private:
    struct OpenSpan
    {
        State state;
        bool stays_open; ///< it had not ended when the recording did
    };
    struct LoadedLane
    {
        std::int64_t pid;
        std::vector<OpenSpan> open; ///< outermost first
        std::int64_t last_ns = 0;
    };
    enum class Pending : std::uint8_t { nothing, phase, task }; ///< whose end comes next

    void begin_span(TraceEventFields& event);
    void end_span(TraceEventFields& event);
    void metadata(TraceEventFields& event);
    void lane(TraceEventFields& event);
    void channel(TraceEventFields& event);
    void place(TraceEventFields& event);
    void output(TraceEventFields& event);
    void begin_async(TraceEventFields& event);
    void end_async(TraceEventFields& event);
    void instant(TraceEventFields& event);
    void stop(TraceEventFields& event);
    void lock(TraceEventFields& event);
    void join(TraceEventFields& event);
    void change(TraceEventFields& event);
    void transfer(TraceEventFields& event, bool received, bool arrow);
    void counter(TraceEventFields& event);
    void memory(TraceEventFields& event, std::int64_t time, const std::string& name);

    std::uint32_t lane_of(TraceEventFields& event);
    static std::uint32_t run_of(TraceEventFields& event);
    std::uint16_t place_in(TraceEventFields& event) const;
    std::uint32_t subject_in(TraceEventFields& event, State state) const;
    static Interval interval_in(TraceEventFields& event);

    Recording recording_;
    std::vector<LoadedLane> lanes_;
    std::unordered_map<std::int64_t, std::uint32_t> lanes_by_tid_;
    std::int64_t last_tid_ = -1; ///< of the event before: most come from the same lane
    std::uint32_t last_lane_ = 0;
    std::uint64_t spans_read_ = 0;
    std::uint64_t spans_announced_ = 0;
    Pending pending_ = Pending::nothing;
};

} // namespace manyhands
