// SPDX-License-Identifier: MIT
// Maps a function that does nothing, at once and with its results handed out in order, beside
// processes that only count; and calls it one by one,
// beside two processes that only wake each other.
#include "engine/os/error.hpp"
#include "engine/os/futex.hpp"
#include "engine/os/memory.hpp"
#include "tests/bench/bench_lessons.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <new>
#include <numeric>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands::bench {
namespace {

constexpr int workers = 2;

int same(int number)
{
    return number;
}

struct Words
{
    std::atomic<std::uint32_t> ready;
    std::atomic<std::uint32_t> begun;
    alignas(64) std::atomic<std::uint64_t> next;
    alignas(64) std::atomic<std::uint32_t> there;
    alignas(64) std::atomic<std::uint32_t> back;
};

pid_t fork_into(auto&& work)
{
    const pid_t child = ::fork();
    if (child < 0)
        throw system_error("a process", "could not be forked", errno);
    if (child == 0) {
        work();
        ::_exit(0);
    }
    return child;
}

void wait_for(pid_t child)
{
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
}

double seconds_since(std::int64_t begin_ns)
{
    return static_cast<double>(os::monotonic_ns() - begin_ns) / 1e9;
}

double maps_a_second(Pool& pool, const std::vector<int>& items)
{
    const std::int64_t begin = os::monotonic_ns();
    if (pool.map(&same, items, 1) != items)
        throw Error({.object = "map", .problem = "found other results"});
    return static_cast<double>(items.size()) / seconds_since(begin);
}

// So many counts by as many processes as the pool has.
double counts_a_second(std::uint64_t counts)
{
    const os::SharedMemory memory("manyhands-bench-count", sizeof(Words));
    memory.back(0, sizeof(Words));
    Words& words = *new (memory.data()) Words{};
    std::vector<pid_t> children;
    for (int i = 0; i < workers; ++i) {
        children.push_back(fork_into([&] {
            words.ready.fetch_add(1);
            while (words.begun.load() == 0) { }
            while (words.next.fetch_add(1, std::memory_order_relaxed) < counts) { }
        }));
    }
    while (words.ready.load() < workers)
        ::usleep(100);
    const std::int64_t begin = os::monotonic_ns();
    words.begun.store(1);
    for (const pid_t child : children)
        wait_for(child);
    return static_cast<double>(counts) / seconds_since(begin);
}

void map_in_turn(LessonRun& run)
{
    std::vector<int> items(static_cast<std::size_t>(run.whole("tasks")));
    std::iota(items.begin(), items.end(), 0);
    Pool pool(workers);
    maps_a_second(pool, items);
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::int64_t i = 0; i < run.whole("pairs"); ++i) {
        ours.push_back(maps_a_second(pool, items) / 1e6);
        floor.push_back(counts_a_second(std::uint64_t{8'000'000}) / 1e6);
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

double streamed_a_second(Pool& pool, const std::vector<int>& items)
{
    const std::int64_t begin = os::monotonic_ns();
    int next = 0;
    for (const int one : pool.imap(&same, items)) {
        if (one != items[static_cast<std::size_t>(next++)])
            throw Error({.object = "imap", .problem = "found other results"});
    }
    return static_cast<double>(next) / seconds_since(begin);
}

void stream_in_turn(LessonRun& run)
{
    std::vector<int> items(static_cast<std::size_t>(run.whole("tasks")));
    std::iota(items.begin(), items.end(), 0);
    Pool pool(workers);
    streamed_a_second(pool, items);
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::int64_t i = 0; i < run.whole("pairs"); ++i) {
        ours.push_back(streamed_a_second(pool, items) / 1e6);
        floor.push_back(counts_a_second(std::uint64_t{8'000'000}) / 1e6);
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

double microseconds_a_call(Pool& pool, int calls)
{
    const std::int64_t begin = os::monotonic_ns();
    for (int i = 0; i < calls; ++i)
        pool.apply(&same, i);
    return seconds_since(begin) * 1e6 / calls;
}

void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t old)
{
    while (word.load(std::memory_order_acquire) == old)
        os::futex_wait(word, old, std::chrono::seconds(1));
}

void apply_in_turn(LessonRun& run)
{
    const auto calls = static_cast<int>(run.whole("calls"));
    Pool pool(workers);
    microseconds_a_call(pool, calls);
    std::vector<double> ours;
    std::vector<double> floor;
    for (std::int64_t i = 0; i < run.whole("pairs"); ++i) {
        ours.push_back(microseconds_a_call(pool, calls));
        floor.push_back(microseconds_a_wake(static_cast<std::uint32_t>(calls)));
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

LessonDescription describe_map()
{
    LessonDescription lesson;
    lesson.id = "map";
    lesson.title = "Mapping nothing";
    lesson.parameters = {bench_parameter("tasks", 400'000), bench_parameter("pairs", 21)};
    lesson.baseline = false;
    return lesson;
}

LessonDescription describe_imap()
{
    LessonDescription lesson = describe_map();
    lesson.id = "imap";
    lesson.title = "Handing out nothing";
    return lesson;
}

LessonDescription describe_apply()
{
    LessonDescription lesson;
    lesson.id = "apply";
    lesson.title = "Calling nothing";
    lesson.parameters = {bench_parameter("calls", 1000), bench_parameter("pairs", 21)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

double microseconds_a_wake(std::uint32_t calls)
{
    const os::SharedMemory memory("manyhands-bench-wake", sizeof(Words));
    memory.back(0, sizeof(Words));
    Words& words = *new (memory.data()) Words{};
    const pid_t child = fork_into([&] {
        words.ready.store(1);
        for (std::uint32_t i = 0; i < calls; ++i) {
            wait_while(words.there, i);
            words.back.store(i + 1, std::memory_order_release);
            os::futex_wake(words.back, 1);
        }
    });
    while (words.ready.load() == 0)
        ::usleep(100);
    const std::int64_t begin = os::monotonic_ns();
    for (std::uint32_t i = 0; i < calls; ++i) {
        words.there.store(i + 1, std::memory_order_release);
        os::futex_wake(words.there, 1);
        wait_while(words.back, i);
    }
    const double found = seconds_since(begin) * 1e6 / calls;
    wait_for(child);
    return found;
}

const Lesson map_lesson = {.describe = describe_map, .text = {}, .run = map_in_turn};
const Lesson imap_lesson = {.describe = describe_imap, .text = {}, .run = stream_in_turn};
const Lesson apply_lesson = {.describe = describe_apply, .text = {}, .run = apply_in_turn};

} // namespace manyhands::bench
