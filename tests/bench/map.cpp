// SPDX-License-Identifier: MIT
// A pool's map() and imap() of empty tasks, one by one, and the round trip of its apply(); in a
// lesson's main process (lesson_map.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

namespace manyhands::bench {
namespace {

Pairs pairs_of(const nlohmann::json& result)
{
    return {result.at("ours").get<std::vector<double>>(),
        result.at("floor").get<std::vector<double>>()};
}

std::vector<Row> measure_map()
{
    const char* const floor = "two processes on one atomic";
    nlohmann::json result = result_of_lesson("map", {"pairs=7"});
    Row traced = paired_row(
        "map: empty tasks, chunk 1, 2 workers, traced", "M/s", pairs_of(result), floor);
    traced.goal = Goal::value_at_least;
    traced.target = 7;
    const auto dropped = result.at("events_dropped").get<std::uint64_t>();
    traced.note = std::to_string(dropped) + " events dropped";
    if (dropped > 0) {
        // What is not recorded is not fast.
        traced.goal = Goal::value_at_most;
        traced.target = 0;
    }
    result = result_of_lesson("map", {"tasks=1000000"}, false);
    Row untraced = paired_row("map: the same, untraced", "M/s", pairs_of(result), floor);
    untraced.goal = Goal::ratio_at_least;
    untraced.target = 0.3;
    untraced.peers = {python_peer("map")};
    return {traced, untraced};
}

std::vector<Row> measure_imap()
{
    Row row = paired_row("imap: empty tasks, chunk 1, 2 workers, traced", "M/s",
        pairs_of(result_of_lesson("imap", {"pairs=7"})), "two processes on one atomic");
    row.goal = Goal::value_at_least;
    row.target = 1;
    row.peers = {python_peer("imap")};
    return {row};
}

std::vector<Row> measure_apply()
{
    Row row = paired_row("apply: round trip", "us", pairs_of(result_of_lesson("apply")),
        "two processes that wake each other by futex");
    row.goal = Goal::ratio_at_most;
    row.target = 1.2;
    row.peers = {python_peer("apply")};
    return {row};
}

} // namespace

const Figure map = {"map", measure_map};
const Figure imap = {"imap", measure_imap};
const Figure apply = {"apply", measure_apply};

} // namespace manyhands::bench
