// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real `manyhands sweep` as a child, without a display, and looks at what a script sees.
#include "tests/app/command_line/program.hpp"

#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace command_test;

namespace {

/// Points that are over in a moment.
const QStringList shortSweep
    = {"sweep", "prime_counting", "limit=20000", "--over", "workers=1,2", "--repeat", "2"};
/// The first point is over in a moment, the second never.
const QStringList endlessSweep = {"sweep", "prime_counting", "workers=2", "--over",
    "limit=20000,1000000000,30000", "--repeat", "1"};

/// The values that the runs of a sweep have for a parameter, in their order.
QList<int> valuesOf(const QJsonObject& sweep, const QString& parameter)
{
    QList<int> values;
    for (const QJsonValue& run : sweep["runs"].toArray())
        values << run["parameters"][parameter].toInt();
    return values;
}

/// Whether a lesson's main process lives below `pid` whose command line has `word`.
bool hasChildWith(qint64 pid, const QByteArray& word)
{
    QFile children(QString("/proc/%1/task/%1/children").arg(pid));
    if (!children.open(QIODevice::ReadOnly))
        return false;
    for (const QByteArray& child : children.readAll().split(' ')) {
        QFile commandLine("/proc/" + QString(child) + "/cmdline");
        if (!child.isEmpty() && commandLine.open(QIODevice::ReadOnly)
            && commandLine.readAll().split('\0').contains(word))
            return true;
    }
    return false;
}

} // namespace

class TestSweepCommand : public QObject
{
    Q_OBJECT

private slots:
    void badInput_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("said"); // the bad value, and what is allowed
        const auto row = [](const QStringList& arguments, const QStringList& said) {
            QTest::newRow(qPrintable(arguments.join(' ')))
                << QStringList(QStringList{"sweep"} + arguments) << said;
        };
        row({}, {"no lesson", "sweep LESSON"});
        row({"nope", "--over", "workers=1"}, {"nope", "prime_counting"});
        row({"prime_counting"}, {"no parameter", "--over name=v1,v2,..."});
        const auto over = [&](const QString& text, const QStringList& said) {
            row({"prime_counting", "--over", text}, said);
        };
        over("", {"''", "name=v1,v2,..."});
        over("workers", {"workers", "name=v1,v2,..."});
        over("=1,2", {"=1,2", "name=v1,v2,..."});
        over("wrkers=1,2", {"wrkers", "limit, workers, chunks"});
        over("workers=", {"no values", "1 to 255"});
        over("workers=,", {"workers is empty", "1 to 255"});
        over("workers=1,,2", {"workers is empty", "1 to 255"});
        over("workers=1,2,1", {"twice: 1"});
        over("workers=1,1e0", {"twice: 1"});
        over("workers=1,0", {"0", "1 to 255"});
        over("workers=1,256", {"256", "1 to 255"});
        over("workers=1-4", {"1-4", "1 to 255"});
        over("workers=1,two", {"two", "1 to 255"});
        over("limit=20000,1", {"1", "2 to "});
        row({"prime_counting", "workers=2", "--over", "workers=1,2"},
            {"workers", "twice", "--over"});
        row({"prime_counting", "limit=x", "--over", "workers=1,2"}, {"limit", "x"});
        row({"prime_counting", "--over", "workers=1", "--over", "limit=20000"}, {"--over", "once"});
        const auto option = [&](const QStringList& words, const QStringList& said) {
            row(QStringList{"prime_counting", "--over", "workers=1,2"} + words, said);
        };
        option({"--repeat", "0"}, {"--repeat", "0", "1 to 1000"});
        option({"--seed", "-1"}, {"--seed", "-1"});
        option({"--timeout", "0"}, {"--timeout", "more than 0"});
        option({"--save", "/tmp/x.json"}, {"--save", "--over"});
        option({"--figure", "timeline=/tmp/x.png"}, {"timeline", "speedup"});
        option({"--figure", "all=/tmp/"}, {"all", "speedup"});
        option({"--figure", "speedup=/tmp/x.bmp"}, {"/tmp/x.bmp", ".png"});
        option({"--figure", "speedup=/none/x.png"}, {"/none/x.png"});
        row({"prime_counting", "--over", "limit=20000", "--figure", "speedup=/tmp/x.png"},
            {"--figure speedup", "same work"});
        option({"--bogus"}, {"--bogus", "--over"});
    }

    void badInput()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QStringList, said);
        const Outcome outcome = manyhands(arguments);
        QCOMPARE(outcome.output, QByteArray());
        const QString error = QString::fromUtf8(outcome.errors);
        QVERIFY2(error.startsWith("manyhands: "), qPrintable(error));
        QVERIFY2(error.endsWith('\n') && error.count('\n') == 1, qPrintable(error));
        for (const QString& words : said)
            QVERIFY2(error.contains(words), qPrintable(words + " is not in: " + error));
        QCOMPARE(outcome.exitCode, 2);
    }

    void json()
    {
        const Outcome outcome = manyhands(shortSweep + QStringList{"--json", "--seed", "7"});
        QCOMPARE(outcome.errors, QByteArray());
        QCOMPARE(outcome.exitCode, 0);
        const QJsonObject sweep = object(outcome.output);
        QCOMPARE(sweep["schema"].toInt(), 1);
        QCOMPARE(sweep["lesson"].toString(), QString("prime_counting"));
        QCOMPARE(sweep["over"].toString(), QString("workers"));
        QCOMPARE(sweep["state"].toString(), QString("done"));
        QCOMPARE(sweep["values"].toArray(), (QJsonArray{1, 2}));
        QCOMPARE(valuesOf(sweep, "workers"), (QList<int>{1, 2}));
        for (const QJsonValue& run : sweep["runs"].toArray()) {
            QCOMPARE(run["schema"].toInt(), 1);
            QCOMPARE(run["seed"].toInt(), 7);
            QCOMPARE(run["state"].toString(), QString("done"));
            QCOMPARE(run["repeats"].toArray().size(), 2);
            QVERIFY(run["speedup"].toDouble() > 0);
        }
        // The baseline of the first point is that of all.
        QCOMPARE(sweep["runs"][1]["sequential_s"], sweep["runs"][0]["sequential_s"]);
    }

    void table()
    {
        const Outcome outcome = manyhands(shortSweep);
        QCOMPARE(outcome.errors, QByteArray());
        QCOMPARE(outcome.exitCode, 0);
        const QString text = QString::fromUtf8(outcome.output);
        QVERIFY2(text.startsWith("Counting primes with a pool (prime_counting), a sweep: done\n"),
            qPrintable(text));
        for (const char* words : {"over", "limit=20000", "usable CPU", "median", "Karp-Flatt",
                 "quartiles", "efficiency", "Amdahl's law"})
            QVERIFY2(text.contains(words), qPrintable(QString(words) + " is not in: " + text));
        for (const char* row :
            {"\n +1 +1 +2 +0\\.\\d+ +\\d+\\.\\d\\d ", "\n +2 +[12] +2 +0\\.\\d+ +\\d+\\.\\d\\d "})
            QVERIFY2(text.contains(QRegularExpression(row)), qPrintable(text));
        QVERIFY(!text.contains("not measured"));
    }

    void onlyWorkersHaveAModel()
    {
        const Outcome outcome = manyhands({"sweep", "prime_counting", "limit=20000", "workers=1",
            "--over", "chunks=1,8", "--repeat", "1"});
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(!outcome.output.contains("Amdahl"));
        QVERIFY(outcome.output.contains("chunks"));
    }

    void quietAndUntraced()
    {
        const Outcome silent = manyhands(shortSweep + QStringList{"--quiet"});
        QCOMPARE(silent.output + silent.errors, QByteArray());
        QCOMPARE(silent.exitCode, 0);
        const Outcome untraced = manyhands(shortSweep + QStringList{"--json", "--no-trace"});
        QCOMPARE(untraced.exitCode, 0);
        const QJsonObject sweep = object(untraced.output);
        QCOMPARE(sweep["runs"].toArray().size(), 2);
        QVERIFY(sweep["runs"][0]["budget"].isNull());
        QVERIFY(sweep["runs"][0]["wall_s"].toDouble() > 0);
    }

    void figures()
    {
        const QTemporaryDir folder;
        QStringList options = {"--quiet", "--size", "1000x600px"};
        for (const char* const view : {"speedup", "efficiency", "sweep"})
            options << "--figure" << QString("%1=%2/%1.png").arg(view, folder.path());
        // Long enough for the second worker to get some of it: else both points are of one.
        const Outcome outcome = manyhands(QStringList{"sweep", "prime_counting", "limit=3000000",
                                              "--over", "workers=1,2", "--repeat", "2"}
            + options);
        QCOMPARE(outcome.output + outcome.errors, QByteArray());
        QCOMPARE(outcome.exitCode, 0);
        for (const char* const view : {"speedup", "efficiency", "sweep"}) {
            const QImage picture(folder.filePath(QString(view) + ".png"));
            QCOMPARE(picture.size(), QSize(1000, 600));
            QVERIFY2(picture.text("Description").contains("n = 2 each"),
                qPrintable(picture.text("Description")));
        }
    }

    void timeoutOfTheWholeSweep()
    {
        const Outcome outcome = manyhands(endlessSweep + QStringList{"--json", "--timeout", "2"});
        QVERIFY2(outcome.errors.contains("--timeout 2 s"), outcome.errors);
        QCOMPARE(outcome.errors.count('\n'), 1);
        QCOMPARE(outcome.exitCode, 1);
        const QJsonObject sweep = object(outcome.output);
        QCOMPARE(sweep["state"].toString(), QString("timed_out"));
        QVERIFY(sweep["runs"].toArray().size() < 3);
        QVERIFY(sweep["runs"].toArray().last()["marks"].toArray().contains("partial"));
    }

    void interruption_data()
    {
        QTest::addColumn<int>("number");
        QTest::addColumn<int>("times");
        QTest::newRow("SIGINT") << SIGINT << 1;
        QTest::newRow("SIGINT twice") << SIGINT << 2;
        QTest::newRow("SIGTERM") << SIGTERM << 1;
    }

    void interruption()
    {
        QFETCH(int, number);
        QFETCH(int, times);
        const auto process = start(MANYHANDS_BINARY, endlessSweep + QStringList{"--json"});
        QVERIFY(process->waitForStarted());
        // The second point is under way.
        QTRY_VERIFY_WITH_TIMEOUT(
            hasChildWith(process->processId(), "limit=1000000000"), patienceMs);
        for (int i = 0; i < times; ++i)
            QCOMPARE(::kill(static_cast<pid_t>(process->processId()), number), 0);
        const Outcome outcome = finish(*process);
        QVERIFY2(outcome.errors.startsWith("manyhands: stopped by SIG"), outcome.errors);
        QCOMPARE(outcome.errors.count('\n'), 1);
        QCOMPARE(outcome.exitCode, 128 + number);
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        const QJsonObject sweep = object(outcome.output);
        QCOMPARE(sweep["state"].toString(), QString("stopped"));
        QCOMPARE(valuesOf(sweep, "limit"), (QList<int>{20000, 1'000'000'000}));
        QCOMPARE(sweep["runs"][0]["state"].toString(), QString("done"));
        QVERIFY(sweep["runs"][1]["marks"].toArray().contains("partial"));
    }

    void aFailingPoint()
    {
        const Outcome outcome = manyhands({"sweep", MANYHANDS_TEST_LESSONS ":faults", "--over",
            "fault=none,exception,kill", "--repeat", "1", "--json"});
        QCOMPARE(outcome.exitCode, 1);
        QVERIFY2(
            outcome.errors.startsWith("manyhands: faults: at fault=exception: "), outcome.errors);
        QCOMPARE(outcome.errors.count('\n'), 1);
        const QJsonObject sweep = object(outcome.output);
        QCOMPARE(sweep["state"].toString(), QString("failed"));
        QCOMPARE(sweep["runs"].toArray().size(), 2);
        QCOMPARE(sweep["runs"][0]["state"].toString(), QString("done"));
    }
};

QTEST_GUILESS_MAIN(TestSweepCommand)
#include "tst_sweep_command.moc"
