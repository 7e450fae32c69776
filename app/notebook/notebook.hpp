// SPDX-License-Identifier: GPL-3.0-or-later
// What a person did in the lessons: runs, predictions, answers, notes, and the steps they reached.
#pragma once

#include "app/notebook/run_history.hpp"
#include "engine/observe/measured.hpp"

#include <QHash>
#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <optional>

namespace manyhands::app {

/// A prediction, and what came out.
struct KeptPrediction
{
    Prediction prediction;
    std::optional<qint64> run; ///< that answered it; nothing while it waits for one
    QDateTime time;
    std::optional<double> measured;
    std::optional<double> low; ///< its spread
    std::optional<double> high;
    Verdict verdict = Verdict::unknown;
};

/// The last answer to a question of a quiz.
struct KeptAnswer
{
    QString name; ///< of the question
    QString question;
    QString chosen;
    bool right = false;
    std::optional<qint64> run; ///< that was shown
    QDateTime time;
};

/// What somebody wrote on a run.
struct KeptNote
{
    QString text;
    std::optional<qint64> run; ///< nothing: before the first
    QDateTime time;
};

/// A step of the guide.
struct KeptStep
{
    QString name; ///< "read", "predict", "run", "observe", "explain", "quiz", "next"
    bool done = false; ///< else it was only reached
    QDateTime time;
};

/// How far somebody has come in a lesson.
enum class LessonProgress : std::uint8_t {
    untouched,
    begun,
    done, ///< its quiz is
};

/// Belongs to the main thread. The file is opened when something is first asked or kept; where it
/// cannot be used, failed() says so once and everything is remembered until this object goes. Two
/// windows may have one notebook.
class Notebook : public QObject
{
    Q_OBJECT

public:
    /// `folder`: where `notebook.sqlite` and the folder `runs` stand, or will.
    explicit Notebook(const QString& folder = usualFolder(), QObject* parent = nullptr);

    /// Of the person who runs the program.
    static QString usualFolder();
    /// Where a run that ends now is to be kept; its folder is there then, if it can be.
    QString newRunPath(const QString& lessonId) const;
    const QString& runsFolder() const { return m_runsFolder; }

    /// A run has ended and is (to be) kept in `file`: its row. One that is done answers the
    /// predictions that wait for such a run; a stopped or failed one leaves them waiting.
    void runFinished(const FinishedRun& run, const QString& file);
    /// The run could not be kept there after all.
    void runNotKept(const QString& file);
    /// A run is shown that was made before; answers and notes belong to it from now on, if its file
    /// is one of ours.
    void runOpened(const QString& lessonId, const QString& file);

    /// Newest first; those that were not removed.
    QList<KeptRun> runs(const QString& lessonId);
    /// All runs, of every lesson.
    RunHistory& history() { return m_history; }
    /// The latest prediction of each name, in the order in which they were made.
    QList<KeptPrediction> lastPredictions(const QString& lessonId);
    /// Whether something was predicted or skipped already.
    bool wasAskedPredictions(const QString& lessonId);
    /// The latest answer to each question, in the order in which they were given.
    QList<KeptAnswer> answers(const QString& lessonId);
    /// Newest first.
    QList<KeptNote> notes(const QString& lessonId);
    /// Those that were reached, the latest last: there the person was.
    QList<KeptStep> steps(const QString& lessonId);
    /// Of all lessons that are not untouched.
    QHash<QString, LessonProgress> progress();
    bool isKept() { return m_database.isKept(); }

    /// How many runs runs() gives at most.
    static constexpr int mostRuns = 200;
    /// The step that ends a lesson.
    static QString lastStep() { return QStringLiteral("quiz"); }

public slots:
    /// Waits for a run. One of the same name that still waits is replaced.
    void keepPrediction(const QString& lessonId, const manyhands::Prediction& prediction);
    void skipPredictions(const QString& lessonId);
    void keepAnswer(const QString& lessonId, const manyhands::QuizQuestion& question,
        const QString& chosen, bool right);
    /// On the run that is shown; replaces what was written on it before. Empty: nothing.
    void keepNote(const QString& lessonId, const QString& text);
    /// What is done once stays done.
    void stepReached(const QString& lessonId, const QString& stepName, bool done);

signals:
    void changed(const QString& lessonId);
    /// One line; not said again.
    void failed(const QString& problem);

private:
    QVariant shownRun(const QString& lessonId) const;

    QString m_runsFolder;
    NotebookDatabase m_database;
    RunHistory m_history; ///< goes first: what it has removed is removed for good then
    QHash<QString, qint64> m_shownRuns; ///< by lesson
};

} // namespace manyhands::app
