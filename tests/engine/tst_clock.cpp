// SPDX-License-Identifier: MIT
// Tests engine/os/clock: ticks and nanoseconds there and back, and the clock against the kernel's.
#include "engine/os/clock.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

using namespace manyhands::os;

namespace {

ClockCalibration cycles(double per_ns)
{
    constexpr std::int64_t baseline_ns = 1'000'000'000;
    return {ClockSource::cycle_counter, 0, {5'000, 7'000},
        {5'000 + static_cast<std::uint64_t>(per_ns * baseline_ns), 7'000 + baseline_ns}};
}

} // namespace

class TestOfClock : public QObject
{
    Q_OBJECT

private slots:
    void known_answers_data();
    void known_answers();
    void there_and_back_data();
    void there_and_back();
    void ticks_do_not_run_backwards();
    void source_is_that_of_the_calibration();
    void nonsense_counts_as_nanoseconds_data();
    void nonsense_counts_as_nanoseconds();
    void hostile_ticks();
    void agrees_with_the_kernel();
    void later_calibration_agrees_with_the_first();
};

void TestOfClock::known_answers_data()
{
    QTest::addColumn<double>("cycles_per_ns");
    QTest::addColumn<qint64>("after_ns");
    QTest::addColumn<quint64>("ticks");
    QTest::newRow("2 GHz, the origin") << 2.0 << qint64{0} << quint64{5'000};
    QTest::newRow("2 GHz, a second") << 2.0 << qint64{1'000'000'000} << quint64{2'000'005'000};
    QTest::newRow("2 GHz, before") << 2.0 << qint64{-1'000} << quint64{3'000};
    QTest::newRow("4 GHz, an hour")
        << 4.0 << qint64{3'600'000'000'000} << quint64{14'400'000'005'000};
    QTest::newRow("0.5 GHz, a second") << 0.5 << qint64{1'000'000'000} << quint64{500'005'000};
}

void TestOfClock::known_answers()
{
    QFETCH(double, cycles_per_ns);
    QFETCH(qint64, after_ns);
    QFETCH(quint64, ticks);
    const Clock clock(cycles(cycles_per_ns));
    QCOMPARE(clock.to_ns(ticks), std::int64_t{7'000 + after_ns});
    QCOMPARE(clock.to_ticks(7'000 + after_ns), std::uint64_t{ticks});
}

void TestOfClock::there_and_back_data()
{
    add_seed_rows(5);
}

void TestOfClock::there_and_back()
{
    std::mt19937_64 random = random_of_row();
    constexpr std::uint64_t day_ns = std::uint64_t{86'400} * 1'000'000'000;
    for (int round = 0; round < 2'000; ++round) {
        const double per_ns = static_cast<double>(pick(random, 300, 6'000)) / 1000;
        const Clock clock(cycles(per_ns));
        const auto ns = static_cast<std::int64_t>(pick(random, 0, day_ns));
        // A nanosecond is several ticks, or a tick several nanoseconds: that is the error allowed.
        const std::int64_t back = clock.to_ns(clock.to_ticks(ns));
        QVERIFY(std::abs(static_cast<double>(back - ns)) <= std::ceil(1 / per_ns) + 1);
        const std::uint64_t ticks = clock.to_ticks(ns);
        const auto ticks_back = static_cast<std::int64_t>(clock.to_ticks(clock.to_ns(ticks)));
        QVERIFY(std::abs(static_cast<double>(ticks_back - static_cast<std::int64_t>(ticks)))
            <= std::ceil(per_ns) + 1);
        QVERIFY(clock.to_ns(ticks + pick(random, 0, 1'000'000)) >= clock.to_ns(ticks));
    }
}

void TestOfClock::ticks_do_not_run_backwards()
{
    const Clock clock(calibrate_clock());
    std::uint64_t last = clock.ticks();
    std::int64_t last_ns = clock.to_ns(last);
    for (int i = 0; i < 100'000; ++i) {
        const std::uint64_t now = clock.ticks();
        QVERIFY(now >= last);
        QVERIFY(clock.to_ns(now) >= last_ns);
        last = now;
        last_ns = clock.to_ns(now);
    }
}

void TestOfClock::source_is_that_of_the_calibration()
{
    const ClockCalibration chosen = calibrate_clock();
    QVERIFY(chosen.second.monotonic_ns - chosen.first.monotonic_ns >= 5'000'000);
    QVERIFY(chosen.second.ticks > chosen.first.ticks);

    // With CLOCK_MONOTONIC a tick is that clock's nanosecond, whatever the pairs say.
    const Clock clock({ClockSource::monotonic, 0, {0, 0}, {1'000, 500}});
    const std::int64_t before = monotonic_ns();
    const auto ticks = static_cast<std::int64_t>(clock.ticks());
    QVERIFY(before <= ticks);
    QVERIFY(ticks <= monotonic_ns());
    QCOMPARE(clock.to_ns(1'700), std::int64_t{1'200});
}

void TestOfClock::nonsense_counts_as_nanoseconds_data()
{
    QTest::addColumn<quint64>("first_ticks");
    QTest::addColumn<qint64>("first_ns");
    QTest::newRow("no time between the pairs") << quint64{500} << qint64{900};
    QTest::newRow("no ticks between the pairs") << quint64{1'000} << qint64{500};
    QTest::newRow("ticks run backwards") << quint64{2'000} << qint64{500};
    QTest::newRow("time runs backwards") << quint64{500} << qint64{2'000};
}

void TestOfClock::nonsense_counts_as_nanoseconds()
{
    QFETCH(quint64, first_ticks);
    QFETCH(qint64, first_ns);
    const Clock clock({ClockSource::cycle_counter, 0, {first_ticks, first_ns}, {1'000, 900}});
    QCOMPARE(clock.to_ns(1'250), std::int64_t{1'150});
}

void TestOfClock::hostile_ticks()
{
    // They mean nothing, but what lies far ahead comes behind, and what lies far back before.
    constexpr std::uint64_t origin = 2'000'005'000; // the second pair's
    constexpr std::uint64_t half = std::uint64_t{1} << 63;
    const Clock clock(cycles(2.0));
    QVERIFY(clock.to_ns(origin + half - 1'024) > clock.to_ns(origin));
    QVERIFY(clock.to_ns(origin + half + 1'024) < clock.to_ns(origin));
    const Clock plain({ClockSource::monotonic, 0, {0, 0}, {origin, 1'000'000'000'000'000}});
    QVERIFY(plain.to_ns(origin + half - 1'024) > plain.to_ns(origin));
    QVERIFY(plain.to_ns(origin + half + 1'024) < plain.to_ns(origin));
}

// A ratio over the same moments, read as close together as can be: no matter how long it takes.
void TestOfClock::agrees_with_the_kernel()
{
    const Clock clock(calibrate_clock());
    double best = 1;
    for (int attempt = 0; attempt < 20 && best > 0.001; ++attempt) {
        const std::int64_t begin = monotonic_ns();
        const std::uint64_t begin_ticks = clock.ticks();
        while (monotonic_ns() - begin < 5'000'000) { }
        const std::int64_t end = monotonic_ns();
        const std::uint64_t end_ticks = clock.ticks();
        const auto by_kernel = static_cast<double>(end - begin);
        const auto by_clock
            = static_cast<double>(clock.to_ns(end_ticks) - clock.to_ns(begin_ticks));
        // Somebody else may get the CPU between two readings: the best of several counts.
        best = std::min(best, std::abs(by_clock / by_kernel - 1));
    }
    QVERIFY2(best <= 0.001, qPrintable(QString::number(best)));
}

void TestOfClock::later_calibration_agrees_with_the_first()
{
    const ClockCalibration first = calibrate_clock();
    const ClockCalibration second = calibrate_clock();
    QVERIFY(first.source == second.source);
    QCOMPARE(second.first.ticks, first.first.ticks);
    QVERIFY(second.second.monotonic_ns >= first.second.monotonic_ns);
    const Clock old_clock(first);
    const Clock new_clock(second);
    const std::uint64_t ticks = new_clock.ticks();
    const double off = static_cast<double>(old_clock.to_ns(ticks) - new_clock.to_ns(ticks));
    const auto since = static_cast<double>(new_clock.to_ns(ticks) - second.first.monotonic_ns);
    QVERIFY(std::abs(off) <= 0.001 * since);
}

QTEST_APPLESS_MAIN(TestOfClock)

#include "tst_clock.moc"
