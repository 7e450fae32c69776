// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that the window can be asked to do, and the menus in which it stands.
#include "app/window/window_actions.hpp"

#include "app/window/appearance.hpp"
#include "app/window/window_icon.hpp"

#include <QAction>
#include <QActionGroup>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>

namespace manyhands::app {
namespace {

/// An action whose tooltip and words for a screen reader are `description`.
QAction* add(QMenu* menu, const QString& text, const QString& description,
    const QList<QKeySequence>& keys = {}, const QIcon& icon = {})
{
    QAction* action = menu->addAction(icon, text);
    action->setShortcuts(keys);
    action->setWhatsThis(description);
    WindowActions::allow(action);
    return action;
}

} // namespace

WindowActions::WindowActions(QMainWindow* window)
    : QObject(window)
    , m_window(window)
{
    const auto menu = [&](const QString& title) {
        QMenu* made = window->menuBar()->addMenu(title);
        made->setToolTipsVisible(true);
        return made;
    };
    makeFileMenu(menu(tr("&File")));
    makeEditMenu(menu(tr("&Edit")));
    makeRunMenu(menu(tr("&Run")));
    makeViewMenu(menu(tr("&View")));
    keys = add(menu(tr("&Help")), tr("&Keys"), tr("Show every key and what it does"),
        {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)});
}

void WindowActions::makeFileMenu(QMenu* menu)
{
    watch = add(menu, tr("&Watch a program…"),
        tr("Run a program of your own and show its processes"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_W)});
    menu->addSeparator();
    open = add(menu, tr("&Open run…"), tr("Open a saved run"), {QKeySequence(QKeySequence::Open)});
    recent = menu->addMenu(tr("Open &recent"));
    recent->setToolTipsVisible(true);
    compare = add(menu, tr("Co&mpare runs…"),
        tr("Show two to four saved runs beside each other, and how they differ"));
    save = add(
        menu, tr("&Save run…"), tr("Keep this run in a file"), {QKeySequence(QKeySequence::Save)});
    saveData = menu->addMenu(tr("Save &data as CSV"));
    saveData->setToolTipsVisible(true);
    saveTables = {add(saveData, tr("&Spans…"), tr("What each process did, a row for each stay")),
        add(saveData, tr("&Channels…"), tr("Messages and bytes, a row for each channel")),
        add(saveData, tr("&Repeats…"), tr("Times and speedup, a row for each repeat")),
        add(saveData, tr("&Values measured…"),
            tr("Medians and quartiles, a row for each value of the parameter measured over"))};
    saveReport = add(menu, tr("Save r&eport…"),
        tr("Write a report of this run: figures, tables and words, as a web page or PDF"));
    saveSweepReport = add(menu, tr("Save s&weep report…"),
        tr("Write a report of all values that were measured last, as a web page or PDF"));
    saveLabReport = add(menu, tr("Save &lab report…"),
        tr("Write what you predicted, ran, noted and answered in this lesson, as a web page or "
           "PDF"));
    cancelFile = add(menu, tr("&Cancel reading or writing"), tr("Give up the file under way"));
    menu->addSeparator();
    exportFigure = add(menu, tr("E&xport figure…"),
        tr("Write the chart that has the focus as a figure, or its replay as a moving picture"),
        {QKeySequence(Qt::CTRL | Qt::Key_E)});
    exportAgain = add(menu, tr("Export a&gain"),
        tr("Write the last figure again, of this run, under a name that is free"),
        {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E)});
    menu->addSeparator();
    quit = add(menu, tr("&Quit"), tr("Stop what runs and close the window"),
        {QKeySequence(Qt::CTRL | Qt::Key_Q)});
    quit->setMenuRole(QAction::QuitRole);
}

void WindowActions::makeEditMenu(QMenu* menu)
{
    undo = add(menu, tr("&Undo"), tr("Take back what was done last to the run history"),
        {QKeySequence(QKeySequence::Undo)});
    copyFigure = add(menu, tr("&Copy figure"),
        tr("Put the chart that has the focus on the clipboard, as a picture, SVG and text"),
        {QKeySequence(QKeySequence::Copy)});
}

void WindowActions::makeRunMenu(QMenu* menu)
{
    const QPalette palette = m_window->palette();
    run = add(menu, tr("&Run"), tr("Run the lesson"), {QKeySequence(Qt::Key_F5)},
        drawnSign(Sign::play, palette));
    run->setIconText(tr("Run  F5"));
    measure = add(menu, tr("&Measure"), tr("Run the lesson several times: medians and spread"),
        {QKeySequence(Qt::SHIFT | Qt::Key_F5)});
    sweep = add(menu, tr("Measure for several &values…"),
        tr("Measure again and again with other values of one parameter: a sweep"),
        {QKeySequence(Qt::CTRL | Qt::Key_F5)});
    pause = add(menu, tr("&Pause"), tr("Hold every process where it is, and let it go on"),
        {QKeySequence(Qt::CTRL | Qt::Key_P)}, drawnSign(Sign::pause, palette));
    pause->setCheckable(true);
    pause->setIconText(tr("Pause"));
    stop = add(menu, tr("&Stop"), tr("Stop the run and keep what was measured"),
        {QKeySequence(Qt::Key_Escape)}, drawnSign(Sign::stop, palette));
    stop->setIconText(tr("Stop  Esc"));
    menu->addSeparator();
    slowMotion = add(menu, tr("S&low motion"), tr("Let the processes pass so many gates a second"),
        {QKeySequence(Qt::Key_F8)});
    slowMotion->setCheckable(true);
    stepByStep = add(menu, tr("Step &by step"),
        tr("Hold every process at its next gate, until a step lets it go"),
        {QKeySequence(Qt::Key_F9)});
    stepByStep->setCheckable(true);
    stepAll = add(menu, tr("S&tep all"), tr("Let every held process go on to its next gate"),
        {QKeySequence(Qt::Key_F7)});
    letRun = add(menu, tr("Let it r&un"), tr("Open all gates: the processes run on freely"),
        {QKeySequence(Qt::SHIFT | Qt::Key_F9)});
    menu->addSeparator();
    replay = add(menu, tr("&Watch it again"), tr("Replay the run as slowly as you like"),
        {QKeySequence(Qt::CTRL | Qt::Key_R)});
    replay->setCheckable(true);
    watchSlowly = new QAction(tr("Watch it again slowly"), this);
    watchSlowly->setWhatsThis(tr("Replay the run as slowly as you like"));
    allow(watchSlowly);
    watchCost = add(menu, tr("Measure the &cost of watching…"),
        tr("Compare the run in this window with the same run unwatched"));
    menu->addSeparator();
    reset = add(menu, tr("Reset p&arameters"), tr("Set every parameter to its default"));
    reset->setIconText(tr("Reset"));
}

void WindowActions::makeViewMenu(QMenu* menu)
{
    panes = menu->addMenu(tr("&Panes"));
    charts = menu->addMenu(tr("&Charts"));
    menu->addSeparator();
    fit = add(menu, tr("&Fit"), tr("Show the whole run"));
    previousView = add(menu, tr("Pre&vious view"), tr("Show what was shown before"));
    maximize = add(menu, tr("&Maximise chart"),
        tr("Give the whole window to the chart that has the focus, and back"),
        {QKeySequence(Qt::CTRL | Qt::Key_Return)});
    maximize->setCheckable(true);
    back = add(menu, tr("&Back"), tr("Leave the large chart, or the replay"),
        {QKeySequence(Qt::Key_Escape)});
    menu->addSeparator();
    code = add(menu, tr("Co&de"), tr("Go to the lesson's code, at the line of what is selected"),
        {QKeySequence(Qt::Key_F4)});
    nextPane = add(menu, tr("&Next pane"), tr("Go to the next part of the window"),
        {QKeySequence(Qt::Key_F6)});
    previousPane = add(menu, tr("Previo&us pane"), tr("Go to the part of the window before"),
        {QKeySequence(Qt::SHIFT | Qt::Key_F6)});
    menu->addSeparator();
    QMenu* themes = menu->addMenu(tr("C&olours"));
    themes->setToolTipsVisible(true);
    colours = new QActionGroup(this);
    for (const Colours one : allColours()) {
        QAction* action = add(themes, wordFor(one), tr("Colours of the window and its charts"));
        action->setCheckable(true);
        action->setData(static_cast<int>(one));
        colours->addAction(action);
    }
    larger = add(menu, tr("&Larger"), tr("Everything larger, up to 300 %"),
        {QKeySequence(Qt::CTRL | Qt::Key_Plus), QKeySequence(Qt::CTRL | Qt::Key_Equal)});
    smaller = add(menu, tr("&Smaller"), tr("Everything smaller, down to 80 %"),
        {QKeySequence(Qt::CTRL | Qt::Key_Minus)});
    usualSize = add(
        menu, tr("Usual si&ze"), tr("Everything at 100 %"), {QKeySequence(Qt::CTRL | Qt::Key_0)});
}

void WindowActions::drawSigns(const QPalette& palette)
{
    run->setIcon(drawnSign(Sign::play, palette));
    pause->setIcon(drawnSign(Sign::pause, palette));
    stop->setIcon(drawnSign(Sign::stop, palette));
}

void WindowActions::allow(QAction* action, const QString& reason)
{
    action->setEnabled(reason.isEmpty());
    QString tip = reason.isEmpty() ? action->whatsThis() : reason;
    if (reason.isEmpty() && !action->shortcut().isEmpty())
        tip = tr("%1 (%2)").arg(tip, action->shortcut().toString(QKeySequence::NativeText));
    action->setToolTip(tip);
}

QList<WindowActions::Group> WindowActions::groups() const
{
    QList<Group> result;
    for (const QAction* top : m_window->menuBar()->actions()) {
        Group group{top->text().remove(QLatin1Char('&')), {}};
        for (QAction* action : top->menu()->actions()) {
            if (!action->isSeparator() && !action->menu() && !action->shortcut().isEmpty())
                group.actions.append(action);
        }
        if (!group.actions.isEmpty())
            result.append(group);
    }
    return result;
}

} // namespace manyhands::app
