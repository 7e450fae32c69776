// SPDX-License-Identifier: GPL-3.0-or-later
// Quiz: questions of the lesson, and of the student's own run.
#include "app/guide/quiz_page.hpp"

#include "app/guide/wrapped_button.hpp"

#include <QApplication>
#include <QLabel>
#include <QScrollBar>
#include <QTimer>
#include <QVBoxLayout>

namespace manyhands::app {

QuizPage::QuizPage(const GuideContext& context, QWidget* parent)
    : GuidePage(context, LessonStep::quiz, parent)
{
}

void QuizPage::refresh()
{
    // Whoever has just answered goes on from there.
    const QWidget* focus = QApplication::focusWidget();
    const QString focused = focus && body()->isAncestorOf(focus) ? focus->objectName() : QString();
    const int seen = verticalScrollBar()->value();
    clear();
    for (const QuizQuestion& question : context().lesson.guide.quiz)
        addQuestion(question, false);
    if (!context().run) {
        addNoRun(tr("Further questions are computed from your own run: run the lesson first."));
    } else if (context().run->document) {
        for (const QuizQuestion& question : context().run->document->quiz)
            addQuestion(question, true);
    }
    addRest();
    if (focused.isEmpty())
        return;
    for (QWidget* button : body()->findChildren<QWidget*>(focused)) {
        if (!button->isHidden())
            button->setFocus(Qt::OtherFocusReason);
    }
    // Once the page has its new height.
    QTimer::singleShot(0, this, [this, seen] { verticalScrollBar()->setValue(seen); });
}

void QuizPage::addQuestion(const QuizQuestion& question, bool ofRun)
{
    const auto& answers = ofRun ? context().progress.runAnswers : context().progress.answers;
    const auto answer = answers.find(question.name);
    if (ofRun)
        addLine(tr("From your run:"), Tone::secondary);
    addHeading(QString::fromStdString(question.question));
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        const QuizChoice& choice = question.choices[i];
        const bool taken = answer != answers.end() && answer->second == i;
        QString text = QString::fromStdString(choice.text);
        if (taken)
            text.prepend(choice.right ? QStringLiteral("✓ ") : QStringLiteral("✕ "));
        WrappedButton* button = addButton(text);
        button->setObjectName(QStringLiteral("%1 %2 %3")
                                  .arg(QString::fromStdString(question.name))
                                  .arg(i)
                                  .arg(ofRun));
        button->setAccessibleDescription(QString::fromStdString(question.question));
        connect(button, &QPushButton::clicked, this,
            [this, question, i, ofRun] { emit chosen(question, static_cast<int>(i), ofRun); });
        if (taken)
            addReply(choice);
    }
    column()->addSpacing(8);
}

void QuizPage::addReply(const QuizChoice& choice)
{
    const QString words = QString::fromStdString(choice.reply);
    const QString text = choice.right ? tr("✓ Right. %1") : tr("✕ Not so. %1");
    addLine(text.arg(words).trimmed(), choice.right ? Tone::good : Tone::bad);
    if (choice.attempt)
        addAttempt(*choice.attempt);
}

} // namespace manyhands::app
