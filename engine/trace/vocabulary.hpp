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
    foreign, ///< a span of another program's trace: it has a name, and what it does is not known
};
inline constexpr int state_count = 14;
/// Those that a process of ours can be in: `foreign` is in no segment and no run file.
inline constexpr int recorded_state_count = 13;

/// What a process is there for.
enum class Role : std::uint8_t { main, worker, server };

/// How a lane was started: a process, or a thread of its process; none for the lesson's main process,
/// which a person or the app starts.
enum class StartMethod : std::uint8_t { none, spawn, fork, forkserver, thread };
inline constexpr int start_method_count = 5;

/// What one event says. `subject` and `argument` of TraceEvent hold what stands behind each.
enum class EventKind : std::uint8_t {
    state_begin, ///< detail: State; subject: see subject_of(); argument: of waiting_lock, the
                 ///< process that held it then, as in lock_recovered; 0: nobody is known
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
    lock_taken, ///< behind a wait for it that was told; subject: lock
    lock_released, ///< of a hold that began with lock_taken or lasted 10 us or more, and has just
                   ///< ended; subject: lock; argument: the ticks that it was held; place: where it
                   ///< was taken
    value_changed, ///< subject: value; argument: what it holds now; detail: ValueForm
    process_stopped, ///< by a signal; subject: slot; argument: its generation; main's ring
    process_continued, ///< the same
    mark, ///< argument: interned text
    lock_recovered, ///< taken from an owner that had died, by which the dead one's hold ends;
                    ///< subject: lock; argument: the dead one's slot and, above 32 bits of it,
                    ///< generation
    task_ran, ///< a short task from its begin to its end; subject: task; argument: its argument;
              ///< detail: see pack_ticks(); it also begins and ends the state `computing`
};
inline constexpr int event_kind_count = 21;

/// What the argument of value_changed is: the first 8 bytes at the most.
enum class ValueForm : std::uint8_t {
    whole, ///< a whole number, of two's complement
    real, ///< a double
    bytes,
};

/// The parts of a run.
enum class PhaseKind : std::uint8_t {
    baseline, ///< the lesson's work in the main process alone, no pool and no queue
    warm_up, ///< a repeat that does not count
    repeat, ///< one that does
};

/// What the subject of a state is the number of.
enum class SubjectKind : std::uint8_t {
    other, ///< where it has one: its starter's own, as the slot of the process joined
    task,
    channel,
    lock, ///< or whatever else is waited for like one
    gate,
    name, ///< of a span of another program's trace
};
constexpr SubjectKind subject_of(State state) noexcept
{
    switch (state) {
    case State::computing:
        return SubjectKind::task;
    case State::sending:
    case State::receiving:
    case State::waiting_data:
    case State::waiting_space:
    case State::idle:
        return SubjectKind::channel;
    case State::waiting_lock:
        return SubjectKind::lock;
    case State::held:
        return SubjectKind::gate;
    case State::foreign:
        return SubjectKind::name;
    default:
        return SubjectKind::other;
    }
}

std::string_view name_of(State state);
std::string_view name_of(Role role);
std::string_view name_of(StartMethod method); ///< "" for none
std::string_view name_of(PhaseKind kind);
std::string_view name_of(ValueForm form);

} // namespace manyhands
