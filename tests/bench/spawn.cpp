// SPDX-License-Identifier: MIT
// From the start of a process to the first thing that it does in the eyes of its parent. Measured
// within a lesson's main process (lesson_spawn.cpp), where lessons start theirs.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

namespace manyhands::bench {
namespace {

std::vector<Row> measure()
{
    const nlohmann::json result = result_of_lesson("spawn");
    Row row = paired_row("spawn: start to first instruction", "us",
        {result.at("ours").get<std::vector<double>>(),
            result.at("floor").get<std::vector<double>>()},
        "posix_spawn of the same static program");
    row.goal = Goal::ratio_at_most;
    row.target = 1.1;
    row.peers = {python_peer("spawn")};
    return {row};
}

} // namespace

const Figure spawn = {"spawn", measure};

} // namespace manyhands::bench
