// SPDX-License-Identifier: MIT
// Tests engine/pool: results handed out in their order, initializers, and workers that end after so
// many tasks.
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/recording/run_recordings.hpp"
#include "pool_tasks.hpp"
#include "process_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <list>
#include <map>
#include <ranges>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

using GateAndNumber = std::pair<std::uint64_t, int>;

int wait_at_zero(const GateAndNumber& item)
{
    if (item.second == 0)
        wait_at_gate(item.first);
    return square(item.second);
}
int throw_at_tens(int number)
{
    if (number % 10 == 3)
        throw std::invalid_argument("no " + std::to_string(number));
    return square(number);
}
int die_at_seven(int number)
{
    if (number == 7)
        ::raise(SIGKILL);
    return square(number);
}
int own_pid(int)
{
    return ::getpid();
}

// What an initializer leaves in its process for the tasks.
std::string greeting;
int initialised = 0;

void learn_greeting(ArenaOffset counter, const std::string& word, int times)
{
    word_at(counter).fetch_add(1);
    ++initialised;
    for (int i = 0; i < times; ++i)
        greeting += word;
}
std::string greet(int number)
{
    return greeting + std::to_string(number) + " " + std::to_string(initialised);
}
void throw_from(ArenaOffset counter, std::uint32_t first)
{
    if (word_at(counter).fetch_add(1) >= first)
        throw std::out_of_range("no – table – here");
}

enum class Ending { killed, exit_0, exit_3 };

void end_at_once(ArenaOffset counter, Ending ending)
{
    word_at(counter).fetch_add(1);
    if (ending == Ending::killed)
        ::raise(SIGKILL);
    ::_exit(ending == Ending::exit_0 ? 0 : 3);
}

int start_a_process(int number)
{
    Process process({}, &square, number);
    process.start();
    return 0;
}

// A task's worker: the same pid may come again.
struct Worker
{
    int pid;
    std::uint32_t slot;
    std::uint32_t generation;

    auto operator<=>(const Worker&) const = default;
};
Worker worker_of(int)
{
    return {::getpid(), this_process.slot_number, this_process.generation};
}

} // namespace

class TestPoolOptions : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(90); }
    void hands_results_out_in_order_data() { add_method_rows(); }
    void hands_results_out_in_order();
    void waits_for_the_next_in_order();
    void throws_a_failure_at_its_turn();
    void takes_items_from_any_range();
    void initialises_each_worker_data() { add_method_rows(); }
    void initialises_each_worker();
    void gives_up_where_an_initializer_throws_data() { add_method_rows(); }
    void gives_up_where_an_initializer_throws();
    void gives_up_where_a_later_initializer_throws();
    void gives_up_where_workers_end_in_the_initializer_data();
    void gives_up_where_workers_end_in_the_initializer();
    void replaces_workers_after_their_tasks_data();
    void replaces_workers_after_their_tasks();
    void counts_calls_as_tasks_data() { add_method_rows(); }
    void counts_calls_as_tasks();
    void closes_and_terminates_with_few_tasks_each_data() { add_method_rows(); }
    void closes_and_terminates_with_few_tasks_each();
    void reports_deaths_among_those_that_are_spent();
    void shows_each_worker_as_a_lane();
    void refuses_options_data();
    void refuses_options();
    void refuses_children_of_workers_data() { add_method_rows(); }
    void refuses_children_of_workers();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
    }
};

void TestPoolOptions::hands_results_out_in_order()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    {
        Pool pool(3, {.start_method = method});
        for (const std::size_t chunk : {0U, 1U, 7U, 5000U}) {
            std::vector<int> found;
            for (const int result : pool.imap(&square, numbers_to(1000), chunk))
                found.push_back(result);
            QCOMPARE(found, squares_to(1000));
        }
        auto none = pool.imap(&square, std::vector<int>{});
        QCOMPARE(none.next(), std::optional<int>());
        QVERIFY(none.begin() == none.end());
        const auto texts = std::vector<std::string>{"a", "", "千手"};
        auto sizes = pool.imap([](const std::string& text) { return text + "!"; }, texts);
        for (const std::string& text : texts)
            QCOMPARE(sizes.next(), std::optional(text + "!"));
        QCOMPARE(sizes.next(), std::optional<std::string>());
        // One that nobody asks for more runs on, and is in nobody's way.
        pool.imap(&square, numbers_to(100)).next();
        pool.close();
        QVERIFY(caught<Error>([&] { pool.imap(&square, numbers_to(0)); }).has_value());
        pool.join();
    }
    QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
}

void TestPoolOptions::waits_for_the_next_in_order()
{
    ProcessFixture fixture;
    Words gate;
    std::optional<StreamedResults<int>> left;
    {
        Pool pool(2);
        std::vector<GateAndNumber> items;
        for (int i = 0; i < 100; ++i)
            items.emplace_back(gate.offset(), i);
        auto results = pool.imap(&wait_at_zero, items);
        // All the others are done, and wait for the first.
        while (pool.apply(&square, 2) != 4
            || this_process.segment.slot(1).tasks_done.load()
                    + this_process.segment.slot(2).tasks_done.load()
                < 100) { }
        const auto error = caught<TimeoutError>([&] { results.next(1ms); });
        QVERIFY(error.has_value());
        QCOMPARE(error->limit(), std::string("0.001 s"));
        gate.open();
        for (int i = 0; i < 100; ++i)
            QCOMPARE(results.next(), std::optional(i * i));
        QCOMPARE(results.next(), std::optional<int>());
        QCOMPARE(results.next(), std::optional<int>());
        gate.set(0);
        left.emplace(pool.imap(&wait_at_zero, items));
    }
    QVERIFY(caught<Error>([&] { left->next(); }).has_value());
}

void TestPoolOptions::throws_a_failure_at_its_turn()
{
    ProcessFixture fixture;
    Pool pool(2);
    auto results = pool.imap(&throw_at_tens, numbers_to(50), 4);
    int at = 0;
    for (auto one = results.begin(); one != results.end(); ++one, ++at) {
        try {
            QCOMPARE(*one, at * at);
            QVERIFY(at % 10 != 3);
        } catch (const RemoteError& error) {
            QCOMPARE(error.failure().task, std::optional(static_cast<std::uint32_t>(at)));
            QCOMPARE(at % 10, 3);
        }
    }
    QCOMPARE(at, 50);
    auto some_die = pool.imap(&die_at_seven, numbers_to(20), 5);
    for (at = 0; at < 20; ++at) {
        if (at == 7)
            QVERIFY(caught<WorkerDied>([&] { some_die.next(); }).has_value());
        else
            QCOMPARE(some_die.next(), std::optional(at * at));
    }
    QCOMPARE(some_die.next(), std::optional<int>());
}

void TestPoolOptions::takes_items_from_any_range()
{
    ProcessFixture fixture;
    Pool pool(2);
    const auto all_of = [](auto results) {
        std::vector<int> found;
        for (const int one : results)
            found.push_back(one);
        return found;
    };
    QCOMPARE(all_of(pool.imap(&square, std::views::iota(0, 30))), squares_to(30));
    QCOMPARE(all_of(pool.imap(&square, std::list<int>{3, 1, 2})), (std::vector<int>{9, 1, 4}));
    // One that can be gone through once.
    std::istringstream text("5 6 7");
    QCOMPARE(all_of(pool.imap(&square, std::ranges::istream_view<int>(text))),
        (std::vector{25, 36, 49}));
    int asked = 0;
    std::vector<int> unordered = all_of(
        pool.imap_unordered(&square, std::views::iota(0, 30) | std::views::transform([&](int i) {
            ++asked;
            return i;
        })));
    std::ranges::sort(unordered);
    QCOMPARE(unordered, squares_to(30));
    QCOMPARE(asked, 30);
}

void TestPoolOptions::initialises_each_worker()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        {
            Words counter;
            Pool pool(3,
                {.start_method = method,
                    .initializer = {&learn_greeting, counter.offset(), "Grüße ", 2}});
            const auto greetings = pool.map(&greet, numbers_to(300), 1);
            for (int i = 0; i < 300; ++i)
                QCOMPARE(greetings[static_cast<std::size_t>(i)],
                    "Grüße Grüße " + std::to_string(i) + " 1");
            QVERIFY(caught<WorkerDied>([&] { pool.apply(&die_at_seven, 7); }).has_value());
            QCOMPARE(pool.map(&greet, numbers_to(2), 1).front(), std::string("Grüße Grüße 0 1"));
            pool.close();
            pool.join();
            // Those three, and the one that came for the dead one.
            QCOMPARE(counter.at(), 4U);
        }
        {
            // Without arguments, and without captures.
            Pool pool(1, {.start_method = method, .initializer = [] { greeting = "leer"; }});
            QCOMPARE(pool.apply(&greet, 5), std::string("leer5 0"));
        }
        QVERIFY(greeting.empty());
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolOptions::gives_up_where_an_initializer_throws()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Words counter;
        const std::size_t noted = failures_of_this_run().size();
        Pool pool(2, {.start_method = method, .initializer = {&throw_from, counter.offset(), 0U}});
        auto waiting = pool.map_async(&square, numbers_to(10));
        auto streamed = pool.imap(&square, numbers_to(10));
        const auto error = caught<Error>([&] { waiting.get(); });
        QVERIFY(error.has_value());
        QVERIFY2(says(*error, "its initializer threw std::out_of_range in Worker-"), error->what());
        QCOMPARE(error->value(), std::string("no – table – here"));
        QVERIFY(caught<Error>([&] { streamed.next(); }).has_value());
        const auto again = caught<Error>([&] { pool.apply(&square, 2); });
        QVERIFY(again.has_value());
        QCOMPARE(std::string(again->what()), std::string(error->what()));
        QCOMPARE(failures_of_this_run().size(), noted + 1);
        const TaskFailure& failure = failures_of_this_run().back();
        QVERIFY(failure.kind == TaskFailure::Kind::exception && !failure.task);
        QCOMPARE(failure.type, std::string("std::out_of_range"));
        QCOMPARE(failure.text, std::string("no – table – here"));
        pool.close();
        pool.join();
        // Nobody came for them.
        QCOMPARE(fixture.supervisor().ends().size(), std::size_t{2});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolOptions::gives_up_where_a_later_initializer_throws()
{
    ProcessFixture fixture;
    Words counter;
    Words gate;
    Pool pool(2, {.initializer = {&throw_from, counter.offset(), 2U}});
    QCOMPARE(pool.map(&square, numbers_to(100), 1), squares_to(100));
    auto held = pool.apply_async(&wait_at_gate, gate.offset());
    auto dies = pool.apply_async(&die_at_seven, 7);
    QVERIFY(caught<WorkerDied>([&] { dies.get(); }).has_value());
    const auto error = caught<Error>([&] { held.get(); });
    QVERIFY(error.has_value());
    QVERIFY2(says(*error, "its initializer threw std::out_of_range in Worker-3"), error->what());
}

void TestPoolOptions::gives_up_where_workers_end_in_the_initializer_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("ending");
    QTest::addColumn<bool>("closed");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork}}) {
        for (const bool closed : {false, true}) {
            const char* const how = closed ? "closed" : "open";
            QTest::addRow("%s, %s, killed", name, how) << method << int(Ending::killed) << closed;
            QTest::addRow("%s, %s, exit 0", name, how) << method << int(Ending::exit_0) << closed;
            QTest::addRow("%s, %s, exit 3", name, how) << method << int(Ending::exit_3) << closed;
        }
    }
}

void TestPoolOptions::gives_up_where_workers_end_in_the_initializer()
{
    QFETCH(StartMethod, method);
    QFETCH(int, ending);
    QFETCH(bool, closed);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Words counter;
        Pool pool(2,
            {.start_method = method,
                .initializer = {&end_at_once, counter.offset(), static_cast<Ending>(ending)}});
        auto waiting = pool.map_async(&square, numbers_to(10));
        if (closed)
            pool.close();
        const auto error = caught<Error>([&] { waiting.get(); });
        QVERIFY(error.has_value());
        QVERIFY2(says(*error, "gave up"), error->what());
        QVERIFY(counter.at() <= 5);
        pool.close();
        pool.join();
    }
    QCOMPARE(holdings(), before);
}

void TestPoolOptions::replaces_workers_after_their_tasks_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<int>("chunk");
    QTest::addColumn<int>("most");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork}}) {
        for (const auto& [kind, schedule] : {std::pair{"fixed", Schedule::fixed},
                 std::pair{"dynamic", Schedule::dynamic}, std::pair{"guided", Schedule::guided}}) {
            QTest::addRow("%s, %s, one chunk of 10 each", name, kind)
                << method << schedule << 10 << 1;
            QTest::addRow("%s, %s, 7 chunks of 1 each", name, kind) << method << schedule << 1 << 7;
        }
    }
}

void TestPoolOptions::replaces_workers_after_their_tasks()
{
    QFETCH(StartMethod, method);
    QFETCH(Schedule, schedule);
    QFETCH(int, chunk);
    QFETCH(int, most);
    constexpr int tasks = 150;
    constexpr std::uint32_t workers = 3;
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const std::size_t noted = failures_of_this_run().size();
        {
            Pool pool(workers, {.start_method = method, .max_tasks_per_child = most});
            const auto found = pool.map(
                &worker_of, numbers_to(tasks), static_cast<std::size_t>(chunk), schedule);
            std::vector<detail::TaskRange> chunks;
            if (schedule == Schedule::guided) {
                chunks = detail::guided_chunks(tasks, static_cast<std::uint32_t>(chunk), workers);
            } else {
                for (int first = 0; first < tasks; first += chunk)
                    chunks.push_back(
                        {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(chunk)});
            }
            std::map<Worker, std::set<std::size_t>> chunks_of;
            for (std::size_t i = 0; i < chunks.size(); ++i) {
                const Worker worker = found[chunks[i].first];
                for (std::uint32_t k = 1; k < chunks[i].count; ++k)
                    QVERIFY(found[chunks[i].first + k] == worker);
                chunks_of[worker].insert(i);
            }
            for (const auto& [worker, done] : chunks_of) {
                QVERIFY(done.size() <= static_cast<std::size_t>(most));
                // Of those of its place, where they are dealt out.
                for (const std::size_t one : done)
                    QVERIFY(
                        schedule != Schedule::fixed || one % workers == *done.begin() % workers);
            }
            pool.close();
            pool.join();
        }
        QCOMPARE(failures_of_this_run().size(), noted);
        for (const ChildEnd& end : fixture.supervisor().ends())
            QCOMPARE(end.exit, 0);
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolOptions::counts_calls_as_tasks()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(1, {.start_method = method, .max_tasks_per_child = 2});
    std::vector<int> pids;
    for (int i = 0; i < 3; ++i)
        pids.push_back(pool.apply(&own_pid, i));
    for (const int pid : pool.imap(&own_pid, numbers_to(3)))
        pids.push_back(pid);
    // However many tasks a chunk has.
    for (int i = 0; i < 2; ++i) {
        const auto all = pool.map(&own_pid, numbers_to(10), 10);
        QCOMPARE(std::ranges::count(all, all.front()), 10);
        pids.push_back(all.front());
    }
    for (std::size_t i = 0; i < pids.size(); i += 2) {
        QCOMPARE(pids[i], pids[i + 1]);
        QVERIFY(i == 0 || pids[i] != pids[i - 1]);
    }
    // One that throws is one, too.
    const auto before = fixture.supervisor().ends().size();
    QVERIFY(caught<RemoteError>([&] { pool.apply(&throw_at_tens, 3); }).has_value());
    QVERIFY(caught<RemoteError>([&] { pool.apply(&throw_at_tens, 3); }).has_value());
    pool.apply(&square, 1);
    QVERIFY(fixture.supervisor().ends().size() > before);
}

void TestPoolOptions::closes_and_terminates_with_few_tasks_each()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        const std::size_t noted = failures_of_this_run().size();
        {
            Pool pool(2, {.start_method = method, .max_tasks_per_child = 1});
            auto many = pool.map_async(&square, numbers_to(20), 1);
            auto more = pool.map_async(&square, numbers_to(20), 1, Schedule::fixed);
            pool.close();
            pool.join();
            QCOMPARE(many.get(), squares_to(20));
            QCOMPARE(more.get(), squares_to(20));
        }
        {
            Pool pool(2, {.start_method = method, .max_tasks_per_child = 1});
            auto many = pool.map_async(&square, numbers_to(1000), 1);
            many.wait(1ms);
            pool.terminate();
            pool.join();
            QVERIFY(many.ready());
        }
        QCOMPARE(failures_of_this_run().size(), noted);
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPoolOptions::reports_deaths_among_those_that_are_spent()
{
    ProcessFixture fixture;
    Pool pool(2, {.max_tasks_per_child = 3});
    const auto error = caught<WorkerDied>([&] { pool.map(&die_at_seven, numbers_to(40), 2); });
    QVERIFY(error.has_value());
    QCOMPARE(error->failures().size(), std::size_t{1});
    QCOMPARE(error->failure().task, std::optional(7U));
    const auto& results = *error->results<int>();
    for (int i = 0; i < 40; ++i)
        QCOMPARE(
            results[static_cast<std::size_t>(i)], i == 7 ? std::nullopt : std::optional(i * i));
}

void TestPoolOptions::shows_each_worker_as_a_lane()
{
    ProcessFixture fixture;
    this_process.segment.header().observed = 1;
    RunRecordings recordings(this_process.segment, RingReading::taking, 1);
    fixture.supervisor().set_drain([&](bool) { recordings.poll(); });
    {
        Pool pool(2, {.initializer = [] {}, .max_tasks_per_child = 5});
        QCOMPARE(pool.map(&square, numbers_to(40), 1), squares_to(40));
        pool.close();
        pool.join();
    }
    recordings.poll();
    fixture.supervisor().set_drain({});
    const Recording& recording = recordings.current();
    QCOMPARE(recording.tasks().size(), std::size_t{40});
    std::map<std::size_t, int> tasks_of;
    for (const Task& task : recording.tasks())
        QVERIFY(++tasks_of[task.lane] <= 5);
    QCOMPARE(tasks_of.size(), std::size_t{8});
    std::set<std::string> names;
    for (const auto& [number, tasks] : tasks_of) {
        const Lane& lane = recording.lanes()[number];
        QVERIFY2(!lane.damaged, lane.name.c_str());
        QCOMPARE(lane.exit, std::optional(0));
        names.insert(lane.name);
    }
    QCOMPARE(names.size(), std::size_t{8});
}

void TestPoolOptions::refuses_options_data()
{
    QTest::addColumn<int>("most");
    QTest::newRow("no tasks") << 0;
    QTest::newRow("fewer than none") << -1;
    QTest::newRow("the least that an int holds") << std::numeric_limits<int>::min();
}

void TestPoolOptions::refuses_options()
{
    QFETCH(int, most);
    ProcessFixture fixture;
    const auto error = caught<BadValue>([&] { Pool pool(1, {.max_tasks_per_child = most}); });
    QVERIFY(error.has_value());
    QCOMPARE(error->object(), std::string("max_tasks_per_child"));
    QCOMPARE(error->value(), std::to_string(most));
    QCOMPARE(fixture.supervisor().ends().size() + fixture.supervisor().alive(), std::size_t{0});
}

namespace {

Pool* pool_of_main = nullptr;

int use_the_pool_of_main(int what)
{
    if (what == 0)
        return pool_of_main->apply(&square, 2);
    if (what == 1)
        pool_of_main->close();
    if (what == 2)
        pool_of_main->terminate();
    if (what == 3)
        pool_of_main->join();
    return 0;
}

} // namespace

void TestPoolOptions::refuses_children_of_workers()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    const auto refused = [](const std::optional<RemoteError>& error, const char* how) {
        return error && error->failure().text.find(how) != std::string::npos
            && error->failure().text.find('\n') == std::string::npos;
    };
    std::optional<Pool> pool;
    if (method == StartMethod::fork) {
        // It finds its parent's pool in its memory.
        pool_of_main = &pool.emplace(1, PoolOptions{.start_method = method});
        for (int what = 0; what < 4; ++what)
            QVERIFY(refused(caught<RemoteError>([&] { pool->apply(&use_the_pool_of_main, what); }),
                "pool cannot be used by Worker-1"));
    } else {
        pool.emplace(1, PoolOptions{.start_method = method});
    }
    QVERIFY(refused(caught<RemoteError>([&] { pool->apply(&start_a_process, 2); }),
        "cannot be started by Worker-1; start processes in the lesson's main process"));
    QVERIFY(refused(caught<RemoteError>([&] {
        pool->apply(
            [](int workers) {
                Pool inner(workers);
                return inner.apply(&square, 2);
            },
            2);
    }),
        "pool cannot be made by Worker-1; make pools in the lesson's main process"));
    QCOMPARE(pool->apply(&square, 3), 9);
}

int main(int argc, char** argv)
{
    return test_main<TestPoolOptions>(argc, argv);
}
#include "tst_pool_options.moc"
