// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands watch` as a script sees it: a program's output, the table, files and exit codes.
#include "program.hpp"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

using namespace command_test;

class TestOfWatchCommand : public QObject
{
    Q_OBJECT

private slots:
    void bad_usage_data();
    void bad_usage();
    void exit_codes_data();
    void exit_codes();
    void output_goes_where_the_programs_own_would();
    void table_of_processes();
    void json_stands_alone();
    void quiet_is_the_program_alone();
    void input_reaches_the_program();
    void files_are_written();
    void timeout_strikes();
    void interrupt_stops_and_reports();
    void window_needs_a_display();
    void help_and_overview_name_it();
};

void TestOfWatchCommand::bad_usage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("nothing") << QStringList{} << QByteArray("has no --");
    QTest::newRow("no program") << QStringList{"--"} << QByteArray("has no program behind");
    QTest::newRow("no separator") << QStringList{"true"} << QByteArray("has no --");
    QTest::newRow("a word before") << QStringList{"x", "--", "true"} << QByteArray("before its --");
    QTest::newRow("an unknown option")
        << QStringList{"--repeat", "3", "--", "true"} << QByteArray("option is unknown: --repeat");
    QTest::newRow("no such program")
        << QStringList{"--", "no-such-program"} << QByteArray("is in no folder of PATH");
    QTest::newRow("a folder") << QStringList{"--", "/tmp"} << QByteArray("is a folder");
    QTest::newRow("not executable")
        << QStringList{"--", "/etc/passwd"} << QByteArray("may not be executed");
    QTest::newRow("a pipeline") << QStringList{"--", "seq 3 | sort"}
                                << QByteArray("sh -c 'seq 3 | sort'");
    QTest::newRow("an unwritable file")
        << QStringList{"--save", "/no/such/run.json", "--", "true"} << QByteArray("/no/such");
    QTest::newRow("an unknown view")
        << QStringList{"--figure", "picture=x.svg", "--", "true"} << QByteArray("picture");
}

void TestOfWatchCommand::bad_usage()
{
    QFETCH(QStringList, arguments);
    QFETCH(QByteArray, said);
    const Outcome outcome = manyhands(QStringList{"watch"} + arguments);
    QCOMPARE(outcome.exitCode, 2);
    QVERIFY2(outcome.errors.contains(said), outcome.errors.constData());
    QCOMPARE(outcome.errors.count('\n'), 1);
    QVERIFY(outcome.output.isEmpty());
}

void TestOfWatchCommand::exit_codes_data()
{
    QTest::addColumn<QStringList>("command");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("done") << QStringList{"true"} << 0 << QByteArray();
    QTest::newRow("ends with 3") << QStringList{"sh", "-c", "exit 3"} << 1
                                 << QByteArray("sh ended with exit code 3");
    QTest::newRow("ends with 2") << QStringList{"sh", "-c", "exit 2"} << 1
                                 << QByteArray("sh ended with exit code 2");
    QTest::newRow("a signal") << QStringList{"sh", "-c", "kill -ABRT $$"} << 1
                              << QByteArray("sh was killed by SIGABRT");
    QTest::newRow("isolated Python") << QStringList{"python3", "-I", "-c", "print()"} << 0
                                     << QByteArray("runs with -I, which keeps the tracer out");
    QTest::newRow("options of its own")
        << QStringList{"seq", "--json", "3"} << 1 << QByteArray("seq ended with exit code 1");
}

void TestOfWatchCommand::exit_codes()
{
    QFETCH(QStringList, command);
    QFETCH(int, code);
    QFETCH(QByteArray, said);
    const Outcome outcome = manyhands(QStringList{"watch", "--"} + command);
    QCOMPARE(outcome.exitCode, code);
    QVERIFY2(outcome.errors.contains(said), outcome.errors.constData());
}

void TestOfWatchCommand::output_goes_where_the_programs_own_would()
{
    const Outcome outcome
        = manyhands({"watch", "--quiet", "--", "sh", "-c", "echo out; printf 'x\\033[1my' >&2"});
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.output, QByteArray("out\n"));
    QCOMPARE(outcome.errors, QByteArray("x\033[1my"));
}

void TestOfWatchCommand::table_of_processes()
{
    const Outcome outcome = manyhands({"watch", "--", "sh", "-c", "echo hello; sleep 0.2; true"});
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(outcome.output.startsWith("hello\n"));
    for (const char* const part : {"sh -c 'echo hello; sleep 0.2; true': done", "Processes",
             "sleep", "sampled", "CPU time of watching", "Time budget"})
        QVERIFY2(outcome.output.contains(part), outcome.output.constData());
}

void TestOfWatchCommand::json_stands_alone()
{
    const Outcome outcome
        = manyhands({"watch", "--json", "--", "sh", "-c", "echo hello; sleep 0.2; exit 3"});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.errors.startsWith("hello\n"));
    const QJsonObject run = object(outcome.output);
    QCOMPARE(run["lesson"].toString(), QString("watch"));
    QCOMPARE(run["state"].toString(), QString("failed"));
    QCOMPARE(run["result"]["exit"].toInt(), 3);
    QCOMPARE(run["result"]["command"].toArray().size(), 3);
    QVERIFY(run["speedup"].isNull());
    QVERIFY(run["sequential_s"].isNull());
    const QJsonArray processes = run["processes"].toArray();
    QVERIFY(processes.size() >= 2);
    QCOMPARE(processes[0]["exit"].toInt(), 3);
    QCOMPARE(processes[0]["sampled"].toBool(), true);
    QVERIFY(run["quantities"]["watching_cpu_s"].toDouble() > 0);
}

void TestOfWatchCommand::quiet_is_the_program_alone()
{
    const Outcome outcome = manyhands({"watch", "--quiet", "--", "seq", "3"});
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.output, QByteArray("1\n2\n3\n"));
    QCOMPARE(outcome.errors, QByteArray());
}

void TestOfWatchCommand::input_reaches_the_program()
{
    QProcess process;
    process.setProcessEnvironment(environment({{"LC_ALL", "C.UTF-8"}}));
    process.start(MANYHANDS_BINARY, {"watch", "--quiet", "--", "cat"});
    QVERIFY(process.waitForStarted());
    process.write("from here\n");
    process.closeWriteChannel();
    const Outcome outcome = finish(process);
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.output, QByteArray("from here\n"));
}

void TestOfWatchCommand::files_are_written()
{
    QTemporaryDir folder;
    const QString save = folder.filePath("run.json.gz");
    const QString figure = folder.filePath("lanes.svg");
    const QString table = folder.filePath("spans.csv");
    const QString report = folder.filePath("report.html");
    const Outcome outcome
        = manyhands({"watch", "--quiet", "--save", save, "--figure", "timeline=" + figure, "--csv",
            table, "--report", report, "--", "sh", "-c", "sleep 0.2; seq 2"});
    QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
    QVERIFY(contents(figure).contains("sleep"));
    QVERIFY(contents(table).contains("/proc/PID/stat") || contents(table).contains("sleep"));
    QVERIFY(contents(report).contains("manyhands watch -- sh -c"));
    const Outcome opened = manyhands({"export", save, "--csv", folder.filePath("again.csv")});
    QVERIFY2(opened.exitCode == 0, opened.errors.constData());
    QCOMPARE(contents(folder.filePath("again.csv")), contents(table));
}

void TestOfWatchCommand::timeout_strikes()
{
    const Outcome outcome = manyhands({"watch", "--timeout", "0.3", "--", "sleep", "600"});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY(outcome.errors.contains("stopped after --timeout 0.3 s"));
    QVERIFY(outcome.output.contains("timed_out"));
}

void TestOfWatchCommand::interrupt_stops_and_reports()
{
    const auto process = start(MANYHANDS_BINARY,
        {"watch", "--", "sh", "-c", "echo ready; sleep 600"}, {{"LC_ALL", "C.UTF-8"}});
    QVERIFY(process->waitForReadyRead(patienceMs));
    ::kill(static_cast<pid_t>(process->processId()), SIGINT);
    const Outcome outcome = finish(*process);
    QCOMPARE(outcome.exitCode, 128 + SIGINT);
    QVERIFY(outcome.errors.contains("stopped by SIGINT"));
    QVERIFY(outcome.output.contains("Processes"));
}

void TestOfWatchCommand::window_needs_a_display()
{
    const Outcome outcome = manyhands({"watch", "--window", "--", "true"});
    QCOMPARE(outcome.exitCode, 3);
    QCOMPARE(outcome.errors.count('\n'), 1);
}

void TestOfWatchCommand::help_and_overview_name_it()
{
    const Outcome help = manyhands({"watch", "--help"});
    QCOMPARE(help.exitCode, 0);
    QVERIFY(help.output.contains("manyhands watch [OPTION...] -- COMMAND..."));
    QVERIFY(manyhands({"--help"}).output.contains("manyhands watch"));
    // Behind the separator it is the program's.
    QVERIFY(
        !manyhands({"watch", "--quiet", "--", "seq", "--version"}).output.contains("manyhands"));
}

QTEST_APPLESS_MAIN(TestOfWatchCommand)

#include "tst_watch_command.moc"
