// SPDX-License-Identifier: MIT
// Tests engine/manager: what proxies do, in one process and in many, and what becomes of it when
// the server or a client ends.
#include "engine/ipc/queue.hpp"
#include "engine/manager/manager.hpp"
#include "engine/pool/pool.hpp"
#include "engine/sync/barrier.hpp"
#include "engine/sync/lock.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

using Scores = DictProxy<std::string, int>;
using Rows = DictProxy<int, std::vector<int>>;

void fill(
    Scores scores, ListProxy<int> list, ValueProxy<double> value, NamespaceProxy names, int who)
{
    scores.set("worker " + std::to_string(who), who);
    list.append(who);
    value.set(who * 1.5);
    names.set("last", who);
}

void add_unlocked(DictProxy<int, int> counts, int times)
{
    for (int i = 0; i < times; ++i)
        counts.set(0, counts.at(0) + 1);
}

void add_locked(DictProxy<int, int> counts, Lock lock, int times)
{
    for (int i = 0; i < times; ++i) {
        const auto hold = lock.hold();
        counts.set(0, counts.at(0) + 1);
    }
}

void send_proxies(Queue<Scores> queue, Queue<int> answers)
{
    Scores scores = queue.get();
    scores.set("through a queue", 7);
    answers.put(scores.at("here before"));
}

int append_square(ListProxy<int> list, int number)
{
    list.append(number * number);
    return number;
}

void throw_key_error(Scores scores)
{
    scores.at("nobody");
}

void use_until_it_ends(Scores scores, Barrier ready, Queue<std::string> told)
{
    scores.set("x", 1);
    ready.wait();
    try {
        while (true)
            scores.at("x");
    } catch (const WorkerDied& death) {
        told.put(death.failure().process + " " + std::to_string(death.failure().value));
    }
}

void check_remote(const std::function<void()>& call, const char* type, const char* text)
{
    try {
        call();
        QFAIL("nothing was thrown");
    } catch (const RemoteError& error) {
        QCOMPARE(error.failure().type, std::string(type));
        QCOMPARE(error.failure().text, std::string(text));
        QVERIFY(std::string(error.what()).find(type) != std::string::npos);
    }
}

} // namespace
Q_DECLARE_METATYPE(StartMethod)

class TestManager : public QObject
{
    Q_OBJECT

private:
    static void methods()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
    }

private slots:
    void init() { before_ = holdings(); }
    void cleanup() { QCOMPARE(holdings(), before_); }

    void dict()
    {
        ProcessFixture fixture;
        Manager manager({.start_method = StartMethod::fork});
        auto dict = manager.dict<std::string, int>({{"one", 1}, {"two", 2}});
        QCOMPARE(dict.size(), std::size_t{2});
        dict["three"] = 3;
        const int three = dict["three"];
        QCOMPARE(three, 3);
        dict["four"] = dict["three"];
        QCOMPARE(dict.pop("four"), 3);
        dict.set("two", 22);
        QCOMPARE(dict.items(),
            (std::vector<std::pair<std::string, int>>{{"one", 1}, {"two", 22}, {"three", 3}}));
        QCOMPARE(dict.keys(), (std::vector<std::string>{"one", "two", "three"}));
        QCOMPARE(dict.values(), (std::vector<int>{1, 22, 3}));
        QVERIFY(dict.contains("one") && !dict.contains("ten"));
        QCOMPARE(dict.get("one"), std::optional(1));
        QCOMPARE(dict.get("ten"), std::optional<int>());
        QCOMPARE(dict.get("ten", 10), 10);
        QCOMPARE(dict.setdefault("one", 9), 1);
        QCOMPARE(dict.setdefault("nine", 9), 9);
        dict.update({{"one", 11}, {"ten", 10}});
        QCOMPARE(dict.at("one"), 11);
        QCOMPARE(dict.popitem(), (std::pair<std::string, int>("ten", 10)));
        dict.erase("one");
        check_remote([&] { dict.at("one"); }, "KeyError", "'one'");
        check_remote([&] { dict.erase("one"); }, "KeyError", "'one'");
        check_remote([&] { dict.pop("one"); }, "KeyError", "'one'");
        dict.clear();
        QVERIFY(dict.empty());
        check_remote([&] { dict.popitem(); }, "KeyError", "popitem(): dictionary is empty");
    }

    void list()
    {
        ProcessFixture fixture;
        Manager manager({.start_method = StartMethod::fork});
        auto list = manager.list<std::string>({"b"});
        list.append("c");
        list.insert(0, "a");
        list.extend({"d", "e"});
        QCOMPARE(list.copy(), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
        QCOMPARE(list.at(-1), std::string("e"));
        list[1] = "B";
        const std::string second = list[1];
        QCOMPARE(second, std::string("B"));
        QCOMPARE(list.slice(1, -1), (std::vector<std::string>{"B", "c", "d"}));
        QCOMPARE(list.slice(3, 1), std::vector<std::string>());
        QCOMPARE(list.pop(), std::string("e"));
        QCOMPARE(list.pop(0), std::string("a"));
        list.erase(-1);
        list.remove("c");
        list.insert(-100, "z");
        list.insert(100, "B");
        QCOMPARE(list.copy(), (std::vector<std::string>{"z", "B", "B"}));
        QCOMPARE(list.count("B"), std::size_t{2});
        QCOMPARE(list.index("B"), std::size_t{1});
        QVERIFY(list.contains("z") && !list.contains("y"));
        list.sort();
        QCOMPARE(list.copy(), (std::vector<std::string>{"B", "B", "z"}));
        list.reverse();
        QCOMPARE(list.at(0), std::string("z"));
        check_remote([&] { list.at(3); }, "IndexError", "list index out of range");
        check_remote([&] { list.at(-4); }, "IndexError", "list index out of range");
        check_remote([&] { list.set(3, ""); }, "IndexError", "list assignment index out of range");
        check_remote([&] { list.erase(3); }, "IndexError", "list deletion index out of range");
        check_remote([&] { list.pop(3); }, "IndexError", "pop index out of range");
        check_remote([&] { list.remove("y"); }, "ValueError", "'y' is not in list");
        list.clear();
        QCOMPARE(list.size(), std::size_t{0});
        check_remote([&] { list.pop(); }, "IndexError", "pop from empty list");
    }

    void values_and_names()
    {
        ProcessFixture fixture;
        Manager manager({.start_method = StartMethod::fork});
        auto value = manager.value<double>(1.5);
        QCOMPARE(value.get(), 1.5);
        value.set(2.5);
        QCOMPARE(value.get(), 2.5);
        auto names = manager.name_space();
        names.set("limit", 10);
        names.set("title", "sum");
        names.set("rows", std::vector<int>{1, 2});
        QCOMPARE(names.get<int>("limit"), 10);
        QCOMPARE(names.get<std::string>("title"), std::string("sum"));
        QCOMPARE(names.get<std::vector<int>>("rows"), (std::vector<int>{1, 2}));
        QCOMPARE(names.names(), (std::vector<std::string>{"limit", "rows", "title"}));
        names.erase("rows");
        QVERIFY(!names.contains("rows") && names.contains("limit"));
        check_remote(
            [&] { names.get<int>("rows"); }, "AttributeError", "'rows' is not in the namespace");
        check_remote(
            [&] { names.erase("rows"); }, "AttributeError", "'rows' is not in the namespace");
        check_remote(
            [&] { names.get<double>("limit"); }, "TypeError", "'limit' was set as another type");
    }

    /// As in Python: what came back is a copy.
    void a_nested_change_is_lost()
    {
        ProcessFixture fixture;
        Manager manager({.start_method = StartMethod::fork});
        Rows rows = manager.dict<int, std::vector<int>>();
        rows[1] = std::vector<int>{1};
        rows.at(1).push_back(2);
        QCOMPARE(rows.at(1), std::vector<int>{1});
        std::vector<int> row = rows[1];
        row.push_back(2);
        QCOMPARE(rows.at(1), std::vector<int>{1});
        rows[1] = row;
        QCOMPARE(rows.at(1), (std::vector<int>{1, 2}));
    }

    /// A proxy in a proxy: the inner one is the same object, and keeps its changes.
    void proxies_within_proxies()
    {
        ProcessFixture fixture;
        Manager manager({.start_method = StartMethod::fork});
        auto outer = manager.list<ListProxy<int>>();
        outer.append(manager.list<int>({1}));
        outer.at(0).append(2);
        QCOMPARE(outer.at(0).copy(), (std::vector<int>{1, 2}));
    }

    void large_values()
    {
        ProcessFixture fixture({.traced = true, .arena_bytes = std::size_t{256} << 20});
        Manager manager({.start_method = StartMethod::fork});
        auto list = manager.list<std::string>();
        const std::string large(std::size_t{20} << 20, 'x');
        list.append(large);
        QVERIFY(list.at(0) == large);
        list.append(large);
        list.append(large);
        list.append(large);
        // 80 MiB, which no message holds: the caller hears of it, and the server goes on.
        QVERIFY_EXCEPTION_THROWN(list.copy(), RemoteError);
        QCOMPARE(list.size(), std::size_t{4});
    }

    void crosses_to_processes_data() { methods(); }
    void crosses_to_processes()
    {
        QFETCH(StartMethod, method);
        ProcessFixture fixture;
        Manager manager({.name = "Keeper", .start_method = method});
        QCOMPARE(manager.name(), std::string("Keeper"));
        Scores scores = manager.dict<std::string, int>({{"here before", 3}});
        auto list = manager.list<int>();
        auto value = manager.value<double>();
        auto names = manager.name_space();
        std::vector<Process> processes;
        const ProcessOptions options = {.start_method = method};
        for (int i = 0; i < 3; ++i)
            processes.emplace_back(options, &fill, scores, list, value, names, i);
        Queue<Scores> queue;
        Queue<int> answers;
        processes.emplace_back(options, &send_proxies, queue, answers);
        for (Process& process : processes)
            process.start();
        queue.put(scores);
        QCOMPARE(answers.get(), 3);
        for (Process& process : processes) {
            QVERIFY(process.join());
            QCOMPARE(process.exit_code(), std::optional(0));
        }
        QCOMPARE(scores.size(), std::size_t{5});
        QCOMPARE(scores.at("worker 2"), 2);
        QCOMPARE(scores.at("through a queue"), 7);
        std::vector<int> all = list.copy();
        std::sort(all.begin(), all.end());
        QCOMPARE(all, (std::vector<int>{0, 1, 2}));
        const int last = names.get<int>("last");
        QVERIFY(last >= 0 && last < 3);
        QVERIFY(value.get() >= 0 && value.get() <= 3);
    }

    void crosses_to_tasks()
    {
        ProcessFixture fixture;
        Manager manager;
        auto list = manager.list<int>();
        Pool pool(2);
        std::vector<std::tuple<ListProxy<int>, int>> calls;
        for (int i = 0; i < 20; ++i)
            calls.emplace_back(list, i);
        QCOMPARE(pool.starmap(&append_square, calls).size(), std::size_t{20});
        list.sort();
        QCOMPARE(list.at(-1), 361);
        QCOMPARE(list.size(), std::size_t{20});
    }

    void many_clients_data() { methods(); }
    void many_clients()
    {
        QFETCH(StartMethod, method);
        constexpr int clients = 6;
        constexpr int times = 50;
        ProcessFixture fixture;
        Manager manager({.start_method = method});
        auto unlocked = manager.dict<int, int>({{0, 0}});
        auto locked = manager.dict<int, int>({{0, 0}});
        Lock lock;
        std::vector<Process> processes;
        const ProcessOptions options = {.start_method = method};
        for (int i = 0; i < clients; ++i) {
            processes.emplace_back(options, &add_locked, locked, lock, times);
            processes.emplace_back(options, &add_unlocked, unlocked, times);
        }
        for (Process& process : processes)
            process.start();
        for (Process& process : processes) {
            process.join();
            QCOMPARE(process.exit_code(), std::optional(0));
        }
        QCOMPARE(locked.at(0), clients * times);
        QVERIFY(unlocked.at(0) >= times && unlocked.at(0) <= clients * times);
    }

    void an_error_ends_a_client_as_any()
    {
        ProcessFixture fixture;
        Manager manager({.name = "Keeper", .start_method = StartMethod::fork});
        Process process({.start_method = StartMethod::fork}, &throw_key_error,
            manager.dict<std::string, int>());
        process.start();
        process.join();
        QCOMPARE(process.exit_code(), std::optional(1));
        QCOMPARE(process.exception().value(),
            std::string("manyhands::RemoteError: dict threw KeyError in Keeper: 'nobody'"));
    }

    void names_the_dead_server_data() { methods(); }
    void names_the_dead_server()
    {
        QFETCH(StartMethod, method);
        constexpr int clients = 3;
        ProcessFixture fixture;
        Manager manager({.name = "Keeper", .start_method = method});
        Scores scores = manager.dict<std::string, int>();
        Barrier ready(clients + 1);
        Queue<std::string> told;
        std::vector<Process> processes;
        for (int i = 0; i < clients; ++i)
            processes.emplace_back(
                ProcessOptions{.start_method = method}, &use_until_it_ends, scores, ready, told);
        for (Process& process : processes)
            process.start();
        ready.wait();
        ::kill(manager.pid(), SIGKILL);
        for (int i = 0; i < clients; ++i)
            QCOMPARE(told.get(), std::string("Keeper 9"));
        for (Process& process : processes)
            process.join();
        try {
            scores.at("x");
            QFAIL("nothing was thrown");
        } catch (const WorkerDied& death) {
            QCOMPARE(death.failure().process, std::string("Keeper"));
            QCOMPARE(death.failure().pid, manager.pid());
            QVERIFY(death.failure().kind == TaskFailure::Kind::signal);
            QCOMPARE(death.failure().value, SIGKILL);
        }
        QVERIFY_EXCEPTION_THROWN((manager.dict<int, int>()), WorkerDied);
    }

    void shuts_down()
    {
        ProcessFixture fixture;
        Manager manager({.name = "Keeper", .start_method = StartMethod::fork});
        Scores scores = manager.dict<std::string, int>({{"x", 1}});
        QCOMPARE(active_children().size(), std::size_t{1});
        QVERIFY(active_children().front().role == Role::server);
        manager.shutdown();
        manager.shutdown();
        QVERIFY(active_children().empty());
        QCOMPARE(fixture.supervisor().ends().back().exit, 0);
        try {
            scores.at("x");
            QFAIL("nothing was thrown");
        } catch (const WorkerDied&) {
            QFAIL("nobody died");
        } catch (const Error& error) {
            QCOMPARE(std::string(error.what()),
                std::string("manager Keeper has been shut down; let it live as long as its proxies "
                            "are used"));
        }
    }

    void shuts_down_one_that_is_stopped()
    {
        ProcessFixture fixture;
        {
            Manager manager({.start_method = StartMethod::fork});
            manager.list<int>();
            ::kill(manager.pid(), SIGSTOP);
        }
        QCOMPARE(fixture.supervisor().ends().back().exit, -SIGKILL);
    }

    void moves()
    {
        ProcessFixture fixture;
        Manager first({.start_method = StartMethod::fork});
        auto list = first.list<int>({1});
        Manager second = std::move(first);
        QCOMPARE(list.at(0), 1);
        Manager third({.start_method = StartMethod::fork});
        third = std::move(second);
        third.list<int>().append(1);
        list.append(2);
        QCOMPARE(list.size(), std::size_t{2});
    }

    void gives_all_memory_back()
    {
        ProcessFixture fixture;
        Arena& arena = fixture.engine().arena();
        std::size_t room = 0;
        for (int round = 0; round < 5; ++round) {
            {
                Manager manager({.start_method = StartMethod::fork});
                auto list = manager.list<std::string>();
                for (int i = 0; i < 20; ++i)
                    list.append(std::string(1000, 'x'));
                Process client(
                    {.start_method = StartMethod::fork},
                    +[](ListProxy<std::string> of) { of.append("y"); }, list);
                client.start();
                client.join();
                QCOMPARE(list.size(), std::size_t{21});
            }
            if (round > 0)
                QCOMPARE(arena.bytes_free(), room);
            room = arena.bytes_free();
        }
    }

private:
    Holdings before_;
};

int main(int argc, char** argv)
{
    return test_main<TestManager>(argc, argv);
}
#include "tst_manager.moc"
