// SPDX-License-Identifier: MIT
// The words of a trace: states, roles, start methods, kinds of event. Their numbers are written
// into segments; a change of any is a new layout version.
#pragma once

#include <cstdint>
#include <string_view>

namespace manyhands {

/// What a lane is doing. States nest strictly within a lane; the innermost one counts.
enum class State : std::uint8_t {
    starting, ///< from the start call to the first task
    tearing_down, ///< from the last task to the end
    computing,
    serialising,
    sending, ///< copying into a channel
    receiving, ///< copying out of a channel
    waiting_data, ///< the channel is empty
    waiting_space, ///< the channel is full
    waiting_lock,
    joining, ///< waiting for another process to end
    idle, ///< a pool's worker without a task
    sleeping, ///< on purpose
    held, ///< by the lesson, at a gate
};
inline constexpr int state_count = 13;

/// What a process is there for.
enum class Role : std::uint8_t { main, worker, server };

/// How a process was started; none for the lesson's main process, which a person or the app starts.
enum class StartMethod : std::uint8_t { none, spawn, fork, forkserver };

/// What one event says. `subject` and `argument` of Event hold what stands behind each.
enum class EventKind : std::uint8_t {
    state_begin, ///< detail: State; subject: task, channel or lock, where it has one
    state_end, ///< detail: State
    process_ready, ///< the first instruction of our own
    process_exiting, ///< the last one
    task_submitted, ///< subject: task; argument: its argument
    task_begun, ///< subject: task; argument: its argument; detail: see `computes`
    task_done, ///< subject: task; detail: see `computes`
    task_failed, ///< the same
    message_sent, ///< subject: message number in the channel; argument: see pack_message();
                  ///< detail: see pack_ticks()
    message_received, ///< the same
    messages_sent, ///< summarised; subject: count; argument: as of message_sent, with all their
                   ///< bytes; the depth where it is known
    messages_received, ///< summarised; the same
    queue_depth, ///< subject: channel; argument: messages in it
    lock_taken, ///< subject: lock
    lock_released, ///< subject: lock
    value_changed, ///< subject: value; argument: what it holds now
    process_stopped, ///< by a signal; subject: slot; argument: its generation; main's ring
    process_continued, ///< the same
    mark, ///< argument: interned text
    lock_recovered, ///< taken from an owner that had died; subject: lock; argument: the dead one's
                    ///< slot and, above 32 bits of it, generation
    task_ran, ///< a short task from its begin to its end; subject: task; argument: its argument;
              ///< detail: see pack_ticks(); it also begins and ends the state `computing`
};
inline constexpr int event_kind_count = 21;

/// The parts of a run.
enum class PhaseKind : std::uint8_t {
    baseline, ///< the lesson's work in the main process alone, no pool and no queue
    warm_up, ///< a repeat that does not count
    repeat, ///< one that does
};

std::string_view name_of(State state);
std::string_view name_of(Role role);
std::string_view name_of(StartMethod method); ///< "" for none
std::string_view name_of(PhaseKind kind);

} // namespace manyhands
