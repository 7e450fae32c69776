// SPDX-License-Identifier: MIT
// Tests engine/observe/run_tables: what stands in the CSV of a run and of a sweep, byte for byte.
#include "engine/observe/run_file.hpp"
#include "engine/observe/run_tables.hpp"
#include "engine/os/error.hpp"
#include "tests/support/finished_runs.hpp"
#include "tests/support/other_locale.hpp"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace manyhands;
using namespace manyhands::test;

namespace {

constexpr const char* span_header = "run,process,pid,lane,role,phase,state,depth,start_ns,dur_ns,"
                                    "bytes,channel,partner,task,name,place\r\n";

std::string table_of(const FinishedRun& run, RunTable table, const TableSelection& selection = {})
{
    std::string text;
    write_table(run, table, selection, [&](std::string_view piece) { text += piece; });
    return text;
}

std::string table_of(const SweepRows& sweep)
{
    std::string text;
    write_table(sweep, [&](std::string_view piece) { text += piece; });
    return text;
}

/// Main sends two messages to a worker, the first within a task, and is paused meanwhile.
FinishedRun talking()
{
    ScriptedRecording script;
    const std::uint32_t main = script.lane("main", Role::main, 0);
    const std::uint32_t worker = script.lane("Worker, \"1\"", Role::worker, 10, true);
    script.builder.text(main, {TextKind::channel, 0, "queue\ntasks"});
    script.builder.text(main, {TextKind::lock, 0, "lock\ndoor"});
    script.builder.text(worker, {TextKind::gate, 3, "next"});
    script.builder.phase(PhaseKind::baseline, 0, 1, 20, 5);
    script.builder.phase(PhaseKind::repeat, 0, 20, 900, 5);
    script.span(main, 5, 15, State::computing);
    script.begin(main, 100, State::computing, 7);
    script.begin(main, 110, State::sending, 0);
    script.message(main, 120, false, 0, 1, 40);
    script.end(main, 120, State::sending);
    // Back to back with the one before: each has its own message.
    script.begin(main, 120, State::sending, 0);
    script.message(main, 130, false, 0, 2, 2);
    script.end(main, 130, State::sending);
    script.end(main, 200, State::computing);
    script.begin(worker, 110, State::receiving, 0);
    script.message(worker, 140, true, 0, 1, 40);
    script.end(worker, 140, State::receiving);
    script.builder.pause(300);
    script.builder.resume(400);
    script.begin(worker, 350, State::held, 3);
    script.begin(worker, 500, State::sleeping);
    script.builder.advance(900);
    return finished_run_of(std::move(script.builder).take());
}

} // namespace

class TestRunTables : public QObject
{
    Q_OBJECT

private slots:
    void spans()
    {
        const std::string worker = "tour,\"Worker, \"\"1\"\"\",101,1,worker,";
        QCOMPARE(table_of(talking(), RunTable::spans),
            span_header
                + std::string("tour,main,100,0,main,baseline,computing,0,5,10,,,,,,\r\n"
                              "tour,main,100,0,main,repeat,computing,0,100,100,,,,7,,\r\n"
                              "tour,main,100,0,main,repeat,sending,1,110,10,40,tasks,"
                              "\"Worker, \"\"1\"\"\",,,\r\n"
                              "tour,main,100,0,main,repeat,sending,1,120,10,2,tasks,,,,\r\n")
                + worker + "baseline,starting,0,10,100,,,,,,\r\n" //
                + worker
                + "repeat,receiving,0,110,30,40,tasks,main,,,\r\n"
                // Times are those of the axes: the pause has no width.
                + worker + "repeat,held,0,300,500,,,,,next,\r\n" //
                + worker + "repeat,sleeping,1,400,400,,,,,,\r\n");
    }

    void anInterval_data()
    {
        QTest::addColumn<qint64>("from");
        QTest::addColumn<qint64>("to");
        QTest::addColumn<QList<qint64>>("starts");
        QTest::newRow("all") << 0LL << 1000LL << QList<qint64>{5, 100, 110, 120, 10, 110, 300, 400};
        QTest::newRow("touching neither end") << 15LL << 100LL << QList<qint64>{10};
        QTest::newRow("cutting what is around") << 111LL << 112LL << QList<qint64>{100, 110, 110};
        QTest::newRow("behind the end") << 5000LL << 6000LL << QList<qint64>{};
    }

    void anInterval()
    {
        QFETCH(qint64, from);
        QFETCH(qint64, to);
        QFETCH(QList<qint64>, starts);
        const std::string text
            = table_of(talking(), RunTable::spans, {.run = "r", .interval = Interval{from, to}});
        QList<qint64> found;
        for (const QByteArray& line : QByteArray::fromStdString(text).split('\n').mid(1)) {
            if (!line.isEmpty())
                found << line.split(',').at(line.contains("\"\"1\"\"\",101") ? 9 : 8).toLongLong();
        }
        QCOMPARE(found, starts);
    }

    void channels()
    {
        QCOMPARE(table_of(talking(), RunTable::channels, {.run = "a;b", .interval = {}}),
            std::string("run,channel,kind,sent_messages,sent_bytes,received_messages,"
                        "received_bytes,max_depth_messages\r\na;b,tasks,queue,2,42,1,40,0\r\n"));
    }

    void repeats()
    {
        QCOMPARE(table_of(talking(), RunTable::repeats),
            std::string("run,repeat,wall_s,sequential_s,speedup,shown\r\n"
                        "tour,1,0.1,0.3,3.0000000000000004,0\r\ntour,2,1e-09,,,1\r\n"));
    }

    void sweep()
    {
        SweepRows rows = {"tour", "schedule", {}};
        rows.rows.push_back({.value = std::string("a,b"),
            .workers = 2,
            .wall_s = {0.5, 1, 2, 4},
            .sequential_s = 3,
            .oversubscribed = true,
            .marks = {"oversubscribed", "partial"}});
        rows.rows.push_back({.value = 0.25,
            .workers = {},
            .wall_s = {0.125},
            .sequential_s = {},
            .oversubscribed = false,
            .marks = {}});
        rows.rows.push_back({.value = std::int64_t{3},
            .workers = 0,
            .wall_s = {},
            .sequential_s = 1,
            .oversubscribed = false,
            .marks = {}});
        QCOMPARE(table_of(rows),
            std::string("lesson,parameter,value,workers,n,wall_median_s,wall_first_quartile_s,"
                        "wall_third_quartile_s,sequential_s,speedup_median,speedup_first_quartile,"
                        "speedup_third_quartile,efficiency,oversubscribed,marks\r\n"
                        "tour,schedule,\"a,b\",2,4,1.5,0.875,2.5,3,2,1.3125,3.75,1,1,"
                        "oversubscribed partial\r\n"
                        "tour,schedule,0.25,,1,0.125,0.125,0.125,,,,,,0,\r\n"
                        "tour,schedule,3,0,0,,,,1,,,,,0,\r\n"));
    }

    void anyLocale_data()
    {
        QTest::addColumn<QString>("locale");
        QTest::newRow("German") << "de_DE";
        QTest::newRow("Turkish") << "tr_TR";
    }

    void anyLocale()
    {
        QFETCH(QString, locale);
        const QTemporaryDir folder;
        const SweepRows rows = {"tour", "share",
            {{.value = 0.25,
                .workers = 1,
                .wall_s = {0.5, 1.25e-7, 1234567.5},
                .sequential_s = 1.5,
                .oversubscribed = false,
                .marks = {}}}};
        const auto write = [&](const QString& name) {
            QByteArray all = QByteArray::fromStdString(table_of(rows));
            for (const RunTable table : {RunTable::spans, RunTable::channels, RunTable::repeats})
                all += QByteArray::fromStdString(table_of(talking(), table));
            save_run(talking(), folder.filePath(name).toStdString());
            QFile file(folder.filePath(name));
            return file.open(QIODevice::ReadOnly) ? all + file.readAll() : QByteArray();
        };
        const QByteArray plain = write("c.json");
        const OtherLocale other(locale);
        QVERIFY(OtherLocale::take_on(locale));
        QVERIFY(write("other.json") == plain);
    }

    void names()
    {
        for (const RunTable table : all_run_tables)
            QVERIFY(run_table_named(name_of(table)) == table);
        QVERIFY(!run_table_named("span"));
        QVERIFY(!run_table_named(""));
    }

    void whatARunDoesNotHave()
    {
        FinishedRun run = talking();
        QVERIFY_EXCEPTION_THROWN(table_of(run, RunTable::sweep), BadValue);
        run.traced = false;
        QVERIFY_EXCEPTION_THROWN(table_of(run, RunTable::spans), BadValue);
        QVERIFY_EXCEPTION_THROWN(table_of(run, RunTable::channels), BadValue);
        QVERIFY(!table_of(run, RunTable::repeats).empty());
    }

    // Whatever the recording: a row for each span, in pieces, and no byte but once.
    void aRowForEachSpan()
    {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const FinishedRun run = finished_run_of(random_recording(seed, 20'000));
            std::size_t spans = 0;
            std::uint64_t bytes = 0;
            for (const Lane& lane : run.recording->lanes())
                spans += lane.spans.size();
            for (const Transfer& transfer : run.recording->transfers())
                bytes += transfer.bytes;
            std::size_t rows = 0;
            std::uint64_t told = 0;
            std::size_t longest = 0;
            std::string text;
            write_table(run, RunTable::spans, {}, [&](std::string_view piece) {
                longest = std::max(longest, piece.size());
                text += piece;
            });
            const QList<QByteArray> lines = QByteArray::fromStdString(text).split('\n');
            for (const QByteArray& line : lines.mid(1, lines.size() - 2)) {
                ++rows;
                told += line.split(',').at(10).toULongLong();
                QCOMPARE(line.count(','), 15);
            }
            QCOMPARE(rows, spans);
            QVERIFY(told <= bytes);
            QVERIFY(longest < 70'000);
        }
    }

    void aFileThatCannotBeWritten()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("spans.csv").toStdString();
        QFile old(QString::fromStdString(path));
        QVERIFY(old.open(QIODevice::WriteOnly));
        old.write("old");
        old.close();
        QVERIFY_EXCEPTION_THROWN(
            save_table(talking(), RunTable::spans, {}, path, [] { return true; }), Error);
        QVERIFY_EXCEPTION_THROWN(save_table(talking(), RunTable::sweep, {}, path), BadValue);
        QVERIFY_EXCEPTION_THROWN(save_table(talking(), RunTable::spans, {}, "/dev/full"), Error);
        QVERIFY(old.open(QIODevice::ReadOnly));
        QCOMPARE(old.readAll(), QByteArray("old"));
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden).size(), 1);
        save_table(talking(), RunTable::spans, {}, path);
        QVERIFY(old.seek(0));
        QFile whole(QString::fromStdString(path));
        QVERIFY(whole.open(QIODevice::ReadOnly));
        QCOMPARE(whole.readAll().toStdString(), table_of(talking(), RunTable::spans));
    }
};

QTEST_GUILESS_MAIN(TestRunTables)
#include "tst_run_tables.moc"
