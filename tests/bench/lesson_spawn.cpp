// SPDX-License-Identifier: MIT
// Starts processes, ours and by posix_spawn or a raw fork in turn, and waits for the first act of
// each.
#include "engine/os/error.hpp"
#include "engine/os/futex.hpp"
#include "engine/process/supervisor.hpp"
#include "tests/bench/bench_lessons.hpp"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <new>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace manyhands::bench {
namespace {

using Word = std::atomic<std::uint32_t>;

Word& word_at(ArenaOffset offset)
{
    return *std::launder(reinterpret_cast<Word*>(this_process.arena->at(offset)));
}

// In the new process.
void announce(ArenaOffset offset)
{
    Word& word = word_at(offset);
    word.store(1, std::memory_order_release);
    os::futex_wake(word, 1);
}

double microseconds_since(std::int64_t begin_ns)
{
    return static_cast<double>(os::monotonic_ns() - begin_ns) / 1e3;
}

double start_ours(StartMethod method, ArenaOffset offset)
{
    Word& word = word_at(offset);
    word.store(0, std::memory_order_relaxed);
    Process process({.start_method = method}, &announce, offset);
    const std::int64_t begin = os::monotonic_ns();
    process.start();
    while (word.load(std::memory_order_acquire) == 0)
        os::futex_wait(word, 0, std::chrono::seconds(1));
    const double found = microseconds_since(begin);
    process.join();
    return found;
}

double end_of_start(const os::PipeEnds& pipe, pid_t child, std::int64_t begin)
{
    char byte = 0;
    while (::read(pipe.read.get(), &byte, 1) < 0 && errno == EINTR) { }
    const double found = microseconds_since(begin);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) { }
    return found;
}

// This process again, and no more than one byte through a pipe that is there already.
double fork_plainly(const os::PipeEnds& pipe)
{
    const std::int64_t begin = os::monotonic_ns();
    const pid_t child = ::fork();
    if (child == 0)
        ::_exit(::write(pipe.write.get(), "r", 1) == 1 ? 0 : 1);
    if (child < 0)
        throw system_error("a process", "could not be forked", errno);
    return end_of_start(pipe, child, begin);
}

// The same program, and as little of it.
double spawn_plainly(const os::PipeEnds& pipe)
{
    char name[] = "manyhands-bench-lesson";
    std::string word = ready_word;
    std::string descriptor = std::to_string(pipe.write.get());
    char* arguments[] = {name, word.data(), descriptor.data(), nullptr};
    pid_t child = 0;
    const std::int64_t begin = os::monotonic_ns();
    const int error
        = ::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, arguments, ::environ);
    if (error != 0)
        throw system_error("a process", "could not be started", error);
    return end_of_start(pipe, child, begin);
}

void start_in_turn(LessonRun& run, StartMethod method, double (*start_plainly)(const os::PipeEnds&))
{
    const ArenaOffset offset = this_process.arena->allocate(sizeof(Word), Arena::shared_owner);
    const os::PipeEnds pipe = os::make_pipe();
    ::fcntl(pipe.write.get(), F_SETFD, 0);
    std::vector<double> ours;
    std::vector<double> floor;
    const std::int64_t warm_ups = run.whole("warm_ups");
    for (std::int64_t i = -warm_ups; i < run.whole("pairs"); ++i) {
        const double first = start_ours(method, offset);
        const double second = start_plainly(pipe);
        if (i < 0)
            continue;
        ours.push_back(first);
        floor.push_back(second);
    }
    run.result = {{"ours", ours}, {"floor", floor}};
}

void spawn_in_turn(LessonRun& run)
{
    start_in_turn(run, StartMethod::spawn, spawn_plainly);
}

void fork_in_turn(LessonRun& run)
{
    start_in_turn(run, StartMethod::fork, fork_plainly);
}

// Beside the same floor: what a process costs that is no program of its own.
void forkserver_in_turn(LessonRun& run)
{
    start_in_turn(run, StartMethod::forkserver, fork_plainly);
}

LessonDescription describe(const char* id)
{
    LessonDescription lesson;
    lesson.id = id;
    lesson.title = "Starting processes";
    // A slot serves again when the observer has read it, some 30 ms later: with so many of them in
    // memory beforehand, as a pool's are, no start has to wait for memory.
    ParameterDescription slots = bench_parameter("slots", 64);
    slots.workers = true;
    lesson.parameters = {bench_parameter("pairs", 201), bench_parameter("warm_ups", 10), slots};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson spawn_lesson
    = {.describe = [] { return describe("spawn"); }, .text = {}, .run = spawn_in_turn};
const Lesson fork_lesson
    = {.describe = [] { return describe("fork"); }, .text = {}, .run = fork_in_turn};
const Lesson forkserver_lesson
    = {.describe = [] { return describe("forkserver"); }, .text = {}, .run = forkserver_in_turn};

} // namespace manyhands::bench
