// SPDX-License-Identifier: MIT
// The lesson producer_consumer, end to end: no item vanishes, whatever ends the consumers and
// whoever dies; what is measured agrees with what was recorded.
#include "engine/observe/measured.hpp"
#include "tests/support/lesson_session.hpp"

#include <QProcess>
#include <QTest>
#include <algorithm>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

const std::string program = "manyhands-lesson";
const std::string lesson = "producer_consumer";

using Words = std::vector<std::string>;

Words words_of(const QString& text)
{
    Words words;
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts))
        words.push_back(word.toStdString());
    return words;
}

std::optional<bool> held(const ResultDocument& document, std::string_view claim)
{
    for (const Check& check : document.checks) {
        if (check.claim.find(claim) != std::string::npos)
            return check.held;
    }
    qFatal("no such check");
}

std::optional<double> quantity(const ResultDocument& document, std::string_view name)
{
    for (const Quantity& one : document.quantities) {
        if (one.name == name)
            return one.value;
    }
    qFatal("no such quantity");
}

std::uint32_t lane_named(const Recording& recording, std::string_view name)
{
    for (std::uint32_t i = 0; i < recording.lanes().size(); ++i) {
        if (recording.lanes()[i].name == name)
            return i;
    }
    return no_subject;
}

int count_of(const nlohmann::json& result, const char* name)
{
    return result.at(name).get<int>();
}

// Polls until the lane has recorded a span in this state that is still open.
bool poll_until_in(Session& session, const std::string& name, State state)
{
    return poll_until(session, [&] {
        const std::uint32_t lane = lane_named(session.recording(), name);
        if (lane == no_subject)
            return false;
        const Spans& spans = session.recording().lanes()[lane].spans;
        return !spans.empty() && spans.is_open() && spans.open_state(spans.depth() - 1) == state;
    });
}

} // namespace

class TestProducerConsumer : public QObject
{
    Q_OBJECT

private slots:
    void accounts_for_every_item_data();
    void accounts_for_every_item();
    void loses_what_comes_behind_the_first_sentinels_data();
    void loses_what_comes_behind_the_first_sentinels();
    void leaves_too_early_where_the_time_out_is_short();
    void loses_nothing_with_one_producer();
    void draws_the_same_costs_from_the_same_seed();
    void agrees_with_littles_law();
    void says_who_waits_data();
    void says_who_waits();
    void judges_predictions();
    void measures_repeats();
    void does_without_a_trace();
    void outlives_a_killed_worker_data();
    void outlives_a_killed_worker();
    void outlives_the_death_of_all_consumers();
    void refuses_what_memory_cannot_hold();
    void can_be_stopped_at_its_gates();
    void is_whole_in_its_description();
    void does_the_same_in_python_data();
    void does_the_same_in_python();
};

void TestProducerConsumer::accounts_for_every_item_data()
{
    QTest::addColumn<QString>("words");
    const auto row = [](const char* words) { QTest::newRow(words) << words; };
    row("items=1");
    row("items=1 producers=8 consumers=8 queue_size=1");
    row("items=60 queue_size=1 produce_us=50 consume_us=150");
    row("items=500 queue_size=1 produce_us=0 consume_us=0 item_bytes=8");
    row("items=2000 queue_size=1000 produce_us=0 consume_us=0 item_bytes=8");
    row("items=20000 queue_size=1000 produce_us=0 consume_us=0 producers=3 consumers=2");
    row("items=300 queue_size=1000 produce_us=0 consume_us=100 producers=1 consumers=1");
    row("items=64 item_bytes=1048576 queue_size=4 produce_us=0 consume_us=0");
    row("items=200 producers=8 consumers=8 produce_us=100 consume_us=100 cost=random");
    row("items=200 producers=8 consumers=1 produce_us=200 consume_us=50 work=waiting");
    row("items=200 producers=1 consumers=8 produce_us=50 consume_us=200 work=waiting cost=random");
    row("variant=unbounded items=200 producers=2 consumers=1 produce_us=0 consume_us=100");
    row("variant=unbounded items=64 item_bytes=1048576 produce_us=0 consume_us=500");
    row("variant=unbounded items=20000 produce_us=0 consume_us=0 producers=8 consumers=8");
    row("variant=too_many_sentinels items=100 producers=1 consumers=1 produce_us=0 consume_us=50");
    row("variant=too_many_sentinels items=100 producers=3 consumers=2 produce_us=50 consume_us=50");
    row("variant=too_many_sentinels items=400 producers=8 consumers=8 queue_size=1");
    row("variant=too_many_sentinels items=400 producers=8 consumers=1 queue_size=1000 "
        "produce_us=0");
    row("variant=timeout items=100 timeout_ms=50 produce_us=100 consume_us=100");
    row("variant=timeout items=100 timeout_ms=1 produce_us=5000 consume_us=0 producers=2");
    row("variant=timeout items=300 timeout_ms=1 queue_size=1 producers=8 produce_us=1000");
}

void TestProducerConsumer::accounts_for_every_item()
{
    QFETCH(QString, words);
    const auto session = start_lesson(program, lesson, words_of(words));
    QVERIFY(finish(*session));
    QVERIFY2(session->state() == RunState::done, session->problem().c_str());
    const ResultDocument& document = session->document().value();
    const nlohmann::json& result = document.result;
    const auto& parameters = session->options().parameters;
    const auto number = [&](const char* name) {
        return static_cast<int>(std::get<std::int64_t>(parameters.at(name)));
    };
    const auto variant = std::get<std::string>(parameters.at("variant"));
    const int items = number("items");
    const int lost = count_of(result, "left");

    QCOMPARE(count_of(result, "produced"), items);
    QCOMPARE(count_of(result, "consumed") + lost, items);
    QCOMPARE(result.at("lost_items").size(), static_cast<std::size_t>(std::min(lost, 1000)));
    QCOMPARE(quantity(document, "lost"), std::optional<double>(lost));
    QCOMPARE(quantity(document, "consumed"), std::optional<double>(items - lost));
    std::set<int> different;
    for (const nlohmann::json& item : result.at("lost_items")) {
        different.insert(item.get<int>());
        QVERIFY(item.get<int>() >= 0 && item.get<int>() < items);
    }
    QCOMPARE(different.size(), result.at("lost_items").size());
    QCOMPARE(count_of(result, "sentinels_sent"),
        count_of(result, "sentinels_taken") + count_of(result, "sentinels_left"));
    const bool right = variant == "sentinel" || variant == "unbounded";
    if (right)
        QCOMPARE(lost, 0);
    const int senders = right ? 1 : variant == "timeout" ? 0 : number("producers") + 1;
    QCOMPARE(count_of(result, "sentinels_sent"), senders * number("consumers"));

    for (const Check& check : document.checks)
        QVERIFY2(check.held != false, check.claim.c_str());
    QCOMPARE(held(document, "was consumed or was left"), std::optional(true));
    QCOMPARE(held(document, "delivered twice"), std::optional(true));
    const std::optional<bool> expected = right ? std::optional(true) : std::nullopt;
    QCOMPARE(held(document, "no item is lost"), expected);
    QCOMPARE(held(document, "took one sentinel"), expected);
    QCOMPARE(held(document, "same work"), expected);

    const Recording& recording = session->recording();
    QCOMPARE(recording.events_dropped(), 0U);
    QCOMPARE(recording.channels().size(), std::size_t{1});
    const Channel& channel = recording.channels().front();
    QCOMPARE(channel.name, std::string("items"));
    QCOMPARE(
        channel.messages, static_cast<std::uint64_t>(items + count_of(result, "sentinels_sent")));
    QCOMPARE(channel.messages_received, channel.messages);
    QCOMPARE(channel.bytes_received, channel.bytes);
    const auto lanes = static_cast<std::size_t>(1 + number("producers") + number("consumers"));
    QCOMPARE(recording.lanes().size(), lanes);
    for (const Lane& lane : recording.lanes())
        QVERIFY(!lane.damaged);
    QVERIFY(lane_named(recording, "Producer-1") != no_subject);
    QVERIFY(lane_named(recording, "Consumer-1") != no_subject);
}

void TestProducerConsumer::loses_what_comes_behind_the_first_sentinels_data()
{
    QTest::addColumn<int>("consumers");
    QTest::addColumn<int>("places");
    QTest::newRow("one consumer, room for all") << 1 << 1000;
    QTest::newRow("one consumer, one place") << 1 << 1;
    QTest::newRow("three consumers, four places") << 3 << 4;
}

// The worst schedule: at its gates the second producer is held until the first one's sentinels have
// ended the consumers.
void TestProducerConsumer::loses_what_comes_behind_the_first_sentinels()
{
    QFETCH(int, consumers);
    QFETCH(int, places);
    SessionOptions options = lesson_options(program, lesson,
        {"variant=too_many_sentinels", "producers=2", "items=20", "produce_us=0", "consume_us=0",
            "consumers=" + std::to_string(consumers), "queue_size=" + std::to_string(places)});
    options.hold_gates = true;
    Session session(std::move(options));
    const auto consumers_ended = [&] {
        int ended = 0;
        for (const Lane& lane : session.recording().lanes())
            ended += lane.name.starts_with("Consumer") && lane.ended() ? 1 : 0;
        return ended == consumers;
    };
    QVERIFY(poll_until(session, [&] {
        for (const Session::HeldLane& held : session.held()) {
            if (session.recording().lanes()[held.lane].name != "Producer-2")
                session.step(held.lane);
        }
        return consumers_ended();
    }));
    session.open_gates();
    QVERIFY(finish(session));
    QVERIFY2(session.state() == RunState::done, session.problem().c_str());
    const ResultDocument& document = session.document().value();
    QCOMPARE(count_of(document.result, "left"), 10);
    std::vector<int> odd;
    for (int item = 1; item < 20; item += 2)
        odd.push_back(item);
    auto lost = document.result.at("lost_items").get<std::vector<int>>();
    std::sort(lost.begin(), lost.end());
    QCOMPARE(lost, odd);
    QCOMPARE(count_of(document.result, "sentinels_left"), 2 * consumers);
    QCOMPARE(held(document, "was consumed or was left"), std::optional(true));
    QVERIFY(std::any_of(document.quiz.begin(), document.quiz.end(),
        [](const QuizQuestion& question) { return question.name == "where_lost"; }));
    QCOMPARE(document.summary, std::string("20 items in, 10 items out"));
    const auto& output = session.recording().output();
    QVERIFY(std::any_of(output.begin(), output.end(), [](const OutputLine& line) {
        return line.text.find("nobody used items 1, 3, 5") != std::string::npos;
    }));
}

void TestProducerConsumer::leaves_too_early_where_the_time_out_is_short()
{
    // The consumers go before the first item is made, whatever else the machine does.
    SessionOptions options = lesson_options(program, lesson,
        {"variant=timeout", "timeout_ms=1", "items=30", "queue_size=2", "produce_us=0"});
    options.hold_gates = true;
    Session session(std::move(options));
    QVERIFY(poll_until(session, [&] {
        int ended = 0;
        for (const Session::HeldLane& held : session.held()) {
            if (session.recording().lanes()[held.lane].name.starts_with("Consumer"))
                session.step(held.lane);
        }
        for (const Lane& lane : session.recording().lanes())
            ended += lane.name.starts_with("Consumer") && lane.ended() ? 1 : 0;
        return ended == 2;
    }));
    session.open_gates();
    QVERIFY(finish(session));
    QCOMPARE(session.state(), RunState::done);
    QCOMPARE(quantity(*session.document(), "lost"), std::optional(30.0));
    QCOMPARE(quantity(*session.document(), "consumed"), std::optional(0.0));
}

void TestProducerConsumer::loses_nothing_with_one_producer()
{
    // Nobody else is still at work: nothing is lost, only the main process's sentinels are left.
    const auto session = start_lesson(program, lesson,
        {"variant=too_many_sentinels", "producers=1", "consumers=3", "items=50", "produce_us=50",
            "consume_us=50"});
    QVERIFY(finish(*session));
    const ResultDocument& document = session->document().value();
    QCOMPARE(count_of(document.result, "left"), 0);
    QCOMPARE(quantity(document, "sentinels_left"), std::optional(3.0));
}

void TestProducerConsumer::draws_the_same_costs_from_the_same_seed()
{
    const auto work = [](std::uint64_t seed, const Words& more) {
        SessionOptions options = lesson_options(program, lesson,
            {"items=200", "produce_us=20", "consume_us=30", "cost=random", more.front()});
        options.seed = seed;
        Session session(std::move(options));
        if (!finish(session) || session.state() != RunState::done)
            return std::uint64_t{0};
        return session.all_work().value_or(0);
    };
    const std::uint64_t first = work(1, {"producers=1"});
    QVERIFY(first > 0);
    QCOMPARE(work(1, {"producers=1"}), first);
    QCOMPARE(work(1, {"producers=7"}), first);
    QVERIFY(work(2, {"producers=1"}) != first);
    // 400 draws between 0 and twice the mean: far from it only by a mistake.
    QVERIFY(first > 200U * 50 / 2 && first < 200U * 50 * 3 / 2);
}

void TestProducerConsumer::agrees_with_littles_law()
{
    // Waiting leaves the CPUs free: hardly anybody is interrupted between a message and its event.
    const auto session = start_lesson(program, lesson,
        {"items=300", "work=waiting", "produce_us=500", "consume_us=1500", "queue_size=20"});
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const ResultDocument& document = session->document().value();
    QVERIFY(held(document, "Little's law") != false);
    const double depth = quantity(document, "mean_depth").value();
    const double wait_ms = quantity(document, "mean_wait").value();
    QVERIFY(depth > 0 && depth <= 20);
    QVERIFY(wait_ms > 0);
    QCOMPARE(quantity(document, "depth_share").value(), 100 * depth / 20);
    QVERIFY(quantity(document, "peak_depth").value() <= 20);
    QCOMPARE(
        quantity(document, "peak_bytes").value(), 8192 * quantity(document, "peak_depth").value());
    QVERIFY(quantity(document, "throughput_share").value() <= 100.001);
    const auto question = std::find_if(document.quiz.begin(), document.quiz.end(),
        [](const QuizQuestion& one) { return one.name == "time_in_queue"; });
    if (question != document.quiz.end())
        QVERIFY(question->choices.front().right);

    // What the view draws is what was recorded.
    const auto series = std::find_if(document.series.begin(), document.series.end(),
        [](const Series& one) { return one.view == "depth" && !one.reference; });
    QVERIFY(series != document.series.end());
    QVERIFY(series->x.size() > 10 && series->x.size() <= 1000);
    QVERIFY(std::is_sorted(series->x.begin(), series->x.end()));
    QCOMPARE(*std::max_element(series->y.begin(), series->y.end()),
        quantity(document, "peak_depth").value());
    for (const Series& one : document.series) {
        if (one.view == "waiting")
            QVERIFY(*std::max_element(one.y.begin(), one.y.end()) <= 2
                && *std::min_element(one.y.begin(), one.y.end()) >= 0 && one.y.back() == 0);
    }
}

void TestProducerConsumer::says_who_waits_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<int>("right");
    QTest::newRow("slow consumer: producers wait")
        << "items=60 produce_us=0 consume_us=3000 work=waiting queue_size=2" << 0;
    QTest::newRow("slow producer: consumers wait")
        << "items=60 produce_us=3000 consume_us=0 work=waiting queue_size=2" << 1;
}

void TestProducerConsumer::says_who_waits()
{
    QFETCH(QString, words);
    QFETCH(int, right);
    const auto session = start_lesson(program, lesson, words_of(words));
    QVERIFY(finish(*session));
    const ResultDocument& document = session->document().value();
    const double space = quantity(document, "producers_waited").value();
    const double data = quantity(document, "consumers_waited").value();
    QVERIFY(right == 0 ? space > data : data > space);
    const auto question = std::find_if(document.quiz.begin(), document.quiz.end(),
        [](const QuizQuestion& one) { return one.name == "who_waited"; });
    QVERIFY(question != document.quiz.end());
    for (std::size_t i = 0; i < question->choices.size(); ++i) {
        QCOMPARE(question->choices[i].right, static_cast<int>(i) == right);
        QVERIFY(!question->choices[i].reply.empty());
    }
}

void TestProducerConsumer::judges_predictions()
{
    const auto session = start_lesson(program, lesson,
        {"items=200", "work=waiting", "produce_us=0", "consume_us=2000", "queue_size=10"});
    QVERIFY(finish(*session));
    const FinishedRun run = finished_run(*session);
    const auto& predictions = run.description.guide.predictions;
    const auto depth = std::find_if(predictions.begin(), predictions.end(),
        [](const PredictionDescription& one) { return one.name == "depth"; });
    QVERIFY(depth != predictions.end());
    Prediction full = {.name = "depth", .value = {}, .choice = 2};
    QCOMPARE(judged(*depth, full, measured(run, depth->quantity)), Verdict::right);
    full.choice = 0;
    QCOMPARE(judged(*depth, full, measured(run, depth->quantity)), Verdict::other);
}

void TestProducerConsumer::measures_repeats()
{
    const auto session = start_lesson(
        program, lesson, {"items=100", "produce_us=20", "consume_us=100", "variant=unbounded"}, 3);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    QCOMPARE(session->repeats().size(), std::size_t{3});
    for (const Repeat& repeat : session->repeats())
        QVERIFY(repeat.speedup.has_value());
    for (const Quantity& one : session->document()->quantities) {
        if (one.name == "throughput" || one.name == "consumed")
            QCOMPARE(one.samples, 3);
    }
    // Its lanes are those of one repeat.
    QCOMPARE(session->recording().lanes().size(), std::size_t{5});
    QVERIFY(session->recording().memory().empty());
}

void TestProducerConsumer::does_without_a_trace()
{
    const auto session
        = start_lesson(program, lesson, {"items=100", "produce_us=20", "consume_us=20"}, {}, false);
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::done);
    const ResultDocument& document = session->document().value();
    QCOMPARE(held(document, "no item is lost"), std::optional(true));
    QCOMPARE(held(document, "Little's law"), std::optional<bool>());
    QCOMPARE(quantity(document, "mean_depth"), std::optional<double>());
    QCOMPARE(quantity(document, "consumed"), std::optional(100.0));
    QVERIFY(document.series.empty());
    QVERIFY(document.quiz.empty());
}

void TestProducerConsumer::outlives_a_killed_worker_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<QString>("victim");
    QTest::addColumn<int>("state");
    const auto row = [](const char* name, const char* words, const char* victim, State state) {
        QTest::newRow(name) << words << victim << static_cast<int>(state);
    };
    row("a producer while it makes an item", "produce_us=50000 consume_us=0 work=waiting",
        "Producer-1", State::sleeping);
    row("a producer while it waits for space",
        "produce_us=0 consume_us=50000 work=waiting queue_size=1", "Producer-2",
        State::waiting_space);
    row("a consumer while it uses an item", "produce_us=0 consume_us=50000 work=waiting",
        "Consumer-1", State::sleeping);
    row("a consumer while it waits for an item", "produce_us=50000 consume_us=0 work=waiting",
        "Consumer-2", State::waiting_data);
    row("the only producer", "producers=1 produce_us=50000 work=waiting", "Producer-1",
        State::sleeping);
    row("a producer, with a time-out", "variant=timeout produce_us=50000 consume_us=0 work=waiting",
        "Producer-1", State::sleeping);
    row("a consumer, without a bound",
        "variant=unbounded produce_us=0 consume_us=50000 work=waiting", "Consumer-1",
        State::sleeping);
    row("a consumer, with too many sentinels",
        "variant=too_many_sentinels produce_us=0 consume_us=50000 work=waiting queue_size=1",
        "Consumer-1", State::sleeping);
}

void TestProducerConsumer::outlives_a_killed_worker()
{
    QFETCH(QString, words);
    QFETCH(QString, victim);
    QFETCH(int, state);
    const Leftovers before = count_leftovers();
    {
        Words all = words_of(words);
        all.push_back("items=40");
        SessionOptions options = lesson_options(program, lesson, all);
        options.baseline = KnownBaseline{1, 1}; // it would only wait
        Session session(std::move(options));
        const std::string name = victim.toStdString();
        QVERIFY(poll_until_in(session, name, static_cast<State>(state)));
        const Lane lane = session.recording().lanes()[lane_named(session.recording(), name)];
        QCOMPARE(::kill(lane.pid, SIGKILL), 0);
        QVERIFY(finish(session));
        const ResultDocument& document = session.document().value();
        QCOMPARE(document.failures.size(), std::size_t{1});
        QCOMPARE(document.failures.front().process, name);
        QCOMPARE(document.failures.front().kind, std::string("signal"));
        QCOMPARE(document.failures.front().value, SIGKILL);
        const nlohmann::json& result = document.result;
        // What it had in its hands is gone with it, and no more than that.
        const int vanished = count_of(result, "vanished");
        QVERIFY(vanished <= 1);
        QCOMPARE(count_of(result, "produced"),
            count_of(result, "consumed") + count_of(result, "left") + vanished);
        QCOMPARE(held(document, "was consumed or was left"), std::optional(vanished == 0));
        QCOMPARE(held(document, "delivered twice"), std::optional(true));
        const auto variant = std::get<std::string>(session.options().parameters.at("variant"));
        if (variant == "sentinel" || variant == "unbounded") {
            QCOMPARE(
                held(document, "took one sentinel"), std::optional(name.starts_with("Producer")));
            QCOMPARE(session.state(), RunState::failed);
        }
    }
    QVERIFY(count_leftovers() == before);
}

void TestProducerConsumer::outlives_the_death_of_all_consumers()
{
    SessionOptions options = lesson_options(program, lesson,
        {"items=200", "produce_us=0", "consume_us=50000", "work=waiting", "queue_size=1"});
    options.baseline = KnownBaseline{1, 1};
    Session session(std::move(options));
    for (const char* const name : {"Consumer-1", "Consumer-2"}) {
        QVERIFY(poll_until_in(session, name, State::sleeping));
        const Recording& recording = session.recording();
        QCOMPARE(::kill(recording.lanes()[lane_named(recording, name)].pid, SIGKILL), 0);
    }
    QVERIFY(finish(session));
    QCOMPARE(session.state(), RunState::failed);
    const ResultDocument& document = session.document().value();
    QCOMPARE(document.failures.size(), std::size_t{2});
    QCOMPARE(held(document, "no item is lost"), std::optional(false));
    QCOMPARE(count_of(document.result, "produced"), 200);
    QCOMPARE(count_of(document.result, "sentinels_left"), 2);
}

void TestProducerConsumer::refuses_what_memory_cannot_hold()
{
    const auto session = start_lesson(program, lesson,
        {"variant=unbounded", "items=50000", "item_bytes=1048576", "produce_us=0", "consume_us=0"},
        {}, false);
    // Only where there is less than that to share: 48 GiB of 192.
    if (session->machine().memory_bytes > std::uint64_t{192} << 30) {
        session->stop(StopReason::person);
        QVERIFY(finish(*session));
        QSKIP("this machine can hold it");
    }
    QVERIFY(finish(*session));
    QCOMPARE(session->state(), RunState::failed);
    QCOMPARE(session->exit(), std::optional(3));
    QVERIFY2(
        session->problem().find("shared memory") != std::string::npos, session->problem().c_str());
}

void TestProducerConsumer::can_be_stopped_at_its_gates()
{
    const Leftovers before = count_leftovers();
    {
        SessionOptions options = lesson_options(program, lesson, {"items=10"});
        options.hold_gates = true;
        Session session(std::move(options));
        const std::multiset<std::string> expected{
            "before get", "before get", "before put", "before put"};
        QVERIFY(poll_until(session, [&] {
            std::multiset<std::string> gates;
            for (const Session::HeldLane& held : session.held()) {
                // A gate can hold a process before the gate's name has come.
                if (held.gate != no_subject)
                    gates.insert(session.recording().gates().at(held.gate));
            }
            return gates == expected;
        }));
        session.stop(StopReason::person);
        QVERIFY(finish(session));
        QCOMPARE(session.state(), RunState::stopped);
    }
    QVERIFY(count_leftovers() == before);
}

void TestProducerConsumer::is_whole_in_its_description()
{
    const LessonDescription description = describe_lesson({built_program(program), lesson});
    QVERIFY(description.guide.gates);
    const ParameterValues defaults = description.parse({});
    const int in_sight = static_cast<int>(std::count_if(description.parameters.begin(),
        description.parameters.end(), [](const ParameterDescription& one) { return !one.folded; }));
    QVERIFY(in_sight <= 4);
    for (const std::string& variant : description.parameter("variant")->choices) {
        const ParameterValues values = description.parse({"variant=" + variant});
        int asked = 0;
        for (const PredictionDescription& one : description.guide.predictions)
            asked += description.holds(one.when, values) ? 1 : 0;
        QVERIFY2(asked >= 1 && asked <= 3, variant.c_str());
        std::map<GuideStep, int> words;
        for (const GuideText& passage : guide_texts_from(description.text)) {
            if (description.holds(passage.when, values))
                words[passage.step] += static_cast<int>(
                    QString::fromStdString(passage.text).simplified().split(' ').size());
        }
        for (const GuideStep step :
            {GuideStep::read, GuideStep::observe, GuideStep::explain, GuideStep::pseudo_code})
            QVERIFY2(words[step] > 0 && words[step] <= 250, variant.c_str());
    }
}

void TestProducerConsumer::does_the_same_in_python_data()
{
    QTest::addColumn<QString>("words");
    QTest::addColumn<bool>("loses"); // may lose
    QTest::newRow("sentinel") << "sentinel 2 2 3 24" << false;
    QTest::newRow("one place") << "sentinel 3 1 1 12" << false;
    QTest::newRow("too many sentinels") << "too_many_sentinels 3 2 2 24" << true;
    QTest::newRow("timeout") << "timeout 1 2 10 12" << true;
    QTest::newRow("unbounded") << "unbounded 2 1 10 24" << false;
}

void TestProducerConsumer::does_the_same_in_python()
{
    QFETCH(QString, words);
    QFETCH(bool, loses);
    QProcess python;
    python.start("python3",
        QStringList{QString(MANYHANDS_SOURCE_DIR) + "/lessons/producer_consumer/program.py"}
            + words.split(' '));
    QVERIFY(python.waitForFinished(60'000));
    const QByteArray error = python.readAllStandardError();
    QVERIFY2(python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0, error);
    const QString items = words.split(' ').last();
    const QString output = QString::fromUtf8(python.readAllStandardOutput());
    QVERIFY2(output.startsWith("items in: " + items + ", items out: "), qPrintable(output));
    if (!loses)
        QVERIFY2(
            output.contains("items out: " + items + ", left in the queue: 0"), qPrintable(output));
}

QTEST_GUILESS_MAIN(TestProducerConsumer)
#include "tst_producer_consumer.moc"
