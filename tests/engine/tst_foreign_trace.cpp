// SPDX-License-Identifier: MIT
// Tests engine/recording/foreign_trace and engine/observe/foreign_run: traces of other programs,
// well made, half and hostile. The samples were written by hand after the format's documentation.
#include "engine/observe/run_file.hpp"
#include "engine/observe/run_findings.hpp"
#include "engine/observe/run_tables.hpp"
#include "engine/os/error.hpp"
#include "engine/recording/foreign_trace.hpp"
#include "tests/support/other_locale.hpp"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>

using namespace manyhands;
using namespace manyhands::test;

namespace {

const QString samples = QStringLiteral(MANYHANDS_SOURCE_DIR "/tests/engine/foreign_traces/");

/// JSON is written with single quotes here: moc does not understand raw strings.
std::string json_of(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

std::optional<ForeignTrace> read(const std::string& quoted)
{
    const std::string text = json_of(quoted);
    std::size_t taken = 0;
    return read_foreign_trace([&](std::span<char> room) {
        const std::size_t count = std::min(room.size(), text.size() - taken);
        std::memcpy(room.data(), text.data() + taken, count);
        taken += count;
        return count;
    });
}

/// Every lane and span in a line each: "server: request[http] 0+100000 depth 0".
QStringList drawn(const Recording& recording)
{
    QStringList lines;
    for (const Lane& lane : recording.lanes()) {
        for (const Span span : lane.spans) {
            const SpanName& name = recording.names()[span.subject];
            lines << QStringLiteral("%1: %2[%3] %4+%5 depth %6")
                         .arg(QString::fromStdString(lane.name), QString::fromStdString(name.name),
                             QString::fromStdString(name.category))
                         .arg(span.begin_ns)
                         .arg(span.end_ns - span.begin_ns)
                         .arg(span.depth);
        }
    }
    return lines;
}

/// What the model promises of every recording.
void checkPromises(const Recording& recording)
{
    for (const Lane& lane : recording.lanes()) {
        QVERIFY(!lane.spans.empty());
        QVERIFY(lane.ended() && lane.end_ns <= recording.now_ns());
        std::vector<Span> around;
        std::int64_t last = lane.start_ns;
        for (const Span span : lane.spans) {
            QVERIFY(span.begin_ns >= last && span.end_ns >= span.begin_ns);
            QVERIFY(span.end_ns <= lane.end_ns);
            last = span.begin_ns;
            around.resize(span.depth);
            if (!around.empty())
                QVERIFY(span.end_ns <= around.back().end_ns);
            around.push_back(span);
            QCOMPARE(span.state, State::foreign);
            QVERIFY(span.subject < recording.names().size());
            QVERIFY(span.place < recording.places().size());
        }
    }
}

QString fileOf(const QTemporaryDir& folder, const QByteArray& text)
{
    const QString path = folder.filePath("trace.json");
    QFile file(path);
    file.open(QIODevice::WriteOnly);
    file.write(QByteArray::fromStdString(json_of(text.toStdString())));
    return path;
}

std::string eventWith(const char* rest)
{
    return std::string("{'pid':1,'tid':1,") + rest + "}";
}

} // namespace

class TestForeignTrace : public QObject
{
    Q_OBJECT

private slots:
    void aListOfEvents()
    {
        const FinishedRun run = open_run((samples + "array.json").toStdString());
        QVERIFY(run.foreign.has_value());
        QCOMPARE(run.shortfall, std::string());
        QCOMPARE(drawn(*run.recording),
            (QStringList{"GPU: draw[gpu,render] 20000+12345 depth 0",
                "server / thread 7: request[http] 0+100000 depth 0",
                "server / thread 7: parse[http] 500+9750 depth 1",
                "server / io: read[] 40000+0 depth 0"}));
        QCOMPARE(run.foreign->left_out,
            std::string("2 counters, 3 async events, 2 flow events, 1 instant event, 1 sample, "
                        "1 object event, 1 memory dump, 1 event of an unknown kind"));
        QCOMPARE(run.recording->lanes()[0].pid, 0);
        QCOMPARE(run.recording->lanes()[1].pid, 7);
        QCOMPARE(run.recording->now_ns(), std::int64_t{100'000});
        QCOMPARE(run.events, std::uint64_t{22});
    }

    void whatVizTracerWrites()
    {
        const FinishedRun run = open_run((samples + "viztracer.json").toStdString());
        QVERIFY(run.foreign.has_value());
        QCOMPARE(run.foreign->writer, std::string("VizTracer"));
        QCOMPARE(run.foreign->left_out, std::string());
        QCOMPARE(drawn(*run.recording),
            (QStringList{"MainProcess: main[FEE] 0+400999 depth 0",
                "MainProcess: time.sleep[FEE] 70499+20250 depth 1",
                "ForkPoolWorker-1: square[FEE] 78249+100002 depth 0",
                "ForkPoolWorker-1: square[FEE] 199999+1500 depth 0"}));
        const Recording& recording = *run.recording;
        const Place& place = recording.places()[recording.lanes()[1].spans[0].place];
        QCOMPARE(place.file, std::string("/home/me/squares.py"));
        QCOMPARE(place.line, std::uint32_t{9});
        QCOMPARE(recording.lanes()[0].spans[1].place, std::uint16_t{0});
    }

    // No view is to make numbers out of what is not known.
    void nothingIsMadeUp()
    {
        const QTemporaryDir folder;
        const FinishedRun run = open_run((samples + "viztracer.json").toStdString());
        QVERIFY(run.repeats.empty());
        QVERIFY(!run.sequential_s && !run.document);
        QVERIFY(findings_of(run).empty());
        const nlohmann::json object = run_object(run);
        QVERIFY(object.at("budget").is_null());
        QVERIFY(object.at("channels").is_null());
        QVERIFY(object.at("speedup").is_null());
        QVERIFY_EXCEPTION_THROWN(
            save_run(run, folder.filePath("again.json").toStdString()), BadValue);
        QVERIFY(QDir(folder.path()).isEmpty());
        std::string csv;
        const TableSink sink = [&](std::string_view piece) { csv += piece; };
        QVERIFY_EXCEPTION_THROWN(write_table(run, RunTable::channels, {}, sink), BadValue);
        QVERIFY_EXCEPTION_THROWN(write_table(run, RunTable::repeats, {}, sink), BadValue);
        write_table(run, RunTable::spans, {.run = "viz", .interval = {}}, sink);
        const QString rows = QString::fromStdString(csv);
        QVERIFY2(
            rows.contains("viz,MainProcess,4120,0,,,foreign,1,70499,20250,,,,,time.sleep,\r\n"),
            qPrintable(rows));
        QVERIFY2(rows.contains(",square,/home/me/squares.py:9\r\n"), qPrintable(rows));
    }

    void events_data()
    {
        QTest::addColumn<QByteArray>("events");
        QTest::addColumn<QStringList>("spans"); // "name begin+length", depth as '>'
        QTest::addColumn<QString>("leftOut");
        const auto row = [](const char* name, std::initializer_list<const char*> events,
                             const QStringList& spans, const QString& leftOut = {}) {
            QByteArray list;
            for (const char* one : events)
                list += (list.isEmpty() ? "" : ",") + QByteArray::fromStdString(eventWith(one));
            QTest::newRow(name) << "[" + list + "]" << spans << leftOut;
        };
        const char* const a = "'ph':'X','name':'a','ts':10,'dur':10";
        row("any order",
            {"'ph':'X','name':'c','ts':30,'dur':1", a, "'ph':'X','name':'b','ts':12,'dur':3"},
            {"a 0+10000", ">b 2000+3000", "c 20000+1000"});
        row("inner one first", {"'ph':'X','name':'b','ts':10,'dur':3", a},
            {"a 0+10000", ">b 0+3000"});
        row("back to back", {a, "'ph':'X','name':'b','ts':20,'dur':1"},
            {"a 0+10000", "b 10000+1000"});
        row("begin and end at one moment", {"'ph':'B','name':'a','ts':5", "'ph':'E','ts':5"},
            {"a 0+0"});
        row("begins and ends around whole ones",
            {"'ph':'B','name':'o','ts':0", a, "'ph':'E','ts':40"}, {"o 0+40000", ">a 10000+10000"});
        row("an end of another name", {"'ph':'B','name':'a','ts':1", "'ph':'E','name':'b','ts':2"},
            {"a 0+1000"});
        row("an end alone", {"'ph':'E','ts':1", a}, {"a 0+10000"}, "1 end without a begin");
        row("a begin alone", {"'ph':'B','name':'o','ts':0", a}, {"o 0+20000", ">a 10000+10000"});
        row("an overlap",
            {a, "'ph':'X','name':'b','ts':15,'dur':10", "'ph':'X','name':'c','ts':15,'dur':2"},
            {"a 0+10000", ">c 5000+2000"}, "1 span that overlaps another of its thread");
        row("rounded over the end", {a, "'ph':'X','name':'b','ts':15,'dur':5.0009"},
            {"a 0+10000", ">b 5000+5000"});
        row("a negative duration", {a, "'ph':'X','name':'b','ts':15,'dur':-1"}, {"a 0+10000"},
            "1 span with a negative duration");
        row("no duration", {a, "'ph':'X','name':'b','ts':15"}, {"a 0+10000"},
            "1 span without a duration");
        row("no time", {a, "'ph':'X','name':'b','dur':15", "'ph':'B','name':'b','ts':'12'"},
            {"a 0+10000"}, "2 events without a time");
        row("no kind", {a, "'name':'b'", "'ph':7"}, {"a 0+10000"}, "2 entries that are no events");
        row("no process", {a, "'pid':null,'ph':'X','name':'b','ts':11,'dur':1"},
            {"a 0+10000", ">b 1000+1000"});
        row("ten years off", {a, a, "'ph':'X','name':'b','ts':315000000000000,'dur':1"},
            {"a 0+10000", ">a 0+10000"}, "1 span more than ten days from the others");
        row("ten years long", {a, a, "'ph':'X','name':'b','ts':10,'dur':315000000000000"},
            {"a 0+10000", ">a 0+10000"}, "1 span more than ten days from the others");
        row("beyond any time",
            {a, "'ph':'X','name':'b','ts':1e300,'dur':1",
                "'ph':'X','name':'b','ts':18446744073709551615,'dur':1"},
            {"a 0+10000"}, "2 events without a time");
        row("times with exponents", {"'ph':'X','name':'a','ts':1.5e1,'dur':25E-1"}, {"a 0+2500"});
        row("negative times",
            {"'ph':'X','name':'a','ts':-0.5,'dur':1", "'ph':'X','name':'b','ts':-12.25,'dur':1"},
            {"b 0+1000", "a 11750+1000"});
        row("nanoseconds since 1970",
            {"'ph':'X','name':'a','ts':1700000000000000.123,'dur':0.001",
                "'ph':'X','name':'b','ts':1700000000000000.1255,'dur':0.001"},
            {"a 0+1", "b 3+1"});
        row("a key twice: the last one counts",
            {"'ph':'i','ph':'X','name':'z','name':'a','ts':1,'dur':1"}, {"a 0+1000"});
        row("no name", {"'ph':'X','ts':1,'dur':1"}, {" 0+1000"});
        row("things of other types",
            {"'ph':'X','name':['x'],'cat':{},'ts':1,'dur':1,'args':[1],'id':{'local':'0x1'}"},
            {" 0+1000"});
    }

    void events()
    {
        QFETCH(QByteArray, events);
        QFETCH(QStringList, spans);
        QFETCH(QString, leftOut);
        const auto trace = read(events.toStdString());
        QVERIFY(trace.has_value());
        QCOMPARE(trace->shortfall, std::string());
        QStringList found;
        for (const Lane& lane : trace->recording.lanes()) {
            for (const Span span : lane.spans) {
                found << QStringLiteral("%1%2 %3+%4")
                             .arg(QString(span.depth, '>'),
                                 QString::fromStdString(
                                     trace->recording.names()[span.subject].name))
                             .arg(span.begin_ns)
                             .arg(span.end_ns - span.begin_ns);
            }
        }
        QCOMPARE(found, spans);
        QCOMPARE(QString::fromStdString(trace->left_out), leftOut);
        checkPromises(trace->recording);
    }

    void lanes()
    {
        const auto trace = read(
            "["
            "{'ph':'X','name':'a','ts':1,'dur':1,'pid':3,'tid':'x'},"
            "{'ph':'X','name':'a','ts':1,'dur':1,'pid':'1','tid':2},"
            "{'ph':'X','name':'a','ts':1,'dur':1,'pid':1,'tid':'2'},"
            "{'ph':'X','name':'a','ts':1,'dur':1,'pid':1,'tid':1},"
            "{'ph':'X','name':'a','ts':1,'dur':1,'pid':2},"
            "{'ph':'E','ts':1,'pid':2,'tid':9},"
            "{'ph':'X','name':'a','ts':1,'dur':1},"
            "{'ph':'M','name':'process_name','args':{'name':'lost'}},"
            "{'ph':'M','name':'thread_sort_index','pid':1,'tid':1,'args':{'sort_index':-1}},"
            "{'ph':'M','name':'thread_name','pid':3,'tid':'x','args':{'name':'the \\u00e4x'}},"
            "{'ph':'M','name':'process_name','pid':9,'args':{'name':'nobody'}}]");
        QVERIFY(trace.has_value());
        QStringList names;
        for (const Lane& lane : trace->recording.lanes())
            names << QString::fromStdString(lane.name) + ":" + QString::number(lane.spans.size());
        QCOMPARE(names,
            (QStringList{
                "the äx:1", "process 1 / thread 1:1", "process 1 / thread 2:2", "process 2:1"}));
        QCOMPARE(trace->left_out, std::string("2 events without a process, 1 end without a begin"));
    }

    void halfAFile_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("spans");
        QTest::addColumn<QString>("shortfall"); // a part of it; empty for none
        const QByteArray one
            = QByteArray::fromStdString(eventWith("'ph':'X','name':'a','ts':1,'dur':1"));
        QTest::newRow("list without its end") << "[" + one + "," + one << 2 << QString();
        QTest::newRow("list that ends in a comma") << "[" + one + ",\n" << 1 << QString();
        QTest::newRow("comma before the end") << "[" + one + ",\n]\n" << 1 << QString();
        QTest::newRow("comma before the end, in an object")
            << "{\"traceEvents\":[" + one + ",]}" << 1 << QString();
        QTest::newRow("whole object") << "{\"traceEvents\":[" + one + "]}" << 1 << QString();
        QTest::newRow("what else an object has")
            << "{\"otherData\":{\"version\":\"1\"},\"stackFrames\":{\"5\":{\"name\":\"m\"}},"
               "\"traceEvents\":["
                + one + "],\"systemTraceEvents\":\"x\",\"samples\":[[1]]}"
            << 1 << QString();
        QTest::newRow("cut within an event")
            << "[" + one + "," + one.left(20) << 1 << QString("is cut off in line 1");
        QTest::newRow("cut within an object")
            << "{\"traceEvents\":[" + one << 1 << QString("is cut off in line 1");
        QTest::newRow("no JSON behind an event")
            << "[" + one + ",\n?]" << 1 << QString("is damaged in line 2");
        QTest::newRow("no UTF-8") << "[" + one + ",{\"name\":\"\xff\"}]" << 1
                                  << QString("is damaged in line 1");
        QTest::newRow("something behind the end")
            << "[" + one + "] x" << 1 << QString("is damaged in line 1");
        QTest::newRow("nested without end")
            << "[" + one + ",{\"args\":{\"x\":" + QByteArray(100'000, '[') << 1
            << QString("nested too deeply");
        QTest::newRow("a name of 20 MB")
            << "[" + one + ",{\"name\":\"" + QByteArray(20'000'000, 'x') << 1 << QString("is ");
    }

    void halfAFile()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, spans);
        QFETCH(QString, shortfall);
        const auto trace = read(text.toStdString());
        QVERIFY(trace.has_value());
        QCOMPARE(drawn(trace->recording).size(), spans);
        const QString said = QString::fromStdString(trace->shortfall);
        QCOMPARE(said.isEmpty(), shortfall.isEmpty());
        QVERIFY2(said.contains(shortfall), qPrintable(said));
        QCOMPARE(said.count('\n'), 0);
        // What stands behind has to be said of the file that is opened, too.
        const QTemporaryDir folder;
        const FinishedRun run = open_run(fileOf(folder, text).toStdString());
        QCOMPARE(run.shortfall.empty(), shortfall.isEmpty());
    }

    void noTrace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("said");
        QTest::newRow("empty") << QByteArray() << "is empty";
        QTest::newRow("an empty list") << QByteArray("[]") << "no run of Manyhands";
        QTest::newRow("a list of numbers")
            << QByteArray("[1,2,[3],\"x\"]") << "no run of Manyhands";
        QTest::newRow("an object")
            << QByteArray("{\"a\":[{\"ph\":\"X\"}]}") << "no run of Manyhands";
        QTest::newRow("a text") << QByteArray("hello") << "no run of Manyhands";
        QTest::newRow("no events")
            << QByteArray("{\"traceEvents\":[]}") << "trace of another program";
        QTest::newRow("events that are no list")
            << QByteArray("{\"traceEvents\":{\"ph\":\"X\"}}") << "trace of another program";
        QTest::newRow("counters alone")
            << QByteArray("[{\"ph\":\"C\",\"ts\":1,\"pid\":1}]") << "left out 1 counter";
        QTest::newRow("ends alone") << QByteArray("[{\"ph\":\"E\",\"ts\":1,\"pid\":1}]")
                                    << "left out 1 end without a begin";
        QTest::newRow("brackets") << QByteArray(1'000'000, '[') << "no run of Manyhands";
    }

    void noTrace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, said);
        const QTemporaryDir folder;
        const QString path = fileOf(folder, text);
        try {
            open_run(path.toStdString());
            QFAIL("it was opened");
        } catch (const BadValue& error) {
            const QString words = QString::fromUtf8(error.what());
            QVERIFY2(words.startsWith(path) && words.contains(said), qPrintable(words));
            QCOMPARE(words.count('\n'), 0);
        }
    }

    // The parser puts the locale's decimal point into numbers.
    void anotherLocale()
    {
        const OtherLocale german("de_DE");
        QVERIFY(OtherLocale::take_on("de_DE"));
        const FinishedRun run = open_run((samples + "viztracer.json").toStdString());
        QCOMPARE(drawn(*run.recording).first(), QString("MainProcess: main[FEE] 0+400999 depth 0"));
    }

    void tooDeep()
    {
        std::string text = "[";
        for (int i = 0; i < 300; ++i)
            text += eventWith("'ph':'B','name':'f','ts':1") + ",";
        for (int i = 0; i < 300; ++i)
            text += eventWith("'ph':'E','ts':9") + ",";
        const auto trace = read(text);
        QVERIFY(trace.has_value());
        QCOMPARE(trace->recording.lanes()[0].spans.size(), std::size_t{256});
        QCOMPARE(trace->left_out, std::string("44 spans within more than 256 others"));
        checkPromises(trace->recording);
    }

    void manyThreads()
    {
        std::string text = "[";
        for (int i = 0; i < 5000; ++i)
            text += "{'ph':'X','name':'a','ts':1,'dur':1,'pid':1,'tid':" + std::to_string(i) + "},";
        const auto trace = read(text);
        QVERIFY(trace.has_value());
        QCOMPARE(trace->recording.lanes().size(), std::size_t{4096});
        QCOMPARE(trace->left_out, std::string("904 events of threads beyond 4096"));
    }

    // Whatever stands there: the model's promises hold, and every span is drawn or told of.
    void byChance()
    {
        std::mt19937 random(7);
        const auto below = [&](unsigned limit) { return std::to_string(random() % limit); };
        for (int round = 0; round < 50; ++round) {
            std::string text = "[";
            const char* const phases[] = {"B", "E", "X", "X", "C"};
            std::size_t wholes = 0;
            for (int i = 0; i < 400; ++i) {
                const std::string phase = phases[random() % 5];
                wholes += phase == "X" || phase == "B";
                text += "{'ph':'" + phase + "','name':'" + below(5) + "','ts':" + below(100) + "."
                    + below(10) + ",'dur':" + below(30) + ",'pid':" + below(2)
                    + ",'tid':" + below(3) + "},";
            }
            const auto trace = read(text);
            QVERIFY(trace.has_value());
            checkPromises(trace->recording);
            const QString leftOut = QString::fromStdString(trace->left_out);
            const QRegularExpression overlaps("(\\d+) spans? that overlap");
            const std::size_t left = overlaps.match(leftOut).captured(1).toULongLong();
            QCOMPARE(static_cast<std::size_t>(drawn(trace->recording).size()) + left, wholes);
        }
    }

    void aMillionSpans()
    {
        std::string text = "{\"traceEvents\":[";
        for (int i = 0; i < 1'000'000; ++i)
            text += "{'ph':'X','name':'f" + std::to_string(i % 100) + "','ts':" + std::to_string(i)
                + ".125,'dur':0.5,'pid':1,'tid':" + std::to_string(i % 4) + "},";
        text.back() = ']';
        text += '}';
        const auto trace = read(text);
        QVERIFY(trace.has_value());
        std::size_t spans = 0;
        for (const Lane& lane : trace->recording.lanes())
            spans += lane.spans.size();
        QCOMPARE(spans, std::size_t{1'000'000});
        QCOMPARE(trace->left_out, std::string());
    }
};

QTEST_GUILESS_MAIN(TestForeignTrace)
#include "tst_foreign_trace.moc"
