// SPDX-License-Identifier: GPL-3.0-or-later
// The pace of a run: slow motion and steps, before it and during it, by mouse and keys.
#include "app/window/pace_bar.hpp"
#include "app/window/run_words.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QTest>
#include <QToolButton>

#include <cerrno>
#include <csignal>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

bool exists(int pid)
{
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

/// A window at a race whose processes come to gates, at full speed unless a pace is chosen.
struct Race : Opened
{
    explicit Race(int increments = 1)
        : Opened("microscope", testLessons)
    {
        window.resize(1280, 800);
        window.show();
        window.form().setText("mode", "free");
        window.form().setText("increments", QString::number(increments));
    }

    RunControl& control() { return window.control(); }
    const WindowActions& actions() { return window.actions(); }
    PaceBar& bar() { return window.paceBar(); }
    PaceChoice& choice() { return *window.findChild<PaceChoice*>(); }

    void setPace(Pace::Kind kind, double stepsPerSecond = 2)
    {
        control().setPace({kind, stepsPerSecond});
    }
    /// Starts a run that is to be held, and waits until both processes are.
    bool runAndHold()
    {
        window.run();
        return QTest::qWaitFor([this] { return control().held().size() == 2; }, runTimeoutMs)
            && waitForText(0, "P1: load (1)") && waitForText(1, "P2: load (2)");
    }
    bool waitForText(qsizetype number, const QString& text)
    {
        return QTest::qWaitFor([&] { return bar().textOf(number) == text; }, runTimeoutMs);
    }
    bool waitForEnd()
    {
        return QTest::qWaitFor([this] { return !control().isRunning(); }, runTimeoutMs);
    }
    QList<int> pids()
    {
        QList<int> result;
        for (const Lane& lane : control().session()->recording().lanes())
            result.append(lane.pid);
        return result;
    }
    bool isMarked(const std::string& mark)
    {
        const std::vector<std::string> marks = control().session()->marks();
        return std::find(marks.begin(), marks.end(), mark) != marks.end();
    }
    QToolButton* button(const QString& text)
    {
        for (QToolButton* button : bar().findChildren<QToolButton*>()) {
            if (button->text().remove(QLatin1Char('&')) == text)
                return button;
        }
        return nullptr;
    }
};

void press(QWidget* widget, Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QTest::keyClick(widget, key, modifiers);
}

} // namespace

class TestPace : public QObject
{
    Q_OBJECT

private slots:
    void withoutGatesItSaysWhy();
    void choiceIsTheControls_data();
    void choiceIsTheControls();
    void stepsByButtonAndKey();
    void slowMotionFromTheStart();
    void paceChangesOnTheWay();
    void measuringTakesNoPace();
    void stepWhilePausedWaits();
    void stopWhileHeld();
    void closeWhileHeld();
    void paneIsReachedByKeys();
};

void TestPace::withoutGatesItSaysWhy()
{
    Opened opened("picture", testLessons);
    const WindowActions& actions = opened.window.actions();
    for (const QAction* action :
        {actions.slowMotion, actions.stepByStep, actions.stepAll, actions.letRun}) {
        QVERIFY2(!action->isEnabled(), qPrintable(action->text()));
        QVERIFY2(action->toolTip().contains("no gates"), qPrintable(action->toolTip()));
    }
    const auto* choice = opened.window.findChild<PaceChoice*>();
    QVERIFY(!choice->isEnabled());
    QVERIFY2(choice->toolTip().contains("no gates"), qPrintable(choice->toolTip()));
    // What was chosen for another lesson does nothing here.
    opened.window.control().setPace({Pace::Kind::stepped, 2});
    opened.window.form().setText("limit", "50000");
    QVERIFY(opened.runToItsEnd());
    QCOMPARE(opened.window.control().session()->state(), RunState::done);
}

void TestPace::choiceIsTheControls_data()
{
    QTest::addColumn<int>("kind");
    QTest::addColumn<double>("stepsPerSecond");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* text, Pace::Kind kind, double stepsPerSecond) {
        QTest::newRow(text) << static_cast<int>(kind) << stepsPerSecond << QString(text);
    };
    row("Full speed", Pace::Kind::free, 2);
    row("1 step a second", Pace::Kind::slow, 1);
    row("2 steps a second", Pace::Kind::slow, 2);
    row("5 steps a second", Pace::Kind::slow, 5);
    row("10 steps a second", Pace::Kind::slow, 10);
    row("50 steps a second", Pace::Kind::slow, 50);
    row("Step by step", Pace::Kind::stepped, 2);
}

void TestPace::choiceIsTheControls()
{
    QFETCH(int, kind);
    QFETCH(double, stepsPerSecond);
    QFETCH(QString, text);
    const Pace wanted{static_cast<Pace::Kind>(kind), stepsPerSecond};
    Race race;
    QVERIFY(race.choice().isEnabled());
    race.control().setPace(wanted);
    QCOMPARE(race.choice().currentText(), text);
    QCOMPARE(race.actions().slowMotion->isChecked(), wanted.kind == Pace::Kind::slow);
    QCOMPARE(race.actions().stepByStep->isChecked(), wanted.kind == Pace::Kind::stepped);

    race.setPace(wanted.kind == Pace::Kind::free ? Pace::Kind::stepped : Pace::Kind::free);
    const int index = race.choice().findText(text);
    QVERIFY(index >= 0);
    race.choice().setCurrentIndex(index);
    emit race.choice().activated(index); // as a person does it
    QVERIFY(race.control().pace() == wanted);
}

void TestPace::stepsByButtonAndKey()
{
    Race race;
    QVERIFY(QTest::qWaitForWindowActive(&race.window));
    press(&race.window, Qt::Key_F9);
    QVERIFY(race.actions().stepByStep->isChecked());
    QVERIFY(!race.bar().isVisible());
    QVERIFY(race.runAndHold());
    QVERIFY(race.bar().isVisible());
    QCOMPARE(race.bar().count(), 2);
    QVERIFY(race.isMarked("stepped"));
    QTRY_VERIFY2(race.status().contains("2 held at a gate"), qPrintable(race.status()));
    QVERIFY2(race.window.messages().join('\n').contains("Step by step: not for measuring"),
        qPrintable(race.window.messages().join('\n')));

    // By the button: the other one stays.
    QTest::mouseClick(race.button("P1: load (1)"), Qt::LeftButton);
    QVERIFY(race.waitForText(0, "P1: add (1)"));
    QCOMPARE(race.bar().textOf(1), QStringLiteral("P2: load (2)"));
    // By its number.
    press(&race.bar(), Qt::Key_2);
    QVERIFY(race.waitForText(1, "P2: add (2)"));
    QCOMPARE(race.bar().textOf(0), QStringLiteral("P1: add (1)"));
    press(&race.bar(), Qt::Key_9); // is nobody's
    // All of them.
    press(&race.window, Qt::Key_F7);
    QVERIFY(race.waitForText(0, "P1: store (1)"));
    QVERIFY(race.waitForText(1, "P2: store (2)"));
    QVERIFY(race.control().isRunning());
    QTest::mouseClick(race.button("Step all"), Qt::LeftButton);
    QVERIFY(race.waitForEnd());
    QCOMPARE(race.control().session()->state(), RunState::done);
    // Both had loaded 0.
    QCOMPARE(race.window.shownRun()->document->result.at("counter").get<int>(), 1);
    QVERIFY(!race.bar().isVisible());
    QVERIFY2(messagesOf(*race.window.shownRun()).join('\n').contains("not for measuring"),
        "a finished run says so too");
    QVERIFY(!pointOf(*race.window.shownRun()));
}

void TestPace::slowMotionFromTheStart()
{
    Race race(2);
    race.setPace(Pace::Kind::slow, 50);
    QVERIFY(race.runToItsEnd());
    QVERIFY(race.isMarked("slowed"));
    QVERIFY(!race.isMarked("stepped"));
    QVERIFY2(race.window.messages().join('\n').contains("In slow motion: not for measuring"),
        qPrintable(race.window.messages().join('\n')));
    QVERIFY(!pointOf(*race.window.shownRun()));
    // Each of 2 × 3 gates held each process.
    int held = 0;
    for (const Lane& lane : race.control().session()->recording().lanes()) {
        for (const Span span : lane.spans)
            held += span.state == State::held;
    }
    QVERIFY(held >= 10);
}

void TestPace::paceChangesOnTheWay()
{
    Race race(1000);
    QVERIFY(QTest::qWaitForWindowActive(&race.window));
    race.setPace(Pace::Kind::slow, 1);
    race.window.run();
    QTRY_VERIFY(race.bar().isVisible());
    QVERIFY(race.isMarked("slowed"));
    press(&race.window, Qt::Key_F9);
    QVERIFY(race.control().pace().kind == Pace::Kind::stepped);
    QTRY_COMPARE(race.control().held().size(), std::size_t{2});
    QTRY_COMPARE(race.bar().count(), 2);
    QVERIFY(race.actions().stepAll->isEnabled());
    press(&race.window, Qt::Key_F8);
    QVERIFY(race.control().pace().kind == Pace::Kind::slow);
    QVERIFY(!race.actions().stepAll->isEnabled());
    press(&race.window, Qt::Key_F9);
    QTRY_COMPARE(race.control().held().size(), std::size_t{2});
    QVERIFY(race.actions().letRun->isEnabled());
    press(&race.window, Qt::Key_F9, Qt::ShiftModifier);
    QVERIFY(!race.bar().isVisible());
    QVERIFY(race.waitForEnd());
    QCOMPARE(race.control().session()->state(), RunState::done);
    QVERIFY(race.isMarked("stepped"));
    QVERIFY(race.isMarked("slowed"));
    QVERIFY(!race.actions().letRun->isEnabled());
}

void TestPace::measuringTakesNoPace()
{
    Race race;
    race.setPace(Pace::Kind::stepped);
    QSignalSpy started(&race.control(), &RunControl::started);
    QVERIFY(race.toItsEnd([&] {
        race.window.measure();
        QVERIFY(!race.choice().isEnabled());
        QVERIFY2(
            race.choice().toolTip().contains("full speed"), qPrintable(race.choice().toolTip()));
    }));
    QCOMPARE(started.count(), 1);
    QVERIFY(!race.isMarked("stepped"));
    QCOMPARE(race.control().session()->state(), RunState::done);
    // The choice is still there for the next run.
    QVERIFY(race.control().pace().kind == Pace::Kind::stepped);
    QVERIFY(race.choice().isEnabled());
}

void TestPace::stepWhilePausedWaits()
{
    Race race;
    race.setPace(Pace::Kind::stepped);
    QVERIFY(race.runAndHold());
    race.control().setPaused(true);
    race.bar().step(0);
    race.control().setPaused(false);
    QVERIFY(race.waitForText(0, "P1: add (1)"));
    QCOMPARE(race.bar().textOf(1), QStringLiteral("P2: load (2)"));
    QVERIFY(race.isMarked("paused"));
}

void TestPace::stopWhileHeld()
{
    Race race;
    QVERIFY(QTest::qWaitForWindowActive(&race.window));
    race.setPace(Pace::Kind::stepped);
    QVERIFY(race.runAndHold());
    const QList<int> pids = race.pids();
    press(&race.window, Qt::Key_Escape);
    QVERIFY(race.waitForEnd());
    QCOMPARE(race.control().session()->state(), RunState::stopped);
    for (const int pid : pids)
        QTRY_VERIFY(!exists(pid));
    QVERIFY(!race.bar().isVisible());
    // And another run, as before.
    QVERIFY(race.runAndHold());
    race.setPace(Pace::Kind::free);
    QVERIFY(race.waitForEnd());
}

void TestPace::closeWhileHeld()
{
    Race race;
    race.setPace(Pace::Kind::stepped);
    QVERIFY(race.runAndHold());
    const QList<int> pids = race.pids();
    QVERIFY(race.window.close());
    QVERIFY(!race.control().isRunning());
    for (const int pid : pids)
        QTRY_VERIFY(!exists(pid));
}

void TestPace::paneIsReachedByKeys()
{
    Race race;
    QVERIFY(QTest::qWaitForWindowActive(&race.window));
    race.setPace(Pace::Kind::stepped);
    QVERIFY(race.runAndHold());
    const auto inBar = [&] {
        const QWidget* focus = QApplication::focusWidget();
        return focus && race.bar().isAncestorOf(focus);
    };
    for (int i = 0; i < 20 && !inBar(); ++i)
        press(&race.window, Qt::Key_F6);
    QVERIFY(inBar());
    // The number goes from the button to the bar; the button keeps the focus.
    QWidget* focus = QApplication::focusWidget();
    press(focus, Qt::Key_1);
    QVERIFY(race.waitForText(0, "P1: add (1)"));
    QCOMPARE(QApplication::focusWidget(), focus);
}

QTEST_MAIN(TestPace)
#include "tst_pace.moc"
