// SPDX-License-Identifier: MIT
// Holding a run at its gates, stepping, pacing and pausing it: order and time as whoever observes
// has chosen, whatever else is done meanwhile, and nothing left behind.
#include "engine/analysis/time_budget.hpp"
#include "engine/os/error.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace manyhands;
using namespace manyhands::tests;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(RunState)

namespace {

constexpr const char* program = "manyhands-test-lessons";

std::unique_ptr<Session> held_lesson(const std::vector<std::string>& words, bool traced = true)
{
    SessionOptions options = lesson_options(program, "gates", words);
    options.hold_gates = true;
    options.traced = traced;
    return std::make_unique<Session>(std::move(options));
}

std::uint32_t lane_named(const Session& session, const std::string& name)
{
    const auto& lanes = session.recording().lanes();
    const auto found = std::find_if(
        lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.name == name; });
    return static_cast<std::uint32_t>(found - lanes.begin());
}

// The name of the gate that holds a lane; empty where none does.
std::string gate_of(const Session& session, std::uint32_t lane)
{
    for (const Session::HeldLane& held : session.held()) {
        if (held.lane == lane && held.gate != no_subject)
            return session.recording().gates().at(held.gate);
    }
    return {};
}

bool wait_at(Session& session, const std::string& worker, const std::string& gate)
{
    return poll_until(
        session, [&] { return gate_of(session, lane_named(session, worker)) == gate; });
}

// Polls until every process of the run has said that it is there.
bool wait_until_ready(Session& session, std::size_t processes)
{
    return poll_until(session, [&] { return session.recording().output().size() >= processes; });
}

// Looks after the run for a while, as a window does.
void poll_for(Session& session, std::chrono::milliseconds time)
{
    const auto end = std::chrono::steady_clock::now() + time;
    while (session.poll() && std::chrono::steady_clock::now() < end)
        session.wait(5ms);
}

bool is_marked(const Session& session, const std::string& mark)
{
    const auto marks = session.marks();
    return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

// What two workers that count in the order of `schedule` ('1' or '2' for each step) count to.
int counted(const std::string& schedule)
{
    int counter = 0;
    std::map<char, int> step;
    std::map<char, int> seen;
    for (const char worker : schedule) {
        switch (step[worker]++ % 3) {
        case 0:
            seen[worker] = counter;
            break;
        case 1:
            ++seen[worker];
            break;
        default:
            counter = seen[worker];
        }
    }
    return counter;
}

// What they store on the way.
std::string stores(const std::string& schedule)
{
    std::string found;
    std::map<char, int> step;
    for (std::size_t i = 0; i < schedule.size(); ++i) {
        if (++step[schedule[i]] % 3 == 0)
            found += std::to_string(counted(schedule.substr(0, i + 1)));
    }
    return found;
}

const char* const gate_names[] = {"before load", "before add", "before store", "at the end"};

// Reaps what came to us as a subreaper; whether nothing is left below us.
bool nobody_is_left()
{
    while (::waitpid(-1, nullptr, WNOHANG) > 0) { }
    return count_leftovers().descendants == 0;
}

} // namespace

class TestGates : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void takes_the_steps_in_the_order_chosen_data();
    void takes_the_steps_in_the_order_chosen();
    void steps_all_that_are_held();
    void steps_nobody_who_is_not_held();
    void keeps_the_pace();
    void refuses_what_is_no_pace_data();
    void refuses_what_is_no_pace();
    void lets_go_when_gates_are_opened();
    void counts_time_outs_in_run_time_data();
    void counts_time_outs_in_run_time();
    void pauses_in_every_order_data();
    void pauses_in_every_order();
    void takes_pauses_off_every_figure();
    void tells_a_pause_from_a_stop();
    void survives_whatever_is_done_data();
    void survives_whatever_is_done();
    void dies_with_its_observer_while_paused();
    void keeps_the_exception_with_its_lane();
    void tells_who_abandoned_a_lock_and_who_recovered_it();
};

void TestGates::initTestCase()
{
    // Orphans of what is tested here come to us, and are counted.
    QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

void TestGates::takes_the_steps_in_the_order_chosen_data()
{
    QTest::addColumn<std::string>("schedule");
    QTest::addColumn<bool>("traced");
    // Every order of three steps of one and three of the other.
    std::string schedule = "111222";
    do {
        QTest::addRow("%s counts to %d", schedule.c_str(), counted(schedule)) << schedule << true;
    } while (std::next_permutation(schedule.begin(), schedule.end()));
    QTest::newRow("121212, untraced") << std::string("121212") << false;
    QTest::newRow("twice each") << std::string("121212221121") << true;
}

void TestGates::takes_the_steps_in_the_order_chosen()
{
    QFETCH(std::string, schedule);
    QFETCH(bool, traced);
    const Leftovers before = count_leftovers();
    {
        const auto session = held_lesson({"times=" + std::to_string(schedule.size() / 6)}, traced);
        std::map<char, int> steps;
        for (const char worker : {'1', '2'})
            QVERIFY(wait_at(*session, std::string("Worker-") + worker, "before load"));
        for (const char worker : schedule) {
            const std::string name = std::string("Worker-") + worker;
            QVERIFY(session->step(lane_named(*session, name)));
            const bool last = ++steps[worker] == static_cast<int>(schedule.size() / 2);
            QVERIFY(wait_at(*session, name, gate_names[last ? 3 : steps[worker] % 3]));
        }
        session->open_gates();
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::done);
        QCOMPARE(session->document()->result.at("counter").get<int>(), counted(schedule));
        QVERIFY(is_marked(*session, "stepped"));
        QVERIFY(!is_marked(*session, "slowed"));

        // The recording tells the same order: the ends of the stays at gates.
        const Recording& recording = session->recording();
        std::vector<std::pair<std::int64_t, char>> ends;
        for (const Lane& lane : recording.lanes()) {
            int stays = 0;
            for (const Span& span : lane.spans) {
                if (span.state != State::held)
                    continue;
                const bool last = stays == static_cast<int>(schedule.size() / 2);
                QCOMPARE(recording.gates().at(span.subject),
                    std::string(gate_names[last ? 3 : stays % 3]));
                QVERIFY(recording.places().at(span.place).file.ends_with("gates.cpp"));
                ++stays;
                if (!last)
                    ends.emplace_back(span.end_ns, lane.name.back());
            }
        }
        std::sort(ends.begin(), ends.end());
        std::string told;
        for (const auto& end : ends)
            told += end.second;
        QCOMPARE(told, traced ? schedule : std::string());
        // And what each of them stored.
        std::string stored;
        for (const ValueChange& change : recording.changes()) {
            QCOMPARE(recording.values().at(change.value), std::string("counter"));
            stored += std::to_string(change.now);
        }
        QCOMPARE(stored, traced ? stores(schedule) : std::string());
    }
    QTRY_VERIFY(nobody_is_left());
    QCOMPARE(count_leftovers().descriptors, before.descriptors);
}

void TestGates::steps_all_that_are_held()
{
    const auto session = held_lesson({"workers=5", "times=2"});
    const auto all_at = [&](const char* gate) {
        return poll_until(*session, [&] {
            const auto held = session->held();
            return held.size() == 5
                && std::all_of(held.begin(), held.end(), [&](const Session::HeldLane& lane) {
                       return gate_of(*session, lane.lane) == gate;
                   });
        });
    };
    for (int i = 0; i < 6; ++i) {
        QVERIFY(all_at(gate_names[i % 3]));
        QCOMPARE(session->step_all(), 5);
    }
    // In step, all of them saw the same: four of five are lost, twice.
    QVERIFY(all_at("at the end"));
    QCOMPARE(session->step_all(), 5);
    QVERIFY(finish(*session));
    QCOMPARE(session->document()->result.at("counter").get<int>(), 2);
    QCOMPARE(session->recording().gates().size(), std::size_t{4});
}

void TestGates::steps_nobody_who_is_not_held()
{
    const auto session = held_lesson({});
    QVERIFY(wait_at(*session, "Worker-1", "before load"));
    QVERIFY(wait_at(*session, "Worker-2", "before load"));
    const std::uint32_t one = lane_named(*session, "Worker-1");
    QVERIFY(!session->step(lane_named(*session, "main")));
    QVERIFY(!session->step(99));
    QVERIFY(!session->step(no_subject));
    // A second step before the first is taken is none, and is not remembered.
    ::kill(session->recording().lanes()[one].pid, SIGSTOP);
    QVERIFY(session->step(one));
    QVERIFY(!session->step(one));
    QCOMPARE(session->step_all(), 1);
    ::kill(session->recording().lanes()[one].pid, SIGCONT);
    QVERIFY(wait_at(*session, "Worker-1", "before add"));
    QVERIFY(wait_at(*session, "Worker-2", "before add"));
    poll_for(*session, 30ms);
    QCOMPARE(gate_of(*session, one), std::string("before add"));
    // Only while gates hold.
    session->pace_gates(1e-6);
    QVERIFY(!session->step(one));
    session->open_gates();
    QCOMPARE(session->step_all(), 0);
    QVERIFY(finish(*session));
    QVERIFY(session->held().empty());
    QVERIFY(!session->step(one));
    session->hold_gates();
    session->pause();
    QVERIFY(!session->paused());
}

void TestGates::keeps_the_pace()
{
    const auto session = held_lesson({"times=3"});
    session->pace_gates(100);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QVERIFY(is_marked(*session, "slowed"));
    int gaps = 0;
    for (const Lane& lane : session->recording().lanes()) {
        std::int64_t last = -1;
        for (const Span& span : lane.spans) {
            if (span.state != State::held)
                continue;
            // Ticks and the clock differ by far less than the millisecond.
            if (last >= 0)
                QVERIFY2(
                    span.end_ns - last > 9'000'000, std::to_string(span.end_ns - last).c_str());
            gaps += last >= 0 ? 1 : 0;
            last = span.end_ns;
        }
    }
    QCOMPARE(gaps, 2 * 9);
}

void TestGates::refuses_what_is_no_pace_data()
{
    QTest::addColumn<double>("pace");
    QTest::newRow("zero") << 0.0;
    QTest::newRow("negative") << -1.0;
    QTest::newRow("infinite") << std::numeric_limits<double>::infinity();
    QTest::newRow("not a number") << std::nan("");
}

void TestGates::refuses_what_is_no_pace()
{
    QFETCH(double, pace);
    const auto session = held_lesson({});
    QVERIFY_EXCEPTION_THROWN(session->pace_gates(pace), BadValue);
    QVERIFY(!is_marked(*session, "slowed"));
    session->pace_gates(std::numeric_limits<double>::denorm_min());
    session->pace_gates(std::numeric_limits<double>::max());
    QVERIFY(finish(*session));
}

void TestGates::lets_go_when_gates_are_opened()
{
    const auto session = held_lesson({"times=100"});
    QVERIFY(wait_at(*session, "Worker-1", "before load"));
    session->open_gates();
    // Nobody goes far before they are closed again, or all the way.
    session->hold_gates();
    poll_for(*session, 20ms);
    session->pace_gates(1e-6);
    poll_for(*session, 20ms);
    session->open_gates();
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QVERIFY(is_marked(*session, "stepped") && is_marked(*session, "slowed"));
}

void TestGates::counts_time_outs_in_run_time_data()
{
    QTest::addColumn<std::string>("what");
    QTest::addColumn<int>("pauses");
    for (const char* const what : {"queue", "lock", "semaphore", "join"}) {
        QTest::addRow("%s, not paused", what) << std::string(what) << 0;
        QTest::addRow("%s, paused once", what) << std::string(what) << 1;
        QTest::addRow("%s, paused three times", what) << std::string(what) << 3;
    }
}

void TestGates::counts_time_outs_in_run_time()
{
    QFETCH(std::string, what);
    QFETCH(int, pauses);
    const auto session = start_lesson(program, "gates", {"what=" + what, "workers=1"});
    QVERIFY(wait_until_ready(*session, what == "join" ? 2 : 1));
    for (int i = 0; i < pauses; ++i) {
        session->pause();
        poll_for(*session, pauses == 1 ? 1000ms : 350ms);
        session->resume();
        poll_for(*session, 10ms);
    }
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const auto& result = session->document()->result;
    const Recording& recording = session->recording();
    const Interval waited = {result.at("began_ns").get<std::int64_t>() - recording.origin_ns(),
        result.at("ended_ns").get<std::int64_t>() - recording.origin_ns()};
    const std::int64_t paused = recording.paused_within(waited);
    QCOMPARE(recording.pauses().size(), static_cast<std::size_t>(pauses));
    QVERIFY(pauses == 0 || paused >= 900'000'000);
    // Never early. The clocks of the recording and of the lesson agree to less than a millisecond.
    const std::string told = std::to_string(waited.length_ns() - paused) + " ns";
    QVERIFY2(waited.length_ns() - paused > 299'000'000, told.c_str());
}

void TestGates::pauses_in_every_order_data()
{
    // P: pause, R: resume, G: hold gates, O: open gates, S: stop. Then it is closed.
    QTest::addColumn<std::string>("actions");
    QTest::addColumn<int>("pauses");
    QTest::addColumn<RunState>("state");
    const auto row = [](const char* actions, int pauses, RunState state) {
        QTest::newRow(actions) << std::string(actions) << pauses << state;
    };
    row("", 0, RunState::running);
    row("P", 1, RunState::running);
    row("R", 0, RunState::running);
    row("PP", 1, RunState::running);
    row("PR", 1, RunState::running);
    row("PRR", 1, RunState::running);
    row("PRPR", 2, RunState::running);
    row("PRPRP", 3, RunState::running);
    row("GPRO", 1, RunState::running);
    row("PGOR", 1, RunState::running);
    row("S", 0, RunState::stopped);
    row("PS", 1, RunState::stopped);
    row("PRS", 1, RunState::stopped);
    row("PSP", 1, RunState::stopped);
    row("PSR", 1, RunState::stopped);
    row("SP", 0, RunState::stopped);
    row("SPRS", 0, RunState::stopped);
    row("PSS", 1, RunState::stopped);
    row("GPS", 1, RunState::stopped);
}

void TestGates::pauses_in_every_order()
{
    QFETCH(std::string, actions);
    QFETCH(int, pauses);
    QFETCH(RunState, state);
    const Leftovers before = count_leftovers();
    {
        const auto session = start_lesson(program, "gates", {"what=compute"});
        QVERIFY(wait_until_ready(*session, 2));
        for (const char action : actions) {
            switch (action) {
            case 'P':
                session->pause();
                break;
            case 'R':
                session->resume();
                break;
            case 'G':
                session->hold_gates();
                break;
            case 'O':
                session->open_gates();
                break;
            default:
                session->stop(StopReason::person);
            }
            poll_for(*session, 10ms);
        }
        if (state == RunState::stopped)
            QVERIFY(finish(*session));
        QCOMPARE(session->state(), state);
        QCOMPARE(is_marked(*session, "paused"), pauses > 0);
        const Recording& recording = session->recording();
        QCOMPARE(recording.pauses().size(), static_cast<std::size_t>(pauses));
        for (std::size_t i = 0; i < recording.pauses().size(); ++i) {
            const Interval& pause = recording.pauses()[i];
            const bool last = i + 1 == recording.pauses().size();
            QVERIFY(pause.begin_ns > 0 && pause.end_ns >= pause.begin_ns);
            QCOMPARE(pause.end_ns == open_end, last && session->paused());
            QVERIFY(last || pause.end_ns <= recording.pauses()[i + 1].begin_ns);
        }
        for (const Lane& lane : recording.lanes())
            QVERIFY(lane.stops.empty());
    }
    QTRY_VERIFY(nobody_is_left());
    QCOMPARE(count_leftovers().descriptors, before.descriptors);
}

void TestGates::takes_pauses_off_every_figure()
{
    const auto session = start_lesson(program, "gates", {"what=lock", "workers=2"});
    QVERIFY(wait_until_ready(*session, 2));
    session->pause();
    poll_for(*session, 500ms);
    const double elapsed = session->progress().elapsed_s;
    poll_for(*session, 50ms);
    QVERIFY(std::abs(session->progress().elapsed_s - elapsed) < 0.02);
    session->resume();
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);

    const Recording& recording = session->recording();
    const Phase& repeat = *recording.last_phase(PhaseKind::repeat);
    const std::int64_t paused = recording.paused_within({repeat.begin_ns, repeat.end_ns});
    QVERIFY(paused >= 540'000'000);
    // The lesson measures within the phase that it tells of; the clocks agree to a millisecond.
    const double longest = static_cast<double>(repeat.end_ns - repeat.begin_ns - paused) / 1e9;
    const double wall = session->repeats().at(0).wall_s;
    QVERIFY2(wall < longest + 1e-3 && wall >= 0.299, std::to_string(wall).c_str());

    const TimeBudget budget = time_budget(recording, recording.shown_interval());
    for (std::size_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        const Interval life = {std::max(lane.start_ns, budget.interval.begin_ns),
            std::min(lane.end_ns, budget.interval.end_ns)};
        const auto expected = static_cast<double>(life.length_ns() - recording.paused_within(life));
        QVERIFY(std::abs(budget.lanes[i].total_s - expected / 1e9) < 1e-9);
        QCOMPARE(budget.lanes[i][BudgetCategory::stopped], 0.0);
    }
    // And the run object tells times within the wall time, about.
    const nlohmann::json object = run_object(*session);
    for (const auto& process : object.at("processes"))
        QVERIFY(process.at("end_s").get<double>() <= longest + 1e-3);
    QVERIFY(object.at("marks") == session->marks());
}

void TestGates::tells_a_pause_from_a_stop()
{
    const auto session = start_lesson(program, "gates", {"what=compute", "workers=1"});
    QVERIFY(wait_until_ready(*session, 1));
    const std::uint32_t worker = lane_named(*session, "Worker-1");
    const auto stops = [&] { return session->recording().lanes()[worker].stops; };
    session->pause();
    poll_for(*session, 50ms);
    session->resume();
    poll_for(*session, 100ms);
    QVERIFY(stops().empty());

    // From outside it is one; the pause that it lies in front of ends it.
    ::kill(session->recording().lanes()[worker].pid, SIGSTOP);
    QVERIFY(poll_until(*session, [&] { return stops().size() == 1; }));
    QCOMPARE(stops().front().end_ns, open_end);
    session->pause();
    poll_for(*session, 50ms);
    session->resume();
    poll_for(*session, 100ms);
    QCOMPARE(stops().size(), std::size_t{1});
    QCOMPARE(stops().front().end_ns, session->recording().pauses().back().end_ns);
    session->stop(StopReason::person);
    QVERIFY(finish(*session));
}

void TestGates::survives_whatever_is_done_data()
{
    // From a seed: a failure names it.
    QTest::addColumn<quint64>("seed");
    const quint64 rounds = qEnvironmentVariableIsSet("MANYHANDS_SOAK") ? 400 : 40;
    for (quint64 seed = 1; seed <= rounds; ++seed)
        QTest::addRow("seed %llu", seed) << seed;
}

// Holds, steps, paces, pauses, kills and stops by chance: the run ends all the same, leaves
// nothing, and its recording keeps what it promises of pauses and stays at gates.
void TestGates::survives_whatever_is_done()
{
    QFETCH(quint64, seed);
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    const Leftovers before = count_leftovers();
    {
        const auto session = held_lesson({"workers=3", "times=200"}, below(4) != 0);
        for (std::uint64_t actions = 5 + below(30); actions > 0; --actions) {
            switch (below(12)) {
            case 0:
            case 1:
                session->pause();
                break;
            case 2:
            case 3:
                session->resume();
                break;
            case 4:
                session->hold_gates();
                break;
            case 5:
                session->pace_gates(static_cast<double>(1 + below(10'000)));
                break;
            case 6:
                session->open_gates();
                break;
            case 7: {
                const auto& lanes = session->recording().lanes();
                const auto worker = below(3) + 1;
                if (below(4) == 0 && worker < lanes.size() && !lanes[worker].ended())
                    ::kill(lanes[worker].pid, below(2) == 0 ? SIGKILL : SIGSTOP);
                break;
            }
            default:
                session->step_all();
            }
            if (below(2) == 0)
                poll_for(*session, std::chrono::milliseconds(below(6)));
        }
        const bool closes = below(4) == 0;
        if (!closes) {
            if (below(2) == 0) {
                // Everybody goes on: the run ends by itself.
                session->pause();
                session->open_gates();
                session->resume();
            } else {
                session->stop(StopReason::person);
            }
            QVERIFY(finish(*session));
            QVERIFY(session->held().empty() && !session->paused());
        }
        const Recording& recording = session->recording();
        std::int64_t last = 0;
        for (const Interval& pause : recording.pauses()) {
            QVERIFY(pause.begin_ns >= last && pause.end_ns >= pause.begin_ns);
            QVERIFY(pause.end_ns != open_end || session->paused());
            last = pause.end_ns;
        }
        QCOMPARE(is_marked(*session, "paused"), !recording.pauses().empty());
        for (const Lane& lane : recording.lanes()) {
            QVERIFY(!lane.damaged);
            for (const Span& span : lane.spans) {
                if (span.state == State::held)
                    QVERIFY(span.subject < recording.gates().size());
            }
        }
    }
    QTRY_VERIFY(nobody_is_left());
    QCOMPARE(count_leftovers().descriptors, before.descriptors);
}

void TestGates::dies_with_its_observer_while_paused()
{
    int ends[2] = {};
    QCOMPARE(::pipe(ends), 0);
    const int observer = ::fork();
    if (observer == 0) {
        const auto session = start_lesson(program, "gates", {"what=compute", "workers=3"});
        if (!wait_until_ready(*session, 3))
            ::_exit(1);
        session->pause();
        const int main_pid = session->main_pid();
        if (::write(ends[1], &main_pid, sizeof main_pid) != sizeof main_pid)
            ::_exit(1);
        while (true)
            ::pause();
    }
    ::close(ends[1]);
    int main_pid = 0;
    QCOMPARE(::read(ends[0], &main_pid, sizeof main_pid), ssize_t{sizeof main_pid});
    ::close(ends[0]);
    QCOMPARE(count_leftovers().descendants, 5); // observer, main process, three workers
    ::kill(observer, SIGKILL);
    QTRY_VERIFY(nobody_is_left());
    QVERIFY(::kill(main_pid, 0) != 0);
}

void TestGates::keeps_the_exception_with_its_lane()
{
    const auto session = start_lesson(program, "gates", {"what=throw", "workers=1"});
    QVERIFY(finish(*session));
    const Lane& lane = session->recording().lanes().at(lane_named(*session, "Worker-1"));
    QCOMPARE(lane.exit, std::optional(1));
    QCOMPARE(lane.exception, std::string("std::runtime_error: first line\nsecond line"));
    const nlohmann::json object = run_object(*session);
    QCOMPARE(object.at("failures").size(), std::size_t{1});
    QCOMPARE(object.at("failures")[0].at("text").get<std::string>(), lane.exception);
}

void TestGates::tells_who_abandoned_a_lock_and_who_recovered_it()
{
    const auto session = held_lesson({"what=die"});
    for (const char* const name : {"Worker-1", "Worker-3"}) {
        QVERIFY(poll_until(*session, [&] {
            const auto& lanes = session->recording().lanes();
            const std::uint32_t worker = lane_named(*session, name);
            return worker < lanes.size() && !lanes[worker].spans.empty()
                && lanes[worker].spans.back().state == State::waiting_lock
                && lanes[worker].spans.back().end_ns == open_end;
        }));
        QVERIFY(wait_at(*session, "main", "before unlock"));
        QVERIFY(session->step(lane_named(*session, "main")));
    }
    QVERIFY(finish(*session));
    const Recording& recording = session->recording();
    const std::uint32_t first = lane_named(*session, "Worker-1");
    const std::uint32_t second = lane_named(*session, "Worker-2");
    const std::uint32_t third = lane_named(*session, "Worker-3");
    QCOMPARE(recording.lanes().at(first).exit, std::optional(-SIGKILL));
    // A long wait is told again.
    std::set<std::uint32_t> waiting;
    for (const LockWait& wait : recording.waits())
        waiting.insert(wait.lane);
    QCOMPARE(waiting.size(), std::size_t{2});
    QCOMPARE(recording.waits()[0].lane, first);
    QCOMPARE(recording.waits()[0].holder, lane_named(*session, "main"));
    QCOMPARE(recording.recoveries().size(), std::size_t{1});
    QCOMPARE(recording.recoveries()[0].lane, second);
    QCOMPARE(recording.recoveries()[0].from, first);
    QCOMPARE(recording.locks().at(recording.recoveries()[0].lock).name, std::string("door"));
    // Main held it long, the first worker until its end; a short hold behind a wait has an end.
    QVERIFY(recording.holds().size() >= 4);
    for (const LockHold& hold : recording.holds()) {
        QCOMPARE(recording.locks().at(hold.lock).kind, std::string("lock"));
        QCOMPARE(hold.abandoned, hold.lane == first);
        QVERIFY(recording.places().at(hold.place).file.ends_with("gates.cpp"));
        if (hold.lane == first)
            QCOMPARE(hold.end_ns, recording.lanes()[first].end_ns);
        if (hold.lane == third)
            QVERIFY(hold.end_ns < recording.lanes()[third].end_ns);
    }
}

QTEST_GUILESS_MAIN(TestGates)
#include "tst_gates.moc"
