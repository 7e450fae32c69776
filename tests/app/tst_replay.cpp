// SPDX-License-Identifier: GPL-3.0-or-later
// A run played again: positions, speeds, events, and what the window shows of it.
#include "app/views/wording.hpp"
#include "app/window/replay.hpp"
#include "app/window/replay_bar.hpp"
#include "tests/app/sample_run.hpp"

#include <QAbstractSlider>
#include <QSignalSpy>
#include <QTest>

#include <set>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

/// All moments of a recording at which a lane's state changes, in run time.
std::set<std::int64_t> changesIn(const Recording& recording)
{
    std::set<std::int64_t> changes;
    const auto add = [&](std::int64_t ns) {
        if (ns != open_end)
            changes.insert(recording.run_time(ns));
    };
    for (const Lane& lane : recording.lanes()) {
        add(lane.start_ns);
        add(lane.end_ns);
        for (const Span& span : lane.spans) {
            add(span.begin_ns);
            add(span.end_ns);
        }
    }
    return changes;
}

} // namespace

class TestReplay : public QObject
{
    Q_OBJECT

private slots:
    void visibleIntervalTakesTenSeconds_data();
    void visibleIntervalTakesTenSeconds();
    void movesAsFastAsSaid();
    void endsAtTheEndAndBeginsAnew();
    void stepsThroughEveryChange();
    void skipsPauses();
    void speeds();
    void speedTexts_data();
    void speedTexts();
    void takesTheViewAlong();
    void barServesTheReplay();
};

void TestReplay::visibleIntervalTakesTenSeconds_data()
{
    QTest::addColumn<qint64>("begin");
    QTest::addColumn<qint64>("end");
    QTest::addColumn<double>("nsPerSecond");
    QTest::newRow("a second") << qint64{0} << qint64{1'000'000'000} << 1e8;
    QTest::newRow("a part") << qint64{500'000} << qint64{900'000} << 4e4;
    QTest::newRow("less than the slowest") << qint64{1000} << qint64{2000} << Replay::slowest;
}

void TestReplay::visibleIntervalTakesTenSeconds()
{
    QFETCH(qint64, begin);
    QFETCH(qint64, end);
    QFETCH(double, nsPerSecond);
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    view.setExtent(recording.run_time(recording.now_ns()), false);
    view.show({begin, end});
    Replay replay(view);
    replay.begin(recording);
    QCOMPARE(replay.nsPerSecond(), nsPerSecond);
    QCOMPARE(replay.positionNs(), begin);
    QVERIFY(!replay.isPlaying());
}

void TestReplay::movesAsFastAsSaid()
{
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    Replay replay(view);
    replay.begin(recording);
    replay.setSpeed(40'000); // 1 s = 40 µs
    replay.setPosition(1000);
    QSignalSpy moved(&replay, &Replay::moved);
    // Thirds of a nanosecond add up.
    for (int i = 0; i < 3000; ++i)
        replay.advance(1.0 / 120'000);
    QVERIFY2(std::abs(replay.positionNs() - 2000) <= 1,
        qPrintable(QString::number(replay.positionNs())));
    QVERIFY(moved.count() > 0);
}

void TestReplay::endsAtTheEndAndBeginsAnew()
{
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    view.setExtent(recording.run_time(recording.now_ns()), false);
    Replay replay(view);
    replay.begin(recording);
    replay.play();
    QVERIFY(replay.isPlaying());
    replay.advance(1e6);
    QCOMPARE(replay.positionNs(), replay.lengthNs());
    QVERIFY(!replay.isPlaying());
    replay.play();
    QCOMPARE(replay.positionNs(), std::int64_t{0});
    replay.end();
    QVERIFY(!replay.isActive() && !replay.isPlaying());
}

void TestReplay::stepsThroughEveryChange()
{
    const Recording recording = SampleRun(3, true).recording();
    std::set<std::int64_t> changes = changesIn(recording);
    changes.erase(0);
    ViewState view;
    Replay replay(view);
    replay.begin(recording);
    replay.setPosition(0);
    std::vector<std::int64_t> forward;
    while (replay.positionNs() < *changes.rbegin() && forward.size() <= changes.size()) {
        replay.step(1);
        forward.push_back(replay.positionNs());
    }
    QCOMPARE(forward, std::vector<std::int64_t>(changes.begin(), changes.end()));
    std::vector<std::int64_t> back;
    while (replay.positionNs() > *changes.begin() && back.size() <= changes.size()) {
        replay.step(-1);
        back.push_back(replay.positionNs());
    }
    std::vector<std::int64_t> expected(changes.rbegin(), changes.rend());
    expected.erase(expected.begin());
    QCOMPARE(back, expected);
}

void TestReplay::skipsPauses()
{
    SampleRun sample(2);
    const std::int64_t begin = sample.script.length() / 2;
    sample.script.at(begin,
        [=](RecordingBuilder& builder) { builder.pause(static_cast<std::uint64_t>(begin)); });
    sample.script.at(begin + millisecond, [=](RecordingBuilder& builder) {
        builder.resume(static_cast<std::uint64_t>(begin + millisecond));
    });
    const Recording recording = sample.recording();
    ViewState view;
    Replay replay(view);
    replay.begin(recording);
    QCOMPARE(replay.lengthNs(), recording.now_ns() - millisecond);
    replay.setPosition(begin - 1);
    QCOMPARE(replay.untilNs(), begin - 1);
    replay.setPosition(begin + 1);
    QCOMPARE(replay.untilNs(), begin + millisecond + 1);
}

void TestReplay::speeds()
{
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    Replay replay(view);
    replay.begin(recording);
    replay.setSpeed(1);
    QCOMPARE(replay.nsPerSecond(), Replay::slowest);
    QStringList texts;
    for (int i = 0; i < 18; ++i) {
        replay.changeSpeed(1);
        texts.append(speedText(replay.nsPerSecond()));
    }
    QCOMPARE(replay.nsPerSecond(), Replay::fastest);
    QCOMPARE(texts.first(), QStringLiteral("1 s = 2 µs"));
    QVERIFY(texts.contains(QStringLiteral("1 s = 50 ms")));
    QCOMPARE(QSet<QString>(texts.begin(), texts.end()).size(), texts.size());
    replay.changeSpeed(1);
    QCOMPARE(replay.nsPerSecond(), Replay::fastest);
    replay.setSpeed(40'000);
    replay.changeSpeed(-1);
    QCOMPARE(replay.nsPerSecond(), 20'000.0);
}

void TestReplay::speedTexts_data()
{
    QTest::addColumn<double>("nsPerSecond");
    QTest::addColumn<QString>("text");
    QTest::newRow("design's own") << 40e3 << QStringLiteral("1 s = 40 µs");
    QTest::newRow("slowest") << 1e3 << QStringLiteral("1 s = 1 µs");
    QTest::newRow("fastest") << 1e9 << QStringLiteral("1 s = 1 s");
    QTest::newRow("no thousand of a unit") << 999.9e3 << QStringLiteral("1 s = 1 ms");
    QTest::newRow("uneven") << 4.752e6 << QStringLiteral("1 s = 4.75 ms");
}

void TestReplay::speedTexts()
{
    QFETCH(double, nsPerSecond);
    QFETCH(QString, text);
    QCOMPARE(speedText(nsPerSecond), text);
}

void TestReplay::takesTheViewAlong()
{
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    view.setExtent(recording.run_time(recording.now_ns()), false);
    view.show({0, millisecond});
    Replay replay(view);
    replay.begin(recording);
    for (const std::int64_t position : {millisecond + 1, 5 * millisecond, 2 * millisecond}) {
        replay.setPosition(position);
        QVERIFY(view.visible().begin_ns <= position);
        QVERIFY(position <= view.visible().end_ns);
        QCOMPARE(view.visible().length_ns(), millisecond);
    }
}

void TestReplay::barServesTheReplay()
{
    const Recording recording = SampleRun(2).recording();
    ViewState view;
    view.setExtent(recording.run_time(recording.now_ns()), false);
    Replay replay(view);
    ReplayBar bar(replay);
    QVERIFY(bar.isHidden());
    replay.begin(recording);
    QVERIFY(!bar.isHidden());
    auto* slider = bar.findChild<QAbstractSlider*>();
    QVERIFY(slider);
    slider->setValue(slider->maximum() / 2);
    QCOMPARE(replay.positionNs(), replay.lengthNs() / 2);
    replay.setPosition(replay.lengthNs());
    QCOMPARE(slider->value(), slider->maximum());
    replay.end();
    QVERIFY(bar.isHidden());
}

QTEST_MAIN(TestReplay)
#include "tst_replay.moc"
