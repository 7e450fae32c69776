// SPDX-License-Identifier: MIT
// What happened in a run, as a model: lanes, their spans, messages, tasks, phases, counters.
#pragma once

#include "engine/recording/spans.hpp"
#include "engine/trace/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A span of time in nanoseconds since the recording's origin.
struct Interval
{
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = 0;

    std::int64_t length_ns() const noexcept { return end_ns - begin_ns; }
};

/// A line of source code that spans and messages come from.
struct Place
{
    std::string file; ///< as the compiler named it, from the repository's root
    std::uint32_t line = 0;
    std::string function;
};

/// One process (its main thread), from its start to its end.
struct Lane
{
    std::string name; ///< "main", "Worker-1"
    int pid = 0;
    Role role = Role::worker;
    StartMethod start_method = StartMethod::none;
    std::int64_t start_ns = 0;
    std::int64_t end_ns = open_end;
    Spans spans;
    std::vector<Interval>
        stops; ///< stopped from outside (SIGSTOP), cut out of the spans they cross
    std::string exception; ///< "TYPE: TEXT" of what ended it; empty where nothing was thrown
    std::optional<int> exit; ///< as in Python: exit code, or the negative number of the signal
    std::int64_t cpu_ns = 0; ///< user and system; the kernel's last word once `exit` is known
    std::int64_t run_delay_ns = 0; ///< runnable without a CPU
    std::uint64_t peak_rss_bytes = 0;
    std::uint64_t tasks_done = 0;
    std::uint64_t work_done = 0; ///< in the lesson's unit of work
    std::uint64_t events_recorded = 0;
    std::uint64_t events_dropped = 0;
    std::uint64_t text_dropped = 0; ///< records (output lines, strings) that found no room
    bool damaged = false; ///< its memory held what no recorder writes

    bool ended() const noexcept { return end_ns != open_end; }
};

/// A way for messages between processes.
struct Channel
{
    std::string name; ///< "tasks"
    std::string kind; ///< "queue", "pipe"
    std::uint64_t messages = 0; ///< sent
    std::uint64_t bytes = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t max_depth = 0; ///< most messages in it at once
};

/// One end of a message's way, or of several where the sender summarised them.
struct Transfer
{
    std::int64_t time_ns;
    std::uint64_t bytes;
    std::uint32_t channel; ///< index into Recording::channels()
    std::uint32_t message; ///< its number in the channel; a count where `summarised`
    std::uint32_t lane; ///< index into Recording::lanes()
    bool received; ///< false: sent
    bool summarised;
};

/// How many messages a channel held at a moment.
struct DepthSample
{
    std::int64_t time_ns;
    std::uint32_t channel;
    std::uint32_t depth;
};

/// A lock, or whatever else is waited for like one.
struct LockName
{
    std::string name;
    std::string kind; ///< "lock", "rlock", "semaphore", "event", "barrier"
};

/// A lane had a lock. What was short and not waited for is not told.
struct LockHold
{
    std::int64_t begin_ns;
    std::int64_t end_ns; ///< open_end while it lasts
    std::uint32_t lock; ///< index into Recording::locks()
    std::uint32_t lane; ///< index into Recording::lanes()
    std::uint16_t place; ///< where it was taken
    bool abandoned; ///< the lane ended with it
};

/// A lane waited for a lock whose holder is known.
struct LockWait
{
    std::int64_t time_ns; ///< the begin of the span, or a moment within a long one
    std::uint32_t lock; ///< index into Recording::locks()
    std::uint32_t lane; ///< that waits
    std::uint32_t holder; ///< the lane that held it then
};

/// A lane took a lock whose owner had died.
struct LockRecovery
{
    std::int64_t time_ns;
    std::uint32_t lock; ///< index into Recording::locks()
    std::uint32_t lane; ///< that took it
    std::uint32_t from; ///< the dead one; no_subject where it is not known
    std::uint16_t place;
};

/// A lane began to wait for the end of another one.
struct JoinWait
{
    std::int64_t time_ns; ///< the begin of the span
    std::uint32_t lane; ///< that waits
    std::uint32_t joined; ///< that it waits for
};

/// A lane changed a shared value.
struct ValueChange
{
    std::int64_t time_ns;
    std::uint64_t now; ///< what it holds since, as `form` says
    std::uint32_t value; ///< index into Recording::values()
    std::uint32_t lane; ///< index into Recording::lanes()
    std::uint16_t place;
    ValueForm form;
};

/// One call of a function that a pool was given.
struct Task
{
    enum class Outcome : std::uint8_t { running, done, failed, lost };

    std::uint32_t index = 0;
    std::uint32_t lane = no_subject; ///< index into Recording::lanes()
    std::uint64_t argument = 0;
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = open_end;
    Outcome outcome = Outcome::running;
};

/// A part of the run: baseline, warm-up or repeat.
struct Phase
{
    PhaseKind kind = PhaseKind::repeat;
    int number = 0; ///< counts within the kind, from 0
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = open_end;
    std::uint64_t work = 0; ///< done in it, in the lesson's unit; known at its end
};

/// Work done by all processes of the current phase, as the observer found it at one moment.
struct WorkSample
{
    std::int64_t time_ns;
    std::uint64_t work;
};

/// How much memory a lane's process had at a moment. Taken only where the lesson declares it.
struct MemorySample
{
    std::int64_t time_ns;
    std::uint64_t rss_bytes; ///< resident: shared pages count in full
    std::uint64_t pss_bytes; ///< proportional: a share of each shared page; 0 where not read then
    std::uint32_t lane; ///< index into Recording::lanes()
};

/// A line that a process printed.
struct OutputLine
{
    std::uint32_t lane; ///< no_subject for raw output, which no lane is known of
    std::string text;
};

/// What a span of another program's trace is called.
struct SpanName
{
    std::string name;
    std::string category; ///< empty where it has none
};

/// A run as it is known so far. Built by RecordingBuilder, or from a file by RecordingLoader or
/// ForeignLoader, and by nobody else; readers see it const. Belongs to
/// one thread while it grows; never changed once the run has ended, so safe to share then.
class Recording
{
public:
    const std::vector<Lane>& lanes() const noexcept { return lanes_; } ///< in start order
    const std::vector<Channel>& channels() const noexcept { return channels_; }
    const std::vector<Transfer>& transfers() const noexcept { return transfers_; }
    const std::vector<DepthSample>& depths() const noexcept { return depths_; }
    const std::vector<Task>& tasks() const noexcept { return tasks_; }
    const std::vector<Phase>& phases() const noexcept { return phases_; }
    const std::vector<WorkSample>& work_samples() const noexcept { return work_samples_; }
    /// In the order in which they were taken.
    const std::vector<MemorySample>& memory() const noexcept { return memory_; }
    const std::vector<OutputLine>& output() const noexcept { return output_; }
    const std::vector<Place>& places() const noexcept { return places_; } ///< [0] is "unknown"

    const std::vector<LockName>& locks() const noexcept { return locks_; }
    /// In the order in which they were told: a short one when it ended.
    const std::vector<LockHold>& holds() const noexcept { return holds_; }
    const std::vector<LockWait>& waits() const noexcept { return waits_; }
    /// In the order in which it became known who is joined.
    const std::vector<JoinWait>& joins() const noexcept { return joins_; }
    const std::vector<LockRecovery>& recoveries() const noexcept { return recoveries_; }
    const std::vector<std::string>& values() const noexcept { return values_; } ///< their names
    const std::vector<ValueChange>& changes() const noexcept { return changes_; }
    const std::vector<std::string>& gates() const noexcept { return gates_; } ///< their names
    /// Of spans of another program's trace.
    const std::vector<SpanName>& names() const noexcept { return names_; }
    /// When the run was paused, one after the other. Spans and stops that cross a pause keep their
    /// begin and end; what counts time takes paused_within() off.
    const std::vector<Interval>& pauses() const noexcept { return pauses_; }

    /// CLOCK_MONOTONIC at time 0, the start of the lesson's main process.
    std::int64_t origin_ns() const noexcept { return origin_ns_; }
    /// When the run was asked to end before it had come to its end; nothing where it was not.
    std::optional<std::int64_t> stop_asked_ns() const noexcept { return stop_asked_ns_; }
    /// The latest moment known, at least the end of everything recorded.
    std::int64_t now_ns() const noexcept { return now_ns_; }
    /// Changes whenever anything of the recording does: views compare it before they redraw.
    std::uint64_t revision() const noexcept { return revision_; }
    std::uint64_t events_recorded() const noexcept;
    std::uint64_t events_dropped() const noexcept;

    /// The newest phase of a kind, or nullptr.
    const Phase* last_phase(PhaseKind kind) const noexcept;

    /// How long the run was paused within an interval.
    std::int64_t paused_within(Interval interval) const noexcept;

    /// What is cut out of the spans that it crosses.
    struct Cut
    {
        Interval interval;
        bool pause; ///< of the run; else a stop of the lane
    };
    /// A lane's stops and the run's pauses, in order and without overlaps: a pause wins.
    std::vector<Cut> cuts_of(const Lane& lane) const;

    /// How long the run ran within an interval: its length without pauses.
    std::int64_t run_time_within(Interval interval) const noexcept
    {
        return interval.length_ns() - paused_within(interval);
    }

    /// The time that the run ran until a moment: axes show it, so that a pause has no width.
    std::int64_t run_time(std::int64_t time_ns) const noexcept;
    /// The latest moment until which the run ran that long: behind a pause, not before it.
    std::int64_t recorded_time(std::int64_t run_ns) const noexcept;

    /// The interval that budget and process times refer to: the newest repeat (or warm-up) from the
    /// start of its first process to the end of its last, as far as known; the whole recording
    /// where there is no repeat yet. Baseline and warm-up lie outside.
    Interval shown_interval() const noexcept;

private:
    friend class ForeignLoader;
    friend class RecordingBuilder;
    friend class RecordingLoader;

    std::vector<Lane> lanes_;
    std::vector<Channel> channels_;
    std::vector<Transfer> transfers_;
    std::vector<DepthSample> depths_;
    std::vector<Task> tasks_;
    std::vector<Phase> phases_;
    std::vector<WorkSample> work_samples_;
    std::vector<MemorySample> memory_;
    std::vector<OutputLine> output_;
    std::vector<LockName> locks_;
    std::vector<LockHold> holds_;
    std::vector<LockWait> waits_;
    std::vector<JoinWait> joins_;
    std::vector<LockRecovery> recoveries_;
    std::vector<std::string> values_;
    std::vector<ValueChange> changes_;
    std::vector<std::string> gates_;
    std::vector<SpanName> names_;
    std::vector<Interval> pauses_;
    std::vector<Place> places_ = {Place{"unknown", 0, ""}};
    std::int64_t origin_ns_ = 0;
    std::int64_t now_ns_ = 0;
    std::optional<std::int64_t> stop_asked_ns_;
    std::uint64_t revision_ = 0;
};

/// Whether some of the recording was not told by its processes, but found by looking at them now
/// and then; whether all that is known of one lane was.
bool is_sampled(const Recording& recording);
bool is_sampled(const Recording& recording, const Lane& lane);
/// Whether that is so of any lane.
bool has_sampled_lane(const Recording& recording);
/// Whether a channel stands for the reads and writes of sampled lanes: those go to files as well as
/// to processes, and nobody knows whose other end is whose.
bool is_of_calls(const Channel& channel);

} // namespace manyhands
