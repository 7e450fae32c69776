// SPDX-License-Identifier: MIT
// Tests engine/process/thread: threads that have lanes of their own, beside processes.
#include "engine/ipc/queue.hpp"
#include "engine/os/error.hpp"
#include "engine/process/process.hpp"
#include "engine/process/thread.hpp"
#include "engine/recording/run_recordings.hpp"
#include "engine/sync/lock.hpp"
#include "process_fixture.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds hanging{30};

std::int64_t cpu_ns()
{
    timespec time;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void compute(std::int64_t for_ns)
{
    const StateSpan computing(State::computing);
    const std::int64_t begin = cpu_ns();
    while (cpu_ns() - begin < for_ns)
        this_process.work_done(1);
}

void wait_until(const std::atomic<bool>& told)
{
    while (!told)
        sleep_until_woken(wake_token(), 1ms);
}

void do_nothing() { }

void exit_with(int code)
{
    ::_exit(code);
}

void add(Lock lock, std::uint64_t& total, int times)
{
    for (int i = 0; i < times; ++i) {
        lock.lock(hanging);
        ++total;
        lock.unlock();
    }
}

void send(Queue<int> queue, int first, int count)
{
    for (int i = first; i < first + count; ++i)
        queue.put(i, hanging);
}

// What a thread wrote, in the order of its events.
std::vector<EventKind> kinds_of(std::uint32_t slot)
{
    RingReader reader(this_process.segment.ring(slot), ring_bytes, RingReading::following);
    std::vector<TraceEvent> events;
    reader.read(events, 1000);
    std::vector<EventKind> kinds;
    for (const TraceEvent& event : events)
        kinds.push_back(event.kind);
    return kinds;
}

void drain_all()
{
    for (std::uint32_t number = 1; number < slot_limit; ++number) {
        Slot& slot = this_process.segment.slot(number);
        slot.drained.store(slot.generation.load());
    }
}

} // namespace

class TestThread : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(300); }
    void has_a_lane_of_its_own();
    void is_recorded_as_a_thread();
    void writes_an_exception_down();
    void joins_in_time();
    void locks_against_others();
    void sends_to_others_data();
    void sends_to_others();
    void is_known_to_have_held_a_lock();
    void keeps_processes_from_being_forked();
    void starts_once_and_on_the_main_thread_only();
    void waits_where_it_is_destroyed();
    void is_waited_for_at_the_end_of_the_run();
    void gives_its_slot_back();
};

void TestThread::has_a_lane_of_its_own()
{
    ProcessFixture fixture;
    this_process.segment.header().observed = 1; // so that nothing goes to standard output
    constexpr std::int64_t work_ns = 5'000'000;
    Thread thread(
        {.name = "Zoë"},
        [](std::int64_t for_ns) {
            compute(for_ns);
            print("from " + current_process().name);
        },
        work_ns);
    thread.start();
    QVERIFY(thread.join());
    const Slot& slot = this_process.segment.slot(thread.slot());
    QCOMPARE(name_of(slot), std::string("Zoë"));
    QCOMPARE(slot.pid.load(), ::getpid());
    QCOMPARE(slot.exit.load(), 0);
    QVERIFY(slot.start_method == StartMethod::thread);
    QVERIFY(slot.state.load() == static_cast<std::uint32_t>(SlotState::ended));
    QVERIFY(slot.end_ticks.load() > slot.start_ticks.load());
    QVERIFY(slot.cpu_ns.load() >= work_ns);
    QVERIFY(slot.work_done.load() > 0);
    QCOMPARE(fixture.supervisor().work_of_ended(false), slot.work_done.load());
    QCOMPARE(kinds_of(thread.slot()),
        (std::vector{EventKind::process_ready, EventKind::state_begin, EventKind::state_end,
            EventKind::process_exiting}));
    TextReader texts(this_process.segment.text(thread.slot()), text_bytes);
    std::vector<std::string> lines;
    for (TextRecord record; texts.next(record);) {
        if (record.kind == TextKind::output_line)
            lines.emplace_back(record.text);
    }
    QCOMPARE(lines, std::vector<std::string>{"from Zoë"});
    // The main thread is what it was.
    QCOMPARE(this_process.slot_number, main_slot);
    QCOMPARE(current_process().name, std::string("main"));
}

void TestThread::is_recorded_as_a_thread()
{
    ProcessFixture fixture;
    RunRecordings recordings(this_process.segment, RingReading::taking, 1);
    Thread thread({}, &compute, std::int64_t{1'000'000});
    thread.start();
    thread.join();
    recordings.poll();
    const std::vector<Lane>& lanes = recordings.current().lanes();
    QCOMPARE(lanes.size(), std::size_t{2});
    QVERIFY(lanes[1].start_method == StartMethod::thread);
    QCOMPARE(name_of(lanes[1].start_method), std::string_view("thread"));
    QCOMPARE(lanes[1].pid, lanes[0].pid);
    QVERIFY(lanes[1].ended());
    QCOMPARE(lanes[1].exit, std::optional(0));
    QVERIFY(lanes[1].cpu_ns >= 1'000'000);
    bool computed = false;
    for (std::uint32_t i = 0; i < lanes[1].spans.size(); ++i)
        computed = computed || lanes[1].spans[i].state == State::computing;
    QVERIFY(computed);
    // Its process's memory is told once.
    QCOMPARE(recordings.live().size(), std::size_t{1});
}

void TestThread::writes_an_exception_down()
{
    ProcessFixture fixture;
    Thread thread({.name = "Thrower"}, [] { throw std::invalid_argument("no such thing"); });
    QVERIFY(!thread.exception());
    thread.start();
    QVERIFY(thread.join());
    QCOMPARE(
        thread.exception(), std::optional<std::string>("std::invalid_argument: no such thing"));
    QCOMPARE(fixture.supervisor().ends().back().exit, 1);
    QCOMPARE(fixture.supervisor().ends().back().name, std::string("Thrower"));
}

void TestThread::joins_in_time()
{
    ProcessFixture fixture;
    std::atomic<bool> told{false};
    Thread thread({}, &wait_until, std::cref(told));
    QCOMPARE(thread.join(0s), false);
    thread.start();
    QVERIFY(thread.is_alive());
    QCOMPARE(thread.join(0s), false);
    QCOMPARE(thread.join(1ms), false);
    this_process.segment.header().control.stop.store(1);
    QVERIFY_EXCEPTION_THROWN(thread.join(), StopRequested);
    this_process.segment.header().control.stop.store(0);
    told = true;
    QVERIFY(thread.join());
    QVERIFY(!thread.is_alive());
    QVERIFY(thread.join(0s));
}

void TestThread::locks_against_others()
{
    ProcessFixture fixture;
    Lock lock;
    std::uint64_t total = 0;
    constexpr int times = 20'000;
    std::vector<Thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back(ThreadOptions{}, &add, lock, std::ref(total), times);
        threads.back().start();
    }
    add(lock, total, times);
    for (Thread& thread : threads)
        QVERIFY(thread.join(hanging));
    QCOMPARE(total, std::uint64_t{4} * times);
}

void TestThread::sends_to_others_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::newRow("spawn") << StartMethod::spawn;
    QTest::newRow("forkserver") << StartMethod::forkserver;
}

void TestThread::sends_to_others()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Queue<int> queue(16);
    constexpr int each = 1000;
    Thread first({}, &send, queue, 0, each);
    Process second({.start_method = method}, &send, queue, each, each);
    first.start();
    second.start();
    std::vector<bool> came(2 * each);
    for (int i = 0; i < 2 * each; ++i)
        came[static_cast<std::size_t>(queue.get(hanging))] = true;
    QVERIFY(first.join(hanging));
    QVERIFY(second.join(hanging));
    QCOMPARE(std::count(came.begin(), came.end(), true), std::ptrdiff_t{2} * each);
}

void TestThread::is_known_to_have_held_a_lock()
{
    ProcessFixture fixture;
    Lock lock;
    Thread thread(
        {.name = "Holder"}, [](Lock taken) { taken.lock(hanging); }, lock);
    thread.start();
    QVERIFY(thread.join());
    QCOMPARE(lock.lock(hanging), std::optional<std::string>("Holder"));
    lock.unlock();
}

void TestThread::keeps_processes_from_being_forked()
{
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        std::atomic<bool> told{false};
        Thread thread({}, &wait_until, std::cref(told));
        thread.start();
        Process forked({.start_method = StartMethod::fork}, &exit_with, 3);
        try {
            forked.start();
            QFAIL("it was forked");
        } catch (const Error& error) {
            QVERIFY(std::string(error.what()).find("while threads live: 1") != std::string::npos);
        }
        for (const StartMethod method : {StartMethod::spawn, StartMethod::forkserver}) {
            Process other({.start_method = method}, &exit_with, 4);
            other.start();
            QVERIFY(other.join());
            QCOMPARE(other.exit_code(), std::optional(4));
        }
        told = true;
        QVERIFY(thread.join());
        forked.start();
        QVERIFY(forked.join());
        QCOMPARE(forked.exit_code(), std::optional(3));
    }
    QCOMPARE(holdings(), before);
}

void TestThread::starts_once_and_on_the_main_thread_only()
{
    ProcessFixture fixture;
    Thread inner({}, &do_nothing);
    Process process({}, &do_nothing);
    Thread outer({}, [&] {
        QVERIFY_EXCEPTION_THROWN(inner.start(), Error);
        QVERIFY_EXCEPTION_THROWN(process.start(), Error);
    });
    outer.start();
    QVERIFY(outer.join());
    QVERIFY(!outer.exception());
    QVERIFY_EXCEPTION_THROWN(outer.start(), Error);
    inner.start();
    QVERIFY(inner.join());
    Process refused(
        {}, +[] {
            Thread thread({}, &do_nothing);
            thread.start();
        });
    refused.start();
    refused.join();
    QVERIFY(refused.exception().value_or("").find("on its main thread") != std::string::npos);
}

void TestThread::waits_where_it_is_destroyed()
{
    ProcessFixture fixture;
    std::atomic<int> done{0};
    {
        Thread first({}, [&done] {
            compute(2'000'000);
            ++done;
        });
        Thread second({}, [&done] { ++done; });
        first.start();
        second.start();
        first = std::move(second);
        QVERIFY(done >= 1);
    }
    QCOMPARE(done.load(), 2);
    QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
}

void TestThread::is_waited_for_at_the_end_of_the_run()
{
    ProcessFixture fixture;
    bool done = false;
    Thread thread({}, [&done] {
        compute(2'000'000);
        done = true;
    });
    thread.start();
    fixture.supervisor().end_run();
    QVERIFY(!thread.is_alive());
    QVERIFY(done);
}

void TestThread::gives_its_slot_back()
{
    ProcessFixture fixture;
    const std::size_t descriptors = holdings().descriptors.size();
    for (int i = 0; i < 600; ++i) {
        Thread thread({}, &do_nothing);
        thread.start();
        QVERIFY(thread.join());
        drain_all();
    }
    QVERIFY(this_process.segment.header().slots_used.load() <= 3);
    QCOMPARE(fixture.supervisor().ends().size(), std::size_t{600});
    QCOMPARE(holdings().descriptors.size(), descriptors);
}

int main(int argc, char** argv)
{
    return test_main<TestThread>(argc, argv);
}
#include "tst_thread.moc"
