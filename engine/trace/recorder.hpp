// SPDX-License-Identifier: MIT
// The writing side of a trace: stamps events and appends texts for one process.
#pragma once

#include "engine/os/clock.hpp"
#include "engine/trace/event.hpp"
#include "engine/trace/ring.hpp"
#include "engine/trace/segment.hpp"
#include "engine/trace/text_area.hpp"

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace manyhands {

/// What the recorders of one thread have given numbers to.
class Interned
{
private:
    friend class Recorder;

    struct Place
    {
        const char* file = nullptr;
        std::uint32_t line = 0;
        std::uint32_t recorder = 0;
        std::uint16_t id = 0;
    };
    struct Gate
    {
        std::string name;
        std::uint32_t recorder = 0;
        std::uint16_t id = 0;
    };

    std::size_t find(const char* file, std::uint32_t line, std::uint32_t recorder) const noexcept;
    void make_room();

    std::vector<Place> places_; ///< a hash table, at most half full; empty until it is needed
    std::size_t places_known_ = 0;
    std::vector<Gate> gates_; ///< a few: they are looked through
};
/// That of the process's main thread.
extern Interned interned_by_main;

/// Writes one lane's events and texts. Belongs to one thread. Without a segment, or with an
/// untraced one, an event costs one branch; texts are kept all the same where there is a segment.
class Recorder
{
public:
    Recorder() = default;
    Recorder(
        const Segment& segment, std::uint32_t slot, Interned& interned = interned_by_main) noexcept;

    bool traced() const noexcept { return traced_; }
    std::uint64_t ticks() const noexcept { return os::read_ticks(source_); }

    void event(EventKind kind, std::uint8_t detail, std::uint32_t subject, std::uint64_t argument,
        std::uint16_t place = 0) noexcept
    {
        if (!traced_)
            return;
        if (task_pending_) [[unlikely]]
            write_pending_task();
        ring_.push({os::read_ticks(source_), argument, subject, place, kind, detail});
    }

    /// An event of the moment `ticks`, which is not before the last event's.
    void event_at(std::uint64_t ticks, EventKind kind, std::uint8_t detail, std::uint32_t subject,
        std::uint64_t argument, std::uint16_t place) noexcept
    {
        if (!traced_)
            return;
        if (task_pending_) [[unlikely]]
            write_pending_task();
        ring_.push({ticks, argument, subject, place, kind, detail});
    }

    /// Whether the ring has little room left: more events than are read in time will be dropped.
    bool nearly_full() noexcept { return traced_ && ring_.nearly_full(); }

    /// A task begins, and with it the state `computing`. It is told with the next event, at the
    /// latest with the task's end: a short one that tells nothing else is one event. Only where
    /// traced.
    void begin_task(std::uint64_t ticks, std::uint32_t task, std::uint64_t argument) noexcept
    {
        pending_task_ = {ticks, argument, task, 0, EventKind::task_begun, computes};
        task_pending_ = true;
    }
    /// The task that began last is done at the moment `ticks`. Only where traced.
    void end_task(std::uint64_t ticks) noexcept
    {
        const std::uint64_t length = ticks - pending_task_.ticks;
        if (!task_pending_ || length >= most_packed_ticks) [[unlikely]] {
            event_at(ticks, EventKind::task_done, computes, pending_task_.subject, 0, 0);
            return;
        }
        task_pending_ = false;
        ring_.push({ticks, pending_task_.argument, pending_task_.subject, 0, EventKind::task_ran,
            pack_ticks(length)});
    }

    void begin(State state, std::uint32_t subject = event_without_subject,
        std::uint16_t place = 0) noexcept
    {
        event(EventKind::state_begin, static_cast<std::uint8_t>(state), subject, 0, place);
    }
    void end(State state) noexcept
    {
        event(EventKind::state_end, static_cast<std::uint8_t>(state), event_without_subject, 0);
    }

    bool text(TextKind kind, std::uint16_t id, std::string_view text) noexcept
    {
        return text_.append(kind, id, text);
    }

    /// The number under which `location` is known in this lane's text area; 0 where untraced or
    /// where no more are kept (1023).
    std::uint16_t place(const std::source_location& location) noexcept;

    /// The number under which the gate `name` is known in this lane's text area, traced or not;
    /// `unknown_gate` where no more are kept (1023).
    std::uint16_t gate(std::string_view name) noexcept;
    static constexpr std::uint16_t unknown_gate = 0xffff;

private:
    void write_pending_task() noexcept
    {
        task_pending_ = false;
        ring_.push(pending_task_);
    }

    RingWriter ring_;
    TextWriter text_;
    os::ClockSource source_ = os::ClockSource::monotonic;
    bool traced_ = false;
    bool task_pending_ = false;
    std::uint16_t places_ = 0;
    std::uint16_t gates_ = 0;
    std::uint32_t id_ = 0; ///< what tells it from the thread's others
    Interned* interned_ = &interned_by_main;
    TraceEvent pending_task_ = {}; ///< of the task that began last
};
// It lies in thread_local storage, where a destructor would cost a call at each access.
static_assert(std::is_trivially_destructible_v<Recorder>);

} // namespace manyhands
