// SPDX-License-Identifier: MIT
// One process of a watched program: what is seen of it from outside, written into its slot.
#pragma once

#include "engine/os/watched_process.hpp"
#include "engine/trace/ring.hpp"
#include "engine/trace/text_area.hpp"
#include "engine/trace/vocabulary.hpp"
#include "engine/watch/watched_slots.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace manyhands {

/// What a process tells when it asks to write its ring itself.
struct Registration
{
    int pid = 0;
    StartMethod start_method = StartMethod::none;
    Role role = Role::worker;
    std::string name;
};

/// Belongs to the host. Without a slot it is looked at all the same, to be stopped in the end.
class WatchedLane
{
public:
    /// `earliest_ns`: CLOCK_MONOTONIC of a moment at which it was not there.
    WatchedLane(WatchedSlots& slots, int pid, std::int64_t earliest_ns);

    const os::WatchedProcess& process() const noexcept { return process_; }
    int pid() const noexcept { return process_.pid(); }
    const std::string& name() const noexcept { return name_; }
    int parent() const noexcept { return parent_; } ///< its pid, as it was first seen
    int threads() const noexcept { return threads_; }
    bool has_slot() const noexcept { return slot_.has_value(); }
    bool hidden() const noexcept { return hidden_; } ///< its owner is another user
    bool traces_itself() const noexcept { return traces_itself_; }
    bool ended() const noexcept { return ended_; }
    std::optional<int> exit() const noexcept { return exit_; }

    /// Gives it a slot, if one is free. Throws Error where memory lacks.
    void take_slot(std::uint16_t calls_channel);
    /// Looks at it and writes what is new. What costs more is read where `thorough`.
    void look(bool thorough);
    /// Names it by what it does, until it executes another program.
    void set_name(std::string name);
    /// A child of it has ended and is waited for: the kernel adds the child's bytes to its own.
    void has_waited_for(const WatchedLane& child);
    /// From now on the process writes its ring and text area. Throws Error where memory lacks.
    void hand_over(const Registration& registration);
    /// It has ended, as is known to whoever reaped it; else what can be learned is told.
    void end(std::optional<int> exit);

private:
    void push(EventKind kind, std::uint8_t detail, std::uint32_t subject, std::uint64_t argument,
        std::uint16_t place);
    void show_state(char state);
    void show_stop(bool stopped);
    void read_bytes();
    void show_calls(EventKind kind, std::uint64_t calls, std::uint64_t bytes);
    std::optional<State> state_of(char state) const;

    WatchedSlots& slots_;
    os::WatchedProcess process_;
    std::int64_t start_ns_ = 0;
    int parent_ = 0;
    std::string command_; ///< as the kernel names it
    std::string name_;
    int threads_ = 1;
    std::int64_t cpu_ns_ = 0;
    std::int64_t run_delay_ns_ = 0;
    std::uint64_t peak_bytes_ = 0;
    std::optional<std::uint32_t> slot_;
    std::uint16_t calls_channel_ = 0;
    RingWriter ring_;
    TextWriter text_;
    std::uint64_t written_ = 0; ///< events
    std::optional<State> shown_;
    bool stopped_ = false;
    bool hidden_ = false;
    bool channel_told_ = false;
    std::optional<os::WatchedBytes> bytes_;
    os::WatchedBytes of_children_; ///< which the kernel adds to its own, sooner or later
    bool traces_itself_ = false;
    bool ended_ = false;
    std::optional<int> exit_;
};

} // namespace manyhands
