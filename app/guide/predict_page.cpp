// SPDX-License-Identifier: GPL-3.0-or-later
// Read and Predict: what stands before the run.
#include "app/guide/predict_page.hpp"

#include "app/guide/lesson_text.hpp"
#include "app/guide/prediction_field.hpp"
#include "app/guide/wrapped_button.hpp"

#include <QLabel>
#include <QScrollBar>
#include <QVBoxLayout>

namespace manyhands::app {

namespace {

/// For a program that brings no text.
QString textOfNone()
{
    return ReadPage::tr(
        "This program brings no text of its own.\n\n"
        "**Run** it (F5) to see what it does: each of its processes is a lane of the timeline, "
        "with what it computes and what it waits for. The other charts show what the processes "
        "send to each other and where their time goes.\n\n"
        "A bar of the timeline leads to the line of code that it stands for, where the program "
        "shows its source.");
}

} // namespace

ReadPage::ReadPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::read, parent)
{
    m_text = addPassages({});
    m_text->setAccessibleName(tr("Text to read"));
    addRest();
}

void ReadPage::refresh()
{
    const LessonDescription& lesson = context().lesson;
    QString text;
    if (!lesson.title.empty())
        text = QStringLiteral("# %1\n\n").arg(QString::fromStdString(lesson.title).simplified());
    text += context().passages(GuideStep::read);
    if (context().texts.empty() && lesson.objectives.empty() && !lesson.title.empty())
        text += textOfNone();
    if (!lesson.objectives.empty()) {
        text += tr("\n\n## What you will learn\n\n");
        for (const std::string& objective : lesson.objectives)
            text += QStringLiteral("- %1\n").arg(QString::fromStdString(objective).simplified());
    }
    if (text == m_shown)
        return;
    m_shown = text;
    m_text->showMarkdown(text);
    verticalScrollBar()->setValue(0);
}

PredictPage::PredictPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::predict, parent)
{
}

void PredictPage::refresh()
{
    const std::vector<PredictionDescription> questions = context().questions();
    std::vector<std::string> names = {context().lesson.id};
    for (const PredictionDescription& one : questions)
        names.push_back(one.name);
    if (names != m_names || !m_built) {
        m_names = std::move(names);
        rebuild(questions);
    }
    for (std::size_t i = 0; i < questions.size(); ++i) {
        if (const MadePrediction* made = context().progress.prediction(questions[i].name))
            m_fields[static_cast<qsizetype>(i)]->setPrediction(made->prediction);
    }
    showCount();
}

void PredictPage::rebuild(const std::vector<PredictionDescription>& questions)
{
    clear();
    m_built = true;
    m_fields.clear();
    m_count = nullptr;
    if (questions.empty()) {
        addLine(tr("With these values the lesson asks nothing. Other values may bring questions."));
        addRest();
        return;
    }
    addLine(tr("Before you run: what do you expect? A wrong guess teaches as much as a right one; "
               "nothing is graded."),
        Tone::secondary);
    for (const PredictionDescription& question : questions) {
        auto* field = new PredictionField(question, body());
        m_fields.append(field);
        column()->addWidget(field);
        connect(field, &PredictionField::changed, this, [this, field, name = question.name] {
            if (const std::optional<Prediction> made = field->prediction())
                emit predictionMade(*made);
            else
                emit predictionWithdrawn(name);
            showCount();
        });
    }
    m_count = addLine({}, Tone::secondary);
    WrappedButton* skip = addButton(tr("Skip the questions"));
    connect(skip, &QPushButton::clicked, this, &PredictPage::skipRequested);
    addRest();
}

void PredictPage::showCount()
{
    if (!m_count)
        return;
    const auto all = static_cast<int>(m_fields.size());
    const int answered = all - context().unanswered();
    m_count->setText(answered == all
            ? tr("✓ All answered. F5 runs.")
            : tr("%1 of %2 answered. F5 runs in any case.").arg(answered).arg(all));
}

} // namespace manyhands::app
