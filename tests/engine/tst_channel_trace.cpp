// SPDX-License-Identifier: MIT
// Tests engine/ipc/channel_trace: each message told, or where they come too fast all of them
// counted; nothing counted twice, nothing forgotten, nothing dropped.
#include "engine/ipc/channel_trace.hpp"
#include "engine/ipc/queue.hpp"
#include "engine/os/process_figures.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

// What the events of a channel come to.
struct Sums
{
    std::uint64_t each = 0; ///< events of one message
    std::uint64_t summaries = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    std::uint64_t deepest = 0;
    std::uint64_t events = 0;

    void add(const std::vector<TraceEvent>& from, EventKind one, EventKind several)
    {
        for (const TraceEvent& event : from) {
            ++events;
            if (event.kind != one && event.kind != several)
                continue;
            const bool is_summary = event.kind == several;
            ++(is_summary ? summaries : each);
            messages += is_summary ? event.subject : 1;
            bytes += bytes_of(event.argument);
            deepest = std::max(deepest, depth_of(event.argument).value_or(0));
        }
    }
};

std::vector<TraceEvent> take_events(SegmentReader& reader, std::uint32_t slot)
{
    std::vector<TraceEvent> events;
    reader.started(slot);
    while (reader.events(slot, events, 100'000) > 0) { }
    return events;
}

} // namespace

class TestOfChannelTrace : public QObject
{
    Q_OBJECT

private slots:
    void slow_messages_are_told_one_by_one();
    void what_takes_long_has_a_span_of_its_length();
    void fast_ones_are_counted();
    void what_others_send_counts_too();
    void it_becomes_slow_again();
    void what_is_pending_is_told_before_sleeping();
    void a_copy_counts_for_itself();
    void a_forked_process_tells_its_own();
    void untraced();
    void nothing_is_lost_at_full_speed_data();
    void nothing_is_lost_at_full_speed();
};

void TestOfChannelTrace::slow_messages_are_told_one_by_one()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    ChannelTrace trace(3);
    for (std::uint64_t i = 0; i < 99; ++i) {
        trace.sent(i, 10 + i, std::uint64_t{i}, 5, ChannelTrace::begin());
        trace.received(
            i, 10 + i, [&] { return 99 - i; }, 6, 0);
    }
    const std::vector<TraceEvent> events = take_events(reader, main_slot);
    QCOMPARE(events.size(), std::size_t{198});
    for (std::uint64_t i = 0; i < 99; ++i) {
        const TraceEvent& sent = events[2 * i];
        QCOMPARE(sent.kind, EventKind::message_sent);
        QCOMPARE(sent.subject, static_cast<std::uint32_t>(i));
        QCOMPARE(sent.place, std::uint16_t{5});
        QCOMPARE(channel_of(sent.argument), std::uint16_t{3});
        QCOMPARE(bytes_of(sent.argument), 10 + i);
        QCOMPARE(depth_of(sent.argument).value(), i);
        const TraceEvent& received = events[2 * i + 1];
        QCOMPARE(received.kind, EventKind::message_received);
        QCOMPARE(received.place, std::uint16_t{6});
        QCOMPARE(received.detail, std::uint8_t{0});
        QCOMPARE(depth_of(received.argument).value(), 99 - i);
    }
}

// An event says how long its message took up to some 0.2 ms. A process that is interrupted on its
// way takes longer.
void TestOfChannelTrace::what_takes_long_has_a_span_of_its_length()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    ChannelTrace trace(3);
    const std::uint64_t begin = ChannelTrace::begin();
    while (ChannelTrace::begin() - begin <= 3 * most_packed_ticks)
        relax_cpu();
    trace.received(0, 10, std::uint64_t{1}, 5, begin);
    const std::vector<TraceEvent> events = take_events(reader, main_slot);
    QCOMPARE(events.size(), std::size_t{3});
    QCOMPARE(events[0].kind, EventKind::state_begin);
    QCOMPARE(events[0].detail, static_cast<std::uint8_t>(State::receiving));
    QCOMPARE(events[0].ticks, begin);
    QCOMPARE(events[0].subject, 3U);
    QCOMPARE(events[1].kind, EventKind::message_received);
    QCOMPARE(events[1].detail, std::uint8_t{0});
    QCOMPARE(bytes_of(events[1].argument), std::uint64_t{10});
    QCOMPARE(events[2].kind, EventKind::state_end);
    QVERIFY(events[2].ticks - begin > 3 * most_packed_ticks);
    QCOMPARE(events[2].ticks, events[1].ticks);
}

void TestOfChannelTrace::fast_ones_are_counted()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    constexpr std::uint64_t messages = 1'000'000;
    {
        ChannelTrace trace(0);
        for (std::uint64_t i = 0; i < messages; ++i)
            trace.sent(i, i % 7, std::uint64_t{4}, 0, 0);
        QVERIFY(trace.summarises_sent());
        QVERIFY(!trace.summarises_received());
    }
    Sums sums;
    sums.add(take_events(reader, main_slot), EventKind::message_sent, EventKind::messages_sent);
    QCOMPARE(sums.messages, messages);
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < messages; ++i)
        bytes += i % 7;
    QCOMPARE(sums.bytes, bytes);
    QCOMPARE(sums.deepest, std::uint64_t{4});
    QVERIFY2(sums.each < messages / 10, std::to_string(sums.each).c_str());
    QVERIFY(sums.summaries > 0);
}

void TestOfChannelTrace::what_others_send_counts_too()
{
    EngineFixture fixture;
    ChannelTrace trace(0);
    // Each is the hundredth in the channel: it is fast, though this process is not.
    for (std::uint64_t i = 0; i < 300; ++i)
        trace.sent(i * 100'000, 1, std::uint64_t{0}, 0, 0);
    QVERIFY(trace.summarises_sent());
}

void TestOfChannelTrace::it_becomes_slow_again()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    ChannelTrace trace(0);
    std::uint64_t number = 0;
    for (; number < 100'000; ++number)
        trace.sent(number, 1, std::uint64_t{0}, 0, 0);
    trace.flush(7);
    for (int i = 0; i < 2; ++i) {
        QTest::qSleep(2);
        trace.sent(number++, 1, std::uint64_t{0}, 0, 0);
    }
    QVERIFY(!trace.summarises_sent());
    trace.sent(number++, 1, std::uint64_t{0}, 9, 0);
    trace.flush();
    const std::vector<TraceEvent> events = take_events(reader, main_slot);
    QCOMPARE(events.back().kind, EventKind::message_sent);
    QCOMPARE(events.back().subject, static_cast<std::uint32_t>(number - 1));
    Sums sums;
    sums.add(events, EventKind::message_sent, EventKind::messages_sent);
    QCOMPARE(sums.messages, number);
    QCOMPARE(sums.deepest, std::uint64_t{7});
}

void TestOfChannelTrace::what_is_pending_is_told_before_sleeping()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    ChannelTrace first(0);
    ChannelTrace second(1);
    constexpr std::uint64_t messages = 10'000;
    for (std::uint64_t i = 0; i < messages; ++i) {
        first.sent(i, 1, std::uint64_t{0}, 0, 0);
        second.received(i, 2, std::uint64_t{0}, 0, 0);
    }
    sleep_until_woken(wake_token(), 1us);
    const std::vector<TraceEvent> events = take_events(reader, main_slot);
    Sums sent;
    sent.add(events, EventKind::message_sent, EventKind::messages_sent);
    Sums received;
    received.add(events, EventKind::message_received, EventKind::messages_received);
    QCOMPARE(sent.messages, messages);
    QCOMPARE(received.messages, messages);
    QCOMPARE(received.bytes, 2 * messages);
    // And nothing twice.
    sleep_until_woken(wake_token(), 1us);
    first.flush();
    second.flush();
    QVERIFY(take_events(reader, main_slot).empty());
}

void TestOfChannelTrace::a_copy_counts_for_itself()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    constexpr std::uint64_t messages = 5'000;
    {
        ChannelTrace first(0);
        for (std::uint64_t i = 0; i < messages; ++i)
            first.sent(i, 1, std::uint64_t{0}, 0, 0);
        ChannelTrace second = first;
        for (std::uint64_t i = 0; i < messages; ++i)
            second.sent(messages + i, 1, std::uint64_t{0}, 0, 0);
        first = second;
        QCOMPARE(first.channel(), std::uint16_t{0});
    }
    Sums sums;
    sums.add(take_events(reader, main_slot), EventKind::message_sent, EventKind::messages_sent);
    QCOMPARE(sums.messages, 2 * messages);
}

void TestOfChannelTrace::a_forked_process_tells_its_own()
{
    EngineFixture fixture;
    SegmentReader reader(this_process.segment, RingReading::taking);
    constexpr std::uint64_t messages = 5'000;
    std::vector<std::unique_ptr<ChannelTrace>> traces;
    for (std::uint16_t i = 0; i < 3; ++i) {
        traces.push_back(std::make_unique<ChannelTrace>(i));
        for (std::uint64_t number = 0; number < messages; ++number)
            traces[i]->sent(number, 1, std::uint64_t{0}, 0, 0);
    }
    const int pid = fixture.fork_into(4, [&] {
        for (std::uint64_t number = 0; number < messages; ++number)
            traces[1]->sent(messages + number, 3, std::uint64_t{0}, 0, 0);
        traces.erase(traces.begin()); // one that is its parent's
        sleep_until_woken(wake_token(), 1us);
        traces.clear();
    });
    QCOMPARE(end_of(pid), 0);
    traces.clear();
    Sums parent;
    parent.add(take_events(reader, main_slot), EventKind::message_sent, EventKind::messages_sent);
    QCOMPARE(parent.messages, 3 * messages);
    Sums child;
    child.add(take_events(reader, 4), EventKind::message_sent, EventKind::messages_sent);
    QCOMPARE(child.messages, messages);
    QCOMPARE(child.bytes, 3 * messages);
}

void TestOfChannelTrace::untraced()
{
    EngineFixture fixture({.traced = false});
    ChannelTrace trace(0);
    QCOMPARE(ChannelTrace::begin(), std::uint64_t{0});
    for (std::uint64_t i = 0; i < 1'000; ++i)
        trace.sent(i, 1, std::uint64_t{0}, 0, ChannelTrace::begin());
    QVERIFY(!trace.summarises_sent());
    trace.flush();
}

void TestOfChannelTrace::nothing_is_lost_at_full_speed_data()
{
    QTest::addColumn<int>("maxsize");
    QTest::addColumn<int>("producers");
    QTest::addColumn<int>("consumers");
    QTest::newRow("1 to 1") << 1'024 << 1 << 1;
    QTest::newRow("1 to 1, one place") << 1 << 1 << 1;
    QTest::newRow("2 to 2") << 1'024 << 2 << 2;
    QTest::newRow("2 to 2, unbounded") << 0 << 2 << 2;
}

// Main drains as it does in a lesson; what all lanes tell adds up to what was sent.
void TestOfChannelTrace::nothing_is_lost_at_full_speed()
{
    QFETCH(int, maxsize);
    QFETCH(int, producers);
    QFETCH(int, consumers);
    EngineFixture fixture({.arena_bytes = std::size_t{1} << 30});
    const std::uint64_t each = maxsize == 1 ? 5'000 : 300'000;
    struct Value
    {
        std::uint64_t words[8];
    };
    Queue<Value> queue(static_cast<std::uint32_t>(maxsize), {.name = "fast"});
    std::vector<int> pids;
    std::uint32_t slot = 1;
    for (int i = 0; i < producers; ++i)
        pids.push_back(fixture.fork_into(slot++, [&] {
            Queue<Value> mine = Queue<Value>::view(queue.offset());
            for (std::uint64_t number = 0; number < each; ++number)
                mine.put({.words = {number}});
        }));
    for (int i = 0; i < consumers; ++i)
        pids.push_back(fixture.fork_into(slot++, [&] {
            Queue<Value> mine = Queue<Value>::view(queue.offset());
            const std::uint64_t share = each * static_cast<std::uint64_t>(producers)
                / static_cast<std::uint64_t>(consumers);
            for (std::uint64_t number = 0; number < share; ++number)
                mine.get();
        }));
    SegmentReader reader(this_process.segment, RingReading::taking);
    Sums sent;
    Sums received;
    std::uint64_t dropped = 0;
    const auto drain = [&] {
        for (std::uint32_t one = 1; one < slot; ++one) {
            const std::vector<TraceEvent> events = take_events(reader, one);
            sent.add(events, EventKind::message_sent, EventKind::messages_sent);
            received.add(events, EventKind::message_received, EventKind::messages_received);
        }
    };
    for (const int pid : pids) {
        while (!os::has_ended(pid)) {
            drain();
            QTest::qSleep(25);
        }
        QCOMPARE(end_of(pid), 0);
    }
    drain();
    for (std::uint32_t one = 1; one < slot; ++one)
        dropped += reader.figures(one).events_dropped;
    QCOMPARE(dropped, std::uint64_t{0});
    const std::uint64_t all = each * static_cast<std::uint64_t>(producers);
    QCOMPARE(sent.messages, all);
    QCOMPARE(received.messages, all);
    QCOMPARE(sent.bytes, all * sizeof(Value));
    QCOMPARE(received.bytes, all * sizeof(Value));
    if (maxsize > 0)
        QVERIFY(sent.deepest <= static_cast<std::uint64_t>(maxsize));
}

QTEST_APPLESS_MAIN(TestOfChannelTrace)

#include "tst_channel_trace.moc"
