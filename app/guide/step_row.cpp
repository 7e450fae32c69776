// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a lesson as a row of buttons: where one is, and what is done.
#include "app/guide/step_row.hpp"

#include "app/guide/flow_layout.hpp"

#include <QButtonGroup>
#include <QEvent>
#include <QToolButton>

#include <algorithm>

namespace manyhands::app {

StepRow::StepRow(QWidget* parent)
    : QWidget(parent)
    , m_layout(new FlowLayout(this))
    , m_group(new QButtonGroup(this))
{
    setAccessibleName(tr("Steps of the lesson"));
    m_layout->setContentsMargins(4, 4, 4, 2);
    m_layout->setSpacing(3);
    for (const LessonStep step : allLessonSteps()) {
        auto* button = new QToolButton(this);
        button->setCheckable(true);
        button->setMinimumSize(24, 26);
        button->setFocusPolicy(Qt::StrongFocus);
        m_group->addButton(button, static_cast<int>(step));
        m_buttons.append(button);
    }
    connect(m_group, &QButtonGroup::idClicked, this,
        [this](int id) { emit chosen(static_cast<LessonStep>(id)); });
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void StepRow::showSteps(
    const QList<LessonStep>& steps, LessonStep current, const QSet<LessonStep>& done)
{
    while (m_layout->count() > 0)
        delete m_layout->takeAt(0);
    for (QToolButton* button : std::as_const(m_buttons))
        button->hide();
    int number = 0;
    for (const LessonStep step : steps) {
        QToolButton* button = m_buttons[static_cast<qsizetype>(step)];
        const bool isDone = done.contains(step);
        const bool isCurrent = step == current;
        ++number;
        const QString words = tr("%1 %2").arg(number).arg(titleOf(step));
        QString text = isCurrent ? tr("▸%1").arg(words) : words;
        if (isDone)
            text = tr("✓%1").arg(text);
        button->setText(text);
        QFont letters = font();
        letters.setBold(isCurrent);
        button->setFont(letters);
        button->setChecked(isCurrent);
        const QString state = tr("Step %1 of %2: %3%4%5")
                                  .arg(number)
                                  .arg(steps.size())
                                  .arg(titleOf(step), isDone ? tr(", done") : QString(),
                                      isCurrent ? tr(", you are here") : QString());
        button->setAccessibleName(state);
        button->setToolTip(state);
        m_layout->addWidget(button);
        button->show();
    }
    fitHeight();
}

void StepRow::fitHeight()
{
    setFixedHeight(std::max(1, m_layout->heightForWidth(width())));
}

QSize StepRow::sizeHint() const
{
    return {m_layout->minimumSize().width(), height()};
}

void StepRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitHeight();
}

void StepRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::FontChange)
        return;
    for (QToolButton* button : std::as_const(m_buttons)) {
        QFont letters = font();
        letters.setBold(button->isChecked());
        button->setFont(letters);
    }
    fitHeight();
}

} // namespace manyhands::app
