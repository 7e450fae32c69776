// SPDX-License-Identifier: GPL-3.0-or-later
// The notebook: what is kept in it comes back, and what may be wrong with its file.
#include "app/notebook/notebook.hpp"
#include "app/notebook/notebook_schema.hpp"
#include "tests/support/finished_runs.hpp"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <sys/resource.h>

using namespace manyhands;
using namespace manyhands::app;
using manyhands::test::finished_run_of;

namespace {

const QString lesson = QStringLiteral("tour");

/// A run of "tour" that asks three predictions of it, one of them with a schedule that it has not.
FinishedRun tour()
{
    FinishedRun run = finished_run_of(manyhands::test::random_recording(1, 100));
    PredictionDescription speedup;
    speedup.name = "faster";
    speedup.question = "How many times faster?";
    speedup.quantity = "speedup";
    PredictionDescription primes = speedup;
    primes.name = "primes";
    primes.quantity = "primes";
    primes.kind = PredictionKind::choice;
    primes.choices = {{"few", 0, 1000}, {"many", 1001, 1e308}};
    PredictionDescription elsewhere = speedup;
    elsewhere.name = "elsewhere";
    elsewhere.when = {"schedule=static"};
    run.description.guide.predictions = {speedup, primes, elsewhere};
    return run;
}

Prediction number(const std::string& name, double value)
{
    return {name, value, std::nullopt, Confidence::fairly_sure};
}

QuizQuestion question(const std::string& name, const std::string& text)
{
    return {name, text, {}};
}

QStringList textsOf(const QList<KeptNote>& notes)
{
    QStringList texts;
    for (const KeptNote& note : notes)
        texts.append(note.text);
    return texts;
}

/// Statements upon a file, by no notebook.
void execute(const QString& file, const QStringList& statements)
{
    const QString connection = QStringLiteral("test");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
        database.setDatabaseName(file);
        QVERIFY(database.open());
        for (const QString& statement : statements)
            QVERIFY2(QSqlQuery(database).exec(statement), qPrintable(statement));
    }
    QSqlDatabase::removeDatabase(connection);
}

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString& path, const QByteArray& content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(content), content.size());
}

/// Everything that a notebook can do works, whatever became of its file.
void verifyWorks(Notebook& notebook)
{
    notebook.stepReached(lesson, QStringLiteral("predict"), true);
    notebook.keepPrediction(lesson, number("faster", 6));
    notebook.runFinished(tour(), QStringLiteral("/elsewhere/a.json.gz"));
    notebook.keepAnswer(lesson, question("why", "Why?"), QStringLiteral("So."), true);
    notebook.keepNote(lesson, QStringLiteral("It is slower."));
    QCOMPARE(notebook.steps(lesson).last().name, QStringLiteral("predict"));
    QCOMPARE(notebook.lastPredictions(lesson).first().verdict, Verdict::right);
    QCOMPARE(notebook.runs(lesson).first().file, QStringLiteral("/elsewhere/a.json.gz"));
    QCOMPARE(notebook.answers(lesson).last().chosen, QStringLiteral("So."));
    QCOMPARE(notebook.notes(lesson).first().text, QStringLiteral("It is slower."));
    QCOMPARE(notebook.progress().value(lesson), LessonProgress::begun);
}

} // namespace

class TestNotebook : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void opensWhenAsked();
    void runComesBack();
    void predictionMeetsItsRun();
    void predictionWaitsForItsRun();
    void predictionCanBeChangedAndSkipped();
    void answersAndNotes();
    void stepsRememberTheLatest();
    void progressOfLessons();
    void hostileWords_data();
    void hostileWords();
    void emptyWords();
    void migrates_data();
    void migrates();
    void damagedOneIsSetAside_data();
    void damagedOneIsSetAside();
    void newerOneIsLeftAlone();
    void worksWithoutAFile_data();
    void worksWithoutAFile();
    void remembersWhenTheDiskIsFull();
    void twoAtOnce();
    void movedFolder();

private:
    QString folder() const { return m_folder->path(); }
    QString file() const { return m_folder->filePath("notebook.sqlite"); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestNotebook::opensWhenAsked()
{
    Notebook notebook(folder());
    QVERIFY(!QFile::exists(file()));
    QVERIFY(notebook.runs(lesson).isEmpty());
    QVERIFY(QFile::exists(file()));
    QVERIFY(notebook.isKept());
}

void TestNotebook::runComesBack()
{
    const FinishedRun run = tour();
    const QDateTime before = QDateTime::currentDateTimeUtc();
    QString path;
    {
        Notebook notebook(folder());
        path = notebook.newRunPath(lesson);
        notebook.runFinished(run, path);
        FinishedRun stopped = run;
        stopped.state = RunState::stopped;
        stopped.repeats.clear();
        stopped.sequential_s.reset();
        notebook.runFinished(stopped, QString());
        notebook.runFinished(run, notebook.newRunPath(lesson));
        notebook.runNotKept(notebook.runs(lesson).first().file);
    }
    Notebook notebook(folder());
    const QList<KeptRun> runs = notebook.runs(lesson);
    QCOMPARE(runs.size(), 3);
    QVERIFY(runs[0].file.isEmpty());
    QCOMPARE(runs[1].state, RunState::stopped);
    QVERIFY(!runs[1].wallS && !runs[1].speedup && !runs[1].sequentialS);
    QCOMPARE(runs[1].repeats, 0);
    QVERIFY(runs[1].file.isEmpty());
    const KeptRun& kept = runs[2];
    QVERIFY(kept.time >= before.addMSecs(-1));
    QVERIFY(kept.time <= QDateTime::currentDateTimeUtc());
    QVERIFY(kept.parameters == run.parameters);
    QCOMPARE(kept.seed, run.seed);
    QCOMPARE(kept.state, RunState::done);
    QCOMPARE(kept.marks, (QStringList{"oversubscribed", "dropped"}));
    QCOMPARE(*kept.wallS, measured(run, "wall_s")->value);
    QCOMPARE(*kept.sequentialS, 0.3);
    QCOMPARE(*kept.speedup, measured(run, "speedup")->value);
    QCOMPARE(kept.repeats, 2);
    QCOMPARE(*kept.workers, 3);
    QCOMPARE(kept.file, path);
    QVERIFY(notebook.runs(QStringLiteral("other")).isEmpty());
}

void TestNotebook::predictionMeetsItsRun()
{
    {
        Notebook notebook(folder());
        notebook.keepPrediction(lesson, number("faster", 9));
        notebook.keepPrediction(
            lesson, {"primes", std::nullopt, std::size_t{1}, Confidence::certain});
        for (const KeptPrediction& kept : notebook.lastPredictions(lesson)) {
            QVERIFY(!kept.run && !kept.measured);
            QCOMPARE(kept.verdict, Verdict::unknown);
        }
        notebook.runFinished(tour(), QString());
        // Another run is no answer to what was predicted of the first.
        notebook.runFinished(tour(), QString());
    }
    Notebook notebook(folder());
    const QList<KeptPrediction> predictions = notebook.lastPredictions(lesson);
    QCOMPARE(predictions.size(), 2);
    const qint64 first = notebook.runs(lesson).last().id;
    QCOMPARE(predictions[0].prediction.name, std::string("faster"));
    QCOMPARE(*predictions[0].prediction.value, 9.0);
    QCOMPARE(predictions[0].prediction.confidence, Confidence::fairly_sure);
    QCOMPARE(*predictions[0].run, first);
    QCOMPARE(*predictions[0].measured, measured(tour(), "speedup")->value);
    QCOMPARE(predictions[0].verdict, Verdict::too_high);
    QCOMPARE(*predictions[1].prediction.choice, std::size_t{1});
    QCOMPARE(predictions[1].prediction.confidence, Confidence::certain);
    QCOMPARE(*predictions[1].measured, 1e300);
    QCOMPARE(predictions[1].verdict, Verdict::right);
}

void TestNotebook::predictionWaitsForItsRun()
{
    Notebook notebook(folder());
    notebook.keepPrediction(lesson, number("elsewhere", 3));
    notebook.keepPrediction(lesson, number("faster", 3));
    FinishedRun run = tour();
    run.state = RunState::stopped;
    notebook.runFinished(run, QString());
    run.state = RunState::failed;
    notebook.runFinished(run, QString());
    for (const KeptPrediction& kept : notebook.lastPredictions(lesson))
        QVERIFY2(!kept.run, kept.prediction.name.c_str());
    run.state = RunState::done;
    notebook.runFinished(run, QString());
    QVERIFY(!notebook.lastPredictions(lesson)[0].run); // of another schedule
    QVERIFY(notebook.lastPredictions(lesson)[1].run);
    run.parameters["schedule"] = std::string("static");
    notebook.runFinished(run, QString());
    QCOMPARE(*notebook.lastPredictions(lesson)[0].run, notebook.runs(lesson).first().id);
}

void TestNotebook::predictionCanBeChangedAndSkipped()
{
    Notebook notebook(folder());
    QVERIFY(!notebook.wasAskedPredictions(lesson));
    notebook.skipPredictions(lesson);
    QVERIFY(notebook.wasAskedPredictions(lesson));
    QVERIFY(!notebook.wasAskedPredictions(QStringLiteral("other")));
    QVERIFY(notebook.lastPredictions(lesson).isEmpty());
    notebook.keepPrediction(lesson, number("faster", 2));
    notebook.keepPrediction(lesson, number("faster", 4));
    QCOMPARE(notebook.lastPredictions(lesson).size(), 1);
    QCOMPARE(*notebook.lastPredictions(lesson).first().prediction.value, 4.0);
    notebook.runFinished(tour(), QString());
    QVERIFY(notebook.lastPredictions(lesson).first().run);
    notebook.keepPrediction(lesson, number("faster", 3));
    QCOMPARE(notebook.lastPredictions(lesson).size(), 1);
    QVERIFY(!notebook.lastPredictions(lesson).first().run);
}

void TestNotebook::answersAndNotes()
{
    Notebook notebook(folder());
    notebook.keepNote(lesson, QStringLiteral("before"));
    notebook.keepAnswer(lesson, question("why", "Why?"), QStringLiteral("Magic."), false);
    const QString first = notebook.newRunPath(lesson);
    notebook.runFinished(tour(), first);
    notebook.keepNote(lesson, QStringLiteral("slow"));
    notebook.keepNote(lesson, QStringLiteral("slower"));
    notebook.keepAnswer(lesson, question("what", "What?"), QStringLiteral("That."), false);
    notebook.keepAnswer(lesson, question("why", "Why?"), QStringLiteral("Waiting."), true);
    const QList<KeptAnswer> answers = notebook.answers(lesson);
    QCOMPARE(answers.size(), 2);
    QCOMPARE(answers[0].name, QStringLiteral("what"));
    QVERIFY(!answers[0].right);
    QCOMPARE(answers[1].question, QStringLiteral("Why?"));
    QCOMPARE(answers[1].chosen, QStringLiteral("Waiting."));
    QVERIFY(answers[1].right);
    QCOMPARE(*answers[1].run, notebook.runs(lesson).first().id);
    QCOMPARE(textsOf(notebook.notes(lesson)), (QStringList{"slower", "before"}));
    QVERIFY(!notebook.notes(lesson).last().run);
    // What is written on a run that is opened again belongs to it.
    notebook.runFinished(tour(), notebook.newRunPath(lesson));
    notebook.keepNote(lesson, QStringLiteral("second"));
    notebook.runOpened(lesson, first);
    notebook.keepNote(lesson, QStringLiteral("again the first"));
    QCOMPARE(textsOf(notebook.notes(lesson)), (QStringList{"again the first", "second", "before"}));
    notebook.runOpened(lesson, QStringLiteral("/elsewhere/b.json"));
    notebook.keepNote(lesson, QString());
    QCOMPARE(textsOf(notebook.notes(lesson)), (QStringList{"again the first", "second"}));
}

void TestNotebook::stepsRememberTheLatest()
{
    {
        Notebook notebook(folder());
        notebook.stepReached(lesson, QStringLiteral("read"), true);
        notebook.stepReached(lesson, QStringLiteral("predict"), false);
        notebook.stepReached(lesson, QStringLiteral("read"), false); // back to it
    }
    Notebook notebook(folder());
    const QList<KeptStep> steps = notebook.steps(lesson);
    QCOMPARE(steps.size(), 2);
    QCOMPARE(steps.last().name, QStringLiteral("read"));
    QVERIFY(steps.last().done);
    QVERIFY(!steps.first().done);
}

void TestNotebook::progressOfLessons()
{
    Notebook notebook(folder());
    QVERIFY(notebook.progress().isEmpty());
    notebook.stepReached(QStringLiteral("a"), QStringLiteral("read"), true);
    notebook.stepReached(QStringLiteral("b"), Notebook::lastStep(), false);
    notebook.stepReached(QStringLiteral("c"), QStringLiteral("read"), false);
    notebook.stepReached(QStringLiteral("c"), Notebook::lastStep(), true);
    notebook.keepNote(QStringLiteral("d"), QStringLiteral("!"));
    const auto progress = notebook.progress();
    QCOMPARE(progress.size(), 4);
    QCOMPARE(progress["a"], LessonProgress::begun);
    QCOMPARE(progress["b"], LessonProgress::begun);
    QCOMPARE(progress["c"], LessonProgress::done);
    QCOMPARE(progress["d"], LessonProgress::begun);
}

void TestNotebook::hostileWords_data()
{
    QTest::addColumn<QString>("words");
    QTest::newRow("quotes") << R"('; DROP TABLE note; --")";
    QTest::newRow("placeholders") << "? :a @b $c %1 %2";
    QTest::newRow("lines") << "a\r\nb\n\tc";
    QTest::newRow("markup") << "<b>&amp;</b> [x](see:lane/2)";
    QTest::newRow("scripts") << QString::fromUtf8("числа 数 👩‍💻 \u202e");
    QTest::newRow("a zero") << QString(QChar(0)) + "behind";
    QTest::newRow("long") << QString(1'000'000, 'x');
}

void TestNotebook::hostileWords()
{
    QFETCH(QString, words);
    QStringList problems;
    const auto open = [&] {
        auto notebook = std::make_unique<Notebook>(folder());
        connect(notebook.get(), &Notebook::failed, this,
            [&](const QString& problem) { problems.append(problem); });
        return notebook;
    };
    {
        const auto notebook = open();
        notebook->keepNote(words, words);
        notebook->keepAnswer(
            words, question(words.toStdString(), words.toStdString()), words, true);
        notebook->stepReached(words, words, true);
        notebook->keepPrediction(words, number(words.toStdString(), 1));
    }
    const auto notebook = open();
    QCOMPARE(textsOf(notebook->notes(words)), QStringList{words});
    QCOMPARE(notebook->answers(words).value(0).question, words);
    QCOMPARE(notebook->answers(words).value(0).chosen, words);
    QCOMPARE(notebook->steps(words).value(0).name, words);
    QCOMPARE(notebook->lastPredictions(words).value(0).prediction.name, words.toStdString());
    QVERIFY(notebook->notes(lesson).isEmpty());
    QCOMPARE(problems, QStringList());
}

void TestNotebook::emptyWords()
{
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    notebook.keepAnswer(lesson, question("", ""), QString(), false);
    notebook.stepReached(lesson, QString(), true);
    QCOMPARE(notebook.answers(lesson).size(), 1);
    QCOMPARE(notebook.steps(lesson).size(), 1);
    QCOMPARE(failed.count(), 0);
}

void TestNotebook::migrates_data()
{
    QTest::addColumn<QStringList>("statements"); // that made the file; none: nothing made it
    QTest::addColumn<QStringList>("notes");
    QTest::newRow("no file") << QStringList() << QStringList();
    QTest::newRow("a file without tables") << QStringList{"VACUUM"} << QStringList();
    const QString note = "INSERT INTO note (lesson, time, text) "
                         "VALUES ('tour', '2026-11-28T19:05:12.123Z', 'kept')";
    for (int version = 1; version <= notebookMigrations().size(); ++version) {
        QStringList statements;
        for (int i = 0; i < version; ++i)
            statements.append(notebookMigrations()[i]);
        statements.append({note, QStringLiteral("PRAGMA user_version = %1").arg(version)});
        QTest::addRow("version %d", version) << statements << QStringList{"kept"};
    }
}

void TestNotebook::migrates()
{
    QFETCH(QStringList, statements);
    QFETCH(QStringList, notes);
    if (!statements.isEmpty())
        execute(file(), statements);
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    QVERIFY(notebook.isKept());
    QCOMPARE(textsOf(notebook.notes(lesson)), notes);
    verifyWorks(notebook);
    QCOMPARE(failed.count(), 0);
}

void TestNotebook::damagedOneIsSetAside_data()
{
    QTest::addColumn<int>("from"); // the bytes that are spoilt
    QTest::addColumn<int>("count");
    QTest::newRow("no database") << 0 << 100;
    QTest::newRow("damaged inside") << 4096 << 8192;
}

void TestNotebook::damagedOneIsSetAside()
{
    QFETCH(int, from);
    QFETCH(int, count);
    {
        Notebook notebook(folder());
        for (int i = 0; i < 100; ++i)
            notebook.keepNote(QString::number(i), QString(1000, 'n'));
    }
    QByteArray content = contentOf(file());
    QVERIFY(content.size() > from + count);
    content.replace(from, count, QByteArray(count, 'x'));
    write(file(), content);
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    verifyWorks(notebook);
    QVERIFY(notebook.isKept());
    QCOMPARE(failed.count(), 1);
    const QStringList aside = QDir(folder()).entryList({"notebook.corrupt-*.sqlite"});
    QCOMPARE(aside.size(), 1);
    QCOMPARE(contentOf(m_folder->filePath(aside.first())), content);
    const QString said = failed.first().first().toString();
    QVERIFY2(said.contains(aside.first()) && !said.contains('\n'), qPrintable(said));
}

void TestNotebook::newerOneIsLeftAlone()
{
    execute(file(), {"CREATE TABLE note (all_of_it TEXT)", "PRAGMA user_version = 99"});
    const QByteArray before = contentOf(file());
    {
        Notebook notebook(folder());
        QSignalSpy failed(&notebook, &Notebook::failed);
        verifyWorks(notebook);
        QVERIFY(!notebook.isKept());
        QCOMPARE(failed.count(), 1);
        QVERIFY(failed.first().first().toString().contains("newer version"));
    }
    QCOMPARE(contentOf(file()), before);
    QCOMPARE(QDir(folder()).entryList(QDir::Files), QStringList{"notebook.sqlite"});
}

void TestNotebook::worksWithoutAFile_data()
{
    QTest::addColumn<QString>("place"); // below the folder
    QTest::newRow("below a file") << "a file/manyhands";
    QTest::newRow("a folder in its place") << "taken";
    QTest::newRow("of somebody else") << "foreign";
}

void TestNotebook::worksWithoutAFile()
{
    QFETCH(QString, place);
    write(m_folder->filePath("a file"), "x");
    QVERIFY(QDir(folder()).mkpath("taken/notebook.sqlite/x"));
    QVERIFY(QDir(folder()).mkpath("foreign"));
    execute(m_folder->filePath("foreign/notebook.sqlite"), {"CREATE TABLE run (who TEXT)"});
    Notebook notebook(m_folder->filePath(place));
    QSignalSpy failed(&notebook, &Notebook::failed);
    verifyWorks(notebook);
    QVERIFY(!notebook.isKept());
    QCOMPARE(failed.count(), 1); // said once
    const QString said = failed.first().first().toString();
    QVERIFY2(said.contains(m_folder->filePath(place)) && !said.contains('\n'), qPrintable(said));
}

void TestNotebook::remembersWhenTheDiskIsFull()
{
    {
        Notebook notebook(folder());
        QSignalSpy failed(&notebook, &Notebook::failed);
        notebook.keepNote(lesson, QStringLiteral("before"));
        notebook.runFinished(tour(), QString());
        // Files cannot grow any more.
        std::signal(SIGXFSZ, SIG_IGN);
        rlimit limit = {};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &limit), 0);
        rlimit none = limit;
        none.rlim_cur = 1;
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &none), 0);
        notebook.keepNote(lesson, QStringLiteral("while it is full"));
        notebook.keepAnswer(lesson, question("why", "Why?"), QStringLiteral("So."), true);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &limit), 0);
        QCOMPARE(failed.count(), 1);
        QVERIFY(!notebook.isKept());
        QCOMPARE(textsOf(notebook.notes(lesson)), (QStringList{"while it is full", "before"}));
        QCOMPARE(notebook.runs(lesson).size(), 1);
        verifyWorks(notebook);
        QCOMPARE(failed.count(), 1);
    }
    Notebook notebook(folder());
    QSignalSpy failed(&notebook, &Notebook::failed);
    QCOMPARE(textsOf(notebook.notes(lesson)), QStringList{"before"});
    QCOMPARE(failed.count(), 0);
}

void TestNotebook::twoAtOnce()
{
    Notebook one(folder());
    Notebook other(folder());
    QSignalSpy failed(&one, &Notebook::failed);
    QSignalSpy otherFailed(&other, &Notebook::failed);
    for (int i = 0; i < 20; ++i) {
        (i % 2 ? one : other).runFinished(tour(), QString());
        (i % 2 ? other : one).stepReached(lesson, QString::number(i), true);
    }
    QCOMPARE(one.runs(lesson).size(), 20);
    QCOMPARE(other.runs(lesson).size(), 20);
    QCOMPARE(one.steps(lesson).size(), 20);
    QCOMPARE(failed.count() + otherFailed.count(), 0);
}

void TestNotebook::movedFolder()
{
    const QString before = m_folder->filePath("before");
    {
        Notebook notebook(before);
        notebook.runFinished(tour(), notebook.newRunPath(lesson));
    }
    const QString after = m_folder->filePath("after");
    QVERIFY(QDir().rename(before, after));
    Notebook notebook(after);
    const QString path = notebook.runs(lesson).first().file;
    QVERIFY2(path.startsWith(after + "/runs/"), qPrintable(path));
}

QTEST_GUILESS_MAIN(TestNotebook)
#include "tst_notebook.moc"
