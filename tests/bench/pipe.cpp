// SPDX-License-Identifier: MIT
// A byte to another process and back, measured within a lesson's main process (lesson_pipe.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include <utility>

namespace manyhands::bench {
namespace {

constexpr double target = 1.15;

std::vector<Row> measure()
{
    std::vector<Row> rows;
    for (const bool traced : {true, false}) {
        const nlohmann::json result = result_of_lesson("pipe", {}, traced);
        for (const auto& [name, samples] :
            {std::pair{"duplex", "duplex"}, std::pair{"two of one way", "one_way"}}) {
            Row row = paired_row(
                std::string("pipe: round trip of 1 byte, ") + name + (traced ? ", traced" : ""),
                "us",
                {result.at(samples).get<std::vector<double>>(),
                    result.at("floor").get<std::vector<double>>()},
                "two bare pipes, read and write");
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
