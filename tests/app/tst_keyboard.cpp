// SPDX-License-Identifier: GPL-3.0-or-later
// The window by its keys alone: a run, every pane, a table, a large chart, and out again.
#include "app/views/data_table.hpp"
#include "app/window/chart_area.hpp"
#include "tests/app/window_fixture.hpp"

#include <QApplication>
#include <QLineEdit>
#include <QTest>
#include <QTextBrowser>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    // To whoever has the focus, as a keyboard does.
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus ? focus : QApplication::activeWindow(), key, modifiers);
}

/// What a screen reader says first of the widget with the focus.
QString focusName()
{
    const QWidget* widget = QApplication::focusWidget();
    return widget ? widget->accessibleName() : QString();
}

template <class Widget>
QList<Widget*> windowsWith()
{
    QList<Widget*> found;
    for (QWidget* window : QApplication::topLevelWidgets()) {
        if (!qobject_cast<MainWindow*>(window) && window->isVisible())
            found.append(window->findChildren<Widget*>());
    }
    return found;
}

} // namespace

class TestKeyboard : public QObject
{
    Q_OBJECT

private slots:
    void fromStartToATableAndOut();
    void panesInTurn();
    void chartAloneAndBack();
    void everyActionSaysWhatItDoes();
    void keysAreShown();
    void lettersStayInFields();
    void scales();
};

void TestKeyboard::fromStartToATableAndOut()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    // To the form, and a value in.
    const auto inField = [&] {
        const QWidget* focus = QApplication::focusWidget();
        return qobject_cast<const QLineEdit*>(focus) && opened.window.form().isAncestorOf(focus);
    };
    for (int i = 0; i < 60 && !inField(); ++i)
        press(Qt::Key_Tab);
    QVERIFY(inField());
    press(Qt::Key_A, Qt::ControlModifier);
    for (const char letter : {'1', '0', '0', '0', '0', '0'})
        QTest::keyClick(QApplication::focusWidget(), letter);
    QSignalSpy finished(&opened.window.control(), &RunControl::finished);
    press(Qt::Key_F5);
    if (!opened.window.control().isRunning())
        press(Qt::Key_F5); // a lesson with questions asks first
    QVERIFY(opened.window.control().isRunning());
    QVERIFY(finished.wait(runTimeoutMs));
    const auto shown = opened.window.shownRun();
    QVERIFY(shown);
    QCOMPARE(std::get<std::int64_t>(shown->parameters.at("limit")), std::int64_t{100'000});

    for (int i = 0; i < 20 && focusName() != QLatin1String("Process timeline chart"); ++i)
        press(Qt::Key_F6);
    QCOMPARE(focusName(), QStringLiteral("Process timeline chart"));
    // To a process, to what it did, and closer.
    press(Qt::Key_Down);
    press(Qt::Key_Down);
    press(Qt::Key_Period);
    const ViewState& view = opened.window.chartArea().view();
    QCOMPARE(view.selection().kind, Target::Kind::span);
    QCOMPARE(view.selection().lane, std::uint32_t{1});
    press(Qt::Key_F);
    QCOMPARE(view.mode(), ViewState::Mode::chosen);
    press(Qt::Key_T);
    QTRY_COMPARE(windowsWith<DataTable>().size(), 1);
    QWidget* table = windowsWith<DataTable>().first()->window();
    QVERIFY(QTest::qWaitForWindowActive(table));
    QTRY_VERIFY(table->isAncestorOf(QApplication::focusWidget()));
    press(Qt::Key_Escape);
    QTRY_VERIFY(windowsWith<DataTable>().isEmpty());
    opened.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    press(Qt::Key_Q, Qt::ControlModifier);
    QTRY_VERIFY(!opened.window.isVisible());
}

void TestKeyboard::panesInTurn()
{
    Opened opened("prime_counting");
    opened.window.resize(1280, 800);
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    opened.window.form().setText("limit", "100000");
    QVERIFY(opened.runToItsEnd());
    press(Qt::Key_F6);
    const QWidget* first = QApplication::focusWidget();
    QVERIFY(first);
    QList<const QWidget*> forward;
    QStringList names;
    do {
        forward.append(QApplication::focusWidget());
        names.append(focusName());
        press(Qt::Key_F6);
    } while (QApplication::focusWidget() != first && forward.size() < 50);
    for (const char* const name : {"Lessons", "Process timeline chart", "Busy time chart",
             "Time of each range chart", "Prediction chart", "Lesson guide"})
        QVERIFY2(names.contains(QLatin1String(name)),
            qPrintable(QLatin1String(name) + QStringLiteral(" in ") + names.join(", ")));
    QCOMPARE(QSet<const QWidget*>(forward.begin(), forward.end()).size(), forward.size());
    for (auto pane = forward.rbegin(); pane != forward.rend(); ++pane) {
        press(Qt::Key_F6, Qt::ShiftModifier);
        QCOMPARE(QApplication::focusWidget(), *pane);
    }
}

void TestKeyboard::chartAloneAndBack()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    opened.window.form().setText("limit", "100000");
    QVERIFY(opened.runToItsEnd());
    for (Chart* chart : opened.window.charts()) {
        opened.window.chartArea().showChart(chart);
        QCoreApplication::processEvents();
        const QSize before = chart->size();
        press(Qt::Key_Return);
        QVERIFY2(opened.window.chartArea().isMaximized(), qPrintable(chart->accessibleName()));
        QTRY_VERIFY2(chart->width() > before.width(), qPrintable(chart->accessibleName()));
        QVERIFY(chart->hasFocus());
        int visible = 0;
        for (const Chart* other : opened.window.charts())
            visible += other->isVisible();
        QCOMPARE(visible, 1);
        press(Qt::Key_Escape);
        QVERIFY(!opened.window.chartArea().isMaximized());
        QTRY_COMPARE(chart->size(), before);
        QVERIFY(chart->hasFocus());
    }
}

void TestKeyboard::everyActionSaysWhatItDoes()
{
    Opened opened("prime_counting");
    QSet<QString> keys;
    for (const WindowActions::Group& group : opened.window.actions().groups()) {
        for (const QAction* action : group.actions) {
            QVERIFY2(!action->whatsThis().isEmpty(), qPrintable(action->text()));
            QVERIFY2(!action->toolTip().isEmpty(), qPrintable(action->text()));
            if (!action->isEnabled())
                QVERIFY2(
                    !action->toolTip().startsWith(action->whatsThis()), qPrintable(action->text()));
            for (const QKeySequence& key : action->shortcuts()) {
                // Esc stops, and goes back where there is nothing to stop: never both at a time.
                if (key != QKeySequence(Qt::Key_Escape))
                    QVERIFY2(!keys.contains(key.toString()), qPrintable(key.toString()));
                keys.insert(key.toString());
            }
        }
    }
    QVERIFY(
        !opened.window.actions().stop->isEnabled() || !opened.window.actions().back->isEnabled());
}

void TestKeyboard::keysAreShown()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    press(Qt::Key_F1);
    QTRY_COMPARE(windowsWith<QTextBrowser>().size(), 1);
    const QString text = windowsWith<QTextBrowser>().first()->toPlainText();
    for (const WindowActions::Group& group : opened.window.actions().groups()) {
        for (const QAction* action : group.actions)
            QVERIFY2(text.contains(action->whatsThis()), qPrintable(action->text()));
    }
    // Not every platform gives a second window the focus at once.
    QTest::keyClick(windowsWith<QTextBrowser>().first(), Qt::Key_Escape);
    QTRY_VERIFY(windowsWith<QTextBrowser>().isEmpty());
}

void TestKeyboard::lettersStayInFields()
{
    Opened opened("prime_counting");
    opened.window.show();
    QVERIFY(QTest::qWaitForWindowActive(&opened.window));
    auto* field = opened.window.form().findChild<QLineEdit*>();
    QVERIFY(field);
    field->setFocus();
    field->clear();
    QTest::keyClicks(field, QStringLiteral("?t[g1"));
    QCOMPARE(field->text(), QStringLiteral("?t[g1"));
    QVERIFY(windowsWith<QTextBrowser>().isEmpty());
    QVERIFY(windowsWith<DataTable>().isEmpty());
}

void TestKeyboard::scales()
{
    const QFont usual = QApplication::font();
    {
        Opened opened("prime_counting");
        opened.window.show();
        QVERIFY(QTest::qWaitForWindowActive(&opened.window));
        const int icon = opened.window.style()->pixelMetric(QStyle::PM_SmallIconSize);
        for (int i = 0; i < 20; ++i)
            press(Qt::Key_Plus, Qt::ControlModifier);
        QCOMPARE(opened.window.appearance().percent(), Appearance::mostPercent);
        for (const Chart* chart : opened.window.charts())
            QTRY_COMPARE(chart->font().pointSizeF(), usual.pointSizeF() * 3);
        QCOMPARE(opened.window.style()->pixelMetric(QStyle::PM_SmallIconSize), icon * 3);
        for (int i = 0; i < 20; ++i)
            press(Qt::Key_Minus, Qt::ControlModifier);
        QCOMPARE(opened.window.appearance().percent(), Appearance::leastPercent);
        press(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(QApplication::font().pointSizeF(), usual.pointSizeF());
        press(Qt::Key_Plus, Qt::ControlModifier);
    }
    QCOMPARE(QApplication::font().pointSizeF(), usual.pointSizeF());
}

QTEST_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
