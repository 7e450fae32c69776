// SPDX-License-Identifier: GPL-3.0-or-later
// The window and its notebook: runs that are kept unasked and opened again, and how far one is.
#include "app/guide/progress_pane.hpp"
#include "app/window/measure_dialog.hpp"
#include "engine/observe/run_file.hpp"
#include "tests/app/window_fixture.hpp"
#include "tests/support/finished_runs.hpp"

#include <QDir>
#include <QDockWidget>
#include <QListWidget>
#include <QTest>
#include <QTextBrowser>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

const QString primes = QStringLiteral("prime_counting");

template <class Widget>
Widget* named(Opened& opened, const char* accessibleName)
{
    for (Widget* widget : opened.window.findChildren<Widget*>()) {
        if (widget->accessibleName() == QLatin1String(accessibleName))
            return widget;
    }
    return nullptr;
}

QListWidget* history(Opened& opened)
{
    return named<QListWidget>(opened, "Run history");
}

QString summary(Opened& opened)
{
    return named<QTextBrowser>(opened, "Progress in this lesson")->toPlainText();
}

QString firstLesson(Opened& opened)
{
    return named<QListWidget>(opened, "Lessons")->item(0)->text();
}

bool written(Opened& opened)
{
    return QTest::qWaitFor([&] { return !opened.window.files().worker().isBusy(); }, runTimeoutMs);
}

} // namespace

class TestHistory : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void runIsKeptAndOpenedAgain();
    void stoppedRunIsKept();
    void closingKeepsTheRunUnderWay();
    void measurementAndSweepAreKept();
    void lessonsAtHand();
    void predictionsMeetTheRun();
    void progressInWords();
    void notWhileARunIsUnderWay();
    void fileThatIsGone();
    void lessonGoesOnWithoutANotebook();
    void runThatCannotBeKept();

private:
    std::unique_ptr<QTemporaryDir> m_data;
};

void TestHistory::init()
{
    m_data = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_data->path().toLocal8Bit());
}

void TestHistory::runIsKeptAndOpenedAgain()
{
    std::shared_ptr<const FinishedRun> made;
    {
        Opened opened("prime_counting");
        QTRY_VERIFY(firstLesson(opened).contains("○"));
        opened.window.form().setText("limit", "50000");
        opened.window.form().setText("workers", "3");
        QVERIFY(opened.runToItsEnd());
        made = opened.window.shownRun();
        QVERIFY(written(opened));
        QVERIFY(opened.window.files().recent().isEmpty());
        QVERIFY(!opened.window.windowTitle().contains("json"));
        QTRY_VERIFY(firstLesson(opened).contains("●"));
    }
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    QListWidget* list = history(opened);
    QTRY_COMPARE(list->count(), 1);
    const QString text = list->item(0)->text();
    for (const char* const part : {"done", "×", "limit=50000", "workers=3"})
        QVERIFY2(text.contains(part), qPrintable(text));
    QVERIFY2(!text.contains("chunks"), qPrintable(text)); // at its default
    QVERIFY(list->item(0)->toolTip().contains("chunks=64"));
    // By its keys.
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_Home);
    QTest::keyClick(list, Qt::Key_Return);
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(opened.window.shownRun());
    for (const std::string& one : manyhands::test::differences(*opened.window.shownRun(), *made))
        QFAIL(one.c_str());
    QVERIFY(opened.window.files().recent().isEmpty());
    QCOMPARE(std::get<std::int64_t>(opened.window.form().values()->at("workers")), std::int64_t{3});
    QCOMPARE(opened.window.notebook().runs(primes).size(), 1); // opening is not running
}

void TestHistory::stoppedRunIsKept()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "1000000000");
    opened.window.run();
    QVERIFY(opened.toItsEnd([&] { opened.window.control().stop(); }));
    QTRY_COMPARE(history(opened)->count(), 1);
    QVERIFY2(history(opened)->item(0)->text().contains("stopped"),
        qPrintable(history(opened)->item(0)->text()));
    QVERIFY(written(opened));
    const FinishedRun run
        = open_run(opened.window.notebook().runs(primes).first().file.toStdString());
    QCOMPARE(run.state, RunState::stopped);
}

void TestHistory::closingKeepsTheRunUnderWay()
{
    {
        Opened opened("prime_counting");
        opened.window.show();
        opened.window.form().setText("limit", "1000000000");
        opened.window.run();
        QVERIFY(opened.window.close());
    }
    Notebook notebook;
    const QList<KeptRun> runs = notebook.runs(primes);
    QCOMPARE(runs.size(), 1);
    QCOMPARE(open_run(runs.first().file.toStdString()).state, RunState::stopped);
}

void TestHistory::measurementAndSweepAreKept()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    opened.window.measureDialog().setRepeats(2);
    QVERIFY(opened.toItsEnd([&] { opened.window.measure(); }));
    QCOMPARE(opened.window.notebook().runs(primes).first().repeats, 2);
    QVERIFY(opened.toItsEnd([&] {
        emit opened.window.measureDialog().sweepRequested(
            "workers", {std::int64_t{1}, std::int64_t{3}}, 1);
    }));
    const QList<KeptRun> runs = opened.window.notebook().runs(primes);
    QCOMPARE(runs.size(), 2); // of a sweep its last point
    QCOMPARE(*runs.first().workers, 3);
    QVERIFY(written(opened));
    QVERIFY(QFile::exists(runs.first().file));
}

void TestHistory::lessonsAtHand()
{
    Notebook().keepNote(primes, QStringLiteral("Slow."));
    Opened opened("hold", testLessons);
    QTRY_VERIFY(firstLesson(opened).contains("○"));
    QTRY_VERIFY(summary(opened).contains("Nothing yet"));
    QCOMPARE(history(opened)->count(), 0);
    const LessonReference reference{lessonProgram, "prime_counting"};
    opened.window.openLesson(reference, describe_lesson(reference));
    QTRY_VERIFY(summary(opened).contains("Slow."));
}

void TestHistory::predictionsMeetTheRun()
{
    Opened opened("prime_counting");
    // The guide's part: asks, and is told of the answer.
    PredictionDescription asked;
    asked.name = "faster";
    asked.question = "How many <b>times</b> faster?";
    asked.quantity = "speedup";
    asked.unit = "×";
    opened.description.guide.predictions = {asked};
    opened.window.openLesson(opened.lesson, opened.description);
    Notebook& notebook = opened.window.notebook();
    notebook.keepPrediction(primes, {"faster", 1000.0, std::nullopt, Confidence::certain});
    QTRY_VERIFY(summary(opened).contains("Waits for a run"));
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QTRY_VERIFY(summary(opened).contains("✕ Too high"));
    const QString text = summary(opened);
    for (const char* const part :
        {"How many <b>times</b> faster?", "1,000 ×", "certain", "Measured: "})
        QVERIFY2(text.contains(part), qPrintable(text));
    QCOMPARE(*notebook.lastPredictions(primes).first().run, notebook.runs(primes).first().id);
}

void TestHistory::progressInWords()
{
    Opened opened("prime_counting");
    Notebook& notebook = opened.window.notebook();
    notebook.stepReached(primes, "read", true);
    notebook.stepReached(primes, "quiz", false);
    notebook.skipPredictions(primes);
    notebook.keepAnswer(primes, {"why", "Why?", {}}, "Magic", false);
    QTRY_VERIFY(summary(opened).contains("✓ Read: done"));
    const QString text = summary(opened);
    for (const char* const part :
        {"● Quiz: begun", "○ Observe: to come", "– Skipped", "0 of 1 right", "✕ Wrong: Magic"})
        QVERIFY2(text.contains(part), qPrintable(text));
    QVERIFY(firstLesson(opened).contains("●"));
    notebook.stepReached(primes, "quiz", true);
    QTRY_VERIFY(firstLesson(opened).contains("✓"));
}

void TestHistory::notWhileARunIsUnderWay()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QTRY_COMPARE(history(opened)->count(), 1);
    opened.window.form().setText("limit", "1000000000");
    opened.window.run();
    emit history(opened)->itemActivated(history(opened)->item(0));
    QVERIFY(opened.window.control().isRunning());
    QVERIFY2(opened.window.messages().value(0).contains("Stop the run"),
        qPrintable(opened.window.messages().join('\n')));
    QVERIFY(opened.toItsEnd([&] { opened.window.control().stop(); }));
}

void TestHistory::fileThatIsGone()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(written(opened));
    QVERIFY(QDir(opened.window.notebook().runsFolder()).removeRecursively());
    QTRY_COMPARE(history(opened)->count(), 1);
    QSignalSpy failed(&opened.window.files(), &RunFiles::failed);
    emit history(opened)->itemActivated(history(opened)->item(0));
    QVERIFY(failed.wait(runTimeoutMs));
    QVERIFY2(opened.window.messages().value(0).contains("prime_counting"),
        qPrintable(opened.window.messages().value(0)));
    QVERIFY(opened.window.shownRun());
}

void TestHistory::lessonGoesOnWithoutANotebook()
{
    QFile file(m_data->filePath("manyhands"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    Opened opened("prime_counting");
    QTRY_VERIFY(opened.window.messages().value(0).contains("notebook"));
    for (int i = 1; i <= 2; ++i) {
        opened.window.form().setText("limit", "50000");
        QVERIFY(opened.runToItsEnd());
        QVERIFY(written(opened));
        QTRY_COMPARE(history(opened)->count(), i);
        // Said once.
        const QString messages = opened.window.messages().join('\n');
        QVERIFY2(!messages.contains("notebook"), qPrintable(messages));
        QVERIFY2(!messages.contains("not kept"), qPrintable(messages));
    }
    QVERIFY(firstLesson(opened).contains("●"));
    const auto* dock = opened.window.findChild<QDockWidget*>("progress");
    QVERIFY(dock);
    QVERIFY2(dock->windowTitle().contains("not kept"), qPrintable(dock->windowTitle()));
    emit history(opened)->itemActivated(history(opened)->item(0));
    QVERIFY(opened.window.messages().value(0).contains("could not be kept"));
}

void TestHistory::runThatCannotBeKept()
{
    QVERIFY(QDir(m_data->path()).mkpath("manyhands"));
    QFile file(m_data->filePath("manyhands/runs"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QTRY_VERIFY(opened.window.messages().value(0).contains("This run is not kept"));
    QTRY_VERIFY(opened.window.notebook().runs(primes).first().file.isEmpty());
    QVERIFY(opened.runToItsEnd());
    QVERIFY(written(opened));
    QTRY_VERIFY(opened.window.notebook().runs(primes).first().file.isEmpty());
    QVERIFY(!opened.window.messages().join('\n').contains("not kept"));
}

QTEST_MAIN(TestHistory)
#include "tst_history.moc"
