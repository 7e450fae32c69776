// SPDX-License-Identifier: GPL-3.0-or-later
// Charts of a lesson's own: any series, on any axes, with predictions that are dragged upon them.
#include "app/views/lesson_view.hpp"
#include "tests/app/sample_run.hpp"

#include <QAccessible>
#include <QSignalSpy>
#include <QTest>

#include <cmath>
#include <limits>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

constexpr QSize pictureSize(640, 360);
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

ViewDescription viewOf(bool xLogarithmic = false, bool yLogarithmic = false)
{
    return {.name = "depth",
        .title = "Queue depth",
        .x_label = "Time (ms)",
        .y_label = "Items",
        .x_logarithmic = xLogarithmic,
        .y_logarithmic = yLogarithmic,
        .help = "It shows how full the queue is."};
}

Series seriesOf(const char* name, std::vector<double> x, std::vector<double> y,
    SeriesStyle style = SeriesStyle::line, std::vector<double> low = {},
    std::vector<double> high = {})
{
    return {.view = "depth",
        .name = name,
        .style = style,
        .reference = false,
        .x = std::move(x),
        .y = std::move(y),
        .low = std::move(low),
        .high = std::move(high)};
}

PredictedPoint predicted(std::optional<double> value, bool open = true)
{
    PredictedPoint point;
    point.description.name = "peak";
    point.description.question = "How full will it be?";
    point.description.quantity = "peak";
    point.description.kind = PredictionKind::point;
    point.description.unit = "items";
    point.description.maximum = 100;
    point.description.view = "depth";
    point.description.x = 5;
    point.prediction.name = "peak";
    point.prediction.value = value;
    point.open = open;
    return point;
}

/// A view over facts that the test keeps.
struct Shown
{
    explicit Shown(const ViewDescription& description = viewOf())
        : view(description)
        , recording(SampleRun(2).recording())
    {
        view.resize(pictureSize);
    }

    void show(bool withRun = true)
    {
        facts.recording = withRun ? &recording : nullptr;
        facts.document = withRun && !document.series.empty() ? &document : nullptr;
        view.showRun(facts);
        view.picture(pictureSize);
    }

    void predict(const PredictedPoint& point)
    {
        facts.predictions = std::make_shared<const std::vector<PredictedPoint>>(1, point);
    }

    LessonView view;
    Recording recording;
    ResultDocument document;
    RunFacts facts;
};

/// As a thin line's edges are, blended with what is behind it.
bool near(const QColor& one, const QColor& other)
{
    constexpr int most = 60;
    return std::abs(one.red() - other.red()) < most && std::abs(one.green() - other.green()) < most
        && std::abs(one.blue() - other.blue()) < most;
}

QStringList columnOf(const ChartTable& table, int column)
{
    QStringList cells;
    for (qsizetype row = 0; row < table.rowCount(); ++row)
        cells.append(cellText(table.at(row, column)));
    return cells;
}

} // namespace

class TestLessonView : public QObject
{
    Q_OBJECT

private slots:
    void tellsWhyItIsEmpty_data();
    void tellsWhyItIsEmpty();
    void drawsEveryStyle_data();
    void drawsEveryStyle();
    void showsItsOwnSeriesAlone();
    void leavesOutWhatAxesCannotShow_data();
    void leavesOutWhatAxesCannotShow();
    void spreadIsInTableAndText();
    void largeNumbersHaveAPower();
    void dragsByMouse();
    void movesByKeys();
    void keysReachTheSeriesAgain();
    void answeredPredictionStays();
    void standsBesideTheMeasurement();
};

void TestLessonView::tellsWhyItIsEmpty_data()
{
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("title");
    QTest::newRow("before a run") << "none"
                                  << "No run yet";
    QTest::newRow("during a run") << "running"
                                  << "Stands when the run has ended";
    QTest::newRow("after a run without results") << "stopped"
                                                 << "Not known of this run";
    QTest::newRow("after a run without such series") << "other"
                                                     << "Not in this run";
}

void TestLessonView::tellsWhyItIsEmpty()
{
    QFETCH(QString, state);
    QFETCH(QString, title);
    Shown shown;
    shown.facts.running = state == QLatin1String("running");
    if (state == QLatin1String("other")) {
        shown.document.series = {seriesOf("lost", {1}, {1})};
        shown.document.series.front().view = "loss";
    }
    shown.show(state != QLatin1String("none"));
    QVERIFY(shown.view.isEmpty());
    QCOMPARE(shown.view.emptyTitle(), title);
    QVERIFY(shown.view.emptyText().contains("how full the queue is"));
    QVERIFY(shown.view.summary().isEmpty());
    QCOMPARE(shown.view.table().rowCount(), 0);
}

void TestLessonView::drawsEveryStyle_data()
{
    QTest::addColumn<SeriesStyle>("style");
    QTest::addColumn<bool>("reference");
    for (const SeriesStyle style :
        {SeriesStyle::line, SeriesStyle::steps, SeriesStyle::points, SeriesStyle::bars}) {
        for (const bool reference : {false, true}) {
            QTest::addRow(
                "%s%s", std::string(name_of(style)).c_str(), reference ? ", as a reference" : "")
                << style << reference;
        }
    }
}

void TestLessonView::drawsEveryStyle()
{
    QFETCH(SeriesStyle, style);
    QFETCH(bool, reference);
    Shown shown;
    shown.document.series = {seriesOf("items", {1, 2, 3, 4}, {4, 8, 6, 7}, style)};
    shown.document.series.front().reference = reference;
    shown.show();
    QVERIFY2(!shown.view.isEmpty(), qPrintable(shown.view.emptyTitle()));
    const Theme& theme = shown.view.theme();
    const QColor colour = reference ? theme.secondaryText : theme.series(0).colour;
    const QImage picture = shown.view.picture(pictureSize);
    const QRect area = shown.view.axisRect()->rect();
    int seen = 0;
    for (int y = area.top(); y <= area.bottom(); ++y) {
        for (int x = area.left(); x <= area.right(); ++x)
            seen += near(picture.pixelColor(x, y), colour);
    }
    QVERIFY2(seen > 20, qPrintable(QString::number(seen)));
    QCOMPARE(columnOf(shown.view.table(), 2), (QStringList{"4", "8", "6", "7"}));
    QVERIFY(!shown.view.summary().isEmpty());
}

void TestLessonView::showsItsOwnSeriesAlone()
{
    Shown shown;
    shown.document.series = {seriesOf("left", {2, 1}, {20, 10}), seriesOf("lost", {1}, {1}),
        seriesOf("right", {1, 2}, {5, 6})};
    shown.document.series[1].view = "loss";
    shown.show();
    QCOMPARE(columnOf(shown.view.table(), 0), (QStringList{"left", "left", "right", "right"}));
    QCOMPARE(columnOf(shown.view.table(), 1), (QStringList{"1", "2", "1", "2"})); // by x
    QCOMPARE(shown.view.partCount(), 2);
    QCOMPARE(shown.view.partName(1), QStringLiteral("right"));
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QCOMPARE(shown.view.focusedText(), QStringLiteral("left\nTime (ms): 1\nItems: 10"));
    QTest::keyClick(&shown.view, Qt::Key_Down);
    QCOMPARE(shown.view.focusedText(), QStringLiteral("right\nTime (ms): 1\nItems: 5"));
    QTest::keyClick(&shown.view, Qt::Key_Space);
    QVERIFY(shown.view.isHidden(1));
}

void TestLessonView::leavesOutWhatAxesCannotShow_data()
{
    QTest::addColumn<bool>("xLogarithmic");
    QTest::addColumn<bool>("yLogarithmic");
    QTest::addColumn<QStringList>("left");
    QTest::newRow("linear") << false << false << QStringList{"-1", "0", "10", "100"};
    QTest::newRow("x logarithmic") << true << false << QStringList{"10", "100"};
    QTest::newRow("y logarithmic") << false << true << QStringList{"-1", "0", "100"};
    QTest::newRow("both logarithmic") << true << true << QStringList{"100"};
}

void TestLessonView::leavesOutWhatAxesCannotShow()
{
    QFETCH(bool, xLogarithmic);
    QFETCH(bool, yLogarithmic);
    QFETCH(QStringList, left);
    Shown shown(viewOf(xLogarithmic, yLogarithmic));
    shown.document.series = {seriesOf(
        "items", {notANumber, 3, infinite, -1, 0, 10, 100}, {1, infinite, 1, 2, 3, -4, 5})};
    shown.show();
    QCOMPARE(columnOf(shown.view.table(), 1), left);
    for (const QCPAxis* axis : {shown.view.xAxis, shown.view.yAxis}) {
        QVERIFY(std::isfinite(axis->range().lower) && std::isfinite(axis->range().upper));
        QVERIFY(axis->range().lower < axis->range().upper);
    }
    QVERIFY(!xLogarithmic || shown.view.xAxis->range().lower > 0);
    QVERIFY(!yLogarithmic || shown.view.yAxis->range().lower > 0);
}

void TestLessonView::spreadIsInTableAndText()
{
    Shown shown;
    shown.document.series
        = {seriesOf("items", {1, 2}, {4, 8}, SeriesStyle::bars, {3, notANumber}, {6, 9})};
    shown.show();
    QCOMPARE(columnOf(shown.view.table(), 3), (QStringList{"3", "none"}));
    QCOMPARE(columnOf(shown.view.table(), 4), (QStringList{"6", "none"}));
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QVERIFY2(shown.view.focusedText().endsWith("(quartiles 3 to 6)"),
        qPrintable(shown.view.focusedText()));
    QVERIFY(shown.view.yAxis->range().upper >= 9 * 1.05 - 1);
}

void TestLessonView::largeNumbersHaveAPower()
{
    Shown shown;
    shown.document.series = {seriesOf("items", {0, 1}, {0, 40'000'000})};
    shown.show();
    QVERIFY2(shown.view.yAxis->label().contains("10⁶"), qPrintable(shown.view.yAxis->label()));
}

void TestLessonView::dragsByMouse()
{
    Shown shown;
    shown.predict(predicted(std::nullopt));
    shown.show(false);
    QVERIFY(!shown.view.isEmpty());
    QSignalSpy dragged(&shown.view, &Chart::predictionDragged);
    const auto place = [&](double value) {
        return QPoint(static_cast<int>(shown.view.xAxis->coordToPixel(5)),
            static_cast<int>(std::lround(shown.view.yAxis->coordToPixel(value))));
    };
    // It stands in the middle of its scale until it is made.
    QTest::mousePress(&shown.view, Qt::LeftButton, {}, place(50));
    QCOMPARE(dragged.count(), 0);
    QTest::mouseMove(&shown.view, place(80));
    QVERIFY(dragged.count() > 0);
    QCOMPARE(dragged.last().at(0).toString(), QStringLiteral("peak"));
    QVERIFY(std::abs(dragged.last().at(1).toDouble() - 80) < 1);
    QTest::mouseMove(&shown.view, place(80) - QPoint(0, 10'000));
    QCOMPARE(dragged.last().at(1).toDouble(), 100.0); // not beyond its scale
    QTest::mouseRelease(&shown.view, Qt::LeftButton, {}, place(80));
    const auto before = dragged.count();
    QTest::mouseMove(&shown.view, place(20));
    QCOMPARE(dragged.count(), before);
}

void TestLessonView::movesByKeys()
{
    Shown shown;
    shown.predict(predicted(50));
    shown.show(false);
    QSignalSpy dragged(&shown.view, &Chart::predictionDragged);
    QTest::keyClick(&shown.view, Qt::Key_Right); // comes to it
    QVERIFY(shown.view.focusedText().contains("predicted 50 items"));
    QCOMPARE(dragged.count(), 0);
    QTest::keyClick(&shown.view, Qt::Key_Up);
    QCOMPARE(dragged.last().at(1).toDouble(), 51.0);
    QTest::keyClick(&shown.view, Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(dragged.last().at(1).toDouble(), 41.0);
    QVERIFY(shown.view.focusedText().contains("predicted 41 items"));
    QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(&shown.view);
    QVERIFY(interface);
    QVERIFY(interface->text(QAccessible::Value).contains("41 items")
        || interface->text(QAccessible::Name).contains("Queue depth chart"));
}

void TestLessonView::keysReachTheSeriesAgain()
{
    Shown shown;
    shown.document.series = {seriesOf("items", {1, 2}, {4, 8})};
    shown.predict(predicted(50));
    shown.show();
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Down);
    QCOMPARE(shown.view.focusedSeries(), 1);
    QTest::keyClick(&shown.view, Qt::Key_Up); // moves the diamond
    QCOMPARE(shown.view.focusedSeries(), 1);
    QTest::keyClick(&shown.view, Qt::Key_Left);
    QCOMPARE(shown.view.focusedSeries(), 0);
}

void TestLessonView::answeredPredictionStays()
{
    Shown shown;
    shown.predict(predicted(50, false));
    shown.show(false);
    QSignalSpy dragged(&shown.view, &Chart::predictionDragged);
    QTest::keyClick(&shown.view, Qt::Key_Right);
    QTest::keyClick(&shown.view, Qt::Key_Up);
    const QPoint place(static_cast<int>(shown.view.xAxis->coordToPixel(5)),
        static_cast<int>(shown.view.yAxis->coordToPixel(50)));
    QTest::mousePress(&shown.view, Qt::LeftButton, {}, place);
    QTest::mouseMove(&shown.view, place - QPoint(0, 50));
    QTest::mouseRelease(&shown.view, Qt::LeftButton, {}, place - QPoint(0, 50));
    QCOMPARE(dragged.count(), 0);
}

void TestLessonView::standsBesideTheMeasurement()
{
    Shown shown;
    shown.document.series = {seriesOf("items", {1, 2}, {4, 8})};
    PredictedPoint point = predicted(50, false);
    point.measured = Measured{8, 7, 9, 5, "items"};
    shown.predict(point);
    shown.show();
    QCOMPARE(
        columnOf(shown.view.table(), 0), (QStringList{"items", "items", "predicted", "measured"}));
    QCOMPARE(cellText(shown.view.table().at(3, 4)), QStringLiteral("9"));
    QTest::keyClick(&shown.view, Qt::Key_Up); // to the last series
    const QString text = shown.view.focusedText();
    QVERIFY2(text.contains("predicted 50 items"), qPrintable(text));
    QVERIFY2(text.contains("quartiles 7 items to 9 items, n = 5"), qPrintable(text));
    QVERIFY2(text.contains("too high"), qPrintable(text));
    QVERIFY(shown.view.yAxis->range().contains(50));
    QVERIFY(shown.view.yAxis->range().contains(9));
}

QTEST_MAIN(TestLessonView)
#include "tst_lesson_view.moc"
