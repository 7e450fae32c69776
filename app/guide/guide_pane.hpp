// SPDX-License-Identifier: GPL-3.0-or-later
// The guide: leads through a lesson, step by step.
#pragma once

#include "app/guide/lesson_steps.hpp"

#include <QHash>
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedWidget;

namespace manyhands::app {

class GuidePage;
class StepRow;

/// Read, predict, run, observe, explain, quiz, try next: the steps that the lesson has. Any can be
/// gone to at any time. Keeps what a student did in each lesson as long as it lives; whoever keeps
/// it longer listens to its signals and gives it back by the setters.
class GuidePane : public QWidget
{
    Q_OBJECT

public:
    explicit GuidePane(QWidget* parent = nullptr);

    /// Leads through a lesson, from where the student left it. `program`: lessons of the same id
    /// are told apart by it.
    void setLesson(const LessonDescription& lesson, const std::string& program);
    /// What stands in the form; nothing changes while a value there is bad.
    void setValues(const std::optional<ParameterValues>& values);
    /// The run that the window shows, once it has ended; nullptr for none.
    void setRun(std::shared_ptr<const FinishedRun> run);
    /// A run was started, or is over. On Predict and Run the guide goes along with it.
    void setRunning(bool running);
    /// One line on what the run does.
    void setStatus(const QString& status);
    /// Empty where a run may start.
    void setWhyNotRun(const QString& reason);
    /// What the analysis found in the run that is shown.
    void setFindings(std::vector<GuideFinding> findings);

    /// The step's fixed word: "read", "predict", "run", "observe", "explain", "quiz", "next".
    QString step() const;
    /// Nothing happens where the lesson has no such step.
    void setStep(const QString& step);
    /// The steps that the lesson has, and whether one is done.
    QStringList steps() const;
    bool isDone(const QString& step) const;

    /// The first run after a lesson was opened waits for its questions.
    bool wantsToAsk() const;
    /// Goes to the questions; the next run does not wait.
    void ask();
    void skipPredictions();

    /// The questions that hold for the form's values, and the answers so far.
    std::vector<PredictionDescription> questions() const { return m_context.questions(); }
    std::vector<Prediction> predictions() const;
    /// An answer that was given elsewhere: dragged on a chart.
    void setPrediction(const Prediction& prediction);

    /// What was kept of the lesson from another time. To be called after setLesson(); they emit
    /// nothing but predictionsChanged().
    void setKnownStep(const QString& step);
    void setKnownDone(const QStringList& steps);
    void setKnownPredictions(const std::vector<Prediction>& predictions);
    void setKnownNote(const QString& text);

    /// Emits predicted() and noted() for what is still in the making: the window is about to close.
    void tellAll();

    /// A line below the page, until the next step or link.
    void say(const QString& text);

signals:
    /// The student came to a step, or has done it.
    void stepReached(const QString& step, bool done);
    void predictionsChanged();
    /// A prediction stands: the student left the questions, or a run was started.
    void predicted(const manyhands::Prediction& prediction);
    void predictionsSkipped();
    void answered(
        const QString& questionName, const QString& question, const QString& chosen, bool right);
    void noted(const QString& text);

    void runRequested();
    void attemptRequested(const manyhands::Attempt& attempt);
    void targetRequested(const manyhands::app::Target& target);
    /// A chart by its name: "timeline", "speedup", or a view of the lesson's own.
    void viewRequested(const QString& view);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void makePages();
    void connectPage(GuidePage* page);
    GuidePage* pageOf(LessonStep step) const;
    void goTo(LessonStep step);
    void goBy(int direction);
    void markDone(LessonStep step);
    void showSteps();
    void refreshPage();
    void keepPrediction(const Prediction& prediction);
    void withdrawPrediction(const std::string& name);
    void answer(const QuizQuestion& question, int choice, bool ofRun);
    void follow(const QString& link);

    GuideContext m_context;
    QString m_key; ///< of the lesson in m_kept
    QHash<QString, GuideProgress> m_kept;
    QList<GuidePage*> m_pages;
    StepRow* m_steps;
    QStackedWidget* m_stack;
    QLabel* m_said;
    QPushButton* m_back;
    QPushButton* m_next;
};

} // namespace manyhands::app
