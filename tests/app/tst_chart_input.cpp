// SPDX-License-Identifier: GPL-3.0-or-later
// What a person can do in a chart without a mouse, with one, and what a screen reader is told.
#include "app/views/budget_chart.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/durations_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/memory_chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "tests/app/sample_run.hpp"

#include <QAccessible>
#include <QActionGroup>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

const Recording& sample()
{
    static const Recording recording = SampleRun(3).recording();
    return recording;
}

RunFacts facts()
{
    RunFacts result;
    result.recording = &sample();
    result.budget = time_budget(sample(), sample().shown_interval());
    result.workers = 3;
    result.usableCpus = 2;
    result.sequentialS = SampleRun::sequentialS;
    result.allWork = SampleRun::allWork;
    return result;
}

std::unique_ptr<Chart> chartNamed(const QString& name)
{
    std::unique_ptr<Chart> chart;
    if (name == QLatin1String("ipc"))
        chart = std::make_unique<IpcVolume>();
    else if (name == QLatin1String("matrix"))
        chart = std::make_unique<ChannelMatrix>();
    else if (name == QLatin1String("speedup"))
        chart = std::make_unique<SpeedupChart>();
    else if (name == QLatin1String("budget"))
        chart = std::make_unique<BudgetChart>();
    else if (name == QLatin1String("memory"))
        chart = std::make_unique<MemoryChart>();
    else
        chart = std::make_unique<DurationsChart>();
    return chart;
}

} // namespace

class TestChartInput : public QObject
{
    Q_OBJECT

private slots:
    void keysAskForThings_data() { charts(); }
    void keysAskForThings();
    void arrowsSpeakValues_data() { charts(); }
    void arrowsSpeakValues();
    void spaceHidesWhatIsFocused();
    void legendByMouse();
    void switchesByKey();
    void menuHasEverything();
    void readersFindTheSeries();
    void channelsAreSelected();
    void timeKeysMoveTheView();
    void emptyChartsOfferWhatHelps();
    void pointsAreRefusedInWords();
    void budgetIsSorted();
    void scalesWithItsFont();

private:
    static void charts();
};

void TestChartInput::charts()
{
    QTest::addColumn<QString>("view");
    for (const char* const view : {"ipc", "matrix", "speedup", "budget", "durations"})
        QTest::newRow(view) << view;
}

void TestChartInput::keysAskForThings()
{
    QFETCH(QString, view);
    const std::unique_ptr<Chart> chart = chartNamed(view);
    chart->showRun(facts());
    chart->picture(QSize(600, 400));
    QSignalSpy table(chart.get(), &Chart::tableRequested);
    QSignalSpy maximize(chart.get(), &Chart::maximizeRequested);
    QSignalSpy copy(chart.get(), &Chart::copyRequested);
    QTest::keyClick(chart.get(), Qt::Key_T);
    QTest::keyClick(chart.get(), Qt::Key_Return);
    QTest::keyClick(chart.get(), Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(table.count(), 1);
    QCOMPARE(maximize.count(), 1);
    QCOMPARE(copy.count(), 1);
    QTest::keyClick(chart.get(), Qt::Key_G);
    QVERIFY(!chart->isGridShown());
    QTest::keyClick(chart.get(), Qt::Key_L);
    QVERIFY(!chart->isLegendShown());
    // Other people's shortcuts stay theirs.
    QTest::keyClick(chart.get(), Qt::Key_T, Qt::ControlModifier);
    QCOMPARE(table.count(), 1);
}

void TestChartInput::arrowsSpeakValues()
{
    QFETCH(QString, view);
    const std::unique_ptr<Chart> chart = chartNamed(view);
    chart->showRun(facts());
    chart->picture(QSize(600, 400));
    QVERIFY(chart->focusedText().isEmpty());
    QAccessibleInterface* reader = QAccessible::queryAccessibleInterface(chart.get());
    QCOMPARE(reader->text(QAccessible::Name), chart->accessibleName());
    QTest::keyClick(chart.get(), Qt::Key_Right);
    const QString first = chart->focusedText();
    QVERIFY(!first.isEmpty());
    QVERIFY(reader->text(QAccessible::Name).startsWith(chart->accessibleName() + ": "));
    for (int i = 0; i < 3; ++i)
        QTest::keyClick(chart.get(), Qt::Key_Right);
    QVERIFY2(chart->focusedText() != first || view == "matrix", qPrintable(first));
    // Beyond the last value there is nothing: one stays there.
    for (int i = 0; i < 500; ++i)
        QTest::keyClick(chart.get(), Qt::Key_Right);
    QVERIFY(!chart->focusedText().isEmpty());
    for (int i = 0; i < 50; ++i)
        QTest::keyClick(chart.get(), Qt::Key_Down);
    QVERIFY(!chart->focusedText().isEmpty());
    chart->clear();
    QVERIFY(chart->focusedText().isEmpty());
}

void TestChartInput::spaceHidesWhatIsFocused()
{
    IpcVolume chart;
    chart.showRun(facts());
    chart.picture(QSize(600, 400));
    const double whole = chart.yAxis->range().upper;
    QTest::keyClick(&chart, Qt::Key_Down);
    QTest::keyClick(&chart, Qt::Key_Space);
    QVERIFY(chart.isHidden(0));
    QVERIFY(!chart.isHidden(1));
    chart.picture(QSize(600, 400));
    QVERIFY(chart.yAxis->range().upper < whole);
    QTest::keyClick(&chart, Qt::Key_Space);
    QVERIFY(!chart.isHidden(0));
    QTest::keyClick(&chart, Qt::Key_Space, Qt::ShiftModifier);
    QVERIFY(chart.isHidden(1));
    QTest::keyClick(&chart, Qt::Key_Space, Qt::ShiftModifier);
    QVERIFY(!chart.isHidden(1));
}

void TestChartInput::legendByMouse()
{
    BudgetChart chart;
    chart.showRun(facts());
    chart.picture(QSize(700, 400));
    const auto* legend = chart.findChild<LegendStrip*>();
    QPoint place;
    for (int x = 0; x < 700 && place.isNull(); ++x) {
        if (legend->entryAt(QPointF(x, 10)) == 1)
            place = QPoint(x + 4, 10);
    }
    QVERIFY(!place.isNull());
    const int id = legend->entries()[1].id;
    QVERIFY(id >= 0);
    QTest::mouseClick(&chart, Qt::LeftButton, {}, place);
    QVERIFY(chart.isHidden(id));
    QTest::mouseClick(&chart, Qt::LeftButton, {}, place);
    QVERIFY(!chart.isHidden(id));
    QTest::mouseDClick(&chart, Qt::LeftButton, {}, place);
    for (const LegendEntry& entry : legend->entries())
        QVERIFY(entry.id == id || chart.isHidden(entry.id));
}

void TestChartInput::switchesByKey()
{
    IpcVolume chart;
    chart.showRun(facts());
    chart.picture(QSize(900, 500));
    QVERIFY(chart.yAxis->label().contains("B/s"));
    QTest::keyClick(&chart, Qt::Key_M);
    chart.picture(QSize(900, 500));
    QVERIFY2(chart.yAxis->label().contains("messages/s"), qPrintable(chart.yAxis->label()));
    QTest::keyClick(&chart, Qt::Key_M, Qt::ShiftModifier);
    chart.picture(QSize(900, 500));
    QVERIFY2(chart.yAxis->label().contains("in all"), qPrintable(chart.yAxis->label()));
    QVERIFY(chart.yAxis->range().upper >= 128); // 64 tasks and their results
    QTest::keyClick(&chart, Qt::Key_M);
    QCOMPARE(chart.switches().at(0)->checkedAction(), chart.switches().at(0)->actions().at(0));
}

void TestChartInput::menuHasEverything()
{
    IpcVolume chart;
    chart.showRun(facts());
    chart.picture(QSize(600, 400));
    QMenu menu;
    chart.addActionsTo(&menu);
    QString words;
    for (const QAction* action : menu.actions()) {
        words += action->text() + '\n';
        if (action->menu()) {
            for (const QAction* inner : action->menu()->actions())
                words += inner->text() + '\n';
        }
    }
    for (const char* const wanted : {"&Data table\tT", "&Maximise\tEnter", "&Copy figure\tCtrl+C",
             "&Grid\tG", "&Legend\tL", "Messages", "In all", "tasks", "results"})
        QVERIFY2(words.contains(QLatin1String(wanted)), wanted);
}

void TestChartInput::readersFindTheSeries()
{
    MemoryChart empty;
    QAccessibleInterface* none = QAccessible::queryAccessibleInterface(&empty);
    QCOMPARE(none->role(), QAccessible::Chart);
    IpcVolume chart;
    chart.showRun(facts());
    chart.picture(QSize(600, 400));
    QAccessibleInterface* reader = QAccessible::queryAccessibleInterface(&chart);
    QStringList names;
    for (int i = 0; i < reader->childCount(); ++i) {
        QAccessibleInterface* child = reader->child(i);
        QVERIFY(child);
        QCOMPARE(reader->indexOfChild(child), i);
        names.append(child->text(QAccessible::Name));
    }
    QVERIFY(names.contains("tasks"));
    QVERIFY(names.contains("results"));
}

void TestChartInput::channelsAreSelected()
{
    ViewState view;
    view.setExtent(sample().now_ns(), false);
    IpcVolume chart;
    chart.setViewState(&view);
    chart.showRun(facts());
    chart.picture(QSize(600, 400));
    QTest::keyClick(&chart, Qt::Key_Down);
    QVERIFY(view.selection() == Target::ofChannel(0));
    QTest::keyClick(&chart, Qt::Key_Down);
    QVERIFY(view.selection() == Target::ofChannel(1));
}

void TestChartInput::timeKeysMoveTheView()
{
    ViewState view;
    view.setExtent(sample().now_ns(), false);
    view.fit();
    IpcVolume chart;
    chart.setViewState(&view);
    chart.showRun(facts());
    chart.picture(QSize(600, 400));
    const std::int64_t whole = view.visible().length_ns();
    QTest::keyClick(&chart, Qt::Key_Plus);
    QVERIFY(view.visible().length_ns() < whole);
    chart.picture(QSize(600, 400));
    QVERIFY(std::abs(
                chart.xAxis->range().size() * 1e9 - static_cast<double>(view.visible().length_ns()))
        < 2);
    QTest::keyClick(&chart, Qt::Key_Home);
    QCOMPARE(view.visible().length_ns(), whole);
}

void TestChartInput::emptyChartsOfferWhatHelps()
{
    SpeedupChart chart;
    RunFacts one = facts();
    one.points = {{2, {1.0}, 2.0, false}};
    chart.setMode(SpeedupChart::Mode::points);
    chart.showRun(one);
    chart.resize(500, 300);
    chart.show();
    QVERIFY(QTest::qWaitForWindowExposed(&chart));
    QVERIFY(chart.isEmpty());
    QSignalSpy asked(&chart, &Chart::emptyActionRequested);
    auto* button = chart.findChild<QPushButton*>();
    QVERIFY(button && button->isVisible());
    QVERIFY(chart.rect().contains(button->geometry()));
    button->click();
    QCOMPARE(asked.count(), 1);
    QCOMPARE(asked.first().first().value<Chart::EmptyAction>(), Chart::EmptyAction::measure);
}

void TestChartInput::pointsAreRefusedInWords()
{
    SpeedupChart chart;
    RunFacts slower = facts();
    // With two workers slower than alone: no serial part explains that.
    slower.points = {{1, {2.1}, 2.0, false}, {2, {2.9}, 2.0, false}};
    chart.showRun(slower);
    chart.picture(QSize(700, 400));
    QCOMPARE(chart.mode(), SpeedupChart::Mode::points);
    QString words;
    for (const LegendEntry& entry : chart.findChild<LegendStrip*>()->entries())
        words += entry.text + '\n';
    QVERIFY2(words.contains("cannot be fitted"), qPrintable(words));
    // And where the law holds, its fraction stands there: 1/S = f + (1 - f) / p with f = 0.2.
    slower.points = {{1, {2.0}, 2.0, false}, {2, {1.2}, 2.0, false}, {4, {0.8}, 2.0, true}};
    chart.showRun(slower);
    chart.picture(QSize(700, 400));
    words.clear();
    for (const LegendEntry& entry : chart.findChild<LegendStrip*>()->entries())
        words += entry.text + '\n';
    QVERIFY2(words.contains("serial fraction of 20 %"), qPrintable(words));
    QCOMPARE(chart.xAxis->range().upper, 5.0);
    const ChartTable table = chart.table();
    QCOMPARE(table.rowCount(), qsizetype{3});
    QVERIFY(std::abs(cellNumber(table.at(1, 7)) - 0.2) < 1e-9); // Karp and Flatt of 2 workers
    QCOMPARE(table.at(2, 8).toString(), QString("yes"));
}

void TestChartInput::budgetIsSorted()
{
    BudgetChart chart;
    chart.showRun(facts());
    chart.setSorting(static_cast<int>(BudgetCategory::computing));
    for (const bool percent : {false, true}) {
        chart.setPercent(percent);
        chart.picture(QSize(700, 400));
        const ChartTable table = chart.table();
        double last = 1e9;
        int found = 0;
        for (qsizetype row = 0; row < table.rowCount(); ++row) {
            if (table.at(row, 1) != QLatin1String("Computing")
                || table.at(row, 0) == QLatin1String("All workers"))
                continue;
            const double value = cellNumber(table.at(row, percent ? 3 : 2));
            QVERIFY(value <= last);
            last = value;
            ++found;
        }
        QCOMPARE(found, 3);
    }
}

void TestChartInput::scalesWithItsFont()
{
    IpcVolume chart;
    QFont font = chart.font();
    font.setPixelSize(40);
    chart.setFont(font);
    chart.showRun(facts());
    chart.picture(QSize(900, 700));
    QVERIFY(chart.xAxis->basePen().widthF() > 1.5);
    QCOMPARE(chart.yAxis->tickLabelFont().pixelSize(), 40);
}

QTEST_MAIN(TestChartInput)
#include "tst_chart_input.moc"
