// SPDX-License-Identifier: MIT
// Tests engine/sync: what Python documents of Lock, RLock, Event, Semaphore, BoundedSemaphore and
// Barrier, where we differ, and what is told of them. (Of Condition, tst_condition.)
#include "engine/sync/barrier.hpp"
#include "engine/sync/bounded_semaphore.hpp"
#include "engine/sync/condition.hpp"
#include "engine/sync/event.hpp"
#include "engine/sync/lock.hpp"
#include "engine/sync/semaphore.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// Numbers that all processes of a test see.
struct Board
{
    std::atomic<std::uint64_t> numbers[16];
};

Board& make_board(Arena& arena)
{
    const ArenaOffset offset = arena.allocate(sizeof(Board), Arena::shared_owner);
    std::memset(arena.at(offset), 0, sizeof(Board));
    return *new (arena.at(offset)) Board;
}

void wait_until(const std::function<bool()>& condition)
{
    while (!condition())
        std::this_thread::sleep_for(100us);
}

// In a forked process: its exception is the test's failure.
void expect(bool holds, const char* what)
{
    if (!holds)
        throw Error({.object = what, .problem = "does not hold"});
}

template <class Wanted>
std::string text_of(const std::function<void()>& call)
{
    try {
        call();
    } catch (const Wanted& error) {
        return error.what();
    } catch (const std::exception& error) {
        return std::string("another exception: ") + error.what();
    }
    return "no exception";
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

using Waiting = std::function<void(std::chrono::nanoseconds)>;

// Each kind of wait, on an object for which nothing will happen.
std::map<std::string, Waiting> vain_waits()
{
    Lock lock({.name = "L"});
    lock.lock();
    Semaphore semaphore(0, "S");
    Event event("E");
    Barrier barrier(2, {.name = "B"});
    BoundedSemaphore bounded(0, "S");
    Condition condition("C");
    return {{"lock", [lock](auto timeout) mutable { lock.lock(timeout); }},
        {"semaphore", [semaphore](auto timeout) mutable { semaphore.acquire(timeout); }},
        {"semaphore's guard",
            [semaphore](auto timeout) mutable { auto guard = semaphore.hold(timeout); }},
        {"event", [event](auto timeout) mutable { event.wait(timeout); }},
        {"barrier", [barrier](auto timeout) mutable { barrier.wait(timeout); }},
        {"bounded semaphore", [bounded](auto timeout) mutable { bounded.acquire(timeout); }},
        {"condition",
            [condition](auto timeout) mutable {
                const auto held = condition.hold();
                condition.wait(timeout);
            }},
        {"condition's predicate", [condition](auto timeout) mutable {
             const auto held = condition.hold();
             condition.wait_for([] { return false; }, timeout);
         }}};
}

void add_wait_rows()
{
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"lock", "semaphore", "semaphore's guard", "event", "barrier",
             "bounded semaphore", "condition", "condition's predicate"})
        QTest::newRow(kind) << kind;
}

std::vector<TraceEvent> events_of_main(SegmentReader& reader)
{
    std::vector<TraceEvent> events;
    reader.started(main_slot);
    while (reader.events(main_slot, events, 1'000) > 0) { }
    return events;
}

} // namespace

class TestSync : public QObject
{
    Q_OBJECT

private slots:
    void vain_waits_end_data() { add_wait_rows(); }
    void vain_waits_end();
    void vain_waits_name_who_died_data() { add_wait_rows(); }
    void vain_waits_name_who_died();
    void negative_times_are_refused_data() { add_wait_rows(); }
    void negative_times_are_refused();
    void a_stop_ends_each_wait_data() { add_wait_rows(); }
    void a_stop_ends_each_wait();
    void names_data();
    void names();
    void need_a_run();

    void lock_lets_one_in();
    void lock_works_with_the_standard_guards();
    void lock_belongs_to_its_owner();
    void lock_loses_no_addition_data();
    void lock_loses_no_addition();
    void lock_goes_on_from_a_dead_owner_data();
    void lock_goes_on_from_a_dead_owner();
    void lock_knows_a_name_after_its_slot_is_used_again();
    void rlock_counts();

    void event_is_set_or_not();
    void event_wakes_all();
    void event_that_is_cleared_at_once_is_not_missed();

    void semaphore_values_data();
    void semaphore_values();
    void semaphore_counts();
    void semaphore_guards();
    void semaphore_limits_who_is_inside();
    void bounded_semaphore_keeps_to_its_bound_data();
    void bounded_semaphore_keeps_to_its_bound();
    void semaphore_tokens_of_the_dead_data();
    void semaphore_tokens_of_the_dead();

    void barrier_parties_data();
    void barrier_parties();
    void barrier_phases_data();
    void barrier_phases();
    void barrier_action_data();
    void barrier_action();
    void barrier_breaks_for_all_data();
    void barrier_breaks_for_all();
    void barrier_is_as_new_after_reset();
    void barrier_with_more_processes_than_parties();

    void waits_and_holds_are_told();
    void untraced_nothing_is_told();
};

void TestSync::vain_waits_end()
{
    QFETCH(QString, kind);
    EngineFixture fixture;
    // Each kind of timeout its own object: a barrier that timed out is broken.
    for (const auto timeout :
        {0ns, std::chrono::nanoseconds(1ns), std::chrono::nanoseconds(15ms)}) {
        const Waiting wait = vain_waits().at(kind.toStdString());
        const std::int64_t begin = os::monotonic_ns();
        const std::string text = kind == "barrier"
            ? text_of<BrokenBarrierError>([&] { wait(timeout); })
            : text_of<TimeoutError>([&] { wait(timeout); });
        QVERIFY(os::monotonic_ns() - begin >= timeout.count());
        QVERIFY2(contains(text,
                     timeout == 15ms      ? "15 ms"
                         : timeout == 1ns ? "1 ns"
                                          : "0 ns"),
            text.c_str());
        QVERIFY2(contains(text, kind.section('\'', 0, 0).toStdString() + " "), text.c_str());
    }
}

void TestSync::vain_waits_name_who_died()
{
    QFETCH(QString, kind);
    EngineFixture fixture;
    const Waiting wait = vain_waits().at(kind.toStdString());
    Board& board = make_board(fixture.arena());
    const int pid = fixture.fork_into(3, [&] {
        wait_until([&] { return board.numbers[0].load() != 0; });
        ::raise(SIGKILL);
    });
    // It dies while the other one waits, and nobody reaps it.
    const auto text = [&](const std::vector<Death>& deaths, const char* what) {
        return deaths.size() == 1 && deaths[0].process == "Process-3" && deaths[0].pid == pid
                && deaths[0].exit == -SIGKILL
                && contains(
                    what, "Process-3 (pid " + std::to_string(pid) + ") was killed by SIGKILL")
            ? std::string()
            : std::string(what) + " / " + to_text(deaths);
    };
    std::string problem = "nothing was thrown";
    board.numbers[0].store(1);
    try {
        wait(300ms);
    } catch (const TimeoutError& error) {
        problem = text(error.deaths(), error.what());
    } catch (const BrokenBarrierError& error) {
        problem = text(error.deaths(), error.what());
    }
    QVERIFY2(problem.empty(), problem.c_str());
    QCOMPARE(end_of(pid), -SIGKILL);
}

void TestSync::negative_times_are_refused()
{
    QFETCH(QString, kind);
    EngineFixture fixture;
    const Waiting wait = vain_waits().at(kind.toStdString());
    for (const auto timeout : {-1ns, std::chrono::nanoseconds::min()}) {
        const std::string text = text_of<BadValue>([&] { wait(timeout); });
        QVERIFY2(contains(text, "0 or more"), text.c_str());
    }
    // Also where nothing would have to be waited for.
    Lock lock;
    QVERIFY_EXCEPTION_THROWN(lock.lock(-1ns), BadValue);
    QVERIFY(!lock.owner());
    Semaphore semaphore(1);
    QVERIFY_EXCEPTION_THROWN(semaphore.acquire(-1ns), BadValue);
    QCOMPARE(semaphore.get_value(), 1);
    Event event;
    event.set();
    QVERIFY_EXCEPTION_THROWN(event.wait(-1ns), BadValue);
    Barrier barrier(1);
    QVERIFY_EXCEPTION_THROWN(barrier.wait(-1ns), BadValue);
    const BarrierOptions negative = {.timeout = -1ns};
    QVERIFY_EXCEPTION_THROWN(Barrier(1, negative), BadValue);
}

void TestSync::a_stop_ends_each_wait()
{
    QFETCH(QString, kind);
    EngineFixture fixture;
    const Waiting wait = vain_waits().at(kind.toStdString());
    const int pid = fixture.fork_into(1, [&] {
        const std::string text = text_of<StopRequested>([&] { wait(1h); });
        expect(contains(text, "asked to stop"), text.c_str());
    });
    // Whether it sleeps yet or not.
    std::this_thread::sleep_for(2ms);
    this_process.segment.header().control.stop.store(1);
    wake_everybody(this_process.segment);
    QCOMPARE(end_of(pid), 0);
}

void TestSync::names_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kept");
    QTest::newRow("none") << ""
                          << "";
    QTest::newRow("letters of other scripts") << "Zähler 手"
                                              << "Zähler 手";
    QTest::newRow("the longest") << QString(63, 'x') << QString(63, 'x');
    QTest::newRow("longer, cut between characters") << QString(40, u'手') << QString(21, u'手');
}

void TestSync::names()
{
    QFETCH(QString, name);
    QFETCH(QString, kept);
    const std::string wanted = name.toStdString();
    const auto expected = [&](const char* usual) {
        return kept.isEmpty() ? std::string(usual) : kept.toStdString();
    };
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    const Lock lock({.name = wanted});
    const RLock rlock({.name = wanted});
    const Event event(wanted);
    const Semaphore semaphore(1, wanted);
    const Barrier barrier(2, {.name = wanted});
    QCOMPARE(lock.name(), expected("Lock-1"));
    QCOMPARE(rlock.name(), expected("RLock-2"));
    QCOMPARE(event.name(), expected("Event-3"));
    QCOMPARE(semaphore.name(), expected("Semaphore-4"));
    QCOMPARE(barrier.name(), expected("Barrier-5"));
    const BoundedSemaphore bounded(1, wanted);
    const Condition condition(rlock, wanted);
    QCOMPARE(bounded.name(), expected("BoundedSemaphore-6"));
    QCOMPARE(condition.name(), expected("Condition-7"));
    QCOMPARE(Lock::view(lock.offset()).name(), lock.name());
    const std::vector<std::string> told = {"lock\n" + lock.name(), "rlock\n" + rlock.name(),
        "event\n" + event.name(), "semaphore\n" + semaphore.name(), "barrier\n" + barrier.name(),
        "bounded semaphore\n" + bounded.name(), "condition\n" + condition.name()};
    reader.started(main_slot);
    TextRecord record;
    for (std::size_t i = 0; i < told.size(); ++i) {
        QVERIFY(reader.text(main_slot, record));
        QCOMPARE(record.kind, TextKind::lock);
        QCOMPARE(record.id, static_cast<std::uint16_t>(i));
        QCOMPARE(record.text, told[i]);
    }
}

void TestSync::need_a_run()
{
    for (const auto& make :
        std::initializer_list<std::function<void()>>{[] { Lock lock; }, [] { RLock lock; },
            [] { Event event; }, [] { Semaphore semaphore; }, [] { Barrier barrier(1); },
            [] { BoundedSemaphore semaphore; }, [] { Condition condition; }}) {
        const std::string text = text_of<Error>(make);
        QVERIFY2(contains(text, "needs the shared memory of a run"), text.c_str());
    }
}

void TestSync::lock_lets_one_in()
{
    EngineFixture fixture;
    Lock lock({.name = "door"});
    QVERIFY(!lock.owner());
    QVERIFY(!lock.lock());
    QCOMPARE(lock.owner(), std::optional<std::string>("main"));
    QVERIFY(!lock.try_lock());
    const int pid = fixture.fork_into(1, [&] {
        expect(!lock.try_lock(), "held by another");
        const std::string text = text_of<TimeoutError>([&] { lock.lock(0ns); });
        expect(contains(text, "lock door") && contains(text, "main owns it"), text.c_str());
    });
    QCOMPARE(end_of(pid), 0);
    lock.unlock();
    QVERIFY(!lock.owner());
    const int other = fixture.fork_into(1, [&] {
        Lock same = Lock::view(lock.offset());
        expect(same.try_lock(), "free");
        expect(same.owner() == "Process-1", "its owner");
        same.unlock();
    });
    QCOMPARE(end_of(other), 0);
    lock.lock();
    // As in Python, who locks twice waits for itself; here the error says so.
    const std::string text = text_of<TimeoutError>([&] { lock.lock(1ms); });
    QVERIFY2(contains(text, "waits for itself"), text.c_str());
    lock.unlock();
}

void TestSync::lock_works_with_the_standard_guards()
{
    EngineFixture fixture;
    Lock first;
    RLock second;
    {
        const std::lock_guard guard(first);
        QVERIFY(first.owner());
    }
    {
        const std::scoped_lock both(first, second);
        QVERIFY(first.owner() && second.owner());
    }
    {
        std::unique_lock movable(first, std::try_to_lock);
        QVERIFY(movable.owns_lock());
        const std::unique_lock moved = std::move(movable);
        QVERIFY(first.owner());
    }
    {
        const auto held = first.hold();
        QVERIFY(first.owner());
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(first.hold(0ns)), TimeoutError);
    }
    QVERIFY(!first.owner() && !second.owner());
}

void TestSync::lock_belongs_to_its_owner()
{
    EngineFixture fixture;
    Lock lock({.name = "mine"});
    RLock rlock({.name = "mine"});
    QVERIFY_EXCEPTION_THROWN(lock.unlock(), Error);
    QVERIFY_EXCEPTION_THROWN(rlock.unlock(), Error);
    lock.lock();
    rlock.lock();
    const int pid = fixture.fork_into(1, [&] {
        for (const auto& unlock : {std::function<void()>([&] { lock.unlock(); }),
                 std::function<void()>([&] { rlock.unlock(); })}) {
            const std::string text = text_of<Error>(unlock);
            expect(contains(text, "lock mine") && contains(text, ": main"), text.c_str());
        }
    });
    QCOMPARE(end_of(pid), 0);
    QVERIFY(lock.owner() && rlock.owner());
    lock.unlock();
    rlock.unlock();
}

void TestSync::lock_loses_no_addition_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<bool>("traced");
    for (const int processes : {2, 3, 4}) {
        QTest::addRow("%d processes", processes) << processes << false;
        QTest::addRow("%d processes, traced", processes) << processes << true;
    }
}

void TestSync::lock_loses_no_addition()
{
    QFETCH(int, processes);
    QFETCH(bool, traced);
    constexpr std::uint64_t additions = 100'000;
    EngineFixture fixture({.traced = traced});
    Lock lock;
    RLock rlock;
    Board& board = make_board(fixture.arena());
    const auto add_one = [](std::atomic<std::uint64_t>& number) {
        number.store(number.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    };
    std::vector<int> pids;
    for (int i = 1; i <= processes; ++i)
        pids.push_back(fixture.fork_into(static_cast<std::uint32_t>(i), [&] {
            for (std::uint64_t n = 0; n < additions; ++n) {
                const std::lock_guard guard(lock);
                add_one(board.numbers[0]);
            }
            for (std::uint64_t n = 0; n < additions / 10; ++n) {
                const auto held = rlock.hold();
                const auto again = rlock.hold();
                add_one(board.numbers[1]);
            }
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(board.numbers[0].load(), additions * static_cast<std::uint64_t>(processes));
    QCOMPARE(board.numbers[1].load(), additions / 10 * static_cast<std::uint64_t>(processes));
    QVERIFY(!lock.owner() && !rlock.owner());
}

void TestSync::lock_goes_on_from_a_dead_owner_data()
{
    QTest::addColumn<bool>("reentrant");
    QTest::addColumn<bool>("reaped");
    for (const bool reentrant : {false, true}) {
        for (const bool reaped : {false, true})
            QTest::addRow("%s, %s", reentrant ? "rlock" : "lock", reaped ? "reaped" : "not reaped")
                << reentrant << reaped;
    }
}

void TestSync::lock_goes_on_from_a_dead_owner()
{
    QFETCH(bool, reentrant);
    QFETCH(bool, reaped);
    EngineFixture fixture;
    const auto check = [&](auto lock) {
        const int pid = fixture.fork_into(5, [&] {
            lock.lock();
            if (reentrant)
                lock.lock();
            ::raise(SIGKILL);
        });
        wait_until([&] { return lock.owner().has_value(); });
        if (reaped) {
            QCOMPARE(end_of(pid), -SIGKILL);
            this_process.segment.slot(5).state.store(static_cast<std::uint32_t>(SlotState::ended));
            QCOMPARE(lock.owner(), std::optional<std::string>("Process-5"));
        }
        SegmentReader reader(this_process.segment, RingReading::taking);
        QCOMPARE(lock.lock(), std::optional<std::string>("Process-5"));
        QCOMPARE(lock.owner(), std::optional<std::string>("main"));
        // One level, whatever the dead one had.
        lock.unlock();
        QVERIFY(!lock.owner());
        // It is told once.
        QVERIFY(!lock.lock());
        lock.unlock();
        int recovered = 0;
        for (const TraceEvent& event : events_of_main(reader)) {
            if (event.kind != EventKind::lock_recovered)
                continue;
            ++recovered;
            QCOMPARE(event.subject, 0U);
            QCOMPARE(event.argument, process_key(5, 1));
            QVERIFY(event.place != 0);
        }
        QCOMPARE(recovered, 1);
        if (!reaped)
            QCOMPARE(end_of(pid), -SIGKILL);
    };
    if (reentrant)
        check(RLock());
    else
        check(Lock());
}

void TestSync::lock_knows_a_name_after_its_slot_is_used_again()
{
    EngineFixture fixture;
    Lock lock;
    const int dead = fixture.fork_into(2, [&] { lock.lock(); });
    QCOMPARE(end_of(dead), 0);
    // As the lesson's main process writes it down.
    DeathLog& log = this_process.segment.header().deaths;
    log.entries[0].slot.store(2);
    log.entries[0].generation.store(1);
    std::strcpy(log.entries[0].name, "The first");
    log.count.store(1);
    const int next = fixture.fork_into(2, [&] {
        expect(lock.lock(1s) == "The first", "the name of the one before");
        lock.unlock();
    });
    QCOMPARE(end_of(next), 0);
}

void TestSync::rlock_counts()
{
    EngineFixture fixture;
    RLock lock;
    for (int depth = 1; depth <= 4; ++depth) {
        if (depth % 2 == 0)
            QVERIFY(lock.try_lock());
        else
            QVERIFY(!lock.lock(0ns));
    }
    for (int depth = 4; depth >= 1; --depth) {
        QCOMPARE(lock.owner(), std::optional<std::string>("main"));
        const int pid = fixture.fork_into(1, [&] {
            expect(!lock.try_lock(), "held by another");
            expect(text_of<TimeoutError>([&] { lock.lock(0ns); }) != "", "time-out");
        });
        QCOMPARE(end_of(pid), 0);
        lock.unlock();
    }
    QVERIFY(!lock.owner());
    QVERIFY_EXCEPTION_THROWN(lock.unlock(), Error);
}

void TestSync::event_is_set_or_not()
{
    EngineFixture fixture;
    Event event;
    QVERIFY(!event.is_set());
    event.clear();
    QVERIFY(!event.is_set());
    for (int round = 0; round < 3; ++round) {
        event.set();
        event.set();
        QVERIFY(event.is_set());
        event.wait();
        event.wait(0ns);
        QVERIFY(Event::view(event.offset()).is_set());
        event.clear();
        QVERIFY(!event.is_set());
        QVERIFY_EXCEPTION_THROWN(event.wait(0ns), TimeoutError);
    }
}

void TestSync::event_wakes_all()
{
    EngineFixture fixture;
    Event event;
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 4; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            board.numbers[0].fetch_add(1);
            event.wait();
            expect(board.numbers[1].load() == 7, "what was done before set()");
        }));
    wait_until([&] { return board.numbers[0].load() == 4; });
    std::this_thread::sleep_for(1ms);
    board.numbers[1].store(7, std::memory_order_relaxed);
    event.set();
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
}

void TestSync::event_that_is_cleared_at_once_is_not_missed()
{
    EngineFixture fixture;
    Event event;
    Event asleep;
    SegmentReader reader(this_process.segment, RingReading::taking);
    const int pid = fixture.fork_into(1, [&] { event.wait(); });
    // It sleeps when it has told that it waits.
    std::vector<TraceEvent> events;
    wait_until([&] {
        reader.started(1);
        reader.events(1, events, 100);
        return !events.empty();
    });
    std::this_thread::sleep_for(1ms);
    event.set();
    event.clear();
    QCOMPARE(end_of(pid), 0);
}

void TestSync::semaphore_values_data()
{
    QTest::addColumn<qint64>("value");
    QTest::addColumn<bool>("allowed");
    constexpr qint64 most = 2'147'483'647;
    QTest::newRow("none") << qint64{0} << true;
    QTest::newRow("one") << qint64{1} << true;
    QTest::newRow("the most") << most << true;
    QTest::newRow("one more") << most + 1 << false;
    QTest::newRow("less than none") << qint64{-1} << false;
    QTest::newRow("the least") << std::numeric_limits<qint64>::min() << false;
}

void TestSync::semaphore_values()
{
    QFETCH(qint64, value);
    QFETCH(bool, allowed);
    EngineFixture fixture;
    try {
        Semaphore semaphore(value, "tokens");
        QVERIFY(allowed);
        QCOMPARE(semaphore.get_value(), value);
        const qint64 room = 2'147'483'647 - value;
        QVERIFY_EXCEPTION_THROWN(semaphore.release(room + 1), BadValue);
        QVERIFY_EXCEPTION_THROWN(semaphore.release(0), BadValue);
        QVERIFY_EXCEPTION_THROWN(semaphore.release(-1), BadValue);
        QVERIFY_EXCEPTION_THROWN(semaphore.release(std::numeric_limits<qint64>::max()), BadValue);
        QCOMPARE(semaphore.get_value(), value);
        if (room > 0)
            semaphore.release(room);
        QCOMPARE(semaphore.get_value(), qint64{2'147'483'647});
    } catch (const BadValue& error) {
        QVERIFY(!allowed);
        QCOMPARE(error.object(), std::string("semaphore tokens"));
        QCOMPARE(error.value(), std::to_string(value));
        QCOMPARE(error.limit(), std::string("0 to 2147483647"));
    }
}

void TestSync::semaphore_counts()
{
    EngineFixture fixture;
    Semaphore semaphore(2);
    semaphore.acquire();
    QVERIFY(semaphore.try_acquire());
    QVERIFY(!semaphore.try_acquire());
    QCOMPARE(semaphore.get_value(), 0);
    // Any process may release, also more than were taken.
    const int pid = fixture.fork_into(1, [&] { semaphore.release(3); });
    QCOMPARE(end_of(pid), 0);
    for (int left = 3; left > 0; --left) {
        QCOMPARE(semaphore.get_value(), left);
        semaphore.acquire(0ns);
    }
    // A release wakes who sleeps, and many wake many.
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 3; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] { semaphore.acquire(); }));
    std::this_thread::sleep_for(1ms);
    semaphore.release();
    semaphore.release(2);
    for (const int one : pids)
        QCOMPARE(end_of(one), 0);
    QCOMPARE(semaphore.get_value(), 0);
}

void TestSync::semaphore_guards()
{
    EngineFixture fixture;
    Semaphore semaphore(2);
    {
        SemaphoreGuard first = semaphore.hold();
        QCOMPARE(semaphore.get_value(), 1);
        SemaphoreGuard second = std::move(first);
        QCOMPARE(semaphore.get_value(), 1);
        auto third = semaphore.try_hold();
        QVERIFY(third.has_value());
        QCOMPARE(semaphore.get_value(), 0);
        QVERIFY(!semaphore.try_hold());
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(semaphore.hold(0ns)), TimeoutError);
        second = std::move(*third);
        QCOMPARE(semaphore.get_value(), 1);
        second.release();
        QCOMPARE(semaphore.get_value(), 2);
        second.release();
        QCOMPARE(semaphore.get_value(), 2);
        const SemaphoreGuard last = semaphore.hold();
        // A forked process has a copy of the guard, and holds nothing by it.
        const int pid = fixture.fork_into(1, [&] {
            const_cast<SemaphoreGuard&>(last).release();
            expect(semaphore.get_value() == 1, "its parent's token");
        });
        QCOMPARE(end_of(pid), 0);
    }
    QCOMPARE(semaphore.get_value(), 2);
}

void TestSync::semaphore_limits_who_is_inside()
{
    EngineFixture fixture;
    constexpr std::uint64_t tokens = 2;
    Semaphore semaphore(tokens);
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 4; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            for (int round = 0; round < 3'000; ++round) {
                const SemaphoreGuard guard = semaphore.hold();
                const std::uint64_t inside = board.numbers[0].fetch_add(1) + 1;
                if (inside > tokens)
                    board.numbers[1].fetch_add(1);
                board.numbers[2].fetch_add(1);
                board.numbers[0].fetch_sub(1);
            }
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(board.numbers[1].load(), std::uint64_t{0});
    QCOMPARE(board.numbers[2].load(), std::uint64_t{12'000});
    QCOMPARE(semaphore.get_value(), std::int64_t{tokens});
}

void TestSync::bounded_semaphore_keeps_to_its_bound_data()
{
    QTest::addColumn<qint64>("value");
    QTest::newRow("none") << qint64{0};
    QTest::newRow("one") << qint64{1};
    QTest::newRow("three") << qint64{3};
    QTest::newRow("the most") << qint64{2'147'483'647};
}

void TestSync::bounded_semaphore_keeps_to_its_bound()
{
    QFETCH(qint64, value);
    EngineFixture fixture;
    BoundedSemaphore semaphore(value, "tokens");
    const auto full = [&](std::int64_t tokens) {
        const std::string text = text_of<BadValue>([&] { semaphore.release(tokens); });
        QVERIFY2(
            contains(text, "bounded semaphore tokens would have too many tokens"), text.c_str());
        QVERIFY2(contains(text, "at most " + std::to_string(value)), text.c_str());
        QVERIFY2(contains(text, "release only what was acquired"), text.c_str());
    };
    full(1);
    QCOMPARE(semaphore.get_value(), std::int64_t{value});
    QVERIFY_EXCEPTION_THROWN(semaphore.release(0), BadValue);
    if (value == 0)
        return;
    semaphore.acquire();
    full(2);
    // By another process, as its name is known there.
    const int pid = fixture.fork_into(1, [&] {
        BoundedSemaphore same = BoundedSemaphore::view(semaphore.offset());
        same.release();
        const std::string text = text_of<BadValue>([&] { same.release(); });
        expect(contains(text, "bounded semaphore tokens"), text.c_str());
    });
    QCOMPARE(end_of(pid), 0);
    full(1);
    {
        const SemaphoreGuard guard = semaphore.hold();
        QCOMPARE(semaphore.get_value(), std::int64_t{value - 1});
        // The guard's token is the guard's to give back.
        full(1);
    }
    QCOMPARE(semaphore.get_value(), std::int64_t{value});
    // A dead holder's comes back, and is no more than there was.
    const int dead = fixture.fork_into(1, [&] {
        const SemaphoreGuard guard = semaphore.hold();
        ::raise(SIGKILL);
    });
    QCOMPARE(end_of(dead), -SIGKILL);
    this_process.segment.slot(1).state.store(static_cast<std::uint32_t>(SlotState::ended));
    QCOMPARE(semaphore.get_value(), std::int64_t{value});
    full(1);
}

void TestSync::semaphore_tokens_of_the_dead_data()
{
    QTest::addColumn<bool>("reaped");
    QTest::newRow("reaped") << true;
    QTest::newRow("not reaped") << false;
}

void TestSync::semaphore_tokens_of_the_dead()
{
    QFETCH(bool, reaped);
    EngineFixture fixture;
    Semaphore semaphore(4);
    Board& board = make_board(fixture.arena());
    const int pid = fixture.fork_into(1, [&] {
        const SemaphoreGuard first = semaphore.hold();
        const SemaphoreGuard second = semaphore.hold();
        semaphore.acquire();
        board.numbers[0].store(1);
        while (true)
            ::pause();
    });
    wait_until([&] { return board.numbers[0].load() == 1; });
    QCOMPARE(semaphore.get_value(), 1);
    semaphore.acquire();
    ::kill(pid, SIGKILL);
    if (reaped) {
        QCOMPARE(end_of(pid), -SIGKILL);
        this_process.segment.slot(1).state.store(static_cast<std::uint32_t>(SlotState::ended));
        QCOMPARE(semaphore.get_value(), 2);
    }
    // Those of its guards come back, that of its acquire() does not.
    semaphore.acquire();
    semaphore.acquire();
    QVERIFY(!semaphore.try_acquire());
    if (!reaped)
        QCOMPARE(end_of(pid), -SIGKILL);
    // The next one in its slot begins with nothing.
    const int next = fixture.fork_into(1, [&] {
        semaphore.release();
        SemaphoreGuard guard = semaphore.hold();
        expect(semaphore.get_value() == 0, "its own token");
        guard.release();
        expect(semaphore.get_value() == 1, "given back");
    });
    QCOMPARE(end_of(next), 0);
    QCOMPARE(semaphore.get_value(), 1);
}

void TestSync::barrier_parties_data()
{
    QTest::addColumn<qint64>("parties");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("none") << qint64{0} << false;
    QTest::newRow("less") << qint64{-3} << false;
    QTest::newRow("one") << qint64{1} << true;
    QTest::newRow("the most") << qint64{256} << true;
    QTest::newRow("one more") << qint64{257} << false;
    QTest::newRow("more than 32 bits") << (qint64{1} << 32 | 2) << false;
}

void TestSync::barrier_parties()
{
    QFETCH(qint64, parties);
    QFETCH(bool, allowed);
    EngineFixture fixture;
    try {
        Barrier barrier(parties, {.name = "here"});
        QVERIFY(allowed);
        QCOMPARE(barrier.parties(), static_cast<std::size_t>(parties));
        QCOMPARE(barrier.n_waiting(), std::size_t{0});
        QVERIFY(!barrier.broken());
        if (parties == 1) {
            QCOMPARE(barrier.wait(0ns), std::size_t{0});
            QCOMPARE(barrier.wait(), std::size_t{0});
        }
    } catch (const BadValue& error) {
        QVERIFY(!allowed);
        QCOMPARE(error.object(), std::string("barrier here"));
        QCOMPARE(error.value(), std::to_string(parties));
        QCOMPARE(error.limit(), std::string("1 to 256"));
    }
}

void TestSync::barrier_phases_data()
{
    QTest::addColumn<int>("parties");
    QTest::newRow("2") << 2;
    QTest::newRow("3") << 3;
    QTest::newRow("6") << 6;
}

void TestSync::barrier_phases()
{
    QFETCH(int, parties);
    constexpr std::uint64_t phases = 300;
    EngineFixture fixture;
    Barrier barrier(parties);
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (int i = 1; i <= parties; ++i)
        pids.push_back(fixture.fork_into(static_cast<std::uint32_t>(i), [&] {
            for (std::uint64_t phase = 0; phase < phases; ++phase) {
                board.numbers[0].fetch_add(1);
                board.numbers[1].fetch_add(barrier.wait());
                // All are here, and none has gone on further than to its next arrival.
                const std::uint64_t arrived = board.numbers[0].load();
                const auto all = static_cast<std::uint64_t>(parties);
                expect(arrived >= (phase + 1) * all && arrived < (phase + 2) * all, "the phase");
            }
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    // Each index once a phase.
    const auto all = static_cast<std::uint64_t>(parties);
    QCOMPARE(board.numbers[1].load(), phases * all * (all - 1) / 2);
    QVERIFY(!barrier.broken());
    QCOMPARE(barrier.n_waiting(), std::size_t{0});
}

// What actions count; they have no captures.
std::atomic<std::uint64_t>* action_counter = nullptr;

void TestSync::barrier_action_data()
{
    QTest::addColumn<bool>("throws");
    QTest::newRow("that returns") << false;
    QTest::newRow("that throws") << true;
}

void TestSync::barrier_action()
{
    QFETCH(bool, throws);
    EngineFixture fixture;
    Board& board = make_board(fixture.arena());
    action_counter = &board.numbers[0];
    Barrier barrier(3,
        {.name = "gate", .action = throws ? +[] { throw std::runtime_error("no more ink"); } : +[] {
             action_counter->fetch_add(1);
         }});
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 3; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            if (!throws) {
                for (std::uint64_t phase = 1; phase <= 100; ++phase) {
                    barrier.wait();
                    // Before anybody goes on, and once.
                    expect(action_counter->load() == phase, "the action");
                    barrier.wait();
                    action_counter->store(phase);
                    barrier.wait();
                    action_counter->store(phase);
                }
                return;
            }
            try {
                barrier.wait();
                board.numbers[3].fetch_add(1);
            } catch (const BrokenBarrierError& error) {
                board.numbers[1].fetch_add(1);
                expect(contains(error.what(), "its action failed in ")
                        && contains(error.what(), "no more ink"),
                    error.what());
            } catch (const std::runtime_error& error) {
                board.numbers[2].fetch_add(1);
                expect(contains(error.what(), "no more ink"), error.what());
            }
        }));
    for (const int pid : pids) {
        if (throws)
            QCOMPARE(end_of(pid), 0);
    }
    if (throws) {
        QCOMPARE(board.numbers[1].load(), std::uint64_t{2});
        QCOMPARE(board.numbers[2].load(), std::uint64_t{1});
        QCOMPARE(board.numbers[3].load(), std::uint64_t{0});
    } else {
        for (const int pid : pids)
            QCOMPARE(end_of(pid), 0);
    }
    QCOMPARE(barrier.broken(), throws);
}

void TestSync::barrier_breaks_for_all_data()
{
    QTest::addColumn<QString>("by");
    QTest::addColumn<QString>("text");
    QTest::newRow("a time-out") << "timeout"
                                << "Process-1 waited 20 ms in vain, with 3 of 4";
    QTest::newRow("abort") << "abort"
                           << "main has aborted it";
    QTest::newRow("reset") << "reset"
                           << "it was reset";
    QTest::newRow("a death, reaped") << "death"
                                     << "was killed by SIGKILL while it waited";
    QTest::newRow("a death, not reaped") << "zombie"
                                         << "was killed by SIGKILL while it waited";
}

void TestSync::barrier_breaks_for_all()
{
    QFETCH(QString, by);
    QFETCH(QString, text);
    EngineFixture fixture;
    Barrier barrier(4, {.name = "b"});
    Board& board = make_board(fixture.arena());
    const int doomed
        = by == "death" || by == "zombie" ? fixture.fork_into(9, [&] { barrier.wait(); }) : 0;
    if (doomed != 0)
        wait_until([&] { return barrier.n_waiting() == 1; });
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= (doomed != 0 ? 2U : 3U); ++slot)
        pids.push_back(fixture.fork_into(slot, [&, slot] {
            const bool impatient = by == "timeout" && slot == 1;
            try {
                if (impatient) // when the others are there
                    wait_until([&] { return barrier.n_waiting() == 2; });
                barrier.wait(impatient ? std::chrono::nanoseconds(20ms) : 1h);
                expect(false, "it went on");
            } catch (const BrokenBarrierError& error) {
                expect(contains(error.what(), text.toStdString())
                        && contains(error.what(), "barrier b"),
                    error.what());
                if (doomed != 0)
                    expect(error.deaths().size() == 1 && error.deaths()[0].process == "Process-9"
                            && error.deaths()[0].pid == doomed,
                        error.what());
                board.numbers[0].fetch_add(1);
            }
        }));
    if (by != "timeout")
        wait_until([&] { return barrier.n_waiting() == 3; });
    if (by == "abort") {
        barrier.abort();
        barrier.abort();
    } else if (by == "reset") {
        barrier.reset();
    } else if (doomed != 0) {
        ::kill(doomed, SIGKILL);
        if (by == "death") {
            QCOMPARE(end_of(doomed), -SIGKILL);
            Slot& slot = this_process.segment.slot(9);
            slot.exit.store(-SIGKILL);
            slot.state.store(static_cast<std::uint32_t>(SlotState::ended));
            this_process.segment.header().deaths.count.store(1);
            wake_everybody(this_process.segment);
        }
    }
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(board.numbers[0].load(), std::uint64_t{pids.size()});
    if (by == "zombie")
        QCOMPARE(end_of(doomed), -SIGKILL);
    QCOMPARE(barrier.broken(), by != "reset");
    QCOMPARE(barrier.n_waiting(), std::size_t{0});
    if (by == "reset")
        return;
    // It stays broken, and says why, until it is reset.
    const std::string again = text_of<BrokenBarrierError>([&] { barrier.wait(); });
    QVERIFY2(contains(again, text.toStdString()), again.c_str());
    QVERIFY2(
        contains(again, by == "death" || by == "zombie" ? "meanwhile" : "reset it"), again.c_str());
}

void TestSync::barrier_is_as_new_after_reset()
{
    EngineFixture fixture;
    Barrier barrier(2);
    for (int round = 0; round < 100; ++round) {
        if (round % 3 == 0)
            barrier.abort();
        else if (round % 3 == 1)
            QVERIFY_EXCEPTION_THROWN(barrier.wait(0ns), BrokenBarrierError);
        QCOMPARE(barrier.broken(), round % 3 != 2);
        barrier.reset();
        QVERIFY(!barrier.broken());
        const int pid = fixture.fork_into(1, [&] { barrier.wait(); });
        barrier.wait();
        QCOMPARE(end_of(pid), 0);
    }
}

void TestSync::barrier_with_more_processes_than_parties()
{
    EngineFixture fixture;
    Barrier barrier(2);
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 4; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            try {
                for (int round = 0; round < 500; ++round)
                    board.numbers[barrier.wait()].fetch_add(1);
            } catch (const BrokenBarrierError&) {
                return; // the last one, alone, was let go
            }
            board.numbers[3].fetch_add(1);
        }));
    // 4 times 500 waits are 1000 pairs, unless one process's last waits find nobody.
    wait_until([&] {
        return board.numbers[0].load() + board.numbers[1].load() >= 2'000
            || (board.numbers[3].load() == 3 && barrier.n_waiting() == 1);
    });
    if (board.numbers[3].load() == 3)
        barrier.abort();
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(board.numbers[0].load(), board.numbers[1].load());
}

void TestSync::waits_and_holds_are_told()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    Board& board = make_board(fixture.arena());
    Lock lock({.name = "told"});
    Lock brief({.name = "brief", .trace_holds = false});
    const int pid = fixture.fork_into(1, [&] {
        const auto held = lock.hold();
        board.numbers[0].store(1);
        wait_until([&] { return board.numbers[1].load() == 1; });
        std::this_thread::sleep_for(5ms);
    });
    wait_until([&] { return board.numbers[0].load() == 1; });
    board.numbers[1].store(1);
    lock.lock();
    const std::uint64_t begin = this_process.recorder.ticks();
    std::this_thread::sleep_for(1ms);
    const std::uint64_t end = this_process.recorder.ticks();
    lock.unlock();
    // Free and brief: nothing.
    for (int i = 0; i < 10; ++i) {
        brief.lock();
        brief.unlock();
    }
    brief.lock();
    std::this_thread::sleep_for(1ms);
    brief.unlock();
    QCOMPARE(end_of(pid), 0);
    const std::vector<TraceEvent> events = events_of_main(reader);
    QCOMPARE(events.size(), std::size_t{4});
    QCOMPARE(events[0].kind, EventKind::state_begin);
    QCOMPARE(events[0].detail, static_cast<std::uint8_t>(State::waiting_lock));
    QCOMPARE(events[0].argument, process_key(1, 1));
    QVERIFY(events[0].place != 0);
    QCOMPARE(events[1].kind, EventKind::state_end);
    QCOMPARE(events[2].kind, EventKind::lock_taken);
    QCOMPARE(events[3].kind, EventKind::lock_released);
    QVERIFY(events[3].argument >= end - begin);
    QVERIFY(events[3].ticks - events[3].argument >= events[0].ticks);
    for (const std::size_t i : {0UL, 2UL, 3UL})
        QCOMPARE(events[i].subject, 0U);
    // The other one's hold, of a taking that had not waited.
    std::vector<TraceEvent> others;
    reader.started(1);
    while (reader.events(1, others, 1'000) > 0) { }
    QCOMPARE(others.size(), std::size_t{1});
    QCOMPARE(others[0].kind, EventKind::lock_released);
    QVERIFY(others[0].place != 0);
}

void TestSync::untraced_nothing_is_told()
{
    EngineFixture fixture({.traced = false});
    Lock lock;
    lock.lock();
    QVERIFY_EXCEPTION_THROWN(lock.lock(2ms), TimeoutError);
    lock.unlock();
    Barrier barrier(2);
    QVERIFY_EXCEPTION_THROWN(barrier.wait(2ms), BrokenBarrierError);
}

QTEST_APPLESS_MAIN(TestSync)

#include "tst_sync.moc"
