// SPDX-License-Identifier: GPL-3.0-or-later
// The window and a person's own program: watched, stopped, run again, opened from its file.
#include "app/views/channel_matrix.hpp"
#include "app/window/run_files.hpp"
#include "app/window/watch_dialog.hpp"
#include "app/window/window_actions.hpp"
#include "engine/observe/run_file.hpp"
#include "tests/app/window_fixture.hpp"

#include <QLineEdit>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include <csignal>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

class TestWatchWindow : public QObject
{
    Q_OBJECT

private slots:
    void runsAtOnceAndAgain();
    void failureIsSaid();
    void saysWhyNoMessageIsSeen();
    void escapeStopsIt();
    void dialogTakesALineApart();
    void dialogSaysWhatIsWrong_data();
    void dialogSaysWhatIsWrong();
    void openedRunStartsNothing();
    void lessonTakesItsPlaceAgain();
};

void TestWatchWindow::runsAtOnceAndAgain()
{
    Opened opened("prime_counting");
    QVERIFY(opened.toItsEnd([&] {
        opened.window.watch(find_command({"sh", "-c", "echo hello; sleep 0.1"}));
    }));
    QVERIFY2(opened.window.windowTitle().contains("watching sh -c 'echo hello; sleep 0.1'"),
        qPrintable(opened.window.windowTitle()));
    const auto run = opened.window.shownRun();
    QVERIFY(run);
    QCOMPARE(run->state, RunState::done);
    QCOMPARE(run->raw_output, std::string("hello\n"));
    QVERIFY(run->recording->lanes().size() >= 2);
    QVERIFY(opened.window.messages().join('\n').contains("sampled from outside"));
    bool explained = false;
    for (const QTextBrowser* browser : opened.window.findChildren<QTextBrowser*>())
        explained = explained || browser->toPlainText().contains("trace themselves");
    QVERIFY(explained);
    QVERIFY(!opened.action("&Measure")->isEnabled());
    QVERIFY(opened.action("&Run")->isEnabled());
    QVERIFY(opened.runToItsEnd());
    QVERIFY(opened.window.shownRun() != run);
    QCOMPARE(opened.window.shownRun()->raw_output, std::string("hello\n"));
}

void TestWatchWindow::failureIsSaid()
{
    Opened opened("prime_counting");
    QVERIFY(opened.toItsEnd([&] { opened.window.watch(find_command({"sh", "-c", "exit 3"})); }));
    QVERIFY(opened.window.messages().join('\n').contains("sh ended with exit code 3"));
    // Something else may be run at once.
    QVERIFY(opened.toItsEnd([&] { opened.window.watch(find_command({"true"})); }));
    QCOMPARE(opened.window.shownRun()->state, RunState::done);
}

void TestWatchWindow::saysWhyNoMessageIsSeen()
{
    Opened opened("prime_counting");
    QVERIFY(opened.toItsEnd([&] {
        opened.window.watch(find_command({"sh", "-c", "head -c 1000000 /dev/zero | sleep 0.3"}));
    }));
    ChannelMatrix matrix;
    RunFacts facts;
    facts.recording = opened.window.shownRun()->recording.get();
    matrix.showRun(facts);
    matrix.picture(QSize(600, 400));
    QCOMPARE(matrix.table().rowCount(), 0);
    QVERIFY2(matrix.emptyText().contains("who was at the other end"),
        qPrintable(matrix.emptyText()));
}

void TestWatchWindow::escapeStopsIt()
{
    Opened opened("prime_counting");
    opened.window.show();
    opened.window.watch(find_command({"sh", "-c", "sleep 600 & sleep 600"}));
    QTRY_COMPARE(opened.window.control().session()->progress().alive, 3);
    QList<int> pids;
    for (const Lane& lane : opened.window.control().session()->recording().lanes())
        pids.append(lane.pid);
    QVERIFY(opened.toItsEnd([&] { opened.action("&Stop")->trigger(); }));
    QCOMPARE(opened.window.shownRun()->state, RunState::stopped);
    for (const int pid : pids)
        QVERIFY(::kill(pid, 0) != 0);
}

void TestWatchWindow::dialogTakesALineApart()
{
    WatchDialog dialog(nullptr);
    std::vector<std::string> words;
    QObject::connect(&dialog, &WatchDialog::chosen, &dialog,
        [&](const WatchedCommand& command) { words = command.words; });
    dialog.setLine("sh -c 'seq 3 | sort' \"a b\"");
    dialog.accept();
    QCOMPARE(QString::fromStdString(command_line_of(words)), QString("sh -c 'seq 3 | sort' 'a b'"));
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
}

void TestWatchWindow::dialogSaysWhatIsWrong_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("said");
    QTest::newRow("nothing") << ""
                             << "Nothing is named";
    QTest::newRow("no program") << "no-such-program"
                                << "is in no folder of PATH";
    QTest::newRow("a pipe") << "seq 3 | sort"
                            << "needs a shell for its |";
    QTest::newRow("an open quote") << "sh -c 'seq 3"
                                   << "has an open '";
}

void TestWatchWindow::dialogSaysWhatIsWrong()
{
    QFETCH(QString, line);
    QFETCH(QString, said);
    WatchDialog dialog(nullptr);
    QSignalSpy chosen(&dialog, &WatchDialog::chosen);
    dialog.setLine(line);
    dialog.accept();
    QCOMPARE(chosen.count(), 0);
    QString text;
    for (const QLabel* label : dialog.findChildren<QLabel*>()) {
        if (label->accessibleName() == "What is wrong with it")
            text = label->text();
    }
    QVERIFY2(text.contains(said), qPrintable(text));
}

void TestWatchWindow::openedRunStartsNothing()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("watched.manyhands.json");
    const QString witness = folder.filePath("witness");
    {
        Opened opened("prime_counting");
        const std::string touch = "echo x >> " + witness.toStdString();
        QVERIFY(opened.toItsEnd([&] { opened.window.watch(find_command({"sh", "-c", touch})); }));
        save_run(*opened.window.shownRun(), path.toStdString());
    }
    Opened opened("prime_counting");
    opened.window.openFiles({path});
    QTRY_VERIFY(opened.window.shownRun());
    QVERIFY(!opened.action("&Run")->isEnabled());
    QVERIFY(opened.action("&Run")->toolTip().contains("not started from a file"));
    opened.window.run();
    QVERIFY(!opened.window.control().isRunning());
    QFile file(witness);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("x\n"));
}

void TestWatchWindow::lessonTakesItsPlaceAgain()
{
    Opened opened("prime_counting");
    QVERIFY(opened.toItsEnd([&] { opened.window.watch(find_command({"true"})); }));
    opened.window.openLesson(opened.lesson, opened.description);
    opened.window.form().setText("limit", "1000");
    QVERIFY(opened.runToItsEnd());
    QCOMPARE(opened.window.shownRun()->description.id, std::string("prime_counting"));
    QVERIFY(opened.action("&Measure")->isEnabled());
}

QTEST_MAIN(TestWatchWindow)
#include "tst_watch_window.moc"
