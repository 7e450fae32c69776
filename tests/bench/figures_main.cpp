// SPDX-License-Identifier: GPL-3.0-or-later
// manyhands-bench-figures SPANS [FIGURES]: how long a figure of the timeline takes in each format,
// of a run of that many spans in 64 lanes, two columns wide. Prints JSON: for "png", "svg" and
// "pdf" the milliseconds of each figure, and its bytes.
#include "app/figures/figure.hpp"
#include "app/figures/figure_file.hpp"
#include "tests/bench/long_recording.hpp"

#include <QApplication>
#include <QElapsedTimer>

#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

using namespace manyhands;
using namespace manyhands::app;

int main(int argc, char** argv)
{
    const QApplication application(argc, argv);
    std::size_t spans = 0;
    int figures = 5;
    const auto number = [&](int index, auto& value) {
        const std::string_view text = index < argc ? argv[index] : "";
        return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
    };
    if (!number(1, spans) || spans < bench::drawn_lanes || (argc > 2 && !number(2, figures))
        || figures < 1) {
        std::fprintf(stderr, "Usage: manyhands-bench-figures SPANS [FIGURES], at least 64 spans\n");
        return 2;
    }
    FinishedRun run;
    run.description.title = "A long run";
    run.recording = std::make_shared<const Recording>(bench::long_recording(spans));
    nlohmann::json result;
    constexpr std::pair<const char*, FigureFormat> formats[]
        = {{"png", FigureFormat::png}, {"svg", FigureFormat::svg}, {"pdf", FigureFormat::pdf}};
    for (const auto& [name, format] : formats) {
        std::vector<double> milliseconds;
        qsizetype bytes = 0;
        for (int i = 0; i < figures; ++i) {
            QElapsedTimer timer;
            timer.start();
            Figure figure({.run = run, .points = {}, .swept = {}, .predictions = {}}, {});
            bytes = encoded(figure, format).size();
            milliseconds.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        }
        result[name] = {{"ms", milliseconds}, {"bytes", bytes}};
    }
    std::printf("%s\n", result.dump().c_str());
    return 0;
}
