// SPDX-License-Identifier: MIT
// Finished runs for tests, and what is different between two.
#pragma once

#include "engine/observe/finished_run.hpp"
#include "tests/support/scripted_recording.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace manyhands::test {

/// A run of a lesson that does not exist, with something in every member.
inline FinishedRun finished_run_of(Recording recording)
{
    FinishedRun run;
    run.lesson.id = run.description.id = "tour";
    run.description.title = "A tour";
    run.description.objectives = {"See all of it."};
    run.description.text = "# Words\n";
    run.description.sources = {{"lessons/tour.cpp", "cpp", "int main()\n{\n}\n"}};
    ParameterDescription workers = {.name = "workers",
        .label = "Workers",
        .help = "How many.",
        .unit = "",
        .minimum = 1,
        .maximum = 256,
        .choices = {}};
    workers.default_value = std::int64_t{2};
    workers.workers = true;
    ParameterDescription share = {.name = "share",
        .label = "Share",
        .help = "How much.",
        .unit = "",
        .type = ParameterType::real,
        .minimum = -1,
        .maximum = 1,
        .choices = {}};
    share.default_value = 0.5;
    ParameterDescription schedule = {.name = "schedule",
        .label = "Schedule",
        .help = "Which.",
        .unit = "",
        .type = ParameterType::choice,
        .choices = {"static", "dynamic"}};
    schedule.default_value = std::string("static");
    run.description.parameters = {workers, share, schedule};
    run.description.quantities = {{"primes", "Primes", "", "count"}, {"age", "Age", "s", "time"}};
    run.description.work_unit = "steps";
    run.parameters = {
        {"workers", std::int64_t{3}}, {"share", 0.1 + 0.2}, {"schedule", std::string("dynamic")}};
    run.seed = 18'446'744'073'709'551'615U;
    run.machine = {.cpu = "A CPU",
        .usable_cpus = 2,
        .logical_cpus = 4,
        .memory_bytes = std::uint64_t{1} << 34,
        .kernel = "Linux 6.1",
        .version = "0.1",
        .commit = "abc"};
    run.recording = std::make_shared<const Recording>(std::move(recording));
    run.repeats = {{.wall_s = 0.1, .sequential_s = 0.3, .speedup = 3.0000000000000004},
        {.wall_s = 1e-9, .sequential_s = {}, .speedup = {}}};
    run.shown_repeat = 1;
    run.sequential_s = 0.3;
    run.all_work = 18'446'744'073'709'551'615U;
    run.marks = {"oversubscribed", "dropped"};
    run.document = ResultDocument{};
    run.document->quantities = {{"primes", 1e300}, {"age", {}}};
    run.document->checks = {{"every prime is found", true}, {"none twice", false}, {"odd", {}}};
    run.document->failures = {{"Worker-2", 4242, 7, "12", "signal", 9, "killed"},
        {"Worker-3", 4243, {}, "", "exception", 0, "std::logic_error: no"}};
    run.document->result = {{"sum", 0.1}, {"list", {1, -2, nullptr, "x"}}};
    run.document->summary = "a line\nanother\n";
    run.problem = "something went wrong";
    run.raw_output = "raw \x1b[31mbytes\n\ttab";
    run.events = 18'446'744'073'709'551'614U;
    run.dropped = 12;
    return run;
}

/// What of two recordings is not the same, in words; empty where nothing is.
std::vector<std::string> differences(const Recording& one, const Recording& other);
/// The same of two runs, but for where they come from (the program, the shortfall).
std::vector<std::string> differences(const FinishedRun& one, const FinishedRun& other);

} // namespace manyhands::test
