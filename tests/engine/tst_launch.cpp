// SPDX-License-Identifier: MIT
// Starting programs: what a child inherits, what a failed start leaves behind, how a worker is let
// into a run, and that nobody outlives whom it belongs to.
#include "engine/arena/arena.hpp"
#include "engine/launch/launch.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/process/start_block.hpp"
#include "engine/trace/reader.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTest>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

std::string read_to_end(int fd)
{
    std::string text;
    char piece[4096];
    ssize_t length = 0;
    while ((length = ::read(fd, piece, sizeof piece)) > 0)
        text.append(piece, static_cast<std::size_t>(length));
    return text;
}

int wait_for(int pid)
{
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid)
        return -1000;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

// What a shell command prints under launch().
std::string output_of(const std::string& command, std::vector<int> inherit = {})
{
    os::PipeEnds pipe = os::make_pipe();
    const Launched child = launch({.program = "/bin/sh",
        .argv0 = "sh",
        .arguments = {"-c", command},
        .inherit = std::move(inherit),
        .output = pipe.write.get()});
    pipe.write.reset();
    const std::string text = read_to_end(pipe.read.get());
    wait_for(child.pid);
    return text;
}

// A segment and an arena as a lesson's main process would have them, for a worker to be let into.
struct Run
{
    Segment segment{SegmentOptions{.traced = true, .observed = true}};
    Arena arena{std::size_t{64} << 20};
    os::PipeEnds lifeline = os::make_pipe();
    static constexpr std::uint32_t slot = 1;

    Run()
    {
        segment.back_slot(slot);
        Slot& to = segment.slot(slot);
        to.role = Role::worker;
        set_name(to, "Worker-1");
        to.generation.store(1);
        to.state.store(static_cast<std::uint32_t>(SlotState::running));
        segment.header().slots_used.store(2);
    }

    // Lets a worker in and returns how it ended and what it said.
    std::pair<int, std::string> start_worker(const WorkerArguments& arguments) const
    {
        os::PipeEnds errors = os::make_pipe();
        const Launched worker = launch({.program = built_program("manyhands-test-lessons"),
            .argv0 = {},
            .arguments = to_words(arguments),
            .inherit = {segment.descriptor(), arena.descriptor(), lifeline.read.get()},
            .error_output = errors.write.get()});
        errors.write.reset();
        const std::string said = read_to_end(errors.read.get());
        return {wait_for(worker.pid), said};
    }

    WorkerArguments arguments() const
    {
        return {.name = "Worker-1",
            .slot = slot,
            .start = 0,
            .segment = segment.descriptor(),
            .arena = arena.descriptor(),
            .lifeline = lifeline.read.get()};
    }

    std::string exception() const
    {
        SegmentReader reader(segment, RingReading::following);
        reader.started(slot);
        TextRecord record;
        while (reader.text(slot, record)) {
            if (record.kind == TextKind::exception)
                return std::string(record.text);
        }
        return {};
    }
};

// The build id of a program that does not run: the note as it lies in the file.
os::BuildId build_id_of(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    const std::string note("\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0", 16);
    const auto found = text.str().find(note);
    os::BuildId id = {};
    if (found != std::string::npos)
        std::memcpy(id.data(), text.str().data() + found + note.size(), id.size());
    return id;
}

} // namespace

class TestLaunch : public QObject
{
    Q_OBJECT

private slots:
    void hands_over_exactly_what_was_named();
    void leaves_nothing_of_a_failed_start();
    void keeps_the_name_that_it_was_given();
    void leads_a_group_of_its_own_if_asked();
    void lets_no_worker_of_another_build_in();
    void lets_no_worker_start_outside_the_arena();
    void dies_with_its_parent_data();
    void dies_with_its_parent();
};

void TestLaunch::hands_over_exactly_what_was_named()
{
    // Two open descriptors that are not close-on-exec; one is named.
    const int named = ::open("/dev/null", O_RDONLY);
    const int other = ::open("/dev/null", O_RDONLY);
    // The shell is replaced by ls, which has one more for the folder that it lists.
    std::istringstream listed(output_of("exec ls -1 /proc/self/fd", {named}));
    std::set<int> found;
    for (int fd = 0; listed >> fd;)
        found.insert(fd);
    QCOMPARE(found.size(), std::size_t{5});
    QVERIFY(found.contains(0) && found.contains(1) && found.contains(2) && found.contains(named));
    QVERIFY(!found.contains(other));
    ::close(named);
    ::close(other);
}

void TestLaunch::leaves_nothing_of_a_failed_start()
{
    const Leftovers before = count_leftovers();
    for (int i = 0; i < 50; ++i) {
        try {
            launch({.program = "/nonexistent/program", .argv0 = {}, .arguments = {}, .inherit = {}});
            QFAIL("a program that does not exist was started");
        } catch (const MachineLacks& error) {
            QVERIFY(std::string(error.what()).find("/nonexistent/program") != std::string::npos);
            QCOMPARE(error.code().value(), ENOENT);
        }
    }
    QVERIFY(count_leftovers() == before);
}

void TestLaunch::keeps_the_name_that_it_was_given()
{
    os::PipeEnds pipe = os::make_pipe();
    const Launched child = launch({.program = "/bin/sh",
        .argv0 = "another name",
        .arguments = {"-c", "tr '\\0' '|' </proc/$$/cmdline"},
        .inherit = {},
        .output = pipe.write.get()});
    pipe.write.reset();
    QVERIFY(read_to_end(pipe.read.get()).starts_with("another name|-c|"));
    QCOMPARE(wait_for(child.pid), 0);
}

void TestLaunch::leads_a_group_of_its_own_if_asked()
{
    for (const bool own : {false, true}) {
        os::PipeEnds hold = os::make_pipe();
        const Launched child = launch({.program = "/bin/cat",
            .argv0 = "cat",
            .arguments = {},
            .inherit = {},
            .standard_input = hold.read.get(),
            .own_group = own});
        QCOMPARE(::getpgid(child.pid), own ? child.pid : ::getpgrp());
        hold.write.reset();
        QCOMPARE(wait_for(child.pid), 0);
    }
}

void TestLaunch::lets_no_worker_of_another_build_in()
{
    const Run run;
    run.segment.header().build_id = {1, 2, 3};
    const auto [exit, said] = run.start_worker(run.arguments());
    QCOMPARE(exit, 1);
    QVERIFY2(said.find("another build") != std::string::npos, said.c_str());
}

void TestLaunch::lets_no_worker_start_outside_the_arena()
{
    const Run run;
    run.segment.header().build_id = build_id_of(built_program("manyhands-test-lessons"));
    WorkerArguments arguments = run.arguments();
    arguments.start = std::uint64_t{1} << 40;
    const auto [exit, said] = run.start_worker(arguments);
    QCOMPARE(exit, 1);
    // It was let in: it writes into its own text area now.
    QVERIFY(said.empty());
    QVERIFY2(run.exception().find("outside the arena") != std::string::npos,
        run.exception().c_str());
}

void TestLaunch::dies_with_its_parent_data()
{
    QTest::addColumn<bool>("by_death_signal");
    QTest::newRow("by the death signal") << true;
    QTest::newRow("by the lifeline") << false;
}

void TestLaunch::dies_with_its_parent()
{
    QFETCH(bool, by_death_signal);
    QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    os::PipeEnds tell = os::make_pipe();
    os::PipeEnds lifeline = os::make_pipe();
    const int middle = ::fork();
    if (middle == 0) {
        const int parent = ::getpid();
        const int child = ::fork();
        if (child == 0) {
            lifeline.write.reset();
            if (by_death_signal)
                os::die_with_parent(parent);
            else
                os::die_with_lifeline(lifeline.read.get());
            const int own = ::getpid();
            static_cast<void>(::write(tell.write.get(), &own, sizeof own));
            while (true) { }
        }
        while (true)
            ::pause();
    }
    lifeline.write.reset();
    int child = 0;
    QCOMPARE(::read(tell.read.get(), &child, sizeof child), ssize_t{sizeof child});
    const os::Descriptor process = os::open_process(child);
    pollfd waiting = {process.get(), POLLIN, 0};
    QCOMPARE(::poll(&waiting, 1, 0), 0);
    ::kill(middle, SIGKILL);
    // The watchdog is ten times what is promised.
    QCOMPARE(::poll(&waiting, 1, 10'000), 1);
    wait_for(middle);
    QCOMPARE(wait_for(child), by_death_signal ? -SIGKILL : -SIGIO);
}

QTEST_GUILESS_MAIN(TestLaunch)
#include "tst_launch.moc"
