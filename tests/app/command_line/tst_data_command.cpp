// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real `manyhands` as a child and looks at the tables that --csv writes, with a script
// that knows nothing of our code and under locales that write numbers in another way.
#include "tests/support/other_locale.hpp"

#include "tests/app/command_line/program.hpp"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <optional>

using namespace command_test;

namespace {

const QStringList shortRun = {"run", "prime_counting", "limit=200000", "workers=2", "--quiet"};
const QStringList shortSweep = {"sweep", "prime_counting", "limit=20000", "--over", "workers=1,2,3",
    "--repeat", "4", "--quiet"};

/// Whether the script finds every number of the folder's tables.
Outcome recomputed(const QTemporaryDir& folder)
{
    return run("python3",
        {QStringLiteral(MANYHANDS_SOURCE_DIR "/tests/app/recompute_tables.py"), folder.path()});
}

void write(const QString& path, const QByteArray& text)
{
    QFile file(path);
    file.open(QIODevice::WriteOnly);
    file.write(text);
}

} // namespace

class TestDataCommand : public QObject
{
    Q_OBJECT

private slots:
    void badInput_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QStringList>("said");
        const auto run = [](const QStringList& words, const QStringList& said) {
            QTest::newRow(qPrintable("run " + words.join(' '))) << shortRun + words << said;
        };
        run({"--csv", ""}, {"--csv", "''", "[TABLE=]FILE"});
        run({"--csv", "channels"}, {"channels", "[TABLE=]FILE", "spans, channels, repeats"});
        run({"--csv", "span=/tmp/x.csv"}, {"span", "unknown table", "spans, channels, repeats"});
        run({"--csv", "=/tmp/x.csv"}, {"''", "unknown table"});
        run({"--csv", "sweep=/tmp/x.csv"}, {"sweep", "not there", "spans, channels, repeats"});
        run({"--csv", "spans="}, {"the name is empty"});
        run({"--csv", "repeats=/none/x.csv"}, {"/none/x.csv", "No such file"});
        run({"--csv", "/tmp"}, {"/tmp", "it is a folder"});
        run({"--csv", "spans=/tmp/" + QString(5000, 'x')}, {"too long"});
        run({"--csv", "/tmp/x.csv", "--csv", "channels=/tmp/./x.csv"}, {"/tmp/./x.csv", "twice"});
        run({"--csv", "/tmp/x.json", "--save", "/tmp/x.json"}, {"/tmp/x.json", "twice"});
        run({"--no-trace", "--csv", "/tmp/x.csv"}, {"--csv /tmp/x.csv", "needs a trace"});
        run({"--no-trace", "--csv", "channels=/tmp/x.csv"}, {"needs a trace", "--no-trace"});
        const auto sweep = [](const QStringList& words, const QStringList& said) {
            QTest::newRow(qPrintable("sweep " + words.join(' '))) << shortSweep + words << said;
        };
        sweep({"--csv", "spans=/tmp/x.csv"}, {"spans", "not there", "sweep"});
        sweep({"--csv", "sweep"}, {"[TABLE=]FILE"});
        sweep({"--csv", "/none/x.csv"}, {"/none/x.csv"});
    }

    void badInput()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QStringList, said);
        const Outcome outcome = command_test::manyhands(arguments);
        QCOMPARE(outcome.output, QByteArray());
        const QString error = QString::fromUtf8(outcome.errors);
        QVERIFY2(error.startsWith("manyhands: "), qPrintable(error));
        QVERIFY2(error.endsWith('\n') && error.count('\n') == 1, qPrintable(error));
        for (const QString& words : said)
            QVERIFY2(error.contains(words), qPrintable(words + " is not in: " + error));
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY(!QFile::exists("/tmp/x.csv"));
    }

    void aRun_data()
    {
        QTest::addColumn<QString>("locale");
        QTest::newRow("C") << QString();
        QTest::newRow("German") << "de_DE";
        QTest::newRow("Turkish") << "tr_TR";
    }

    void aRun()
    {
        QFETCH(QString, locale);
        const QTemporaryDir folder;
        QList<std::pair<QString, QString>> variables;
        std::optional<manyhands::test::OtherLocale> other;
        if (!locale.isEmpty()) {
            other.emplace(locale);
            variables = {{"LOCPATH", other->folder()}, {"LC_ALL", locale + ".UTF-8"}};
            QCOMPARE(run("locale", {"decimal_point"}, variables).output, QByteArray(",\n"));
        }
        const auto file = [&](const char* name) { return folder.filePath(name); };
        const Outcome run = command_test::run(MANYHANDS_BINARY,
            shortRun
                + QStringList{"--repeat", "3", "--save", file("run.json"), "--csv",
                    file("spans.csv"), "--csv", "channels=" + file("channels.csv"), "--csv",
                    "repeats=" + file("repeats.csv")},
            variables);
        QCOMPARE(run.output + run.errors, QByteArray());
        QCOMPARE(run.exitCode, 0);
        const Outcome sweep = command_test::run(MANYHANDS_BINARY,
            shortSweep + QStringList{"--json", "--csv", file("sweep.csv")}, variables);
        QCOMPARE(sweep.errors, QByteArray());
        QCOMPARE(sweep.exitCode, 0);
        write(file("sweep.json"), sweep.output);
        const Outcome script = recomputed(folder);
        QVERIFY2(script.exitCode == 0, script.output + script.errors);
    }

    // A check that cannot fail says nothing.
    void theScriptSeesAWrongNumber()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath("sweep.csv");
        const Outcome sweep
            = command_test::manyhands(shortSweep + QStringList{"--json", "--csv", "sweep=" + path});
        QCOMPARE(sweep.exitCode, 0);
        write(folder.filePath("sweep.json"), sweep.output);
        QCOMPARE(recomputed(folder).exitCode, 0);
        write(path, contents(path).replace("workers,1,1,4,0.", "workers,1,1,4,0.9"));
        QCOMPARE(recomputed(folder).exitCode, 1);
    }

    void withoutATrace()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath("a=b.csv");
        const Outcome outcome
            = command_test::manyhands(shortRun + QStringList{"--no-trace", "--csv", "repeats=" + path});
        QCOMPARE(outcome.errors, QByteArray());
        QCOMPARE(outcome.exitCode, 0);
        QCOMPARE(contents(path).count('\n'), 2);
    }

    void aFullDisk()
    {
        const Outcome outcome = command_test::manyhands(shortRun + QStringList{"--csv", "/dev/full"});
        QVERIFY2(outcome.errors.contains("/dev/full could not be written"), outcome.errors);
        QCOMPARE(outcome.errors.count('\n'), 1);
        QCOMPARE(outcome.exitCode, 1);
    }
};

QTEST_GUILESS_MAIN(TestDataCommand)
#include "tst_data_command.moc"
