// SPDX-License-Identifier: MIT
// Tests engine/sync's gates, with this process in the place of whoever observes.
#include "engine/arena/shared_block.hpp"
#include "engine/sync/gate.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <chrono>
#include <csignal>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

Control& control()
{
    return this_process.segment.header().control;
}

void set_mode(GateMode mode, std::uint64_t interval_ns = 0)
{
    control().gate_interval_ns.store(interval_ns);
    control().gates.store(static_cast<std::uint32_t>(mode));
    wake_everybody(this_process.segment);
}

// As an observer sees it: held, and no step to take.
bool is_held(std::uint32_t number)
{
    const Slot& slot = this_process.segment.slot(number);
    const std::uint32_t passed = slot.gates_passed.load();
    return slot.gate.load() != 0 && static_cast<std::int32_t>(slot.steps.load() - passed) <= 0;
}

void step(std::uint32_t number)
{
    Slot& slot = this_process.segment.slot(number);
    slot.steps.store(slot.gates_passed.load() + 1);
    wake(this_process.segment, number);
}

// A held process never lasts longer: the one that is waited for has an alarm of its own.
bool wait_until(const std::function<bool()>& condition)
{
    for (int i = 0; i < 60'000; ++i) {
        if (condition())
            return true;
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

struct Told
{
    std::vector<TraceEvent> events;
    std::vector<std::string> gates;
};

Told told_by(std::uint32_t slot)
{
    Told told;
    RingReader(this_process.segment.ring(slot), ring_bytes, RingReading::taking)
        .read(told.events, 100'000);
    TextReader texts(this_process.segment.text(slot), this_process.segment.text_size(slot));
    for (TextRecord record; texts.next(record);) {
        if (record.kind == TextKind::gate)
            told.gates.emplace_back(record.text);
    }
    return told;
}

} // namespace

class TestGate : public QObject
{
    Q_OBJECT

private slots:
    void is_nothing_while_it_is_open();
    void holds_until_a_step_is_granted();
    void grants_one_step_at_a_time_data() { add_seed_rows(20); }
    void grants_one_step_at_a_time();
    void keeps_its_count_across_the_wrap();
    void lets_everybody_go_when_it_opens();
    void holds_for_the_interval();
    void ends_with_the_run();
    void counts_as_run_time();
    void tells_each_name_once();
    void holds_at_more_gates_than_it_can_name();
    void never_shows_a_gate_that_was_passed();
    void leaves_no_step_to_the_next_process();
};

void TestGate::is_nothing_while_it_is_open()
{
    EngineFixture fixture;
    for (int i = 0; i < 1000; ++i)
        gate("a");
    QCOMPARE(this_process.slot().gates_passed.load(), 0u);
    QVERIFY(told_by(main_slot).events.empty() && told_by(main_slot).gates.empty());
}

void TestGate::holds_until_a_step_is_granted()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    const SharedBlock block("count", 64);
    auto& count = block.as<std::atomic<int>>();
    const int pid = fixture.fork_into(1, [&] {
        for (const char* const name : {"a", "b", "a"}) {
            gate(name);
            count.fetch_add(1);
        }
    });
    for (int passed = 0; passed < 3; ++passed) {
        QVERIFY(wait_until([] { return is_held(1); }));
        QCOMPARE(count.load(), passed);
        QCOMPARE(this_process.segment.slot(1).gate.load(), passed == 1 ? 2u : 1u);
        step(1);
        QVERIFY(wait_until([&] { return count.load() == passed + 1; }));
    }
    QCOMPARE(end_of(pid), 0);
    QCOMPARE(this_process.segment.slot(1).gate.load(), 0u);
    const Told told = told_by(1);
    QCOMPARE(told.gates, (std::vector<std::string>{"a", "b"}));
    QCOMPARE(told.events.size(), std::size_t{6});
    for (std::size_t i = 0; i < told.events.size(); ++i) {
        const TraceEvent& event = told.events[i];
        QCOMPARE(event.detail, static_cast<std::uint8_t>(State::held));
        QCOMPARE(event.kind, i % 2 == 0 ? EventKind::state_begin : EventKind::state_end);
        if (i % 2 == 0)
            QCOMPARE(event.subject, i == 2 ? 1u : 0u);
    }
}

// Several processes, stepped in an order by chance: each goes as far as it was let, and no farther.
void TestGate::grants_one_step_at_a_time()
{
    std::mt19937_64 random = random_of_row();
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    constexpr std::uint32_t processes = 3;
    constexpr int gates = 8;
    const SharedBlock block("counts", 64 * (processes + 1));
    const auto count = [&](std::uint32_t slot) -> std::atomic<int>& {
        return *std::launder(reinterpret_cast<std::atomic<int>*>(block.memory() + 64 * slot));
    };
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= processes; ++slot) {
        pids.push_back(fixture.fork_into(slot, [&, slot] {
            for (int i = 0; i < gates; ++i) {
                gate("gate");
                count(slot).fetch_add(1);
            }
        }));
    }
    std::vector<int> expected(processes + 1, 0);
    for (int steps = 0; steps < gates * static_cast<int>(processes); ++steps) {
        auto slot = static_cast<std::uint32_t>(pick(random, 1, processes));
        while (expected[slot] == gates)
            slot = slot % processes + 1;
        QVERIFY(wait_until([&] { return is_held(slot); }));
        step(slot);
        ++expected[slot];
        QVERIFY(wait_until([&] { return count(slot).load() == expected[slot]; }));
        for (std::uint32_t other = 1; other <= processes; ++other)
            QCOMPARE(count(other).load(), expected[other]);
    }
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
}

void TestGate::keeps_its_count_across_the_wrap()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    Slot& slot = this_process.segment.slot(1);
    slot.gates_passed.store(0xffff'fffe);
    slot.steps.store(0xffff'fffe);
    const int pid = fixture.fork_into(1, [] {
        for (int i = 0; i < 4; ++i)
            gate("gate");
    });
    for (std::uint32_t i = 1; i <= 4; ++i) {
        QVERIFY(wait_until([] { return is_held(1); }));
        step(1);
        QVERIFY(wait_until([&] { return slot.gates_passed.load() == 0xffff'fffe + i; }));
    }
    QCOMPARE(end_of(pid), 0);
}

void TestGate::lets_everybody_go_when_it_opens()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 4; ++slot)
        pids.push_back(fixture.fork_into(slot, [] {
            gate("a");
            gate("b");
        }));
    for (std::uint32_t slot = 1; slot <= 4; ++slot)
        QVERIFY(wait_until([&] { return is_held(slot); }));
    set_mode(GateMode::open);
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
}

void TestGate::holds_for_the_interval()
{
    EngineFixture fixture;
    constexpr std::int64_t interval_ns = 20'000'000;
    set_mode(GateMode::paced, interval_ns);
    const int pid = fixture.fork_into(1, [] {
        std::int64_t last = 0;
        for (int i = 0; i < 5; ++i) {
            gate("gate");
            const std::int64_t now = run_time_ns();
            if (last != 0 && now - last < interval_ns / 2)
                ::_exit(2);
            last = now;
        }
    });
    QCOMPARE(end_of(pid), 0);
    // An interval that overflows everything is one that does not end; opening ends it.
    set_mode(GateMode::paced, ~std::uint64_t{0});
    const int held = fixture.fork_into(2, [] {
        gate("first");
        gate("second");
    });
    QVERIFY(wait_until([] { return this_process.segment.slot(2).gate.load() == 2; }));
    set_mode(GateMode::open);
    QCOMPARE(end_of(held), 0);
}

void TestGate::ends_with_the_run()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    const int pid = fixture.fork_into(1, [] {
        try {
            gate("gate");
        } catch (const StopRequested&) {
            ::_exit(7);
        }
    });
    QVERIFY(wait_until([] { return is_held(1); }));
    control().stop.store(1);
    wake_everybody(this_process.segment);
    QCOMPARE(end_of(pid), 7);
    QCOMPARE(this_process.segment.slot(1).gate.load(), 0u);
}

void TestGate::counts_as_run_time()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    const int pid = fixture.fork_into(1, [] {
        const Deadline short_one(20ms);
        const Deadline long_one(24h);
        gate("gate");
        ::_exit(short_one.over() && !long_one.over() ? 7 : 8);
    });
    QVERIFY(wait_until([] { return is_held(1); }));
    std::this_thread::sleep_for(30ms);
    step(1);
    QCOMPARE(end_of(pid), 7);

    // A pause is none, however long it was.
    const Deadline deadline(1h);
    const std::int64_t before = run_time_ns();
    control().paused_ns.store(7'200'000'000'000);
    QVERIFY(run_time_ns() - before < -3'600'000'000'000);
    QVERIFY(deadline.left() > 2h);
}

void TestGate::tells_each_name_once()
{
    EngineFixture fixture(EngineFixture::Options{.traced = false});
    Recorder& recorder = this_process.recorder;
    QCOMPARE(recorder.gate("vor dem Laden – 千"), std::uint16_t{0});
    QCOMPARE(recorder.gate(""), std::uint16_t{1});
    QCOMPARE(recorder.gate("vor dem Laden – 千"), std::uint16_t{0});
    QCOMPARE(told_by(main_slot).gates, (std::vector<std::string>{"vor dem Laden – 千", ""}));
    // A forked process has a text area of its own, and tells them again.
    const int pid = fixture.fork_into(1, [] { this_process.recorder.gate(""); });
    QCOMPARE(end_of(pid), 0);
    QCOMPARE(told_by(1).gates, (std::vector<std::string>{""}));
}

void TestGate::holds_at_more_gates_than_it_can_name()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    const int pid = fixture.fork_into(1, [] {
        for (int i = 0; i < 1023; ++i)
            this_process.recorder.gate(std::to_string(i));
        gate("one too many");
    });
    QVERIFY(wait_until([] { return is_held(1); }));
    QCOMPARE(this_process.segment.slot(1).gate.load(), Recorder::unknown_gate + 1u);
    step(1);
    QCOMPARE(end_of(pid), 0);
    const Told told = told_by(1);
    QCOMPARE(told.gates.size(), std::size_t{1023});
    QCOMPARE(told.events.front().subject, event_without_subject);
}

// Stopped before each machine instruction: who has passed all that it was let pass, and has not
// come to the next gate, is never seen at the one that lies behind it.
void TestGate::never_shows_a_gate_that_was_passed()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    Slot& slot = this_process.slot();
    bool held = false;
    bool shown = false;
    std::set<std::uint32_t> counts;
    const std::size_t instructions = at_each_instruction([] {}, [] { gate("gate"); },
        [&] {
            const std::uint32_t passed = slot.gates_passed.load();
            counts.insert(passed);
            if (!held && is_held(main_slot)) {
                held = true;
                step(main_slot);
            }
            shown = shown || (passed == 1 && slot.gate.load() != 0);
        });
    if (instructions == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY(held && !shown);
    QCOMPARE(counts, (std::set<std::uint32_t>{0, 1}));
}

void TestGate::leaves_no_step_to_the_next_process()
{
    EngineFixture fixture;
    set_mode(GateMode::stepped);
    const int pid = fixture.fork_into(1, [] { gate("gate"); });
    QVERIFY(wait_until([] { return is_held(1); }));
    ::kill(pid, SIGSTOP);
    step(1);
    ::kill(pid, SIGKILL);
    QCOMPARE(end_of(pid), -SIGKILL);
    // What its giver does with the slot.
    Slot& slot = this_process.segment.slot(1);
    slot.gate.store(0);
    slot.gates_passed.store(slot.steps.load());
    const int next = fixture.fork_into(1, [] { gate("gate"); });
    QVERIFY(wait_until([] { return is_held(1); }));
    step(1);
    QCOMPARE(end_of(next), 0);
}

QTEST_GUILESS_MAIN(TestGate)
#include "tst_gate.moc"
