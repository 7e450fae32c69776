// SPDX-License-Identifier: MIT
// Tests engine/recording's trace files: read back strictly, as the viewers' importers do.
#include "engine/recording/trace_file.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <nlohmann/json.hpp>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace manyhands;
using manyhands::test::ScriptedRecording;

namespace {

std::string trace_of(const Recording& recording, const nlohmann::json& head = {{"schema", 1}},
    const nlohmann::json& results = {{"dropped", 0}})
{
    std::string text;
    write_trace(recording, head, results, [&](std::string_view piece) { text += piece; });
    return text;
}

/// The events' lines, each without the comma behind it.
std::vector<std::string> event_lines(const std::string& text)
{
    std::vector<std::string> lines;
    std::size_t at = text.find("\"traceEvents\":[\n") + 16;
    const std::size_t end_of_events = text.find("\n],\"manyhandsResults\"");
    while (at < end_of_events) {
        const std::size_t end = text.find('\n', at);
        const bool comma = text[end - 1] == ',';
        lines.push_back(text.substr(at, end - at - (comma ? 1 : 0)));
        at = end + 1;
    }
    return lines;
}

/// An event with its moment as it stands in the file.
struct FileEvent
{
    nlohmann::json json;
    std::string digits; ///< of "ts"
    std::int64_t ns = 0;

    std::string text(const char* key) const { return json.at(key).get<std::string>(); }
    char phase() const { return text("ph").at(0); }
    std::pair<std::int64_t, std::int64_t> track() const
    {
        return {json.at("pid").get<std::int64_t>(), json.at("tid").get<std::int64_t>()};
    }
    std::int64_t argument(const char* key) const
    {
        return json.at("args").at(key).get<std::int64_t>();
    }
};

/// The digits of "ts" in a line; throws where they are not N.NNN.
std::string digits_in(const std::string& line)
{
    const std::size_t at = line.find("\"ts\":") + 5;
    const std::string digits = line.substr(at, line.find_first_of(",}", at) - at);
    const std::size_t dot = digits.find('.');
    const auto only_digits = [](const std::string& part) {
        return part.find_first_not_of("0123456789") == std::string::npos;
    };
    if (dot == std::string::npos || digits.size() - dot != 4 || dot == 0
        || !only_digits(digits.substr(0, dot)) || !only_digits(digits.substr(dot + 1))
        || (digits[0] == '0' && dot != 1))
        throw std::runtime_error("not N.NNN: " + line);
    return digits;
}

std::int64_t ns_of(std::string digits)
{
    digits.erase(digits.find('.'), 1);
    return std::stoll(digits);
}

std::string digits_of(std::int64_t ns)
{
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%lld.%03lld", static_cast<long long>(ns / 1000),
        static_cast<long long>(ns % 1000));
    return buffer;
}

/// All events of a file. Every line must be JSON by itself, and the whole the same as its lines.
std::vector<FileEvent> events_of(const std::string& text)
{
    const nlohmann::json whole = nlohmann::json::parse(text);
    const std::vector<std::string> lines = event_lines(text);
    if (whole.at("traceEvents").size() != lines.size())
        throw std::runtime_error("not one event a line");
    std::vector<FileEvent> events;
    for (const std::string& line : lines) {
        FileEvent event;
        event.json = nlohmann::json::parse(line);
        if (event.json != whole["traceEvents"][events.size()])
            throw std::runtime_error("a line differs: " + line);
        if (event.phase() != 'M') {
            event.digits = digits_in(line);
            event.ns = ns_of(event.digits);
        }
        events.push_back(std::move(event));
    }
    return events;
}

std::size_t count(const std::vector<FileEvent>& events, char phase)
{
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(),
        [phase](const FileEvent& event) { return event.phase() == phase; }));
}

std::vector<FileEvent> named(const std::vector<FileEvent>& events, std::string_view name)
{
    std::vector<FileEvent> found;
    std::copy_if(events.begin(), events.end(), std::back_inserter(found),
        [name](const FileEvent& event) { return event.text("name") == name; });
    return found;
}

/// The innermost span that a message of this moment comes from: one that ends just then counts,
/// one that only begins then where there is no other.
std::optional<Span> span_of_message(const Lane& lane, std::int64_t time)
{
    const auto innermost = [&](auto&& contains) {
        std::optional<Span> found;
        for (const Span& span : lane.spans) {
            if (contains(span) && (!found || span.depth > found->depth))
                found = span;
        }
        return found;
    };
    const std::optional<Span> around = innermost(
        [time](const Span& span) { return span.begin_ns < time && time <= span.end_ns; });
    return around ? around : innermost([time](const Span& span) {
        return span.begin_ns == time && time < span.end_ns;
    });
}

/// What a span's subject is called in the file.
const char* subject_key(State state)
{
    const std::set<State> about_channels = {
        State::sending, State::receiving, State::waiting_data, State::waiting_space, State::idle};
    return state == State::computing     ? "task"
        : state == State::waiting_lock   ? "lock"
        : state == State::held           ? "gate"
        : about_channels.contains(state) ? "channel"
                                         : "subject";
}

std::string inflated(const std::string& compressed)
{
    z_stream stream = {};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        throw std::runtime_error("inflateInit2");
    std::string input = compressed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::string text;
    int state = Z_OK;
    while (state == Z_OK) {
        char buffer[10'000];
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        state = inflate(&stream, Z_NO_FLUSH);
        text.append(buffer, sizeof buffer - stream.avail_out);
    }
    const bool whole = state == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    if (!whole)
        throw std::runtime_error("not one whole gzip stream");
    return text;
}

} // namespace

class TestTraceFile : public QObject
{
    Q_OBJECT

private slots:
    /// The file, to the letter: what other programs read must not change unnoticed.
    void a_small_file()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0, false, 4000);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 1000, true, 4001);
        script.builder.text(worker, {TextKind::place, 3, "lessons/a/program.cpp\n12\nint main"});
        script.builder.text(0, {TextKind::channel, 0, "queue\ntasks"});
        script.begin(worker, 2500, State::computing, 7, 3);
        script.begin(worker, 3000, State::sending, 0);
        script.message(worker, 3500, false, 0, 5, 80);
        script.end(worker, 4000, State::sending);
        script.end(worker, 5001, State::computing);
        script.end_lane(worker, 6000, -9);
        script.builder.advance(7000);
        const std::string lane_facts
            = R"("cpu_ns":0,"run_delay_ns":0,"peak_rss_bytes":0,"tasks_done":0,"work_done":0,)";
        const std::string expected
            = R"({"displayTimeUnit":"ms","otherData":{"manyhands":{"schema":1}},"traceEvents":[
{"ph":"M","name":"manyhands_recording","pid":4000,"tid":4000,"args":{"origin_ns":0,"now_ns":7000}},
{"ph":"M","name":"process_name","pid":4000,"tid":4000,"args":{"name":"P0 main"}},
{"ph":"M","name":"process_sort_index","pid":4000,"tid":4000,"args":{"sort_index":0}},
{"ph":"M","name":"thread_name","pid":4000,"tid":4000,"args":{"name":"P0 main"}},
{"ph":"M","name":"thread_sort_index","pid":4000,"tid":4000,"args":{"sort_index":0}},
{"ph":"M","name":"manyhands_lane","pid":4000,"tid":4000,"args":{"index":0,"name":"main","pid":4000,"role":"main","start_method":"","start_ns":0,"end_ns":null,"exit":null,)"
            + lane_facts
            + R"("events_recorded":0,"events_dropped":0,"text_dropped":0,"damaged":false,"spans":0}},
{"ph":"M","name":"process_name","pid":4001,"tid":4001,"args":{"name":"P1 Worker-1"}},
{"ph":"M","name":"process_sort_index","pid":4001,"tid":4001,"args":{"sort_index":1}},
{"ph":"M","name":"thread_name","pid":4001,"tid":4001,"args":{"name":"P1 Worker-1"}},
{"ph":"M","name":"thread_sort_index","pid":4001,"tid":4001,"args":{"sort_index":1}},
{"ph":"M","name":"manyhands_lane","pid":4001,"tid":4001,"args":{"index":1,"name":"Worker-1","pid":4001,"role":"worker","start_method":"spawn","start_ns":1000,"end_ns":6000,"exit":-9,)"
            + lane_facts
            + R"("events_recorded":5,"events_dropped":0,"text_dropped":0,"damaged":false,"spans":3}},
{"ph":"M","name":"manyhands_channel","pid":4000,"tid":4000,"args":{"index":0,"name":"tasks","kind":"queue","messages":1,"bytes":80,"messages_received":0,"bytes_received":0,"max_depth":0}},
{"ph":"M","name":"manyhands_place","pid":4000,"tid":4000,"args":{"index":1,"file":"lessons/a/program.cpp","line":12,"function":"int main"}},
{"ph":"B","name":"starting","cat":"state","ts":1.000,"pid":4001,"tid":4001},
{"ph":"E","name":"starting","ts":2.500,"pid":4001,"tid":4001},
{"ph":"B","name":"computing","cat":"state","ts":2.500,"pid":4001,"tid":4001,"task":7,"place":1},
{"ph":"B","name":"sending","cat":"state","ts":3.000,"pid":4001,"tid":4001,"channel":0},
{"ph":"E","name":"sending","ts":4.000,"pid":4001,"tid":4001},
{"ph":"E","name":"computing","ts":5.001,"pid":4001,"tid":4001},
{"ph":"i","name":"signal 9","cat":"exit","ts":6.000,"pid":4001,"tid":4001,"s":"t","args":{"exit":-9}},
{"ph":"s","name":"message","cat":"message","ts":3.500,"pid":4001,"tid":4001,"id":"0x5","args":{"channel":0,"message":5,"bytes":80}}
],"manyhandsResults":{"dropped":0}}
)";
        QCOMPARE(QByteArray::fromStdString(trace_of(script.builder.recording())),
            QByteArray::fromStdString(expected));
    }

    void an_empty_recording()
    {
        ScriptedRecording script;
        const nlohmann::json json = nlohmann::json::parse(trace_of(script.builder.recording()));
        QCOMPARE(json.size(), std::size_t{4});
        QVERIFY(json.at("manyhandsResults") == nlohmann::json({{"dropped", 0}}));
    }

    void moments_data()
    {
        QTest::addColumn<qint64>("ns");
        QTest::addColumn<QByteArray>("digits");
        const auto row = [](qint64 ns, const char* digits) {
            QTest::newRow(digits) << ns << QByteArray(digits);
        };
        row(0, "0.000");
        row(1, "0.001");
        row(20, "0.020");
        row(999, "0.999");
        row(1000, "1.000");
        row(1001, "1.001");
        row(10'000'000, "10000.000");
        row(86'400'000'000'007, "86400000000.007");
        row(9'007'199'254'740'993, "9007199254740.993"); // 2^53 + 1: no double
    }

    void moments()
    {
        QFETCH(qint64, ns);
        QFETCH(QByteArray, digits);
        ScriptedRecording script;
        script.lane("main", Role::main, static_cast<std::uint64_t>(ns));
        script.begin(0, static_cast<std::uint64_t>(ns), State::computing);
        script.builder.advance(static_cast<std::uint64_t>(ns));
        const std::vector<FileEvent> events
            = named(events_of(trace_of(script.builder.recording())), "computing");
        QCOMPARE(events.size(), std::size_t{2});
        for (const FileEvent& event : events)
            QCOMPARE(QByteArray::fromStdString(event.digits), digits);
        QCOMPARE(events[0].ns, std::int64_t{ns});
    }

    void random_recordings_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 60; ++seed)
            QTest::addRow("seed %llu", seed) << seed;
    }

    /// Spans nest strictly on each track and have the recording's moments, in the same digits.
    void random_recordings()
    {
        QFETCH(quint64, seed);
        const Recording recording = test::random_recording(seed, 3000);
        const std::vector<FileEvent> events = events_of(trace_of(recording));

        std::map<std::int64_t, std::size_t> lane_of; // by tid
        for (const FileEvent& event : named(events, "manyhands_lane"))
            lane_of[event.track().second] = static_cast<std::size_t>(event.argument("index"));
        QCOMPARE(lane_of.size(), recording.lanes().size());

        std::map<std::size_t, std::vector<std::pair<const FileEvent*, Span>>> open;
        std::map<std::size_t, std::size_t> next;
        std::map<std::size_t, std::int64_t> last;
        for (const FileEvent& event : events) {
            if (event.phase() != 'B' && event.phase() != 'E')
                continue;
            const std::size_t index = lane_of.at(event.track().second);
            const Lane& lane = recording.lanes()[index];
            QVERIFY(!last.contains(index) || event.ns >= last[index]);
            last[index] = event.ns;
            auto& stack = open[index];
            if (event.phase() == 'B') {
                QVERIFY(next[index] < lane.spans.size());
                const Span span = lane.spans[next[index]++];
                QCOMPARE(std::size_t{span.depth}, stack.size());
                QCOMPARE(event.text("name"), std::string(name_of(span.state)));
                QCOMPARE(event.digits, digits_of(span.begin_ns));
                QCOMPARE(event.json.contains("open"), span.end_ns == open_end);
                const char* key = subject_key(span.state);
                QCOMPARE(event.json.contains(key), span.subject != no_subject);
                if (span.subject != no_subject)
                    QCOMPARE(event.json[key].get<std::int64_t>(), std::int64_t{span.subject});
                stack.push_back({&event, span});
            } else {
                QVERIFY(!stack.empty());
                const auto [begin, span] = stack.back();
                stack.pop_back();
                QCOMPARE(event.text("name"), begin->text("name"));
                const bool ended = span.end_ns != open_end;
                QCOMPARE(event.digits, digits_of(ended ? span.end_ns : recording.now_ns()));
            }
        }
        std::size_t spans = 0;
        for (std::size_t lane = 0; lane < recording.lanes().size(); ++lane) {
            QVERIFY(open[lane].empty());
            QCOMPARE(next[lane], recording.lanes()[lane].spans.size());
            spans += recording.lanes()[lane].spans.size();
        }
        QCOMPARE(count(events, 'B'), spans);
        QCOMPARE(count(events, 'E'), spans);
        QVERIFY(spans > 50);
    }

    /// As Perfetto does: events by time, of one moment in the file's order; an arrow belongs to the
    /// innermost span that is open when it comes.
    void random_messages_data() { random_recordings_data(); }
    void random_messages()
    {
        QFETCH(quint64, seed);
        const Recording recording = test::random_recording(seed, 3000);
        std::vector<FileEvent> events = events_of(trace_of(recording));
        std::map<std::int64_t, std::size_t> lane_of;
        for (const FileEvent& event : named(events, "manyhands_lane"))
            lane_of[event.track().second] = static_cast<std::size_t>(event.argument("index"));

        std::stable_sort(events.begin(), events.end(),
            [](const FileEvent& left, const FileEvent& right) { return left.ns < right.ns; });
        std::map<std::size_t, std::vector<const FileEvent*>> open;
        std::map<std::uint32_t, const FileEvent*> span_of; // message, in the recording each is once
        std::map<std::uint32_t, const FileEvent*> arrows;
        std::map<std::uint32_t, const FileEvent*> points;
        for (const FileEvent& event : events) {
            if (event.phase() == 'M' || event.phase() == 'C')
                continue;
            std::vector<const FileEvent*>& stack = open[lane_of.at(event.track().second)];
            const bool arrow = event.phase() == 's' || event.phase() == 'f';
            if (event.phase() == 'B') {
                stack.push_back(&event);
            } else if (event.phase() == 'E') {
                stack.pop_back();
            } else if (arrow || event.text("cat") == "message") {
                const auto message = static_cast<std::uint32_t>(event.argument("message"));
                (arrow ? arrows : points)[message] = &event;
                span_of[message] = stack.empty() ? nullptr : stack.back();
            }
        }
        QCOMPARE(arrows.size() + points.size(), recording.transfers().size());
        for (const Transfer& transfer : recording.transfers()) {
            const std::optional<Span> span
                = span_of_message(recording.lanes()[transfer.lane], transfer.time_ns);
            const auto arrow = arrows.find(transfer.message);
            if (arrow == arrows.end()) {
                QVERIFY(!span);
                const FileEvent& point = *points.at(transfer.message);
                QCOMPARE(point.ns, transfer.time_ns);
                QCOMPARE(point.text("name"), std::string(transfer.received ? "received" : "sent"));
                QCOMPARE(point.argument("bytes"), static_cast<std::int64_t>(transfer.bytes));
                continue;
            }
            QVERIFY(span.has_value());
            const FileEvent& event = *arrow->second;
            QCOMPARE(event.phase(), transfer.received ? 'f' : 's');
            QCOMPARE(lane_of.at(event.track().second), std::size_t{transfer.lane});
            QVERIFY(transfer.time_ns - event.ns == 0 || transfer.time_ns - event.ns == 1);
            QCOMPARE(event.json["args"].contains("time_ns"), transfer.time_ns != event.ns);
            if (transfer.time_ns != event.ns)
                QCOMPARE(event.argument("time_ns"), transfer.time_ns);
            QCOMPARE(event.argument("bytes"), static_cast<std::int64_t>(transfer.bytes));
            QCOMPARE(event.json.contains("bp"), transfer.received);
            const FileEvent* drawn_in = span_of.at(transfer.message);
            QVERIFY(drawn_in != nullptr);
            QCOMPARE(drawn_in->ns, span->begin_ns);
            QCOMPARE(drawn_in->text("name"), std::string(name_of(span->state)));
        }
    }

    /// A message has one arrow: the same category, name and id at both ends, a hexadecimal number.
    void arrows()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.lane("Worker-1", Role::worker, 0);
        script.begin(0, 10, State::sending);
        script.begin(1, 10, State::receiving);
        const std::vector<std::pair<std::uint16_t, std::uint32_t>> messages
            = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 0x10000}, {0xffff, 0xffffffff}, {17, 18}};
        std::uint64_t time = 100;
        for (const auto& [channel, message] : messages) {
            script.message(0, time++, false, channel, message, 8);
            script.message(1, time++, true, channel, message, 8);
        }
        script.builder.advance(1000);
        std::map<std::tuple<std::string, std::string, std::string>, std::string> ends;
        for (const FileEvent& event : events_of(trace_of(script.builder.recording()))) {
            if (event.phase() != 's' && event.phase() != 'f')
                continue;
            const std::string id = event.text("id");
            std::size_t used = 0;
            const unsigned long long number = std::stoull(id, &used, 16);
            QCOMPARE(used, id.size());
            QCOMPARE(number,
                static_cast<unsigned long long>(event.argument("channel")) << 32
                    | static_cast<unsigned long long>(event.argument("message")));
            if (event.phase() == 'f')
                QCOMPARE(event.text("bp"), std::string("e"));
            ends[{event.text("cat"), event.text("name"), id}] += event.phase();
        }
        QCOMPARE(ends.size(), messages.size());
        for (const auto& [identity, both] : ends)
            QCOMPARE(both, std::string("sf"));
    }

    void a_summary_is_no_arrow()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.begin(0, 10, State::sending);
        script.event(0, 50, EventKind::messages_sent, 0, 1000, pack_message(0, 8000));
        const std::vector<FileEvent> events = events_of(trace_of(script.builder.recording()));
        QCOMPARE(count(events, 's'), std::size_t{0});
        const std::vector<FileEvent> points = named(events, "sent");
        QCOMPARE(points.size(), std::size_t{1});
        QCOMPARE(points[0].argument("messages"), std::int64_t{1000});
        QCOMPARE(points[0].argument("bytes"), std::int64_t{8000});
    }

    void counters_stops_tasks_phases_output()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 0);
        script.builder.text(0, {TextKind::channel, 1, "queue\ntasks"});
        script.event(0, 20, EventKind::queue_depth, 0, 1, 6);
        script.event(0, 30, EventKind::queue_depth, 0, 1, 4);
        script.builder.work_sample(40, 77);
        script.stop(worker, 50);
        script.go_on(worker, 60);
        script.stop(worker, 70);
        script.event(worker, 80, EventKind::task_begun, 0, 3, 999);
        script.event(worker, 90, EventKind::task_done, 0, 3);
        script.event(worker, 95, EventKind::task_begun, 0, 4, 998);
        script.builder.phase(PhaseKind::warm_up, 2, 10, 90, 55);
        script.builder.text(worker, {TextKind::output_line, 0, "hello"});
        script.builder.raw_output("raw");
        script.builder.advance(100);
        const std::vector<FileEvent> events = events_of(trace_of(script.builder.recording()));

        const std::vector<FileEvent> depths = named(events, "C0 queue tasks");
        QCOMPARE(depths.size(), std::size_t{2});
        QCOMPARE(depths[0].phase(), 'C');
        QVERIFY(depths[0].json.at("args") == nlohmann::json({{"messages", 6}}));
        QCOMPARE(depths[1].ns, std::int64_t{30});
        QVERIFY(named(events, "work").at(0).json.at("args") == nlohmann::json({{"done", 77}}));

        const std::vector<FileEvent> stops = named(events, "stopped");
        QCOMPARE(stops.size(), std::size_t{2});
        QCOMPARE(stops[1].ns, std::int64_t{70});
        QCOMPARE(stops[0].phase(), 'i');
        QCOMPARE(named(events, "continued").size(), std::size_t{1});
        QCOMPARE(named(events, "continued")[0].ns, std::int64_t{60});

        const std::vector<FileEvent> task = named(events, "task 3");
        QCOMPARE(task.size(), std::size_t{2});
        QCOMPARE(task[0].phase(), 'b');
        QCOMPARE(task[1].phase(), 'e');
        QCOMPARE(task[0].text("id"), task[1].text("id"));
        QVERIFY(task[0].text("id") != named(events, "task 4").at(0).text("id"));
        QCOMPARE(task[0].argument("argument"), std::int64_t{999});
        QCOMPARE(task[0].json.at("args").at("outcome").get<std::string>(), std::string("done"));
        QCOMPARE(task[1].ns, std::int64_t{90});
        QVERIFY(named(events, "task 4").at(0).json.at("args").at("open").get<bool>());
        QCOMPARE(named(events, "task 4").at(1).ns, std::int64_t{100});

        const std::vector<FileEvent> phase = named(events, "warm_up 2");
        QCOMPARE(phase.size(), std::size_t{2});
        QCOMPARE(phase[0].argument("work"), std::int64_t{55});
        QCOMPARE(phase[1].ns, std::int64_t{90});

        const std::vector<FileEvent> output = named(events, "manyhands_output");
        QCOMPARE(output.size(), std::size_t{2});
        QCOMPARE(output[0].argument("lane"), std::int64_t{1});
        QCOMPARE(output[0].json["args"]["text"].get<std::string>(), std::string("hello"));
        QVERIFY(output[1].json["args"]["lane"].is_null());
    }

    /// To the letter, as above.
    void locks_values_gates_pauses()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0, false, 40);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 0, false, 41);
        script.builder.text(worker, {TextKind::place, 3, "a.cpp\n12\nmain"});
        script.builder.text(worker, {TextKind::lock, 6, "rlock\ndoor"});
        script.builder.text(worker, {TextKind::value, 2, "sum"});
        script.builder.text(worker, {TextKind::gate, 0, "before load"});
        script.builder.text(worker, {TextKind::exception, 0, "std::logic_error\nno luck"});
        script.builder.pause(500);
        script.builder.resume(800);
        script.event(worker, 1000, EventKind::state_begin,
            static_cast<std::uint8_t>(State::waiting_lock), 6, 1); // slot 1: itself
        script.end(worker, 1100, State::waiting_lock);
        script.event(worker, 1100, EventKind::lock_taken, 0, 6, 0, 3);
        script.event(worker, 1150, EventKind::lock_recovered, 0, 6, 77, 3);
        script.event(worker, 1200, EventKind::lock_released, 0, 6, 100, 3);
        script.event(worker, 1210, EventKind::value_changed, 0, 2, ~std::uint64_t{0}, 3);
        script.event(worker, 1220, EventKind::value_changed, 1, 2, 0x3ff8'0000'0000'0000);
        script.event(worker, 1230, EventKind::value_changed, 1, 2, 0x7ff0'0000'0000'0000);
        script.event(worker, 1240, EventKind::value_changed, 2, 2, ~std::uint64_t{0});
        script.begin(worker, 1300, State::held, 0);
        script.event(worker, 1400, EventKind::lock_taken, 0, 6);
        script.end_lane(worker, 1500, -9);
        script.builder.pause(1600);
        script.builder.advance(1700);
        const std::string text = trace_of(script.builder.recording());
        events_of(text);
        for (const std::string line :
            {
                R"({"ph":"M","name":"manyhands_lock","pid":40,"tid":40,"args":{"index":0,"name":"door","kind":"rlock"}})",
                R"({"ph":"M","name":"manyhands_value","pid":40,"tid":40,"args":{"index":0,"name":"sum"}})",
                R"({"ph":"M","name":"manyhands_gate","pid":40,"tid":40,"args":{"index":0,"name":"before load"}})",
                R"("text_dropped":0,"damaged":false,"exception":"std::logic_error: no luck","spans":2}})",
                R"({"ph":"B","name":"waiting_lock","cat":"state","ts":1.000,"pid":41,"tid":41,"lock":0})",
                R"({"ph":"B","name":"held","cat":"state","ts":1.300,"pid":41,"tid":41,"gate":0})",
                R"({"ph":"i","name":"paused","cat":"pause","ts":0.500,"pid":40,"tid":40,"s":"t","args":{"dur_ns":300}})",
                R"({"ph":"i","name":"paused","cat":"pause","ts":1.600,"pid":40,"tid":40,"s":"t","args":{"dur_ns":100,"open":true}})",
                R"({"ph":"i","name":"lock held","cat":"lock","ts":1.100,"pid":41,"tid":41,"s":"t","args":{"dur_ns":100,"lock":0,"place":1}})",
                R"({"ph":"i","name":"lock held","cat":"lock","ts":1.400,"pid":41,"tid":41,"s":"t","args":{"dur_ns":100,"lock":0,"abandoned":true}})",
                R"({"ph":"i","name":"lock awaited","cat":"lock","ts":1.000,"pid":41,"tid":41,"s":"t","args":{"lock":0,"holder":1}})",
                R"({"ph":"i","name":"lock recovered","cat":"lock","ts":1.150,"pid":41,"tid":41,"s":"t","args":{"lock":0,"from":null,"place":1}})",
                R"({"ph":"i","name":"value changed","cat":"value","ts":1.210,"pid":41,"tid":41,"s":"t","args":{"value":0,"form":"whole","now":-1,"place":1}})",
                R"("args":{"value":0,"form":"real","now":1.5}})",
                R"("args":{"value":0,"form":"real","now_bits":9218868437227405312}})",
                R"("args":{"value":0,"form":"bytes","now_bits":18446744073709551615}})",
            })
            QVERIFY2(text.find(line) != std::string::npos, line.c_str());
    }

    /// All that is no span comes back from the file as it was.
    void random_facts_data() { random_recordings_data(); }
    void random_facts()
    {
        QFETCH(quint64, seed);
        const Recording recording = test::random_recording(seed, 3000);
        const std::vector<FileEvent> events = events_of(trace_of(recording));
        std::map<std::int64_t, std::uint32_t> lane_of; // by tid
        for (const FileEvent& event : named(events, "manyhands_lane"))
            lane_of[event.track().second] = static_cast<std::uint32_t>(event.argument("index"));
        const auto lane = [&](const FileEvent& event) { return lane_of.at(event.track().second); };
        const auto is_interval = [&](const FileEvent& event, Interval interval) {
            const bool open = interval.end_ns == open_end;
            return event.phase() == 'i' && event.ns == interval.begin_ns
                && event.argument("dur_ns")
                == std::max(open ? recording.now_ns() : interval.end_ns, interval.begin_ns)
                    - interval.begin_ns
                && event.json["args"].contains("open") == open;
        };
        const auto compare_names = [&](const char* kind, const std::vector<std::string>& names) {
            const std::vector<FileEvent> found = named(events, kind);
            QCOMPARE(found.size(), names.size());
            for (std::size_t i = 0; i < names.size(); ++i) {
                QCOMPARE(found[i].argument("index"), static_cast<std::int64_t>(i));
                QCOMPARE(found[i].json["args"]["name"].get<std::string>(), names[i]);
            }
        };
        compare_names("manyhands_value", recording.values());
        compare_names("manyhands_gate", recording.gates());
        std::vector<std::string> locks;
        for (const LockName& lock : recording.locks())
            locks.push_back(lock.name);
        compare_names("manyhands_lock", locks);

        const std::vector<FileEvent> pauses = named(events, "paused");
        QCOMPARE(pauses.size(), recording.pauses().size());
        for (std::size_t i = 0; i < pauses.size(); ++i)
            QVERIFY(is_interval(pauses[i], recording.pauses()[i]));
        const std::vector<FileEvent> holds = named(events, "lock held");
        QCOMPARE(holds.size(), recording.holds().size());
        for (std::size_t i = 0; i < holds.size(); ++i) {
            const LockHold& hold = recording.holds()[i];
            QVERIFY(is_interval(holds[i], {hold.begin_ns, hold.end_ns}));
            QCOMPARE(lane(holds[i]), hold.lane);
            QCOMPARE(holds[i].argument("lock"), std::int64_t{hold.lock});
            QCOMPARE(holds[i].json["args"].contains("abandoned"), hold.abandoned);
        }
        const std::vector<FileEvent> waits = named(events, "lock awaited");
        QCOMPARE(waits.size(), recording.waits().size());
        for (std::size_t i = 0; i < waits.size(); ++i) {
            const LockWait& wait = recording.waits()[i];
            QCOMPARE(lane(waits[i]), wait.lane);
            QCOMPARE(waits[i].ns, wait.time_ns);
            QCOMPARE(waits[i].argument("holder"), std::int64_t{wait.holder});
        }
        const std::vector<FileEvent> joins = named(events, "join awaited");
        QCOMPARE(joins.size(), recording.joins().size());
        for (std::size_t i = 0; i < joins.size(); ++i) {
            const JoinWait& join = recording.joins()[i];
            QCOMPARE(lane(joins[i]), join.lane);
            QCOMPARE(joins[i].ns, join.time_ns);
            QCOMPARE(joins[i].argument("lane"), std::int64_t{join.joined});
        }
        const std::vector<FileEvent> recoveries = named(events, "lock recovered");
        QCOMPARE(recoveries.size(), recording.recoveries().size());
        for (std::size_t i = 0; i < recoveries.size(); ++i) {
            const LockRecovery& recovery = recording.recoveries()[i];
            QCOMPARE(lane(recoveries[i]), recovery.lane);
            QCOMPARE(recoveries[i].ns, recovery.time_ns);
            const nlohmann::json& from = recoveries[i].json["args"]["from"];
            QCOMPARE(from.is_null() ? no_subject : from.get<std::uint32_t>(), recovery.from);
        }
        const std::vector<FileEvent> changes = named(events, "value changed");
        QCOMPARE(changes.size(), recording.changes().size());
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const ValueChange& change = recording.changes()[i];
            QCOMPARE(lane(changes[i]), change.lane);
            QCOMPARE(changes[i].ns, change.time_ns);
            QCOMPARE(changes[i].argument("value"), std::int64_t{change.value});
            const nlohmann::json& arguments = changes[i].json["args"];
            QCOMPARE(arguments["form"].get<std::string>(), std::string(name_of(change.form)));
            const std::uint64_t now = arguments.contains("now_bits")
                ? arguments["now_bits"].get<std::uint64_t>()
                : change.form == ValueForm::real
                ? std::bit_cast<std::uint64_t>(arguments["now"].get<double>())
                : static_cast<std::uint64_t>(arguments["now"].get<std::int64_t>());
            QCOMPARE(now, change.now);
        }
    }

    /// Else the comparison above would compare little.
    void random_facts_hold_everything()
    {
        std::map<std::string, std::size_t> counts;
        for (quint64 seed = 1; seed <= 60; ++seed) {
            for (const FileEvent& event : events_of(trace_of(test::random_recording(seed, 3000))))
                ++counts[event.text("name")];
        }
        for (const char* const name : {"paused", "lock held", "lock awaited", "join awaited",
                 "lock recovered", "value changed", "manyhands_gate", "stopped"})
            QVERIFY2(counts[name] > 60, name);
    }

    void exits_data()
    {
        QTest::addColumn<bool>("known");
        QTest::addColumn<int>("exit");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("done") << true << 0 << QByteArray("exit 0");
        QTest::newRow("failed") << true << 3 << QByteArray("exit 3");
        QTest::newRow("killed") << true << -9 << QByteArray("signal 9");
        QTest::newRow("unknown") << false << 0 << QByteArray("ended");
    }

    void exits()
    {
        QFETCH(bool, known);
        QFETCH(int, exit);
        QFETCH(QByteArray, name);
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.end_lane(0, 50, known ? std::optional<int>(exit) : std::nullopt);
        const std::vector<FileEvent> events
            = named(events_of(trace_of(script.builder.recording())), name.toStdString());
        QCOMPARE(events.size(), std::size_t{1});
        QCOMPARE(events[0].ns, std::int64_t{50});
        QCOMPARE(events[0].json.at("args").contains("exit"), known);
    }

    /// The kernel gives a pid again; a viewer would draw both processes on one lane.
    void every_lane_has_a_track_of_its_own()
    {
        ScriptedRecording script;
        for (const int pid : {100, 101, 100, 4'194'305, 100, 0, -5, 0})
            script.lane("lane", Role::worker, 0, true, pid);
        const std::vector<FileEvent> events = events_of(trace_of(script.builder.recording()));
        std::set<std::int64_t> tids;
        std::set<std::int64_t> processes_named;
        std::set<std::int64_t> pids;
        for (const FileEvent& event : named(events, "thread_name"))
            tids.insert(event.track().second);
        for (const FileEvent& event : named(events, "process_name"))
            QVERIFY(processes_named.insert(event.track().first).second);
        for (const FileEvent& event : events) {
            QVERIFY(event.track().first > 0 && event.track().second > 0);
            pids.insert(event.track().first);
        }
        QCOMPARE(tids.size(), std::size_t{8});
        QVERIFY(tids.contains(100) && tids.contains(101));
        QVERIFY(processes_named == pids);
        const std::vector<FileEvent> threads = named(events, "thread_name");
        QCOMPARE(threads[2].track().first, std::int64_t{100}); // its true pid
        QCOMPARE(threads[2].json["args"]["name"].get<std::string>(), std::string("P2 lane"));
    }

    void hostile_texts()
    {
        const std::string nasty = std::string("\"\\\x01\x7f</script>\0\xff\xc3(", 17) + "\u2028é";
        ScriptedRecording script;
        script.lane(nasty, Role::main, 0);
        script.builder.text(0, {TextKind::place, 1, nasty + "\n7\n" + nasty});
        script.builder.text(0, {TextKind::channel, 0, nasty + "\n" + nasty});
        script.builder.text(0, {TextKind::output_line, 0, nasty});
        script.builder.raw_output(nasty);
        script.builder.text(0, {TextKind::lock, 0, nasty + "\n" + nasty});
        script.builder.text(0, {TextKind::value, 0, nasty});
        script.builder.text(0, {TextKind::gate, 0, nasty});
        script.builder.text(0, {TextKind::exception, 0, nasty + "\n" + nasty});
        script.begin(0, 5, State::computing, 1, 1);
        script.event(0, 20, EventKind::queue_depth, 0, 0, 6);
        const std::string text
            = trace_of(script.builder.recording(), {{"name", nasty}}, {{"text", nasty}});
        const std::vector<FileEvent> events = events_of(text); // throws where it is no JSON
        const auto name
            = named(events, "thread_name").at(0).json["args"]["name"].get<std::string>();
        QVERIFY2(
            name.starts_with(std::string("P0 \"\\\x01\x7f</script>\0\ufffd", 20)), name.c_str());
        QVERIFY(name.ends_with("\u2028é"));
        QVERIFY(text.find('\xff') == std::string::npos);
    }

    void head_comes_first_and_results_last()
    {
        const std::string text
            = trace_of(test::random_recording(3, 2000), {{"lesson", "primes"}}, {{"wall_s", 1.5}});
        const nlohmann::json json = nlohmann::json::parse(text);
        QCOMPARE(json.at("displayTimeUnit").get<std::string>(), std::string("ms"));
        QVERIFY(json.at("otherData").at("manyhands") == nlohmann::json({{"lesson", "primes"}}));
        QVERIFY(json.at("manyhandsResults") == nlohmann::json({{"wall_s", 1.5}}));
        QVERIFY(text.find("otherData") < text.find("traceEvents"));
        QVERIFY(text.find("traceEvents") < text.find("manyhandsResults"));
        // A file that was cut off still gives its set-up and all whole lines.
        const std::vector<std::string> lines = event_lines(text);
        for (std::size_t cut = text.find("{\"ph\""); cut < text.size(); cut += 997) {
            const std::string part = text.substr(0, text.rfind('\n', cut) + 1);
            const std::string mended
                = part.ends_with(",\n") ? part.substr(0, part.size() - 2) + "]}" : part + "]}";
            QVERIFY2(nlohmann::json::accept(mended), std::to_string(cut).c_str());
        }
    }

    void pieces_are_bounded()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        for (std::uint64_t i = 0; i < 5000; ++i)
            script.span(0, 2 * i, 2 * i + 1, State::computing, 1);
        std::size_t pieces = 0;
        std::size_t largest = 0;
        write_trace(script.builder.recording(), {}, {}, [&](std::string_view piece) {
            ++pieces;
            largest = std::max(largest, piece.size());
        });
        QVERIFY2(pieces > 10 && pieces < 30, std::to_string(pieces).c_str());
        QVERIFY2(largest < 66'000, std::to_string(largest).c_str());
    }

    void a_sink_that_fails_ends_the_writing()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        for (std::uint64_t i = 0; i < 5000; ++i)
            script.span(0, 2 * i, 2 * i + 1, State::computing, 1);
        int calls = 0;
        QVERIFY_EXCEPTION_THROWN(write_trace(script.builder.recording(), {}, {},
                                     [&](std::string_view) {
                                         ++calls;
                                         throw std::runtime_error("no space left");
                                     }),
            std::runtime_error);
        QCOMPARE(calls, 1);
    }

    void gzip_data()
    {
        QTest::addColumn<int>("bytes");
        QTest::addColumn<int>("piece");
        QTest::addColumn<bool>("compressible");
        QTest::newRow("nothing") << 0 << 1 << true;
        QTest::newRow("one byte") << 1 << 1 << true;
        QTest::newRow("byte by byte") << 5000 << 1 << false;
        QTest::newRow("buffer's size") << 65'536 << 65'536 << false;
        QTest::newRow("more than a buffer at once") << 400'000 << 400'000 << false;
        QTest::newRow("odd pieces") << 1'000'000 << 12'345 << false;
        QTest::newRow("long run of one byte") << 3'000'000 << 65'536 << true;
    }

    void gzip()
    {
        QFETCH(int, bytes);
        QFETCH(int, piece);
        QFETCH(bool, compressible);
        std::mt19937 random(5);
        std::string text(static_cast<std::size_t>(bytes), 'x');
        if (!compressible) {
            for (char& c : text)
                c = static_cast<char>(random());
        }
        std::string compressed;
        GzipSink sink([&](std::string_view part) {
            QVERIFY(part.size() <= 65'536);
            compressed += part;
        });
        for (std::size_t at = 0; at < text.size(); at += static_cast<std::size_t>(piece))
            sink(std::string_view(text).substr(at, static_cast<std::size_t>(piece)));
        sink.finish();
        QCOMPARE(compressed.substr(0, 2), std::string("\x1f\x8b"));
        QVERIFY(inflated(compressed) == text);
        if (compressible && bytes > 1000)
            QVERIFY(compressed.size() < text.size() / 100);
    }

    void a_file_through_gzip()
    {
        const Recording recording = test::random_recording(9, 3000);
        std::string compressed;
        GzipSink sink([&](std::string_view part) { compressed += part; });
        write_trace(recording, {{"schema", 1}}, {{"dropped", 0}}, std::ref(sink));
        sink.finish();
        QVERIFY(inflated(compressed) == trace_of(recording));
        QVERIFY(compressed.size() < trace_of(recording).size() / 4);
    }

    void an_unfinished_stream_is_not_whole()
    {
        std::string compressed;
        {
            GzipSink sink([&](std::string_view part) { compressed += part; });
            sink("text");
        }
        QVERIFY_EXCEPTION_THROWN(inflated(compressed), std::runtime_error);
    }
};

QTEST_APPLESS_MAIN(TestTraceFile)
#include "tst_trace_file.moc"
