// SPDX-License-Identifier: MIT
// Tests engine/observe's run files: opened exactly as they were saved, and whatever else a file may
// hold or be.
#include "engine/observe/run_file.hpp"
#include "engine/os/error.hpp"
#include "engine/recording/trace_event_fields.hpp"
#include "tests/support/finished_runs.hpp"

#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

using namespace manyhands;
using manyhands::test::differences;
using manyhands::test::finished_run_of;
using manyhands::test::ScriptedRecording;

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_bytes(const fs::path& path, std::string_view bytes)
{
    fs::remove(path); // a file that is cut and written again is waited for by some file systems
    std::ofstream(path, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string compressed(const std::string& text)
{
    std::string result;
    GzipSink sink([&](std::string_view piece) { result += piece; });
    sink(text);
    sink.finish();
    return result;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += word + "; ";
    return text;
}

/// Bytes of memory of this process: "VmHWM" the most it held, "VmRSS" what it holds.
std::size_t memory(const std::string& what)
{
    std::ifstream file("/proc/self/status");
    std::string word;
    std::size_t kib = 0;
    while (file >> word) {
        if (word == what + ':' && file >> kib)
            break;
    }
    return kib * 1024;
}

/// Something of all that random_recording() has none of.
Recording full_recording()
{
    ScriptedRecording script;
    script.lane("main", Role::main, 0, false, 4000);
    const std::uint32_t worker = script.lane("Worker-1", Role::worker, 1000, true, 4001);
    const std::uint32_t again = script.lane("Worker \"2\"", Role::server, 1000, true, 4001);
    script.lane("never", Role::worker, 1500, false, 0);
    script.builder.text(worker, {TextKind::place, 3, "lessons/a/program.cpp\n12\nint main"});
    script.builder.text(again, {TextKind::place, 3, "lessons/a/program.cpp\n13\nint main"});
    script.builder.text(0, {TextKind::channel, 0, "queue\ntasks"});
    script.builder.text(0, {TextKind::lock, 0, "rlock\ndoor"});
    script.builder.text(0, {TextKind::value, 0, "sum"});
    script.builder.text(worker, {TextKind::gate, 0, "before load"});
    script.builder.text(worker, {TextKind::exception, 0, "std::logic_error\nno luck"});
    script.builder.phase(PhaseKind::baseline, 0, 10, 90, 55);
    script.builder.work_sample(40, 77);
    script.builder.memory_sample(worker, 41, 5'000'000, 0);
    script.builder.memory_sample(worker, 60, 6'000'000, 4'000'000);
    script.builder.memory_sample(0, 60, 1'000'000, 900'000);
    script.builder.phase(PhaseKind::repeat, 0, 1000, 0, 0);
    script.builder.pause(500);
    script.builder.resume(800);
    script.builder.ask_to_stop(850);
    script.event(worker, 2000, EventKind::task_begun, computes, 7, ~std::uint64_t{0}, 3);
    script.begin(worker, 2100, State::sending, 0, 3);
    script.message(worker, 2200, false, 0, 5, 80);
    script.message(worker, 2200, false, 0, 6, 80);
    script.event(worker, 2200, EventKind::queue_depth, 0, 0, 3);
    script.end(worker, 2200, State::sending);
    script.message(again, 2300, true, 0, 5, 80);
    script.begin(again, 2400, State::receiving, 0);
    script.message(again, 2400, true, 0, 6, 80);
    script.event(again, 2500, EventKind::messages_received, 0, 1000, pack_message(0, 8000));
    for (const double value : {-0.0, 0.0, 5e-324, 1.5, -1e300, 123456789012345678.0, 1e19})
        script.event(
            again, 2500, EventKind::value_changed, 1, 0, std::bit_cast<std::uint64_t>(value), 3);
    for (const std::uint64_t bits : {std::uint64_t{0x7ff8'0000'0000'0001}, ~std::uint64_t{0}})
        script.event(again, 2500, EventKind::value_changed, 1, 0, bits);
    for (const std::int64_t value : {INT64_MIN, std::int64_t{-1}, INT64_MAX})
        script.event(
            again, 2500, EventKind::value_changed, 0, 0, static_cast<std::uint64_t>(value));
    script.event(again, 2600, EventKind::lock_taken, 0, 0, 0, 3);
    script.begin(again, 2700, State::held, 0);
    script.begin(again, 2700, State::sleeping);
    script.stop(worker, 2800);
    script.go_on(worker, 2900);
    script.stop(worker, 2950);
    script.builder.text(worker, {TextKind::output_line, 0, "hello\t\x1b[1m"});
    script.builder.raw_output("raw\n");
    script.event(worker, 3000, EventKind::task_failed, computes, 7);
    script.event(worker, 3100, EventKind::task_begun, computes, 8, 1);
    script.builder.counters(worker, 1, 2, 3, 4);
    script.end_lane(worker, 4000, -9, 17);
    script.builder.pause(86'400'000'000'007);
    script.builder.advance(86'400'000'000'009);
    return std::move(script.builder).take();
}

/// What a refusal says; fails where nothing is refused.
std::string refusal_of(const fs::path& path)
{
    try {
        const FinishedRun run = open_run(path);
        return "opened: " + run.shortfall;
    } catch (const BadValue& error) {
        return error.what();
    }
}

} // namespace

class TestRunFile : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    fs::path file(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    /// The text of a small file.
    std::string sample(std::uint64_t moments = 400) const
    {
        save_run(finished_run_of(test::random_recording(4, moments)), file("sample.json"));
        return bytes_of(file("sample.json"));
    }
    /// Opens bytes: whatever they are, what comes is a run or one line that names the file.
    std::string opened(std::string_view bytes) const
    {
        const fs::path path = file("opened.json");
        write_bytes(path, bytes);
        std::ofstream("/proc/self/clear_refs") << 5; // forgets the most that was held
        const std::size_t before = memory("VmRSS");
        const std::string line = opened_file(path);
        const std::size_t taken = memory("VmHWM") - before;
#ifdef __SANITIZE_ADDRESS__
        constexpr bool counts = false; // it keeps what was freed
#else
        constexpr bool counts = true;
#endif
        if (counts && taken > std::size_t{256} << 20)
            return "no less memory than " + std::to_string(taken) + " bytes: " + line;
        return line;
    }
    static std::string opened_file(const fs::path& path)
    {
        std::string line;
        try {
            const FinishedRun run = open_run(path);
            if (!run.recording)
                return "no recording";
            if (run.shortfall.empty())
                return "whole";
            line = run.shortfall;
        } catch (const BadValue& error) {
            line = std::string("refused: ") + error.what();
        }
        if (line.find('\n') != std::string::npos || line.find(path.string()) == std::string::npos
            || line.size() > 1500)
            return "no good line: " + line;
        return line;
    }

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
    }

    void opened_exactly_data()
    {
        QTest::addColumn<quint64>("seed");
        QTest::addColumn<QByteArray>("name");
        for (quint64 seed = 0; seed <= 40; ++seed) {
            const char* const name = seed % 2 == 0 ? "run.json" : "run.json.gz";
            QTest::addRow("seed %llu", seed) << seed << QByteArray(name);
        }
    }

    /// Seed 0 is a recording with something of each kind.
    void opened_exactly()
    {
        QFETCH(quint64, seed);
        QFETCH(QByteArray, name);
        FinishedRun saved
            = finished_run_of(seed == 0 ? full_recording() : test::random_recording(seed, 3000));
        saved.state = static_cast<RunState>(2 + seed % 4);
        save_run(saved, file(name));
        const FinishedRun read = open_run(file(name));
        QCOMPARE(read.shortfall, std::string());
        QCOMPARE(joined(differences(saved, read)), std::string());
        save_run(read, file("again.json"));
        save_run(saved, file("first.json"));
        QVERIFY(bytes_of(file("again.json")) == bytes_of(file("first.json")));
    }

    /// Else the comparison above would compare little.
    void a_difference_is_seen()
    {
        const FinishedRun run = finished_run_of(test::random_recording(1, 3000));
        const FinishedRun other = finished_run_of(test::random_recording(2, 3000));
        QVERIFY(differences(run, run).empty());
        QVERIFY(differences(run, other).size() > 8);
        FinishedRun changed = run;
        changed.repeats[1].wall_s = 2e-9;
        changed.parameters["share"] = 0.3;
        QCOMPARE(joined(differences(run, changed)), std::string("parameters; repeats; "));
    }

    void what_is_not_known_stays_unknown()
    {
        ScriptedRecording script;
        FinishedRun saved = finished_run_of(std::move(script.builder).take());
        saved.traced = false;
        saved.events = saved.dropped = 0;
        saved.repeats.clear();
        saved.shown_repeat = 0;
        saved.sequential_s.reset();
        saved.all_work.reset();
        saved.document.reset();
        saved.marks.clear();
        saved.problem.clear();
        saved.raw_output.clear();
        save_run(saved, file("run.json"));
        const FinishedRun read = open_run(file("run.json"));
        QCOMPARE(read.shortfall, std::string());
        QCOMPARE(joined(differences(saved, read)), std::string());
        QVERIFY(run_object(saved) == run_object(read));
    }

    /// Bytes that are no UTF-8 are replaced when they are written, and nothing else changes.
    void bytes_that_are_no_text()
    {
        ScriptedRecording script;
        script.lane("main \xff", Role::main, 0);
        script.builder.text(0, {TextKind::output_line, 0, "a\xc3(\0b"});
        save_run(finished_run_of(std::move(script.builder).take()), file("run.json"));
        const FinishedRun read = open_run(file("run.json"));
        QCOMPARE(read.recording->lanes()[0].name, std::string("main \ufffd"));
        save_run(read, file("again.json"));
        QVERIFY(bytes_of(file("again.json")) == bytes_of(file("run.json")));
    }

    /// The parser hands numbers over with the locale's decimal point.
    void moments_in_any_locale()
    {
        TraceEventFields fields;
        for (const char* const digits : {"1234.567", "1234,567"}) {
            fields.clear();
            fields.set_real(Key::ts, 1234.567, digits);
            QCOMPARE(fields.moment(Key::ts), std::int64_t{1'234'567});
        }
        for (const char* const digits : {"1234.56", "1234.5678", "-1.234", "1e+3.4", "1234567"}) {
            fields.clear();
            QVERIFY_EXCEPTION_THROWN(fields.set_real(Key::ts, 1, digits), TraceDamage);
        }
    }

    /// Cut at every byte: what was there before opens, and nothing else.
    void cut_at_every_byte()
    {
        const std::string text = sample(60);
        const std::size_t head_end = text.find("},\"traceEvents\"");
        const std::size_t results = text.find("\"manyhandsResults\"");
        for (std::size_t cut = 0; cut + 1 < text.size(); ++cut) {
            const std::string line = opened(std::string_view(text).substr(0, cut));
            const std::string words = std::to_string(cut) + ": " + line;
            if (cut + 2 == text.size())
                QVERIFY2(line.find("spans are there, and the results") != std::string::npos,
                    words.c_str());
            else if (cut < head_end)
                QVERIFY2(line.starts_with("refused: ")
                        && line.find(cut == 0 ? "is empty"
                                              : "is cut off in line 1 (byte " + std::to_string(cut))
                            != std::string::npos,
                    words.c_str());
            else
                QVERIFY2(line.find("is cut off in line ") != std::string::npos
                        && line.find("(byte " + std::to_string(cut) + ")") != std::string::npos,
                    words.c_str());
            if (cut == results)
                QVERIFY2(line.find(" spans are there") != std::string::npos, words.c_str());
        }
    }

    /// The spans that are there are a beginning of those that were.
    void a_cut_file_has_the_valid_prefix()
    {
        const std::string text = sample();
        const Recording whole = test::random_recording(4, 400);
        std::size_t most = 0;
        for (std::size_t cut = text.find("\"traceEvents\""); cut < text.size(); cut += 211) {
            write_bytes(file("cut.json"), std::string_view(text).substr(0, cut));
            const FinishedRun run = open_run(file("cut.json"));
            std::size_t spans = 0;
            QVERIFY(run.recording->lanes().size() <= whole.lanes().size());
            for (std::size_t lane = 0; lane < run.recording->lanes().size(); ++lane) {
                const auto& read = run.recording->lanes()[lane].spans;
                const auto& all = whole.lanes()[lane].spans;
                QVERIFY(read.size() <= all.size());
                for (std::size_t i = 0; i < read.size(); ++i) {
                    QCOMPARE(read[i].begin_ns, all[i].begin_ns);
                    QCOMPARE(read[i].state, all[i].state);
                    QVERIFY(read[i].end_ns <= all[i].end_ns && read[i].end_ns >= read[i].begin_ns);
                }
                spans += read.size();
            }
            QVERIFY(spans >= most);
            most = spans;
            QCOMPARE(run.state, RunState::stopped);
            QCOMPARE(run.marks, std::vector<std::string>{"partial"});
            save_run(run, file("mended.json"));
            QCOMPARE(open_run(file("mended.json")).shortfall, std::string());
        }
        QVERIFY(most > 20);
    }

    void bits_that_flipped_data()
    {
        QTest::addColumn<bool>("gzip");
        QTest::newRow("plain") << false;
        QTest::newRow("gzip") << true;
    }

    void bits_that_flipped()
    {
        QFETCH(bool, gzip);
        const std::string text = gzip ? compressed(sample()) : sample();
        std::mt19937_64 random(7);
        int whole = 0;
        for (int i = 0; i < 1500; ++i) {
            std::string flipped = text;
            for (std::uint64_t flips = 1 + random() % 3; flips > 0; --flips)
                flipped[random() % flipped.size()] ^= static_cast<char>(1 << random() % 8);
            const std::string line = opened(flipped);
            QVERIFY2(!line.starts_with("no "), line.c_str());
            whole += line == "whole" ? 1 : 0;
        }
        // A digit that became another one is a number like any; a checksum sees it.
        QVERIFY2(gzip ? whole < 50 : whole < 1000, std::to_string(whole).c_str());
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const std::string& bytes, const char* words) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QByteArray(words);
        };
        row("empty", "", "is empty");
        row("text", "hello", "is no run of Manyhands: in line 1 (byte 1), what stands there");
        row("binary", std::string(1000, '\0'), "is no run of Manyhands");
        row("number", "12 ", "is no run of Manyhands");
        row("list", "[]", "is no run of Manyhands");
        row("object", "{}", "is no run of Manyhands");
        row("other JSON", "{\"a\":1}", "is no run of Manyhands");
        row("another program's trace", "{\"traceEvents\":[{\"ph\":\"X\"}]}",
            "is a trace without a span that could be shown: left out 1 event without a time");
        row("trace as a list", "[{\"ph\":\"X\"}]", "is a trace without a span that could be shown");
        row("other data of others", "{\"otherData\":{\"version\":\"1\"},\"traceEvents\":[]}",
            "is no run of Manyhands");
        row("newer", "{\"otherData\":{\"manyhands\":{\"schema\":2,\"what\":[]}},",
            "was made by a newer version of Manyhands: its schema is: 2 (allowed: 1); open it");
        row("no schema", "{\"otherData\":{\"manyhands\":{}}}", "schema is missing in the head");
        row("schema of another type", "{\"otherData\":{\"manyhands\":{\"schema\":\"1\"}}}",
            "schema of the head is not a whole number");
        row("schema 0", "{\"otherData\":{\"manyhands\":{\"schema\":0}}}", "schema of the head");
        row("no lesson", "{\"otherData\":{\"manyhands\":{\"schema\":1}}}", "lesson is missing");
        row("head is a list", "{\"otherData\":{\"manyhands\":[]}}", "cannot be opened");
        row("deep", std::string(100'000'000, '['), "is no run of Manyhands");
        row("deep in the head", "{\"otherData\":{\"manyhands\":" + std::string(1'000'000, '['),
            "nested too deeply");
        row("deep in what is skipped", "{\"displayTimeUnit\":" + std::string(1'000'000, '['),
            "nested too deeply");
        row("twice in the head", "{\"otherData\":{\"manyhands\":{\"schema\":1,\"schema\":1}}}",
            "a key stands there twice");
        row("a long string", "{\"otherData\":{\"manyhands\":\"" + std::string(40'000'000, 'x'),
            "a text is longer than any in a run");
        row("blanks", std::string(40'000'000, ' '), "a text is longer than any in a run");
        row(
            "many values",
            "{\"otherData\":{\"manyhands\":[1" +
                [] {
                    std::string values;
                    for (int i = 0; i < 2'000'000; ++i)
                        values += ",1";
                    return values;
                }(),
            "more values than in any run");
        row("1e400", "{\"otherData\":{\"manyhands\":1e400,", "a number beyond all measure");
        row("gzip of nothing", compressed(""), "is empty");
        row("half a gzip head", std::string("\x1f\x8b\x08", 3), "is empty");
        row("gzip bomb", compressed(std::string(200'000'000, ' ')), "a text is longer");
    }

    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, words);
        const std::string line = opened(bytes.toStdString());
        QVERIFY2(
            line.starts_with("refused: ") && line.find(words.toStdString()) != std::string::npos,
            line.c_str());
    }

    /// A file whose text grows without end, though each word of it is short.
    void a_bomb_of_short_words()
    {
        std::string text = sample();
        text.resize(text.find("\n],\"manyhandsResults\""));
        const std::string line = text.substr(text.rfind('\n'));
        for (int i = 0; i < 2'000'000; ++i)
            text += ',' + line;
        std::string bomb(text.size() / 100, '\0');
        z_stream stream = {};
        QCOMPARE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
        stream.next_in = reinterpret_cast<Bytef*>(text.data());
        stream.avail_in = static_cast<uInt>(text.size());
        stream.next_out = reinterpret_cast<Bytef*>(bomb.data());
        stream.avail_out = static_cast<uInt>(bomb.size());
        QCOMPARE(deflate(&stream, Z_FINISH), Z_STREAM_END);
        bomb.resize(bomb.size() - stream.avail_out);
        deflateEnd(&stream);
        QVERIFY(bomb.size() < text.size() / 200);
        const std::string said = opened(bomb);
        QVERIFY2(said.find("compressed data grow beyond all measure") != std::string::npos,
            said.c_str());
    }

    void damaged_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const char* line, const char* words) {
            QTest::newRow(name) << QByteArray(line) << QByteArray(words);
        };
        row("unknown kind", R"({"ph":"X","name":"a","ts":1.000,"pid":1,"tid":1})",
            "\"X\" is no kind of event");
        row("no kind", R"({"name":"a"})", "\"ph\" is missing");
        row("kind is a number", R"({"ph":1})", "\"ph\" is no text");
        row("twice", R"({"ph":"B","ph":"B"})", "\"ph\" stands there twice");
        row("unknown member", R"({"ph":"B","what":1})", "an event has a member that is not known");
        row("unknown argument", R"({"ph":"B","args":{"what":1}})", "not known");
        row("argument in an argument", R"({"ph":"B","args":{"name":{}}})", "none belongs");
        row("arguments twice", R"({"ph":"B","args":{},"args":{}})", "\"args\" stands there twice");
        row("no arguments", R"({"ph":"B","args":1})", "\"args\" is no object");
        row("a list", "[]", "a list where an event belongs");
        row("a number", "1", "a value stands where none belongs");
        row("unknown state",
            R"({"ph":"B","name":"flying","cat":"state","ts":1.000,"pid":100,"tid":100})",
            "\"flying\" is no state");
        row("state of a stranger's name",
            R"({"ph":"B","name":"é","cat":"state","ts":1.000,"pid":100,"tid":100})",
            "there is no state of this name");
        row("no lane", R"({"ph":"B","name":"idle","cat":"state","ts":9.000,"pid":7,"tid":7})",
            "\"tid\" is no lane's");
        row("another pid", R"({"ph":"B","name":"idle","cat":"state","ts":9.000,"pid":7,"tid":100})",
            "\"pid\" is not that of its \"tid\"");
        row("negative time",
            R"({"ph":"B","name":"idle","cat":"state","ts":-1.000,"pid":100,"tid":100})",
            "\"ts\" is no time");
        row("whole time", R"({"ph":"B","name":"idle","cat":"state","ts":1,"pid":100,"tid":100})",
            "\"ts\" is no moment");
        row("time beyond range",
            R"({"ph":"B","name":"idle","cat":"state","ts":1e400,"pid":100,"tid":100})",
            "a number beyond all measure");
        row("long time",
            R"({"ph":"B","name":"idle","cat":"state","ts":999999999999999.000,"pid":100,"tid":100})",
            "\"ts\" is no moment of a run");
        row("time backwards",
            R"({"ph":"B","name":"idle","cat":"state","ts":0.001,"pid":100,"tid":100})",
            "comes before what stands before it");
        row("end of nothing", R"({"ph":"E","name":"idle","ts":9.000,"pid":100,"tid":100})",
            "it ends a state that its lane is not in");
        row("no channel",
            R"({"ph":"B","name":"idle","cat":"state","ts":9.000,"pid":100,"tid":100,"channel":77})",
            "\"channel\" is 77, and there are ");
        row("subject of another kind",
            R"({"ph":"B","name":"idle","cat":"state","ts":9.000,"pid":100,"tid":100,"lock":0})",
            "\"lock\" does not belong there");
        row("no place",
            R"({"ph":"B","name":"idle","cat":"state","ts":9.000,"pid":100,"tid":100,"place":9})",
            "\"place\" is 9");
        row("an index left out",
            R"({"ph":"M","name":"manyhands_value","pid":1,"tid":1,"args":{"index":1000000000,"name":"x"}})",
            "\"index\" is not the next one");
        row("a billion lanes",
            R"({"ph":"M","name":"manyhands_lane","pid":1,"tid":1,"args":{"index":1000000000}})",
            "\"index\" is not the next one");
        row("unknown part", R"({"ph":"M","name":"manyhands_x","pid":1,"tid":1})",
            "\"manyhands_x\" is no part of a run");
        row("task without an end",
            R"({"ph":"b","name":"task 1","cat":"task","ts":1.000,"pid":100,"tid":100,"id":"0x1","args":{"task":1,"argument":1,"outcome":"done"}})"
            ",\n"
            R"({"ph":"C","name":"work","cat":"work","ts":1.000,"pid":1,"tid":1,"args":{"done":1}})",
            "a task or phase does not end behind its begin");
        row("end without a task",
            R"({"ph":"e","name":"task 1","cat":"task","ts":1.000,"pid":100,"tid":100,"id":"0x1"})",
            "a task or phase does not end behind its begin");
        row("unknown outcome",
            R"({"ph":"b","name":"task 1","cat":"task","ts":1.000,"pid":100,"tid":100,"id":"0x1","args":{"task":1,"argument":1,"outcome":"odd"}})",
            "\"odd\" is no outcome of a task");
        row("counter of no channel",
            R"({"ph":"C","name":"C99 a b","cat":"depth","ts":1.000,"pid":1,"tid":1,"args":{"messages":1}})",
            "\"C99 a b\" is no counter");
        row("no lock",
            R"({"ph":"i","name":"lock held","cat":"lock","ts":1.000,"pid":100,"tid":100,"s":"t","args":{"dur_ns":1,"lock":50}})",
            "\"lock\" is 50");
        row("negative length",
            R"({"ph":"i","name":"lock held","cat":"lock","ts":1.000,"pid":100,"tid":100,"s":"t","args":{"dur_ns":-1,"lock":0}})",
            "\"dur_ns\" is no moment");
        row("real where a whole number belongs",
            R"({"ph":"i","name":"lock held","cat":"lock","ts":1.000,"pid":100,"tid":100,"s":"t","args":{"dur_ns":1,"lock":0.5}})",
            "\"lock\" is no whole number");
        row("not JSON", R"({"ph":"B",})", "what stands there is no JSON");
        row("not UTF-8", "{\"ph\":\"B\",\"name\":\"\xff\"}", "what stands there is no JSON");
    }

    /// Behind what is damaged nothing is read, and all before it is there.
    void damaged()
    {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, words);
        const std::string text = sample();
        const std::size_t end = text.find("\n],\"manyhandsResults\"");
        const auto before
            = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
        write_bytes(file("damaged.json"),
            text.substr(0, end) + ",\n" + line.toStdString() + text.substr(end));
        const FinishedRun run = open_run(file("damaged.json"));
        QVERIFY2(
            run.shortfall.find(words.toStdString()) != std::string::npos, run.shortfall.c_str());
        const int line_of_damage = static_cast<int>(before) + 2 + (line.contains('\n') ? 1 : 0);
        const std::string place
            = "damaged.json is damaged in line " + std::to_string(line_of_damage) + " (byte ";
        QVERIFY2(run.shortfall.find(place) != std::string::npos, run.shortfall.c_str());
        QVERIFY(run.shortfall.find("neither the results") != std::string::npos);
        QCOMPARE(run.shortfall.find('\n'), std::string::npos);
        Recording whole = test::random_recording(4, 400);
        const std::vector<std::string> differ = differences(whole, *run.recording);
        QVERIFY2(differ.empty(), joined(differ).c_str());
    }

    void damaged_results_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const char* from, const char* to, const char* words) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QByteArray(words);
        };
        row("state", "\"state\":\"done\"", "\"state\":\"well\"", "state of the results");
        row("shown repeat", "\"shown_repeat\":1", "\"shown_repeat\":2",
            "shown_repeat of the results");
        row("wall time", "\"wall_s\":1e-09", "\"wall_s\":null", "repeats[1].wall_s");
        row("twice", "\"state\":\"done\"", "\"state\":\"done\",\"state\":\"done\"", "twice");
        row("missing", "\"problem\":", "\"problems\":", "problem is missing in the results");
        row("behind it", "}\n", "}\nx", "what stands there is no JSON");
    }

    void damaged_results()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, words);
        std::string text = sample();
        const std::size_t at = text.rfind(from.toStdString());
        QVERIFY(at != std::string::npos);
        text.replace(at, static_cast<std::size_t>(from.size()), to.toStdString());
        write_bytes(file("damaged.json"), text);
        const FinishedRun run = open_run(file("damaged.json"));
        QVERIFY2(
            run.shortfall.find(words.toStdString()) != std::string::npos, run.shortfall.c_str());
        QVERIFY(differences(test::random_recording(4, 400), *run.recording).empty());
    }

    void damaged_head_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* name, const char* from, const char* to, const char* words) {
            QTest::newRow(name) << QByteArray(from) << QByteArray(to) << QByteArray(words);
        };
        row("parameter out of range", "\"workers\":3}", "\"workers\":900}",
            "workers of the parameters is not allowed: 900 (allowed: 1 to 256)");
        row("parameter of another type", "\"workers\":3}", "\"workers\":3.5}", "workers");
        row("parameter too many", "\"workers\":3}", "\"workers\":3,\"x\":1}", "more than");
        row("parameter missing", "\"workers\":3}", "\"worker\":3}", "workers is missing");
        row("unknown choice", "\"schedule\":\"dynamic\"", "\"schedule\":\"odd\"",
            "static or dynamic");
        row("negative seed", "\"seed\":18446744073709551615", "\"seed\":-1", "seed of the head");
        row("id that is a path", "\"id\":\"tour\"", "\"id\":\"../tour\"", "id of the lesson");
    }

    void damaged_head()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, words);
        std::string text = sample();
        const std::size_t at = text.find(from.toStdString());
        QVERIFY(at != std::string::npos);
        text.replace(at, static_cast<std::size_t>(from.size()), to.toStdString());
        const std::string line = opened(text);
        QVERIFY2(
            line.starts_with("refused: ") && line.find(words.toStdString()) != std::string::npos,
            line.c_str());
    }

    void no_files_to_read()
    {
        const fs::path fifo = file("fifo.json");
        QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
        QVERIFY(refusal_of(fifo).find("it is no regular file") != std::string::npos);
        QVERIFY(refusal_of("/dev/zero").find("it is no regular file") != std::string::npos);
        QVERIFY(refusal_of(m_folder.path().toStdString()).find("it is no regular file")
            != std::string::npos);
        const std::string missing = refusal_of(file("missing.json"));
        QVERIFY2(missing.find("missing.json cannot be opened: No such file") != std::string::npos,
            missing.c_str());
    }

    void an_enormous_file_with_a_hole()
    {
        const fs::path path = file("sparse.json");
        write_bytes(path, "");
        QCOMPARE(::truncate(path.c_str(), off_t{1} << 42), 0);
        QVERIFY(refusal_of(path).find("is no run of Manyhands") != std::string::npos);
        std::string text = sample();
        text.resize(text.size() / 2);
        write_bytes(path, text);
        QCOMPARE(::truncate(path.c_str(), off_t{1} << 42), 0);
        const FinishedRun run = open_run(path);
        QVERIFY2(
            run.shortfall.find("is damaged in line ") != std::string::npos, run.shortfall.c_str());
        fs::remove(path);
    }

    /// The text is the same; what is not sure is that it is whole.
    void a_cut_gzip_stream()
    {
        const std::string stream = compressed(sample());
        for (std::size_t cut = 0; cut < stream.size(); cut += cut + 100 < stream.size() ? 17 : 1) {
            const std::string line = opened(std::string_view(stream).substr(0, cut));
            QVERIFY2(line.starts_with("refused: ")
                    || line.find("the compressed data are cut off") != std::string::npos,
                (std::to_string(cut) + ": " + line).c_str());
        }
        QCOMPARE(opened(stream), std::string("whole"));
        std::string wrong = stream;
        wrong[wrong.size() - 6] ^= 1; // of the checksum
        QVERIFY(opened(wrong).find("the compressed data are damaged") != std::string::npos);
    }

    void several_gzip_streams()
    {
        const std::string text = sample();
        const std::string both
            = compressed(text.substr(0, 1000)) + compressed("") + compressed(text.substr(1000));
        QCOMPARE(opened(both), std::string("whole"));
        QVERIFY(opened(both + "x").find("the compressed data are") != std::string::npos);
    }

    void progress_and_an_end_to_it()
    {
        const Recording recording = test::random_recording(4, 40'000);
        std::vector<double> shares;
        save_run(finished_run_of(recording), file("run.json"), {},
            [&](double share) { shares.push_back(share); });
        QVERIFY(shares.size() > 3);
        QVERIFY(std::is_sorted(shares.begin(), shares.end()));
        QVERIFY(shares.front() < 0.5 && shares.back() > 0.9 && shares.back() <= 1);
        shares.clear();
        open_run(file("run.json"), [&](double share) {
            shares.push_back(share);
            return true;
        });
        QVERIFY(shares.size() > 3);
        QVERIFY(std::is_sorted(shares.begin(), shares.end()));
        QCOMPARE(shares.back(), 1.0);
        const auto cancel = [](double share) { return share < 0.5; };
        QVERIFY_EXCEPTION_THROWN(open_run(file("run.json"), cancel), Error);
    }

    void a_save_that_fails_leaves_what_was_there_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("plain") << QByteArray("kept.json");
        QTest::newRow("gzip") << QByteArray("kept.json.gz");
    }

    void a_save_that_fails_leaves_what_was_there()
    {
        QFETCH(QByteArray, name);
        QTemporaryDir folder;
        const fs::path path = fs::path(folder.path().toStdString()) / name.toStdString();
        write_bytes(path, "precious");
        const FinishedRun run = finished_run_of(test::random_recording(4, 40'000));
        int asked = 0;
        QVERIFY_EXCEPTION_THROWN(save_run(run, path, [&] { return ++asked > 2; }), Error);
        QCOMPARE(asked, 3);
        QCOMPARE(bytes_of(path), std::string("precious"));
        QCOMPARE(std::distance(fs::directory_iterator(folder.path().toStdString()), {}), 1);
    }

    void a_full_disk()
    {
        const FinishedRun run = finished_run_of(test::random_recording(4, 400));
        try {
            save_run(run, "/dev/full");
            QFAIL("a full disk took a run");
        } catch (const Error& error) {
            QVERIFY2(std::string(error.what()).find("/dev/full could not be written")
                    != std::string::npos,
                error.what());
        }
        QVERIFY_EXCEPTION_THROWN(save_run(run, "/proc/run.json"), Error);
    }
};

QTEST_APPLESS_MAIN(TestRunFile)
#include "tst_run_file.moc"
