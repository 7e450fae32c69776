// SPDX-License-Identifier: MIT
// Tests engine/observe/run_findings: what of a run findings are made of, and their JSON.
#include "engine/observe/run_findings.hpp"
#include "tests/support/finished_runs.hpp"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace manyhands;
using namespace manyhands::test;

namespace {

constexpr std::uint64_t ms = 1'000'000;

/// A pool of which one worker has nothing to do behind 120 ms, and the other until 200 ms; the
/// repeat begins at 100 ms. Tasks 0 and 1 end in turn, 2 before 1 does.
FinishedRun run()
{
    ScriptedRecording script;
    script.builder.phase(PhaseKind::repeat, 0, 100 * ms, 200 * ms, 10);
    script.lane("main", Role::main, 0);
    for (std::uint32_t lane = 1; lane <= 2; ++lane) {
        script.lane("Worker-" + std::to_string(lane), Role::worker, 100 * ms);
        script.event(lane, 100 * ms, EventKind::task_begun, computes, lane);
        script.event(lane, (lane == 1 ? 120 : 200) * ms, EventKind::task_done, computes, lane);
        script.end_lane(lane, 200 * ms);
    }
    script.builder.advance(200 * ms);
    FinishedRun run = finished_run_of(std::move(script.builder).take());
    run.document->failures.clear();
    run.marks.clear();
    run.repeats = {{0.1, 0.05, 0.5}, {0.2, 0.05, 0.25}, {0.1, 0.05, 0.5}};
    run.sequential_s = 0.05;
    return run;
}

QString ids_of(const std::vector<Finding>& found)
{
    QStringList ids;
    for (const Finding& finding : found)
        ids << QString::fromStdString(finding.id);
    return ids.join(' ');
}

} // namespace

class TestRunFindings : public QObject
{
    Q_OBJECT

private slots:
    void what_a_run_says_data()
    {
        QTest::addColumn<QStringList>("marks");
        QTest::addColumn<QString>("expected");
        const QString all = "slower_than_alone idle_tail";
        QTest::newRow("no mark") << QStringList{} << all;
        QTest::newRow("for measuring") << QStringList{"oversubscribed", "busy_machine"} << all;
        for (const char* const mark : {"partial", "paused", "slowed", "stepped"})
            QTest::newRow(mark) << QStringList{"dropped", mark} << QString();
    }

    void what_a_run_says()
    {
        QFETCH(QStringList, marks);
        QFETCH(QString, expected);
        FinishedRun of = run();
        for (const QString& mark : marks)
            of.marks.push_back(mark.toStdString());
        QCOMPARE(ids_of(findings_of(of)), expected);
    }

    void the_medians_of_all_repeats_count()
    {
        const std::vector<Finding> found = findings_of(run());
        QVERIFY2(found.front().sentence.find("took 100 ms, and one process alone 50.0 ms: the "
                                             "speedup is 0.50")
                != std::string::npos,
            found.front().sentence.c_str());
    }

    void nothing_is_said_of_a_death_in_a_run_that_was_stopped()
    {
        FinishedRun of = run();
        of.document->failures = {{"Worker-1", 101, {}, "", "signal", 9, "was killed by SIGKILL"}};
        QVERIFY(ids_of(findings_of(of)).startsWith("worker_died"));
        for (const RunState state : {RunState::stopped, RunState::timed_out}) {
            of.state = state;
            QVERIFY(!ids_of(findings_of(of)).contains("worker_died"));
        }
    }

    void predictions_are_asked()
    {
        FinishedRun of = run();
        PredictionDescription about;
        about.name = "how_fast";
        about.quantity = "speedup";
        of.description.guide.predictions = {about};
        Prediction prediction;
        prediction.name = "how_fast";
        prediction.value = 2;
        QCOMPARE(ids_of(findings_of(of, {prediction})),
            QString("slower_than_alone speedup_has_limits idle_tail"));
    }

    void no_document()
    {
        FinishedRun of = run();
        of.document.reset();
        QCOMPARE(ids_of(findings_of(of)), QString("slower_than_alone idle_tail"));
        of.repeats.clear();
        QCOMPARE(ids_of(findings_of(of)), QString("idle_tail"));
    }

    void as_json()
    {
        const FinishedRun of = run();
        const nlohmann::json array = run_object(of).at("findings");
        QCOMPARE(array.size(), std::size_t{2});
        QVERIFY(array == findings_array(of, findings_of(of)));
        const nlohmann::json& tail = array[1];
        QCOMPARE(tail.at("id").get<std::string>(), std::string("idle_tail"));
        for (const char* const words : {"belief", "sentence", "question"})
            QVERIFY(!tail.at(words).get<std::string>().empty());
        QCOMPARE(tail.at("process").get<std::string>(), std::string("Worker-2"));
        QCOMPARE(tail.at("pid").get<int>(), 102);
        // Since the begin of the repeat, as the processes' times are.
        QCOMPARE(tail.at("interval_s").dump(), std::string("[0.02,0.1]"));
        QCOMPARE(tail.at("attempt").at("sweep").get<std::string>(),
            std::string("schedule=static,dynamic"));
        QVERIFY(tail.at("attempt").at("words").empty());
        QVERIFY(tail.at("attempt").at("label").is_string());
    }

    void nulls_as_json()
    {
        Finding bare;
        bare.id = "bare";
        const nlohmann::json array = findings_array(run(), {bare});
        for (const char* const member : {"process", "pid", "interval_s", "attempt"})
            QVERIFY2(array[0].at(member).is_null(), member);
    }

    void a_pause_has_no_width()
    {
        FinishedRun of = run();
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        script.builder.pause(10 * ms);
        script.builder.resume(60 * ms);
        script.builder.advance(100 * ms);
        of.recording = std::make_shared<const Recording>(std::move(script.builder).take());
        Finding finding;
        finding.interval = Interval{5 * ms, 70 * ms};
        QCOMPARE(
            findings_array(of, {finding})[0].at("interval_s").dump(), std::string("[0.005,0.02]"));
    }
};

QTEST_APPLESS_MAIN(TestRunFindings)

#include "tst_run_findings.moc"
