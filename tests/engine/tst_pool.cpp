// SPDX-License-Identifier: MIT
// Tests engine/pool: what Python documents of its Pool, by spawn and by fork, and where we differ.
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/recording/run_recordings.hpp"
#include "pool_tasks.hpp"
#include "process_fixture.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// The functions that run in workers.

void do_nothing(int) { }
std::string greet(const std::string& name)
{
    return "Grüße, " + name;
}
std::string describe(int number, double part, const std::string& text)
{
    return std::to_string(number) + " " + std::to_string(part) + " " + text;
}
int nine()
{
    return 9;
}

struct Trouble
{
    int number;
    int at;
};
std::string to_text(const Trouble& trouble)
{
    return "trouble " + std::to_string(trouble.number);
}
int square_or_throw(const Trouble& trouble)
{
    if (trouble.number == trouble.at)
        throw std::invalid_argument(
            "Nº " + std::to_string(trouble.number) + " – 千手 – is refused");
    return trouble.number * trouble.number;
}
int throw_a_number(int number)
{
    throw number;
}
int die(int signal)
{
    ::raise(signal);
    return 0;
}
int exit_with(int code)
{
    ::_exit(code);
}
std::vector<std::uint8_t> bytes_of_size(std::size_t size)
{
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 31 + size);
    return bytes;
}
struct Large
{
    std::array<std::uint64_t, 100> numbers;
};
Large large_of(std::uint64_t seed)
{
    Large large;
    for (std::size_t i = 0; i < large.numbers.size(); ++i)
        large.numbers[i] = seed + i;
    return large;
}

int gate_then_die(ArenaOffset gate)
{
    wait_at_gate(gate);
    ::raise(SIGKILL);
    return 0;
}
int wait_or_square(ArenaOffset gate, int number)
{
    if (number == 0)
        wait_at_gate(gate);
    return number * number;
}

// What each task of a schedule tells: who did it, and when among that worker's tasks.
struct Done
{
    int number;
    int pid;
    int order;
};
Done tell(int number)
{
    static int order = 0;
    return {number, ::getpid(), order++};
}
int make_a_pool(int workers)
{
    Pool pool(workers);
    return pool.map(&square, std::vector<int>{1}).front();
}
int print_and_square(int number)
{
    print("task " + std::to_string(number));
    return number * number;
}

} // namespace

class TestPool : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(90); }
    void maps_in_order_data();
    void maps_in_order();
    void maps_what_has_to_be_taken_apart_data() { add_method_rows(); }
    void maps_what_has_to_be_taken_apart();
    void calls_with_several_arguments_data() { add_method_rows(); }
    void calls_with_several_arguments();
    void takes_functions_that_return_nothing_data() { add_method_rows(); }
    void takes_functions_that_return_nothing();
    void throws_the_first_of_all_failures_data();
    void throws_the_first_of_all_failures();
    void tells_what_is_no_exception_by_its_type_data() { add_method_rows(); }
    void tells_what_is_no_exception_by_its_type();
    void reports_who_died_data();
    void reports_who_died();
    void gives_each_task_to_somebody_once_data();
    void gives_each_task_to_somebody_once();
    void cuts_guided_chunks_data();
    void cuts_guided_chunks();
    void calls_asynchronously_data() { add_method_rows(); }
    void calls_asynchronously();
    void calls_back_data() { add_method_rows(); }
    void calls_back();
    void survives_callbacks_that_throw();
    void calls_from_a_callback();
    void has_many_calls_under_way_data() { add_method_rows(); }
    void has_many_calls_under_way();
    void hands_results_out_as_they_come_data() { add_method_rows(); }
    void hands_results_out_as_they_come();
    void goes_on_behind_a_failure_in_a_loop();
    void closes_terminates_and_joins_data() { add_method_rows(); }
    void closes_terminates_and_joins();
    void outlives_its_pool();
    void refuses_workers_data();
    void refuses_workers();
    void refuses_what_has_no_room();
    void is_the_main_processes_alone_data() { add_method_rows(); }
    void is_the_main_processes_alone();
    void gives_up_on_a_crash_loop_data() { add_method_rows(); }
    void gives_up_on_a_crash_loop();
    void says_who_died_when_the_time_is_over();
    void ends_when_the_run_is_to_end();
    void traces_each_task_once_data();
    void traces_each_task_once();
    void shows_a_long_task_while_it_runs();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
        QTest::newRow("forkserver") << StartMethod::forkserver;
    }
};

void TestPool::maps_in_order_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("items");
    QTest::addColumn<int>("chunk");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        QTest::addRow("%s, nothing", name) << method << 2 << 0 << 0;
        QTest::addRow("%s, one item", name) << method << 2 << 1 << 0;
        QTest::addRow("%s, more workers than items", name) << method << 4 << 3 << 0;
        QTest::addRow("%s, a chunk beyond the input", name) << method << 2 << 5 << 1'000'000;
        QTest::addRow("%s, one worker", name) << method << 1 << 100 << 0;
        QTest::addRow("%s, chunks of 7", name) << method << 3 << 1000 << 7;
        QTest::addRow("%s, many, one by one", name) << method << 2 << 20'000 << 1;
    }
}

void TestPool::maps_in_order()
{
    QFETCH(StartMethod, method);
    QFETCH(int, workers);
    QFETCH(int, items);
    QFETCH(int, chunk);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        {
            Pool pool(workers, {.start_method = method});
            for (const Schedule schedule : {Schedule::dynamic, Schedule::fixed, Schedule::guided})
                QCOMPARE(
                    pool.map(&square, numbers_to(items), static_cast<std::size_t>(chunk), schedule),
                    squares_to(items));
            QCOMPARE(pool.workers(), workers);
            pool.close();
            pool.join();
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        for (const ChildEnd& end : fixture.supervisor().ends())
            QCOMPARE(end.exit, 0);
        fixture.supervisor().end_all(); // the fork server, which has a block of its own
        QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
    }
    QCOMPARE(holdings(), before);
}

void TestPool::maps_what_has_to_be_taken_apart()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(2, {.start_method = method});
    QCOMPARE(pool.map(&greet, std::vector<std::string>{"Zoë", "", "千手"}),
        (std::vector<std::string>{"Grüße, Zoë", "Grüße, ", "Grüße, 千手"}));
    // Of any size up to the arena's; the bytes are those that were sent.
    const std::vector<std::size_t> sizes = {0, 1, 255, 257, 70'000, std::size_t{10} << 20};
    const auto found = pool.map(&bytes_of_size, sizes, 1);
    for (std::size_t i = 0; i < sizes.size(); ++i)
        QVERIFY(found[i] == bytes_of_size(sizes[i]));
    const auto large = pool.map(&large_of, std::vector<std::uint64_t>{5, 1000});
    QVERIFY(large[0].numbers == large_of(5).numbers);
    QVERIFY(large[1].numbers == large_of(1000).numbers);
    QCOMPARE(pool.map([](bool value) { return !value; }, std::vector<bool>{true, false, true}),
        (std::vector<bool>{false, true, false}));
    // In a worker that would not be our vector: what crosses is a copy.
    const auto sums = pool.map(
        [](const std::vector<int>& all) { return std::accumulate(all.begin(), all.end(), 0); },
        std::vector<std::vector<int>>{{1, 2, 3}, {}, {7}});
    QCOMPARE(sums, (std::vector<int>{6, 0, 7}));
    // What is larger than the arena fails its own task alone.
    const auto error = caught<RemoteError>([&] {
        pool.map(&bytes_of_size, std::vector<std::size_t>{3, std::size_t{1} << 30, 4}, 1);
    });
    QVERIFY(error.has_value());
    QCOMPARE(error->failure().task, std::optional(1U));
    QVERIFY(error->failure().text.find("result of a task finds no room") != std::string::npos);
    const auto* const rest = error->results<std::vector<std::uint8_t>>();
    QVERIFY(rest != nullptr && (*rest)[0] && !(*rest)[1] && (*rest)[2]->size() == 4);
}

void TestPool::calls_with_several_arguments()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(2, {.start_method = method});
    const std::vector<std::tuple<int, double, std::string>> items
        = {{1, 0.5, "eins"}, {-2, 1.25, ""}, {3, 0, "三"}};
    const std::vector<std::string> expected
        = {describe(1, 0.5, "eins"), describe(-2, 1.25, ""), describe(3, 0, "三")};
    for (const std::size_t chunk : {0U, 1U, 10U})
        QCOMPARE(pool.starmap(&describe, items, chunk), expected);
    QCOMPARE(pool.starmap([](int a, int b) { return a - b; },
                 std::vector<std::pair<int, int>>{{5, 3}, {1, 4}}),
        (std::vector<int>{2, -3}));
    QVERIFY(pool.starmap(&describe, std::vector<std::tuple<int, double, std::string>>{}).empty());
    QCOMPARE(pool.apply(&describe, 7, 2.5, "sieben"), describe(7, 2.5, "sieben"));
    QCOMPARE(pool.apply(&nine), 9);
    const auto error = caught<RemoteError>([&] {
        pool.starmap(
            [](int a, const std::string& b) -> int {
                throw std::runtime_error(b + std::to_string(a));
            },
            std::vector<std::tuple<int, std::string>>{{4, "vier"}});
    });
    QVERIFY(error.has_value());
    QCOMPARE(error->failure().argument, std::string("4, vier"));
}

void TestPool::takes_functions_that_return_nothing()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(2, {.start_method = method});
    static_assert(std::is_void_v<decltype(pool.map(&do_nothing, std::vector<int>{}))>);
    pool.map(&do_nothing, numbers_to(100));
    pool.map(&do_nothing, std::vector<int>{});
    pool.apply(&do_nothing, 1);
    auto result = pool.apply_async(&do_nothing, 1);
    result.get();
    QVERIFY(result.successful());
    std::uint64_t tasks = 0;
    // The fork server has one of them.
    for (std::uint32_t slot = 1; slot < 4; ++slot)
        tasks += this_process.segment.slot(slot).tasks_done.load();
    QCOMPARE(tasks, std::uint64_t{102});
}

void TestPool::throws_the_first_of_all_failures_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("chunk");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        for (const int chunk : {1, 4, 100}) {
            QTest::addRow("%s, the first, chunks of %d", name, chunk) << method << 0 << chunk;
            QTest::addRow("%s, a middle one, chunks of %d", name, chunk) << method << 9 << chunk;
            QTest::addRow("%s, the last, chunks of %d", name, chunk) << method << 19 << chunk;
        }
    }
}

void TestPool::throws_the_first_of_all_failures()
{
    QFETCH(StartMethod, method);
    QFETCH(int, at);
    QFETCH(int, chunk);
    ProcessFixture fixture;
    Pool pool(2, {.start_method = method});
    std::vector<Trouble> items;
    for (int i = 0; i < 20; ++i)
        items.push_back({i, at});
    // A later one fails, too.
    if (at < 15)
        items[15].at = 15;
    const std::size_t noted = failures_of_this_run().size();
    const auto error = caught<RemoteError>(
        [&] { pool.map(&square_or_throw, items, static_cast<std::size_t>(chunk)); });
    QVERIFY(error.has_value());
    const TaskFailure& failure = error->failure();
    QCOMPARE(failure.task, std::optional<std::uint32_t>(at));
    QCOMPARE(failure.argument, "trouble " + std::to_string(at));
    QCOMPARE(failure.type, std::string("std::invalid_argument"));
    QCOMPARE(failure.text, "Nº " + std::to_string(at) + " – 千手 – is refused");
    QVERIFY(failure.process == "Worker-1" || failure.process == "Worker-2");
    QVERIFY(std::string(error->what()).find("std::invalid_argument") != std::string::npos);
    const std::size_t failures = at < 15 ? 2 : 1;
    QCOMPARE(error->failures().size(), failures);
    QCOMPARE(failures_of_this_run().size(), noted + failures);
    QVERIFY(error->results<double>() == nullptr);
    const auto* const results = error->results<int>();
    QVERIFY(results != nullptr);
    for (int i = 0; i < 20; ++i) {
        const bool fails = i == at || (i == 15 && at < 15);
        QCOMPARE(
            (*results)[static_cast<std::size_t>(i)], fails ? std::nullopt : std::optional(i * i));
    }
    // The pool goes on.
    QCOMPARE(pool.map(&square, numbers_to(5)), squares_to(5));
}

void TestPool::tells_what_is_no_exception_by_its_type()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(1, {.start_method = method});
    const auto error = caught<RemoteError>([&] { pool.apply(&throw_a_number, 3); });
    QVERIFY(error.has_value());
    QCOMPARE(error->failure().type, std::string("unknown type"));
    QCOMPARE(error->failure().argument, std::string("3"));
    QCOMPARE(pool.apply(&square, 3), 9);
}

void TestPool::reports_who_died_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("signal");
    QTest::addColumn<int>("code");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        QTest::addRow("%s, killed", name) << method << SIGKILL << 0;
        QTest::addRow("%s, aborted", name) << method << SIGABRT << 0;
        QTest::addRow("%s, ended with 3", name) << method << 0 << 3;
        QTest::addRow("%s, ended with 0", name) << method << 0 << 0;
    }
}

void TestPool::reports_who_died()
{
    QFETCH(StartMethod, method);
    QFETCH(int, signal);
    QFETCH(int, code);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        os::forbid_core_files();
        Pool pool(2, {.worker_name = "Hand", .start_method = method});
        const auto error = caught<WorkerDied>(
            [&] { signal != 0 ? pool.apply(&die, signal) : pool.apply(&exit_with, code); });
        QVERIFY(error.has_value());
        const TaskFailure& failure = error->failure();
        QVERIFY(failure.process.starts_with("Hand-"));
        const ChildEnd& end = fixture.supervisor().ends().front();
        QCOMPARE(failure.pid, end.pid);
        QCOMPARE(failure.process, end.name);
        QCOMPARE(failure.task, std::optional(0U));
        QCOMPARE(failure.argument, std::to_string(signal != 0 ? signal : code));
        QVERIFY(
            failure.kind == (signal != 0 ? TaskFailure::Kind::signal : TaskFailure::Kind::exit));
        QCOMPARE(failure.value, signal != 0 ? signal : code);
        // Replaced, by one of the next name.
        QCOMPARE(pool.map(&square, numbers_to(1000), 1), squares_to(1000));
        QCOMPARE(fixture.supervisor().alive(), std::size_t{2});
        QVERIFY(std::ranges::any_of(
            active_children(), [](const ProcessInfo& one) { return one.name == "Hand-3"; }));
    }
    QCOMPARE(holdings(), before);
}

void TestPool::gives_each_task_to_somebody_once_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<Schedule>("schedule");
    QTest::addColumn<int>("chunk");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        for (const int chunk : {1, 3, 16}) {
            QTest::addRow("%s, fixed, %d", name, chunk) << method << Schedule::fixed << chunk;
            QTest::addRow("%s, dynamic, %d", name, chunk) << method << Schedule::dynamic << chunk;
            QTest::addRow("%s, guided, %d", name, chunk) << method << Schedule::guided << chunk;
        }
    }
}

void TestPool::gives_each_task_to_somebody_once()
{
    QFETCH(StartMethod, method);
    QFETCH(Schedule, schedule);
    QFETCH(int, chunk);
    constexpr int tasks = 1000;
    constexpr std::uint32_t workers = 3;
    ProcessFixture fixture;
    Pool pool(workers, {.start_method = method});
    const auto found
        = pool.map(&tell, numbers_to(tasks), static_cast<std::size_t>(chunk), schedule);
    // Each worker's own count of its tasks has no gap and no repetition, and grows with the number
    // of the task within a chunk.
    std::map<int, std::set<int>> orders;
    for (int i = 0; i < tasks; ++i) {
        const Done& done = found[static_cast<std::size_t>(i)];
        QCOMPARE(done.number, i);
        QVERIFY(orders[done.pid].insert(done.order).second);
    }
    for (const auto& [pid, known] : orders)
        QCOMPARE(*known.rbegin() + 1, static_cast<int>(known.size()));
    // All of a chunk are one worker's, one behind the other.
    const auto chunks = schedule == Schedule::guided
        ? detail::guided_chunks(tasks, static_cast<std::uint32_t>(chunk), workers)
        : [&] {
              std::vector<detail::TaskRange> equal;
              for (int first = 0; first < tasks; first += chunk)
                  equal.push_back({static_cast<std::uint32_t>(first),
                      static_cast<std::uint32_t>(std::min(chunk, tasks - first))});
              return equal;
          }();
    std::vector<int> owners;
    for (const detail::TaskRange range : chunks) {
        owners.push_back(found[range.first].pid);
        for (std::uint32_t i = 1; i < range.count; ++i) {
            QCOMPARE(found[range.first + i].pid, found[range.first].pid);
            QCOMPARE(found[range.first + i].order, found[range.first].order + static_cast<int>(i));
        }
    }
    if (schedule == Schedule::fixed) {
        for (std::size_t i = workers; i < owners.size(); ++i)
            QCOMPARE(owners[i], owners[i - workers]);
        QCOMPARE(
            std::set<int>(owners.begin(), owners.begin() + workers).size(), std::size_t{workers});
    }
}

void TestPool::cuts_guided_chunks_data()
{
    QTest::addColumn<int>("tasks");
    QTest::addColumn<int>("least");
    QTest::addColumn<int>("workers");
    QTest::addColumn<QList<int>>("sizes");
    QTest::newRow("nothing") << 0 << 1 << 2 << QList<int>{};
    QTest::newRow("one") << 1 << 1 << 2 << QList<int>{1};
    QTest::newRow("halves of halves") << 16 << 1 << 1 << QList<int>{8, 4, 2, 1, 1};
    QTest::newRow("not below the least") << 20 << 4 << 2 << QList<int>{5, 4, 4, 4, 3};
    QTest::newRow("the least beyond all") << 5 << 9 << 2 << QList<int>{5};
}

void TestPool::cuts_guided_chunks()
{
    QFETCH(int, tasks);
    QFETCH(int, least);
    QFETCH(int, workers);
    QFETCH(QList<int>, sizes);
    QList<int> found;
    std::uint32_t next = 0;
    for (const detail::TaskRange range : detail::guided_chunks(static_cast<std::uint32_t>(tasks),
             static_cast<std::uint32_t>(least), static_cast<std::uint32_t>(workers))) {
        QCOMPARE(range.first, next);
        next += range.count;
        found.append(static_cast<int>(range.count));
    }
    QCOMPARE(found, sizes);
}

void TestPool::calls_asynchronously()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Words gate;
    Pool pool(2, {.start_method = method});
    auto held = pool.apply_async(&wait_at_gate, gate.offset());
    auto many = pool.map_async(&square, numbers_to(100));
    QVERIFY(!held.ready());
    QVERIFY(!held.wait(0s));
    QVERIFY(!held.wait(1ms));
    QVERIFY(caught<Error>([&] { held.successful(); }).has_value());
    QVERIFY(caught<TimeoutError>([&] { held.get(0s); }).has_value());
    QVERIFY(caught<TimeoutError>([&] { held.get(2ms); }).has_value());
    QVERIFY(caught<BadValue>([&] { held.get(-1s); }).has_value());
    // Several are under way at once, and each has its own end.
    QCOMPARE(many.get(), squares_to(100));
    QCOMPARE(many.get(), squares_to(100));
    QVERIFY(many.ready() && many.successful());
    auto strings = pool.starmap_async(
        &describe, std::vector<std::tuple<int, double, std::string>>{{1, 2, "3"}});
    QCOMPARE(strings.get().front(), describe(1, 2, "3"));
    QVERIFY(!held.ready());
    gate.open();
    QVERIFY(held.wait());
    QVERIFY(held.successful());
    QVERIFY(held.get(0s) > 0);
    auto bad = pool.apply_async(&square_or_throw, Trouble{1, 1});
    QVERIFY(bad.wait());
    QVERIFY(bad.ready() && !bad.successful());
    QVERIFY(caught<RemoteError>([&] { bad.get(); }).has_value());
    QVERIFY(caught<RemoteError>([&] { bad.get(); }).has_value());
    auto none = pool.map_async(&square, std::vector<int>{});
    QVERIFY(none.ready() && none.successful() && none.get().empty());
}

void TestPool::calls_back()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(2, {.start_method = method});
    std::vector<int> found;
    std::vector<std::string> errors;
    const auto note = [&](const Error& error) { errors.emplace_back(error.what()); };
    auto kept = pool.apply_async(&square, 5)
                    .callback([&](int result) { found.push_back(result); })
                    .error_callback(note);
    // Nobody keeps these.
    pool.apply_async(&square, 6).callback([&](int result) { found.push_back(result); });
    pool.map_async(&square, numbers_to(4)).callback([&](const std::vector<int>& results) {
        found.insert(found.end(), results.begin(), results.end());
    });
    pool.apply_async(&square_or_throw, Trouble{3, 3})
        .callback([&](int result) { found.push_back(result); })
        .error_callback(note);
    pool.apply_async(&exit_with, 4).error_callback(note);
    pool.close();
    pool.join();
    std::sort(found.begin(), found.end());
    QCOMPARE(found, (std::vector<int>{0, 1, 4, 9, 25, 36}));
    QCOMPARE(errors.size(), std::size_t{2});
    QCOMPARE(kept.get(), 25);
    // One that comes late is called all the same.
    int late = 0;
    std::move(kept).callback([&](int result) { late = result; });
    this_process.while_waiting();
    QCOMPARE(late, 25);
}

void TestPool::survives_callbacks_that_throw()
{
    ProcessFixture fixture;
    this_process.segment.header().observed = 1; // so that nothing goes to standard output
    Pool pool(2);
    const std::size_t noted = failures_of_this_run().size();
    int called = 0;
    for (int i = 0; i < 10; ++i)
        pool.apply_async(&square, i).callback([&](int) {
            ++called;
            throw std::runtime_error("no more");
        });
    pool.apply_async(&square_or_throw, Trouble{3, 3}).error_callback([&](const Error&) {
        ++called;
        throw std::runtime_error("no more");
    });
    QCOMPARE(pool.map(&square, numbers_to(100)), squares_to(100));
    pool.close();
    pool.join();
    QCOMPARE(called, 11);
    QCOMPARE(failures_of_this_run().size(), noted + 12);
    QVERIFY(failures_of_this_run().back().text.find("no more") != std::string::npos);
}

void TestPool::calls_from_a_callback()
{
    ProcessFixture fixture;
    Pool pool(2);
    std::vector<int> found;
    auto first = pool.apply_async(&square, 3).callback([&](int result) {
        found.push_back(result);
        // It waits, and so do other callbacks for their turn.
        found.push_back(pool.apply(&square, result));
        pool.apply_async(&square, 81).callback([&](int last) { found.push_back(last); });
    });
    QCOMPARE(first.get(), 9);
    pool.close();
    pool.join();
    // The callback of the callback's was submitted while the pool was open.
    QCOMPARE(found, (std::vector<int>{9, 81, 6561}));
}

void TestPool::has_many_calls_under_way()
{
    QFETCH(StartMethod, method);
    constexpr int calls = 5000; // more than the workers' board holds
    ProcessFixture fixture;
    Pool pool(3, {.start_method = method});
    std::vector<AsyncResult<int>> results;
    for (int i = 0; i < calls; ++i)
        results.push_back(pool.apply_async(&square, i));
    // From both ends: their order does not matter.
    for (int i = 0; i < calls / 2; ++i) {
        QCOMPARE(results[static_cast<std::size_t>(calls - 1 - i)].get(),
            (calls - 1 - i) * (calls - 1 - i));
        QCOMPARE(results[static_cast<std::size_t>(i)].get(), i * i);
    }
    int sum = 0;
    for (int i = 0; i < calls; ++i)
        pool.apply_async(&square, 1).callback([&](int one) { sum += one; });
    pool.close();
    pool.join();
    QCOMPARE(sum, calls);
}

void TestPool::hands_results_out_as_they_come()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Words gate;
    Pool pool(2, {.start_method = method});
    for (const std::size_t chunk : {0U, 1U, 7U, 5000U}) {
        std::multiset<int> found;
        for (const int result : pool.imap_unordered(&square, numbers_to(1000), chunk))
            found.insert(result);
        const std::vector<int> expected = squares_to(1000);
        QCOMPARE(found, std::multiset<int>(expected.begin(), expected.end()));
    }
    auto none = pool.imap_unordered(&square, std::vector<int>{});
    QCOMPARE(none.next(), std::optional<int>());
    QVERIFY(none.begin() == none.end());
    // The one that is held comes last, though it was first.
    std::vector<std::tuple<ArenaOffset, int>> items;
    auto held = pool.imap_unordered(
        [](const std::pair<std::uint64_t, int>& item) {
            return wait_or_square(item.first, item.second);
        },
        std::vector<std::pair<std::uint64_t, int>>{
            {gate.offset(), 0}, {gate.offset(), 2}, {gate.offset(), 3}});
    std::set<int> first = {held.next().value(), held.next().value()};
    QCOMPARE(first, (std::set<int>{4, 9}));
    QVERIFY(caught<TimeoutError>([&] { held.next(1ms); }).has_value());
    gate.open();
    QCOMPARE(held.next(), std::optional(0));
    QCOMPARE(held.next(), std::optional<int>());
    QCOMPARE(held.next(), std::optional<int>());
}

void TestPool::goes_on_behind_a_failure_in_a_loop()
{
    ProcessFixture fixture;
    Pool pool(2);
    std::vector<Trouble> items;
    for (int i = 0; i < 50; ++i)
        items.push_back({i, i % 10 == 3 ? i : -1});
    auto results = pool.imap_unordered(&square_or_throw, items);
    std::set<int> good;
    std::set<std::uint32_t> bad;
    for (auto at = results.begin(); at != results.end(); ++at) {
        try {
            good.insert(*at);
        } catch (const RemoteError& error) {
            bad.insert(error.failure().task.value());
        }
    }
    QCOMPARE(bad, (std::set<std::uint32_t>{3, 13, 23, 33, 43}));
    QCOMPARE(good.size(), std::size_t{45});
}

void TestPool::closes_terminates_and_joins()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    {
        Pool pool(2, {.start_method = method});
        QVERIFY(caught<Error>([&] { pool.join(); }).has_value());
        auto result = pool.map_async(&square, numbers_to(1000), 1);
        pool.close();
        pool.close();
        const auto error = caught<Error>([&] { pool.map(&square, numbers_to(3)); });
        QVERIFY(error.has_value());
        QVERIFY(std::string(error->what()).find("close()") != std::string::npos);
        QVERIFY(caught<Error>([&] { pool.apply_async(&square, 3); }).has_value());
        QVERIFY(caught<Error>([&] { pool.imap_unordered(&square, numbers_to(0)); }).has_value());
        pool.join();
        pool.join();
        QVERIFY(result.ready());
        QCOMPARE(result.get(), squares_to(1000));
        pool.terminate();
    }
    QCOMPARE(failures_of_this_run().size(), failures_of_this_run().size());
    const std::size_t noted = failures_of_this_run().size();
    {
        Words gate;
        Pool pool(2, {.start_method = method});
        auto result = pool.apply_async(&wait_at_gate, gate.offset());
        bool told = false;
        pool.apply_async(&wait_at_gate, gate.offset()).error_callback([&](const Error&) {
            told = true;
        });
        pool.terminate();
        const auto error = caught<Error>([&] { result.get(); });
        QVERIFY(error.has_value());
        QVERIFY(std::string(error->what()).find("terminated") != std::string::npos);
        pool.join();
        QVERIFY(told);
        QVERIFY(caught<Error>([&] { pool.apply(&square, 3); }).has_value());
    }
    // Ended as asked: no failures.
    QCOMPARE(failures_of_this_run().size(), noted);
    QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
}

void TestPool::outlives_its_pool()
{
    ProcessFixture fixture;
    Words gate;
    std::optional<AsyncResult<int>> done;
    std::optional<AsyncResult<int>> not_done;
    std::optional<StreamedResults<int>> some;
    {
        Pool pool(1);
        done.emplace(pool.apply_async(&square, 4));
        done->wait();
        not_done.emplace(pool.apply_async(&wait_at_gate, gate.offset()));
        some.emplace(pool.imap_unordered(&square, numbers_to(3)));
    }
    QCOMPARE(done->get(), 16);
    QVERIFY(not_done->ready() && !not_done->successful());
    QVERIFY(caught<Error>([&] { not_done->get(); }).has_value());
    QVERIFY(caught<Error>([&] { some->next(); }).has_value());
}

void TestPool::refuses_workers_data()
{
    QTest::addColumn<int>("workers");
    QTest::newRow("none") << 0;
    QTest::newRow("fewer than none") << -1;
    QTest::newRow("more than slots") << 256;
    QTest::newRow("the most that an int holds") << std::numeric_limits<int>::max();
    QTest::newRow("the least that an int holds") << std::numeric_limits<int>::min();
}

void TestPool::refuses_workers()
{
    QFETCH(int, workers);
    ProcessFixture fixture;
    const auto error = caught<BadValue>([&] { Pool pool(workers); });
    QVERIFY(error.has_value());
    QCOMPARE(error->value(), std::to_string(workers));
    QCOMPARE(error->limit(), std::string("1 to 255"));
    QCOMPARE(fixture.supervisor().ends().size(), std::size_t{0});
    QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
    // One more than the slots that are left: nothing is started.
    Pool pool(1);
    const auto lacks = caught<MachineLacks>([&] { Pool other(255); });
    QVERIFY(lacks.has_value());
    QCOMPARE(fixture.supervisor().alive(), std::size_t{1});
}

void TestPool::refuses_what_has_no_room()
{
    ProcessFixture fixture({.traced = true, .arena_bytes = std::size_t{4} << 20});
    {
        Pool pool(1);
        const auto error = caught<Error>([&] { pool.map(&square, numbers_to(2'000'000)); });
        QVERIFY(error.has_value());
        QVERIFY(std::string(error->what()).find("2000000 tasks of a pool") != std::string::npos);
        QVERIFY(!error->value().empty() && !error->limit().empty());
        QCOMPARE(pool.map(&square, numbers_to(1000)), squares_to(1000));
    }
    QCOMPARE(fixture.engine().arena().reclaim(Arena::shared_owner), std::size_t{0});
}

void TestPool::is_the_main_processes_alone()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Pool pool(1, {.start_method = method});
    const auto error = caught<RemoteError>([&] { pool.apply(&make_a_pool, 2); });
    QVERIFY(error.has_value());
    QVERIFY2(error->failure().text.find("pool cannot be made by Worker-1") != std::string::npos,
        error->failure().text.c_str());
}

void TestPool::gives_up_on_a_crash_loop()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Pool pool(2, {.start_method = method});
        auto other = pool.map_async(&die, std::vector<int>(20, SIGKILL), 1);
        const auto error = caught<Error>([&] { pool.map(&die, std::vector<int>(20, SIGKILL), 1); });
        QVERIFY(error.has_value());
        QVERIFY2(std::string(error->what()).find("gave up") != std::string::npos, error->what());
        QVERIFY(caught<Error>([&] { other.get(); }).has_value());
        const auto again = caught<Error>([&] { pool.apply(&square, 3); });
        QVERIFY(again.has_value());
        QCOMPARE(std::string(again->what()), std::string(error->what()));
        pool.close();
        pool.join();
        // Two to begin with, and the three that came for them.
        QVERIFY(fixture.supervisor().ends().size() <= 5);
    }
    QCOMPARE(holdings(), before);
}

void TestPool::says_who_died_when_the_time_is_over()
{
    ProcessFixture fixture;
    Words gate;
    Words never;
    Pool pool(2);
    auto held = pool.apply_async(&wait_at_gate, never.offset());
    auto dies = pool.apply_async(&gate_then_die, gate.offset());
    gate.open();
    const auto error = caught<TimeoutError>([&] { held.get(300ms); });
    QVERIFY(error.has_value());
    QCOMPARE(error->deaths().size(), std::size_t{1});
    QVERIFY(std::string(error->what()).find("was killed by SIGKILL") != std::string::npos);
    QVERIFY(caught<WorkerDied>([&] { dies.get(); }).has_value());
}

void TestPool::ends_when_the_run_is_to_end()
{
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Words gate;
        Pool pool(2);
        auto held = pool.apply_async(&wait_at_gate, gate.offset());
        this_process.segment.header().control.stop.store(1);
        QVERIFY(caught<StopRequested>([&] { held.get(); }).has_value());
        QVERIFY(caught<StopRequested>([&] {
            pool.close();
            pool.join();
        }).has_value());
    }
    QCOMPARE(holdings(), before);
}

void TestPool::traces_each_task_once_data()
{
    QTest::addColumn<int>("tasks");
    QTest::addColumn<int>("chunk");
    QTest::addColumn<bool>("prints");
    QTest::newRow("a few") << 20 << 1 << false;
    QTest::newRow("in chunks") << 1000 << 10 << false;
    QTest::newRow("some that tell more") << 300 << 7 << true;
    QTest::newRow("more than are told one by one") << 50'000 << 1 << false;
}

void TestPool::traces_each_task_once()
{
    QFETCH(int, tasks);
    QFETCH(int, chunk);
    QFETCH(bool, prints);
    ProcessFixture fixture;
    this_process.segment.header().observed = 1;
    RunRecordings recordings(this_process.segment, RingReading::taking, 1);
    fixture.supervisor().set_drain([&](bool) { recordings.poll(); });
    {
        Pool pool(2);
        QCOMPARE(pool.map(prints ? &print_and_square : &square, numbers_to(tasks),
                     static_cast<std::size_t>(chunk)),
            squares_to(tasks));
        pool.close();
        pool.join();
    }
    recordings.poll();
    fixture.supervisor().set_drain({});
    const Recording& recording = recordings.current();
    QCOMPARE(recording.events_dropped(), std::uint64_t{0});
    QCOMPARE(recording.tasks().size(), static_cast<std::size_t>(tasks));
    std::vector<bool> seen(static_cast<std::size_t>(tasks));
    for (const Task& task : recording.tasks()) {
        QVERIFY(!seen[task.index]);
        seen[task.index] = true;
        QVERIFY(task.outcome == Task::Outcome::done);
        QCOMPARE(task.argument, std::uint64_t{task.index});
        QVERIFY(task.begin_ns <= task.end_ns);
    }
    std::size_t spans = 0;
    for (const Lane& lane : recording.lanes()) {
        QVERIFY2(!lane.damaged, lane.name.c_str());
        for (const Span& span : lane.spans)
            spans += span.state == State::computing ? 1 : 0;
    }
    QCOMPARE(spans, static_cast<std::size_t>(tasks));
    QCOMPARE(recording.channels().size(), std::size_t{2});
    for (const Channel& channel : recording.channels()) {
        const bool is_tasks = channel.name == "tasks";
        QCOMPARE(channel.messages,
            static_cast<std::uint64_t>(is_tasks ? (tasks + chunk - 1) / chunk : tasks));
        QCOMPARE(channel.messages_received, channel.messages);
        QCOMPARE(channel.bytes, static_cast<std::uint64_t>(tasks) * sizeof(int));
        QCOMPARE(channel.bytes_received, channel.bytes);
    }
}

void TestPool::shows_a_long_task_while_it_runs()
{
    ProcessFixture fixture;
    RunRecordings recordings(this_process.segment, RingReading::taking, 1);
    Words gate;
    Words never;
    Pool pool(2);
    auto held = pool.apply_async(&wait_at_gate, gate.offset());
    auto lost = pool.apply_async(&wait_at_gate, never.offset());
    const auto tasks = [&] {
        recordings.poll();
        return recordings.current().tasks();
    };
    QTRY_COMPARE(tasks().size(), std::size_t{2});
    QVERIFY(tasks()[0].outcome == Task::Outcome::running);
    gate.open();
    QVERIFY(held.wait());
    QTRY_VERIFY(std::ranges::any_of(
        tasks(), [](const Task& task) { return task.outcome == Task::Outcome::done; }));
    for (const Task& task : tasks()) {
        if (task.outcome == Task::Outcome::done)
            QCOMPARE(task.argument, std::uint64_t{gate.offset()});
        const Lane& lane = recordings.current().lanes()[task.lane];
        if (task.outcome == Task::Outcome::running)
            ::kill(lane.pid, SIGKILL);
    }
    QVERIFY(caught<WorkerDied>([&] { lost.get(); }).has_value());
    QTRY_COMPARE(tasks().size(), std::size_t{2});
    QCOMPARE(std::ranges::count_if(
                 tasks(), [](const Task& task) { return task.outcome == Task::Outcome::lost; }),
        1);
}

int main(int argc, char** argv)
{
    return test_main<TestPool>(argc, argv);
}
#include "tst_pool.moc"
