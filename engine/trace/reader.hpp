// SPDX-License-Identifier: MIT
// The reading side of a segment: finds the processes and copies out what they wrote.
#pragma once

#include "engine/trace/segment.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// A slot's fixed part, copied and made safe to use.
struct SlotInfo
{
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    std::uint32_t group = 0;
    std::string name;
    int pid = 0;
    Role role = Role::worker;
    StartMethod start_method = StartMethod::none;
    std::uint64_t start_ticks = 0;
};

/// A slot's moving part.
struct SlotFigures
{
    std::uint64_t work_done = 0;
    std::uint64_t tasks_done = 0;
    std::uint64_t events_dropped = 0;
    std::uint64_t text_dropped = 0;
    bool damaged = false;
};

/// A task of a pool that a process is at.
struct BegunTask
{
    std::uint64_t task = 0; ///< its number in the pool
    std::uint64_t begin_ticks = 0;

    bool operator==(const BegunTask&) const = default;
};

/// How a slot's process ended.
struct SlotEnd
{
    std::uint64_t end_ticks = 0;
    int exit = 0; ///< or exit_unknown
    std::int64_t cpu_ns = 0;
    std::int64_t run_delay_ns = 0;
    std::uint64_t peak_rss_bytes = 0;
};

/// Reads one slot after the other. A taking reader gives the memory back to the lesson; there is
/// one. Others follow. Never blocks; belongs to one thread; trusts nothing that it reads.
class SegmentReader
{
public:
    SegmentReader(const Segment& segment, RingReading reading);

    /// Slots that may hold something: those below were given out before.
    std::uint32_t slots_used() const noexcept;

    /// Looks at a slot: a new process in it, or none. Call before the others of the same round.
    std::optional<SlotInfo> started(std::uint32_t slot);
    /// Whether a process is being read in the slot.
    bool reading(std::uint32_t slot) const noexcept { return seen_[slot].generation != 0; }

    /// Appends the slot's new events, at most `most`; returns how many. Call until it returns 0.
    std::size_t events(std::uint32_t slot, std::vector<TraceEvent>& events, std::size_t most);
    /// The slot's next text record.
    bool text(std::uint32_t slot, TextRecord& record);
    SlotFigures figures(std::uint32_t slot) const;
    /// The task that the slot's process is at, or died at. Where it is the same before and behind a
    /// reading of all events, they tell of all that came before the task.
    std::optional<BegunTask> begun_task(std::uint32_t slot) const noexcept;

    /// Whether the process had ended before this round began, so that all of it has been read;
    /// hands the slot back then. The main slot never ends here: its end is its starter's to know.
    std::optional<SlotEnd> ended(std::uint32_t slot);
    /// The same of the main slot of a watched program, which its host ends.
    std::optional<SlotEnd> watched_main_ended();
    /// The names and kinds that the slot's process has now: those of a watched one change, when it
    /// executes a program and when it begins to trace itself.
    SlotInfo named(std::uint32_t slot) const;

private:
    std::optional<SlotEnd> take_end(std::uint32_t slot);

    struct Seen
    {
        std::uint32_t generation = 0; // 0: nothing is being read
        std::uint32_t finished = 0; // the last generation read to its end
        bool had_ended = false;
        RingReader ring;
        TextReader text;
    };

    const Segment& segment_;
    RingReading reading_;
    std::array<Seen, slot_limit> seen_;
};

} // namespace manyhands
