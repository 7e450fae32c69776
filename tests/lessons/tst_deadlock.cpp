// SPDX-License-Identifier: MIT
// Processes that really wait for each other: seen live by their cycle, and told of the stopped run.
#include "engine/analysis/wait_for_graph.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/run_findings.hpp"
#include "tests/support/lesson_session.hpp"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

const char* const program = "manyhands-test-lessons";

std::vector<std::string> names(const Recording& recording, const std::vector<std::uint32_t>& lanes)
{
    std::vector<std::string> found;
    for (const std::uint32_t lane : lanes)
        found.push_back(recording.lanes()[lane].name);
    return found;
}

const Finding* deadlock_among(const std::vector<Finding>& findings)
{
    const auto found = std::find_if(findings.begin(), findings.end(),
        [](const Finding& finding) { return finding.id == "deadlock"; });
    return found == findings.end() ? nullptr : &*found;
}

} // namespace

class TestDeadlock : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

    void is_found_by_its_cycle_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QStringList>("cycle");
        QTest::addColumn<QStringList>("parts"); // of the sentence
        for (const char* const start : {"spawn", "fork"}) {
            const auto row = [&](const char* what, QStringList cycle, QStringList parts) {
                QTest::addRow("%s, %s", what, start)
                    << QString("what=%1 start=%2").arg(what, start) << cycle << parts;
            };
            row("two_orders", {"Worker-1", "Worker-2"},
                {"Worker-1 holds the lock “A” and waits for the lock “B”, which Worker-2 holds; "
                 "Worker-2 holds the lock “B” and waits for the lock “A”, which Worker-1 holds.",
                    "none of them can ever go on; nor can main, which waits for them."});
            row("twice", {"Worker-1"},
                {"Worker-1 waits for the lock “A”, which it holds itself.",
                    "it can never go on; nor can main, which waits for it."});
            row("join_first", {"main", "Worker-1"},
                {"main waits for Worker-1 to end; Worker-1 waits for space in the channel "
                 "“results”, from which only main could take.",
                    "none of them can ever go on."});
        }
    }

    void is_found_by_its_cycle()
    {
        QFETCH(QString, what);
        QFETCH(QStringList, cycle);
        QFETCH(QStringList, parts);
        std::vector<std::string> words;
        for (const QString& word : what.split(' '))
            words.push_back(word.toStdString());
        std::vector<std::string> expected;
        for (const QString& name : cycle)
            expected.push_back(name.toStdString());
        const Leftovers before = count_leftovers();
        {
            const auto session = start_lesson(program, "deadlock", words);
            QVERIFY(poll_until(
                *session, [&] { return !wait_for_graph(session->recording()).cycle.empty(); }));
            const WaitForGraph live = wait_for_graph(session->recording());
            QCOMPARE(names(session->recording(), live.cycle), expected);
            // Main's join may follow; then nobody is left outside.
            QVERIFY(poll_until(*session, [&] {
                const WaitForGraph graph = wait_for_graph(session->recording());
                return graph.stuck == graph.lanes;
            }));
            session->stop(StopReason::person);
            QVERIFY(finish(*session));
            QCOMPARE(session->state(), RunState::stopped);

            const FinishedRun run = finished_run(*session);
            const std::vector<Finding> found = findings_of(run);
            const Finding* const finding = deadlock_among(found);
            QVERIFY(finding != nullptr);
            for (const QString& part : parts)
                QVERIFY2(finding->sentence.find(part.toStdString()) != std::string::npos,
                    finding->sentence.c_str());
            const std::vector<Lane>& lanes = run.recording->lanes();
            QVERIFY(std::find(expected.begin(), expected.end(), lanes[*finding->lane].name)
                != expected.end());
            QVERIFY(finding->interval->begin_ns < finding->interval->end_ns);
            const nlohmann::json array = findings_array(run, found);
            QCOMPARE(array.at(0).at("id").get<std::string>(), std::string("deadlock"));

            // A kept run says the same.
            const QTemporaryDir folder;
            const std::string path = folder.filePath("kept.json").toStdString();
            save_run(run, path);
            const FinishedRun kept = open_run(path);
            QCOMPARE(findings_array(kept, findings_of(kept)).dump(), array.dump());
        }
        QCOMPARE(count_leftovers().descendants, before.descendants);
        QCOMPARE(count_leftovers().descriptors, before.descriptors);
    }

    void is_not_found_where_there_is_none_data()
    {
        QTest::addColumn<QString>("what");
        QTest::newRow("a long wait") << "long_wait";
        QTest::newRow("a barrier") << "barrier";
    }

    void is_not_found_where_there_is_none()
    {
        QFETCH(QString, what);
        const auto session = start_lesson(program, "deadlock", {"what=" + what.toStdString()});
        const auto waits = [&] {
            const WaitForGraph graph = wait_for_graph(session->recording());
            return std::count_if(graph.edges.begin(), graph.edges.end(),
                [](const WaitEdge& edge) { return edge.interval.length_ns() > 300'000'000; });
        };
        bool any = false;
        QVERIFY(poll_until(*session, [&] {
            any = any || !wait_for_graph(session->recording()).stuck.empty();
            return waits() >= 2;
        }));
        QVERIFY(!any);
        session->stop(StopReason::person);
        QVERIFY(finish(*session));
        const FinishedRun run = finished_run(*session);
        QVERIFY(run.recording->stop_asked_ns().has_value());
        QVERIFY(!wait_for_graph(*run.recording).edges.empty());
        QVERIFY(deadlock_among(findings_of(run)) == nullptr);
    }
};

QTEST_GUILESS_MAIN(TestDeadlock)
#include "tst_deadlock.moc"
