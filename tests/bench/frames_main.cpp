// SPDX-License-Identifier: GPL-3.0-or-later
// manyhands-bench-frames SPANS [FRAMES]: how long the timeline takes for a frame of a run of that
// many spans in 64 lanes, 1600 x 900 pixels, software raster: all of the run, and parts of it at
// random zooms. Prints JSON: milliseconds of each frame, bytes of memory a span.
#include "app/views/timeline.hpp"
#include "tests/bench/long_recording.hpp"

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

constexpr QSize size(1600, 900);

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
    if (!number(1, spans) || spans < bench::drawn_lanes || (argc > 2 && !number(2, frames))
        || frames < 1) {
        std::fprintf(stderr, "Usage: manyhands-bench-frames SPANS [FRAMES], at least 64 spans\n");
        return 2;
    }
    const Recording recording = bench::long_recording(spans);
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
