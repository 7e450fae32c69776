// SPDX-License-Identifier: MIT
// One access to a manager's dictionary, there and back; in a lesson's main process
// (lesson_manager.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

namespace manyhands::bench {
namespace {

std::vector<Row> measure()
{
    const nlohmann::json result = result_of_lesson("manager");
    Row row = paired_row("manager: access round trip, traced", "us",
        {result.at("ours").get<std::vector<double>>(),
            result.at("floor").get<std::vector<double>>()},
        "two processes that wake each other by futex");
    row.goal = Goal::ratio_at_most;
    row.target = 1.2;
    row.peers = {python_peer("manager")};
    return {row};
}

} // namespace

const Figure manager = {"manager", measure};

} // namespace manyhands::bench
