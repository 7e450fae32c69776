// SPDX-License-Identifier: MIT
// Tests engine/analysis/state_columns: known answers, and every column of random recordings at
// random zooms against looking at each of its nanoseconds.
#include "engine/analysis/state_columns.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QTest>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

using namespace manyhands;
using manyhands::test::ScriptedRecording;

namespace {

bool contains(const Interval& interval, std::int64_t time)
{
    return interval.begin_ns <= time && time < interval.end_ns;
}

/// What a lane does in the nanosecond of recorded time that begins at `time`.
Fill fill_at(const Lane& lane, std::int64_t time)
{
    if (std::any_of(lane.stops.begin(), lane.stops.end(),
            [time](const Interval& stop) { return contains(stop, time); }))
        return fill_stopped;
    Fill fill = fill_nothing;
    for (const Span& span : lane.spans) {
        if (contains({span.begin_ns, span.end_ns}, time))
            fill = static_cast<Fill>(span.state); // a later one lies within the earlier
    }
    return fill;
}

/// The nanoseconds of run time, each by the recorded moment that it is.
std::vector<std::int64_t> run_moments(const Recording& recording, std::int64_t end)
{
    std::vector<std::int64_t> moments;
    for (std::int64_t time = 0; static_cast<std::int64_t>(moments.size()) < end; ++time) {
        const auto& pauses = recording.pauses();
        const bool paused = std::any_of(pauses.begin(), pauses.end(), [&](const Interval& pause) {
            return contains({pause.begin_ns, std::min(pause.end_ns, recording.now_ns())}, time);
        });
        if (!paused)
            moments.push_back(time);
    }
    return moments;
}

std::string letters(const std::vector<StateColumn>& columns)
{
    constexpr std::string_view names = "StcsrRdplJ.zhfT ";
    std::string text;
    for (const StateColumn& column : columns)
        text += names[column.fill];
    return text;
}

} // namespace

class TestStateColumns : public QObject
{
    Q_OBJECT

private slots:
    void known_answers_data()
    {
        QTest::addColumn<qint64>("begin");
        QTest::addColumn<qint64>("end");
        QTest::addColumn<int>("count");
        QTest::addColumn<QString>("expected");
        // c = computing, l = waiting_lock, r = sending, T = stopped.
        QTest::newRow("a column each 10 ns") << qint64{0} << qint64{120} << 12 << " cccllccTT  ";
        QTest::newRow("most of a column wins") << qint64{0} << qint64{120} << 4 << "clcT";
        QTest::newRow("one column") << qint64{0} << qint64{120} << 1 << "c";
        QTest::newRow("a part") << qint64{30} << qint64{50} << 4 << "ccll";
        QTest::newRow("columns of less than a nanosecond")
            << qint64{39} << qint64{41} << 8 << "ccccllll";
        QTest::newRow("beyond the end") << qint64{200} << qint64{300} << 3 << "   ";
    }

    void known_answers()
    {
        QFETCH(qint64, begin);
        QFETCH(qint64, end);
        QFETCH(int, count);
        QFETCH(QString, expected);
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        const auto lane = script.lane("Worker-1", Role::worker, 10);
        script.begin(lane, 10, State::computing, 1);
        script.span(lane, 40, 60, State::waiting_lock);
        script.stop(lane, 80);
        script.go_on(lane, 100);
        script.end(lane, 100, State::computing);
        script.end_lane(lane, 110);
        std::vector<StateColumn> columns(static_cast<std::size_t>(count));
        const Recording& recording = script.builder.recording();
        state_columns(recording, recording.lanes()[lane],
            columns_of(recording, {begin, end}, columns.size()), open_end, columns);
        QCOMPARE(QString::fromStdString(letters(columns)), expected);
    }

    void ends_where_it_is_told_to()
    {
        ScriptedRecording script;
        const auto lane = script.lane("main", Role::main, 0);
        script.span(lane, 0, 100, State::computing);
        std::vector<StateColumn> columns(10);
        const Recording& recording = script.builder.recording();
        state_columns(
            recording, recording.lanes()[lane], columns_of(recording, {0, 100}, 10), 35, columns);
        QCOMPARE(letters(columns), std::string("cccc      "));
    }

    void a_pause_has_no_width()
    {
        ScriptedRecording script;
        const auto lane = script.lane("main", Role::main, 0);
        script.begin(lane, 0, State::computing);
        script.builder.pause(40);
        script.builder.resume(1'000'040);
        script.end(lane, 1'000'060, State::computing);
        script.span(lane, 1'000'060, 1'000'100, State::sending);
        std::vector<StateColumn> columns(10);
        const Recording& recording = script.builder.recording();
        state_columns(recording, recording.lanes()[lane], columns_of(recording, {0, 100}, 10),
            open_end, columns);
        QCOMPARE(letters(columns), std::string("ccccccrrrr"));
    }

    void against_every_nanosecond_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 40; ++seed)
            QTest::addRow("seed %llu", seed) << seed;
    }

    void against_every_nanosecond()
    {
        QFETCH(quint64, seed);
        const Recording recording = test::random_recording(seed, 2'500);
        const std::vector<std::int64_t> moments = run_moments(recording, 2'600);
        std::mt19937_64 random(seed);
        for (int view = 0; view < 12; ++view) {
            const auto begin = static_cast<std::int64_t>(random() % 2'400);
            const auto length
                = static_cast<std::int64_t>(1 + random() % (view % 3 == 0 ? 20 : 2'600));
            const Interval visible = {begin, std::min<std::int64_t>(begin + length, 2'600)};
            const std::int64_t until
                = view % 4 == 0 ? static_cast<std::int64_t>(random() % 3'000) : open_end;
            for (const Lane& lane : recording.lanes()) {
                std::vector<StateColumn> columns(1 + random() % 400);
                state_columns(recording, lane, columns_of(recording, visible, columns.size()),
                    until, columns);
                const std::int64_t life_end
                    = std::min(lane.ended() ? lane.end_ns : recording.now_ns(), until);
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    const Interval run = column_interval(visible, i, columns.size());
                    std::array<int, fill_nothing + 1> counts = {};
                    for (std::int64_t time = run.begin_ns;
                         time < std::min<std::int64_t>(run.end_ns, 2'600); ++time) {
                        const std::int64_t recorded = moments[static_cast<std::size_t>(time)];
                        if (recorded >= lane.start_ns && recorded < life_end)
                            ++counts[fill_at(lane, recorded)];
                    }
                    const auto most = std::max_element(counts.begin(), counts.end() - 1);
                    const Fill expected
                        = *most == 0 ? fill_nothing : static_cast<Fill>(most - counts.begin());
                    QCOMPARE(columns[i].fill, expected);
                }
            }
        }
    }

    /// Else the comparison above would compare little.
    void chance_brings_everything()
    {
        std::array<int, fill_nothing + 1> met = {};
        for (quint64 seed = 1; seed <= 40; ++seed) {
            const Recording recording = test::random_recording(seed, 2'500);
            for (const Lane& lane : recording.lanes()) {
                std::vector<StateColumn> columns(200);
                state_columns(
                    recording, lane, columns_of(recording, {0, 2'500}, 200), open_end, columns);
                for (const StateColumn& column : columns)
                    ++met[column.fill];
            }
        }
        // A run of ours has no span of another program.
        met[static_cast<std::size_t>(State::foreign)] = 1;
        QVERIFY(*std::min_element(met.begin(), met.end()) > 0);
    }
};

QTEST_APPLESS_MAIN(TestStateColumns)
#include "tst_state_columns.moc"
