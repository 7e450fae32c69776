// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real `manyhands` as a child, without a display, and looks at what a script would see.
#include "tests/app/command_line/program.hpp"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

using namespace command_test;

namespace {

/// A run that is over in a moment.
const QStringList shortRun = {"run", "prime_counting", "limit=1000000", "workers=2"};

/// `script` with the program as $1 and a folder as $2.
Outcome shell(const QString& script, const QString& folder = {})
{
    return finish(*start("/bin/sh", {"-c", script, "sh", MANYHANDS_BINARY, folder}));
}

/// The object that `text` is; an empty one where it is none.
/// The state of the run that a file with this text holds.
QString savedState(const QByteArray& text)
{
    const QJsonObject file = object(text);
    return file["manyhandsResults"]["state"].toString();
}

/// Keys of `wanted` that `present` lacks, as one text.
QString missing(const QJsonObject& present, const QStringList& wanted)
{
    QStringList lacking;
    for (const QString& key : wanted) {
        if (!present.contains(key))
            lacking << key;
    }
    return lacking.join(' ');
}

bool hasMark(const QJsonObject& run, const QString& mark)
{
    return run["marks"].toArray().contains(mark);
}

/// The largest value that the lesson's limit may have: work for hours.
QString longLimit()
{
    const QJsonObject lesson = object(manyhands({"describe", "prime_counting", "--json"}).output);
    for (const QJsonValue& parameter : lesson["parameters"].toArray()) {
        if (parameter["name"] == "limit")
            return "limit=" + QString::number(parameter["maximum"].toInteger());
    }
    return {};
}

QStringList endlessRun()
{
    return {"run", "prime_counting", longLimit(), "workers=2", "--json"};
}

/// Whether the process has handlers of its own for SIGINT, so for a run under way.
bool catchesInterrupts(qint64 pid)
{
    for (const QByteArray& line : contents(QString("/proc/%1/status").arg(pid)).split('\n')) {
        if (line.startsWith("SigCgt:"))
            return (line.mid(7).trimmed().toULongLong(nullptr, 16) & (1ULL << (SIGINT - 1))) != 0;
    }
    return false;
}

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void badInput_data();
    void badInput();
    void help_data();
    void help();
    void version();
    void list();
    void describe();
    void aLessonProgramByItsPath();
    void lessonsOfAProgram();
    void programsThatAreNone_data();
    void programsThatAreNone();
    void windowWithoutDisplay();
    void reportForPeople();
    void findings();
    void quiet();
    void json();
    void jsonOfSeveralRepeats();
    void jsonWithoutTrace();
    void jsonInAnotherLocale();
    void timeout();
    void interruption_data();
    void interruption();
    void ignoredSignalsStayIgnored();
    void failingStandardOutput_data();
    void failingStandardOutput();
    void save_data();
    void save();
    void savingThroughALink();
    void savingToAFullDevice();
    void writingToAPipeThatNobodyReads_data();
    void writingToAPipeThatNobodyReads();
    void aFullDisk();
    void figure();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QString program(const QByteArray& text) const;

    QTemporaryDir m_folder;
};

void TestCommandLine::initTestCase()
{
    QVERIFY(m_folder.isValid());
    QVERIFY(QDir(m_folder.path()).mkdir("folder.json"));
    QFile file(path("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
}

/// A program of its own folder, with `text` in it.
QString TestCommandLine::program(const QByteArray& text) const
{
    static int made = 0;
    QFile file(path(QString("program%1").arg(++made)));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        return {};
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return file.fileName();
}

// --- Bad input --------------------------------------------------------------------------------

void TestCommandLine::badInput_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("said"); // the bad value, and what is allowed

    const auto row = [](const char* name, const QStringList& arguments, const QStringList& said) {
        QTest::newRow(name) << arguments << said;
    };
    row("unknown first word", {"prime_conting"},
        {"prime_conting", "list", "describe", "run", "sweep", "prime_counting"});
    row("empty first word", {""}, {"''", "list", "prime_counting"});
    row("word of two lines", {"prime\ncounting"}, {"prime?counting", "prime_counting"});
    row("command after an option's value", {"--seed", "3", "list"}, {"list", "goes first"});
    row("unknown option", {"--bogus"}, {"--bogus", "--run", "--seed"});
    row("saved run", {"./x.manyhands.json.gz"}, {"x.manyhands.json.gz", "does not exist"});
    row("missing program", {"./nothing-there"}, {"./nothing-there"});
    row("a file that is no program", {path("file")}, {path("file")});
    row("--json without --run", {"prime_counting", "--json"}, {"--json", "--run"});
    row("--run without a lesson", {"--run"}, {"--run", "LESSON"});
    row("bad parameter of the window", {"prime_counting", "workers=0"}, {"workers", "0", "1 to "});

    row("list with a word", {"list", "all"}, {"all", "--json"});
    row("list with an unknown option", {"list", "--all"}, {"--all", "--json"});
    row("describe nothing", {"describe"}, {"LESSON"});
    row("describe two", {"describe", "prime_counting", "b"}, {"b", "describe LESSON"});
    row("describe an unknown lesson", {"describe", "nope"}, {"nope", "prime_counting"});

    row("run nothing", {"run"}, {"LESSON"});
    row("run an unknown lesson", {"run", "nope"}, {"nope", "prime_counting"});
    row("run an empty lesson", {"run", ""}, {"prime_counting"});
    row("run a missing program", {"run", "/nothing/there"}, {"/nothing/there"});
    row("unknown parameter", {"run", "prime_counting", "wrkers=2"}, {"wrkers", "workers", "limit"});
    row("parameter without a value", {"run", "prime_counting", "workers"},
        {"workers", "name=value"});
    row("parameter given twice", {"run", "prime_counting", "workers=1", "workers=2"}, {"workers"});
    for (const char* value : {"0", "-1", "1000000000000000000", "9223372036854775808", "1e400",
             "2.5", "abc", "nan", "0x10", "1,5"})
        row(qPrintable(QString("workers=%1").arg(value)),
            {"run", "prime_counting", QString("workers=%1").arg(value)},
            {"workers", value, "1 to "});
    row("empty workers", {"run", "prime_counting", "workers="}, {"workers", "1 to "});
    for (const char* value : {"1", "0", "-5", "abc"})
        row(qPrintable(QString("limit=%1").arg(value)),
            {"run", "prime_counting", QString("limit=%1").arg(value)}, {"limit", value, "2 to "});
    row("word in brackets", {"run", "prime_counting", "[a,b]"}, {"[a,b]", "name=value"});
    row("word of braces", {"run", "prime_counting", "{}"}, {"{}", "name=value"});

    const auto optionRow = [](const QStringList& option, const QStringList& said) {
        QTest::newRow(qPrintable(option.join(' '))) << QStringList(shortRun + option) << said;
    };
    for (const char* value : {"0", "-1", "1001", "abc", "1.5", ""})
        optionRow({"--repeat", value}, {"--repeat", value, "1 to 1000"});
    for (const char* value : {"-1", "18446744073709551616", "abc", ""})
        optionRow({"--seed", value}, {"--seed", value, "0 to 18446744073709551615"});
    for (const char* value : {"0", "-1", "nan", "inf", "1e400", "1e10", "1,5", "abc", ""})
        optionRow({"--timeout", value}, {"--timeout", value, "more than 0 and up to 1000000000"});
    optionRow({"--seed"}, {"--seed S"});
    optionRow({"--seed", "1", "--seed", "2"}, {"--seed S"});
    optionRow({"--json=no"}, {"--json"});
    optionRow({"-x"}, {"-x", "--repeat"});
    optionRow({"--save", ""}, {"''"});
    optionRow({"--save", path("run.txt")}, {path("run.txt"), ".json, .json.gz"});
    optionRow({"--save", path("none/run.json")}, {path("none/run.json"), "No such file", "exists"});
    optionRow({"--save", path("file/run.json")}, {path("file/run.json"), "Not a directory"});
    optionRow({"--save", path("folder.json")}, {path("folder.json"), "folder"});
    optionRow({"--save", "/proc/run.json"}, {"/proc/run.json", "may be written to"});
    optionRow({"--save", path(QString(300, 'x') + ".json")}, {"too long"});
    optionRow({"--figure", "timeline"}, {"timeline", "VIEW=FILE"});
    optionRow({"--figure", "nope=" + path("x.png")}, {"nope", "timeline", "speedup"});
    optionRow({"--figure", "timeline="}, {"''"});
    optionRow({"--figure", "timeline=" + path("x.bmp")}, {path("x.bmp"), ".png"});
    optionRow({"--figure", "timeline=" + path("none/x.png")}, {path("none/x.png"), "No such file"});
    optionRow({"--no-trace", "--figure", "timeline=" + path("x.png")}, {"--no-trace", "--figure"});
    optionRow({"--figure", "timeline=" + path("x.png"), "--figure", "ipc=" + path("./x.png")},
        {"x.png", "twice"});
}

void TestCommandLine::badInput()
{
    QFETCH(QStringList, arguments);
    QFETCH(QStringList, said);
    const QStringList before = QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden);
    const Outcome outcome = manyhands(arguments);
    QCOMPARE(outcome.output, QByteArray());
    const QString error = QString::fromUtf8(outcome.errors);
    QVERIFY2(error.startsWith("manyhands: "), qPrintable(error));
    QVERIFY2(error.endsWith('\n') && error.count('\n') == 1, qPrintable(error));
    for (const QString& words : said)
        QVERIFY2(error.contains(words), qPrintable(words + " is not in: " + error));
    QCOMPARE(outcome.exitCode, 2);
    QCOMPARE(QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden), before);
}

// --- What needs no run ------------------------------------------------------------------------

void TestCommandLine::help_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("alone") << QStringList{"--help"};
    QTest::newRow("-h") << QStringList{"-h"};
    QTest::newRow("list") << QStringList{"list", "--help"};
    QTest::newRow("before the command") << QStringList{"--help", "list"};
    QTest::newRow("describe") << QStringList{"describe", "--help"};
    QTest::newRow("run") << QStringList{"run", "--help"};
    QTest::newRow("sweep") << QStringList{"sweep", "--help"};
    QTest::newRow("run a lesson") << QStringList{"run", "prime_counting", "--help"};
    QTest::newRow("beside a bad value") << QStringList{"run", "nope", "--repeat", "x", "--help"};
    QTest::newRow("lesson") << QStringList{"prime_counting", "--help"};
}

void TestCommandLine::help()
{
    QFETCH(QStringList, arguments);
    const Outcome outcome = manyhands(arguments);
    QCOMPARE(outcome.errors, QByteArray());
    QVERIFY2(outcome.output.startsWith("Usage: manyhands"), outcome.output);
    QVERIFY(outcome.output.contains("--version"));
    QCOMPARE(outcome.exitCode, 0);
}

void TestCommandLine::version()
{
    for (const QStringList& arguments :
        {QStringList{"--version"}, QStringList{"run", "--version"}}) {
        const Outcome outcome = manyhands(arguments);
        QCOMPARE(outcome.errors, QByteArray());
        QVERIFY2(outcome.output.startsWith("manyhands 0."), outcome.output);
        QVERIFY2(outcome.output.contains("(commit "), outcome.output);
        QCOMPARE(outcome.output.count('\n'), 1);
        QCOMPARE(outcome.exitCode, 0);
    }
}

void TestCommandLine::list()
{
    const Outcome text = manyhands({"list"});
    QCOMPARE(text.exitCode, 0);
    QCOMPARE(text.errors, QByteArray());
    QVERIFY2(text.output.startsWith("producer_consumer  "), text.output);

    const Outcome asJson = manyhands({"list", "--json"});
    QCOMPARE(asJson.exitCode, 0);
    const QJsonArray lessons = QJsonDocument::fromJson(asJson.output).array();
    QVERIFY(!lessons.isEmpty());
    QCOMPARE(lessons[0]["id"].toString(), QString("producer_consumer"));
    QVERIFY(!lessons[0]["title"].toString().isEmpty());
}

void TestCommandLine::describe()
{
    const Outcome text = manyhands({"describe", "prime_counting"});
    QCOMPARE(text.exitCode, 0);
    QCOMPARE(text.errors, QByteArray());
    for (const char* words : {"(prime_counting)", "Objectives", "workers=", "limit=", "2 to "})
        QVERIFY2(text.output.contains(words), words);

    const Outcome asJson = manyhands({"describe", "prime_counting", "--json", "--language", "en"});
    QCOMPARE(asJson.exitCode, 0);
    const QJsonObject lesson = object(asJson.output);
    QCOMPARE(missing(lesson,
                 {"id", "title", "objectives", "text", "sources", "parameters", "quantities"}),
        QString());
    QVERIFY(!lesson["sources"].toArray().isEmpty());
}

void TestCommandLine::aLessonProgramByItsPath()
{
    const QString lesson = QString(MANYHANDS_LESSON_BINARY) + ":prime_counting";
    QVERIFY(lesson.contains('/'));
    const Outcome described = manyhands({"describe", lesson, "--json"});
    QCOMPARE(described.errors, QByteArray());
    QCOMPARE(object(described.output)["id"].toString(), QString("prime_counting"));
    const Outcome run = manyhands({"run", lesson, "limit=1000000", "workers=2", "--json"});
    QCOMPARE(run.errors, QByteArray());
    QCOMPARE(run.exitCode, 0);
    QCOMPARE(object(run.output)["lesson"].toString(), QString("prime_counting"));
}

void TestCommandLine::lessonsOfAProgram()
{
    const QString program = MANYHANDS_LESSON_BINARY;
    const Outcome listed = manyhands({"list", program});
    QCOMPARE(listed.errors, QByteArray());
    QCOMPARE(listed.output, manyhands({"list"}).output);
    // Which one is to run has to be said; the window, which lists them, opens without it.
    const Outcome run = manyhands({"run", program});
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains("prime_counting") && run.errors.contains(":ID"), run.errors);
    QCOMPARE(manyhands({program, "workers=2"}).exitCode, 2);
    const Outcome window = manyhands({program});
    QCOMPARE(window.exitCode, 3);
    QVERIFY2(window.errors.contains("display"), window.errors);
}

void TestCommandLine::programsThatAreNone_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("said");

    const auto row = [](const char* name, const QByteArray& text, const QStringList& said) {
        QTest::newRow(name) << text << said;
    };
    const QByteArray script = "#!/bin/sh\n";
    const auto builtWith = [&](const QByteArray& description, const QByteArray& segment) {
        return script + "echo '{\"built_with\": {\"engine\": \"0.0.7\", \"description\": "
            + description + ", \"segment\": " + segment + "}, \"lessons\": 7}'\n";
    };
    row("nothing in it", "", {"cannot be started"});
    row("words that no machine runs", "words\n", {"cannot be started", "Exec format error"});
    row("an interpreter that is not there", "#!/nothing/there\n", {"cannot be started"});
    row("it ends at once", script + "exit 0\n", {"no lesson program", "--describe"});
    row("it fails", script + "exit 7\n", {"no lesson program", "exit code 7"});
    row("it crashes", script + "kill -SEGV $$\n", {"no lesson program", "signal 11"});
    row("it hangs", script + "sleep 100\n", {"no lesson program", "within 2 s"});
    row("it lives on", script + "echo '{}'; exec >&-; sleep 100\n",
        {"no lesson program", "not end"});
    row("it talks without end", script + "yes\n", {"no lesson program", "4 MiB"});
    row("it answers something else", script + "echo hello\n", {"no lesson program"});
    row("it answers other JSON", script + "echo '[1, 2]'\n", {"no lesson program"});
    row("it answers a list of nothing known", script + "echo '{\"lessons\": []}'\n",
        {"no lesson program"});
    row("its version is no version", script + "echo '{\"built_with\": 3}'\n", {"built_with"});
    row("its engine wrote other descriptions", builtWith("0", "3"),
        {"built with Manyhands 0.0.7 (descriptions 0", "this is Manyhands 0.1.0",
            "build it again"});
    row("its engine wrote other segments", builtWith("1", "99"),
        {"built with Manyhands 0.0.7 (descriptions 1, segments 99)", "build it again"});
}

void TestCommandLine::programsThatAreNone()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, said);
    const QString program = this->program(text);
    for (const QStringList& before : {QStringList{"run"}, QStringList{"describe"}, QStringList{}}) {
        const Outcome outcome = manyhands(before + QStringList{program});
        const QString error = QString::fromUtf8(outcome.errors);
        QCOMPARE(outcome.output, QByteArray());
        QVERIFY2(error.startsWith("manyhands: ") && error.contains(program), qPrintable(error));
        QVERIFY2(error.endsWith('\n') && error.count('\n') == 1, qPrintable(error));
        for (const QString& words : said)
            QVERIFY2(error.contains(words), qPrintable(words + " is not in: " + error));
        QCOMPARE(outcome.exitCode, 2);
    }
}

void TestCommandLine::windowWithoutDisplay()
{
    for (const QStringList& arguments : {QStringList{}, QStringList{"prime_counting"},
             QStringList{"prime_counting", "--run", "--json"}}) {
        const Outcome outcome = manyhands(arguments);
        QCOMPARE(outcome.output, QByteArray());
        QVERIFY2(outcome.errors.startsWith("manyhands: "), outcome.errors);
        QVERIFY2(outcome.errors.count('\n') == 1, outcome.errors);
        QCOMPARE(outcome.exitCode, 3);
    }
}

// --- Runs -------------------------------------------------------------------------------------

void TestCommandLine::reportForPeople()
{
    const Outcome outcome = manyhands(shortRun);
    QCOMPARE(outcome.errors, QByteArray()); // no terminal, so no progress
    QCOMPARE(outcome.exitCode, 0);
    for (const char* words : {"(prime_counting): done", "limit=1000000", "workers=2", "speedup",
             "Processes", "Worker-1", "Time budget", "computing", "total", "Checks", "  ok  "})
        QVERIFY2(outcome.output.contains(words), qPrintable(words + (": " + outcome.output)));
    QVERIFY2(outcome.output.contains("78498"), outcome.output); // primes below a million
}

void TestCommandLine::findings()
{
    // Whatever the machine: a worker that dies is told of.
    const QStringList words = {"run", MANYHANDS_TEST_LESSONS ":faults", "fault=kill"};
    const Outcome report = manyhands(words);
    QCOMPARE(report.exitCode, 1);
    QVERIFY2(report.output.contains("\nFindings\n  Worker-"), report.output);
    QVERIFY2(report.output.contains(" was killed by SIGKILL after "), report.output);
    QVERIFY2(report.output.contains("\n    Who noticed it"), report.output);

    const QJsonObject run = object(manyhands(words + QStringList{"--json"}).output);
    const QJsonObject finding = run["findings"][0].toObject();
    QCOMPARE(
        missing(finding,
            {"id", "belief", "sentence", "question", "process", "pid", "interval_s", "attempt"}),
        QString());
    QCOMPARE(finding["id"].toString(), QString("worker_died"));
    QCOMPARE(finding["process"].toString(), run["failures"][0]["process"].toString());
    QCOMPARE(finding["pid"].toInt(), run["failures"][0]["pid"].toInt());
}

void TestCommandLine::quiet()
{
    const Outcome silent = manyhands(shortRun + QStringList{"--quiet"});
    QCOMPARE(silent.output, QByteArray());
    QCOMPARE(silent.errors, QByteArray());
    QCOMPARE(silent.exitCode, 0);
    const Outcome asJson = manyhands(shortRun + QStringList{"--quiet", "--json"});
    QCOMPARE(object(asJson.output)["state"].toString(), QString("done"));
}

void TestCommandLine::json()
{
    const Outcome outcome = manyhands(shortRun + QStringList{"--json", "--seed", "7"});
    QCOMPARE(outcome.errors, QByteArray());
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(outcome.output.endsWith("}\n"));
    const QJsonObject run = object(outcome.output);
    QCOMPARE(missing(run,
                 {"schema", "lesson", "parameters", "seed", "state", "marks", "machine", "workers",
                     "repeats", "shown_repeat", "wall_s", "sequential_s", "speedup", "efficiency",
                     "karp_flatt", "spread", "processes", "channels", "budget", "events",
                     "failures", "quantities", "checks", "findings", "result"}),
        QString());
    QCOMPARE(run["schema"].toInt(), 1);
    QCOMPARE(run["lesson"].toString(), QString("prime_counting"));
    QCOMPARE(run["state"].toString(), QString("done"));
    QCOMPARE(run["seed"].toInt(), 7);
    QCOMPARE(run["parameters"]["limit"].toInt(), 1000000);
    QCOMPARE(run["parameters"]["workers"].toInt(), 2);
    const int workers = run["workers"].toInt();
    QVERIFY(workers == 1 || workers == 2); // on a busy machine one may have done all the tasks
    QCOMPARE(
        missing(run["machine"].toObject(),
            {"cpu", "usable_cpus", "logical_cpus", "memory_bytes", "kernel", "version", "commit"}),
        QString());
    QCOMPARE(run["repeats"].toArray().size(), 1);
    QCOMPARE(
        missing(run["repeats"][0].toObject(), {"wall_s", "sequential_s", "speedup"}), QString());
    QCOMPARE(run["shown_repeat"].toInt(-1), 0);
    QVERIFY(run["spread"].isNull());
    QVERIFY(run["speedup"].toDouble() > 0);
    QVERIFY(run["processes"].toArray().size() >= 3);
    for (const QJsonValue& process : run["processes"].toArray()) {
        QCOMPARE(missing(process.toObject(),
                     {"name", "pid", "role", "start_method", "start_s", "end_s", "cpu_s", "busy_s",
                         "exit", "tasks", "peak_rss_bytes", "peak_pss_bytes"}),
            QString());
        QCOMPARE(process["exit"].toInt(-1), 0);
    }
    QVERIFY(!run["channels"].toArray().isEmpty());
    QCOMPARE(
        missing(run["channels"][0].toObject(), {"name", "kind", "messages", "bytes", "max_depth"}),
        QString());
    QCOMPARE(missing(run["budget"].toObject(),
                 {"computing", "starting", "tear_down", "serialising", "transfer", "waiting_data",
                     "waiting_space", "waiting_lock", "joining", "idle", "sleeping", "held",
                     "stopped", "ready", "unexplained", "total"}),
        QString());
    QVERIFY(run["events"]["recorded"].toInteger() > 0);
    QCOMPARE(run["events"]["dropped"].toInteger(-1), 0);
    QCOMPARE(run["failures"].toArray().size(), 0);
    QVERIFY(!run["checks"].toArray().isEmpty());
    for (const QJsonValue& check : run["checks"].toArray())
        QVERIFY2(check["held"] != QJsonValue(false), qPrintable(check["claim"].toString()));
}

void TestCommandLine::jsonOfSeveralRepeats()
{
    const Outcome outcome = manyhands(shortRun + QStringList{"--json", "--repeat", "2"});
    QCOMPARE(outcome.exitCode, 0);
    const QJsonObject run = object(outcome.output);
    QCOMPARE(run["repeats"].toArray().size(), 2);
    // The lower middle one of two is the faster one.
    const QJsonArray repeats = run["repeats"].toArray();
    const int shown = run["shown_repeat"].toInt(-1);
    QVERIFY(shown == 0 || shown == 1);
    QVERIFY(repeats[shown]["wall_s"].toDouble() <= repeats[1 - shown]["wall_s"].toDouble());
    QCOMPARE(run["spread"].toArray().size(), 2);
}

void TestCommandLine::jsonWithoutTrace()
{
    const Outcome outcome = manyhands(shortRun + QStringList{"--json", "--no-trace"});
    QCOMPARE(outcome.errors, QByteArray());
    QCOMPARE(outcome.exitCode, 0);
    const QJsonObject run = object(outcome.output);
    for (const char* key : {"events", "budget", "channels"})
        QVERIFY2(run.contains(key) && run[key].isNull(), key);
    QVERIFY(run["wall_s"].toDouble() > 0);
    QVERIFY(run["speedup"].toDouble() > 0);
    QVERIFY(!run["checks"].toArray().isEmpty());
    QVERIFY(run["processes"].toArray().size() >= 3);
}

void TestCommandLine::jsonInAnotherLocale()
{
    // Where the machine has no German locale this is one run more. The figure makes Qt take over
    // the user's locale before anything is printed.
    const Outcome outcome = shell("LC_ALL=de_DE.UTF-8 exec \"$1\" run prime_counting limit=1000000 "
                                  "workers=2 --json --figure speedup=\"$2/locale.png\"",
        m_folder.path());
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(object(outcome.output)["wall_s"].toDouble() > 0);
    const Outcome text = shell("LC_ALL=de_DE.UTF-8 exec \"$1\" run prime_counting limit=1000000 "
                               "workers=2 --figure speedup=\"$2/locale.png\"",
        m_folder.path());
    QVERIFY2(QString(text.output).contains(QRegularExpression("sequential +[0-9]+\\.[0-9]+ s")),
        text.output);
}

void TestCommandLine::timeout()
{
    const Outcome outcome = manyhands(endlessRun() + QStringList{"--timeout", "0.3"});
    QVERIFY2(outcome.errors.contains("--timeout 0.3"), outcome.errors);
    QCOMPARE(outcome.errors.count('\n'), 1);
    const QJsonObject run = object(outcome.output);
    QCOMPARE(run["state"].toString(), QString("timed_out"));
    QVERIFY(hasMark(run, "partial"));
    QCOMPARE(outcome.exitCode, 1);
}

void TestCommandLine::interruption_data()
{
    QTest::addColumn<int>("number");
    QTest::addColumn<int>("times");
    QTest::newRow("SIGINT") << SIGINT << 1;
    QTest::newRow("SIGINT twice") << SIGINT << 2;
    QTest::newRow("SIGTERM") << SIGTERM << 1;
    QTest::newRow("SIGHUP") << SIGHUP << 1;
}

void TestCommandLine::interruption()
{
    QFETCH(int, number);
    QFETCH(int, times);
    const QString file = path(QString("signal-%1-%2.json").arg(number).arg(times));
    const auto process = start(MANYHANDS_BINARY, endlessRun() + QStringList{"--save", file});
    QVERIFY(process->waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(catchesInterrupts(process->processId()), patienceMs);
    for (int i = 0; i < times; ++i)
        QCOMPARE(::kill(static_cast<pid_t>(process->processId()), number), 0);
    const Outcome outcome = finish(*process);
    QVERIFY2(outcome.errors.startsWith("manyhands: stopped by SIG"), outcome.errors);
    QCOMPARE(outcome.errors.count('\n'), 1);
    QCOMPARE(outcome.exitCode, 128 + number);
    QCOMPARE(process->exitStatus(), QProcess::NormalExit);
    const QJsonObject run = object(outcome.output);
    QCOMPARE(run["state"].toString(), QString("stopped"));
    QVERIFY(hasMark(run, "partial"));
    QCOMPARE(savedState(contents(file)), QString("stopped"));
}

void TestCommandLine::ignoredSignalsStayIgnored()
{
    // What nohup does.
    const Outcome outcome = shell("trap '' HUP; exec \"$1\" run prime_counting limit=1000000 "
                                  "workers=2 --quiet & pid=$!; kill -HUP $pid; wait $pid");
    QCOMPARE(outcome.errors, QByteArray());
    QCOMPARE(outcome.exitCode, 0);
}

// --- Outputs ----------------------------------------------------------------------------------

void TestCommandLine::failingStandardOutput_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("redirection");
    QTest::addColumn<QString>("reason");
    const QString run = "run prime_counting limit=1000000 workers=2 --save \"$2/kept.json\"";
    for (const QString& command : {QString("list"), QString("--help"), QString("--version"),
             QString("describe prime_counting"), run, run + " --json"}) {
        const QByteArray name = command.left(20).toUtf8();
        QTest::newRow(name + " to a full device") << command << ">/dev/full"
                                                  << "No space left";
        QTest::newRow(name + " closed") << command << ">&-"
                                        << "Bad file descriptor";
    }
    QTest::newRow("all closed but standard error") << run << "<&- >&-"
                                                   << "Bad file descriptor";
    // The reader is gone before anything is written.
    QTest::newRow("reader gone") << run << "| true"
                                 << "";
}

void TestCommandLine::failingStandardOutput()
{
    QFETCH(QString, command);
    QFETCH(QString, redirection);
    QFETCH(QString, reason);
    QFile::remove(path("kept.json"));
    const QString program = "\"$1\" " + command;
    // Of a pipeline the shell waits for all, and tells of the last only.
    const QString script = redirection.startsWith('|') ? "{ sleep 0.1; " + program
            + "; echo $? >\"$2/status\"; } " + redirection + "; exit $(cat \"$2/status\")"
                                                       : program + ' ' + redirection;
    const Outcome outcome = shell(script, m_folder.path());
    QVERIFY2(outcome.errors.startsWith("manyhands: standard output: could not be written: "),
        outcome.errors);
    QVERIFY2(outcome.errors.contains(reason.toUtf8()), outcome.errors);
    QCOMPARE(outcome.errors.count('\n'), 1);
    QCOMPARE(outcome.exitCode, 1);
    // What was measured is kept all the same.
    if (command.startsWith("run"))
        QCOMPARE(savedState(contents(path("kept.json"))), QString("done"));
}

void TestCommandLine::save_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("options");
    QTest::newRow("plain") << "saved.manyhands.json" << QStringList();
    QTest::newRow("compressed") << "saved.manyhands.json.gz" << QStringList();
    QTest::newRow("over another") << "saved.manyhands.json" << QStringList();
    QTest::newRow("without a trace") << "untraced.json" << QStringList{"--no-trace"};
}

void TestCommandLine::save()
{
    QFETCH(QString, name);
    QFETCH(QStringList, options);
    QTemporaryDir folder;
    const QString file = folder.filePath(name);
    if (qstrcmp(QTest::currentDataTag(), "over another") == 0) {
        QFile old(file);
        QVERIFY(old.open(QIODevice::WriteOnly));
        QVERIFY(old.write("old") == 3);
    }
    const Outcome outcome = manyhands(shortRun + options + QStringList{"--quiet", "--save", file});
    QCOMPARE(outcome.errors, QByteArray());
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{name});
    const QByteArray text
        = name.endsWith(".gz") ? finish(*start("gzip", {"-dc", file})).output : contents(file);
    const QJsonObject saved = object(text);
    QVERIFY(saved["traceEvents"].isArray());
    const QJsonObject head = saved["otherData"]["manyhands"].toObject();
    QCOMPARE(missing(head, {"schema", "lesson", "parameters", "machine", "seed"}), QString());
    QVERIFY(!head["lesson"]["sources"].toArray().isEmpty());
    QCOMPARE(savedState(text), QString("done"));
}

void TestCommandLine::savingThroughALink()
{
    QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir("there"));
    QVERIFY(QFile::link("there/run.json", folder.filePath("link.json")));
    const QStringList options = {"--quiet", "--save", folder.filePath("link.json")};
    QCOMPARE(manyhands(shortRun + options).exitCode, 0);
    QVERIFY(QFileInfo(folder.filePath("link.json")).isSymLink());
    QCOMPARE(QDir(folder.filePath("there")).entryList(QDir::Files | QDir::Hidden),
        QStringList{"run.json"});
    QVERIFY(!object(contents(folder.filePath("there/run.json"))).isEmpty());
}

void TestCommandLine::savingToAFullDevice()
{
    if (::geteuid() == 0)
        QSKIP("what is wrong here may put a file in the place of root's devices");
    const QString file = path("full.json");
    QVERIFY(QFile::link("/dev/full", file));
    const Outcome outcome = manyhands(shortRun + QStringList{"--json", "--save", file});
    QVERIFY2(outcome.errors.contains(file.toUtf8()), outcome.errors);
    QVERIFY2(outcome.errors.contains("No space left"), outcome.errors);
    QCOMPARE(outcome.errors.count('\n'), 1);
    QCOMPARE(object(outcome.output)["state"].toString(), QString("done"));
    QCOMPARE(outcome.exitCode, 1);
}

void TestCommandLine::writingToAPipeThatNobodyReads_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("option");
    QTest::newRow("run") << "pipe.json"
                         << "--save";
    QTest::newRow("figure") << "pipe.png"
                            << "--figure";
}

void TestCommandLine::writingToAPipeThatNobodyReads()
{
    QFETCH(QString, name);
    QFETCH(QString, option);
    const QString file = path(name);
    QCOMPARE(::mkfifo(qPrintable(file), 0600), 0);
    const QString value = option == "--figure" ? "budget=" + file : file;
    const Outcome outcome = manyhands(shortRun + QStringList{"--json", option, value});
    QVERIFY2(outcome.errors.contains(file.toUtf8()), outcome.errors);
    QCOMPARE(outcome.errors.count('\n'), 1);
    QCOMPARE(object(outcome.output)["state"].toString(), QString("done"));
    QCOMPARE(outcome.exitCode, 1);
    // It is still a pipe, not a file in its place.
    QVERIFY(QFileInfo(file).exists() && !QFileInfo(file).isFile());
}

void TestCommandLine::aFullDisk()
{
    const QString disk = path("disk");
    QVERIFY(QDir().mkpath(disk));
    const QStringList namespaces = {"-rm", "/bin/sh", "-c"};
    if (finish(*start("unshare", namespaces + QStringList{"mount -t tmpfs none " + disk})).exitCode
        != 0)
        QSKIP("this user may not mount a small file system");
    const Outcome outcome = finish(*start("unshare",
        namespaces
            + QStringList{"mount -t tmpfs -o size=16k none " + disk + " && cd " + disk
                    + " && echo old >run.json && echo old >x.png"
                      " && \"$0\" run prime_counting limit=1000000 workers=2 --quiet"
                      " --save run.json --figure timeline=x.png;"
                      " status=$?; ls -A; cat run.json x.png; exit $status",
                MANYHANDS_BINARY}));
    QCOMPARE(outcome.errors.count('\n'), 2);
    for (const char* words : {"run.json", "x.png", "No space left"})
        QVERIFY2(outcome.errors.contains(words), outcome.errors);
    QCOMPARE(outcome.output, QByteArray("run.json\nx.png\nold\nold\n"));
    QCOMPARE(outcome.exitCode, 1);
}

void TestCommandLine::figure()
{
    QTemporaryDir folder;
    QStringList options = {"--quiet"};
    for (const char* view : {"timeline", "ipc", "speedup", "budget"})
        options << "--figure" << QString("%1=%2/%1.png").arg(view, folder.path());
    // A parameter behind a figure is still a parameter.
    const Outcome outcome = manyhands(
        QStringList{"run", "prime_counting", "limit=1000000"} + options + QStringList{"workers=2"});
    QCOMPARE(outcome.errors, QByteArray());
    QCOMPARE(outcome.exitCode, 0);
    for (const char* view : {"timeline", "ipc", "speedup", "budget"}) {
        const QByteArray png = contents(QString("%1/%2.png").arg(folder.path(), view));
        QVERIFY2(png.startsWith("\x89PNG\r\n\x1a\n"), view);
        // The first chunk is IHDR: width and height, four bytes each, from byte 16 on.
        QCOMPARE(png.mid(16, 8).toHex(),
            QByteArray("00000807"
                       "00000427")); // 174 × 90 mm at 300 pixels an inch
    }
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 4);
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
