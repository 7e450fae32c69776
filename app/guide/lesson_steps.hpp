// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a lesson in the guide, and what a student did in them.
#pragma once

#include "app/views/view_state.hpp"
#include "engine/observe/finished_run.hpp"

#include <QList>
#include <QSet>
#include <QString>

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace manyhands::app {

/// In the order in which the guide leads through them.
enum class LessonStep : std::uint8_t { read, predict, run, observe, explain, quiz, next };

QList<LessonStep> allLessonSteps();
/// A fixed word: "read", "predict", … "next".
QString nameOf(LessonStep step);
std::optional<LessonStep> lessonStepOf(const QString& name);
/// For people.
QString titleOf(LessonStep step);

/// A prediction, and for which run it was made.
struct MadePrediction
{
    Prediction prediction;
    ParameterValues values; ///< of the form when it was made
    bool told = false; ///< others know of it
};

/// What a student did in one lesson.
struct GuideProgress
{
    LessonStep step = LessonStep::read;
    QSet<LessonStep> done;
    std::vector<MadePrediction> predictions;
    bool asked = false; ///< a run has been put off for the questions
    bool skipped = false; ///< the questions were
    std::map<std::string, std::size_t> answers; ///< choices taken, by the question's name
    std::map<std::string, std::size_t> runAnswers; ///< the same of the questions on the last run
    QString note;
    bool noteTold = true; ///< others know of it
    bool explained = false; ///< the lesson's own explanation has been shown

    const MadePrediction* prediction(const std::string& name) const;
};

/// Something that this run shows, with a question on it.
struct GuideFinding
{
    QString sentence;
    QString question;
    Target target; ///< where to see it; nothing where it has no place
    std::optional<Attempt> attempt;
};

/// What the guide's pages show; the pane holds it, the pages see it const.
struct GuideContext
{
    LessonDescription lesson;
    std::vector<GuideText> texts; ///< of the lesson's Markdown
    ParameterValues values; ///< the last good ones of the form
    std::shared_ptr<const FinishedRun> run; ///< nullptr before one has ended
    bool running = false;
    QString status; ///< of the run, in one line
    QString whyNotRun; ///< empty where a run may start
    std::vector<GuideFinding> findings;
    GuideProgress progress;

    /// The steps that this lesson has.
    QList<LessonStep> steps() const;
    /// The predictions that are asked for with the form's values.
    std::vector<PredictionDescription> questions() const;
    /// Those among them that have no answer yet.
    int unanswered() const;
    /// `when` holds for `values`; never where it does not fit the lesson.
    bool holds(const std::vector<std::string>& when, const ParameterValues& forValues) const;
    /// The passages of a step one after the other, as Markdown with what they name filled in: those
    /// for the run's values once there is a run and the step looks back on it, else for the form's.
    QString passages(GuideStep step) const;
    /// The same for any text of the lesson.
    QString filled(const QString& text, const ParameterValues& forValues) const;
};

} // namespace manyhands::app
