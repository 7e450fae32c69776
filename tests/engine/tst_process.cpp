// SPDX-License-Identifier: MIT
// Tests engine/process: starting by spawn and fork, ends of every kind, what a child may not
// outlive.
#include "engine/os/guards.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <csignal>
#include <fcntl.h>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// Functions of the other process tell what they found by their exit code.
void expect(bool holds)
{
    if (!holds)
        ::_exit(99);
}

void take_all(int number, const std::string& text,
    const std::vector<std::pair<int, double>>& points, const std::map<std::string, int>& map)
{
    expect(number == -7 && text == "Zoë – 千手" && points.size() == 2 && points[1].second == 2.5
        && map.at("ß") == 3);
}

void exit_with(int code)
{
    ::_exit(code);
}
void raise_signal(int number)
{
    ::signal(number, SIG_DFL); // a sanitizer has handlers of its own
    ::raise(number);
}
void throw_one(const std::string& text)
{
    throw std::invalid_argument(text);
}
void wait_for_ever()
{
    while (true)
        ::pause();
}
void ignore_and_wait()
{
    ::signal(SIGTERM, SIG_IGN);
    this_process.work_done(1);
    wait_for_ever();
}
void count_for_a_while()
{
    for (int i = 0; i < 5; ++i)
        sleep_until_woken(wake_token(), 10ms);
}
void check_name(const std::string& name, int parent)
{
    expect(current_process().name == name && current_process().pid == ::getpid()
        && ::getppid() == parent && active_children().empty());
}
// Its parent's alone: the pidfds of its siblings, and the writing end of the lifeline.
int parents_own_descriptors()
{
    int found = 0;
    for (const std::string& one : holdings().descriptors) {
        const int fd = std::stoi(one);
        const bool writing_end = fd > STDERR_FILENO && one.find("pipe:") != std::string::npos
            && (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY;
        found += one.find("pidfd") != std::string::npos || writing_end ? 1 : 0;
    }
    return found;
}
void check_descriptors(int most)
{
    expect(parents_own_descriptors() <= most);
}
void try_to_start()
{
    Process other({}, &exit_with, 0);
    other.start();
}
void print_lines(int count)
{
    for (int i = 0; i < count; ++i)
        print("line " + std::to_string(i));
}

} // namespace

class TestProcess : public QObject
{
    Q_OBJECT

private slots:
    void ends_as_its_function_does_data();
    void ends_as_its_function_does();
    void hands_arguments_over_data() { add_method_rows(); }
    void hands_arguments_over();
    void writes_an_exception_down_data();
    void writes_an_exception_down();
    void knows_its_name_data() { add_method_rows(); }
    void knows_its_name();
    void keeps_no_descriptor_of_its_parents_data() { add_method_rows(); }
    void keeps_no_descriptor_of_its_parents();
    void joins_in_time_data() { add_method_rows(); }
    void joins_in_time();
    void ends_a_running_one_that_is_destroyed_data() { add_method_rows(); }
    void ends_a_running_one_that_is_destroyed();
    void prints_into_its_own_lane_data() { add_method_rows(); }
    void prints_into_its_own_lane();
    void starts_once_and_by_the_main_process_only_data() { add_method_rows(); }
    void starts_once_and_by_the_main_process_only();
    void refuses_what_is_no_start_method_data();
    void refuses_what_is_no_start_method();
    void names_the_living();
    void sees_a_death_while_it_waits_data() { add_method_rows(); }
    void sees_a_death_while_it_waits();
    void refuses_more_than_there_are_slots();
    void leaves_nothing_where_descriptors_run_out_data();
    void leaves_nothing_where_descriptors_run_out();
    void waits_for_all_but_daemons_data() { add_method_rows(); }
    void waits_for_all_but_daemons();
    void kills_a_daemon_that_does_not_listen();
    void waits_for_nobody_where_the_run_stops();
    void does_not_outlive_its_parent_data() { add_method_rows(); }
    void does_not_outlive_its_parent();

private:
    static void add_method_rows()
    {
        QTest::addColumn<StartMethod>("method");
        QTest::newRow("spawn") << StartMethod::spawn;
        QTest::newRow("fork") << StartMethod::fork;
        QTest::newRow("forkserver") << StartMethod::forkserver;
    }
};

void TestProcess::ends_as_its_function_does_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("signal");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        for (const int code : {0, 1, 3, 255})
            QTest::addRow("%s, exit code %d", name, code) << method << code << 0;
        for (const int number : {SIGKILL, SIGTERM, SIGSEGV, SIGABRT, SIGBUS, SIGFPE})
            QTest::addRow("%s, signal %d", name, number) << method << -number << number;
    }
}

void TestProcess::ends_as_its_function_does()
{
    QFETCH(StartMethod, method);
    QFETCH(int, code);
    QFETCH(int, signal);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        os::forbid_core_files();
        Process process = signal != 0 ? Process({.start_method = method}, &raise_signal, signal)
                                      : Process({.start_method = method}, &exit_with, code);
        QCOMPARE(process.exit_code(), std::optional<int>());
        QCOMPARE(process.is_alive(), false);
        QCOMPARE(process.join(0s), false);
        process.start();
        QVERIFY(process.pid() > 0);
        QVERIFY(process.join());
        QCOMPARE(process.is_alive(), false);
        QCOMPARE(process.exit_code(), std::optional(code));
        QVERIFY(!process.exception());
        // As in Python, joining again is no error.
        QVERIFY(process.join(0s));
        QCOMPARE(this_process.segment.slot(process.slot()).start_method, method);
    }
    QCOMPARE(holdings(), before);
}

void TestProcess::hands_arguments_over()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Process process({.start_method = method}, &take_all, -7, std::string("Zoë – 千手"),
        std::vector<std::pair<int, double>>{{1, 1.5}, {2, 2.5}},
        std::map<std::string, int>{{"ß", 3}});
    process.start();
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(0));
}

void TestProcess::writes_an_exception_down_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<QString>("text");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        QTest::addRow("%s, a text", name) << method << "no such thing";
        QTest::addRow("%s, an empty text", name) << method << "";
        QTest::addRow("%s, lines, and letters of other scripts", name) << method << "a\nβ\n手";
    }
}

void TestProcess::writes_an_exception_down()
{
    QFETCH(StartMethod, method);
    QFETCH(QString, text);
    ProcessFixture fixture;
    Process process({.start_method = method}, &throw_one, text.toStdString());
    process.start();
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(1));
    QCOMPARE(process.exception(), std::optional("std::invalid_argument: " + text.toStdString()));
}

void TestProcess::knows_its_name()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    QCOMPARE(current_process().pid, ::getpid());
    Process process({.name = "Zählerin 千", .start_method = method}, &check_name,
        std::string("Zählerin 千"), int{::getpid()});
    process.start();
    QCOMPARE(process.name(), std::string("Zählerin 千"));
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(0));
}

void TestProcess::keeps_no_descriptor_of_its_parents()
{
    QFETCH(StartMethod, method);
    const int not_ours = parents_own_descriptors();
    ProcessFixture fixture;
    Process sleeper({.start_method = method}, &wait_for_ever);
    sleeper.start();
    QVERIFY(parents_own_descriptors() >= not_ours + 2);
    Process process({.start_method = method}, &check_descriptors, not_ours);
    process.start();
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(0));
    sleeper.kill();
    sleeper.join();
}

void TestProcess::joins_in_time()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Process process({.start_method = method}, &ignore_and_wait);
    process.start();
    QCOMPARE(process.join(0s), false);
    QCOMPARE(process.join(1ms), false);
    QVERIFY(process.is_alive());
    QVERIFY_EXCEPTION_THROWN(process.join(-1ns), BadValue);
    // It ignores the one and not the other.
    QTRY_VERIFY(this_process.segment.slot(process.slot()).work_done.load() == 1);
    process.terminate();
    QCOMPARE(process.join(20ms), false);
    process.kill();
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(-SIGKILL));
    // To one that has ended both do nothing.
    process.terminate();
    process.kill();
    this_process.segment.header().control.stop.store(1);
    QVERIFY(process.join());
    Process another({.start_method = method}, &wait_for_ever);
    another.start();
    QVERIFY_EXCEPTION_THROWN(another.join(), StopRequested);
}

void TestProcess::ends_a_running_one_that_is_destroyed()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        Process kept({.name = "Kept", .start_method = method}, &wait_for_ever);
        kept.start();
        {
            Process moved = std::move(kept);
            QVERIFY(moved.is_alive());
            QVERIFY(!kept.is_alive());
        }
        QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
        QCOMPARE(fixture.supervisor().ends().back().exit, -SIGKILL);
    }
    QCOMPARE(holdings(), before);
}

void TestProcess::prints_into_its_own_lane()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    this_process.segment.header().observed = 1; // so that nothing goes to standard output
    Process process({.start_method = method}, &print_lines, 3);
    process.start();
    QVERIFY(process.join());
    TextReader texts(this_process.segment.text(process.slot()), text_bytes);
    std::vector<std::string> lines;
    for (TextRecord record; texts.next(record);) {
        if (record.kind == TextKind::output_line)
            lines.emplace_back(record.text);
    }
    QCOMPARE(lines, (std::vector<std::string>{"line 0", "line 1", "line 2"}));
}

void TestProcess::starts_once_and_by_the_main_process_only()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Process process({.start_method = method}, &try_to_start);
    process.start();
    QVERIFY_EXCEPTION_THROWN(process.start(), Error);
    QVERIFY(process.join());
    QCOMPARE(process.exit_code(), std::optional(1));
    QVERIFY(process.exception().value_or("").find("cannot be started by") != std::string::npos);
    QVERIFY_EXCEPTION_THROWN(process.start(), Error);
}

void TestProcess::refuses_what_is_no_start_method_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::newRow("none") << StartMethod::none;
    QTest::newRow("no number of one") << static_cast<StartMethod>(77);
}

void TestProcess::refuses_what_is_no_start_method()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Process process({.start_method = method}, &exit_with, 0);
    QVERIFY_EXCEPTION_THROWN(process.start(), BadValue);
    QVERIFY_EXCEPTION_THROWN(set_start_method(method), BadValue);
    QCOMPARE(start_method(), StartMethod::spawn);
    set_start_method(StartMethod::fork);
    QCOMPARE(start_method(), StartMethod::fork);
    set_start_method(StartMethod::spawn);
}

void TestProcess::names_the_living()
{
    ProcessFixture fixture;
    QVERIFY(active_children().empty());
    Process first({.name = "first"}, &wait_for_ever);
    Process second({.name = "second", .start_method = StartMethod::fork}, &wait_for_ever);
    first.start();
    second.start();
    QCOMPARE(active_children().size(), std::size_t{2});
    QCOMPARE(active_children()[0].name, std::string("first"));
    QCOMPARE(active_children()[1].pid, second.pid());
    first.kill();
    first.join();
    QCOMPARE(active_children().size(), std::size_t{1});
    QCOMPARE(active_children()[0].name, std::string("second"));
    second.kill();
    second.join();
}

void TestProcess::sees_a_death_while_it_waits()
{
    QFETCH(StartMethod, method);
    ProcessFixture fixture;
    Process process({.name = "Mortal", .start_method = method}, &raise_signal, SIGKILL);
    Waiters waiters = {};
    const Deadline deadline(1min);
    int told = 0;
    const int listener = fixture.supervisor().listen(
        [&](const ChildEnd& end) { told += end.name == "Mortal" && end.exit == -SIGKILL ? 1 : 0; });
    process.start();
    // Nobody wakes it but the death.
    QVERIFY(waiters.wait(deadline, [&] { return told > 0; }));
    QCOMPARE(deadline.deaths().size(), std::size_t{1});
    QCOMPARE(to_text(deadline.deaths()),
        "Mortal (pid " + std::to_string(process.pid()) + ") was killed by SIGKILL");
    QVERIFY(Deadline(0s).deaths().empty());
    fixture.supervisor().stop_listening(listener);
}

void TestProcess::refuses_more_than_there_are_slots()
{
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = false});
        std::vector<Process> processes;
        for (std::uint32_t i = 1; i < slot_limit; ++i) {
            processes.emplace_back(
                ProcessOptions{.start_method = StartMethod::fork}, &wait_for_ever);
            processes.back().start();
        }
        Process one_more({.start_method = StartMethod::fork}, &wait_for_ever);
        try {
            one_more.start();
            QFAIL("a 256th process was started beside the main one");
        } catch (const MachineLacks& error) {
            QCOMPARE(error.value(), std::string("256 alive"));
            QCOMPARE(error.limit(), std::string("255 beside the main one"));
        }
        // One ends, and there is room again.
        processes.front().kill();
        processes.front().join();
        // As the observer does who has read all of it.
        this_process.segment.slot(processes.front().slot())
            .drained.store(processes.front().generation());
        one_more.start();
        QVERIFY(one_more.is_alive());
        fixture.supervisor().end_all();
    }
    QCOMPARE(holdings(), before);
}

void TestProcess::leaves_nothing_where_descriptors_run_out_data()
{
    QTest::addColumn<StartMethod>("method");
    QTest::addColumn<int>("spare");
    for (const auto& [name, method] :
        {std::pair{"spawn", StartMethod::spawn}, std::pair{"fork", StartMethod::fork},
            std::pair{"forkserver", StartMethod::forkserver}}) {
        for (int spare = 0; spare < 8; ++spare)
            QTest::addRow("%s, %d descriptors to spare", name, spare) << method << spare;
    }
}

void TestProcess::leaves_nothing_where_descriptors_run_out()
{
    QFETCH(StartMethod, method);
    QFETCH(int, spare);
    ProcessFixture fixture;
    // The first one makes a page of small blocks out of a free one, which it stays.
    Process first({.start_method = method}, &exit_with, 0);
    first.start();
    first.join();
    fixture.supervisor().end_all(); // the fork server, too
    const Holdings before = holdings();
    const std::size_t free_before = fixture.engine().arena().bytes_free();
    rlimit usual = {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &usual), 0);
    // Descriptors are given out from the lowest number on.
    const int next = ::dup(STDIN_FILENO);
    ::close(next);
    const rlimit tight = {static_cast<rlim_t>(next + spare), usual.rlim_max};
    int started = 0;
    int refused = 0;
    {
        std::vector<Process> processes;
        QCOMPARE(::setrlimit(RLIMIT_NOFILE, &tight), 0);
        for (int i = 0; i < 8 && refused == 0; ++i) {
            processes.emplace_back(ProcessOptions{.start_method = method}, &wait_for_ever);
            try {
                processes.back().start();
                ++started;
            } catch (const Error&) {
                ++refused;
            }
        }
        ::setrlimit(RLIMIT_NOFILE, &usual);
        QCOMPARE(fixture.supervisor().alive(), static_cast<std::size_t>(started));
        fixture.supervisor().end_all();
    }
    QCOMPARE(refused, 1);
    QCOMPARE(fixture.engine().arena().bytes_free(), free_before);
    // By their count: the end of the lifeline for the next fork may have another number now.
    const Holdings after = holdings();
    QCOMPARE(after.descendants, before.descendants);
    QVERIFY(after.descriptors.size() <= before.descriptors.size());
}

void TestProcess::waits_for_all_but_daemons()
{
    QFETCH(StartMethod, method);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        this_process.segment.header().observed = 1; // so that nothing goes to standard output
        Process daemon({.start_method = method, .daemon = true}, &wait_for_ever);
        Process other({.start_method = method}, &count_for_a_while);
        daemon.start();
        other.start();
        fixture.supervisor().end_run();
        QCOMPARE(daemon.exit_code(), std::optional(-SIGTERM));
        QCOMPARE(other.exit_code(), std::optional(0));
        {
            const Process quiet = [&] {
                Process one({.start_method = method, .daemon = true}, &wait_for_ever);
                one.start();
                return one;
            }();
        }
        QCOMPARE(fixture.supervisor().ends().back().exit, -SIGKILL);
        TextReader texts(this_process.segment.text(main_slot), main_text_bytes);
        for (TextRecord record; texts.next(record);)
            QVERIFY(record.kind != TextKind::output_line);
    }
    QCOMPARE(holdings(), before);
}

void TestProcess::kills_a_daemon_that_does_not_listen()
{
    ProcessFixture fixture;
    Process daemon({.daemon = true}, &ignore_and_wait);
    daemon.start();
    QTRY_VERIFY(this_process.segment.slot(daemon.slot()).work_done.load() == 1);
    fixture.supervisor().end_run();
    QCOMPARE(daemon.exit_code(), std::optional(-SIGKILL));
}

void TestProcess::waits_for_nobody_where_the_run_stops()
{
    ProcessFixture fixture;
    Process process({}, &wait_for_ever);
    process.start();
    this_process.segment.header().control.stop.store(1);
    fixture.supervisor().end_run();
    QCOMPARE(process.exit_code(), std::optional(-SIGKILL));
}

void TestProcess::does_not_outlive_its_parent()
{
    QFETCH(StartMethod, method);
    os::become_subreaper();
    int pipe[2];
    QCOMPARE(::pipe(pipe), 0);
    // A main process of its own, which is killed while its children run.
    const int parent = ::fork();
    if (parent == 0) {
        ProcessFixture fixture;
        Process first({.start_method = method}, &wait_for_ever);
        Process second({.start_method = method}, &wait_for_ever);
        first.start();
        second.start();
        const int pids[] = {first.pid(), second.pid()};
        if (::write(pipe[1], pids, sizeof pids) != sizeof pids)
            ::_exit(1);
        wait_for_ever();
    }
    int pids[2] = {};
    QCOMPARE(::read(pipe[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
    ::kill(parent, SIGKILL);
    QCOMPARE(end_of(parent), -SIGKILL);
    for (const int pid : pids) {
        // It came to us, the subreaper. It was killed, or found its parent gone when it began.
        const int end = end_of(pid);
        QVERIFY2(end < 0 || end == 128 + SIGKILL, std::to_string(end).c_str());
    }
    ::close(pipe[0]);
    ::close(pipe[1]);
}

int main(int argc, char** argv)
{
    return test_main<TestProcess>(argc, argv);
}
#include "tst_process.moc"
