// SPDX-License-Identifier: MIT
// What it costs a lesson to be watched: its wall time in the window over that without a window,
// both CPUs busy.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

namespace manyhands::bench {
namespace {

constexpr int rounds = 7;
// Some 0.7 s of wall time with two CPUs: many frames of the window, and a round in 7 s.
const std::vector<std::string> lesson = {"prime_counting", "limit=10000000", "workers=2"};

double wall_s(std::vector<std::string> before, const std::vector<std::string>& behind)
{
    before.insert(before.end(), lesson.begin(), lesson.end());
    before.insert(before.end(), behind.begin(), behind.end());
    return json_of_program(built_program("manyhands"), before).at("wall_s").get<double>();
}

std::vector<Row> measure()
{
    Pairs to_untraced;
    Pairs to_traced;
    for (int i = 0; i < rounds; ++i) {
        const double watched = wall_s({}, {"--run", "--json"});
        to_untraced.ours.push_back(watched);
        to_untraced.floor.push_back(wall_s({"run"}, {"--json", "--quiet", "--no-trace"}));
        to_traced.ours.push_back(watched);
        to_traced.floor.push_back(wall_s({"run"}, {"--json", "--quiet"}));
    }
    Row row = paired_row(
        "watching: wall time in the window", "s", to_untraced, "manyhands run --no-trace");
    row.goal = Goal::ratio_at_most;
    row.target = 1.03;
    return {
        row, paired_row("watching: the same beside a traced run", "s", to_traced, "manyhands run")};
}

} // namespace

const Figure watching = {"watching", measure};

} // namespace manyhands::bench
