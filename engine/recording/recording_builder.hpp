// SPDX-License-Identifier: MIT
// Builds a Recording from what a reader copies out of a segment. Trusts none of it.
#pragma once

#include "engine/os/clock.hpp"
#include "engine/recording/recording.hpp"
#include "engine/trace/event.hpp"
#include "engine/trace/text_area.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace manyhands {

/// How a lane begins, from its slot.
struct LaneStart
{
    std::string name;
    int pid = 0;
    Role role = Role::worker;
    StartMethod start_method = StartMethod::none;
    std::uint64_t start_ticks = 0; ///< when its starter began to start it
    std::uint32_t slot = 0;
    std::uint32_t generation = 0; ///< of the slot
    bool starting = true; ///< false: it runs already, and has no `starting` span
};

/// How a lane ends, from its slot.
struct LaneEnd
{
    std::uint64_t end_ticks = 0;
    std::optional<int> exit; ///< nothing where nobody learned it
    std::int64_t cpu_ns = 0;
    std::int64_t run_delay_ns = 0;
    std::uint64_t peak_rss_bytes = 0;
};

/// Turns events into lanes, spans, messages and counters.
///
/// Never throws on what it is given and keeps the model's promises whatever the events say: spans
/// nest, times do not run backwards within a lane, open spans end at the lane's end. What cannot be
/// made sense of marks the lane `damaged`. Cost is constant an event. Belongs to one thread.
class RecordingBuilder
{
public:
    /// `origin_ticks` becomes time 0.
    RecordingBuilder(os::Clock clock, std::uint64_t origin_ticks);

    /// Adds a lane, in a `starting` span from its start; returns its index.
    std::uint32_t start_lane(const LaneStart& start);
    /// A watched process has become another program, or told who it is.
    void rename_lane(
        std::uint32_t lane, const std::string& name, Role role, StartMethod start_method);
    void apply(std::uint32_t lane, std::span<const TraceEvent> events);
    void text(std::uint32_t lane, const TextRecord& record);
    /// The lane is at a task since `begin_ticks`, of which no event has told yet; all events before
    /// it have been applied. Once its events come, they are taken for the same task's.
    void task_under_way(std::uint32_t lane, std::uint64_t task, std::uint64_t begin_ticks);
    void end_lane(std::uint32_t lane, const LaneEnd& end);

    /// Totals that the lane's slot holds now.
    void counters(std::uint32_t lane, std::uint64_t tasks_done, std::uint64_t work_done,
        std::uint64_t events_dropped, std::uint64_t text_dropped);
    void resources(std::uint32_t lane, std::int64_t cpu_ns, std::int64_t run_delay_ns);
    void damaged(std::uint32_t lane);
    void work_sample(std::uint64_t ticks, std::uint64_t work);
    /// `pss_bytes` is 0 where it was not read. Nothing of a lane that has ended.
    void memory_sample(
        std::uint32_t lane, std::uint64_t ticks, std::uint64_t rss_bytes, std::uint64_t pss_bytes);
    void raw_output(std::string text);

    /// The observer pauses the run at `ticks`, and lets it go on. Stops of lanes that this brings
    /// with it are not reported as stops.
    void pause(std::uint64_t ticks);
    void resume(std::uint64_t ticks);

    /// The gate that lane knows as `number`, as an index into Recording::gates(); no_subject where
    /// its name has not come.
    std::uint32_t gate_index(std::uint32_t lane, std::uint32_t number) const;

    /// A phase as the lesson's main process announced it; `end_ticks` 0 while it lasts. Called
    /// again when it has ended. (Announced as text, so that untraced runs have phases, too.)
    void phase(PhaseKind kind, int number, std::uint64_t begin_ticks, std::uint64_t end_ticks,
        std::uint64_t work);

    /// The run has ended: so has the phase that was under way.
    void end_phase(std::uint64_t ticks);

    /// Moves the recording's "now" on to `ticks`: open spans are drawn up to there.
    void advance(std::uint64_t ticks);

    const Recording& recording() const noexcept { return recording_; }
    Recording take() &&;

private:
    struct LaneState
    {
        std::unordered_map<std::uint16_t, std::uint16_t> places; ///< lane's number to recording's
        std::unordered_map<std::uint16_t, std::uint32_t> gates; ///< likewise
        std::vector<std::size_t> holds; ///< indices of its open holds, one a lock
        std::int64_t last_ns = 0; ///< of the event that is being applied
        std::int64_t before_last_ns = 0; ///< of the one before
        std::int64_t stop_begin_ns = -1;
        std::uint32_t slot = 0;
        std::uint32_t generation = 0;
        bool starting = false; ///< in the span that it begins in
        std::uint32_t announced_task = no_subject; ///< by task_under_way(), and still open
        std::uint32_t last_task = no_subject; ///< that an event has told of
    };

    void apply_one(std::uint32_t lane, const TraceEvent& event);
    void begin_state(std::uint32_t lane, const TraceEvent& event, std::int64_t time);
    void end_state(std::uint32_t lane, State state, std::int64_t time);
    void depth(std::uint32_t channel, std::uint64_t messages, std::int64_t time);
    void transfer(std::uint32_t lane, const TraceEvent& event, std::int64_t time, bool received,
        bool summarised);
    std::vector<std::size_t>::iterator open_hold(std::uint32_t lane, std::uint32_t lock);
    void lock_taken(
        std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time);
    void lock_released(
        std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time);
    void lock_recovered(
        std::uint32_t lane, std::uint32_t lock, const TraceEvent& event, std::int64_t time);
    std::uint32_t lane_of(std::uint64_t slot, std::uint64_t generation) const noexcept;
    std::uint32_t subject_index(std::uint32_t lane, State state, std::uint32_t subject);
    std::optional<std::uint32_t> numbered(std::uint32_t lane, std::uint32_t subject);
    void stop_event(const TraceEvent& event, std::int64_t time, bool stopped);
    void go_on(std::uint32_t lane, std::int64_t time);
    std::uint32_t channel_index(std::uint32_t number);
    std::uint32_t lock_index(std::uint32_t number);
    std::uint32_t value_index(std::uint32_t number);
    void begin_task(std::uint32_t lane, const TraceEvent& event, std::int64_t time);
    void run_task(std::uint32_t lane, const TraceEvent& event, std::int64_t time);
    void end_announced_task(std::uint32_t lane, std::int64_t time);
    void end_task(std::size_t index, std::int64_t time, Task::Outcome outcome);
    std::int64_t moment(std::uint64_t ticks) const noexcept;
    std::int64_t time_of(std::uint32_t lane, std::uint64_t ticks);
    std::uint16_t place_of(std::uint32_t lane, std::uint16_t number) const;

    os::Clock clock_;
    std::int64_t origin_monotonic_ns_;
    Recording recording_;
    std::vector<LaneState> states_;
    /// Lane (upper half) and task to index in the recording's tasks. Two pools may number alike.
    std::unordered_map<std::uint64_t, std::size_t> running_tasks_;
    /// Numbers of channels, locks and values, which count through a run, to indices in this
    /// recording's.
    std::vector<std::uint32_t> channel_indices_;
    std::vector<std::uint32_t> lock_indices_;
    std::vector<std::uint32_t> value_indices_;
};

} // namespace manyhands
