// SPDX-License-Identifier: MIT
// Kills processes while they put, get, or wait to: what was put and not taken is delivered once,
// the survivors go on, and nothing is left behind.
#include "engine/ipc/queue.hpp"
#include "engine/process/process.hpp"
#include "process_fixture.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t senders = 2;
constexpr std::uint32_t most_values = 4'000;

// What the processes write down, beside what they put and take.
struct Ledger
{
    std::atomic<std::uint32_t> put[senders]; // puts that came back
    std::atomic<std::uint32_t> taken[senders][most_values]; // how often
    std::atomic<std::uint32_t> takes;
    std::atomic<std::uint32_t> takes_of[senders];
    std::atomic<std::uint32_t> wrong;
    std::atomic<std::uint32_t> goal; // a producer ends there
};

using Value = std::vector<std::uint32_t>; // sender, number, and a sum over what follows

Value value_of(std::uint32_t sender, std::uint32_t number)
{
    // In a cell, in a small block, and now and then in pages of its own.
    const std::uint32_t words = number % 50 == 49 ? 6'000 : number % 3 == 2 ? 100 : 3;
    Value value(words, number * 31 + sender);
    value[0] = sender;
    value[1] = number;
    return value;
}

Ledger& ledger_at(ArenaOffset offset)
{
    return *std::launder(reinterpret_cast<Ledger*>(this_process.arena->at(offset)));
}

void produce(Queue<Value> queue, ArenaOffset offset, std::uint32_t sender)
{
    Ledger& ledger = ledger_at(offset);
    for (std::uint32_t number = 0; number < ledger.goal.load(); ++number) {
        // Not so far ahead of those who take that it is done before it is killed.
        while (number > ledger.takes_of[sender].load() + 500 && number < ledger.goal.load())
            std::this_thread::yield();
        queue.put(value_of(sender, number));
        ledger.put[sender].store(number + 1);
    }
}

void note(Ledger& ledger, const Value& value)
{
    if (value.size() < 3 || value[0] >= senders || value[1] >= most_values
        || value != value_of(value[0], value[1])) {
        ledger.wrong.fetch_add(1);
    } else {
        ledger.taken[value[0]][value[1]].fetch_add(1);
        ledger.takes_of[value[0]].fetch_add(1);
    }
    ledger.takes.fetch_add(1);
}

void consume(Queue<Value> queue, ArenaOffset offset)
{
    while (true)
        note(ledger_at(offset), queue.get());
}

// Of the rows' seeds in the ordinary run.
int rounds_of_a_row()
{
    return std::getenv("MANYHANDS_SOAK") != nullptr ? 200 : 20;
}

enum class Victim { putting, getting, waiting_for_space, waiting_for_data };

} // namespace
Q_DECLARE_METATYPE(Victim)

class TestOfQueueKills : public QObject
{
    Q_OBJECT

private slots:
    void kills_data();
    void kills();
};

void TestOfQueueKills::kills_data()
{
    QTest::addColumn<Victim>("victim");
    QTest::addColumn<int>("seed");
    for (const auto& [name, victim] : {std::pair{"putting", Victim::putting},
             {"getting", Victim::getting}, {"waiting for space", Victim::waiting_for_space},
             {"waiting for data", Victim::waiting_for_data}}) {
        for (int seed = 1; seed <= 10; ++seed)
            QTest::addRow("%s, seed %d", name, seed) << victim << seed;
    }
}

void TestOfQueueKills::kills()
{
    QFETCH(Victim, victim);
    std::mt19937_64 random = random_of_row();
    const Holdings before = holdings();
    {
        ProcessFixture fixture({.traced = true, .arena_bytes = std::size_t{128} << 20});
        Arena& arena = fixture.engine().arena();
        // Pages of small blocks stay ones: those that this takes are there from here on.
        std::size_t room = 0;
        for (int round = -1; round < rounds_of_a_row(); ++round) {
            const bool waits
                = victim == Victim::waiting_for_space || victim == Victim::waiting_for_data;
            {
                const SharedBlock block("ledger", sizeof(Ledger));
                Ledger& ledger = block.as<Ledger>();
                ledger.goal.store(most_values);
                const auto maxsize = static_cast<std::uint32_t>(victim == Victim::waiting_for_space
                        ? pick(random, 1, 4)
                        : pick(random, 0, 2) * pick(random, 1, 20));
                Queue<Value> queue(maxsize, {.name = "jobs"});
                const ProcessOptions options = {.start_method = StartMethod::fork};
                const bool puts = victim == Victim::putting || victim == Victim::waiting_for_space;
                Process doomed = puts ? Process(options, &produce, queue, block.offset(), 0U)
                                      : Process(options, &consume, queue, block.offset());
                Process other(options, &produce, queue, block.offset(), 1U);
                doomed.start();
                if (!waits) {
                    other.start();
                    // Far into its work, or not far.
                    const std::uint64_t moment = pick(random, 0, 300);
                    while ((puts ? ledger.put[0].load() : ledger.takes.load()) < moment) {
                        if (puts)
                            if (const auto value = queue.try_get())
                                note(ledger, *value);
                    }
                } else {
                    // Until it waits, and then for it to be anywhere within waiting.
                    while (puts && !queue.full())
                        std::this_thread::yield();
                    std::this_thread::sleep_for(std::chrono::microseconds(pick(random, 0, 300)));
                }
                for (std::uint64_t i = pick(random, 0, 2'000); i > 0; --i)
                    relax_cpu();
                doomed.kill();
                QVERIFY(doomed.join(20s));
                QCOMPARE(doomed.exit_code(), std::optional(-SIGKILL));
                if (waits)
                    other.start();
                // The survivors go on: the other one puts, we take.
                const std::uint32_t goal = std::min(ledger.put[1].load() + 50, most_values);
                ledger.goal.store(goal);
                while (other.is_alive() || !queue.empty()) {
                    try {
                        note(ledger, queue.get(20ms));
                    } catch (const Empty&) {
                    }
                }
                QCOMPARE(other.exit_code(), std::optional(0));
                QVERIFY(!queue.try_get());
                QCOMPARE(ledger.wrong.load(), 0U);
                int lost = 0;
                for (std::uint32_t sender = 0; sender < senders; ++sender) {
                    const std::uint32_t put = ledger.put[sender].load();
                    for (std::uint32_t number = 0; number < most_values; ++number) {
                        const std::uint32_t taken = ledger.taken[sender][number].load();
                        // The put that its sender died in may have come about, or not.
                        const bool perhaps = puts && sender == 0 && number == put;
                        QVERIFY(taken <= (number < put || perhaps ? 1U : 0U));
                        lost += number < put && taken == 0 ? 1 : 0;
                    }
                }
                // What the dead one had taken and not written down.
                QVERIFY2(lost <= (puts ? 0 : 1), std::to_string(lost).c_str());
            }
            if (round < 0)
                room = arena.bytes_free();
            // A few pages of small blocks may be new where other sizes came to lie in the queue.
            QVERIFY2(arena.bytes_free() + (std::size_t{32} << 16) >= room,
                std::to_string(room - arena.bytes_free()).c_str());
            room = std::max(room, arena.bytes_free());
        }
    }
    QCOMPARE(holdings(), before);
}

int main(int argc, char** argv)
{
    return test_main<TestOfQueueKills>(argc, argv);
}
#include "tst_queue_kills.moc"
