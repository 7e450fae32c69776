// SPDX-License-Identifier: MIT
// Tests engine/ipc/value and array: what they hold, what is refused, what crosses, what is told.
#include "engine/ipc/array.hpp"
#include "engine/ipc/codec.hpp"
#include "engine/ipc/value.hpp"
#include "engine/trace/reader.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;
using namespace std::chrono_literals;

namespace {

struct Point
{
    double x = 0;
    double y = 0;
    int colour = 7;

    bool operator==(const Point&) const = default;
};

enum class Light : std::uint8_t { red, green };

void expect(bool holds, const char* what)
{
    if (!holds)
        throw Error({.object = what, .problem = "does not hold"});
}

// Over the way that an argument takes.
template <class T>
T crossed(const T& object)
{
    static_assert(SharedObject<T>);
    std::vector<std::byte> bytes;
    codec::encode(bytes, object);
    std::span<const std::byte> rest = bytes;
    return codec::decode<T>(rest);
}

std::vector<TraceEvent> value_events()
{
    SegmentReader reader(this_process.segment, RingReading::taking);
    std::vector<TraceEvent> events;
    reader.started(main_slot);
    while (reader.events(main_slot, events, 1'000) > 0) { }
    std::erase_if(
        events, [](const TraceEvent& event) { return event.kind != EventKind::value_changed; });
    return events;
}

} // namespace

class TestValue : public QObject
{
    Q_OBJECT

private slots:
    void holds_a_value();
    void is_seen_by_others();
    void loses_no_addition();
    void lock_is_reentrant();
    void raw_value_is_one_word();
    void raw_value_can_lose_what_atomic_does_not();
    void changes_are_told_data();
    void changes_are_told();
    void names_are_told();
    void array_sizes_data();
    void array_sizes();
    void array_indices_data();
    void array_indices();
    void array_is_seen_by_others();
    void array_takes_values();
    void memory_comes_back();
};

void TestValue::holds_a_value()
{
    EngineFixture fixture;
    Value<int> number(42);
    QCOMPARE(number.get(), 42);
    number.set(-1);
    QCOMPARE(number.get(), -1);
    QCOMPARE(Value<double>().get(), 0.0);
    Value<Point> point({1, 2, 3});
    QCOMPARE(point.get(), (Point{1, 2, 3}));
    point.set({4, 5, 6});
    QCOMPARE(crossed(point).get(), (Point{4, 5, 6}));
    Value<std::array<char, 1000>> large;
    std::array<char, 1000> text;
    text.fill('x');
    large.set(text);
    QVERIFY(large.get() == text);
    Value<Light> light(Light::green);
    QVERIFY(light.get() == Light::green);
}

void TestValue::is_seen_by_others()
{
    EngineFixture fixture;
    Value<std::uint64_t> shared(1);
    const int pid = fixture.fork_into(1, [&] {
        Value<std::uint64_t> view = crossed(shared);
        expect(view.get() == 1, "the value before");
        view.set(std::numeric_limits<std::uint64_t>::max());
    });
    QCOMPARE(end_of(pid), 0);
    QCOMPARE(shared.get(), std::numeric_limits<std::uint64_t>::max());
}

void TestValue::loses_no_addition()
{
    EngineFixture fixture;
    constexpr int additions = 20'000;
    Value<int> total;
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 3; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            for (int i = 0; i < additions; ++i) {
                const std::lock_guard guard(total.get_lock());
                total.set(total.get() + 1);
            }
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(total.get(), 3 * additions);
}

void TestValue::lock_is_reentrant()
{
    EngineFixture fixture;
    Value<int> value(1, "counter");
    QCOMPARE(value.get_lock().name(), std::string("counter"));
    const auto held = value.get_lock().hold();
    value.set(2);
    QCOMPARE(value.get(), 2);
    // Others stand before the same lock, by whatever view.
    const int pid = fixture.fork_into(1, [&] {
        Value<int> view = crossed(value);
        expect(!view.get_lock().try_lock(), "the lock is free");
        expect(view.get_lock().owner() == "main", "the owner");
    });
    QCOMPARE(end_of(pid), 0);
}

void TestValue::raw_value_is_one_word()
{
    EngineFixture fixture;
    RawValue<int> raw(5);
    QCOMPARE(raw.load(), 5);
    raw.store(6, std::memory_order_release);
    QCOMPARE(crossed(raw).load(std::memory_order_acquire), 6);
    QCOMPARE(raw.atomic().fetch_add(4), 6);
    QCOMPARE(raw.load(), 10);
    RawValue<double> real(0.5);
    QCOMPARE(real.load(), 0.5);
    RawValue<bool> flag;
    QVERIFY(!flag.load());
}

void TestValue::raw_value_can_lose_what_atomic_does_not()
{
    EngineFixture fixture;
    RawValue<std::uint64_t> loose;
    RawValue<std::uint64_t> tight;
    RawValue<int> here;
    constexpr std::uint64_t additions = 1'000'000;
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 2; ++slot)
        pids.push_back(fixture.fork_into(slot, [&] {
            // A start line that spins, or one is done before the other begins.
            here.atomic().fetch_add(1);
            while (here.load() < 2) { }
            for (std::uint64_t i = 0; i < additions; ++i) {
                loose.store(loose.load() + 1);
                tight.atomic().fetch_add(1);
            }
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    QCOMPARE(tight.load(), 2 * additions);
    // How many are lost is chance; none can be made up.
    QVERIFY(loose.load() <= 2 * additions && loose.load() >= 2);
}

void TestValue::changes_are_told_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<quint64>("argument");
    QTest::addColumn<ValueForm>("form");
    QTest::newRow("int") << "int" << ~quint64{0} << ValueForm::whole;
    QTest::newRow("unsigned") << "unsigned" << quint64{0xffff'ffff} << ValueForm::whole;
    QTest::newRow("double") << "double" << std::bit_cast<quint64>(1.5) << ValueForm::real;
    QTest::newRow("enum") << "enum" << quint64{1} << ValueForm::whole;
    QTest::newRow("struct") << "struct" << std::bit_cast<quint64>(1.5) << ValueForm::bytes;
    QTest::newRow("raw") << "raw" << ~quint64{0} << ValueForm::whole;
}

void TestValue::changes_are_told()
{
    QFETCH(QString, type);
    QFETCH(quint64, argument);
    QFETCH(ValueForm, form);
    EngineFixture fixture;
    // Its number is 1, and what another test told last is long ago.
    const Value<int> other;
    std::this_thread::sleep_for(1ms);
    std::uint64_t begin = this_process.recorder.ticks();
    const auto set = [&](auto value) {
        Value<decltype(value)> shared;
        QVERIFY(value_events().empty());
        shared.set(value);
    };
    if (type == "int")
        set(-1);
    else if (type == "unsigned")
        set(~0U);
    else if (type == "double")
        set(1.5);
    else if (type == "enum")
        set(Light::green);
    else if (type == "struct")
        set(Point{1.5, 2, 3});
    else {
        RawValue<int> raw;
        raw.store(-1);
        QVERIFY(value_events().empty());
        raw.trace();
    }
    std::vector<TraceEvent> events = value_events();
    QCOMPARE(events.size(), std::size_t{1});
    QCOMPARE(events[0].subject, 1U);
    QCOMPARE(events[0].argument, argument);
    QCOMPARE(events[0].detail, static_cast<std::uint8_t>(form));
    QVERIFY(events[0].place != 0);
    // A tight loop is told now and then, at most every 10 us.
    Value<int> counter;
    begin = this_process.recorder.ticks();
    for (int i = 0; i < 100'000; ++i)
        counter.set(i);
    const std::uint64_t ticks = this_process.recorder.ticks() - begin;
    events = value_events();
    QVERIFY(!events.empty());
    // One at the beginning, and one more where the two readings come from different CPUs.
    QVERIFY2(events.size() <= ticks / ticks_in(10us) + 2,
        (std::to_string(events.size()) + " in " + std::to_string(ticks)).c_str());
}

void TestValue::names_are_told()
{
    EngineFixture fixture;
    const Value<int> named(0, "Zähler 手");
    const Value<int> unnamed;
    const RawValue<int> raw;
    SegmentReader reader(this_process.segment, RingReading::taking);
    reader.started(main_slot);
    std::vector<std::string> names;
    for (TextRecord record; reader.text(main_slot, record);) {
        if (record.kind == TextKind::value)
            names.push_back(std::to_string(record.id) + " " + std::string(record.text));
    }
    QCOMPARE(names, (std::vector<std::string>{"0 Zähler 手", "1 Value-2", "2 RawValue-3"}));
}

void TestValue::array_sizes_data()
{
    QTest::addColumn<qint64>("size");
    QTest::addColumn<QString>("problem");
    constexpr qint64 most = std::numeric_limits<qint64>::max();
    QTest::newRow("none") << qint64{0} << "cannot have so many elements: 0 (allowed: 1 to ";
    QTest::newRow("less") << qint64{-1} << "cannot have so many elements: -1 (allowed: 1 to ";
    QTest::newRow("the least") << std::numeric_limits<qint64>::min() << "so many elements";
    QTest::newRow("one") << qint64{1} << "";
    QTest::newRow("a million") << qint64{1'000'000} << "";
    QTest::newRow("more than the arena") << qint64{10'000'000} << "finds no room";
    QTest::newRow("as many as fit no memory") << most / 16 << "finds no room";
    QTest::newRow("so many that their bytes overflow") << most / 8 << "so many elements";
    QTest::newRow("the most") << most << "so many elements";
}

void TestValue::array_sizes()
{
    QFETCH(qint64, size);
    QFETCH(QString, problem);
    EngineFixture fixture;
    const std::size_t room = fixture.arena().bytes_free();
    for (const bool raw : {false, true}) {
        std::string text;
        try {
            if (raw) {
                const RawArray<double> array(size, "grid");
                QCOMPARE(array.size(), static_cast<std::size_t>(size));
                for (const double one : array.span())
                    QCOMPARE(one, 0.0);
            } else {
                const Array<double> array(size, "grid");
                QCOMPARE(array.size(), static_cast<std::size_t>(size));
                for (const double one : array.span())
                    QCOMPARE(one, 0.0);
            }
        } catch (const Error& error) {
            text = error.what();
            QCOMPARE(error.object(), std::string("array grid"));
            QVERIFY(!error.value().empty() && !error.limit().empty());
        }
        QCOMPARE(text.empty(), problem.isEmpty());
        QVERIFY2(text.find(problem.toStdString()) != std::string::npos, text.c_str());
    }
    // No more is gone than the pages of small blocks.
    QVERIFY(room - fixture.arena().bytes_free() <= std::size_t{1} << 18);
}

void TestValue::array_indices_data()
{
    QTest::addColumn<qint64>("index");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("first") << qint64{0} << true;
    QTest::newRow("last") << qint64{4} << true;
    QTest::newRow("size") << qint64{5} << false;
    QTest::newRow("below zero") << qint64{-1} << false;
    QTest::newRow("the most") << std::numeric_limits<qint64>::max() << false;
    QTest::newRow("the least") << std::numeric_limits<qint64>::min() << false;
}

void TestValue::array_indices()
{
    QFETCH(qint64, index);
    QFETCH(bool, allowed);
    EngineFixture fixture;
    Array<int> array(5);
    for (const bool setting : {true, false}) {
        try {
            if (setting)
                array.set(index, 9);
            else
                QCOMPARE(array.get(index), 9);
            QVERIFY(allowed);
        } catch (const BadValue& error) {
            QVERIFY(!allowed);
            QCOMPARE(error.value(), std::to_string(index));
            QCOMPARE(error.limit(), std::string("0 to 4"));
        }
        QVERIFY(!array.get_lock().owner());
    }
}

void TestValue::array_is_seen_by_others()
{
    EngineFixture fixture;
    Array<int> array(1'000);
    RawArray<int> raw(1'000);
    std::vector<int> pids;
    for (std::uint32_t slot = 1; slot <= 2; ++slot)
        pids.push_back(fixture.fork_into(slot, [&, slot] {
            Array<int> mine = crossed(array);
            const RawArray<int> my_raw = crossed(raw);
            for (int round = 0; round < 20; ++round) {
                const auto held = mine.get_lock().hold();
                for (int& one : mine.span())
                    ++one;
            }
            for (std::size_t i = slot - 1; i < my_raw.size(); i += 2)
                my_raw.span()[i] = static_cast<int>(i);
        }));
    for (const int pid : pids)
        QCOMPARE(end_of(pid), 0);
    for (std::int64_t i = 0; i < 1'000; ++i) {
        QCOMPARE(array.get(i), 40);
        QCOMPARE(raw.span()[static_cast<std::size_t>(i)], static_cast<int>(i));
    }
}

void TestValue::array_takes_values()
{
    EngineFixture fixture;
    const std::vector<Point> points = {{1, 2, 3}, {4, 5, 6}};
    Array<Point> array(points);
    QCOMPARE(array.size(), std::size_t{2});
    QCOMPARE(array.get(1), points[1]);
    const RawArray<Point> raw(points);
    QCOMPARE(raw.span()[0], points[0]);
    // What begins its life otherwise than as zeros does.
    QCOMPARE(RawArray<Point>(3).span()[2].colour, 7);
    const std::vector<Point> none;
    QVERIFY_EXCEPTION_THROWN(Array<Point>{none}, BadValue);
}

void TestValue::memory_comes_back()
{
    EngineFixture fixture;
    const auto use = [] {
        const Value<Point> value;
        const RawValue<int> raw;
        const Array<double> array(100'000);
        const Array<char> moved = Array<char>(100);
        const RawArray<char> bytes(5'000);
        const Array<char> copy = moved;
    };
    use();
    const std::size_t room = fixture.arena().bytes_free();
    for (int round = 0; round < 100; ++round)
        use();
    QCOMPARE(fixture.arena().bytes_free(), room);
}

QTEST_APPLESS_MAIN(TestValue)

#include "tst_value.moc"
