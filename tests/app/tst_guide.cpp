// SPDX-License-Identifier: GPL-3.0-or-later
// The guide, step by step: by keys, by mouse, and with what a lesson should not say.
#include "app/guide/guide_pane.hpp"
#include "app/guide/guide_words.hpp"
#include "app/guide/lesson_text.hpp"
#include "app/guide/wrapped_button.hpp"
#include "app/window/chart_area.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSlider>
#include <QTest>
#include <QToolButton>

#include <algorithm>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

const QStringList everyStep = {"read", "predict", "run", "observe", "explain", "quiz", "next"};

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    // To whoever has the focus, as a keyboard does.
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus ? focus : QApplication::activeWindow(), key, modifiers);
}

/// What stands on the page, labels, texts and buttons, a line each.
QString pageText(const QWidget& guide)
{
    QStringList lines;
    for (const QWidget* widget : guide.findChildren<QWidget*>()) {
        if (!widget->isVisibleTo(&guide))
            continue;
        if (const auto* label = qobject_cast<const QLabel*>(widget))
            lines.append(label->text());
        else if (const auto* text = qobject_cast<const LessonText*>(widget))
            lines.append(text->toPlainText());
        else if (const auto* button = qobject_cast<const WrappedButton*>(widget))
            lines.append(button->plainText());
    }
    return lines.join(QLatin1Char('\n'));
}

/// The button on the page whose text ends so.
QAbstractButton* button(const QWidget& guide, const QString& text)
{
    for (QAbstractButton* one : guide.findChildren<QAbstractButton*>()) {
        if (one->isVisibleTo(&guide) && one->text().endsWith(text))
            return one;
    }
    return nullptr;
}

void click(const QWidget& guide, const QString& text)
{
    QAbstractButton* one = button(guide, text);
    QVERIFY2(one, qPrintable(text + QStringLiteral(" in ") + pageText(guide)));
    QCoreApplication::processEvents(); // a page that was just filled is laid out
    QTest::mouseClick(one, Qt::LeftButton);
}

/// Tabs on until `found` says so of the widget with the focus.
template <class Found>
bool tabTo(Found found)
{
    for (int i = 0; i < 60; ++i) {
        press(Qt::Key_Tab);
        if (QWidget* focus = QApplication::focusWidget(); focus && found(*focus))
            return true;
    }
    return false;
}

bool tabToButton(const QString& text)
{
    return tabTo([&](const QWidget& widget) {
        const auto* one = qobject_cast<const QAbstractButton*>(&widget);
        return one && one->text().endsWith(text);
    });
}

/// The guided lesson in a window that is shown.
struct Guided : Opened
{
    Guided()
        : Opened("guided", testLessons)
    {
        window.resize(1280, 800);
        window.show();
        [[maybe_unused]] const bool exposed = QTest::qWaitForWindowExposed(&window);
    }

    GuidePane& guide() { return window.guide(); }

    /// As F5 does.
    void pressRun() { action("&Run")->trigger(); }

    void followLink(const QString& link)
    {
        auto* text = guide().findChild<LessonText*>();
        QVERIFY(text);
        emit text->anchorClicked(QUrl(link));
    }
};

/// A guide of its own with a lesson that no program declared.
LessonDescription described(const std::string& text)
{
    LessonDescription lesson;
    lesson.id = "described";
    lesson.title = "Described";
    lesson.text = text;
    return lesson;
}

QuizQuestion question(const char* name)
{
    return {name, "?", {{"right", true, "yes", {}}, {"wrong", false, "no", {}}}};
}

} // namespace

class TestGuide : public QObject
{
    Q_OBJECT

private slots:
    void init() { forgetWhatWasKept(); }
    void showsTheStepsThatALessonHas_data();
    void showsTheStepsThatALessonHas();
    void programsWithoutTextAreExplained();
    void firstRunAsks();
    void skippingIsOneClick();
    void putAwayItDoesNotAsk();
    void wholePathByKeys();
    void wholePathByMouse();
    void goesAlongWithTheRunOnlyWhereItBegan();
    void questionsFollowTheValues();
    void numbersAreChecked_data();
    void numbersAreChecked();
    void verdicts_data();
    void verdicts();
    void namesOtherValuesThanPredicted();
    void fillsInWhatTheRunMeasured();
    void linksSelect();
    void linksFindSpans();
    void linksBringChartsForward_data();
    void linksBringChartsForward();
    void linksThatFindNothingSaySo_data();
    void linksThatFindNothingSaySo();
    void quizAnswersAtOnce();
    void newRunAsksAnew();
    void showsFindings();
    void keepsTheNote();
    void attemptsSetValuesAndRun();
    void attemptsMeasure();
    void comesBackToWhereItWas();
    void takesWhatWasKept();
    void hostileTextIsHarmless();
    void hostileConditionsAreNotAsked();
    void fitsANarrowWindow();
};

void TestGuide::showsTheStepsThatALessonHas_data()
{
    QTest::addColumn<LessonDescription>("lesson");
    QTest::addColumn<QStringList>("steps");
    const QStringList least = {"read", "run", "observe"};
    QTest::newRow("nothing but a title") << described("") << least;
    QTest::newRow("a foreign text") << described("# A\n\nB.\n\n## More\n\nC.") << least;
    QTest::newRow("an explanation")
        << described("A.\n\n## Explain\n\nB.") << QStringList{"read", "run", "observe", "explain"};
    LessonDescription quiz = described("");
    quiz.guide.quiz = {question("one")};
    quiz.guide.next = {{"again", {}, ""}};
    QTest::newRow("a quiz and an attempt")
        << quiz << QStringList{"read", "run", "observe", "quiz", "next"};
    QTest::newRow("all") << describe_lesson({testLessons, "guided"}) << everyStep;
}

void TestGuide::showsTheStepsThatALessonHas()
{
    QFETCH(LessonDescription, lesson);
    QFETCH(QStringList, steps);
    GuidePane guide;
    guide.resize(300, 500);
    guide.setLesson(lesson, "");
    QCOMPARE(guide.steps(), steps);
    QStringList shown;
    for (const QToolButton* step : guide.findChildren<QToolButton*>()) {
        if (step->isVisibleTo(&guide))
            shown.append(step->text());
    }
    QCOMPARE(shown.size(), steps.size());
    QCOMPARE(shown.first(), QStringLiteral("▸1 Read"));
    for (int i = 0; i < shown.size(); ++i)
        QVERIFY2(shown[i].contains(QString::number(i + 1)), qPrintable(shown[i]));
    for (const QString& step : everyStep) {
        guide.setStep(step);
        QCOMPARE(guide.step() == step, steps.contains(step));
    }
}

void TestGuide::programsWithoutTextAreExplained()
{
    GuidePane guide;
    guide.resize(300, 500);
    const QString words = QStringLiteral("brings no text of its own");
    guide.setLesson(described(""), "");
    QVERIFY2(pageText(guide).contains(words), qPrintable(pageText(guide)));
    QVERIFY2(pageText(guide).contains("Described"), qPrintable(pageText(guide)));
    guide.setLesson(described("A text."), "");
    QVERIFY2(!pageText(guide).contains(words), qPrintable(pageText(guide)));
    QVERIFY2(pageText(guide).contains("A text."), qPrintable(pageText(guide)));
}

void TestGuide::firstRunAsks()
{
    Guided opened;
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    opened.pressRun();
    QVERIFY(!opened.window.control().isRunning());
    QCOMPARE(opened.guide().step(), QStringLiteral("predict"));
    opened.pressRun();
    QVERIFY(opened.window.control().isRunning());
    QCOMPARE(opened.guide().step(), QStringLiteral("run"));
    QVERIFY(finished.wait(runTimeoutMs));
    QCOMPARE(opened.guide().step(), QStringLiteral("observe"));
    opened.pressRun();
    QVERIFY(opened.window.control().isRunning());
    QVERIFY(finished.wait(runTimeoutMs));
}

void TestGuide::skippingIsOneClick()
{
    Guided opened;
    QSignalSpy skipped(&opened.guide(), &GuidePane::predictionsSkipped);
    opened.guide().setStep("predict");
    click(opened.guide(), "Skip the questions");
    QCOMPARE(skipped.count(), 1);
    QCOMPARE(opened.guide().step(), QStringLiteral("run"));
    QVERIFY(opened.guide().isDone("predict"));
    QVERIFY(!opened.guide().wantsToAsk());
}

void TestGuide::putAwayItDoesNotAsk()
{
    Guided opened;
    opened.guide().parentWidget()->parentWidget()->hide(); // its pane
    QVERIFY(opened.guide().wantsToAsk());
    QVERIFY(opened.toItsEnd([&] { opened.pressRun(); }));
}

void TestGuide::wholePathByKeys()
{
    Guided opened;
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    GuidePane& guide = opened.guide();
    QSignalSpy predicted(&guide, &GuidePane::predicted);
    QSignalSpy answered(&guide, &GuidePane::answered);
    QSignalSpy noted(&guide, &GuidePane::noted);
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    for (int i = 0; i < 20 && QApplication::focusWidget() != &guide; ++i)
        press(Qt::Key_F6);
    QVERIFY(guide.hasFocus());
    press(Qt::Key_Right, Qt::AltModifier);
    QCOMPARE(guide.step(), QStringLiteral("predict"));
    QVERIFY(guide.isDone("read"));

    // A number typed, a number on the scale, a choice.
    QVERIFY(tabTo([](QWidget& widget) { return qobject_cast<QLineEdit*>(&widget); }));
    for (const char digit : {'1', '2'})
        QTest::keyClick(QApplication::focusWidget(), digit);
    QCOMPARE(guide.predictions().size(), std::size_t{1});
    QVERIFY(tabToButton("guessing"));
    press(Qt::Key_Right);
    QCOMPARE(guide.predictions()[0].confidence, Confidence::fairly_sure);
    QVERIFY(tabTo([](QWidget& widget) { return qobject_cast<QLineEdit*>(&widget); }));
    QVERIFY(tabTo([](QWidget& widget) { return qobject_cast<QSlider*>(&widget); }));
    press(Qt::Key_Right);
    QCOMPARE(guide.predictions().size(), std::size_t{2});
    QVERIFY(tabTo([](QWidget& widget) {
        const auto* radio = qobject_cast<WrappedRadio*>(&widget);
        return radio && radio->text().startsWith(QLatin1String("fewer"));
    }));
    press(Qt::Key_Return);
    QCOMPARE(guide.predictions().size(), std::size_t{3});
    QVERIFY(guide.isDone("predict"));
    QCOMPARE(predicted.count(), 0); // it may still be changed
    press(Qt::Key_F5);
    QVERIFY(opened.window.control().isRunning());
    QCOMPARE(predicted.count(), 3);
    QVERIFY(finished.wait(runTimeoutMs));

    QCOMPARE(guide.step(), QStringLiteral("observe"));
    const QString seen = pageText(guide);
    for (const char* const words : {"You said: 12", "✓ Right: within 10 %", "n = 1", "n = 9",
             "✕ Another answer holds: “ten to twenty”", "✓ Held: as many steps",
             "– Does not apply: needs four CPUs"})
        QVERIFY2(seen.contains(QString::fromUtf8(words)), qPrintable(seen));

    guide.setFocus();
    press(Qt::Key_5);
    QCOMPARE(guide.step(), QStringLiteral("explain"));
    QVERIFY(tabTo([](QWidget& widget) { return qobject_cast<QPlainTextEdit*>(&widget); }));
    QTest::keyClick(QApplication::focusWidget(), 'y');
    QVERIFY(tabToButton("Show the explanation"));
    press(Qt::Key_Return);
    QCOMPARE(noted.count(), 1);
    QCOMPARE(noted.first().first().toString(), QStringLiteral("y"));
    QVERIFY(pageText(guide).contains(QStringLiteral("one after the other")));

    guide.setFocus();
    press(Qt::Key_6);
    QVERIFY(tabToButton("One process at a time"));
    press(Qt::Key_Return);
    QVERIFY(tabToButton("24"));
    press(Qt::Key_Return);
    QCOMPARE(answered.count(), 2);
    QVERIFY(guide.isDone("quiz"));

    guide.setFocus();
    press(Qt::Key_7);
    QVERIFY(tabToButton("Use four workers"));
    press(Qt::Key_Return);
    QVERIFY(opened.window.control().isRunning());
    QCOMPARE(guide.step(), QStringLiteral("run"));
    QVERIFY(finished.wait(runTimeoutMs));
    for (const QString& step : everyStep)
        QVERIFY2(guide.isDone(step), qPrintable(step));
}

void TestGuide::wholePathByMouse()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    QSignalSpy reached(&guide, &GuidePane::stepReached);
    click(guide, "Predict ▸");
    click(guide, "ten to twenty");
    click(guide, "certain");
    click(guide, "Run ▸");
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    click(guide, "▶ Run  F5");
    QVERIFY(opened.window.control().isRunning());
    QVERIFY(finished.wait(runTimeoutMs));
    QCOMPARE(guide.step(), QStringLiteral("observe"));
    QVERIFY(pageText(guide).contains(QStringLiteral("✓ Right: the measurement is in this range")));
    click(guide, "Explain ▸");
    click(guide, "Show the explanation");
    click(guide, "Quiz ▸");
    click(guide, "All workers at once");
    click(guide, "Try next ▸");
    QVERIFY(!button(guide, "Next ▸")->isEnabled());
    click(guide, "◂ Quiz");
    click(guide, "✓ Read");
    QCOMPARE(guide.step(), QStringLiteral("read"));
    QVERIFY(!button(guide, "◂ Back")->isEnabled());
    QStringList visited;
    for (const QList<QVariant>& arguments : reached) {
        if (visited.isEmpty() || visited.last() != arguments.first().toString())
            visited.append(arguments.first().toString());
    }
    for (const QString& step : everyStep)
        QVERIFY2(visited.contains(step), qPrintable(visited.join(' ')));
}

void TestGuide::goesAlongWithTheRunOnlyWhereItBegan()
{
    Guided opened;
    for (const char* const step : {"read", "explain", "quiz", "next"}) {
        opened.guide().setStep(step);
        QVERIFY(opened.runToItsEnd());
        QCOMPARE(opened.guide().step(), QLatin1String(step));
    }
    opened.guide().setStep("run");
    QVERIFY(opened.runToItsEnd());
    QCOMPARE(opened.guide().step(), QStringLiteral("observe"));
}

void TestGuide::questionsFollowTheValues()
{
    Guided opened;
    QCOMPARE(opened.guide().questions().size(), std::size_t{3});
    opened.guide().setStep("predict");
    QSignalSpy changed(&opened.guide(), &GuidePane::predictionsChanged);
    opened.window.form().setText("mode", "silent");
    QVERIFY(opened.guide().questions().empty());
    QVERIFY(changed.count() > 0);
    QVERIFY(pageText(opened.guide()).contains(QStringLiteral("asks nothing")));
    opened.guide().setStep("read");
    QVERIFY(pageText(opened.guide()).contains(QStringLiteral("Nothing is asked in this mode")));
    QVERIFY(!opened.guide().wantsToAsk());
    opened.window.form().setText("mode", "plain");
    QVERIFY(!pageText(opened.guide()).contains(QStringLiteral("Nothing is asked in this mode")));
    opened.window.form().setText("workers", "many"); // no values at all: nothing changes
    QCOMPARE(opened.guide().questions().size(), std::size_t{3});
}

void TestGuide::numbersAreChecked_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<double>("value"); // 0: none
    QTest::newRow("a number") << "12" << 12.0;
    QTest::newRow("decimals") << "1.5" << 1.5;
    QTest::newRow("an exponent") << "1e2" << 100.0;
    QTest::newRow("blanks and a line") << " 1 0_0 " << 100.0;
    QTest::newRow("the least") << "1" << 1.0;
    QTest::newRow("the most") << "1000" << 1000.0;
    QTest::newRow("nothing") << "" << 0.0;
    QTest::newRow("a word") << "many" << 0.0;
    QTest::newRow("too little") << "0.5" << 0.0;
    QTest::newRow("too much") << "1001" << 0.0;
    QTest::newRow("without end") << "inf" << 0.0;
    QTest::newRow("not a number") << "nan" << 0.0;
}

void TestGuide::numbersAreChecked()
{
    QFETCH(QString, typed);
    QFETCH(double, value);
    GuidePane guide;
    guide.setLesson(describe_lesson({testLessons, "guided"}), "");
    guide.setStep("predict");
    auto* edit = guide.findChild<QLineEdit*>();
    QVERIFY(edit);
    QTest::keyClicks(edit, QStringLiteral("7"));
    QTest::keyClick(edit, Qt::Key_Backspace);
    QTest::keyClicks(edit, typed);
    const bool made = !guide.predictions().empty();
    QCOMPARE(made, value != 0);
    if (made)
        QCOMPARE(*guide.predictions().front().value, value);
    QCOMPARE(pageText(guide).contains(QStringLiteral("✕ A number from 1 to 1,000")),
        !made && !typed.isEmpty());
}

void TestGuide::verdicts_data()
{
    QTest::addColumn<bool>("choice");
    QTest::addColumn<double>("predicted"); // of a choice: its number; below zero: nothing
    QTest::addColumn<bool>("known");
    QTest::addColumn<bool>("several");
    QTest::addColumn<QString>("words");
    QTest::addColumn<bool>("once");
    // Measured: 100, between 90 and 120 of several.
    QTest::newRow("right, within the tolerance")
        << false << 109.0 << true << false << "✓ Right: within 10 %" << true;
    QTest::newRow("right, inside the spread")
        << false << 119.0 << true << true << "✓ Right: inside the spread" << false;
    QTest::newRow("too low") << false << 89.0 << true << false << "✕ Too low: more" << true;
    QTest::newRow("too low of several")
        << false << 89.0 << true << true << "✕ Too low: more" << false;
    QTest::newRow("too high") << false << 111.0 << true << false << "✕ Too high: less" << true;
    QTest::newRow("too high of several")
        << false << 121.0 << true << true << "✕ Too high: less" << false;
    QTest::newRow("the right choice")
        << true << 1.0 << true << false << "✓ Right: the measurement is in this range" << true;
    QTest::newRow("another choice")
        << true << 0.0 << true << true << "✕ Another answer holds: “much”" << false;
    QTest::newRow("not measured") << false << 100.0 << false << false
                                  << "– This run did not measure it" << false;
    QTest::newRow("not predicted") << false << -1.0 << true << false << "– Not predicted" << true;
    QTest::newRow("no choice taken") << true << -1.0 << true << true << "– Not predicted" << false;
}

void TestGuide::verdicts()
{
    QFETCH(bool, choice);
    QFETCH(double, predicted);
    QFETCH(bool, known);
    QFETCH(bool, several);
    QFETCH(QString, words);
    QFETCH(bool, once);
    PredictionDescription description;
    description.maximum = 1000;
    if (choice) {
        description.kind = PredictionKind::choice;
        description.choices = {{"little", 0, 99}, {"much", 100, 1000}};
    }
    Prediction prediction;
    if (predicted >= 0 && choice)
        prediction.choice = static_cast<std::size_t>(predicted);
    else if (predicted >= 0)
        prediction.value = predicted;
    std::optional<Measured> figure;
    if (known && several)
        figure = Measured{100, 90.0, 120.0, 5, "steps"};
    else if (known)
        figure = Measured{100, {}, {}, 1, "steps"};
    const QString said = verdictText(description, judged(description, prediction, figure), figure);
    QVERIFY2(said.startsWith(words), qPrintable(said));
    QCOMPARE(onceText(figure).contains(QStringLiteral("n = 1")), once);
    if (!figure)
        return;
    const QString spread = spreadText(*figure);
    QVERIFY(spread.contains(several ? QStringLiteral("(n = 5)") : QStringLiteral("(n = 1)")));
    QCOMPARE(spread.contains(QStringLiteral("90")), several);
}

void TestGuide::namesOtherValuesThanPredicted()
{
    Guided opened;
    Prediction prediction;
    prediction.name = "steps_taken";
    prediction.value = 12;
    opened.guide().setPrediction(prediction);
    opened.window.form().setText("workers", "1");
    opened.guide().setStep("run");
    QVERIFY(opened.runToItsEnd());
    const QString seen = pageText(opened.guide());
    QVERIFY2(seen.contains(QStringLiteral("for other values: workers=2")), qPrintable(seen));
}

void TestGuide::fillsInWhatTheRunMeasured()
{
    Guided opened;
    QString text = pageText(opened.guide());
    QVERIFY2(text.contains(QStringLiteral("and 2 of them wait")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("measured yet: ….")), qPrintable(text));
    QVERIFY2(!text.contains(QStringLiteral("What to look at")), qPrintable(text));
    opened.guide().setStep("run");
    QVERIFY(opened.runToItsEnd());
    text = pageText(opened.guide()).replace(QChar(QChar::Nbsp), QLatin1Char(' '));
    QVERIFY2(text.contains(QStringLiteral("It took 12 steps, and not measured of the unknown, in 5 "
                                          "rounds, with 2 workers and {braces}.")),
        qPrintable(text));
}

void TestGuide::linksSelect()
{
    Guided opened;
    opened.guide().setStep("run");
    QVERIFY(opened.runToItsEnd());
    const ViewState& view = opened.window.chartArea().view();
    opened.followLink("see:lane/1");
    QCOMPARE(view.selection(), Target::ofLane(1));
    opened.followLink("see:longest/waiting_lock");
    QCOMPARE(view.selection().kind, Target::Kind::span);
    const Recording& recording = *opened.window.shownRun()->recording;
    const Interval found = *intervalOf(view.selection(), recording);
    QVERIFY(view.visible().begin_ns <= recording.run_time(found.begin_ns));
    QVERIFY(view.visible().end_ns >= recording.run_time(found.end_ns));
    // Far too short to be seen in all of the run.
    opened.followLink("see:interval/0.000001/0.000002");
    QCOMPARE(view.selection().kind, Target::Kind::interval);
    QVERIFY(view.visible().length_ns() < 100'000);
}

void TestGuide::linksFindSpans()
{
    Guided opened;
    QVERIFY(opened.runToItsEnd());
    const Recording& recording = *opened.window.shownRun()->recording;
    const auto length = [](const Span& span) { return span.end_ns - span.begin_ns; };
    const auto target = targetOf("see:longest/waiting_lock", recording);
    QVERIFY(target);
    const Span longest = recording.lanes()[target->lane].spans[target->number];
    QCOMPARE(longest.state, State::waiting_lock);
    int seen = 0;
    for (const Lane& lane : recording.lanes()) {
        for (const Span span : lane.spans) {
            if (lane.role != Role::worker || span.state != State::waiting_lock)
                continue;
            ++seen;
            QVERIFY(length(span) <= length(longest));
        }
    }
    QVERIFY(seen > 0);
    const auto at = targetOf(
        QStringLiteral("see:at/%1/%2")
            .arg(target->lane)
            .arg(static_cast<double>(longest.begin_ns + length(longest) / 2) / 1e9, 0, 'f', 9),
        recording);
    QVERIFY(at);
    QCOMPARE(*at, *target);
    for (const char* const link :
        {"see:longest/", "see:longest/nonsense", "see:longest", "see:longest/waiting_lock/1",
            "see:at/1", "see:at/99/0.1", "see:at/1/1e8", "see:at/1/never", "see:at/-1/0.1"})
        QVERIFY2(!targetOf(QLatin1String(link), recording), link);
}

void TestGuide::linksBringChartsForward_data()
{
    QTest::addColumn<QString>("view");
    QTest::addColumn<QString>("chart");
    QTest::newRow("timeline") << "timeline"
                              << "Process timeline chart";
    QTest::newRow("ipc") << "ipc"
                         << "IPC volume chart";
    QTest::newRow("matrix") << "matrix"
                            << "Channel matrix chart";
    QTest::newRow("speedup") << "speedup"
                             << "Speedup chart";
    QTest::newRow("budget") << "budget"
                            << "Time budget chart";
    QTest::newRow("memory") << "memory"
                            << "Memory chart";
    QTest::newRow("durations") << "durations"
                               << "Task durations chart";
}

void TestGuide::linksBringChartsForward()
{
    QFETCH(QString, view);
    QFETCH(QString, chart);
    Guided opened;
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    opened.followLink(QStringLiteral("see:view/") + view);
    QVERIFY(opened.chart(chart));
    QVERIFY(opened.chart(chart)->hasFocus());
}

void TestGuide::linksThatFindNothingSaySo_data()
{
    QTest::addColumn<QString>("link");
    QTest::addColumn<bool>("afterRun");
    QTest::addColumn<QString>("words");
    QTest::newRow("before a run") << "see:lane/1" << false << "run the lesson first";
    QTest::newRow("no such wait") << "see:longest/waiting_space" << true << "nothing of that kind";
    QTest::newRow("no such lane") << "see:lane/99" << true << "nothing of that kind";
    QTest::newRow("nonsense") << "see:<b>nothing" << true << "nothing of that kind";
    QTest::newRow("no such chart") << "see:view/nowhere" << false << "no chart “nowhere”";
    QTest::newRow("no chart named") << "see:view/" << false << "no chart “”";
}

void TestGuide::linksThatFindNothingSaySo()
{
    QFETCH(QString, link);
    QFETCH(bool, afterRun);
    QFETCH(QString, words);
    Guided opened;
    if (afterRun)
        QVERIFY(opened.runToItsEnd());
    opened.followLink(link);
    const QString said = opened.label("Message of the guide");
    QVERIFY2(said.contains(words), qPrintable(said));
    QVERIFY(pageText(opened.guide()).contains(said));
    QCOMPARE(opened.window.chartArea().view().selection().kind, Target::Kind::nothing);
}

void TestGuide::quizAnswersAtOnce()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    guide.setStep("quiz");
    QVERIFY(pageText(guide).contains(QStringLiteral("run the lesson first")));
    QSignalSpy answered(&guide, &GuidePane::answered);
    click(guide, "All workers at once");
    QString text = pageText(guide);
    QVERIFY2(text.contains(QStringLiteral("✕ All workers at once")), qPrintable(text));
    QVERIFY2(
        text.contains(QStringLiteral("✕ Not so. Then it would not be a lock.")), qPrintable(text));
    QVERIFY(button(guide, "▶ One worker"));
    QCOMPARE(answered.last(),
        (QList<QVariant>{"door", "Who may hold the lock “door”?", "All workers at once", false}));
    click(guide, "One process at a time");
    text = pageText(guide);
    QVERIFY2(text.contains(QStringLiteral("✓ Right. The others wait for it.")), qPrintable(text));
    QVERIFY(!text.contains(QStringLiteral("✕")));
    QCOMPARE(answered.last().last(), QVariant(true));
    QVERIFY(!guide.isDone("quiz"));

    QVERIFY(opened.runToItsEnd());
    text = pageText(guide);
    QVERIFY2(text.contains(QStringLiteral("From your run:")), qPrintable(text));
    click(guide, "24");
    QVERIFY(guide.isDone("quiz"));
}

void TestGuide::newRunAsksAnew()
{
    Guided opened;
    opened.guide().setStep("quiz");
    QVERIFY(opened.runToItsEnd());
    click(opened.guide(), "24");
    QVERIFY(pageText(opened.guide()).contains(QStringLiteral("✓ 24")));
    opened.window.form().setText("steps", "30");
    QVERIFY(opened.runToItsEnd());
    QVERIFY(!pageText(opened.guide()).contains(QStringLiteral("✓")));
    QVERIFY(button(opened.guide(), "60"));
}

void TestGuide::showsFindings()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    guide.setStep("explain");
    QVERIFY(pageText(guide).contains(QStringLiteral("run the lesson first")));
    QVERIFY(opened.runToItsEnd());
    guide.setFindings({{"Worker-1 <b>waits</b> most.", "Whom does it wait for?", Target::ofLane(1),
                           Attempt{"One worker", {"workers=1"}, ""}},
        {"Nothing else.", "", {}, {}}});
    const QString text = pageText(guide);
    QVERIFY2(text.contains(QStringLiteral("Worker-1 <b>waits</b> most.")), qPrintable(text));
    QVERIFY(text.contains(QStringLiteral("Whom does it wait for?")));
    QCOMPARE(text.count(QStringLiteral("Show me")), 1);
    click(guide, "Show me");
    QCOMPARE(opened.window.chartArea().view().selection(), Target::ofLane(1));
    QVERIFY(opened.toItsEnd([&] { click(guide, "One worker"); }));
    QCOMPARE(std::get<std::int64_t>(opened.window.shownRun()->parameters.at("workers")),
        std::int64_t{1});
    // They were of the run before.
    guide.setStep("explain");
    QVERIFY(!pageText(guide).contains(QStringLiteral("waits")));
}

void TestGuide::keepsTheNote()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    QSignalSpy noted(&guide, &GuidePane::noted);
    guide.setStep("explain");
    guide.setStep("quiz");
    QCOMPARE(noted.count(), 0); // nothing was written
    guide.setStep("explain");
    guide.findChild<QPlainTextEdit*>()->setPlainText("Because <i>they</i> wait.");
    QCOMPARE(noted.count(), 0); // not each letter
    guide.setStep("quiz");
    QCOMPARE(noted.count(), 1);
    QCOMPARE(noted.first().first().toString(), QStringLiteral("Because <i>they</i> wait."));
    guide.setStep("explain");
    QVERIFY(opened.runToItsEnd());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCOMPARE(guide.findChild<QPlainTextEdit*>()->toPlainText(),
        QStringLiteral("Because <i>they</i> wait."));
    guide.findChild<QPlainTextEdit*>()->setPlainText("No.");
    opened.window.close();
    QCOMPARE(noted.last().first().toString(), QStringLiteral("No."));
}

void TestGuide::attemptsSetValuesAndRun()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    opened.window.form().setText("steps", "40");
    guide.setStep("next");
    QVERIFY(opened.toItsEnd([&] { click(guide, "Use four workers"); }));
    const ParameterValues& values = opened.window.shownRun()->parameters;
    QCOMPARE(std::get<std::int64_t>(values.at("workers")), std::int64_t{4});
    QCOMPARE(std::get<std::int64_t>(values.at("steps")), std::int64_t{40});
    QCOMPARE(guide.step(), QStringLiteral("observe"));
    // A bad value elsewhere: it says so and stays.
    opened.window.form().setText("steps", "none");
    guide.setStep("next");
    click(guide, "Use four workers");
    QVERIFY(!opened.window.control().isRunning());
    QVERIFY(opened.label("Message of the guide").contains(QStringLiteral("none")));
    QCOMPARE(guide.step(), QStringLiteral("next"));
}

void TestGuide::attemptsMeasure()
{
    Guided opened;
    opened.guide().setStep("next");
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    click(opened.guide(), "Compare one and two workers");
    const RunControl& control = opened.window.control();
    QVERIFY(control.isRunning());
    QVERIFY(control.sweep());
    QCOMPARE(control.sweep()->parameter(), std::string("workers"));
    QCOMPARE(control.sweep()->repeats(), 5);
    QCOMPARE(control.sweep()->values().size(), std::size_t{2});
    QVERIFY(finished.wait(runTimeoutMs));
    QCOMPARE(control.sweep()->points().size(), std::size_t{2});
    QCOMPARE(
        std::get<std::int64_t>(opened.window.shownRun()->parameters.at("steps")), std::int64_t{20});
}

void TestGuide::comesBackToWhereItWas()
{
    Guided opened;
    GuidePane& guide = opened.guide();
    guide.setStep("predict");
    click(guide, "ten to twenty");
    guide.setStep("quiz");
    click(guide, "All workers at once");
    const LessonReference other{testLessons, "honest"};
    opened.window.openLesson(other, describe_lesson(other));
    QCOMPARE(guide.step(), QStringLiteral("read"));
    QVERIFY(guide.predictions().empty());
    opened.window.openLesson(opened.lesson, opened.description);
    QCOMPARE(guide.step(), QStringLiteral("quiz"));
    QVERIFY(pageText(guide).contains(QStringLiteral("✕ All workers at once")));
    QVERIFY(guide.isDone("read"));
    QCOMPARE(guide.predictions().size(), std::size_t{1});
    QCOMPARE(guide.predictions().front().choice, std::optional<std::size_t>(1));
    guide.setStep("predict");
    QVERIFY(button(guide, "ten to twenty")->isChecked());
    // Answers are missing still, so the first run after opening asks again.
    opened.window.openLesson(opened.lesson, opened.description);
    guide.setStep("read");
    QVERIFY(guide.wantsToAsk());
}

void TestGuide::takesWhatWasKept()
{
    GuidePane guide;
    guide.setLesson(describe_lesson({testLessons, "guided"}), "");
    QSignalSpy reached(&guide, &GuidePane::stepReached);
    QSignalSpy predicted(&guide, &GuidePane::predicted);
    QSignalSpy noted(&guide, &GuidePane::noted);
    Prediction prediction;
    prediction.name = "steps_taken";
    prediction.value = 40;
    prediction.confidence = Confidence::certain;
    guide.setKnownDone({"read", "quiz", "nonsense"});
    guide.setKnownPredictions({prediction});
    guide.setKnownNote("Long ago.");
    guide.setKnownStep("explain");
    QCOMPARE(guide.step(), QStringLiteral("explain"));
    QVERIFY(guide.isDone("read") && guide.isDone("quiz") && !guide.isDone("run"));
    QCOMPARE(guide.findChild<QPlainTextEdit*>()->toPlainText(), QStringLiteral("Long ago."));
    guide.setKnownStep("nonsense");
    QCOMPARE(guide.step(), QStringLiteral("explain"));
    QCOMPARE(reached.count(), 0);
    guide.setStep("predict");
    QCOMPARE(guide.findChild<QLineEdit*>()->text(), QStringLiteral("40"));
    guide.setStep("read");
    QCOMPARE(predicted.count(), 0);
    QCOMPARE(noted.count(), 0);
}

void TestGuide::hostileTextIsHarmless()
{
    LessonDescription lesson
        = described("<script>alert(1)</script><b>bold</b> ![picture](/etc/passwd) {constructor} "
                    "[file](file:///etc/passwd)\n\n## Explain\n\n"
            + std::string(100'000, '['));
    lesson.title = "# <h1>Title</h1>";
    lesson.objectives = {"<img src='/etc/passwd'>", "a & b"};
    PredictionDescription prediction;
    prediction.name = "p";
    prediction.question = "<b>Which</b> & why %1?";
    prediction.quantity = "no such quantity";
    prediction.unit = "%2 <i>";
    prediction.minimum = -1e300;
    prediction.maximum = 1e300;
    lesson.guide.predictions = {prediction};
    QuizQuestion quiz = question("q");
    quiz.question = "<i>Q & A</i> %1";
    quiz.choices[0].text = "<u>one && only</u>";
    quiz.choices[0].reply = "%1 <b>";
    lesson.guide.quiz = {quiz};
    lesson.guide.next = {{"<b>x</b> & y", {"nothing", "=", "a=b=c"}, "=="}};
    GuidePane guide;
    guide.resize(300, 500);
    QElapsedTimer timer;
    timer.start();
    guide.setLesson(lesson, "");
    const QString read = pageText(guide);
    QVERIFY2(read.contains(QStringLiteral("<b>bold</b>")), qPrintable(read));
    QVERIFY(read.contains(QStringLiteral("{constructor}")));
    for (const QString& step : everyStep) {
        guide.setStep(step);
        for (const QLabel* label : guide.findChildren<QLabel*>())
            QCOMPARE(label->textFormat() == Qt::PlainText || !label->text().contains('<'), true);
    }
    guide.setStep("predict");
    QVERIFY(pageText(guide).contains(QStringLiteral("<b>Which</b> & why %1?")));
    auto* slider = guide.findChild<QSlider*>();
    slider->setValue(slider->maximum());
    guide.setStep("quiz");
    click(guide, "<u>one &&&& only</u>");
    QVERIFY(pageText(guide).contains(QStringLiteral("✓ Right. %1 <b>")));
    // A click, with nowhere to go.
    guide.setStep("read");
    QSignalSpy view(&guide, &GuidePane::viewRequested);
    QSignalSpy target(&guide, &GuidePane::targetRequested);
    emit guide.findChild<LessonText*>()->anchorClicked(QUrl("file:///etc/passwd"));
    QCOMPARE(view.count() + target.count(), 0);
}

void TestGuide::hostileConditionsAreNotAsked()
{
    LessonDescription lesson = described("## Read: nothing=1\n\nHidden.\n\n## Read\n\nSeen.");
    PredictionDescription prediction;
    prediction.name = "p";
    prediction.maximum = 1;
    prediction.when = {"nothing=1"};
    lesson.guide.predictions = {prediction};
    GuidePane guide;
    guide.setLesson(lesson, "");
    QVERIFY(guide.questions().empty());
    QVERIFY(!guide.wantsToAsk());
    QVERIFY(pageText(guide).contains(QStringLiteral("Seen.")));
    QVERIFY(!pageText(guide).contains(QStringLiteral("Hidden.")));
}

void TestGuide::fitsANarrowWindow()
{
    Guided opened;
    opened.window.resize(1024, 640);
    QVERIFY(opened.runToItsEnd());
    GuidePane& guide = opened.guide();
    for (const int percent : {80, 100, 200, 300}) {
        opened.window.appearance().setPercent(percent);
        for (const QString& step : everyStep) {
            guide.setStep(step);
            QCoreApplication::processEvents();
            for (const QWidget* widget : guide.findChildren<QWidget*>()) {
                const bool counts = qobject_cast<const QLabel*>(widget)
                    || qobject_cast<const WrappedButton*>(widget)
                    || qobject_cast<const WrappedRadio*>(widget)
                    || qobject_cast<const LessonText*>(widget);
                if (!counts || !widget->isVisible())
                    continue;
                const int right = widget->mapTo(&guide, QPoint(widget->width(), 0)).x();
                QVERIFY2(right <= guide.width() + 1,
                    qPrintable(QStringLiteral("%1 in %2 at %3 %: %4 of %5")
                                   .arg(QString::fromLatin1(widget->metaObject()->className())
                                           + widget->accessibleName(),
                                       step)
                                   .arg(percent)
                                   .arg(right)
                                   .arg(guide.width())));
            }
        }
    }
}

QTEST_MAIN(TestGuide)
#include "tst_guide.moc"
