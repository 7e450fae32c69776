// SPDX-License-Identifier: GPL-3.0-or-later
// Wall time and speedup over any parameter.
#include "app/views/sweep_chart.hpp"
#include "tests/app/sample_run.hpp"

#include <QSignalSpy>
#include <QTest>

#include <QPushButton>

#include <cmath>
#include <limits>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

constexpr QSize pictureSize(640, 360);

ParameterDescription numberOf(const char* name, bool work = false, bool workers = false)
{
    ParameterDescription parameter;
    parameter.name = name;
    parameter.label = "Chunk size";
    parameter.minimum = 1;
    parameter.maximum = 1e9;
    parameter.work = work;
    parameter.workers = workers;
    return parameter;
}

SweptValue measuredAt(ParameterValue value, double wall, std::optional<double> serial = 2.0)
{
    return {.value = std::move(value),
        .wall_s = {wall * 1.1, wall, wall * 0.9},
        .sequential_s = serial,
        .oversubscribed = false};
}

SweptParameter sweptOver(ParameterDescription parameter, std::vector<SweptValue> values)
{
    SweptParameter swept;
    swept.parameter = std::move(parameter);
    swept.values = std::move(values);
    return swept;
}

RunFacts factsWith(SweptParameter swept)
{
    RunFacts facts;
    facts.usableCpus = 2;
    facts.swept = std::make_shared<const SweptParameter>(std::move(swept));
    return facts;
}

SweptParameter uCurve()
{
    SweptParameter swept = sweptOver(numberOf("chunk"),
        {measuredAt(std::int64_t{1}, 4.0), measuredAt(std::int64_t{100}, 1.0),
            measuredAt(std::int64_t{10'000}, 0.8), measuredAt(std::int64_t{1'000'000}, 1.9)});
    swept.predictor = QuantityDescription{
        "best_chunk", "Best chunk size from the cost of a message", "", "predicted_best", "chunk"};
    swept.predictedBest = 4300;
    return swept;
}

QStringList columnOf(const ChartTable& table, int column)
{
    QStringList cells;
    for (qsizetype row = 0; row < table.rowCount(); ++row)
        cells.append(cellText(table.at(row, column)));
    return cells;
}

QStringList legendOf(const Chart& chart)
{
    QStringList texts;
    for (const LegendEntry& entry : chart.findChild<LegendStrip*>()->entries())
        texts.append(entry.text);
    return texts;
}

} // namespace

class TestSweepChart : public QObject
{
    Q_OBJECT

private slots:
    void asksForASweepWhereThereIsNone();
    void tellsThatTheFirstValueIsMeasured();
    void axisFollowsTheValues_data();
    void axisFollowsTheValues();
    void tellsTheBest();
    void lessWorkIsNotBetter();
    void showsWhatPredictsTheBest();
    void farPredictionIsTold();
    void choicesStandSideBySide();
    void speedupNeedsABaseline();
    void leavesOutWhatIsNoTime();
    void onePointIsEnough();
};

void TestSweepChart::asksForASweepWhereThereIsNone()
{
    SweepChart chart;
    chart.picture(pictureSize);
    QVERIFY(chart.isEmpty());
    QVERIFY2(chart.emptyText().contains("Ctrl+F5"), qPrintable(chart.emptyText()));
    QSignalSpy asked(&chart, &Chart::emptyActionRequested);
    chart.findChild<QPushButton*>()->click();
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.first().first().value<Chart::EmptyAction>(), Chart::EmptyAction::measure);
    QCOMPARE(chart.table().rowCount(), 0);
}

void TestSweepChart::tellsThatTheFirstValueIsMeasured()
{
    SweepChart chart;
    RunFacts facts = factsWith(sweptOver(numberOf("chunk"), {}));
    facts.running = true;
    const Recording recording = SampleRun(2).recording();
    facts.recording = &recording;
    chart.showRun(facts);
    chart.picture(pictureSize);
    QCOMPARE(chart.emptyTitle(), QStringLiteral("Measuring the first value"));
    facts.swept = factsWith(uCurve()).swept; // points come as they are measured
    chart.showRun(facts);
    chart.picture(pictureSize);
    QVERIFY(!chart.isEmpty());
    chart.clear(); // hidden as it is, it is not drawn again
    QCOMPARE(chart.summary(), QString());
    QCOMPARE(chart.table().rowCount(), 0);
    chart.resize(300, 200);
    QCoreApplication::processEvents();
}

void TestSweepChart::axisFollowsTheValues_data()
{
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("last");
    QTest::addColumn<bool>("logarithmic");
    QTest::newRow("one to eight") << 1.0 << 8.0 << false;
    QTest::newRow("one to a million") << 1.0 << 1e6 << true;
    QTest::newRow("from zero") << 0.0 << 1e6 << false;
    QTest::newRow("below zero") << -5.0 << 1e3 << false;
    QTest::newRow("large, but close") << 1e6 << 2e6 << false;
}

void TestSweepChart::axisFollowsTheValues()
{
    QFETCH(double, first);
    QFETCH(double, last);
    QFETCH(bool, logarithmic);
    ParameterDescription parameter = numberOf("chunk");
    parameter.type = ParameterType::real;
    SweepChart chart;
    chart.showRun(factsWith(sweptOver(parameter, {measuredAt(first, 1.0), measuredAt(last, 1.2)})));
    chart.picture(pictureSize);
    QCOMPARE(chart.xAxis->scaleType() == QCPAxis::stLogarithmic, logarithmic);
    QCOMPARE(chart.xAxis->label().contains("logarithmic"), logarithmic);
    QVERIFY(chart.xAxis->range().contains(first));
    QVERIFY(chart.xAxis->range().contains(last));
}

void TestSweepChart::tellsTheBest()
{
    SweepChart chart;
    chart.showRun(factsWith(uCurve()));
    chart.picture(pictureSize);
    QCOMPARE(chart.best(), 2);
    QVERIFY2(chart.summary().contains("10,000 is the best of 4"), qPrintable(chart.summary()));
    QCOMPARE(columnOf(chart.table(), 0), (QStringList{"1", "100", "10000", "1000000"}));
    QCOMPARE(columnOf(chart.table(), 1), QStringList(4, "3"));
    QCOMPARE(columnOf(chart.table(), 2), (QStringList{"4", "1", "0.8", "1.9"}));
    QCOMPARE(columnOf(chart.table(), 3).first(), QStringLiteral("3.8"));
    QCOMPARE(columnOf(chart.table(), 4).first(), QStringLiteral("4.2"));
    QCOMPARE(columnOf(chart.table(), 6), (QStringList{"0.5", "2", "2.5", "1.05263158"}));
    QCOMPARE(columnOf(chart.table(), 7), (QStringList{"none", "none", "best", "none"}));
    QVERIFY2(legendOf(chart).contains("serial: 2.00 s"), qPrintable(legendOf(chart).join('|')));
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(&chart, Qt::Key_Right);
    QVERIFY2(chart.focusedText().contains("the best that was measured"),
        qPrintable(chart.focusedText()));
    QTest::keyClick(&chart, Qt::Key_M);
    QCOMPARE(chart.mode(), SweepChart::Mode::speedup);
    QCOMPARE(chart.best(), 2);
    QVERIFY2(chart.summary().contains("2.50 ×"), qPrintable(chart.summary()));
}

void TestSweepChart::lessWorkIsNotBetter()
{
    SweptParameter swept = uCurve();
    swept.parameter.work = true;
    SweepChart chart;
    chart.showRun(factsWith(swept));
    chart.picture(pictureSize);
    QCOMPARE(chart.best(), -1);
    for (const QString& text : legendOf(chart))
        QVERIFY2(!text.contains("serial"), qPrintable(text));
    chart.setMode(SweepChart::Mode::speedup);
    chart.picture(pictureSize);
    QCOMPARE(chart.best(), 2);
}

void TestSweepChart::showsWhatPredictsTheBest()
{
    SweepChart chart;
    RunFacts facts = factsWith(uCurve());
    PredictedPoint point;
    point.description.name = "best";
    point.description.question = "Which is best?";
    point.description.quantity = "best_chunk";
    point.description.minimum = 1;
    point.description.maximum = 1e6;
    point.description.logarithmic = true;
    point.prediction.value = 100'000;
    PredictedPoint other = point;
    other.description.quantity = "primes";
    facts.predictions
        = std::make_shared<const std::vector<PredictedPoint>>(std::vector{point, other});
    chart.showRun(facts);
    chart.picture(pictureSize);
    QVERIFY2(legendOf(chart).contains("Best chunk size from the cost of a message: 4,300"),
        qPrintable(legendOf(chart).join('|')));
    QCOMPARE(legendOf(chart).filter("you predicted 100,000").size(), 1);
    QVERIFY2(chart.summary().contains("predicted best 4,300"), qPrintable(chart.summary()));
    // Upon the white ground of the line's column there is the line.
    const QImage picture = chart.picture(pictureSize);
    const int x = static_cast<int>(std::lround(chart.xAxis->coordToPixel(4300)));
    const QRect area = chart.axisRect()->rect();
    int dark = 0;
    for (int y = area.top(); y <= area.bottom(); ++y)
        dark += picture.pixelColor(x, y) == chart.theme().text;
    QVERIFY2(dark > area.height() / 4, qPrintable(QString::number(dark)));
}

void TestSweepChart::farPredictionIsTold()
{
    SweptParameter swept = uCurve();
    swept.predictedBest = 1e15;
    SweepChart chart;
    chart.showRun(factsWith(swept));
    chart.picture(pictureSize);
    QCOMPARE(legendOf(chart).filter("beyond the axis").size(), 1);
    QVERIFY(chart.xAxis->range().upper < 1e9);
    swept.predictedBest = std::numeric_limits<double>::quiet_NaN();
    chart.showRun(factsWith(swept));
    chart.picture(pictureSize);
    QVERIFY(legendOf(chart).filter("Best chunk").isEmpty());
}

void TestSweepChart::choicesStandSideBySide()
{
    ParameterDescription parameter;
    parameter.name = "schedule";
    parameter.label = "Schedule";
    parameter.type = ParameterType::choice;
    parameter.choices = {"static", "dynamic", "guided"};
    SweepChart chart;
    chart.showRun(factsWith(sweptOver(parameter,
        {measuredAt(std::string("dynamic"), 0.8), measuredAt(std::string("static"), 1.2)})));
    chart.picture(pictureSize);
    QCOMPARE(
        columnOf(chart.table(), 0), (QStringList{"static", "dynamic"})); // as the lesson has it
    QVERIFY2(chart.summary().contains("dynamic is the best"), qPrintable(chart.summary()));
    QCOMPARE(chart.xAxis->range().lower, -0.5);
    QCOMPARE(chart.xAxis->range().upper, 2.5);
}

void TestSweepChart::speedupNeedsABaseline()
{
    SweepChart chart;
    chart.showRun(factsWith(sweptOver(numberOf("chunk"),
        {measuredAt(std::int64_t{1}, 1.0, std::nullopt),
            measuredAt(std::int64_t{2}, 2.0, std::nullopt)})));
    chart.picture(pictureSize);
    QVERIFY(!chart.isEmpty());
    chart.setMode(SweepChart::Mode::speedup);
    chart.picture(pictureSize);
    QCOMPARE(chart.emptyTitle(), QStringLiteral("No speedup in this lesson"));
}

void TestSweepChart::leavesOutWhatIsNoTime()
{
    SweptParameter swept = uCurve();
    swept.values[0].wall_s = {std::numeric_limits<double>::quiet_NaN(), 0.0, -1.0};
    swept.values[1].wall_s = {std::numeric_limits<double>::infinity(), 1.0};
    SweepChart chart;
    chart.showRun(factsWith(swept));
    chart.picture(pictureSize);
    QCOMPARE(columnOf(chart.table(), 0), (QStringList{"100", "10000", "1000000"}));
    QCOMPARE(columnOf(chart.table(), 1).first(), QStringLiteral("1"));
    QVERIFY(std::isfinite(chart.yAxis->range().upper));
}

void TestSweepChart::onePointIsEnough()
{
    SweepChart chart;
    chart.showRun(
        factsWith(sweptOver(numberOf("workers", false, true), {measuredAt(std::int64_t{4}, 1.0)})));
    chart.picture(pictureSize);
    QVERIFY(!chart.isEmpty());
    QCOMPARE(chart.best(), -1);
    QVERIFY(chart.xAxis->range().contains(4));
    QVERIFY(chart.xAxis->range().lower < chart.xAxis->range().upper);
}

QTEST_MAIN(TestSweepChart)
#include "tst_sweep_chart.moc"
