// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>

namespace manyhands::test_lessons {
namespace {

enum class Fault { none, exception, kill, abort, exit0, exit3, spin, crashloop, main_exception, print };

struct FaultTask
{
    int number;
    Fault fault;
};

std::string to_text(const FaultTask& task) { return "number " + std::to_string(task.number); }

int fail_or_square(const FaultTask& task)
{
    switch (task.fault) {
    case Fault::exception:
        throw std::runtime_error("number " + std::to_string(task.number) + " is not liked");
    case Fault::kill:
    case Fault::crashloop:
        ::raise(SIGKILL);
        break;
    case Fault::abort:
        std::abort();
    case Fault::exit0:
        ::_exit(0);
    case Fault::exit3:
        ::_exit(3);
    case Fault::spin:
        while (true)
            this_process.work_done(1);
    case Fault::print:
        print("line of task " + std::to_string(task.number));
        break;
    case Fault::none:
    case Fault::main_exception:
        break;
    }
    return task.number * task.number;
}

const std::vector<std::string> fault_names = {"none", "exception", "kill", "abort", "exit0", "exit3",
    "spin", "crashloop", "main_exception", "print"};

Fault fault_named(const std::string& name)
{
    for (std::size_t i = 0; i < fault_names.size(); ++i) {
        if (fault_names[i] == name)
            return static_cast<Fault>(i);
    }
    return Fault::none;
}

// Task number `at` fails; with crashloop every one.
void run_faults(LessonRun& run)
{
    const Fault fault = fault_named(run.parameter<std::string>("fault"));
    if (fault == Fault::main_exception)
        throw std::logic_error("the main process gives up");
    const auto count = static_cast<int>(run.whole("tasks"));
    const auto at = static_cast<int>(run.whole("at"));
    const bool everywhere = fault == Fault::crashloop || fault == Fault::print;
    std::vector<FaultTask> tasks;
    for (int i = 0; i < count; ++i)
        tasks.push_back({i, everywhere || i == at ? fault : Fault::none});
    Pool pool(static_cast<int>(run.whole("workers")));
    const std::vector<int> squares
        = pool.map(&fail_or_square, tasks, static_cast<std::size_t>(run.whole("chunk")));
    pool.close();
    pool.join();
    run.result = {{"squares", squares}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "faults";
    lesson.title = "Workers that fail";
    ParameterDescription fault;
    fault.name = "fault";
    fault.label = "fault";
    fault.help = "For tests.";
    fault.type = ParameterType::choice;
    fault.default_value = std::string("none");
    fault.choices = fault_names;
    lesson.parameters = {fault, whole_number("workers", 2, 1, 255), whole_number("tasks", 8, 0, 100'000),
        whole_number("at", 3, 0, 100'000), whole_number("chunk", 1, 0, 100'000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson faults = {.describe = describe,
    .text = {},
    .run = run_faults,
    .check_runs = {"fault=kill", "fault=main_exception", "fault=unheard_of"}};

} // namespace manyhands::test_lessons
