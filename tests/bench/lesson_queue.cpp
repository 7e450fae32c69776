// SPDX-License-Identifier: MIT
// Sends messages through a queue, from one process to one, from two to two, small and large, and
// through a bare ring in turn.
#include "engine/arena/shared_block.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/os/clock.hpp"
#include "engine/process/process.hpp"
#include "tests/bench/bench_lessons.hpp"

#include <array>
#include <atomic>
#include <cstring>

namespace manyhands::bench {
namespace {

constexpr std::uint32_t places = 1024;

struct Message
{
    std::array<std::uint64_t, 8> words;
};
static_assert(sizeof(Message) == 64);

using Large = std::vector<std::byte>;
constexpr std::size_t large_bytes = std::size_t{1} << 20;

// What the processes wait for before they begin, and say when they have ended.
struct Line
{
    std::atomic<std::uint32_t> ready;
    std::atomic<std::uint32_t> go;
    std::atomic<std::uint32_t> done;
};

// The least that a queue can be: one writer, one reader, no sleep, no wake, no death.
struct Ring
{
    alignas(64) std::atomic<std::uint64_t> head;
    alignas(64) std::atomic<std::uint64_t> tail;
    alignas(64) std::array<Message, places> messages;
};

template <class Shared>
Shared& at(ArenaOffset offset)
{
    return SharedBlock(offset).as<Shared>();
}

void wait_at(Line& line)
{
    line.ready.fetch_add(1, std::memory_order_release);
    while (line.go.load(std::memory_order_acquire) == 0)
        relax_cpu();
}

void put_small(Queue<Message> queue, ArenaOffset line, std::uint64_t count)
{
    wait_at(at<Line>(line));
    for (std::uint64_t i = 0; i < count; ++i)
        queue.put({.words = {i}});
}

void get_small(Queue<Message> queue, ArenaOffset line, std::uint64_t count)
{
    wait_at(at<Line>(line));
    for (std::uint64_t i = 0; i < count; ++i)
        queue.get();
    at<Line>(line).done.store(1, std::memory_order_release);
}

void put_large(Queue<Large> queue, ArenaOffset line, std::uint64_t count)
{
    const Large value(large_bytes, std::byte{1});
    wait_at(at<Line>(line));
    for (std::uint64_t i = 0; i < count; ++i)
        queue.put(value);
}

void put_into_ring(ArenaOffset offset, ArenaOffset line, std::uint64_t count)
{
    Ring& ring = at<Ring>(offset);
    wait_at(at<Line>(line));
    std::uint64_t seen_tail = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        while (i - seen_tail == places)
            seen_tail = ring.tail.load(std::memory_order_acquire);
        ring.messages[i % places] = {.words = {i}};
        ring.head.store(i + 1, std::memory_order_release);
    }
}

void get_from_ring(Ring& ring, std::uint64_t count)
{
    std::uint64_t tail = 0;
    Message message;
    while (tail < count) {
        const std::uint64_t head = ring.head.load(std::memory_order_acquire);
        for (; tail < head; ++tail) {
            std::memcpy(&message, &ring.messages[tail % places], sizeof message);
            asm volatile("" : : "m"(message));
            // At once, as the queue gives each place back at once.
            ring.tail.store(tail + 1, std::memory_order_release);
        }
    }
}

// Seconds from the moment at which `processes` begin to the end of `work` here.
template <class Work>
double seconds_of(Line& line, std::vector<Process> processes, Work&& work)
{
    for (Process& process : processes)
        process.start();
    while (line.ready.load(std::memory_order_acquire) < processes.size())
        relax_cpu();
    const std::int64_t begin = os::monotonic_ns();
    line.go.store(1, std::memory_order_release);
    work();
    const double seconds = static_cast<double>(os::monotonic_ns() - begin) / 1e9;
    for (Process& process : processes)
        process.join();
    return seconds;
}

template <class... Arguments>
std::vector<Process> processes(Arguments... arguments)
{
    std::vector<Process> made;
    made.emplace_back(ProcessOptions{}, arguments...);
    return made;
}

double small_one_to_one(std::uint64_t count)
{
    const SharedBlock block("start line", sizeof(Line));
    Queue<Message> queue(places, {.name = "small"});
    return static_cast<double>(count) / 1e6
        / seconds_of(block.as<Line>(), processes(&put_small, queue, block.offset(), count), [&] {
              for (std::uint64_t i = 0; i < count; ++i)
                  queue.get();
          });
}

double bare_ring(std::uint64_t count)
{
    const SharedBlock block("start line", sizeof(Line));
    const SharedBlock ring("ring", sizeof(Ring));
    return static_cast<double>(count) / 1e6
        / seconds_of(block.as<Line>(),
            processes(&put_into_ring, ring.offset(), block.offset(), count),
            [&] { get_from_ring(ring.as<Ring>(), count); });
}

double small_two_to_two(std::uint64_t count)
{
    const SharedBlock block("start line", sizeof(Line));
    Line& line = block.as<Line>();
    Queue<Message> queue(places, {.name = "small"});
    std::vector<Process> made = processes(&put_small, queue, block.offset(), count / 2);
    made.emplace_back(ProcessOptions{}, &put_small, queue, block.offset(), count / 2);
    made.emplace_back(ProcessOptions{}, &get_small, queue, block.offset(), count / 2);
    return static_cast<double>(count) / 1e6 / seconds_of(line, std::move(made), [&] {
        for (std::uint64_t i = 0; i < count / 2; ++i)
            queue.get();
        while (line.done.load(std::memory_order_acquire) == 0)
            sleep_until_woken(wake_token(), std::chrono::microseconds(20));
    });
}

double large_one_to_one(std::uint64_t count)
{
    const SharedBlock block("start line", sizeof(Line));
    Queue<Large> queue(16, {.name = "large"});
    return static_cast<double>(count) / 1024
        / seconds_of(block.as<Line>(), processes(&put_large, queue, block.offset(), count), [&] {
              for (std::uint64_t i = 0; i < count; ++i)
                  queue.get();
          });
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "queue";
    lesson.title = "Messages through a queue";
    ParameterDescription slots = bench_parameter("slots", 4);
    slots.workers = true;
    lesson.parameters = {bench_parameter("samples", 3), bench_parameter("thousands", 1'000), slots};
    lesson.baseline = false;
    return lesson;
}

void measure(LessonRun& run)
{
    const auto count = static_cast<std::uint64_t>(run.whole("thousands")) * 1'000;
    for (std::int64_t i = 0; i < run.whole("samples"); ++i) {
        run.result["small"].push_back(small_one_to_one(count));
        run.result["ring"].push_back(bare_ring(count));
        run.result["two"].push_back(small_two_to_two(count));
        run.result["large"].push_back(large_one_to_one(count / 1'000));
    }
}

} // namespace

const Lesson queue_lesson = {.describe = describe, .text = {}, .run = measure};

} // namespace manyhands::bench
