// SPDX-License-Identifier: GPL-3.0-or-later
// The picture: a real process goes through known states, and the timeline's pixels at those times
// have the states' colours and heights.
#include "app/views/timeline.hpp"
#include "app/window/main_window.hpp"
#include "tests/app/own_data_folder.hpp"

#include <QImage>
#include <QSignalSpy>
#include <QTest>

using namespace manyhands;
using namespace manyhands::app;

namespace {

/// How much of a column of a lane, from `from` to `to` (0 the top, 1 the bottom), has a colour.
double shareOfColour(const QImage& image, QRectF lane, int x, double from, double to, QColor colour)
{
    int found = 0;
    int all = 0;
    // Five columns: a hatch leaves gaps in any one of them.
    for (int column = x - 2; column <= x + 2; ++column) {
        const int first = qRound(lane.top() + from * lane.height());
        const int last = qRound(lane.top() + to * lane.height());
        for (int y = first; y < last; ++y) {
            ++all;
            found += image.pixelColor(column, y) == colour ? 1 : 0;
        }
    }
    return all == 0 ? 0 : static_cast<double>(found) / all;
}

} // namespace

class TestPicture : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void showsStatesAtTheirTimes_data();
    void showsStatesAtTheirTimes();
    void cleanupTestCase();

private:
    std::unique_ptr<MainWindow> m_window;
    Timeline* m_timeline = nullptr;
    QImage m_image;
};

void TestPicture::initTestCase()
{
    const LessonReference lesson{MANYHANDS_BINARY_DIR "/manyhands-test-lessons", "picture"};
    const LessonDescription description = describe_lesson(lesson);
    m_window = std::make_unique<MainWindow>();
    m_window->resize(1280, 800);
    m_window->setLessons({{lesson, description.title}});
    m_window->openLesson(lesson, description);
    m_window->show();
    QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    QSignalSpy finished(&m_window->control(), &RunControl::finished);
    m_window->run();
    QVERIFY(finished.wait(60'000));
    for (Chart* chart : m_window->charts()) {
        if (auto* timeline = qobject_cast<Timeline*>(chart))
            m_timeline = timeline;
    }
    QVERIFY(m_timeline != nullptr);
    QTest::qWait(100); // for the last frame, which is queued
    m_image = m_timeline->grab().toImage();
}

void TestPicture::showsStatesAtTheirTimes_data()
{
    QTest::addColumn<int>("number"); ///< of the Model's spans, in the order of the lesson
    QTest::addColumn<State>("state");
    QTest::addColumn<bool>("tall");
    QTest::newRow("computing") << 0 << State::computing << true;
    QTest::newRow("sending") << 1 << State::sending << true;
    QTest::newRow("waiting for data") << 2 << State::waiting_data << false;
    QTest::newRow("waiting for a lock") << 3 << State::waiting_lock << false;
    QTest::newRow("receiving") << 4 << State::receiving << true;
    QTest::newRow("computing again") << 5 << State::computing << true;
}

void TestPicture::showsStatesAtTheirTimes()
{
    QFETCH(int, number);
    QFETCH(State, state);
    QFETCH(bool, tall);
    const Recording& recording = m_window->control().session()->recording();
    QCOMPARE(recording.lanes().size(), std::size_t{2});
    const Lane& lane = recording.lanes()[1];
    QCOMPARE(lane.name, std::string("Model"));
    std::vector<Span> spans;
    for (const Span& span : lane.spans) {
        if (span.state != State::starting && span.state != State::tearing_down)
            spans.push_back(span);
    }
    QCOMPARE(spans.size(), std::size_t{7});
    const Span& span = spans[static_cast<std::size_t>(number)];
    QCOMPARE(span.state, state);

    // A quarter into the span: the letter stands in its middle.
    const double x = m_timeline->timeToPixel(span.begin_ns + (span.end_ns - span.begin_ns) / 4);
    const QRectF row = m_timeline->laneRect(1);
    const QColor colour = m_timeline->stateColour(state);
    const double lower = shareOfColour(m_image, row, qRound(x), 0.6, 0.9, colour);
    const double upper = shareOfColour(m_image, row, qRound(x), 0.1, 0.4, colour);
    QVERIFY2(lower > 0.5, qPrintable(QStringLiteral("lower half: %1").arg(lower)));
    if (tall)
        QVERIFY2(upper > 0.5, qPrintable(QStringLiteral("upper half: %1").arg(upper)));
    else
        QCOMPARE(upper, 0.0);
    // The same place at another time shows another state.
    const Span& other = spans[static_cast<std::size_t>(number == 0 ? 3 : 0)];
    const double elsewhere
        = m_timeline->timeToPixel(other.begin_ns + (other.end_ns - other.begin_ns) / 4);
    QVERIFY(shareOfColour(m_image, row, qRound(elsewhere), 0.6, 0.9, colour) < 0.1
        || other.state == state);
}

void TestPicture::cleanupTestCase() { m_window.reset(); }

QTEST_MAIN(TestPicture)
#include "tst_picture.moc"
