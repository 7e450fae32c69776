// SPDX-License-Identifier: MIT
#include "engine/ipc/queue.hpp"
#include "engine/ipc/value.hpp"
#include "engine/process/process.hpp"
#include "engine/sync/barrier.hpp"
#include "engine/sync/lock.hpp"
#include "tests/lessons/test_lessons.hpp"

#include <thread>

namespace manyhands::test_lessons {
namespace {

using namespace std::chrono_literals;

void take_both(Lock first, Lock second, Barrier both)
{
    first.lock();
    both.wait();
    print("ready");
    second.lock();
    second.unlock();
    first.unlock();
}

void take_twice(Lock lock)
{
    lock.lock();
    print("ready");
    lock.lock();
}

void put_more_than_fits(Queue<int> queue)
{
    queue.put(1);
    print("ready");
    queue.put(2);
}

void wait_at(Barrier barrier)
{
    print("ready");
    barrier.wait();
}

void hold(Lock lock, Barrier both)
{
    lock.lock();
    both.wait();
    print("ready");
    const StateSpan computing(State::computing);
    while (!this_process.stop_requested())
        std::this_thread::sleep_for(1ms);
}

void wait_for(Lock lock, Barrier both)
{
    both.wait();
    print("ready");
    lock.lock();
}

void run_deadlock(LessonRun& run)
{
    const auto what = run.parameter<std::string>("what");
    const auto method
        = run.parameter<std::string>("start") == "fork" ? StartMethod::fork : StartMethod::spawn;
    Lock a({.name = "A"});
    Lock b({.name = "B"});
    Barrier both(2, {.name = "both"});
    Barrier never(3, {.name = "never full"});
    Queue<int> results(1, {.name = "results"});
    std::vector<Process> processes;
    const auto add = [&](auto function, auto... arguments) {
        processes.emplace_back(
            ProcessOptions{
                .name = "Worker-" + std::to_string(processes.size() + 1), .start_method = method},
            function, arguments...);
        processes.back().start();
    };
    if (what == "two_orders") {
        add(&take_both, a, b, both);
        add(&take_both, b, a, both);
    } else if (what == "twice") {
        add(&take_twice, a);
    } else if (what == "join_first") {
        add(&put_more_than_fits, results);
    } else if (what == "long_wait") {
        add(&hold, a, both);
        add(&wait_for, a, both);
    } else {
        add(&wait_at, never);
        add(&wait_at, never);
    }
    for (Process& process : processes)
        process.join();
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "deadlock";
    lesson.title = "Processes that wait for each other, and such that only seem to";
    const auto choice = [](const char* name, std::vector<std::string> choices) {
        ParameterDescription parameter;
        parameter.name = name;
        parameter.label = name;
        parameter.type = ParameterType::choice;
        parameter.default_value = choices.front();
        parameter.choices = std::move(choices);
        return parameter;
    };
    lesson.parameters
        = {choice("what", {"two_orders", "twice", "join_first", "long_wait", "barrier"}),
            choice("start", {"spawn", "fork"})};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson deadlock = {.describe = describe, .text = {}, .run = run_deadlock, .check_runs = {}};

} // namespace manyhands::test_lessons
