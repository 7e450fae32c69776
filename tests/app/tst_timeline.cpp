// SPDX-License-Identifier: GPL-3.0-or-later
// Tests the timeline's keys, mouse and marks, and what is said of what is selected.
#include "app/views/details_pane.hpp"
#include "app/views/explain.hpp"
#include "app/views/lane_bars.hpp"
#include "app/views/legend_strip.hpp"
#include "app/views/overview_strip.hpp"
#include "app/views/timeline.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/scripted_recording.hpp"

#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;
using manyhands::test::ScriptedRecording;

namespace {

constexpr std::int64_t ms = 1'000'000;

RunFacts factsOf(const Recording& recording, bool running = false)
{
    RunFacts facts;
    facts.recording = &recording;
    facts.budget = time_budget(recording, recording.shown_interval());
    facts.running = running;
    return facts;
}

/// Main sends a task to each of two workers, which wait for it, compute and answer.
Recording pingPong()
{
    ScriptedRecording script;
    const auto main = script.lane("main", Role::main, 0);
    const auto one = script.lane("Worker-1", Role::worker, 0);
    const auto two = script.lane("Worker-2", Role::worker, 0);
    script.builder.text(main, {TextKind::channel, 0, "queue\ntasks"});
    script.builder.text(main, {TextKind::channel, 1, "queue\nresults"});
    script.builder.text(main, {TextKind::lock, 0, "lock\ncounter"});
    script.span(one, 0, 10 * ms, State::waiting_data, 0);
    script.span(main, 2 * ms, 10 * ms, State::sending, 0);
    script.message(main, 10 * ms, false, 0, 1, 100);
    script.span(one, 10 * ms, 20 * ms, State::receiving, 0);
    script.message(one, 20 * ms, true, 0, 1, 100);
    script.span(one, 20 * ms, 60 * ms, State::computing, 7);
    script.span(two, 30 * ms, 50 * ms, State::waiting_lock, 0);
    script.event(one, 60 * ms, EventKind::lock_released, 0, 0, 20 * ms);
    script.span(one, 60 * ms, 70 * ms, State::sending, 1);
    script.message(one, 70 * ms, false, 1, 1, 8);
    script.span(main, 65 * ms, 80 * ms, State::receiving, 1);
    script.message(main, 80 * ms, true, 1, 1, 8);
    script.end_lane(one, 90 * ms);
    script.end_lane(two, 90 * ms, -9);
    script.builder.advance(100 * ms);
    return std::move(script.builder).take();
}

} // namespace

class TestTimeline : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        m_view = std::make_unique<ViewState>();
        m_timeline = std::make_unique<Timeline>();
        m_timeline->setViewState(m_view.get());
        m_timeline->resize(1000, 400);
        m_timeline->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_timeline.get()));
        m_recording = pingPong();
        m_view->setExtent(m_recording.now_ns(), false);
        m_timeline->showRun(factsOf(m_recording));
    }

    void cleanup()
    {
        m_timeline.reset();
        m_view.reset();
    }

    void keys_data()
    {
        QTest::addColumn<QList<int>>("keys");
        QTest::addColumn<QString>("selected");
        const auto link = [&](const Target& target) { return linkTo(target, pingPong()); };
        QTest::newRow("down: the first process")
            << QList<int>{Qt::Key_Down} << link(Target::ofLane(0));
        QTest::newRow("up from nothing: the last process")
            << QList<int>{Qt::Key_Up} << link(Target::ofLane(2));
        QTest::newRow("down, down")
            << QList<int>{Qt::Key_Down, Qt::Key_Down} << link(Target::ofLane(1));
        QTest::newRow("not beyond the last")
            << QList<int>{Qt::Key_Up, Qt::Key_Down} << link(Target::ofLane(2));
        QTest::newRow("the next span of a process")
            << QList<int>{Qt::Key_Down, Qt::Key_Period} << link(Target::ofSpan(0, 0));
        QTest::newRow("two spans on") << QList<int>{Qt::Key_Down, Qt::Key_Period, Qt::Key_Period}
                                      << link(Target::ofSpan(0, 1));
        QTest::newRow("and back") << QList<int>{Qt::Key_Down, Qt::Key_Period, Qt::Key_Period,
            Qt::Key_Comma} << link(Target::ofSpan(0, 0));
        QTest::newRow("along a message") << QList<int>{Qt::Key_Down, Qt::Key_Period,
            Qt::Key_BracketRight} << link(Target::ofSpan(1, 1));
        QTest::newRow("along a message and back")
            << QList<int>{Qt::Key_Down, Qt::Key_Period, Qt::Key_BracketRight, Qt::Key_BracketLeft}
            << link(Target::ofSpan(0, 0));
        QTest::newRow("the other process at the same moment")
            << QList<int>{Qt::Key_Down, Qt::Key_Period, Qt::Key_Down} << link(Target::ofSpan(1, 0));
        QTest::newRow("Esc forgets") << QList<int>{Qt::Key_Down, Qt::Key_Escape} << QString();
    }

    void keys()
    {
        QFETCH(QList<int>, keys);
        QFETCH(QString, selected);
        for (const int key : keys)
            QTest::keyClick(m_timeline.get(), static_cast<Qt::Key>(key));
        QCOMPARE(linkTo(m_view->selection(), m_recording), selected);
        QCOMPARE(m_timeline->focusedText().isEmpty(), selected.isEmpty());
    }

    void zoomsAndPans()
    {
        const Interval all = m_view->visible();
        QCOMPARE(all.length_ns(), m_view->extentNs());
        QTest::keyClick(m_timeline.get(), Qt::Key_W);
        const Interval closer = m_view->visible();
        QVERIFY(closer.length_ns() < all.length_ns());
        QTest::keyClick(m_timeline.get(), Qt::Key_Right);
        QVERIFY(m_view->visible().begin_ns > closer.begin_ns);
        QCOMPARE(m_view->visible().length_ns(), closer.length_ns());
        QTest::keyClick(m_timeline.get(), Qt::Key_Backspace);
        QTest::keyClick(m_timeline.get(), Qt::Key_Backspace);
        QCOMPARE(m_view->visible().length_ns(), all.length_ns());
        QTest::keyClick(m_timeline.get(), Qt::Key_Plus);
        QTest::keyClick(m_timeline.get(), Qt::Key_Home);
        QCOMPARE(m_view->mode(), ViewState::Mode::all);
    }

    void drawsWhoWaitsForWhomForEver_data()
    {
        QTest::addColumn<bool>("forEver");
        QTest::newRow("each has what the other wants") << true;
        QTest::newRow("one goes on") << false;
    }

    void drawsWhoWaitsForWhomForEver()
    {
        QFETCH(bool, forEver);
        ScriptedRecording script;
        script.lane("main", Role::main, 0);
        const auto left = script.lane("Left", Role::worker, 0);
        const auto right = script.lane("Right", Role::worker, 0);
        script.builder.text(0, {TextKind::lock, 0, "lock\nA"});
        script.builder.text(0, {TextKind::lock, 1, "lock\nB"});
        const auto wait = [&](std::uint32_t lane, std::uint32_t lock, std::uint32_t holder) {
            script.event(lane, 10 * ms, EventKind::state_begin,
                static_cast<std::uint8_t>(State::waiting_lock), lock, holder);
        };
        wait(left, 1, right);
        if (forEver)
            wait(right, 0, left);
        script.builder.advance(100 * ms);
        Timeline timeline;
        timeline.resize(800, 300);
        timeline.showRun(factsOf(script.builder.recording()));
        const QImage picture = timeline.picture(QSize(800, 300));
        const auto& entries = timeline.findChild<LegendStrip*>()->entries();
        const bool said = std::any_of(entries.begin(), entries.end(), [](const LegendEntry& entry) {
            return entry.text.startsWith("Waits for the other");
        });
        QCOMPARE(said, forEver);
        // Between their lanes nothing else is drawn over the background.
        const int between
            = qRound((timeline.laneRect(1).bottom() + timeline.laneRect(2).top()) / 2);
        bool arrow = false;
        for (int x = 0; x < picture.width(); ++x)
            arrow = arrow || picture.pixelColor(x, between) == timeline.theme().failedColour();
        QCOMPARE(arrow, forEver);
    }

    void focusesTheSelectionAndTwiceEverything()
    {
        m_view->select(Target::ofSpan(1, 2));
        QTest::keyClick(m_timeline.get(), Qt::Key_F);
        const Interval seen = m_view->visible();
        QVERIFY(seen.begin_ns <= 20 * ms && seen.end_ns >= 60 * ms);
        QVERIFY(seen.length_ns() < 100 * ms);
        QTest::keyClick(m_timeline.get(), Qt::Key_F);
        QCOMPARE(m_view->mode(), ViewState::Mode::all);
    }

    void dragsSelectAnInterval()
    {
        const auto at = [&](std::int64_t time) {
            return QPoint(qRound(m_timeline->timeToPixel(time)),
                qRound(m_timeline->laneRect(1).center().y()));
        };
        QTest::mousePress(m_timeline.get(), Qt::LeftButton, {}, at(20 * ms));
        QTest::mouseMove(m_timeline.get(), at(40 * ms));
        QTest::mouseMove(m_timeline.get(), at(60 * ms));
        QTest::mouseRelease(m_timeline.get(), Qt::LeftButton, {}, at(60 * ms));
        const Target target = m_view->selection();
        QCOMPARE(target.kind, Target::Kind::interval);
        const std::int64_t pixel = m_view->visible().length_ns() / 500;
        QVERIFY(std::abs(target.interval.begin_ns - 20 * ms) < pixel);
        QVERIFY(std::abs(target.interval.end_ns - 60 * ms) < pixel);
    }

    void clicksSelectWhatIsThere()
    {
        const auto click = [&](int lane, std::int64_t time) {
            QTest::mouseClick(m_timeline.get(), Qt::LeftButton, {},
                QPoint(qRound(m_timeline->timeToPixel(time)),
                    qRound(m_timeline->laneRect(lane).center().y())));
            return m_view->selection();
        };
        QCOMPARE(click(1, 40 * ms), Target::ofSpan(1, 2));
        QCOMPARE(click(2, 40 * ms), Target::ofSpan(2, 0));
        QCOMPARE(click(2, 10 * ms), Target::ofLane(2));
    }

    void explainsInOneSentence_data()
    {
        QTest::addColumn<QString>("link");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("waiting for data")
            << "see:span/1/0"
            << "P1 Worker-1 waited for data: tasks was empty, for 10.0 ms.";
        QTest::newRow("a task") << "see:span/1/2"
                                << "P1 Worker-1 worked on task 7, for 40.0 ms.";
        QTest::newRow("waiting for a lock")
            << "see:span/2/0"
            << "P2 Worker-2 waited for the lock counter, for 20.0 ms.";
        QTest::newRow("a process that was killed")
            << "see:lane/2"
            << "P2 Worker-2 (pid 102) ran for 90.0 ms and ended with signal 9 (Killed).";
        QTest::newRow("a channel")
            << "see:channel/tasks"
            << "Channel tasks carried 1 message with 100 B; at most 0 lay in it at once.";
        QTest::newRow("a moment") << "see:moment/0.035"
                                  << "At this moment 3 processes were alive.";
        QTest::newRow("an interval") << "see:interval/0.020/0.060"
                                     << "In these 40.0 ms, 3 processes were alive, computed for 33 "
                                        "% of their time and sent 0 "
                                        "messages with 0 B.";
    }

    void explainsInOneSentence()
    {
        QFETCH(QString, link);
        QFETCH(QString, sentence);
        const auto target = targetOf(link, m_recording);
        QVERIFY(target);
        DetailsPane pane(m_view.get());
        pane.show();
        pane.showRun(factsOf(m_recording));
        m_view->select(*target);
        const Explanation words = explain(*target, factsOf(m_recording));
        QCOMPARE(words.sentence, sentence);
        bool shown = false;
        for (const QLabel* label : pane.findChildren<QLabel*>())
            shown = shown || label->text() == sentence;
        QVERIFY(shown);
    }

    void linksThatNameNothing_data()
    {
        QTest::addColumn<QString>("link");
        for (const char* link : {"", "see:", "see:lane/3", "see:lane/-1", "see:span/1",
                 "see:span/1/99", "see:channel/none", "see:moment/x", "see:moment/-1",
                 "see:moment/1e300", "see:interval/2/1", "http://lane/1", "see:lane/1/2",
                 "see:lane/18446744073709551616"})
            QTest::newRow(link) << QString::fromLatin1(link);
    }

    void linksThatNameNothing()
    {
        QFETCH(QString, link);
        QVERIFY(!targetOf(link, m_recording));
    }

    void followsUntilAPersonPans()
    {
        ViewState view;
        view.setExtent(1'000 * ms, true);
        QCOMPARE(view.mode(), ViewState::Mode::all);
        view.zoom(0.5, 500 * ms);
        QCOMPARE(view.mode(), ViewState::Mode::following);
        QCOMPARE(view.visible().end_ns, 1'000 * ms);
        const std::int64_t length = view.visible().length_ns();
        view.setExtent(2'000 * ms, true);
        QCOMPARE(view.visible().end_ns, 2'000 * ms);
        QCOMPARE(view.visible().length_ns(), length);
        view.pan(-100 * ms);
        QCOMPARE(view.mode(), ViewState::Mode::chosen);
        const Interval stays = view.visible();
        view.setExtent(3'000 * ms, true);
        QCOMPARE(view.visible().begin_ns, stays.begin_ns);
        view.follow();
        QCOMPARE(view.visible().end_ns, 3'000 * ms);
        view.back();
        QCOMPARE(view.visible().begin_ns, stays.begin_ns);
    }

    void stripMovesWhatIsSeen()
    {
        OverviewStrip strip(m_view.get());
        strip.resize(1000, 30);
        strip.showRun(factsOf(m_recording));
        m_view->show({0, 20 * ms});
        QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(700, 15));
        const Interval seen = m_view->visible();
        QCOMPARE(seen.length_ns(), 20 * ms);
        QVERIFY(std::abs((seen.begin_ns + seen.end_ns) / 2 - 70 * ms) < ms);
        QVERIFY(!strip.grab().isNull());
    }

    /// The quick way to paint what is narrow is the slow way, pixel for pixel.
    void sliversAreBars_data()
    {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 10; ++seed)
            QTest::addRow("seed %llu", seed) << seed;
    }

    void sliversAreBars()
    {
        QFETCH(quint64, seed);
        const Recording recording = manyhands::test::random_recording(seed, 3'000);
        const Theme& theme = Theme::light();
        for (const Lane& lane : recording.lanes()) {
            const QRectF row(0, 2, 600, 14);
            LaneBars bars(theme, {}, recording, {600, 2'900}, open_end, 600);
            bars.addLane(lane, row);
            QImage quick(600, 20, QImage::Format_RGB32);
            quick.fill(theme.background);
            QPainter painter(&quick);
            bars.paint(painter);
            painter.end();

            const std::vector<Interval> intervals = columns_of(recording, {600, 2'900}, 600);
            std::vector<StateColumn> columns(600);
            state_columns(recording, lane, intervals, open_end, columns);
            // Where a task begins, the pixel may stay free.
            QSet<int> begins;
            for (const Span& span : lane.spans) {
                const std::int64_t begin = recording.run_time(span.begin_ns);
                if (span.state == State::computing && begin >= 600)
                    begins.insert(static_cast<int>((begin - 600) * 600 / 2'300));
            }
            for (int x = 0; x < 600; ++x) {
                const Fill fill = columns[static_cast<std::size_t>(x)].fill;
                const QColor foot = quick.pixelColor(x, 15);
                const QColor top = quick.pixelColor(x, 6);
                if (fill == fill_nothing) {
                    QCOMPARE(foot, theme.background);
                    continue;
                }
                const Look look = lookOf(theme, fill);
                // Hatch, frame and letters stand upon what is wide; at the foot there is the colour
                // or, in a frame, the background.
                int width = 1;
                for (int other = x - 1;
                     other >= 0 && columns[static_cast<std::size_t>(other)].fill == fill; --other)
                    ++width;
                for (int other = x + 1;
                     other < 600 && columns[static_cast<std::size_t>(other)].fill == fill; ++other)
                    ++width;
                if (width > 3 || (begins.contains(x) && foot == theme.background))
                    continue;
                QCOMPARE(foot, look.colour);
                if (look.body == Look::Body::line || look.height < 1)
                    QVERIFY(top == theme.background || look.topTick);
                else
                    QCOMPARE(top, look.colour);
            }
        }
    }

    void table()
    {
        const ChartTable table = m_timeline->table();
        QCOMPARE(table.rowCount(), qsizetype{7});
        QCOMPARE(table.at(4, 1).toString(), QStringLiteral("Computing"));
        QCOMPARE(table.at(4, 3).toDouble(), 0.04);
    }

private:
    std::unique_ptr<ViewState> m_view;
    std::unique_ptr<Timeline> m_timeline;
    Recording m_recording;
};

QTEST_MAIN(TestTimeline)
#include "tst_timeline.moc"
