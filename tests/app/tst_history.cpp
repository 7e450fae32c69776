// SPDX-License-Identifier: GPL-3.0-or-later
// The window and its notebook: runs that are kept unasked and opened again, and how far one is.
#include "app/guide/progress_pane.hpp"
#include "app/history/history_pane.hpp"
#include "app/window/measure_dialog.hpp"
#include "engine/observe/run_file.hpp"
#include "tests/app/window_fixture.hpp"
#include "tests/support/finished_runs.hpp"

#include <QDir>
#include <QDockWidget>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QStyledItemDelegate>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>

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
    void wholeTextIsShown();
    void searches();
    void namesAndNotesInPlace();
    void pinsByKey();
    void removesAndUndoes();
    void capSaysWhatItRemoved();
    void clearAllAsks();
    void comparesTwoToFour();
    void takesInStrays();
    void seesWhatAnotherWindowDid();

private:
    /// Runs for a list, made by no lesson: "0" is the oldest.
    void keepRuns(int count);

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

void TestHistory::keepRuns(int count)
{
    Notebook notebook;
    for (int i = 0; i < count; ++i) {
        FinishedRun run
            = manyhands::test::finished_run_of(manyhands::test::random_recording(1, 100));
        const QString path = notebook.newRunPath(QString::number(i));
        save_run(run, path.toStdString());
        notebook.runFinished(run, path);
        notebook.history().rename(notebook.history().runs().first().run.id, QString::number(i));
    }
}

void TestHistory::wholeTextIsShown()
{
    keepRuns(1);
    Opened opened("prime_counting");
    opened.window.show();
    const QListWidget* list = history(opened);
    QTRY_COMPARE(list->count(), 1);
    // Qt asks with the list's width, the item's, or none; it is drawn in one.
    QStyleOptionViewItem option;
    option.initFrom(list);
    option.widget = list;
    option.features = QStyleOptionViewItem::WrapText;
    const auto heightAt = [&](int width) {
        option.rect = QRect(0, 0, width, 100);
        return list->itemDelegate()->sizeHint(option, list->model()->index(0, 0)).height();
    };
    const int drawn = heightAt(list->visualItemRect(list->item(0)).width());
    QVERIFY(drawn > 3 * list->fontMetrics().height());
    for (const int width : {0, 50, list->viewport()->width(), 1000})
        QCOMPARE(heightAt(width), drawn);
}

void TestHistory::searches()
{
    keepRuns(3);
    Opened opened("prime_counting");
    opened.window.show();
    QTRY_COMPARE(history(opened)->count(), 3);
    RunHistory& runs = opened.window.notebook().history();
    runs.rename(runs.runs().first().run.id, "Second try");
    QTRY_VERIFY(history(opened)->item(0)->text().startsWith("Second try"));
    auto* search = named<QLineEdit>(opened, "Search the run history");
    search->setText("second workers=3");
    QCOMPARE(history(opened)->count(), 1);
    QVERIFY(history(opened)->item(0)->text().startsWith("Second try\n"));
    auto* sum = named<QLabel>(opened, "Size of the run history");
    QCOMPARE(sum->text(), QStringLiteral("1 of 3 runs"));
    search->setText("nowhere");
    QCOMPARE(history(opened)->count(), 0);
    QVERIFY(!history(opened)->isVisible());
    search->clear();
    QCOMPARE(history(opened)->count(), 3);
    QVERIFY2(sum->text().startsWith("3 runs · "), qPrintable(sum->text()));
}

void TestHistory::namesAndNotesInPlace()
{
    keepRuns(2);
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    QListWidget* list = history(opened);
    QTRY_COMPARE(list->count(), 2);
    list->setFocus();
    list->setCurrentRow(1);
    QTest::keyClick(list, Qt::Key_F2);
    auto* name = named<QLineEdit>(opened, "Name of the run");
    QVERIFY(name);
    QCOMPARE(name->text(), QStringLiteral("0"));
    QTest::keyClicks(name, "My best");
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_VERIFY(list->item(1)->text().startsWith("My best\n"));
    QCOMPARE(list->currentRow(), 1);
    list->setFocus();
    QTest::keyClick(list, Qt::Key_N);
    auto* note = named<QPlainTextEdit>(opened, "Note on the run");
    QVERIFY(note);
    QTest::keyClicks(note, "Two");
    QTest::keyClick(note, Qt::Key_Return);
    QTest::keyClicks(note, "lines, np"); // the keys of the list are letters here
    QTest::keyClick(note, Qt::Key_Tab);
    QTRY_VERIFY(list->item(1)->text().contains("Note: Two lines, np"));
    QCOMPARE(opened.window.notebook().history().runs()[1].note, QStringLiteral("Two\nlines, np"));
    // Esc leaves all as it was.
    list->setFocus();
    QTest::keyClick(list, Qt::Key_F2);
    name = named<QLineEdit>(opened, "Name of the run");
    QTest::keyClicks(name, "No");
    QTest::keyClick(name, Qt::Key_Escape);
    QCoreApplication::processEvents();
    QCOMPARE(opened.window.notebook().history().runs()[1].run.name, QStringLiteral("My best"));
}

void TestHistory::pinsByKey()
{
    keepRuns(3);
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    QListWidget* list = history(opened);
    QTRY_COMPARE(list->count(), 3);
    list->setFocus();
    list->setCurrentRow(2);
    QTest::keyClick(list, Qt::Key_P);
    QTRY_COMPARE(list->item(0)->text().section('\n', 0, 0), QStringLiteral("★ pinned · 0"));
    QVERIFY(list->item(0)->data(Qt::AccessibleTextRole).toString().contains("pinned"));
    QCOMPARE(list->currentRow(), 0); // it went with the run
    QTest::keyClick(list, Qt::Key_P);
    QTRY_COMPARE(list->item(2)->text().section('\n', 0, 0), QStringLiteral("0"));
}

void TestHistory::removesAndUndoes()
{
    keepRuns(3);
    QString file;
    {
        Opened opened("prime_counting");
        opened.window.show();
        QVERIFY(QTest::qWaitForWindowActive(&opened.window));
        QListWidget* list = history(opened);
        QTRY_COMPARE(list->count(), 3);
        QVERIFY(!opened.window.actions().undo->isEnabled());
        list->setFocus();
        list->setCurrentRow(0);
        QTest::keyClick(list, Qt::Key_Delete);
        QTRY_COMPARE(list->count(), 2);
        QVERIFY2(opened.window.messages().value(0).contains("removed: 2"),
            qPrintable(opened.window.messages().join('\n')));
        QTRY_VERIFY(opened.window.actions().undo->isEnabled());
        QTest::keyClick(list, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(list->count(), 3);
        QVERIFY(opened.window.messages().isEmpty());
        list->clearSelection();
        list->setCurrentRow(1);
        file = opened.window.notebook().history().runs()[1].run.file;
        QTest::keyClick(list, Qt::Key_Delete);
        QTRY_COMPARE(list->count(), 2);
        // The banner's offer is of the removal: it goes where something else can be undone.
        QTest::keyClick(list, Qt::Key_P);
        QTRY_VERIFY(opened.window.messages().isEmpty());
        QVERIFY(QFile::exists(file));
    }
    QVERIFY(!QFile::exists(file));
    QCOMPARE(Notebook().history().runs().size(), 2);
}

void TestHistory::capSaysWhatItRemoved()
{
    keepRuns(3);
    Opened opened("prime_counting");
    opened.window.notebook().history().setCap({3, 500'000'000});
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QTRY_VERIFY2(opened.window.messages().value(0).contains("The history is full"),
        qPrintable(opened.window.messages().join('\n')));
    QTRY_COMPARE(history(opened)->count(), 3);
    QVERIFY(history(opened)->item(0)->text().contains("kB"));
    opened.window.actions().undo->trigger();
    QTRY_COMPARE(history(opened)->count(), 4);
    QVERIFY(!opened.window.messages().value(0).contains("The history is full"));
}

void TestHistory::clearAllAsks()
{
    keepRuns(2);
    Opened opened("prime_counting");
    opened.window.show();
    QTRY_COMPARE(history(opened)->count(), 2);
    const auto answer = [&](QMessageBox::ButtonRole role) {
        opened.action("Clear &all history…")->trigger();
        auto* box = opened.window.findChild<QMessageBox*>();
        QVERIFY(box);
        QVERIFY(box->text().contains("2 runs"));
        for (QAbstractButton* button : box->buttons()) {
            if (box->buttonRole(button) == role)
                button->click();
        }
        QTRY_VERIFY(!opened.window.findChild<QMessageBox*>());
    };
    answer(QMessageBox::RejectRole);
    QCOMPARE(opened.window.notebook().history().runs().size(), 2);
    answer(QMessageBox::DestructiveRole);
    QTRY_COMPARE(history(opened)->count(), 0);
    QVERIFY(QDir(opened.window.notebook().runsFolder()).isEmpty());
}

void TestHistory::comparesTwoToFour()
{
    keepRuns(5);
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    QListWidget* list = history(opened);
    QTRY_COMPARE(list->count(), 5);
    auto* pane = opened.window.findChild<HistoryPane*>();
    QSignalSpy compared(pane, &HistoryPane::compareRequested);
    QAction* compare = opened.action("&Compare");
    list->setFocus();
    list->setCurrentRow(0);
    for (int selected = 1; selected <= 5; ++selected) {
        QCOMPARE(list->selectedItems().size(), selected);
        QCOMPARE(compare->isEnabled(), selected >= 2 && selected <= 4);
        if (selected == 3)
            compare->trigger();
        QTest::keyClick(list, Qt::Key_Down, Qt::ShiftModifier);
    }
    QCOMPARE(compared.count(), 1);
    const QStringList files = compared[0][0].toStringList();
    QStringList expected;
    for (const HistoryRun& run : opened.window.notebook().history().runs().mid(0, 3))
        expected.append(run.run.file);
    QCOMPARE(files, expected);
}

void TestHistory::takesInStrays()
{
    keepRuns(2);
    for (const QString& name :
        QDir(m_data->filePath("manyhands")).entryList({"notebook.sqlite*"}, QDir::Files))
        QVERIFY(QFile::remove(m_data->filePath("manyhands/" + name)));
    const QString damaged = m_data->filePath("manyhands/runs/x.manyhands.json.gz");
    QFile file(damaged);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no run");
    file.close();
    Opened opened("prime_counting");
    opened.window.show();
    QToolButton* takeIn = nullptr;
    for (QToolButton* button : opened.window.findChildren<QToolButton*>()) {
        if (button->text() == "Take in")
            takeIn = button;
    }
    QVERIFY(takeIn);
    QTRY_VERIFY(takeIn->isVisible());
    QCOMPARE(history(opened)->count(), 0);
    takeIn->click();
    QTRY_COMPARE_WITH_TIMEOUT(history(opened)->count(), 2, runTimeoutMs);
    QTRY_VERIFY(opened.window.messages().value(0).contains(damaged));
    QVERIFY(!opened.window.shownRun());
    QVERIFY(history(opened)->item(0)->text().startsWith("A tour"));
}

void TestHistory::seesWhatAnotherWindowDid()
{
    keepRuns(1);
    Opened one("prime_counting");
    one.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&one.window));
    QTRY_COMPARE(history(one)->count(), 1);
    keepRuns(2);
    QCOMPARE(history(one)->count(), 1);
    Opened other("prime_counting");
    other.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&other.window));
    QTRY_COMPARE(history(other)->count(), 3);
    one.window.activateWindow();
    QTRY_COMPARE(history(one)->count(), 3);
}

QTEST_MAIN(TestHistory)
#include "tst_history.moc"
