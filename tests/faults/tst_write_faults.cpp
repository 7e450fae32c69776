// SPDX-License-Identifier: GPL-3.0-or-later
// Every call that writes a file of a command fails once, in turn, as on a full or a broken disk:
// the command says so in one line, the file that was there stays as it was, and nothing else is
// left in its folder.
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

/// Long enough for any machine; only a hang reaches it.
constexpr int patienceMs = 120'000;
/// More calls than any output makes.
constexpr int mostCalls = 400;
const QByteArray before = "what stood here";

} // namespace

class TestWriteFaults : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void saysEachFailure_data();
    void saysEachFailure();

private:
    QTemporaryDir m_runs;
};

void TestWriteFaults::initTestCase()
{
    const int exit = QProcess::execute(MANYHANDS_BINARY,
        {"run", "prime_counting", "limit=2000", "workers=1", "--quiet", "--save",
            m_runs.filePath("run.json")});
    QCOMPARE(exit, 0);
}

void TestWriteFaults::saysEachFailure_data()
{
    QTest::addColumn<QStringList>("command"); // %1: the file
    QTest::addColumn<QString>("name");
    const QStringList run = {"run", "prime_counting", "limit=2000", "workers=1", "--quiet"};
    const QString saved = m_runs.filePath("run.json");
    const QStringList made = {"export", saved};
    QTest::newRow("a run") << run + QStringList{"--save", "%1"} << "run.manyhands.json";
    QTest::newRow("a packed run") << run + QStringList{"--save", "%1"} << "run.manyhands.json.gz";
    for (const char* const suffix : {"png", "svg", "pdf"}) {
        QTest::addRow("a figure as %s", suffix)
            << made + QStringList{"--figure", "timeline=%1"} << QString("timeline.%1").arg(suffix);
    }
    QTest::newRow("a moving picture")
        << made + QStringList{"--figure", "timeline=%1", "--seconds", "0.2", "--fps", "5"}
        << "timeline.gif";
    QTest::newRow("data") << made + QStringList{"--csv", "%1"} << "spans.csv";
    QTest::newRow("a report") << made + QStringList{"--report", "%1"} << "report.html";
    QTest::newRow("a printed report") << made + QStringList{"--report", "%1"} << "report.pdf";
    QTest::newRow("a comparison") << QStringList{"compare", saved, saved, "--quiet", "--figure",
        "budget=%1"} << "budget.svg";
    QTest::newRow("a comparison's report")
        << QStringList{"compare", saved, saved, "--quiet", "--report", "%1"} << "compared.html";
}

void TestWriteFaults::saysEachFailure()
{
    QFETCH(QStringList, command);
    QFETCH(QString, name);
    const QTemporaryDir folder;
    const QString path = folder.filePath(name);
    for (QString& word : command)
        word = word.contains("%1") ? word.arg(path) : word;
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    variables.insert("LD_PRELOAD", MANYHANDS_FAILING_CALLS);
    variables.insert("MANYHANDS_FAIL_FOLDER", folder.path() + '/');
    variables.insert("ASAN_OPTIONS", "verify_asan_link_order=0");
    int failures = 0;
    for (int at = 1; at < mostCalls; ++at) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(before) == before.size());
        file.close();
        variables.insert("MANYHANDS_FAIL_AT", QString::number(at));
        QProcess process;
        process.setProcessEnvironment(variables);
        process.setStandardOutputFile(QProcess::nullDevice());
        process.start(MANYHANDS_BINARY, command);
        QVERIFY(process.waitForFinished(patienceMs));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        const QByteArray errors = process.readAllStandardError();
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray after = file.readAll();
        file.close();
        if (process.exitCode() == 0) {
            // No call was left to fail.
            QCOMPARE(errors, QByteArray());
            QVERIFY(after != before);
            QVERIFY2(failures >= 4, qPrintable(QString::number(failures)));
            return;
        }
        // Before the run 2, behind it 1.
        QVERIFY2(process.exitCode() == 1 || process.exitCode() == 2, errors);
        QVERIFY2(errors.contains(name.toUtf8()), errors);
        QCOMPARE(errors.count('\n'), 1);
        QCOMPARE(after, before);
        ++failures;
    }
    QFAIL("there is always one more call that fails");
}

QTEST_GUILESS_MAIN(TestWriteFaults)
#include "tst_write_faults.moc"
