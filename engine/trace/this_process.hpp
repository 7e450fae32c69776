// SPDX-License-Identifier: MIT
// What this process is in the run: its slot and its recorder. The one process-wide object.
#pragma once

#include "engine/trace/recorder.hpp"
#include "engine/trace/segment.hpp"

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>

namespace manyhands {

class Arena;
class Supervisor;

/// Set up by manyhands::run(). Belongs to the process's main thread.
struct ThisProcess
{
    Segment segment;
    std::uint32_t slot_number = main_slot;
    std::uint32_t generation = 1; ///< of the slot
    Recorder recorder;
    Arena* arena = nullptr; ///< shared memory of the run; null before there is one
    Supervisor* supervisor = nullptr; ///< in the lesson's main process
    /// What the process does whenever it waits; in the lesson's main process: look after its
    /// children and drain. Null where there is nothing to do.
    void (*while_waiting)() = nullptr;
    /// Tells what has been counted and not yet told; called before the process goes to sleep and at
    /// its end. Null where there is nothing.
    void (*before_sleeping)() noexcept = nullptr;
    std::string name = "main";
    Role role = Role::main;

    Slot& slot() const noexcept { return segment.slot(slot_number); }

    /// Adds to the work that this process has done, in the lesson's unit. A relaxed store.
    void work_done(std::uint64_t amount) noexcept
    {
        std::atomic<std::uint64_t>& total = slot().work_done;
        total.store(total.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    /// Whether the observer has asked the run to end.
    bool stop_requested() const noexcept
    {
        return segment && segment.header().control.stop.load(std::memory_order_relaxed) != 0;
    }
};

extern ThisProcess this_process;

/// Prints one whole line: into the process's text area and, where nobody observes, to standard
/// output in one call. `line` has no newline at its end.
void print(std::string_view line);

/// Holds the process in a state for as long as it lives. States nest.
class StateSpan
{
public:
    explicit StateSpan(State state, std::uint32_t subject = event_without_subject,
        const std::source_location& where = std::source_location::current(),
        std::uint64_t argument = 0) noexcept
        : state_(state)
    {
        this_process.recorder.event(EventKind::state_begin, static_cast<std::uint8_t>(state),
            subject, argument, this_process.recorder.place(where));
    }
    ~StateSpan() { this_process.recorder.end(state_); }
    StateSpan(const StateSpan&) = delete;
    StateSpan& operator=(const StateSpan&) = delete;

private:
    State state_;
};

} // namespace manyhands
