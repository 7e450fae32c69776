// SPDX-License-Identifier: MIT
// Tests engine/ipc/message_queue: order, borders and time-outs, many processes at once, and
// processes that are killed while they put and take.
#include "engine/ipc/message_queue.hpp"
#include "engine/recording/recording_builder.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <limits>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

using Bytes = std::vector<std::byte>;

// A message that tells who sent it, and whether it is whole.
struct Header
{
    std::uint32_t sender;
    std::uint32_t number;
};

Bytes message_of(std::uint32_t sender, std::uint32_t number, std::size_t size)
{
    Bytes bytes = patterned(sender, number, std::max(size, sizeof(Header)));
    const Header header = {sender, number};
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

Header header_of(const Bytes& bytes)
{
    Header header = {~0U, ~0U};
    if (bytes.size() >= sizeof header)
        std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

bool is_whole(const Bytes& bytes)
{
    const Header header = header_of(bytes);
    return bytes.size() >= sizeof header
        && bytes == message_of(header.sender, header.number, bytes.size());
}

// Inline ones, those in small blocks, and now and then one in pages of its own.
std::size_t any_size(std::mt19937_64& random)
{
    const std::uint64_t choice = pick(random, 0, 19);
    return choice < 12 ? pick(random, 8, 64)
        : choice < 19  ? pick(random, 65, 2'000)
                       : pick(random, 17'000, 70'000);
}

constexpr std::uint32_t most_senders = 4;
constexpr std::uint32_t most_messages = 4'000;

// What the processes of a test write down, in the arena.
struct Ledger
{
    std::atomic<std::uint32_t> put[most_senders]; // puts that came back
    std::atomic<std::uint64_t> position[most_senders][most_messages];
    std::atomic<std::uint32_t> taken[most_senders][most_messages]; // how often
    std::atomic<std::uint64_t> progress;
    std::atomic<std::uint32_t> closed;
    std::atomic<std::uint32_t> wrong; // messages that were torn, or out of their sender's order
};

Ledger& make_ledger(Arena& arena)
{
    const ArenaOffset offset = arena.allocate(sizeof(Ledger), Arena::shared_owner);
    std::memset(arena.at(offset), 0, sizeof(Ledger));
    return *new (arena.at(offset)) Ledger;
}

void produce(MessageQueue queue, Ledger& ledger, std::uint32_t sender, std::uint32_t messages,
    std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    for (std::uint32_t number = ledger.put[sender].load(); number < messages; ++number) {
        const std::uint64_t position = queue.put(message_of(sender, number, any_size(random)));
        ledger.position[sender][number].store(position);
        ledger.put[sender].store(number + 1);
        ledger.progress.fetch_add(1);
    }
}

void consume(MessageQueue queue, Ledger& ledger)
{
    std::array<std::int64_t, most_senders> last;
    last.fill(-1);
    Bytes bytes;
    while (queue.get_unless(bytes, [&] { return ledger.closed.load() != 0; })) {
        const Header header = header_of(bytes);
        if (!is_whole(bytes) || header.sender >= most_senders || header.number >= most_messages
            || header.number <= last[header.sender]) {
            ledger.wrong.fetch_add(1);
            continue;
        }
        last[header.sender] = header.number;
        ledger.taken[header.sender][header.number].fetch_add(1);
        ledger.progress.fetch_add(1);
    }
}

// The events that the process in the main slot has written, as spans and transfers.
Recording recording_of_main(SegmentReader& reader)
{
    RecordingBuilder builder(os::Clock(this_process.segment.header().clock), 0);
    LaneStart start;
    start.starting = false;
    builder.start_lane(start);
    std::vector<TraceEvent> events;
    reader.started(main_slot);
    while (reader.events(main_slot, events, 1'000) > 0) { }
    TextRecord record;
    while (reader.text(main_slot, record))
        builder.text(0, record);
    builder.apply(0, events);
    return std::move(builder).take();
}

} // namespace

class TestOfMessageQueue : public QObject
{
    Q_OBJECT

private slots:
    void capacities_data();
    void capacities();
    void message_sizes_data();
    void message_sizes();
    void first_in_first_out();
    void full_and_empty();
    void takers_are_known_until_their_place_is_used_again();
    void interruption();
    void random_operations_data();
    void random_operations();
    void every_message_is_traced();
    void spans_end_where_something_failed();
    void memory_comes_back();
    void two_threads();
    void many_processes_data();
    void many_processes();
    void killed_processes_data();
    void killed_processes();
    void death_where_a_ring_ends_data();
    void death_where_a_ring_ends();
    void death_before_each_instruction_data();
    void death_before_each_instruction();
};

void TestOfMessageQueue::capacities_data()
{
    QTest::addColumn<quint32>("capacity");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("as many as there is room") << 0U << true;
    QTest::newRow("one") << 1U << true;
    QTest::newRow("the most") << (1U << 20) << true;
    QTest::newRow("one more") << (1U << 20) + 1 << false;
    QTest::newRow("all bits") << ~0U << false;
}

void TestOfMessageQueue::capacities()
{
    QFETCH(quint32, capacity);
    QFETCH(bool, allowed);
    EngineFixture fixture({.traced = true, .arena_bytes = std::size_t{512} << 20});
    try {
        MessageQueue queue("queue", capacity);
        QVERIFY(allowed);
        QCOMPARE(queue.capacity(), capacity);
        QCOMPARE(queue.size(), std::uint64_t{0});
        QCOMPARE(queue.put(message_of(0, 0, 10)), std::uint64_t{0});
        QCOMPARE(MessageQueue(queue.offset()).size(), std::uint64_t{1});
    } catch (const BadValue& error) {
        QVERIFY(!allowed);
        QCOMPARE(error.limit(), std::string("1 to 1048576, or 0 for as many as there is room"));
        QVERIFY(error.object().find("queue") != std::string::npos);
    }
}

void TestOfMessageQueue::message_sizes_data()
{
    QTest::addColumn<int>("size");
    for (const int size :
        {0, 1, 7, 8, 9, 55, 56, 57, 63, 64, 65, 16'384, 16'385, 65'535, 65'536, 65'537, 1 << 20})
        QTest::newRow((std::to_string(size) + " bytes").c_str()) << size;
}

void TestOfMessageQueue::message_sizes()
{
    QFETCH(int, size);
    EngineFixture fixture;
    MessageQueue queue("queue", 3);
    Bytes got(99);
    // Through each place, more than once.
    for (std::uint64_t i = 0; i < 10; ++i) {
        const Bytes sent = patterned(1, i, static_cast<std::size_t>(size));
        QCOMPARE(queue.put(sent), i);
        queue.get(got, 0ns);
        QVERIFY(got == sent);
    }
}

void TestOfMessageQueue::first_in_first_out()
{
    EngineFixture fixture;
    MessageQueue queue("queue", 100);
    for (std::uint32_t i = 0; i < 100; ++i)
        QCOMPARE(queue.put(message_of(0, i, 8 + i)), std::uint64_t{i});
    QCOMPARE(queue.size(), std::uint64_t{100});
    Bytes bytes;
    for (std::uint32_t i = 0; i < 100; ++i) {
        QVERIFY(queue.try_get(bytes));
        QVERIFY(is_whole(bytes));
        QCOMPARE(header_of(bytes).number, i);
    }
    QVERIFY(!queue.try_get(bytes));
    QCOMPARE(queue.size(), std::uint64_t{0});
}

void TestOfMessageQueue::full_and_empty()
{
    EngineFixture fixture;
    MessageQueue queue("queue", 2);
    Bytes bytes;
    for (int round = 0; round < 5; ++round) {
        QVERIFY_EXCEPTION_THROWN(queue.get(bytes, 0ns), Empty);
        QVERIFY_EXCEPTION_THROWN(queue.get(bytes, 2ms), Empty);
        queue.put(message_of(1, 1, 10), 0ns);
        queue.put(message_of(1, 2, 100), 0ns);
        QVERIFY_EXCEPTION_THROWN(queue.put(message_of(1, 3, 100), 0ns), Full);
        QVERIFY_EXCEPTION_THROWN(queue.put(message_of(1, 3, 10), 2ms), Full);
        queue.get(bytes);
        QCOMPARE(header_of(bytes).number, 1U);
        queue.get(bytes);
        QCOMPARE(header_of(bytes).number, 2U);
    }
}

void TestOfMessageQueue::takers_are_known_until_their_place_is_used_again()
{
    EngineFixture fixture;
    MessageQueue queue("queue", 2);
    QVERIFY(!queue.taken_by(0).has_value());
    QCOMPARE(queue.put(message_of(0, 0, 8)), std::uint64_t{0});
    QCOMPARE(queue.put(message_of(0, 1, 8)), std::uint64_t{1});
    QVERIFY(!queue.taken_by(0).has_value());
    const int pid = fixture.fork_into(5, [&] {
        Bytes bytes;
        queue.get(bytes);
    });
    QCOMPARE(end_of(pid), 0);
    QCOMPARE(queue.taken_by(0).value(), 5U);
    QVERIFY(!queue.taken_by(1).has_value());
    Bytes bytes;
    QVERIFY(queue.try_get(bytes));
    QCOMPARE(queue.taken_by(1).value(), main_slot);
    QCOMPARE(queue.put(message_of(0, 2, 8)), std::uint64_t{2});
    QVERIFY(!queue.taken_by(0).has_value());
    QVERIFY(!queue.taken_by(2).has_value());
    QCOMPARE(queue.taken_by(1).value(), main_slot);
}

void TestOfMessageQueue::interruption()
{
    EngineFixture fixture;
    MessageQueue queue("queue", 2);
    Bytes bytes;
    int asked = 0;
    QVERIFY(!queue.get_unless(bytes, [&] { return ++asked == 3; }));
    QCOMPARE(asked, 3);
    // What is there is taken all the same.
    queue.put(message_of(0, 7, 8));
    QVERIFY(queue.get_unless(bytes, [] { return true; }));
    QCOMPARE(header_of(bytes).number, 7U);

    // A sleeper is woken to be asked; it has no other way to learn of it.
    Ledger& ledger = make_ledger(fixture.arena());
    const int pid = fixture.fork_into(1, [&] {
        Bytes own;
        const bool got = queue.get_unless(own, [&] {
            ledger.progress.fetch_add(1);
            return ledger.closed.load() != 0;
        });
        if (got)
            throw Error({.object = "message", .problem = "was never put"});
    });
    while (ledger.progress.load() == 0)
        std::this_thread::yield();
    ledger.closed.store(1);
    queue.wake_consumers();
    QCOMPARE(end_of(pid), 0);
}

void TestOfMessageQueue::random_operations_data()
{
    add_seed_rows(15);
}

void TestOfMessageQueue::random_operations()
{
    std::mt19937_64 random = random_of_row();
    EngineFixture fixture;
    const auto capacity = static_cast<std::uint32_t>(pick(random, 1, 20));
    MessageQueue queue("queue", capacity);
    std::deque<Bytes> reference;
    std::uint64_t put = 0;
    std::uint64_t taken = 0;
    Bytes bytes;
    for (std::uint32_t step = 0; step < 5'000; ++step) {
        const bool filling = step / 100 % 2 == 0;
        if (pick(random, 0, 9) < (filling ? 7U : 3U)) {
            const Bytes message = message_of(0, step, any_size(random));
            if (reference.size() == capacity) {
                QVERIFY_EXCEPTION_THROWN(queue.put(message, 0ns), Full);
                continue;
            }
            QCOMPARE(queue.put(message, 0ns), put++);
            reference.push_back(message);
        } else if (reference.empty()) {
            QVERIFY(!queue.try_get(bytes));
        } else {
            if (pick(random, 0, 1) == 0)
                QVERIFY(queue.try_get(bytes));
            else
                queue.get(bytes, 0ns);
            QVERIFY(bytes == reference.front());
            reference.pop_front();
            QCOMPARE(queue.taken_by(taken++).value(), main_slot);
        }
        QCOMPARE(queue.size(), std::uint64_t{reference.size()});
    }
    QVERIFY(put > 4 * capacity);
}

void TestOfMessageQueue::every_message_is_traced()
{
    EngineFixture fixture;
    this_process.slot().generation.store(1);
    this_process.slot().state.store(static_cast<std::uint32_t>(SlotState::running));
    SegmentReader reader(this_process.segment, RingReading::taking);
    MessageQueue queue("tasks", 8);
    Bytes bytes;
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i < 20; ++i) {
        queue.put(message_of(0, 2 * i, 10 + i));
        queue.put(message_of(0, 2 * i + 1, 100));
        sum += 110 + i;
        queue.get(bytes);
        queue.get(bytes);
    }
    const Recording recording = recording_of_main(reader);
    const Lane& lane = recording.lanes()[0];
    QVERIFY(!lane.damaged);
    QCOMPARE(recording.channels().size(), std::size_t{1});
    const Channel& channel = recording.channels()[0];
    QCOMPARE(channel.name, std::string("tasks"));
    QCOMPARE(channel.kind, std::string("queue"));
    QCOMPARE(channel.messages, std::uint64_t{40});
    QCOMPARE(channel.messages_received, std::uint64_t{40});
    QCOMPARE(channel.bytes, sum);
    QCOMPARE(channel.bytes_received, sum);
    QCOMPARE(channel.max_depth, std::uint64_t{2});
    // Each message's arrow has two ends, which its number joins.
    std::vector<int> ends(40, 0);
    for (const Transfer& transfer : recording.transfers())
        ends.at(transfer.message) += transfer.received ? 1 : 100;
    QCOMPARE(ends, std::vector<int>(40, 101));
    for (const Span& span : lane.spans)
        QVERIFY(span.end_ns != open_end);
}

void TestOfMessageQueue::spans_end_where_something_failed()
{
    EngineFixture fixture({.traced = true, .arena_bytes = std::size_t{1} << 20});
    this_process.slot().generation.store(1);
    this_process.slot().state.store(static_cast<std::uint32_t>(SlotState::running));
    SegmentReader reader(this_process.segment, RingReading::taking);
    MessageQueue queue("queue", 2);
    Bytes bytes;
    QVERIFY_EXCEPTION_THROWN(queue.get(bytes, 0ns), Empty);
    QVERIFY_EXCEPTION_THROWN(queue.put(Bytes(std::size_t{2} << 20)), Error);
    queue.put(message_of(0, 0, 10));
    queue.put(message_of(0, 1, 10));
    QVERIFY_EXCEPTION_THROWN(queue.put(message_of(0, 2, 10), 0ns), Full);
    QVERIFY(queue.try_get(bytes));
    QVERIFY(queue.try_get(bytes));
    QVERIFY_EXCEPTION_THROWN(
        queue.get_unless(bytes, []() -> bool { throw std::runtime_error("asked"); }),
        std::runtime_error);
    const Recording recording = recording_of_main(reader);
    QVERIFY(!recording.lanes()[0].damaged);
    for (const Span& span : recording.lanes()[0].spans)
        QVERIFY2(span.end_ns != open_end, std::string(name_of(span.state)).c_str());
    QCOMPARE(recording.channels()[0].messages, std::uint64_t{2});
    QCOMPARE(recording.channels()[0].messages_received, std::uint64_t{2});
}

void TestOfMessageQueue::memory_comes_back()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{8} << 20});
    Arena& arena = fixture.arena();
    std::size_t room = 0;
    for (int round = 0; round < 20; ++round) {
        MessageQueue queue("queue", 4);
        Bytes bytes;
        for (std::uint32_t i = 0; i < 12; ++i) {
            queue.put(message_of(0, i, 300'000));
            queue.put(message_of(0, i, 100));
            queue.get(bytes);
            queue.get(bytes);
        }
        // What is left in it is given back with it.
        queue.put(message_of(0, 90, 500'000));
        queue.put(message_of(0, 91, 20));
        queue.put(message_of(0, 92, 500'000));
        queue.destroy();
        // The pages of small blocks stay from the first round on.
        if (round == 0)
            room = arena.bytes_free();
        QCOMPARE(arena.bytes_free(), room);
    }
    QVERIFY(room > std::size_t{7} << 20);
}

// One producer and one consumer over the same memory, where ThreadSanitizer sees both.
void TestOfMessageQueue::two_threads()
{
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{64} << 20});
    MessageQueue queue("queue", 7);
    constexpr std::uint32_t messages = 20'000;
    std::thread producer([&, view = MessageQueue(queue.offset())]() mutable {
        std::mt19937_64 random(1);
        for (std::uint32_t i = 0; i < messages; ++i)
            view.put(message_of(0, i, any_size(random)));
    });
    Bytes bytes;
    std::uint32_t wrong = 0;
    for (std::uint32_t i = 0; i < messages; ++i) {
        queue.get(bytes);
        wrong += is_whole(bytes) && header_of(bytes).number == i ? 0 : 1;
    }
    producer.join();
    QCOMPARE(wrong, 0U);
    QVERIFY(!queue.try_get(bytes));
}

void TestOfMessageQueue::many_processes_data()
{
    QTest::addColumn<int>("producers");
    QTest::addColumn<int>("consumers");
    QTest::addColumn<int>("capacity");
    QTest::newRow("1 to 1, one place") << 1 << 1 << 1;
    QTest::newRow("4 to 4, one place") << 4 << 4 << 1;
    QTest::newRow("4 to 4, three places") << 4 << 4 << 3;
    QTest::newRow("4 to 4, many places") << 4 << 4 << 1'000;
    QTest::newRow("4 to 1") << 4 << 1 << 10;
    QTest::newRow("1 to 4") << 1 << 4 << 10;
}

void TestOfMessageQueue::many_processes()
{
    QFETCH(int, producers);
    QFETCH(int, consumers);
    QFETCH(int, capacity);
    EngineFixture fixture;
    const std::uint32_t messages = capacity == 1 ? 500 : 2'000;
    MessageQueue queue("queue", static_cast<std::uint32_t>(capacity));
    Ledger& ledger = make_ledger(fixture.arena());
    std::vector<int> putting;
    std::vector<int> taking;
    std::uint32_t slot = 1;
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(producers); ++i)
        putting.push_back(
            fixture.fork_into(slot++, [&, i] { produce(queue, ledger, i, messages, i + 1); }));
    for (int i = 0; i < consumers; ++i)
        taking.push_back(fixture.fork_into(slot++, [&] { consume(queue, ledger); }));
    for (const int pid : putting)
        QCOMPARE(end_of(pid), 0);
    ledger.closed.store(1);
    queue.wake_consumers();
    for (const int pid : taking)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(ledger.wrong.load(), 0U);
    QCOMPARE(queue.size(), std::uint64_t{0});
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(producers); ++i) {
        QCOMPARE(ledger.put[i].load(), messages);
        for (std::uint32_t number = 0; number < messages; ++number)
            QCOMPARE(ledger.taken[i][number].load(), 1U);
    }
}

void TestOfMessageQueue::killed_processes_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<int>("capacity");
    for (int seed = 1; seed <= 5; ++seed) {
        QTest::newRow(("2 places, seed " + std::to_string(seed)).c_str()) << seed << 2;
        QTest::newRow(("8 places, seed " + std::to_string(seed)).c_str()) << seed << 8;
        QTest::newRow(("a place for each, seed " + std::to_string(seed)).c_str()) << seed << 1'000;
    }
}

// Ten rounds a row: a producer and a consumer are killed at some moment of their work.
void TestOfMessageQueue::killed_processes()
{
    QFETCH(int, capacity);
    std::mt19937_64 random = random_of_row();
    EngineFixture fixture({.traced = false, .arena_bytes = std::size_t{64} << 20});
    constexpr std::uint32_t producers = 3;
    constexpr std::uint32_t consumers = 3;
    constexpr std::uint32_t messages = 200;
    for (int round = 0; round < 10; ++round) {
        MessageQueue queue("queue", static_cast<std::uint32_t>(capacity));
        Ledger& ledger = make_ledger(fixture.arena());
        std::vector<int> pids(1 + producers + consumers, 0); // by slot
        for (std::uint32_t slot = 1; slot < pids.size(); ++slot) {
            const std::uint64_t seed = random();
            pids[slot] = fixture.fork_into(slot, [&, slot] {
                if (slot <= producers)
                    produce(queue, ledger, slot - 1, messages, seed);
                else
                    consume(queue, ledger);
            });
        }
        const auto victim = static_cast<std::uint32_t>(pick(random, 0, producers - 1));
        const std::uint32_t doomed[] = {victim + 1,
            static_cast<std::uint32_t>(pick(random, producers + 1, producers + consumers))};
        std::vector<std::uint32_t> order(doomed, doomed + 2);
        std::shuffle(order.begin(), order.end(), random);
        // Less progress than the others can make alone, so that it comes about in any case.
        std::uint64_t moment = 0;
        bool taker_died = false;
        for (const std::uint32_t slot : order) {
            moment = pick(random, moment, moment + 2 * messages - 1);
            while (ledger.progress.load() < std::min<std::uint64_t>(moment, 3 * messages))
                std::this_thread::yield();
            ::kill(pids[slot], SIGKILL);
            const int end = end_of(pids[slot]);
            QVERIFY(end == -SIGKILL || end == 0);
            taker_died = taker_died || (slot > producers && end != 0);
            // As the pool does.
            fixture.arena().reclaim(slot);
            queue.forget(slot);
        }
        for (std::uint32_t slot = 1; slot <= producers; ++slot) {
            if (slot != doomed[0])
                QCOMPARE(end_of(pids[slot]), 0);
        }
        ledger.closed.store(1);
        queue.wake_consumers();
        for (std::uint32_t slot = producers + 1; slot < pids.size(); ++slot) {
            if (slot != doomed[1])
                QCOMPARE(end_of(pids[slot]), 0);
        }

        QCOMPARE(ledger.wrong.load(), 0U);
        int lost = 0;
        for (std::uint32_t sender = 0; sender < producers; ++sender) {
            const std::uint32_t put = ledger.put[sender].load();
            QVERIFY(sender == victim || put == messages);
            for (std::uint32_t number = 0; number < messages; ++number) {
                const std::uint32_t taken = ledger.taken[sender][number].load();
                // The put that its sender died in may have come about, or not.
                QVERIFY(taken <= (number < put ? 1U : number == put && sender == victim ? 1U : 0U));
                if (number >= put || taken == 1)
                    continue;
                ++lost;
                // It was taken by the one that died before it could write that down.
                if (static_cast<std::uint32_t>(capacity) >= producers * messages)
                    QCOMPARE(
                        queue.taken_by(ledger.position[sender][number].load()).value(), doomed[1]);
            }
        }
        QVERIFY(lost <= (taker_died ? 1 : 0));
        Bytes bytes;
        QVERIFY(!queue.try_get(bytes));
        queue.destroy();
        fixture.arena().free(static_cast<ArenaOffset>(
            reinterpret_cast<std::byte*>(&ledger) - fixture.arena().at(0)));
    }
}

void TestOfMessageQueue::death_before_each_instruction_data()
{
    QTest::addColumn<bool>("putting");
    QTest::addColumn<int>("size");
    for (const bool putting : {true, false}) {
        const std::string verb = putting ? "putting " : "taking ";
        QTest::newRow((verb + "a message of a few bytes").c_str()) << putting << 20;
        QTest::newRow((verb + "one in a small block").c_str()) << putting << 100;
        QTest::newRow((verb + "one in pages of its own").c_str()) << putting << 20'000;
    }
}

void TestOfMessageQueue::death_where_a_ring_ends_data()
{
    QTest::addColumn<bool>("putting");
    QTest::addColumn<bool>("open");
    QTest::newRow("putting, the next ring is new") << true << false;
    QTest::newRow("putting, the next ring is there") << true << true;
    QTest::newRow("taking") << false << true;
}

// An unbounded queue whose first ring is full, or drained: whatever the dead process was doing
// about the next ring, the others find it, or make it.
void TestOfMessageQueue::death_where_a_ring_ends()
{
    QFETCH(bool, putting);
    QFETCH(bool, open);
    constexpr std::size_t arena_bytes = std::size_t{1} << 20;
    constexpr std::uint32_t dead = 3;
    constexpr std::uint32_t in_first_ring = 256;
    EngineFixture fixture({.traced = false, .arena_bytes = arena_bytes});
    const Arena& arena = fixture.arena();
    MessageQueue queue("queue", 0);
    std::uint32_t put = 0;
    std::uint32_t taken = 0;
    Bytes bytes;
    while (put < in_first_ring + (open ? 1U : 0U))
        queue.put(message_of(0, put++, 20));
    if (!putting) {
        while (taken < in_first_ring) {
            queue.get(bytes);
            ++taken;
        }
    }
    const auto prepare = [&] {
        this_process.slot_number = dead;
        if (putting)
            return;
        // Nothing may be called for the first time below.
        MessageQueue other("warm", 4);
        other.put(message_of(9, 9, 20));
        Bytes own;
        own.reserve(100);
        other.get(own);
    };
    Bytes message = message_of(0, put, 20);
    Bytes got;
    got.reserve(100);
    const auto work = [&] {
        MessageQueue mine(queue.offset());
        if (putting)
            mine.put(message);
        else
            mine.get(got);
    };
    std::string problem;
    int states = 0;
    std::size_t room = 0;
    int lossy_states = 0;
    std::vector<std::byte> last;
    const auto try_out = [&]() -> std::string {
        Arena left(arena_bytes);
        std::memcpy(left.at(0), arena.at(0), arena_bytes);
        this_process.arena = &left;
        left.reclaim(dead);
        MessageQueue survivors(queue.offset());
        std::uint32_t next = taken;
        if (!putting && survivors.size() == 0)
            ++next;
        if (putting && survivors.size() < put)
            return "a message is lost";
        // What the dead has put or not, and what others put behind it, through more rings.
        const auto there = next + static_cast<std::uint32_t>(survivors.size());
        for (std::uint32_t i = there; i < there + 700; ++i)
            survivors.put(message_of(0, i, 20), 0ns);
        for (; next < there + 700; ++next) {
            if (!survivors.try_get(bytes) || !is_whole(bytes) || header_of(bytes).number != next)
                return "message " + std::to_string(next) + " is another";
        }
        if (survivors.try_get(bytes) || survivors.size() != 0)
            return "there are too many messages";
        survivors.destroy();
        room = std::max(room, left.bytes_free());
        lossy_states += left.bytes_free() < room ? 1 : 0;
        return {};
    };
    const auto look = [&] {
        if (!problem.empty()
            || (!last.empty() && std::memcmp(last.data(), arena.at(0), arena_bytes) == 0))
            return;
        last.assign(arena.at(0), arena.at(arena_bytes));
        ++states;
        try {
            problem = try_out();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        this_process.arena = &fixture.arena();
        if (!problem.empty())
            problem += " (state " + std::to_string(states) + ")";
    };
    if (at_each_instruction(prepare, work, look) == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY2(problem.empty(), problem.c_str());
    QVERIFY2(states >= (putting && !open ? 10 : 2), std::to_string(states).c_str());
    QCOMPARE(lossy_states, 0);
}

// Whatever the dead process was doing: the message is there or not, the others go on, and all
// memory comes back with the queue.
void TestOfMessageQueue::death_before_each_instruction()
{
    QFETCH(bool, putting);
    QFETCH(int, size);
    constexpr std::size_t arena_bytes = std::size_t{1} << 20;
    constexpr std::uint32_t dead = 3;
    constexpr std::uint32_t capacity = 4;
    EngineFixture fixture({.traced = false, .arena_bytes = arena_bytes});
    const Arena& arena = fixture.arena();
    const auto bytes_each = static_cast<std::size_t>(size);
    // All sizes of block there are, so that their pages are known to stay.
    MessageQueue other("warm", capacity);
    MessageQueue queue("queue", capacity);
    const auto warm_up = [&] {
        Bytes bytes;
        for (const std::size_t warm : {20, 100, 20'000}) {
            other.put(message_of(9, 9, warm));
            other.get(bytes);
        }
    };
    warm_up();
    queue.put(message_of(0, 0, bytes_each));
    queue.put(message_of(0, 1, bytes_each));

    const auto prepare = [&] {
        this_process.slot_number = dead;
        warm_up();
        Bytes bytes;
        // The dead has put here before: it leaves a message of its own.
        queue.put(message_of(dead, 0, bytes_each));
    };
    Bytes to_put = message_of(dead, 1, bytes_each);
    Bytes taken;
    taken.reserve(100'000);
    const auto work = [&] {
        if (putting)
            queue.put(to_put);
        else
            queue.get(taken);
    };

    std::string problem;
    int states = 0;
    int lossy_states = 0;
    std::size_t room = 0;
    std::vector<std::byte> last;
    const auto try_out = [&]() -> std::string {
        Arena left(arena_bytes);
        std::memcpy(left.at(0), arena.at(0), arena_bytes);
        this_process.arena = &left;
        left.reclaim(dead);
        MessageQueue survivors(queue.offset());
        survivors.forget(dead);
        std::vector<Header> found;
        Bytes bytes;
        while (survivors.try_get(bytes)) {
            if (!is_whole(bytes))
                return "a message is torn";
            found.push_back(header_of(bytes));
        }
        const std::vector<Header> before = {{0, 0}, {0, 1}, {dead, 0}, {dead, 1}};
        const auto same = [](const Header& a, const Header& b) {
            return a.sender == b.sender && a.number == b.number;
        };
        const std::size_t first = found.empty() || found[0].number == 0 ? 0 : 1;
        const std::size_t end = first + found.size();
        if (end > before.size() || first > (putting ? 0U : 1U)
            || (end != 3 && !(putting && end == 4))
            || !std::equal(found.begin(), found.end(),
                before.begin() + static_cast<std::ptrdiff_t>(first), same))
            return "the messages are others";
        if (first == 1 && survivors.taken_by(0) != dead)
            return "the taken message's taker is not known";
        // The queue goes on, through each place.
        for (std::uint32_t round = 0; round < 2; ++round) {
            for (std::uint32_t i = 0; i < capacity; ++i)
                survivors.put(message_of(8, i, bytes_each), 0ns);
            for (std::uint32_t i = 0; i < capacity; ++i) {
                if (!survivors.try_get(bytes) || !is_whole(bytes) || header_of(bytes).number != i)
                    return "the queue does not go on";
            }
        }
        survivors.destroy();
        room = std::max(room, left.bytes_free());
        if (left.bytes_free() < room)
            ++lossy_states;
        return {};
    };
    const auto look = [&] {
        // The large messages' contents lie behind, and do not change what there is.
        constexpr std::size_t watched = arena_bytes / 4;
        if (!problem.empty()
            || (!last.empty() && std::memcmp(last.data(), arena.at(0), watched) == 0))
            return;
        last.assign(arena.at(0), arena.at(watched));
        ++states;
        try {
            problem = try_out();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        this_process.arena = &fixture.arena();
        if (!problem.empty())
            problem += " (state " + std::to_string(states) + ")";
    };
    const std::size_t instructions = at_each_instruction(prepare, work, look);
    if (instructions == 0)
        QSKIP("this machine does not permit to trace a process");
    QVERIFY2(problem.empty(), problem.c_str());
    QVERIFY(instructions > 50);
    // Before and behind its one compare-and-swap, at the least.
    QVERIFY(states >= 2);
    QCOMPARE(lossy_states, 0);
}

QTEST_APPLESS_MAIN(TestOfMessageQueue)

#include "tst_message_queue.moc"
