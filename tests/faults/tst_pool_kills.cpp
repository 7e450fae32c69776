// SPDX-License-Identifier: MIT
// Kills workers of a pool, at random moments and at every machine instruction: each task runs at
// most once, a kill loses at most the one that had begun, and the pool goes on.
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/trace/reader.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace manyhands;

namespace {

#if defined(__SANITIZE_ADDRESS__)
// Its processes take many times as long to start and to end, and so many more instructions.
constexpr int share = 4;
constexpr std::size_t slow_steps = 9;
#else
constexpr int share = 1;
constexpr std::size_t slow_steps = 1;
#endif

// In all, for each fault; with MANYHANDS_SOAK ten times as many.
int rounds(int ordinary)
{
    return std::getenv("MANYHANDS_SOAK") != nullptr ? ordinary * 10 : ordinary / share;
}

// How often each task has run.
using Count = std::atomic<std::uint32_t>;

struct Item
{
    ArenaOffset counts;
    std::uint32_t number;
    std::uint32_t spins;
};

std::uint32_t count_up(const Item& item)
{
    reinterpret_cast<Count*>(this_process.arena->at(item.counts))[item.number].fetch_add(1);
    for (std::uint32_t i = 0; i < item.spins; ++i)
        relax_cpu();
    return item.number;
}

std::uint32_t number_of(const Item& item)
{
    return count_up(item) * 3 + 1;
}
// Large enough for pages of its own.
std::string text_of(const Item& item)
{
    return std::string(20'000, static_cast<char>('a' + count_up(item) % 26));
}
// Has a block, too, and takes fewer instructions to make.
std::string short_text_of(const Item& item)
{
    return std::string(100, static_cast<char>('a' + count_up(item) % 26));
}
bool is_result(std::uint32_t number, std::uint32_t result)
{
    return result == number * 3 + 1;
}
bool is_result(std::uint32_t number, const std::string& result)
{
    return result == std::string(result.size(), static_cast<char>('a' + number % 26));
}

// Reads what the processes write, as a lesson's main process does: without that no slot is free
// again.
class Drain
{
public:
    explicit Drain(Supervisor& supervisor)
        : reader_(this_process.segment, RingReading::taking)
    {
        supervisor.set_drain([this](bool) { drain(); });
    }

private:
    void drain()
    {
        for (std::uint32_t slot = 0; slot < reader_.slots_used(); ++slot) {
            reader_.started(slot);
            if (!reader_.reading(slot))
                continue;
            do {
                events_.clear();
            } while (reader_.events(slot, events_, 4096) > 0);
            reader_.ended(slot);
        }
    }

    SegmentReader reader_;
    std::vector<TraceEvent> events_;
};

class RunCounts
{
public:
    explicit RunCounts(std::size_t tasks)
        : tasks_(tasks)
        , block_("run counts", tasks * sizeof(Count))
    {
    }
    void clear() { std::memset(block_.memory(), 0, tasks_ * sizeof(Count)); }
    std::uint32_t of(std::size_t task) const { return (&block_.as<Count>())[task].load(); }
    std::vector<Item> items(std::mt19937_64& random, std::uint32_t most_spins) const
    {
        std::vector<Item> items;
        for (std::uint32_t i = 0; i < tasks_; ++i)
            items.push_back(
                {block_.offset(), i, static_cast<std::uint32_t>(pick(random, 0, most_spins))});
        return items;
    }

private:
    std::size_t tasks_;
    SharedBlock block_;
};

void kill_one(std::mt19937_64& random)
{
    const auto children = active_children();
    if (!children.empty())
        ::kill(children[pick(random, 0, children.size() - 1)].pid, SIGKILL);
}

void pass_time(std::uint64_t spins)
{
    for (std::uint64_t i = 0; i < spins; ++i)
        relax_cpu();
}

// Empty where all is as it must be: `kills` processes were killed during the call.
template <class Call>
std::string what_is_wrong(
    Call& result, const RunCounts& counts, std::size_t tasks, std::size_t kills)
{
    using R = typename decltype(result.get())::value_type;
    std::vector<std::optional<R>> found;
    std::vector<TaskFailure> failures;
    try {
        for (R& one : result.get())
            found.emplace_back(std::move(one));
    } catch (const WorkerDied& died) {
        found = *died.template results<R>();
        failures = died.failures();
    } catch (const std::exception& error) {
        return error.what();
    }
    if (found.size() != tasks)
        return "there are " + std::to_string(found.size()) + " results";
    if (failures.size() > kills)
        return std::to_string(failures.size()) + " tasks were lost";
    std::vector<bool> lost(tasks);
    for (const TaskFailure& failure : failures) {
        if (!failure.task || failure.kind != TaskFailure::Kind::signal || failure.value != SIGKILL)
            return "a failure is none of a kill: " + failure.text;
        lost[*failure.task] = true;
    }
    for (std::uint32_t task = 0; task < tasks; ++task) {
        const std::string name = "task " + std::to_string(task);
        if (found[task].has_value() == lost[task])
            return name + (lost[task] ? " is lost, and has a result" : " has no result");
        if (found[task] && !is_result(task, *found[task]))
            return name + " has another one's result";
        const std::uint32_t runs = counts.of(task);
        if (runs > 1 || (runs == 0 && !lost[task]))
            return name + " ran " + std::to_string(runs) + " times";
    }
    return {};
}

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

// Whether the process could be stopped.
bool attach(int pid)
{
    int status = 0;
    return ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0
        && ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0
        && ::waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

void step(int pid, std::size_t instructions)
{
    int status = 0;
    for (std::size_t i = 0; i < instructions; ++i) {
        if (::ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0
            || ::waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
            return;
    }
}

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
