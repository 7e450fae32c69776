// SPDX-License-Identifier: GPL-3.0-or-later
// Quiz: questions of the lesson, and of the student's own run.
#pragma once

#include "app/guide/guide_page.hpp"

namespace manyhands::app {

/// All questions one below the other; a choice is answered at once.
class QuizPage : public GuidePage
{
    Q_OBJECT

public:
    QuizPage(const GuideContext& context, QWidget* parent);
    void refresh() override;

signals:
    /// `ofRun`: the question was computed from the last run.
    void chosen(const manyhands::QuizQuestion& question, int choice, bool ofRun);

private:
    void addQuestion(const QuizQuestion& question, bool ofRun);
    void addReply(const QuizChoice& choice);
};

} // namespace manyhands::app
