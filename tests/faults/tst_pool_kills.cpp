// SPDX-License-Identifier: MIT
// Kills workers of a pool, at random moments and at every machine instruction: each task runs at
// most once, a kill loses at most the one that had begun, and the pool goes on.
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "pool_kills.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace manyhands;

namespace {

enum class Fault { one, idle, all };

} // namespace

class TestPoolKills : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(1000); }
    void loses_the_begun_task_alone_data();
    void loses_the_begun_task_alone();
    void survives_a_kill_at_every_instruction_data();
    void survives_a_kill_at_every_instruction();
    void leaves_nothing_when_its_parent_is_killed();
    void has_killed_in_time();

private:
    template <class R>
    void kill_in_rounds(R (*function)(const Item&), std::size_t tasks, std::size_t chunk,
        Schedule schedule, Fault fault, int count);

    int killed_ = 0;
    int killed_in_time_ = 0; ///< before the call was over
};

void TestPoolKills::loses_the_begun_task_alone_data()
{
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<int>("chunk");
    QTest::addColumn<bool>("blocks");
    QTest::addColumn<int>("count");
    const std::tuple<const char*, Schedule> schedules[] = {
        {"fixed", Schedule::fixed}, {"dynamic", Schedule::dynamic}, {"guided", Schedule::guided}};
    for (const auto& [name, schedule] : schedules) {
        for (const int chunk : {1, 50}) {
            for (const bool blocks : {false, true})
                QTest::addRow("one of three, %s, chunks of %d, results in %s", name, chunk,
                    blocks ? "blocks" : "cells")
                    << Fault::one << schedule << chunk << blocks << 17;
        }
    }
    QTest::newRow("one that is idle") << Fault::idle << Schedule::dynamic << 1 << false << 200;
    for (const auto& [name, schedule] : schedules)
        QTest::addRow("all at once, %s", name) << Fault::all << schedule << 3 << false << 67;
}

template <class R>
void TestPoolKills::kill_in_rounds(R (*function)(const Item&), std::size_t tasks, std::size_t chunk,
    Schedule schedule, Fault fault, int count)
{
    constexpr int workers = 3;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const Drain drain(fixture.supervisor());
        for (int seed = 1; seed <= rounds(count);) {
            std::mt19937_64 random(static_cast<std::uint64_t>(seed));
            // A new pool now and then: it must take everything along.
            Pool pool(workers, {.start_method = StartMethod::fork});
            RunCounts counts(tasks);
            for (int round = 0; round < 5 && seed <= rounds(count); ++round, ++seed) {
                counts.clear();
                const std::size_t ends = fixture.supervisor().ends().size();
                const auto items = counts.items(random, pick(random, 0, 1) == 0 ? 0 : 1500);
                const auto say = [&](const std::string& wrong) {
                    return "seed " + std::to_string(seed) + ": " + wrong;
                };
                if (fault == Fault::idle) {
                    kill_one(random);
                    pass_time(pick(random, 0, 20'000));
                }
                auto result = pool.map_async(function, items, chunk, schedule);
                std::size_t kills = fault == Fault::idle ? 1 : 0;
                if (fault != Fault::idle) {
                    pass_time(pick_any(random) % 20'000);
                    killed_in_time_ += result.ready() ? 0 : 1;
                    ++killed_;
                    if (fault == Fault::all) {
                        for (const ProcessInfo& one : active_children())
                            ::kill(one.pid, SIGKILL);
                        kills = workers;
                    } else {
                        kill_one(random);
                        kills = 1;
                    }
                }
                const std::string wrong = what_is_wrong(result, counts, tasks, kills);
                QVERIFY2(wrong.empty(), say(wrong).c_str());
                // It goes on. What is noticed late would count with the next kills: no task is
                // done in between.
                while (fixture.supervisor().alive() < workers
                    || fixture.supervisor().ends().size() < ends + kills)
                    sleep_until_woken(wake_token(), std::chrono::milliseconds(1));
                counts.clear();
                auto again = pool.map_async(function, counts.items(random, 0), chunk, schedule);
                const std::string later = what_is_wrong(again, counts, tasks, 0);
                QVERIFY2(later.empty(), say("the next one: " + later).c_str());
            }
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolKills::loses_the_begun_task_alone()
{
    QFETCH(Fault, fault);
    QFETCH(Schedule, schedule);
    QFETCH(int, chunk);
    QFETCH(bool, blocks);
    QFETCH(int, count);
    if (blocks)
        kill_in_rounds(
            &text_of, 60, static_cast<std::size_t>(chunk) / 5 + 1, schedule, fault, count);
    else
        kill_in_rounds(&number_of, 2000, static_cast<std::size_t>(chunk), schedule, fault, count);
}

void TestPoolKills::survives_a_kill_at_every_instruction_data()
{
    QTest::addColumn<bool>("blocks");
    QTest::addColumn<bool>("traced");
    QTest::newRow("results in cells") << false << false;
    QTest::newRow("results in blocks") << true << false;
    QTest::newRow("results in cells, traced") << false << true;
}

namespace {

constexpr std::size_t stepped_tasks = 3;

// Kills the only worker when it has executed `instructions` of a call. Returns what is wrong;
// `over` is whether the call was over by then.
template <class R>
std::string kill_behind(Pool& pool, R (*function)(const Item&), RunCounts& counts,
    std::mt19937_64& random, std::size_t instructions, bool& over)
{
    counts.clear();
    const int pid = active_children().front().pid;
    if (!attach(pid))
        return "no tracing";
    auto result = pool.map_async(function, counts.items(random, 0), 2);
    step(pid, instructions);
    over = result.ready();
    ::kill(pid, SIGKILL);
    std::string wrong = what_is_wrong(result, counts, stepped_tasks, 1);
    // The worker that came for it is alive, and no longer starting.
    if (wrong.empty() && pool.apply(&number_of, counts.items(random, 0).front()) != 1)
        wrong = "the next one is wrong";
    return wrong;
}

} // namespace

void TestPoolKills::survives_a_kill_at_every_instruction()
{
    QFETCH(bool, blocks);
    QFETCH(bool, traced);
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = traced, .arena_bytes = std::size_t{64} << 20});
        const Drain drain(fixture.supervisor());
        std::mt19937_64 random(1);
        {
            Pool pool(1, {.start_method = StartMethod::fork});
            RunCounts counts(stepped_tasks);
            const bool soak = std::getenv("MANYHANDS_SOAK") != nullptr;
            const std::size_t usual_stride = (blocks ? 149 : 37) * slow_steps;
            const std::size_t stride = soak ? 1 : usual_stride;
            std::size_t instructions = 0;
            for (bool over = false; !over; instructions += stride) {
                const std::string wrong = blocks
                    ? kill_behind(pool, &short_text_of, counts, random, instructions, over)
                    : kill_behind(pool, &number_of, counts, random, instructions, over);
                if (wrong == "no tracing")
                    QSKIP("this machine does not permit to trace a process");
                QVERIFY2(wrong.empty(),
                    ("behind " + std::to_string(instructions) + " instructions: " + wrong).c_str());
            }
            QVERIFY(instructions > 500);
            qInfo("%zu instructions, every %zu-th", instructions, stride);
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolKills::leaves_nothing_when_its_parent_is_killed()
{
    os::become_subreaper();
    const Holdings before = holdings();
    for (int seed = 1; seed <= rounds(40); ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        const int parent = ::fork();
        if (parent == 0) {
            ProcessFixture fixture;
            Pool pool(3, {.start_method = seed % 2 == 0 ? StartMethod::fork : StartMethod::spawn});
            RunCounts counts(100);
            while (true)
                pool.map(&number_of, counts.items(random, 100), 1);
        }
        ::usleep(static_cast<useconds_t>(pick(random, 0, 20'000)));
        ::kill(parent, SIGKILL);
        // Its children come to us, and end by themselves.
        while (::waitpid(-1, nullptr, 0) > 0) { }
    }
    QCOMPARE(holdings(), before);
}

void TestPoolKills::has_killed_in_time()
{
    qInfo("%d of %d kills came before the call was over", killed_in_time_, killed_);
    QVERIFY(killed_ == 0 || killed_in_time_ > killed_ / 10);
}

int main(int argc, char** argv)
{
    return test_main<TestPoolKills>(argc, argv);
}
#include "tst_pool_kills.moc"
