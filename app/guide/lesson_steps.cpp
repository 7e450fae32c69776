// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a lesson in the guide, and what a student did in them.
#include "app/guide/lesson_steps.hpp"

#include "app/guide/guide_words.hpp"
#include "engine/observe/measured.hpp"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <exception>

namespace manyhands::app {
namespace {

struct StepWords
{
    LessonStep step;
    const char* name;
    const char* title;
};

constexpr std::array stepWords = {
    StepWords{LessonStep::read, "read", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Read")},
    StepWords{
        LessonStep::predict, "predict", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Predict")},
    StepWords{LessonStep::run, "run", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Run")},
    StepWords{
        LessonStep::observe, "observe", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Observe")},
    StepWords{
        LessonStep::explain, "explain", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Explain")},
    StepWords{LessonStep::quiz, "quiz", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Quiz")},
    StepWords{
        LessonStep::next, "next", QT_TRANSLATE_NOOP("manyhands::app::LessonStep", "Try next")},
};

/// Keeps what a value has in it from being taken for Markdown.
QString escaped(QString text)
{
    static const QRegularExpression special(QStringLiteral("([\\\\`*<>\\[\\]|])"));
    return text.replace(special, QStringLiteral("\\\\1"));
}

} // namespace

QList<LessonStep> allLessonSteps()
{
    QList<LessonStep> steps;
    for (const StepWords& words : stepWords)
        steps.append(words.step);
    return steps;
}

QString nameOf(LessonStep step)
{
    return QString::fromLatin1(stepWords[static_cast<std::size_t>(step)].name);
}

std::optional<LessonStep> lessonStepOf(const QString& name)
{
    for (const StepWords& words : stepWords) {
        if (name == QLatin1String(words.name))
            return words.step;
    }
    return std::nullopt;
}

QString titleOf(LessonStep step)
{
    return QCoreApplication::translate(
        "manyhands::app::LessonStep", stepWords[static_cast<std::size_t>(step)].title);
}

const MadePrediction* GuideProgress::prediction(const std::string& name) const
{
    const auto found = std::find_if(predictions.begin(), predictions.end(),
        [&](const MadePrediction& made) { return made.prediction.name == name; });
    return found == predictions.end() ? nullptr : &*found;
}

QList<LessonStep> GuideContext::steps() const
{
    const bool explains = std::any_of(texts.begin(), texts.end(),
        [](const GuideText& text) { return text.step == GuideStep::explain; });
    QList<LessonStep> steps = allLessonSteps();
    steps.removeIf([&](LessonStep step) {
        switch (step) {
        case LessonStep::predict:
            return lesson.guide.predictions.empty();
        case LessonStep::explain:
            return !explains && findings.empty();
        case LessonStep::quiz:
            return lesson.guide.quiz.empty()
                && !(run && run->document && !run->document->quiz.empty());
        case LessonStep::next:
            return lesson.guide.next.empty();
        case LessonStep::read:
        case LessonStep::run:
        case LessonStep::observe:
            break;
        }
        return false;
    });
    return steps;
}

std::vector<PredictionDescription> GuideContext::questions() const
{
    std::vector<PredictionDescription> asked;
    for (const PredictionDescription& one : lesson.guide.predictions) {
        if (holds(one.when, values))
            asked.push_back(one);
    }
    return asked;
}

int GuideContext::unanswered() const
{
    const std::vector<PredictionDescription> asked = questions();
    return static_cast<int>(std::count_if(asked.begin(), asked.end(),
        [&](const PredictionDescription& one) { return !progress.prediction(one.name); }));
}

bool GuideContext::holds(
    const std::vector<std::string>& when, const ParameterValues& forValues) const
{
    try {
        return lesson.holds(when, forValues);
    } catch (const std::exception&) {
        // No condition on this lesson's parameters, or values of another version of it.
        return false;
    }
}

QString GuideContext::passages(GuideStep step) const
{
    const bool looksBack = run && step != GuideStep::read;
    const ParameterValues& shown = looksBack ? run->parameters : values;
    QStringList parts;
    for (const GuideText& text : texts) {
        if (text.step == step && holds(text.when, shown))
            parts.append(filled(QString::fromStdString(text.text), shown));
    }
    return parts.join(QStringLiteral("\n\n"));
}

QString GuideContext::filled(const QString& text, const ParameterValues& forValues) const
{
    static const QRegularExpression placeholder(QStringLiteral("\\{([a-z][a-z0-9_]*)\\}"));
    QString result;
    qsizetype end = 0;
    auto matches = placeholder.globalMatch(text);
    while (matches.hasNext()) {
        const QRegularExpressionMatch match = matches.next();
        const std::string name = match.captured(1).toStdString();
        QString word = match.captured(0);
        const auto parameter = forValues.find(name);
        if (isMeasured(lesson, name)) {
            if (!run)
                word = QStringLiteral("…");
            else if (const std::optional<Measured> figure = measured(*run, name))
                word = escaped(figureText(*figure));
            else
                word = QCoreApplication::translate("manyhands::app::GuidePane", "not measured");
        } else if (parameter != forValues.end()) {
            word = escaped(parameterText(lesson, name, parameter->second));
        }
        result += text.mid(end, match.capturedStart() - end) + word;
        end = match.capturedEnd();
    }
    return result + text.mid(end);
}

} // namespace manyhands::app
