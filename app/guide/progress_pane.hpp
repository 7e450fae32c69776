// SPDX-License-Identifier: GPL-3.0-or-later
// What a person has done in a lesson: its past runs, and its steps, predictions and answers.
#pragma once

#include "app/notebook/notebook.hpp"

#include <QTabWidget>
#include <QTimer>

#include <vector>

class QLabel;
class QListWidget;
class QListWidgetItem;
class QPushButton;
class QStackedWidget;
class QTextBrowser;

namespace manyhands::app {

/// Follows a notebook, shortly after it changes: many changes are shown at once, and none before
/// the window's first frame.
class ProgressPane : public QTabWidget
{
    Q_OBJECT

public:
    /// `notebook` must outlive the pane.
    explicit ProgressPane(Notebook& notebook, QWidget* parent = nullptr);

    void setLesson(const LessonDescription& lesson);
    /// As of the last refreshed().
    LessonProgress progressOf(const QString& lessonId) const;

signals:
    void labReportRequested();
    void openRequested(const QString& path);
    /// A run cannot be opened: why, in one line.
    void failed(const QString& problem);
    void refreshed();

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void showRuns();
    void showSummary();
    QString steps();
    QString predictions();
    QString answers();
    QString notes();
    QString differences(const KeptRun& run) const;
    void open(const QListWidgetItem* item);

    Notebook& m_notebook;
    QString m_lesson; ///< id; empty before the first
    std::vector<ParameterDescription> m_parameters;
    std::vector<PredictionDescription> m_asked;
    QHash<QString, LessonProgress> m_progress;
    QStackedWidget* m_history;
    QLabel* m_empty;
    QListWidget* m_runs;
    QTextBrowser* m_summary;
    QPushButton* m_report;
    QTimer m_refresh;
};

/// "✓", "●" or "○", and the same in a word.
QString signOf(LessonProgress progress);
QString wordFor(LessonProgress progress);

} // namespace manyhands::app
