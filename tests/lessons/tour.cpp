// SPDX-License-Identifier: MIT
// A lesson that uses all of the engine's parts together, as a student's program would.
#include "tests/lessons/test_lessons.hpp"

#include "engine/ipc/queue.hpp"
#include "engine/ipc/value.hpp"
#include "engine/sync/barrier.hpp"
#include "engine/sync/event.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/semaphore.hpp"

#include <csignal>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace manyhands::test_lessons {
namespace {

using namespace std::chrono_literals;

struct Item
{
    int number;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive)
    {
        archive(number, text);
    }
};
using Items = Queue<std::optional<Item>>; // nothing is the sentinel

void produce(Items items, Barrier start, int count)
{
    start.wait();
    for (int i = 0; i < count; ++i)
        items.put(Item{i, "item " + std::to_string(i)});
    print("produced " + std::to_string(count));
}

void consume(Items items, Value<int> sum, Lock lock, Barrier start)
{
    start.wait();
    while (const std::optional<Item> item = items.get()) {
        const auto held = lock.hold();
        sum.set(sum.get() + item->number);
    }
}

void die_with(Lock lock, Event taken)
{
    lock.lock();
    taken.set();
    ::raise(SIGKILL);
}

int square(int number)
{
    return number * number;
}
int add(int number, double other)
{
    return number + static_cast<int>(other);
}

int sum_through_queue(const Lock& lock, int count)
{
    Items items(10, {.name = "items"});
    Value<int> sum(0);
    Barrier start(3);
    Process producer({.name = "Producer"}, &produce, items, start, count);
    Process first({.name = "Consumer-1"}, &consume, items, sum, lock, start);
    Process second({.name = "Consumer-2", .start_method = StartMethod::fork}, &consume, items, sum,
        lock, start);
    for (Process* const process : {&producer, &first, &second})
        process->start();
    producer.join();
    items.put(std::nullopt);
    items.put(std::nullopt);
    first.join();
    second.join();
    return sum.get();
}

std::string name_of_dead_owner(Lock& lock)
{
    Event taken;
    Process mortal({.name = "Mortal"}, &die_with, lock, taken);
    mortal.start();
    taken.wait();
    const std::optional<std::string> dead = lock.lock();
    lock.unlock();
    mortal.join();
    return dead.value_or("nobody");
}

void run_tour(LessonRun& run)
{
    Lock lock({.name = "sum"});
    run.result["sum"] = sum_through_queue(lock, static_cast<int>(run.whole("items")));
    run.result["dead"] = name_of_dead_owner(lock);
    Semaphore tokens(1);
    {
        const SemaphoreGuard token = tokens.hold();
        run.result["tokens"] = tokens.get_value();
    }
    Pool pool(2);
    AsyncResult<int> later = pool.apply_async(&add, 1, 2.0);
    run.result["squares"] = pool.map(&square, std::vector<int>{1, 2, 3});
    run.result["sums"]
        = pool.starmap(&add, std::vector<std::tuple<int, double>>{{1, 2.5}, {3, 4.5}});
    int squares = 0;
    for (const int one : pool.imap_unordered(&square, std::vector<int>{1, 2, 3, 4}))
        squares += one;
    run.result["unordered"] = squares;
    run.result["later"] = later.get();
    pool.close();
    pool.join();
}

LessonDescription describe()
{
    LessonDescription lesson;
    lesson.id = "tour";
    lesson.title = "All of the engine";
    lesson.parameters = {whole_number("items", 1000, 0, 100'000)};
    lesson.baseline = false;
    return lesson;
}

} // namespace

const Lesson tour = {.describe = describe, .text = {}, .run = run_tour};

} // namespace manyhands::test_lessons
