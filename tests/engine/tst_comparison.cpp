// SPDX-License-Identifier: MIT
// Tests engine/observe/comparison: differences in both directions, and of each sentence runs that
// bring it and runs that do not.
#include "engine/analysis/parallel_part.hpp"
#include "engine/observe/comparison.hpp"
#include "engine/os/error.hpp"
#include "tests/support/finished_runs.hpp"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

using namespace manyhands;
using namespace manyhands::test;

namespace {

constexpr std::uint64_t ms = 1'000'000;

const std::vector<double> usual_walls = {0.1, 0.101, 0.099};

/// What a run is made of, as far as the comparison looks at it.
struct Scene
{
    std::vector<double> wall_s = usual_walls;
    double serial_s = 0.2;
    int workers = 2;
    std::uint64_t bytes = 1000; ///< of each of the two messages through "tasks"
    std::uint64_t result_bytes = 0; ///< of one through "results"; 0: none
    std::uint64_t wait_ms = 10; ///< each worker for data, of 100 ms; the rest it computes
    std::function<void(FinishedRun&)> change = {};
};

FinishedRun run_of(const Scene& scene)
{
    ScriptedRecording script;
    const std::uint32_t main = script.lane("main", Role::main, 0);
    script.builder.text(main, {TextKind::channel, 0, "queue\ntasks"});
    script.builder.text(main, {TextKind::channel, 1, "queue\nresults"});
    script.builder.phase(PhaseKind::repeat, 0, 5 * ms, 0, 0);
    std::vector<std::uint32_t> lanes;
    for (int i = 1; i <= scene.workers; ++i)
        lanes.push_back(script.lane("Worker-" + std::to_string(i), Role::worker, 10 * ms, true));
    for (std::uint32_t number = 0; number < 2; ++number)
        script.message(main, 11 * ms, false, 0, number, scene.bytes);
    if (scene.result_bytes > 0)
        script.message(main, 12 * ms, false, 1, 0, scene.result_bytes);
    std::uint32_t task = 0;
    for (const std::uint32_t lane : lanes) {
        const std::uint64_t begin = 20 * ms;
        script.end(lane, begin, State::starting);
        script.span(lane, begin, begin + scene.wait_ms * ms, State::waiting_data, 0);
        script.event(lane, begin + scene.wait_ms * ms, EventKind::task_begun, 0, task);
        script.span(lane, begin + scene.wait_ms * ms, 110 * ms, State::computing, task);
        script.event(lane, 110 * ms, EventKind::task_done, 0, task++);
        script.builder.counters(lane, 1, 0, 0, 0);
    }
    for (const std::uint32_t lane : lanes)
        script.end_lane(lane, 110 * ms);
    script.builder.phase(PhaseKind::repeat, 0, 5 * ms, 111 * ms, 0);
    script.end_lane(main, 112 * ms);
    script.builder.advance(112 * ms);

    FinishedRun run;
    run.lesson.id = run.description.id = "scene";
    run.description.title = "A scene";
    ParameterDescription limit
        = {.name = "limit", .label = "", .help = "", .unit = "", .choices = {}};
    limit.work = true;
    ParameterDescription workers
        = {.name = "workers", .label = "", .help = "", .unit = "", .choices = {}};
    workers.workers = true;
    run.description.parameters = {limit, workers};
    run.description.quantities = {{"primes", "Primes found", "", "count"}};
    run.parameters = {{"limit", std::int64_t{1000}}, {"workers", std::int64_t{scene.workers}}};
    run.machine = {.cpu = "A CPU",
        .usable_cpus = 4,
        .logical_cpus = 4,
        .memory_bytes = 1U << 30U,
        .kernel = "Linux 6.1",
        .version = "0.1",
        .commit = "abc"};
    run.recording = std::make_shared<const Recording>(std::move(script.builder).take());
    for (const double wall : scene.wall_s)
        run.repeats.push_back(
            {.wall_s = wall, .sequential_s = scene.serial_s, .speedup = scene.serial_s / wall});
    run.sequential_s = scene.serial_s;
    run.document = ResultDocument{};
    run.document->quantities = {{"primes", 168.0}};
    if (scene.change)
        scene.change(run);
    return run;
}

ComparedRun compared(const Scene& scene, const std::string& name = "run.json")
{
    return {.name = name, .run = std::make_shared<const FinishedRun>(run_of(scene))};
}

/// The sentences of the second run, or of `run`, that have the id.
std::vector<std::string> said(
    const Comparison& comparison, const std::string& id, std::size_t run = 1)
{
    std::vector<std::string> texts;
    for (const ComparisonSentence& sentence : comparison.sentences) {
        if (sentence.id == id && sentence.run == run)
            texts.push_back(sentence.text);
    }
    return texts;
}

Comparison compare_two(const Scene& one, const Scene& other)
{
    return compare({compared(one), compared(other)});
}

/// Workers and a server that do something, but no tasks; the first to is at 14 ms.
Recording without_tasks()
{
    ScriptedRecording script;
    const std::uint32_t main = script.lane("main", Role::main, 0);
    script.span(main, 1 * ms, 4 * ms, State::computing);
    script.builder.phase(PhaseKind::repeat, 0, 5 * ms, 0, 0);
    const std::uint32_t server = script.lane("Server", Role::server, 6 * ms, true);
    script.end(server, 7 * ms, State::starting);
    script.span(server, 7 * ms, 8 * ms, State::computing);
    const std::uint32_t late = script.lane("Worker-1", Role::worker, 9 * ms, true);
    const std::uint32_t early = script.lane("Worker-2", Role::worker, 10 * ms, true);
    script.end(early, 13 * ms, State::starting);
    script.span(early, 14 * ms, 16 * ms, State::sleeping);
    script.end(late, 15 * ms, State::starting);
    script.span(late, 15 * ms, 16 * ms, State::computing);
    script.builder.advance(20 * ms);
    return std::move(script.builder).take();
}

/// A repeat from 5 ms on in which nothing was started.
Recording without_workers()
{
    ScriptedRecording script;
    script.lane("main", Role::main, 0);
    script.builder.phase(PhaseKind::repeat, 0, 5 * ms, 9 * ms, 0);
    script.builder.advance(20 * ms);
    return std::move(script.builder).take();
}

} // namespace

class TestComparison : public QObject
{
    Q_OBJECT

private slots:
    void counts_data()
    {
        QTest::addColumn<int>("runs");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("none") << 0 << false;
        QTest::newRow("one") << 1 << false;
        QTest::newRow("two") << 2 << true;
        QTest::newRow("four") << 4 << true;
        QTest::newRow("five") << 5 << false;
    }

    void counts()
    {
        QFETCH(int, runs);
        QFETCH(bool, allowed);
        const std::vector<ComparedRun> all(static_cast<std::size_t>(runs), compared({}));
        if (!allowed) {
            QVERIFY_THROWS_EXCEPTION(BadValue, compare(all));
            return;
        }
        const Comparison comparison = compare(all);
        QCOMPARE(comparison.labels.size(), all.size());
        QCOMPARE(comparison.labels.back(), std::string(1, static_cast<char>('A' + runs - 1)));
        for (const ComparedQuantity& quantity : comparison.quantities) {
            QCOMPARE(quantity.values.size(), all.size());
            QCOMPARE(quantity.differences.size(), all.size());
            QVERIFY(!quantity.differences.front());
        }
    }

    void parallel_part_begins()
    {
        // With the first task of a worker.
        QCOMPARE(parallel_begin(*run_of({.wait_ms = 10}).recording), std::int64_t{30} * 1'000'000);
        QCOMPARE(parallel_begin(*run_of({.wait_ms = 25}).recording), std::int64_t{45} * 1'000'000);
    }

    void parallel_part_begins_without_tasks()
    {
        QCOMPARE(parallel_begin(without_tasks()), std::int64_t{14} * 1'000'000);
    }

    void parallel_part_begins_without_workers()
    {
        QCOMPARE(parallel_begin(without_workers()), std::int64_t{5} * 1'000'000);
    }

    void a_task_of_the_warm_up_is_none()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.phase(PhaseKind::warm_up, 0, 1 * ms, 0, 0);
        const std::uint32_t before = script.lane("Worker-1", Role::worker, 2 * ms, true);
        script.event(before, 3 * ms, EventKind::task_begun, 0, 0);
        script.event(before, 4 * ms, EventKind::task_done, 0, 0);
        script.end_lane(before, 5 * ms);
        script.builder.phase(PhaseKind::warm_up, 0, 1 * ms, 6 * ms, 0);
        script.builder.phase(PhaseKind::repeat, 0, 7 * ms, 0, 0);
        const std::uint32_t worker = script.lane("Worker-1", Role::worker, 8 * ms, true);
        script.event(worker, 12 * ms, EventKind::task_begun, 0, 0);
        script.event(worker, 13 * ms, EventKind::task_done, 0, 0);
        script.end_lane(worker, 14 * ms);
        script.builder.advance(15 * ms);
        QCOMPARE(parallel_begin(std::move(script.builder).take()), std::int64_t{12} * 1'000'000);
    }

    void known_answers()
    {
        const Scene one = {.wall_s = {0.2, 0.21, 0.19}, .bytes = 1000, .wait_ms = 10};
        const Scene other = {.wall_s = {0.1}, .bytes = 500, .result_bytes = 40, .wait_ms = 40};
        const Comparison comparison = compare_two(one, other);
        const auto check = [&](const char* name, double first, double second) {
            const ComparedQuantity* const found = comparison.quantity(name);
            QVERIFY2(found, name);
            QVERIFY2(found->values[0] && found->values[1] && found->differences[1], name);
            QCOMPARE(found->values[0]->value, first);
            QCOMPARE(found->values[1]->value, second);
            QCOMPARE(found->differences[1]->absolute, second - first);
            QVERIFY(found->differences[1]->ratio.has_value() == (first != 0));
            if (first != 0)
                QCOMPARE(*found->differences[1]->ratio, second / first);
        };
        check("wall_s", 0.2, 0.1);
        check("speedup", 1, 2);
        check("efficiency", 0.5, 1);
        check("workers", 2, 2);
        check("tasks", 2, 2);
        check("messages", 2, 3);
        check("bytes", 2000, 1040);
        check("bytes.tasks", 2000, 1000);
        check("bytes.results", 0, 40);
        check("quantity.primes", 168, 168);
        // Both workers: 10 and 40 ms of 90; from the start of the first at 10 ms to its task.
        check("budget.waiting_data", 0.02, 0.08);
        check("budget.computing", 0.16, 0.10);
        check("budget.starting", 0.02, 0.02);
        check("startup_s", 0.02, 0.05);
        QVERIFY(!comparison.quantity("budget.waiting_lock"));
    }

    void both_directions()
    {
        const Scene one = {.wall_s = {0.2, 0.21, 0.19}, .workers = 2, .bytes = 900, .wait_ms = 5};
        const Scene other = {.wall_s = {0.1, 0.11, 0.1}, .workers = 3, .bytes = 10, .wait_ms = 50};
        const Comparison there = compare_two(one, other);
        const Comparison back = compare_two(other, one);
        QCOMPARE(there.quantities.size(), back.quantities.size());
        int compared_ratios = 0;
        for (std::size_t i = 0; i < there.quantities.size(); ++i) {
            QCOMPARE(there.quantities[i].name, back.quantities[i].name);
            const auto& way = there.quantities[i].differences[1];
            const auto& home = back.quantities[i].differences[1];
            QCOMPARE(way.has_value(), home.has_value());
            if (!way)
                continue;
            QCOMPARE(way->absolute, -home->absolute);
            QCOMPARE(way->clear, home->clear);
            if (way->ratio && home->ratio) {
                QVERIFY(std::abs(*way->ratio * *home->ratio - 1) < 1e-12);
                ++compared_ratios;
            }
        }
        QVERIFY(compared_ratios > 8);
        QCOMPARE(said(there, "wall").at(0),
            std::string("B was 2 × as fast as A: it took 100 ms, and A 200 ms."));
        QCOMPARE(said(back, "wall").at(0),
            std::string("B took 2 × as long as A: 200 ms, and A 100 ms."));
    }

    void clear_or_not_data()
    {
        QTest::addColumn<QList<double>>("one"); // quartiles and median; or a single value
        QTest::addColumn<QList<double>>("other");
        QTest::addColumn<bool>("clear");
        const auto row = [](const char* name, const QList<double>& one, const QList<double>& other,
                             bool clear) { QTest::newRow(name) << one << other << clear; };
        row("apart", {1, 2, 3}, {3.5, 4, 5}, true);
        row("overlapping", {1, 2, 3}, {2.9, 4, 5}, false);
        row("touching", {1, 2, 3}, {3, 4, 5}, false);
        row("one within the other", {1, 2, 9}, {3, 4, 5}, false);
        row("single and far", {100}, {111}, true);
        row("single and near", {100}, {109}, false);
        row("a single one beside quartiles", {100}, {106, 107, 108}, true);
        row("a single one at quartiles", {100}, {104, 107, 108}, false);
        row("the same", {1}, {1}, false);
    }

    void clear_or_not()
    {
        QFETCH(QList<double>, one);
        QFETCH(QList<double>, other);
        QFETCH(bool, clear);
        const auto measured = [](const QList<double>& values) {
            Measured figure;
            figure.value = values.size() == 1 ? values[0] : values[1];
            if (values.size() == 3) {
                figure.low = values[0];
                figure.high = values[2];
                figure.samples = 5;
            }
            return figure;
        };
        QCOMPARE(clearly_differ(measured(one), measured(other)), clear);
        QCOMPARE(clearly_differ(measured(other), measured(one)), clear);
    }

    void sentences_data()
    {
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<Scene>("one");
        QTest::addColumn<Scene>("other");
        QTest::addColumn<QByteArray>("part"); // of the sentence; empty: it is not said
        QTest::addColumn<bool>("limit");
        const auto row = [](const char* name, const char* id, const Scene& one, const Scene& other,
                             const char* part, bool limit = false) {
            QTest::newRow(name) << QByteArray(id) << one << other << QByteArray(part) << limit;
        };
        const auto with = [](std::function<void(FinishedRun&)> change) {
            Scene scene;
            scene.change = std::move(change);
            return scene;
        };
        const auto marked = [&](const char* mark) {
            return with([mark](FinishedRun& run) { run.marks = {mark}; });
        };
        const Scene usual;
        const Scene other_limit
            = with([](FinishedRun& run) { run.parameters["limit"] = std::int64_t{5000}; });
        const Scene other_seed = with([](FinishedRun& run) { run.seed = 2; });
        const Scene other_lesson = with([](FinishedRun& run) {
            run.description.id = run.lesson.id = "other";
            run.description.title = "Another";
        });
        const Scene other_cpu = with([](FinishedRun& run) {
            run.machine.cpu = "B CPU";
            run.machine.usable_cpus = 2;
        });
        const Scene untraced = with([](FinishedRun& run) { run.traced = false; });
        const Scene slow = {.wall_s = {0.15, 0.151, 0.149}};

        row("one setting", "settings", usual, {.workers = 3},
            "B differs from A in workers (3, not 2).");
        row("several settings", "settings", {.workers = 3}, other_limit,
            "limit (5000, not 1000) and workers (2, not 3): where several things");
        row("no setting", "settings", usual, usual, "were asked for the same");
        row("settings of other lessons", "settings", usual, other_lesson, "");

        row("slower", "wall", usual, slow, "B took 1.50 × as long as A: 150 ms, and A 100 ms.");
        row("faster", "wall", slow, usual, "B was 1.50 × as fast as A: it took 100 ms");
        row("hardly slower", "wall", usual, {.wall_s = {0.1005, 0.1001, 0.102}},
            "no clear difference: their quartiles overlap (99.5 ms to 100 ms and 100 ms to 101 "
            "ms).");
        row("hardly slower, once", "wall", {.wall_s = {0.1}}, {.wall_s = {0.107}},
            "no clear difference: a single measurement is taken for good to 5 %");
        row("once, but much slower", "wall", {.wall_s = {0.1}}, {.wall_s = {0.2}}, "B took 2 ×");
        row("other work", "wall", usual, other_limit, "");
        row("wall of other lessons", "wall", usual, other_lesson, "");
        row("wall of a paused run", "wall", usual, marked("paused"), "");
        row("no repeat", "wall", usual, {.wall_s = {}}, "");

        row("waiting more", "budget", usual, {.wait_ms = 40}, "60.0 ms more waiting for data");
        row("waiting less", "budget", {.wait_ms = 40}, usual, "60.0 ms less waiting for data");
        row("alike", "budget", usual, {.bytes = 1}, "spent their time alike");
        row("budget without a trace", "budget", usual, untraced, "");
        row("budget of other work", "budget", usual, other_limit, "");

        row("speedup", "speedup", usual, slow,
            "With 2 workers B is 1.33 × as fast as its serial run, A with 2 workers 2 ×.");
        row("same speedup", "speedup", usual, usual, "no clear difference");
        row(
            "speedup of other work", "speedup", usual,
            [&] {
                Scene scene = other_limit;
                scene.serial_s = 0.4;
                return scene;
            }(),
            "B is 4 × as fast as its serial run");
        row("speedup of other lessons", "speedup", usual, other_lesson, "");
        row("efficiency", "efficiency", usual, {.workers = 4},
            "A worker of B does 50 % of what the serial run does in its time, one of A 100 %.");
        row("as many workers", "efficiency", usual, slow, "");

        row("fewer bytes", "bytes", usual, {.bytes = 10},
            "B sent 20 bytes in 2 messages, A 2.00 kB in 2 messages.");
        row("through which", "bytes", usual, {.bytes = 1000, .result_bytes = 70},
            "the greatest difference is what went through “results”");
        row("same bytes", "bytes", usual, slow, "sent the same amount: 2.00 kB in 2 messages");
        row("bytes without a trace", "bytes", usual, untraced, "");

        row("lesson", "lesson", usual, other_lesson,
            "“A scene” and B one of “Another”: different lessons, so their times are not of "
            "comparable work",
            true);
        row("same lesson", "lesson", usual, slow, "", true);
        row("work", "work", usual, other_limit, "(another limit)", true);
        row("seed", "work", usual, other_seed, "(another seed)", true);
        row("same work", "work", usual, {.workers = 3}, "", true);
        row("machine", "machine", usual, other_cpu,
            "another machine (B CPU with 2 usable CPUs) than A (A CPU with 4 usable CPUs)", true);
        row("same machine", "machine", usual, slow, "", true);
        row("version", "version", usual, with([](FinishedRun& run) { run.machine.commit = "d"; }),
            "another version of this program", true);
        row("kernel", "version", usual, with([](FinishedRun& run) { run.machine.kernel = "L"; }),
            "another kernel", true);
        row("same version", "version", usual, usual, "", true);
        row("baseline", "baseline", usual, {.serial_s = 0.24},
            "Serially, the same work took 240 ms in B and 200 ms in A", true);
        row("nearly the same baseline", "baseline", usual, {.serial_s = 0.21}, "", true);

        row("paused", "marks", usual, marked("paused"),
            "B was paused: its times are not for measuring", true);
        row("partial", "marks", usual, marked("partial"), "B was stopped before its end", true);
        row("slowed", "marks", usual, marked("slowed"), "B was slowed down", true);
        row("stepped", "marks", usual, marked("stepped"), "B was run step by step", true);
        row("a mark that does not matter", "marks", usual, marked("summarised"), "", true);
        row("single", "single", usual, {.wall_s = {0.1}}, "B was measured once (n = 1)", true);
        row("not single", "single", {.wall_s = {0.1}}, usual, "", true);
        row("nothing complete", "no_repeat", usual, {.wall_s = {}}, "B has no complete repeat",
            true);
        row("no trace", "no_trace", usual, untraced, "B was run without a trace", true);
        row("a trace", "no_trace", untraced, usual, "", true);
        row("dropped", "dropped", usual, with([](FinishedRun& run) {
            run.marks = {"dropped"};
            run.dropped = 12;
        }),
            "Of B 12 events were lost", true);
        row("busy", "busy", usual, marked("busy_machine"), "did other work beside B", true);
        row("oversubscribed", "oversubscribed", usual, marked("oversubscribed"),
            "B had more workers than usable CPUs (4)", true);
        row("cut", "cut", usual,
            with([](FinishedRun& run) { run.shortfall = "it ends within event 7"; }),
            "The file of B is incomplete (it ends within event 7)", true);
        row("whole", "cut", usual, usual, "", true);
    }

    void sentences()
    {
        QFETCH(QByteArray, id);
        QFETCH(Scene, one);
        QFETCH(Scene, other);
        QFETCH(QByteArray, part);
        QFETCH(bool, limit);
        const Comparison comparison = compare_two(one, other);
        const std::vector<std::string> texts = said(comparison, id.toStdString());
        QCOMPARE(texts.size(), part.isEmpty() ? std::size_t{0} : std::size_t{1});
        if (part.isEmpty())
            return;
        QVERIFY2(QByteArray::fromStdString(texts.front()).contains(part), texts.front().c_str());
        for (const ComparisonSentence& sentence : comparison.sentences) {
            if (sentence.id == id.toStdString())
                QCOMPARE(sentence.limit, limit);
        }
    }

    void every_sentence_is_one_line_that_ends()
    {
        Scene odd;
        odd.change = [](FinishedRun& run) {
            run.description.title = "two\nlines\x1b[31m";
            run.description.id = run.lesson.id = "odd";
            run.machine.cpu = "\xff\xfe";
            run.shortfall = "a\nb";
            run.marks = {"paused", "dropped", "busy_machine", "oversubscribed"};
            run.traced = false;
        };
        const Comparison comparison = compare_two({}, odd);
        QVERIFY(comparison.sentences.size() > 5);
        for (const ComparisonSentence& sentence : comparison.sentences) {
            QVERIFY2(sentence.text.find('\n') == std::string::npos, sentence.text.c_str());
            QVERIFY2(sentence.text.ends_with('.'), sentence.text.c_str());
        }
    }

    void the_same_file_twice()
    {
        ComparedRun run = compared({});
        run.path = "/runs/run.json";
        const Comparison same = compare({run, run});
        QCOMPARE(said(same, "same_file").size(), std::size_t{1});
        for (const ComparedQuantity& quantity : same.quantities) {
            QVERIFY(quantity.differences[1]);
            QVERIFY2(!quantity.differences[1]->clear, quantity.name.c_str());
            QCOMPARE(quantity.differences[1]->absolute, 0.0);
        }
        ComparedRun other = run;
        other.path = "/other/run.json";
        QCOMPARE(said(compare({run, other}), "same_file").size(), std::size_t{0});
    }

    void each_against_the_first()
    {
        const Comparison comparison
            = compare({compared({}, "a.json"), compared({.wall_s = {0.2, 0.2, 0.2}}),
                compared({.wall_s = {0.05, 0.05, 0.05}}), compared({.workers = 3})});
        QVERIFY(said(comparison, "wall", 1).at(0).starts_with("B took 2 × as long as A"));
        QVERIFY(said(comparison, "wall", 2).at(0).starts_with("C was 2 × as fast as A"));
        QVERIFY(said(comparison, "settings", 3).at(0).starts_with("D differs from A in workers"));
        QCOMPARE(comparison.settings.size(), std::size_t{1});
        QCOMPARE(comparison.settings.front().name, std::string("workers"));
        QVERIFY(
            (comparison.settings.front().values == std::vector<std::string>{"2", "2", "2", "3"}));
    }

    void parameters_of_another_lesson_are_not_listed()
    {
        Scene other;
        other.change = [](FinishedRun& run) {
            run.description.id = run.lesson.id = "other";
            run.description.parameters.front().name = "items";
            run.parameters.clear();
            run.parameters = {{"items", std::int64_t{3}}, {"workers", std::int64_t{2}}};
        };
        const Comparison comparison
            = compare({compared({}), compared({.workers = 3}), compared(other)});
        QCOMPARE(comparison.settings.size(), std::size_t{2});
        QCOMPARE(comparison.settings[0].name, std::string("lesson"));
        QCOMPARE(comparison.settings[1].name, std::string("workers"));
    }

    void as_json()
    {
        const std::vector<ComparedRun> runs = {compared({}, "ä.json"),
            compared({.wall_s = {0.2}, .change = [](FinishedRun& run) { run.traced = false; }})};
        const Comparison comparison = compare(runs);
        const nlohmann::json object = comparison_object(runs, comparison);
        QCOMPARE(object.at("schema").get<int>(), 1);
        QCOMPARE(object.at("files").at(0).get<std::string>(), std::string("ä.json"));
        QCOMPARE(object.at("runs").size(), std::size_t{2});
        for (std::size_t i = 0; i < runs.size(); ++i)
            QVERIFY(object.at("runs").at(i) == run_object(*runs[i].run));
        const nlohmann::json& differences = object.at("differences");
        QCOMPARE(differences.at("against").get<std::string>(), std::string("A"));
        QCOMPARE(differences.at("sentences").size(), comparison.sentences.size());
        std::set<std::string> names;
        for (const nlohmann::json& quantity : differences.at("quantities")) {
            names.insert(quantity.at("name").get<std::string>());
            for (const char* const field :
                {"values", "low", "high", "samples", "difference", "ratio", "clear"})
                QCOMPARE(quantity.at(field).size(), std::size_t{2});
            QVERIFY(quantity.at("difference").at(0).is_null());
        }
        QCOMPARE(names.size(), comparison.quantities.size());
        const auto named = [&](const std::string& name) {
            for (const nlohmann::json& quantity : differences.at("quantities")) {
                if (quantity.at("name") == name)
                    return quantity;
            }
            return nlohmann::json();
        };
        QCOMPARE(named("wall_s").at("difference").at(1).get<double>(), 0.1);
        QVERIFY(named("wall_s").at("low").at(0).is_number());
        QVERIFY(named("wall_s").at("low").at(1).is_null());
        QVERIFY(named("bytes").at("values").at(1).is_null());
        QVERIFY(named("bytes").at("ratio").at(1).is_null());
        QVERIFY(named("wall_s").at("clear").at(1).get<bool>());
    }

    // What the run objects say, worked out again from them alone.
    void recomputed_from_the_run_objects()
    {
        const std::vector<ComparedRun> runs
            = {compared({}), compared({.wall_s = {0.3, 0.31}, .workers = 3, .bytes = 7})};
        const Comparison comparison = compare(runs);
        for (std::size_t i = 0; i < runs.size(); ++i) {
            const nlohmann::json object = run_object(*runs[i].run);
            const auto value = [&](const std::string& name) {
                const ComparedQuantity* const found = comparison.quantity(name);
                return found && found->values[i] ? found->values[i]->value : -1;
            };
            for (const char* const name : {"wall_s", "sequential_s", "speedup", "efficiency"})
                QCOMPARE(value(name), object.at(name).get<double>());
            QCOMPARE(value("workers"), object.at("workers").get<double>());
            double bytes = 0;
            double messages = 0;
            for (const nlohmann::json& channel : object.at("channels")) {
                bytes += channel.at("bytes").get<double>();
                messages += channel.at("messages").get<double>();
            }
            QCOMPARE(value("bytes"), bytes);
            QCOMPARE(value("messages"), messages);
            double tasks = 0;
            for (const nlohmann::json& process : object.at("processes"))
                tasks += process.at("tasks").get<double>();
            QCOMPARE(value("tasks"), tasks);
            double sum = 0;
            for (const auto& [category, seconds] : object.at("budget").items()) {
                const double met = value("budget." + category);
                if (met < 0)
                    QCOMPARE(seconds.get<double>(), 0.0);
                else
                    QCOMPARE(met, seconds.get<double>());
                if (category != "total" && met > 0)
                    sum += met;
            }
            QVERIFY(std::abs(sum - value("budget.total")) < 1e-9);
        }
    }
};

QTEST_APPLESS_MAIN(TestComparison)
#include "tst_comparison.moc"
