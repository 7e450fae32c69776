// SPDX-License-Identifier: MIT
// What a run makes of workers that fail, of a lesson that cheats, and of being stopped; and that
// nothing outlives it.
#include "engine/analysis/time_budget.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTest>
#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>

using namespace manyhands;
using namespace manyhands::tests;

class TestLessonFaults : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void reports_a_failed_task_data();
    void reports_a_failed_task();
    void gives_up_on_a_crash_loop();
    void says_what_the_main_process_threw();
    void outlives_a_killed_main_process();
    void stops_whatever_the_workers_do_data();
    void stops_whatever_the_workers_do();
    void keeps_output_with_its_lane();
    void runs_all_of_the_engine_data();
    void runs_all_of_the_engine();
    void notices_an_empty_worker_function();
};

void TestLessonFaults::initTestCase()
{
    // Orphans of what is tested here come to us, and are counted.
    QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

void TestLessonFaults::reports_a_failed_task_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<int>("at");
    QTest::addColumn<int>("chunk");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("value");
    QTest::addColumn<QString>("text");
    QTest::newRow("an exception in the first task")
        << "exception" << 0 << 1 << "exception" << 0 << "std::runtime_error: number 0 is not liked";
    QTest::newRow("an exception in the last task")
        << "exception" << 7 << 1 << "exception" << 0 << "std::runtime_error: number 7 is not liked";
    QTest::newRow("killed in the middle of a task")
        << "kill" << 3 << 1 << "signal" << SIGKILL << "was killed by SIGKILL";
    QTest::newRow("killed in the middle of a chunk")
        << "kill" << 1 << 4 << "signal" << SIGKILL << "was killed by SIGKILL";
    QTest::newRow("killed in the last task of a chunk")
        << "kill" << 7 << 8 << "signal" << SIGKILL << "was killed by SIGKILL";
    QTest::newRow("aborted") << "abort" << 3 << 1 << "signal" << SIGABRT << "was killed by SIGABRT";
    QTest::newRow("ended with 0, too early")
        << "exit0" << 3 << 2 << "exit" << 0 << "ended with exit code 0";
    QTest::newRow("ended with 3") << "exit3" << 3 << 1 << "exit" << 3 << "ended with exit code 3";
}

void TestLessonFaults::reports_a_failed_task()
{
    QFETCH(QString, fault);
    QFETCH(int, at);
    QFETCH(int, chunk);
    QFETCH(QString, kind);
    QFETCH(int, value);
    QFETCH(QString, text);
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson("manyhands-test-lessons", "faults",
            {"fault=" + fault.toStdString(), "at=" + std::to_string(at),
                "chunk=" + std::to_string(chunk)});
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::failed);
        QCOMPARE(session->exit(), std::optional(1));
        const ResultDocument& document = session->document().value();
        QCOMPARE(document.failures.size(), std::size_t{1});
        const Failure& failure = document.failures.front();
        QCOMPARE(QString::fromStdString(failure.kind), kind);
        QCOMPARE(failure.value, value);
        QCOMPARE(QString::fromStdString(failure.text), text);
        QCOMPARE(failure.task, std::optional<std::uint32_t>(at));
        QCOMPARE(failure.argument, "number " + std::to_string(at));

        // Every other task was done, once, whoever had it first.
        int done = 0;
        int lost = 0;
        for (const Task& task : session->recording().tasks()) {
            done += task.outcome == Task::Outcome::done ? 1 : 0;
            lost += task.outcome == Task::Outcome::done ? 0 : 1;
            if (task.outcome != Task::Outcome::done)
                QCOMPARE(task.index, static_cast<std::uint32_t>(at));
        }
        QCOMPARE(done, 7);
        QCOMPARE(lost, 1);
        // The failure is in its lane, and in no other.
        for (const Lane& lane : session->recording().lanes()) {
            if (lane.role != Role::worker)
                continue;
            if (lane.pid == failure.pid && kind == "signal")
                QCOMPARE(lane.exit, std::optional(-value));
            else if (lane.pid != failure.pid)
                QCOMPARE(lane.exit.value_or(0) >= 0 || lane.exit == -SIGTERM, true);
        }
    }
    QVERIFY(count_leftovers() == before);
}

void TestLessonFaults::gives_up_on_a_crash_loop()
{
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson("manyhands-test-lessons", "faults", {"fault=crashloop"});
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::failed);
        QVERIFY2(
            session->problem().find("gave up") != std::string::npos, session->problem().c_str());
    }
    QVERIFY(count_leftovers() == before);
}

void TestLessonFaults::says_what_the_main_process_threw()
{
    const auto session = start_lesson("manyhands-test-lessons", "faults", {"fault=main_exception"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::failed);
    QCOMPARE(session->problem(), std::string("the main process gives up"));
}

void TestLessonFaults::outlives_a_killed_main_process()
{
    const Leftovers before = count_leftovers();
    {
        const auto session
            = start_lesson("manyhands-test-lessons", "faults", {"fault=spin", "workers=3"});
        // Once a task was begun, all of the run is on its way.
        while (session->poll() && session->recording().tasks().empty())
            session->wait(std::chrono::milliseconds(5));
        ::kill(session->main_pid(), SIGKILL);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::failed);
        QCOMPARE(session->exit(), std::optional(-SIGKILL));
        QVERIFY(session->problem().find("killed by signal 9") != std::string::npos);
        QVERIFY(!session->recording().tasks().empty());
    }
    // The orphans are ours now: they are dead, and reaping them must find no further one.
    QTRY_VERIFY([] {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) { }
        return count_leftovers().descendants == 0;
    }());
    QCOMPARE(count_leftovers().descriptors, before.descriptors);
}

void TestLessonFaults::stops_whatever_the_workers_do_data()
{
    QTest::addColumn<StopReason>("reason");
    QTest::addColumn<bool>("stopped_outside");
    QTest::addColumn<RunState>("state");
    QTest::newRow("by a person") << StopReason::person << false << RunState::stopped;
    QTest::newRow("by a time-out") << StopReason::timeout << false << RunState::timed_out;
    QTest::newRow("while the workers are stopped")
        << StopReason::person << true << RunState::stopped;
}

void TestLessonFaults::stops_whatever_the_workers_do()
{
    QFETCH(StopReason, reason);
    QFETCH(bool, stopped_outside);
    QFETCH(RunState, state);
    const Leftovers before = count_leftovers();
    {
        const auto session
            = start_lesson("manyhands-test-lessons", "faults", {"fault=spin", "workers=2"});
        while (session->poll() && session->recording().tasks().size() < 8)
            session->wait(std::chrono::milliseconds(5));
        if (stopped_outside) {
            for (const Lane& lane : session->recording().lanes()) {
                if (lane.role == Role::worker)
                    ::kill(lane.pid, SIGSTOP);
            }
        }
        session->stop(reason);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), state);
        const auto marks = session->marks();
        QVERIFY(std::find(marks.begin(), marks.end(), "partial") != marks.end());
        QVERIFY(session->recording().tasks().size() >= 8);
    }
    QTRY_VERIFY([] {
        while (::waitpid(-1, nullptr, WNOHANG) > 0) { }
        return count_leftovers().descendants == 0;
    }());
    QCOMPARE(count_leftovers().descriptors, before.descriptors);
}

void TestLessonFaults::keeps_output_with_its_lane()
{
    const auto session
        = start_lesson("manyhands-test-lessons", "faults", {"fault=print", "tasks=20"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const Recording& recording = session->recording();
    QCOMPARE(recording.output().size(), std::size_t{20});
    std::set<std::string> lines;
    for (const OutputLine& line : recording.output()) {
        QVERIFY(line.lane != no_subject);
        QCOMPARE(recording.lanes()[line.lane].role, Role::worker);
        lines.insert(line.text);
    }
    QCOMPARE(lines.size(), std::size_t{20});
    QVERIFY(lines.contains("line of task 19"));
}

void TestLessonFaults::runs_all_of_the_engine_data()
{
    QTest::addColumn<bool>("traced");
    QTest::addColumn<int>("items");
    QTest::newRow("traced") << true << 1000;
    QTest::newRow("untraced") << false << 1000;
    QTest::newRow("with nothing to produce") << true << 0;
}

void TestLessonFaults::runs_all_of_the_engine()
{
    QFETCH(bool, traced);
    QFETCH(int, items);
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson("manyhands-test-lessons", "tour",
            {"items=" + std::to_string(items)}, std::nullopt, traced);
        QVERIFY(finish(*session));
        // That a process was killed is what it is about.
        QVERIFY2(session->state() == RunState::done, session->problem().c_str());
        const ResultDocument& document = session->document().value();
        QCOMPARE(document.result.dump(),
            nlohmann::json(
                {{"sum", items * (items - 1) / 2}, {"dead", "Mortal"}, {"tokens", 0},
                    {"squares", {1, 4, 9}}, {"sums", {3, 7}}, {"unordered", 30}, {"later", 3}})
                .dump());
        QCOMPARE(document.failures.size(), std::size_t{1});
        QCOMPARE(document.failures.front().process, std::string("Mortal"));
        QCOMPARE(document.failures.front().value, SIGKILL);
        if (traced) {
            const Recording& recording = session->recording();
            const auto items_channel
                = std::find_if(recording.channels().begin(), recording.channels().end(),
                    [](const Channel& channel) { return channel.name == "items"; });
            QVERIFY(items_channel != recording.channels().end());
            // The items and two sentinels, each sent once and received once.
            QCOMPARE(items_channel->messages, static_cast<std::uint64_t>(items) + 2);
            QCOMPARE(items_channel->messages_received, items_channel->messages);
            QCOMPARE(items_channel->bytes_received, items_channel->bytes);
            QVERIFY(items_channel->max_depth <= 10);
            QCOMPARE(recording.recoveries().size(), std::size_t{1});
            QCOMPARE(session->progress().dropped, std::uint64_t{0});
        }
    }
    QVERIFY(count_leftovers() == before);
}

void TestLessonFaults::notices_an_empty_worker_function()
{
    const auto honest = start_lesson("manyhands-test-lessons", "honest");
    const auto finished = finish(*honest);
    QVERIFY(finished);
    const auto empty = start_lesson("manyhands-test-lessons", "honest", {"empty=1"});
    QVERIFY(finish(*empty));

    QCOMPARE(honest->state(), RunState::done);
    QCOMPARE(honest->document()->result.at("primes").get<int>(), 63'951);
    QCOMPARE(empty->state(), RunState::failed);
    QCOMPARE(empty->exit(), std::optional(1));
    QCOMPARE(empty->document()->result.at("primes").get<int>(), 0);
    for (const Check& check : honest->document()->checks)
        QVERIFY(check.held == true);
    for (const Check& check : empty->document()->checks)
        QVERIFY(check.held == false);
    // One worker cannot be faster than one process; one that does nothing seems to be.
    QVERIFY(empty->repeats().at(0).speedup.value() > 3 * honest->repeats().at(0).speedup.value());
    const auto computing = [](const Session& session) {
        const Recording& recording = session.recording();
        const TimeBudget budget = time_budget(recording, recording.shown_interval());
        return budget.all[BudgetCategory::computing] + budget.all[BudgetCategory::ready];
    };
    QVERIFY(computing(*empty) < computing(*honest) / 3);
}

QTEST_GUILESS_MAIN(TestLessonFaults)
#include "tst_lesson_faults.moc"
