// SPDX-License-Identifier: GPL-3.0-or-later
// A run written by hand: what a reader would copy out of a segment, moment by moment.
#pragma once

#include "engine/recording/recording_builder.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace manyhands::app::test {

inline constexpr std::int64_t millisecond = 1'000'000;

/// Ticks that are nanoseconds since time 0.
os::Clock nanosecondClock();

/// A list of actions upon a builder, in the order of time.
class Script
{
public:
    using Action = std::function<void(RecordingBuilder&)>;

    void at(std::int64_t ns, Action action) { m_actions.emplace(ns, std::move(action)); }
    /// An event of a lane.
    void event(std::int64_t ns, std::uint32_t lane, EventKind kind, std::uint8_t detail = 0,
        std::uint32_t subject = event_without_subject, std::uint64_t argument = 0);
    /// A stay in a state.
    void stay(std::uint32_t lane, State state, std::int64_t begin, std::int64_t end,
        std::uint32_t subject = event_without_subject);
    /// A lane that starts; lanes are numbered in the order of their starts.
    void start(std::int64_t ns, const std::string& name, int pid, Role role);
    void end(std::int64_t ns, std::uint32_t lane, int exit, std::int64_t runDelay = 0);
    void phase(PhaseKind kind, std::int64_t begin, std::int64_t end, std::uint64_t work);
    void channel(std::uint16_t id, const std::string& name);

    /// Applies what happens after `from` up to `to`, and moves the recording's "now" there.
    void play(RecordingBuilder& builder, std::int64_t from, std::int64_t to) const;
    std::int64_t length() const;

private:
    std::multimap<std::int64_t, Action> m_actions;
};

/// Counting primes in 64 chunks: a baseline of 2 s, then as many workers as are asked for.
struct SampleRun
{
    static constexpr double sequentialS = 2.0;
    static constexpr std::uint64_t allWork = 64'000;

    explicit SampleRun(int workers, bool crash = false);
    /// The whole run.
    Recording recording() const;

    Script script;
};

} // namespace manyhands::app::test
