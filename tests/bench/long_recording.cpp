// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/long_recording.hpp"

#include "engine/recording/recording_builder.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace manyhands::bench {
namespace {

constexpr std::size_t batch = 4096;

} // namespace

Recording long_recording(std::size_t spans)
{
    RecordingBuilder builder(
        os::Clock({.source = os::ClockSource::monotonic,
            .reserved = 0,
            .first = {.ticks = 0, .monotonic_ns = 0},
            .second = {.ticks = 1'000'000'000, .monotonic_ns = 1'000'000'000}}),
        0);
    for (std::uint32_t lane = 0; lane < drawn_lanes; ++lane) {
        builder.start_lane({.name = lane == 0 ? "main" : "Worker-" + std::to_string(lane),
            .pid = static_cast<int>(1000 + lane),
            .role = lane == 0 ? Role::main : Role::worker,
            .start_method = lane == 0 ? StartMethod::none : StartMethod::spawn,
            .slot = lane,
            .generation = 1,
            .starting = false});
    }
    constexpr State states[]
        = {State::waiting_data, State::receiving, State::computing, State::sending};
    std::uint64_t last = 0;
    for (std::uint32_t lane = 0; lane < drawn_lanes; ++lane) {
        std::mt19937 random(lane);
        std::uint64_t time = random() % 10'000;
        std::vector<TraceEvent> events;
        for (std::size_t i = 0; i < spans / drawn_lanes; ++i) {
            const State state = states[i % std::size(states)];
            const auto detail = static_cast<std::uint8_t>(state);
            const std::uint64_t length
                = state == State::computing ? 1'000 + random() % 20'000 : 100 + random() % 4'000;
            const auto subject = static_cast<std::uint32_t>(i);
            events.push_back({time, 0, state == State::computing ? subject : 0, 0,
                EventKind::state_begin, detail});
            time += length;
            events.push_back({time, 0, 0, 0, EventKind::state_end, detail});
            time += random() % 50;
            if (events.size() >= batch) {
                builder.apply(lane, events);
                events.clear();
            }
        }
        builder.apply(lane, events);
        last = std::max(last, time);
    }
    builder.advance(last);
    return std::move(builder).take();
}

} // namespace manyhands::bench
