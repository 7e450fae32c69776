// SPDX-License-Identifier: MIT
// Tests engine/sync/condition: what Python documents of Condition, deaths, and what is told of it.
#include "engine/sync/condition.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// Nothing here takes nearly as long: who waits longer hangs, and says so by its time-out.
constexpr std::chrono::seconds hanging{30};

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

// Whoever waits has said so before, with the lock taken.
void wait_for_waiters(Condition& condition, const Board& board, std::uint64_t count)
{
    while (true) {
        {
            const auto held = condition.hold(hanging);
            if (board.numbers[0].load() == count)
                return;
        }
        std::this_thread::sleep_for(100us);
    }
}

// In a forked process: waits once, and counts itself before and after.
void wait_once(Condition condition, Board& board)
{
    const auto held = condition.hold(hanging);
    board.numbers[0].fetch_add(1);
    condition.wait(hanging);
    board.numbers[1].fetch_add(1);
}

} // namespace

class TestOfCondition : public QObject
{
    Q_OBJECT

private slots:
    void needs_its_lock_data();
    void needs_its_lock();
    void lets_go_of_the_lock_data();
    void lets_go_of_the_lock();
    void notifies_as_many_as_asked_for_data();
    void notifies_as_many_as_asked_for();
    void notifies_who_has_waited_longest();
    void notification_without_waiters_is_lost();
    void counts_are_checked();
    void waits_for_a_predicate();
    void predicate_that_holds_needs_no_wait();
    void predicate_that_holds_in_the_end_is_no_time_out();
    void hands_every_value_over_data();
    void hands_every_value_over();
    void stop_comes_with_the_lock_taken();
    void dead_waiter_swallows_nothing_data();
    void dead_waiter_swallows_nothing();
    void dead_owner_is_named_data();
    void dead_owner_is_named();
    void waits_are_told();
};

void TestOfCondition::needs_its_lock_data()
{
    QTest::addColumn<bool>("held_by_another");
    QTest::newRow("nobody's") << false;
    QTest::newRow("another one's") << true;
}

void TestOfCondition::needs_its_lock()
{
    QFETCH(bool, held_by_another);
    EngineFixture fixture;
    Condition condition("C");
    Board& board = make_board(fixture.arena());
    int pid = 0;
    if (held_by_another) {
        pid = fixture.fork_into(1, [&] {
            const auto held = condition.hold();
            board.numbers[0].store(1);
            wait_until([&] { return board.numbers[1].load() == 1; });
        });
        wait_until([&] { return board.numbers[0].load() == 1; });
    }
    for (const auto& [done, call] :
        std::initializer_list<std::pair<const char*, std::function<void()>>>{
            {"waited for", [&] { condition.wait(); }},
            {"waited for", [&] { condition.wait_for([] { return true; }); }},
            {"notified", [&] { condition.notify(); }},
            {"notified", [&] { condition.notify_all(); }}}) {
        const std::string text = text_of<Error>(call);
        QVERIFY2(contains(text,
                     std::string("condition C cannot be ") + done
                         + " by main, which does not own its lock: "
                         + (held_by_another ? "Process-1" : "nobody does")),
            text.c_str());
    }
    board.numbers[1].store(1);
    if (pid != 0)
        QCOMPARE(end_of(pid), 0);
}

void TestOfCondition::lets_go_of_the_lock_data()
{
    QTest::addColumn<int>("depth");
    QTest::newRow("a lock") << 0;
    QTest::newRow("an rlock of its own") << 1;
    QTest::newRow("an rlock, locked three times") << 3;
}

void TestOfCondition::lets_go_of_the_lock()
{
    QFETCH(int, depth);
    EngineFixture fixture;
    Lock lock;
    Condition condition = depth == 0 ? Condition(lock) : Condition();
    Board& board = make_board(fixture.arena());
    const int pid = fixture.fork_into(1, [&] {
        Condition same = Condition::view(condition.offset());
        const int levels = std::max(depth, 1);
        for (int i = 0; i < levels; ++i)
            same.lock();
        board.numbers[0].fetch_add(1);
        same.wait(hanging);
        // It has it again, as deep.
        for (int i = 0; i < levels; ++i)
            same.unlock();
        expect(!contains(text_of<Error>([&] { same.unlock(); }), "no exception"), "no level more");
    });
    wait_for_waiters(condition, board, 1);
    // Free while the other one waits, of whatever depth.
    condition.lock(hanging);
    if (depth == 0)
        QCOMPARE(lock.owner(), std::optional<std::string>("main"));
    condition.notify();
    condition.unlock();
    QCOMPARE(end_of(pid), 0);
    QVERIFY(condition.try_lock());
    condition.unlock();
}

void TestOfCondition::notifies_as_many_as_asked_for_data()
{
    QTest::addColumn<int>("waiters");
    QTest::addColumn<int>("count"); // 0: all
    QTest::newRow("one of one") << 1 << 1;
    QTest::newRow("one of five") << 5 << 1;
    QTest::newRow("three of five") << 5 << 3;
    QTest::newRow("more than there are") << 5 << 100;
    QTest::newRow("all") << 5 << 0;
}

void TestOfCondition::notifies_as_many_as_asked_for()
{
    QFETCH(int, waiters);
    QFETCH(int, count);
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (int i = 0; i < waiters; ++i)
        pids.push_back(fixture.fork_into(
            static_cast<std::uint32_t>(i + 1), [&] { wait_once(condition, board); }));
    wait_for_waiters(condition, board, static_cast<std::uint64_t>(waiters));
    const auto expected
        = static_cast<std::uint64_t>(count == 0 ? waiters : std::min(count, waiters));
    {
        const auto held = condition.hold(hanging);
        if (count == 0)
            condition.notify_all();
        else
            condition.notify(count);
        // Nobody goes on before the lock is free.
        std::this_thread::sleep_for(2ms);
        QCOMPARE(board.numbers[1].load(), std::uint64_t{0});
    }
    wait_until([&] { return board.numbers[1].load() >= expected; });
    std::this_thread::sleep_for(20ms);
    QCOMPARE(board.numbers[1].load(), expected);
    {
        const auto held = condition.hold(hanging);
        condition.notify_all();
    }
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
}

void TestOfCondition::notifies_who_has_waited_longest()
{
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    // In an order that is not that of the slots.
    const std::vector<std::uint32_t> order = {3, 1, 4, 2};
    for (std::size_t i = 0; i < order.size(); ++i) {
        pids.push_back(fixture.fork_into(order[i], [&, slot = order[i]] {
            wait_once(condition, board);
            board.numbers[2].store(slot);
        }));
        wait_for_waiters(condition, board, i + 1);
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        {
            const auto held = condition.hold(hanging);
            condition.notify();
        }
        QCOMPARE(end_of(pids[i]), 0);
        QCOMPARE(board.numbers[2].load(), std::uint64_t{order[i]});
    }
}

void TestOfCondition::notification_without_waiters_is_lost()
{
    EngineFixture fixture;
    Condition condition;
    const auto held = condition.hold();
    condition.notify(3);
    condition.notify_all();
    QVERIFY_EXCEPTION_THROWN(condition.wait(1ms), TimeoutError);
    QVERIFY_EXCEPTION_THROWN(condition.wait(0ns), TimeoutError);
}

void TestOfCondition::counts_are_checked()
{
    EngineFixture fixture;
    Condition condition;
    const auto held = condition.hold();
    for (const std::int64_t count :
        {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()})
        QVERIFY_EXCEPTION_THROWN(condition.notify(count), BadValue);
    condition.notify(std::numeric_limits<std::int64_t>::max());
}

void TestOfCondition::waits_for_a_predicate()
{
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    const int pid = fixture.fork_into(1, [&] {
        const auto held = condition.hold();
        condition.wait_for(
            [&] {
                board.numbers[2].fetch_add(1);
                return board.numbers[3].load() == 3;
            },
            hanging);
        expect(board.numbers[2].load() >= 2, "asked before and after");
    });
    // Until it waits, nothing holds.
    wait_until([&] { return board.numbers[2].load() == 1; });
    for (int i = 0; i < 3; ++i) {
        std::this_thread::sleep_for(1ms);
        const auto held = condition.hold(hanging);
        board.numbers[3].fetch_add(1);
        condition.notify_all();
    }
    QCOMPARE(end_of(pid), 0);
}

void TestOfCondition::predicate_that_holds_needs_no_wait()
{
    EngineFixture fixture;
    Condition condition;
    const auto held = condition.hold();
    int asked = 0;
    condition.wait_for(
        [&] {
            ++asked;
            return true;
        },
        0ns);
    QCOMPARE(asked, 1);
    QVERIFY_EXCEPTION_THROWN(condition.wait_for([] { return true; }, -1ns), BadValue);
}

void TestOfCondition::predicate_that_holds_in_the_end_is_no_time_out()
{
    EngineFixture fixture;
    Condition condition;
    const auto held = condition.hold();
    int asked = 0;
    // Nobody notifies.
    condition.wait_for([&] { return ++asked == 2; }, 1ms);
    QCOMPARE(asked, 2);
}

void TestOfCondition::hands_every_value_over_data()
{
    QTest::addColumn<int>("consumers");
    QTest::newRow("one consumer") << 1;
    QTest::newRow("three consumers") << 3;
}

// A place for one value, with two conditions of one lock.
void TestOfCondition::hands_every_value_over()
{
    QFETCH(int, consumers);
    constexpr std::uint64_t values = 3'000;
    EngineFixture fixture;
    Lock lock;
    Condition filled(lock);
    Condition emptied(lock);
    Board& board = make_board(fixture.arena());
    std::atomic<std::uint64_t>& place = board.numbers[0]; // 0: none
    std::atomic<std::uint64_t>& sum = board.numbers[1];
    std::atomic<std::uint64_t>& taken = board.numbers[2];
    std::vector<int> pids;
    for (int i = 0; i < consumers; ++i)
        pids.push_back(fixture.fork_into(static_cast<std::uint32_t>(i + 1), [&] {
            while (true) {
                const auto held = filled.hold(hanging);
                filled.wait_for(
                    [&] { return place.load() != 0 || taken.load() == values; }, hanging);
                if (place.load() == 0)
                    return;
                sum.store(sum.load() + place.exchange(0));
                taken.store(taken.load() + 1);
                if (taken.load() == values)
                    filled.notify_all();
                emptied.notify();
            }
        }));
    for (std::uint64_t i = 1; i <= values; ++i) {
        const auto held = emptied.hold(hanging);
        emptied.wait_for([&] { return place.load() == 0; }, hanging);
        place.store(i);
        filled.notify();
    }
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(sum.load(), values * (values + 1) / 2);
}

void TestOfCondition::stop_comes_with_the_lock_taken()
{
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 3; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            const auto held = condition.hold(hanging);
            board.numbers[0].fetch_add(1);
            const std::string text = text_of<StopRequested>([&] { condition.wait(); });
            expect(contains(text, "asked to stop"), text.c_str());
            // One at a time, as whatever the lock guards demands.
            expect(board.numbers[2].fetch_add(1) == 0, "alone");
            std::this_thread::sleep_for(1ms);
            board.numbers[2].fetch_sub(1);
        }));
    wait_for_waiters(condition, board, 3);
    this_process.segment.header().control.stop.store(1);
    wake_everybody(this_process.segment);
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
}

void TestOfCondition::dead_waiter_swallows_nothing_data()
{
    QTest::addColumn<bool>("notified"); // when it dies
    QTest::addColumn<bool>("reaped");
    QTest::newRow("before, noticed") << false << true;
    QTest::newRow("before, not noticed") << false << false;
    QTest::newRow("notified, noticed") << true << true;
    QTest::newRow("notified, not noticed") << true << false;
}

void TestOfCondition::dead_waiter_swallows_nothing()
{
    QFETCH(bool, notified);
    QFETCH(bool, reaped);
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    // The one that has waited longest: the notification is its.
    const int victim = fixture.fork_into(1, [&] { wait_once(condition, board); });
    wait_for_waiters(condition, board, 1);
    const int other = fixture.fork_into(2, [&] { wait_once(condition, board); });
    wait_for_waiters(condition, board, 2);
    const auto kill = [&] {
        ::kill(victim, SIGKILL);
        if (reaped) {
            QCOMPARE(end_of(victim), -SIGKILL);
            this_process.segment.slot(1).state.store(static_cast<std::uint32_t>(SlotState::ended));
        }
    };
    if (!notified)
        kill();
    {
        const auto held = condition.hold(hanging);
        condition.notify();
        // It cannot go on before the lock is free.
        if (notified)
            kill();
    }
    QCOMPARE(end_of(other), 0);
    QCOMPARE(board.numbers[1].load(), std::uint64_t{1});
    if (!reaped)
        QCOMPARE(end_of(victim), -SIGKILL);
}

void TestOfCondition::dead_owner_is_named_data()
{
    QTest::addColumn<bool>("reaped");
    QTest::newRow("noticed") << true;
    QTest::newRow("not noticed") << false;
}

void TestOfCondition::dead_owner_is_named()
{
    QFETCH(bool, reaped);
    EngineFixture fixture;
    Condition condition;
    Board& board = make_board(fixture.arena());
    const int waiter = fixture.fork_into(1, [&] {
        const auto held = condition.hold(hanging);
        board.numbers[0].fetch_add(1);
        const std::optional<std::string> dead
            = condition.wait_for([&] { return board.numbers[3].load() == 1; }, hanging);
        expect(dead == "Process-2", "the dead one's name");
    });
    wait_for_waiters(condition, board, 1);
    const int owner = fixture.fork_into(2, [&] {
        condition.lock(hanging);
        board.numbers[3].store(1);
        condition.notify();
        ::raise(SIGKILL);
    });
    if (reaped) {
        QCOMPARE(end_of(owner), -SIGKILL);
        this_process.segment.slot(2).state.store(static_cast<std::uint32_t>(SlotState::ended));
    }
    QCOMPARE(end_of(waiter), 0);
    if (!reaped)
        QCOMPARE(end_of(owner), -SIGKILL);
}

void TestOfCondition::waits_are_told()
{
    EngineFixture fixture;
    const Lock lock;
    Condition condition(lock, "C");
    SegmentReader reader(this_process.segment, RingReading::taking);
    {
        const auto held = condition.hold();
        QVERIFY_EXCEPTION_THROWN(condition.wait(5ms), TimeoutError);
    }
    std::vector<TraceEvent> events;
    reader.started(main_slot);
    while (reader.events(main_slot, events, 1'000) > 0) { }
    int begun = 0;
    int ended = 0;
    for (const TraceEvent& event : events) {
        if (event.kind == EventKind::state_begin) {
            ++begun;
            QCOMPARE(event.detail, static_cast<std::uint8_t>(State::waiting_lock));
            QCOMPARE(event.subject, 1U); // the condition, whose lock is number 0
            QCOMPARE(event.argument, std::uint64_t{0}); // nobody in particular is waited for
            QVERIFY(event.place != 0);
        }
        ended += event.kind == EventKind::state_end ? 1 : 0;
    }
    QCOMPARE(begun, 1);
    QCOMPARE(ended, 1);
}

QTEST_GUILESS_MAIN(TestOfCondition)

#include "tst_condition.moc"
