// SPDX-License-Identifier: GPL-3.0-or-later
// What stands between a recording and the charts of messages: against counting everything.
#include "app/views/channel_index.hpp"
#include "app/views/channel_matrix.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/message_matches.hpp"
#include "tests/app/sample_run.hpp"

#include <QTest>

#include <algorithm>
#include <array>
#include <map>
#include <random>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

/// A run of a few lanes and channels whose processes are read one after the other, so that the
/// recording's transfers are not in the order of time and a message may be known at its receiver
/// before its sender.
class RandomRun
{
public:
    explicit RandomRun(unsigned seed)
        : m_random(seed)
        , m_builder(nanosecondClock(), 0)
    {
        Script script;
        for (int lane = 0; lane < static_cast<int>(lanes); ++lane)
            script.start(lane, "L" + std::to_string(lane), 100 + lane,
                lane == 0 ? Role::main : Role::worker);
        for (std::uint16_t channel = 0; channel < channels; ++channel)
            script.channel(channel, "c" + std::to_string(channel));
        script.play(m_builder, -1, lanes);
    }

    void step()
    {
        constexpr std::int64_t length = 1000;
        std::vector<std::int64_t> times(m_random() % 16);
        for (std::int64_t& time : times)
            time = m_now + static_cast<std::int64_t>(m_random() % length);
        std::sort(times.begin(), times.end());
        for (const std::int64_t time : times)
            happen(time);
        m_now += length;
        // The higher a lane's number, the later it is read.
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
            read(lane, m_now - std::int64_t{lane} * 2500);
        m_builder.advance(static_cast<std::uint64_t>(m_now));
    }

    void finish()
    {
        for (std::uint32_t lane = 0; lane < lanes; ++lane)
            read(lane, m_now);
    }

    const Recording& recording() const { return m_builder.recording(); }
    std::int64_t now() const { return m_now; }

private:
    static constexpr std::uint32_t lanes = 4;
    static constexpr std::uint16_t channels = 3;

    void happen(std::int64_t time)
    {
        const auto lane = static_cast<std::uint32_t>(m_random() % lanes);
        const auto channel = static_cast<std::uint16_t>(m_random() % channels);
        TraceEvent event{.ticks = static_cast<std::uint64_t>(time),
            .argument = 0,
            .subject = 0,
            .place = 0,
            .kind = EventKind::queue_depth,
            .detail = 0};
        const auto kind = m_random() % 3;
        if (kind == 0) {
            m_open.push_back({channel, m_next});
            event.kind = EventKind::message_sent;
            event.subject = m_next++;
            event.argument = pack_message(channel, 1 + m_random() % 500);
        } else if (kind == 1 && !m_open.empty()) {
            const std::size_t which = m_random() % m_open.size();
            event.kind = EventKind::message_received;
            event.subject = m_open[which].second;
            event.argument = pack_message(m_open[which].first, 1);
            m_open.erase(m_open.begin() + static_cast<std::ptrdiff_t>(which));
        } else {
            event.subject = channel;
            event.argument = m_random() % 50;
        }
        m_unread[lane].push_back(event);
    }

    void read(std::uint32_t lane, std::int64_t until)
    {
        std::vector<TraceEvent>& unread = m_unread[lane];
        const auto end
            = std::find_if(unread.begin(), unread.end(), [until](const TraceEvent& event) {
                  return static_cast<std::int64_t>(event.ticks) >= until;
              });
        m_builder.apply(lane, {unread.data(), static_cast<std::size_t>(end - unread.begin())});
        unread.erase(unread.begin(), end);
    }

    std::mt19937 m_random;
    RecordingBuilder m_builder;
    std::int64_t m_now = 100;
    std::uint32_t m_next = 0;
    std::array<std::vector<TraceEvent>, lanes> m_unread;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> m_open;
};

} // namespace

class TestChartData : public QObject
{
    Q_OBJECT

private slots:
    void indexCountsAsEverything_data() { seeds(); }
    void indexCountsAsEverything();
    void matchesConserve_data() { seeds(); }
    void matchesConserve();
    void matrixTellsWhoToWhom();
    void volumeAtAnyZoom();
    void replayShowsNothingLater();

private:
    static void seeds();
};

void TestChartData::seeds()
{
    QTest::addColumn<unsigned>("seed");
    for (unsigned seed = 1; seed <= 8; ++seed)
        QTest::addRow("seed %u", seed) << seed;
}

void TestChartData::indexCountsAsEverything()
{
    QFETCH(unsigned, seed);
    RandomRun run(seed);
    std::mt19937 random(seed + 1000);
    ChannelIndex index;
    for (int step = 0; step < 150; ++step) {
        run.step();
        if (random() % 3 != 0)
            continue;
        index.take(run.recording());
        const Recording& recording = run.recording();
        const auto begin = static_cast<std::int64_t>(random() % run.now());
        const std::int64_t end = begin + 1 + static_cast<std::int64_t>(random() % 20'000);
        for (std::uint32_t channel = 0; channel < recording.channels().size(); ++channel) {
            std::uint64_t bytes = 0;
            std::uint64_t messages = 0;
            for (const Transfer& transfer : recording.transfers()) {
                if (transfer.received || transfer.channel != channel || transfer.time_ns >= end)
                    continue;
                bytes += transfer.bytes;
                ++messages;
            }
            QCOMPARE(index.sentBefore(channel, end).bytes, bytes);
            QCOMPARE(index.sentBefore(channel, end).messages, messages);
            std::vector<DepthSample> samples;
            for (const DepthSample& sample : recording.depths()) {
                if (sample.channel == channel)
                    samples.push_back(sample);
            }
            std::stable_sort(samples.begin(), samples.end(),
                [](const auto& one, const auto& other) { return one.time_ns < other.time_ns; });
            std::uint32_t depth = 0;
            std::uint32_t most = 0;
            for (const DepthSample& sample : samples) {
                if (sample.time_ns <= begin)
                    depth = sample.depth;
                else if (sample.time_ns < end)
                    most = std::max(most, sample.depth);
            }
            QCOMPARE(index.depthAt(channel, begin), depth);
            // Of two samples at the same moment the later counts, but both were there.
            const std::uint32_t found = index.mostWithin(channel, {begin, end});
            QVERIFY(found >= std::max(most, depth));
            QVERIFY(std::any_of(samples.begin(), samples.end(), [&](const DepthSample& sample) {
                return sample.depth == found && sample.time_ns < end;
            }) || found == 0);
        }
    }
    QVERIFY(run.recording().transfers().size() > 100);
}

void TestChartData::matchesConserve()
{
    QFETCH(unsigned, seed);
    RandomRun run(seed);
    MessageMatches matches;
    for (int step = 0; step < 100; ++step) {
        run.step();
        if (step % 7 == 0)
            matches.take(run.recording());
    }
    run.finish();
    matches.take(run.recording());
    const Recording& recording = run.recording();
    // Matched here by looking at everything, once it is known.
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> receivers;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.received)
            receivers[{transfer.channel, transfer.message}] = transfer.lane;
    }
    MessageMatches::Sums expected;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.received)
            continue;
        const auto receiver = receivers.find({transfer.channel, transfer.message});
        MessageMatches::Sum& sum = expected[{transfer.lane,
            receiver == receivers.end() ? MessageMatches::onTheWay : receiver->second}];
        sum.bytes += transfer.bytes;
        ++sum.messages;
    }
    const MessageMatches::Sums whole = matches.within(recording, {0, open_end}, recording.now_ns());
    QCOMPARE(matches.sums().size(), expected.size());
    QCOMPARE(whole.size(), expected.size());
    for (const auto& [pair, sum] : expected) {
        QCOMPARE(matches.sums().at(pair).bytes, sum.bytes);
        QCOMPARE(matches.sums().at(pair).messages, sum.messages);
        QCOMPARE(whole.at(pair).bytes, sum.bytes);
    }
}

void TestChartData::matrixTellsWhoToWhom()
{
    const Recording recording = SampleRun(3).recording();
    RunFacts facts;
    facts.recording = &recording;
    ChannelMatrix matrix;
    matrix.showRun(facts);
    matrix.picture(QSize(600, 400));
    const ChartTable table = matrix.table();
    double tasks = 0;
    double unread = 0;
    for (qsizetype row = 0; row < table.rowCount(); ++row) {
        const double bytes = cellNumber(table.at(row, 3));
        if (table.at(row, 0).toString() == QLatin1String("P0 main"))
            tasks += bytes;
        if (table.at(row, 1).toString() == QLatin1String("(not received)"))
            unread += bytes;
    }
    QCOMPARE(tasks, 64.0 * 48);
    QCOMPARE(unread, 64.0 * 24); // nobody takes the results in this run
    QVERIFY(matrix.cellOf(0, 1).isValid());
    QVERIFY(!matrix.cellOf(1, 0).isValid());
}

void TestChartData::volumeAtAnyZoom()
{
    const Recording recording = SampleRun(2).recording();
    RunFacts facts;
    facts.recording = &recording;
    ViewState view;
    view.setExtent(recording.now_ns(), false);
    IpcVolume chart;
    chart.setViewState(&view);
    chart.showRun(facts);
    for (const Interval seen :
        {Interval{0, recording.now_ns()}, Interval{2'015 * millisecond, 2'025 * millisecond},
            Interval{2'019'000'000, 2'019'200'000}}) {
        view.show(seen);
        chart.picture(QSize(700, 400));
        const ChartTable table = chart.table();
        double bytes = 0;
        double begin = 1e9;
        double end = 0;
        for (qsizetype row = 0; row < table.rowCount(); ++row) {
            bytes += cellNumber(table.at(row, 3));
            begin = std::min(begin, cellNumber(table.at(row, 1)));
            end = std::max(end, cellNumber(table.at(row, 2)));
        }
        double expected = 0;
        for (const Transfer& transfer : recording.transfers()) {
            const double time = static_cast<double>(transfer.time_ns) / 1e9;
            if (!transfer.received && time >= begin - 1e-12 && time < end - 1e-12)
                expected += static_cast<double>(transfer.bytes);
        }
        QVERIFY(expected > 0);
        QCOMPARE(bytes, expected);
        QVERIFY(begin <= static_cast<double>(seen.begin_ns) / 1e9 + 1e-12);
    }
}

void TestChartData::replayShowsNothingLater()
{
    const Recording recording = SampleRun(2).recording();
    RunFacts facts;
    facts.recording = &recording;
    facts.untilNs = 2'019'500'000;
    IpcVolume volume;
    ChannelMatrix matrix;
    std::uint64_t sent = 0;
    for (const Transfer& transfer : recording.transfers())
        sent += !transfer.received && transfer.time_ns <= *facts.untilNs ? transfer.bytes : 0;
    QVERIFY(sent > 0);
    for (Chart* chart : std::initializer_list<Chart*>{&volume, &matrix}) {
        chart->showRun(facts);
        chart->picture(QSize(700, 400));
        const ChartTable table = chart->table();
        double bytes = 0;
        for (qsizetype row = 0; row < table.rowCount(); ++row)
            bytes += cellNumber(table.at(row, 3));
        QCOMPARE(bytes, static_cast<double>(sent));
    }
}

QTEST_MAIN(TestChartData)
#include "tst_chart_data.moc"
