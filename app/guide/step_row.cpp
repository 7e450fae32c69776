// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of a lesson as a row of buttons: where one is, and what is done.
#include "app/guide/step_row.hpp"

#include "app/guide/flow_layout.hpp"

#include <QButtonGroup>
#include <QEvent>
#include <QToolButton>

#include <algorithm>

namespace manyhands::app {
namespace {

/// Where the titles took more, the page would have too little: then numbers stand for them.
constexpr int mostLines = 3;

} // namespace

StepRow::StepRow(QWidget* parent)
    : QWidget(parent)
    , m_layout(new FlowLayout(this))
    , m_group(new QButtonGroup(this))
{
    setAccessibleName(tr("Steps of the lesson"));
    m_layout->setContentsMargins(4, 4, 4, 2);
    m_layout->setSpacing(2);
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
    m_shown = steps;
    m_current = current;
    m_done = done;
    while (m_layout->count() > 0)
        delete m_layout->takeAt(0);
    for (QToolButton* button : std::as_const(m_buttons))
        button->setVisible(steps.contains(static_cast<LessonStep>(m_group->id(button))));
    int number = 0;
    for (const LessonStep step : steps) {
        QToolButton* button = m_buttons[static_cast<qsizetype>(step)];
        QFont letters = font();
        letters.setBold(step == current);
        button->setFont(letters);
        button->setChecked(step == current);
        const QString state
            = tr("Step %1 of %2: %3%4%5")
                  .arg(++number)
                  .arg(steps.size())
                  .arg(titleOf(step), done.contains(step) ? tr(", done") : QString(),
                      step == current ? tr(", you are here") : QString());
        button->setAccessibleName(state);
        button->setToolTip(state);
        m_layout->addWidget(button);
    }
    write();
}

void StepRow::write()
{
    const auto writeTitles = [this](bool ofAll) {
        int number = 0;
        for (const LessonStep step : std::as_const(m_shown)) {
            const bool isCurrent = step == m_current;
            ++number;
            // The sign takes the number's place: with both, the titles would take a line more.
            QString text = m_done.contains(step) ? tr("✓") : QString::number(number);
            if (ofAll || isCurrent)
                text = tr("%1 %2").arg(text, titleOf(step));
            if (isCurrent)
                text = tr("▸%1").arg(text);
            m_buttons[static_cast<qsizetype>(step)]->setText(text);
        }
        m_layout->invalidate();
    };
    writeTitles(true);
    const int line = m_buttons.first()->sizeHint().height() + m_layout->spacing();
    if (m_layout->heightForWidth(width()) > (mostLines + 1) * line)
        writeTitles(false);
    setFixedHeight(std::max(1, m_layout->heightForWidth(width())));
}

QSize StepRow::sizeHint() const
{
    return {m_layout->minimumSize().width(), height()};
}

void StepRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    write();
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
    write();
}

} // namespace manyhands::app
