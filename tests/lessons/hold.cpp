// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <numeric>
#include <unistd.h>

namespace manyhands::test_lessons {
namespace {

// A task with `wait` set opens the FIFO for reading, which blocks until somebody writes to it.
struct HoldTask
{
    int number;
    bool wait;
};

int hold_or_pass(const HoldTask& task)
{
    if (task.wait) {
        const char* const path = std::getenv("MANYHANDS_TEST_FIFO");
        if (path == nullptr)
            throw Error({.object = "MANYHANDS_TEST_FIFO", .problem = "is not set"});
        ::close(::open(path, O_RDONLY | O_CLOEXEC));
    }
    return task.number;
}

void run_hold(LessonRun& run)
{
    const auto workers = static_cast<int>(run.whole("workers"));
    const auto before = static_cast<int>(run.whole("before"));
    std::vector<HoldTask> tasks;
    for (int i = 0; i < before + workers; ++i)
        tasks.push_back({i, i >= before});
    Pool pool(workers);
    const std::vector<int> done = pool.map(&hold_or_pass, tasks, 1);
    pool.close();
    pool.join();
    run.result = {{"sum", std::accumulate(done.begin(), done.end(), 0)}};
}

LessonDescription describe_hold()
{
    LessonDescription lesson;
    lesson.id = "hold";
    lesson.title = "Held by a test";
    lesson.parameters
        = {whole_number("workers", 2, 1, 16), whole_number("before", 6, 0, 1000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson hold = {.describe = describe_hold, .text = {}, .run = run_hold};

} // namespace manyhands::test_lessons
