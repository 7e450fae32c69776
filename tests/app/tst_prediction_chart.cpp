// SPDX-License-Identifier: GPL-3.0-or-later
// Predictions on their scales, moved by mouse and keys, and beside what was measured.
#include "app/views/prediction_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "tests/app/sample_run.hpp"

#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

constexpr QSize pictureSize(640, 360);

PredictedPoint numberFrom(
    double minimum, double maximum, bool logarithmic, std::optional<double> value)
{
    PredictedPoint point;
    point.description.name = "speed";
    point.description.question = "How much faster?";
    point.description.quantity = "speedup";
    point.description.unit = "×";
    point.description.minimum = minimum;
    point.description.maximum = maximum;
    point.description.logarithmic = logarithmic;
    point.prediction.value = value;
    return point;
}

PredictedPoint choiceOf(std::optional<std::size_t> choice)
{
    PredictedPoint point;
    point.description.name = "lost";
    point.description.question = "How many are lost?";
    point.description.quantity = "lost";
    point.description.kind = PredictionKind::choice;
    point.description.choices = {{"none", 0, 0}, {"some", 1, 1e6}, {"all", 1e6 + 1, 1e9}};
    point.prediction.choice = choice;
    return point;
}

RunFacts factsWith(std::vector<PredictedPoint> points)
{
    RunFacts facts;
    facts.predictions = std::make_shared<const std::vector<PredictedPoint>>(std::move(points));
    return facts;
}

} // namespace

class TestPredictionChart : public QObject
{
    Q_OBJECT

private slots:
    void scalesAreExact_data();
    void scalesAreExact();
    void saysThatNothingIsAsked();
    void dragsByMouse_data();
    void dragsByMouse();
    void movesByKeys();
    void answeredPredictionStays();
    void choiceStandsInItsRange_data();
    void choiceStandsInItsRange();
    void saysWhatCameOfIt_data();
    void saysWhatCameOfIt();
    void standsInTheSpeedupChart_data();
    void standsInTheSpeedupChart();
};

void TestPredictionChart::scalesAreExact_data()
{
    QTest::addColumn<double>("minimum");
    QTest::addColumn<double>("maximum");
    QTest::addColumn<bool>("logarithmic");
    QTest::addColumn<double>("middle");
    QTest::addColumn<double>("next");
    QTest::newRow("linear") << 0.0 << 4.0 << false << 2.0 << 2.04;
    QTest::newRow("linear below zero") << -10.0 << 10.0 << false << 0.0 << 0.2;
    QTest::newRow("percent") << 0.0 << 100.0 << false << 50.0 << 51.0;
    QTest::newRow("logarithmic") << 1.0 << 1e6 << true << 1000.0 << 1100.0;
    QTest::newRow("logarithmic, small") << 1e-6 << 1e-2 << true << 1e-4 << 1.1e-4;
}

void TestPredictionChart::scalesAreExact()
{
    QFETCH(double, minimum);
    QFETCH(double, maximum);
    QFETCH(bool, logarithmic);
    QFETCH(double, middle);
    QFETCH(double, next);
    const PredictionDescription scale = numberFrom(minimum, maximum, logarithmic, {}).description;
    const auto close = [&](double one, double other) {
        return std::abs(one - other) <= 1e-9 * std::max(1e-6, std::abs(other));
    };
    QVERIFY(close(valueAt(scale, 0), minimum));
    QVERIFY(close(valueAt(scale, 1), maximum));
    QVERIFY2(close(valueAt(scale, 0.5), middle), qPrintable(QString::number(valueAt(scale, 0.5))));
    QVERIFY(close(shareOf(scale, middle), 0.5));
    const double stepped = steppedValue(scale, middle, 1);
    QVERIFY2(close(stepped, next), qPrintable(QString::number(stepped, 'g', 12)));
    QVERIFY(close(valueAt(scale, -3), minimum));
    QVERIFY(close(valueAt(scale, 3), maximum));
    QVERIFY(close(steppedValue(scale, maximum, 1), maximum));
    QVERIFY(close(steppedValue(scale, minimum, -1), minimum));
    // Every key press gets somewhere, from one end to the other.
    double value = minimum;
    int presses = 0;
    for (; value < maximum && presses < 1000; ++presses) {
        const double further = steppedValue(scale, value, 1);
        QVERIFY2(further > value, qPrintable(QString::number(value, 'g', 12)));
        value = further;
    }
    QVERIFY2(presses <= 200, qPrintable(QString::number(presses)));
}

void TestPredictionChart::saysThatNothingIsAsked()
{
    PredictionChart chart;
    chart.picture(pictureSize);
    QVERIFY(chart.isEmpty());
    QCOMPARE(chart.emptyTitle(), QStringLiteral("Nothing to predict here"));
    QCOMPARE(chart.table().rowCount(), 0);
    chart.showRun(factsWith({choiceOf({})}));
    chart.picture(pictureSize);
    QVERIFY(!chart.isEmpty());
    chart.clear();
    chart.picture(pictureSize);
    QVERIFY(chart.isEmpty());
}

void TestPredictionChart::dragsByMouse_data()
{
    QTest::addColumn<bool>("logarithmic");
    QTest::newRow("linear") << false;
    QTest::newRow("logarithmic") << true;
}

void TestPredictionChart::dragsByMouse()
{
    QFETCH(bool, logarithmic);
    PredictionChart chart;
    chart.resize(pictureSize);
    chart.showRun(factsWith({choiceOf(1), numberFrom(1, 10'000, logarithmic, std::nullopt)}));
    chart.picture(pictureSize);
    QSignalSpy dragged(&chart, &Chart::predictionDragged);
    const QPoint before = chart.predictedPlace(1).toPoint();
    QTest::mousePress(&chart, Qt::LeftButton, {}, before);
    QCOMPARE(dragged.count(), 0); // taken, not moved
    QTest::mouseMove(&chart, before + QPoint(100, 0));
    QVERIFY(dragged.count() > 0);
    QCOMPARE(dragged.last().first().toString(), QStringLiteral("speed"));
    const double value = dragged.last().last().toDouble();
    QVERIFY2(
        value > (logarithmic ? 100 : 5000) && value < 10'000, qPrintable(QString::number(value)));
    QVERIFY(std::abs(chart.predictedPlace(1).x() - before.x() - 100) < 8);
    QTest::mouseMove(&chart, QPoint(-500, 5));
    QCOMPARE(dragged.last().last().toDouble(), 1.0);
    QTest::mouseRelease(&chart, Qt::LeftButton, {}, QPoint(5, 5));
    // A choice is not dragged.
    const auto count = dragged.count();
    QTest::mousePress(&chart, Qt::LeftButton, {}, chart.predictedPlace(0).toPoint());
    QTest::mouseMove(&chart, chart.predictedPlace(0).toPoint() + QPoint(100, 0));
    QTest::mouseRelease(&chart, Qt::LeftButton, {}, before);
    QCOMPARE(dragged.count(), count);
}

void TestPredictionChart::movesByKeys()
{
    PredictionChart chart;
    chart.resize(pictureSize);
    chart.showRun(factsWith({numberFrom(0, 100, false, 50), choiceOf(0)}));
    chart.picture(pictureSize);
    QSignalSpy dragged(&chart, &Chart::predictionDragged);
    QTest::keyClick(&chart, Qt::Key_Down); // to the first row
    QCOMPARE(chart.focusedSeries(), 0);
    QTest::keyClick(&chart, Qt::Key_Right);
    QCOMPARE(dragged.last().last().toDouble(), 51.0);
    QTest::keyClick(&chart, Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(dragged.last().last().toDouble(), 41.0);
    QVERIFY(chart.focusedText().contains("predicted 41 ×"));
    QTest::keyClick(&chart, Qt::Key_Down);
    QCOMPARE(chart.focusedSeries(), 1);
    QTest::keyClick(&chart, Qt::Key_Right);
    QCOMPARE(dragged.count(), 2);
    QVERIFY(chart.focusedText().contains("predicted: none"));
    chart.showRun(factsWith({choiceOf(1)})); // fewer than the row that keys had come to
    QCOMPARE(chart.focusedText(), QString());
}

void TestPredictionChart::answeredPredictionStays()
{
    PredictedPoint point = numberFrom(0, 100, false, 50);
    point.open = false;
    point.measured = Measured{60, std::nullopt, std::nullopt, 1, "×"};
    PredictionChart chart;
    chart.resize(pictureSize);
    chart.showRun(factsWith({point}));
    chart.picture(pictureSize);
    QSignalSpy dragged(&chart, &Chart::predictionDragged);
    QTest::keyClick(&chart, Qt::Key_Down);
    QTest::keyClick(&chart, Qt::Key_Right);
    QTest::mousePress(&chart, Qt::LeftButton, {}, chart.predictedPlace(0).toPoint());
    QTest::mouseMove(&chart, chart.predictedPlace(0).toPoint() + QPoint(100, 0));
    QCOMPARE(dragged.count(), 0);
    QVERIFY(chart.measuredPlace(0).x() > chart.predictedPlace(0).x());
}

void TestPredictionChart::choiceStandsInItsRange_data()
{
    QTest::addColumn<double>("value");
    QTest::addColumn<int>("range");
    QTest::newRow("in the first, which is one value") << 0.0 << 0;
    QTest::newRow("at the begin of the second") << 1.0 << 1;
    QTest::newRow("at the end of the second") << 1e6 << 1;
    QTest::newRow("in the third") << 5e8 << 2;
}

void TestPredictionChart::choiceStandsInItsRange()
{
    QFETCH(double, value);
    QFETCH(int, range);
    PredictedPoint point = choiceOf(1);
    point.measured = Measured{value, std::nullopt, std::nullopt, 1, ""};
    PredictionChart chart;
    chart.showRun(factsWith({point}));
    chart.picture(pictureSize);
    const QRect area = chart.axisRect()->rect();
    const double third = area.width() / 3.0;
    const double x = chart.measuredPlace(0).x() - area.left();
    QVERIFY2(x > third * range && x < third * (range + 1), qPrintable(QString::number(x)));
    QCOMPARE(cellText(chart.table().at(0, 8)),
        range == 1 ? QStringLiteral("inside") : QStringLiteral("another range"));
}

void TestPredictionChart::saysWhatCameOfIt_data()
{
    QTest::addColumn<double>("predicted");
    QTest::addColumn<double>("measured");
    QTest::addColumn<QString>("verdict");
    QTest::newRow("inside") << 1.6 << 1.6 << "inside";
    QTest::newRow("too low") << 1.0 << 1.6 << "too low";
    QTest::newRow("too high") << 3.0 << 1.6 << "too high";
    QTest::newRow("measured beyond the scale") << 3.0 << 50.0 << "too low";
    QTest::newRow("measured nothing that is a number")
        << 3.0 << std::numeric_limits<double>::quiet_NaN() << "";
}

void TestPredictionChart::saysWhatCameOfIt()
{
    QFETCH(double, predicted);
    QFETCH(double, measured);
    QFETCH(QString, verdict);
    PredictedPoint point = numberFrom(0, 4, false, predicted);
    point.open = false;
    point.measured = Measured{measured, measured - 0.1, measured + 0.1, 5, "×"};
    PredictionChart chart;
    chart.showRun(factsWith({point}));
    chart.picture(pictureSize);
    if (!verdict.isEmpty()) {
        QVERIFY2(chart.summary().contains(verdict), qPrintable(chart.summary()));
        QCOMPARE(cellText(chart.table().at(0, 8)), verdict);
        QCOMPARE(cellText(chart.table().at(0, 6)), QStringLiteral("5"));
    }
    const QRect area = chart.axisRect()->rect();
    QVERIFY(area.contains(chart.predictedPlace(0).toPoint()));
    if (std::isfinite(measured))
        QVERIFY(area.contains(chart.measuredPlace(0).toPoint()));
}

void TestPredictionChart::standsInTheSpeedupChart_data()
{
    QTest::addColumn<int>("mode");
    QTest::addColumn<double>("shown"); // of a prediction of 3 with 2 workers
    QTest::newRow("in time") << 0 << 3.0;
    QTest::newRow("over workers") << 1 << 3.0;
    QTest::newRow("as efficiency") << 2 << 1.5;
}

void TestPredictionChart::standsInTheSpeedupChart()
{
    QFETCH(int, mode);
    QFETCH(double, shown);
    const Recording recording = SampleRun(2).recording();
    PredictedPoint point = numberFrom(0, 4, false, 3.0);
    point.open = false;
    point.measured = Measured{1.6, 1.5, 1.7, 5, "×"};
    RunFacts facts = factsWith({point});
    facts.recording = &recording;
    facts.budget = time_budget(recording, recording.shown_interval());
    facts.workers = 2;
    facts.usableCpus = 2;
    facts.sequentialS = SampleRun::sequentialS;
    facts.allWork = SampleRun::allWork;
    facts.finalSpeedup = 1.6;
    facts.points = {{1, {2.0}, 2.0, false}, {2, {1.25}, 2.0, false}};
    SpeedupChart chart;
    chart.switches().first()->actions()[mode]->setChecked(true);
    chart.setMode(static_cast<SpeedupChart::Mode>(mode));
    chart.showRun(facts);
    chart.picture(pictureSize);
    QVERIFY(chart.yAxis->range().contains(shown));
    QVERIFY2(chart.summary().contains("predicted 3 ×: too high"), qPrintable(chart.summary()));
    QTest::keyClick(&chart, Qt::Key_Down);
    QTest::keyClick(&chart, Qt::Key_Down);
    QVERIFY2(chart.focusedText().contains("predicted 3 ×"), qPrintable(chart.focusedText()));
    QVERIFY(chart.partCount() == 2);
}

QTEST_MAIN(TestPredictionChart)
#include "tst_prediction_chart.moc"
