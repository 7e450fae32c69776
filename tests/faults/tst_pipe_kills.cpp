// SPDX-License-Identifier: MIT
// Processes that are killed while they send and receive through a pipe: who is at its other end
// gets whole messages and then learns of it.
#include "engine/ipc/connection.hpp"
#include "engine/os/guards.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <QTest>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

using Bytes = std::vector<std::byte>;

namespace {

// Nothing here takes nearly as long: who waits longer hangs, and says so.
constexpr std::chrono::seconds hanging{30};

std::size_t size_of(std::uint64_t number)
{
    constexpr std::size_t sizes[] = {0, 1, 9, 100, 5'000, 70'000, 1 << 20};
    return sizes[number % std::size(sizes)] + number % 5;
}

void send_for_ever(Connection<Bytes> end)
{
    for (std::uint64_t i = 0;; ++i)
        end.send(patterned(1, i, size_of(i)));
}

void receive_for_ever(Connection<Bytes> end)
{
    while (true)
        end.recv();
}

void pass_on(Connection<Bytes> from, Connection<Bytes> to)
{
    try {
        while (true)
            to.send(from.recv());
    } catch (const EndOfFile&) {
    } catch (const BrokenPipeError&) {
    }
}

int rounds_of_seed()
{
    return 20;
}

// 200 rounds of each fault, or 2000.
void add_kill_rows()
{
    add_seed_rows(std::getenv("MANYHANDS_SOAK") != nullptr ? 100 : 10);
}

// Each death takes a process of its own, which is stepped to it: a seventh of them, or all. Under
// the sanitizer the same work takes many times the instructions.
std::size_t instructions_between()
{
#ifdef __SANITIZE_ADDRESS__
    constexpr std::size_t usual = 997;
#else
    constexpr std::size_t usual = 7;
#endif
    return std::getenv("MANYHANDS_SOAK") != nullptr ? 1 : usual;
}

// Runs `round` from this row's seed; afterwards nothing is left.
void run_rounds(const std::function<void(std::mt19937_64&)>& round)
{
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture;
        std::size_t room = 0;
        // From the first fork on there is an end of the lifeline for the next one.
        Process first(
            {.start_method = StartMethod::fork}, +[] {});
        first.start();
        first.join();
        const std::size_t descriptors = holdings().descriptors.size();
        for (int i = 0; i < rounds_of_seed() && !QTest::currentTestFailed(); ++i) {
            round(random);
            // So that the slots are used again by the next round.
            for (std::uint32_t slot = 1; slot < slot_limit; ++slot) {
                Slot& of = this_process.segment.slot(slot);
                of.drained.store(of.generation.load());
            }
            // The first one's pages of small blocks stay.
            if (i == 0)
                room = fixture.engine().arena().bytes_free();
            QCOMPARE(holdings().descriptors.size(), descriptors);
        }
        if (!QTest::currentTestFailed())
            QCOMPARE(fixture.engine().arena().bytes_free(), room);
    }
    QCOMPARE(holdings(), before);
}

StartMethod any_method(std::mt19937_64& random)
{
    return pick(random, 0, 3) == 0 ? StartMethod::spawn : StartMethod::fork;
}

void sleep_random(std::mt19937_64& random)
{
    std::this_thread::sleep_for(std::chrono::microseconds(pick(random, 0, 3'000)));
}

// How a forked process ended that was let run so many instructions of `work` and then killed. It
// has a duplicate of `end`.
enum class Moment { within, behind, not_permitted };
Moment kill_after(EngineFixture& fixture, std::size_t instructions, const Connection<Bytes>& end,
    const std::function<void(Connection<Bytes>&)>& work)
{
    std::vector<PipeEnd> ends;
    Bytes arguments;
    end.duplicate().hand_over(arguments, ends);
    const int pid = fixture.fork_into(1, [&] {
        take_over_ends(std::vector<int>{ends[0].descriptor()});
        std::span<const std::byte> handed = arguments;
        auto own = Connection<Bytes>::taken_over(handed);
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0)
            ::_exit(2);
        ::raise(SIGSTOP);
        work(own);
        ::raise(SIGSTOP);
    });
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status))
        return Moment::not_permitted;
    Moment death = Moment::within;
    for (std::size_t i = 0; i < instructions && death == Moment::within; ++i) {
        ::ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr);
        ::waitpid(pid, &status, 0);
        if (!WIFSTOPPED(status) || WSTOPSIG(status) == SIGSTOP)
            death = Moment::behind;
    }
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    this_process.segment.slot(1).state.store(static_cast<std::uint32_t>(SlotState::ended));
    return death;
}

} // namespace

class TestPipeKills : public QObject
{
    Q_OBJECT

private slots:
    void who_sends_data() { add_kill_rows(); }
    void who_sends();
    void who_receives_data() { add_kill_rows(); }
    void who_receives();
    void one_of_a_chain_data() { add_kill_rows(); }
    void one_of_a_chain();
    void at_each_instruction_data();
    void at_each_instruction();
};

void TestPipeKills::who_sends()
{
    run_rounds([](std::mt19937_64& random) {
        auto [here, there] = pipe<Bytes>(pick(random, 0, 1) == 0);
        Process process({.name = "Mortal", .start_method = any_method(random)}, &send_for_ever,
            std::move(there));
        process.start();
        std::uint64_t received = 0;
        const std::uint64_t first = pick(random, 0, 20);
        while (received < first) {
            QVERIFY(here.poll(hanging));
            QVERIFY(here.recv() == patterned(1, received, size_of(received)));
            ++received;
        }
        sleep_random(random);
        process.kill();
        try {
            while (true) {
                QVERIFY(here.poll(hanging));
                QVERIFY(here.recv() == patterned(1, received, size_of(received)));
                ++received;
            }
        } catch (const EndOfFile& end) {
            const std::string text = end.what();
            // Where a message was cut, one knows who did it.
            if (text.find("in the middle of a message") != std::string::npos)
                QVERIFY2(text.find("Mortal (pid") != std::string::npos, text.c_str());
        }
        QVERIFY(process.join(hanging));
        QCOMPARE(process.exit_code(), std::optional(-SIGKILL));
    });
}

void TestPipeKills::who_receives()
{
    run_rounds([](std::mt19937_64& random) {
        auto [there, here] = pipe<Bytes>(pick(random, 0, 1) == 0);
        Process process({.name = "Mortal", .start_method = any_method(random)}, &receive_for_ever,
            std::move(there));
        process.start();
        const std::uint64_t first = pick(random, 0, 20);
        std::uint64_t sent = 0;
        for (; sent < first; ++sent)
            here.send(patterned(1, sent, size_of(sent)));
        sleep_random(random);
        process.kill();
        try {
            while (true) {
                here.send(patterned(1, sent, size_of(sent)));
                ++sent;
            }
        } catch (const BrokenPipeError&) {
        }
        QVERIFY(process.join(hanging));
        QCOMPARE(process.exit_code(), std::optional(-SIGKILL));
    });
}

// Three processes, each the next one's source. The rest end by themselves.
void TestPipeKills::one_of_a_chain()
{
    run_rounds([](std::mt19937_64& random) {
        constexpr std::size_t links = 3;
        auto [from, first] = pipe<Bytes>(false);
        std::vector<Process> processes;
        for (std::size_t i = 0; i < links; ++i) {
            auto [next, to] = pipe<Bytes>(false);
            processes.emplace_back(ProcessOptions{.start_method = any_method(random)}, &pass_on,
                std::move(from), std::move(to));
            processes.back().start();
            from = std::move(next);
        }
        const std::size_t victim = pick(random, 0, links - 1);
        const std::uint64_t kill_at = pick(random, 0, 30);
        std::uint64_t received = 0;
        try {
            for (std::uint64_t i = 0;; ++i) {
                if (i == kill_at)
                    processes[victim].kill();
                first.send(patterned(2, i, i % 7 * 1'000));
                if (i % 2 == 1) {
                    QVERIFY(from.recv() == patterned(2, received, received % 7 * 1'000));
                    ++received;
                }
            }
        } catch (const BrokenPipeError&) {
        } catch (const EndOfFile&) {
        }
        first.close();
        from.close();
        for (std::size_t i = 0; i < links; ++i) {
            QVERIFY(processes[i].join(hanging));
            QCOMPARE(processes[i].exit_code(), std::optional(i == victim ? -SIGKILL : 0));
        }
    });
}

void TestPipeKills::at_each_instruction_data()
{
    QTest::addColumn<bool>("sends");
    QTest::addColumn<bool>("duplex");
    QTest::newRow("of sending, duplex") << true << true;
    QTest::newRow("of sending, one way") << true << false;
    QTest::newRow("of receiving, duplex") << false << true;
    QTest::newRow("of receiving, one way") << false << false;
}

void TestPipeKills::at_each_instruction()
{
    QFETCH(bool, sends);
    QFETCH(bool, duplex);
    const Holdings before = holdings();
    {
        EngineFixture fixture({.traced = false});
        bool none = false;
        bool whole = false;
        for (std::size_t instructions = 0;; instructions += instructions_between()) {
            auto [receiver, sender] = pipe<Bytes>(duplex);
            Moment death = Moment::within;
            if (sends) {
                const Bytes message = patterned(3, 1, 100);
                death = kill_after(fixture, instructions, sender,
                    [&](Connection<Bytes>& end) { end.send(message); });
            } else {
                sender.send(patterned(3, 1, 100));
                sender.send(patterned(3, 2, 100));
                death = kill_after(
                    fixture, instructions, receiver, [](Connection<Bytes>& end) { end.recv(); });
            }
            if (death == Moment::not_permitted)
                QSKIP("this machine does not permit to trace a process");
            sender.close();
            // Whole messages or none, and then the end. (Where a receiver dies in the middle of
            // one, who receives next from the same end is told that there is none.)
            std::uint64_t number = 1;
            std::string text;
            try {
                for (;; ++number) {
                    const Bytes message = receiver.recv();
                    if (!sends && number == 1 && message == patterned(3, 2, 100))
                        ++number;
                    QVERIFY(message == patterned(3, number, 100));
                }
            } catch (const Error& error) {
                text = error.what();
            }
            none |= number == 1;
            whole |= number > 1;
            if (sends || number > 1)
                QVERIFY2(
                    text.find("nobody has its other end open") != std::string::npos, text.c_str());
            if (death == Moment::behind)
                break;
        }
        QVERIFY(whole);
        QVERIFY(none);
    }
    QCOMPARE(holdings(), before);
}

int main(int argc, char** argv)
{
    return test_main<TestPipeKills>(argc, argv);
}

#include "tst_pipe_kills.moc"
