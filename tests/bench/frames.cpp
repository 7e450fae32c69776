// SPDX-License-Identifier: MIT
// What a frame of the timeline takes at 10^5, 10^6 and 10^7 spans, and the memory of a span.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <algorithm>
#include <string>

namespace manyhands::bench {
namespace {

constexpr std::pair<const char*, const char*> sizes[]
    = {{"100000", "10^5"}, {"1000000", "10^6"}, {"10000000", "10^7"}};
constexpr double median_goal_ms = 3;
constexpr double slowest_goal_ms = 6;
constexpr double growth_goal = 1.3;
constexpr double bytes_goal = 24;

double slowest_of_hundred(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    return values[values.size() * 99 / 100];
}

std::vector<Row> measure()
{
    std::vector<Row> rows;
    Quartiles million;
    for (const auto& [spans, words] : sizes) {
        const nlohmann::json result
            = json_of_program(built_program("manyhands-bench-frames"), {spans, "200"});
        const auto whole = result.at("whole_ms").get<std::vector<double>>();
        const auto parts = result.at("parts_ms").get<std::vector<double>>();
        const std::string name = std::string("timeline: ") + words + " spans, ";
        Row row = {.name = name + "frame of all",
            .unit = "ms",
            .samples = whole.size(),
            .ours = quartiles(whole)};
        if (std::string(words) == "10^6") {
            million = row.ours;
            row.goal = Goal::value_at_most;
            row.target = median_goal_ms;
        } else if (std::string(words) == "10^7") {
            row.goal = Goal::value_at_most;
            row.target = growth_goal * million.median;
            row.note = "target: 1.3 x that of 10^6";
        }
        rows.push_back(row);
        const double slowest = slowest_of_hundred(whole);
        rows.push_back({.name = name + "99th percentile",
            .unit = "ms",
            .samples = whole.size(),
            .ours = {slowest, slowest, slowest},
            .goal = std::string(words) == "10^6" ? Goal::value_at_most : Goal::none,
            .target = slowest_goal_ms});
        rows.push_back({.name = name + "frame of a part",
            .unit = "ms",
            .samples = parts.size(),
            .ours = quartiles(parts)});
        const auto bytes = result.at("bytes_per_span").get<double>();
        rows.push_back({.name = name + "memory of one, with index",
            .unit = "B",
            .samples = 1,
            .ours = {bytes, bytes, bytes},
            .goal = std::string(words) == "10^5" ? Goal::none : Goal::value_at_most,
            .target = bytes_goal});
    }
    return rows;
}

} // namespace

const Figure frames = {"frames", measure};

} // namespace manyhands::bench
