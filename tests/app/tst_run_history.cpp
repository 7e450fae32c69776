// SPDX-License-Identifier: GPL-3.0-or-later
// The history of runs: listed, named, pinned, noted, removed, brought back, within its cap, by two
// windows at once, and what may be wrong with its files.
#include "app/history/history_words.hpp"
#include "app/notebook/notebook.hpp"
#include "app/notebook/notebook_schema.hpp"
#include "tests/support/finished_runs.hpp"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;
using manyhands::test::finished_run_of;

namespace {

const QString lesson = QStringLiteral("tour");
/// An argument to this program: keep runs in this folder, as another window would.
const QString otherWindow = QStringLiteral("--other-window");
constexpr int otherRuns = 20;
constexpr int timeoutMs = 60'000;

FinishedRun tour()
{
    return finished_run_of(manyhands::test::random_recording(1, 100));
}

void write(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

/// Statements upon a file, by no notebook; gives the first column of the last one's rows.
QStringList execute(const QString& file, const QStringList& statements)
{
    const QString connection = QStringLiteral("test");
    QStringList rows;
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(file);
        if (!database.open())
            qFatal("the notebook cannot be opened");
        for (const QString& statement : statements) {
            QSqlQuery query(database);
            if (!query.exec(statement))
                qFatal("%s", qPrintable(statement));
            rows.clear();
            while (query.next())
                rows.append(query.value(0).toString());
        }
    }
    QSqlDatabase::removeDatabase(connection);
    return rows;
}

QList<qint64> idsOf(const QList<HistoryRun>& runs)
{
    QList<qint64> ids;
    for (const HistoryRun& run : runs)
        ids.append(run.run.id);
    return ids;
}

/// Keeps a run whose file has so many bytes; returns its id.
qint64 keep(Notebook& notebook, qsizetype bytes = 10)
{
    static int number = 0;
    // Its own name, however fast they come.
    const QString path = notebook.newRunPath(QStringLiteral("tour%1").arg(++number));
    write(path, QByteArray(bytes, 'x'));
    notebook.runFinished(tour(), path);
    qint64 id = 0;
    for (const HistoryRun& run : notebook.history().runs())
        id = std::max(id, run.run.id);
    return id;
}

HistoryRun runNumber(Notebook& notebook, qint64 id)
{
    for (const HistoryRun& run : notebook.history().runs()) {
        if (run.run.id == id)
            return run;
    }
    return {};
}

/// The program a second time: another window's part.
int keepAsAnotherWindow(const QString& folder)
{
    int failures = 0;
    Notebook notebook(folder);
    QObject::connect(&notebook, &Notebook::failed, [&failures] { ++failures; });
    for (int i = 0; i < otherRuns; ++i) {
        const qint64 id = keep(notebook);
        notebook.history().rename(id, QString::number(i));
        notebook.history().setPinned({id}, true);
    }
    return failures;
}

} // namespace

class TestRunHistory : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void listsWhatWasKept();
    void namesPinsAndNotes();
    void pinnedOnesFirst();
    void undoesInTurn();
    void removedAndBroughtBack();
    void removedForGoodAtTheEnd();
    void removedForGoodWhenTooMuchFollows();
    void crashLeavesNothingForEver();
    void answersOutliveTheirRun();
    void clearsForGood();
    void cap_data();
    void cap();
    void capIsUndone();
    void filesThatAreNotOurs();
    void saysWhatBecameOfFiles();
    void straysAreTakenIn();
    void runsOfTheFirstVersion();
    void noFileIsRemovedWithoutANotebook();
    void seesTheOtherWindow();
    void twoProcessesAtOnce();
    void anotherWindowHoldsOn();
    void finds_data();
    void finds();

private:
    QString folder() const { return m_folder->path(); }
    QString database() const { return m_folder->filePath("notebook.sqlite"); }
    QStringList files() const
    {
        return QDir(m_folder->filePath("runs")).entryList(QDir::Files, QDir::Name);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestRunHistory::listsWhatWasKept()
{
    QVERIFY(QDir(folder()).mkpath("runs"));
    {
        Notebook notebook(folder());
        QVERIFY(notebook.history().runs().isEmpty());
        keep(notebook, 1000);
        FinishedRun other = tour();
        other.description.id = "other";
        other.description.title = "Another lesson";
        other.parameters = {{"workers", std::int64_t{2}}, {"share", 0.5},
            {"schedule", std::string("static")}}; // all at their defaults
        other.state = RunState::stopped;
        notebook.runFinished(other, QString());
    }
    Notebook notebook(folder());
    const QList<HistoryRun> runs = notebook.history().runs();
    QCOMPARE(runs.size(), 2);
    QCOMPARE(runs[0].run.title, QStringLiteral("Another lesson"));
    QCOMPARE(runs[0].run.changedParameters, QString());
    QCOMPARE(runs[0].run.state, RunState::stopped);
    QCOMPARE(runs[0].file, HistoryRun::File::none);
    QCOMPARE(runs[1].run.lesson, lesson);
    QCOMPARE(runs[1].run.title, QStringLiteral("A tour"));
    QCOMPARE(runs[1].run.changedParameters,
        QStringLiteral("workers=3, share=0.30000000000000004, schedule=dynamic"));
    QCOMPARE(runs[1].file, HistoryRun::File::kept);
    QCOMPARE(runs[1].bytes, qint64{1000});
    const QString text = linesOf(runs[1]).join('\n').replace(QChar(QChar::Nbsp), ' ');
    for (const char* const part :
        {"A tour", "✓ done", "×", "n = 2", "1.0 kB", "workers=3", "⚠ oversubscribed, dropped"})
        QVERIFY2(text.contains(QString::fromUtf8(part)), qPrintable(text));
    QVERIFY(toolTipOf(runs[1]).contains("seed 18446744073709551615"));
}

void TestRunHistory::namesPinsAndNotes()
{
    qint64 id = 0;
    const QString words = QString::fromUtf8("'; DROP TABLE run; -- 数 👩‍💻");
    {
        Notebook notebook(folder());
        id = keep(notebook);
        notebook.history().rename(id, words);
        notebook.history().setPinned({id}, true);
        notebook.history().setNote(id, words + "\nand more");
    }
    Notebook notebook(folder());
    HistoryRun run = runNumber(notebook, id);
    QCOMPARE(run.run.name, words);
    QVERIFY(run.run.pinned);
    QCOMPARE(run.note, words + "\nand more");
    const QString text = linesOf(run).join('\n');
    QVERIFY2(text.startsWith(QString::fromUtf8("★ pinned · ") + words), qPrintable(text));
    QVERIFY2(text.contains("Note: "), qPrintable(text));
    // It is the note that the guide would have written.
    QCOMPARE(notebook.notes(lesson).value(0).text, words + "\nand more");
    notebook.history().setNote(id, {});
    notebook.history().rename(id, {});
    run = runNumber(notebook, id);
    QVERIFY(run.note.isEmpty());
    QCOMPARE(nameOf(run), QStringLiteral("A tour"));
}

void TestRunHistory::pinnedOnesFirst()
{
    Notebook notebook(folder());
    QList<qint64> ids;
    for (int i = 0; i < 4; ++i)
        ids.append(keep(notebook));
    notebook.history().setPinned({ids[0], ids[2]}, true);
    QCOMPARE(idsOf(notebook.history().runs()), (QList<qint64>{ids[2], ids[0], ids[3], ids[1]}));
    notebook.history().setPinned({ids[0], ids[2]}, false);
    QCOMPARE(idsOf(notebook.history().runs()), (QList<qint64>{ids[3], ids[2], ids[1], ids[0]}));
}

void TestRunHistory::undoesInTurn()
{
    Notebook notebook(folder());
    RunHistory& history = notebook.history();
    const qint64 first = keep(notebook);
    const qint64 second = keep(notebook);
    QVERIFY(history.undoable().isEmpty());
    history.undo(); // nothing happens
    history.rename(first, "a");
    history.rename(first, "b");
    history.setPinned({first}, true);
    history.setPinned({first, second}, true); // the first is already
    history.setNote(second, "note");
    history.remove({second});
    QCOMPARE(history.undoable(), QStringLiteral("remove a run"));
    history.undo();
    QCOMPARE(runNumber(notebook, second).note, QStringLiteral("note"));
    history.undo();
    QCOMPARE(runNumber(notebook, second).note, QString());
    QVERIFY(runNumber(notebook, second).run.pinned);
    history.undo();
    QVERIFY(!runNumber(notebook, second).run.pinned);
    QVERIFY(runNumber(notebook, first).run.pinned);
    history.undo();
    QVERIFY(!runNumber(notebook, first).run.pinned);
    history.undo();
    QCOMPARE(runNumber(notebook, first).run.name, QStringLiteral("a"));
    history.undo();
    QCOMPARE(runNumber(notebook, first).run.name, QString());
    QVERIFY(history.undoable().isEmpty());
}

void TestRunHistory::removedAndBroughtBack()
{
    Notebook notebook(folder());
    RunHistory& history = notebook.history();
    QSignalSpy removed(&history, &RunHistory::removed);
    QList<qint64> ids;
    for (int i = 0; i < 3; ++i)
        ids.append(keep(notebook));
    history.rename(ids[0], "mine");
    history.remove({ids[0]});
    QCOMPARE(removed.count(), 1);
    QVERIFY2(removed[0][0].toString().contains("mine"), qPrintable(removed[0][0].toString()));
    QCOMPARE(notebook.runs(lesson).size(), 2);
    history.remove({ids[0], ids[1], ids[2], 4711}); // one of them is gone, one never was
    QCOMPARE(history.undoable(), QStringLiteral("remove 2 runs"));
    QVERIFY(history.runs().isEmpty());
    history.remove({ids[1]});
    QCOMPARE(removed.count(), 2); // there was nothing to remove
    QCOMPARE(files().size(), 3);
    history.undo();
    QCOMPARE(idsOf(history.runs()), (QList<qint64>{ids[2], ids[1]}));
    history.undo();
    QCOMPARE(runNumber(notebook, ids[0]).run.name, QStringLiteral("mine"));
    QCOMPARE(runNumber(notebook, ids[0]).file, HistoryRun::File::kept);
}

void TestRunHistory::removedForGoodAtTheEnd()
{
    qint64 stays = 0;
    {
        Notebook notebook(folder());
        const qint64 goes = keep(notebook);
        stays = keep(notebook);
        const qint64 comesBack = keep(notebook);
        notebook.history().remove({goes});
        notebook.history().remove({comesBack});
        notebook.history().undo();
        QCOMPARE(files().size(), 3);
    }
    QCOMPARE(files().size(), 2);
    Notebook notebook(folder());
    QCOMPARE(notebook.history().runs().size(), 2);
    QCOMPARE(notebook.history().runs()[1].run.id, stays);
    QVERIFY(notebook.history().strays().isEmpty());
}

void TestRunHistory::removedForGoodWhenTooMuchFollows()
{
    Notebook notebook(folder());
    const qint64 first = keep(notebook);
    const qint64 other = keep(notebook);
    notebook.history().remove({first});
    for (int i = 0; i < RunHistory::mostUndoable - 1; ++i)
        notebook.history().rename(other, QString::number(i));
    QCOMPARE(files().size(), 2);
    notebook.history().rename(other, "last");
    QCOMPARE(files().size(), 1);
    while (!notebook.history().undoable().isEmpty())
        notebook.history().undo();
    QCOMPARE(idsOf(notebook.history().runs()), QList<qint64>{other});
}

void TestRunHistory::crashLeavesNothingForEver()
{
    QVERIFY(QDir(folder()).mkpath("runs"));
    const QString half = m_folder->filePath("runs/.manyhands-1f.tmp");
    const QString young = m_folder->filePath("runs/.manyhands-2f.tmp");
    {
        Notebook notebook(folder());
        keep(notebook);
        keep(notebook);
    }
    // As a window that was killed leaves them: one of them yesterday, the other just now.
    const QString removed = "UPDATE run SET removed = '%1' WHERE id = %2";
    const QDateTime now = QDateTime::currentDateTimeUtc();
    execute(database(),
        {removed.arg(now.addSecs(-25 * 3600).toString(Qt::ISODateWithMs)).arg(1),
            removed.arg(now.addSecs(-60).toString(Qt::ISODateWithMs)).arg(2)});
    write(half, "x");
    write(young, "x");
    QFile file(half);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(now.addDays(-2), QFileDevice::FileModificationTime));
    file.close();
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    notebook.history().tidy();
    QVERIFY(!QFile::exists(half));
    QVERIFY(QFile::exists(young)); // another window may be at it
    QCOMPARE(files().size(), 1); // hidden ones are not among them
    QVERIFY(notebook.history().runs().isEmpty());
    QVERIFY(notebook.history().strays().isEmpty());
    QCOMPARE(execute(database(), {"SELECT id FROM run WHERE removed <> ''"}), QStringList{"2"});
    QCOMPARE(failed.count(), 0);
}

void TestRunHistory::answersOutliveTheirRun()
{
    {
        Notebook notebook(folder());
        FinishedRun run = tour();
        PredictionDescription asked;
        asked.name = "faster";
        asked.question = "How many times faster?";
        asked.quantity = "speedup";
        run.description.guide.predictions = {asked};
        notebook.keepPrediction(lesson, {"faster", 6.0, std::nullopt, Confidence::certain});
        notebook.runFinished(run, notebook.newRunPath(lesson));
        notebook.keepNote(lesson, "It is slower.");
        notebook.keepAnswer(lesson, {"why", "Why?", {}}, "So.", true);
        notebook.history().remove(idsOf(notebook.history().runs()));
    }
    Notebook notebook(folder());
    QVERIFY(notebook.history().runs().isEmpty());
    // It was answered, and does not wait for another run.
    QVERIFY(notebook.lastPredictions(lesson).value(0).run);
    QCOMPARE(notebook.notes(lesson).value(0).text, QStringLiteral("It is slower."));
    QCOMPARE(notebook.answers(lesson).value(0).chosen, QStringLiteral("So."));
    notebook.keepNote(lesson, "Before a run.");
    QCOMPARE(notebook.notes(lesson).size(), 2);
}

void TestRunHistory::clearsForGood()
{
    Notebook notebook(folder());
    RunHistory& history = notebook.history();
    const QList<qint64> ids = {keep(notebook), keep(notebook), keep(notebook)};
    history.setPinned({ids[0]}, true);
    history.remove({ids[1]});
    history.clear();
    QVERIFY(history.runs().isEmpty());
    QVERIFY(history.undoable().isEmpty());
    QVERIFY(files().isEmpty());
    QVERIFY(notebook.isKept());
    keep(notebook);
    QCOMPARE(history.runs().size(), 1);
}

void TestRunHistory::cap_data()
{
    QTest::addColumn<int>("runs"); // of the cap
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QList<int>>("pinned"); // of five runs of 100 bytes, the oldest first
    QTest::addColumn<QList<int>>("stay");
    QTest::newRow("room for all") << 5 << qint64{500} << QList<int>{} << QList<int>{0, 1, 2, 3, 4};
    QTest::newRow("too many") << 3 << qint64{500} << QList<int>{} << QList<int>{2, 3, 4};
    QTest::newRow("too large") << 5 << qint64{299} << QList<int>{} << QList<int>{3, 4};
    QTest::newRow("pinned ones stay")
        << 3 << qint64{500} << QList<int>{0, 2} << QList<int>{0, 2, 4};
    QTest::newRow("pinned ones fill it")
        << 2 << qint64{500} << QList<int>{0, 1, 2} << QList<int>{0, 1, 2, 4};
    QTest::newRow("the last one stays") << 5 << qint64{1} << QList<int>{} << QList<int>{4};
}

void TestRunHistory::cap()
{
    QFETCH(int, runs);
    QFETCH(qint64, bytes);
    QFETCH(QList<int>, pinned);
    QFETCH(QList<int>, stay);
    QList<qint64> ids;
    QList<qint64> expected;
    {
        Notebook notebook(folder());
        notebook.history().setCap({runs, bytes});
        for (int i = 0; i < 5; ++i)
            ids.append(keep(notebook, 100));
        for (const int i : pinned)
            notebook.history().setPinned({ids[i]}, true);
        for (const int i : stay)
            expected.append(ids[i]);
        QSignalSpy removed(&notebook.history(), &RunHistory::removed);
        notebook.history().keepWithinCap();
        QList<qint64> there = idsOf(notebook.history().runs());
        std::sort(there.begin(), there.end());
        QCOMPARE(there, expected);
        QCOMPARE(removed.count(), stay.size() < 5 ? 1 : 0);
        notebook.history().keepWithinCap(); // at once again: nothing more
        QCOMPARE(notebook.history().runs().size(), stay.size());
        QCOMPARE(files().size(), 5);
    }
    QCOMPARE(files().size(), stay.size());
}

void TestRunHistory::capIsUndone()
{
    Notebook notebook(folder());
    notebook.history().setCap({2, 1'000'000});
    QSignalSpy removed(&notebook.history(), &RunHistory::removed);
    for (int i = 0; i < 4; ++i) {
        keep(notebook);
        notebook.history().keepWithinCap();
    }
    QCOMPARE(notebook.history().runs().size(), 2);
    QCOMPARE(removed.count(), 2);
    const QString said = removed[0][0].toString();
    QVERIFY2(said.contains("history is full") && said.contains("oldest") && said.contains("2 runs"),
        qPrintable(said));
    notebook.history().undo();
    notebook.history().undo();
    QCOMPARE(notebook.history().runs().size(), 4);
}

void TestRunHistory::filesThatAreNotOurs()
{
    const QString elsewhere = m_folder->filePath("precious.json.gz");
    write(elsewhere, "x");
    {
        Notebook notebook(folder());
        notebook.runFinished(tour(), elsewhere);
        notebook.runFinished(tour(), m_folder->filePath("runs/../precious.json.gz"));
        notebook.runFinished(tour(), m_folder->filePath("runs"));
        notebook.history().remove(idsOf(notebook.history().runs()));
    }
    execute(database(),
        {"INSERT INTO run (lesson, time, parameters, seed, state, marks, repeats, file) VALUES "
         "('tour', '2026-11-28T19:05:12.123Z', '{', 1, '?', ',', 1, '../precious.json.gz')"});
    Notebook notebook(folder());
    QCOMPARE(notebook.history().runs().size(), 1);
    notebook.history().clear();
    QVERIFY(QFile::exists(elsewhere));
    QVERIFY(notebook.history().runs().isEmpty());
}

void TestRunHistory::saysWhatBecameOfFiles()
{
    Notebook notebook(folder());
    const qint64 kept = keep(notebook);
    const qint64 gone = keep(notebook);
    const qint64 written = keep(notebook);
    QVERIFY(QFile::remove(runNumber(notebook, gone).run.file));
    QVERIFY(QFile::remove(runNumber(notebook, written).run.file));
    execute(database(),
        {QStringLiteral("UPDATE run SET time = '2026-11-28T10:00:00.000Z' WHERE id = %1")
                .arg(gone)});
    QCOMPARE(runNumber(notebook, kept).file, HistoryRun::File::kept);
    QVERIFY(whyNotOpened(runNumber(notebook, kept)).isEmpty());
    QCOMPARE(runNumber(notebook, written).file, HistoryRun::File::beingWritten);
    QCOMPARE(runNumber(notebook, gone).file, HistoryRun::File::gone);
    QVERIFY(whyNotOpened(runNumber(notebook, gone)).contains("gone"));
    QVERIFY(linesOf(runNumber(notebook, gone)).join('\n').contains(QString::fromUtf8("✕")));
    // Such a run can be removed like any other.
    notebook.history().remove({gone});
    notebook.history().clear();
    QVERIFY(notebook.history().runs().isEmpty());
}

void TestRunHistory::straysAreTakenIn()
{
    {
        Notebook notebook(folder());
        keep(notebook);
        keep(notebook);
    }
    for (const char* const end : {"", "-wal", "-shm"})
        QFile::remove(database() + end);
    write(m_folder->filePath("runs/readme.txt"), "x");
    Notebook notebook(folder());
    RunHistory& history = notebook.history();
    QCOMPARE(history.strays().size(), 2);
    QVERIFY(history.runs().isEmpty());
    const QString file = history.strays().first();
    history.takeIn(tour(), file);
    history.takeIn(tour(), file); // once is enough
    QCOMPARE(history.strays().size(), 1);
    QCOMPARE(history.runs().size(), 1);
    QCOMPARE(history.runs()[0].run.file, file);
    QCOMPARE(history.runs()[0].file, HistoryRun::File::kept);
    // A removed one is none.
    history.remove(idsOf(history.runs()));
    QCOMPARE(history.strays().size(), 1);
}

void TestRunHistory::runsOfTheFirstVersion()
{
    QStringList statements = notebookMigrations()[0];
    statements.append(
        {"INSERT INTO run (lesson, time, parameters, seed, state, marks, wall_s, repeats, file) "
         "VALUES ('tour', '2026-11-28T19:05:12.123Z', '{\"a\":1,\"b\":0.5}', 7, 'done', '', 2.0, "
         "1, 'x.manyhands.json.gz')",
            "PRAGMA user_version = 1"});
    execute(database(), statements);
    Notebook notebook(folder());
    const QList<HistoryRun> runs = notebook.history().runs();
    QCOMPARE(runs.size(), 1);
    QCOMPARE(nameOf(runs[0]), lesson);
    QCOMPARE(runs[0].run.changedParameters, QStringLiteral("a=1, b=0.5"));
    QVERIFY(!runs[0].run.pinned);
}

void TestRunHistory::noFileIsRemovedWithoutANotebook()
{
    {
        Notebook notebook(folder());
        keep(notebook);
    }
    execute(database(), {"PRAGMA user_version = 99"});
    {
        Notebook notebook(folder());
        keep(notebook); // in memory
        QVERIFY(!notebook.isKept());
        QCOMPARE(notebook.history().runs().size(), 1);
        notebook.history().remove(idsOf(notebook.history().runs()));
        QVERIFY(notebook.history().runs().isEmpty());
        notebook.history().clear();
    }
    QCOMPARE(files().size(), 2);
}

void TestRunHistory::seesTheOtherWindow()
{
    Notebook one(folder());
    Notebook other(folder());
    QVERIFY(other.isKept());
    QSignalSpy changed(&other.history(), &RunHistory::changed);
    other.history().lookForChanges();
    QCOMPARE(changed.count(), 0);
    const qint64 id = keep(one);
    other.history().lookForChanges();
    QCOMPARE(changed.count(), 1);
    QCOMPARE(other.history().runs().size(), 1);
    other.history().lookForChanges();
    QCOMPARE(changed.count(), 1); // nothing since
    one.history().remove({id});
    other.history().lookForChanges();
    QCOMPARE(changed.count(), 2);
    QVERIFY(other.history().runs().isEmpty());
    // What one has removed is not removed by the other: neither now nor for good.
    other.history().remove({id});
    QVERIFY(other.history().undoable().isEmpty());
    other.history().tidy();
    one.history().undo();
    QCOMPARE(one.history().runs().size(), 1);
    other.history().rename(id, "theirs");
    one.history().lookForChanges();
    QCOMPARE(one.history().runs()[0].run.name, QStringLiteral("theirs"));
}

void TestRunHistory::twoProcessesAtOnce()
{
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    QProcess other;
    other.start(QCoreApplication::applicationFilePath(), {otherWindow, folder()});
    QVERIFY(other.waitForStarted(timeoutMs));
    for (int i = 0; i < otherRuns; ++i) {
        const qint64 id = keep(notebook);
        notebook.history().setNote(id, QString::number(i));
        notebook.history().remove({id});
        notebook.history().undo();
        notebook.history().keepWithinCap();
    }
    QVERIFY(other.waitForFinished(timeoutMs));
    QCOMPARE(other.exitCode(), 0);
    QCOMPARE(failed.count(), 0);
    const QList<HistoryRun> runs = notebook.history().runs();
    QCOMPARE(runs.size(), 2 * otherRuns);
    QCOMPARE(std::count_if(
                 runs.begin(), runs.end(), [](const HistoryRun& run) { return run.run.pinned; }),
        qsizetype{otherRuns});
    QVERIFY(notebook.history().strays().isEmpty());
}

void TestRunHistory::anotherWindowHoldsOn()
{
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    keep(notebook);
    const QString connection = QStringLiteral("holder");
    {
        QSqlDatabase holder = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        holder.setDatabaseName(database());
        QVERIFY(holder.open());
        QVERIFY(QSqlQuery(holder).exec("BEGIN IMMEDIATE"));
        QCOMPARE(notebook.history().runs().size(), 1); // reading goes on
        QCOMPARE(failed.count(), 0);
        keep(notebook);
        holder.close();
    }
    QSqlDatabase::removeDatabase(connection);
    QCOMPARE(failed.count(), 1);
    const QString said = failed[0][0].toString();
    QVERIFY2(said.contains("another window"), qPrintable(said));
    QVERIFY2(!said.contains("locked") && !said.contains("BUSY"), qPrintable(said));
    QCOMPARE(notebook.history().runs().size(), 2); // remembered
}

void TestRunHistory::finds_data()
{
    QTest::addColumn<QString>("search");
    QTest::addColumn<bool>("found");
    QTest::newRow("nothing asked") << "" << true;
    QTest::newRow("lesson's title") << "a TOUR" << true;
    QTest::newRow("lesson's id") << "tour" << true;
    QTest::newRow("name") << "best" << true;
    QTest::newRow("note") << "slower" << true;
    QTest::newRow("parameter") << "schedule=dynamic" << true;
    QTest::newRow("parameter at its default") << "share=" << true;
    QTest::newRow("mark") << "oversub" << true;
    QTest::newRow("several words") << "best slower workers=3" << true;
    QTest::newRow("one of them not") << "best faster" << false;
    QTest::newRow("no pattern") << "b.st" << false;
    QTest::newRow("not pinned") << "pinned" << false;
}

void TestRunHistory::finds()
{
    QFETCH(QString, search);
    QFETCH(bool, found);
    Notebook notebook(folder());
    const qint64 id = keep(notebook);
    notebook.history().rename(id, "My best one");
    notebook.history().setNote(id, "It is\nslower.");
    QCOMPARE(matches(runNumber(notebook, id), search.split(' ', Qt::SkipEmptyParts)), found);
}

int main(int argc, char** argv)
{
    QCoreApplication application(argc, argv);
    if (argc == 3 && application.arguments()[1] == otherWindow)
        return keepAsAnotherWindow(application.arguments()[2]);
    TestRunHistory test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_run_history.moc"
