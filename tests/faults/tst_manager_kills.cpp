// SPDX-License-Identifier: MIT
// Kills a manager's server and its clients, at random moments and behind every so many
// instructions: the server goes on with the others, and nobody waits for one that is dead.
#include "engine/ipc/array.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/manager/manager.hpp"
#include "engine/trace/reader.hpp"
#include "process_fixture.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// Nothing here takes nearly as long: who waits longer hangs.
constexpr std::chrono::seconds hanging{30};

using Numbers = RawArray<std::uint64_t>;

std::atomic_ref<std::uint64_t> number(const Numbers& numbers, std::size_t index)
{
    return std::atomic_ref(numbers.span()[index]);
}

// What stands where in the numbers of a round.
constexpr std::size_t stop = 0;
constexpr std::size_t wrong = 1;
constexpr std::size_t named = 2;
constexpr std::size_t go = 3;
constexpr std::size_t done = 8; // and the client's number: its calls that came back

constexpr int clients = 3;

using Texts = DictProxy<int, std::string>;

// In a cell, in a small block, and now and then in pages of its own.
std::string text_of(int key)
{
    const int length = key % 40 == 39 ? 20'000 : key % 3 == 2 ? 300 : 3;
    return std::string(static_cast<std::size_t>(length), static_cast<char>('a' + key % 26));
}

int key_of(int client, std::uint64_t call)
{
    return static_cast<int>(call) * clients + client;
}

void set_until_stopped(Texts texts, const Numbers& numbers, int client)
{
    const std::size_t mine = done + static_cast<std::size_t>(client);
    try {
        for (std::uint64_t call = 0; number(numbers, stop).load() == 0; ++call) {
            const int key = key_of(client, call);
            texts.set(key, text_of(key));
            number(numbers, mine).store(call + 1);
            if (texts.at(key) != text_of(key))
                number(numbers, wrong).fetch_add(1);
        }
    } catch (const WorkerDied& death) {
        if (death.failure().process == "Keeper" && death.failure().value == SIGKILL)
            number(numbers, named).fetch_add(1);
    }
}

// Waits to be let go, and makes one call.
void set_once(Texts texts, const Numbers& numbers, int key)
{
    number(numbers, done).store(1);
    while (number(numbers, go).load() == 0)
        relax_cpu();
    try {
        texts.set(key, text_of(key));
        number(numbers, done).store(2);
    } catch (const WorkerDied& death) {
        if (death.failure().process == "Keeper")
            number(numbers, named).fetch_add(1);
    }
}

// Reads what the processes write, as a lesson's main process does: without that no slot is free
// again.
class Drain
{
public:
    explicit Drain(Supervisor& supervisor)
        : reader_(this_process.segment, RingReading::taking)
    {
        supervisor.set_drain([this](bool) { drain(); });
    }

private:
    void drain()
    {
        for (std::uint32_t slot = 0; slot < reader_.slots_used(); ++slot) {
            reader_.started(slot);
            if (!reader_.reading(slot))
                continue;
            do {
                events_.clear();
            } while (reader_.events(slot, events_, 4096) > 0);
            reader_.ended(slot);
        }
    }

    SegmentReader reader_;
    std::vector<TraceEvent> events_;
};

// Waits for it; whether it was a stop. A child's end may interrupt that.
bool has_stopped(int pid)
{
    int status = 0;
    pid_t told = 0;
    while ((told = ::waitpid(pid, &status, __WALL)) < 0 && errno == EINTR) { }
    return told == pid && WIFSTOPPED(status);
}

// Whether the process could be stopped.
bool attach(int pid)
{
    return ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0
        && ::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr) == 0 && has_stopped(pid);
}

// Until the client has told that it is done: its end is the supervisor's to see.
void step(int pid, std::size_t instructions, const Numbers& numbers)
{
    for (std::size_t i = 0; i < instructions && number(numbers, done).load() != 2; ++i) {
        if (::ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr) != 0 || !has_stopped(pid))
            return;
    }
}

bool soak()
{
    return std::getenv("MANYHANDS_SOAK") != nullptr;
}

int rounds_of_a_row()
{
    return soak() ? 200 : 20;
}

} // namespace

class TestManagerKills : public QObject
{
    Q_OBJECT

private slots:
    void kills_data();
    void kills();
    void at_every_instruction_data();
    void at_every_instruction();
};

void TestManagerKills::kills_data()
{
    QTest::addColumn<bool>("of_server");
    QTest::addColumn<int>("seed");
    for (const bool of_server : {false, true}) {
        for (int seed = 1; seed <= 10; ++seed)
            QTest::addRow("%s, seed %d", of_server ? "the server" : "a client", seed)
                << of_server << seed;
    }
}

void TestManagerKills::kills()
{
    QFETCH(bool, of_server);
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = true, .arena_bytes = std::size_t{256} << 20});
        const Drain drain(fixture.supervisor());
        for (int round = 0; round < rounds_of_a_row(); ++round) {
            Manager manager({.name = "Keeper", .start_method = StartMethod::fork});
            Texts texts = manager.dict<int, std::string>();
            Numbers numbers(done + clients);
            std::vector<Process> processes;
            for (int client = 0; client < clients; ++client) {
                processes.emplace_back(ProcessOptions{.start_method = StartMethod::fork},
                    &set_until_stopped, texts, numbers, client);
                processes.back().start();
            }
            // Far into their work, or not far.
            const std::uint64_t moment = pick(random, 0, 60);
            while (number(numbers, done).load() < moment)
                relax_cpu();
            for (std::uint64_t i = pick(random, 0, 2'000); i > 0; --i)
                relax_cpu();
            ::kill(of_server ? manager.pid() : processes[0].pid(), SIGKILL);
            if (of_server) {
                for (Process& process : processes) {
                    QVERIFY(process.join(hanging));
                    QCOMPARE(process.exit_code(), std::optional(0));
                }
                QCOMPARE(number(numbers, named).load(), std::uint64_t{clients});
                QVERIFY_EXCEPTION_THROWN(texts.size(), WorkerDied);
            } else {
                QVERIFY(processes[0].join(hanging));
                // The others go on for a while, and whoever comes into the dead one's slot.
                const std::uint64_t seen = number(numbers, done + 1).load();
                Process next(
                    {.start_method = StartMethod::fork}, &set_until_stopped, texts, numbers, 0);
                number(numbers, done).store(0);
                next.start();
                while (
                    number(numbers, done + 1).load() < seen + 5 || number(numbers, done).load() < 5)
                    QVERIFY(!processes[1].join(1ms));
                number(numbers, stop).store(1);
                QVERIFY(next.join(hanging));
                QCOMPARE(next.exit_code(), std::optional(0));
                for (int client = 1; client < clients; ++client) {
                    Process& process = processes[static_cast<std::size_t>(client)];
                    QVERIFY(process.join(hanging));
                    QCOMPARE(process.exit_code(), std::optional(0));
                    const std::uint64_t calls
                        = number(numbers, done + static_cast<std::size_t>(client)).load();
                    for (std::uint64_t call = 0; call < calls; ++call)
                        QCOMPARE(texts.at(key_of(client, call)), text_of(key_of(client, call)));
                }
            }
            QCOMPARE(number(numbers, wrong).load(), std::uint64_t{0});
        }
    }
    QCOMPARE(holdings(), before);
}

void TestManagerKills::at_every_instruction_data()
{
    QTest::addColumn<bool>("of_server");
    QTest::addColumn<int>("key"); // and so how long its text is
    QTest::addColumn<int>("stride");
    QTest::newRow("a client, with a short text") << false << 0 << 211;
    QTest::newRow("a client, with a long text") << false << 2 << 307;
    QTest::newRow("the server, with a short text") << true << 0 << 61;
    QTest::newRow("the server, with a long text") << true << 2 << 61;
}

void TestManagerKills::at_every_instruction()
{
#ifdef __SANITIZE_ADDRESS__
    QSKIP("the sanitizer has a call execute so many instructions that this takes many minutes");
#endif
    QFETCH(bool, of_server);
    QFETCH(int, key);
    QFETCH(int, stride);
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = true, .arena_bytes = std::size_t{64} << 20});
        const Drain drain(fixture.supervisor());
        std::size_t instructions = 0;
        std::size_t rounds = 0;
        for (bool over = false; !over; ++rounds) {
            Manager manager({.name = "Keeper", .start_method = StartMethod::fork});
            Texts texts = manager.dict<int, std::string>();
            Numbers numbers(done + 1);
            Process client({.start_method = StartMethod::fork}, &set_once, texts, numbers, key);
            client.start();
            while (number(numbers, done).load() == 0)
                relax_cpu();
            const int victim = of_server ? manager.pid() : client.pid();
            if (!attach(victim))
                QSKIP("this machine does not permit to trace a process");
            number(numbers, go).store(1);
            step(victim, instructions, numbers);
            over = number(numbers, done).load() == 2;
            ::kill(victim, SIGKILL);
            const QByteArray where = "behind " + QByteArray::number(qulonglong(instructions));
            QVERIFY2(client.join(hanging), where.constData());
            const bool came_back = number(numbers, done).load() == 2;
            if (of_server) {
                QVERIFY2(client.exit_code() == 0,
                    (where + ": it ended with " + QByteArray::number(client.exit_code().value()))
                        .constData());
                QVERIFY2(came_back != (number(numbers, named).load() == 1), where.constData());
                QVERIFY_EXCEPTION_THROWN(texts.size(), WorkerDied);
            } else {
                const std::optional<std::string> text = texts.get(key);
                QVERIFY2(!came_back || text.has_value(), where.constData());
                QVERIFY2(!text || *text == text_of(key), where.constData());
                texts.set(key + 1, "next");
                QCOMPARE(texts.at(key + 1), std::string("next"));
                Process next({.start_method = StartMethod::fork}, &set_once, texts, numbers, key);
                next.start();
                QVERIFY2(next.join(hanging), where.constData());
                QCOMPARE(number(numbers, done).load(), std::uint64_t{2});
                QCOMPARE(texts.at(key), text_of(key));
            }
            instructions += soak() ? 1 : static_cast<std::size_t>(stride);
        }
        qInfo("%zu instructions in %zu rounds", instructions, rounds);
        QVERIFY(instructions > 500);
    }
    QCOMPARE(holdings(), before);
}

int main(int argc, char** argv)
{
    return test_main<TestManagerKills>(argc, argv);
}
#include "tst_manager_kills.moc"
