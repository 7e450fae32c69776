// SPDX-License-Identifier: MIT
// Tests engine/observe/sweep with lessons that really run: points, baselines, stops and failures,
// and what is refused before anything has started.
#include "engine/observe/sweep.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>

using namespace manyhands;
using namespace manyhands::tests;

Q_DECLARE_METATYPE(RunState)

namespace {

constexpr const char* lesson_program = "manyhands-lesson";
constexpr const char* test_program = "manyhands-test-lessons";

std::vector<ParameterValue> whole(std::initializer_list<std::int64_t> numbers)
{
    return {numbers.begin(), numbers.end()};
}

/// Polls until `condition` holds; false where the sweep ends before, or after a minute.
bool poll_until(Sweep& sweep, const std::function<bool()>& condition)
{
    const auto watchdog = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (sweep.poll()) {
        if (condition())
            return true;
        if (std::chrono::steady_clock::now() > watchdog) {
            ::kill(-sweep.session().main_pid(), SIGKILL);
            return false;
        }
        sweep.wait(std::chrono::milliseconds(5));
    }
    return condition();
}

bool finish(Sweep& sweep)
{
    poll_until(sweep, [] { return false; });
    return sweep.finished();
}

/// Whether the newest run measured a baseline of its own.
bool has_baseline(const Sweep& sweep)
{
    return sweep.session().recording().last_phase(PhaseKind::baseline) != nullptr;
}

bool has_mark(const SweepPoint& point, const std::string& mark)
{
    const auto& marks = point.run.at("marks");
    return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

} // namespace

class TestSweep : public QObject
{
    Q_OBJECT

private slots:
    void init() { before_ = count_leftovers(); }
    void cleanup() { QVERIFY(count_leftovers() == before_); }

    void lists_data()
    {
        QTest::addColumn<QString>("list");
        QTest::addColumn<QString>("expected"); ///< joined again; or what the refusal names
        QTest::addColumn<bool>("allowed");
        const auto row = [](const char* list, const char* expected, bool allowed) {
            QTest::newRow(list[0] == '\0' ? "empty" : list) << list << expected << allowed;
        };
        row("1", "1", true);
        row("4,2,1", "4,2,1", true);
        row(" 1, 2 ,1_000", "1,2,1000", true);
        row("1e1,2.0", "10,2", true);
        row("", "no values", false);
        row(",", "is empty", false);
        row("1,", "is empty", false);
        row(",1", "is empty", false);
        row("1,,2", "is empty", false);
        row("1,2,1", "twice: 1", false);
        row("10,1e1", "twice: 10", false);
        row("1,0", "0 (allowed: 1 to 1000)", false);
        row("1,1001", "1001 (allowed: 1 to 1000)", false);
        row("1,two", "two", false);
        row("1;2", "1;2", false);
        row("1-4", "1-4", false);
        row("nan", "nan", false);
    }

    void lists()
    {
        QFETCH(QString, list);
        QFETCH(QString, expected);
        QFETCH(bool, allowed);
        LessonDescription lesson;
        lesson.id = "lesson";
        lesson.parameters.emplace_back();
        lesson.parameters.back().name = "workers";
        lesson.parameters.back().minimum = 1;
        lesson.parameters.back().maximum = 1000;
        QString got;
        bool refused = false;
        try {
            for (const ParameterValue& value :
                sweep_values_from(lesson, "workers", list.toStdString()))
                got += (got.isEmpty() ? "" : ",") + QString::fromStdString(to_text(value));
        } catch (const BadValue& error) {
            refused = true;
            got = error.what();
        }
        QCOMPARE(refused, !allowed);
        if (allowed)
            QCOMPARE(got, expected);
        else
            QVERIFY2(got.contains(expected) && got.contains("workers"), qPrintable(got));
        QVERIFY_EXCEPTION_THROWN(sweep_values_from(lesson, "wrkers", "1"), BadValue);
    }

    void the_baseline_is_measured_once_where_the_work_stays()
    {
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"limit=20000"}), "workers",
            whole({1, 2, 3}), 2);
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.state(), RunState::done);
        QCOMPARE(sweep.exit_code(), 0);
        QCOMPARE(sweep.problem(), std::string());
        QCOMPARE(sweep.points().size(), std::size_t{3});
        QVERIFY(!has_baseline(sweep));
        const auto sequential_s = sweep.points().front().sequential_s;
        QVERIFY(sequential_s);
        for (std::size_t i = 0; i < 3; ++i) {
            const SweepPoint& point = sweep.points()[i];
            QCOMPARE(std::get<std::int64_t>(point.value), static_cast<std::int64_t>(i) + 1);
            QCOMPARE(point.run.at("parameters").at("workers").get<std::size_t>(), i + 1);
            QCOMPARE(point.run.at("parameters").at("limit").get<int>(), 20000);
            QCOMPARE(point.state, RunState::done);
            QCOMPARE(point.repeats.size(), std::size_t{2});
            QCOMPARE(point.run.at("repeats").size(), std::size_t{2});
            QCOMPARE(point.sequential_s, sequential_s);
            if (i > 0)
                QCOMPARE(point.repeats.front().sequential_s, sequential_s);
        }
        const std::vector<ScalingPoint> points = scaling_points(sweep);
        QCOMPARE(points.size(), std::size_t{3});
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(points[i].workers, sweep.points()[i].run.at("workers").get<int>());
            QCOMPARE(points[i].wall_s.size(), std::size_t{2});
            QCOMPARE(points[i].sequential_s, *sequential_s);
            QCOMPARE(
                figures_of(points[i])->wall_s, sweep.points()[i].run.at("wall_s").get<double>());
            QCOMPARE(points[i].oversubscribed, has_mark(sweep.points()[i], "oversubscribed"));
        }
    }

    void other_work_has_a_baseline_of_its_own()
    {
        SessionOptions options = lesson_options(lesson_program, "prime_counting", {"workers=2"});
        // One that is known for the default limit says nothing of others.
        options.baseline = KnownBaseline{1000, 1};
        Sweep sweep(std::move(options), "limit", whole({1000, 20000}), 1);
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.state(), RunState::done);
        QVERIFY(has_baseline(sweep));
        for (const SweepPoint& point : sweep.points())
            QVERIFY(point.sequential_s && *point.sequential_s < 1000);
        QVERIFY(scaling_points(sweep).empty());
    }

    void a_known_baseline_is_not_measured_again()
    {
        SessionOptions options = lesson_options(lesson_program, "prime_counting", {"limit=20000"});
        options.baseline = KnownBaseline{1000, 1};
        Sweep sweep(std::move(options), "workers", whole({2}), 1);
        QVERIFY(finish(sweep));
        QVERIFY(!has_baseline(sweep));
        QCOMPARE(sweep.points().front().sequential_s, std::optional<double>(1000));
    }

    void progress()
    {
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"limit=20000"}), "workers",
            whole({1, 2}), 2);
        std::vector<std::size_t> points;
        double elapsed_s = 0;
        bool left_was_known_early = false;
        bool left_was_negative = false;
        bool went_back = false;
        const auto look = [&] {
            const Sweep::Progress progress = sweep.progress();
            if (points.empty() || points.back() != progress.point)
                points.push_back(progress.point);
            left_was_known_early
                = left_was_known_early || (sweep.points().empty() && progress.left_s);
            left_was_negative = left_was_negative || progress.left_s.value_or(0) < 0;
            went_back = went_back || progress.elapsed_s < elapsed_s;
            elapsed_s = progress.elapsed_s;
            return false;
        };
        look();
        poll_until(sweep, look);
        QCOMPARE(sweep.state(), RunState::done);
        const std::vector<std::size_t> all = {0, 1};
        QCOMPARE(points, all);
        QCOMPARE(sweep.progress().points, std::size_t{2});
        QVERIFY(!left_was_known_early);
        QVERIFY(!left_was_negative);
        QVERIFY(!went_back);
        QVERIFY(elapsed_s > 0);
    }

    void what_is_left_is_known_after_the_first_point()
    {
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"workers=1"}), "limit",
            whole({20000, 1'000'000'000}), 1);
        QVERIFY(poll_until(sweep, [&] { return sweep.points().size() == 1; }));
        QVERIFY(sweep.progress().left_s);
        sweep.stop(StopReason::person);
        QVERIFY(finish(sweep));
    }

    void a_stop_keeps_what_is_there_data()
    {
        QTest::addColumn<bool>("timeout");
        QTest::addColumn<RunState>("state");
        QTest::newRow("by a person") << false << RunState::stopped;
        QTest::newRow("by a time-out") << true << RunState::timed_out;
    }

    void a_stop_keeps_what_is_there()
    {
        QFETCH(bool, timeout);
        QFETCH(RunState, state);
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"workers=2"}), "limit",
            whole({20000, 1'000'000'000, 30000}), 2);
        QVERIFY(poll_until(sweep, [&] {
            return sweep.points().size() == 1 && sweep.session().progress().phase.has_value();
        }));
        sweep.stop(timeout ? StopReason::timeout : StopReason::person);
        QCOMPARE(sweep.state(), RunState::stopping);
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.state(), state);
        QCOMPARE(sweep.points().size(), std::size_t{2});
        QCOMPARE(sweep.points()[0].state, RunState::done);
        QVERIFY(!has_mark(sweep.points()[0], "partial"));
        QCOMPARE(sweep.points()[1].state, state);
        QVERIFY(has_mark(sweep.points()[1], "partial"));
        QCOMPARE(sweep.exit_code(), 1);
        QVERIFY(!sweep.poll());
        const nlohmann::json object = sweep_object(sweep);
        QCOMPARE(object.at("runs").size(), std::size_t{2});
        QCOMPARE(object.at("values").size(), std::size_t{3});
        QCOMPARE(object.at("state").get<std::string>(), std::string(name_of(state)));
    }

    void a_stop_when_a_point_is_as_good_as_complete_starts_no_other()
    {
        // Behind the repeat the lesson sieves up to its limit: some 20 ms in which it can be
        // stopped.
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"limit=4000000"}), "workers",
            whole({1, 2, 3, 4, 5, 6, 7, 8}), 1);
        QVERIFY(poll_until(sweep,
            [&] { return sweep.session().repeats().size() == 1 && !sweep.session().finished(); }));
        QVERIFY(!sweep.finished());
        const std::size_t ended = sweep.points().size();
        sweep.stop(StopReason::person);
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.points().size(), ended + 1);
        QCOMPARE(sweep.state(), RunState::stopped);
        QCOMPARE(sweep.exit_code(), 1);
    }

    void destroying_a_running_one_leaves_nothing()
    {
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"workers=2"}), "limit",
            whole({1'000'000'000, 20000}), 1);
        QVERIFY(poll_until(sweep, [&] { return sweep.session().recording().lanes().size() == 3; }));
    }

    void a_failing_point_ends_it_data()
    {
        QTest::addColumn<QString>("lesson");
        QTest::addColumn<QString>("parameter");
        QTest::addColumn<QString>("values"); ///< the second fails
        QTest::newRow("a task throws") << "faults"
                                       << "fault"
                                       << "none,exception,exit3";
        QTest::newRow("the main process gives up") << "faults"
                                                   << "fault"
                                                   << "none,main_exception";
        QTest::newRow("a check fails") << "honest"
                                       << "empty"
                                       << "0,1";
    }

    void a_failing_point_ends_it()
    {
        QFETCH(QString, lesson);
        QFETCH(QString, parameter);
        QFETCH(QString, values);
        const SessionOptions options = lesson_options(test_program, lesson.toStdString());
        const auto list
            = sweep_values_from(options.description, parameter.toStdString(), values.toStdString());
        Sweep sweep(options, parameter.toStdString(), list, 1);
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.state(), RunState::failed);
        QCOMPARE(sweep.exit_code(), 1);
        QCOMPARE(sweep.points().size(), std::size_t{2});
        QCOMPARE(sweep.points()[0].state, RunState::done);
        QCOMPARE(sweep.points()[0].repeats.size(), std::size_t{1});
    }

    void a_paused_point_says_nothing_of_speed()
    {
        Sweep sweep(lesson_options(lesson_program, "prime_counting", {"limit=20000"}), "workers",
            whole({1}), 1);
        sweep.session().pause();
        sweep.session().resume();
        QVERIFY(finish(sweep));
        QCOMPARE(sweep.state(), RunState::done);
        QVERIFY(has_mark(sweep.points().front(), "paused"));
        QVERIFY(scaling_points(sweep).empty());
    }

    void refused_before_the_start_data()
    {
        QTest::addColumn<QString>("parameter");
        QTest::addColumn<QList<QVariant>>("values");
        QTest::addColumn<int>("repeats");
        QTest::addColumn<QString>("said");
        const auto row = [](const char* name, const char* parameter, QList<QVariant> values,
                             int repeats, const char* said) {
            QTest::newRow(name) << parameter << std::move(values) << repeats << said;
        };
        row("unknown parameter", "wrkers", {1}, 1,
            "wrkers (allowed: limit, workers, chunks, schedule, method)");
        row("no values", "workers", {}, 1, "no values");
        row("a value twice", "workers", {1, 2, 1}, 1, "twice: 1");
        row("a value below all", "workers", {1, 0}, 1, "0 (allowed: 1 to 255)");
        row("a value above all", "workers", {256}, 1, "256 (allowed: 1 to 255)");
        row("another type", "workers", {1.5}, 1, "1.5 (allowed: 1 to 255)");
        row("a real that looks whole", "workers", {2.0}, 1, "another type");
        row("a word", "workers", {"many"}, 1, "many");
        row("no repeats", "workers", {1}, 0, "repeats");
        row("fewer than none", "workers", {1}, -1, "-1");
    }

    void refused_before_the_start()
    {
        QFETCH(QString, parameter);
        QFETCH(QList<QVariant>, values);
        QFETCH(int, repeats);
        QFETCH(QString, said);
        std::vector<ParameterValue> given;
        for (const QVariant& value : values) {
            if (value.typeId() == QMetaType::Int)
                given.emplace_back(std::int64_t{value.toInt()});
            else if (value.typeId() == QMetaType::Double)
                given.emplace_back(value.toDouble());
            else
                given.emplace_back(value.toString().toStdString());
        }
        const SessionOptions options = lesson_options(lesson_program, "prime_counting");
        try {
            const Sweep sweep(options, parameter.toStdString(), given, repeats);
            QFAIL("it was not refused");
        } catch (const BadValue& error) {
            QVERIFY2(QString(error.what()).contains(said), error.what());
        }
    }

private:
    Leftovers before_ = {};
};

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
