// SPDX-License-Identifier: GPL-3.0-or-later
// The window and its files: saved, opened, dropped, refused, given up, kept at hand.
#include "app/guide/lesson_text.hpp"
#include "app/guide/results_pane.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/compare_window.hpp"
#include "app/window/file_worker.hpp"
#include "app/window/run_files.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/run_tables.hpp"
#include "tests/app/window_fixture.hpp"

#include <QDropEvent>
#include <QFile>
#include <QMenu>
#include <QMimeData>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

/// As a file manager drops them.
void drop(QWidget& window, const QList<QUrl>& urls)
{
    QMimeData data;
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent dropped(QPointF(10, 10), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &dropped);
}

} // namespace

class TestWindowFiles : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void savesAndOpensTheSameRun();
    void savedRunOutlivesTheNext();
    void runsAnOpenedRunAgain();
    void saysWhyAnOpenedRunCannotRun();
    void lostEventsStayInTheBanner();
    void opensAForeignTrace();
    void savesTables();
    void refuses_data();
    void refuses();
    void dropOpens();
    void dropOfSeveral();
    void dropIsRefused_data();
    void dropIsRefused();
    void dropWhileARunIsUnderWay();
    void notWhileARunIsUnderWay();
    void givesUp();
    void finishesWhatIsBeingWritten();
    void tenRecentFiles();
    void recentFileThatIsGone();
    void settingsAreKept();
    void callNamesAFile_data();
    void callNamesAFile();

private:
    QString pathOf(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    std::shared_ptr<const FinishedRun> m_run;
};

void TestWindowFiles::initTestCase()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "100000");
    opened.window.form().setText("workers", "3");
    QVERIFY(opened.runToItsEnd());
    m_run = opened.window.shownRun();
    QVERIFY(m_run);
    save_run(*m_run, pathOf("run.manyhands.json.gz").toStdString());
}

void TestWindowFiles::savesAndOpensTheSameRun()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(!opened.window.actions().save->isEnabled());
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    const auto before = opened.window.shownRun();
    QVERIFY(opened.window.actions().save->isEnabled());
    const QString path = pathOf("saved.json");
    QSignalSpy saved(&opened.window.files(), &RunFiles::saved);
    opened.window.files().save(path);
    QVERIFY(saved.wait(runTimeoutMs));
    QVERIFY2(opened.window.windowTitle().contains("saved.json"),
        qPrintable(opened.window.windowTitle()));

    Opened other("prime_counting");
    other.window.show();
    QSignalSpy read(&other.window.files(), &RunFiles::opened);
    other.window.openFiles({path});
    QVERIFY(read.wait(runTimeoutMs));
    const auto after = other.window.shownRun();
    QVERIFY(after);
    QVERIFY(run_object(*after) == run_object(*before));
    QCoreApplication::processEvents();
    for (Chart* chart : other.window.charts()) {
        other.window.chartArea().showChart(chart);
        QCoreApplication::processEvents();
        // The lesson declares no memory; nothing was swept.
        const bool empty = QStringList{"memory", "sweep"}.contains(chart->objectName());
        QVERIFY2(chart->isEmpty() == empty, qPrintable(chart->accessibleName()));
    }
    QVERIFY(other.window.windowTitle().contains("saved.json"));
    QVERIFY2(other.status().contains("saved.json"), qPrintable(other.status()));
    QVERIFY(other.window.findChild<ResultsPane*>()->toPlainText().contains("5,133")); // π(50 000)
    QCOMPARE(
        std::get<std::int64_t>(other.window.form().values()->at("limit")), std::int64_t{50'000});
}

void TestWindowFiles::savedRunOutlivesTheNext()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "60000");
    QVERIFY(opened.runToItsEnd());
    const auto first = opened.window.shownRun();
    const QString path = pathOf("first.json.gz");
    QSignalSpy saved(&opened.window.files(), &RunFiles::saved);
    opened.window.files().save(path);
    opened.window.form().setText("limit", "70000");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(saved.count() > 0 || saved.wait(runTimeoutMs));
    QVERIFY(run_object(open_run(path.toStdString())) == run_object(*first));
}

void TestWindowFiles::runsAnOpenedRunAgain()
{
    Opened opened("prime_counting");
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({pathOf("run.manyhands.json.gz")});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(opened.window.actions().run->isEnabled());
    QVERIFY(opened.runToItsEnd());
    QVERIFY(opened.window.shownRun()->parameters == m_run->parameters);
    QVERIFY(!opened.window.windowTitle().contains("run.manyhands"));
}

void TestWindowFiles::saysWhyAnOpenedRunCannotRun()
{
    Opened opened("hold", testLessons);
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({pathOf("run.manyhands.json.gz")});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(!opened.window.actions().run->isEnabled());
    QVERIFY2(opened.window.actions().run->toolTip().contains("prime_counting"),
        qPrintable(opened.window.actions().run->toolTip()));
    opened.window.run();
    QVERIFY(!opened.window.control().isRunning());
    QVERIFY(opened.window.findChild<LessonText*>()->toPlainText().contains("Counting primes"));
}

void TestWindowFiles::lostEventsStayInTheBanner()
{
    FinishedRun lossy = *m_run;
    lossy.dropped = 7;
    lossy.marks.emplace_back("dropped");
    lossy.marks.emplace_back("partial");
    const QString path = pathOf("lossy.json");
    save_run(lossy, path.toStdString());
    Opened opened("prime_counting");
    opened.window.show();
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({path});
    QVERIFY(read.wait(runTimeoutMs));
    for (int i = 0; i < 3; ++i) {
        const QString banner = opened.label("Warnings");
        QVERIFY2(banner.contains("7 events lost"), qPrintable(banner));
        QVERIFY2(banner.contains("Partial"), qPrintable(banner));
        opened.window.form().setText("workers", QString::number(i + 1));
        QTest::qWait(20);
    }
}

void TestWindowFiles::opensAForeignTrace()
{
    const QString path = pathOf("foreign.json");
    QVERIFY(QFile::copy(
        QStringLiteral(MANYHANDS_SOURCE_DIR "/tests/engine/foreign_traces/array.json"), path));
    Opened opened("prime_counting");
    opened.window.resize(1280, 800);
    opened.window.show();
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({path});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(opened.window.shownRun()->foreign.has_value());
    const QString banner = opened.window.messages().join('\n');
    QVERIFY2(banner.contains("Left out: 2 counters, 3 async events"), qPrintable(banner));
    QVERIFY2(opened.status().contains("3 threads"), qPrintable(opened.status()));
    QVERIFY(opened.window.windowTitle().startsWith("foreign.json"));
    // Of what is not known no chart makes a number: each says so.
    for (Chart* chart : opened.window.charts()) {
        opened.window.chartArea().showChart(chart);
        QCoreApplication::processEvents();
        const bool isTimeline = chart == opened.window.charts().first();
        QVERIFY2(chart->isEmpty() != isTimeline, qPrintable(chart->accessibleName()));
        if (!isTimeline)
            QVERIFY2(chart->emptyTitle().contains("another program"),
                qPrintable(chart->accessibleName() + ": " + chart->emptyTitle()));
        // What was predicted is still so.
        if (chart->objectName() != "prediction")
            QCOMPARE(chart->table().rowCount() > 0, isTimeline);
    }
    // A span says its name, and is not said to be any state.
    ViewState& view = opened.window.chartArea().view();
    view.select(Target::ofSpan(1, 1));
    const QString said = opened.window.charts().first()->focusedText();
    QVERIFY2(said.contains("server / thread 7") && said.contains("parse"), qPrintable(said));
    // It is not saved over, nor made a run of ours; its spans can be had as a table.
    QVERIFY(!opened.window.actions().save->isEnabled());
    QVERIFY2(opened.window.actions().save->toolTip().contains("copy its file"),
        qPrintable(opened.window.actions().save->toolTip()));
    const auto& tables = opened.window.actions().saveTables;
    for (const RunTable table : all_run_tables)
        QCOMPARE(tables[static_cast<int>(table)]->isEnabled(), table == RunTable::spans);
    // The lesson that was open is still there to be run.
    QVERIFY(opened.window.actions().run->isEnabled());
    QVERIFY(opened.runToItsEnd());
    QVERIFY(!opened.window.shownRun()->foreign);
    QVERIFY(opened.window.actions().save->isEnabled());
    QVERIFY(!opened.window.charts().first()->isEmpty());
}

void TestWindowFiles::savesTables()
{
    Opened opened("prime_counting");
    const auto& tables = opened.window.actions().saveTables;
    for (const RunTable table : all_run_tables)
        QVERIFY(!tables[static_cast<int>(table)]->isEnabled());
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(!tables[static_cast<int>(RunTable::sweep)]->isEnabled());
    QSignalSpy written(&opened.window.files().worker(), &FileWorker::written);
    const QStringList recent = opened.window.files().recent();
    for (const RunTable table : {RunTable::spans, RunTable::channels, RunTable::repeats}) {
        QVERIFY(tables[static_cast<int>(table)]->isEnabled());
        const QString path = pathOf("table.csv");
        opened.window.files().saveTable(table, path);
        QVERIFY(written.wait(runTimeoutMs));
        std::string expected;
        write_table(*opened.window.shownRun(), table, {},
            [&](std::string_view piece) { expected += piece; });
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().toStdString(), expected);
    }
    QCOMPARE(opened.window.files().recent(), recent);

    std::vector<ParameterValue> values = {std::int64_t{1}, std::int64_t{2}};
    QVERIFY(opened.toItsEnd([&] {
        opened.window.control().startSweep(
            {opened.lesson, opened.description, *opened.window.form().values(), 1, 2}, "workers",
            values);
    }));
    QVERIFY(tables[static_cast<int>(RunTable::sweep)]->isEnabled());
    const QString path = pathOf("sweep.csv");
    opened.window.files().saveTable(RunTable::sweep, path);
    QVERIFY(written.wait(runTimeoutMs));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), 4);
    QVERIFY2(lines[1].startsWith("prime_counting,workers,1,1,2,0."), lines[1]);
    QVERIFY2(lines[2].startsWith("prime_counting,workers,2,2,2,0."), lines[2]);
}

void TestWindowFiles::refuses_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("what is this?");
    QTest::newRow("foreign JSON") << QByteArray("{\"a\": [1, 2]}");
    QTest::newRow("cut in its head") << QByteArray("{\"displayTimeUnit\":\"ms\",\"otherD");
}

void TestWindowFiles::refuses()
{
    QFETCH(QByteArray, content);
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    const auto before = opened.window.shownRun();
    const QString path = pathOf("bad.json");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    QSignalSpy failed(&opened.window.files(), &RunFiles::failed);
    opened.window.openFiles({path});
    QVERIFY(failed.wait(runTimeoutMs));
    const QString problem = opened.window.messages().value(0);
    QVERIFY2(problem.contains("bad.json"), qPrintable(problem));
    QVERIFY(!problem.contains('\n'));
    QVERIFY(opened.window.shownRun() == before); // what was there stays
    QVERIFY(opened.status().contains("done"));
}

void TestWindowFiles::dropOpens()
{
    Opened opened("prime_counting");
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    drop(opened.window, {QUrl::fromLocalFile(pathOf("run.manyhands.json.gz"))});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(opened.window.shownRun());
}

void TestWindowFiles::dropOfSeveral()
{
    Opened opened("prime_counting");
    const QString other = pathOf("other.json");
    QFile::remove(other);
    save_run(*m_run, other.toStdString());
    QSignalSpy read(&opened.window.files(), &RunFiles::openedTogether);
    drop(opened.window,
        {QUrl::fromLocalFile(other), QUrl::fromLocalFile(pathOf("run.manyhands.json.gz"))});
    QVERIFY(read.wait(runTimeoutMs));
    const auto* const compared = opened.window.findChild<CompareWindow*>();
    QVERIFY(compared);
    QVERIFY2(compared->windowTitle().contains("A other.json, B run.manyhands.json.gz"),
        qPrintable(compared->windowTitle()));
}

void TestWindowFiles::dropIsRefused_data()
{
    QTest::addColumn<QList<QUrl>>("urls");
    QTest::addColumn<QString>("says");
    const QUrl run = QUrl::fromLocalFile(pathOf("run.manyhands.json.gz"));
    QTest::newRow("another kind") << QList<QUrl>{QUrl::fromLocalFile(pathOf("notes.txt"))}
                                  << "is no saved run";
    QTest::newRow("a lesson program")
        << QList<QUrl>{QUrl::fromLocalFile(QString::fromStdString(lessonProgram))}
        << "is no saved run";
    QTest::newRow("a folder") << QList<QUrl>{QUrl::fromLocalFile(pathOf("folder.json"))}
                              << "is no saved run";
    QTest::newRow("nothing there")
        << QList<QUrl>{QUrl::fromLocalFile(pathOf("nowhere.json"))} << "does not exist";
    QTest::newRow("of the web") << QList<QUrl>{QUrl("https://example.org/run.json")}
                                << "no file of this machine";
    QTest::newRow("one of two") << QList<QUrl>{run, QUrl::fromLocalFile(pathOf("notes.txt"))}
                                << "notes.txt is no saved run";
    QTest::newRow("too many") << QList<QUrl>(5, run) << "5 files were dropped";
}

void TestWindowFiles::dropIsRefused()
{
    QFETCH(QList<QUrl>, urls);
    QFETCH(QString, says);
    QDir(m_folder.path()).mkdir("folder.json");
    QFile notes(pathOf("notes.txt"));
    QVERIFY(notes.open(QIODevice::WriteOnly));
    Opened opened("prime_counting");
    drop(opened.window, urls);
    QCOMPARE(opened.window.messages().size(), 1);
    QVERIFY2(opened.window.messages().first().contains(says),
        qPrintable(opened.window.messages().first()));
    QVERIFY(!opened.window.files().worker().isBusy());
    QVERIFY(!opened.window.control().isRunning());
}

void TestWindowFiles::dropWhileARunIsUnderWay()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "1000000000");
    opened.window.run();
    const QUrl run = QUrl::fromLocalFile(pathOf("run.manyhands.json.gz"));
    for (const QList<QUrl>& urls : {QList<QUrl>{run}, QList<QUrl>{run, run}}) {
        drop(opened.window, urls);
        QVERIFY(opened.window.messages().value(0).contains("(Esc)"));
        QVERIFY(!opened.window.files().worker().isBusy());
    }
    QVERIFY(opened.toItsEnd([&] { opened.window.control().stop(); }));
}

void TestWindowFiles::notWhileARunIsUnderWay()
{
    Opened opened("prime_counting");
    opened.window.form().setText("limit", "1000000000");
    opened.window.run();
    QVERIFY(!opened.window.actions().open->isEnabled());
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.openFiles({pathOf("run.manyhands.json.gz")});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(opened.window.control().isRunning());
    QVERIFY(!opened.window.shownRun());
    QVERIFY(opened.window.messages().value(0).contains("run.manyhands.json.gz"));
    QVERIFY(opened.toItsEnd([&] { opened.window.control().stop(); }));
}

void TestWindowFiles::givesUp()
{
    FileWorker worker;
    QSignalSpy opened(&worker, &FileWorker::opened);
    QSignalSpy failed(&worker, &FileWorker::failed);
    for (int i = 0; i < 20; ++i)
        worker.open(pathOf("run.manyhands.json.gz"));
    QVERIFY(worker.isBusy());
    worker.cancel();
    worker.open(pathOf("run.manyhands.json.gz")); // asked for afterwards
    QTRY_VERIFY_WITH_TIMEOUT(!worker.isBusy(), runTimeoutMs);
    QCOMPARE(opened.count() + failed.count(), 21);
    QVERIFY(failed.count() > 0);
    QVERIFY(opened.count() > 0);
}

void TestWindowFiles::finishesWhatIsBeingWritten()
{
    const QString path = pathOf("late.json.gz");
    {
        FileWorker worker;
        worker.save(m_run, path);
    }
    QVERIFY(run_object(open_run(path.toStdString())) == run_object(*m_run));
}

void TestWindowFiles::tenRecentFiles()
{
    Opened opened("prime_counting");
    for (int i = 0; i < 15; ++i)
        opened.window.files().offer(pathOf(QString::number(i)));
    opened.window.files().offer(pathOf("12"));
    QCOMPARE(opened.window.files().recent().size(), qsizetype{RunFiles::mostRecent});
    QCOMPARE(opened.window.files().recent().first(), pathOf("12"));
    QCOMPARE(opened.window.files().recent()[1], pathOf("14"));
    QCOMPARE(opened.window.files().recent().count(pathOf("12")), 1);
    const QList<QAction*> actions = opened.window.actions().recent->actions();
    QCOMPARE(actions.size(), qsizetype{RunFiles::mostRecent} + 2); // a line, and what clears them
    QVERIFY(actions[RunFiles::mostRecent]->isSeparator());
    actions.last()->trigger();
    QTRY_VERIFY(opened.window.files().recent().isEmpty());
    QVERIFY(!opened.window.actions().recent->isEnabled());
    QVERIFY(opened.window.actions().recent->actions().isEmpty());
}

void TestWindowFiles::recentFileThatIsGone()
{
    Opened opened("prime_counting");
    opened.window.files().offer(pathOf("run.manyhands.json.gz"));
    opened.window.files().offer(pathOf("gone.json"));
    QSignalSpy read(&opened.window.files(), &RunFiles::opened);
    opened.window.actions().recent->actions().first()->trigger();
    QVERIFY2(opened.window.messages().value(0).contains("gone.json is gone"),
        qPrintable(opened.window.messages().value(0)));
    QTRY_COMPARE(opened.window.files().recent(), QStringList{pathOf("run.manyhands.json.gz")});
    opened.window.actions().recent->actions().first()->trigger();
    QVERIFY(read.wait(runTimeoutMs));
}

void TestWindowFiles::settingsAreKept()
{
    QSettings settings(pathOf("window.ini"), QSettings::IniFormat);
    {
        Opened opened("prime_counting");
        opened.window.setSettings(settings);
        opened.window.appearance().setPercent(150);
        opened.window.appearance().setColours(Colours::dark);
        opened.window.files().offer(pathOf("a.json"));
        opened.window.show();
        QVERIFY(opened.window.close());
    }
    QVERIFY(settings.status() == QSettings::NoError);
    Opened opened("prime_counting");
    opened.window.setSettings(settings);
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&opened.window));
    QCOMPARE(opened.window.appearance().percent(), 150);
    QCOMPARE(opened.window.appearance().colours(), Colours::dark);
    QCOMPARE(opened.window.files().recent(), QStringList{pathOf("a.json")});
    QTRY_VERIFY(&opened.window.charts().first()->theme() == &Theme::dark());
    opened.window.appearance().setColours(Colours::highContrast);
    QTRY_VERIFY(&opened.window.charts().first()->theme() == &Theme::highContrast());
    opened.window.appearance().setColours(Colours::light);
    QTRY_VERIFY(&opened.window.charts().first()->theme() == &Theme::light());
}

void TestWindowFiles::callNamesAFile_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("says");
    QTest::newRow("missing") << QStringList{"./nowhere.json"} << "does not exist";
    QTest::newRow("a folder") << QStringList{"./folder.json"} << "is no file";
    QTest::newRow("a lesson behind it")
        << QStringList{"./run.manyhands.json.gz", "workers=2"} << "is no saved run";
    QTest::newRow("to be run") << QStringList{"./run.manyhands.json.gz", "--run"}
                               << "needs a lesson";
}

void TestWindowFiles::callNamesAFile()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, says);
    QDir(m_folder.path()).mkdir("folder.json");
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.start(appProgram, arguments);
    QVERIFY(process.waitForFinished(runTimeoutMs));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 2);
    const QString said = QString::fromUtf8(process.readAllStandardError());
    QCOMPARE(said.count('\n'), 1);
    QVERIFY2(said.contains(says), qPrintable(said));
}

QTEST_MAIN(TestWindowFiles)
#include "tst_window_files.moc"
