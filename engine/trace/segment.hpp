// SPDX-License-Identifier: MIT
// The segment: the shared memory through which a run is observed. A header, a table of slots, and
// for each slot a ring of events and a text area.
#pragma once

#include "engine/os/build_id.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/memory.hpp"
#include "engine/trace/ring.hpp"
#include "engine/trace/text_area.hpp"
#include "engine/trace/vocabulary.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <string_view>

namespace manyhands {

inline constexpr std::uint64_t segment_magic = 0x3130'4753'484e'414d; // "MANHSG01"
inline constexpr std::uint32_t segment_layout_version = 3;
inline constexpr std::uint32_t slot_limit = 256; ///< processes alive at once
inline constexpr std::uint32_t main_slot = 0; ///< the lesson's main process
/// 4 MiB drained every 33 ms carries 5.3 million events a second.
inline constexpr std::size_t ring_bytes = std::size_t{4} << 20;
inline constexpr std::size_t text_bytes = std::size_t{64} << 10;
inline constexpr std::size_t main_text_bytes = std::size_t{1} << 20;
inline constexpr std::size_t document_reserved_bytes = std::size_t{512} << 10;

/// The exit of a process whose end was seen and whose exit nobody could learn.
inline constexpr std::int32_t exit_unknown = std::numeric_limits<std::int32_t>::min();

/// How far a slot's process is. Written by the lesson's main process alone.
enum class SlotState : std::uint32_t { free, starting, running, ended };

/// What a gate does with a process that comes to it.
enum class GateMode : std::uint32_t {
    open, ///< lets it pass
    stepped, ///< holds it until it may pass one more (Slot::steps)
    paced, ///< holds it until Control::gate_interval_ns after it was let go the last time
};

/// Who writes a slot's ring and text area.
enum class SlotWriter : std::uint32_t {
    host, ///< whoever gives the slot out, about a process that cannot; or the lesson's own process
    traced_by_itself, ///< a watched process that has registered: it alone, from then on
};

/// What the observer asks of the lesson. Written by the observer alone.
struct Control
{
    alignas(64) std::atomic<std::uint32_t> stop; ///< 1: end the run as soon as you can
    std::atomic<std::uint32_t> gates; ///< GateMode
    std::atomic<std::uint64_t> gate_interval_ns;
    /// How long the run has been paused in all: time-outs do not count it. Written before the run
    /// goes on.
    std::atomic<std::int64_t> paused_ns;
};

/// The last processes that ended, for those that wait for them in vain. Written by the lesson's
/// main process alone.
struct DeathLog
{
    static constexpr std::uint32_t kept = 64;
    struct Entry
    {
        std::atomic<std::int32_t> pid;
        std::atomic<std::int32_t> exit; ///< as in Python
        std::atomic<std::uint32_t> slot;
        std::atomic<std::uint32_t> generation;
        char name[64];
    };

    std::atomic<std::uint32_t> count; ///< of all that ended; the n-th is entries[n % kept]
    Entry entries[kept];
};

/// One lane of the run: a process, or a thread that has its process's pid. Groups of fields have one writer each, on cache lines of their own.
struct alignas(64) Slot
{
    static constexpr std::size_t name_bytes = 64;

    // By the lesson's main process (of the main slot's pid and start: by the observer; of a thread's
    // end: by the thread).
    std::atomic<std::uint32_t> generation; ///< 0: never given out
    std::atomic<std::uint32_t> state; ///< SlotState; release: what stands below is complete
    std::atomic<std::int32_t> pid;
    std::atomic<std::int32_t> exit; ///< as in Python; valid in SlotState::ended
    std::atomic<std::uint64_t> start_ticks;
    std::atomic<std::uint64_t> end_ticks;
    std::atomic<std::int64_t> cpu_ns;
    std::atomic<std::int64_t> run_delay_ns;
    std::atomic<std::uint64_t> peak_rss_bytes;
    std::atomic<std::uint32_t> group; ///< which baseline and repeat of the run it belongs to
    std::atomic<std::uint32_t> writer; ///< SlotWriter; release: the host writes no more
    Role role;
    StartMethod start_method;
    char name[name_bytes];

    // By the slot's process.
    alignas(64) std::atomic<std::uint64_t> work_done; ///< in the current phase
    std::atomic<std::uint64_t> tasks_done;
    /// The pool's task that it has begun and not finished, plus 1, and since when: what a death
    /// loses, and what an observer sees of a task that has told nothing else yet.
    std::atomic<std::uint64_t> task;
    std::atomic<std::uint64_t> task_ticks;
    std::atomic<std::uint32_t> gate; ///< the gate that holds it (id of its text), plus 1
    /// How often a gate held it and let it go. Where the slot is given out, its giver sets it to
    /// `steps`: what was granted to a dead process is nobody's.
    std::atomic<std::uint32_t> gates_passed;

    // By anybody who wakes the slot's process; it sleeps on it.
    alignas(64) std::atomic<std::uint32_t> wake;

    // By the taking reader: the last generation that it has read to the end.
    alignas(64) std::atomic<std::uint32_t> drained;
    std::atomic<std::uint32_t> steps; ///< gates_passed may come up to here; by the observer
};

struct SegmentHeader
{
    std::uint64_t magic;
    std::uint32_t layout_version;
    std::uint32_t traced; ///< 0: no rings
    std::uint32_t observed; ///< 1: another process drains
    /// Gives watched programs the numbers that are unique in a run; they count under a record lock
    /// of the segment's file.
    std::atomic<std::uint32_t> watched_ids;
    os::ClockCalibration clock;
    os::BuildId build_id; ///< of the lesson program; by its main process
    std::atomic<std::uint32_t>
        slots_used; ///< slots below were given out before; by the main process
    Control control;
    DeathLog deaths;
};

/// A channel, a lock or a value of watched programs, which have no arena to keep it in: what their
/// processes must agree on. Its place in the table is its number in the trace. Written by them,
/// never by the engine; given out in turn (SegmentHeader::watched_ids).
struct WatchedObject
{
    static constexpr std::uint32_t limit = 4096;

    std::atomic<std::uint64_t> key; ///< by which another process finds it; 0: by none
    std::atomic<std::uint64_t> sent; ///< messages so far: the next one's number
    std::atomic<std::uint64_t> received;
    std::atomic<std::uint64_t> sent_bytes;
    std::atomic<std::uint64_t> received_bytes;
    std::atomic<std::uint64_t> peer; ///< number plus 1 of the channel in the other direction
    std::atomic<std::uint64_t> holder; ///< of a lock: slot and, above 32 bits of it, generation
    std::atomic<std::uint64_t> flags; ///< the tracer's own
};
static_assert(sizeof(WatchedObject) == 64);

/// What a segment is made for.
struct SegmentOptions
{
    bool traced = true;
    bool observed = true;
    /// False: programs that are not the engine's write, too, and the clock is CLOCK_MONOTONIC.
    bool only_engine_writes = true;
};

/// A segment and its mapping here. Plain memory access through references; see the fields' writers.
class Segment
{
public:
    Segment() = default;
    /// Makes a new one, with the main slot's parts backed. Throws Error where memory lacks.
    explicit Segment(SegmentOptions options);
    /// Maps the one that `descriptor` names. Throws Error where it is none of this layout.
    explicit Segment(os::Descriptor descriptor);

    SegmentHeader& header() const noexcept
    {
        return *std::launder(reinterpret_cast<SegmentHeader*>(memory_.data()));
    }
    Slot& slot(std::uint32_t number) const noexcept; ///< `number` below slot_limit
    /// `number` below WatchedObject::limit; only in a segment that not only the engine writes.
    WatchedObject& watched(std::uint32_t number) const noexcept;
    std::byte* ring(std::uint32_t slot) const noexcept;
    std::byte* text(std::uint32_t slot) const noexcept;
    std::size_t text_size(std::uint32_t slot) const noexcept;
    RingWriter ring_writer(std::uint32_t slot) const noexcept;
    TextWriter text_writer(std::uint32_t slot) const noexcept;

    /// Backs a slot's ring and text area. By the lesson's main process, before it gives it out;
    /// they stay backed for the slot's next process, since that takes three times as long as a
    /// start.
    void back_slot(std::uint32_t slot) const;
    /// Backs the text area and the first `bytes` of the ring, for a slot whose events are few.
    void back_slot(std::uint32_t slot, std::size_t bytes) const;
    /// Empties a backed slot's ring and text area for a new process.
    void clear_slot(std::uint32_t slot) const noexcept;

    /// Whether the process that had `slot` as its `generation`-th lives, as far as the lesson's
    /// main process has noticed: it may have ended a moment ago.
    bool lives(std::uint32_t slot, std::uint32_t generation) const noexcept;

    int descriptor() const noexcept { return memory_.descriptor(); }
    explicit operator bool() const noexcept { return static_cast<bool>(memory_); }

private:
    os::SharedMemory memory_;
};

/// Wakes the process in `slot`, if it sleeps, and keeps it from falling asleep if it is about to.
void wake(const Segment& segment, std::uint32_t slot) noexcept;

/// Wakes every process of the run: whatever they wait for, they look again, and learn what a death
/// or the observer has changed.
void wake_everybody(const Segment& segment) noexcept;

/// Copies a name into a slot's field, cut to fit, ended by a zero.
void set_name(Slot& slot, std::string_view name) noexcept;
/// What stands there, whoever is writing it.
std::string name_of(const Slot& slot);

} // namespace manyhands
