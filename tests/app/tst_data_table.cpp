// SPDX-License-Identifier: GPL-3.0-or-later
// The table behind a chart: order, copies, a million rows.
#include "app/views/chart.hpp"
#include "app/views/data_table.hpp"
#include "tests/app/sample_run.hpp"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QTableView>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

/// A chart of nothing but its table.
class TableChart : public Chart
{
public:
    TableChart()
        : Chart(QStringLiteral("Test"), QStringLiteral("Test chart"))
    {
    }
    QString summary() const override { return QStringLiteral("a table"); }
    ChartTable table() const override { return content; }

    ChartTable content;

protected:
    void refresh(bool) override { }
};

RunFacts someRun()
{
    static const Recording recording = SampleRun(1).recording();
    RunFacts facts;
    facts.recording = &recording;
    return facts;
}

QStringList column(const DataTable& table, int number)
{
    const auto* model = table.findChild<QTableView*>()->model();
    QStringList result;
    for (int row = 0; row < model->rowCount(); ++row)
        result.append(model->index(row, number).data().toString());
    return result;
}

} // namespace

class TestDataTable : public QObject
{
    Q_OBJECT

private slots:
    void fields_data();
    void fields();
    void sortsNumbersAsNumbers();
    void copies();
    void sameInEveryLanguage();
    void opensWithAMillionRows();
    void forgetsWithItsChart();

private:
    static ChartTable threeRows();
};

ChartTable TestDataTable::threeRows()
{
    ChartTable table;
    table.header = {"process", "time (s)"};
    table.rows = {{"P10", "9.5"}, {"P9", "10.25"}, {"P2", "-1"}};
    return table;
}

void TestDataTable::fields_data()
{
    QTest::addColumn<QVariant>("cell");
    QTest::addColumn<QString>("field");
    QTest::newRow("plain") << QVariant("main") << "main";
    QTest::newRow("comma") << QVariant("a,b") << "\"a,b\"";
    QTest::newRow("quote") << QVariant("say \"x\"") << "\"say \"\"x\"\"\"";
    QTest::newRow("line break") << QVariant("a\nb") << "\"a\nb\"";
    QTest::newRow("fraction") << QVariant(0.1) << "0.1";
    QTest::newRow("nanoseconds of a long run") << QVariant(86400.123456789) << "86400.123456789";
    QTest::newRow("whole") << QVariant(qulonglong(1) << 62) << "4611686018427387904";
    QTest::newRow("nothing") << QVariant() << "";
}

void TestDataTable::fields()
{
    QFETCH(QVariant, cell);
    QFETCH(QString, field);
    ChartTable table;
    table.header = {"x"};
    table.setLazy(1, [cell](qsizetype, int) { return cell; });
    QCOMPARE(toCsv(table), "x\n" + field + "\n");
}

void TestDataTable::sortsNumbersAsNumbers()
{
    TableChart chart;
    chart.content = threeRows();
    chart.showRun(someRun());
    DataTable table;
    table.setChart(&chart);
    QCOMPARE(column(table, 0), QStringList({"P10", "P9", "P2"}));
    table.sortBy(1, Qt::AscendingOrder);
    QCOMPARE(column(table, 0), QStringList({"P2", "P10", "P9"}));
    table.sortBy(1, Qt::DescendingOrder);
    QCOMPARE(column(table, 0), QStringList({"P9", "P10", "P2"}));
    table.sortBy(0, Qt::AscendingOrder);
    QCOMPARE(column(table, 0), QStringList({"P10", "P2", "P9"}));
    table.sortBy(-1, Qt::AscendingOrder);
    QCOMPARE(column(table, 0), QStringList({"P10", "P9", "P2"}));
}

void TestDataTable::copies()
{
    TableChart chart;
    chart.content = threeRows();
    chart.showRun(someRun());
    DataTable table;
    table.setChart(&chart);
    table.show();
    table.sortBy(1, Qt::AscendingOrder);
    auto* view = table.findChild<QTableView*>();
    view->selectRow(1);
    QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), QString("process,time (s)\nP10,9.5\n"));
    table.copyAll();
    QCOMPARE(
        QApplication::clipboard()->text(), QString("process,time (s)\nP2,-1\nP10,9.5\nP9,10.25\n"));
}

void TestDataTable::sameInEveryLanguage()
{
    const QLocale before;
    QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
    TableChart chart;
    chart.content = threeRows();
    chart.showRun(someRun());
    DataTable table;
    table.setChart(&chart);
    const QStringList shown = column(table, 1);
    const QString csv = table.allAsCsv();
    QLocale::setDefault(before);
    QCOMPARE(shown, QStringList({"9,5", "10,25", "-1"}));
    QVERIFY(csv.contains("P9,10.25\n"));
}

void TestDataTable::opensWithAMillionRows()
{
    constexpr qsizetype rows = 1'000'000;
    qsizetype made = 0;
    TableChart chart;
    chart.content.header = {"number", "name"};
    chart.content.setLazy(rows, [&made](qsizetype row, int column) -> QVariant {
        ++made;
        return column == 0 ? QVariant(static_cast<double>(row * 7919 % rows))
                           : QVariant(QString::number(row));
    });
    chart.showRun(someRun());
    DataTable table;
    table.resize(600, 400);
    table.setChart(&chart);
    table.show();
    QVERIFY(QTest::qWaitForWindowExposed(&table));
    table.grab();
    // What opening costs follows what is seen, not what there is.
    QVERIFY2(made < 10'000, qPrintable(QString::number(made)));
    auto* view = table.findChild<QTableView*>();
    QCOMPARE(view->model()->rowCount(), static_cast<int>(rows));
    table.sortBy(0, Qt::AscendingOrder);
    for (const int row : {0, 1, 499'999, 999'999})
        QCOMPARE(view->model()->index(row, 0).data().toString(), QString::number(row));
}

void TestDataTable::forgetsWithItsChart()
{
    TableChart chart;
    chart.content = threeRows();
    chart.showRun(someRun());
    DataTable table;
    table.setChart(&chart);
    QCOMPARE(column(table, 0).size(), 3);
    chart.clear();
    QCOMPARE(column(table, 0).size(), 0);
    QCOMPARE(table.allAsCsv(), QString("\n"));
}

QTEST_MAIN(TestDataTable)
#include "tst_data_table.moc"
