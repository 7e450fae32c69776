// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all runs that are kept: searched, opened, named, pinned, noted, removed, compared.
#pragma once

#include "app/notebook/run_history.hpp"

#include <QStringList>
#include <QTimer>
#include <QWidget>

class QAction;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QMenu;
class QStackedWidget;
class QToolButton;

namespace manyhands::app {

class HistoryEditor;

/// Follows a history, shortly after it changes here or in another window: many changes are shown at
/// once, and none before the window's first frame.
class HistoryPane : public QWidget
{
    Q_OBJECT

public:
    /// `history` must outlive the pane.
    explicit HistoryPane(RunHistory& history, QWidget* parent = nullptr);

signals:
    void openRequested(const QString& path);
    /// 2 to 4 files, in the order of the list.
    void compareRequested(const QStringList& files);
    /// Files of runs that the history does not know.
    void takeInRequested(const QStringList& files);
    /// Something cannot be done: why, in one line.
    void failed(const QString& problem);

protected:
    bool event(QEvent* event) override;

private:
    void makeActions();
    QAction* addRunAction(const QString& text, const QString& description, const QKeySequence& key,
        void (HistoryPane::*what)());

    void refresh();
    void showRuns();
    void showStrays();
    void updateActions();

    const HistoryRun* runOf(const QListWidgetItem* item) const;
    const HistoryRun* currentRun() const;
    QList<const HistoryRun*> selectedRuns() const;
    QList<qint64> selectedIds() const;

    void openItem(const QListWidgetItem* item);
    void openCurrent();
    void renameCurrent();
    void noteCurrent();
    void pinSelected();
    void removeSelected();
    void compareSelected();
    void askToClear();

    RunHistory& m_history;
    QList<HistoryRun> m_runs; ///< all of them
    QStringList m_strays;
    bool m_begun = false; ///< the list was filled once
    QTimer m_refresh;

    QLineEdit* m_search;
    QToolButton* m_more;
    QStackedWidget* m_pages;
    QWidget* m_emptyPage;
    QLabel* m_empty;
    QToolButton* m_showAll;
    QListWidget* m_list;
    HistoryEditor* m_editor;
    QWidget* m_strayRow;
    QLabel* m_strayLabel;
    QLabel* m_sum;
    QToolButton* m_compareButton;
    QMenu* m_menu;
    QAction* m_open = nullptr;
    QAction* m_rename = nullptr;
    QAction* m_pin = nullptr;
    QAction* m_note = nullptr;
    QAction* m_remove = nullptr;
    QAction* m_compare = nullptr;
    QAction* m_clear = nullptr;
};

} // namespace manyhands::app
