// SPDX-License-Identifier: MIT
// The speedup of the lesson prime_counting with its defaults and 2 workers, beside that of the
// rawest program for the same work (lesson_primes.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include "engine/os/machine.hpp"

namespace manyhands::bench {
namespace {

std::vector<Row> measure()
{
    const nlohmann::json result = result_of_lesson("primes");
    Row row = paired_row("primes: speedup with 2 workers", "x",
        {result.at("ours").get<std::vector<double>>(),
            result.at("floor").get<std::vector<double>>()},
        "raw fork and one atomic");
    row.goal = Goal::ratio_at_least;
    row.target = 0.98;
    row.peers = {python_peer("primes")};
    if (usable_cpus() < 2)
        row.note = "fewer than 2 usable CPUs: there is no speedup to be had";
    return {row};
}

} // namespace

const Figure primes = {"primes", measure};

} // namespace manyhands::bench
