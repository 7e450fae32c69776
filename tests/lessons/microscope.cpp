// SPDX-License-Identifier: MIT
#include "engine/ipc/value.hpp"
#include "engine/process/process.hpp"
#include "engine/sync/gate.hpp"
#include "tests/lessons/test_lessons.hpp"

namespace manyhands::test_lessons {
namespace {

// Adds 1 so often, in three steps that somebody else may come between.
void add(RawValue<std::int64_t> counter, RawValue<std::int64_t> own, std::int64_t times)
{
    for (std::int64_t i = 0; i < times; ++i) {
        gate("before load");
        own.store(counter.load());
        own.trace();
        gate("before add");
        own.store(own.load() + 1);
        own.trace();
        gate("before store");
        counter.store(own.load());
        counter.trace();
    }
}

void run_race(LessonRun& run)
{
    RawValue<std::int64_t> counter(0, "counter");
    counter.trace();
    std::vector<RawValue<std::int64_t>> registers;
    std::vector<Process> processes;
    for (std::int64_t i = 0; i < run.whole("processes"); ++i) {
        const std::string name = "Worker-" + std::to_string(i + 1);
        registers.emplace_back(0, "register of " + name);
        processes.emplace_back(
            ProcessOptions{.name = name}, &add, counter, registers.back(), run.whole("increments"));
    }
    for (Process& process : processes)
        process.start();
    for (Process& process : processes)
        process.join();
    run.result = {{"counter", counter.load()}};
}

void evaluate(const Evaluation& run, ResultDocument& document)
{
    const auto expected = std::get<std::int64_t>(run.parameters.at("processes"))
        * std::get<std::int64_t>(run.parameters.at("increments"));
    const auto counted = run.result.at("counter").get<std::int64_t>();
    const auto quantity = [&](const char* name, double value) {
        document.quantities.push_back({.name = name, .value = value});
    };
    quantity("expected", static_cast<double>(expected));
    quantity("lost", static_cast<double>(expected - counted));
    // Of two processes with one increment each; what runs free loses is made up.
    quantity("schedules", 20);
    quantity("schedules_losing", 18);
    quantity("free_losing_share", 0.25);
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "microscope";
    lesson.title = "A race under the microscope";
    lesson.parameters = {{.name = "mode",
                             .label = "mode",
                             .help = "For tests.",
                             .unit = "",
                             .type = ParameterType::choice,
                             .default_value = std::string("microscope"),
                             .choices = {"microscope", "free"}},
        whole_number("processes", 2, 1, 9), whole_number("increments", 1, 1, 1000)};
    lesson.parameters[1].workers = true;
    lesson.quantities = {{"expected", "Expected", "", "expected"},
        {"lost", "Lost", "", "lost_updates"}, {"schedules", "Schedules of this case", "", "count"},
        {"schedules_losing", "Schedules that lose", "", "count"},
        {"free_losing_share", "Free runs that lose", "", "share"}};
    lesson.baseline = false;
    lesson.guide.gates = true;
    lesson.guide.held_when = {"mode=microscope"};
    return lesson;
}

} // namespace

const Lesson microscope = {.describe = describe, .text = {}, .run = run_race, .evaluate = evaluate};

} // namespace manyhands::test_lessons
