// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lessons, a lesson's text and parameters, the live charts of its run.
#pragma once

#include "app/window/run_control.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QList>
#include <QMainWindow>

#include <vector>

class QAction;
class QLabel;
class QListWidget;
class QPlainTextEdit;
class QTabWidget;
class QToolButton;

namespace manyhands::app {

class Banner;
class Chart;
class LessonText;
class ParameterForm;
class ResultsPane;

/// A lesson as the list shows it.
struct ListedLesson
{
    LessonReference reference;
    std::string title;
};

class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    /// Fills the list. A lesson is described when it is opened, not before.
    void setLessons(const std::vector<ListedLesson>& lessons);
    /// Opens a lesson whose description is known. Refused while a run is under way.
    void openLesson(const LessonReference& reference, const LessonDescription& description);
    void setSeed(std::uint64_t seed) { m_seed = seed; }

    void run();

    RunControl& control() { return m_control; }
    ParameterForm& form() { return *m_form; }
    const QList<Chart*>& charts() const { return m_charts; }
    /// What stands in the banner.
    QStringList messages() const;

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeActions();
    void makeForm();
    void makeCharts();
    void makeLessonList();
    void makeGuide();
    void makeStatus();

    void chooseLesson(int row);
    void selectInList(const LessonReference& reference);
    void runAboutToStart();
    void runChanged();
    void runFinished();
    void runFailed(const QString& problem);
    void updateActions();
    void updateBanner();
    void updateStatus();
    void appendOutput();

    RunControl m_control;
    LessonReference m_lesson;
    LessonDescription m_description;
    std::vector<ListedLesson> m_lessons;
    std::uint64_t m_seed = 1;
    int m_usableCpus;
    QString m_problem; ///< that kept a lesson from being opened or a run from starting
    std::size_t m_outputShown = 0;

    QAction* m_runAction = nullptr;
    QAction* m_stopAction = nullptr;
    QAction* m_resetAction = nullptr;
    QToolButton* m_runButton = nullptr;
    ParameterForm* m_form = nullptr;
    Banner* m_banner = nullptr;
    QListWidget* m_list = nullptr;
    LessonText* m_text = nullptr;
    ResultsPane* m_results = nullptr;
    QPlainTextEdit* m_output = nullptr;
    QTabWidget* m_after = nullptr;
    QLabel* m_status = nullptr;
    QList<Chart*> m_charts;
};

} // namespace manyhands::app
