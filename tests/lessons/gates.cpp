// SPDX-License-Identifier: MIT
#include "engine/ipc/message_queue.hpp"
#include "engine/ipc/value.hpp"
#include "engine/os/clock.hpp"
#include "engine/sync/gate.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/semaphore.hpp"
#include "tests/lessons/test_lessons.hpp"

#include <csignal>
#include <stdexcept>

namespace manyhands::test_lessons {
namespace {

using namespace std::chrono_literals;

constexpr auto short_timeout = 300ms;

// When a wait began and ended, by CLOCK_MONOTONIC.
struct Waited
{
    RawValue<std::int64_t> began_ns;
    RawValue<std::int64_t> ended_ns;
};

// Adds 1 so often, in three steps that somebody else may come between.
void count(RawValue<std::int64_t> counter, int times)
{
    for (int i = 0; i < times; ++i) {
        gate("before load");
        const std::int64_t seen = counter.load();
        gate("before add");
        const std::int64_t sum = seen + 1;
        gate("before store");
        counter.store(sum);
        counter.trace();
    }
    gate("at the end");
}

// Calls `wait`, which is to wait for the short time-out in vain.
void wait_in_vain(Waited waited, auto wait)
{
    waited.began_ns.store(os::monotonic_ns());
    print("ready");
    try {
        wait();
    } catch (const TimeoutError&) {
    } catch (const Empty&) {
    }
    waited.ended_ns.store(os::monotonic_ns());
}
void wait_for_message(
    RawValue<std::int64_t> began_ns, RawValue<std::int64_t> ended_ns, ArenaOffset queue)
{
    std::vector<std::byte> message;
    wait_in_vain({began_ns, ended_ns}, [&] { MessageQueue(queue).get(message, short_timeout); });
}
void wait_for_lock(RawValue<std::int64_t> began_ns, RawValue<std::int64_t> ended_ns, Lock lock)
{
    wait_in_vain({began_ns, ended_ns}, [&] { lock.lock(short_timeout); });
}
void wait_for_token(
    RawValue<std::int64_t> began_ns, RawValue<std::int64_t> ended_ns, Semaphore semaphore)
{
    wait_in_vain({began_ns, ended_ns}, [&] { semaphore.acquire(short_timeout); });
}

void compute_for_ever()
{
    print("ready");
    const StateSpan computing(State::computing);
    while (true)
        this_process.work_done(1);
}

void throw_something()
{
    throw std::runtime_error("first line\nsecond line");
}

void die_with(Lock lock)
{
    lock.lock();
    ::raise(SIGKILL);
}
void take(Lock lock)
{
    lock.lock();
    lock.unlock();
}

// Three processes, one after the other: the first waits for the lock and dies with it, the second
// finds it left behind, the third waits and holds it for a moment.
void hand_down(const std::string& name)
{
    Lock lock({.name = name});
    lock.lock();
    Process first({.name = "Worker-1"}, &die_with, lock);
    first.start();
    gate("before unlock");
    lock.unlock();
    first.join();
    Process second({.name = "Worker-2"}, &take, lock);
    second.start();
    second.join();
    lock.lock();
    Process third({.name = "Worker-3"}, &take, lock);
    third.start();
    gate("before unlock");
    lock.unlock();
    third.join();
}

void run_gates(LessonRun& run)
{
    const auto what = run.parameter<std::string>("what");
    if (what == "die") {
        hand_down("door");
        return;
    }
    RawValue<std::int64_t> counter(0, "counter");
    Waited waited;
    Lock lock({.name = "never free"});
    Semaphore semaphore(0, "never released");
    MessageQueue queue("never filled", 1);
    lock.lock();
    std::vector<Process> processes;
    for (int i = 0; i < run.whole("workers"); ++i) {
        const ProcessOptions options = {.name = "Worker-" + std::to_string(i + 1)};
        const auto add = [&](auto function, auto... arguments) {
            processes.emplace_back(options, function, arguments...);
        };
        if (what == "count")
            add(&count, counter, static_cast<int>(run.whole("times")));
        else if (what == "queue")
            add(&wait_for_message, waited.began_ns, waited.ended_ns, queue.offset());
        else if (what == "lock")
            add(&wait_for_lock, waited.began_ns, waited.ended_ns, lock);
        else if (what == "semaphore")
            add(&wait_for_token, waited.began_ns, waited.ended_ns, semaphore);
        else if (what == "throw")
            add(&throw_something);
        else
            add(&compute_for_ever);
    }
    for (Process& process : processes)
        process.start();
    if (what == "join") {
        wait_in_vain(waited, [&] { processes.front().join(short_timeout); });
        processes.front().kill();
    }
    for (Process& process : processes)
        process.join();
    lock.unlock();
    queue.destroy();
    run.result = {{"counter", counter.load()}, {"began_ns", waited.began_ns.load()},
        {"ended_ns", waited.ended_ns.load()}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "gates";
    lesson.title = "Held at gates, and paused";
    ParameterDescription what;
    what.name = "what";
    what.label = "what";
    what.help = "For tests.";
    what.type = ParameterType::choice;
    what.default_value = std::string("count");
    what.choices = {"count", "queue", "lock", "semaphore", "join", "compute", "throw", "die"};
    lesson.parameters
        = {what, whole_number("workers", 2, 1, 16), whole_number("times", 1, 0, 1'000'000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson gates = {.describe = describe,
    .text = {},
    .run = run_gates,
    .check_runs = {"what=count", "what=throw", "what=compute"}};

} // namespace manyhands::test_lessons
