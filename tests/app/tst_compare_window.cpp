// SPDX-License-Identifier: GPL-3.0-or-later
// Runs beside each other: their common time, their charts, and the window around them.
#include "app/figures/comparison_figure.hpp"
#include "app/figures/figure_file.hpp"
#include "app/views/compared_budget.hpp"
#include "app/views/compared_curves.hpp"
#include "app/views/compared_timeline.hpp"
#include "app/views/data_table.hpp"
#include "app/window/compare_window.hpp"
#include "app/window/comparison_table.hpp"
#include "engine/analysis/parallel_part.hpp"
#include "engine/observe/run_file.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>

#include <cmath>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

FinishedRun runOf(int workers)
{
    FinishedRun run;
    run.lesson.id = run.description.id = "prime_counting";
    run.description.title = "Counting primes";
    ParameterDescription parameter;
    parameter.name = "workers";
    parameter.minimum = 1;
    parameter.maximum = 256;
    parameter.default_value = std::int64_t{2};
    parameter.workers = true;
    run.description.parameters = {parameter};
    run.parameters = {{"workers", std::int64_t{workers}}};
    run.machine = {.cpu = "A CPU",
        .usable_cpus = 2,
        .logical_cpus = 2,
        .memory_bytes = 1U << 30U,
        .kernel = "Linux 6.1",
        .version = "0.1",
        .commit = "abc"};
    run.recording = std::make_shared<const Recording>(SampleRun(workers).recording());
    const double wall = 2.0 / workers;
    run.repeats = {{.wall_s = wall, .sequential_s = 2.0, .speedup = 2.0 / wall}};
    run.sequential_s = SampleRun::sequentialS;
    run.all_work = SampleRun::allWork;
    return run;
}

ComparedRun compared(int workers, const std::string& name, bool traced = true)
{
    FinishedRun run = runOf(workers);
    if (!traced) {
        run.traced = false;
        run.recording = std::make_shared<const Recording>();
    }
    return {.name = name, .run = std::make_shared<const FinishedRun>(std::move(run))};
}

std::shared_ptr<const ComparedRuns> sample(int runs = 2)
{
    std::vector<ComparedRun> all;
    for (int i = 1; i <= runs; ++i)
        all.push_back(compared(i, "run " + std::to_string(i) + ".json"));
    return comparedRuns(all);
}

bool close(std::int64_t one, std::int64_t other)
{
    return std::abs(one - other) <= 1;
}

CompareWindow* compareWindowOf(QWidget& window)
{
    return window.findChild<CompareWindow*>();
}

} // namespace

class TestCompareWindow : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        for (const int workers : {1, 2, 3})
            save_run(runOf(workers), pathOf(workers).toStdString());
    }

    void parallelPartsBeginTogether()
    {
        const auto runs = sample(3);
        for (const AlignedRun& run : runs->runs) {
            const Recording& recording = *run.run->recording;
            QCOMPARE(run.commonTime(parallel_begin(recording)), std::int64_t{0});
            QVERIFY(run.commonTime(0) < 0);
            QVERIFY(close(run.recordedTime(run.commonTime(12'345)), 12'345));
            QVERIFY(runs->whole.begin_ns <= run.commonTime(0));
            QVERIFY(runs->whole.end_ns >= run.commonTime(recording.now_ns()));
        }
        QVERIFY(runs->shown.begin_ns > runs->whole.begin_ns);
        QVERIFY(runs->shown.begin_ns < 0 && runs->shown.end_ns > 0);
    }

    void linkedViewsShowTheSame()
    {
        LinkedViews views;
        ViewState* one = views.add({-1000, 5000}, 200'000);
        ViewState* other = views.add({-1000, 5000}, 700);
        QCOMPARE(one->visible().begin_ns, std::int64_t{199'000});
        views.show({-500, 2500});
        QCOMPARE(one->visible().begin_ns, std::int64_t{199'500});
        QCOMPARE(other->visible().begin_ns, std::int64_t{200});
        QCOMPARE(other->visible().end_ns, std::int64_t{3200});
        other->zoom(0.5, 700);
        QCOMPARE(one->visible().begin_ns - 200'000, other->visible().begin_ns - 700);
        QCOMPARE(one->visible().length_ns(), other->visible().length_ns());
        QVERIFY(one->visible().length_ns() < 3000);
        // Before the run began there is something to be seen too: the others' time.
        other->pan(-1'000'000);
        QCOMPARE(other->visible().begin_ns, std::int64_t{-300});
        QCOMPARE(views.visible().begin_ns, std::int64_t{-1000});
        one->fit();
        QCOMPARE(other->visible().end_ns, std::int64_t{5700});
        one->back();
        QCOMPARE(views.visible().begin_ns, std::int64_t{-1000});
        QVERIFY(views.visible().end_ns < 5000);
    }

    void timelinesStandAboveEachOther()
    {
        CompareWindow window(sample(3));
        window.resize(1280, 800);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        QCoreApplication::processEvents();
        QList<ComparedTimeline*> timelines;
        for (Chart* chart : window.charts()) {
            if (auto* timeline = qobject_cast<ComparedTimeline*>(chart))
                timelines.append(timeline);
        }
        QCOMPARE(timelines.size(), 3);
        const auto runs = sample(3);
        for (int i = 0; i < 3; ++i) {
            timelines[i]->replot();
            QVERIFY(!timelines[i]->isEmpty());
            QCOMPARE(timelines[i]->axisRect()->left(), timelines[0]->axisRect()->left());
            QCOMPARE(timelines[i]->axisRect()->width(), timelines[0]->axisRect()->width());
            QCOMPARE(timelines[i]->xAxis->tickLabels(), i == 2);
            // The parallel parts begin in the same column.
            const auto begin
                = parallel_begin(*runs->runs[static_cast<std::size_t>(i)].run->recording);
            const auto first = parallel_begin(*runs->runs[0].run->recording);
            QVERIFY(std::abs(timelines[i]->timeToPixel(begin) - timelines[0]->timeToPixel(first))
                < 0.01);
        }
        QVERIFY2(timelines[2]->xAxis->label().contains("parallel part"),
            qPrintable(timelines[2]->xAxis->label()));
        QVERIFY(timelines[0]->xAxis->label().isEmpty());

        // A key in one moves all.
        const double before = timelines[2]->xAxis->range().size();
        timelines[0]->setFocus();
        QTest::keyClick(timelines[0], Qt::Key_Plus);
        QCoreApplication::processEvents();
        QVERIFY(timelines[2]->xAxis->range().size() < before);
        QVERIFY(std::abs(timelines[2]->xAxis->range().size() - timelines[0]->xAxis->range().size())
            < 1e-8);
        // A large one has the time's labels itself, and the others come back.
        QTest::keyClick(timelines[0], Qt::Key_Return);
        QVERIFY(!timelines[1]->isVisible() && timelines[0]->xAxis->tickLabels());
        QTest::keyClick(&window, Qt::Key_Escape);
        QVERIFY(timelines[1]->isVisible() && !timelines[0]->xAxis->tickLabels());
        QVERIFY(window.isVisible());
        QTest::keyClick(&window, Qt::Key_Escape);
        QVERIFY(!window.isVisible());
    }

    void everyChartHasItsTable()
    {
        CompareWindow window(sample(2));
        window.show();
        QStringList names;
        for (Chart* chart : window.charts()) {
            window.tabs().setCurrentIndex(qobject_cast<ComparedTimeline*>(chart)
                    ? 0
                    : static_cast<int>(window.charts().indexOf(chart)) - 1);
            QCoreApplication::processEvents();
            QVERIFY2(!chart->isEmpty(), qPrintable(chart->accessibleName()));
            QVERIFY2(chart->table().rowCount() > 0, qPrintable(chart->accessibleName()));
            QVERIFY2(!chart->summary().isEmpty(), qPrintable(chart->accessibleName()));
            names.append(chart->accessibleName());
            const auto tables = window.findChildren<DataTable*>().size();
            QTest::keyClick(chart, Qt::Key_T);
            QCOMPARE(window.findChildren<DataTable*>().size(), tables + 1);
        }
        QCOMPARE(names.removeDuplicates(), 0);
        QCOMPARE(names.size(), 5);
    }

    void budgetBarsAreProportional()
    {
        const auto runs = sample(2);
        ComparedBudget chart;
        chart.setRuns(runs);
        const QImage picture = chart.picture(QSize(800, 400));
        QVERIFY(!picture.isNull());
        const ChartTable table = chart.table();
        QCOMPARE(table.columnCount(), 5);
        bool computing = false;
        for (qsizetype row = 0; row < table.rowCount(); ++row) {
            if (table.at(row, 0).toString() != "Computing")
                continue;
            computing = true;
            for (const std::size_t run : {0U, 1U}) {
                const Budget& all = runs->runs[run].facts.budget.all;
                QVERIFY(std::abs(cellNumber(table.at(row, 1 + 2 * static_cast<int>(run)))
                            - all[BudgetCategory::computing])
                    < 1e-6);
            }
        }
        QVERIFY(computing);
        // Keys come to each run of each category.
        QTest::keyClick(&chart, Qt::Key_Down);
        const QString first = chart.focusedText();
        QVERIFY2(first.startsWith("A, "), qPrintable(first));
        QTest::keyClick(&chart, Qt::Key_Right);
        QVERIFY2(chart.focusedText().startsWith("B, "), qPrintable(chart.focusedText()));
    }

    void curvesShareTheirAxes()
    {
        const auto runs = sample(3);
        ComparedCurves chart(ComparedCurves::Subject::ipc);
        chart.setRuns(runs);
        QVERIFY(!chart.picture(QSize(800, 500)).isNull());
        QCOMPARE(visiblePlots(chart), 1);
        const QCPRange overlaid = chart.axisRect()->axis(QCPAxis::atLeft)->range();
        chart.setSideBySide(true);
        QVERIFY(!chart.picture(QSize(800, 500)).isNull());
        QCOMPARE(visiblePlots(chart), 3);
        for (const QCPAxisRect* plot : chart.axisRects()) {
            QCOMPARE(plot->axis(QCPAxis::atLeft)->range(), overlaid);
            QCOMPARE(plot->axis(QCPAxis::atBottom)->range(),
                chart.axisRect()->axis(QCPAxis::atBottom)->range());
        }
        chart.setSideBySide(false);
        QVERIFY(!chart.picture(QSize(800, 500)).isNull());
        QCOMPARE(visiblePlots(chart), 1);
    }

    // The bytes in the bins are those of the channels: nothing is lost between them.
    void ratesAddUp()
    {
        const auto runs = sample(2);
        LinkedViews views;
        ComparedCurves chart(ComparedCurves::Subject::ipc);
        chart.setRuns(runs);
        chart.setViewState(views.add(runs->whole, 0));
        QVERIFY(!chart.picture(QSize(800, 500)).isNull());
        const ChartTable table = chart.table();
        for (const AlignedRun& run : runs->runs) {
            double sent = 0;
            for (const Channel& channel : run.run->recording->channels())
                sent += static_cast<double>(channel.bytes);
            QVERIFY(sent > 0);
            QList<double> times;
            QList<double> rates;
            for (qsizetype row = 0; row < table.rowCount(); ++row) {
                if (table.at(row, 0).toString() != run.label)
                    continue;
                times << cellNumber(table.at(row, 1));
                rates << cellNumber(table.at(row, 2));
            }
            QVERIFY(times.size() > 5);
            double sum = 0;
            for (const double rate : rates)
                sum += rate * (times[1] - times[0]);
            QVERIFY2(std::abs(sum - sent) < sent * 1e-6,
                qPrintable(QString("%1 and %2").arg(sum).arg(sent)));
        }
    }

    void speedupsEndWhereTheRunsDo()
    {
        const auto runs = sample(2);
        ComparedCurves chart(ComparedCurves::Subject::speedup);
        chart.setRuns(runs);
        QVERIFY(!chart.picture(QSize(800, 500)).isNull());
        QVERIFY(!chart.isEmpty());
        const ChartTable table = chart.table();
        QVERIFY(table.rowCount() > 4);
        double last = 0;
        for (qsizetype row = 0; row < table.rowCount(); ++row) {
            if (table.at(row, 0).toString() == "B")
                last = cellNumber(table.at(row, 2));
        }
        QVERIFY2(last > 1 && last <= 2, qPrintable(QString::number(last)));
    }

    void untracedRunsAreExplained()
    {
        const auto none = comparedRuns({compared(1, "a", false), compared(2, "b", false)});
        CompareWindow window(none);
        window.show();
        for (Chart* chart : window.charts()) {
            chart->picture(QSize(400, 300));
            QVERIFY2(chart->isEmpty(), qPrintable(chart->accessibleName()));
            QVERIFY(!chart->emptyText().isEmpty());
        }
        const auto half = comparedRuns({compared(1, "a", false), compared(2, "b")});
        ComparedBudget budget;
        budget.setRuns(half);
        budget.picture(QSize(600, 400));
        QVERIFY(!budget.isEmpty());
        QVERIFY2(budget.summary().contains("A none"), qPrintable(budget.summary()));
    }

    void theLowestOneThatIsThereHasTheTime()
    {
        CompareWindow window(comparedRuns({compared(1, "a"), compared(2, "b", false)}));
        window.show();
        QCoreApplication::processEvents();
        QVERIFY(!window.charts()[0]->isEmpty() && window.charts()[1]->isEmpty());
        QVERIFY(window.charts()[0]->xAxis->tickLabels());
        QVERIFY(window.charts()[0]->xAxis->label().contains("parallel part"));
    }

    void wordsAndTable()
    {
        CompareWindow window(sample(2));
        const QString words = window.words().toPlainText();
        for (const char* part : {"run 1.json", "B differs from A in workers (2, not 1)",
                 "B was 2 × as fast as A", "What this cannot tell", "n = 1"})
            QVERIFY2(words.contains(QString::fromUtf8(part)), qPrintable(words));
        ComparisonTable& table = window.table();
        QCOMPARE(table.columnCount(), 5);
        bool wall = false;
        for (int row = 0; row < table.rowCount(); ++row) {
            if (table.item(row, 0)->text() != "wall time")
                continue;
            wall = true;
            QCOMPARE(table.item(row, 1)->text(), "2.00 s");
            QCOMPARE(table.item(row, 2)->text(), "1.00 s");
            QCOMPARE(table.item(row, 3)->text(), QString::fromUtf8("−1.00 s"));
            QCOMPARE(table.item(row, 4)->text(), "0.50");
        }
        QVERIFY(wall);
        QVERIFY2(table.asCsv().contains("wall time,s,2,1,-1,0.5,yes"), qPrintable(table.asCsv()));
        table.clearSelection();
        QTest::keySequence(&table, QKeySequence::Copy);
        QCOMPARE(QApplication::clipboard()->text(), table.asCsv());
    }

    void namesAreNoMarkup()
    {
        CompareWindow window(
            comparedRuns({compared(1, "<b>bold</b>.json"), compared(2, "two\nlines.json")}));
        QVERIFY(window.words().toPlainText().contains("<b>bold</b>.json"));
        QVERIFY(window.words().toPlainText().contains("two?lines.json"));
    }

    void figuresOfAnySize_data()
    {
        QTest::addColumn<QString>("size");
        QTest::newRow("usual") << "174x90mm";
        QTest::newRow("a column") << "85x60mm";
        QTest::newRow("small") << "60x45mm";
    }

    void figuresOfAnySize()
    {
        QFETCH(QString, size);
        for (const int count : {2, 4}) {
            for (const QString& view : comparisonViews()) {
                FigureSettings settings;
                settings.view = view;
                settings.size = figureSizeFrom(size.toStdString());
                ComparisonFigure figure(sample(count), settings);
                const QString path = m_folder.filePath(view + ".png");
                writeFigure(figure, path.toStdString());
                QCOMPARE(QImage(path).size(), settings.pixels());
                const QByteArray svg = encoded(figure, FigureFormat::svg);
                QCOMPARE(svg.count("</svg>"), 1);
                QVERIFY(encoded(figure, FigureFormat::pdf).startsWith("%PDF"));
            }
        }
    }

    void fromFiles()
    {
        Opened opened("prime_counting");
        opened.window.show();
        QSignalSpy read(&opened.window.files(), &RunFiles::openedTogether);
        opened.window.compareFiles({pathOf(1), pathOf(3)});
        QVERIFY(read.wait(runTimeoutMs));
        CompareWindow* window = compareWindowOf(opened.window);
        QVERIFY(window);
        QVERIFY2(window->windowTitle().contains("A run1.json, B run3.json"),
            qPrintable(window->windowTitle()));
        QVERIFY(opened.window.messages().isEmpty());
        QCOMPARE(opened.window.files().recent().size(), 2);
        // The lesson that is open stays.
        QVERIFY(!opened.window.shownRun());
        QVERIFY(opened.action("Co&mpare runs…"));
    }

    void refused_data()
    {
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QString>("said");
        QTest::newRow("one") << QStringList{"run1.json"} << "two to four";
        QTest::newRow("five") << QStringList{"run1.json", "run1.json", "run1.json", "run1.json",
            "run1.json"} << "two to four";
        QTest::newRow("no run") << QStringList{"run1.json", "none.json"} << "none.json";
        QTest::newRow("missing") << QStringList{"run1.json", "missing.json"} << "missing.json";
        QTest::newRow("a folder") << QStringList{"run1.json", "."} << "";
    }

    void refused()
    {
        QFETCH(QStringList, names);
        QFETCH(QString, said);
        QFile none(m_folder.filePath("none.json"));
        QVERIFY(none.open(QIODevice::WriteOnly));
        none.write("{}");
        none.close();
        Opened opened("prime_counting");
        opened.window.show();
        QStringList paths;
        for (const QString& name : names)
            paths.append(m_folder.filePath(name));
        opened.window.compareFiles(paths);
        QTRY_VERIFY_WITH_TIMEOUT(!opened.window.messages().isEmpty(), runTimeoutMs);
        QVERIFY2(opened.window.messages().join(' ').contains(said),
            qPrintable(opened.window.messages().join(' ')));
        QVERIFY(!compareWindowOf(opened.window));
    }

private:
    static int visiblePlots(const Chart& chart)
    {
        int visible = 0;
        for (const QCPAxisRect* plot : chart.axisRects())
            visible += plot->visible() ? 1 : 0;
        return visible;
    }

    QString pathOf(int workers) const
    {
        return m_folder.filePath(QString("run%1.json").arg(workers));
    }

    QTemporaryDir m_folder;
};

QTEST_MAIN(TestCompareWindow)
#include "tst_compare_window.moc"
