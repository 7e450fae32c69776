// SPDX-License-Identifier: GPL-3.0-or-later
// manyhands-bench-frames SPANS [FRAMES]: how long the timeline takes for a frame of a run of that
// many spans in 64 lanes, 1600 x 900 pixels, software raster: all of the run, and parts of it at
// random zooms. Prints JSON: milliseconds of each frame, bytes of memory a span.
#include "app/views/timeline.hpp"
#include "engine/recording/recording_builder.hpp"

#include <QApplication>
#include <QElapsedTimer>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <random>
#include <string_view>
#include <vector>

using namespace manyhands;
using namespace manyhands::app;

namespace {

constexpr std::uint32_t lanes = 64;
constexpr QSize size(1600, 900);
constexpr std::size_t batch = 4096;

// A pool's worker: it waits for a task, receives it, computes, sends the result.
Recording recorded(std::size_t spans)
{
    RecordingBuilder builder(
        os::Clock({.source = os::ClockSource::monotonic,
            .reserved = 0,
            .first = {.ticks = 0, .monotonic_ns = 0},
            .second = {.ticks = 1'000'000'000, .monotonic_ns = 1'000'000'000}}),
        0);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
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
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        std::mt19937 random(lane);
        std::uint64_t time = random() % 10'000;
        std::vector<TraceEvent> events;
        for (std::size_t i = 0; i < spans / lanes; ++i) {
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

double frame_ms(Timeline& timeline, const std::function<void()>& change)
{
    QElapsedTimer timer;
    timer.start();
    change();
    timeline.replot(QCustomPlot::rpImmediateRefresh);
    return static_cast<double>(timer.nsecsElapsed()) / 1e6;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    std::size_t spans = 0;
    int frames = 100;
    const auto number = [&](int index, auto& value) {
        const std::string_view text = index < argc ? argv[index] : "";
        return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    };
    if (!number(1, spans) || spans < lanes || (argc > 2 && !number(2, frames)) || frames < 1) {
        std::fprintf(stderr, "Usage: manyhands-bench-frames SPANS [FRAMES], at least 64 spans\n");
        return 2;
    }
    const Recording recording = recorded(spans);
    std::size_t bytes = 0;
    std::size_t held = 0;
    for (const Lane& lane : recording.lanes()) {
        bytes += lane.spans.memory_bytes();
        held += lane.spans.size();
    }
    ViewState view;
    Timeline timeline;
    timeline.setViewState(&view);
    timeline.resize(size);
    timeline.show();
    view.setExtent(recording.now_ns(), false);
    RunFacts facts;
    facts.recording = &recording;
    timeline.showRun(facts);
    QApplication::processEvents();

    nlohmann::json result = {{"spans", held},
        {"bytes_per_span", static_cast<double>(bytes) / static_cast<double>(held)}};
    std::vector<double> whole;
    std::vector<double> parts;
    std::mt19937_64 random(1);
    const std::int64_t end = view.extentNs();
    for (int i = 0; i < frames; ++i) {
        // A pixel less each time, so that nothing can be kept from the frame before.
        whole.push_back(frame_ms(timeline, [&] { view.show({i * end / 100'000, end}); }));
        const std::int64_t length = end >> (1 + random() % 12);
        const auto begin
            = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(end - length));
        parts.push_back(frame_ms(timeline, [&] { view.show({begin, begin + length}); }));
    }
    result["whole_ms"] = whole;
    result["parts_ms"] = parts;
    std::printf("%s\n", result.dump().c_str());
    return 0;
}
