// SPDX-License-Identifier: GPL-3.0-or-later
// What a person has done: the past runs, and the steps, predictions and answers of a lesson.
#pragma once

#include "app/notebook/notebook.hpp"

#include <QTabWidget>
#include <QTimer>

#include <vector>

class QPushButton;
class QTextBrowser;

namespace manyhands::app {

class HistoryPane;

/// Follows a notebook, shortly after it changes: many changes are shown at once, and none before
/// the window's first frame.
class ProgressPane : public QTabWidget
{
    Q_OBJECT

public:
    /// `notebook` must outlive the pane.
    explicit ProgressPane(Notebook& notebook, QWidget* parent = nullptr);

    HistoryPane& history() { return *m_history; }
    void setLesson(const LessonDescription& lesson);
    /// As of the last refreshed().
    LessonProgress progressOf(const QString& lessonId) const;

signals:
    void labReportRequested();
    void refreshed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void showSummary();
    QString steps();
    QString predictions();
    QString answers();
    QString notes();

    Notebook& m_notebook;
    QString m_lesson; ///< id; empty before the first
    std::vector<PredictionDescription> m_asked;
    QHash<QString, LessonProgress> m_progress;
    HistoryPane* m_history;
    QTextBrowser* m_summary;
    QPushButton* m_report;
    QTimer m_refresh;
};

/// "✓", "●" or "○", and the same in a word.
QString signOf(LessonProgress progress);
QString wordFor(LessonProgress progress);

} // namespace manyhands::app
