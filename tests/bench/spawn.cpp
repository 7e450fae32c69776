// SPDX-License-Identifier: MIT
// From the start of a process to the first thing that it does in the eyes of its parent. Measured
// within a lesson's main process (lesson_spawn.cpp), where lessons start theirs.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <utility>

namespace manyhands::bench {
namespace {

std::vector<Row> measure(const std::string& method, std::string floor_name, double target)
{
    const nlohmann::json result = result_of_lesson(method);
    Row row = paired_row(method + ": start to first instruction", "us",
        {result.at("ours").get<std::vector<double>>(),
            result.at("floor").get<std::vector<double>>()},
        std::move(floor_name));
    row.goal = Goal::ratio_at_most;
    row.target = target;
    row.peers = {python_peer(method)};
    return {row};
}

std::vector<Row> measure_spawn()
{
    return measure("spawn", "posix_spawn of the same static program", 1.1);
}

std::vector<Row> measure_fork()
{
    return measure("fork", "raw fork of the same process", 1.2);
}

std::vector<Row> measure_forkserver()
{
    return measure("forkserver", "raw fork of the same process", 1.4);
}

} // namespace

const Figure spawn = {"spawn", measure_spawn};
const Figure fork = {"fork", measure_fork};
const Figure forkserver = {"forkserver", measure_forkserver};

} // namespace manyhands::bench
