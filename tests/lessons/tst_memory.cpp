// SPDX-License-Identifier: MIT
// Sampling of memory: a lesson that allocates known amounts, and when nothing is sampled.
#include "tests/support/lesson_session.hpp"

#include <QTest>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace manyhands;
using namespace manyhands::tests;

namespace {

constexpr const char* program = "manyhands-test-lessons";
constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;

std::unique_ptr<Session> held_lesson(const std::vector<std::string>& words)
{
    SessionOptions options = lesson_options(program, "memory", words);
    options.hold_gates = true;
    return std::make_unique<Session>(std::move(options));
}

std::uint32_t lane_named(const Recording& recording, const std::string& name)
{
    const auto& lanes = recording.lanes();
    const auto found = std::find_if(
        lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.name == name; });
    return static_cast<std::uint32_t>(found - lanes.begin());
}

/// The most that was read of a lane; 0 where nothing was.
std::uint64_t most(
    const Recording& recording, const std::string& name, std::uint64_t MemorySample::*figure)
{
    std::uint64_t most = 0;
    for (const MemorySample& sample : recording.memory()) {
        if (sample.lane == lane_named(recording, name))
            most = std::max(most, sample.*figure);
    }
    return most;
}

std::size_t samples_of(const Recording& recording, const std::string& name)
{
    return static_cast<std::size_t>(std::count_if(recording.memory().begin(),
        recording.memory().end(),
        [&](const MemorySample& sample) { return sample.lane == lane_named(recording, name); }));
}

} // namespace

class TestMemory : public QObject
{
    Q_OBJECT

private slots:
    void samplesSeeWhatWasAllocated_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("mainsInWorker"); ///< MiB of main's that a worker has, too
        QTest::newRow("forked: main's pages are shared") << "fork" << 64;
        QTest::newRow("spawned: nothing of main's") << "spawn" << 0;
    }

    void samplesSeeWhatWasAllocated()
    {
        QFETCH(QString, method);
        QFETCH(int, mainsInWorker);
        const auto session
            = held_lesson({"method=" + method.toStdString(), "workers=2", "own=16", "shared=64"});
        // Both workers stand at their gates; from then on until each was read completely again.
        QVERIFY(poll_until(*session, [&] { return session->held().size() == 2; }));
        const std::size_t before = session->recording().memory().size();
        const auto read_again = [&] {
            const Recording& recording = session->recording();
            const auto& samples = recording.memory();
            return std::all_of(
                recording.lanes().begin(), recording.lanes().end(), [&](const Lane& lane) {
                    return std::any_of(samples.begin() + static_cast<std::ptrdiff_t>(before),
                        samples.end(), [&](const MemorySample& sample) {
                            return recording.lanes()[sample.lane].pid == lane.pid
                                && sample.pss_bytes != 0;
                        });
                });
        };
        QVERIFY(poll_until(*session, read_again));
        session->open_gates();
        QVERIFY(finish(*session));
        QCOMPARE(session->state(), RunState::done);

        const Recording& recording = session->recording();
        // What a process has besides: its program, its libraries, the segment's pages.
#ifdef __SANITIZE_ADDRESS__
        constexpr std::uint64_t besides = 60 * mebibyte; // and the shadow of all these
#else
        constexpr std::uint64_t besides = 12 * mebibyte;
#endif
        const auto within = [](std::uint64_t bytes, std::uint64_t least) {
            return bytes >= least && bytes < least + besides;
        };
        const auto shared = static_cast<std::uint64_t>(mainsInWorker) * mebibyte;
        for (const char* const name : {"Worker-1", "Worker-2"}) {
            const std::uint64_t rss = most(recording, name, &MemorySample::rss_bytes);
            QVERIFY2(within(rss, 16 * mebibyte + shared), std::to_string(rss).c_str());
            // A third of main's pages: three processes have them.
            const std::uint64_t pss = most(recording, name, &MemorySample::pss_bytes);
            QVERIFY2(pss >= 16 * mebibyte && pss <= rss, std::to_string(pss).c_str());
            if (shared > 0)
                QVERIFY2(pss < 16 * mebibyte + shared / 2 + besides, std::to_string(pss).c_str());
        }
        const std::uint64_t rss = most(recording, "main", &MemorySample::rss_bytes);
        QVERIFY2(within(rss, 64 * mebibyte), std::to_string(rss).c_str());
        for (const MemorySample& sample : recording.memory()) {
            QVERIFY(sample.lane < recording.lanes().size());
            const Lane& lane = recording.lanes()[sample.lane];
            QVERIFY(sample.time_ns >= lane.start_ns);
            QVERIFY(sample.rss_bytes > 0);
        }
    }

    void theProportionalOneIsReadSeldom()
    {
        const auto session = held_lesson({"workers=1"});
        QVERIFY(poll_until(
            *session, [&] { return samples_of(session->recording(), "Worker-1") >= 11; }));
        const Recording& recording = session->recording();
        std::size_t index = 0;
        for (const MemorySample& sample : recording.memory()) {
            if (sample.lane == lane_named(recording, "Worker-1"))
                QCOMPARE(sample.pss_bytes != 0, index++ % 5 == 0);
        }
        session->open_gates();
        QVERIFY(finish(*session));
    }

    void theRunObjectHasThePeak()
    {
        const auto session = held_lesson({"workers=1"});
        QVERIFY(poll_until(
            *session, [&] { return samples_of(session->recording(), "Worker-1") >= 6; }));
        session->open_gates();
        QVERIFY(finish(*session));
        const nlohmann::json run = run_object(*session);
        for (const nlohmann::json& process : run.at("processes"))
            QCOMPARE(process.at("peak_pss_bytes").get<std::uint64_t>(),
                most(session->recording(), process.at("name"), &MemorySample::pss_bytes));
    }

    void nothingIsSampledWhereItWouldCount()
    {
        SessionOptions options = lesson_options(program, "memory", {"workers=1", "own=1"});
        options.hold_gates = true;
        options.repeats = 1;
        Session session(std::move(options));
        // The warm-up, and then the repeat: a while at the gate in each.
        for (int phase = 0; phase < 2; ++phase) {
            QVERIFY(poll_until(session, [&] { return session.held().size() == 1; }));
            const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
            QVERIFY(poll_until(session, [&] { return std::chrono::steady_clock::now() >= until; }));
            QCOMPARE(session.recording().memory().size(), std::size_t{0});
            QCOMPARE(session.step_all(), 1);
            QVERIFY(poll_until(session, [&] { return session.held().empty(); }));
        }
        QVERIFY(finish(session));
        QCOMPARE(session.recording().memory().size(), std::size_t{0});
        const nlohmann::json run = run_object(session);
        for (const nlohmann::json& process : run.at("processes"))
            QVERIFY(process.at("peak_pss_bytes").is_null());
    }

    void nothingIsSampledWhereItIsNotDeclared()
    {
        SessionOptions options = lesson_options(program, "gates", {"what=count", "workers=1"});
        options.hold_gates = true;
        Session session(std::move(options));
        QVERIFY(poll_until(session, [&] { return session.held().size() == 1; }));
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(500);
        QVERIFY(poll_until(session, [&] { return std::chrono::steady_clock::now() >= until; }));
        QCOMPARE(session.recording().memory().size(), std::size_t{0});
        session.open_gates();
        QVERIFY(finish(session));
    }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "tst_memory.moc"
