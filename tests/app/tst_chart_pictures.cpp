// SPDX-License-Identifier: GPL-3.0-or-later
// Every view in every theme and at several sizes, for eyes: written where MANYHANDS_PICTURES says.
// Without it they are drawn all the same, and checked for what a program can see.
#include "app/views/budget_chart.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/durations_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/lesson_view.hpp"
#include "app/views/memory_chart.hpp"
#include "app/views/prediction_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/sweep_chart.hpp"
#include "tests/app/sample_run.hpp"

#include <QDir>
#include <QTest>

#include <cmath>
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

std::unique_ptr<Chart> lessonView(const char* name, bool logarithmic)
{
    return std::make_unique<LessonView>(ViewDescription{.name = name,
        .title = "Depth",
        .x_label = logarithmic ? "Increments in a batch" : "Time (ms)",
        .y_label = logarithmic ? "Cost of an increment (ns)" : "Items in the queue",
        .x_logarithmic = logarithmic,
        .y_logarithmic = logarithmic,
        .help = "It shows what waits."});
}

const QList<View> views = {{"ipc", [] { return made<IpcVolume>(); }},
    {"ipc messages in all", [] { return made<IpcVolume>(1, 1); }},
    {"matrix", [] { return made<ChannelMatrix>(); }},
    {"speedup",
        [] {
            auto chart = std::make_unique<SpeedupChart>();
            chart->setMode(SpeedupChart::Mode::curve);
            return std::unique_ptr<Chart>(std::move(chart));
        }},
    {"points", [] { return made<SpeedupChart>(1); }},
    {"efficiency", [] { return made<SpeedupChart>(2); }},
    {"budget", [] { return made<BudgetChart>(); }},
    {"budget per cent", [] { return made<BudgetChart>(1, 2); }},
    {"memory", [] { return made<MemoryChart>(); }},
    {"durations", [] { return made<DurationsChart>(); }},
    {"sweep", [] { return made<SweepChart>(); }},
    {"sweep speedup", [] { return made<SweepChart>(1); }},
    {"prediction", [] { return made<PredictionChart>(); }},
    {"view lines", [] { return lessonView("lines", false); }},
    {"view bars", [] { return lessonView("bars", false); }},
    {"view logarithmic", [] { return lessonView("logarithmic", true); }}};

ResultDocument documentOfViews()
{
    ResultDocument document;
    Series depth{.view = "lines", .name = "depth of the queue", .style = SeriesStyle::steps};
    for (int i = 0; i < 60; ++i) {
        depth.x.push_back(i * 10);
        depth.y.push_back(10 + 8 * std::sin(i / 6.0));
    }
    document.series = {depth,
        {.view = "lines",
            .name = "expected by Little's law",
            .reference = true,
            .x = {0, 590},
            .y = {11, 11}},
        {.view = "lines", .name = "producers waiting", .x = {0, 100, 300, 590}, .y = {0, 2, 3, 1}},
        {.view = "bars",
            .name = "lost updates",
            .style = SeriesStyle::bars,
            .x = {1, 2, 3, 4, 5},
            .y = {3, 9, 12, 7, 0},
            .low = {2, 8, 10, 7, 0},
            .high = {5, 11, 16, 8, 0}},
        {.view = "bars",
            .name = "of the other way",
            .style = SeriesStyle::bars,
            .x = {1, 2, 3, 4, 5},
            .y = {1, 4, 6, 3, 1}},
        {.view = "logarithmic",
            .name = "lock",
            .style = SeriesStyle::points,
            .x = {1, 10, 100, 1e4},
            .y = {200, 30, 8, 6},
            .low = {150, 25, 7, 5},
            .high = {300, 40, 10, 7}},
        {.view = "logarithmic",
            .name = "atomic",
            .style = SeriesStyle::line,
            .x = {1, 10, 100, 1e4},
            .y = {20, 20, 21, 19}}};
    return document;
}

SweptParameter sweptChunks()
{
    SweptParameter swept;
    swept.parameter.name = "chunk";
    swept.parameter.label = "Chunk size";
    swept.parameter.unit = "numbers";
    swept.predictor = QuantityDescription{"best_chunk",
        "Best chunk size predicted from the measured cost of a message", "", "predicted_best",
        "chunk"};
    swept.predictedBest = 4300;
    const std::vector<std::pair<std::int64_t, double>> curve = {{1, 4.2}, {10, 1.9}, {100, 1.3},
        {1000, 1.1}, {10'000, 1.05}, {100'000, 1.4}, {1'000'000, 1.9}};
    for (const auto& [chunk, wall] : curve)
        swept.values.push_back({chunk, {wall, wall * 1.1, wall * 0.95}, 2.0, false});
    return swept;
}

Predictions predictionsOfAll()
{
    std::vector<PredictedPoint> points;
    points.push_back({{.name = "speedup",
                          .question = "How much faster than one process will this be?",
                          .quantity = "speedup",
                          .unit = "×",
                          .minimum = 0,
                          .maximum = 8},
        {.name = "speedup", .value = 3.4, .choice = {}}, Measured{2.7, 2.5, 2.9, 5, "×"}, false});
    points.push_back({{.name = "chunk",
                          .question = "Which chunk size is the fastest?",
                          .quantity = "best_chunk",
                          .minimum = 1,
                          .maximum = 1e6,
                          .logarithmic = true},
        {.name = "chunk", .value = 300.0, .choice = {}}, std::nullopt, true});
    points.push_back(
        {{.name = "lost",
             .question = "How many items are lost?",
             .quantity = "lost",
             .kind = PredictionKind::choice,
             .choices = {{"none", 0, 0}, {"some", 1, 100}, {"most of them", 101, 1e6}}},
            {.name = "lost", .value = {}, .choice = 0}, Measured{40, 20, 60, 5, "items"}, false});
    points.push_back({{.name = "depth",
                          .question = "How full is the queue after half a second?",
                          .quantity = "depth",
                          .kind = PredictionKind::point,
                          .unit = "items",
                          .minimum = 0,
                          .maximum = 30,
                          .view = "lines",
                          .x = 300},
        {.name = "depth", .value = 20.0, .choice = {}}, Measured{6, 4, 8, 5, "items"}, false});
    return std::make_shared<const std::vector<PredictedPoint>>(std::move(points));
}

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
    static const ResultDocument document = documentOfViews();
    static const auto swept = std::make_shared<const SweptParameter>(sweptChunks());
    static const Predictions predictions = predictionsOfAll();
    facts.document = &document;
    facts.swept = swept;
    facts.predictions = predictions;
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
