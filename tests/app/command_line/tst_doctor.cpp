// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands doctor`: every check has its line, and what is taken away from it is missed.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

const QString manyhands = QStringLiteral(MANYHANDS_BINARY);
constexpr int timeoutMs = 60'000;

struct Outcome
{
    int exitCode = -1;
    QString output;
    QString errors;
    QJsonObject json;

    QJsonObject check(const QString& name) const
    {
        for (const QJsonValue& one : json["checks"].toArray()) {
            if (one["name"].toString() == name)
                return one.toObject();
        }
        return {};
    }
    QString state(const QString& name) const { return check(name).value("state").toString(); }
    QJsonValue value(const QString& name, const QString& key) const
    {
        return check(name).value("values").toObject().value(key);
    }
    QString found(const QString& name) const { return check(name).value("found").toString(); }
};

} // namespace

class TestDoctor : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void namesEverything();
    void linesForPeople();
    void worksWithoutADisplay();
    void oneCpu();
    void tooFewDescriptors();
    void noLessonProgram();
    void lessonProgramOfAnotherBuild();
    void foldersThatCannotBeWritten();
    void noPython();
    void leavesNothing();
    void usage_data();
    void usage();

private:
    Outcome run(const QStringList& arguments, const QString& program = manyhands) const;
    /// A line for the shell, with the program as $0.
    Outcome runInShell(const QString& line) const;
    Outcome ended(QProcess& process) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    QProcessEnvironment m_environment;
};

void TestDoctor::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_environment = QProcessEnvironment::systemEnvironment();
    m_environment.insert("XDG_DATA_HOME", m_folder->filePath("data"));
    m_environment.insert("XDG_CONFIG_HOME", m_folder->filePath("config"));
}

Outcome TestDoctor::ended(QProcess& process) const
{
    Outcome outcome;
    if (!process.waitForFinished(timeoutMs) || process.exitStatus() != QProcess::NormalExit)
        return outcome;
    outcome.exitCode = process.exitCode();
    const QByteArray output = process.readAllStandardOutput();
    outcome.output = QString::fromUtf8(output);
    outcome.errors = QString::fromUtf8(process.readAllStandardError());
    outcome.json = QJsonDocument::fromJson(output).object();
    return outcome;
}

Outcome TestDoctor::run(const QStringList& arguments, const QString& program) const
{
    QProcess process;
    process.setProcessEnvironment(m_environment);
    process.start(program, QStringList{"doctor"} + arguments);
    return ended(process);
}

Outcome TestDoctor::runInShell(const QString& line) const
{
    QProcess process;
    process.setProcessEnvironment(m_environment);
    process.start("/bin/sh", {"-c", line, manyhands});
    return ended(process);
}

void TestDoctor::namesEverything()
{
    const Outcome outcome = run({"--json"});
    QCOMPARE(outcome.errors, QString());
    QCOMPARE(outcome.json["schema"].toInt(), 1);
    QStringList names;
    bool missing = false;
    for (const QJsonValue& one : outcome.json["checks"].toArray()) {
        const QString name = one["name"].toString();
        names.append(name);
        const QString state = one["state"].toString();
        QVERIFY2(QStringList({"fine", "poor", "missing"}).contains(state), qPrintable(name));
        QVERIFY2(!one["found"].toString().isEmpty(), qPrintable(name));
        QVERIFY2(state == "fine" || !one["advice"].toString().isEmpty(), qPrintable(name));
        QVERIFY2(!one["found"].toString().contains('\n'), qPrintable(name));
        missing = missing || state == "missing";
    }
    QCOMPARE(names,
        (QStringList{"cpus", "memory", "processes", "descriptors", "clock", "kernel",
            "lesson_program", "display", "drawing", "fonts", "sqlite", "data_folder",
            "config_folder", "disk", "load", "governor", "python3"}));
    QCOMPARE(outcome.json["usable"].toBool(), !missing);
    QCOMPARE(outcome.exitCode, missing ? 3 : 0);
    // What these tests stand on is here.
    for (const char* const name :
        {"kernel", "lesson_program", "drawing", "sqlite", "data_folder", "config_folder"})
        QVERIFY2(outcome.state(name) == "fine", qPrintable(outcome.found(name)));
    QVERIFY(outcome.value("cpus", "usable_cpus").toInt() >= 1);
    QVERIFY(outcome.value("kernel", "memfd_create").toBool());
    QVERIFY(!QFile::exists(m_folder->filePath("data"))); // only looked at
}

void TestDoctor::linesForPeople()
{
    const Outcome json = run({"--json"});
    const Outcome outcome = run({});
    const QStringList lines = outcome.output.split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), json.json["checks"].toArray().size() + 1);
    for (const QString& line : lines.mid(0, lines.size() - 1)) {
        QVERIFY2(QStringList({QString::fromUtf8("✓"), "!", QString::fromUtf8("✕")})
                     .contains(line.left(1)),
            qPrintable(line));
    }
    QVERIFY2(lines.last().contains("needed is there") || lines.last().contains("missing"),
        qPrintable(lines.last()));
    QVERIFY(!outcome.output.contains('\x1b'));
}

void TestDoctor::worksWithoutADisplay()
{
    for (const char* const name :
        {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR"})
        m_environment.remove(name);
    const Outcome outcome = run({"--json"});
    QCOMPARE(outcome.errors, QString());
    QCOMPARE(outcome.state("display"), QStringLiteral("poor"));
    QVERIFY(outcome.found("display").contains("DISPLAY"));
    QVERIFY(outcome.value("fonts", "families").isDouble());
    QCOMPARE(outcome.exitCode, outcome.json["usable"].toBool() ? 0 : 3);
}

void TestDoctor::oneCpu()
{
    const Outcome outcome
        = runInShell("exec taskset -c $(taskset -cp $$ | sed 's/.*: *\\([0-9]*\\).*/\\1/') \"$0\" "
                     "doctor --json");
    QCOMPARE(outcome.value("cpus", "affinity_cpus").toInt(), 1);
    QCOMPARE(outcome.value("cpus", "usable_cpus").toInt(), 1);
    QCOMPARE(outcome.state("cpus"), QStringLiteral("poor"));
}

void TestDoctor::tooFewDescriptors()
{
    const Outcome outcome = runInShell("ulimit -n 60 && exec \"$0\" doctor --json");
    QCOMPARE(outcome.state("descriptors"), QStringLiteral("missing"));
    QVERIFY(outcome.check("descriptors").value("advice").toString().contains("ulimit -n"));
    QCOMPARE(outcome.exitCode, 3);
    QCOMPARE(outcome.json["usable"].toBool(true), false);
    const Outcome some = runInShell("ulimit -n 200 && exec \"$0\" doctor --json");
    QCOMPARE(some.state("descriptors"), QStringLiteral("poor"));
}

void TestDoctor::noLessonProgram()
{
    const QString alone = m_folder->filePath("manyhands");
    QVERIFY(QFile::copy(manyhands, alone));
    const Outcome outcome = run({"--json"}, alone);
    QCOMPARE(outcome.state("lesson_program"), QStringLiteral("missing"));
    QVERIFY(outcome.found("lesson_program").contains("is missing"));
    QCOMPARE(outcome.exitCode, 3);
}

void TestDoctor::lessonProgramOfAnotherBuild()
{
    const QString ours = m_folder->filePath("manyhands");
    QVERIFY(QFile::copy(manyhands, ours));
    QFile other(m_folder->filePath("manyhands-lesson"));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("#!/bin/sh\necho '9.9.9 (commit other)'\n");
    other.close();
    QVERIFY(other.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
    const Outcome outcome = run({"--json"}, ours);
    QCOMPARE(outcome.state("lesson_program"), QStringLiteral("missing"));
    QVERIFY2(outcome.found("lesson_program").contains("9.9.9 (commit other)"),
        qPrintable(outcome.found("lesson_program")));
    QCOMPARE(outcome.exitCode, 3);
}

void TestDoctor::foldersThatCannotBeWritten()
{
    QFile file(m_folder->filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    m_environment.insert("XDG_DATA_HOME", m_folder->filePath("file/data"));
    m_environment.insert("XDG_CONFIG_HOME", "/proc/self");
    const Outcome outcome = run({"--json"});
    for (const char* const name : {"data_folder", "config_folder"}) {
        QCOMPARE(outcome.state(name), QStringLiteral("poor"));
        QVERIFY(outcome.check(name).value("advice").toString().contains("are not kept"));
        QCOMPARE(outcome.found(name).count("cannot be written"), 1);
    }
    QVERIFY2(outcome.found("data_folder").contains(m_folder->filePath("file")),
        qPrintable(outcome.found("data_folder")));
}

void TestDoctor::noPython()
{
    m_environment.insert("PATH", m_folder->filePath("nothing"));
    const Outcome outcome = run({"--json"});
    QCOMPARE(outcome.state("python3"), QStringLiteral("poor"));
    QVERIFY(outcome.value("python3", "path").isNull());
}

void TestDoctor::leavesNothing()
{
    QVERIFY(QDir(m_folder->path()).mkdir("tmp"));
    m_environment.insert("TMPDIR", m_folder->filePath("tmp"));
    m_environment.remove("XDG_RUNTIME_DIR");
    QVERIFY(run({}).exitCode >= 0);
    QCOMPARE(
        QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
        QStringList{"tmp"});
    QVERIFY(QDir(m_folder->filePath("tmp"))
                .isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
}

void TestDoctor::usage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("help") << QStringList{"--help"} << 0;
    QTest::newRow("a word") << QStringList{"now"} << 2;
    QTest::newRow("an unknown option") << QStringList{"--fix"} << 2;
}

void TestDoctor::usage()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exitCode);
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.exitCode, exitCode);
    QCOMPARE(outcome.errors.count('\n'), exitCode == 0 ? 0 : 1);
    QVERIFY((exitCode == 0 ? outcome.output : outcome.errors).contains("doctor"));
}

QTEST_GUILESS_MAIN(TestDoctor)
#include "tst_doctor.moc"
