// SPDX-License-Identifier: MIT
// Tests engine/recording: the model that events become, its promises when they are nonsense, and
// the recordings of a run's groups, drained from a segment.
#include "engine/analysis/speedup.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/recording/recording_builder.hpp"
#include "engine/recording/run_recordings.hpp"
#include "engine_fixture.hpp"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace manyhands;

namespace {

// A clock on which a tick is a nanosecond since the recording's origin.
os::Clock plain_clock()
{
    return os::Clock({os::ClockSource::monotonic, 0, {0, 0}, {0, 0}});
}

TraceEvent begin(std::uint64_t time, State state, std::uint32_t subject = event_without_subject,
    std::uint16_t place = 0)
{
    return {time, 0, subject, place, EventKind::state_begin, static_cast<std::uint8_t>(state)};
}

TraceEvent end(std::uint64_t time, State state)
{
    return {
        time, 0, event_without_subject, 0, EventKind::state_end, static_cast<std::uint8_t>(state)};
}

TraceEvent note(std::uint64_t time, EventKind kind, std::uint32_t subject = event_without_subject,
    std::uint64_t argument = 0)
{
    return {time, argument, subject, 0, kind, 0};
}

LaneStart lane_in(std::uint32_t slot, std::uint64_t start = 0, bool starting = true)
{
    LaneStart lane;
    lane.name = "Worker-" + std::to_string(slot);
    lane.pid = 10 + static_cast<int>(slot);
    lane.start_method = StartMethod::spawn;
    lane.start_ticks = start;
    lane.slot = slot;
    lane.generation = 1;
    lane.starting = starting;
    return lane;
}

// A builder with one lane of a worker, in slot 1, that began at time 0 and is not starting.
struct OneLane
{
    OneLane()
        : lane(builder.start_lane(lane_in(1, 0, false)))
    {
    }

    void apply(std::initializer_list<TraceEvent> events)
    {
        builder.apply(lane, std::span(events.begin(), events.size()));
    }
    const Lane& result() const { return builder.recording().lanes()[lane]; }

    RecordingBuilder builder{plain_clock(), 0};
    std::uint32_t lane;
};

// "computing 10-20 0" for each span: state, begin and end, depth.
std::vector<std::string> readable(const Spans& spans)
{
    std::vector<std::string> lines;
    for (const Span& span : spans)
        lines.push_back(std::string(name_of(span.state)) + " " + std::to_string(span.begin_ns) + "-"
            + (span.end_ns == open_end ? "" : std::to_string(span.end_ns)) + " "
            + std::to_string(span.depth));
    return lines;
}

using Lines = std::vector<std::string>;

void report(std::string& problems, bool holds, const std::string& promise, std::size_t lane)
{
    if (!holds && problems.size() < 500)
        problems += promise + " (lane " + std::to_string(lane) + "); ";
}

// The promises of the model that `recording` breaks; empty where it keeps them.
std::string broken_promises(const Recording& recording)
{
    std::string problems;
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        report(
            problems, lane.start_ns >= 0 && lane.end_ns >= lane.start_ns, "lane runs forwards", i);
        report(
            problems, !lane.ended() || lane.end_ns <= recording.now_ns(), "now is behind ends", i);
        std::vector<Span> open;
        std::int64_t last_begin = lane.start_ns;
        for (const Span& span : lane.spans) {
            report(problems, span.begin_ns >= last_begin, "begins do not decrease", i);
            report(problems, span.end_ns >= span.begin_ns, "spans run forwards", i);
            report(problems, span.end_ns <= lane.end_ns, "spans end with their lane", i);
            report(problems,
                span.end_ns == open_end ? span.begin_ns <= recording.now_ns()
                                        : span.end_ns <= recording.now_ns(),
                "spans lie before now", i);
            report(problems, static_cast<int>(span.state) < recorded_state_count, "states are known", i);
            report(problems, span.place < recording.places().size(), "places exist", i);
            const SubjectKind kind = subject_of(span.state);
            report(problems,
                span.subject == no_subject
                    || ((kind != SubjectKind::lock || span.subject < recording.locks().size())
                        && (kind != SubjectKind::gate || span.subject < recording.gates().size())),
                "subjects exist", i);
            last_begin = span.begin_ns;
            // The depth says how many of those before it are still open.
            report(problems, span.depth <= open.size(), "depth grows by one", i);
            if (span.depth > open.size())
                return problems;
            for (std::size_t ended = span.depth; ended < open.size(); ++ended)
                report(problems, open[ended].end_ns <= span.begin_ns, "siblings do not overlap", i);
            open.resize(span.depth);
            for (const Span& outer : open)
                report(problems, outer.begin_ns <= span.begin_ns && span.end_ns <= outer.end_ns,
                    "inner spans lie within outer ones", i);
            open.push_back(span);
        }
        std::int64_t last_stop = 0;
        for (const Interval& stop : lane.stops) {
            report(problems, stop.begin_ns >= last_stop && stop.end_ns >= stop.begin_ns,
                "stops come one after the other", i);
            report(
                problems, !lane.ended() || stop.end_ns != open_end, "stops end with the lane", i);
            last_stop = stop.end_ns;
        }
    }
    for (const Task& task : recording.tasks()) {
        const std::size_t lane = task.lane;
        report(problems, lane < recording.lanes().size(), "tasks have a lane", lane);
        report(problems, task.end_ns >= task.begin_ns, "tasks run forwards", lane);
        report(problems, (task.outcome == Task::Outcome::running) == (task.end_ns == open_end),
            "running tasks are open", lane);
        report(problems, task.outcome != Task::Outcome::running || !recording.lanes()[lane].ended(),
            "no task runs in a dead lane", lane);
    }
    for (const Transfer& transfer : recording.transfers()) {
        report(problems,
            transfer.channel < recording.channels().size()
                && transfer.lane < recording.lanes().size() && transfer.time_ns >= 0
                && transfer.time_ns <= recording.now_ns(),
            "transfers name lane, channel and time", transfer.lane);
    }
    for (const DepthSample& sample : recording.depths())
        report(problems, sample.channel < recording.channels().size(), "depths name a channel", 0);
    std::int64_t last_pause = 0;
    for (const Interval& pause : recording.pauses()) {
        report(problems, pause.begin_ns >= last_pause && pause.end_ns >= pause.begin_ns,
            "pauses come one after the other", 0);
        last_pause = pause.end_ns;
    }
    std::set<std::pair<std::uint32_t, std::uint32_t>> held;
    for (const LockHold& hold : recording.holds()) {
        const bool known
            = hold.lock < recording.locks().size() && hold.lane < recording.lanes().size();
        report(problems, known, "holds name lock and lane", hold.lane);
        if (!known)
            return problems;
        const Lane& lane = recording.lanes()[hold.lane];
        report(problems, hold.begin_ns >= lane.start_ns && hold.end_ns >= hold.begin_ns,
            "holds run forwards", hold.lane);
        report(problems, hold.end_ns <= lane.end_ns, "holds end with their lane", hold.lane);
        report(problems, !hold.abandoned || (lane.ended() && hold.end_ns == lane.end_ns),
            "who abandons a lock ends with it", hold.lane);
        report(problems, hold.end_ns != open_end || held.insert({hold.lane, hold.lock}).second,
            "a lock is held once at a time", hold.lane);
    }
    for (const LockWait& wait : recording.waits())
        report(problems,
            wait.lock < recording.locks().size() && wait.lane < recording.lanes().size()
                && wait.holder < recording.lanes().size(),
            "waits name lock, lane and holder", wait.lane);
    for (const JoinWait& join : recording.joins())
        report(problems,
            join.lane < recording.lanes().size() && join.joined < recording.lanes().size(),
            "joins name lanes", join.lane);
    for (const LockRecovery& recovery : recording.recoveries())
        report(problems,
            recovery.lock < recording.locks().size() && recovery.lane < recording.lanes().size()
                && (recovery.from == no_subject || recovery.from < recording.lanes().size())
                && recovery.time_ns <= recording.now_ns(),
            "recoveries name lock and lanes", recovery.lane);
    for (const ValueChange& change : recording.changes())
        report(problems,
            change.value < recording.values().size() && change.lane < recording.lanes().size()
                && change.form <= ValueForm::bytes && change.place < recording.places().size(),
            "changes name value, lane, form and place", change.lane);
    for (const Phase& phase : recording.phases())
        report(problems, phase.begin_ns >= 0 && phase.end_ns >= phase.begin_ns,
            "phases run forwards", 0);
    return problems;
}

// What of the time budget of `interval` does not add up; empty where all does.
std::string wrong_budget(const Recording& recording, Interval interval)
{
    const TimeBudget budget = time_budget(recording, interval);
    if (budget.lanes.size() != recording.lanes().size())
        return "one budget a lane";
    std::string problems;
    double total = 0;
    for (std::size_t i = 0; i < budget.lanes.size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        const std::int64_t end
            = std::min(lane.ended() ? lane.end_ns : recording.now_ns(), interval.end_ns);
        const std::int64_t start = std::max(lane.start_ns, interval.begin_ns);
        const auto life = static_cast<double>(
            std::max<std::int64_t>(end - start - recording.paused_within({start, end}), 0));
        double sum = 0;
        for (const double seconds : budget.lanes[i].seconds) {
            report(problems, seconds >= 0, "no time is negative", i);
            sum += seconds;
        }
        report(problems, std::abs(sum - budget.lanes[i].total_s) < 1e-6, "categories add up", i);
        report(problems, std::abs(budget.lanes[i].total_s - life * 1e-9) < 1e-6,
            "the total is the lifetime", i);
        total += budget.lanes[i].total_s;
    }
    report(problems, std::abs(budget.all.total_s - total) < 1e-6, "lanes add up", 0);
    report(problems, budget.overhead >= 0 && budget.overhead <= 1, "overhead is a share", 0);
    return problems;
}

template <class Number>
Number random_number(std::mt19937_64& random, std::initializer_list<Number> likely)
{
    const std::uint64_t index = pick(random, 0, likely.size());
    return index < likely.size() ? *(likely.begin() + index) : static_cast<Number>(random());
}

TraceEvent random_event(std::mt19937_64& random, bool plausible, std::uint64_t& now)
{
    TraceEvent event;
    std::uint64_t words[3] = {random(), random(), random()};
    std::memcpy(&event, words, sizeof event);
    if (!plausible)
        return event;
    now += pick(random, 0, 3);
    event.ticks
        = pick(random, 0, 9) == 0 ? now - pick(random, 0, std::min<std::uint64_t>(now, 20)) : now;
    event.kind = static_cast<EventKind>(pick(random, 0, event_kind_count));
    event.detail = static_cast<std::uint8_t>(pick(random, 0, recorded_state_count));
    event.subject = static_cast<std::uint32_t>(pick(random, 0, 5));
    event.place = static_cast<std::uint16_t>(pick(random, 0, 5));
    event.argument = pick(random, 0, 1) == 0
        ? pick(random, 0, 3)
        : pack_message(static_cast<std::uint16_t>(pick(random, 0, 4)), pick_any(random));
    return event;
}

// A lesson's main process as a reader sees it, and workers for it.
class FakeLesson
{
public:
    explicit FakeLesson(bool traced = true)
        : segment({.traced = traced, .observed = true})
        , main(segment, main_slot)
    {
        Slot& slot = segment.slot(main_slot);
        slot.role = Role::main;
        set_name(slot, "main");
        slot.pid.store(100);
        slot.start_ticks.store(main.ticks());
        segment.header().slots_used.store(1);
    }

    void start_main()
    {
        segment.slot(main_slot).generation.store(1);
        set_state(main_slot, SlotState::running);
    }

    void begin_phase(PhaseKind kind, int number, std::uint32_t group)
    {
        phase_ = PhaseRecord();
        phase_.kind = kind;
        phase_.number = number;
        phase_.group = group;
        phase_.begin_ticks = main.ticks();
        main.text(TextKind::phase, 0, to_text(phase_));
    }

    void end_phase(std::int64_t wall_ns = 1000, std::uint64_t work = 0)
    {
        phase_.end_ticks = main.ticks();
        phase_.wall_ns = wall_ns;
        phase_.work = work;
        main.text(TextKind::phase, 0, to_text(phase_));
    }

    Recorder start_worker(std::uint32_t number, const std::string& name)
    {
        segment.back_slot(number);
        segment.clear_slot(number);
        set_state(number, SlotState::free);
        Slot& slot = segment.slot(number);
        slot.role = Role::worker;
        slot.start_method = StartMethod::spawn;
        slot.group.store(phase_.group);
        slot.work_done.store(0);
        slot.tasks_done.store(0);
        set_name(slot, name);
        slot.pid.store(1000 + static_cast<int>(number));
        slot.start_ticks.store(main.ticks());
        slot.generation.store(slot.generation.load() + 1);
        segment.header().slots_used.store(std::max(segment.header().slots_used.load(), number + 1));
        set_state(number, SlotState::running);
        return Recorder(segment, number);
    }

    void end_worker(std::uint32_t number, int exit)
    {
        segment.slot(number).exit.store(exit);
        segment.slot(number).end_ticks.store(main.ticks());
        set_state(number, SlotState::ended);
    }

    void set_state(std::uint32_t number, SlotState state)
    {
        segment.slot(number).state.store(static_cast<std::uint32_t>(state));
    }

    Segment segment;
    Recorder main;

private:
    PhaseRecord phase_;
};

// Tasks that the main lane of a recording carried out: how tests mark what belongs where.
std::vector<std::uint32_t> tasks_of(const Recording& recording)
{
    std::vector<std::uint32_t> numbers;
    for (const Task& task : recording.tasks())
        numbers.push_back(task.index);
    return numbers;
}

void do_task(Recorder& recorder, std::uint32_t number)
{
    recorder.begin(State::computing, number);
    recorder.event(EventKind::task_begun, 0, number, number);
    recorder.event(EventKind::task_done, 0, number, 0);
    recorder.end(State::computing);
}

// "repeat 2" for each phase.
Lines readable(const std::vector<Phase>& phases)
{
    Lines lines;
    for (const Phase& phase : phases)
        lines.push_back(std::string(name_of(phase.kind)) + " " + std::to_string(phase.number)
            + (phase.end_ns == open_end ? " open" : ""));
    return lines;
}

} // namespace

class TestOfRecording : public QObject
{
    Q_OBJECT

private slots:
    void spans_data();
    void spans();
    void what_is_damage_data();
    void what_is_damage();
    void lane_starts_until_it_does_something();
    void starting_another_is_not_its_own_start();
    void lane_ends();
    void tasks_end_as_they_ended();
    void tasks_of_two_pools_number_alike();
    void stops_are_cut_out();
    void messages_and_depths();
    void short_transfers_are_spans();
    void tasks_that_compute_are_spans();
    void channels_are_those_of_this_recording();
    void channel_states_name_their_channel();
    void places_are_merged_over_lanes();
    void locks_are_held();
    void a_lost_release_holds_for_ever_not();
    void who_dies_abandons_its_locks_data();
    void who_dies_abandons_its_locks();
    void locks_are_awaited_and_recovered();
    void values_change();
    void gates_are_merged_over_lanes();
    void a_summary_tells_the_depth();
    void a_pause_is_no_stop();
    void a_pause_ends_stops();
    void pauses_come_in_order();
    void exceptions_stay_with_their_lane();
    void printed_lines();
    void shown_interval();
    void phases_end_with_the_run();
    void time_stands_still_rather_than_running_backwards();
    void every_change_is_seen();
    void random_events_data();
    void random_events();

    void announcement_there_and_back();
    void no_announcement_data();
    void no_announcement();
    void groups_are_split_by_phase_data();
    void groups_are_split_by_phase();
    void busy_main_is_split_where_it_began();
    void untraced_run_has_phases();
    void phases_that_begin_and_end_between_two_looks();
    void places_of_main_are_known_in_every_group();
    void gates_and_pauses_are_known_in_every_group();
    void the_end_ends_a_pause();
    void everybodys_summaries_are_noticed_data();
    void everybodys_summaries_are_noticed();
    void full_ring_is_counted_and_no_damage();
    void stop_of_a_worker();
    void median_repeat_is_kept_data();
    void median_repeat_is_kept();
    void worker_outlives_its_repeat();
    void document_and_exception();
    void end_of_main_ends_every_lane();
    void nothing_before_main();
    void hostile_announcements_data();
    void hostile_announcements();
    void hostile_slots_data();
    void hostile_slots();
};

using Events = std::vector<TraceEvent>;
Q_DECLARE_METATYPE(Events)
Q_DECLARE_METATYPE(Lines)

void TestOfRecording::spans_data()
{
    using enum State;
    QTest::addColumn<Events>("events");
    QTest::addColumn<Lines>("spans");
    QTest::newRow("none") << Events{} << Lines{};
    QTest::newRow("one") << Events{begin(10, computing), end(20, computing)}
                         << Lines{"computing 10-20 0"};
    QTest::newRow("one that lasts") << Events{begin(10, computing)} << Lines{"computing 10- 0"};
    QTest::newRow("one after the other") << Events{begin(10, computing), end(20, computing),
        begin(20, idle), end(30, idle)} << Lines{"computing 10-20 0", "idle 20-30 0"};
    QTest::newRow("one within the other") << Events{begin(10, receiving), begin(11, waiting_data),
        end(19, waiting_data), end(20, receiving)}
                                          << Lines{"receiving 10-20 0", "waiting_data 11-19 1"};
    QTest::newRow("the same state within itself") << Events{begin(10, computing),
        begin(11, computing), end(19, computing),
        end(20, computing)} << Lines{"computing 10-20 0", "computing 11-19 1"};
    QTest::newRow("siblings and three levels")
        << Events{begin(0, joining), begin(1, sending), begin(2, waiting_space),
               end(3, waiting_space), end(4, sending), begin(4, held), end(5, held),
               end(9, joining)}
        << Lines{"joining 0-9 0", "sending 1-4 1", "waiting_space 2-3 2", "held 4-5 1"};
    QTest::newRow("of no length") << Events{begin(7, sleeping), end(7, sleeping)}
                                  << Lines{"sleeping 7-7 0"};
    QTest::newRow("an inner end that was lost") << Events{begin(10, computing), begin(12, sending),
        end(20, computing)} << Lines{"computing 10-20 0", "sending 12-20 1"};
    QTest::newRow("leaving ends all")
        << Events{begin(10, computing), begin(12, sending), note(20, EventKind::process_exiting)}
        << Lines{"computing 10-20 0", "sending 12-20 1", "tearing_down 20- 0"};
}

void TestOfRecording::spans()
{
    QFETCH(Events, events);
    QFETCH(Lines, spans);
    OneLane one;
    one.builder.apply(one.lane, events);
    QCOMPARE(readable(one.result().spans), spans);
    QCOMPARE(one.result().events_recorded, std::uint64_t{events.size()});
    QVERIFY(!one.result().damaged);
    QCOMPARE(broken_promises(one.builder.recording()), std::string());
}

void TestOfRecording::what_is_damage_data()
{
    QTest::addColumn<Events>("events");
    QTest::addColumn<bool>("dropped");
    QTest::addColumn<bool>("damaged");
    const TraceEvent unknown_state = {1, 0, 0, 0, EventKind::state_begin, recorded_state_count};
    const TraceEvent unknown_kind = {1, 0, 0, 0, static_cast<EventKind>(event_kind_count), 0};
    Events deep;
    for (std::uint64_t i = 0; i < 33; ++i)
        deep.push_back(begin(i, State::computing));
    QTest::newRow("end without begin") << Events{end(1, State::computing)} << false << true;
    QTest::newRow("end without begin, where some were dropped")
        << Events{end(1, State::computing)} << true << false;
    QTest::newRow("unknown state") << Events{unknown_state} << false << true;
    QTest::newRow("unknown kind of event") << Events{unknown_kind} << false << true;
    QTest::newRow("nested 33 deep") << deep << false << true;
    QTest::newRow("nested 32 deep") << Events(deep.begin() + 1, deep.end()) << false << false;
    QTest::newRow("a channel that no number names")
        << Events{note(1, EventKind::queue_depth, 65'536, 1)} << false << true;
    QTest::newRow("a moment in a hundred years")
        << Events{note(3'000'000'000'000'000'000, EventKind::mark)} << false << true;
}

void TestOfRecording::what_is_damage()
{
    QFETCH(Events, events);
    QFETCH(bool, dropped);
    QFETCH(bool, damaged);
    OneLane one;
    if (dropped)
        one.builder.counters(one.lane, 0, 0, 5, 0);
    one.builder.apply(one.lane, events);
    QCOMPARE(one.result().damaged, damaged);
    QCOMPARE(broken_promises(one.builder.recording()), std::string());
}

void TestOfRecording::lane_starts_until_it_does_something()
{
    RecordingBuilder builder(plain_clock(), 100);
    const std::uint32_t lane = builder.start_lane(lane_in(1, 150));
    const Lane& started = builder.recording().lanes()[lane];
    QCOMPARE(started.start_ns, std::int64_t{50});
    QCOMPARE(readable(started.spans), (Lines{"starting 50- 0"}));
    const Events events = {note(160, EventKind::process_ready), begin(170, State::idle)};
    builder.apply(lane, events);
    QCOMPARE(readable(builder.recording().lanes()[lane].spans),
        (Lines{"starting 50-70 0", "idle 70- 0"}));
    QVERIFY(builder.recording().lanes()[lane].start_method == StartMethod::spawn);
    QCOMPARE(builder.recording().origin_ns(), std::int64_t{100});
}

void TestOfRecording::starting_another_is_not_its_own_start()
{
    OneLane one;
    one.apply({begin(10, State::starting), begin(11, State::starting), end(15, State::starting),
        begin(16, State::starting), end(18, State::starting), end(20, State::starting)});
    QCOMPARE(readable(one.result().spans),
        (Lines{"starting 10-20 0", "starting 11-15 1", "starting 16-18 1"}));
    QVERIFY(!one.result().damaged);

    // Nor does it matter that it was starting itself before.
    RecordingBuilder builder(plain_clock(), 0);
    const std::uint32_t lane = builder.start_lane(lane_in(1));
    const Events events = {begin(10, State::starting), begin(11, State::serialising),
        end(12, State::serialising), end(20, State::starting)};
    builder.apply(lane, events);
    QCOMPARE(readable(builder.recording().lanes()[lane].spans),
        (Lines{"starting 0-10 0", "starting 10-20 0", "serialising 11-12 1"}));
    QVERIFY(!builder.recording().lanes()[lane].damaged);
}

void TestOfRecording::lane_ends()
{
    OneLane one;
    one.apply({begin(10, State::computing, 3), begin(12, State::sending)});
    QVERIFY(!one.result().ended());
    one.builder.end_lane(one.lane,
        {.end_ticks = 30, .exit = -9, .cpu_ns = 20, .run_delay_ns = 2, .peak_rss_bytes = 4096});
    QCOMPARE(readable(one.result().spans), (Lines{"computing 10-30 0", "sending 12-30 1"}));
    QCOMPARE(one.result().end_ns, std::int64_t{30});
    QCOMPARE(one.result().exit.value(), -9);
    QCOMPARE(one.result().cpu_ns, std::int64_t{20});
    QCOMPARE(one.result().run_delay_ns, std::int64_t{2});
    QCOMPARE(one.result().peak_rss_bytes, std::uint64_t{4096});
    QCOMPARE(one.builder.recording().now_ns(), std::int64_t{30});

    // The dead say nothing more, and die once.
    one.apply({begin(40, State::computing)});
    one.builder.end_lane(one.lane, {.end_ticks = 50, .exit = 0});
    QCOMPARE(one.result().spans.size(), std::size_t{2});
    QCOMPARE(one.result().end_ns, std::int64_t{30});
    QCOMPARE(one.result().exit.value(), -9);
    QCOMPARE(one.result().events_recorded, std::uint64_t{2});
}

void TestOfRecording::tasks_end_as_they_ended()
{
    OneLane one;
    one.apply({note(10, EventKind::task_begun, 1, 111), note(20, EventKind::task_done, 1),
        note(20, EventKind::task_begun, 2, 222), note(30, EventKind::task_failed, 2),
        note(30, EventKind::task_begun, 3, 333), note(31, EventKind::task_done, 99)});
    const auto& tasks = one.builder.recording().tasks();
    QCOMPARE(tasks.size(), std::size_t{3});
    QVERIFY(tasks[2].outcome == Task::Outcome::running);
    QCOMPARE(tasks[2].end_ns, open_end);
    one.builder.end_lane(one.lane, {.end_ticks = 40, .exit = -9});
    const Task::Outcome outcomes[]
        = {Task::Outcome::done, Task::Outcome::failed, Task::Outcome::lost};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto number = static_cast<std::uint32_t>(i + 1);
        QCOMPARE(tasks[i].index, number);
        QCOMPARE(tasks[i].argument, std::uint64_t{number} * 111);
        QCOMPARE(tasks[i].lane, one.lane);
        QCOMPARE(tasks[i].begin_ns, std::int64_t{10} * number);
        QCOMPARE(tasks[i].end_ns, std::int64_t{10} * number + 10);
        QVERIFY(tasks[i].outcome == outcomes[i]);
    }
}

void TestOfRecording::tasks_of_two_pools_number_alike()
{
    OneLane one;
    const std::uint32_t other = one.builder.start_lane(lane_in(2));
    const Events begun = {note(12, EventKind::task_begun, 5)};
    const Events done = {note(30, EventKind::task_done, 5)};
    one.apply({note(10, EventKind::task_begun, 5)});
    one.builder.apply(other, begun);
    one.apply({note(20, EventKind::task_done, 5)});
    one.builder.apply(other, done);
    const auto& tasks = one.builder.recording().tasks();
    QCOMPARE(tasks.size(), std::size_t{2});
    QVERIFY(tasks[0].outcome == Task::Outcome::done);
    QCOMPARE(tasks[0].end_ns, std::int64_t{20});
    QVERIFY(tasks[1].outcome == Task::Outcome::done);
    QCOMPARE(tasks[1].end_ns, std::int64_t{30});
}

void TestOfRecording::stops_are_cut_out()
{
    OneLane one;
    const std::uint32_t main = one.builder.start_lane(lane_in(9));
    one.apply({begin(0, State::computing)});
    const Events events = {note(10, EventKind::process_stopped, 1, 1),
        note(11, EventKind::process_stopped, 1, 1), // told twice
        note(12, EventKind::process_stopped, 1, 2), // another process, which had the slot
        note(15, EventKind::process_continued, 1, 1), note(16, EventKind::process_continued, 1, 1),
        note(20, EventKind::process_stopped, 1, 1)};
    one.builder.apply(main, events);
    QCOMPARE(one.result().stops.size(), std::size_t{2});
    QCOMPARE(one.result().stops[0].begin_ns, std::int64_t{10});
    QCOMPARE(one.result().stops[0].end_ns, std::int64_t{15});
    QCOMPARE(one.result().stops[1].end_ns, open_end);
    one.builder.end_lane(one.lane, {.end_ticks = 50, .exit = -9});
    QCOMPARE(one.result().stops[1].begin_ns, std::int64_t{20});
    QCOMPARE(one.result().stops[1].end_ns, std::int64_t{50});

    const TimeBudget budget = time_budget(one.builder.recording(), {0, 50});
    QCOMPARE(budget.lanes[one.lane][BudgetCategory::stopped], 35e-9);
    QCOMPARE(budget.lanes[one.lane][BudgetCategory::computing], 15e-9);
    QCOMPARE(wrong_budget(one.builder.recording(), {0, 50}), std::string());
}

void TestOfRecording::messages_and_depths()
{
    OneLane one;
    one.builder.text(one.lane, {TextKind::channel, 0, "queue\ntasks"});
    one.apply({note(1, EventKind::message_sent, 0, pack_message(0, 100)),
        note(1, EventKind::queue_depth, 0, 1),
        note(2, EventKind::message_sent, 1, pack_message(0, 50)),
        note(2, EventKind::queue_depth, 0, 2),
        note(3, EventKind::message_received, 0, pack_message(0, 100)),
        note(3, EventKind::queue_depth, 0, 1),
        note(9, EventKind::messages_sent, 1'000, pack_message(0, 70'000)),
        note(9, EventKind::messages_received, 999, pack_message(0, 69'000))});
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.channels().size(), std::size_t{1});
    const Channel& channel = recording.channels()[0];
    QCOMPARE(channel.kind, std::string("queue"));
    QCOMPARE(channel.name, std::string("tasks"));
    QCOMPARE(channel.messages, std::uint64_t{1'002});
    QCOMPARE(channel.bytes, std::uint64_t{70'150});
    QCOMPARE(channel.messages_received, std::uint64_t{1'000});
    QCOMPARE(channel.bytes_received, std::uint64_t{69'100});
    QCOMPARE(channel.max_depth, std::uint64_t{2});
    QCOMPARE(recording.transfers().size(), std::size_t{5});
    const Transfer& second = recording.transfers()[1];
    QCOMPARE(second.time_ns, std::int64_t{2});
    QCOMPARE(second.bytes, std::uint64_t{50});
    QCOMPARE(second.message, 1U);
    QVERIFY(!second.received && !second.summarised);
    const Transfer& last = recording.transfers()[4];
    QCOMPARE(last.message, 999U);
    QVERIFY(last.received && last.summarised);
    QCOMPARE(recording.depths().size(), std::size_t{3});
    QCOMPARE(recording.depths()[1].depth, 2U);
    QCOMPARE(recording.depths()[1].time_ns, std::int64_t{2});
}

void TestOfRecording::short_transfers_are_spans()
{
    // A message says itself how long it took: a span that ends with it, and never begins before
    // what was known before it.
    const auto message = [](std::uint64_t time, EventKind kind, std::uint64_t ticks) {
        return TraceEvent{time, pack_message(3, 10, 7), 0, 0, kind, pack_ticks(ticks)};
    };
    OneLane one;
    one.apply({message(100, EventKind::message_sent, 8), begin(110, State::computing),
        message(112, EventKind::message_received, 12), end(120, State::computing),
        message(130, EventKind::message_received, 0), message(140, EventKind::message_sent, 5)});
    QCOMPARE(readable(one.result().spans),
        (Lines{"sending 92-100 0", "computing 110-120 0", "receiving 110-112 1",
            "sending 135-140 0"}));
    QCOMPARE(one.result().spans[0].subject, 0U);
    QCOMPARE(one.builder.recording().depths().size(), std::size_t{4});
    QCOMPARE(one.builder.recording().depths()[3].depth, 7U);
    QCOMPARE(one.builder.recording().channels()[0].max_depth, std::uint64_t{7});
    QVERIFY(!one.result().damaged);
    QCOMPARE(broken_promises(one.builder.recording()), std::string());
}

void TestOfRecording::tasks_that_compute_are_spans()
{
    OneLane one;
    one.apply({{10, 0, 4, 0, EventKind::task_begun, computes},
        {20, 0, 4, 0, EventKind::task_done, computes},
        {20, 0, 5, 0, EventKind::task_begun, computes},
        {30, 0, 5, 0, EventKind::task_failed, computes}, {30, 0, 6, 0, EventKind::task_begun, 0},
        {40, 0, 6, 0, EventKind::task_done, 0}});
    QCOMPARE(readable(one.result().spans), (Lines{"computing 10-20 0", "computing 20-30 0"}));
    QCOMPARE(one.result().spans[1].subject, 5U);
    QCOMPARE(one.builder.recording().tasks().size(), std::size_t{3});
    QVERIFY(!one.result().damaged);
}

void TestOfRecording::channels_are_those_of_this_recording()
{
    // Channels are numbered through a run; those of earlier repeats have no place here.
    OneLane one;
    one.builder.text(one.lane, {TextKind::channel, 8, "queue\ntasks"});
    one.builder.text(one.lane, {TextKind::channel, 9, "queue\nresults"});
    one.apply({note(1, EventKind::message_sent, 0, pack_message(9, 5)),
        note(1, EventKind::queue_depth, 9, 1)});
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.channels().size(), std::size_t{2});
    QCOMPARE(recording.channels()[0].name, std::string("tasks"));
    QCOMPARE(recording.channels()[0].messages, std::uint64_t{0});
    QCOMPARE(recording.channels()[1].name, std::string("results"));
    QCOMPARE(recording.channels()[1].messages, std::uint64_t{1});
    QCOMPARE(recording.channels()[1].max_depth, std::uint64_t{1});
    QCOMPARE(recording.transfers()[0].channel, 1U);
    QCOMPARE(recording.depths()[0].channel, 1U);
}

void TestOfRecording::channel_states_name_their_channel()
{
    using enum State;
    OneLane one;
    one.builder.text(one.lane, {TextKind::channel, 40, "queue\ntasks"});
    for (const State state : {sending, receiving, waiting_data, waiting_space, idle})
        one.apply({begin(1, state, 40), end(2, state)});
    one.apply({begin(3, computing, 40), end(4, computing), begin(5, sending), end(6, sending),
        begin(7, sending, 70'000), end(8, sending)});
    const Spans& spans = one.result().spans;
    QCOMPARE(spans.size(), std::size_t{8});
    for (std::size_t i = 0; i < 5; ++i)
        QCOMPARE(spans[i].subject, 0U);
    QCOMPARE(spans[5].subject, 40U); // a task
    QCOMPARE(spans[6].subject, no_subject);
    QCOMPARE(spans[7].subject, no_subject);
    QCOMPARE(one.builder.recording().channels().size(), std::size_t{1});
}

void TestOfRecording::places_are_merged_over_lanes()
{
    OneLane one;
    const std::uint32_t other = one.builder.start_lane(lane_in(2));
    one.builder.text(one.lane, {TextKind::place, 1, "lessons/a.cpp\n12\nrun"});
    one.builder.text(one.lane, {TextKind::place, 2, "lessons/a.cpp\n13\nrun"});
    one.builder.text(other, {TextKind::place, 1, "lessons/a.cpp\n13\nrun"});
    one.builder.text(other, {TextKind::place, 2, "lessons/b.cpp\n13\nrun"});
    const Events of_one = {begin(1, State::computing, 0, 2)};
    const Events of_other = {begin(1, State::computing, 0, 1), begin(2, State::computing, 0, 2),
        begin(3, State::computing, 0, 7)};
    one.builder.apply(one.lane, of_one);
    one.builder.apply(other, of_other);
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.places().size(), std::size_t{4}); // unknown, and three
    const auto place = [&](std::uint32_t lane, std::size_t span) {
        const Place& found = recording.places()[recording.lanes()[lane].spans[span].place];
        return found.file + ":" + std::to_string(found.line);
    };
    QCOMPARE(place(one.lane, 0), std::string("lessons/a.cpp:13"));
    QCOMPARE(place(other, 1), std::string("lessons/a.cpp:13")); // behind its `starting`
    QCOMPARE(place(other, 2), std::string("lessons/b.cpp:13"));
    QCOMPARE(place(other, 3), std::string("unknown:0"));
    QCOMPARE(recording.places()[1].function, std::string("run"));
}

// "door 10-20" for each hold, with "!" behind one that was abandoned.
Lines readable_holds(const Recording& recording)
{
    Lines lines;
    for (const LockHold& hold : recording.holds())
        lines.push_back(recording.locks()[hold.lock].name + " " + std::to_string(hold.begin_ns)
            + "-" + (hold.end_ns == open_end ? "" : std::to_string(hold.end_ns))
            + (hold.abandoned ? "!" : ""));
    return lines;
}

void TestOfRecording::locks_are_held()
{
    OneLane one;
    one.builder.text(one.lane, {TextKind::lock, 7, "lock\ndoor"});
    one.builder.text(one.lane, {TextKind::lock, 40'000, "rlock\ngate"});
    one.builder.text(one.lane, {TextKind::place, 1, "a.cpp\n12\nrun"});
    one.apply({note(10, EventKind::lock_taken, 7), note(15, EventKind::lock_released, 7, 5),
        note(40, EventKind::lock_released, 7, 20), // long, and not waited for
        note(50, EventKind::lock_taken, 7), note(52, EventKind::lock_taken, 40'000),
        note(60, EventKind::lock_released, 7, 10), // in another order than they were taken
        note(70, EventKind::lock_released, 40'000, 1000), // longer than it can be
        note(80, EventKind::lock_released, 7, 1000), note(81, EventKind::lock_released, 9, ~0UL),
        note(90, EventKind::lock_taken, 7)});
    QCOMPARE(readable_holds(one.builder.recording()),
        (Lines{"door 10-15", "door 20-40", "door 50-60", "gate 52-70", "door 0-80", " 81-81",
            "door 90-"}));
    QCOMPARE(one.builder.recording().locks()[1].kind, std::string("rlock"));
    QVERIFY(!one.result().damaged);
    const TraceEvent placed = {99, 9, 7, 1, EventKind::lock_released, 0};
    one.apply({placed});
    QCOMPARE(readable_holds(one.builder.recording()).back(), std::string("door 90-99"));
    one.apply({{120, 9, 7, 1, EventKind::lock_released, 0}});
    QCOMPARE(one.builder.recording().holds().back().place, std::uint16_t{1});
    QVERIFY(broken_promises(one.builder.recording()).empty());
    // No lock has such a number.
    one.apply({note(130, EventKind::lock_taken, 70'000)});
    QVERIFY(one.result().damaged);
}

void TestOfRecording::a_lost_release_holds_for_ever_not()
{
    OneLane one;
    one.builder.text(one.lane, {TextKind::lock, 0, "lock\ndoor"});
    one.apply({note(10, EventKind::lock_taken, 0), note(30, EventKind::lock_taken, 0),
        // Of a hold that began later: this one's release is known, that one's is not.
        note(90, EventKind::lock_released, 0, 20)});
    QCOMPARE(readable_holds(one.builder.recording()), (Lines{"door 10-30", "door 70-90"}));
    // Nobody holds so many at once; who says so costs no more than that many.
    for (std::uint32_t lock = 1; lock < 1000; ++lock)
        one.apply({note(100, EventKind::lock_taken, lock)});
    QVERIFY(one.builder.recording().holds().size() < 100);
    QVERIFY(broken_promises(one.builder.recording()).empty());
}

void TestOfRecording::who_dies_abandons_its_locks_data()
{
    QTest::addColumn<Role>("role");
    QTest::addColumn<bool>("known");
    QTest::addColumn<Lines>("holds");
    QTest::newRow("killed") << Role::worker << true << Lines{"door 10-50!"};
    QTest::newRow("with the run") << Role::worker << false << Lines{"door 10-50!"};
    QTest::newRow("main") << Role::main << true << Lines{"door 10-50!"};
    QTest::newRow("main goes on to its next repeat") << Role::main << false << Lines{"door 10-50"};
}

void TestOfRecording::who_dies_abandons_its_locks()
{
    QFETCH(Role, role);
    QFETCH(bool, known);
    QFETCH(Lines, holds);
    RecordingBuilder builder(plain_clock(), 0);
    LaneStart start = lane_in(1);
    start.role = role;
    const std::uint32_t lane = builder.start_lane(start);
    builder.text(lane, {TextKind::lock, 0, "lock\ndoor"});
    const Events events = {note(10, EventKind::lock_taken, 0)};
    builder.apply(lane, events);
    builder.end_lane(lane, {.end_ticks = 50, .exit = known ? std::optional(-9) : std::nullopt});
    QCOMPARE(readable_holds(builder.recording()), holds);
}

void TestOfRecording::locks_are_awaited_and_recovered()
{
    OneLane one; // slot 1, generation 1
    LaneStart second = lane_in(1);
    second.generation = 2;
    const std::uint32_t later = one.builder.start_lane(second);
    const std::uint32_t other = one.builder.start_lane(lane_in(2));
    one.builder.text(other, {TextKind::lock, 3, "lock\ndoor"});
    const auto key
        = [](std::uint64_t slot, std::uint64_t generation) { return generation << 32 | slot; };
    const auto wait = [&](std::uint64_t time, std::uint64_t holder) {
        return TraceEvent{time, holder, 3, 0, EventKind::state_begin,
            static_cast<std::uint8_t>(State::waiting_lock)};
    };
    const Events events = {wait(10, key(1, 1)), end(20, State::waiting_lock),
        note(20, EventKind::lock_recovered, 3, key(1, 1)), wait(30, key(1, 2)),
        end(40, State::waiting_lock), wait(50, 0), end(60, State::waiting_lock),
        wait(70, key(9, 9)), note(80, EventKind::lock_recovered, 3, key(1, 2)),
        note(90, EventKind::lock_recovered, 3, key(77, 1))};
    one.builder.apply(other, events);
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.waits().size(), std::size_t{2}); // of nobody, and nobody known: none
    QCOMPARE(recording.waits()[0].holder, one.lane);
    QCOMPARE(recording.waits()[0].time_ns, std::int64_t{10});
    QCOMPARE(recording.waits()[0].lane, other);
    QCOMPARE(recording.waits()[1].holder, later);
    QCOMPARE(recording.recoveries().size(), std::size_t{3});
    QCOMPARE(recording.recoveries()[0].from, one.lane);
    QCOMPARE(recording.recoveries()[0].lane, other);
    QCOMPARE(recording.recoveries()[0].time_ns, std::int64_t{20});
    QCOMPARE(recording.recoveries()[1].from, later);
    QCOMPARE(recording.recoveries()[2].from, no_subject);
    for (const Span& span : recording.lanes()[other].spans) {
        if (span.state == State::waiting_lock)
            QCOMPARE(recording.locks().at(span.subject).name, std::string("door"));
    }
}

void TestOfRecording::values_change()
{
    OneLane one;
    one.builder.text(one.lane, {TextKind::value, 300, "sum"});
    one.apply({note(1, EventKind::value_changed, 300, 7),
        {2, 8, 300, 0, EventKind::value_changed, 1}, {3, 9, 5, 0, EventKind::value_changed, 99}});
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.values(), (Lines{"sum", ""}));
    QCOMPARE(recording.changes().size(), std::size_t{3});
    QCOMPARE(recording.changes()[0].now, std::uint64_t{7});
    QCOMPARE(recording.changes()[0].time_ns, std::int64_t{1});
    QCOMPARE(recording.changes()[0].form, ValueForm::whole);
    QCOMPARE(recording.changes()[1].form, ValueForm::real);
    QCOMPARE(recording.changes()[2].value, 1U);
    QCOMPARE(recording.changes()[2].form, ValueForm::bytes);
}

void TestOfRecording::gates_are_merged_over_lanes()
{
    OneLane one;
    const std::uint32_t other = one.builder.start_lane(lane_in(2));
    one.builder.text(one.lane, {TextKind::gate, 0, "load"});
    one.builder.text(one.lane, {TextKind::gate, 1, "store"});
    one.builder.text(other, {TextKind::gate, 0, "store"});
    one.apply({begin(1, State::held, 1), end(2, State::held), begin(3, State::held, 5),
        end(4, State::held), begin(5, State::held), end(6, State::held),
        begin(7, State::held, 65'537)});
    const Events events = {begin(1, State::held, 0)};
    one.builder.apply(other, events);
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.gates(), (Lines{"load", "store"}));
    QCOMPARE(one.result().spans[0].subject, 1U);
    for (std::size_t i = 1; i < 4; ++i)
        QCOMPARE(one.result().spans[i].subject, no_subject);
    QCOMPARE(recording.lanes()[other].spans.back().subject, 1U);
    QCOMPARE(one.builder.gate_index(other, 0), 1U);
    QCOMPARE(one.builder.gate_index(other, 1), no_subject);
    QCOMPARE(one.builder.gate_index(99, 0), no_subject);
}

void TestOfRecording::a_summary_tells_the_depth()
{
    OneLane one;
    one.apply({note(1, EventKind::messages_sent, 100, pack_message(0, 5000, 17)),
        note(2, EventKind::messages_received, 60, pack_message(0, 3000, 9)),
        note(3, EventKind::messages_sent, 1, pack_message(0, 1))});
    const Recording& recording = one.builder.recording();
    QCOMPARE(recording.depths().size(), std::size_t{2});
    QCOMPARE(recording.depths()[0].depth, 17U);
    QCOMPARE(recording.depths()[1].depth, 9U);
    QCOMPARE(recording.channels()[0].max_depth, std::uint64_t{17});
    QCOMPARE(recording.channels()[0].messages, std::uint64_t{101});
}

void TestOfRecording::a_pause_is_no_stop()
{
    constexpr std::uint64_t ms = 1'000'000;
    OneLane one;
    const std::uint32_t main = one.builder.start_lane(lane_in(9));
    one.builder.pause(10 * ms);
    const Events during = {note(10 * ms, EventKind::process_stopped, 1, 1)};
    one.builder.apply(main, during);
    one.builder.resume(20 * ms);
    // The main process goes on first, and sees that its child still stands.
    const Events after = {note(20 * ms + 100, EventKind::process_continued, 1, 1),
        note(21 * ms, EventKind::process_stopped, 1, 1),
        note(22 * ms, EventKind::process_continued, 1, 1)};
    one.builder.apply(main, after);
    QVERIFY(one.result().stops.empty());
    const Events later = {note(40 * ms, EventKind::process_stopped, 1, 1),
        note(45 * ms, EventKind::process_continued, 1, 1)};
    one.builder.apply(main, later);
    QCOMPARE(one.result().stops.size(), std::size_t{1});
    QCOMPARE(one.result().stops[0].length_ns(), std::int64_t{5 * ms});
    QVERIFY(!one.result().damaged);
}

void TestOfRecording::a_pause_ends_stops()
{
    constexpr std::uint64_t ms = 1'000'000;
    OneLane one;
    const std::uint32_t main = one.builder.start_lane(lane_in(9));
    one.apply({begin(0, State::computing)});
    const Events before = {note(5 * ms, EventKind::process_stopped, 1, 1)};
    one.builder.apply(main, before);
    one.builder.pause(10 * ms);
    QCOMPARE(one.result().stops[0].end_ns, open_end);
    one.builder.resume(20 * ms);
    QCOMPARE(one.result().stops[0].end_ns, std::int64_t{20 * ms});
    const Events after = {note(23 * ms, EventKind::process_continued, 1, 1)};
    one.builder.apply(main, after);
    QCOMPARE(one.result().stops[0].end_ns, std::int64_t{20 * ms});
    one.builder.advance(30 * ms);
    const TimeBudget budget = time_budget(one.builder.recording(), {0, 30 * ms});
    QCOMPARE(budget.lanes[one.lane][BudgetCategory::stopped], 5e-3);
    QCOMPARE(budget.lanes[one.lane][BudgetCategory::computing], 15e-3);
    QCOMPARE(budget.lanes[one.lane].total_s, 20e-3);
}

void TestOfRecording::pauses_come_in_order()
{
    OneLane one;
    const Recording& recording = one.builder.recording();
    one.builder.resume(5);
    QVERIFY(recording.pauses().empty());
    one.builder.pause(10);
    one.builder.pause(12);
    QCOMPARE(recording.pauses().size(), std::size_t{1});
    QCOMPARE(recording.pauses()[0].end_ns, open_end);
    one.builder.resume(8); // before its begin
    QCOMPARE(recording.pauses()[0].length_ns(), std::int64_t{0});
    const std::uint64_t revision = recording.revision();
    one.builder.resume(30);
    QCOMPARE(recording.revision(), revision);
    one.builder.pause(3); // before the end of the last one
    one.builder.resume(40);
    QCOMPARE(recording.pauses()[1].begin_ns, std::int64_t{10});
    QCOMPARE(recording.pauses()[1].end_ns, std::int64_t{40});
    QVERIFY(recording.revision() != revision);
}

void TestOfRecording::exceptions_stay_with_their_lane()
{
    OneLane one;
    const std::uint32_t other = one.builder.start_lane(lane_in(2));
    one.builder.text(one.lane, {TextKind::exception, 0, "std::runtime_error\nline\nand line"});
    one.builder.text(other, {TextKind::exception, 0, "unknown type\n"});
    QCOMPARE(one.result().exception, std::string("std::runtime_error: line\nand line"));
    QCOMPARE(one.builder.recording().lanes()[other].exception, std::string("unknown type"));
}

void TestOfRecording::printed_lines()
{
    OneLane one;
    one.builder.text(one.lane, {TextKind::output_line, 0, "from a lane"});
    one.builder.raw_output("from nowhere\n");
    const auto& output = one.builder.recording().output();
    QCOMPARE(output.size(), std::size_t{2});
    QCOMPARE(output[0].lane, one.lane);
    QCOMPARE(output[0].text, std::string("from a lane"));
    QCOMPARE(output[1].lane, no_subject);
    QCOMPARE(output[1].text, std::string("from nowhere\n"));
}

void TestOfRecording::shown_interval()
{
    OneLane one; // lives from the beginning: outside of every phase
    RecordingBuilder& builder = one.builder;
    const auto shown = [&] {
        const Interval interval = builder.recording().shown_interval();
        return std::to_string(interval.begin_ns) + "-" + std::to_string(interval.end_ns);
    };
    builder.advance(50);
    QCOMPARE(shown(), std::string("0-50"));

    // A repeat without processes, then with two.
    builder.phase(PhaseKind::repeat, 0, 100, 0, 0);
    builder.advance(120);
    QCOMPARE(shown(), std::string("100-120"));
    const std::uint32_t first = builder.start_lane(lane_in(2, 130));
    const std::uint32_t second = builder.start_lane(lane_in(3, 140));
    builder.advance(200);
    QCOMPARE(shown(), std::string("130-200"));
    builder.end_lane(first, {.end_ticks = 250, .exit = 0});
    builder.end_lane(second, {.end_ticks = 240, .exit = 0});
    builder.phase(PhaseKind::repeat, 0, 100, 300, 17);
    builder.advance(400);
    QCOMPARE(shown(), std::string("130-250"));
    const Phase* const phase = builder.recording().last_phase(PhaseKind::repeat);
    QVERIFY(phase != nullptr);
    QCOMPARE(phase->end_ns, std::int64_t{300});
    QCOMPARE(phase->work, std::uint64_t{17});
    QCOMPARE(builder.recording().last_phase(PhaseKind::baseline), nullptr);
}

void TestOfRecording::phases_end_with_the_run()
{
    RecordingBuilder builder(plain_clock(), 0);
    builder.end_phase(5);
    builder.phase(PhaseKind::baseline, 0, 10, 0, 0);
    builder.phase(PhaseKind::baseline, 0, 10, 20, 1);
    builder.phase(PhaseKind::repeat, 0, 20, 0, 0);
    builder.end_phase(33);
    builder.end_phase(44);
    const auto& phases = builder.recording().phases();
    QCOMPARE(readable(phases), (Lines{"baseline 0", "repeat 0"}));
    QCOMPARE(phases[0].end_ns, std::int64_t{20});
    QCOMPARE(phases[1].end_ns, std::int64_t{33});
}

void TestOfRecording::time_stands_still_rather_than_running_backwards()
{
    OneLane one;
    one.apply({begin(100, State::computing), end(50, State::computing), begin(80, State::idle),
        end(101, State::idle)});
    QCOMPARE(readable(one.result().spans), (Lines{"computing 100-100 0", "idle 100-101 0"}));
    one.builder.end_lane(one.lane, {.end_ticks = 20, .exit = 0});
    QCOMPARE(one.result().end_ns, std::int64_t{101});
}

void TestOfRecording::every_change_is_seen()
{
    OneLane one;
    std::uint64_t last = one.builder.recording().revision();
    const auto changed
        = [&] { return std::exchange(last, one.builder.recording().revision()) != last; };
    one.apply({begin(1, State::computing)});
    QVERIFY(changed());
    one.apply({});
    QVERIFY(!changed());
    one.builder.text(one.lane, {TextKind::output_line, 0, ""});
    QVERIFY(changed());
    one.builder.counters(one.lane, 1, 2, 0, 0);
    QVERIFY(changed());
    one.builder.counters(one.lane, 1, 2, 0, 0);
    QVERIFY(!changed());
    one.builder.work_sample(10, 5);
    QVERIFY(changed());
    one.builder.work_sample(20, 5);
    QVERIFY(!changed());
    one.builder.damaged(one.lane);
    QVERIFY(changed());
    one.builder.damaged(one.lane);
    QVERIFY(!changed());
    one.builder.advance(1'000);
    QVERIFY(changed());
    one.builder.advance(999);
    QVERIFY(!changed());
    one.builder.resources(one.lane, 1, 1);
    QVERIFY(changed());
    one.builder.end_lane(one.lane, {.end_ticks = 2'000, .exit = 0});
    QVERIFY(changed());
}

void TestOfRecording::random_events_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<bool>("plausible");
    for (int seed = 1; seed <= 20; ++seed) {
        QTest::newRow(("any bytes, seed " + std::to_string(seed)).c_str()) << seed << false;
        QTest::newRow(("likely ones, seed " + std::to_string(seed)).c_str()) << seed << true;
    }
}

void TestOfRecording::random_events()
{
    QFETCH(bool, plausible);
    std::mt19937_64 random = random_of_row();
    std::uint64_t now = 1'000;
    RecordingBuilder builder(plain_clock(), 1'000);
    const auto any_time = [&] { return plausible ? now : pick_any(random); };
    std::uint32_t lanes = 0;
    for (int round = 0; round < 600; ++round) {
        const auto lane = static_cast<std::uint32_t>(pick(random, 0, lanes));
        switch (pick(random, 0, 12)) {
        case 12:
            pick(random, 0, 1) == 0 ? builder.pause(any_time()) : builder.resume(any_time());
            break;
        case 0:
            if (lanes < 12) {
                LaneStart start = lane_in(static_cast<std::uint32_t>(pick(random, 0, 5)),
                    any_time(), pick(random, 0, 1) == 0);
                start.role = static_cast<Role>(pick(random, 0, 2));
                start.generation = static_cast<std::uint32_t>(pick(random, 0, 3));
                builder.start_lane(start);
                ++lanes;
            }
            break;
        case 1:
            if (pick(random, 0, 9) == 0)
                builder.end_lane(lane,
                    {.end_ticks = any_time(),
                        .exit = static_cast<int>(random()),
                        .run_delay_ns = static_cast<std::int64_t>(pick_any(random))});
            break;
        case 2: {
            const std::string text = "file\n" + std::to_string(pick_any(random)) + "\nf\n\n";
            builder.text(lane,
                {static_cast<TextKind>(pick(random, 0, 12)),
                    static_cast<std::uint16_t>(random_number<unsigned>(random, {0, 1, 2})),
                    std::string_view(text).substr(0, pick(random, 0, text.size()))});
            break;
        }
        case 3:
            builder.phase(static_cast<PhaseKind>(pick(random, 0, 2)),
                static_cast<int>(pick(random, 0, 3)), any_time(), any_time(), random());
            break;
        case 4:
            if (lane < lanes)
                builder.resources(lane, static_cast<std::int64_t>(random()),
                    static_cast<std::int64_t>(pick_any(random)));
            break;
        case 5:
            builder.work_sample(any_time(), random());
            break;
        default: {
            Events events;
            const std::uint64_t count = pick(random, 0, 40);
            for (std::uint64_t i = 0; i < count; ++i)
                events.push_back(random_event(random, plausible, now));
            builder.apply(lane, events);
        }
        }
        if (round % 100 != 99)
            continue;
        const Recording& recording = builder.recording();
        QCOMPARE(broken_promises(recording), std::string());
        QCOMPARE(wrong_budget(recording, recording.shown_interval()), std::string());
        QCOMPARE(wrong_budget(recording, {0, recording.now_ns()}), std::string());
        const auto middle = static_cast<std::int64_t>(
            pick(random, 0, static_cast<std::uint64_t>(recording.now_ns())));
        QCOMPARE(wrong_budget(recording, {middle / 2, middle}), std::string());
    }
    // Something was recorded, or all of this says nothing.
    QVERIFY(builder.recording().events_recorded() > 1'000);
    std::size_t spans = 0;
    for (const Lane& lane : builder.recording().lanes())
        spans += lane.spans.size();
    QVERIFY(spans > lanes);
    const Recording taken = std::move(builder).take();
    QCOMPARE(broken_promises(taken), std::string());
}

void TestOfRecording::announcement_there_and_back()
{
    const PhaseRecord record = {.kind = PhaseKind::warm_up,
        .number = 3,
        .group = 4'000'000'000,
        .begin_ticks = 18'000'000'000'000'000'000U,
        .end_ticks = 18'000'000'000'000'000'001U,
        .work = 12,
        .wall_ns = 1'234'567'890'123,
        .main_cpu_ns = 5,
        .main_run_delay_ns = 6};
    const auto back = phase_record_from(to_text(record));
    QVERIFY(back.has_value());
    QVERIFY(back->kind == record.kind);
    QCOMPARE(back->number, record.number);
    QCOMPARE(back->group, record.group);
    QCOMPARE(back->begin_ticks, record.begin_ticks);
    QCOMPARE(back->end_ticks, record.end_ticks);
    QCOMPARE(back->work, record.work);
    QCOMPARE(back->wall_ns, record.wall_ns);
    QCOMPARE(back->main_cpu_ns, record.main_cpu_ns);
    QCOMPARE(back->main_run_delay_ns, record.main_run_delay_ns);
}

void TestOfRecording::no_announcement_data()
{
    const std::string whole = to_text(PhaseRecord());
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing") << "";
    QTest::newRow("no JSON") << "repeat 1";
    QTest::newRow("no object") << "[1,2]";
    QTest::newRow("an object of others") << R"({"a":1})";
    QTest::newRow("cut off") << QString::fromStdString(whole.substr(0, whole.size() / 2));
    QTest::newRow("a kind of none")
        << QString::fromStdString(whole).replace(R"("kind":2)", R"("kind":3)");
    QTest::newRow("a negative kind")
        << QString::fromStdString(whole).replace(R"("kind":2)", R"("kind":-1)");
    QTest::newRow("text for a number")
        << QString::fromStdString(whole).replace(R"("work":0)", R"("work":"0")");
    QTest::newRow("bytes that are no text") << QString::fromLatin1("\xff\xfe\x00", 3);
}

void TestOfRecording::no_announcement()
{
    QFETCH(QString, text);
    QVERIFY(!phase_record_from(text.toStdString()).has_value());
}

void TestOfRecording::groups_are_split_by_phase_data()
{
    add_seed_rows(30);
}

// However often, and whenever, somebody looks: the recordings are the same.
void TestOfRecording::groups_are_split_by_phase()
{
    std::mt19937_64 random = random_of_row();
    FakeLesson lesson;
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    const std::uint64_t haste = pick(random, 0, 40); // 0: nobody looks before the end
    const auto maybe_poll = [&] {
        if (haste != 0 && pick(random, 0, haste) == 0)
            recordings.poll();
    };
    std::map<std::uint32_t, std::vector<std::uint32_t>> expected;
    std::map<std::uint32_t, std::size_t> workers;
    std::uint32_t task = 0;
    const auto work = [&](std::uint32_t group) {
        const std::uint64_t tasks = pick(random, 0, 30);
        for (std::uint64_t i = 0; i < tasks; ++i) {
            do_task(lesson.main, task);
            expected[group].push_back(task++);
            maybe_poll();
        }
    };
    lesson.start_main();
    maybe_poll();
    const auto groups = static_cast<std::uint32_t>(pick(random, 1, 6));
    for (std::uint32_t group = 0; group < groups; ++group) {
        const int number = static_cast<int>(group);
        if (pick(random, 0, 1) == 0) {
            lesson.begin_phase(PhaseKind::baseline, number, group);
            work(group);
            lesson.end_phase();
            maybe_poll();
        }
        lesson.begin_phase(PhaseKind::repeat, number, group);
        maybe_poll();
        work(group);
        if (pick(random, 0, 2) != 0) {
            Recorder worker = lesson.start_worker(group + 1, "Worker-" + std::to_string(group));
            maybe_poll();
            do_task(worker, 1'000'000 + group);
            lesson.end_worker(group + 1, 0);
            workers[group] = 1;
        }
        lesson.end_phase(1'000, 10 * group);
        maybe_poll();
        work(group);
    }
    recordings.poll();

    QCOMPARE(recordings.repeats().size(), std::size_t{groups});
    QVERIFY(!recordings.phase_under_way().has_value());
    for (std::uint32_t group = 0; group < groups; ++group) {
        const Recording* const recording = recordings.of_group(group);
        QVERIFY(recording != nullptr);
        QCOMPARE(broken_promises(*recording), std::string());
        QCOMPARE(recording->lanes().size(), 1 + workers[group]);
        QVERIFY(recording->lanes()[0].role == Role::main);
        QVERIFY(!recording->lanes()[0].damaged);
        std::vector<std::uint32_t> of_main;
        for (const Task& one : recording->tasks()) {
            if (one.lane == 0)
                of_main.push_back(one.index);
            QVERIFY(one.outcome == Task::Outcome::done);
        }
        QCOMPARE(of_main, expected[group]);
        QCOMPARE(recording->lanes()[0].ended(), group + 1 < groups);
        const Phase* const repeat = recording->last_phase(PhaseKind::repeat);
        QVERIFY(repeat != nullptr);
        QCOMPARE(repeat->number, static_cast<int>(group));
        QCOMPARE(repeat->work, std::uint64_t{10} * group);
        for (const Phase& phase : recording->phases())
            QVERIFY(phase.end_ns != open_end);
        QVERIFY(recording->phases().size() <= 2);
    }
    QCOMPARE(recordings.of_group(groups), nullptr);
    QCOMPARE(recordings.events_dropped(), std::uint64_t{0});
}

// More events than are read at once lie before the text that ends their group.
void TestOfRecording::busy_main_is_split_where_it_began()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    for (std::uint32_t task = 0; task < 30'000; ++task)
        do_task(lesson.main, task);
    lesson.end_phase();
    lesson.begin_phase(PhaseKind::repeat, 1, 1);
    do_task(lesson.main, 777'777);
    lesson.end_phase();
    recordings.poll();
    QCOMPARE(recordings.of_group(0)->tasks().size(), std::size_t{30'000});
    QCOMPARE(tasks_of(*recordings.of_group(1)), (std::vector<std::uint32_t>{777'777}));
    QVERIFY(!recordings.of_group(1)->lanes()[0].damaged);
    QVERIFY(
        recordings.of_group(0)->lanes()[0].end_ns <= recordings.of_group(1)->lanes()[0].start_ns);
}

void TestOfRecording::untraced_run_has_phases()
{
    FakeLesson lesson(false);
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::baseline, 0, 0);
    recordings.poll();
    QVERIFY(recordings.phase_under_way().has_value());
    lesson.segment.slot(main_slot).work_done.store(5);
    recordings.poll();
    QCOMPARE(recordings.current().work_samples().back().work, std::uint64_t{5});
    lesson.end_phase(1'000, 6);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    lesson.end_phase(500, 6);
    lesson.begin_phase(PhaseKind::repeat, 1, 1);
    recordings.poll();
    QCOMPARE(readable(recordings.of_group(0)->phases()), (Lines{"baseline 0", "repeat 0"}));
    QCOMPARE(readable(recordings.current().phases()), (Lines{"repeat 1 open"}));
    QCOMPARE(recordings.repeats().size(), std::size_t{1});
    QCOMPARE(recordings.repeats()[0].wall_ns, std::int64_t{500});
    QCOMPARE(recordings.events_recorded(), std::uint64_t{0});
}

void TestOfRecording::phases_that_begin_and_end_between_two_looks()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    recordings.poll();
    for (std::uint32_t group = 1; group <= 3; ++group) {
        lesson.begin_phase(PhaseKind::baseline, static_cast<int>(group), group);
        lesson.end_phase(10, 7);
        lesson.begin_phase(PhaseKind::repeat, static_cast<int>(group), group);
        lesson.end_phase(5, 7);
    }
    recordings.poll();
    QCOMPARE(recordings.phases().size(), std::size_t{6});
    for (std::uint32_t group = 1; group <= 3; ++group) {
        const Recording* const recording = recordings.of_group(group);
        QVERIFY(recording != nullptr);
        const std::string number = std::to_string(group);
        QCOMPARE(readable(recording->phases()), (Lines{"baseline " + number, "repeat " + number}));
        for (const Phase& phase : recording->phases())
            QCOMPARE(phase.work, std::uint64_t{7});
    }
}

void TestOfRecording::places_of_main_are_known_in_every_group()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    for (std::uint32_t group = 0; group < 4; ++group) {
        lesson.begin_phase(PhaseKind::repeat, static_cast<int>(group), group);
        lesson.main.begin(State::joining, event_without_subject,
            lesson.main.place(std::source_location::current()));
        lesson.main.end(State::joining);
        lesson.end_phase();
        if (group % 2 == 0)
            recordings.poll();
    }
    recordings.poll();
    for (std::uint32_t group = 0; group < 4; ++group) {
        const Recording& recording = *recordings.of_group(group);
        const Span& span = recording.lanes()[0].spans.back();
        QVERIFY(span.state == State::joining);
        const std::string& file = recording.places()[span.place].file;
        QVERIFY2(file.ends_with("tst_recording.cpp"), file.c_str());
        QCOMPARE(recording.places().size(), std::size_t{2});
    }
}

void TestOfRecording::gates_and_pauses_are_known_in_every_group()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    for (std::uint32_t group = 0; group < 4; ++group) {
        lesson.begin_phase(PhaseKind::repeat, static_cast<int>(group), group);
        // Its number comes once, with the first.
        lesson.main.begin(State::held, lesson.main.gate("start"));
        lesson.main.end(State::held);
        if (group == 1)
            recordings.pause(lesson.main.ticks());
        if (group == 2)
            recordings.resume(lesson.main.ticks());
        lesson.end_phase();
        if (group % 2 == 0)
            recordings.poll();
    }
    recordings.poll();
    for (std::uint32_t group = 0; group < 4; ++group) {
        const Recording& recording = *recordings.of_group(group);
        QCOMPARE(recording.gates(), Lines{"start"});
        QCOMPARE(recording.lanes()[0].spans.back().subject, 0U);
        QCOMPARE(recording.pauses().size(), std::size_t{1});
        QVERIFY(recording.pauses()[0].end_ns != open_end);
        QCOMPARE(recording.pauses()[0].begin_ns, recordings.current().pauses()[0].begin_ns);
        QCOMPARE(recording.pauses()[0].end_ns, recordings.current().pauses()[0].end_ns);
    }
}

void TestOfRecording::the_end_ends_a_pause()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    recordings.poll();
    recordings.pause(lesson.main.ticks());
    recordings.end_main({.end_ticks = lesson.main.ticks(), .exit = -9});
    const Recording& recording = recordings.current();
    QCOMPARE(recording.pauses().size(), std::size_t{1});
    QVERIFY(recording.pauses()[0].end_ns != open_end);
    QVERIFY(broken_promises(recording).empty());
}

void TestOfRecording::everybodys_summaries_are_noticed_data()
{
    QTest::addColumn<bool>("main");
    QTest::addColumn<EventKind>("kind");
    QTest::addColumn<bool>("summarised");
    QTest::newRow("main sends") << true << EventKind::messages_sent << true;
    QTest::newRow("main receives") << true << EventKind::messages_received << true;
    QTest::newRow("a worker sends") << false << EventKind::messages_sent << true;
    QTest::newRow("a worker receives") << false << EventKind::messages_received << true;
    QTest::newRow("main sends one") << true << EventKind::message_sent << false;
    QTest::newRow("a worker sends one") << false << EventKind::message_sent << false;
}

void TestOfRecording::everybodys_summaries_are_noticed()
{
    QFETCH(bool, main);
    QFETCH(EventKind, kind);
    QFETCH(bool, summarised);
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    Recorder worker = lesson.start_worker(1, "Worker-1");
    (main ? lesson.main : worker).event(kind, 0, 5, pack_message(0, 10));
    recordings.poll();
    QCOMPARE(recordings.summarised(), summarised);
}

void TestOfRecording::full_ring_is_counted_and_no_damage()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    Recorder worker = lesson.start_worker(1, "Worker-1");
    // Begins fill the rings to the last place, so that this one's begin is dropped, not its end.
    for (Recorder* const recorder : {&worker, &lesson.main}) {
        for (std::size_t i = 0; i < ring_capacity(ring_bytes); ++i)
            recorder->event(EventKind::mark, 0, 0, 0);
        recorder->begin(State::sleeping);
    }
    recordings.poll();
    worker.end(State::sleeping);
    lesson.main.end(State::sleeping);
    recordings.poll();
    QCOMPARE(recordings.events_dropped(), std::uint64_t{2});
    for (const Lane& lane : recordings.current().lanes()) {
        QCOMPARE(lane.events_dropped, std::uint64_t{1});
        QVERIFY2(!lane.damaged, lane.name.c_str());
    }
    lesson.end_worker(1, 0);
    recordings.poll();
    QCOMPARE(recordings.events_dropped(), std::uint64_t{2});

    // All in one look, too.
    Recorder next = lesson.start_worker(1, "Worker-2");
    for (std::size_t i = 0; i < ring_capacity(ring_bytes) + 10; ++i)
        next.begin(State::computing);
    recordings.poll();
    QCOMPARE(recordings.events_dropped(), std::uint64_t{12});
}

void TestOfRecording::stop_of_a_worker()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    lesson.start_worker(1, "Worker-1");
    recordings.poll();
    lesson.main.event(EventKind::process_stopped, 0, 1, lesson.segment.slot(1).generation.load());
    lesson.main.event(EventKind::process_continued, 0, 1, lesson.segment.slot(1).generation.load());
    recordings.poll();
    QCOMPARE(recordings.current().lanes()[1].stops.size(), std::size_t{1});
    QVERIFY(recordings.current().lanes()[1].stops[0].end_ns != open_end);
}

void TestOfRecording::median_repeat_is_kept_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<int>("repeats");
    for (int repeats = 1; repeats <= 9; ++repeats) {
        for (int seed = 1; seed <= 6; ++seed)
            QTest::newRow(
                (std::to_string(repeats) + " repeats, seed " + std::to_string(seed)).c_str())
                << seed << repeats;
    }
}

void TestOfRecording::median_repeat_is_kept()
{
    QFETCH(int, repeats);
    std::mt19937_64 random = random_of_row();
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, repeats);
    lesson.begin_phase(PhaseKind::warm_up, 0, 0);
    lesson.end_phase();
    const std::uint64_t longest = pick(random, 0, 1) == 0 ? 4 : 1'000'000; // with ties, and without
    std::vector<double> walls;
    for (int i = 0; i < repeats; ++i) {
        const auto group = static_cast<std::uint32_t>(i) + 1;
        lesson.begin_phase(PhaseKind::baseline, i, group);
        lesson.end_phase(static_cast<std::int64_t>(pick(random, 1, longest)));
        lesson.begin_phase(PhaseKind::repeat, i, group);
        Recorder worker = lesson.start_worker(1, "Worker-" + std::to_string(i));
        do_task(worker, static_cast<std::uint32_t>(i));
        recordings.poll();
        lesson.end_worker(1, 0);
        const std::uint64_t wall = pick(random, 1, longest);
        walls.push_back(static_cast<double>(wall));
        lesson.end_phase(static_cast<std::int64_t>(wall));
        // Late here, too: several repeats may end between two looks; the slot is drained all the
        // same.
        recordings.poll();
        QCOMPARE(recordings.repeats().size(), walls.size());
    }
    const std::size_t shown = median_index(walls);
    for (std::size_t i = 0; i < walls.size(); ++i) {
        const Recording* const recording = recordings.of_group(static_cast<std::uint32_t>(i) + 1);
        if (i == shown) {
            QVERIFY(recording != nullptr);
            QCOMPARE(
                tasks_of(*recording), std::vector<std::uint32_t>{static_cast<std::uint32_t>(i)});
            QCOMPARE(recording->last_phase(PhaseKind::repeat)->number, static_cast<int>(i));
        } else if (repeats >= 3 && i + 1 < walls.size()) {
            QCOMPARE(recording, nullptr);
        }
    }
}

void TestOfRecording::worker_outlives_its_repeat()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 5);
    Recorder orphan;
    for (std::uint32_t group = 1; group <= 5; ++group) {
        lesson.begin_phase(PhaseKind::repeat, static_cast<int>(group), group);
        if (group == 1)
            orphan = lesson.start_worker(1, "orphan");
        recordings.poll();
        // The first is the slowest: no candidate from the third on.
        lesson.end_phase(group == 1 ? 1'000 : group);
        do_task(orphan, group);
        recordings.poll();
        QVERIFY(recordings.of_group(1) != nullptr);
    }
    QCOMPARE(tasks_of(*recordings.of_group(1)), (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
    lesson.end_worker(1, 0);
    recordings.poll();
    QCOMPARE(recordings.of_group(1), nullptr);
    QCOMPARE(lesson.segment.slot(1).drained.load(), 1U);
    QCOMPARE(recordings.live().size(), std::size_t{1}); // main
}

void TestOfRecording::document_and_exception()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    recordings.poll();
    QCOMPARE(recordings.document(), std::string());
    QCOMPARE(recordings.main_exception(), std::string());
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    Recorder worker = lesson.start_worker(1, "Worker-1");
    worker.text(TextKind::document, 0, "a worker has none");
    worker.text(TextKind::exception, 0, "std::logic_error\nof the worker");
    lesson.main.text(TextKind::phase, 0, "{no announcement");
    lesson.main.text(TextKind::output_line, 0, "done");
    lesson.main.text(TextKind::exception, 0, "std::runtime_error\nno luck");
    const std::string document(400'000, 'd');
    QVERIFY(lesson.main.text(TextKind::document, 0, document));
    recordings.poll();
    QCOMPARE(recordings.document(), document);
    QCOMPARE(recordings.main_exception(), std::string("std::runtime_error\nno luck"));
    QCOMPARE(recordings.current().output().size(), std::size_t{1});
    QCOMPARE(recordings.current().output()[0].text, std::string("done"));
    recordings.raw_output("raw");
    QCOMPARE(recordings.current().output().size(), std::size_t{2});
}

void TestOfRecording::end_of_main_ends_every_lane()
{
    FakeLesson lesson;
    lesson.start_main();
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    lesson.begin_phase(PhaseKind::repeat, 0, 0);
    Recorder worker = lesson.start_worker(1, "Worker-1");
    worker.begin(State::computing);
    worker.event(EventKind::task_begun, 0, 1, 0);
    lesson.main.begin(State::waiting_data);
    recordings.poll();
    for (const RunRecordings::LiveLane& lane : recordings.live())
        recordings.resources(lane, 55, 5);
    QCOMPARE(recordings.live().size(), std::size_t{2});
    recordings.end_main({.end_ticks = lesson.main.ticks(), .exit = -15, .cpu_ns = 99});
    const Recording& recording = recordings.current();
    QCOMPARE(broken_promises(recording), std::string());
    for (const Lane& lane : recording.lanes()) {
        QVERIFY(lane.ended());
        QCOMPARE(lane.spans.back().end_ns, lane.end_ns);
    }
    QCOMPARE(recording.lanes()[0].exit.value(), -15);
    QVERIFY(!recording.lanes()[1].exit.has_value()); // nobody learned it
    QVERIFY(recording.tasks()[0].outcome == Task::Outcome::lost);
    QVERIFY(recording.phases()[0].end_ns != open_end);
    QVERIFY(!recordings.phase_under_way().has_value());
}

void TestOfRecording::nothing_before_main()
{
    // Slots that are taken while there is no main process: nobody honest does that.
    FakeLesson lesson;
    lesson.begin_phase(PhaseKind::repeat, 0, 7);
    Recorder worker = lesson.start_worker(1, "early");
    do_task(worker, 1);
    RunRecordings recordings(lesson.segment, RingReading::taking, 0);
    recordings.poll();
    QCOMPARE(recordings.current().lanes().size(), std::size_t{0});
    lesson.start_main();
    recordings.poll();
    QVERIFY(recordings.of_group(7) != nullptr);
    QCOMPARE(recordings.of_group(7)->lanes().size(), std::size_t{2});
}

void TestOfRecording::hostile_announcements_data()
{
    add_seed_rows(10);
}

void TestOfRecording::hostile_announcements()
{
    std::mt19937_64 random = random_of_row();
    FakeLesson lesson;
    RunRecordings recordings(lesson.segment, RingReading::taking, 3);
    for (int round = 0; round < 400; ++round) {
        if (round == 20)
            lesson.start_main();
        PhaseRecord record;
        record.kind = static_cast<PhaseKind>(pick(random, 0, 2));
        record.number = static_cast<int>(random_number<std::uint32_t>(random, {0, 1, 2, 3}));
        record.group = random_number<std::uint32_t>(random, {0, 1, 2, 3, 4, 5});
        record.begin_ticks = random_number<std::uint64_t>(random, {0, lesson.main.ticks()});
        record.end_ticks = random_number<std::uint64_t>(random, {0, lesson.main.ticks()});
        record.wall_ns = static_cast<std::int64_t>(random_number<std::uint64_t>(random, {1, 2, 3}));
        record.main_run_delay_ns = static_cast<std::int64_t>(random());
        std::string text = to_text(record);
        if (pick(random, 0, 9) == 0)
            text[pick(random, 0, text.size() - 1)] = static_cast<char>(random());
        lesson.main.text(TextKind::phase, 0, text);
        const auto slot = static_cast<std::uint32_t>(pick(random, 1, 3));
        if (pick(random, 0, 3) == 0) {
            Recorder worker = lesson.start_worker(slot, "Worker");
            lesson.segment.slot(slot).group.store(record.group);
            do_task(worker, 1);
        } else if (pick(random, 0, 1) == 0) {
            lesson.end_worker(slot, 1);
        }
        do_task(lesson.main, static_cast<std::uint32_t>(round));
        if (pick(random, 0, 2) == 0)
            recordings.poll();
        for (std::uint32_t group = 0; group < 6; ++group) {
            if (const Recording* const recording = recordings.of_group(group)) {
                QCOMPARE(broken_promises(*recording), std::string());
                QCOMPARE(wrong_budget(*recording, recording->shown_interval()), std::string());
            }
        }
    }
    recordings.end_main({.end_ticks = random(), .exit = 0});
    QCOMPARE(broken_promises(recordings.current()), std::string());
}

void TestOfRecording::hostile_slots_data()
{
    add_seed_rows(10);
}

void TestOfRecording::hostile_slots()
{
    std::mt19937_64 random = random_of_row();
    FakeLesson lesson;
    lesson.start_main();
    constexpr std::uint32_t slot_count = 4;
    for (std::uint32_t slot = 1; slot < slot_count; ++slot)
        lesson.segment.back_slot(slot);
    RunRecordings recordings(lesson.segment, RingReading::taking, 3);
    for (int round = 0; round < 300; ++round) {
        const auto number = static_cast<std::uint32_t>(pick(random, 0, slot_count - 1));
        Slot& slot = lesson.segment.slot(number);
        auto* const bytes = reinterpret_cast<unsigned char*>(&slot);
        for (std::size_t i = 0; i < sizeof slot; ++i)
            bytes[i] = static_cast<unsigned char>(random());
        slot.state.store(static_cast<std::uint32_t>(pick(random, 0, 4)));
        slot.generation.store(static_cast<std::uint32_t>(pick(random, 0, 4)));
        slot.group.store(random_number<std::uint32_t>(random, {0, 1, 2, 3}));
        lesson.segment.clear_slot(number);
        if (pick(random, 0, 1) == 0) {
            RingWriter ring = lesson.segment.ring_writer(number);
            std::uint64_t now = lesson.main.ticks();
            const bool plausible = pick(random, 0, 1) == 0;
            for (int i = 0; i < 200; ++i)
                ring.push(random_event(random, plausible, now));
        } else {
            const std::uint64_t length = pick(random, 0, 1) == 0 ? pick(random, 0, 500) : random();
            std::memcpy(lesson.segment.text(number), &length, sizeof length);
        }
        lesson.segment.header().slots_used.store(
            random_number<std::uint32_t>(random, {0, slot_count}));
        recordings.poll();
        for (std::uint32_t group = 0; group < 4; ++group) {
            if (const Recording* const recording = recordings.of_group(group)) {
                QCOMPARE(broken_promises(*recording), std::string());
                QCOMPARE(wrong_budget(*recording, {0, recording->now_ns()}), std::string());
            }
        }
        recordings.events_dropped();
        recordings.live();
    }
    QVERIFY(recordings.events_recorded() > 1'000);
}

QTEST_APPLESS_MAIN(TestOfRecording)

#include "tst_recording.moc"
