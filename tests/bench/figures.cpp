// SPDX-License-Identifier: MIT
// What a figure of 10^6 spans takes in each format, and how large its file is.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <string>

namespace manyhands::bench {
namespace {

constexpr double goal_ms = 500;
constexpr double goal_bytes = 2e6;

std::vector<Row> measure()
{
    const nlohmann::json result
        = json_of_program(built_program("manyhands-bench-figures"), {"1000000", "20"});
    std::vector<Row> rows;
    for (const char* const format : {"png", "svg", "pdf"}) {
        const nlohmann::json& figure = result.at(format);
        const auto ms = figure.at("ms").get<std::vector<double>>();
        const auto bytes = figure.at("bytes").get<double>();
        const std::string name = std::string("figure of 10^6 spans: ") + format;
        rows.push_back({.name = name,
            .unit = "ms",
            .samples = ms.size(),
            .ours = quartiles(ms),
            .goal = Goal::value_at_most,
            .target = goal_ms});
        const bool bounded = std::string(format) != "png";
        rows.push_back({.name = name + ", size",
            .unit = "B",
            .samples = 1,
            .ours = {bytes, bytes, bytes},
            .goal = bounded ? Goal::value_at_most : Goal::none,
            .target = bounded ? goal_bytes : 0});
    }
    return rows;
}

} // namespace

const Figure drawn_figures = {"figures", measure};

} // namespace manyhands::bench
