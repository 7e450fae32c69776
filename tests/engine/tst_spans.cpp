// SPDX-License-Identifier: MIT
// Tests engine/recording/spans: random nestings against plain vectors and against adding up every
// span; moments at the edges of blocks and chunks.
#include "engine/recording/spans.hpp"

#include <QTest>

#include <algorithm>
#include <random>
#include <vector>

using namespace manyhands;

namespace {

/// A random lane, and the same in a plain vector.
class RandomLane
{
public:
    /// `step` is the mean time between two events: 0 puts all of them at one moment.
    RandomLane(unsigned seed, std::size_t count, std::int64_t step, std::size_t deepest)
        : random_(seed)
        , step_(step)
        , deepest_(deepest)
    {
        time_ = std::uniform_int_distribution<std::int64_t>(0, 1'000)(random_);
        while (plain_.size() < count)
            grow();
    }

    void grow()
    {
        time_
            += step_ == 0 ? 0 : std::uniform_int_distribution<std::int64_t>(0, 2 * step_)(random_);
        const std::size_t depth = open_.size();
        const bool opens = depth == 0 || (depth < deepest_ && random_() % 2 == 0);
        if (opens) {
            const Span span = {time_, open_end, static_cast<std::uint32_t>(random_()),
                static_cast<std::uint16_t>(random_()), static_cast<State>(random_() % state_count),
                static_cast<std::uint8_t>(depth)};
            QCOMPARE(spans_.open(time_, span.state, span.subject, span.place), plain_.size());
            open_.push_back(plain_.size());
            plain_.push_back(span);
            return;
        }
        const std::size_t down_to = random_() % depth;
        spans_.close(down_to, time_);
        for (; open_.size() > down_to; open_.pop_back())
            plain_[open_.back()].end_ns = time_;
    }

    const Spans& spans() const { return spans_; }
    const std::vector<Span>& plain() const { return plain_; }
    std::int64_t last() const { return time_; }
    std::mt19937& random() { return random_; }

    /// The innermost span around a moment, by looking at all of them.
    std::size_t innermost(std::int64_t time) const
    {
        std::size_t found = plain_.size();
        for (std::size_t i = 0; i < plain_.size(); ++i) {
            if (plain_[i].begin_ns <= time && time < plain_[i].end_ns)
                found = i;
        }
        return found;
    }

    /// How long each state was the innermost before `until`, by the borders of all spans.
    StateTimes times_until(std::int64_t until) const
    {
        std::vector<std::int64_t> borders = {until};
        for (const Span& span : plain_) {
            borders.push_back(std::min(span.begin_ns, until));
            borders.push_back(std::min(span.end_ns, until));
        }
        std::sort(borders.begin(), borders.end());
        StateTimes times = {};
        for (std::size_t i = 1; i < borders.size(); ++i) {
            if (borders[i] == borders[i - 1])
                continue;
            const std::size_t span = innermost(borders[i - 1]);
            if (span < plain_.size())
                times[static_cast<std::size_t>(plain_[span].state)] += borders[i] - borders[i - 1];
        }
        return times;
    }

private:
    std::mt19937 random_;
    std::int64_t step_;
    std::size_t deepest_;
    std::int64_t time_ = 0;
    Spans spans_;
    std::vector<Span> plain_;
    std::vector<std::size_t> open_;
};

} // namespace

class TestSpans : public QObject
{
    Q_OBJECT

private slots:
    void against_plain_vectors_data()
    {
        QTest::addColumn<unsigned>("seed");
        QTest::addColumn<int>("count");
        QTest::addColumn<qint64>("step");
        QTest::addColumn<int>("deepest");
        QTest::newRow("a few, flat") << 1u << 5 << qint64{100} << 1;
        QTest::newRow("one block") << 2u << 16 << qint64{100} << 3;
        QTest::newRow("some blocks, deep") << 3u << 300 << qint64{50} << 32;
        QTest::newRow("all at one moment") << 4u << 200 << qint64{0} << 4;
        QTest::newRow("every nanosecond") << 5u << 500 << qint64{1} << 4;
        QTest::newRow("a second apart, chunks by time") << 6u << 200 << qint64{1'000'000'000} << 4;
        QTest::newRow("a day apart") << 7u << 60 << qint64{86'400'000'000'000} << 6;
        QTest::newRow("two full chunks") << 8u << 9'000 << qint64{1'000} << 3;
        QTest::newRow("two full chunks in one nest") << 9u << 9'000 << qint64{700} << 32;
    }

    void against_plain_vectors()
    {
        QFETCH(unsigned, seed);
        QFETCH(int, count);
        QFETCH(qint64, step);
        QFETCH(int, deepest);
        RandomLane lane(
            seed, static_cast<std::size_t>(count), step, static_cast<std::size_t>(deepest));
        const Spans& spans = lane.spans();
        QCOMPARE(spans.size(), lane.plain().size());
        QVERIFY(std::equal(spans.begin(), spans.end(), lane.plain().begin()));
        QVERIFY(std::equal(spans.rbegin(), spans.rend(), lane.plain().rbegin()));

        // Moments at borders, beside them, and anywhere.
        std::vector<std::int64_t> moments = {0, lane.last(), lane.last() + 1'000};
        const int samples = count > 1'000 ? 12 : 60;
        for (int i = 0; i < samples; ++i) {
            const Span& span = lane.plain()[lane.random()() % lane.plain().size()];
            moments.insert(moments.end(), {span.begin_ns - 1, span.begin_ns, span.begin_ns + 1});
            moments.push_back(
                std::uniform_int_distribution<std::int64_t>(0, lane.last())(lane.random()));
        }
        std::sort(moments.begin(), moments.end());
        StateWalk walk(spans, moments.front());
        StateTimes walked = lane.times_until(moments.front());
        for (const std::int64_t moment : moments) {
            const StateTimes expected = lane.times_until(moment);
            QCOMPARE(spans.times_until(moment), expected);
            QCOMPARE(spans.innermost(moment), lane.innermost(moment));
            walk.add_until(moment, walked);
            QCOMPARE(walked, expected);
            QCOMPARE(StateWalk(spans, moment).innermost(), lane.innermost(moment));
            const auto begun = std::count_if(lane.plain().begin(), lane.plain().end(),
                [moment](const Span& span) { return span.begin_ns <= moment; });
            QCOMPARE(spans.begun_by(moment), static_cast<std::size_t>(begun));
        }
    }

    /// What is asked while it grows is what is asked once it has grown.
    void asked_while_it_grows()
    {
        RandomLane lane(11, 1, 100, 5);
        std::vector<std::pair<std::int64_t, StateTimes>> asked;
        for (int i = 0; i < 20'000; ++i) {
            lane.grow();
            if (i % 100 == 0)
                asked.emplace_back(lane.last(), lane.spans().times_until(lane.last()));
        }
        for (const auto& [moment, times] : asked)
            QCOMPARE(lane.spans().times_until(moment), times);
    }

    /// A person's machine holds runs of ten million spans.
    void takes_little_memory()
    {
        Spans spans;
        for (std::int64_t i = 0; i < 1'000'000; ++i) {
            spans.open(i * 1'000, State::computing, static_cast<std::uint32_t>(i), 1);
            spans.close(0, i * 1'000 + 900);
        }
        QVERIFY2(spans.memory_bytes() <= 24 * spans.size(),
            std::to_string(spans.memory_bytes() / spans.size()).c_str());
    }

    void refuses_to_run_backwards()
    {
        Spans spans;
        spans.open(100, State::computing, no_subject, 0);
        spans.open(50, State::sending, no_subject, 0);
        spans.close(0, 20);
        QCOMPARE(spans[1].begin_ns, std::int64_t{100});
        QCOMPARE(spans[0].end_ns, std::int64_t{100});
        QCOMPARE(spans.times_until(200), StateTimes{});
    }
};

QTEST_APPLESS_MAIN(TestSpans)
#include "tst_spans.moc"
