// SPDX-License-Identifier: MIT
// The lesson prime_counting, end to end: known answers, conservation, and what it shows of itself.
#include "engine/analysis/time_budget.hpp"
#include "engine/program/embedded_files.hpp"
#include "tests/support/lesson_session.hpp"

#include <QCryptographicHash>
#include <QProcess>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

using namespace manyhands;
using namespace manyhands::tests;

class TestPrimeCounting : public QObject
{
    Q_OBJECT

private slots:
    void finds_as_many_primes_as_there_are_data();
    void finds_as_many_primes_as_there_are();
    void finds_them_by_every_schedule_and_method_data();
    void finds_them_by_every_schedule_and_method();
    void leaves_the_upper_half_to_one_worker();
    void asks_about_its_own_run();
    void ends_when_a_worker_is_killed_data();
    void ends_when_a_worker_is_killed();
    void python_says_the_same_data();
    void python_says_the_same();
    void measures_repeats_in_turn_with_a_baseline_each();
    void does_without_a_trace();
    void embeds_its_files_as_they_are();
};

void TestPrimeCounting::finds_as_many_primes_as_there_are_data()
{
    QTest::addColumn<int>("limit");
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("chunks");
    QTest::addColumn<int>("primes");
    QTest::newRow("up to 2, the least limit") << 2 << 2 << 64 << 1;
    QTest::newRow("up to 3, fewer numbers than chunks") << 3 << 3 << 64 << 2;
    QTest::newRow("pi(10^3)") << 1'000 << 1 << 1 << 168;
    QTest::newRow("pi(10^4)") << 10'000 << 2 << 64 << 1229;
    QTest::newRow("pi(10^5), more workers than chunks") << 100'000 << 4 << 3 << 9592;
    QTest::newRow("pi(10^6), ragged chunks") << 1'000'000 << 2 << 7 << 78'498;
    QTest::newRow("pi(10^6), many small chunks") << 1'000'000 << 3 << 5000 << 78'498;
    QTest::newRow("pi(10^7)") << 10'000'000 << 2 << 64 << 664'579;
}

void TestPrimeCounting::finds_as_many_primes_as_there_are()
{
    QFETCH(int, limit);
    QFETCH(int, workers);
    QFETCH(int, chunks);
    QFETCH(int, primes);
    const auto session = start_lesson("manyhands-lesson", "prime_counting",
        {"limit=" + std::to_string(limit), "workers=" + std::to_string(workers),
            "chunks=" + std::to_string(chunks)});
    QVERIFY(finish(*session));
    QVERIFY2(session->state() == RunState::done, session->problem().c_str());
    const ResultDocument& document = session->document().value();
    QCOMPARE(document.result.at("primes").get<int>(), primes);
    int by_workers = 0;
    for (const auto& worker : document.result.at("by_worker"))
        by_workers += worker.at("primes").get<int>();
    QCOMPARE(by_workers, primes);
    QCOMPARE(document.checks.size(), std::size_t{4});
    for (std::size_t i = 0; i < 3; ++i)
        QVERIFY2(document.checks[i].held == true, document.checks[i].claim.c_str());
    QVERIFY(!document.checks.back().held.has_value()); // of a static schedule

    const Recording& recording = session->recording();
    QCOMPARE(recording.events_dropped(), 0U);
    QCOMPARE(recording.tasks().size(), static_cast<std::size_t>(chunks));
    for (const Task& task : recording.tasks())
        QCOMPARE(task.outcome, Task::Outcome::done);
    QCOMPARE(recording.channels().size(), std::size_t{2});
    for (const Channel& channel : recording.channels()) {
        QCOMPARE(channel.messages, static_cast<std::uint64_t>(chunks));
        QCOMPARE(channel.messages_received, channel.messages);
        QCOMPARE(channel.bytes_received, channel.bytes);
        QVERIFY(channel.bytes > 0);
    }
    // States nest strictly: a span lies within whichever is open when it begins.
    for (const Lane& lane : recording.lanes()) {
        QVERIFY(!lane.damaged);
        std::vector<Span> open;
        std::int64_t last_begin = lane.start_ns;
        for (const Span& span : lane.spans) {
            QVERIFY(span.begin_ns >= last_begin && span.end_ns >= span.begin_ns);
            last_begin = span.begin_ns;
            while (open.size() > span.depth)
                open.pop_back();
            QCOMPARE(open.size(), static_cast<std::size_t>(span.depth));
            if (!open.empty())
                QVERIFY(span.end_ns <= open.back().end_ns);
            open.push_back(span);
        }
    }
    const TimeBudget budget = time_budget(recording, recording.shown_interval());
    double total = 0;
    for (const Budget& lane : budget.lanes) {
        double sum = 0;
        for (const double seconds : lane.seconds)
            sum += seconds;
        QVERIFY(std::abs(sum - lane.total_s) < 1e-6);
        total += lane.total_s;
    }
    QVERIFY(std::abs(total - budget.all.total_s) < 1e-6);
    QVERIFY(budget.all[BudgetCategory::unexplained] >= 0);
}

void TestPrimeCounting::finds_them_by_every_schedule_and_method_data()
{
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<QString>("method");
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("chunks");
    for (const char* schedule : {"static", "dynamic", "guided"}) {
        for (const char* method : {"map", "apply_async", "imap_unordered"}) {
            QTest::newRow(qPrintable(QString("%1, %2").arg(schedule, method)))
                << QString(schedule) << QString(method) << 2 << 64;
        }
        QTest::newRow(qPrintable(QString("%1, ragged").arg(schedule)))
            << QString(schedule) << QString("map") << 3 << 7;
        QTest::newRow(qPrintable(QString("%1, fewer chunks than workers").arg(schedule)))
            << QString(schedule) << QString("map") << 4 << 2;
    }
    QTest::newRow("more calls than the pool has places")
        << QString("dynamic") << QString("apply_async") << 2 << 3000;
}

void TestPrimeCounting::finds_them_by_every_schedule_and_method()
{
    QFETCH(QString, schedule);
    QFETCH(QString, method);
    QFETCH(int, workers);
    QFETCH(int, chunks);
    const auto session = start_lesson("manyhands-lesson", "prime_counting",
        {"limit=100000", "workers=" + std::to_string(workers), "chunks=" + std::to_string(chunks),
            "schedule=" + schedule.toStdString(), "method=" + method.toStdString()});
    QVERIFY(finish(*session));
    QVERIFY2(session->state() == RunState::done, session->problem().c_str());
    const ResultDocument& document = session->document().value();
    QCOMPARE(document.result.at("primes").get<int>(), 9592);
    for (const Check& check : document.checks)
        QVERIFY2(check.held.value_or(true), check.claim.c_str());
    const bool is_static = schedule == "static" && method == "map";
    QCOMPARE(document.checks.back().held.has_value(), is_static);
    QCOMPARE(session->recording().tasks().size(), static_cast<std::size_t>(chunks));
    // A guided schedule hands several ranges out in one message, the others one.
    const auto& channels = session->recording().channels();
    QCOMPARE(channels.front().name, std::string("tasks"));
    const bool guided = schedule == "guided" && method == "map" && chunks > 2 * workers;
    QCOMPARE(channels.front().messages < static_cast<std::uint64_t>(chunks), guided);
}

void TestPrimeCounting::leaves_the_upper_half_to_one_worker()
{
    const auto session = start_lesson("manyhands-lesson", "prime_counting",
        {"limit=300000", "workers=2", "chunks=2", "schedule=static"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const ResultDocument& document = session->document().value();
    // One range each; the primes of the lower half and of the upper one.
    const auto& by_worker = document.result.at("by_worker");
    QCOMPARE(by_worker.size(), std::size_t{2});
    std::set<int> primes;
    for (const auto& worker : by_worker)
        primes.insert(worker.at("primes").get<int>());
    const std::set<int> halves = {13'848, 12'149}; // pi(150 000), and pi(300 000) less that
    QVERIFY(primes == halves);
}

void TestPrimeCounting::asks_about_its_own_run()
{
    const auto session = start_lesson(
        "manyhands-lesson", "prime_counting", {"limit=1000000", "workers=6", "chunks=8"});
    QVERIFY(finish(*session));
    const ResultDocument& document = session->document().value();
    QVERIFY(!document.quiz.empty());
    for (const QuizQuestion& question : document.quiz) {
        QCOMPARE(std::count_if(question.choices.begin(), question.choices.end(),
                     [](const QuizChoice& choice) { return choice.right; }),
            1);
        QVERIFY(question.choices.size() >= 3 && question.choices.size() <= 4);
        for (const QuizChoice& choice : question.choices)
            QVERIFY(choice.right != choice.attempt.has_value());
    }
    std::set<std::string> views;
    for (const Series& series : document.series) {
        views.insert(series.view);
        QCOMPARE(series.x.size(), series.y.size());
    }
    const std::set<std::string> expected = {"busy_time", "range_time"};
    QVERIFY(views == expected);
    QCOMPARE(document.series.front().y.size(), std::size_t{6});
}

void TestPrimeCounting::ends_when_a_worker_is_killed_data()
{
    QTest::addColumn<QString>("words");
    QTest::newRow("dynamic") << "schedule=dynamic";
    QTest::newRow("static") << "schedule=static";
    QTest::newRow("guided") << "schedule=guided";
    QTest::newRow("apply_async") << "method=apply_async";
    QTest::newRow("imap_unordered") << "method=imap_unordered";
}

void TestPrimeCounting::ends_when_a_worker_is_killed()
{
    QFETCH(QString, words);
    const auto session = start_lesson("manyhands-lesson", "prime_counting",
        {"limit=1000000", "workers=2", "chunks=8", words.toStdString()});
    const auto victim = [&]() -> const Lane* {
        for (const Task& task : session->recording().tasks()) {
            if (task.outcome == Task::Outcome::running && task.lane != no_subject)
                return &session->recording().lanes()[task.lane];
        }
        return nullptr;
    };
    QVERIFY(poll_until(*session, [&] { return victim() != nullptr; }));
    ::kill(victim()->pid, SIGKILL);
    QVERIFY2(finish(*session), "the run hangs");
    QCOMPARE(session->state(), RunState::failed);
    const std::vector<Failure>& failures = session->document().value().failures;
    QVERIFY(std::any_of(failures.begin(), failures.end(), [](const Failure& failure) {
        return failure.kind == "signal" && failure.value == SIGKILL;
    }));
}

void TestPrimeCounting::python_says_the_same_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("dynamic, map") << QStringList{"100000", "2", "20"};
    QTest::newRow("static, map") << QStringList{"100000", "3", "7", "static"};
    QTest::newRow("guided, apply_async")
        << QStringList{"100000", "2", "50", "guided", "apply_async"};
    QTest::newRow("dynamic, imap_unordered")
        << QStringList{"100000", "2", "20", "dynamic", "imap_unordered"};
}

void TestPrimeCounting::python_says_the_same()
{
    QFETCH(QStringList, arguments);
    QProcess python;
    python.start("python3",
        QStringList{MANYHANDS_SOURCE_DIR "/lessons/prime_counting/program.py"} + arguments);
    QVERIFY(python.waitForFinished(60'000));
    QCOMPARE(python.exitCode(), 0);
    const QString output = QString::fromUtf8(python.readAllStandardOutput());
    QVERIFY2(output.startsWith("9592 primes up to 100000"), qPrintable(output));
}

void TestPrimeCounting::measures_repeats_in_turn_with_a_baseline_each()
{
    const auto session
        = start_lesson("manyhands-lesson", "prime_counting", {"limit=200000", "workers=2"}, 3);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(session->repeats().size(), std::size_t{3});
    std::set<double> baselines;
    std::vector<double> walls;
    for (const Repeat& repeat : session->repeats()) {
        QVERIFY(repeat.sequential_s.has_value());
        QVERIFY(repeat.speedup.has_value());
        baselines.insert(*repeat.sequential_s);
        walls.push_back(repeat.wall_s);
    }
    QVERIFY2(baselines.size() > 1, "each repeat has a baseline of its own");
    std::sort(walls.begin(), walls.end());
    QCOMPARE(session->repeats()[session->shown_repeat()].wall_s, walls[1]);
    // The shown recording is that of one repeat with its baseline: main and two workers.
    QCOMPARE(session->recording().lanes().size(), std::size_t{3});
    QVERIFY(session->recording().last_phase(PhaseKind::baseline) != nullptr);
    QVERIFY(session->recording().last_phase(PhaseKind::warm_up) == nullptr);
}

void TestPrimeCounting::does_without_a_trace()
{
    const auto session = start_lesson(
        "manyhands-lesson", "prime_counting", {"limit=200000", "workers=2"}, {}, false);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(session->progress().events, 0U);
    const nlohmann::json object = run_object(*session);
    QVERIFY(object.at("events").is_null());
    QVERIFY(object.at("budget").is_null());
    QVERIFY(object.at("channels").is_null());
    QVERIFY(object.at("speedup").is_number());
    QCOMPARE(object.at("result").at("primes").get<int>(), 17'984);
    QCOMPARE(object.at("processes").size(), std::size_t{3});
}

void TestPrimeCounting::embeds_its_files_as_they_are()
{
    QVERIFY(!embedded_files().empty());
    for (const EmbeddedFile& file : embedded_files()) {
        const std::string text = source_file(std::string(file.path));
        const QByteArray hash
            = QCryptographicHash::hash(QByteArray::fromStdString(text), QCryptographicHash::Sha256)
                  .toHex();
        QCOMPARE(hash, QByteArray(file.sha256.data(), static_cast<qsizetype>(file.sha256.size())));
        QCOMPARE(QByteArray::fromStdString(text),
            QByteArray(file.text.data(), static_cast<qsizetype>(file.text.size())));
    }
}

QTEST_GUILESS_MAIN(TestPrimeCounting)
#include "tst_prime_counting.moc"
