// SPDX-License-Identifier: MIT
// Recordings for tests, written by hand or by chance: a moment is its nanoseconds since 0.
#pragma once

#include "engine/recording/recording_builder.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::test {

/// A RecordingBuilder in the words of a test.
class ScriptedRecording
{
public:
    std::uint32_t lane(std::string name, Role role, std::uint64_t start, bool starting = false)
    {
        return lane(std::move(name), role, start, starting, 100 + static_cast<int>(lanes_));
    }
    std::uint32_t lane(std::string name, Role role, std::uint64_t start, bool starting, int pid)
    {
        LaneStart lane_start;
        lane_start.name = std::move(name);
        lane_start.pid = pid;
        lane_start.role = role;
        lane_start.start_method = role == Role::main ? StartMethod::none : StartMethod::spawn;
        lane_start.start_ticks = start;
        lane_start.slot = lanes_++;
        lane_start.starting = starting;
        return builder.start_lane(lane_start);
    }

    void event(std::uint32_t lane, std::uint64_t time, EventKind kind, std::uint8_t detail = 0,
        std::uint32_t subject = event_without_subject, std::uint64_t argument = 0,
        std::uint16_t place = 0)
    {
        const TraceEvent one = {time, argument, subject, place, kind, detail};
        builder.apply(lane, {&one, 1});
    }
    void begin(std::uint32_t lane, std::uint64_t time, State state,
        std::uint32_t subject = event_without_subject, std::uint16_t place = 0)
    {
        event(lane, time, EventKind::state_begin, static_cast<std::uint8_t>(state), subject, 0,
            place);
    }
    void end(std::uint32_t lane, std::uint64_t time, State state)
    {
        event(lane, time, EventKind::state_end, static_cast<std::uint8_t>(state));
    }
    void span(std::uint32_t lane, std::uint64_t begin_time, std::uint64_t end_time, State state,
        std::uint32_t subject = event_without_subject)
    {
        begin(lane, begin_time, state, subject);
        end(lane, end_time, state);
    }
    /// What main writes of another lane.
    void stop(std::uint32_t stopped_lane, std::uint64_t time)
    {
        event(0, time, EventKind::process_stopped, 0, stopped_lane);
    }
    void go_on(std::uint32_t stopped_lane, std::uint64_t time)
    {
        event(0, time, EventKind::process_continued, 0, stopped_lane);
    }
    void message(std::uint32_t lane, std::uint64_t time, bool received, std::uint16_t channel,
        std::uint32_t number, std::uint64_t bytes)
    {
        event(lane, time, received ? EventKind::message_received : EventKind::message_sent, 0,
            number, pack_message(channel, bytes));
    }
    void end_lane(std::uint32_t lane, std::uint64_t time, std::optional<int> exit = 0,
        std::int64_t run_delay_ns = 0)
    {
        LaneEnd lane_end;
        lane_end.end_ticks = time;
        lane_end.exit = exit;
        lane_end.run_delay_ns = run_delay_ns;
        builder.end_lane(lane, lane_end);
    }

    RecordingBuilder builder{
        os::Clock({os::ClockSource::monotonic, 0, {0, 0}, {1'000'000'000, 1'000'000'000}}), 0};

private:
    std::uint32_t lanes_ = 0;
};

/// A recording by chance, of about `moments` nanoseconds: nested states, many at the same moment
/// and of no length, stops, pauses, messages, tasks, locks, values, lanes that end and lanes that
/// do not.
inline Recording random_recording(std::uint64_t seed, std::uint64_t moments)
{
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    ScriptedRecording script;
    script.lane("main", Role::main, 0);
    const auto lanes = static_cast<std::uint32_t>(2 + below(5));
    for (std::uint32_t lane = 1; lane < lanes; ++lane) {
        const Role role = below(6) == 0 ? Role::server : Role::worker;
        script.lane("Worker-" + std::to_string(lane), role, below(moments / 4), below(2) == 0);
    }
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        // Of the same names, each lane under numbers of its own; of some nobody tells.
        for (std::uint16_t gate = 0; gate < 4; ++gate)
            script.builder.text(
                lane, {TextKind::gate, gate, "gate " + std::to_string((gate + lane) % 5)});
    }
    for (std::uint16_t number = 0; number < 3; ++number) {
        script.builder.text(0, {TextKind::lock, number, "lock\ndoor " + std::to_string(number)});
        script.builder.text(0, {TextKind::value, number, "sum " + std::to_string(number)});
    }
    bool paused = false;
    std::vector<bool> stopped(lanes, false);
    std::vector<std::vector<State>> open(lanes);
    std::vector<bool> ended(lanes, false);
    std::uint32_t message = 0;
    for (std::uint64_t time = moments / 4; time < moments; time += below(2) * below(6)) {
        const auto lane = static_cast<std::uint32_t>(below(lanes));
        if (ended[lane])
            continue;
        std::vector<State>& states = open[lane];
        switch (below(11)) {
        case 0:
        case 1:
        case 2:
            if (states.size() < 6) {
                states.push_back(static_cast<State>(below(recorded_state_count)));
                // Of a lock: who holds it. Of all else nobody asks.
                script.event(lane, time, EventKind::state_begin,
                    static_cast<std::uint8_t>(states.back()), static_cast<std::uint32_t>(below(9)),
                    below(3) == 0 ? below(8) : 0);
            }
            break;
        case 3:
        case 4:
            if (!states.empty()) {
                script.end(lane, time, states.back());
                states.pop_back();
            }
            break;
        case 5:
            script.message(lane, time, below(2) == 0, static_cast<std::uint16_t>(below(3)),
                message++, below(5000));
            script.event(lane, time, EventKind::queue_depth, 0,
                static_cast<std::uint32_t>(below(3)), below(20));
            break;
        case 6:
            stopped[lane] ? script.go_on(lane, time) : script.stop(lane, time);
            stopped[lane] = !stopped[lane];
            break;
        case 7: {
            const EventKind kinds[] = {EventKind::lock_taken, EventKind::lock_released,
                EventKind::lock_recovered, EventKind::lock_awaited};
            const EventKind kind = kinds[below(4)];
            // Ticks held, or the slot of a lane.
            script.event(lane, time, kind, 0, static_cast<std::uint32_t>(below(5)),
                kind == EventKind::lock_released ? below(200) : below(8));
            break;
        }
        case 8:
            script.event(lane, time, EventKind::value_changed, static_cast<std::uint8_t>(below(4)),
                static_cast<std::uint32_t>(below(5)), random());
            break;
        case 9:
            if (paused ? below(3) == 0 : below(10) == 0) {
                paused ? script.builder.resume(time) : script.builder.pause(time);
                paused = !paused;
            }
            break;
        default:
            if (lane != 0 && below(40) == 0) {
                script.end_lane(
                    lane, time, below(2) == 0 ? 0 : -9, static_cast<std::int64_t>(below(moments)));
                ended[lane] = true;
            } else {
                script.event(lane, time,
                    below(2) == 0 ? EventKind::task_begun : EventKind::task_done, 0,
                    static_cast<std::uint32_t>(below(30)), below(1000));
            }
        }
    }
    script.builder.advance(moments);
    return std::move(script.builder).take();
}

} // namespace manyhands::test
