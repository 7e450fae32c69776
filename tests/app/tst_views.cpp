// SPDX-License-Identifier: GPL-3.0-or-later
// The charts, over a run written by hand.
#include "app/views/budget_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/timeline.hpp"
#include "tests/app/sample_run.hpp"

#include <QAccessible>
#include <QApplication>
#include <QTest>

#include <memory>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

constexpr QSize pictureSize(1000, 400);

RunFacts factsOf(const Recording& recording, int workers, bool running)
{
    RunFacts facts;
    facts.recording = &recording;
    facts.budget = time_budget(recording, recording.shown_interval());
    facts.running = running;
    facts.workers = workers;
    facts.usableCpus = 2;
    const Phase* baseline = recording.last_phase(PhaseKind::baseline);
    if (baseline && baseline->end_ns != open_end) {
        facts.sequentialS = SampleRun::sequentialS;
        facts.allWork = SampleRun::allWork;
    }
    return facts;
}

std::unique_ptr<Chart> chartNamed(const QString& name)
{
    std::unique_ptr<Chart> chart;
    if (name == QLatin1String("timeline"))
        chart = std::make_unique<Timeline>();
    else if (name == QLatin1String("ipc"))
        chart = std::make_unique<IpcVolume>();
    else if (name == QLatin1String("speedup"))
        chart = std::make_unique<SpeedupChart>();
    else
        chart = std::make_unique<BudgetChart>();
    return chart;
}

double secondsOf(const ChartTable& table, int column, const QString& process, const QString& what)
{
    double sum = 0;
    for (const QStringList& row : table.rows) {
        if (row[0] == process
            && (what.isEmpty() ? row[1] != QLatin1String("total") : row[1] == what))
            sum += row[column].toDouble();
    }
    return sum;
}

} // namespace

class TestViews : public QObject
{
    Q_OBJECT

private slots:
    void emptyStates_data();
    void emptyStates();
    void accessible_data() { charts(); }
    void accessible();
    void legendCoversNoData_data() { charts(); }
    void legendCoversNoData();
    void themes_data() { charts(); }
    void themes();
    void timelinePixels_data();
    void timelinePixels();
    void timelineShowsFailures();
    void timelineCutsStopsOut();
    void timelineAxisNeverShrinksLive();
    void timelineMergesWhatIsNarrow();
    void timelineTellsTasksApart();
    void manyLanesScroll();
    void budgetAddsUp();
    void ipcCountsEveryByte();
    void speedupEndsAtTheRatio();
    void speedupIsSeenHoweverHigh();
    void drawsOnlyWhatChanged();

private:
    static void charts();
};

void TestViews::charts()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("name");
    QTest::newRow("timeline") << "timeline"
                              << "Process timeline chart";
    QTest::newRow("ipc") << "ipc"
                         << "IPC volume chart";
    QTest::newRow("speedup") << "speedup"
                             << "Speedup chart";
    QTest::newRow("budget") << "budget"
                            << "Time budget chart";
}

void TestViews::emptyStates_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<qint64>("until");
    QTest::addColumn<QString>("says");
    for (const char* const view : {"timeline", "ipc", "speedup", "budget"})
        QTest::addRow("%s before a run", view) << view << qint64{-1} << "F5";
    const qint64 inBaseline = 1000 * millisecond;
    QTest::newRow("ipc in the baseline") << "ipc" << inBaseline << "sent";
    QTest::newRow("speedup in the baseline")
        << "speedup" << inBaseline << "First the serial baseline";
    QTest::newRow("budget in the baseline") << "budget" << inBaseline << "worker";
}

void TestViews::emptyStates()
{
    QFETCH(QString, view);
    QFETCH(qint64, until);
    QFETCH(QString, says);
    const std::unique_ptr<Chart> chart = chartNamed(view);
    RecordingBuilder builder(nanosecondClock(), 0);
    if (until >= 0) {
        SampleRun(2).script.play(builder, -1, until);
        chart->showRun(factsOf(builder.recording(), 2, true));
    }
    const QImage picture = chart->picture(pictureSize);
    QVERIFY(chart->isEmpty());
    QVERIFY(!chart->emptyTitle().isEmpty());
    QVERIFY2(chart->emptyText().contains(says), qPrintable(chart->emptyText()));
    QVERIFY(chart->accessibleDescription().contains(chart->emptyText()));
    // Something is written there.
    bool written = false;
    for (int x = 0; x < picture.width() && !written; ++x)
        written = picture.pixelColor(x, picture.height() / 2) != chart->theme().background
            || picture.pixelColor(x, picture.height() / 2 - 8) != chart->theme().background;
    QVERIFY(written);
}

void TestViews::accessible()
{
    QFETCH(QString, view);
    QFETCH(QString, name);
    const std::unique_ptr<Chart> chart = chartNamed(view);
    QCOMPARE(chart->accessibleName(), name);
    QVERIFY(chart->focusPolicy() & Qt::TabFocus);
    const Recording recording = SampleRun(2).recording();
    chart->showRun(factsOf(recording, 2, false));
    chart->picture(pictureSize);
    QVERIFY(!chart->isEmpty());
    QVERIFY(!chart->summary().isEmpty());
    QCOMPARE(chart->accessibleDescription(), chart->summary());
    const ChartTable table = chart->table();
    QVERIFY(table.rowCount() > 0);
    for (qsizetype row = 0; row < table.rowCount(); ++row) {
        for (int column = 0; column < table.columnCount(); ++column)
            QVERIFY(!cellText(table.at(row, column)).isEmpty());
    }
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(chart.get());
    QVERIFY(interface);
    QCOMPARE(interface->role(), QAccessible::Chart);
    QCOMPARE(interface->text(QAccessible::Name), name);
}

void TestViews::legendCoversNoData()
{
    QFETCH(QString, view);
    const Recording recording = SampleRun(4, true).recording();
    for (const QSize size : {QSize(280, 320), QSize(1000, 400)}) {
        const std::unique_ptr<Chart> chart = chartNamed(view);
        chart->showRun(factsOf(recording, 4, false));
        chart->picture(size);
        const auto* legend = chart->findChild<LegendStrip*>();
        QVERIFY(legend);
        QVERIFY(!legend->entries().isEmpty());
        for (QCPAxisRect* axes : chart->axisRects()) {
            QVERIFY(!axes->rect().intersects(legend->outerRect()));
            QVERIFY(axes->rect().height() > 20);
        }
    }
}

void TestViews::themes()
{
    QFETCH(QString, view);
    const Recording recording = SampleRun(2).recording();
    for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
        const std::unique_ptr<Chart> chart = chartNamed(view);
        chart->fixTheme(*theme);
        chart->showRun(factsOf(recording, 2, false));
        const QImage picture = chart->picture(pictureSize);
        QCOMPARE(picture.pixelColor(1, picture.height() - 2), theme->background);
    }
    QCOMPARE(Theme::light().background, QColor("#FFFFFF"));
    QCOMPARE(Theme::dark().background, QColor("#1E1F22"));
}

void TestViews::timelinePixels_data()
{
    QTest::addColumn<State>("state");
    QTest::addColumn<double>("height"); // of the bar, as a share; 0 for a line
    QTest::newRow("computing is tall") << State::computing << 1.0;
    QTest::newRow("sending is tall") << State::sending << 1.0;
    QTest::newRow("starting is tall") << State::starting << 1.0;
    QTest::newRow("waiting for data is half") << State::waiting_data << 0.5;
    QTest::newRow("waiting for space is half") << State::waiting_space << 0.5;
    QTest::newRow("waiting for a lock is half") << State::waiting_lock << 0.5;
    QTest::newRow("sleeping is a line") << State::sleeping << 0.0;
}

void TestViews::timelinePixels()
{
    QFETCH(State, state);
    QFETCH(double, height);
    Script script;
    script.start(0, "main", 1, Role::main);
    script.event(
        100 * millisecond, 0, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    script.stay(0, state, 300 * millisecond, 700 * millisecond);
    script.end(1000 * millisecond, 0, 0);
    RecordingBuilder builder(nanosecondClock(), 0);
    script.play(builder, -1, script.length());

    Timeline timeline;
    timeline.fixTheme(Theme::light());
    timeline.showRun(factsOf(builder.recording(), 0, false));
    const QImage picture = timeline.picture(pictureSize);
    const QRectF lane = timeline.laneRect(0);
    const QColor colour = timeline.stateColour(state);
    const QColor background = timeline.theme().background;
    // Hatched ones have dots and lines of another colour between.
    const auto mostly = [&](double share, const QColor& wanted) {
        int hits = 0;
        const int y = static_cast<int>(lane.bottom() - share * lane.height());
        const int from = static_cast<int>(timeline.timeToPixel(310 * millisecond));
        const int to = static_cast<int>(timeline.timeToPixel(400 * millisecond));
        for (int x = from; x < to; ++x)
            hits += picture.pixelColor(x, y) == wanted;
        return hits * 2 > to - from;
    };
    QVERIFY(mostly(1 / lane.height(), colour));
    QVERIFY(mostly(0.25, height > 0 ? colour : background));
    QVERIFY(mostly(0.75, height > 0.5 ? colour : background));
    // And nothing of it where it was not.
    const int before = static_cast<int>(timeline.timeToPixel(230 * millisecond));
    QCOMPARE(picture.pixelColor(before, static_cast<int>(lane.center().y())), background);
}

void TestViews::timelineShowsFailures()
{
    const SampleRun run(3, true);
    const Recording recording = run.recording();
    Timeline timeline;
    timeline.fixTheme(Theme::light());
    timeline.showRun(factsOf(recording, 3, false));
    const QImage picture = timeline.picture(pictureSize);
    int crosses = 0;
    for (std::size_t lane = 0; lane < recording.lanes().size(); ++lane) {
        const Lane& process = recording.lanes()[lane];
        const QPoint end(static_cast<int>(timeline.timeToPixel(process.end_ns)),
            static_cast<int>(timeline.laneRect(static_cast<int>(lane)).center().y()));
        const bool crossed = picture.pixelColor(end) == timeline.theme().failedColour();
        QCOMPARE(crossed, process.exit != 0);
        crosses += crossed;
    }
    QCOMPARE(crosses, 1);
}

void TestViews::timelineCutsStopsOut()
{
    Script script;
    script.start(0, "main", 1, Role::main);
    script.event(
        10 * millisecond, 0, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    script.stay(0, State::computing, 10 * millisecond, 990 * millisecond);
    script.event(400 * millisecond, 0, EventKind::process_stopped, 0, 1, 1);
    script.event(600 * millisecond, 0, EventKind::process_continued, 0, 1, 1);
    script.end(1000 * millisecond, 0, 0);
    RecordingBuilder builder(nanosecondClock(), 0);
    script.play(builder, -1, script.length());
    QCOMPARE(builder.recording().lanes()[0].stops.size(), std::size_t{1});

    Timeline timeline;
    timeline.fixTheme(Theme::light());
    timeline.showRun(factsOf(builder.recording(), 0, false));
    const QImage picture = timeline.picture(pictureSize);
    const QRectF lane = timeline.laneRect(0);
    const int top = static_cast<int>(lane.top()) + 4;
    const auto at = [&](qint64 ms) {
        return picture.pixelColor(static_cast<int>(timeline.timeToPixel(ms * millisecond)), top);
    };
    QCOMPARE(at(200), timeline.stateColour(State::computing));
    QCOMPARE(at(500), timeline.theme().background);
    QCOMPARE(at(800), timeline.stateColour(State::computing));
    double computing = 0;
    double stopped = 0;
    const ChartTable table = timeline.table();
    for (qsizetype row = 0; row < table.rowCount(); ++row) {
        const QString state = table.at(row, 1).toString();
        const double seconds = table.at(row, 3).toDouble();
        computing += state == QLatin1String("Computing") ? seconds : 0;
        stopped += state == QLatin1String("Stopped from outside") ? seconds : 0;
    }
    QVERIFY(std::abs(computing - 0.78) < 1e-9);
    QVERIFY(std::abs(stopped - 0.2) < 1e-9);
}

void TestViews::timelineAxisNeverShrinksLive()
{
    const SampleRun run(2);
    RecordingBuilder builder(nanosecondClock(), 0);
    Timeline timeline;
    double last = 0;
    std::int64_t played = -1;
    for (std::int64_t now = 0; now < run.script.length(); now += 50 * millisecond) {
        run.script.play(builder, played, now);
        played = now;
        timeline.showRun(factsOf(builder.recording(), 2, true));
        timeline.picture(pictureSize);
        const double end = timeline.xAxis->range().upper;
        QVERIFY(end >= last);
        QVERIFY(end * 1e9 >= static_cast<double>(now));
        // 1, 2 or 5 × 10^n.
        const double mantissa = end / std::pow(10, std::floor(std::log10(end) + 1e-9));
        QVERIFY(std::abs(mantissa - 1) < 1e-6 || std::abs(mantissa - 2) < 1e-6
            || std::abs(mantissa - 5) < 1e-6);
        last = end;
    }
    run.script.play(builder, played, run.script.length());
    timeline.showRun(factsOf(builder.recording(), 2, false));
    timeline.picture(pictureSize);
    // Ended: it fits.
    QVERIFY(std::abs(timeline.xAxis->range().upper * 1e9 - static_cast<double>(run.script.length()))
        < 1);
    QVERIFY(timeline.xAxis->label().contains(QStringLiteral("(s)")));
}

void TestViews::timelineMergesWhatIsNarrow()
{
    // 100 000 stays of a tenth of a pixel: nine parts computing, one part waiting for data.
    constexpr int stays = 100'000;
    constexpr std::int64_t step = 10'000;
    Script script;
    script.start(0, "main", 1, Role::main);
    script.event(1, 0, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    for (int i = 0; i < stays; ++i) {
        const std::int64_t begin = 10 + i * step;
        script.stay(0, State::computing, begin, begin + step * 9 / 10);
        script.stay(0, State::waiting_data, begin + step * 9 / 10, begin + step - 1);
    }
    script.end(stays * step + 100, 0, 0);
    RecordingBuilder builder(nanosecondClock(), 0);
    script.play(builder, -1, script.length());
    Timeline timeline;
    timeline.fixTheme(Theme::light());
    timeline.showRun(factsOf(builder.recording(), 0, false));
    const QImage picture = timeline.picture(pictureSize);
    const QRectF lane = timeline.laneRect(0);
    const int y = static_cast<int>(lane.top()) + 3;
    for (const qint64 ms : {100, 300, 500, 700, 900}) {
        const int x = static_cast<int>(timeline.timeToPixel(ms * millisecond));
        QCOMPARE(picture.pixelColor(x, y), timeline.stateColour(State::computing));
    }
}

void TestViews::timelineTellsTasksApart()
{
    constexpr int tasks = 10;
    Script script;
    script.start(0, "Worker-1", 1, Role::worker);
    script.event(
        50 * millisecond, 0, EventKind::state_end, static_cast<std::uint8_t>(State::starting));
    for (std::uint32_t task = 0; task < tasks; ++task) {
        const std::int64_t begin = (50 + task * 90) * millisecond;
        script.stay(0, State::computing, begin, begin + 90 * millisecond - 1, task);
    }
    script.end(1000 * millisecond, 0, 0);
    RecordingBuilder builder(nanosecondClock(), 0);
    script.play(builder, -1, script.length());
    Timeline timeline;
    timeline.fixTheme(Theme::light());
    timeline.showRun(factsOf(builder.recording(), 1, false));
    const QImage picture = timeline.picture(pictureSize);
    const int y = static_cast<int>(timeline.laneRect(0).top()) + 3;
    int bricks = 0;
    bool inside = false;
    for (int x = 0; x < picture.width(); ++x) {
        const bool computing = picture.pixelColor(x, y) == timeline.stateColour(State::computing);
        bricks += computing && !inside;
        inside = computing;
    }
    QCOMPARE(bricks, tasks);
}

void TestViews::manyLanesScroll()
{
    constexpr int workers = 255;
    const Recording recording = SampleRun(workers).recording();
    Timeline timeline;
    timeline.showRun(factsOf(recording, workers, false));
    timeline.picture(pictureSize);
    QCOMPARE(timeline.rowCount(), workers + 1);
    const auto [first, last] = timeline.rowsInSight();
    QCOMPARE(first, 0);
    QVERIFY(last < 40);
    QVERIFY(timeline.laneRect(0).height() >= 10);
    QTest::keyClick(&timeline, Qt::Key_PageDown);
    QCOMPARE(timeline.rowsInSight().first, last);
}

void TestViews::budgetAddsUp()
{
    const Recording recording = SampleRun(4, true).recording();
    const RunFacts facts = factsOf(recording, 4, false);
    BudgetChart chart;
    chart.showRun(facts);
    chart.picture(pictureSize);
    const ChartTable table = chart.table();
    double ofWorkers = 0;
    double longest = 0;
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        const QString name = QStringLiteral("P%1 %2").arg(i).arg(QString::fromStdString(lane.name));
        const double total = secondsOf(table, 2, name, "total");
        QVERIFY(std::abs(total - facts.budget.lanes[i].total_s) < 1e-8);
        QVERIFY2(std::abs(secondsOf(table, 2, name, {}) - total) < 1e-6, qPrintable(name));
        if (lane.role == Role::worker)
            ofWorkers += total;
        longest = std::max(longest, total);
    }
    const double all = secondsOf(table, 2, "All workers", "total");
    QVERIFY(std::abs(all - ofWorkers) < 1e-6);
    QVERIFY(std::abs(secondsOf(table, 2, "All workers", {}) - all) < 1e-6);
    // Every bar is in the picture to its end.
    QVERIFY(chart.xAxis->range().upper >= longest);
    QVERIFY(chart.xAxis2->range().upper >= all);
}

void TestViews::ipcCountsEveryByte()
{
    const SampleRun run(3);
    RecordingBuilder builder(nanosecondClock(), 0);
    IpcVolume chart;
    // Live, so that bars are made anew each time that the axis grows.
    std::int64_t played = -1;
    for (std::int64_t now = 0; now < run.script.length(); now += 30 * millisecond) {
        run.script.play(builder, played, now);
        played = now;
        chart.showRun(factsOf(builder.recording(), 3, true));
        chart.picture(pictureSize);
    }
    run.script.play(builder, played, run.script.length());
    chart.showRun(factsOf(builder.recording(), 3, false));
    chart.picture(pictureSize);
    for (const Channel& channel : builder.recording().channels()) {
        double bytes = 0;
        const ChartTable table = chart.table();
        for (qsizetype row = 0; row < table.rowCount(); ++row) {
            if (table.at(row, 0) == QString::fromStdString(channel.name))
                bytes += cellNumber(table.at(row, 3));
        }
        QCOMPARE(bytes, static_cast<double>(channel.bytes));
    }
    QVERIFY(chart.yAxis->label().contains(QStringLiteral("/s)")));
}

void TestViews::speedupEndsAtTheRatio()
{
    const Recording recording = SampleRun(2).recording();
    RunFacts facts = factsOf(recording, 2, true);
    SpeedupChart chart;
    chart.showRun(facts);
    chart.picture(pictureSize);
    QVERIFY(!chart.isEmpty());
    QVERIFY(chart.yAxis->label().contains(QStringLiteral("so far")));
    QVERIFY(chart.summary().contains(QStringLiteral("so far")));
    const QStringList last = chart.table().rows.last();
    QVERIFY(std::abs(last[1].toDouble() - SampleRun::sequentialS / last[0].toDouble()) < 1e-3);

    facts.running = false;
    facts.finalSpeedup = 1.87;
    chart.showRun(facts);
    chart.picture(pictureSize);
    QVERIFY(!chart.yAxis->label().contains(QStringLiteral("so far")));
    QVERIFY2(chart.summary().startsWith(QStringLiteral("1.87 × with 2 workers")),
        qPrintable(chart.summary()));
    QVERIFY(chart.yAxis->range().upper > 2);

    facts.hasBaseline = false;
    facts.sequentialS.reset();
    SpeedupChart without;
    without.showRun(facts);
    without.picture(pictureSize);
    QVERIFY(without.isEmpty());
    QVERIFY(without.emptyText().contains(QStringLiteral("baseline")));
}

void TestViews::speedupIsSeenHoweverHigh()
{
    // A baseline that other programs slowed down.
    const Recording recording = SampleRun(1).recording();
    RunFacts facts = factsOf(recording, 1, false);
    facts.sequentialS = 20 * SampleRun::sequentialS;
    SpeedupChart chart;
    chart.showRun(facts);
    chart.picture(pictureSize);
    const double last = chart.table().rows.last()[1].toDouble();
    QVERIFY2(last > 10, qPrintable(QString::number(last)));
    QVERIFY2(chart.yAxis->range().upper > last, qPrintable(QString::number(last)));
}

void TestViews::drawsOnlyWhatChanged()
{
    const SampleRun run(2);
    RecordingBuilder builder(nanosecondClock(), 0);
    run.script.play(builder, -1, 2200 * millisecond);
    Timeline timeline;
    timeline.resize(pictureSize);
    int replots = 0;
    QCoreApplication::processEvents(); // the plot's own first one
    connect(&timeline, &QCustomPlot::afterReplot, this, [&] { ++replots; });
    timeline.showRun(factsOf(builder.recording(), 2, true));
    QCoreApplication::processEvents();
    QCOMPARE(replots, 0); // not in sight
    timeline.show();
    QVERIFY(QTest::qWaitForWindowExposed(&timeline));
    QTRY_VERIFY(replots > 0);
    QTest::qWait(50);
    replots = 0;
    for (int i = 0; i < 10; ++i)
        timeline.showRun(factsOf(builder.recording(), 2, true));
    QCoreApplication::processEvents();
    QCOMPARE(replots, 0); // nothing new
    run.script.play(builder, 2200 * millisecond, 2300 * millisecond);
    for (int i = 0; i < 10; ++i)
        timeline.showRun(factsOf(builder.recording(), 2, true));
    QCoreApplication::processEvents();
    QCOMPARE(replots, 1);
}

QTEST_MAIN(TestViews)
#include "tst_views.moc"
