// SPDX-License-Identifier: MIT
// The lesson shared_counter, end to end: what is lost and what never is, a worker that dies, and
// the microscope against a model of the race.
#include "engine/analysis/race.hpp"
#include "engine/observe/schedule.hpp"
#include "engine/os/machine.hpp"
#include "tests/support/lesson_session.hpp"

#include <QProcess>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

using Words = std::vector<std::string>;

std::unique_ptr<Session> start_counter(const Words& words)
{
    return start_lesson("manyhands-lesson", "shared_counter", words);
}

std::optional<double> quantity(const Session& session, const std::string& name)
{
    for (const Quantity& one : session.document()->quantities) {
        if (one.name == name)
            return one.value;
    }
    return std::nullopt;
}

const Check* check(const Session& session, const std::string& claim)
{
    const auto& checks = session.document()->checks;
    const auto found = std::find_if(
        checks.begin(), checks.end(), [&](const Check& one) { return one.claim == claim; });
    return found == checks.end() ? nullptr : &*found;
}

std::uint32_t lane_named(const Session& session, const std::string& name)
{
    const auto& lanes = session.recording().lanes();
    const auto found = std::find_if(
        lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.name == name; });
    return static_cast<std::uint32_t>(found - lanes.begin());
}

// Whether a worker is in one of these states now.
bool is_in(const Session& session, const std::string& name, std::initializer_list<State> states)
{
    const std::uint32_t lane = lane_named(session, name);
    const auto& lanes = session.recording().lanes();
    if (lane >= lanes.size() || lanes[lane].spans.empty())
        return false;
    const Span last = lanes[lane].spans.back();
    return last.end_ns == open_end
        && std::find(states.begin(), states.end(), last.state) != states.end();
}

// Whether a gate holds a worker, and which.
std::string gate_of(const Session& session, std::uint32_t lane)
{
    for (const Session::HeldLane& held : session.held()) {
        if (held.lane == lane && held.gate != no_subject)
            return session.recording().gates().at(held.gate);
    }
    return {};
}

// What a value of that name was last told to hold.
std::optional<std::uint64_t> told(const Session& session, const std::string& name)
{
    std::optional<std::uint64_t> now;
    const Recording& recording = session.recording();
    for (const ValueChange& change : recording.changes()) {
        if (recording.values().at(change.value) == name)
            now = change.now;
    }
    return now;
}

std::string worker_name(int worker)
{
    return "Worker-" + std::to_string(worker + 1);
}

// The race in another way than the lesson's model: what is in memory and in each register.
struct Model
{
    explicit Model(int processes)
        : registers(static_cast<std::size_t>(processes), 0)
        , steps(registers.size(), 0)
    {
    }

    void step(int process)
    {
        const auto index = static_cast<std::size_t>(process);
        const int kind = steps[index]++ % 3;
        if (kind == 2)
            number = registers[index];
        else
            registers[index] = kind == 0 ? number : registers[index] + 1;
    }

    std::uint64_t number = 0;
    std::vector<std::uint64_t> registers;
    std::vector<int> steps;
};

} // namespace

Q_DECLARE_METATYPE(std::vector<int>)
Q_DECLARE_METATYPE(std::vector<std::string>)

class TestSharedCounter : public QObject
{
    Q_OBJECT

private slots:
    void keeps_to_one_cpu_data();
    void keeps_to_one_cpu();
    void counts_what_it_claims_data();
    void counts_what_it_claims();
    void loses_without_protection_data();
    void loses_without_protection();
    void tells_waits_for_the_lock();
    void ends_when_a_worker_dies_data();
    void ends_when_a_worker_dies();
    void takes_over_the_lock_of_a_dead_worker();
    void takes_the_steps_as_they_are_chosen_data();
    void takes_the_steps_as_they_are_chosen();
    void runs_through_open_gates_data();
    void runs_through_open_gates();
    void holds_the_microscope_only();
    void counts_in_python_data();
    void counts_in_python();
};

void TestSharedCounter::keeps_to_one_cpu_data()
{
    QTest::addColumn<int>("index");
    for (const int index : {0, 1, 255, 100'000})
        QTest::addRow("the CPU with index %d", index) << index;
}

void TestSharedCounter::keeps_to_one_cpu()
{
    QFETCH(int, index);
    const int before = usable_cpus();
    bool stays = false;
    int left = 0;
    // In a thread of its own: this one, and what it starts later, keeps all.
    std::thread([&] {
        stays = stay_on_cpu(index);
        left = usable_cpus();
    }).join();
    QVERIFY(stays);
    QCOMPARE(left, 1);
    QCOMPARE(usable_cpus(), before);
}

void TestSharedCounter::counts_what_it_claims_data()
{
    QTest::addColumn<QString>("variant");
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("increments");
    QTest::addColumn<int>("rounds");
    QTest::addColumn<int>("batch_size");
    for (const char* const variant : {"none", "lock", "lock_per_batch", "atomic"}) {
        const auto row = [&](const char* name, int workers, int increments, int rounds, int batch) {
            QTest::addRow("%s: %s", variant, name)
                << QString(variant) << workers << increments << rounds << batch;
        };
        row("two workers", 2, 100'000, 3, 1000);
        row("one round", 2, 20'000, 1, 1000);
        row("with a remainder", 3, 100'001, 2, 7);
        row("16 workers and a remainder", 16, 10'007, 2, 64);
        row("a batch of one", 2, 10'000, 2, 1);
        row("a batch of more than all", 4, 10'000, 2, 1'000'000);
    }
    QTest::newRow("none: many rounds") << QString("none") << 2 << 10'000 << 200 << 1000;
    QTest::newRow("atomic: 10^7") << QString("atomic") << 2 << 10'000'000 << 1 << 1000;
    QTest::newRow("lock per batch: 10^7")
        << QString("lock_per_batch") << 3 << 10'000'000 << 1 << 4096;
}

void TestSharedCounter::counts_what_it_claims()
{
    QFETCH(QString, variant);
    QFETCH(int, workers);
    QFETCH(int, increments);
    QFETCH(int, rounds);
    QFETCH(int, batch_size);
    const auto session = start_counter({"variant=" + variant.toStdString(),
        "workers=" + std::to_string(workers), "increments=" + std::to_string(increments),
        "rounds=" + std::to_string(rounds), "batch_size=" + std::to_string(batch_size)});
    QVERIFY(finish(*session));
    QVERIFY2(session->state() == RunState::done, session->problem().c_str());
    const ResultDocument& document = session->document().value();
    QCOMPARE(exit_code_of(*session), 0);
    QCOMPARE(document.checks.size(), std::size_t{3});
    for (const Check& one : document.checks)
        QVERIFY2(one.held == true, one.claim.c_str());

    // Each worker counted its own part; the parts cover all, and differ by one at the most.
    const auto& results = document.result.at("rounds");
    QCOMPARE(results.size(), static_cast<std::size_t>(rounds));
    int losing = 0;
    for (const auto& round : results) {
        const auto added = round.at("added").get<std::vector<int>>();
        QCOMPARE(added.size(), static_cast<std::size_t>(workers));
        QCOMPARE(std::accumulate(added.begin(), added.end(), 0), increments);
        const auto [least, most] = std::minmax_element(added.begin(), added.end());
        QVERIFY(*most - *least <= 1);
        const int final = round.at("final").get<int>();
        QVERIFY(final >= 1 && final <= increments);
        if (variant != "none")
            QCOMPARE(final, increments);
        losing += final < increments ? 1 : 0;
    }
    QCOMPARE(quantity(*session, "rounds_losing").value(), 100.0 * losing / rounds);
    QCOMPARE(quantity(*session, "expected").value(), static_cast<double>(increments));
    QVERIFY(quantity(*session, "rate").value() > 0);
    QCOMPARE(quantity(*session, "slowdown").has_value(), variant != "none");
    QCOMPARE(quantity(*session, "lock_wait").has_value(), variant.startsWith("lock"));
    QCOMPARE(quantity(*session, "lost_updates").has_value(), variant != "atomic");
    if (variant.startsWith("lock"))
        QCOMPARE(quantity(*session, "lost_updates").value(), 0.0);

    // Every round is in the histogram once, and each chart has as many y as x.
    double in_bars = 0;
    for (const Series& series : document.series) {
        QCOMPARE(series.x.size(), series.y.size());
        if (series.view == "lost_updates")
            in_bars += std::accumulate(series.y.begin(), series.y.end(), 0.0);
        if (series.view == "lost_updates")
            QCOMPARE(series.y.front(), static_cast<double>(rounds - losing));
    }
    QCOMPARE(in_bars, static_cast<double>(rounds));
    QCOMPARE(document.quiz.size(), std::size_t{1});
    const auto& choices = document.quiz[0].choices;
    QCOMPARE(std::count_if(choices.begin(), choices.end(),
                 [](const QuizChoice& choice) { return choice.right; }),
        std::ptrdiff_t{1});

    const Recording& recording = session->recording();
    QCOMPARE(recording.events_dropped(), std::uint64_t{0});
    QCOMPARE(recording.lanes().size(), static_cast<std::size_t>(workers) + 1);
}

void TestSharedCounter::loses_without_protection_data()
{
    QTest::addColumn<int>("run");
    for (int run = 1; run <= 20; ++run)
        QTest::addRow("run %d", run) << run;
}

void TestSharedCounter::loses_without_protection()
{
    if (usable_cpus() < 2)
        QSKIP("on one CPU processes take turns, and may lose nothing");
    const auto session = start_counter({});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(exit_code_of(*session), 0); // the loss is what it is about
    QVERIFY(quantity(*session, "rounds_losing").value() > 0);
}

void TestSharedCounter::tells_waits_for_the_lock()
{
    const auto session
        = start_counter({"variant=lock", "workers=4", "increments=1000000", "rounds=1"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    double waited_ns = 0;
    for (const Lane& lane : session->recording().lanes()) {
        for (const Span& span : lane.spans) {
            if (lane.role == Role::worker && span.state == State::waiting_lock)
                waited_ns += static_cast<double>(span.end_ns - span.begin_ns);
        }
    }
    QVERIFY(std::abs(quantity(*session, "lock_wait").value() - waited_ns / 1e9) < 1e-9);
}

void TestSharedCounter::ends_when_a_worker_dies_data()
{
    QTest::addColumn<QString>("variant");
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("increments"); // some milliseconds a round
    for (const auto& [variant, increments] : {std::pair{"none", 20'000'000}, {"lock", 500'000},
             {"lock_per_batch", 10'000'000}, {"atomic", 1'000'000}}) {
        QTest::addRow("%s, 2 workers", variant) << QString(variant) << 2 << increments;
        QTest::addRow("%s, 5 workers", variant) << QString(variant) << 5 << increments;
    }
}

void TestSharedCounter::ends_when_a_worker_dies()
{
    QFETCH(QString, variant);
    QFETCH(int, workers);
    QFETCH(int, increments);
    const Leftovers before = count_leftovers();
    {
        // Longer than the test waits; the others end behind the round in which one died.
        const auto session = start_counter(
            {"variant=" + variant.toStdString(), "workers=" + std::to_string(workers),
                "increments=" + std::to_string(increments), "rounds=200"});
        QVERIFY(poll_until(*session, [&] {
            return is_in(*session, "Worker-2", {State::computing, State::waiting_lock});
        }));
        ::kill(session->recording().lanes()[lane_named(*session, "Worker-2")].pid, SIGKILL);
        QVERIFY(finish(*session));
        QVERIFY(session->document().has_value());
        const auto& failures = session->document()->failures;
        QCOMPARE(failures.size(), std::size_t{1});
        QCOMPARE(failures[0].process, std::string("Worker-2"));
        QCOMPARE(failures[0].value, SIGKILL);
        QVERIFY(session->document()->result.at("rounds").size() < 200);
        for (const Check& one : session->document()->checks)
            QVERIFY2(one.held != true, one.claim.c_str());
    }
    QVERIFY(count_leftovers() == before);
}

// Stops the one that holds the lock, by what the other one waits for, and kills it then.
void TestSharedCounter::takes_over_the_lock_of_a_dead_worker()
{
    const auto session = start_counter({"variant=lock_per_batch", "workers=2",
        "increments=20000000", "batch_size=1000000", "rounds=200"});
    bool killed = false;
    std::size_t tried = 0;
    const bool polled = poll_until(*session, [&] {
        const Recording& recording = session->recording();
        if (recording.waits().size() <= tried)
            return false;
        tried = recording.waits().size();
        const LockWait wait = recording.waits().back();
        const int pid = recording.lanes()[wait.holder].pid;
        ::kill(pid, SIGSTOP);
        // Whoever still waits 30 ms later waits for the one that is stopped.
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
        while (session->poll() && std::chrono::steady_clock::now() < end)
            session->wait(std::chrono::milliseconds(5));
        const Lane& waiting = session->recording().lanes()[wait.lane];
        killed = waiting.spans.back().state == State::waiting_lock
            && waiting.spans.back().end_ns == open_end;
        ::kill(pid, killed ? SIGKILL : SIGCONT);
        return killed;
    });
    QVERIFY(polled && killed);
    QVERIFY(finish(*session));
    QCOMPARE(session->document()->failures.size(), std::size_t{1});
    QCOMPARE(session->recording().recoveries().size(), std::size_t{1});
    const LockRecovery recovery = session->recording().recoveries()[0];
    QCOMPARE(session->recording().locks().at(recovery.lock).name, std::string("counter lock"));
    QVERIFY(check(*session, "the count is exact") != nullptr);
    QVERIFY(check(*session, "the count is exact")->held != true);
}

void TestSharedCounter::takes_the_steps_as_they_are_chosen_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<int>("increments");
    QTest::addColumn<std::vector<int>>("schedule");
    QTest::addColumn<int>("final"); // known; 0: as the model says
    for (int processes = 2; processes <= 3; ++processes) {
        for (int increments = 1; increments <= 3; ++increments) {
            QTest::addRow("%d processes, %d increments: the worst", processes, increments)
                << processes << increments << losing_schedule(processes, increments)
                << (increments == 1 ? 1 : 2);
            for (int seed = 1; seed <= 3; ++seed)
                QTest::addRow("%d processes, %d increments: seed %d", processes, increments, seed)
                    << processes << increments
                    << random_schedule(processes, increments, static_cast<std::uint64_t>(seed))
                    << 0;
        }
    }
    QTest::newRow("one after the other") << 2 << 1 << std::vector<int>{0, 0, 0, 1, 1, 1} << 2;
    QTest::newRow("the other one first") << 2 << 1 << std::vector<int>{1, 1, 1, 0, 0, 0} << 2;
}

void TestSharedCounter::takes_the_steps_as_they_are_chosen()
{
    QFETCH(int, processes);
    QFETCH(int, increments);
    QFETCH(std::vector<int>, schedule);
    QFETCH(int, final);
    SessionOptions options = lesson_options("manyhands-lesson", "shared_counter",
        {"mode=microscope", "held_processes=" + std::to_string(processes),
            "held_increments=" + std::to_string(increments)});
    QVERIFY(options.description.holds(options.description.guide.held_when, options.parameters));
    options.hold_gates = true;
    Session session(std::move(options));
    Model model(processes);
    const char* const gates[] = {"before load", "before add", "before store"};
    const auto waits_at = [&](int worker, const std::string& gate) {
        return poll_until(session,
            [&] { return gate_of(session, lane_named(session, worker_name(worker))) == gate; });
    };
    for (int worker = 0; worker < processes; ++worker)
        QVERIFY(waits_at(worker, "before load"));
    QCOMPARE(told(session, "counter"), std::optional<std::uint64_t>(0));

    for (const int worker : schedule) {
        QVERIFY(session.step(lane_named(session, worker_name(worker))));
        model.step(worker);
        const int steps = model.steps[static_cast<std::size_t>(worker)];
        if (steps < 3 * increments)
            QVERIFY(waits_at(worker, gates[steps % 3]));
        else
            QVERIFY(poll_until(session, [&] {
                return session.recording()
                    .lanes()[lane_named(session, worker_name(worker))]
                    .ended();
            }));
        // Whoever watches sees memory and the register as they are behind the step.
        QVERIFY(poll_until(session, [&] { return told(session, "counter") == model.number; }));
        QCOMPARE(told(session, "register of " + worker_name(worker)),
            std::optional(model.registers[static_cast<std::size_t>(worker)]));
    }
    QVERIFY(finish(session));
    QCOMPARE(session.state(), RunState::done);
    QCOMPARE(session.document()->result.at("final").get<std::uint64_t>(), model.number);
    QCOMPARE(session.document()->result.at("order").get<std::vector<int>>(), schedule);
    if (final != 0)
        QCOMPARE(static_cast<int>(model.number), final);
    QCOMPARE(quantity(session, "lost_updates").value(),
        static_cast<double>(processes * increments) - static_cast<double>(model.number));
    for (const Check& one : session.document()->checks)
        QVERIFY2(one.held == true, one.claim.c_str());
}

void TestSharedCounter::runs_through_open_gates_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<int>("increments");
    QTest::addColumn<double>("orders");
    QTest::addColumn<double>("losing"); // -1: not known by heart
    QTest::addColumn<double>("worst");
    QTest::newRow("2 processes, 1 increment") << 2 << 1 << 20.0 << 18.0 << 1.0;
    QTest::newRow("2 processes, 2 increments") << 2 << 2 << 924.0 << -1.0 << 2.0;
    QTest::newRow("3 processes, 1 increment") << 3 << 1 << 1680.0 << 1674.0 << 1.0;
    QTest::newRow("3 processes, 3 increments") << 3 << 3 << 227'873'431'500.0 << -1.0 << 2.0;
}

void TestSharedCounter::runs_through_open_gates()
{
    QFETCH(int, processes);
    QFETCH(int, increments);
    QFETCH(double, orders);
    QFETCH(double, losing);
    QFETCH(double, worst);
    const auto session
        = start_counter({"mode=microscope", "held_processes=" + std::to_string(processes),
            "held_increments=" + std::to_string(increments)});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    for (const Check& one : session->document()->checks)
        QVERIFY2(one.held == true, one.claim.c_str());
    QCOMPARE(quantity(*session, "schedules").value(), orders);
    if (losing >= 0)
        QCOMPARE(quantity(*session, "schedules_losing").value(), losing);
    QCOMPARE(quantity(*session, "worst_final").value(), worst);
    QVERIFY(quantity(*session, "final_count").value() >= worst);
    QVERIFY(quantity(*session, "free_rounds").value() > 0);
    const double share = quantity(*session, "free_losing_share").value();
    QVERIFY(share >= 0 && share <= 100);
    // Both bars and points of the chart are shares of everything.
    for (const Series& series : session->document()->series) {
        QCOMPARE(series.view, std::string("outcomes"));
        QVERIFY(std::abs(std::accumulate(series.y.begin(), series.y.end(), 0.0) - 100) < 1e-6);
    }
}

void TestSharedCounter::holds_the_microscope_only()
{
    const LessonDescription lesson
        = describe_lesson({built_program("manyhands-lesson"), "shared_counter"});
    QVERIFY(lesson.guide.gates);
    QVERIFY(!lesson.guide.held_when.empty());
    QVERIFY(!lesson.holds(lesson.guide.held_when, lesson.parse({})));
    QVERIFY(lesson.holds(lesson.guide.held_when, lesson.parse({"mode=microscope"})));
}

void TestSharedCounter::counts_in_python_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::newRow("as it is") << QStringList{};
    QTest::newRow("with a remainder, small batches") << QStringList{"1001", "3", "7"};
    QTest::newRow("more workers than increments") << QStringList{"2", "4", "10"};
}

void TestSharedCounter::counts_in_python()
{
    QFETCH(QStringList, words);
    QProcess python;
    python.start("python3",
        QStringList{QString(MANYHANDS_SOURCE_DIR) + "/lessons/shared_counter/program.py"} + words);
    QVERIFY(python.waitForFinished(60'000));
    QCOMPARE(python.exitStatus(), QProcess::NormalExit);
    QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
    const QString lines = QString::fromUtf8(python.readAllStandardOutput());
    QCOMPARE(lines.count(" lost"), 3);
    QCOMPARE(lines.count(", 0 lost"),
        lines.startsWith("none") && lines.section('\n', 0, 0).contains(", 0 lost") ? 3 : 2);
}

QTEST_GUILESS_MAIN(TestSharedCounter)
#include "tst_shared_counter.moc"
