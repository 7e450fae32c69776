// SPDX-License-Identifier: MIT
// Counts primes as the lesson does, alone and with its pool, and as raw fork and one atomic do.
#include "tests/bench/bench_lessons.hpp"

// The lesson itself is part of this file: the floor runs the very same kernel over the very same
// ranges, and neither has a public name.
#include "lessons/prime_counting/program.cpp" // NOLINT(bugprone-suspicious-include)

#include "engine/os/error.hpp"
#include "engine/os/memory.hpp"

#include <atomic>
#include <cerrno>
#include <new>
#include <sys/wait.h>

namespace manyhands::bench {
namespace {

namespace lesson = lessons::prime_counting;

struct Board
{
    std::atomic<std::uint32_t> next; // the range that nobody has taken
    alignas(64) std::atomic<std::uint64_t> primes;
};

void count_what_is_left(Board& board, const std::vector<lesson::Range>& ranges)
{
    std::uint64_t primes = 0;
    while (true) {
        const std::uint32_t index = board.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= ranges.size())
            break;
        primes += lesson::count_primes(ranges[index]).primes;
    }
    board.primes.fetch_add(primes, std::memory_order_relaxed);
}

void count_with_fork(LessonRun& run)
{
    const std::vector<lesson::Range> ranges = lesson::ranges(run);
    const os::SharedMemory memory("manyhands-bench-board", sizeof(Board));
    memory.back(0, sizeof(Board));
    Board& board = *new (memory.data()) Board{};
    std::vector<pid_t> children;
    for (std::int64_t i = 0; i < run.whole("workers"); ++i) {
        children.push_back(::fork());
        if (children.back() < 0)
            throw system_error("a process", "could not be forked", errno);
        if (children.back() == 0) {
            count_what_is_left(board, ranges);
            ::_exit(0);
        }
    }
    for (const pid_t child : children) {
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
    }
    run.result = {{"primes", board.primes.load()}};
}

double seconds_of(LessonRun& run, void (*count)(LessonRun&))
{
    const std::int64_t begin = os::monotonic_ns();
    count(run);
    return static_cast<double>(os::monotonic_ns() - begin) / 1e9;
}

void count_in_turn(LessonRun& run)
{
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::int64_t i = 0; i < run.whole("pairs"); ++i) {
        const double alone = seconds_of(run, lesson::count_alone);
        const nlohmann::json primes = run.result.at("primes");
        ours.push_back(alone / seconds_of(run, lesson::count_with_pool));
        const bool as_many = run.result.at("primes") == primes;
        floor.push_back(alone / seconds_of(run, count_with_fork));
        if (!as_many || run.result.at("primes") != primes)
            throw Error(
                {.object = "primes", .problem = "are not the same however they are counted"});
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

LessonDescription describe()
{
    LessonDescription description = lesson::lesson.describe();
    description.id = "primes";
    description.quantities.clear();
    description.guide = {};
    description.baseline = false;
    for (ParameterDescription& parameter : description.parameters) {
        if (parameter.workers)
            parameter.default_value = std::int64_t{2};
    }
    description.parameters.push_back(bench_parameter("pairs", 7));
    return description;
}

} // namespace

const Lesson primes_lesson = {.describe = describe, .text = {}, .run = count_in_turn};

} // namespace manyhands::bench
