// SPDX-License-Identifier: MIT
// Tests engine/analysis: known answers, and the time budget against counting every nanosecond.
#include "engine/analysis/speedup.hpp"
#include "engine/analysis/time_budget.hpp"
#include "tests/support/category_at.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace manyhands;
using manyhands::test::category_at;
using manyhands::test::ScriptedRecording;
using Category = BudgetCategory;

Q_DECLARE_METATYPE(std::vector<double>)

namespace {

constexpr std::size_t index_of(Category category)
{
    return static_cast<std::size_t>(category);
}

std::int64_t nanoseconds(double seconds)
{
    return std::llround(seconds * 1e9);
}

bool is_near(double left, double right)
{
    return std::abs(left - right) < 1e-12;
}

/// A budget's nanoseconds by category.
using Sums = std::array<std::int64_t, budget_category_count>;

Sums sums_of(const Budget& budget)
{
    Sums sums;
    std::transform(budget.seconds.begin(), budget.seconds.end(), sums.begin(),
        [](double s) { return nanoseconds(s); });
    return sums;
}

Sums counted(const Recording& recording, const Lane& lane, Interval interval)
{
    Sums sums = {};
    const std::int64_t begin = std::max(lane.start_ns, interval.begin_ns);
    const std::int64_t end
        = std::min(lane.ended() ? lane.end_ns : recording.now_ns(), interval.end_ns);
    for (std::int64_t time = begin; time < end; ++time) {
        const auto& pauses = recording.pauses();
        if (std::none_of(pauses.begin(), pauses.end(), [time](const Interval& pause) {
                return pause.begin_ns <= time && time < pause.end_ns;
            }))
            ++sums[index_of(category_at(lane, time))];
    }
    return sums;
}

bool operator==(const Interval& left, const Interval& right)
{
    return left.begin_ns == right.begin_ns && left.end_ns == right.end_ns;
}

} // namespace

class TestAnalysis : public QObject
{
    Q_OBJECT

private slots:
    void quantiles_data()
    {
        QTest::addColumn<std::vector<double>>("values");
        QTest::addColumn<double>("q");
        QTest::addColumn<double>("expected"); // numpy.quantile(values, q)
        const std::vector<double> five = {15, 20, 35, 40, 50};
        const std::vector<double> four = {7, 1, 4, 2};
        QTest::newRow("minimum") << five << 0.0 << 15.0;
        QTest::newRow("maximum") << five << 1.0 << 50.0;
        QTest::newRow("40 % of five") << five << 0.4 << 29.0;
        QTest::newRow("median of five") << five << 0.5 << 35.0;
        QTest::newRow("first quartile of four, unsorted") << four << 0.25 << 1.75;
        QTest::newRow("median of four") << four << 0.5 << 3.0;
        QTest::newRow("third quartile of four") << four << 0.75 << 4.75;
        QTest::newRow("90 % of four") << four << 0.9 << 6.1;
        QTest::newRow("one value") << std::vector<double>{3} << 0.7 << 3.0;
        QTest::newRow("equal values") << std::vector<double>{2, 2, 2} << 0.3 << 2.0;
    }

    void quantiles()
    {
        QFETCH(std::vector<double>, values);
        QFETCH(double, q);
        QFETCH(double, expected);
        const std::optional<double> value = quantile(values, q);
        QVERIFY(value);
        QVERIFY2(is_near(*value, expected), std::to_string(*value).c_str());
        if (q == 0.5)
            QCOMPARE(median(values), value);
    }

    void no_quantiles()
    {
        QVERIFY(!median({}));
        QVERIFY(!quantile({}, 0.5));
        QVERIFY(!quantile({1, 2}, -0.1));
        QVERIFY(!quantile({1, 2}, 1.1));
        QVERIFY(!quantile({1, 2}, std::nan("")));
    }

    void median_indices()
    {
        QCOMPARE(median_index({}), std::size_t{0});
        QCOMPARE(median_index({5}), std::size_t{0});
        QCOMPARE(median_index({5, 3}), std::size_t{1});
        QCOMPARE(median_index({5, 3, 4}), std::size_t{2});
        QCOMPARE(median_index({9, 1, 8, 2}), std::size_t{3});
        std::vector<double> equal(101, 4.0);
        QCOMPARE(median_index(equal), std::size_t{50});
        equal[99] = 3;
        QCOMPARE(median_index(equal), std::size_t{49});
    }

    void speedups()
    {
        QCOMPARE(speedup(8, 2), std::optional<double>(4.0));
        QCOMPARE(speedup(1, 4), std::optional<double>(0.25));
        for (const double bad :
            {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
            QVERIFY(!speedup(bad, 1));
            QVERIFY(!speedup(1, bad));
        }
        QCOMPARE(efficiency(3, 4), std::optional(0.75));
        QCOMPARE(efficiency(3, 0), std::optional<double>());
    }

    void karp_flatt_known_answers()
    {
        QVERIFY(is_near(karp_flatt(4, 8).value(), 1.0 / 7)); // (1/4 - 1/8) / (1 - 1/8)
        QCOMPARE(karp_flatt(4, 4), std::optional<double>(0.0));
        QVERIFY(is_near(karp_flatt(1, 4).value(), 1.0));
        QVERIFY(karp_flatt(5, 4).value() < 0); // more than p: something other than work was saved
        QVERIFY(!karp_flatt(1, 1));
        QVERIFY(!karp_flatt(1, 0));
        QVERIFY(!karp_flatt(0, 4));
        QVERIFY(!karp_flatt(std::nan(""), 4));
    }

    void karp_flatt_finds_amdahls_serial_fraction()
    {
        for (const double serial : {0.0, 0.01, 0.1, 0.5, 1.0}) {
            for (const int workers : {2, 3, 8, 64, 256}) {
                const double s = 1 / (serial + (1 - serial) / workers);
                QVERIFY(is_near(karp_flatt(s, workers).value(), serial));
            }
        }
    }

    void speedup_over_time()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.phase(PhaseKind::baseline, 0, 0, 1000, 500);
        script.builder.phase(PhaseKind::repeat, 0, 2000, 0, 0);
        script.builder.work_sample(500, 400); // the baseline's
        script.builder.work_sample(2000, 7); // at the very beginning: no time, no speed
        script.builder.work_sample(2100, 100);
        script.builder.work_sample(2500, 500);
        const std::vector<SpeedupPoint> points
            = speedup_so_far(script.builder.recording(), 1e-6, 500);
        QCOMPARE(points.size(), std::size_t{2});
        QVERIFY(is_near(points[0].time_s, 100e-9));
        QVERIFY(is_near(points[0].speedup, 2.0)); // 100/500 * 1000 ns / 100 ns
        QVERIFY(is_near(points[1].time_s, 500e-9));
        QVERIFY(is_near(points[1].speedup, 2.0));

        script.builder.phase(PhaseKind::repeat, 0, 2000, 2400, 500);
        QCOMPARE(speedup_so_far(script.builder.recording(), 1e-6, 500).size(), std::size_t{1});
        script.builder.phase(PhaseKind::repeat, 1, 2450, 0, 0); // the newest one counts
        QCOMPARE(speedup_so_far(script.builder.recording(), 1e-6, 500).size(), std::size_t{1});
        QVERIFY(is_near(speedup_so_far(script.builder.recording(), 1e-6, 500)[0].time_s, 50e-9));
    }

    void speedup_over_time_of_a_warm_up()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.work_sample(50, 3);
        QVERIFY(speedup_so_far(script.builder.recording(), 1.0, 5).empty());
        script.builder.phase(PhaseKind::warm_up, 0, 10, 0, 0);
        QCOMPARE(speedup_so_far(script.builder.recording(), 1.0, 5).size(), std::size_t{1});
        QVERIFY(speedup_so_far(script.builder.recording(), std::nullopt, 5).empty());
        QVERIFY(speedup_so_far(script.builder.recording(), 0.0, 5).empty());
        QVERIFY(speedup_so_far(script.builder.recording(), 1.0, 0).empty());
    }

    void category_names()
    {
        std::set<std::string> names;
        for (int i = 0; i < budget_category_count; ++i)
            names.emplace(name_of(static_cast<Category>(i)));
        QCOMPARE(names.size(), std::size_t{budget_category_count});
        QCOMPARE(std::string(name_of(Category::waiting_data)), std::string("waiting_data"));
        QCOMPARE(std::string(name_of(Category::tear_down)), std::string("tear_down"));
        QCOMPARE(std::string(name_of(Category::unexplained)), std::string("unexplained"));
        QCOMPARE(std::string(name_of(static_cast<Category>(200))), std::string("unknown"));
    }

    /// computing 100..200 and 300..400, sending within the first, stopped across the gap's begin.
    void budget_by_hand()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.phase(PhaseKind::repeat, 0, 10, 0, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 50, true);
        script.begin(worker, 100, State::computing);
        script.span(worker, 120, 150, State::sending);
        script.end(worker, 200, State::computing);
        script.stop(worker, 180);
        script.go_on(worker, 230);
        script.span(worker, 300, 400, State::computing);
        script.begin(worker, 400, State::sleeping);
        script.end_lane(worker, 500, 0, 25);
        script.builder.advance(600);
        const Recording& recording = script.builder.recording();
        QVERIFY(recording.shown_interval() == (Interval{50, 500}));

        const TimeBudget budget = time_budget(recording, recording.shown_interval());
        QCOMPARE(budget.lanes.size(), std::size_t{2});
        Sums expected = {};
        expected[index_of(Category::starting)] = 50;
        expected[index_of(Category::computing)] = 20 + 30 + 100 - 25;
        expected[index_of(Category::transfer)] = 30;
        expected[index_of(Category::stopped)] = 50;
        expected[index_of(Category::ready)] = 25;
        expected[index_of(Category::sleeping)] = 100;
        expected[index_of(Category::unexplained)] = 70;
        QCOMPARE(sums_of(budget.lanes[1]), expected);
        QCOMPARE(nanoseconds(budget.lanes[1].total_s), std::int64_t{450});
        QVERIFY(is_near(budget.lanes[1][Category::sleeping], 100e-9));
        // Main has no states, and does no tasks: its time is nobody's overhead.
        QCOMPARE(nanoseconds(budget.lanes[0][Category::unexplained]), std::int64_t{450});
        QVERIFY(is_near(budget.overhead, (450.0 - 125 - 100) / 450));
        QVERIFY(budget.interval == recording.shown_interval());
        QCOMPARE(nanoseconds(budget.all.total_s), std::int64_t{900});

        // Of a part of a life nobody knows how much of it was spent without a CPU.
        const TimeBudget part = time_budget(recording, {130, 190});
        Sums part_expected = {};
        part_expected[index_of(Category::computing)] = 30;
        part_expected[index_of(Category::transfer)] = 20;
        part_expected[index_of(Category::stopped)] = 10;
        QCOMPARE(sums_of(part.lanes[1]), part_expected);
        // Nor does the kernel's word belong to another interval than the repeat's.
        const TimeBudget more = time_budget(recording, {0, 600});
        QCOMPARE(nanoseconds(more.lanes[1][Category::ready]), std::int64_t{0});
        QCOMPARE(nanoseconds(more.lanes[1][Category::computing]), std::int64_t{150});
    }

    /// computing 100..400 and stopped 180..230 within it; paused 90..110, 200..220 and from 390 on.
    void pauses_are_nobodys_time()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.phase(PhaseKind::repeat, 0, 10, 0, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 50, true);
        script.builder.pause(90);
        script.builder.resume(110);
        script.begin(worker, 100, State::computing);
        const std::uint32_t other = script.lane("Worker-2", Role::worker, 95);
        script.builder.pause(390);
        script.builder.work_sample(100, 1);
        script.builder.work_sample(110, 1);
        script.builder.work_sample(300, 2);
        script.builder.advance(450);
        const Recording& recording = script.builder.recording();
        QCOMPARE(recording.paused_within({0, 1000}), std::int64_t{20 + 610});
        QCOMPARE(recording.paused_within({100, 400}), std::int64_t{10 + 10});
        QCOMPARE(recording.paused_within({400, 100}), std::int64_t{0});

        const TimeBudget budget = time_budget(recording, {0, 450});
        Sums expected = {};
        expected[index_of(Category::starting)] = 40;
        expected[index_of(Category::computing)] = 390 - 110;
        QCOMPARE(sums_of(budget.lanes[worker]), expected);
        QCOMPARE(nanoseconds(budget.lanes[worker].total_s), std::int64_t{320});
        QCOMPARE(nanoseconds(budget.lanes[other].total_s), std::int64_t{280});
        QVERIFY(is_near(budget.overhead, (40.0 + 280) / 600));

        // S(t): the work of 1 of 2 at 80 ns of run time, of both at 270.
        const std::vector<SpeedupPoint> points = speedup_so_far(recording, 200e-9, 2);
        QCOMPARE(points.size(), std::size_t{2});
        QVERIFY(is_near(points[0].time_s, 80e-9));
        QVERIFY(is_near(points[1].time_s, 270e-9));
        QVERIFY(is_near(points[1].speedup, 200.0 / 270));
    }

    void ready_is_never_more_than_computing()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.phase(PhaseKind::repeat, 0, 0, 0, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 10);
        script.span(worker, 10, 40, State::computing);
        script.span(worker, 40, 100, State::idle);
        script.end_lane(worker, 100, 0, 1'000'000);
        const Recording& recording = script.builder.recording();
        const TimeBudget budget = time_budget(recording, recording.shown_interval());
        QCOMPARE(nanoseconds(budget.lanes[1][Category::ready]), std::int64_t{30});
        QCOMPARE(nanoseconds(budget.lanes[1][Category::computing]), std::int64_t{0});
        QCOMPARE(nanoseconds(budget.lanes[1].total_s), std::int64_t{90});
        QVERIFY(is_near(budget.overhead, 1.0));
    }

    void ready_of_main_is_the_repeats_own()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.begin(0, 0, State::computing);
        script.builder.phase(PhaseKind::repeat, 0, 100, 0, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 100);
        script.end_lane(worker, 200);
        script.builder.resources(0, 0, 15);
        script.builder.advance(300);
        const Recording& recording = script.builder.recording();
        const TimeBudget budget = time_budget(recording, recording.shown_interval());
        QCOMPARE(nanoseconds(budget.lanes[0][Category::ready]), std::int64_t{15});
        QCOMPARE(nanoseconds(budget.lanes[0][Category::computing]), std::int64_t{85});
    }

    void ready_needs_a_whole_life()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        const std::uint32_t old = script.lane("Worker-1", Role::worker, 10); // of the warm-up
        script.begin(old, 10, State::computing);
        script.builder.phase(PhaseKind::repeat, 0, 100, 0, 0);
        const std::uint32_t worker = script.lane("Worker-2", Role::worker, 100);
        script.begin(worker, 100, State::computing);
        script.end_lane(worker, 200, 0, 5);
        script.end_lane(old, 200, 0, 5);
        const Recording& recording = script.builder.recording();
        const TimeBudget budget = time_budget(recording, recording.shown_interval());
        QCOMPARE(nanoseconds(budget.lanes[1][Category::ready]), std::int64_t{0});
        QCOMPARE(nanoseconds(budget.lanes[1][Category::computing]), std::int64_t{100});
        QCOMPARE(nanoseconds(budget.lanes[2][Category::ready]), std::int64_t{5});
    }

    void overhead_counts_whoever_works()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.span(0, 0, 25, State::computing);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 0);
        script.span(worker, 0, 60, State::computing);
        script.span(worker, 60, 70, State::held);
        script.span(worker, 70, 100, State::waiting_lock);
        const std::uint32_t server = script.lane("Manager-1", Role::server, 0);
        script.span(server, 0, 100, State::idle);
        script.builder.advance(100);
        const Interval all = {0, 100};
        QVERIFY(is_near(time_budget(script.builder.recording(), all).overhead, 0.3));
        script.builder.counters(0, 1, 0, 0, 0); // main did a task itself
        QVERIFY(is_near(time_budget(script.builder.recording(), all).overhead, (30.0 + 75) / 200));
    }

    void nothing_to_count()
    {
        ScriptedRecording script;
        const TimeBudget empty = time_budget(script.builder.recording(), {0, 0});
        QVERIFY(empty.lanes.empty());
        QCOMPARE(empty.overhead, 0.0);
        QCOMPARE(empty.all.total_s, 0.0);

        script.lane("main", Role::main, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 10);
        script.span(worker, 10, 20, State::computing);
        script.end_lane(worker, 20);
        const TimeBudget outside = time_budget(script.builder.recording(), {30, 40});
        QCOMPARE(outside.lanes.size(), std::size_t{2});
        QCOMPARE(sums_of(outside.lanes[worker]), Sums{});
        QCOMPARE(outside.lanes[worker].total_s, 0.0);
        const TimeBudget backwards = time_budget(script.builder.recording(), {18, 12});
        QCOMPARE(sums_of(backwards.all), Sums{});
    }

    void budget_against_counting_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 60; ++seed)
            QTest::addRow("seed %llu", seed) << seed;
    }

    void budget_against_counting()
    {
        QFETCH(quint64, seed);
        const Recording recording = test::random_recording(seed, 3000);
        std::mt19937_64 random(seed);
        const auto moment = [&] { return static_cast<std::int64_t>(random() % 3400) - 200; };
        std::vector<Interval> intervals = {{0, 3000}, {-100, 4000}};
        for (int i = 0; i < 8; ++i)
            intervals.push_back({moment(), moment()}); // some of them backwards
        for (const Interval interval : intervals) {
            const TimeBudget budget = time_budget(recording, interval);
            QCOMPARE(budget.lanes.size(), recording.lanes().size());
            Sums all = {};
            for (std::size_t lane = 0; lane < budget.lanes.size(); ++lane) {
                Sums sums = sums_of(budget.lanes[lane]);
                for (std::size_t i = 0; i < sums.size(); ++i)
                    all[i] += sums[i];
                // The kernel's word, which counting cannot know, is a part of computing.
                const std::int64_t ready = std::exchange(sums[index_of(Category::ready)], 0);
                QVERIFY(ready >= 0 && ready <= recording.lanes()[lane].run_delay_ns);
                sums[index_of(Category::computing)] += ready;
                const Sums expected = counted(recording, recording.lanes()[lane], interval);
                QCOMPARE(sums, expected);
                std::int64_t total = 0;
                for (const std::int64_t part : expected)
                    total += part;
                QCOMPARE(nanoseconds(budget.lanes[lane].total_s), total);
            }
            QCOMPARE(sums_of(budget.all), all);
        }
    }

    /// Else the comparison above would compare little.
    void random_recordings_hold_everything()
    {
        Sums all = {};
        for (quint64 seed = 1; seed <= 60; ++seed) {
            const Recording recording = test::random_recording(seed, 3000);
            const Sums sums = sums_of(time_budget(recording, recording.shown_interval()).all);
            for (std::size_t i = 0; i < sums.size(); ++i)
                all[i] += sums[i];
        }
        for (std::size_t i = 0; i < all.size(); ++i)
            QVERIFY2(all[i] > 100, std::string(name_of(static_cast<Category>(i))).c_str());
    }
};

QTEST_APPLESS_MAIN(TestAnalysis)
#include "tst_analysis.moc"
