// SPDX-License-Identifier: MIT
// Tests engine/ipc/queue: Python's documented behaviours, sizes, growth, many processes at once,
// and handles that cross to other processes.
#include "engine/ipc/queue.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <deque>
#include <string>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

struct Value
{
    std::uint32_t sender = 0;
    std::uint32_t number = 0;
};

void produce(Queue<Value> queue, std::uint32_t sender, std::uint32_t count)
{
    for (std::uint32_t i = 0; i < count; ++i)
        queue.put({sender, i});
}

// Says of each sender how many values came in its order; -1 ends it.
void consume(Queue<Value> values, Queue<std::vector<std::uint32_t>> told, std::uint32_t senders)
{
    std::vector<std::uint32_t> counts(senders, 0);
    std::vector<std::int64_t> last(senders, -1);
    while (true) {
        const Value value = values.get();
        if (value.sender == ~0U)
            break;
        if (value.number <= last[value.sender])
            throw Error({.object = "value", .problem = "came out of its order"});
        last[value.sender] = value.number;
        ++counts[value.sender];
    }
    told.put(counts);
}

void answer(Queue<Queue<std::string>> questions)
{
    Queue<std::string> back = questions.get();
    back.put("Zoë – 千手 from " + current_process().name);
}

void die_at_once(Queue<int> queue)
{
    queue.put(1);
    ::raise(SIGKILL);
}

void get_for_ever(Queue<int> queue)
{
    queue.get();
}

} // namespace

class TestOfQueue : public QObject
{
    Q_OBJECT

private slots:
    void capacities_data();
    void capacities();
    void behaves_as_in_python();
    void time_outs();
    void many_at_once();
    void closing();
    void sizes_data();
    void sizes();
    void too_large();
    void names();
    void random_operations_data() { add_seed_rows(10); }
    void random_operations();
    void memory_follows_what_is_in_it();
    void no_memory_is_told();
    void crosses_to_other_processes_data() { add_method_rows(); }
    void crosses_to_other_processes();
    void each_value_is_delivered_once_data();
    void each_value_is_delivered_once();
    void errors_name_the_dead();
    void stop_ends_waits();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
        QTest::newRow("forkserver") << StartMethod::forkserver;
    }
};

void TestOfQueue::capacities_data()
{
    QTest::addColumn<quint32>("maxsize");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("unbounded") << 0U << true;
    QTest::newRow("one") << 1U << true;
    QTest::newRow("the most") << (1U << 20) << true;
    QTest::newRow("one more") << (1U << 20) + 1 << false;
    QTest::newRow("all bits") << ~0U << false;
}

void TestOfQueue::capacities()
{
    QFETCH(quint32, maxsize);
    QFETCH(bool, allowed);
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{512} << 20});
    {
        // A page of small blocks stays one.
        Queue<int> first(allowed ? maxsize : 1);
        first.put(1);
    }
    const std::size_t room = fixture.arena().bytes_free();
    try {
        Queue<int> queue(maxsize, {.name = "jobs"});
        QVERIFY(allowed);
        QCOMPARE(queue.maxsize(), maxsize);
        QVERIFY(queue.empty() && !queue.full());
        queue.put(1);
        QCOMPARE(queue.full(), maxsize == 1);
    } catch (const BadValue& error) {
        QVERIFY(!allowed);
        QVERIFY(error.object().find("queue jobs") != std::string::npos);
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
}

void TestOfQueue::behaves_as_in_python()
{
    EngineFixture fixture;
    Queue<std::string> queue(2);
    QVERIFY(queue.empty());
    QVERIFY(!queue.try_get());
    queue.put("a");
    QVERIFY(queue.try_put("b"));
    QVERIFY(!queue.try_put("c"));
    QVERIFY(queue.full());
    QCOMPARE(queue.qsize(), std::size_t{2});
    QCOMPARE(queue.get(), std::string("a"));
    QCOMPARE(queue.try_get().value(), std::string("b"));
    QVERIFY(queue.empty());
    // A change after put() is not seen.
    std::vector<int> numbers = {1};
    Queue<std::vector<int>> lists;
    lists.put(numbers);
    numbers.push_back(2);
    QCOMPARE(lists.get(), std::vector<int>{1});
}

void TestOfQueue::time_outs()
{
    EngineFixture fixture;
    Queue<int> queue(1, {.name = "jobs"});
    QVERIFY_EXCEPTION_THROWN(queue.get(0ns), Empty);
    QVERIFY_EXCEPTION_THROWN(queue.get(2ms), Empty);
    QVERIFY_EXCEPTION_THROWN(queue.get(-1ns), BadValue);
    queue.put(1, 0ns);
    QVERIFY_EXCEPTION_THROWN(queue.put(2, 0ns), Full);
    QVERIFY_EXCEPTION_THROWN(queue.put(2, 2ms), Full);
    QVERIFY_EXCEPTION_THROWN(queue.put(2, -1ns), BadValue);
    QVERIFY_EXCEPTION_THROWN(queue.get(-1ns), BadValue);
    try {
        queue.put(2, 0ns);
    } catch (const Full& full) {
        QVERIFY2(std::string(full.what()).find("queue jobs is full") == 0, full.what());
        QVERIFY(full.deaths().empty());
    }
    QCOMPARE(queue.get(0ns), 1);
}

void TestOfQueue::many_at_once()
{
    EngineFixture fixture;
    Queue<std::string> queue(3);
    queue.put_many(std::vector<std::string>{});
    QVERIFY(queue.get_many(0).empty());
    QVERIFY_EXCEPTION_THROWN(queue.get_many(2, 0ns), Empty);
    queue.put_many({"a", "b"});
    try {
        queue.put_many({"c", "d", "e"}, 0ns);
        QFAIL("found space where there is none");
    } catch (const Full& full) {
        QVERIFY2(
            std::string(full.what()).find("1 of 3 values put") != std::string::npos, full.what());
    }
    QCOMPARE(queue.get_many(2), (std::vector<std::string>{"a", "b"}));
    QCOMPARE(queue.get_many(10), (std::vector<std::string>{"c"}));
}

void TestOfQueue::closing()
{
    EngineFixture fixture;
    Queue<int> queue(0, {.name = "jobs"});
    Queue<int> other = Queue<int>::view(queue.offset());
    queue.put(1);
    queue.close();
    queue.close();
    for (int way = 0; way < 5; ++way) {
        try {
            way == 0       ? queue.put(2)
                : way == 1 ? static_cast<void>(queue.try_put(2))
                : way == 2 ? static_cast<void>(queue.get())
                : way == 3 ? static_cast<void>(queue.try_get())
                           : queue.put_many({2});
            QFAIL("did something with a closed queue");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("queue jobs is closed") == 0, error.what());
        }
    }
    QCOMPARE(other.get(), 1);
}

void TestOfQueue::sizes_data()
{
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 7, 8, 47, 48, 55, 56, 57, 58, 64, 65, 65'535 - 8, 65'536 - 8,
             65'537 - 8, 10 << 20, (64 << 20) - 8})
        QTest::newRow((std::to_string(size) + " bytes").c_str()) << size;
}

void TestOfQueue::sizes()
{
    QFETCH(int, size);
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{300} << 20});
    const std::size_t room = fixture.arena().bytes_free();
    {
        Queue<std::vector<std::byte>> queue(2);
        Queue<std::vector<std::vector<std::byte>>> serialised(2);
        const int rounds = size > 1'000'000 ? 2 : 20;
        for (int i = 0; i < rounds; ++i) {
            const auto sent
                = patterned(1, static_cast<std::uint64_t>(i), static_cast<std::size_t>(size));
            queue.put(sent);
            QVERIFY(queue.get() == sent);
            if (size < 60'000'000) {
                serialised.put({sent, {}});
                QVERIFY(serialised.get()[0] == sent);
            }
        }
        queue.put(patterned(1, 1, static_cast<std::size_t>(size)));
    }
    // Pages of small blocks stay what they are.
    QVERIFY(fixture.arena().bytes_free() + (std::size_t{2} << 16) >= room);
}

void TestOfQueue::too_large()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{300} << 20});
    Queue<std::string> queue(1, {.name = "texts"});
    const std::size_t room = fixture.arena().bytes_free();
    try {
        queue.put(std::string((64 << 20) - 7, 'x'));
        QFAIL("took a message that is too large");
    } catch (const BadValue& error) {
        const std::string text = error.what();
        QVERIFY2(text.find("queue texts") != std::string::npos
                && text.find("67108865 bytes") != std::string::npos
                && text.find("67108864 bytes at the most") != std::string::npos,
            text.c_str());
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
    QVERIFY(queue.empty());
}

void TestOfQueue::names()
{
    EngineFixture fixture;
    const Queue<int> short_one(0, {.name = "Aufträge 千手"});
    QCOMPARE(short_one.name(), std::string("Aufträge 千手"));
    std::string name;
    while (name.size() < 400)
        name += "千";
    const Queue<int> long_one(0, {.name = name});
    // Cut between two letters.
    QVERIFY(long_one.name().size() > 100 && long_one.name().size() % 3 == 0);
    QVERIFY(name.starts_with(long_one.name()));
}

void TestOfQueue::random_operations()
{
    std::mt19937_64 random = random_of_row();
    EngineFixture fixture({.traced = pick(random, 0, 1) == 0});
    const auto maxsize = static_cast<std::uint32_t>(pick(random, 0, 1) * pick(random, 1, 40));
    Queue<std::string> queue(maxsize);
    std::vector<Queue<std::string>> views(3, queue);
    std::deque<std::string> reference;
    for (std::uint32_t step = 0; step < 20'000; ++step) {
        Queue<std::string>& one = views[pick(random, 0, 2)];
        if (pick(random, 0, 9) < (step / 2'000 % 2 == 0 ? 8U : 2U)) {
            const std::string value = std::to_string(step) + std::string(pick(random, 0, 90), 'x');
            const bool space = maxsize == 0 || reference.size() < maxsize;
            QCOMPARE(one.try_put(value), space);
            if (space)
                reference.push_back(value);
        } else {
            const std::optional<std::string> value = one.try_get();
            QCOMPARE(value.has_value(), !reference.empty());
            if (value) {
                QCOMPARE(*value, reference.front());
                reference.pop_front();
            }
        }
        QCOMPARE(one.qsize(), reference.size());
        QCOMPARE(one.empty(), reference.empty());
    }
}

void TestOfQueue::memory_follows_what_is_in_it()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{1} << 30});
    {
        // The pages of the first rings, which are small blocks, stay.
        Queue<Value> first;
        for (std::uint32_t i = 0; i < 3'000; ++i)
            first.put({0, i});
    }
    const std::size_t room = fixture.arena().bytes_free();
    {
        Queue<Value> queue;
        std::uint32_t put = 0;
        std::uint32_t got = 0;
        std::size_t after_first = 0;
        for (int round = 0; round < 5; ++round) {
            for (int i = 0; i < 100'000; ++i)
                queue.put({0, put++});
            QCOMPARE(queue.qsize(), std::size_t{100'000});
            while (queue.qsize() > 10)
                QCOMPARE(queue.get().number, got++);
            // A little at a time, for many laps.
            for (int i = 0; i < 200'000; ++i) {
                queue.put({0, put++});
                QCOMPARE(queue.get().number, got++);
            }
            while (const auto value = queue.try_get())
                QCOMPARE(value->number, got++);
            QCOMPARE(got, put);
            // The first round ends within a ring that cannot hold all of the second.
            if (round <= 1)
                after_first = fixture.arena().bytes_free();
            QCOMPARE(fixture.arena().bytes_free(), after_first);
            QVERIFY(room - after_first < 100'000 * std::size_t{128} * 4);
        }
        // Who comes late finds its way.
        Queue<Value> late = Queue<Value>::view(queue.offset());
        queue.put({1, 2});
        QCOMPARE(late.get().sender, 1U);
        QVERIFY(late.empty());
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
}

void TestOfQueue::no_memory_is_told()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{4} << 20});
    {
        // The pages of the first rings, which are small blocks, stay.
        Queue<Value> first;
        for (std::uint32_t i = 0; i < 3'000; ++i)
            first.put({0, i});
    }
    const std::size_t room = fixture.arena().bytes_free();
    {
        Queue<Value> queue(0, {.name = "jobs"});
        std::uint32_t put = 0;
        try {
            while (put < 1'000'000) {
                queue.put({0, put});
                ++put;
            }
            QFAIL("found memory where there is none");
        } catch (const Error& error) {
            const std::string text = error.what();
            QVERIFY2(text.find("queue jobs finds no room") == 0
                    && text.find(std::to_string(put) + " messages") != std::string::npos
                    && text.find("bytes are free") != std::string::npos,
                text.c_str());
        }
        // What is in it can be taken, and then there is room again.
        for (std::uint32_t i = 0; i < put; ++i)
            QCOMPARE(queue.get().number, i);
        queue.put({0, put});
        QCOMPARE(queue.get().number, put);
    }
    QCOMPARE(fixture.arena().bytes_free(), room);
}

void TestOfQueue::crosses_to_other_processes()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Queue<Queue<std::string>> questions(0, {.name = "Fragen"});
        Queue<std::string> answers(0, {.name = "Antworten"});
        Process process({.name = "Zoë", .start_method = method}, &answer, questions);
        process.start();
        questions.put(answers);
        QCOMPARE(answers.get(), std::string("Zoë – 千手 from Zoë"));
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(0));
    }
    QCOMPARE(holdings(), before);
}

void TestOfQueue::each_value_is_delivered_once_data()
{
    QTest::addColumn<int>("maxsize");
    QTest::addColumn<int>("producers");
    QTest::addColumn<int>("consumers");
    for (const int maxsize : {0, 1, 7, 1'000}) {
        for (const auto& [producers, consumers] : {std::pair{1, 1}, {3, 3}, {4, 1}, {1, 4}})
            QTest::addRow("%d to %d, maxsize %d", producers, consumers, maxsize)
                << maxsize << producers << consumers;
    }
}

void TestOfQueue::each_value_is_delivered_once()
{
    QFETCH(int, maxsize);
    QFETCH(int, producers);
    QFETCH(int, consumers);
    const auto senders = static_cast<std::uint32_t>(producers);
    const std::uint32_t each = maxsize == 1 ? 300 : 3'000;
    ProcessFixture fixture;
    Queue<Value> values(static_cast<std::uint32_t>(maxsize));
    Queue<std::vector<std::uint32_t>> told;
    std::vector<Process> processes;
    for (std::uint32_t i = 0; i < senders; ++i)
        processes.emplace_back(
            ProcessOptions{.start_method = StartMethod::fork}, &produce, values, i, each);
    for (int i = 0; i < consumers; ++i)
        processes.emplace_back(
            ProcessOptions{.start_method = StartMethod::fork}, &consume, values, told, senders);
    for (Process& process : processes)
        process.start();
    for (std::uint32_t i = 0; i < senders; ++i)
        QVERIFY(processes[i].join());
    for (int i = 0; i < consumers; ++i)
        values.put({~0U, 0});
    std::vector<std::uint32_t> sums(senders, 0);
    for (int i = 0; i < consumers; ++i) {
        const std::vector<std::uint32_t> counts = told.get();
        for (std::size_t k = 0; k < sums.size(); ++k)
            sums[k] += counts[k];
    }
    QCOMPARE(sums, std::vector<std::uint32_t>(senders, each));
    for (Process& process : processes) {
        QVERIFY(process.join());
        QCOMPARE(process.exit_code(), std::optional(0));
    }
    QVERIFY(values.empty());
}

void TestOfQueue::errors_name_the_dead()
{
    ProcessFixture fixture;
    Queue<int> queue(1, {.name = "jobs"});
    Process process({.name = "Doomed"}, &die_at_once, queue);
    process.start();
    try {
        queue.get();
        queue.get(3s);
        QFAIL("got a value that nobody put");
    } catch (const Empty& empty) {
        const std::string text = empty.what();
        QVERIFY2(text.find("queue jobs is empty") == 0
                && text.find(
                       "Doomed (pid " + std::to_string(process.pid()) + ") was killed by SIGKILL")
                    != std::string::npos,
            text.c_str());
        QCOMPARE(empty.deaths().size(), std::size_t{1});
        QCOMPARE(empty.deaths()[0].exit, -SIGKILL);
    }
    process.join();
}

void TestOfQueue::stop_ends_waits()
{
    ProcessFixture fixture;
    Queue<int> queue(1);
    Process process({}, &get_for_ever, queue);
    process.start();
    QTest::qSleep(20);
    QVERIFY(process.is_alive());
    this_process.segment.header().control.stop.store(1);
    QVERIFY_EXCEPTION_THROWN(queue.get(), StopRequested);
    Queue<int> full(1);
    full.put(1);
    QVERIFY_EXCEPTION_THROWN(full.put(2), StopRequested);
    while (process.is_alive())
        QTest::qSleep(1);
    QCOMPARE(process.exit_code(), std::optional(0));
}

int main(int argc, char** argv)
{
    return test_main<TestOfQueue>(argc, argv);
}
#include "tst_queue.moc"
