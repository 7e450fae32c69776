// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring in the window: repeats, sweeps, pauses, and what watching costs.
#include "app/window/chart_area.hpp"
#include "app/window/measure_dialog.hpp"
#include "app/window/run_words.hpp"
#include "app/window/watch_cost.hpp"
#include "tests/app/window_fixture.hpp"

#include <QLineEdit>
#include <QTableWidget>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

QList<int> workersOf(const std::vector<ScalingPoint>& points)
{
    QList<int> workers;
    for (const ScalingPoint& point : points)
        workers.append(point.workers);
    return workers;
}

} // namespace

class TestMeasure : public QObject
{
    Q_OBJECT

private slots:
    void pointsOfTheSameWorkComeTogether();
    void estimatesAfterTheFirstRepeat();
    void sweepMeasuresEachValue();
    void sweepOverAnyParameterIsShown();
    void lessonsChartsComeAndGo();
    void stoppedSweepKeepsItsPoints();
    void sweepRefuses_data();
    void sweepRefuses();
    void proposesWorkers_data();
    void proposesWorkers();
    void pausedRunIsNotForMeasuring();
    void shortRunIsOfferedAgain();
    void costOfWatching();
    void costOfWatchingStops();
};

void TestMeasure::pointsOfTheSameWorkComeTogether()
{
    Opened opened("prime_counting");
    opened.window.measureDialog().setRepeats(2);
    opened.window.form().setText("limit", "1000000");
    const auto measureWith = [&](const char* name, const char* value) {
        opened.window.form().setText(name, value);
        return opened.toItsEnd([&] { opened.window.measure(); });
    };
    const auto points = [&] { return opened.window.control().facts().points; };
    QVERIFY(measureWith("workers", "2"));
    QCOMPARE(workersOf(points()), QList<int>{2});
    QCOMPARE(points().front().wall_s.size(), std::size_t{2});
    QVERIFY(points().front().sequential_s > 0);
    QVERIFY(measureWith("workers", "1"));
    QCOMPARE(workersOf(points()), (QList<int>{1, 2}));
    QVERIFY(measureWith("workers", "2")); // again: takes the place of the first
    QCOMPARE(workersOf(points()), (QList<int>{1, 2}));
    opened.window.form().setText("workers", "3");
    QVERIFY(opened.runToItsEnd()); // no measurement, but of the same work
    QCOMPARE(workersOf(points()), (QList<int>{1, 2}));
    QVERIFY(measureWith("limit", "1000001")); // other work
    QCOMPARE(workersOf(points()), QList<int>{3});
}

void TestMeasure::estimatesAfterTheFirstRepeat()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "2000000");
    opened.window.measureDialog().setRepeats(4);
    const RunControl& control = opened.window.control();
    std::size_t before = 0;
    bool estimated = false;
    QObject watcher;
    connect(&control, &RunControl::changed, &watcher, [&] {
        const Session& session = *control.session();
        const auto left = secondsLeft(session);
        before += session.repeats().empty() && left.has_value();
        if (!session.repeats().empty() && control.isRunning())
            estimated = estimated || (left && *left > 0);
    });
    QVERIFY(opened.toItsEnd([&] { opened.window.measure(); }));
    QCOMPARE(before, std::size_t{0});
    QVERIFY(estimated);
    QCOMPARE(opened.window.shownRun()->repeats.size(), std::size_t{4});
    QVERIFY2(opened.status().contains("of 4"), qPrintable(opened.status()));
}

void TestMeasure::sweepMeasuresEachValue()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "1000000");
    MeasureDialog& dialog = opened.window.measureDialog();
    dialog.setRepeats(2);
    dialog.setParameter("workers");
    dialog.setValues("1, 2,3");
    QCOMPARE(dialog.problem(), QString());
    QSignalSpy points(&opened.window.control(), &RunControl::pointFinished);
    QVERIFY(opened.toItsEnd([&] {
        emit dialog.sweepRequested(
            "workers", {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}, dialog.repeats());
    }));
    QCOMPARE(points.count(), 3);
    QCOMPARE(workersOf(opened.window.control().facts().points), (QList<int>{1, 2, 3}));
    auto* table = dialog.findChild<QTableWidget*>();
    QVERIFY(table);
    QCOMPARE(table->rowCount(), 3);
    QCOMPARE(table->item(2, 0)->text(), QStringLiteral("3"));
    QCOMPARE(table->item(2, 1)->text(), QStringLiteral("2"));
    QVERIFY(opened.window.shownRun());
    QCOMPARE(std::get<std::int64_t>(opened.window.shownRun()->parameters.at("workers")),
        std::int64_t{3});
    QVERIFY(!opened.window.control().isRunning());
}

void TestMeasure::sweepOverAnyParameterIsShown()
{
    Opened opened("viewed", testLessons);
    RunControl& control = opened.window.control();
    MeasureDialog& dialog = opened.window.measureDialog();
    const auto sweep = [&](const char* over, std::vector<ParameterValue> values) {
        return opened.toItsEnd([&] { emit dialog.sweepRequested(over, std::move(values), 2); });
    };
    const auto valuesShown = [&] {
        QStringList values;
        if (control.facts().swept) {
            for (const SweptValue& one : control.facts().swept->values)
                values.append(QString::fromStdString(to_text(one.value)));
        }
        return values;
    };
    QStringList whileItLasted;
    connect(&control, &RunControl::pointFinished, &dialog,
        [&] { whileItLasted.append(valuesShown().join(',')); });
    QVERIFY(sweep("chunk", {std::int64_t{1}, std::int64_t{16}}));
    QCOMPARE(whileItLasted, (QStringList{"1", "1,16"}));
    QCOMPARE(valuesShown(), (QStringList{"1", "16"}));
    const SweptParameter& swept = *control.facts().swept;
    QCOMPARE(swept.parameter.name, std::string("chunk"));
    QCOMPARE(swept.values.front().wall_s.size(), std::size_t{2});
    QVERIFY(swept.values.front().sequential_s);
    QCOMPARE(swept.predictor->name, std::string("best_chunk"));
    QCOMPARE(swept.predictedBest, std::optional<double>(8));
    Chart* chart = opened.window.chartArea().chartNamed("sweep");
    chart->picture(QSize(500, 300));
    QVERIFY2(chart->summary().endsWith("predicted best 8"), qPrintable(chart->summary()));
    // A measurement by hand that differs in the chunk alone comes to them.
    opened.window.form().setText("chunk", "64");
    QVERIFY(opened.toItsEnd([&] { opened.window.measure(); }));
    QCOMPARE(valuesShown(), (QStringList{"1", "16", "64"}));
    // One that differs in more does not; nor does a mere run.
    opened.window.form().setText("workers", "3");
    QVERIFY(opened.toItsEnd([&] { opened.window.measure(); }));
    QCOMPARE(valuesShown(), QStringList{"64"});
    opened.window.form().setText("chunk", "32");
    QVERIFY(opened.runToItsEnd());
    QCOMPARE(valuesShown(), QStringList{"64"});
}

void TestMeasure::lessonsChartsComeAndGo()
{
    Opened opened("viewed", testLessons);
    ChartArea& area = opened.window.chartArea();
    const auto general = opened.window.charts().size() - 3;
    Chart* depth = area.chartNamed("depth");
    Chart* cost = area.chartNamed("cost");
    QVERIFY(depth && cost && area.chartNamed("prediction"));
    std::vector<PredictedPoint> points;
    for (const PredictionDescription& description : opened.description.guide.predictions)
        points.push_back({description, {description.name, {}, {}}, std::nullopt, true});
    area.setPredictions(points);
    depth->picture(QSize(500, 300));
    QVERIFY(!depth->isEmpty()); // a diamond to be dragged
    QSignalSpy dragged(&area, &ChartArea::predictionDragged);
    QTest::keyClick(depth, Qt::Key_Right);
    QTest::keyClick(depth, Qt::Key_Up);
    QCOMPARE(dragged.count(), 1);
    QCOMPARE(dragged.first().first().toString(), QStringLiteral("how_many"));
    QVERIFY(opened.runToItsEnd());
    depth->picture(QSize(500, 300));
    cost->picture(QSize(500, 300));
    QVERIFY2(depth->summary().contains("predicted"), qPrintable(depth->summary()));
    QVERIFY2(depth->summary().contains("chunks left: 0 to 16"), qPrintable(depth->summary()));
    QVERIFY(!cost->isEmpty());
    opened.window.form().setText("chunk", "64");
    QVERIFY(opened.runToItsEnd());
    cost->picture(QSize(500, 300));
    QCOMPARE(cost->emptyTitle(), QStringLiteral("Not in this run"));
    // While one of them fills the window, another lesson is opened.
    area.toggleMaximized(cost);
    const QPointer<Chart> watched = cost;
    opened.window.openLesson({testLessons, "honest"}, describe_lesson({testLessons, "honest"}));
    QVERIFY(!area.isMaximized());
    QCOMPARE(opened.window.charts().size(), general);
    QVERIFY(!area.chartNamed("cost"));
    QTRY_VERIFY(!watched);
}

void TestMeasure::stoppedSweepKeepsItsPoints()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.form().setText("limit", "100000");
    RunControl& control = opened.window.control();
    QObject watcher;
    connect(&control, &RunControl::pointFinished, &watcher, [&] {
        if (control.isRunning())
            QMetaObject::invokeMethod(&control, &RunControl::stop, Qt::QueuedConnection);
    });
    std::vector<ParameterValue> values;
    for (std::int64_t count = 1; count <= 200; ++count)
        values.emplace_back(count);
    QVERIFY(opened.toItsEnd(
        [&] { emit opened.window.measureDialog().sweepRequested("workers", values, 1); }));
    QVERIFY(!control.isRunning());
    QVERIFY(!control.facts().points.empty());
    QVERIFY(control.facts().points.size() < values.size());
    QCOMPARE(control.facts().points.front().workers, 1);
    QCoreApplication::processEvents();
    QVERIFY(opened.window.actions().run->isEnabled());
}

void TestMeasure::sweepRefuses_data()
{
    QTest::addColumn<QString>("list");
    QTest::newRow("empty") << QString();
    QTest::newRow("no number") << QStringLiteral("1,two");
    QTest::newRow("out of range") << QStringLiteral("1,1000");
    QTest::newRow("twice") << QStringLiteral("2,2");
}

void TestMeasure::sweepRefuses()
{
    QFETCH(QString, list);
    Opened opened("prime_counting");
    MeasureDialog& dialog = opened.window.measureDialog();
    dialog.setParameter("workers");
    QCOMPARE(dialog.problem(), QString());
    dialog.setValues(list);
    QVERIFY(!dialog.problem().isEmpty());
    QVERIFY(!dialog.problem().contains('\n'));
}

void TestMeasure::proposesWorkers_data()
{
    QTest::addColumn<int>("cpus");
    QTest::addColumn<QString>("list");
    QTest::newRow("one CPU") << 1 << QStringLiteral("1,2");
    QTest::newRow("two") << 2 << QStringLiteral("1,2,3,4");
    QTest::newRow("six") << 6 << QStringLiteral("1,2,3,4,5,6,7,8,12");
    QTest::newRow("more than the lesson allows")
        << 200 << QStringLiteral("1,2,3,4,5,6,7,8,16,32,64,128,200");
}

void TestMeasure::proposesWorkers()
{
    QFETCH(int, cpus);
    QFETCH(QString, list);
    RunControl control;
    MeasureDialog dialog(control, nullptr);
    const LessonDescription lesson = describe_lesson({lessonProgram, "prime_counting"});
    dialog.setLesson(lesson, cpus);
    bool found = false;
    for (const QLineEdit* edit : dialog.findChildren<QLineEdit*>())
        found = found || edit->text() == list;
    QVERIFY2(found, qPrintable(list));
    QCOMPARE(dialog.problem(), QString());
}

void TestMeasure::pausedRunIsNotForMeasuring()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.form().setText("limit", "3000000");
    opened.window.measureDialog().setRepeats(1);
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    QVERIFY(!opened.window.actions().pause->isEnabled());
    opened.window.measure();
    QTRY_VERIFY(!opened.window.control().session()->recording().lanes().empty());
    opened.window.actions().pause->trigger();
    QVERIFY(opened.window.control().isPaused());
    QVERIFY2(opened.status().contains("not for measuring"), qPrintable(opened.status()));
    QVERIFY(opened.window.actions().pause->isChecked());
    QTest::qWait(50);
    QVERIFY(opened.window.control().isRunning());
    opened.window.actions().pause->trigger();
    QVERIFY(!opened.window.control().isPaused());
    QVERIFY(finished.wait(runTimeoutMs));
    const QString banner = opened.label("Warnings");
    QVERIFY2(banner.contains("Paused"), qPrintable(banner));
    QVERIFY(opened.window.control().facts().points.empty());
}

void TestMeasure::shortRunIsOfferedAgain()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.form().setText("limit", "50000");
    QVERIFY(!opened.window.actions().replay->isEnabled());
    QVERIFY(opened.runToItsEnd());
    opened.window.actions().watchSlowly->trigger();
    Replay& replay = opened.window.replay();
    QVERIFY(replay.isActive() && replay.isPlaying());
    QVERIFY2(opened.status().startsWith("REPLAY"), qPrintable(opened.status()));
    const ViewState& view = opened.window.chartArea().view();
    QCOMPARE(replay.nsPerSecond(), static_cast<double>(replay.lengthNs()) / 10);
    QVERIFY(view.visible().end_ns >= replay.lengthNs());
    const std::int64_t before = replay.positionNs();
    QTRY_VERIFY(replay.positionNs() > before);
    opened.window.actions().back->trigger();
    QVERIFY(!replay.isActive());
    QVERIFY(!opened.status().contains("REPLAY"));
    opened.window.actions().replay->trigger();
    QVERIFY(replay.isActive());
    QVERIFY(opened.runToItsEnd()); // another run ends it
    QVERIFY(!replay.isActive());
}

void TestMeasure::costOfWatching()
{
    Opened opened("prime_counting");
    WatchCost cost(opened.window.control());
    cost.setProgram(appProgram.toStdString());
    QString problem;
    connect(&cost, &WatchCost::failed, this, [&](const QString& text) { problem = text; });
    ParameterValues values = opened.description.parse({"limit=50000", "workers=2"});
    constexpr int rounds = 2;
    cost.start({opened.lesson, opened.description, values, 1, std::nullopt}, rounds);
    QVERIFY(cost.isRunning());
    QTRY_VERIFY_WITH_TIMEOUT(!cost.isRunning(), runTimeoutMs);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    for (const auto way :
        {WatchCost::Way::window, WatchCost::Way::headless, WatchCost::Way::untraced}) {
        QCOMPARE(cost.times(way).size(), std::size_t{rounds});
        for (const double time : cost.times(way))
            QVERIFY(time > 0);
    }
    QVERIFY(cost.ratio(WatchCost::Way::headless));
    QCOMPARE(*cost.ratio(WatchCost::Way::window), 1.0);
    QVERIFY2(cost.sentence().contains("2"), qPrintable(cost.sentence()));
}

void TestMeasure::costOfWatchingStops()
{
    Opened opened("prime_counting");
    WatchCost cost(opened.window.control());
    cost.setProgram(appProgram.toStdString());
    ParameterValues values = opened.description.parse({"limit=1000000000", "workers=2"});
    cost.start({opened.lesson, opened.description, values, 1, std::nullopt}, 3);
    QVERIFY(opened.window.control().isRunning());
    cost.stop();
    QVERIFY(!cost.isRunning());
    QTRY_VERIFY_WITH_TIMEOUT(!opened.window.control().isRunning(), runTimeoutMs);
    QVERIFY(!cost.ratio(WatchCost::Way::headless));

    cost.setProgram("/bin/false");
    values = opened.description.parse({"limit=50000", "workers=2"});
    QSignalSpy failed(&cost, &WatchCost::failed);
    cost.start({opened.lesson, opened.description, values, 1, std::nullopt}, 1);
    QVERIFY(failed.wait(runTimeoutMs));
    QVERIFY(!cost.isRunning());
}

QTEST_MAIN(TestMeasure)
#include "tst_measure.moc"
