// SPDX-License-Identifier: MIT
// Tests engine/analysis/findings: of each rule a run that makes it speak and one that does not.
#include "engine/analysis/findings.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace manyhands;
using namespace manyhands::test;

namespace {

constexpr std::uint64_t ms = 1'000'000;
constexpr std::uint64_t us = 1'000;

ParameterDescription whole(
    const char* name, std::int64_t value, double minimum = 1, double maximum = 1e9)
{
    return {.name = name,
        .label = name,
        .help = "",
        .unit = "",
        .type = ParameterType::integer,
        .default_value = value,
        .minimum = minimum,
        .maximum = maximum,
        .choices = {}};
}

/// A run of a lesson that nobody wrote: main (lane 0), then workers, from 0 to `end_ms`.
struct Scene
{
    ScriptedRecording script;
    LessonDescription lesson;
    std::vector<std::string> words; ///< of its parameters
    ResultDocument document;
    std::vector<Prediction> predictions;
    std::uint64_t end_ms = 100;
    std::optional<double> sequential_s;
    std::optional<double> wall_s;
    std::optional<double> speedup;
    int usable_cpus = 4;
    bool stopped = false;
    bool partial = false;
    bool timed = true;
    std::vector<std::int64_t> cpu_ns = {}; ///< by lane
    std::vector<std::int64_t> delay_ns = {};
    std::vector<std::uint32_t> lanes = {};

    Scene()
    {
        ParameterDescription work = whole("limit", 1000, 1, 5000);
        work.work = true;
        ParameterDescription workers = whole("workers", 4, 1, 16);
        workers.workers = true;
        ParameterDescription way = whole("way", 0);
        way.type = ParameterType::choice;
        way.default_value = std::string("none");
        way.choices = {"none", "lock"};
        lesson.id = "scene";
        lesson.title = "Scene";
        lesson.parameters = {work, workers, way, whole("size", 50, 1, 1000)};
    }

    void start(int workers, const char* name = "Worker")
    {
        if (lanes.empty())
            lanes.push_back(script.lane("main", Role::main, 0));
        for (int i = 1; i <= workers; ++i)
            lanes.push_back(
                script.lane(std::string(name) + '-' + std::to_string(i), Role::worker, 0));
    }
    void spend(std::uint32_t lane, double from_ms, double to_ms, State state,
        std::uint32_t subject = event_without_subject)
    {
        script.span(lane, static_cast<std::uint64_t>(from_ms * 1e6),
            static_cast<std::uint64_t>(to_ms * 1e6), state, subject);
    }
    void task(std::uint32_t lane, std::uint32_t index, double from_ms, double to_ms)
    {
        script.event(lane, static_cast<std::uint64_t>(from_ms * 1e6), EventKind::task_begun,
            computes, index);
        script.event(
            lane, static_cast<std::uint64_t>(to_ms * 1e6), EventKind::task_done, computes, index);
    }
    void lock(std::uint16_t number, const char* kind_and_name)
    {
        script.builder.text(0, {TextKind::lock, number, kind_and_name});
    }
    void channel(std::uint16_t number, const char* name)
    {
        script.builder.text(0, {TextKind::channel, number, std::string("queue\n") + name});
    }
    void quantity(const char* name, const char* kind, double value, int samples = 1)
    {
        lesson.quantities.push_back({name, name, "", kind});
        document.quantities.push_back({name, value, {}, {}, samples});
    }
    /// A number of that quantity; `when` it is asked.
    void predict(const char* quantity, double value, std::vector<std::string> when = {})
    {
        describe_prediction(quantity, std::move(when));
        Prediction prediction;
        prediction.name = quantity;
        prediction.value = value;
        predictions.push_back(prediction);
    }
    void describe_prediction(const char* quantity, std::vector<std::string> when)
    {
        PredictionDescription about;
        about.name = quantity;
        about.quantity = quantity;
        about.when = std::move(when);
        about.choices = {{"nothing", 0, 0}, {"something", 0.5, 1e9}};
        lesson.guide.predictions.push_back(about);
    }

    std::vector<Finding> find()
    {
        const std::uint64_t end = end_ms * ms;
        script.builder.phase(PhaseKind::repeat, 0, 0, end, 0);
        for (const std::uint32_t lane : lanes) {
            LaneEnd lane_end;
            lane_end.end_ticks = end;
            lane_end.exit = 0;
            lane_end.cpu_ns = lane < cpu_ns.size() ? cpu_ns[lane] : 0;
            lane_end.run_delay_ns = lane < delay_ns.size() ? delay_ns[lane] : 0;
            if (!script.builder.recording().lanes()[lane].ended())
                script.builder.end_lane(lane, lane_end);
        }
        script.builder.advance(end);
        const ParameterValues values = lesson.parse(words);
        return findings({.description = lesson,
            .parameters = values,
            .recording = script.builder.recording(),
            .document = &document,
            .sequential_s = sequential_s,
            .wall_s = wall_s,
            .speedup = speedup,
            .usable_cpus = usable_cpus,
            .stopped = stopped,
            .partial = partial,
            .timed = timed,
            .predictions = predictions});
    }
};

// --- Scenes -------------------------------------------------------------------------------------

void death(Scene& scene, const char* kind, bool with_task)
{
    scene.start(2);
    scene.spend(1, 0, 100, State::computing);
    if (with_task)
        scene.script.event(2, 10 * ms, EventKind::task_begun, computes, 7);
    LaneEnd end;
    end.end_ticks = 40 * ms;
    end.exit = -9;
    scene.script.builder.end_lane(2, end);
    scene.document.failures = {{"Worker-2", 102, {}, "", kind, 9, "was killed by SIGKILL"}};
}

/// Two producers and a consumer that leaves early.
void queue(Scene& scene, std::uint32_t sent, std::uint32_t received)
{
    scene.start(2, "Producer");
    scene.start(1, "Consumer");
    scene.channel(0, "items");
    for (std::uint32_t i = 0; i < sent; ++i)
        scene.script.message(1 + i % 2, (10 + 2 * i) * ms, false, 0, i, 8);
    for (std::uint32_t i = 0; i < received; ++i)
        scene.script.message(3, (11 + 2 * i) * ms, true, 0, i, 8);
}

void race(Scene& scene, double lost, int samples = 1)
{
    scene.start(2);
    scene.spend(1, 0, 100, State::computing);
    scene.spend(2, 0, 100, State::computing);
    scene.quantity("lost", "lost_updates", lost, samples);
}

void take_lock(Scene& scene, std::uint32_t lane, std::uint32_t lock, std::uint64_t at_ms)
{
    scene.script.event(lane, at_ms * ms, EventKind::lock_released, 0, lock, 5 * ms);
}

/// A pool whose workers compute `busy_ms` each, beginning one after the other `apart_ms`.
void staircase(Scene& scene, int workers, double busy_ms, double apart_ms)
{
    scene.start(workers);
    for (int i = 0; i < workers; ++i) {
        const double begin = i * apart_ms;
        const auto lane = static_cast<std::uint32_t>(i + 1);
        scene.spend(lane, 0, begin, State::waiting_lock, 0);
        scene.spend(lane, begin, begin + busy_ms, State::computing);
    }
    scene.lock(0, "lock\ncounter");
}

/// Workers that compute for the share of the time, and spend the rest in a state.
void spend_share(Scene& scene, int workers, double computing, State rest, std::uint32_t subject = 0)
{
    scene.start(workers);
    const auto end = static_cast<double>(scene.end_ms);
    for (int i = 1; i <= workers; ++i) {
        const auto lane = static_cast<std::uint32_t>(i);
        scene.spend(lane, 0, end * computing, State::computing);
        scene.spend(lane, end * computing, end, rest, subject);
    }
}

/// Many tasks of a length, with a gap behind each.
void tasks(Scene& scene, int workers, int of_each, std::uint64_t length_us, std::uint64_t gap_us)
{
    scene.start(workers);
    for (int i = 1; i <= workers; ++i) {
        const auto lane = static_cast<std::uint32_t>(i);
        std::uint64_t at = 0;
        for (int k = 0; k < of_each; ++k) {
            const auto index = static_cast<std::uint32_t>(k * workers + i - 1);
            scene.script.event(lane, at, EventKind::task_begun, computes, index);
            at += length_us * us;
            scene.script.event(lane, at, EventKind::task_done, computes, index);
            scene.script.span(lane, at, at + gap_us * us, State::idle, 0);
            at += gap_us * us;
        }
        scene.end_ms = at / ms + 1;
    }
}

void large(Scene& scene, std::uint64_t bytes, State rest = State::sending)
{
    spend_share(scene, 2, 0.5, rest);
    scene.channel(0, "chunks");
    for (std::uint32_t i = 0; i < 10; ++i)
        scene.script.message(1, 99 * ms, false, 0, i, bytes);
    for (std::uint32_t i = 0; i < 10; ++i)
        scene.script.message(2, 99 * ms, true, 0, i, bytes);
}

void tail(Scene& scene, double first_ends_ms)
{
    scene.start(2);
    scene.task(1, 0, 0, first_ends_ms);
    scene.task(2, 1, 0, 100);
}

void pressure(Scene& scene, State wait, double share)
{
    scene.start(1, "Producer");
    scene.start(1, "Consumer");
    scene.lesson.parameters = {whole("producers", 1, 1, 8), whole("consumers", 1, 1, 8)};
    for (ParameterDescription& parameter : scene.lesson.parameters)
        parameter.workers = true;
    scene.channel(0, "items");
    const std::uint32_t waiting = wait == State::waiting_space ? 1 : 2;
    scene.spend(waiting, 0, 100 * (1 - share), State::computing);
    scene.spend(waiting, 100 * (1 - share), 100, wait, 0);
    scene.spend(3 - waiting, 0, 100, State::computing);
    scene.script.message(1, 100 * ms, false, 0, 0, 8);
    scene.script.message(2, 100 * ms, true, 0, 0, 8);
}

void order(Scene& scene, bool in_order)
{
    scene.start(2);
    scene.task(1, 0, 0, 50);
    scene.task(2, 1, 0, in_order ? 50 : 10);
    scene.task(1, 2, 50, 90);
    scene.task(2, 3, 55, 100);
}

/// Two that hold a lock each; the second may wait for the first's, while the first waits for its.
void crossed_locks(Scene& scene, bool both_wait)
{
    scene.start(2);
    scene.lock(0, "lock\nA");
    scene.lock(1, "lock\nB");
    constexpr auto waiting = static_cast<std::uint8_t>(State::waiting_lock);
    scene.script.event(1, 10 * ms, EventKind::state_begin, waiting, 1, 2);
    if (both_wait)
        scene.script.event(2, 20 * ms, EventKind::state_begin, waiting, 0, 1);
    else
        scene.script.begin(2, 20 * ms, State::computing);
    scene.script.event(1, 30 * ms, EventKind::lock_awaited, 0, 1, 2);
    scene.script.builder.ask_to_stop(90 * ms);
    scene.stopped = scene.partial = true;
    scene.timed = false;
}

struct Make
{
    void (*scene)(Scene&) = nullptr;
};

const Finding* find(const std::vector<Finding>& found, const QByteArray& id)
{
    for (const Finding& finding : found) {
        if (finding.id == id.toStdString())
            return &finding;
    }
    return nullptr;
}

QByteArray ids_of(const std::vector<Finding>& found)
{
    QByteArray ids;
    for (const Finding& finding : found)
        ids += QByteArray::fromStdString(finding.id) + ' ';
    return ids;
}

} // namespace

Q_DECLARE_METATYPE(Make)

class TestFindings : public QObject
{
    Q_OBJECT

private slots:
    void rules_that_speak_data()
    {
        QTest::addColumn<Make>("make");
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<QStringList>("parts"); // of the sentence
        QTest::addColumn<QByteArray>("lane"); // that it points at
        QTest::addColumn<QByteArray>("attempt"); // words and sweep
        const auto row = [](const char* name, void (*scene)(Scene&), const char* id,
                             QStringList parts, const char* lane, const char* attempt) {
            QTest::newRow(name) << Make{scene} << QByteArray(id) << parts << QByteArray(lane)
                                << QByteArray(attempt);
        };

        row(
            "two locks in two orders", [](Scene& scene) { crossed_locks(scene, true); }, "deadlock",
            {"Worker-1 holds the lock “A” and waits for the lock “B”, which Worker-2 holds; "
             "Worker-2 holds the lock “B” and waits for the lock “A”, which Worker-1 holds.",
                "So it is since 20.0 ms: none of them can ever go on."},
            "Worker-2", "way=none,lock");

        row(
            "a worker died at a task", [](Scene& scene) { death(scene, "signal", true); },
            "worker_died", {"Worker-2 was killed by SIGKILL after 40.0 ms.", "at a task then"},
            "Worker-2", "");
        row(
            "a worker died without a task", [](Scene& scene) { death(scene, "exit", false); },
            "worker_died", {"Worker-2 was killed by SIGKILL after 40.0 ms."}, "Worker-2", "");
        row(
            "a worker died, and so the run",
            [](Scene& scene) {
                death(scene, "signal", true);
                scene.partial = true;
                scene.timed = false;
            },
            "worker_died", {"Worker-2 was killed"}, "Worker-2", "");

        row(
            "items lost",
            [](Scene& scene) {
                queue(scene, 10, 6);
                scene.quantity("lost", "lost_items", 3);
                scene.words = {"way=lock"};
            },
            "items_lost",
            {"Nobody ever got 3 of the items", "the channel “items” still held 4 messages",
                "Consumer-1 took its last one after 21.0 ms, and 4 were sent after that"},
            "Consumer-1", "way=none");
        row(
            "items lost, and no channel holds them",
            [](Scene& scene) {
                queue(scene, 6, 6);
                scene.quantity("lost", "lost_items", 1);
            },
            "items_lost", {"Nobody ever got 1 of the items"}, "", "");
        row(
            "messages left",
            [](Scene& scene) {
                queue(scene, 10, 9);
                scene.quantity("lost", "lost_items", 0);
            },
            "messages_left", {"At the end the channel “items” still held 1 message."}, "Consumer-1",
            "");

        row(
            "a lock beside the race",
            [](Scene& scene) {
                race(scene, 1234);
                scene.lock(0, "lock\nprinting");
                take_lock(scene, 1, 0, 20);
                take_lock(scene, 2, 0, 40);
            },
            "lock_beside_the_race",
            {"1\u202f234 updates got lost", "the lock “printing” was not held"}, "Worker-1",
            "way=none,lock");
        row(
            "a lock for each",
            [](Scene& scene) {
                race(scene, 5);
                scene.lock(0, "lock\none");
                scene.lock(1, "rlock\nother");
                take_lock(scene, 1, 0, 20);
                take_lock(scene, 2, 1, 40);
            },
            "lock_beside_the_race", {"2 locks were in use, and each by one process alone"},
            "Worker-1", "way=none,lock");
        row(
            "a lock that was waited for",
            [](Scene& scene) {
                scene.start(2);
                scene.quantity("lost", "lost_updates", 1);
                scene.lock(3, "lock\nits");
                scene.spend(2, 10, 20, State::waiting_lock, 3);
            },
            "lock_beside_the_race", {"1 update got lost", "“its”"}, "Worker-2", "way=none,lock");

        row(
            "predicted no race",
            [](Scene& scene) {
                race(scene, 2'000'000, 30);
                scene.predict("lost", 0);
            },
            "predicted_no_race",
            {"You predicted that nothing gets lost",
                "2 processes lost 2\u202f000\u202f000 updates a round (the median of 30)"},
            "", "way=none,lock");
        row(
            "predicted no race, of choices",
            [](Scene& scene) {
                race(scene, 12);
                scene.describe_prediction("lost", {});
                Prediction prediction;
                prediction.name = "lost";
                prediction.choice = 0;
                scene.predictions = {prediction};
            },
            "predicted_no_race", {"2 processes lost 12 updates."}, "", "way=none,lock");

        row(
            "predicted that no share is lost",
            [](Scene& scene) {
                race(scene, 12);
                scene.quantity("lost_percent", "lost_share", 3);
                scene.predict("lost_percent", 0);
            },
            "predicted_no_race", {"2 processes lost 12 updates."}, "", "way=none,lock");

        row(
            "no race so far", [](Scene& scene) { race(scene, 0, 3); }, "no_race_so_far",
            {"No update got lost in 3 rounds, with 2 processes"}, "", "limit=5000");
        row(
            "no race in a single round", [](Scene& scene) { race(scene, 0); }, "no_race_so_far",
            {"in 1 round,"}, "", "limit=5000");

        row(
            "a put that does not wait",
            [](Scene& scene) {
                queue(scene, 4, 4);
                scene.script.event(1, 99 * ms, EventKind::queue_depth, 0, 0, 17);
                scene.quantity("depth", "depth", 9.5);
                scene.predict("depth", 0);
            },
            "put_waits_for_get", {"You predicted 0", "“items” held up to 17 messages at once"}, "",
            "size=5,50,500");

        row(
            "sleep is work",
            [](Scene& scene) {
                spend_share(scene, 8, 0.01, State::sleeping);
                scene.usable_cpus = 2;
                scene.speedup = 7.8;
                scene.cpu_ns.assign(9, 1 * ms);
            },
            "sleep_is_work",
            {"The speedup is 7.80 on 2 CPUs", "slept for 792 ms", "used a CPU for 8.00 ms"},
            "Worker-1", "workers=8");

        row(
            "one after the other", [](Scene& scene) { staircase(scene, 4, 20, 20); },
            "one_after_the_other",
            {"4 workers did something for 80.0 ms, but never two of them at once",
                "30 % of their time went to waiting for a lock"},
            "Worker-4", "way=none,lock");
        row(
            "almost one after the other", [](Scene& scene) { staircase(scene, 4, 20, 19.5); },
            "one_after_the_other", {"two of them at once for 2 % of that time"}, "Worker-4",
            "way=none,lock");
        row(
            "asleep one after the other",
            [](Scene& scene) {
                scene.start(2);
                scene.spend(1, 0, 50, State::sleeping);
                scene.spend(2, 50, 100, State::sleeping);
            },
            "one_after_the_other", {"never two of them at once"}, "", "way=none,lock");
        row(
            "in turns within spans that overlap",
            [](Scene& scene) {
                scene.start(2);
                for (std::uint32_t lane = 1; lane <= 2; ++lane)
                    scene.script.begin(lane, 0, State::computing);
                // Whoever does not work waits within it.
                for (std::uint64_t turn = 0; turn < 20; ++turn) {
                    const auto lane = static_cast<std::uint32_t>(1 + turn % 2);
                    scene.script.span(
                        lane, turn * 5 * ms, (turn + 1) * 5 * ms, State::waiting_lock, 0);
                }
            },
            "one_after_the_other", {"never two of them at once", "50 % of their time"}, "Worker-1",
            "way=none,lock");

        row(
            "slower than alone",
            [](Scene& scene) {
                spend_share(scene, 4, 0.25, State::waiting_data);
                scene.sequential_s = 0.05;
                scene.wall_s = 0.08;
                scene.speedup = 0.625;
            },
            "slower_than_alone",
            {"4 workers took 80.0 ms, and one process alone 50.0 ms: the speedup is 0.62",
                "75 % went to waiting for data, 25 % to computing"},
            "Worker-1", "limit=5000");
        row(
            "slower than alone, with all the work there is",
            [](Scene& scene) {
                spend_share(scene, 4, 0.25, State::idle);
                scene.words = {"limit=5000"};
                scene.sequential_s = 0.05;
                scene.wall_s = 0.08;
                scene.speedup = 0.625;
            },
            "slower_than_alone", {"75 % went to waiting for a task"}, "Worker-1", "workers=2");

        row(
            "slower than alone, without a CPU",
            [](Scene& scene) {
                spend_share(scene, 4, 1, State::computing);
                scene.usable_cpus = 2;
                scene.sequential_s = 0.05;
                scene.wall_s = 0.08;
                scene.speedup = 0.625;
                scene.cpu_ns.assign(5, 20 * ms);
                scene.delay_ns.assign(5, 80 * ms);
            },
            "slower_than_alone", {"80 % went to waiting for a free CPU, 20 % to computing"},
            "Worker-1", "workers=2");

        row(
            "more workers than CPUs",
            [](Scene& scene) {
                spend_share(scene, 4, 1, State::computing);
                scene.usable_cpus = 2;
                scene.speedup = 1.9;
                scene.cpu_ns.assign(5, 50 * ms);
                scene.delay_ns.assign(5, 45 * ms);
            },
            "speedup_has_limits",
            {"4 workers shared 2 CPUs, and the speedup is 1.90",
                "45 % went to waiting for a free CPU, 55 % to computing"},
            "Worker-1", "workers=2");
        row(
            "more workers than CPUs, and hoped for",
            [](Scene& scene) {
                spend_share(scene, 4, 1, State::computing);
                scene.usable_cpus = 2;
                scene.speedup = 1.9;
                scene.predict("speedup", 4);
            },
            "speedup_has_limits",
            {"You predicted 4 as speedup of 4 workers; it is 1.90 on 2 CPUs."}, "", "workers=2");
        row(
            "a speedup of all workers",
            [](Scene& scene) {
                spend_share(scene, 4, 0.7, State::idle);
                scene.speedup = 2.8;
                scene.predict("speedup", 3.9);
            },
            "speedup_has_limits",
            {"You predicted 3.90", "30 % went to waiting for a task, 70 % to computing"},
            "Worker-1", "limit=5000");

        row(
            "one lock for all",
            [](Scene& scene) {
                scene.start(2);
                scene.lock(5, "lock\ntotal");
                scene.spend(1, 0, 60, State::computing);
                scene.spend(1, 60, 100, State::waiting_lock, 5);
                scene.spend(2, 0, 50, State::waiting_lock, 5);
                scene.spend(2, 50, 100, State::computing);
            },
            "one_lock_for_all",
            {"waited 45 % of their time for the lock “total”",
                "Worker-2 waited longest, once for 50.0 ms"},
            "Worker-2", "way=none,lock");

        row(
            "small tasks", [](Scene& scene) { tasks(scene, 2, 100, 10, 15); }, "small_tasks",
            {"A task took 10.0 µs (the median of 200)", " % of the workers' time"}, "Worker-1",
            "size=5,50,500");
        row(
            "small tasks, and a size that is predicted",
            [](Scene& scene) {
                tasks(scene, 2, 100, 10, 15);
                scene.quantity("best", "predicted_best", 400);
                scene.lesson.quantities.back().parameter = "size";
            },
            "small_tasks", {"A task took"}, "Worker-1", "size=400");

        row(
            "small tasks, and the lesson's own sweep",
            [](Scene& scene) {
                tasks(scene, 2, 100, 10, 15);
                scene.lesson.guide.next
                    = {{"Workers", {}, "workers=1,2"}, {"Sizes", {"way=lock"}, "size=1,2,3"}};
            },
            "small_tasks", {"A task took"}, "Worker-1", "way=locksize=1,2,3");
        row(
            "an idle tail, and a sweep of the lesson's quiz",
            [](Scene& scene) {
                tail(scene, 40);
                scene.lesson.guide.quiz = {{"q", "?",
                    {{"a", true, "", {}}, {"b", false, "", Attempt{"Ways", {}, "way=lock,none"}}}}};
            },
            "idle_tail", {}, "Worker-2", "way=lock,none");
        row(
            "an idle tail, and two ways to choose from",
            [](Scene& scene) {
                tail(scene, 40);
                scene.lesson.parameters.push_back(scene.lesson.parameters[2]);
                scene.lesson.parameters.back().name = "other";
            },
            "idle_tail", {}, "Worker-2", "size=5,50,500");
        row(
            "large messages", [](Scene& scene) { large(scene, 1'000'000); }, "large_messages",
            {"the channel “chunks” held 1.00 MB on average, all 10 together 10.0 MB",
                "50 % of the workers' time"},
            "Worker-1", "size=5,50,500");
        row(
            "large messages, serialised",
            [](Scene& scene) { large(scene, 100'000, State::serialising); }, "large_messages",
            {"held 100 kB on average"}, "Worker-1", "size=5,50,500");

        row(
            "an idle tail", [](Scene& scene) { tail(scene, 40); }, "idle_tail",
            {"Worker-1 had nothing left to do 60.0 ms before Worker-2 was done",
                "1.43 times as long as the mean"},
            "Worker-2", "way=none,lock");
        row(
            "an idle tail, measured by the lesson",
            [](Scene& scene) {
                tail(scene, 60);
                scene.quantity("balance", "imbalance", 1.3);
                scene.quantity("best", "predicted_best", 10);
                scene.lesson.quantities.back().parameter = "size";
            },
            "idle_tail", {"1.30 times as long as the mean"}, "Worker-2", "size=10");

        row(
            "back-pressure", [](Scene& scene) { pressure(scene, State::waiting_space, 0.8); },
            "back_pressure",
            {"Producer-1 waited 80 % of its time (80.0 ms) for space",
                "the channel “items” was full"},
            "Producer-1", "consumers=2");
        row(
            "starved", [](Scene& scene) { pressure(scene, State::waiting_data, 0.6); }, "starved",
            {"Consumer-1 waited 60 % of its time (60.0 ms) for data",
                "the channel “items” was empty"},
            "Consumer-1", "producers=2");

        row(
            "out of order", [](Scene& scene) { order(scene, false); }, "ended_out_of_order",
            {"1 of 4 tasks ended before one that stands ahead of them",
                "task 1 on Worker-2 was done 40.0 ms before task 0 on Worker-1"},
            "Worker-1", "way=none,lock");
    }

    void rules_that_speak()
    {
        QFETCH(Make, make);
        QFETCH(QByteArray, id);
        QFETCH(QStringList, parts);
        QFETCH(QByteArray, lane);
        QFETCH(QByteArray, attempt);
        Scene scene;
        make.scene(scene);
        const std::vector<Finding> found = scene.find();
        const Finding* const finding = find(found, id);
        QVERIFY2(finding != nullptr, ids_of(found).constData());
        for (const QString& part : parts)
            QVERIFY2(QString::fromStdString(finding->sentence).contains(part),
                finding->sentence.c_str());
        for (const std::string& text : {finding->belief, finding->sentence, finding->question}) {
            QVERIFY2(!text.empty() && is_one_line(text), text.c_str());
            QVERIFY2(text.back() == '.' || text.back() == '?', text.c_str());
        }
        const std::vector<Lane>& lanes = scene.script.builder.recording().lanes();
        QCOMPARE(finding->lane ? QByteArray::fromStdString(lanes[*finding->lane].name) : "", lane);
        if (finding->interval) {
            QVERIFY(finding->interval->length_ns() >= 0);
            QVERIFY(finding->interval->begin_ns >= 0);
            QVERIFY(finding->interval->end_ns <= static_cast<std::int64_t>(scene.end_ms * ms));
        }
        QByteArray words;
        if (finding->attempt) {
            QVERIFY(!finding->attempt->label.empty());
            for (const std::string& word : finding->attempt->words)
                words += QByteArray::fromStdString(word);
            words += QByteArray::fromStdString(finding->attempt->sweep);
            // It can be run.
            scene.lesson.parse(finding->attempt->words);
        }
        QCOMPARE(words, attempt);
    }

    void rules_that_are_silent_data()
    {
        QTest::addColumn<Make>("make");
        QTest::addColumn<QByteArray>("id");
        const auto row = [](const char* name, void (*scene)(Scene&), const char* id) {
            QTest::newRow(name) << Make{scene} << QByteArray(id);
        };

        row(
            "a long wait", [](Scene& scene) { crossed_locks(scene, false); }, "deadlock");

        row(
            "a task that threw", [](Scene& scene) { death(scene, "exception", false); },
            "worker_died");
        row(
            "killed, as the run was stopped",
            [](Scene& scene) {
                death(scene, "signal", true);
                scene.stopped = scene.partial = true;
            },
            "worker_died");
        row(
            "ended as it was asked to",
            [](Scene& scene) {
                death(scene, "signal", true);
                scene.document.failures.clear();
            },
            "worker_died");

        row(
            "no item lost",
            [](Scene& scene) {
                queue(scene, 6, 6);
                scene.quantity("lost", "lost_items", 0);
            },
            "items_lost");
        row(
            "all received", [](Scene& scene) { queue(scene, 6, 6); }, "messages_left");
        row(
            "not yet received",
            [](Scene& scene) {
                queue(scene, 10, 6);
                scene.partial = true;
            },
            "messages_left");
        row(
            "received, and the telling lost",
            [](Scene& scene) {
                queue(scene, 10, 6);
                scene.script.builder.counters(3, 0, 0, 5, 0);
            },
            "messages_left");

        row(
            "a lock, and nothing lost",
            [](Scene& scene) {
                race(scene, 0);
                scene.lock(0, "lock\nx");
                take_lock(scene, 1, 0, 20);
            },
            "lock_beside_the_race");
        row(
            "lost, and no lock", [](Scene& scene) { race(scene, 5); }, "lock_beside_the_race");
        row(
            "lost by hand",
            [](Scene& scene) {
                race(scene, 5);
                scene.lock(0, "lock\nturn");
                take_lock(scene, 1, 0, 20);
                scene.lesson.guide.held_when = {"way=none"};
            },
            "lock_beside_the_race");
        row(
            "lost behind a barrier",
            [](Scene& scene) {
                race(scene, 5);
                scene.lock(0, "barrier\nstart");
                scene.start(1);
                scene.spend(3, 10, 20, State::waiting_lock, 0);
            },
            "lock_beside_the_race");

        row(
            "lost, and nobody predicted", [](Scene& scene) { race(scene, 5); },
            "predicted_no_race");
        row(
            "lost, as predicted",
            [](Scene& scene) {
                race(scene, 5);
                scene.predict("lost", 4);
            },
            "predicted_no_race");
        row(
            "nothing lost, as predicted",
            [](Scene& scene) {
                race(scene, 0);
                scene.predict("lost", 0);
            },
            "predicted_no_race");
        row(
            "lost, and skipped",
            [](Scene& scene) {
                race(scene, 5);
                scene.describe_prediction("lost", {});
                scene.predictions.resize(1);
                scene.predictions[0].name = "lost";
            },
            "predicted_no_race");

        row(
            "a race", [](Scene& scene) { race(scene, 5); }, "no_race_so_far");
        row(
            "no race in many rounds", [](Scene& scene) { race(scene, 0, 200); }, "no_race_so_far");
        row(
            "nothing can get lost",
            [](Scene& scene) {
                race(scene, 0);
                scene.document.quantities[0].value.reset();
            },
            "no_race_so_far");
        row(
            "no race under a lock",
            [](Scene& scene) {
                race(scene, 0);
                scene.lock(0, "lock\nx");
                take_lock(scene, 1, 0, 20);
            },
            "no_race_so_far");
        row(
            "alone",
            [](Scene& scene) {
                scene.start(1);
                scene.quantity("lost", "lost_updates", 0);
            },
            "no_race_so_far");

        row(
            "a queue, and nobody predicted",
            [](Scene& scene) {
                queue(scene, 4, 4);
                scene.script.event(1, 99 * ms, EventKind::queue_depth, 0, 0, 17);
                scene.quantity("depth", "depth", 9.5);
            },
            "put_waits_for_get");
        row(
            "a queue, as predicted",
            [](Scene& scene) {
                queue(scene, 4, 4);
                scene.script.event(1, 99 * ms, EventKind::queue_depth, 0, 0, 17);
                scene.quantity("depth", "depth", 9.5);
                scene.predict("depth", 10);
            },
            "put_waits_for_get");
        row(
            "handed over, as predicted",
            [](Scene& scene) {
                queue(scene, 4, 4);
                scene.quantity("depth", "depth", 0.2);
                scene.predict("depth", 0);
            },
            "put_waits_for_get");

        row(
            "asleep, no faster than the CPUs",
            [](Scene& scene) {
                spend_share(scene, 2, 0.01, State::sleeping);
                scene.speedup = 2;
            },
            "sleep_is_work");
        row(
            "faster than the CPUs, and not asleep",
            [](Scene& scene) {
                spend_share(scene, 8, 0.9, State::idle);
                scene.usable_cpus = 2;
                scene.speedup = 7;
            },
            "sleep_is_work");
        row(
            "asleep, and the CPUs were used",
            [](Scene& scene) {
                spend_share(scene, 8, 0.4, State::sleeping);
                scene.usable_cpus = 2;
                scene.speedup = 3;
                scene.cpu_ns.assign(9, 40 * ms);
            },
            "sleep_is_work");

        row(
            "at the same time", [](Scene& scene) { spend_share(scene, 4, 0.9, State::idle); },
            "one_after_the_other");
        row(
            "half at the same time", [](Scene& scene) { staircase(scene, 4, 20, 10); },
            "one_after_the_other");
        row(
            "one worker", [](Scene& scene) { spend_share(scene, 1, 0.9, State::idle); },
            "one_after_the_other");
        row(
            "one that does all",
            [](Scene& scene) {
                scene.start(2);
                scene.spend(1, 0, 95, State::computing);
                scene.spend(2, 96, 97, State::computing);
            },
            "one_after_the_other");
        row(
            "next to nothing", [](Scene& scene) { staircase(scene, 4, 0.2, 0.2); },
            "one_after_the_other");

        row(
            "faster than alone",
            [](Scene& scene) {
                spend_share(scene, 4, 0.5, State::idle);
                scene.sequential_s = scene.wall_s = 1;
                scene.speedup = 1;
            },
            "slower_than_alone");
        row(
            "no baseline",
            [](Scene& scene) {
                spend_share(scene, 4, 0.5, State::idle);
                scene.wall_s = 1;
            },
            "slower_than_alone");

        row(
            "slower than alone, by hand",
            [](Scene& scene) {
                spend_share(scene, 4, 0.25, State::idle);
                scene.lesson.guide.held_when = {"way=none"};
                scene.sequential_s = 0.05;
                scene.wall_s = 0.08;
                scene.speedup = 0.625;
            },
            "slower_than_alone");

        row(
            "more workers than CPUs, and none wanted for one",
            [](Scene& scene) {
                spend_share(scene, 4, 0.5, State::idle);
                scene.usable_cpus = 2;
                scene.speedup = 1.9;
            },
            "speedup_has_limits");
        row(
            "as many workers as CPUs",
            [](Scene& scene) {
                spend_share(scene, 4, 0.9, State::idle);
                scene.speedup = 3.5;
            },
            "speedup_has_limits");
        row(
            "predicted what came",
            [](Scene& scene) {
                spend_share(scene, 4, 0.9, State::idle);
                scene.speedup = 3.5;
                scene.predict("speedup", 3.7);
            },
            "speedup_has_limits");
        row(
            "predicted too much, and less than the workers",
            [](Scene& scene) {
                spend_share(scene, 4, 0.5, State::idle);
                scene.speedup = 2;
                scene.predict("speedup", 3);
            },
            "speedup_has_limits");
        row(
            "predicted less",
            [](Scene& scene) {
                spend_share(scene, 4, 0.9, State::idle);
                scene.speedup = 3.5;
                scene.predict("speedup", 2);
            },
            "speedup_has_limits");

        row(
            "short waits for a lock",
            [](Scene& scene) {
                spend_share(scene, 2, 0.8, State::waiting_lock);
                scene.lock(0, "lock\nx");
            },
            "one_lock_for_all");
        row(
            "waits for a barrier",
            [](Scene& scene) {
                spend_share(scene, 2, 0.2, State::waiting_lock);
                scene.lock(0, "barrier\nx");
            },
            "one_lock_for_all");
        row(
            "waits for many locks",
            [](Scene& scene) {
                scene.start(4);
                for (std::uint32_t lane = 1; lane <= 4; ++lane) {
                    scene.lock(static_cast<std::uint16_t>(lane), "lock\nx");
                    scene.spend(lane, 0, 50, State::computing);
                    scene.spend(lane, 50, 100, State::waiting_lock, lane);
                }
            },
            "one_lock_for_all");

        row(
            "small tasks at no cost", [](Scene& scene) { tasks(scene, 2, 100, 90, 10); },
            "small_tasks");
        row(
            "large tasks", [](Scene& scene) { tasks(scene, 2, 100, 200, 300); }, "small_tasks");
        row(
            "few tasks", [](Scene& scene) { tasks(scene, 2, 10, 10, 15); }, "small_tasks");

        row(
            "small messages", [](Scene& scene) { large(scene, 1000); }, "large_messages");
        row(
            "large messages at no cost", [](Scene& scene) { large(scene, 1'000'000, State::idle); },
            "large_messages");

        row(
            "no tail", [](Scene& scene) { tail(scene, 95); }, "idle_tail");
        row(
            "a short tail", [](Scene& scene) { tail(scene, 85); }, "idle_tail");
        row(
            "a tail, and the lesson knows better",
            [](Scene& scene) {
                tail(scene, 40);
                scene.quantity("balance", "imbalance", 1.05);
            },
            "idle_tail");
        row(
            "one worker, no tail",
            [](Scene& scene) {
                scene.start(1);
                scene.task(1, 0, 0, 50);
            },
            "idle_tail");
        row(
            "no tasks", [](Scene& scene) { spend_share(scene, 2, 0.5, State::idle); }, "idle_tail");

        row(
            "some waiting for space",
            [](Scene& scene) { pressure(scene, State::waiting_space, 0.4); }, "back_pressure");
        row(
            "waiting for data", [](Scene& scene) { pressure(scene, State::waiting_data, 0.8); },
            "back_pressure");
        row(
            "some waiting for data",
            [](Scene& scene) { pressure(scene, State::waiting_data, 0.4); }, "starved");

        row(
            "in order", [](Scene& scene) { order(scene, true); }, "ended_out_of_order");
        row(
            "three tasks",
            [](Scene& scene) {
                scene.start(2);
                scene.task(1, 0, 0, 50);
                scene.task(2, 1, 0, 10);
                scene.task(2, 2, 10, 20);
            },
            "ended_out_of_order");
        row(
            "two pools",
            [](Scene& scene) {
                order(scene, false);
                scene.task(2, 0, 100, 100);
            },
            "ended_out_of_order");
    }

    void rules_that_are_silent()
    {
        QFETCH(Make, make);
        QFETCH(QByteArray, id);
        Scene scene;
        make.scene(scene);
        const std::vector<Finding> found = scene.find();
        const Finding* const finding = find(found, id);
        QVERIFY2(finding == nullptr, finding == nullptr ? "" : finding->sentence.c_str());
    }

    void rules_on_time_need_a_run_for_measuring_data()
    {
        QTest::addColumn<Make>("make");
        const auto row
            = [](const char* name, void (*scene)(Scene&)) { QTest::newRow(name) << Make{scene}; };
        row("one_after_the_other", [](Scene& scene) { staircase(scene, 4, 20, 20); });
        row("small_tasks", [](Scene& scene) { tasks(scene, 2, 100, 10, 15); });
        row("large_messages", [](Scene& scene) { large(scene, 1'000'000); });
        row("idle_tail", [](Scene& scene) { tail(scene, 40); });
        row("back_pressure", [](Scene& scene) { pressure(scene, State::waiting_space, 0.8); });
        row("starved", [](Scene& scene) { pressure(scene, State::waiting_data, 0.8); });
        row("sleep_is_work", [](Scene& scene) {
            spend_share(scene, 8, 0.01, State::sleeping);
            scene.speedup = 7.8;
        });
        row("slower_than_alone", [](Scene& scene) {
            spend_share(scene, 4, 0.25, State::idle);
            scene.sequential_s = 0.05;
            scene.wall_s = 0.08;
            scene.speedup = 0.625;
        });
    }

    void rules_on_time_need_a_run_for_measuring()
    {
        QFETCH(Make, make);
        Scene scene;
        make.scene(scene);
        QVERIFY(find(scene.find(), QTest::currentDataTag()) != nullptr);
        scene.timed = false;
        QVERIFY(find(scene.find(), QTest::currentDataTag()) == nullptr);
    }

    void five_at_the_most()
    {
        Scene scene;
        staircase(scene, 4, 20, 20);
        scene.quantity("lost", "lost_updates", 5);
        scene.quantity("items", "lost_items", 5);
        scene.predict("lost", 0);
        scene.predict("speedup", 4);
        scene.speedup = 0.5;
        scene.sequential_s = 0.05;
        scene.wall_s = 0.1;
        const std::vector<Finding> found = scene.find();
        // What is wrong goes first.
        QCOMPARE(ids_of(found),
            QByteArray("items_lost lock_beside_the_race predicted_no_race one_after_the_other "
                       "slower_than_alone "));
    }

    void names_that_nobody_should_see()
    {
        Scene scene;
        tail(scene, 40);
        scene.quantity("lost", "lost_updates", 5);
        scene.lock(0, "lock\n\x1b[31mred\xff\ttab");
        take_lock(scene, 1, 0, 20);
        const std::vector<Finding> found = scene.find();
        const Finding* const finding = find(found, "lock_beside_the_race");
        QVERIFY(finding != nullptr);
        QVERIFY2(is_one_line(finding->sentence), finding->sentence.c_str());
        QVERIFY2(finding->sentence.find("“?[31mred? tab”") != std::string::npos,
            finding->sentence.c_str());
    }

    void nothing_to_say()
    {
        Scene scene;
        QVERIFY(scene.find().empty());
        const Recording empty;
        const ParameterValues values = scene.lesson.parse({});
        QVERIFY(findings({.description = scene.lesson, .parameters = values, .recording = empty})
                    .empty());
    }

    /// Whatever a recording holds, each finding is a whole one.
    void random_recordings()
    {
        std::size_t told = 0;
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            Scene scene;
            scene.quantity("lost", "lost_updates", seed % 2 == 0 ? 0 : 3);
            scene.document.failures
                = {{"Worker-1", 101, {}, "", "signal", 9, "was killed by SIGKILL"}};
            const Recording recording = random_recording(seed, 1000 + seed * 40);
            const ParameterValues values = scene.lesson.parse({});
            const std::vector<Finding> found = findings({.description = scene.lesson,
                .parameters = values,
                .recording = recording,
                .document = &scene.document,
                .sequential_s = 1.0,
                .wall_s = 2.0,
                .speedup = 0.5,
                .usable_cpus = 1});
            QVERIFY(found.size() <= 5);
            told += found.size();
            for (const Finding& finding : found) {
                QVERIFY2(is_one_line(finding.sentence), finding.sentence.c_str());
                QVERIFY2(finding.sentence.find("nan") == std::string::npos
                        && finding.sentence.find("inf") == std::string::npos,
                    finding.sentence.c_str());
                QVERIFY(!finding.lane || *finding.lane < recording.lanes().size());
                QVERIFY(!finding.interval || finding.interval->length_ns() >= 0);
            }
        }
        QVERIFY(told > 300);
    }
};

QTEST_APPLESS_MAIN(TestFindings)

#include "tst_findings.moc"
