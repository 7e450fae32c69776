// SPDX-License-Identifier: MIT
// Kills workers of a pool that begin or end in other ways at that moment: in their initializer,
// with their last allowed task, while a limit stops them. Each task runs at most once, none is lost
// but by a kill or its limit, and the pool goes on.
#include "engine/os/process_figures.hpp"
#include "pool_kills.hpp"

#include <unistd.h>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t for_ever = 0xffff'ffff;

void spin_first(std::uint32_t spins)
{
    pass_time(spins);
}

// Counts itself and waits for the word to be set.
void wait_first(ArenaOffset words)
{
    auto* const counts = reinterpret_cast<Count*>(this_process.arena->at(words));
    counts[0].fetch_add(1);
    while (counts[1].load() == 0)
        relax_cpu();
}

// Kills a process at some moment while this one waits.
class Killer
{
public:
    Killer(int pid, useconds_t behind)
        : killer_(::fork())
    {
        if (killer_ == 0) {
            ::usleep(behind);
            ::kill(pid, SIGKILL);
            ::_exit(0);
        }
    }
    ~Killer()
    {
        while (::waitpid(killer_, nullptr, 0) < 0 && errno == EINTR) { }
    }
    Killer(const Killer&) = delete;
    Killer& operator=(const Killer&) = delete;

private:
    int killer_;
};

const std::tuple<const char*, Schedule> schedules[]
    = {{"fixed", Schedule::fixed}, {"dynamic", Schedule::dynamic}, {"guided", Schedule::guided}};

} // namespace

class TestPoolEnds : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(1000); }
    void loses_no_other_task_among_spent_workers_data();
    void loses_no_other_task_among_spent_workers();
    void goes_on_when_killed_in_the_initializer();
    void stops_the_right_task_data();
    void stops_the_right_task();
    void survives_a_kill_at_every_instruction_data();
    void survives_a_kill_at_every_instruction();
    void leaves_nothing_when_its_parent_is_killed();
};

void TestPoolEnds::loses_no_other_task_among_spent_workers_data()
{
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<int>("chunk");
    for (const auto& [name, schedule] : schedules) {
        for (const int chunk : {1, 7})
            QTest::addRow("%s, chunks of %d", name, chunk) << schedule << chunk;
    }
}

void TestPoolEnds::loses_no_other_task_among_spent_workers()
{
    QFETCH(Schedule, schedule);
    QFETCH(int, chunk);
    constexpr std::size_t tasks = 60;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const Drain drain(fixture.supervisor());
        for (int seed = 1; seed <= rounds(34); ++seed) {
            std::mt19937_64 random(static_cast<std::uint64_t>(seed));
            Pool pool(3,
                {.start_method = StartMethod::fork,
                    .max_tasks_per_child = static_cast<int>(pick(random, 1, 4))});
            RunCounts counts(tasks);
            auto result = pool.map_async(
                &number_of, counts.items(random, 1500), static_cast<std::size_t>(chunk), schedule);
            // Wherever the workers are by then.
            for (std::uint64_t looks = pick(random, 0, 20); looks > 0; --looks) {
                pass_time(pick(random, 0, 5000));
                result.ready();
            }
            kill_one(random);
            const std::string wrong = what_is_wrong(result, counts, tasks, 1);
            QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolEnds::goes_on_when_killed_in_the_initializer()
{
    constexpr std::size_t tasks = 40;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const Drain drain(fixture.supervisor());
        for (int seed = 1; seed <= rounds(200); ++seed) {
            std::mt19937_64 random(static_cast<std::uint64_t>(seed));
            Pool pool(2,
                {.start_method = seed % 20 == 0 ? StartMethod::spawn : StartMethod::fork,
                    .initializer = {&spin_first, 20'000U}});
            RunCounts counts(tasks);
            auto result = pool.map_async(&number_of, counts.items(random, 0), 3);
            pass_time(pick(random, 0, 20'000));
            kill_one(random);
            const std::string wrong = what_is_wrong(result, counts, tasks, 1);
            QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolEnds::stops_the_right_task_data()
{
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<bool>("kills");
    for (const auto& [name, schedule] : schedules) {
        QTest::addRow("%s", name) << schedule << false;
        QTest::addRow("%s, and somebody kills one", name) << schedule << true;
    }
}

void TestPoolEnds::stops_the_right_task()
{
    QFETCH(Schedule, schedule);
    QFETCH(bool, kills);
    constexpr std::size_t tasks = 24;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const Drain drain(fixture.supervisor());
        for (int seed = 1; seed <= rounds(34); ++seed) {
            std::mt19937_64 random(static_cast<std::uint64_t>(seed));
            Pool pool(2, {.start_method = StartMethod::fork});
            RunCounts counts(tasks);
            // Some end by themselves when their limit is near.
            auto items = counts.items(random, 100'000);
            for (int i = 0; i < 2; ++i)
                items[pick(random, 0, tasks - 1)].spins = for_ever;
            const int victim = active_children().front().pid;
            auto result = pool.map_async(&number_of, items, 5, schedule).task_limit(2ms);
            std::optional<Killer> killer;
            if (kills)
                killer.emplace(victim, static_cast<useconds_t>(pick(random, 0, 20'000)));
            const std::string wrong = what_is_wrong(result, counts, tasks, kills ? 1 : 0, true);
            QVERIFY2(wrong.empty(), ("seed " + std::to_string(seed) + ": " + wrong).c_str());
            killer.reset();
            counts.clear();
            auto again = pool.map_async(&number_of, counts.items(random, 0), 5, schedule);
            const std::string later = what_is_wrong(again, counts, tasks, kills ? 1 : 0);
            QVERIFY2(
                later.empty(), ("seed " + std::to_string(seed) + ", the next: " + later).c_str());
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

namespace {

enum class Where { in_initializer, with_last_task, while_stopped };

// Kills a new pool's worker when it has executed `instructions` more; `over` is whether it had
// ended, or done its work, by then. Returns what is wrong.
std::string kill_behind(Where where, std::size_t instructions, bool& over)
{
    constexpr std::size_t tasks = 3;
    std::mt19937_64 random(1);
    RunCounts words(2);
    RunCounts counts(tasks);
    PoolOptions options = {.start_method = StartMethod::fork};
    if (where == Where::in_initializer)
        options.initializer = {&wait_first, words.items(random, 0).front().counts};
    if (where == Where::with_last_task)
        options.max_tasks_per_child = 2;
    Pool pool(1, options);
    auto items = counts.items(random, 0);
    const int pid = active_children().front().pid;
    auto& release = reinterpret_cast<Count*>(
        this_process.arena->at(words.items(random, 0).front().counts))[1];
    while (where == Where::in_initializer && words.of(0) == 0)
        ::usleep(50);
    // The first of its two tasks.
    if (where == Where::with_last_task)
        pool.apply(&number_of, items[0]);
    if (where == Where::while_stopped)
        items[0].spins = for_ever;
    counts.clear();
    std::optional<AsyncResults<std::uint32_t>> result;
    if (where == Where::while_stopped) {
        result.emplace(pool.map_async(&number_of, items, 3).task_limit(100us));
        while (counts.of(0) == 0)
            ::usleep(50);
    }
    if (!attach(pid))
        return "no tracing";
    if (where == Where::while_stopped) {
        // What the pool sends stays until the next step.
        for (int looks = 0; looks < 3; ++looks) {
            ::usleep(100);
            result->ready();
        }
    }
    release.store(1);
    if (!result)
        result.emplace(pool.map_async(&number_of, items, 2));
    step(pid, instructions);
    over = manyhands::os::has_ended(pid) || (where == Where::in_initializer && result->ready())
        || (where == Where::while_stopped && instructions >= 100);
    if (!manyhands::os::has_ended(pid))
        ::kill(pid, SIGKILL);
    std::string wrong = what_is_wrong(*result, counts, tasks, 1, where == Where::while_stopped);
    if (wrong.empty() && pool.apply(&number_of, counts.items(random, 0).front()) != 1)
        wrong = "the next one is wrong";
    return wrong;
}

} // namespace

void TestPoolEnds::survives_a_kill_at_every_instruction_data()
{
    QTest::addColumn<int>("where");
    QTest::addColumn<bool>("traced");
    QTest::addColumn<int>("stride");
    QTest::newRow("in the initializer") << int(Where::in_initializer) << false << 41;
    QTest::newRow("with the last task") << int(Where::with_last_task) << false << 31;
    QTest::newRow("with the last task, traced") << int(Where::with_last_task) << true << 47;
    QTest::newRow("while it is stopped") << int(Where::while_stopped) << false << 1;
}

void TestPoolEnds::survives_a_kill_at_every_instruction()
{
    QFETCH(int, where);
    QFETCH(bool, traced);
    QFETCH(int, stride);
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = traced, .arena_bytes = std::size_t{64} << 20});
        const Drain drain(fixture.supervisor());
        const std::size_t usual_stride = static_cast<std::size_t>(stride) * slow_steps;
        std::size_t instructions = 0;
        int kills = 0;
        for (bool over = false; !over; ++kills) {
            const std::string wrong = kill_behind(static_cast<Where>(where), instructions, over);
            if (wrong == "no tracing")
                QSKIP("this machine does not permit to trace a process");
            QVERIFY2(wrong.empty(),
                ("behind " + std::to_string(instructions) + " instructions: " + wrong).c_str());
            instructions += std::getenv("MANYHANDS_SOAK") != nullptr ? 1 : usual_stride;
        }
        qInfo("%zu instructions, %d kills", instructions, kills);
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolEnds::leaves_nothing_when_its_parent_is_killed()
{
    os::become_subreaper();
    const Holdings before = holdings();
    for (int seed = 1; seed <= rounds(40); ++seed) {
        std::mt19937_64 random(static_cast<std::uint64_t>(seed));
        const int parent = ::fork();
        if (parent == 0) {
            ProcessFixture fixture;
            const Drain drain(fixture.supervisor());
            Pool pool(3,
                {.start_method = seed % 2 == 0 ? StartMethod::fork : StartMethod::spawn,
                    .initializer = {&spin_first, 1000U},
                    .max_tasks_per_child = 3,
                    .task_limit = 1ms});
            RunCounts counts(100);
            auto items = counts.items(random, 100);
            items[50].spins = for_ever;
            while (true)
                pool.map_async(&number_of, items, 4).wait();
        }
        ::usleep(static_cast<useconds_t>(pick(random, 0, 40'000)));
        ::kill(parent, SIGKILL);
        // Its children come to us, and end by themselves.
        while (::waitpid(-1, nullptr, 0) > 0) { }
    }
    QCOMPARE(holdings(), before);
}

int main(int argc, char** argv)
{
    return test_main<TestPoolEnds>(argc, argv);
}
#include "tst_pool_ends.moc"
