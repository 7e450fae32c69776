// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <chrono>

namespace manyhands::test_lessons {
namespace {

// Stays in a state for a while. The test reads from the recording how long that really was; the
// state is a label here, so waiting for the time to pass is what it is about.
void stay(State state, std::chrono::milliseconds time)
{
    const StateSpan span(state);
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) { }
}

void go_through_states(int milliseconds)
{
    for (const State state : {State::computing, State::sending, State::waiting_data,
             State::waiting_lock, State::receiving, State::computing, State::sleeping})
        stay(state, std::chrono::milliseconds(milliseconds));
}

void run_picture(LessonRun& run)
{
    Process process({.name = "Model", .role = Role::worker}, &go_through_states,
        static_cast<int>(run.whole("milliseconds")));
    process.start();
    process.join();
    run.result = {{"exit", process.exit_code().value_or(-1)}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "picture";
    lesson.title = "A picture of every state";
    lesson.parameters = {whole_number("milliseconds", 40, 1, 1000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson picture = {.describe = describe, .text = {}, .run = run_picture};

} // namespace manyhands::test_lessons
