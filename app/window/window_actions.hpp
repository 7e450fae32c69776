// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that the window can be asked to do, and the menus in which it stands.
#pragma once

#include <QList>
#include <QObject>

class QAction;
class QActionGroup;
class QMainWindow;
class QMenu;
class QPalette;

namespace manyhands::app {

/// The actions of a window, with their keys. Whoever serves one connects to it.
class WindowActions : public QObject
{
    Q_OBJECT

public:
    /// Fills the menu bar of `window`.
    explicit WindowActions(QMainWindow* window);

    QAction* watch; ///< a person's own program
    QAction* open;
    QAction* compare;
    QAction* save;
    QAction* exportFigure;
    QAction* exportAgain;
    /// Of the tables in their order (engine/observe/run_tables.hpp), which saveData holds.
    QMenu* saveData;
    QList<QAction*> saveTables;
    QMenu* recent;
    QAction* saveReport;
    QAction* saveSweepReport;
    QAction* saveLabReport;
    QAction* cancelFile;
    QAction* quit;

    QAction* copyFigure;
    QAction* undo;

    QAction* run;
    QAction* measure;
    QAction* sweep;
    QAction* pause;
    QAction* stop;
    QAction* slowMotion;
    QAction* stepByStep;
    QAction* stepAll;
    QAction* letRun;
    QAction* replay;
    QAction* watchSlowly; ///< the same, as an offer
    QAction* watchCost;
    QAction* reset;

    QMenu* panes;
    QMenu* charts;
    QAction* fit;
    QAction* previousView;
    QAction* maximize;
    QAction* back;
    QAction* code;
    QAction* nextPane;
    QAction* previousPane;
    QActionGroup* colours;
    QAction* larger;
    QAction* smaller;
    QAction* usualSize;

    QAction* keys;

    /// Enabled where `reason` is empty; else the tooltip says the reason.
    static void allow(QAction* action, const QString& reason = {});

    /// Gives the signs the colours of a palette.
    void drawSigns(const QPalette& palette);

    /// A menu of the window and what stands in it, for the overview of the keys.
    struct Group
    {
        QString title;
        QList<QAction*> actions;
    };
    QList<Group> groups() const;

private:
    void makeFileMenu(QMenu* menu);
    void makeEditMenu(QMenu* menu);
    void makeRunMenu(QMenu* menu);
    void makeViewMenu(QMenu* menu);

    QMainWindow* m_window;
};

} // namespace manyhands::app
