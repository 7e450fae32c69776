// SPDX-License-Identifier: MIT
#include "engine/sync/gate.hpp"
#include "tests/lessons/test_lessons.hpp"

#include <cstddef>

namespace manyhands::test_lessons {
namespace {

std::vector<std::byte> mebibytes(std::int64_t count)
{
    // Filled: a page that nobody has written to is no memory yet.
    return std::vector<std::byte>(static_cast<std::size_t>(count) << 20, std::byte{1});
}

void keep(std::int64_t own)
{
    const std::vector<std::byte> memory = mebibytes(own);
    gate("allocated");
    // Used behind the gate, so that it lives so long.
    this_process.work_done(std::to_integer<std::uint64_t>(memory.back()));
}

void run_memory(LessonRun& run)
{
    const std::vector<std::byte> shared = mebibytes(run.whole("shared"));
    const bool fork = run.parameter<std::string>("method") == "fork";
    std::vector<Process> processes;
    for (int i = 0; i < run.whole("workers"); ++i)
        processes.emplace_back(ProcessOptions{.name = "Worker-" + std::to_string(i + 1),
                                   .start_method = fork ? StartMethod::fork : StartMethod::spawn},
            &keep, run.whole("own"));
    for (Process& process : processes)
        process.start();
    for (Process& process : processes)
        process.join();
    run.result = {{"shared", shared.size()}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "memory";
    lesson.title = "Known amounts of memory";
    ParameterDescription method;
    method.name = "method";
    method.label = "method";
    method.help = "For tests.";
    method.type = ParameterType::choice;
    method.default_value = std::string("fork");
    method.choices = {"fork", "spawn"};
    lesson.parameters = {method, whole_number("workers", 2, 1, 16), whole_number("own", 16, 1, 256),
        whole_number("shared", 64, 1, 256)};
    lesson.baseline = false;
    lesson.memory = true;
    return lesson;
}

} // namespace

const Lesson memory = {.describe = describe, .text = {}, .run = run_memory};

} // namespace manyhands::test_lessons
