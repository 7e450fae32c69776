// SPDX-License-Identifier: MIT
// Tests lessons/python_tracer: what Python programs tell of themselves, and that they do not
// notice.
#include "engine/trace/segment.hpp"
#include "watch_fixture.hpp"

#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

using namespace manyhands;

class TestPythonTracer : public QObject
{
    Q_OBJECT

private slots:
    void layout();
    void syntax_of_python_3_8();
    void features_data();
    void features();
    void unnoticed_data();
    void unnoticed();
    void lessons_data();
    void lessons();
    void arrows_join_both_ends();
    void depth_is_what_is_left();
    void waits_tell_holders();
    void fast_changes_are_thinned();
    void places_are_the_programs_own();
    void untraced_with_one_line_data();
    void untraced_with_one_line();
    void full_ring_drops_and_counts();
    void killed_in_mid_write_data();
    void killed_in_mid_write();
};

namespace {

QJsonObject layout_of_tracer()
{
    QProcess python;
    python.start(
        MANYHANDS_PYTHON, {MANYHANDS_SOURCE_DIR "/lessons/python_tracer/sitecustomize.py"});
    python.waitForFinished();
    return QJsonDocument::fromJson(python.readAllStandardOutput()).object();
}

// The same numbers as the headers have them; under the tracer's names.
std::map<QString, std::map<QString, std::size_t>> layout_of_engine()
{
    const Segment segment(SegmentOptions{.only_engine_writes = false});
    const auto* const start = reinterpret_cast<const std::byte*>(&segment.header());
    const auto offset = [&](const void* part) {
        return static_cast<std::size_t>(static_cast<const std::byte*>(part) - start);
    };
    const auto number = [](auto value) { return static_cast<std::size_t>(value); };
    return {
        {"segment",
            {{"magic", offsetof(SegmentHeader, magic)},
                {"layout_version", offsetof(SegmentHeader, layout_version)},
                {"traced", offsetof(SegmentHeader, traced)},
                {"watched_ids", offsetof(SegmentHeader, watched_ids)},
                {"clock_source", offsetof(SegmentHeader, clock.source)},
                {"slots", offset(&segment.slot(0))}, {"watched", offset(&segment.watched(0))},
                {"main_text", offset(segment.text(main_slot))}, {"rings", offset(segment.ring(0))},
                {"part_bytes", offset(segment.ring(1)) - offset(segment.ring(0))},
                {"ring_bytes", ring_bytes}, {"text_bytes", text_bytes},
                {"main_text_bytes", main_text_bytes},
                {"document_reserved_bytes", document_reserved_bytes}}},
        {"slot",
            {{"count", slot_limit}, {"bytes", sizeof(Slot)},
                {"generation", offsetof(Slot, generation)}, {"state", offsetof(Slot, state)},
                {"pid", offsetof(Slot, pid)}, {"tasks_done", offsetof(Slot, tasks_done)},
                {"task", offsetof(Slot, task)}, {"task_ticks", offsetof(Slot, task_ticks)},
                {"writer", offsetof(Slot, writer)}}},
        {"ring",
            {{"head", offsetof(RingHeader, head)}, {"dropped", offsetof(RingHeader, dropped)},
                {"tail", offsetof(RingHeader, tail)}, {"events", sizeof(RingHeader)},
                {"event_bytes", sizeof(TraceEvent)}}},
        {"event",
            {{"ticks", offsetof(TraceEvent, ticks)}, {"argument", offsetof(TraceEvent, argument)},
                {"subject", offsetof(TraceEvent, subject)}, {"place", offsetof(TraceEvent, place)},
                {"kind", offsetof(TraceEvent, kind)}, {"detail", offsetof(TraceEvent, detail)}}},
        {"text",
            {{"length", offsetof(TextAreaHeader, length)},
                {"dropped", offsetof(TextAreaHeader, dropped)},
                {"records", sizeof(TextAreaHeader)}}},
        {"watched",
            {{"count", WatchedObject::limit}, {"bytes", sizeof(WatchedObject)},
                {"key", offsetof(WatchedObject, key)}, {"sent", offsetof(WatchedObject, sent)},
                {"received", offsetof(WatchedObject, received)},
                {"sent_bytes", offsetof(WatchedObject, sent_bytes)},
                {"received_bytes", offsetof(WatchedObject, received_bytes)},
                {"peer", offsetof(WatchedObject, peer)},
                {"holder", offsetof(WatchedObject, holder)},
                {"flags", offsetof(WatchedObject, flags)}}},
        {"state",
            {{"starting", number(State::starting)}, {"tearing_down", number(State::tearing_down)},
                {"computing", number(State::computing)},
                {"serialising", number(State::serialising)}, {"sending", number(State::sending)},
                {"receiving", number(State::receiving)},
                {"waiting_data", number(State::waiting_data)},
                {"waiting_space", number(State::waiting_space)},
                {"waiting_lock", number(State::waiting_lock)}, {"joining", number(State::joining)},
                {"idle", number(State::idle)}, {"sleeping", number(State::sleeping)}}},
        {"event_kind",
            {{"state_begin", number(EventKind::state_begin)},
                {"state_end", number(EventKind::state_end)},
                {"process_ready", number(EventKind::process_ready)},
                {"process_exiting", number(EventKind::process_exiting)},
                {"task_submitted", number(EventKind::task_submitted)},
                {"task_begun", number(EventKind::task_begun)},
                {"task_done", number(EventKind::task_done)},
                {"task_failed", number(EventKind::task_failed)},
                {"message_sent", number(EventKind::message_sent)},
                {"message_received", number(EventKind::message_received)},
                {"lock_taken", number(EventKind::lock_taken)},
                {"lock_released", number(EventKind::lock_released)},
                {"value_changed", number(EventKind::value_changed)},
                {"task_ran", number(EventKind::task_ran)},
                {"lock_awaited", number(EventKind::lock_awaited)}}},
        {"text_kind",
            {{"output_line", number(TextKind::output_line)},
                {"exception", number(TextKind::exception)}, {"place", number(TextKind::place)},
                {"channel", number(TextKind::channel)}, {"lock", number(TextKind::lock)},
                {"value", number(TextKind::value)}}},
        {"value_form", {{"whole", number(ValueForm::whole)}, {"real", number(ValueForm::real)}}},
        {"single",
            {{"magic", segment_magic}, {"version", segment_layout_version},
                {"clock_monotonic", number(os::ClockSource::monotonic)},
                {"slot_running", number(SlotState::running)},
                {"traced_by_itself", number(SlotWriter::traced_by_itself)}, {"computes", computes},
                {"without_subject", event_without_subject}}},
    };
}

const std::string scripts = MANYHANDS_SOURCE_DIR "/tests/python/scripts/";

// What a script tells of itself, whatever the start method.
struct Told
{
    struct Channel
    {
        std::string kind;
        std::string name;
        std::uint64_t messages;
        std::optional<std::uint64_t> bytes = {};
        std::optional<std::uint64_t> received = {}; ///< where some stay inside
    };

    std::set<std::string> lanes = {}; ///< by name, beside main; workers of pools have too many
    std::vector<std::pair<std::string, State>> states = {}; ///< of lanes of these names
    std::vector<Channel> channels = {};
    std::set<std::pair<std::string, std::string>> locks = {}; ///< kind and name
    std::map<std::string, std::size_t> values = {}; ///< name, and how often it changed
    std::map<std::string, std::string> exceptions = {}; ///< by lane
    std::map<std::string, std::string> lines = {}; ///< a line that a lane has printed
    std::size_t tasks = 0;
    std::size_t failed_tasks = 0;
    std::set<std::string> functions = {}; ///< of tasks
};

const std::map<std::string, Told>& told_by_scripts()
{
    static const std::map<std::string, Told> all = {
        {"processes",
            {.lanes = {"Child-0", "Child-3", "Child-4", "Inner", "Own", "Daemon"},
                .states = {{"main", State::joining}, {"main", State::starting},
                    {"main", State::computing}, {"main", State::tearing_down},
                    {"Child-0", State::joining}, {"Own", State::sleeping}},
                .locks = {{"event", "started"}},
                .exceptions = {{"Child-4", "LookupError: nothing there"}},
                .lines = {{"main", "Child-3 3 False"}, {"Inner", "grandchild Child-0"},
                    {"Own", "own Own True"}}}},
        {"queues",
            {.lanes = {"Producer", "Consumer", "Worker"},
                .states = {{"Producer", State::waiting_space}, {"Consumer", State::waiting_data},
                    {"Consumer", State::sleeping}, {"main", State::waiting_data},
                    {"main", State::joining}},
                .channels
                = {{"queue", "items", 23, 112}, {"queue", "results", 1}, {"queue", "jobs", 5}},
                .locks = {{"event", "full"}}}},
        {"pipes",
            {.lanes = {"Talker", "Listener"},
                .states = {{"main", State::waiting_data}, {"main", State::receiving},
                    {"Talker", State::sending}, {"Listener", State::waiting_data}},
                .channels = {{"pipe", "here → there", 1}, {"pipe", "there → here", 2, 300'030},
                    {"pipe", "reader, writer", 10, 50}}}},
        {"pools",
            {.states = {{"main", State::starting}, {"main", State::waiting_data},
                 {"main", State::joining}},
                .channels = {{"pool", "Pool-1 tasks", 26}, {"pool", "Pool-1 results", 26, {}, 25}},
                .tasks = 39,
                .failed_tasks = 1,
                .functions = {"square", "add", "slow", "greet", "fail"}}},
        {"locks",
            {.lanes = {"Holder", "Waiter"},
                .states = {{"main", State::waiting_lock}, {"Holder", State::sleeping},
                    {"Waiter", State::waiting_lock}},
                .locks
                = {{"lock", "lock"}, {"rlock", "rlock"}, {"event", "taken"}, {"event", "enough"},
                    {"event", "event"}, {"barrier", "barrier"}, {"condition", "condition"},
                    {"semaphore", "semaphore"}, {"semaphore", "ready"}}}},
        {"values",
            {.lanes = {"Counter"},
                .locks
                = {{"rlock", "counter"}, {"rlock", "cells"}, {"lock", "lock"}, {"rlock", "often"}},
                .values = {{"counter", 6}, {"ratio", 1}, {"cells", 5}}}},
        {"managers",
            {.lanes = {"SyncManager-1", "User"},
                .states = {{"main", State::waiting_data}, {"User", State::waiting_data},
                    {"SyncManager-1", State::idle}},
                .channels = {{"manager", "User → SyncManager-1", 12},
                    {"manager", "SyncManager-1 → User", 12}}}},
        {"executors", {.tasks = 10, .failed_tasks = 1, .functions = {"cube"}}},
    };
    return all;
}

bool has_state(const Recording& recording, const std::string& name, State state)
{
    for (const Lane& lane : recording.lanes()) {
        if (lane.name != name)
            continue;
        for (std::size_t i = 0; i < lane.spans.size(); ++i) {
            if (lane.spans[i].state == state)
                return true;
        }
    }
    return false;
}

void check_channels(const Told& told, const Recording& recording)
{
    for (const Told::Channel& expected : told.channels) {
        const auto& all = recording.channels();
        const auto found = std::find_if(all.begin(), all.end(),
            [&](const Channel& channel) { return channel.name == expected.name; });
        QVERIFY2(found != all.end(), expected.name.c_str());
        QCOMPARE(found->kind, expected.kind);
        QCOMPARE(found->messages, expected.messages);
        QCOMPARE(found->messages_received, expected.received.value_or(expected.messages));
        if (expected.bytes)
            QVERIFY2(found->bytes >= *expected.bytes && found->bytes_received >= *expected.bytes,
                expected.name.c_str());
    }
}

void check_tasks(const Told& told, const Recording& recording)
{
    QCOMPARE(recording.tasks().size(), told.tasks);
    QCOMPARE(
        static_cast<std::size_t>(std::count_if(recording.tasks().begin(), recording.tasks().end(),
            [](const Task& task) { return task.outcome == Task::Outcome::failed; })),
        told.failed_tasks);
    std::uint64_t done = 0;
    std::set<std::string> functions;
    for (const Lane& lane : recording.lanes()) {
        done += lane.tasks_done;
        for (std::size_t i = 0; i < lane.spans.size(); ++i) {
            const Span span = lane.spans[i];
            if (span.state == State::computing && span.subject != no_subject
                && !recording.places()[span.place].function.empty())
                functions.insert(recording.places()[span.place].function);
        }
    }
    QCOMPARE(done, told.tasks);
    QVERIFY(functions == told.functions);
}

// Every run's: what is told is told as engine programs would.
void check_sound(const WatchedRun& run)
{
    for (const std::string& problem : run.problems)
        QFAIL(problem.c_str());
    for (const Lane& lane : run.recording.lanes()) {
        QVERIFY2(!lane.damaged, lane.name.c_str());
        QVERIFY2(lane.ended(), lane.name.c_str());
        QCOMPARE(lane.events_dropped, 0U);
    }
    QVERIFY2(run.errors.find("manyhands:") == std::string::npos, run.errors.c_str());
}

// Without what differs from run to run: addresses, times, and what races decide.
QString comparable(const std::string& text)
{
    QString all = QString::fromStdString(text);
    for (const char* const varying : {"0x[0-9a-f]+", "[0-9]+\\.[0-9]+", "[0-9]+ items a second",
             "none +: .*lost", "pymp-[^/ ]*"})
        all.replace(QRegularExpression(varying), "~");
    return all;
}

} // namespace

void TestPythonTracer::layout()
{
    const QJsonObject tracer = layout_of_tracer();
    const auto engine = layout_of_engine();
    QCOMPARE(tracer.size(), static_cast<qsizetype>(engine.size()));
    for (const auto& [part, fields] : engine) {
        const QJsonObject known = tracer[part].toObject();
        for (const auto& [name, number] : fields)
            QVERIFY2(known[name].toInteger(-1) == static_cast<qint64>(number),
                qPrintable(QStringLiteral("%1.%2 is %3").arg(part, name).arg(number)));
        QCOMPARE(known.size(), static_cast<qsizetype>(fields.size()));
    }
}

void TestPythonTracer::syntax_of_python_3_8()
{
    QProcess python;
    python.start(MANYHANDS_PYTHON,
        {"-c", "import ast, sys; ast.parse(open(sys.argv[1]).read(), feature_version=(3, 8))",
            MANYHANDS_SOURCE_DIR "/lessons/python_tracer/sitecustomize.py"});
    QVERIFY(python.waitForFinished());
    QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
}

void TestPythonTracer::features_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("method");
    for (const auto& [script, told] : told_by_scripts()) {
        for (const char* const method : {"fork", "spawn"})
            QTest::addRow("%s by %s", script.c_str(), method)
                << QString::fromStdString(script) << method;
    }
    for (const char* const script : {"processes", "pools"})
        QTest::addRow("%s by forkserver", script) << script << "forkserver";
}

void TestPythonTracer::features()
{
    QFETCH(const QString, script);
    QFETCH(const QString, method);
    const Told& told = told_by_scripts().at(script.toStdString());
    const WatchedRun run
        = run_python(scripts + script.toStdString() + ".py", {.arguments = {method.toStdString()}});
    check_sound(run);
    const Recording& recording = run.recording;

    QCOMPARE(recording.lanes().front().name, "main");
    QCOMPARE(recording.lanes().front().role, Role::main);
    for (const std::string& name : told.lanes) {
        const Lane& lane = run.lane(name);
        QCOMPARE(QString::fromStdString(std::string(name_of(lane.start_method))), method);
        QCOMPARE(lane.role, name == "SyncManager-1" ? Role::server : Role::worker);
    }
    QCOMPARE(run.has_lane("forkserver"), method == "forkserver");
    for (const auto& [name, state] : told.states)
        QVERIFY2(
            has_state(recording, name, state), (name + ": " + std::string(name_of(state))).c_str());
    check_channels(told, recording);
    check_tasks(told, recording);
    std::set<std::pair<std::string, std::string>> locks;
    for (const LockName& lock : recording.locks()) {
        if (!lock.kind.empty())
            locks.emplace(lock.kind, lock.name);
    }
    QVERIFY(locks == told.locks);
    std::map<std::string, std::size_t> values;
    for (const ValueChange& change : recording.changes())
        ++values[recording.values()[change.value]];
    // Of changes that come too fast some are told, the last among them: see the test of its own.
    values.erase("often");
    QVERIFY(values == told.values);
    for (const auto& [name, text] : told.exceptions)
        QCOMPARE(run.lane(name).exception, text);
    for (const auto& [name, text] : told.lines) {
        const auto& output = recording.output();
        QVERIFY2(std::any_of(output.begin(), output.end(),
                     [&](const OutputLine& line) {
                         return line.text == text && recording.lanes()[line.lane].name == name;
                     }),
            text.c_str());
    }
}

void TestPythonTracer::unnoticed_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QString>("argument");
    for (const auto& [script, told] : told_by_scripts())
        QTest::addRow("%s", script.c_str()) << QString::fromStdString(script) << "fork";
    for (const char* const method : {"fork", "spawn", "forkserver"}) {
        QTest::addRow("exceptions by %s", method) << "exceptions" << method;
        QTest::addRow("without a guard by %s", method) << "unguarded" << method;
    }
    QTest::addRow("without multiprocessing") << "plain"
                                             << "";
}

void TestPythonTracer::unnoticed()
{
    QFETCH(const QString, script);
    QFETCH(const QString, argument);
    const std::string path = scripts + script.toStdString() + ".py";
    const std::vector<std::string> arguments = {argument.toStdString()};
    const WatchedRun watched = run_python(path, {.arguments = arguments});
    const WatchedRun alone = run_python(path, {.arguments = arguments, .watched = false});
    QCOMPARE(watched.exit, alone.exit);
    QCOMPARE(comparable(watched.output), comparable(alone.output));
    QCOMPARE(comparable(watched.errors), comparable(alone.errors));
}

void TestPythonTracer::lessons_data()
{
    QTest::addColumn<QString>("lesson");
    QTest::addColumn<QStringList>("arguments");
    // A pool may be through before its second worker has begun.
    QTest::addColumn<int>("least_lanes");
    QTest::addColumn<int>("lanes");
    QTest::addColumn<int>("tasks");
    QTest::newRow("primes") << "prime_counting" << QStringList{"20000", "2", "16"} << 2 << 3 << 16;
    QTest::newRow("chunks") << "chunked_processing" << QStringList{"300", "60", "2"} << 2 << 3 << 5;
    QTest::newRow("sentinels") << "producer_consumer"
                               << QStringList{"sentinel", "2", "2", "4", "40"} << 5 << 5 << 0;
    QTest::newRow("counter") << "shared_counter" << QStringList{"600", "2", "50"} << 7 << 7 << 0;
}

void TestPythonTracer::lessons()
{
    QFETCH(const QString, lesson);
    QFETCH(const QStringList, arguments);
    WatchOptions options;
    for (const QString& argument : arguments)
        options.arguments.push_back(argument.toStdString());
    const std::string path
        = MANYHANDS_SOURCE_DIR "/lessons/" + lesson.toStdString() + "/program.py";
    const WatchedRun watched = run_python(path, options);
    options.watched = false;
    const WatchedRun alone = run_python(path, options);
    QCOMPARE(watched.exit, 0);
    QCOMPARE(comparable(watched.output), comparable(alone.output));
    QCOMPARE(watched.errors, alone.errors);
    check_sound(watched);
    QFETCH(const int, least_lanes);
    QFETCH(const int, lanes);
    const auto found = static_cast<int>(watched.recording.lanes().size());
    QVERIFY2(found >= least_lanes && found <= lanes, qPrintable(QString::number(found)));
    QTEST(static_cast<int>(watched.recording.tasks().size()), "tasks");
}

// A message's sender and its receiver know it under one number.
void TestPythonTracer::arrows_join_both_ends()
{
    const WatchedRun run = run_python(scripts + "queues.py", {.arguments = {"spawn"}});
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<int, int>> ends;
    for (const Transfer& transfer : run.recording.transfers()) {
        auto& [sent, received] = ends[{transfer.channel, transfer.message}];
        ++(transfer.received ? received : sent);
    }
    QCOMPARE(ends.size(), 29U);
    for (const auto& [message, count] : ends)
        QVERIFY((count == std::pair{1, 1}));
}

void TestPythonTracer::depth_is_what_is_left()
{
    const WatchedRun run = run_python(scripts + "depth.py", {.arguments = {"fork"}});
    std::vector<std::uint32_t> behind_a_message_taken;
    for (const Transfer& transfer : run.recording.transfers()) {
        if (!transfer.received)
            continue;
        for (const DepthSample& sample : run.recording.depths()) {
            if (sample.channel == transfer.channel && sample.time_ns == transfer.time_ns)
                behind_a_message_taken.push_back(sample.depth);
        }
    }
    QCOMPARE(behind_a_message_taken, (std::vector<std::uint32_t>{4, 3, 2, 1, 0}));
}

void TestPythonTracer::waits_tell_holders()
{
    const WatchedRun run = run_python(scripts + "locks.py", {.arguments = {"fork"}});
    const auto& recording = run.recording;
    const auto told = std::find_if(recording.waits().begin(), recording.waits().end(),
        [&](const LockWait& wait) { return recording.locks()[wait.lock].name == "lock"; });
    QVERIFY(told != recording.waits().end());
    QCOMPARE(recording.lanes()[told->lane].name, "main");
    QCOMPARE(recording.lanes()[told->holder].name, "Holder");
    const auto held = std::find_if(
        recording.holds().begin(), recording.holds().end(), [&](const LockHold& hold) {
            return recording.locks()[hold.lock].name == "lock"
                && recording.lanes()[hold.lane].name == "Holder";
        });
    QVERIFY(held != recording.holds().end());
    QVERIFY(held->begin_ns < told->time_ns && told->time_ns < held->end_ns);
}

void TestPythonTracer::fast_changes_are_thinned()
{
    const WatchedRun run = run_python(scripts + "values.py", {.arguments = {"fork"}});
    const auto& recording = run.recording;
    std::vector<std::uint64_t> told;
    for (const ValueChange& change : recording.changes()) {
        if (recording.values()[change.value] == "often")
            told.push_back(change.now);
    }
    QVERIFY(!told.empty() && told.size() < 100'000);
    QVERIFY(std::is_sorted(told.begin(), told.end()));
    QCOMPARE(told.front(), 0U);
    QCOMPARE(told.back(), 99'999U);
}

void TestPythonTracer::places_are_the_programs_own()
{
    const WatchedRun run = run_python(scripts + "pools.py", {.arguments = {"spawn"}});
    for (const Place& place : run.recording.places()) {
        if (place.line != 0)
            QVERIFY2(place.file == scripts + "pools.py" || place.function == "abs",
                (place.file + ": " + place.function).c_str());
    }
    QVERIFY(run.recording.places().size() > 8);
}

void TestPythonTracer::untraced_with_one_line_data()
{
    QTest::addColumn<bool>("answers");
    QTest::addColumn<int>("layout_version");
    QTest::addColumn<QString>("line");
    const int own = static_cast<int>(segment_layout_version);
    QTest::newRow("no lane") << false << own << "gave no lane";
    QTest::newRow("another layout") << true << own + 1 << "layout version";
}

void TestPythonTracer::untraced_with_one_line()
{
    QFETCH(const bool, answers);
    QFETCH(const int, layout_version);
    QFETCH(const QString, line);
    const std::vector<std::string> arguments = {"fork"};
    const WatchedRun run = run_python(scripts + "queues.py",
        {.arguments = arguments,
            .answers = answers,
            .layout_version = static_cast<std::uint32_t>(layout_version)});
    const WatchedRun alone
        = run_python(scripts + "queues.py", {.arguments = arguments, .watched = false});
    QCOMPARE(run.exit, alone.exit);
    QCOMPARE(run.output, alone.output);
    QVERIFY2(run.errors.find(line.toStdString()) != std::string::npos, run.errors.c_str());
    // Its children do not try again.
    QCOMPARE(std::count(run.errors.begin(), run.errors.end(), '\n'), 1);
    QVERIFY(run.recording.lanes().empty());
}

void TestPythonTracer::full_ring_drops_and_counts()
{
    const WatchedRun run = run_python(scripts + "flood.py", {.reads = false});
    QCOMPARE(run.exit, 0);
    QCOMPARE(run.output, "through\n");
    const Lane& lane = run.lane("main");
    constexpr std::uint64_t capacity = ring_capacity(ring_bytes);
    QCOMPARE(lane.events_recorded, capacity);
    QVERIFY(lane.events_dropped > 0);
    // What was told and what was not: two for each of its waits, beside a handful.
    QVERIFY(lane.events_recorded + lane.events_dropped >= 200'000);
}

void TestPythonTracer::killed_in_mid_write_data()
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 5; ++seed)
        QTest::addRow("seed %d", seed) << seed;
}

void TestPythonTracer::killed_in_mid_write()
{
    QFETCH(const int, seed);
    const WatchedRun run = run_python(scripts + "kills.py", {.arguments = {std::to_string(seed)}});
    QCOMPARE(run.exit, 0);
    QString expected;
    for (int round = 0; round < 5; ++round)
        expected += "19900 0 [-9, -9]\n";
    QCOMPARE(QString::fromStdString(run.errors), expected);
    check_sound(run);
    int survivors = 0;
    for (const Lane& lane : run.recording.lanes())
        survivors += lane.name == "Survivor" ? 1 : 0;
    QCOMPARE(survivors, 5);
}

QTEST_GUILESS_MAIN(TestPythonTracer)
#include "tst_python_tracer.moc"
