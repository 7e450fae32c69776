// SPDX-License-Identifier: GPL-3.0-or-later
// The window, driven through real runs: start, watch, stop, close.
#include "app/views/timeline.hpp"
#include "app/window/chart_area.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QListWidget>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

bool exists(int pid)
{
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

QList<int> pidsOf(const Recording& recording)
{
    QList<int> pids;
    for (const Lane& lane : recording.lanes())
        pids.append(lane.pid);
    return pids;
}

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT

private slots:
    void showsTheLessonBeforeAnyRun();
    void namesWhatScreenReadersSay();
    void badValueStopsRun();
    void runShowsEverything();
    void baselineIsKeptForTheSameWork();
    void stopKeepsWhatWasMeasured();
    void closingEndsEveryProcess();
    void escapeStops();
    void picturesGrowWhileTheLessonRuns();
    void fitsSizes_data();
    void fitsSizes();
    void runWithJson();
    void closedDisplay();
};

void TestWindow::showsTheLessonBeforeAnyRun()
{
    QElapsedTimer timer;
    timer.start();
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&opened.window));
    qInfo("first frame after %lld ms", timer.elapsed());
    const auto* text = opened.window.findChild<QTextBrowser*>();
    QVERIFY(text);
    bool found = false;
    for (const QTextBrowser* browser : opened.window.findChildren<QTextBrowser*>())
        found = found || browser->toPlainText().contains(QStringLiteral("Counting primes"));
    QVERIFY(found);
    // Those that every lesson has, two of this one, and that of its predictions.
    QCOMPARE(opened.window.charts().size(), 11);
    for (Chart* chart : opened.window.charts()) {
        opened.window.chartArea().showChart(chart);
        if (chart->objectName() == QLatin1String("prediction"))
            continue; // its questions are asked before a run
        QVERIFY2(chart->isEmpty(), qPrintable(chart->accessibleName()));
        QVERIFY2(!chart->emptyText().isEmpty(), qPrintable(chart->accessibleName()));
    }
    QVERIFY(opened.action("&Run")->isEnabled());
    QVERIFY(!opened.action("&Stop")->isEnabled());
}

void TestWindow::namesWhatScreenReadersSay()
{
    Opened opened("prime_counting");
    QStringList names;
    for (const QWidget* widget : opened.window.findChildren<QWidget*>())
        names.append(widget->accessibleName());
    for (const char* const name : {"Lessons", "Lesson guide", "Number of processes", "Run lesson",
             "Stop run", "Process timeline chart", "IPC volume chart", "Speedup chart",
             "Time budget chart", "Run status"})
        QVERIFY2(names.contains(QLatin1String(name)), name);
}

void TestWindow::badValueStopsRun()
{
    Opened opened("prime_counting");
    opened.window.form().setText("workers", "many");
    QVERIFY(!opened.action("&Run")->isEnabled());
    QVERIFY2(opened.action("&Run")->toolTip().contains(QStringLiteral("many")),
        qPrintable(opened.action("&Run")->toolTip()));
    opened.window.run();
    QVERIFY(!opened.window.control().isRunning());
    opened.window.form().setText("workers", "2");
    QVERIFY(opened.action("&Run")->isEnabled());
}

void TestWindow::runShowsEverything()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.form().setText("limit", "200000");
    opened.window.form().setText("workers", "2");
    QVERIFY(opened.runToItsEnd());
    const Session& session = *opened.window.control().session();
    QCOMPARE(session.state(), RunState::done);
    QCOMPARE(session.recording().lanes().size(), std::size_t{3});
    QCoreApplication::processEvents();
    for (Chart* chart : opened.window.charts()) {
        opened.window.chartArea().showChart(chart);
        QCoreApplication::processEvents();
        // The lesson declares no memory; nothing was swept.
        const bool empty = QStringList{"memory", "sweep"}.contains(chart->objectName());
        QVERIFY2(chart->isEmpty() == empty, qPrintable(chart->accessibleName()));
        QVERIFY(empty || !chart->summary().isEmpty());
    }
    QVERIFY2(opened.status().contains(QStringLiteral("done")), qPrintable(opened.status()));
    QVERIFY2(opened.status().contains(QStringLiteral("0 dropped")), qPrintable(opened.status()));
    QVERIFY(opened.action("&Run")->isEnabled());
    // π(200 000) = 17 984.
    bool found = false;
    for (const QTextBrowser* browser : opened.window.findChildren<QTextBrowser*>())
        found = found || browser->toPlainText().contains(QStringLiteral("17,984"));
    QVERIFY(found);
}

void TestWindow::baselineIsKeptForTheSameWork()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "100000");
    QVERIFY(opened.runToItsEnd());
    const RunControl& control = opened.window.control();
    QVERIFY(control.session()->recording().last_phase(PhaseKind::baseline));
    const double sequential = *control.session()->sequential_s();

    opened.window.form().setText("workers", "1"); // is not part of the work
    QVERIFY(opened.runToItsEnd());
    QVERIFY(!control.session()->recording().last_phase(PhaseKind::baseline));
    QCOMPARE(*control.session()->sequential_s(), sequential);
    QVERIFY(control.facts().finalSpeedup);

    opened.window.form().setText("limit", "100001"); // is
    QVERIFY(opened.runToItsEnd());
    QVERIFY(control.session()->recording().last_phase(PhaseKind::baseline));
}

void TestWindow::stopKeepsWhatWasMeasured()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.form().setText("limit", "1000000000");
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    opened.window.run();
    QTRY_VERIFY(!opened.window.control().session()->recording().lanes().empty());
    opened.window.control().stop();
    QVERIFY(finished.wait(runTimeoutMs));
    const Session& session = *opened.window.control().session();
    QCOMPARE(session.state(), RunState::stopped);
    QVERIFY(!session.recording().lanes().empty());
    for (const int pid : pidsOf(session.recording()))
        QTRY_VERIFY(!exists(pid));
    QVERIFY2(opened.status().contains(QStringLiteral("partial")), qPrintable(opened.status()));
    QVERIFY(opened.action("&Run")->isEnabled());
}

void TestWindow::closingEndsEveryProcess()
{
    Opened opened("hold", testLessons);
    opened.window.show();
    opened.window.form().setText("workers", "4");
    QTemporaryDir folder;
    const QByteArray fifo = QFile::encodeName(folder.filePath("fifo"));
    QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
    qputenv("MANYHANDS_TEST_FIFO", fifo);
    opened.window.run();
    const RunControl& control = opened.window.control();
    QVERIFY(control.isRunning());
    QTRY_COMPARE(control.session()->recording().lanes().size(), std::size_t{5});
    const QList<int> pids = pidsOf(control.session()->recording());
    QVERIFY(opened.window.close());
    QVERIFY(!control.isRunning());
    for (const int pid : pids)
        QTRY_VERIFY(!exists(pid));
}

void TestWindow::escapeStops()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    opened.window.form().setText("limit", "1000000000");
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    QTest::keyClick(&opened.window, Qt::Key_F5);
    if (!opened.window.control().isRunning())
        QTest::keyClick(&opened.window, Qt::Key_F5); // a lesson with questions asks first
    QVERIFY(opened.window.control().isRunning());
    QTest::keyClick(&opened.window, Qt::Key_Escape);
    QVERIFY(finished.wait(runTimeoutMs));
    QCOMPARE(opened.window.control().session()->state(), RunState::stopped);
}

void TestWindow::picturesGrowWhileTheLessonRuns()
{
    constexpr int before = 6;
    constexpr int workers = 2;
    QTemporaryDir folder;
    const QByteArray fifo = QFile::encodeName(folder.filePath("fifo"));
    QCOMPARE(::mkfifo(fifo.constData(), 0600), 0);
    qputenv("MANYHANDS_TEST_FIFO", fifo);

    Opened opened("hold", testLessons);
    opened.window.show();
    opened.window.form().setText("workers", QString::number(workers));
    opened.window.form().setText("before", QString::number(before));
    auto* timeline = qobject_cast<Timeline*>(opened.chart("Process timeline chart"));
    QVERIFY(timeline);
    QTest::qWait(50);
    const QImage pictureBefore = timeline->grab().toImage();

    opened.window.run();
    const RunControl& control = opened.window.control();
    const auto count = [&](Task::Outcome outcome) {
        const auto& tasks = control.session()->recording().tasks();
        return static_cast<int>(std::count_if(
            tasks.begin(), tasks.end(), [&](const Task& task) { return task.outcome == outcome; }));
    };
    QTRY_COMPARE_WITH_TIMEOUT(count(Task::Outcome::running), workers, runTimeoutMs);
    QTRY_COMPARE_WITH_TIMEOUT(count(Task::Outcome::done), before, runTimeoutMs);
    QTRY_VERIFY(control.facts().recording && !timeline->isEmpty());
    // The workers wait for us: what is finished is to be seen, and the run is not over.
    const auto finishedSpans = [&] {
        int spans = 0;
        for (const Lane& lane : control.session()->recording().lanes()) {
            for (const Span& span : lane.spans) {
                spans += lane.role == Role::worker && span.state == State::computing
                    && span.end_ns != open_end;
            }
        }
        return spans;
    };
    QCOMPARE(finishedSpans(), before);
    const auto computing = timeline->stateColour(State::computing);
    const auto showsComputing = [&] {
        const QImage picture = timeline->grab().toImage();
        for (int y = 0; y < picture.height(); ++y) {
            for (int x = 0; x < picture.width(); ++x) {
                if (picture.pixelColor(x, y) == computing)
                    return picture != pictureBefore;
            }
        }
        return false;
    };
    QTRY_VERIFY(showsComputing());
    QVERIFY(control.isRunning());

    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    for (int i = 0; i < workers; ++i) {
        const int end = ::open(fifo.constData(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
        if (end >= 0)
            ::close(end);
        QTest::qWait(20);
        if (finished.count() > 0)
            break;
        --i;
    }
    QVERIFY(finished.count() > 0 || finished.wait(runTimeoutMs));
    QCOMPARE(control.session()->state(), RunState::done);
    QCOMPARE(count(Task::Outcome::done), before + workers);
}

void TestWindow::fitsSizes_data()
{
    QTest::addColumn<QSize>("size");
    QTest::newRow("small") << QSize(1024, 640);
    QTest::newRow("usual") << QSize(1280, 800);
    QTest::newRow("large") << QSize(1920, 1080);
}

void TestWindow::fitsSizes()
{
    QFETCH(QSize, size);
    Opened opened("prime_counting");
    opened.window.resize(size);
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&opened.window));
    QCOMPARE(opened.window.size(), size);
    opened.window.form().setText("limit", "100000");
    opened.window.form().setText("workers", "none"); // its message takes no more room
    opened.window.form().setText("workers", "2");
    QVERIFY(opened.runToItsEnd());
    QCOMPARE(opened.window.size(), size);
    const QRect inside = opened.window.rect();
    for (Chart* chart : opened.window.charts()) {
        if (!chart->isVisible())
            continue; // under a tab
        const QRect place(chart->mapTo(&opened.window, QPoint()), chart->size());
        QVERIFY2(inside.contains(place), qPrintable(chart->accessibleName()));
        QVERIFY(place.width() >= 200);
        QVERIFY(place.height() >= 120);
    }
}

void TestWindow::runWithJson()
{
    QProcess process;
    process.start(appProgram, {"prime_counting", "limit=50000", "workers=2", "--run", "--json"});
    QVERIFY(process.waitForFinished(runTimeoutMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 0);
    const QJsonObject run = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
    QCOMPARE(run["schema"].toInt(), 1);
    QCOMPARE(run["lesson"].toString(), QString("prime_counting"));
    QCOMPARE(run["state"].toString(), QString("done"));
    QCOMPARE(run["parameters"].toObject()["workers"].toInt(), 2);
}

void TestWindow::closedDisplay()
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove("QT_QPA_PLATFORM");
    environment.remove("WAYLAND_DISPLAY");
    environment.insert("DISPLAY", ":4711");
    process.setProcessEnvironment(environment);
    process.start(appProgram, {"prime_counting"});
    QVERIFY(process.waitForFinished(runTimeoutMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 3);
    QCOMPARE(process.readAllStandardError().count('\n'), 1);
    QVERIFY(process.readAllStandardOutput().isEmpty());
}

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
