// SPDX-License-Identifier: MIT
// Tests watched programs: what is seen of them, how they end, and that nothing is left.
#include "engine/analysis/wait_for_graph.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/run_findings.hpp"
#include "engine/observe/session.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/trace/segment.hpp"
#include "engine/watch/python_options.hpp"
#include "tests/support/lesson_session.hpp"

#include <QFloat16>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace manyhands;
using namespace manyhands::tests;
using Words = std::vector<std::string>;

Q_DECLARE_METATYPE(Words)
Q_DECLARE_METATYPE(manyhands::RunState)

namespace {

// The system's own, not what another one of the same name starts first.
constexpr const char* python = "/usr/bin/python3";

SessionOptions watching(const Words& words)
{
    SessionOptions options;
    options.lesson = {built_program("manyhands-lesson"), watched_id};
    options.command = find_command(words);
    options.description = describe_command(*options.command);
    return options;
}

std::unique_ptr<Session> watch(const Words& words)
{
    return std::make_unique<Session>(watching(words));
}

std::unique_ptr<Session> watch_shell(const std::string& line)
{
    return watch({"sh", "-c", line});
}

const Lane* lane_named(const Recording& recording, const std::string& name)
{
    const auto& lanes = recording.lanes();
    const auto found = std::find_if(
        lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.name == name; });
    return found == lanes.end() ? nullptr : &*found;
}

std::string notes_of(const Session& session)
{
    std::string text;
    for (const std::string& note : session.notes())
        text += note + '\n';
    return text;
}

bool alive(int pid)
{
    return ::kill(pid, 0) == 0;
}

// Descendants of this process alone: what is watched is killed and then reaped by its own.
int children_left()
{
    return count_leftovers().descendants;
}

} // namespace

class TestOfWatch : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { os::become_subreaper(); }
    void ends_of_programs_data();
    void ends_of_programs();
    void commands_that_are_none_data();
    void commands_that_are_none();
    void lines_are_split_as_in_a_shell_data();
    void lines_are_split_as_in_a_shell();
    void lines_that_need_a_shell_data();
    void lines_that_need_a_shell();
    void words_make_a_line_and_back();
    void options_that_keep_the_tracer_out_data();
    void options_that_keep_the_tracer_out();
    void resource_tracker_is_named();
    void deadlock_of_python_is_found();
    void pipeline_is_seen_whole();
    void states_are_sampled_and_say_so();
    void bytes_are_the_kernels_data();
    void bytes_are_the_kernels();
    void children_that_die_are_failures();
    void orphans_are_told_and_ended();
    void more_processes_than_slots();
    void output_is_handed_on();
    void output_without_end();
    void stop_ends_everything_data();
    void stop_ends_everything();
    void pause_holds_the_tree();
    void host_killed_leaves_nothing();
    void guard_killed_leaves_nothing();
    void destroyed_session_leaves_nothing();
    void observer_killed_leaves_nothing();
    void run_file_comes_back_and_starts_nothing();
    void nothing_is_left_after_many_runs();
};

void TestOfWatch::ends_of_programs_data()
{
    QTest::addColumn<Words>("words");
    QTest::addColumn<RunState>("state");
    QTest::addColumn<QString>("problem");
    QTest::newRow("done") << Words{"true"} << RunState::done << "";
    QTest::newRow("ends with 1") << Words{"false"} << RunState::failed
                                 << "false ended with exit code 1";
    QTest::newRow("ends with 3") << Words{"sh", "-c", "exit 3"} << RunState::failed
                                 << "sh ended with exit code 3";
    QTest::newRow("by a signal") << Words{"sh", "-c", "kill -SEGV $$"} << RunState::failed
                                 << "sh was killed by SIGSEGV";
    QTest::newRow("reads its input, which is empty") << Words{"cat"} << RunState::done << "";
    QTest::newRow("no interpreter")
        << Words{"@script"} << RunState::failed << "could not be started";
    QTest::newRow("Python") << Words{python, "-c", "print(1)"} << RunState::done << "";
}

void TestOfWatch::ends_of_programs()
{
    QFETCH(Words, words);
    QFETCH(RunState, state);
    QFETCH(QString, problem);
    QTemporaryDir folder;
    if (words.front() == "@script") {
        words.front() = folder.filePath("script").toStdString();
        std::ofstream(words.front()) << "#!/no/such/interpreter\n";
        ::chmod(words.front().c_str(), 0755);
    }
    const Leftovers before = count_leftovers();
    {
        const auto session = watch(words);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), state);
        QVERIFY2(QString::fromStdString(session->problem()).contains(problem),
            session->problem().c_str());
        QCOMPARE(exit_code_of(*session) == 0, state == RunState::done);
        if (state == RunState::done) {
            QCOMPARE(session->repeats().size(), std::size_t{1});
            QCOMPARE(session->recording().lanes().front().exit, std::optional<int>(0));
            QVERIFY(session->recording().lanes().front().role == Role::main);
        }
    }
    QCOMPARE(count_leftovers(), before);
}

void TestOfWatch::commands_that_are_none_data()
{
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("said");
    QTest::newRow("nothing") << ""
                             << "is missing";
    QTest::newRow("no such program") << "no-such-program"
                                     << "is in no folder of PATH";
    QTest::newRow("no such path") << "/no/such/program"
                                  << "does not exist";
    QTest::newRow("a folder") << "/tmp/"
                              << "is a folder";
    QTest::newRow("not executable") << "/etc/passwd"
                                    << "may not be executed";
    QTest::newRow("a pipeline") << "seq 9 | sort"
                                << "sh -c 'seq 9 | sort'";
    QTest::newRow("a pipeline with a path") << "/bin/ls | sort"
                                            << "sh -c '/bin/ls | sort'";
    QTest::newRow("words in one") << "sleep 1"
                                  << "is a line for a shell";
}

void TestOfWatch::commands_that_are_none()
{
    QFETCH(QString, word);
    QFETCH(QString, said);
    try {
        find_command({word.toStdString()});
        QFAIL("was taken");
    } catch (const BadValue& error) {
        const QString text = QString::fromUtf8(error.what());
        QVERIFY2(text.contains(said), error.what());
        QVERIFY(!text.contains('\n'));
    }
}

void TestOfWatch::lines_are_split_as_in_a_shell_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<Words>("words");
    QTest::newRow("words") << " a  b\tc " << Words{"a", "b", "c"};
    QTest::newRow("quotes") << R"(a 'b c' "d e"f)" << Words{"a", "b c", "d ef"};
    QTest::newRow("empty words") << "a '' \"\"" << Words{"a", "", ""};
    QTest::newRow("backslashes") << R"(a\ b "c\"d" "e\f" '\g')"
                                 << Words{"a b", "c\"d", "e\\f", "\\g"};
    QTest::newRow("quoted pipe") << "sh -c 'a | b > $c'" << Words{"sh", "-c", "a | b > $c"};
    QTest::newRow("nothing") << "  " << Words{};
}

void TestOfWatch::lines_are_split_as_in_a_shell()
{
    QFETCH(QString, line);
    QFETCH(Words, words);
    QCOMPARE(words_of(line.toStdString()), words);
}

void TestOfWatch::lines_that_need_a_shell_data()
{
    QTest::addColumn<QString>("line");
    for (const char* const line : {"a | b", "a; b", "a &", "a > b", "echo $HOME", "echo \"$HOME\"",
             "ls *", "a `b`", "a 'b", "a \"b", "a \\"})
        QTest::newRow(line) << line;
}

void TestOfWatch::lines_that_need_a_shell()
{
    QFETCH(QString, line);
    QVERIFY_EXCEPTION_THROWN(words_of(line.toStdString()), BadValue);
}

void TestOfWatch::words_make_a_line_and_back()
{
    const Words words = {"sh", "-c", "a | b", "it's", "", "a\\b", "\"", "$x", "plain=1"};
    QCOMPARE(words_of(command_line_of(words)), words);
    QCOMPARE(command_line_of({"python3", "a.py", "-n", "3"}), std::string("python3 a.py -n 3"));
}

void TestOfWatch::options_that_keep_the_tracer_out_data()
{
    QTest::addColumn<Words>("words");
    QTest::addColumn<QString>("option");
    QTest::newRow("none") << Words{"python3", "a.py"} << "";
    QTest::newRow("isolated") << Words{"python3", "-I", "a.py"} << "-I";
    QTest::newRow("no site") << Words{"python3", "-u", "-S", "a.py"} << "-S";
    QTest::newRow("among others") << Words{"python3", "-sE", "a.py"} << "-sE";
    QTest::newRow("the script's own") << Words{"python3", "a.py", "-I"} << "";
    QTest::newRow("behind a command") << Words{"python3", "-c", "-I"} << "";
    QTest::newRow("a module's own") << Words{"python3", "-m", "x", "-S"} << "";
    QTest::newRow("in a value") << Words{"python3", "-W", "-I", "-XE", "a.py"} << "";
    QTest::newRow("nothing at all") << Words{} << "";
}

void TestOfWatch::options_that_keep_the_tracer_out()
{
    QFETCH(Words, words);
    QFETCH(QString, option);
    QCOMPARE(QString::fromStdString(option_that_keeps_tracer_out(words)), option);
}

void TestOfWatch::resource_tracker_is_named()
{
    const auto session = watch({python, "-c",
        "from multiprocessing import resource_tracker\n"
        "import time\n"
        "resource_tracker.ensure_running()\n"
        "time.sleep(0.5)\n"});
    QVERIFY(finish(*session));
    std::vector<std::string> names;
    for (const Lane& lane : session->recording().lanes())
        names.push_back(lane.name);
    QCOMPARE(names.size(), std::size_t{2});
    QCOMPARE(names[1], std::string("resource tracker"));
}

void TestOfWatch::deadlock_of_python_is_found()
{
    // Left waits for what Right has and only later waits for Left.
    const auto session = watch({python, "-c",
        "import multiprocessing as mp, time\n"
        "def work(first, second, begun, other):\n"
        "    with first:\n"
        "        begun.set(); other.wait()\n"
        "        if mp.current_process().name == 'Right': time.sleep(0.3)\n"
        "        with second: pass\n"
        "context = mp.get_context('fork')\n"
        "a, b, c, d = context.Lock(), context.Lock(), context.Event(), context.Event()\n"
        "context.Process(target=work, args=(a, b, c, d), name='Left').start()\n"
        "context.Process(target=work, args=(b, a, d, c), name='Right').start()\n"});
    QVERIFY(poll_until(*session,
        [&] { return wait_for_graph(session->recording()).cycle.size() == 2; }));
    session->stop(StopReason::person);
    QVERIFY(finish(*session));
    const std::vector<Finding> findings = findings_of(finished_run(*session));
    const auto found = std::find_if(findings.begin(), findings.end(),
        [](const Finding& finding) { return finding.id == "deadlock"; });
    QVERIFY(found != findings.end());
    for (const char* const part :
        {"Left holds the lock “Lock-1” and waits for the lock “Lock-2”, which Right holds",
            "Right holds the lock “Lock-2” and waits for the lock “Lock-1”, which Left holds"})
        QVERIFY2(found->sentence.find(part) != std::string::npos, found->sentence.c_str());
}

void TestOfWatch::pipeline_is_seen_whole()
{
    // sort waits for all of seq, and tail for all of sort: each lives long enough to be looked at.
    const auto session = watch_shell("seq 1000000 | sort | tail -n 1");
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(session->raw_output(), std::string("999999\n"));
    const Recording& recording = session->recording();
    QCOMPARE(recording.lanes().front().name, std::string("sh"));
    for (const char* const name : {"seq", "sort", "tail"}) {
        const Lane* const lane = lane_named(recording, name);
        QVERIFY2(lane != nullptr, name);
        QVERIFY(lane->pid > 0 && lane->pid != recording.lanes().front().pid);
        QVERIFY(lane->ended());
        QVERIFY(lane->start_ns >= recording.lanes().front().start_ns);
        QVERIFY(lane->end_ns <= recording.lanes().front().end_ns);
        QVERIFY(is_sampled(recording, *lane));
    }
    QVERIFY(lane_named(recording, "sort")->cpu_ns > 0);
    QVERIFY(lane_named(recording, "sort")->peak_rss_bytes > 0);
    const auto marks = session->marks();
    QVERIFY(std::find(marks.begin(), marks.end(), "sampled") != marks.end());
}

void TestOfWatch::states_are_sampled_and_say_so()
{
    const auto session = watch({python, "-c",
        "import os, time\n"
        "r, w = os.pipe()\n"
        "if os.fork() == 0:\n"
        "    os.read(r, 1); os._exit(7)\n"
        "time.sleep(0.2)\n"
        "end = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\n"
        "os.write(w, b'x')\n"
        "os.wait()\n"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const Recording& recording = session->recording();
    QCOMPARE(recording.lanes().size(), std::size_t{2});
    std::set<State> seen[2];
    for (std::size_t i = 0; i < 2; ++i) {
        for (const Span& span : recording.lanes()[i].spans) {
            seen[i].insert(span.state);
            if (span.state != State::starting)
                QCOMPARE(recording.places()[span.place].file, std::string("/proc/PID/stat"));
        }
    }
    QVERIFY(seen[0].contains(State::sleeping));
    QVERIFY(seen[0].contains(State::computing));
    QVERIFY(seen[1].contains(State::waiting_data));
    QVERIFY(!seen[1].contains(State::sleeping));
}

void TestOfWatch::bytes_are_the_kernels_data()
{
    QTest::addColumn<Words>("words");
    const std::string dd = "dd if=/dev/zero of=/dev/null bs=1000 count=12345";
    QTest::newRow("alone") << Words{"dd", "if=/dev/zero", "of=/dev/null", "bs=1000", "count=12345"};
    // To whose own the kernel adds those of the children that it has waited for.
    QTest::newRow("by a shell") << Words{"sh", "-c", dd + "; sleep 0.3"};
    QTest::newRow("by a shell that a shell waits for")
        << Words{"sh", "-c", "sh -c '" + dd + "; sleep 0.3'; sleep 0.3"};
}

void TestOfWatch::bytes_are_the_kernels()
{
    QFETCH(Words, words);
    const auto session = watch(words);
    QVERIFY(finish(*session));
    QCOMPARE(session->recording().channels().size(), std::size_t{1});
    const Channel& channel = session->recording().channels().front();
    QCOMPARE(channel.name, std::string("read and write"));
    // It reads its libraries, too, and tells of itself on standard error.
    QVERIFY(channel.bytes >= 12'345'000 && channel.bytes < 12'346'000);
    QVERIFY(channel.messages >= 12'345 && channel.messages < 12'445);
    QVERIFY(channel.bytes_received >= 12'345'000);
    QVERIFY(channel.messages_received >= 12'345);
}

void TestOfWatch::children_that_die_are_failures()
{
    const auto session = watch_shell("sleep 60 & kill -KILL $!; wait $!; sleep 0.2; true");
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QVERIFY(session->document().has_value());
    for (const Failure& failure : session->document()->failures)
        QCOMPARE(failure.value, SIGKILL);
}

void TestOfWatch::orphans_are_told_and_ended()
{
    const Leftovers before = count_leftovers();
    // Twice forked and in a session of its own: a daemon.
    const auto session = watch({python, "-c",
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "time.sleep(0.1)\n"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QVERIFY2(notes_of(*session).find("had ended, and was ended") != std::string::npos,
        notes_of(*session).c_str());
    QCOMPARE(count_leftovers().descendants, before.descendants);
}

void TestOfWatch::more_processes_than_slots()
{
    constexpr int started = 1000;
    QTemporaryDir folder;
    const std::string seen = folder.filePath("seen").toStdString();
    const auto session = watch({python, "-c",
        "import os, sys, time\n"
        "r, w = os.pipe()\n"
        "for i in range(1000):\n"
        "    if os.fork() == 0:\n"
        "        os.close(w); os.read(r, 1); os._exit(0)\n"
        "while not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
        "os.close(w)\n"
        "for i in range(1000): os.wait()\n",
        seen});
    QVERIFY(poll_until(*session, [&] { return session->progress().alive == started + 1; }));
    QCOMPARE(session->recording().lanes().size(), std::size_t{slot_limit});
    std::ofstream(seen) << "yes";
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const nlohmann::json run = run_object(*session);
    QCOMPARE(run.at("quantities").at("processes").get<double>(), started + 1.0);
    const auto hidden = run.at("result").at("processes_without_lane").get<int>();
    QVERIFY(hidden > 0);
    QCOMPARE(static_cast<int>(session->recording().lanes().size()) + hidden, started + 1);
    QVERIFY2(
        notes_of(*session).find("have no lane") != std::string::npos, notes_of(*session).c_str());
    QCOMPARE(children_left(), 0);
}

void TestOfWatch::output_is_handed_on()
{
    SessionOptions options = watching({"sh", "-c", "echo out; echo err >&2"});
    std::string output[2];
    options.output = [&](std::string_view text, bool error) { output[error ? 1 : 0] += text; };
    Session session(std::move(options));
    QVERIFY(finish(session));
    QCOMPARE(output[0], std::string("out\n"));
    QCOMPARE(output[1], std::string("err\n"));
    QCOMPARE(session.raw_output().size(), std::size_t{8});
}

void TestOfWatch::output_without_end()
{
    const auto session = watch_shell("yes | head -c 50000000; head -c 50000000 /dev/zero");
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(session->raw_output().size(), std::size_t{1} << 20);
    const auto& lines = session->recording().output();
    QCOMPARE(lines.size(), std::size_t{10'001});
    QCOMPARE(lines.front().text, std::string("y"));
    QVERIFY(lines.back().text.find("more was written") != std::string::npos);
}

void TestOfWatch::stop_ends_everything_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("calls");
    QTest::newRow("waits") << "sleep 600" << 1;
    QTest::newRow("does not want to") << "trap '' INT TERM; while :; do sleep 1; done" << 1;
    QTest::newRow("killed at once") << "trap '' INT TERM; while :; do sleep 1; done" << 2;
    QTest::newRow("left the group")
        << "setsid sleep 600 & setsid setsid sleep 600 & sleep 600" << 1;
    QTest::newRow("stopped itself") << "kill -STOP $$" << 1;
    QTest::newRow("many") << "for i in 1 2 3 4 5 6 7 8 9; do sleep 600 & done; wait" << 1;
}

void TestOfWatch::stop_ends_everything()
{
    QFETCH(QString, line);
    QFETCH(int, calls);
    const Leftovers before = count_leftovers();
    {
        const auto session = watch_shell(line.toStdString());
        QVERIFY(poll_until(*session, [&] { return !session->recording().lanes().empty(); }));
        for (int i = 0; i < 20; ++i) {
            QVERIFY(session->poll());
            session->wait(std::chrono::milliseconds(10));
        }
        for (int i = 0; i < calls; ++i)
            session->stop(StopReason::person);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::stopped);
        for (const Lane& lane : session->recording().lanes())
            QVERIFY(lane.ended());
        const auto marks = session->marks();
        QVERIFY(std::find(marks.begin(), marks.end(), "partial") != marks.end());
    }
    QCOMPARE(count_leftovers(), before);
}

void TestOfWatch::pause_holds_the_tree()
{
    const auto session = watch_shell("while :; do :; done & while :; do :; done");
    QVERIFY(poll_until(*session, [&] { return session->progress().alive == 2; }));
    // The host has said who it is by its first report.
    QVERIFY(poll_until(*session, [&] { return session->progress().elapsed_s > 0.3; }));
    const auto cpu_of_all = [&] {
        std::int64_t sum = 0;
        for (const Lane& lane : session->recording().lanes())
            sum += lane.cpu_ns;
        return sum;
    };
    session->pause();
    const auto poll_for = [&](int steps) {
        for (int i = 0; i < steps && session->poll(); ++i)
            session->wait(std::chrono::milliseconds(10));
    };
    poll_for(60);
    const std::int64_t held = cpu_of_all();
    poll_for(60);
    QCOMPARE(cpu_of_all(), held);
    session->resume();
    QVERIFY(poll_until(*session, [&] { return cpu_of_all() > held; }));
    session->stop(StopReason::person);
    QVERIFY(finish(*session));
    for (const Lane& lane : session->recording().lanes())
        QVERIFY(lane.stops.empty());
}

void TestOfWatch::host_killed_leaves_nothing()
{
    const Leftovers before = count_leftovers();
    {
        const auto session = watch_shell("setsid sleep 600 & sleep 600");
        QVERIFY(poll_until(*session, [&] { return session->progress().alive == 3; }));
        // The guard's one child.
        std::ifstream children("/proc/" + std::to_string(session->main_pid()) + "/task/"
            + std::to_string(session->main_pid()) + "/children");
        int host = 0;
        QVERIFY(children >> host);
        QVERIFY(alive(host));
        ::kill(host, SIGKILL);
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::failed);
        QVERIFY2(session->problem().find("ended early") != std::string::npos,
            session->problem().c_str());
    }
    QCOMPARE(count_leftovers(), before);
}

void TestOfWatch::guard_killed_leaves_nothing()
{
    const Leftovers before = count_leftovers();
    {
        const auto session = watch_shell("setsid sleep 600 & sleep 600");
        QVERIFY(poll_until(*session, [&] { return session->progress().alive == 3; }));
        ::kill(session->main_pid(), SIGKILL);
        QVERIFY(finish(*session));
    }
    // The host, which is ours now, ends by itself.
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) { }
    QCOMPARE(count_leftovers(), before);
}

void TestOfWatch::destroyed_session_leaves_nothing()
{
    const Leftovers before = count_leftovers();
    {
        const auto session = watch_shell("setsid sleep 600 & trap '' TERM INT; sleep 600");
        QVERIFY(poll_until(*session, [&] { return session->progress().alive == 3; }));
    }
    QCOMPARE(count_leftovers(), before);
}

void TestOfWatch::observer_killed_leaves_nothing()
{
    const Leftovers before = count_leftovers();
    for (const bool with_guard : {false, true}) {
        int ready[2];
        QCOMPARE(::pipe(ready), 0);
        const int observer = ::fork();
        if (observer == 0) {
            const auto session = watch_shell("setsid sleep 600 & sleep 600");
            poll_until(*session, [&] { return session->progress().alive == 3; });
            const int guard = session->main_pid();
            [[maybe_unused]] const auto written = ::write(ready[1], &guard, sizeof guard);
            while (session->poll())
                session->wait(std::chrono::milliseconds(20));
            ::_exit(0);
        }
        int guard = 0;
        QCOMPARE(::read(ready[0], &guard, sizeof guard), static_cast<ssize_t>(sizeof guard));
        ::close(ready[0]);
        ::close(ready[1]);
        ::kill(observer, SIGKILL);
        if (with_guard)
            ::kill(guard, SIGKILL);
        // Whoever did not end would hang this, until the watchdog comes.
        while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) { }
        QCOMPARE(count_leftovers(), before);
    }
}

void TestOfWatch::run_file_comes_back_and_starts_nothing()
{
    QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("run.json").toStdString();
    const auto session = watch_shell("sleep 0.1; seq 3");
    QVERIFY(finish(*session));
    save_run(*session, path);
    const int before = children_left();
    const FinishedRun opened = open_run(path);
    QCOMPARE(children_left(), before);
    QCOMPARE(opened.description.id, std::string(watched_id));
    QCOMPARE(opened.description.title, std::string("sh -c 'sleep 0.1; seq 3'"));
    QVERIFY(opened.lesson.program.empty());
    QCOMPARE(opened.recording->lanes().size(), session->recording().lanes().size());
    QVERIFY(is_sampled(*opened.recording));
    QVERIFY(is_sampled(*opened.recording, opened.recording->lanes().front()));
    QCOMPARE(opened.recording->shown_interval().begin_ns,
        session->recording().shown_interval().begin_ns);
    const nlohmann::json told = run_object(opened);
    QCOMPARE(told.at("lesson").get<std::string>(), std::string("watch"));
    QCOMPARE(told.at("processes"), run_object(*session).at("processes"));
    QCOMPARE(told.at("marks"), run_object(*session).at("marks"));
}

void TestOfWatch::nothing_is_left_after_many_runs()
{
    const Leftovers before = count_leftovers();
    for (int i = 0; i < 20; ++i) {
        const auto session = watch_shell("sleep 0.01 & sleep 0.02 & wait");
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::done);
    }
    QCOMPARE(count_leftovers(), before);
}

QTEST_APPLESS_MAIN(TestOfWatch)

#include "tst_watch.moc"
