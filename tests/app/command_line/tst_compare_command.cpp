// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the real `manyhands compare` as a child, without a display, and looks at what a script sees.
#include "tests/app/command_line/program.hpp"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace command_test;

namespace {

QJsonObject quantity(const QJsonObject& comparison, const QString& name)
{
    for (const QJsonValue& one : comparison["differences"]["quantities"].toArray()) {
        if (one["name"].toString() == name)
            return one.toObject();
    }
    return {};
}

double medianOf(QList<double> values)
{
    std::sort(values.begin(), values.end());
    const qsizetype half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

bool near(double one, double other)
{
    return std::abs(one - other) <= 1e-9 * std::max(1.0, std::abs(other));
}

} // namespace

class TestCompareCommand : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        const auto run = [&](const QString& name, const QStringList& how) {
            const Outcome outcome = manyhands(QStringList{"run", "prime_counting", "limit=20000"}
                + how + QStringList{"--quiet", "--save", pathOf(name)});
            QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
        };
        run("a.json", {"workers=1", "--repeat", "2"});
        run("b.json.gz", {"workers=2", "--repeat", "3"});
        run(QString::fromUtf8("größer ▲.json"), {"workers=2"});
        run("untraced.json", {"workers=2", "--no-trace"});
        const Outcome other
            = manyhands({"run", "producer_consumer", "--quiet", "--save", pathOf("other.json")});
        QVERIFY2(other.exitCode == 0 || QFileInfo::exists(pathOf("other.json")),
            other.errors.constData());

        QFile whole(pathOf("a.json"));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QByteArray bytes = whole.readAll();
        write("cut.json", bytes.left(bytes.size() * 3 / 5));
        write("none.json", "{\"traceEvents\": []}");
        write("empty.json", "");
    }

    void badInput_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QStringList>("said");
        const QStringList two = {"a.json", "b.json.gz"};
        QTest::newRow("no file") << QStringList() << QStringList()
                                 << QStringList{"two to four", ": 0"};
        QTest::newRow("one file") << QStringList{"a.json"} << QStringList()
                                  << QStringList{"two to four", ": 1"};
        QTest::newRow("five files") << QStringList{"a.json", "a.json", "a.json", "a.json", "a.json"}
                                    << QStringList() << QStringList{"two to four", ": 5"};
        QTest::newRow("a missing file") << QStringList{"a.json", "nowhere.json"} << QStringList()
                                        << QStringList{"nowhere.json", "does not exist"};
        QTest::newRow("a folder") << QStringList{"a.json", "."} << QStringList()
                                  << QStringList{"is no file"};
        QTest::newRow("no run") << QStringList{"a.json", "none.json"} << QStringList()
                                << QStringList{"none.json"};
        QTest::newRow("an empty file")
            << QStringList{"a.json", "empty.json"} << QStringList() << QStringList{"empty.json"};
        QTest::newRow("an unknown view") << two << QStringList{"--figure", "matrix=m.png"}
                                         << QStringList{"matrix", "timeline, budget, speedup, ipc"};
        QTest::newRow("no view") << two << QStringList{"--figure", "m.png"}
                                 << QStringList{"VIEW=FILE"};
        QTest::newRow("a figure nowhere") << two << QStringList{"--figure", "budget=/nowhere/b.png"}
                                          << QStringList{"/nowhere/b.png"};
        QTest::newRow("an unknown option") << two << QStringList{"--nope"} << QStringList{"--nope"};
        QTest::newRow("figures without a trace")
            << QStringList{"untraced.json", "untraced.json"}
            << QStringList{"--figure", "budget=" + pathOf("never.png")} << QStringList{"trace"};
    }

    void badInput()
    {
        QFETCH(QStringList, files);
        QFETCH(QStringList, options);
        QFETCH(QStringList, said);
        const Outcome outcome = manyhands(QStringList{"compare"} + paths(files) + options);
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY2(outcome.output.isEmpty(), outcome.output.constData());
        QCOMPARE(outcome.errors.count('\n'), 1);
        for (const QString& part : said)
            QVERIFY2(outcome.errors.contains(part.toUtf8()), outcome.errors.constData());
        QVERIFY(!QFileInfo::exists(pathOf("never.png")));
    }

    void help()
    {
        const Outcome outcome = manyhands({"compare", "--help"});
        QCOMPARE(outcome.exitCode, 0);
        for (const char* word : {"--figure", "--json", "--quiet", "two to four", "timeline"})
            QVERIFY2(outcome.output.contains(word), outcome.output.constData());
    }

    // From the runs that the same object holds, by other means.
    void numbersAreThoseOfTheRuns()
    {
        const Outcome outcome
            = manyhands(QStringList{"compare", "--json"} + paths({"a.json", "b.json.gz"}));
        QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
        const QJsonObject comparison = object(outcome.output);
        QCOMPARE(comparison["schema"].toInt(), 1);
        const QJsonArray runs = comparison["runs"].toArray();
        QCOMPARE(runs.size(), 2);
        QList<double> walls;
        QList<double> bytes;
        QList<double> computing;
        QList<double> speedups;
        for (const QJsonValue& run : runs) {
            QList<double> wall;
            QList<double> serial;
            for (const QJsonValue& repeat : run["repeats"].toArray()) {
                wall << repeat["wall_s"].toDouble();
                serial << repeat["sequential_s"].toDouble();
            }
            walls << medianOf(wall);
            speedups << medianOf(serial) / medianOf(wall);
            double sum = 0;
            for (const QJsonValue& channel : run["channels"].toArray())
                sum += channel["bytes"].toDouble();
            bytes << sum;
            computing << run["budget"]["computing"].toDouble();
        }
        const auto check = [&](const char* name, const QList<double>& values) {
            const QJsonObject found = quantity(comparison, name);
            QVERIFY2(near(found["values"][0].toDouble(), values[0])
                    && near(found["values"][1].toDouble(), values[1]),
                name);
            QVERIFY2(near(found["difference"][1].toDouble(), values[1] - values[0]), name);
            QVERIFY2(near(found["ratio"][1].toDouble(), values[1] / values[0]), name);
        };
        check("wall_s", walls);
        check("speedup", speedups);
        check("bytes", bytes);
        check("budget.computing", computing);
        const QJsonObject settings
            = comparison["differences"]["settings"].toArray().at(0).toObject();
        QCOMPARE(settings["name"].toString(), "workers");
        QCOMPARE(settings["values"].toArray(), QJsonArray({"1", "2"}));
    }

    void theSameInEveryLocale()
    {
        const QStringList arguments
            = QStringList{"compare", "--json"} + paths({"a.json", "b.json.gz"});
        const Outcome plain = manyhands(arguments);
        QCOMPARE(plain.exitCode, 0);
        for (const char* locale : {"de_DE.UTF-8", "tr_TR.UTF-8"})
            QCOMPARE(manyhands(arguments, locale).output, plain.output);
        const QStringList words = QStringList{"compare"} + paths({"a.json", "b.json.gz"});
        QCOMPARE(manyhands(words, "de_DE.UTF-8").output, manyhands(words).output);
    }

    void tableAndWords()
    {
        const Outcome outcome = manyhands(QStringList{"compare"} + paths({"a.json", "b.json.gz"}));
        QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
        QVERIFY2(outcome.errors.isEmpty(), outcome.errors.constData());
        for (const char* part :
            {"Comparison of 2 runs", "A  ", "B  ", "wall time", "B - A", "B / A", "computing",
                "bytes sent", "In words", "B differs from A in workers (2, not 1)"})
            QVERIFY2(outcome.output.contains(part), part);
        for (const QByteArray& line : outcome.output.split('\n'))
            QVERIFY2(!line.contains('\x1b') && !line.endsWith(' '), line.constData());
    }

    void whatIsAllowedButSaid_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QStringList>("said");
        QTest::newRow("the same file twice")
            << QStringList{"a.json", "a.json"} << QStringList{"are the same file"};
        QTest::newRow("another lesson") << QStringList{"a.json", "other.json"}
                                        << QStringList{"different lessons", "comparable work"};
        QTest::newRow("a cut file")
            << QStringList{"a.json", "cut.json"} << QStringList{"The file of B is incomplete"};
        QTest::newRow("no trace") << QStringList{"a.json", "untraced.json"}
                                  << QStringList{"B was run without a trace"};
        QTest::newRow("measured once, with a name of its own")
            << QStringList{"a.json", QString::fromUtf8("größer ▲.json")}
            << QStringList{QString::fromUtf8("größer ▲.json"), "B was measured once (n = 1)"};
        QTest::newRow("four") << QStringList{"a.json", "b.json.gz", "untraced.json", "a.json"}
                              << QStringList{"Comparison of 4 runs", "D / A"};
    }

    void whatIsAllowedButSaid()
    {
        QFETCH(QStringList, files);
        QFETCH(QStringList, said);
        const Outcome outcome = manyhands(QStringList{"compare"} + paths(files));
        QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
        for (const QString& part : said)
            QVERIFY2(outcome.output.contains(part.toUtf8()), outcome.output.constData());
    }

    void quiet()
    {
        const Outcome outcome
            = manyhands(QStringList{"compare", "--quiet"} + paths({"a.json", "b.json.gz"}));
        QCOMPARE(outcome.exitCode, 0);
        QVERIFY(outcome.output.isEmpty() && outcome.errors.isEmpty());
    }

    void figures()
    {
        QStringList arguments
            = QStringList{"compare", "--quiet"} + paths({"a.json", "b.json.gz", "untraced.json"});
        // A short run may be over before its speedup is sampled.
        const QStringList views = {"timeline", "budget", "ipc"};
        for (const QString& view : views)
            arguments << "--figure" << view + '=' + pathOf(view + ".png");
        const Outcome outcome = manyhands(arguments);
        QVERIFY2(outcome.exitCode == 0, outcome.errors.constData());
        QVERIFY2(outcome.errors.isEmpty(), outcome.errors.constData());
        for (const QString& view : views) {
            const QImage picture(pathOf(view + ".png"));
            QCOMPARE(picture.size(), QSize(2055, 1063));
            // Something is drawn in each third of it.
            for (int third = 0; third < 3; ++third) {
                QSet<QRgb> colours;
                for (int y = third * 350; y < (third + 1) * 350; y += 2) {
                    for (int x = 0; x < picture.width(); x += 2)
                        colours.insert(picture.pixel(x, y));
                }
                QVERIFY2(colours.size() > 2, qPrintable(view));
            }
        }
        // Nothing is left beside them.
        const QStringList left = QDir(m_folder.path()).entryList({"*.png*"}, QDir::Files);
        QCOMPARE(left.size(), views.size());
    }

    void aFigureDoesNotReplaceARun()
    {
        QVERIFY(QFile::copy(pathOf("a.json"), pathOf("run.png")));
        const Outcome outcome = manyhands({"compare", pathOf("run.png"), pathOf("a.json"),
            "--figure", "budget=" + pathOf("run.png")});
        QCOMPARE(outcome.exitCode, 2);
        QVERIFY2(outcome.errors.contains("is named twice"), outcome.errors.constData());
        QVERIFY(QFile::remove(pathOf("run.png")));
    }

    void aFullDisk()
    {
        const QString full = pathOf("full.png");
        QVERIFY(QFile::link("/dev/full", full));
        const Outcome outcome = manyhands(
            QStringList{"compare", "--figure", "budget=" + full} + paths({"a.json", "b.json.gz"}));
        QCOMPARE(outcome.exitCode, 1);
        QCOMPARE(outcome.errors.count('\n'), 1);
        QVERIFY2(outcome.errors.contains("full.png"), outcome.errors.constData());
        QVERIFY(outcome.output.contains("In words"));
        QVERIFY(QFile::remove(full));
    }

private:
    QString pathOf(const QString& name) const { return m_folder.filePath(name); }
    QStringList paths(const QStringList& names) const
    {
        QStringList paths;
        for (const QString& name : names)
            paths << pathOf(name);
        return paths;
    }
    void write(const QString& name, const QByteArray& bytes) const
    {
        QFile file(pathOf(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestCompareCommand)
#include "tst_compare_command.moc"
