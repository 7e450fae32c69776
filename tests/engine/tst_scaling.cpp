// SPDX-License-Identifier: MIT
// Tests engine/analysis/{scaling,durations}: closed forms, known answers, and what holds by chance.
#include "engine/analysis/durations.hpp"
#include "engine/analysis/scaling.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace manyhands;
using manyhands::test::random_recording;
using manyhands::test::ScriptedRecording;

namespace {

constexpr int many_cpus = 1000;

bool is_near(double left, double right, double within = 1e-9)
{
    return std::abs(left - right) <= within;
}

/// The point that Amdahl's law says, with a baseline of 8 s.
ScalingPoint exact_point(double serial_fraction, int workers)
{
    return {.workers = workers,
        .wall_s = {8 * (serial_fraction + (1 - serial_fraction) / workers)},
        .sequential_s = 8};
}

std::vector<ScalingPoint> exact_points(double serial_fraction, const std::vector<int>& workers)
{
    std::vector<ScalingPoint> points;
    for (const int count : workers)
        points.push_back(exact_point(serial_fraction, count));
    return points;
}

/// Sum of the squares of what 1/S deviates by, for any serial fraction.
double squares(const std::vector<ScalingPoint>& points, double serial_fraction)
{
    double sum = 0;
    for (const ScalingPoint& point : points)
        sum += std::pow(
            1 / figures_of(point)->speedup - 1 / amdahl_speedup(serial_fraction, point.workers), 2);
    return sum;
}

std::string reason_of(const std::variant<ScalingModel, std::string>& fitted)
{
    const auto* const reason = std::get_if<std::string>(&fitted);
    return reason == nullptr ? "fitted" : *reason;
}

/// "0-10:2 10-20:0 ..."
std::string text_of(const std::vector<DurationBin>& bins)
{
    std::string text;
    for (const DurationBin& bin : bins)
        text += (text.empty() ? "" : " ") + std::to_string(bin.begin_ns) + '-'
            + std::to_string(bin.end_ns) + ':' + std::to_string(bin.count);
    return text;
}

bool is_step(std::int64_t number)
{
    while (number > 1 && number % 10 == 0)
        number /= 10;
    return number == 1 || number == 2 || number == 5;
}

/// What is wrong with a histogram of `durations`; empty where nothing is.
std::string fault_of(const DurationHistogram& histogram, std::vector<std::int64_t> durations)
{
    std::sort(durations.begin(), durations.end());
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < histogram.bins.size(); ++i) {
        const DurationBin& bin = histogram.bins[i];
        if (bin.end_ns <= bin.begin_ns || (i > 0 && bin.begin_ns != histogram.bins[i - 1].end_ns))
            return "a gap";
        // On a logarithmic axis all below 1 ns counts as 1 ns.
        const bool all_below = histogram.axis == DurationAxis::logarithmic && bin.begin_ns == 1;
        const std::int64_t begin = all_below ? 0 : bin.begin_ns;
        const auto inside = std::count_if(durations.begin(), durations.end(),
            [&](std::int64_t one) { return one >= begin && one < bin.end_ns; });
        if (bin.count != static_cast<std::uint64_t>(inside))
            return "a bin of " + std::to_string(inside) + " counts " + std::to_string(bin.count);
        count += bin.count;
    }
    if (count != durations.size() || histogram.count != count)
        return "some are not counted";
    if (histogram.bins.front().count == 0 || histogram.bins.back().count == 0)
        return "an empty bin at an end";
    if (histogram.axis == DurationAxis::linear && histogram.bins.size() > 100)
        return "too many bins";
    if (!is_step(histogram.bins.front().end_ns - histogram.bins.front().begin_ns)
        && histogram.axis == DurationAxis::linear)
        return "a width that is no step";
    if (histogram.min_ns != durations.front() || histogram.max_ns != durations.back())
        return "wrong ends";
    return {};
}

} // namespace

Q_DECLARE_METATYPE(std::vector<int>)
Q_DECLARE_METATYPE(std::vector<ScalingPoint>)
Q_DECLARE_METATYPE(std::vector<std::int64_t>)
Q_DECLARE_METATYPE(DurationAxis)

class TestScaling : public QObject
{
    Q_OBJECT

private slots:
    void figures()
    {
        const ScalingPoint point = {.workers = 4, .wall_s = {4, 2, 2.5, 10, 2}, .sequential_s = 10};
        const auto figures = figures_of(point);
        QVERIFY(figures);
        QCOMPARE(figures->n, std::size_t{5});
        QCOMPARE(figures->wall_s, 2.5);
        QCOMPARE(figures->speedup, 4.0);
        // Of 5, 5, 4, 2.5 and 1.
        QCOMPARE(figures->first_quartile, 2.5);
        QCOMPARE(figures->third_quartile, 5.0);
        QCOMPARE(figures->efficiency, 1.0);
        QVERIFY(figures->karp_flatt && is_near(*figures->karp_flatt, 0));
        QVERIFY(!figures_of({.workers = 1, .wall_s = {1}, .sequential_s = 2})->karp_flatt);
    }

    void no_figures()
    {
        QVERIFY(!figures_of({.workers = 2, .wall_s = {}, .sequential_s = 1}));
        QVERIFY(!figures_of({.workers = 0, .wall_s = {1}, .sequential_s = 1}));
        QVERIFY(!figures_of({.workers = 2, .wall_s = {1, 0}, .sequential_s = 1}));
        QVERIFY(!figures_of({.workers = 2, .wall_s = {1}, .sequential_s = 0}));
        QVERIFY(!figures_of({.workers = 2, .wall_s = {std::nan("")}, .sequential_s = 1}));
    }

    void exact_points_give_their_fraction_back_data()
    {
        QTest::addColumn<double>("fraction");
        QTest::addColumn<std::vector<int>>("workers");
        QTest::newRow("nothing serial") << 0.0 << std::vector<int>{1, 2, 4, 8};
        QTest::newRow("a twentieth") << 0.05 << std::vector<int>{1, 2, 3, 4, 16, 256};
        QTest::newRow("a half, of two points") << 0.5 << std::vector<int>{1, 2};
        QTest::newRow("without one worker") << 0.2 << std::vector<int>{3, 7};
        QTest::newRow("all serial") << 1.0 << std::vector<int>{2, 5, 9};
    }

    void exact_points_give_their_fraction_back()
    {
        QFETCH(double, fraction);
        QFETCH(std::vector<int>, workers);
        const auto fitted = fit_amdahl(exact_points(fraction, workers), many_cpus);
        QVERIFY2(std::holds_alternative<ScalingModel>(fitted), reason_of(fitted).c_str());
        const auto& model = std::get<ScalingModel>(fitted);
        QVERIFY2(is_near(model.serial_fraction, fraction),
            std::to_string(model.serial_fraction).c_str());
        QVERIFY(is_near(model.rms, 0));
        QCOMPARE(model.worker_counts, static_cast<int>(workers.size()));
    }

    void the_law()
    {
        QCOMPARE(amdahl_speedup(0, 8), 8.0);
        QCOMPARE(amdahl_speedup(1, 8), 1.0);
        QCOMPARE(amdahl_speedup(0.5, 1), 1.0);
        QVERIFY(is_near(amdahl_speedup(0.25, 3), 2));
    }

    // By hand: y = 1/S - 1/p is 0.1 and 0.25 where 1 - 1/p is 0.5 and 0.75, so that
    // f = (0.05 + 0.1875) / (0.25 + 0.5625) = 0.292...
    void a_fit_by_hand()
    {
        const std::vector<ScalingPoint> points
            = {{.workers = 2, .wall_s = {0.6}, .sequential_s = 1},
                {.workers = 4, .wall_s = {0.5}, .sequential_s = 1}};
        const auto fitted = fit_amdahl(points, many_cpus);
        QVERIFY2(std::holds_alternative<ScalingModel>(fitted), reason_of(fitted).c_str());
        const auto& model = std::get<ScalingModel>(fitted);
        const double fraction = 0.2375 / 0.8125;
        QVERIFY(is_near(model.serial_fraction, fraction));
        const double first = 0.1 - fraction * 0.5;
        const double second = 0.25 - fraction * 0.75;
        QVERIFY(is_near(model.rms, std::sqrt((first * first + second * second) / 2)));
    }

    void no_other_fraction_fits_better()
    {
        std::mt19937_64 random(11);
        std::uniform_real_distribution<double> noise(0.8, 1.2);
        int fits = 0;
        for (int round = 0; round < 500; ++round) {
            const double fraction = std::uniform_real_distribution<double>(0, 1)(random);
            std::vector<ScalingPoint> points;
            for (int workers = 1; workers <= 8; ++workers) {
                ScalingPoint point = exact_point(fraction, workers);
                point.wall_s[0] *= noise(random);
                points.push_back(point);
            }
            const auto fitted = fit_amdahl(points, many_cpus);
            if (std::holds_alternative<std::string>(fitted))
                continue;
            ++fits;
            const auto& model = std::get<ScalingModel>(fitted);
            QVERIFY(model.serial_fraction >= 0 && model.serial_fraction <= 1);
            const double least = squares(points, model.serial_fraction);
            QVERIFY(is_near(model.rms, std::sqrt(least / 8)));
            for (const double other : {-0.01, -1e-4, 1e-4, 0.01})
                QVERIFY(squares(points, model.serial_fraction + other) >= least - 1e-15);
        }
        QVERIFY(fits > 300);
    }

    void oversubscribed_points_do_not_count()
    {
        std::vector<ScalingPoint> points = exact_points(0.1, {1, 2, 4});
        points.push_back({.workers = 8, .wall_s = {5}, .sequential_s = 8});
        points.push_back({.workers = 3, .wall_s = {7}, .sequential_s = 8, .oversubscribed = true});
        const auto fitted = fit_amdahl(points, 4);
        QVERIFY2(std::holds_alternative<ScalingModel>(fitted), reason_of(fitted).c_str());
        QVERIFY(is_near(std::get<ScalingModel>(fitted).serial_fraction, 0.1));
        QCOMPARE(std::get<ScalingModel>(fitted).worker_counts, 3);
    }

    void refused_data()
    {
        QTest::addColumn<std::vector<ScalingPoint>>("points");
        QTest::addColumn<QString>("reason"); ///< a part of it
        QTest::newRow("no points") << std::vector<ScalingPoint>() << "no point is complete";
        QTest::newRow("points without times")
            << std::vector<ScalingPoint>{{.workers = 2, .wall_s = {}, .sequential_s = 1}}
            << "no point is complete";
        QTest::newRow("one number of workers")
            << exact_points(0.1, {2, 2}) << "2 different numbers of workers";
        QTest::newRow("only more workers than CPUs")
            << exact_points(0.1, {8, 16}) << "with a CPU for each worker";
        QTest::newRow("one number, and more workers than CPUs")
            << exact_points(0.1, {2, 16}) << "4 usable CPUs";
        QTest::newRow("superlinear") << std::vector<ScalingPoint>{exact_point(0, 1),
            {.workers = 2, .wall_s = {1}, .sequential_s = 4}}
                                     << "superlinear";
        QTest::newRow("slower than one process") << std::vector<ScalingPoint>{exact_point(0, 1),
            {.workers = 2, .wall_s = {5}, .sequential_s = 4}}
                                                 << "longer than the serial baseline";
    }

    void refused()
    {
        QFETCH(std::vector<ScalingPoint>, points);
        QFETCH(QString, reason);
        const auto fitted = fit_amdahl(points, 4);
        const QString said = QString::fromStdString(reason_of(fitted));
        QVERIFY2(said.contains(reason), qPrintable(said));
        QVERIFY2(said.startsWith("Amdahl's law cannot be fitted: ") && said.endsWith('.'),
            qPrintable(said));
    }

    // --- Durations ----------------------------------------------------------------------------

    void bins_data()
    {
        QTest::addColumn<std::vector<std::int64_t>>("durations");
        QTest::addColumn<DurationAxis>("axis");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, std::vector<std::int64_t> durations,
                             DurationAxis axis, const char* expected) {
            QTest::newRow(name) << std::move(durations) << axis << expected;
        };
        using enum DurationAxis;
        row("one", {7}, linear, "7-8:1");
        row("nothing long", {0}, linear, "0-1:1");
        row("all the same", {30, 30, 30}, linear, "30-31:3");
        // Quartiles 25 and 75, so 2 * 50 / 5^(1/3) = 58.5, rounded up to 100.
        row("Freedman and Diaconis", {0, 25, 50, 75, 99}, linear, "0-100:5");
        // Quartiles 111.75 and 115.25: 2 * 3.5 / 2 = 3.5, rounded up to 5.
        row("from a step on", {110, 111, 112, 113, 114, 115, 116, 119}, linear,
            "110-115:5 115-120:3");
        // Equal quartiles: 80 / (log2 8 + 1) = 20.
        row("Sturges", {10, 10, 10, 10, 10, 10, 10, 90}, linear,
            "0-20:7 20-40:0 40-60:0 60-80:0 80-100:1");
        row("just below a hundred times", {10, 999}, linear, "0-1000:2");
        row("a hundred times", {10, 1000}, logarithmic,
            "10-20:1 20-50:0 50-100:0 100-200:0 200-500:0 500-1000:0 1000-2000:1");
        row("nothing, and much more", {0, 150}, logarithmic,
            "1-2:1 2-5:0 5-10:0 10-20:0 20-50:0 50-100:0 100-200:1");
    }

    void bins()
    {
        QFETCH(std::vector<std::int64_t>, durations);
        QFETCH(DurationAxis, axis);
        QFETCH(QString, expected);
        const DurationHistogram histogram = histogram_of(durations);
        QCOMPARE(QString::fromStdString(text_of(histogram.bins)), expected);
        QCOMPARE(histogram.axis, axis);
        QCOMPARE(fault_of(histogram, durations), std::string());
    }

    void quartiles()
    {
        const DurationHistogram histogram = histogram_of({50, 15, 40, 20, 35});
        QCOMPARE(histogram.median_ns, 35.0);
        QCOMPARE(histogram.first_quartile_ns, 20.0);
        QCOMPARE(histogram.third_quartile_ns, 40.0);
        QVERIFY(histogram_of({}).bins.empty());
        QCOMPARE(histogram_of({}).count, std::uint64_t{0});
    }

    void bins_hold_by_chance()
    {
        std::mt19937_64 random(5);
        for (int round = 0; round < 2000; ++round) {
            std::vector<std::int64_t> durations(1 + random() % 200);
            const std::int64_t limit = std::int64_t{1}
                << std::uniform_int_distribution<int>(0, 62)(random);
            const std::int64_t from = round % 2 == 0 ? 0 : limit / 3;
            for (std::int64_t& one : durations)
                one = std::uniform_int_distribution<std::int64_t>(from, limit)(random);
            const std::string fault = fault_of(histogram_of(durations), durations);
            QVERIFY2(fault.empty(), (fault + ", round " + std::to_string(round)).c_str());
        }
        // The longest there is.
        const std::vector<std::int64_t> longest = {1, std::numeric_limits<std::int64_t>::max() - 1};
        QCOMPARE(histogram_of(longest).count, std::uint64_t{2});
        QCOMPARE(histogram_of(longest).bins.back().count, std::uint64_t{1});
    }

    void durations_of_tasks()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        for (int i = 1; i <= 3; ++i)
            script.lane("Worker-" + std::to_string(i), Role::worker, 0);
        const auto task = [&](std::uint32_t lane, std::uint64_t begin, std::uint64_t end,
                              std::uint32_t number, EventKind kind = EventKind::task_done) {
            script.event(lane, begin, EventKind::task_begun, computes, number);
            script.event(lane, end, kind, computes, number);
        };
        task(1, 10, 20, 0);
        script.builder.pause(30);
        script.builder.resume(35);
        task(2, 25, 50, 1);
        task(1, 60, 65, 2, EventKind::task_failed);
        task(1, 90, 130, 3); // ends behind the interval
        script.event(3, 20, EventKind::task_begun, computes, 4);
        script.end_lane(3, 30, -9); // and loses its task
        const Recording recording = std::move(script.builder).take();
        const std::vector<std::int64_t> expected = {10, 20, 5};
        QCOMPARE(task_durations_ns(recording, {0, 100}), expected);
        // 15, 20 and 0: the longest over the mean of 35 / 3.
        QVERIFY(is_near(imbalance(recording, {0, 100}).value_or(0), 20 * 3 / 35.0));
        QVERIFY(!imbalance(recording, {0, 9}));
        QVERIFY(task_durations_ns(recording, {0, 9}).empty());
    }

    void imbalance_holds_by_chance()
    {
        int known = 0;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const Recording recording = random_recording(seed, 400);
            const Interval interval = {0, recording.now_ns()};
            const auto found = imbalance(recording, interval);
            if (!found)
                continue;
            ++known;
            QVERIFY(*found >= 1 - 1e-9);
            QVERIFY(*found <= static_cast<double>(recording.lanes().size()));
        }
        QVERIFY(known > 20);
    }
};

QTEST_APPLESS_MAIN(TestScaling)
#include "tst_scaling.moc"
