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
    void saysEachFailure_data();
    void saysEachFailure();
};

void TestWriteFaults::saysEachFailure_data()
{
    QTest::addColumn<QStringList>("options"); // %1: the file
    QTest::addColumn<QString>("name");
    QTest::newRow("a run") << QStringList{"--save", "%1"} << "run.manyhands.json";
    QTest::newRow("a packed run") << QStringList{"--save", "%1"} << "run.manyhands.json.gz";
    for (const char* const suffix : {"png", "svg", "pdf"}) {
        QTest::addRow("a figure as %s", suffix)
            << QStringList{"--figure", "timeline=%1"} << QString("timeline.%1").arg(suffix);
    }
}

void TestWriteFaults::saysEachFailure()
{
    QFETCH(QStringList, options);
    QFETCH(QString, name);
    const QTemporaryDir folder;
    const QString path = folder.filePath(name);
    for (QString& option : options)
        option = option.contains("%1") ? option.arg(path) : option;
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
        QProcess command;
        command.setProcessEnvironment(variables);
        command.setStandardOutputFile(QProcess::nullDevice());
        command.start(MANYHANDS_BINARY,
            QStringList{"run", "prime_counting", "limit=2000", "workers=1", "--quiet"} + options);
        QVERIFY(command.waitForFinished(patienceMs));
        QCOMPARE(command.exitStatus(), QProcess::NormalExit);
        const QByteArray errors = command.readAllStandardError();
        QCOMPARE(
            QDir(folder.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList(name));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray after = file.readAll();
        file.close();
        if (command.exitCode() == 0) {
            // No call was left to fail.
            QCOMPARE(errors, QByteArray());
            QVERIFY(after != before);
            QVERIFY2(failures >= 4, qPrintable(QString::number(failures)));
            return;
        }
        // Before the run 2, behind it 1.
        QVERIFY2(command.exitCode() == 1 || command.exitCode() == 2, errors);
        QVERIFY2(errors.contains(name.toUtf8()), errors);
        QCOMPARE(errors.count('\n'), 1);
        QCOMPARE(after, before);
        ++failures;
    }
    QFAIL("there is always one more call that fails");
}

QTEST_GUILESS_MAIN(TestWriteFaults)
#include "tst_write_faults.moc"
