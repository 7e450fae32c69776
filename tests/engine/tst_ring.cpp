// SPDX-License-Identifier: MIT
// Tests engine/trace/ring and event: what events carry, order, drops and counts, wrapping around,
// readers beside a writer, and heads that no writer puts where they are.
#include "engine/trace/ring.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;

namespace {

std::uint64_t hash(std::uint64_t number)
{
    number = (number ^ number >> 31) * 0x7fb5'd329'728e'a185;
    return (number ^ number >> 27) * 0x81da'def4'bc2d'd44d;
}

// An event that tells whether it is whole.
TraceEvent event_of(std::uint64_t number)
{
    return {.ticks = number,
        .argument = hash(number),
        .subject = static_cast<std::uint32_t>(number),
        .place = static_cast<std::uint16_t>(number),
        .kind = EventKind::mark,
        .detail = 0};
}

bool is_whole(const TraceEvent& event)
{
    return event.argument == hash(event.ticks)
        && event.subject == static_cast<std::uint32_t>(event.ticks)
        && event.place == static_cast<std::uint16_t>(event.ticks) && event.kind == EventKind::mark;
}

std::size_t bytes_for(std::size_t capacity)
{
    return sizeof(RingHeader) + capacity * sizeof(TraceEvent);
}

// A ring's memory, and both sides of it.
struct TestRing
{
    explicit TestRing(std::size_t capacity, RingReading reading = RingReading::taking)
        : memory(bytes_for(capacity))
        , writer(memory.data(), memory.size())
        , reader(memory.data(), memory.size(), reading)
    {
    }

    RingHeader& header() { return *reinterpret_cast<RingHeader*>(memory.data()); }

    ExactMemory memory;
    RingWriter writer;
    RingReader reader;
};

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

std::vector<std::uint64_t> numbers(const std::vector<TraceEvent>& events)
{
    std::vector<std::uint64_t> found;
    for (const TraceEvent& event : events)
        found.push_back(event.ticks);
    return found;
}

} // namespace

class TestOfRing : public QObject
{
    Q_OBJECT

private slots:
    void packed_messages_data();
    void packed_messages();
    void packed_ticks();
    void capacity_data();
    void capacity();
    void hands_events_on_unchanged();
    void full_ring_drops_and_counts();
    void reads_at_most_what_is_asked_for();
    void writer_goes_on_where_the_memory_stands();
    void wraps_around_data();
    void wraps_around();
    void random_operations_data();
    void random_operations();
    void random_follower_data();
    void random_follower();
    void follower_that_keeps_up_misses_nothing();
    void taking_beside_a_writer_data();
    void taking_beside_a_writer();
    void following_beside_a_writer_data();
    void following_beside_a_writer();
    void hostile_heads_data();
    void hostile_heads();
    void reader_of_nothing();
};

void TestOfRing::packed_messages_data()
{
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<qint64>("depth"); // -1: not told
    QTest::addColumn<quint64>("bytes_told");
    QTest::addColumn<qint64>("depth_told");
    QTest::newRow("nothing") << quint64{0} << qint64{-1} << quint64{0} << qint64{-1};
    QTest::newRow("an empty queue left behind")
        << quint64{5} << qint64{0} << quint64{5} << qint64{0};
    QTest::newRow("the most") << quint64{0xffff'ffff} << qint64{0xfffe} << quint64{0xffff'ffff}
                              << qint64{0xfffe};
    QTest::newRow("more bytes") << quint64{0x1'0000'0000} << qint64{1} << quint64{0xffff'ffff}
                                << qint64{1};
    QTest::newRow("more messages") << quint64{1} << qint64{0xffff} << quint64{1} << qint64{0xfffe};
    QTest::newRow("far more messages")
        << quint64{1} << qint64{1'048'576} << quint64{1} << qint64{0xfffe};
}

void TestOfRing::packed_messages()
{
    QFETCH(quint64, bytes);
    QFETCH(qint64, depth);
    QFETCH(quint64, bytes_told);
    QFETCH(qint64, depth_told);
    constexpr std::uint16_t channels[] = {0x0000, 0x0001, 0xbeef, 0xffff};
    for (const std::uint16_t channel : channels) {
        const std::uint64_t packed = depth < 0
            ? pack_message(channel, bytes)
            : pack_message(channel, bytes, static_cast<std::uint64_t>(depth));
        QCOMPARE(channel_of(packed), channel);
        QCOMPARE(bytes_of(packed), std::uint64_t{bytes_told});
        const auto told = depth_of(packed);
        QCOMPARE(told ? static_cast<qint64>(*told) : -1, depth_told);
    }
}

void TestOfRing::packed_ticks()
{
    std::uint64_t last = 0;
    for (std::uint64_t ticks = 0; ticks < most_packed_ticks + 1'000; ++ticks) {
        const std::uint64_t told = unpack_ticks(pack_ticks(ticks));
        const std::uint64_t most = std::min(ticks, most_packed_ticks);
        // Rounded down, by a sixteenth at the most; and longer is never told as shorter.
        QVERIFY(told <= most && (most - told) * 16 <= most);
        QVERIFY(told >= last);
        QVERIFY((told == 0) == (ticks == 0));
        last = told;
    }
    QCOMPARE(unpack_ticks(pack_ticks(std::numeric_limits<std::uint64_t>::max())), last);
    QCOMPARE(last, most_packed_ticks);
}

void TestOfRing::capacity_data()
{
    QTest::addColumn<int>("bytes");
    QTest::addColumn<int>("events");
    QTest::newRow("header alone") << 128 << 0;
    QTest::newRow("a byte too few for one") << 151 << 0;
    QTest::newRow("one") << 152 << 1;
    QTest::newRow("a slot's ring") << (4 << 20) << 174'757;
}

void TestOfRing::capacity()
{
    QFETCH(int, bytes);
    QFETCH(int, events);
    QCOMPARE(ring_capacity(static_cast<std::size_t>(bytes)), static_cast<std::size_t>(events));
}

void TestOfRing::hands_events_on_unchanged()
{
    TestRing ring(4);
    const TraceEvent sent = {.ticks = 0x0123'4567'89ab'cdef,
        .argument = 0xbeef'cafe'dead'f00d,
        .subject = 0x8765'4321,
        .place = 0xfedc,
        .kind = EventKind::message_received,
        .detail = 0xa5};
    QVERIFY(ring.writer.push(sent));
    std::vector<TraceEvent> events;
    QCOMPARE(ring.reader.read(events, all), std::size_t{1});
    const TraceEvent& got = events.at(0);
    QCOMPARE(got.ticks, sent.ticks);
    QCOMPARE(got.argument, sent.argument);
    QCOMPARE(got.subject, sent.subject);
    QCOMPARE(got.place, sent.place);
    QVERIFY(got.kind == sent.kind);
    QCOMPARE(got.detail, sent.detail);
    QCOMPARE(ring.reader.read(events, all), std::size_t{0});
    QVERIFY(!ring.reader.damaged());
}

void TestOfRing::full_ring_drops_and_counts()
{
    TestRing ring(5);
    for (std::uint64_t i = 0; i < 8; ++i)
        QCOMPARE(ring.writer.push(event_of(i)), i < 5);
    QCOMPARE(ring.reader.dropped(), std::uint64_t{3});

    // What was dropped is the newest: what is there stays, and room that is given back is used.
    std::vector<TraceEvent> events;
    QCOMPARE(ring.reader.read(events, 2), std::size_t{2});
    for (std::uint64_t i = 8; i < 11; ++i)
        QCOMPARE(ring.writer.push(event_of(i)), i < 10);
    QCOMPARE(ring.reader.read(events, all), std::size_t{5});
    QCOMPARE(numbers(events), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 8, 9}));
    QCOMPARE(ring.reader.dropped(), std::uint64_t{4});
    QCOMPARE(ring.reader.missed(), std::uint64_t{0});
}

void TestOfRing::reads_at_most_what_is_asked_for()
{
    TestRing ring(10);
    for (std::uint64_t i = 0; i < 7; ++i)
        ring.writer.push(event_of(i));
    std::vector<TraceEvent> events = {event_of(99)};
    QCOMPARE(ring.reader.read(events, 0), std::size_t{0});
    QCOMPARE(ring.reader.read(events, 3), std::size_t{3});
    QCOMPARE(ring.reader.read(events, 3), std::size_t{3});
    QCOMPARE(ring.reader.read(events, 3), std::size_t{1});
    QCOMPARE(numbers(events), (std::vector<std::uint64_t>{99, 0, 1, 2, 3, 4, 5, 6}));
}

void TestOfRing::writer_goes_on_where_the_memory_stands()
{
    TestRing ring(3);
    ring.writer.push(event_of(0));
    ring.writer.push(event_of(1));
    RingWriter next(ring.memory.data(), ring.memory.size());
    QVERIFY(next.push(event_of(2)));
    QVERIFY(!next.push(event_of(3)));
    std::vector<TraceEvent> events;
    ring.reader.read(events, all);
    QCOMPARE(numbers(events), (std::vector<std::uint64_t>{0, 1, 2}));
}

void TestOfRing::wraps_around_data()
{
    QTest::addColumn<int>("capacity");
    for (const int capacity : {1, 2, 3, 7, 8, 61, 64, 100})
        QTest::newRow(("capacity " + std::to_string(capacity)).c_str()) << capacity;
}

void TestOfRing::wraps_around()
{
    QFETCH(int, capacity);
    const auto room = static_cast<std::uint64_t>(capacity);
    TestRing ring(room);
    std::vector<TraceEvent> events;
    std::uint64_t next = 0;
    for (std::uint64_t round = 0; round < 300; ++round) {
        const std::uint64_t count = 1 + round % room;
        for (std::uint64_t i = 0; i < count; ++i)
            QVERIFY(ring.writer.push(event_of(next + i)));
        events.clear();
        QCOMPARE(ring.reader.read(events, all), std::size_t{count});
        for (const TraceEvent& event : events) {
            QVERIFY(is_whole(event));
            QCOMPARE(event.ticks, next++);
        }
    }
    QCOMPARE(ring.reader.dropped(), std::uint64_t{0});
}

void TestOfRing::random_operations_data()
{
    add_seed_rows(20);
}

void TestOfRing::random_operations()
{
    std::mt19937_64 random = random_of_row();
    const std::size_t capacity = pick(random, 1, 40);
    TestRing ring(capacity);
    std::deque<std::uint64_t> reference;
    std::uint64_t next = 0;
    std::uint64_t dropped = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (pick(random, 0, 2) != 0) {
            const bool room = reference.size() < capacity;
            QCOMPARE(ring.writer.push(event_of(next)), room);
            if (room)
                reference.push_back(next);
            else
                ++dropped;
            ++next;
        } else {
            const std::size_t most = pick(random, 0, 3);
            std::vector<TraceEvent> events;
            QCOMPARE(ring.reader.read(events, most), std::min(most, reference.size()));
            for (const TraceEvent& event : events) {
                QVERIFY(is_whole(event));
                QCOMPARE(event.ticks, reference.front());
                reference.pop_front();
            }
        }
    }
    QVERIFY(dropped > 0);
    QCOMPARE(ring.reader.dropped(), dropped);
    QVERIFY(!ring.reader.damaged());
}

void TestOfRing::random_follower_data()
{
    add_seed_rows(20);
}

void TestOfRing::random_follower()
{
    std::mt19937_64 random = random_of_row();
    const std::size_t capacity = pick(random, 2, 40);
    TestRing ring(capacity);
    RingReader follower(ring.memory.data(), ring.memory.size(), RingReading::following);
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    std::uint64_t last = 0; // number of the last one received, plus 1
    std::vector<TraceEvent> events;
    for (int step = 0; step < 5'000; ++step) {
        const std::uint64_t count = pick(random, 0, 3 * capacity);
        for (std::uint64_t i = 0; i < count; ++i) {
            QVERIFY(ring.writer.push(event_of(sent)));
            ++sent;
            events.clear();
            ring.reader.read(events, all);
        }
        events.clear();
        const std::uint64_t unread = sent - last;
        const std::size_t most = pick(random, 0, 1) == 0 ? all : pick(random, 1, capacity);
        follower.read(events, most);
        received += events.size();
        for (const TraceEvent& event : events) {
            QVERIFY(is_whole(event));
            QVERIFY(event.ticks >= last);
            last = event.ticks + 1;
        }
        // What the writer cannot be overwriting comes, and something does where there is something.
        QCOMPARE(events.empty(), unread == 0);
        if (most == all) {
            QCOMPARE(last, sent);
            QVERIFY(events.size() >= std::min<std::uint64_t>(unread, capacity - 1));
        }
        QVERIFY(received + follower.missed() <= sent);
    }
    received += follower.read(events, all);
    QCOMPARE(follower.read(events, all), std::size_t{0});
    QCOMPARE(received + follower.missed(), sent);
    QVERIFY(follower.missed() > 0);
    QVERIFY(!follower.damaged());
}

void TestOfRing::follower_that_keeps_up_misses_nothing()
{
    TestRing ring(8);
    RingReader follower(ring.memory.data(), ring.memory.size(), RingReading::following);
    std::vector<TraceEvent> taken;
    std::vector<TraceEvent> followed;
    for (std::uint64_t i = 0; i < 700; ++i) {
        QVERIFY(ring.writer.push(event_of(i)));
        if (i % 7 == 6)
            QCOMPARE(follower.read(followed, all), std::size_t{7});
        if (i % 3 == 2)
            ring.reader.read(taken, all);
    }
    QCOMPARE(followed.size(), std::size_t{700});
    QCOMPARE(followed.back().ticks, std::uint64_t{699});
    QCOMPARE(follower.missed(), std::uint64_t{0});
}

void TestOfRing::taking_beside_a_writer_data()
{
    QTest::addColumn<int>("capacity");
    QTest::addColumn<bool>("patient");
    QTest::newRow("small ring, writer drops") << 7 << false;
    QTest::newRow("large ring, writer drops") << 1000 << false;
    QTest::newRow("one event, writer tries again") << 1 << true;
    QTest::newRow("small ring, writer tries again") << 61 << true;
}

void TestOfRing::taking_beside_a_writer()
{
    QFETCH(int, capacity);
    QFETCH(bool, patient);
    constexpr std::uint64_t count = 200'000;
    TestRing ring(static_cast<std::size_t>(capacity));
    std::atomic<bool> done{false};
    std::uint64_t refused = 0;
    std::thread writer([&] {
        for (std::uint64_t i = 0; i < count; ++i) {
            while (!ring.writer.push(event_of(i))) {
                ++refused;
                if (!patient)
                    break;
                std::this_thread::yield();
            }
        }
        done.store(true, std::memory_order_release);
    });
    std::vector<TraceEvent> events;
    bool more = true;
    while (more) {
        const bool last_look = done.load(std::memory_order_acquire);
        const std::size_t got = ring.reader.read(events, 100);
        more = !last_look || got > 0;
        if (got == 0)
            std::this_thread::yield();
    }
    writer.join();

    QCOMPARE(ring.reader.dropped(), refused);
    QCOMPARE(events.size() + (patient ? 0 : refused), std::size_t{count});
    for (std::size_t i = 0; i < events.size(); ++i) {
        QVERIFY(is_whole(events[i]));
        if (patient)
            QCOMPARE(events[i].ticks, std::uint64_t{i});
        else
            QVERIFY(i == 0 || events[i].ticks > events[i - 1].ticks);
    }
    QVERIFY(!ring.reader.damaged());
}

void TestOfRing::following_beside_a_writer_data()
{
    QTest::addColumn<int>("capacity");
    for (const int capacity : {2, 7, 61, 1'000})
        QTest::newRow(("capacity " + std::to_string(capacity)).c_str()) << capacity;
}

void TestOfRing::following_beside_a_writer()
{
    QFETCH(int, capacity);
    constexpr int reads = 1'000; // that found something
    TestRing ring(static_cast<std::size_t>(capacity));
    RingReader follower(ring.memory.data(), ring.memory.size(), RingReading::following);
    std::atomic<bool> enough{false};
    std::atomic<std::uint64_t> sent{0};
    // The writer takes what it wrote, so that it overwrites under the follower's eyes all the time.
    std::thread writer([&] {
        std::vector<TraceEvent> taken;
        std::uint64_t number = 0;
        while (!enough.load(std::memory_order_relaxed)) {
            for (int i = 0; i < 100; ++i) {
                while (!ring.writer.push(event_of(number))) {
                    taken.clear();
                    ring.reader.read(taken, all);
                }
                ++number;
            }
        }
        sent.store(number, std::memory_order_release);
    });
    std::uint64_t received = 0;
    std::uint64_t torn = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t next = 0;
    std::vector<TraceEvent> events;
    const auto look = [&] {
        events.clear();
        const std::size_t got = follower.read(events, all);
        for (const TraceEvent& event : events) {
            torn += is_whole(event) ? 0 : 1;
            out_of_order += event.ticks >= next ? 0 : 1;
            next = event.ticks + 1;
        }
        received += got;
        return got > 0;
    };
    for (int found = 0; found < reads;) {
        if (look())
            ++found;
        else
            std::this_thread::yield();
    }
    enough.store(true);
    writer.join();
    look();
    QCOMPARE(torn, std::uint64_t{0});
    QCOMPARE(out_of_order, std::uint64_t{0});
    QCOMPARE(received + follower.missed(), sent.load());
    QVERIFY(!follower.damaged());
}

void TestOfRing::hostile_heads_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<bool>("taking");
    for (int seed = 1; seed <= 10; ++seed) {
        QTest::newRow(("taking, seed " + std::to_string(seed)).c_str()) << seed << true;
        QTest::newRow(("following, seed " + std::to_string(seed)).c_str()) << seed << false;
    }
}

void TestOfRing::hostile_heads()
{
    QFETCH(bool, taking);
    std::mt19937_64 random = random_of_row();
    const std::size_t capacity = pick(random, 1, 50);
    TestRing ring(capacity, taking ? RingReading::taking : RingReading::following);
    bool honest = true;
    std::uint64_t position = 0;
    for (int step = 0; step < 5'000; ++step) {
        const std::uint64_t head = pick(random, 0, 9) == 0
            ? std::numeric_limits<std::uint64_t>::max() - pick(random, 0, 2)
            : pick_any(random);
        ring.header().head.store(head);
        honest = honest && head >= position && head - position <= capacity;
        std::vector<TraceEvent> events;
        const std::size_t got = ring.reader.read(events, pick(random, 0, 3) == 0 ? 3 : all);
        QCOMPARE(events.size(), got);
        QVERIFY(got <= capacity);
        position += got;
        // A follower may have been left behind by any number: there only a head that goes back
        // lies.
        if (taking)
            QCOMPARE(ring.reader.damaged(), !honest);
    }
    QVERIFY(ring.reader.damaged());
    if (taking)
        QCOMPARE(ring.header().tail.load(), position);
}

void TestOfRing::reader_of_nothing()
{
    RingReader reader;
    std::vector<TraceEvent> events;
    QCOMPARE(reader.read(events, all), std::size_t{0});
    QCOMPARE(reader.dropped(), std::uint64_t{0});
}

QTEST_APPLESS_MAIN(TestOfRing)

#include "tst_ring.moc"
