// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lessons, a lesson's text and parameters, the charts of its run or of a saved one.
#pragma once

#include "app/window/appearance.hpp"
#include "app/window/replay.hpp"
#include "app/window/run_control.hpp"
#include "app/window/run_files.hpp"
#include "app/window/window_actions.hpp"
#include "engine/description/lesson_description.hpp"
#include "engine/observe/lesson_program.hpp"

#include <QList>
#include <QMainWindow>
#include <QPointer>
#include <QSet>

#include <vector>

class QDockWidget;
class QLabel;
class QListWidget;
class QSettings;
class QSplitter;
class QTabWidget;
class QToolButton;

namespace manyhands::app {

class Banner;
class Chart;
class ChartArea;
class CodePane;
class ExportDialog;
class GuidePane;
struct ExportSource;
class MeasureDialog;
class Microscope;
class Notebook;
class OutputPane;
class PaceBar;
class PaceChoice;
class ParameterForm;
class ProgressPane;
class ReplayBar;
class ReportSaver;
class ResultsPane;
class WatchCostDialog;
class WatchDialog;
struct ComparedRuns;

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
    /// Takes on what was kept from the last time, and keeps it there when the window is closed. It
    /// must outlive the window.
    void setSettings(QSettings& settings);
    /// Opens saved runs: shows the first, and has the others at hand under Open recent.
    void openFiles(const QStringList& paths);

    /// Watches a person's own program in the place of a lesson, from now on: runs it at once.
    void watch(WatchedCommand command);

    void run();
    /// The same, but for the questions of a lesson that has just been opened: they come first.
    void askOrRun();
    /// Sets what the attempt says, and runs or measures.
    void attempt(const Attempt& attempt);
    /// Runs the lesson as often as measurements are repeated.
    void measure();

    RunControl& control() { return m_control; }
    ParameterForm& form() { return *m_form; }
    GuidePane& guide() { return *m_guide; }
    const QList<Chart*>& charts() const;
    ChartArea& chartArea() { return *m_area; }
    Replay& replay() { return *m_replay; }
    CodePane& code() { return *m_code; }
    PaceBar& paceBar() { return *m_paceBar; }
    Microscope& microscope() { return *m_microscope; }
    RunFiles& files() { return *m_files; }
    ReportSaver& reports() { return *m_reports; }
    Notebook& notebook() { return *m_notebook; }
    Appearance& appearance() { return m_appearance; }
    const WindowActions& actions() const { return *m_actions; }
    MeasureDialog& measureDialog() { return *m_measureDialog; }
    ExportDialog& exportDialog() { return *m_exportDialog; }
    /// The run that is shown once it has ended, or was opened.
    std::shared_ptr<const FinishedRun> shownRun() const { return m_shown; }
    /// What stands in the banner.
    QStringList messages() const;

public slots:
    /// Shows two to four saved runs beside each other in a window of their own; what cannot be
    /// compared is said in the banner.
    void compareFiles(const QStringList& paths);

protected:
    bool event(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void makeForm();
    void makeCentre();
    void makeLessonList();
    void makeGuide();
    void makeProgress();
    void makeStatus();
    void makeReplay();
    void makePace();
    void makeCode();
    void connectHistory();
    QDockWidget* addPane(
        Qt::DockWidgetArea area, const QString& name, QWidget* content, const QString& title);
    void connectRuns();
    void connectActions();
    void connectCharts();

    void chooseLesson(int row);
    void markLessons();
    void selectInList(const LessonReference& reference);
    std::optional<RunOrder> order(QString& problem) const;
    void showOpened(std::shared_ptr<const FinishedRun> run, const QString& path);
    void showCompared(
        const std::vector<std::shared_ptr<const FinishedRun>>& runs, const QStringList& paths);
    void adoptLessonOf(const FinishedRun& run);
    void showFinished(std::shared_ptr<const FinishedRun> run);
    void runAboutToStart();
    void runChanged();
    void keepRun();
    void runFailed(const QString& problem);
    void say(const QString& problem);
    /// `undoes`: what Undo takes back then; empty where it is none of its business.
    void notice(const QString& sentence, const QString& undoes = {});
    void undo();

    void openOne(const QString& path);
    void openDropped(const QList<QUrl>& urls);

    void togglePace(Pace::Kind kind);
    void updatePace();
    void showCode();
    void showSources();
    /// A run's facts, to everything that shows the run.
    void showFacts(const RunFacts& facts);
    /// Puts the microscope up where the lesson holds a run with these values at its gates.
    void setUpMicroscope(
        const LessonDescription& lesson, const ParameterValues& values, std::uint64_t seed);
    void takeMicroscopeAway();
    void placeMicroscope();
    void makeExport();
    void tellWritten(const QString& path);
    ExportSource exportSource() const;
    void exportFigure(Chart* chart);
    void copyFigure(Chart* chart);
    void updateExport();
    void connectGuide();
    void keepWhatTheGuideSays();
    /// Leads through a lesson, from where the person left it.
    void guideThrough(const LessonDescription& description);
    /// Tells the guide what the notebook knows of the lesson from another time.
    void remindGuide();
    /// The questions and predictions, to the charts that show them.
    void updatePredictions();
    void takeDragged(const QString& name, double value);
    void showFindings();
    void showTarget(const Target& target);
    void showView(const QString& view);

    void connectReports();
    void updateReportActions();
    void saveReport();
    void saveSweepReport();
    void saveLabReport();
    void saveComparisonReport(std::shared_ptr<const ComparedRuns> runs, const QStringList& files);
    void saveLabReportOf(std::shared_ptr<const FinishedRun> run);

    void toggleReplay();
    void showReplay();
    void replayChanged();
    void goBack();
    void movePane(int direction);
    void showWatchCost();
    void arrangePanes();

    void updateAll();
    void updateActions();
    void updateBanner();
    void updateStatus();
    void updateTitle();
    QString whyNotRun() const;
    QString whyNotMeasure() const;
    void askWhatToWatch();

    Appearance m_appearance;
    RunControl m_control;
    LessonReference m_lesson;
    LessonDescription m_description;
    std::optional<WatchedCommand> m_watched; ///< in the place of a lesson
    std::vector<ListedLesson> m_lessons;
    std::uint64_t m_seed = 1;
    int m_usableCpus;
    bool m_saidNotKept = false; ///< a run
    QString m_problem; ///< that kept a lesson or file from being opened or a run from starting
    QString m_notice; ///< that something was done, until the next run
    QString m_noticeUndoes; ///< what Undo takes back while it stands there
    QString m_unknownLesson; ///< of an opened run, where we do not have it
    std::shared_ptr<const FinishedRun> m_shown;
    QString m_file; ///< that it came from or went to
    QString m_keptFile; ///< where it is kept unasked
    QString m_exported; ///< what was written last, in words
    RunFacts m_facts; ///< of m_shown
    TimeBudget m_replayBudget;
    QElapsedTimer m_sinceReplayBudget;
    QSettings* m_settings = nullptr;
    bool m_arranged = false; ///< a person has given the panes their sizes

    WindowActions* m_actions = nullptr;
    RunFiles* m_files = nullptr;
    ReportSaver* m_reports = nullptr;
    Notebook* m_notebook = nullptr;
    Replay* m_replay = nullptr;
    ReplayBar* m_replayBar = nullptr;
    PaceBar* m_paceBar = nullptr;
    PaceChoice* m_paceChoice = nullptr;
    Microscope* m_microscope = nullptr;
    bool m_underMicroscope = false; ///< the run that is shown
    CodePane* m_code = nullptr;
    QDockWidget* m_codeDock = nullptr;
    bool m_codeInFront = false;
    QToolButton* m_runButton = nullptr;
    ParameterForm* m_form = nullptr;
    Banner* m_banner = nullptr;
    ChartArea* m_area = nullptr;
    QSplitter* m_centre = nullptr;
    QListWidget* m_list = nullptr;
    ProgressPane* m_progress = nullptr;
    GuidePane* m_guide = nullptr;
    QString m_guidedLesson; ///< id of the lesson that the guide leads through
    QSet<QString> m_reminded; ///< lessons of which the guide knows all that the notebook does
    ResultsPane* m_results = nullptr;
    OutputPane* m_output = nullptr;
    QTabWidget* m_after = nullptr;
    QLabel* m_status = nullptr;
    QList<QDockWidget*> m_docks;
    QList<QDockWidget*> m_docksAway; ///< hidden for the sake of one large chart
    MeasureDialog* m_measureDialog = nullptr;
    ExportDialog* m_exportDialog = nullptr;
    WatchCostDialog* m_watchCost = nullptr;
    WatchDialog* m_watchDialog = nullptr;
    QPointer<QWidget> m_keys;
};

} // namespace manyhands::app
