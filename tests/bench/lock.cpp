// SPDX-License-Identifier: MIT
// Two processes that add under one lock, measured within a lesson's main process (lesson_lock.cpp).
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include "engine/os/machine.hpp"

namespace manyhands::bench {
namespace {

std::vector<Row> measure()
{
    const nlohmann::json result = result_of_lesson("lock");
    const auto samples
        = [&](const char* name) { return result.at(name).get<std::vector<double>>(); };
    const char* const floor = "robust process-shared pthread mutex";
    Row row = paired_row(
        "lock: 2 processes adding under one", "M/s", {samples("ours"), samples("floor")}, floor);
    row.goal = Goal::ratio_at_least;
    row.target = 0.95;
    row.peers = {python_peer("lock")};
    if (usable_cpus() < 2)
        row.note = "fewer than 2 usable CPUs: the two take turns";
    Row timed = paired_row("lock: the same with holds timed as well", "M/s",
        {samples("ours_timed"), samples("floor")}, floor);
    return {row, timed};
}

} // namespace

const Figure lock = {"lock", measure};

} // namespace manyhands::bench
