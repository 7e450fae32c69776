// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers behind the charts of a real run, recomputed from its saved file by a script that
// knows nothing of our code.
#include "app/views/budget_chart.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/durations_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/timeline.hpp"
#include "engine/observe/run_file.hpp"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;

class TestRecomputed : public QObject
{
    Q_OBJECT

private slots:
    void figures_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::newRow("two workers") << QStringList{"limit=2500000", "workers=2"};
        QTest::newRow("five workers, few chunks")
            << QStringList{"limit=2500000", "workers=5", "chunks=12"};
    }

    void figures()
    {
        QFETCH(QStringList, words);
        QTemporaryDir folder;
        const QString file = folder.filePath("run.json");
        QCOMPARE(QProcess::execute(QStringLiteral(MANYHANDS_BINARY_DIR "/manyhands"),
                     QStringList{"run", "prime_counting", "--quiet", "--save", file} + words),
            0);
        const FinishedRun run = open_run(file.toStdString());
        const RunFacts facts = factsOf(run);
        Timeline timeline;
        BudgetChart budget;
        IpcVolume ipc;
        ChannelMatrix matrix;
        DurationsChart durations;
        SpeedupChart speedup;
        const std::pair<Chart*, const char*> charts[]
            = {{&timeline, "timeline"}, {&budget, "budget"}, {&ipc, "ipc"}, {&matrix, "matrix"},
                {&durations, "durations"}, {&speedup, "speedup"}};
        for (const auto& [chart, name] : charts) {
            chart->showRun(facts);
            QVERIFY(!chart->picture({800, 400}).isNull());
            QFile csv(folder.filePath(QString::fromLatin1(name) + ".csv"));
            QVERIFY(csv.open(QIODevice::WriteOnly));
            csv.write(toCsv(chart->table()).toUtf8());
        }
        QProcess script;
        script.setProcessChannelMode(QProcess::MergedChannels);
        script.start(QStringLiteral("python3"),
            {QStringLiteral(MANYHANDS_SOURCE_DIR "/tests/app/recompute_figures.py"),
                folder.path()});
        QVERIFY(script.waitForFinished(60'000));
        QVERIFY2(script.exitCode() == 0, script.readAll().constData());
    }
};

QTEST_MAIN(TestRecomputed)
#include "tst_recomputed.moc"
