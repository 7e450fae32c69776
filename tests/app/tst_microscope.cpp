// SPDX-License-Identifier: GPL-3.0-or-later
// The microscope: what it shows of a race, who goes next, and what it comes to.
#include "app/views/microscope.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/pace_bar.hpp"
#include "engine/observe/run_file.hpp"
#include "engine/observe/schedule.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QComboBox>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <cerrno>
#include <csignal>
#include <map>
#include <set>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

bool exists(int pid)
{
    return ::kill(pid, 0) == 0 || errno != ESRCH;
}

/// What processes that take their steps in this order count to: a model of its own.
int countedBy(const std::vector<int>& order)
{
    int counter = 0;
    std::map<int, int> steps;
    std::map<int, int> registers;
    for (const int process : order) {
        switch (steps[process]++ % 3) {
        case 0:
            registers[process] = counter;
            break;
        case 1:
            ++registers[process];
            break;
        default:
            counter = registers[process];
        }
    }
    return counter;
}

/// A window at a race under the microscope.
struct Looked : Opened
{
    explicit Looked(int processes = 2, int increments = 1)
        : Opened("microscope", testLessons)
    {
        window.resize(1280, 800);
        window.show();
        window.form().setText("processes", QString::number(processes));
        window.form().setText("increments", QString::number(increments));
    }

    Microscope& microscope() { return window.microscope(); }
    const MicroscopeFacts& facts() { return microscope().facts(); }
    RunControl& control() { return window.control(); }

    bool waitFor(auto condition) { return QTest::qWaitFor(condition, runTimeoutMs); }
    bool runAndHold()
    {
        window.run();
        return waitFor([this] { return facts().settled; });
    }
    bool waitForSteps(int steps)
    {
        return waitFor([&] { return facts().settled && facts().steps.size() == steps; });
    }
    bool waitForEnd()
    {
        return waitFor([this] { return !control().isRunning(); });
    }
    int counted() { return window.shownRun()->document->result.at("counter").get<int>(); }
    /// Who took the steps, one after the other.
    std::vector<int> order()
    {
        std::vector<int> order;
        for (const TakenStep& step : facts().steps)
            order.push_back(static_cast<int>(step.process));
        return order;
    }
    QList<int> pids()
    {
        QList<int> result;
        for (const Lane& lane : control().session()->recording().lanes())
            result.append(lane.pid);
        return result;
    }
    QAbstractButton* button(const QString& text)
    {
        for (QAbstractButton* button : microscope().findChildren<QAbstractButton*>()) {
            if (button->text() == text)
                return button;
        }
        return nullptr;
    }
    void press(Qt::Key key) { QTest::keyClick(&microscope(), key); }
    /// As fast as it plays.
    void playFast()
    {
        auto* speed = microscope().findChild<QComboBox*>();
        speed->setCurrentIndex(speed->count() - 1);
        QTest::mouseClick(button("Play"), Qt::LeftButton);
    }
};

/// Processes that are held before their first step, after some steps of the same increments.
MicroscopeFacts heldFacts(int processes, const std::vector<int>& taken)
{
    MicroscopeFacts facts;
    for (int i = 0; i < processes; ++i) {
        SteppedProcess process;
        process.lane = static_cast<std::uint32_t>(i + 1);
        process.held = true;
        process.nextIsStep = true;
        facts.processes.append(process);
    }
    for (const int process : taken)
        facts.steps.append({0, process, QString(), QString()});
    facts.settled = true;
    return facts;
}

} // namespace

class TestMicroscope : public QObject
{
    Q_OBJECT

private slots:
    void standsOnlyWhereTheLessonHolds();
    void keysTakeTheSteps();
    void buttonsTakeTheSteps();
    void oneAfterTheOtherLosesNothing();
    void orderThatLosesMost_data();
    void orderThatLosesMost();
    void seedRepeatsItsOrder();
    void anotherWayEndsTheOrder();
    void choosesWithoutKnowingHowMany();
    void waitsUntilAllAreThere();
    void letsItRun();
    void stopWhileHeld();
    void closeWhileHeld();
    void pausesPlaying();
    void replayShowsEachMoment();
    void openedRunIsShown();
    void largeChartTakesItsPlace();
    void saysWhatItCameTo_data();
    void saysWhatItCameTo();
    void lettersGrowWithTheRoom();
    void saysItsNames();
};

void TestMicroscope::standsOnlyWhereTheLessonHolds()
{
    Looked looked;
    QVERIFY(!looked.microscope().isVisible());
    looked.window.form().setText("mode", "free");
    QVERIFY(looked.runToItsEnd());
    QVERIFY(!looked.microscope().isVisible());
    looked.window.form().setText("mode", "microscope");
    QVERIFY(looked.runAndHold());
    QVERIFY(looked.microscope().isVisible());
    QVERIFY(!looked.window.paceBar().isVisible());
    QCOMPARE(QApplication::focusWidget(), &looked.microscope());
    looked.control().setPace({});
    QVERIFY(looked.waitForEnd());
    QVERIFY(looked.microscope().isVisible());
    // A measurement is not held.
    QVERIFY(looked.toItsEnd([&] { looked.window.measure(); }));
    QVERIFY(!looked.microscope().isVisible());
}

void TestMicroscope::keysTakeTheSteps()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    QCOMPARE(looked.facts().processes.size(), 2);
    QCOMPARE(looked.facts().memory.size(), 1);
    QCOMPARE(looked.facts().memory[0].name, QStringLiteral("counter"));
    QCOMPARE(looked.facts().memory[0].value, QStringLiteral("0"));
    for (const SteppedProcess& process : looked.facts().processes) {
        QCOMPARE(process.next, QStringLiteral("load"));
        QCOMPARE(process.registerValue, QStringLiteral("–"));
        QCOMPARE(process.pid, looked.control().session()->recording().lanes()[process.lane].pid);
    }
    QCOMPARE(looked.microscope().conclusion(), QStringLiteral("Step 0 of 6"));
    int steps = 0;
    const auto take = [&](Qt::Key key) {
        looked.press(key);
        return looked.waitForSteps(++steps);
    };
    QVERIFY(take(Qt::Key_1));
    QCOMPARE(looked.facts().processes[0].registerValue, QStringLiteral("0"));
    QCOMPARE(looked.facts().processes[0].next, QStringLiteral("add"));
    QVERIFY(take(Qt::Key_2));
    QVERIFY(take(Qt::Key_1));
    QCOMPARE(looked.facts().processes[0].registerValue, QStringLiteral("1"));
    QCOMPARE(looked.facts().memory[0].value, QStringLiteral("0"));
    QVERIFY(take(Qt::Key_1));
    QCOMPARE(looked.facts().memory[0].value, QStringLiteral("1"));
    QVERIFY(looked.facts().memory[0].fresh);
    QVERIFY(looked.facts().processes[0].ended);
    looked.press(Qt::Key_1); // has ended
    looked.press(Qt::Key_5); // is nobody's
    QVERIFY(take(Qt::Key_2));
    QVERIFY(!looked.facts().memory[0].fresh);
    QCOMPARE(looked.microscope().conclusion(), QStringLiteral("Step 5 of 6"));
    looked.press(Qt::Key_2);
    QVERIFY(looked.waitForEnd());
    QCOMPARE(looked.microscope().history(),
        QStringLiteral("P1 load → 0  ·  P2 load → 0  ·  P1 add → 1  ·  P1 store → 1  ·  P2 add → 1"
                       "  ·  P2 store → 1"));
    QCOMPARE(looked.counted(), 1);
    const QString conclusion = looked.microscope().conclusion();
    for (const char* const words : {"Expected 2, in memory 1: 1 update is lost.",
             "20 orders; 18 of them (90 %)", "in 25 % of the rounds"})
        QVERIFY2(conclusion.contains(QLatin1String(words)), qPrintable(conclusion));
    QVERIFY2(looked.window.messages().join('\n').contains("not for measuring"),
        qPrintable(looked.window.messages().join('\n')));
}

void TestMicroscope::buttonsTakeTheSteps()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    QTest::mouseClick(looked.button("Let it go  (2)"), Qt::LeftButton);
    QVERIFY(looked.waitForSteps(1));
    QCOMPARE(looked.order(), std::vector<int>{1});
    // No step is to be taken by the seed while a person chooses.
    QVERIFY(!looked.button("Step  (Space)")->isEnabled());
    QVERIFY(!looked.button("Play")->isEnabled());
    looked.press(Qt::Key_Space);
    QTest::mouseClick(looked.button("Chance, from the seed"), Qt::LeftButton);
    QTest::mouseClick(looked.button("Step  (Space)"), Qt::LeftButton);
    QVERIFY(looked.waitForSteps(2));
    QTest::mouseClick(looked.button("Chance, from the seed"), Qt::LeftButton);
    QVERIFY(looked.microscope().hasFocus()); // so that Space is a step
    looked.press(Qt::Key_Space);
    QVERIFY(looked.waitForSteps(3));
    QTest::mouseClick(looked.button("You"), Qt::LeftButton);
    looked.press(Qt::Key_Space);
    QTest::mouseClick(looked.button("Let it run"), Qt::LeftButton);
    QVERIFY(looked.waitForEnd());
}

void TestMicroscope::oneAfterTheOtherLosesNothing()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    for (int step = 0; step < 6; ++step) {
        looked.press(step < 3 ? Qt::Key_1 : Qt::Key_2);
        QVERIFY(step == 5 ? looked.waitForEnd() : looked.waitForSteps(step + 1));
    }
    QCOMPARE(looked.counted(), 2);
    QVERIFY2(looked.microscope().conclusion().startsWith(
                 "Expected 2, in memory 2: nothing was lost in this order."),
        qPrintable(looked.microscope().conclusion()));
}

void TestMicroscope::orderThatLosesMost_data()
{
    QTest::addColumn<int>("processes");
    QTest::addColumn<int>("increments");
    QTest::newRow("two, once") << 2 << 1;
    QTest::newRow("two, twice") << 2 << 2;
    QTest::newRow("three, once") << 3 << 1;
}

void TestMicroscope::orderThatLosesMost()
{
    QFETCH(int, processes);
    QFETCH(int, increments);
    const std::vector<int> expected = losing_schedule(processes, increments);
    Looked looked(processes, increments);
    looked.microscope().choose(StepChooser::Kind::losing); // before the run: it stays
    QVERIFY(looked.runAndHold());
    QVERIFY(static_cast<QRadioButton*>(looked.button("The order that loses most"))->isChecked());
    looked.playFast();
    QVERIFY(looked.microscope().isPlaying());
    QVERIFY(looked.waitForEnd());
    QCOMPARE(looked.order(), expected);
    QCOMPARE(looked.counted(), countedBy(expected));
    QVERIFY(looked.counted() < processes * increments);
    QVERIFY(!looked.microscope().isPlaying());
}

void TestMicroscope::seedRepeatsItsOrder()
{
    Looked looked(2, 2);
    for (const int seed : {7, 7, 8}) {
        QVERIFY(looked.runAndHold());
        looked.microscope().choose(StepChooser::Kind::seed);
        looked.microscope().findChild<QSpinBox*>()->setValue(seed);
        looked.playFast();
        QVERIFY(looked.waitForEnd());
        const std::vector<int> expected = random_schedule(2, 2, static_cast<std::uint64_t>(seed));
        QCOMPARE(looked.order(), expected);
        QCOMPARE(looked.counted(), countedBy(expected));
    }
}

void TestMicroscope::anotherWayEndsTheOrder()
{
    Looked looked;
    looked.microscope().choose(StepChooser::Kind::losing);
    QVERIFY(looked.runAndHold());
    const std::vector<int> order = losing_schedule(2, 1);
    looked.press(order.front() == 0 ? Qt::Key_2 : Qt::Key_1);
    QVERIFY(looked.waitForSteps(1));
    QCOMPARE(looked.microscope().chooser().kind(), StepChooser::Kind::person);
    auto* losing = looked.button("The order that loses most");
    QVERIFY(!losing->isEnabled());
    QVERIFY2(losing->toolTip().contains("run it again"), qPrintable(losing->toolTip()));
    // For the next run it can be chosen.
    looked.control().stop();
    QVERIFY(looked.waitForEnd());
    QVERIFY(losing->isEnabled());
}

void TestMicroscope::choosesWithoutKnowingHowMany()
{
    StepChooser chooser;
    chooser.begin(0);
    chooser.setKind(StepChooser::Kind::losing);
    QVERIFY(!chooser.whyNot(StepChooser::Kind::losing, heldFacts(2, {})).isEmpty());
    QVERIFY(!chooser.next(heldFacts(2, {})));
    chooser.setKind(StepChooser::Kind::seed);
    // By chance, and the same again: each of two is chosen now and then.
    std::set<qsizetype> chosen;
    std::vector<int> taken;
    for (int step = 0; step < 40; ++step) {
        const std::optional<qsizetype> next = chooser.next(heldFacts(2, taken));
        QVERIFY(next);
        QCOMPARE(chooser.next(heldFacts(2, taken)), next);
        chosen.insert(*next);
        taken.push_back(static_cast<int>(*next));
    }
    QCOMPARE(chosen.size(), std::size_t{2});
    // Only one is held.
    MicroscopeFacts facts = heldFacts(2, {});
    facts.processes[0].held = false;
    QCOMPARE(chooser.next(facts), std::optional<qsizetype>(1));
    facts.processes[1].held = false;
    QVERIFY(!chooser.next(facts));
}

void TestMicroscope::waitsUntilAllAreThere()
{
    StepChooser chooser;
    chooser.begin(1);
    chooser.setKind(StepChooser::Kind::losing);
    MicroscopeFacts facts = heldFacts(2, {});
    facts.settled = false;
    QVERIFY(!chooser.next(facts));
    facts.settled = true;
    QVERIFY(chooser.next(facts));
    // Whose turn it is has not come to its gate.
    facts.processes[losing_schedule(2, 1).front()].held = false;
    QVERIFY(!chooser.next(facts));
    // A gate that is no step of the order holds nobody up.
    facts = heldFacts(2, {});
    facts.processes[1].nextIsStep = false;
    QCOMPARE(chooser.next(facts), std::optional<qsizetype>(1));
}

void TestMicroscope::letsItRun()
{
    Looked looked(2, 3);
    QVERIFY(looked.runAndHold());
    looked.press(Qt::Key_1);
    QVERIFY(looked.waitForSteps(1));
    QTest::keyClick(&looked.window, Qt::Key_F9, Qt::ShiftModifier);
    QVERIFY(looked.waitForEnd());
    QCOMPARE(looked.control().session()->state(), RunState::done);
    // What a lesson holds is held again.
    QVERIFY(looked.runAndHold());
    QCOMPARE(looked.facts().steps.size(), 0);
}

void TestMicroscope::stopWhileHeld()
{
    Looked looked;
    QVERIFY(QTest::qWaitForWindowActive(&looked.window));
    QVERIFY(looked.runAndHold());
    looked.press(Qt::Key_1);
    QVERIFY(looked.waitForSteps(1));
    const QList<int> pids = looked.pids();
    QTest::keyClick(&looked.microscope(), Qt::Key_Escape);
    QVERIFY(looked.waitForEnd());
    QCOMPARE(looked.control().session()->state(), RunState::stopped);
    for (const int pid : pids)
        QTRY_VERIFY(!exists(pid));
    // What was seen stays; nobody can step.
    QVERIFY(looked.microscope().isVisible());
    QCOMPARE(looked.facts().steps.size(), 1);
    QVERIFY(!looked.button("Let it go  (2)")->isEnabled());
    looked.press(Qt::Key_2);
    QVERIFY(looked.runAndHold());
    QCOMPARE(looked.facts().steps.size(), 0);
}

void TestMicroscope::closeWhileHeld()
{
    Looked looked(3);
    looked.microscope().choose(StepChooser::Kind::seed);
    QVERIFY(looked.runAndHold());
    looked.playFast();
    QVERIFY(looked.waitFor([&] { return looked.facts().steps.size() > 1; }));
    const QList<int> pids = looked.pids();
    QVERIFY(looked.window.close());
    QVERIFY(!looked.control().isRunning());
    for (const int pid : pids)
        QTRY_VERIFY(!exists(pid));
}

void TestMicroscope::pausesPlaying()
{
    Looked looked(2, 3);
    looked.microscope().choose(StepChooser::Kind::seed);
    QVERIFY(looked.runAndHold());
    looked.playFast();
    QVERIFY(looked.waitFor([&] { return looked.facts().steps.size() > 1; }));
    QTest::mouseClick(looked.button("Pause playing"), Qt::LeftButton);
    QVERIFY(!looked.microscope().isPlaying());
    QVERIFY(looked.waitFor([&] { return looked.facts().settled; }));
    QVERIFY(looked.control().isRunning());
    // Who chooses does not play.
    QTest::mouseClick(looked.button("Play"), Qt::LeftButton);
    QVERIFY(looked.microscope().isPlaying());
    QTest::mouseClick(looked.button("You"), Qt::LeftButton);
    QVERIFY(!looked.microscope().isPlaying());
}

void TestMicroscope::replayShowsEachMoment()
{
    Looked looked;
    looked.microscope().choose(StepChooser::Kind::losing);
    QVERIFY(looked.runAndHold());
    looked.playFast();
    QVERIFY(looked.waitForEnd());
    const QString whole = looked.microscope().history();
    QCOMPARE(looked.facts().steps.size(), 6);
    const Recording& recording = *looked.window.shownRun()->recording;
    const std::int64_t third = looked.facts().steps[2].time_ns;
    looked.window.actions().replay->trigger();
    looked.window.replay().pause();
    looked.window.replay().setPosition(recording.run_time(third) - 1);
    QCOMPARE(looked.facts().steps.size(), 2);
    QCOMPARE(looked.facts().memory[0].value, QStringLiteral("0"));
    QVERIFY(!looked.button("Let it go  (1)")->isEnabled());
    looked.window.replay().end();
    QCOMPARE(looked.microscope().history(), whole);
}

void TestMicroscope::openedRunIsShown()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    for (int step = 0; step < 6; ++step) {
        looked.press(step % 2 == 0 ? Qt::Key_1 : Qt::Key_2);
        QVERIFY(step == 5 ? looked.waitForEnd() : looked.waitForSteps(step + 1));
    }
    QTemporaryDir folder;
    const QString path = folder.filePath("held.json");
    save_run(*looked.window.shownRun(), path.toStdString());
    Looked other;
    QSignalSpy read(&other.window.files(), &RunFiles::opened);
    other.window.openFiles({path});
    QVERIFY(read.wait(runTimeoutMs));
    QVERIFY(other.microscope().isVisible());
    QCOMPARE(other.microscope().history(), looked.microscope().history());
    QCOMPARE(other.microscope().conclusion(), looked.microscope().conclusion());
    QVERIFY(!other.button("Let it go  (1)")->isEnabled());
}

void TestMicroscope::largeChartTakesItsPlace()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    ChartArea& area = looked.window.chartArea();
    QCOMPARE(area.shownCharts().size(), 1); // the timeline
    area.toggleMaximized(looked.window.charts().first());
    QVERIFY(!looked.microscope().isVisible());
    area.restore();
    QVERIFY(looked.microscope().isVisible());
    QCOMPARE(area.shownCharts().size(), 1);
    area.showChart(looked.window.charts().at(2));
    QVERIFY(looked.window.charts().at(2)->isVisible());
    QVERIFY(looked.microscope().isVisible());
}

void TestMicroscope::saysWhatItCameTo_data()
{
    QTest::addColumn<double>("lost");
    QTest::addColumn<double>("schedules");
    QTest::addColumn<double>("losing");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing")
        << 0.0 << 20.0 << 18.0 << "%"
        << "Expected 6, in memory 6: nothing was lost in this order.\n"
           "These steps can be taken in 20 orders; 18 of them (90 %) lose an "
           "update.\nRunning freely, the same processes lost an update in 50 % "
           "of the rounds measured here.";
    QTest::newRow("several") << 4.0 << 1000.0 << 996.0 << ""
                             << "Expected 6, in memory 2: 4 updates are lost.\n"
                                "These steps can be taken in 1,000 orders; all but 4 of them lose "
                                "an update.\nRunning freely, the same processes lost an update in "
                                "50 % of the rounds measured here.";
}

void TestMicroscope::saysWhatItCameTo()
{
    QFETCH(double, lost);
    QFETCH(double, schedules);
    QFETCH(double, losing);
    QFETCH(QString, unit);
    QFETCH(QString, expected);
    LessonDescription lesson;
    lesson.quantities = {{"all", "", "", "expected"}, {"gone", "", "", "lost_updates"},
        {"free_losing_share", "", unit.toStdString(), "share"}};
    ResultDocument document;
    document.quantities = {{.name = "all", .value = 6.0}, {.name = "gone", .value = lost},
        {.name = "schedules", .value = schedules}, {.name = "schedules_losing", .value = losing},
        {.name = "free_losing_share", .value = unit.isEmpty() ? 0.5 : 50.0}};
    Microscope microscope;
    microscope.showResult(lesson, document);
    QCOMPARE(microscope.conclusion(), expected);
}

void TestMicroscope::lettersGrowWithTheRoom()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    const auto size = [&] {
        for (const QWidget* widget : looked.microscope().findChildren<QWidget*>()) {
            if (widget->accessibleName() == QLatin1String("counter in shared memory"))
                return QFontInfo(widget->font()).pixelSize();
        }
        return 0;
    };
    const int usual = QFontInfo(QApplication::font()).pixelSize();
    const int small = size();
    QVERIFY(small >= 3 * usual);
    looked.window.resize(1920, 1080);
    QTRY_VERIFY(size() > small);
}

void TestMicroscope::saysItsNames()
{
    Looked looked;
    QVERIFY(looked.runAndHold());
    QCOMPARE(looked.microscope().accessibleName(), QStringLiteral("Microscope"));
    QStringList names;
    for (const QWidget* widget : looked.microscope().findChildren<QWidget*>())
        names.append(widget->accessibleName());
    for (const char* const name : {"counter in shared memory", "Register of Worker-1",
             "Next step of Worker-2", "Let Worker-1 go", "Steps taken", "What it came to",
             "Seed of who goes next", "Speed of playing"})
        QVERIFY2(names.contains(QLatin1String(name)), name);
}

QTEST_MAIN(TestMicroscope)
#include "tst_microscope.moc"
