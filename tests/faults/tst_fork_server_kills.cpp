// SPDX-License-Identifier: MIT
// Kills the fork server, the process between it and its worker, and the worker, at random moments
// and at every instruction of a start: a process is started or refused in words, never half of it;
// the next start works, and nothing is left.
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"
#include "engine/pool/pool.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace manyhands;

namespace {

bool soak()
{
    return std::getenv("MANYHANDS_SOAK") != nullptr;
}

void do_nothing() { }

int twice(int number)
{
    return 2 * number;
}

// 0 where there is none.
int server_pid()
{
    for (std::uint32_t number = 1; number < slot_limit; ++number) {
        const Slot& slot = this_process.segment.slot(number);
        if (slot.role == Role::server
            && slot.state.load() == static_cast<std::uint32_t>(SlotState::running))
            return slot.pid.load();
    }
    return 0;
}

// As the observer does who has read all of it.
void drain_all()
{
    for (std::uint32_t number = 1; number < slot_limit; ++number) {
        Slot& slot = this_process.segment.slot(number);
        slot.drained.store(slot.generation.load());
    }
}

void kill_server()
{
    // It may have been killed before and not been needed since.
    if (const int pid = server_pid(); pid != 0)
        ::kill(pid, SIGKILL);
}

void start_server()
{
    Process first({.start_method = StartMethod::forkserver}, &do_nothing);
    first.start();
    first.join();
    drain_all();
}

// Empty where a start, whatever it came to, is as it must be.
std::string what_is_wrong_with_a_start(bool worker_may_die)
{
    Process process({.name = "Starter", .start_method = StartMethod::forkserver}, &do_nothing);
    try {
        process.start();
    } catch (const std::exception& error) {
        return std::string("refused: ") + error.what();
    }
    process.join();
    const int exit = process.exit_code().value_or(77);
    // A trap of single-stepping may outlive the tracer; nothing in the engine raises one.
    if (exit == 0 || exit == -SIGTRAP || (worker_may_die && exit == -SIGKILL))
        return {};
    return "it ended with " + std::to_string(exit);
}

// What is traced: the server, the process that it forks, and the one that this forks.
enum Traced : std::size_t { server, middle, worker };

// Lets `stepped` execute so many instructions, then kills `victim`. Runs in a process of its own,
// which ends with 0; with 2 where `stepped` had ended before or the start was over, and with 3
// where tracing is not permitted.
class Tracer
{
public:
    Tracer(int pid, Traced stepped, Traced victim, std::size_t instructions,
        const std::atomic<bool>& over)
        : over_(over)
        , stepped_(stepped)
        , victim_(victim)
        , instructions_(instructions)
        , pids_{pid}
    {
    }

    [[noreturn]] void run(int ready)
    {
        int status = 0;
        constexpr long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
        if (::ptrace(PTRACE_SEIZE, pids_[0], nullptr, options) != 0
            || ::ptrace(PTRACE_INTERRUPT, pids_[0], nullptr, nullptr) != 0
            || ::waitpid(pids_[0], &status, __WALL) != pids_[0])
            ::_exit(3);
        if (::write(ready, "r", 1) != 1)
            ::_exit(4);
        go_on(pids_[0], 0);
        while (true) {
            const int pid = ::waitpid(-1, &status, __WALL);
            if (pid < 0)
                ::_exit(2);
            const auto known = std::find(pids_.begin(), pids_.end(), pid);
            const auto which = static_cast<std::size_t>(known - pids_.begin());
            if (known == pids_.end())
                pids_.push_back(pid);
            if (!WIFSTOPPED(status)) {
                if (which == stepped_)
                    ::_exit(2);
                continue;
            }
            // At other stops the trap of a step may still be under way: let go there, the process
            // would die of it.
            const bool stepped = WSTOPSIG(status) == SIGTRAP && (status >> 16) == 0;
            // An idle server steps a little each 100 ms.
            if (which == stepped_ && stepped && over_) {
                ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
                ::_exit(2);
            }
            if (which == stepped_ && stepped && instructions_-- == 0) {
                ::kill(pids_[victim_], SIGKILL);
                // Or it would go on in steps. What else is traced is let go with its tracer's end.
                ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
                ::_exit(0);
            }
            const bool its_own = WSTOPSIG(status) != SIGTRAP && (status >> 16) == 0;
            go_on(pid, its_own ? WSTOPSIG(status) : 0);
        }
    }

private:
    void go_on(int pid, int signal) const
    {
        const bool steps = pids_.size() > stepped_ && pids_[stepped_] == pid;
        ::ptrace(steps ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, nullptr,
            reinterpret_cast<void*>(static_cast<std::intptr_t>(signal)));
    }

    const std::atomic<bool>& over_;
    Traced stepped_;
    Traced victim_;
    std::size_t instructions_;
    std::vector<int> pids_;
};

} // namespace

class TestForkServerKills : public QObject
{
    Q_OBJECT

private slots:
    void init() { ::alarm(1000); }
    void starts_all_the_same_data() { add_seed_rows(soak() ? 100 : 10); }
    void starts_all_the_same();
    void survives_a_kill_at_every_instruction_data();
    void survives_a_kill_at_every_instruction();
    void says_where_it_may_not_fork();
    void keeps_a_pool_going_data() { add_seed_rows(soak() ? 40 : 4); }
    void keeps_a_pool_going();
};

void TestForkServerKills::starts_all_the_same()
{
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        start_server();
        std::size_t room = 0;
        for (int round = 0; round < 20; ++round) {
            // From another process, at any moment of the next starts.
            const int victim = server_pid();
            const int killer = ::fork();
            if (killer == 0) {
                ::usleep(static_cast<useconds_t>(pick(random, 0, 800)));
                ::kill(victim, SIGKILL);
                ::_exit(0);
            }
            for (int i = 0; i < 3; ++i) {
                const std::string wrong = what_is_wrong_with_a_start(false);
                QVERIFY2(wrong.empty(), (std::to_string(round) + ": " + wrong).c_str());
            }
            QCOMPARE(end_of(killer), 0);
            const std::string wrong = what_is_wrong_with_a_start(false);
            QVERIFY2(wrong.empty(), (std::to_string(round) + ", next: " + wrong).c_str());
            QVERIFY(server_pid() != victim);
            QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
            QCOMPARE(holdings().descendants, before.descendants + 1);
            drain_all();
            if (round == 0)
                room = fixture.engine().arena().bytes_free();
        }
        QCOMPARE(fixture.engine().arena().bytes_free(), room);
    }
    QCOMPARE(holdings(), before);
}

void TestForkServerKills::survives_a_kill_at_every_instruction_data()
{
    QTest::addColumn<int>("stepped");
    QTest::addColumn<int>("victim");
    QTest::newRow("the server") << int{server} << int{server};
    QTest::newRow("the one in the middle") << int{middle} << int{middle};
    QTest::newRow("the server, while the one in the middle works") << int{middle} << int{server};
    QTest::newRow("the worker") << int{worker} << int{worker};
    QTest::newRow("the server, while the worker begins") << int{worker} << int{server};
    QTest::newRow("the one in the middle, while the worker begins") << int{worker} << int{middle};
}

void TestForkServerKills::survives_a_kill_at_every_instruction()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("the sanitizer has a worker execute so many instructions that this takes minutes");
#endif
    QFETCH(int, stepped);
    QFETCH(int, victim);
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        start_server();
        const SharedBlock shared("over", sizeof(std::atomic<bool>));
        std::atomic<bool>& over = shared.as<std::atomic<bool>>();
        std::mt19937_64 random(1);
        std::size_t instructions = 0;
        int rounds = 0;
        for (int tracer_exit = 0; tracer_exit == 0; ++rounds) {
            const std::size_t usual = stepped == middle ? 10 : stepped == server ? 60 : 300;
            const std::size_t most = soak() ? usual / 10 : usual;
            os::PipeEnds ready = os::make_pipe();
            const int target = server_pid();
            const int tracer = ::fork();
            if (tracer == 0)
                Tracer(target, static_cast<Traced>(stepped), static_cast<Traced>(victim),
                    instructions, over)
                    .run(ready.write.get());
            char byte = 0;
            ready.write.reset();
            if (::read(ready.read.get(), &byte, 1) != 1) {
                end_of(tracer);
                QSKIP("this machine does not permit to trace a process");
            }
            const std::string at = "behind " + std::to_string(instructions) + " instructions: ";
            std::string wrong = what_is_wrong_with_a_start(victim == worker);
            QVERIFY2(wrong.empty(), (at + wrong).c_str());
            over = true;
            tracer_exit = end_of(tracer);
            over = false;
            QVERIFY(tracer_exit == 0 || tracer_exit == 2);
            wrong = what_is_wrong_with_a_start(false);
            QVERIFY2(wrong.empty(), (at + "the next one: " + wrong).c_str());
            QCOMPARE(fixture.supervisor().alive(), std::size_t{0});
            QCOMPARE(holdings().descendants, before.descendants + 1);
            drain_all();
            instructions += pick(random, 1, most);
        }
        QVERIFY(rounds > 3);
        qInfo("%d kills within %zu instructions", rounds, instructions);
    }
    QCOMPARE(holdings(), before);
}

void TestForkServerKills::says_where_it_may_not_fork()
{
    os::become_subreaper();
    const Holdings before = holdings();
    // The limit on processes does not bind root.
    const int other_user = ::fork();
    if (other_user == 0) {
        constexpr uid_t nobody = 65534;
        if (::getuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0)
            ::_exit(2);
        ProcessFixture fixture;
        start_server();
        const rlimit none = {0, 0};
        ::prlimit(server_pid(), RLIMIT_NPROC, &none, nullptr);
        Process process({.name = "Denied", .start_method = StartMethod::forkserver}, &do_nothing);
        try {
            process.start();
        } catch (const MachineLacks& error) {
            const bool named = std::string(error.what()).find("process Denied") == 0;
            const bool clean = fixture.supervisor().alive() == 0 && holdings().descendants == 1;
            fixture.supervisor().end_all();
            ::_exit(named && clean && error.code().value() == EAGAIN ? 0 : 1);
        }
        ::_exit(3);
    }
    QCOMPARE(end_of(other_user), 0);
    QCOMPARE(holdings(), before);
}

void TestForkServerKills::keeps_a_pool_going()
{
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        fixture.supervisor().set_drain([](bool) { drain_all(); });
        Pool pool(3, {.start_method = StartMethod::forkserver});
        for (int round = 0; round < 20; ++round) {
            // The server and a worker, which the pool replaces by a new server's.
            if (pick(random, 0, 1) == 0)
                kill_server();
            const auto children = active_children();
            if (!children.empty())
                ::kill(children[pick(random, 0, children.size() - 1)].pid, SIGKILL);
            std::vector<int> numbers(50);
            for (int i = 0; i < 50; ++i)
                numbers[static_cast<std::size_t>(i)] = i;
            try {
                const std::vector<int> found = pool.map(&twice, numbers, 5);
                QCOMPARE(found[49], 98);
            } catch (const WorkerDied& died) {
                QCOMPARE(died.failures().size(), std::size_t{1});
            }
        }
        pool.close();
        pool.join();
    }
    QCOMPARE(holdings(), before);
}

int main(int argc, char** argv)
{
    return test_main<TestForkServerKills>(argc, argv);
}
#include "tst_fork_server_kills.moc"
