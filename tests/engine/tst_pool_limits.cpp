// SPDX-License-Identifier: MIT
// Tests engine/pool: tasks that are stopped, since they run too long or nobody wants them any more.
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/recording/run_recordings.hpp"
#include "engine/sync/gate.hpp"
#include "pool_tasks.hpp"
#include "process_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <set>
#include <source_location>
#include <string>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

enum class Manner { computes, sleeps, ignores_the_signal, is_stopped };

struct Item
{
    ArenaOffset counts;
    std::uint32_t number;
    bool lasts; ///< for ever
    Manner manner;
};

std::uint32_t work_on(const Item& item)
{
    word_at(item.counts + item.number * sizeof(Word)).fetch_add(1);
    if (!item.lasts)
        return item.number * 2;
    if (item.manner == Manner::ignores_the_signal)
        ::signal(SIGTERM, SIG_IGN);
    if (item.manner == Manner::is_stopped)
        ::raise(SIGSTOP);
    while (true) {
        if (item.manner == Manner::sleeps)
            ::usleep(1000);
    }
}
std::string to_text(const Item& item)
{
    return "item " + std::to_string(item.number);
}

// Comes to a gate of the lesson, and is held there.
int pass_a_gate(ArenaOffset word)
{
    word_at(word).store(1);
    manyhands::wait_at_gate("half", std::source_location::current());
    return 4;
}

} // namespace

class TestPoolLimits : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(90); }
    void stops_a_task_that_runs_too_long_data();
    void stops_a_task_that_runs_too_long();
    void stops_as_many_as_there_are();
    void limits_all_calls_of_a_pool();
    void stops_waiting_alone_without_a_limit();
    void does_not_count_time_at_gates();
    void does_not_count_pauses();
    void lets_quick_tasks_be();
    void refuses_limits_data();
    void refuses_limits();
    void cancels_what_has_not_begun();
    void cancels_what_runs_data();
    void cancels_what_runs();
    void cancels_a_stream();
    void shows_what_was_stopped();

private:
    static std::vector<Item> items_of(const Words& counts, std::uint32_t count,
        const std::set<std::uint32_t>& lasting, Manner manner = Manner::computes)
    {
        std::vector<Item> items;
        for (std::uint32_t i = 0; i < count; ++i)
            items.push_back({counts.offset(), i, lasting.contains(i), manner});
        return items;
    }
};

void TestPoolLimits::stops_a_task_that_runs_too_long_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<Manner>("manner");
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<int>("chunk");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork}}) {
        for (const auto& [kind, schedule] : {std::pair{"fixed", Schedule::fixed},
                 std::pair{"dynamic", Schedule::dynamic}, std::pair{"guided", Schedule::guided}})
            QTest::addRow("%s, %s", name, kind) << method << Manner::computes << schedule << 5;
        QTest::addRow("%s, sleeping", name) << method << Manner::sleeps << Schedule::dynamic << 1;
        QTest::addRow("%s, ignoring the signal", name)
            << method << Manner::ignores_the_signal << Schedule::dynamic << 5;
        QTest::addRow("%s, stopped", name)
            << method << Manner::is_stopped << Schedule::dynamic << 5;
    }
}

void TestPoolLimits::stops_a_task_that_runs_too_long()
{
    QFETCH(StartMethod, method);
    QFETCH(Manner, manner);
    QFETCH(Schedule, schedule);
    QFETCH(int, chunk);
    constexpr std::uint32_t tasks = 40;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        {
            Words counts(tasks);
            Pool pool(2, {.start_method = method});
            const std::size_t noted = failures_of_this_run().size();
            auto result = pool.map_async(&work_on, items_of(counts, tasks, {12}, manner),
                                  static_cast<std::size_t>(chunk), schedule)
                              .task_limit(50ms);
            const auto error = caught<TaskTimeout>([&] { result.get(); });
            QVERIFY(error.has_value());
            const TaskFailure& failure = error->failure();
            QVERIFY(failure.kind == TaskFailure::Kind::timeout);
            QCOMPARE(failure.task, std::optional(12U));
            QCOMPARE(failure.argument, std::string("item 12"));
            QCOMPARE(failure.value,
                manner == Manner::ignores_the_signal || manner == Manner::is_stopped ? SIGKILL
                                                                                     : SIGTERM);
            QVERIFY2(says(*error, "task 12 (item 12) in Worker-")
                    && says(*error, "(pid " + std::to_string(failure.pid) + ")")
                    && says(*error, "ran longer than its limit of 0.05 s"),
                error->what());
            // As a TimeoutError, too.
            QVERIFY(caught<TimeoutError>([&] { result.get(); }).has_value());
            QCOMPARE(error->failures().size(), std::size_t{1});
            QCOMPARE(failures_of_this_run().size(), noted + 1);
            const auto& results = *error->results<std::uint32_t>();
            for (std::uint32_t i = 0; i < tasks; ++i) {
                QCOMPARE(results[i], i == 12 ? std::nullopt : std::optional(i * 2));
                QCOMPARE(counts.at(i), 1U);
            }
            QCOMPARE(pool.map(&square, numbers_to(100), 1), squares_to(100));
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolLimits::stops_as_many_as_there_are()
{
    ProcessFixture fixture;
    Words counts(8);
    Pool pool(2);
    // More than the deaths that a pool has patience with, and no task is done in between.
    auto results
        = pool.imap(&work_on, items_of(counts, 8, {0, 1, 2, 3, 4, 5, 6, 7}), 4).task_limit(5ms);
    for (std::uint32_t i = 0; i < 8; ++i) {
        const auto error = caught<TaskTimeout>([&] { results.next(); });
        QVERIFY(error.has_value());
        QCOMPARE(error->failure().task, std::optional(i));
        QCOMPARE(counts.at(i), 1U);
    }
    QCOMPARE(results.next(), std::optional<std::uint32_t>());
    QCOMPARE(pool.apply(&square, 3), 9);
}

void TestPoolLimits::limits_all_calls_of_a_pool()
{
    ProcessFixture fixture;
    Words counts(10);
    Pool pool(2, {.task_limit = 20ms});
    QVERIFY(
        caught<TaskTimeout>([&] { pool.map(&work_on, items_of(counts, 10, {3})); }).has_value());
    QVERIFY(caught<TaskTimeout>([&] {
        pool.apply(&work_on, Item{counts.offset(), 0, true, Manner::computes});
    }).has_value());
    // One call's own goes before.
    auto longer = pool.apply_async(&work_on, Item{counts.offset(), 0, true, Manner::computes})
                      .task_limit(1h);
    QVERIFY(!longer.wait(100ms));
}

void TestPoolLimits::stops_waiting_alone_without_a_limit()
{
    ProcessFixture fixture;
    Words gate;
    Pool pool(1);
    auto result = pool.apply_async(&::wait_at_gate, gate.offset());
    const auto error = caught<TimeoutError>([&] { result.get(20ms); });
    QVERIFY(error.has_value());
    QCOMPARE(error->limit(), std::string("0.02 s"));
    QVERIFY(!caught<TaskTimeout>([&] {
        try {
            result.get(1ms);
        } catch (const TimeoutError&) {
        }
    }).has_value());
    gate.open();
    // The task has gone on, and in the same worker.
    QCOMPARE(result.get(), active_children().front().pid);
    QCOMPARE(fixture.supervisor().ends().size(), std::size_t{0});
}

void TestPoolLimits::does_not_count_time_at_gates()
{
    ProcessFixture fixture;
    Words begun;
    Control& control = this_process.segment.header().control;
    control.gates.store(static_cast<std::uint32_t>(GateMode::stepped));
    Pool pool(1);
    auto result = pool.apply_async(&pass_a_gate, begun.offset()).task_limit(60ms);
    QVERIFY(!result.wait(300ms));
    QCOMPARE(begun.at(), 1U);
    control.gates.store(static_cast<std::uint32_t>(GateMode::open));
    QCOMPARE(result.get(), 4);
}

void TestPoolLimits::does_not_count_pauses()
{
    ProcessFixture fixture;
    Words counts(1);
    Pool pool(1);
    auto result = pool.apply_async(&work_on, Item{counts.offset(), 0, true, Manner::computes})
                      .task_limit(100ms);
    while (counts.at() == 0)
        result.wait(1ms);
    // An hour that the run did not run.
    std::atomic<std::int64_t>& paused = this_process.segment.header().control.paused_ns;
    paused.fetch_add(3'600'000'000'000);
    QVERIFY(!result.wait(300ms));
    paused.store(0);
    QVERIFY(caught<TaskTimeout>([&] { result.get(); }).has_value());
}

void TestPoolLimits::lets_quick_tasks_be()
{
    ProcessFixture fixture;
    Pool pool(2, {.task_limit = 20s});
    for (int round = 0; round < 20; ++round)
        QCOMPARE(pool.map(&square, numbers_to(2000), 1), squares_to(2000));
    QCOMPARE(fixture.supervisor().ends().size(), std::size_t{0});
}

void TestPoolLimits::refuses_limits_data()
{
    QTest::addColumn<qint64>("limit");
    QTest::newRow("no time") << qint64{0};
    QTest::newRow("less than none") << qint64{-1};
    QTest::newRow("the least") << std::numeric_limits<qint64>::min();
}

void TestPoolLimits::refuses_limits()
{
    QFETCH(qint64, limit);
    ProcessFixture fixture;
    const std::chrono::nanoseconds time(limit);
    QVERIFY(caught<BadValue>([&] { Pool pool(1, {.task_limit = time}); }).has_value());
    QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
    Pool pool(1);
    QVERIFY(caught<BadValue>([&] { pool.apply_async(&square, 2).task_limit(time); }).has_value());
    QVERIFY(
        caught<BadValue>([&] { pool.imap(&square, numbers_to(2)).task_limit(time); }).has_value());
    QCOMPARE(pool.apply(&square, 2), 4);
}

void TestPoolLimits::cancels_what_has_not_begun()
{
    ProcessFixture fixture;
    Words gate;
    Words counts(100);
    Pool pool(1);
    auto held = pool.apply_async(&::wait_at_gate, gate.offset());
    auto queued = pool.map_async(&work_on, items_of(counts, 100, {}), 3);
    bool told = false;
    pool.apply_async(&square, 1);
    auto single = pool.apply_async(&square, 1).error_callback([&](const Error&) { told = true; });
    QVERIFY(queued.cancel());
    QVERIFY(!queued.cancel());
    QVERIFY(queued.ready() && !queued.successful());
    QVERIFY(single.cancel());
    const auto error = caught<Error>([&] { queued.get(); });
    QVERIFY(error.has_value());
    QVERIFY2(says(*error, "call of a pool was cancelled"), error->what());
    gate.open();
    held.get();
    QVERIFY(told);
    QVERIFY(!held.cancel());
    QCOMPARE(pool.map(&square, numbers_to(100), 1), squares_to(100));
    for (std::size_t i = 0; i < 100; ++i)
        QCOMPARE(counts.at(i), 0U);
    // Nobody was ended for it.
    QCOMPARE(fixture.supervisor().ends().size(), std::size_t{0});
}

void TestPoolLimits::cancels_what_runs_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<Schedule>("schedule");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork}}) {
        for (const auto& [kind, schedule] : {std::pair{"fixed", Schedule::fixed},
                 std::pair{"dynamic", Schedule::dynamic}, std::pair{"guided", Schedule::guided}})
            QTest::addRow("%s, %s", name, kind) << method << schedule;
    }
}

void TestPoolLimits::cancels_what_runs()
{
    QFETCH(StartMethod, method);
    QFETCH(Schedule, schedule);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        {
            Words counts(40);
            Pool pool(2, {.start_method = method});
            const std::size_t noted = failures_of_this_run().size();
            // The first task of each chunk lasts; nobody comes to a second chunk.
            auto result
                = pool.map_async(&work_on, items_of(counts, 40, {0, 10, 20, 30}), 10, schedule);
            const auto begun = [&] {
                result.wait(1ms);
                return counts.at(0) + counts.at(10) + counts.at(20) + counts.at(30);
            };
            QTRY_COMPARE(begun(), 2U);
            QVERIFY(result.cancel());
            QCOMPARE(pool.map(&square, numbers_to(100), 1), squares_to(100));
            QTRY_COMPARE(
                (pool.apply(&square, 1), fixture.supervisor().ends().size()), std::size_t{2});
            for (const ChildEnd& end : fixture.supervisor().ends())
                QCOMPARE(end.exit, -SIGTERM);
            QCOMPARE(counts.at(0) + counts.at(10) + counts.at(20) + counts.at(30), 2U);
            // Asked for, and so no failures.
            QCOMPARE(failures_of_this_run().size(), noted);
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolLimits::cancels_a_stream()
{
    ProcessFixture fixture;
    Words counts(10);
    Pool pool(1);
    auto results = pool.imap(&work_on, items_of(counts, 10, {4}));
    for (std::uint32_t i = 0; i < 4; ++i)
        QCOMPARE(results.next(), std::optional(i * 2));
    QTRY_COMPARE(counts.at(4), 1U);
    QVERIFY(results.cancel());
    QVERIFY(caught<Error>([&] { results.next(); }).has_value());
    QCOMPARE(pool.apply(&square, 3), 9);
    QCOMPARE(counts.at(5), 0U);
}

void TestPoolLimits::shows_what_was_stopped()
{
    ProcessFixture fixture;
    this_process.segment.header().observed = 1;
    RunRecordings recordings(this_process.segment, RingReading::taking, 1);
    fixture.supervisor().set_drain([&](bool) { recordings.poll(); });
    Words counts(6);
    int pid = 0;
    {
        Pool pool(1);
        auto result = pool.map_async(&work_on, items_of(counts, 6, {2}), 6).task_limit(30ms);
        const auto error = caught<TaskTimeout>([&] { result.get(); });
        QVERIFY(error.has_value());
        pid = error->failure().pid;
        pool.close();
        pool.join();
    }
    recordings.poll();
    fixture.supervisor().set_drain({});
    const Recording& recording = recordings.current();
    QCOMPARE(recording.tasks().size(), std::size_t{6});
    for (const Task& task : recording.tasks())
        QCOMPARE(task.outcome == Task::Outcome::lost, task.index == 2);
    for (const Lane& lane : recording.lanes()) {
        QVERIFY2(!lane.damaged, lane.name.c_str());
        if (lane.pid == pid)
            QCOMPARE(lane.exit, std::optional(-SIGTERM));
        // By which it was held for a moment is the pool's own affair.
        QVERIFY(lane.stops.empty());
    }
}

int main(int argc, char** argv)
{
    return test_main<TestPoolLimits>(argc, argv);
}
#include "tst_pool_limits.moc"
