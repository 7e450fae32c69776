// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a lesson as a row of buttons: where one is, and what is done.
#pragma once

#include "app/guide/lesson_steps.hpp"

#include <QWidget>

class QButtonGroup;
class QToolButton;

namespace manyhands::app {

class FlowLayout;

/// A button for each step. One of them is the current one; it is framed and bold.
class StepRow : public QWidget
{
    Q_OBJECT

public:
    explicit StepRow(QWidget* parent = nullptr);

    void showSteps(
        const QList<LessonStep>& steps, LessonStep current, const QSet<LessonStep>& done);

    QSize sizeHint() const override;

signals:
    void chosen(manyhands::app::LessonStep step);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    /// Numbers and titles, as there is room for.
    void write();

    QList<LessonStep> m_shown;
    LessonStep m_current = LessonStep::read;
    QSet<LessonStep> m_done;
    FlowLayout* m_layout;
    QButtonGroup* m_group;
    QList<QToolButton*> m_buttons; ///< of all steps, those that the lesson has not are hidden
};

} // namespace manyhands::app
