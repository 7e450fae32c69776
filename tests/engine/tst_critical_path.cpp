// SPDX-License-Identifier: MIT
// Tests engine/analysis/critical_path: recordings made by hand with known paths, and what holds of
// every path on recordings by chance.
#include "engine/analysis/critical_path.hpp"
#include "tests/support/category_at.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace manyhands;
using manyhands::test::category_at;
using manyhands::test::random_recording;
using manyhands::test::ScriptedRecording;

namespace {

/// "Worker-1 10-40 computing message", a line a step.
std::string text_of(const CriticalPath& path, const Recording& recording)
{
    std::string text;
    for (const PathStep& step : path.steps) {
        text += recording.lanes()[step.lane].name + ' ' + std::to_string(step.interval.begin_ns)
            + '-' + std::to_string(step.interval.end_ns) + ' ' + std::string(name_of(step.category))
            + ' ' + std::string(name_of(step.how_reached)) + '\n';
    }
    return text;
}

void release(ScriptedRecording& script, std::uint32_t lane, std::uint64_t time, std::uint64_t held,
    std::uint32_t lock = 0)
{
    script.event(lane, time, EventKind::lock_released, 0, lock, held);
}

/// Messages that were told in a sum.
void messages(ScriptedRecording& script, std::uint32_t lane, std::uint64_t time, bool received,
    std::uint16_t channel, std::uint32_t count)
{
    script.event(lane, time, received ? EventKind::messages_received : EventKind::messages_sent, 0,
        count, pack_message(channel, 100));
}

// Main starts a producer and a consumer, and joins them.
void pipeline(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Producer", Role::worker, 2, true);
    script.lane("Consumer", Role::worker, 4, true);
    script.begin(0, 6, State::joining);
    script.span(2, 10, 52, State::waiting_data, 0);
    script.span(1, 20, 50, State::computing);
    script.message(1, 51, false, 0, 7, 100);
    script.message(2, 53, true, 0, 7, 100);
    script.span(2, 53, 90, State::computing);
    script.end_lane(1, 60);
    script.end_lane(2, 92);
    script.end(0, 93, State::joining);
}

// One lock, three workers, each of which has it for a while.
void convoy(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    for (int i = 1; i <= 3; ++i)
        script.lane("Worker-" + std::to_string(i), Role::worker, 1);
    script.begin(2, 12, State::waiting_lock, 0);
    script.begin(3, 13, State::waiting_lock, 0);
    release(script, 1, 40, 30);
    script.end(2, 41, State::waiting_lock);
    script.event(2, 41, EventKind::lock_taken, 0, 0);
    release(script, 2, 70, 29);
    script.end(3, 71, State::waiting_lock);
    script.event(3, 71, EventKind::lock_taken, 0, 0);
    script.span(3, 72, 88, State::computing);
    release(script, 3, 90, 19);
    script.end_lane(1, 45);
    script.end_lane(2, 75);
    script.end_lane(3, 95);
}

// Holds too short to be told; who had the lock at the begin of the wait is known all the same.
void known_holder(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 2);
    script.event(2, 20, EventKind::state_begin, static_cast<std::uint8_t>(State::waiting_lock), 0,
        std::uint64_t{1}); // the process of slot 1, generation 0
    script.end(2, 26, State::waiting_lock);
    script.end_lane(1, 28);
    script.end_lane(2, 40);
}

void slowest(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 5);
    script.lane("Worker-2", Role::worker, 8);
    script.begin(0, 10, State::joining);
    script.span(1, 6, 50, State::computing);
    script.span(2, 9, 79, State::computing);
    script.end_lane(1, 50);
    script.end_lane(2, 80);
    script.end(0, 81, State::joining);
    script.span(0, 81, 100, State::computing);
    script.end_lane(0, 100);
}

// A pool whose second worker has by far the most to do; the first ends last, for no fault of its.
void imbalance(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 1);
    for (const std::uint32_t lane : {1U, 2U})
        script.begin(lane, 5, State::idle, 0);
    messages(script, 0, 10, false, 0, 2);
    script.begin(0, 11, State::waiting_data, 1);
    for (const std::uint32_t lane : {1U, 2U})
        script.end(lane, 12, State::idle);
    script.span(1, 12, 30, State::computing);
    script.message(1, 30, false, 1, 0, 8);
    script.begin(1, 31, State::idle, 0);
    script.span(2, 12, 89, State::computing);
    script.message(2, 90, false, 1, 1, 8);
    script.begin(2, 90, State::idle, 0);
    script.end(0, 91, State::waiting_data);
    // Both are taken out together; the first came long before.
    script.message(0, 92, true, 1, 0, 8);
    script.message(0, 92, true, 1, 1, 8);
    script.begin(0, 93, State::joining);
    for (const std::uint32_t lane : {2U, 1U})
        script.end(lane, 94, State::idle);
    script.end_lane(2, 95);
    script.end_lane(1, 97);
    script.end(0, 98, State::joining);
}

void full_channel(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Producer", Role::worker, 1);
    script.lane("Consumer", Role::worker, 1);
    script.span(1, 20, 60, State::waiting_space, 0);
    script.span(2, 10, 58, State::computing);
    script.message(2, 59, true, 0, 0, 8);
    script.message(1, 61, false, 0, 4, 8);
    script.end_lane(2, 62);
    script.end_lane(1, 80);
}

// The receiver stamps its message after the sender, whom it let go on, has seen the room; and the
// sender its own after the receiver has gone on.
void late_stamps(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Producer", Role::worker, 1);
    script.lane("Consumer", Role::worker, 1);
    script.span(1, 20, 60, State::waiting_space, 0);
    script.message(2, 61, true, 0, 0, 8);
    script.begin(2, 62, State::waiting_data, 0);
    script.end(2, 70, State::waiting_data);
    script.message(1, 72, false, 0, 4, 8);
    script.message(2, 73, true, 0, 4, 8);
    script.end_lane(1, 74);
    script.end_lane(2, 80);
}

void nobody_known(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.span(1, 10, 30, State::waiting_lock, 3);
    script.span(1, 32, 50, State::sleeping);
    script.end_lane(1, 60);
}

// A wait in which the waiting lane was stopped for a while before the message came.
void stopped_while_waiting(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 1);
    script.begin(2, 10, State::waiting_data, 0);
    script.stop(2, 20);
    script.go_on(2, 30);
    script.message(1, 40, false, 0, 0, 8);
    script.end(2, 41, State::waiting_data);
    script.message(2, 42, true, 0, 0, 8);
    script.end_lane(1, 43);
    script.end_lane(2, 50);
}

// The message came while the waiting lane was stopped.
void stopped_when_it_came(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 1);
    script.begin(2, 10, State::waiting_data, 0);
    script.message(1, 15, false, 0, 0, 8);
    script.stop(2, 20);
    script.go_on(2, 30);
    script.end(2, 31, State::waiting_data);
    script.message(2, 32, true, 0, 0, 8);
    script.end_lane(1, 33);
    script.end_lane(2, 40);
}

// Two consumers at one channel: the message that another got ended nobody's wait but its own.
void two_consumers(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Producer-1", Role::worker, 1);
    script.lane("Producer-2", Role::worker, 1);
    script.lane("Consumer-1", Role::worker, 1);
    script.lane("Consumer-2", Role::worker, 1);
    for (const std::uint32_t lane : {3U, 4U})
        script.begin(lane, 10, State::waiting_data, 0);
    script.message(1, 30, false, 0, 0, 8);
    script.message(2, 31, false, 0, 1, 8);
    for (const std::uint32_t lane : {3U, 4U})
        script.end(lane, 35, State::waiting_data);
    script.message(4, 36, true, 0, 1, 8);
    script.message(3, 37, true, 0, 0, 8);
    for (const std::uint32_t lane : {1U, 2U, 4U})
        script.end_lane(lane, 40);
    script.end_lane(3, 50);
}

// A receiver that took something out long after the sender had gone on, and a message that was
// received before it was sent: neither ended a wait.
void not_these(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 1);
    script.span(1, 10, 20, State::waiting_space, 0);
    script.message(1, 21, false, 0, 0, 8);
    script.message(2, 25, true, 0, 0, 8);
    script.span(1, 30, 40, State::waiting_data, 1);
    script.message(1, 41, true, 1, 5, 8);
    script.message(2, 45, false, 1, 5, 8);
    script.end_lane(2, 46);
    script.end_lane(1, 50);
}

// A worker dies; main, which waits for a result, starts another in its place.
void replacement(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.begin(0, 5, State::waiting_data, 0);
    script.message(1, 20, false, 0, 0, 8);
    script.end_lane(1, 28, -9);
    script.lane("Worker-2", Role::worker, 30);
    script.message(2, 48, false, 0, 1, 8);
    script.end(0, 49, State::waiting_data);
    script.message(0, 50, true, 0, 0, 8);
    script.message(0, 50, true, 0, 1, 8);
    script.end_lane(2, 51);
    script.end_lane(0, 60);
}

void killed_while_joining(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 2);
    script.begin(0, 10, State::joining);
    script.end_lane(1, 40);
    script.end_lane(0, 50, -9);
}

// Two lanes that let each other go on at one moment.
void cycle(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 1);
    script.lane("Worker-2", Role::worker, 1);
    for (const std::uint32_t lane : {1U, 2U})
        script.begin(lane, 10, State::waiting_data, lane);
    script.message(1, 30, false, 2, 0, 8);
    script.message(2, 30, false, 1, 0, 8);
    for (const std::uint32_t lane : {1U, 2U}) {
        script.end(lane, 30, State::waiting_data);
        script.message(lane, 30, true, static_cast<std::uint16_t>(lane), 0, 8);
    }
    script.end_lane(1, 40);
    script.end_lane(2, 50);
}

// Everybody waits for what has not come yet, but one.
void under_way(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 3);
    script.lane("Worker-2", Role::worker, 3);
    script.begin(0, 5, State::joining);
    script.begin(2, 5, State::idle, 0);
    script.span(1, 3, 60, State::computing);
}

void nested(ScriptedRecording& script)
{
    script.lane("main", Role::main, 0);
    script.lane("Worker-1", Role::worker, 0);
    script.begin(1, 10, State::computing);
    script.span(1, 20, 30, State::serialising);
    script.span(1, 40, 50, State::sending, 0);
    script.end(1, 60, State::computing);
    script.end_lane(1, 60);
}

using Script = void (*)(ScriptedRecording&);

/// A recording by chance in which lanes send each other messages, wait for them, for room and for
/// locks, with many events at one moment.
Recording talking_recording(std::uint64_t seed, std::uint64_t events)
{
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    ScriptedRecording script;
    script.lane("main", Role::main, 0);
    const auto lanes = static_cast<std::uint32_t>(2 + below(4));
    for (std::uint32_t lane = 1; lane < lanes; ++lane)
        script.lane("Worker-" + std::to_string(lane), Role::worker, below(20));
    std::vector<int> open(lanes, -1);
    std::vector<bool> ended(lanes, false);
    std::uint32_t sent = 0;
    std::uint64_t time = 20;
    for (std::uint64_t i = 0; i < events; ++i, time += below(3)) {
        const auto lane = static_cast<std::uint32_t>(below(lanes));
        const auto channel = static_cast<std::uint16_t>(below(2));
        if (ended[lane])
            continue;
        if (open[lane] >= 0) {
            script.end(lane, time, static_cast<State>(open[lane]));
            open[lane] = -1;
            if (below(2) == 0 && sent > 0)
                script.message(
                    lane, time, true, channel, static_cast<std::uint32_t>(below(sent + 2)), 8);
            if (below(3) == 0)
                script.event(lane, time, EventKind::lock_taken, 0, channel);
            continue;
        }
        switch (below(8)) {
        case 0:
        case 1:
            script.message(lane, time, false, channel, sent++, 8);
            break;
        case 2:
            messages(script, lane, time, below(2) == 0, channel, 5);
            break;
        case 3:
            release(script, lane, time, below(20), channel);
            break;
        case 4:
            if (lane != 0 && below(20) == 0) {
                script.end_lane(lane, time);
                ended[lane] = true;
            }
            break;
        default: {
            constexpr State waits[] = {State::waiting_data, State::waiting_space,
                State::waiting_lock, State::joining, State::idle, State::computing};
            const State state = waits[below(6)];
            script.event(lane, time, EventKind::state_begin, static_cast<std::uint8_t>(state),
                channel, below(2) == 0 ? below(lanes) : 0);
            open[lane] = static_cast<int>(state);
        }
        }
    }
    script.builder.advance(time + below(30));
    return std::move(script.builder).take();
}

std::int64_t end_of(const Lane& lane, const Recording& recording)
{
    return lane.ended() ? lane.end_ns : recording.now_ns();
}

/// What is wrong with a path; empty where nothing is.
std::string fault_of(const CriticalPath& path, const Recording& recording, Interval interval)
{
    std::int64_t at = path.interval.begin_ns;
    std::int64_t total = 0;
    for (const PathStep& step : path.steps) {
        const Lane& lane = recording.lanes().at(step.lane);
        if (step.interval.begin_ns != at || step.interval.length_ns() <= 0)
            return "a gap at " + std::to_string(at);
        if (step.interval.begin_ns < lane.start_ns
            || step.interval.end_ns > end_of(lane, recording))
            return "outside of the lane's life at " + std::to_string(at);
        for (std::int64_t time = at; time < step.interval.end_ns; ++time) {
            if (category_at(lane, time) != step.category)
                return "not what the lane did at " + std::to_string(time);
        }
        at = step.interval.end_ns;
        total += step.interval.length_ns() - recording.paused_within(step.interval);
    }
    if (at != path.interval.end_ns)
        return "it does not end where its interval does";
    std::int64_t sum = 0;
    for (const std::int64_t ns : path.category_ns)
        sum += ns;
    if (sum != total || path.total_ns != total
        || total != path.interval.length_ns() - recording.paused_within(path.interval))
        return "it does not add up";
    if (path.interval.begin_ns < interval.begin_ns || path.interval.end_ns > interval.end_ns)
        return "it leaves the interval";
    // It covers all in which anything lived: main did from the first moment to the last.
    const Interval lived = {std::max<std::int64_t>(interval.begin_ns, 0),
        std::min(interval.end_ns, recording.now_ns())};
    if (lived.length_ns() > 0
        && (path.interval.begin_ns != lived.begin_ns || path.interval.end_ns != lived.end_ns))
        return "it does not cover the interval";
    return {};
}

} // namespace

class TestCriticalPath : public QObject
{
    Q_OBJECT

private slots:
    void known_paths_data()
    {
        QTest::addColumn<int>("script");
        QTest::addColumn<qint64>("end");
        QTest::addColumn<QString>("expected");
        const auto row = [this](const char* name, Script script, qint64 end, const char* expected) {
            QTest::newRow(name) << static_cast<int>(scripts_.size()) << end << QString(expected);
            scripts_.push_back(script);
        };
        row("a pipeline", pipeline, 92,
            "main 0-2 unexplained same_lane\n"
            "Producer 2-20 starting start\n"
            "Producer 20-50 computing same_lane\n"
            "Producer 50-51 unexplained same_lane\n"
            "Consumer 51-52 waiting_data message\n"
            "Consumer 52-53 unexplained same_lane\n"
            "Consumer 53-90 computing same_lane\n"
            "Consumer 90-92 unexplained same_lane\n");
        row("a pipeline, looked at in the middle of the wait", pipeline, 40,
            "main 0-2 unexplained same_lane\n"
            "Producer 2-20 starting start\n"
            "Producer 20-40 computing same_lane\n");
        row("a run under way", under_way, 80,
            "main 0-3 unexplained same_lane\n"
            "Worker-1 3-60 computing start\n"
            "Worker-1 60-80 unexplained same_lane\n");
        row("a lock convoy", convoy, 95,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-40 unexplained start\n"
            "Worker-2 40-41 waiting_lock lock\n"
            "Worker-2 41-70 unexplained same_lane\n"
            "Worker-3 70-71 waiting_lock lock\n"
            "Worker-3 71-72 unexplained same_lane\n"
            "Worker-3 72-88 computing same_lane\n"
            "Worker-3 88-95 unexplained same_lane\n");
        row("a lock of which only the holder is known", known_holder, 40,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-26 unexplained start\n"
            "Worker-2 26-40 unexplained lock\n");
        row("joining the slowest", slowest, 100,
            "main 0-8 unexplained same_lane\n"
            "Worker-2 8-9 unexplained start\n"
            "Worker-2 9-79 computing same_lane\n"
            "Worker-2 79-80 unexplained same_lane\n"
            "main 80-81 joining join\n"
            "main 81-100 computing same_lane\n");
        row("a pool with imbalance", imbalance, 97,
            "main 0-10 unexplained same_lane\n"
            "Worker-2 10-12 idle message\n"
            "Worker-2 12-89 computing same_lane\n"
            "Worker-2 89-90 unexplained same_lane\n"
            "main 90-91 waiting_data message\n"
            "main 91-93 unexplained same_lane\n"
            "main 93-94 joining same_lane\n"
            "Worker-1 94-97 unexplained pool\n");
        row("a full channel", full_channel, 80,
            "main 0-1 unexplained same_lane\n"
            "Consumer 1-10 unexplained start\n"
            "Consumer 10-58 computing same_lane\n"
            "Consumer 58-59 unexplained same_lane\n"
            "Producer 59-60 waiting_space space\n"
            "Producer 60-80 unexplained same_lane\n");
        row("stamps that come later than what they tell", late_stamps, 80,
            "main 0-1 unexplained same_lane\n"
            "Consumer 1-60 unexplained start\n"
            "Producer 60-70 unexplained space\n"
            "Consumer 70-80 unexplained message\n");
        row("waits that nobody is known to have ended", nobody_known, 60,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-10 unexplained start\n"
            "Worker-1 10-30 waiting_lock same_lane\n"
            "Worker-1 30-32 unexplained same_lane\n"
            "Worker-1 32-50 sleeping same_lane\n"
            "Worker-1 50-60 unexplained same_lane\n");
        row("stopped before the message came", stopped_while_waiting, 50,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-40 unexplained start\n"
            "Worker-2 40-41 waiting_data message\n"
            "Worker-2 41-50 unexplained same_lane\n");
        row("stopped when the message came", stopped_when_it_came, 40,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-15 unexplained start\n"
            "Worker-2 15-20 waiting_data message\n"
            "Worker-2 20-30 stopped same_lane\n"
            "Worker-2 30-31 waiting_data same_lane\n"
            "Worker-2 31-40 unexplained same_lane\n");
        row("lanes that let each other go on at one moment", cycle, 50,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-10 unexplained start\n"
            "Worker-1 10-30 waiting_data same_lane\n"
            "Worker-2 30-50 unexplained message\n");
        row("two consumers", two_consumers, 50,
            "main 0-1 unexplained same_lane\n"
            "Producer-1 1-30 unexplained start\n"
            "Consumer-1 30-35 waiting_data message\n"
            "Consumer-1 35-50 unexplained same_lane\n");
        row("who came too late to have ended a wait", not_these, 50,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-10 unexplained start\n"
            "Worker-1 10-20 waiting_space same_lane\n"
            "Worker-1 20-30 unexplained same_lane\n"
            "Worker-1 30-40 waiting_data same_lane\n"
            "Worker-1 40-50 unexplained same_lane\n");
        row("a worker in the place of a dead one", replacement, 60,
            "main 0-1 unexplained same_lane\n"
            "Worker-1 1-20 unexplained start\n"
            "main 20-30 waiting_data message\n"
            "Worker-2 30-48 unexplained start\n"
            "main 48-49 waiting_data message\n"
            "main 49-60 unexplained same_lane\n");
        row("killed while it joined", killed_while_joining, 50,
            "main 0-2 unexplained same_lane\n"
            "Worker-1 2-40 unexplained start\n"
            "main 40-50 joining join\n");
        row("nested states", nested, 60,
            "Worker-1 0-10 unexplained same_lane\n"
            "Worker-1 10-20 computing same_lane\n"
            "Worker-1 20-30 serialising same_lane\n"
            "Worker-1 30-40 computing same_lane\n"
            "Worker-1 40-50 transfer same_lane\n"
            "Worker-1 50-60 computing same_lane\n");
    }

    void known_paths()
    {
        QFETCH(int, script);
        QFETCH(qint64, end);
        QFETCH(QString, expected);
        ScriptedRecording scripted;
        scripts_[static_cast<std::size_t>(script)](scripted);
        scripted.builder.advance(100);
        const Recording recording = std::move(scripted.builder).take();
        const Interval interval = {0, end};
        const CriticalPath path = critical_path(recording, interval);
        QCOMPARE(QString::fromStdString(text_of(path, recording)), expected);
        QCOMPARE(fault_of(path, recording, interval), std::string());
    }

    void shares()
    {
        ScriptedRecording script;
        slowest(script);
        const Recording recording = std::move(script.builder).take();
        const CriticalPath path = critical_path(recording, {0, 100});
        QCOMPARE(path.total_ns, std::int64_t{100});
        QCOMPARE(path.share(BudgetCategory::computing), 0.89);
        QCOMPARE(path.share(BudgetCategory::joining), 0.01);
        QCOMPARE(path.share(BudgetCategory::unexplained), 0.1);
        QCOMPARE(path.share(BudgetCategory::idle), 0.0);
    }

    void pauses_do_not_count()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.lane("Worker-1", Role::worker, 0);
        script.builder.pause(20);
        script.builder.resume(50);
        script.builder.pause(58);
        script.builder.resume(63);
        script.span(1, 10, 60, State::computing);
        script.end_lane(1, 70);
        const Recording recording = std::move(script.builder).take();
        const CriticalPath path = critical_path(recording, {0, 70});
        QCOMPARE(path.total_ns, std::int64_t{35});
        // 10 to 20, 50 to 58.
        QCOMPARE(path.category_ns[static_cast<std::size_t>(BudgetCategory::computing)],
            std::int64_t{18});
        QCOMPARE(fault_of(path, recording, {0, 70}), std::string());
    }

    void nothing_to_go_through_data()
    {
        QTest::addColumn<qint64>("begin");
        QTest::addColumn<qint64>("end");
        QTest::newRow("an empty interval") << qint64(10) << qint64(10);
        QTest::newRow("one that ends before it begins") << qint64(20) << qint64(10);
        QTest::newRow("behind the end of all") << qint64(200) << qint64(300);
        QTest::newRow("before the begin of all") << qint64(-20) << qint64(0);
    }

    void nothing_to_go_through()
    {
        QFETCH(qint64, begin);
        QFETCH(qint64, end);
        ScriptedRecording script;
        slowest(script);
        const Recording recording = std::move(script.builder).take();
        for (const Recording& one : {recording, Recording()}) {
            const CriticalPath path = critical_path(one, {begin, end});
            QVERIFY(path.steps.empty());
            QCOMPARE(path.total_ns, std::int64_t{0});
            QCOMPARE(path.share(BudgetCategory::computing), 0.0);
        }
    }

    void holds_by_chance_data()
    {
        QTest::addColumn<bool>("talking");
        QTest::addColumn<int>("jumps"); ///< fewer would say nothing
        QTest::newRow("anything, of messages that nobody gets") << false << 300;
        QTest::newRow("lanes that talk") << true << 3000;
    }

    void holds_by_chance()
    {
        QFETCH(bool, talking);
        QFETCH(int, jumps);
        std::mt19937_64 random(7);
        int found = 0;
        for (std::uint64_t seed = 0; seed < 400; ++seed) {
            const Recording recording
                = talking ? talking_recording(seed, 150) : random_recording(seed, 300);
            for (int round = 0; round < 8; ++round) {
                const auto limit = static_cast<std::uint64_t>(recording.now_ns() + 20);
                const auto a = static_cast<std::int64_t>(random() % limit) - 5;
                const auto b = static_cast<std::int64_t>(random() % limit) - 5;
                const Interval interval = round == 0 ? recording.shown_interval()
                                                     : Interval{std::min(a, b), std::max(a, b)};
                const CriticalPath path = critical_path(recording, interval);
                const std::string fault = fault_of(path, recording, interval);
                const std::string where = fault + " (seed " + std::to_string(seed) + ", round "
                    + std::to_string(round) + ")\n" + text_of(path, recording);
                QVERIFY2(fault.empty(), where.c_str());
                found += static_cast<int>(std::count_if(path.steps.begin(), path.steps.end(),
                    [](const PathStep& step) { return step.how_reached != Link::same_lane; }));
            }
        }
        QVERIFY2(found >= jumps, std::to_string(found).c_str());
    }

    // A lane that waits for each of its messages in turn, and another whose messages are all for
    // others: what a search from the beginning at each wait would never end with.
    void many_waits()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.lane("Worker-1", Role::worker, 0);
        script.lane("Worker-2", Role::worker, 0);
        constexpr std::uint32_t waits = 200'000;
        for (std::uint32_t i = 0; i < waits; ++i) {
            const std::uint64_t time = 10 * (i + std::uint64_t{1});
            script.begin(2, time, State::waiting_data, 0);
            script.message(1, time + 4, false, 0, i, 8);
            script.end(2, time + 5, State::waiting_data);
            script.message(2, time + 6, true, i % 2 == 0 ? 0 : 1, i, 8);
        }
        script.end_lane(1, 10 * waits + 20);
        script.end_lane(2, 10 * waits + 30);
        const Recording recording = std::move(script.builder).take();
        const Interval interval = {0, 10 * waits + 30};
        const CriticalPath path = critical_path(recording, interval);
        QCOMPARE(path.total_ns, interval.end_ns);
        QVERIFY(path.steps.size() > 1);
    }

private:
    std::vector<Script> scripts_;
};

QTEST_APPLESS_MAIN(TestCriticalPath)
#include "tst_critical_path.moc"
