// SPDX-License-Identifier: GPL-3.0-or-later
// Every view in every theme and at several sizes, for eyes: written where MANYHANDS_PICTURES says.
// Without it they are drawn all the same, and checked for what a program can see.
#include "app/views/budget_chart.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/durations_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/memory_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "tests/app/sample_run.hpp"

#include <QDir>
#include <QTest>

#include <functional>
#include <memory>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

struct View
{
    const char* name;
    std::function<std::unique_ptr<Chart>()> make;
};

template <typename Made>
std::unique_ptr<Chart> made(int option = 0, int other = 0)
{
    auto chart = std::make_unique<Made>();
    if (option > 0)
        chart->switches().at(0)->actions().at(option)->setChecked(true);
    if (other > 0)
        chart->switches().at(1)->actions().at(other)->setChecked(true);
    return chart;
}

const QList<View> views = {{"ipc", [] { return made<IpcVolume>(); }},
    {"ipc messages in all", [] { return made<IpcVolume>(1, 1); }},
    {"matrix", [] { return made<ChannelMatrix>(); }},
    {"speedup", [] { return made<SpeedupChart>(); }},
    {"points", [] { return made<SpeedupChart>(1); }},
    {"efficiency", [] { return made<SpeedupChart>(2); }},
    {"budget", [] { return made<BudgetChart>(); }},
    {"budget per cent", [] { return made<BudgetChart>(1, 2); }},
    {"memory", [] { return made<MemoryChart>(); }},
    {"durations", [] { return made<DurationsChart>(); }}};

void addMemory(Script& script, int workers)
{
    for (int i = 1; i <= workers; ++i) {
        for (int sample = 0; sample < 12; ++sample) {
            const std::int64_t time = (2100 + 60 * sample) * millisecond;
            script.at(time, [=](RecordingBuilder& builder) {
                const auto bytes = static_cast<std::uint64_t>(4'000'000 + 700'000 * sample * i);
                builder.memory_sample(static_cast<std::uint32_t>(i),
                    static_cast<std::uint64_t>(time), bytes, bytes / 2);
            });
        }
    }
}

RunFacts factsOf(const Recording& recording, int workers)
{
    RunFacts facts;
    facts.recording = &recording;
    facts.budget = time_budget(recording, recording.shown_interval());
    facts.workers = workers;
    facts.usableCpus = 4;
    facts.declaresMemory = true;
    facts.sequentialS = SampleRun::sequentialS;
    facts.allWork = SampleRun::allWork;
    for (const int p : {1, 2, 3, 4, 6, 8}) {
        const double wall = 2.0 * (0.08 + 0.92 / std::min(p, 4)) + (p > 4 ? 0.03 * p : 0);
        facts.points.push_back(
            {p, {wall, wall * 1.04, wall * 0.98, wall * 1.1, wall * 0.96}, 2.0, p > 4});
    }
    return facts;
}

} // namespace

class TestChartPictures : public QObject
{
    Q_OBJECT

private slots:
    void draws_data();
    void draws();
};

void TestChartPictures::draws_data()
{
    QTest::addColumn<int>("view");
    QTest::addColumn<QString>("theme");
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("percent");
    QTest::addColumn<int>("workers");
    for (int view = 0; view < views.size(); ++view) {
        for (const char* const theme : {"light", "dark", "high contrast"}) {
            QTest::addRow("%s, %s", views[view].name, theme)
                << view << theme << QSize(640, 360) << 100 << 4;
            QTest::addRow("%s, %s, small", views[view].name, theme)
                << view << theme << QSize(320, 220) << 100 << 4;
        }
        QTest::addRow("%s, light, letters of 300 %%", views[view].name)
            << view << "light" << QSize(1200, 700) << 300 << 4;
        QTest::addRow("%s, light, letters of 80 %%", views[view].name)
            << view << "light" << QSize(320, 240) << 80 << 4;
        QTest::addRow("%s, dark, 255 workers", views[view].name)
            << view << "dark" << QSize(900, 500) << 100 << 255;
    }
}

void TestChartPictures::draws()
{
    QFETCH(int, view);
    QFETCH(QString, theme);
    QFETCH(QSize, size);
    QFETCH(int, percent);
    QFETCH(int, workers);
    SampleRun run(workers);
    addMemory(run.script, workers);
    const Recording recording = run.recording();
    const Theme& wanted = theme == QLatin1String("light") ? Theme::light()
        : theme == QLatin1String("dark")                  ? Theme::dark()
                                                          : Theme::highContrast();
    const std::unique_ptr<Chart> chart = views[view].make();
    QFont font = chart->font();
    font.setPixelSize(13 * percent / 100);
    chart->setFont(font);
    chart->fixTheme(wanted);
    chart->showRun(factsOf(recording, workers));
    const QImage picture = chart->picture(size);
    QVERIFY2(!chart->isEmpty(), qPrintable(chart->emptyTitle()));
    QCOMPARE(picture.size(), size);
    QCOMPARE(picture.pixelColor(1, size.height() - 2), wanted.background);
    // Data has most of the room, and every title fits along its axis.
    const QRect area = chart->axisRect()->rect();
    QVERIFY(area.width() > size.width() / 3);
    QVERIFY(area.height() > size.height() / 5);
    const QFontMetrics metrics(font);
    for (QCPAxisRect* rect : chart->axisRects()) {
        for (QCPAxis* axis : rect->axes()) {
            if (!axis->visible() || !rect->visible())
                continue;
            const bool across = axis->orientation() == Qt::Horizontal;
            const int length = across ? size.width() : size.height();
            QVERIFY2(metrics.horizontalAdvance(axis->label()) <= length, qPrintable(axis->label()));
        }
    }
    const QString folder = qEnvironmentVariable("MANYHANDS_PICTURES");
    if (!folder.isEmpty()) {
        QVERIFY(QDir().mkpath(folder));
        const QString name = QString::fromUtf8(QTest::currentDataTag()).replace(", ", "-");
        QVERIFY(picture.save(QDir(folder).filePath(name + ".png")));
    }
}

QTEST_MAIN(TestChartPictures)
#include "tst_chart_pictures.moc"
