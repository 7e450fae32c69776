// SPDX-License-Identifier: MIT
// A byte to another process and back, measured within a lesson's main process (lesson_pipe.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <tuple>
#include <utility>

namespace manyhands::bench {
namespace {

constexpr double target = 1.15;

std::vector<Row> measure()
{
    std::vector<Row> rows;
    for (const bool traced : {true, false}) {
        const nlohmann::json result = result_of_lesson("pipe", {}, traced);
        for (const auto& [name, ours, floor, floor_name] :
            {std::tuple{"duplex", "duplex", "sockets", "a bare pair of sockets, read and write"},
                std::tuple{
                    "two of one way", "one_way", "pipes", "two bare pipes, read and write"}}) {
            Row row = paired_row(
                std::string("pipe: round trip of 1 byte, ") + name + (traced ? ", traced" : ""),
                "us",
                {result.at(ours).get<std::vector<double>>(),
                    result.at(floor).get<std::vector<double>>()},
                floor_name);
            row.goal = Goal::ratio_at_most;
            row.target = target;
            rows.push_back(std::move(row));
        }
    }
    rows.front().peers = {python_peer("pipe")};
    return rows;
}

} // namespace

const Figure pipe_round_trip = {"pipe", measure};

} // namespace manyhands::bench
