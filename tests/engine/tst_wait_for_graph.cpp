// SPDX-License-Identifier: MIT
// Tests engine/analysis/wait_for_graph: scripted waits, of which some can never end.
#include "engine/analysis/wait_for_graph.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

using namespace manyhands;
using namespace manyhands::test;

namespace {

/// main (lane 0) and workers (1, 2, …), which do what a row says; the run is stopped at 1000.
struct Scene
{
    ScriptedRecording script;

    explicit Scene(int workers)
    {
        script.lane("main", Role::main, 0);
        for (int i = 1; i <= workers; ++i)
            script.lane("Worker-" + std::to_string(i), Role::worker, 0);
        for (std::uint16_t number = 0; number < 4; ++number)
            script.builder.text(0,
                {TextKind::lock, number, std::string("lock\n") + static_cast<char>('A' + number)});
        script.builder.text(0, {TextKind::lock, 9, "barrier\nstart"});
        script.builder.text(0, {TextKind::channel, 0, "queue\nitems"});
    }

    void wait_lock(std::uint32_t lane, std::uint64_t time, std::uint32_t lock, std::uint32_t holder)
    {
        script.event(lane, time, EventKind::state_begin,
            static_cast<std::uint8_t>(State::waiting_lock), lock, holder);
    }
    void wait_on(std::uint32_t lane, std::uint64_t time, std::uint32_t lock, std::uint32_t holder)
    {
        script.event(lane, time, EventKind::lock_awaited, 0, lock, holder);
    }
    void join(std::uint32_t lane, std::uint64_t time, std::uint32_t joined)
    {
        script.begin(lane, time, State::joining, joined);
    }
    void stop(std::uint64_t time = 1000)
    {
        script.builder.ask_to_stop(time);
        script.builder.advance(time + 100);
    }
    const Recording& recording() const { return script.builder.recording(); }
};

void two_orders(Scene& scene)
{
    scene.wait_lock(1, 100, 1, 2); // has A, wants B, which the other one has
    scene.wait_lock(2, 200, 0, 1);
    scene.wait_on(1, 210, 1, 2);
}

struct Make
{
    void (*scene)(Scene&) = nullptr;
};

QString names(const Recording& recording, const std::vector<std::uint32_t>& lanes)
{
    QStringList found;
    for (const std::uint32_t lane : lanes)
        found += QString::fromStdString(recording.lanes()[lane].name);
    return found.join(' ');
}

} // namespace

Q_DECLARE_METATYPE(Make)

class TestWaitForGraph : public QObject
{
    Q_OBJECT

private slots:
    void deadlocks_data()
    {
        QTest::addColumn<Make>("make");
        QTest::addColumn<QString>("cycle");
        QTest::addColumn<QString>("stuck");
        const auto row
            = [](const char* name, void (*scene)(Scene&), const char* cycle, const char* stuck) {
                  QTest::newRow(name) << Make{scene} << QString(cycle) << QString(stuck);
              };

        row("two locks in two orders", two_orders, "Worker-1 Worker-2", "Worker-1 Worker-2");
        row(
            "and main joins one of them",
            [](Scene& scene) {
                scene.join(0, 50, 2);
                two_orders(scene);
            },
            "Worker-1 Worker-2", "main Worker-1 Worker-2");
        row(
            "and a third one waits, too",
            [](Scene& scene) {
                two_orders(scene);
                scene.wait_lock(3, 300, 0, 1);
            },
            "Worker-1 Worker-2", "Worker-1 Worker-2 Worker-3");
        row(
            "locks whose taking was told",
            [](Scene& scene) {
                scene.script.event(1, 50, EventKind::lock_taken, 0, 0);
                scene.script.event(2, 60, EventKind::lock_taken, 0, 1);
                scene.wait_lock(1, 100, 1, 2);
                scene.wait_lock(2, 200, 0, 1);
            },
            "Worker-1 Worker-2", "Worker-1 Worker-2");
        row(
            "three in a ring",
            [](Scene& scene) {
                scene.wait_lock(1, 100, 1, 2);
                scene.wait_lock(2, 110, 2, 3);
                scene.wait_lock(3, 120, 0, 1);
                for (std::uint32_t lane = 1; lane < 4; ++lane)
                    scene.wait_on(lane, 200 + lane, lane % 3, lane % 3 + 1);
            },
            "Worker-1 Worker-2 Worker-3", "Worker-1 Worker-2 Worker-3");
        row(
            "one lock twice", [](Scene& scene) { scene.wait_lock(2, 100, 0, 2); }, "Worker-2",
            "Worker-2");
        row(
            "joined before its queue is drained",
            [](Scene& scene) {
                scene.script.message(1, 100, false, 0, 0, 8);
                scene.script.begin(1, 120, State::waiting_space, 0);
                scene.join(0, 130, 1);
                for (std::uint32_t lane = 2; lane < 4; ++lane)
                    scene.script.end_lane(lane, 50);
            },
            "main Worker-1", "main Worker-1");
        row(
            "joined before its queue is drained, with another one that puts",
            [](Scene& scene) {
                for (std::uint32_t lane = 1; lane < 3; ++lane) {
                    scene.script.message(lane, 100, false, 0, lane, 8);
                    scene.script.begin(lane, 120, State::waiting_space, 0);
                }
                scene.join(0, 130, 1);
                scene.script.end_lane(3, 50);
            },
            "main Worker-1", "main Worker-1 Worker-2");
        row(
            "a consumer of whom nobody has taken leave",
            [](Scene& scene) {
                scene.script.message(2, 100, false, 0, 0, 8);
                scene.script.message(1, 110, true, 0, 0, 8);
                scene.script.end_lane(2, 120);
                scene.script.end_lane(3, 120);
                scene.script.begin(1, 130, State::waiting_data, 0);
                scene.join(0, 140, 1);
            },
            "main Worker-1", "main Worker-1");
        row(
            "a producer with the lock that its consumer needs",
            [](Scene& scene) {
                scene.script.message(1, 90, false, 0, 0, 8);
                scene.script.message(2, 95, true, 0, 0, 8);
                scene.script.begin(1, 100, State::waiting_space, 0);
                scene.wait_lock(2, 200, 0, 1);
                scene.join(0, 210, 1);
                scene.script.end_lane(3, 50);
            },
            "main Worker-1", "main Worker-1 Worker-2");
    }

    void deadlocks()
    {
        QFETCH(Make, make);
        QFETCH(QString, cycle);
        QFETCH(QString, stuck);
        Scene scene(3);
        make.scene(scene);
        scene.stop();
        const WaitForGraph graph = wait_for_graph(scene.recording());
        QCOMPARE(graph.moment_ns, std::int64_t{1000});
        QCOMPARE(names(scene.recording(), graph.stuck), stuck);
        QCOMPARE(names(scene.recording(), graph.cycle), cycle);
        for (std::size_t i = 0; i < graph.cycle.size(); ++i) {
            const WaitEdge* const edge = graph.edge_of(graph.cycle[i]);
            QVERIFY(edge != nullptr);
            const std::uint32_t next = graph.cycle[(i + 1) % graph.cycle.size()];
            QVERIFY(
                std::find(edge->targets.begin(), edge->targets.end(), next) != edge->targets.end());
        }
        // Whoever died of the stop changes nothing of it.
        for (std::uint32_t lane = 0; lane < 4; ++lane)
            scene.script.end_lane(lane, 1050, -9);
        QCOMPARE(names(scene.recording(), wait_for_graph(scene.recording()).cycle), cycle);
        // At its end nobody waits.
        const WaitForGraph end = wait_for_graph(scene.recording(), 1050);
        QVERIFY(end.lanes.empty() && end.edges.empty() && end.stuck.empty() && end.cycle.empty());
    }

    void no_deadlocks_data()
    {
        QTest::addColumn<Make>("make");
        const auto row
            = [](const char* name, void (*scene)(Scene&)) { QTest::newRow(name) << Make{scene}; };

        row("nobody waits", [](Scene&) {});
        row("a long wait for one that computes", [](Scene& scene) {
            scene.script.begin(2, 0, State::computing);
            scene.wait_lock(1, 10, 0, 2);
            for (std::uint64_t time = 100; time < 1000; time += 100)
                scene.wait_on(1, time, 0, 2);
            scene.join(0, 20, 1);
        });
        row("a chain", [](Scene& scene) {
            scene.wait_lock(1, 10, 0, 2);
            scene.wait_lock(2, 20, 1, 3);
            scene.wait_on(1, 30, 0, 2);
        });
        row("a wait that ended", [](Scene& scene) {
            two_orders(scene);
            scene.script.end(1, 900, State::waiting_lock);
        });
        row("a wait that ended by death", [](Scene& scene) {
            two_orders(scene);
            scene.script.end_lane(2, 900, -9);
        });
        row("two waits, one after the other", [](Scene& scene) {
            scene.wait_lock(1, 100, 1, 2);
            scene.script.end(1, 150, State::waiting_lock);
            scene.wait_lock(2, 200, 0, 1);
        });
        // Worker-2 may have let B go before it began to wait: Worker-1 has not looked since.
        row("a holder of long ago", [](Scene& scene) {
            scene.wait_lock(1, 100, 1, 2);
            scene.wait_lock(2, 200, 0, 1);
        });
        row("a holder that has let go", [](Scene& scene) {
            scene.wait_lock(1, 100, 1, 2);
            scene.script.event(2, 150, EventKind::lock_released, 0, 1, 60);
            scene.wait_lock(2, 200, 0, 1);
        });
        row("another holder by now", [](Scene& scene) {
            two_orders(scene);
            scene.wait_on(1, 300, 1, 3);
        });
        row("a barrier", [](Scene& scene) {
            for (std::uint32_t lane = 1; lane < 4; ++lane)
                scene.script.begin(lane, 100 + lane, State::waiting_lock, 9);
            scene.join(0, 110, 1);
        });
        row("space that somebody may yet make", [](Scene& scene) {
            scene.script.message(1, 100, false, 0, 0, 8);
            scene.script.begin(1, 120, State::waiting_space, 0);
            scene.join(0, 130, 1);
            scene.script.begin(2, 130, State::computing);
        });
        row("space that has been made", [](Scene& scene) {
            scene.script.message(1, 100, false, 0, 0, 8);
            scene.script.begin(1, 120, State::waiting_space, 0);
            scene.script.message(0, 990, true, 0, 0, 8);
            scene.join(0, 995, 1);
            scene.script.end_lane(2, 50);
            scene.script.end_lane(3, 50);
        });
        row("data that is there", [](Scene& scene) {
            scene.script.begin(1, 120, State::waiting_data, 0);
            scene.script.message(0, 990, false, 0, 0, 8);
            scene.join(0, 995, 1);
            scene.script.end_lane(2, 50);
            scene.script.end_lane(3, 50);
        });
        row("a join of nobody known", [](Scene& scene) {
            scene.script.begin(0, 100, State::joining);
            scene.wait_lock(1, 120, 0, 2);
        });
        row("a join of what has ended", [](Scene& scene) {
            scene.script.end_lane(1, 90);
            scene.join(0, 100, 1);
        });
    }

    void no_deadlocks()
    {
        QFETCH(Make, make);
        Scene scene(3);
        make.scene(scene);
        scene.stop();
        const WaitForGraph graph = wait_for_graph(scene.recording());
        QVERIFY(graph.cycle.empty());
        QVERIFY(graph.stuck.empty());
    }

    void tells_who_waits_for_whom()
    {
        Scene scene(3);
        two_orders(scene);
        scene.join(0, 50, 1);
        scene.script.begin(3, 400, State::waiting_data, 0);
        scene.stop();
        const WaitForGraph graph = wait_for_graph(scene.recording());
        QCOMPARE(graph.lanes, (std::vector<std::uint32_t>{0, 1, 2, 3}));
        QCOMPARE(graph.edges.size(), std::size_t{4});
        const WaitEdge& join = *graph.edge_of(0);
        QVERIFY(join.state == State::joining && join.evidence == WaitEdge::Evidence::certain);
        QCOMPARE(join.targets, std::vector<std::uint32_t>{1});
        QCOMPARE(join.interval.begin_ns, std::int64_t{50});
        QCOMPARE(join.interval.end_ns, std::int64_t{1000});
        const WaitEdge& lock = *graph.edge_of(1);
        QVERIFY(lock.state == State::waiting_lock && lock.evidence == WaitEdge::Evidence::certain);
        QCOMPARE(scene.recording().locks()[lock.subject].name, std::string("B"));
        QCOMPARE(lock.targets, std::vector<std::uint32_t>{2});
        const WaitEdge& data = *graph.edge_of(3);
        QVERIFY(data.evidence == WaitEdge::Evidence::possible);
        QCOMPARE(data.targets, (std::vector<std::uint32_t>{0, 1, 2}));
        // Earlier, it is as it was then.
        const WaitForGraph before = wait_for_graph(scene.recording(), 150);
        QVERIFY(before.cycle.empty());
        QVERIFY(before.edge_of(2) == nullptr);
        QVERIFY(before.edge_of(1)->evidence == WaitEdge::Evidence::likely);
        QVERIFY(wait_for_graph(scene.recording(), 205).cycle.empty());
        QCOMPARE(wait_for_graph(scene.recording(), 210).cycle.size(), std::size_t{2});
    }

    void knows_a_join_told_before_its_process()
    {
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.begin(0, 100, State::joining, 1);
        QVERIFY(script.builder.recording().joins().empty());
        script.lane("Worker-1", Role::worker, 90);
        script.builder.advance(200);
        QCOMPARE(script.builder.recording().joins().size(), std::size_t{1});
        QCOMPARE(wait_for_graph(script.builder.recording()).edge_of(0)->targets,
            std::vector<std::uint32_t>{1});
    }

    /// Whatever was recorded: a cycle is one, and all of it is stuck.
    void any_recording_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 40; ++seed)
            QTest::addRow("seed %llu", seed) << seed;
    }
    void any_recording()
    {
        QFETCH(quint64, seed);
        const Recording recording = random_recording(seed, 3000);
        for (std::int64_t moment = 0; moment <= recording.now_ns(); moment += 20) {
            const WaitForGraph graph = wait_for_graph(recording, moment);
            const std::set<std::uint32_t> stuck(graph.stuck.begin(), graph.stuck.end());
            QCOMPARE(graph.cycle.empty(), graph.stuck.empty());
            for (const std::uint32_t lane : graph.stuck) {
                const WaitEdge& edge = *graph.edge_of(lane);
                QVERIFY(!edge.targets.empty());
                for (const std::uint32_t target : edge.targets)
                    QVERIFY(stuck.contains(target));
            }
            for (std::size_t i = 0; i < graph.cycle.size(); ++i) {
                const std::vector<std::uint32_t>& targets = graph.edge_of(graph.cycle[i])->targets;
                QVERIFY(std::binary_search(
                    targets.begin(), targets.end(), graph.cycle[(i + 1) % graph.cycle.size()]));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestWaitForGraph)
#include "tst_wait_for_graph.moc"
