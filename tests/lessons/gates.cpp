// SPDX-License-Identifier: MIT
#include "engine/arena/shared_block.hpp"
#include "engine/ipc/message_queue.hpp"
#include "engine/os/clock.hpp"
#include "engine/sync/gate.hpp"
#include "engine/sync/waiters.hpp"
#include "tests/lessons/test_lessons.hpp"

#include <atomic>
#include <stdexcept>

namespace manyhands::test_lessons {
namespace {

using namespace std::chrono_literals;

constexpr auto short_timeout = 300ms;

// What the processes of a run share.
struct Shared
{
    std::atomic<std::uint64_t> counter;
    std::atomic<std::int64_t> began_ns; ///< CLOCK_MONOTONIC, of a wait
    std::atomic<std::int64_t> ended_ns;
};

// Adds 1 so often, in three steps that somebody else may come between.
void count(ArenaOffset offset, int times)
{
    const SharedBlock block(offset);
    std::atomic<std::uint64_t>& counter = block.as<Shared>().counter;
    for (int i = 0; i < times; ++i) {
        gate("before load");
        const std::uint64_t seen = counter.load(std::memory_order_relaxed);
        gate("before add");
        const std::uint64_t sum = seen + 1;
        gate("before store");
        counter.store(sum, std::memory_order_relaxed);
    }
    gate("at the end");
}

void wait_in_vain(ArenaOffset offset, ArenaOffset queue, const std::string& how)
{
    const SharedBlock block(offset);
    Shared& shared = block.as<Shared>();
    shared.began_ns.store(os::monotonic_ns());
    print("ready");
    if (how == "queue") {
        std::vector<std::byte> message;
        try {
            MessageQueue(queue).get(message, short_timeout);
        } catch (const Empty&) {
        }
    } else {
        Waiters waiters = {};
        waiters.wait(Deadline(short_timeout), [] { return false; });
    }
    shared.ended_ns.store(os::monotonic_ns());
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

void run_gates(LessonRun& run)
{
    const auto what = run.parameter<std::string>("what");
    const auto times = static_cast<int>(run.whole("times"));
    SharedBlock block("shared", sizeof(Shared));
    MessageQueue queue("never filled", 1);
    std::vector<Process> processes;
    for (int i = 0; i < run.whole("workers"); ++i) {
        const ProcessOptions options = {.name = "Worker-" + std::to_string(i + 1)};
        if (what == "count")
            processes.emplace_back(options, &count, block.offset(), times);
        else if (what == "compute" || what == "join")
            processes.emplace_back(options, &compute_for_ever);
        else if (what == "throw")
            processes.emplace_back(options, &throw_something);
        else
            processes.emplace_back(options, &wait_in_vain, block.offset(), queue.offset(), what);
    }
    for (Process& process : processes)
        process.start();
    Shared& shared = block.as<Shared>();
    if (what == "join") {
        shared.began_ns.store(os::monotonic_ns());
        print("ready");
        processes.front().join(short_timeout);
        shared.ended_ns.store(os::monotonic_ns());
        processes.front().kill();
    }
    for (Process& process : processes)
        process.join();
    queue.destroy();
    run.result = {{"counter", shared.counter.load()}, {"began_ns", shared.began_ns.load()},
        {"ended_ns", shared.ended_ns.load()}};
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
    what.choices = {"count", "queue", "deadline", "join", "compute", "throw"};
    lesson.parameters
        = {what, whole_number("workers", 2, 1, 16), whole_number("times", 1, 0, 1'000'000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson gates = {.describe = describe, .text = {}, .run = run_gates};

} // namespace manyhands::test_lessons
