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

Series seriesOf(const char* view, const char* name, SeriesStyle style, std::vector<double> x,
    std::vector<double> y, std::vector<double> low = {}, std::vector<double> high = {})
{
    return {view, name, style, false, std::move(x), std::move(y), std::move(low), std::move(high)};
}

ResultDocument documentOfViews()
{
    using enum SeriesStyle;
    Series depth = seriesOf("lines", "depth of the queue", steps, {}, {});
    for (int i = 0; i < 60; ++i) {
        depth.x.push_back(i * 10);
        depth.y.push_back(10 + 8 * std::sin(i / 6.0));
    }
    Series law = seriesOf("lines", "expected by Little's law", line, {0, 590}, {11, 11});
    law.reference = true;
    ResultDocument document;
    document.series = {depth, law,
        seriesOf("lines", "producers waiting", line, {0, 100, 300, 590}, {0, 2, 3, 1}),
        seriesOf("bars", "lost updates", bars, {1, 2, 3, 4, 5}, {3, 9, 12, 7, 0}, {2, 8, 10, 7, 0},
            {5, 11, 16, 8, 0}),
        seriesOf("bars", "of the other way", bars, {1, 2, 3, 4, 5}, {1, 4, 6, 3, 1}),
        seriesOf("logarithmic", "lock", points, {1, 10, 100, 1e4}, {200, 30, 8, 6}, {150, 25, 7, 5},
            {300, 40, 10, 7}),
        seriesOf("logarithmic", "atomic", line, {1, 10, 100, 1e4}, {20, 20, 21, 19})};
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

PredictedPoint predictionOf(const char* quantity, const char* question, const char* unit,
    double minimum, double maximum, std::optional<double> value, std::optional<Measured> measured)
{
    PredictedPoint point;
    point.description.name = quantity;
    point.description.question = question;
    point.description.quantity = quantity;
    point.description.unit = unit;
    point.description.minimum = minimum;
    point.description.maximum = maximum;
    point.prediction.value = value;
    point.measured = std::move(measured);
    point.open = !point.measured;
    return point;
}

Predictions predictionsOfAll()
{
    std::vector<PredictedPoint> points;
    points.push_back(predictionOf("speedup", "How much faster than one process will this be?", "×",
        0, 8, 3.4, Measured{2.7, 2.5, 2.9, 5, "×"}));
    points.push_back(predictionOf(
        "best_chunk", "Which chunk size is the fastest?", "", 1, 1e6, 300, std::nullopt));
    points.back().description.logarithmic = true;
    points.push_back(predictionOf(
        "lost", "How many items are lost?", "items", 0, 0, {}, Measured{40, 20, 60, 5, "items"}));
    points.back().description.kind = PredictionKind::choice;
    points.back().description.choices
        = {{"none", 0, 0}, {"some", 1, 100}, {"most of them", 101, 1e6}};
    points.back().prediction.choice = 0;
    points.push_back(predictionOf("depth", "How full is the queue after 0.3 s?", "items", 0, 30, 20,
        Measured{6, 4, 8, 5, "items"}));
    points.back().description.kind = PredictionKind::point;
    points.back().description.view = "lines";
    points.back().description.x = 300;
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
