// SPDX-License-Identifier: MIT
// Two processes that add to one number under one lock: ours, ours with holds timed as well, and a
// robust pthread mutex, in turn.
#include "engine/ipc/array.hpp"
#include "engine/os/error.hpp"
#include "engine/process/process.hpp"
#include "engine/sync/lock.hpp"
#include "tests/bench/bench_lessons.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <pthread.h>
#include <vector>

namespace manyhands::bench {
namespace {

using Numbers = RawArray<std::uint64_t>;

// What stands where: no two of them on one cache line.
constexpr std::size_t total = 0;
constexpr std::size_t ready = 8;
constexpr std::size_t begins = 16;
constexpr std::size_t ends = 32;
constexpr std::size_t numbers_used = 48;

std::atomic_ref<std::uint64_t> at(const Numbers& numbers, std::size_t index)
{
    return std::atomic_ref(numbers.span()[index]);
}

// A pthread mutex as the kernel's floor has it: process-shared, and robust.
class PthreadMutex
{
public:
    explicit PthreadMutex(ArenaOffset offset)
        : mutex_(*std::launder(reinterpret_cast<pthread_mutex_t*>(this_process.arena->at(offset))))
    {
    }
    void init()
    {
        pthread_mutexattr_t attributes;
        ::pthread_mutexattr_init(&attributes);
        ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        ::pthread_mutex_init(&mutex_, &attributes);
        ::pthread_mutexattr_destroy(&attributes);
    }
    void lock() { ::pthread_mutex_lock(&mutex_); }
    void unlock() { ::pthread_mutex_unlock(&mutex_); }

private:
    pthread_mutex_t& mutex_;
};

template <class AnyLock>
void add(AnyLock& lock, const Numbers& numbers, std::uint64_t worker, std::uint64_t additions)
{
    // A start line that spins: both are there before either begins.
    at(numbers, ready).fetch_add(1);
    while (at(numbers, ready).load() < 2) { }
    std::uint64_t& sum = numbers.span()[total];
    at(numbers, begins + worker).store(static_cast<std::uint64_t>(os::monotonic_ns()));
    for (std::uint64_t i = 0; i < additions; ++i) {
        const std::lock_guard<AnyLock> guard(lock);
        // Read and written each time, as what others change is.
        at(numbers, total).store(sum + 1, std::memory_order_relaxed);
    }
    at(numbers, ends + worker).store(static_cast<std::uint64_t>(os::monotonic_ns()));
}

void add_with_ours(Lock lock, const Numbers& numbers, std::uint64_t worker, std::uint64_t additions)
{
    add(lock, numbers, worker, additions);
}

void add_with_pthread(
    ArenaOffset mutex, const Numbers& numbers, std::uint64_t worker, std::uint64_t additions)
{
    PthreadMutex lock(mutex);
    add(lock, numbers, worker, additions);
}

// Million additions a second, of both together.
template <class Function, class Shared>
double rate(Function function, const Shared& shared, std::uint64_t additions)
{
    const Numbers numbers(numbers_used);
    std::vector<Process> workers;
    for (std::uint64_t i = 0; i < 2; ++i) {
        workers.emplace_back(ProcessOptions{}, function, shared, numbers, i, additions);
        workers.back().start();
    }
    for (Process& worker : workers) {
        worker.join();
        if (worker.exit_code() != 0)
            throw Error({.object = worker.name(), .problem = "did not end well"});
    }
    if (numbers.span()[total] != 2 * additions)
        throw Error({.object = "sum", .problem = "lost additions"});
    const std::uint64_t begin = std::min(numbers.span()[begins], numbers.span()[begins + 1]);
    const std::uint64_t end = std::max(numbers.span()[ends], numbers.span()[ends + 1]);
    return static_cast<double>(2 * additions) * 1e3 / static_cast<double>(end - begin);
}

void add_in_turn(LessonRun& run)
{
    const auto additions = static_cast<std::uint64_t>(run.whole("additions"));
    const Lock lock({.name = "contended", .trace_holds = false});
    const Lock timed({.name = "timed"});
    const ArenaOffset mutex
        = this_process.arena->allocate(sizeof(pthread_mutex_t), Arena::shared_owner);
    PthreadMutex(mutex).init();
    std::vector<double> ours;
    std::vector<double> ours_timed;
    std::vector<double> floor;
    for (std::int64_t i = -1; i < run.whole("pairs"); ++i) {
        const double first = rate(&add_with_ours, lock, additions);
        const double second = rate(&add_with_pthread, mutex, additions);
        const double third = rate(&add_with_ours, timed, additions);
        if (i < 0)
            continue;
        ours.push_back(first);
        floor.push_back(second);
        ours_timed.push_back(third);
    }
    run.result = {{"ours", ours}, {"ours_timed", ours_timed}, {"floor", floor}};
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "lock";
    lesson.title = "Adding under one lock";
    ParameterDescription additions = bench_parameter("additions", 2'000'000);
    additions.maximum = 1e9;
    lesson.parameters = {bench_parameter("pairs", 21), additions};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson lock_lesson = {.describe = describe, .text = {}, .run = add_in_turn};

} // namespace manyhands::bench
