// SPDX-License-Identifier: GPL-3.0-or-later
// The guide: leads through a lesson, step by step.
#include "app/guide/guide_pane.hpp"

#include "app/guide/observe_page.hpp"
#include "app/guide/predict_page.hpp"
#include "app/guide/quiz_page.hpp"
#include "app/guide/run_page.hpp"
#include "app/guide/step_row.hpp"

#include <QAccessible>
#include <QApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollBar>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace manyhands::app {

GuidePane::GuidePane(QWidget* parent)
    : QWidget(parent)
    , m_steps(new StepRow(this))
    , m_stack(new QStackedWidget(this))
    , m_said(new QLabel(this))
    , m_back(new QPushButton(this))
    , m_next(new QPushButton(this))
{
    setAccessibleName(tr("Lesson guide"));
    setFocusPolicy(Qt::StrongFocus);
    m_said->setTextFormat(Qt::PlainText);
    m_said->setWordWrap(true);
    m_said->setMinimumWidth(1);
    m_said->setContentsMargins(8, 2, 8, 2);
    m_said->setAccessibleName(tr("Message of the guide"));
    m_said->hide();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(2, 2, 2, 2);
    column->setSpacing(2);
    column->addWidget(m_steps);
    column->addWidget(m_stack, 1);
    column->addWidget(m_said);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(4, 0, 4, 4);
    for (QPushButton* button : {m_back, m_next}) {
        button->setMinimumSize(24, 28);
        row->addWidget(button, 1);
    }
    column->addLayout(row);
    connect(m_steps, &StepRow::chosen, this, &GuidePane::goTo);
    connect(m_back, &QPushButton::clicked, this, [this] { goBy(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { goBy(1); });
    const auto onKey = [this](Qt::Key key, int direction) {
        auto* shortcut = new QShortcut(QKeySequence(Qt::ALT | key), this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, [this, direction] { goBy(direction); });
    };
    onKey(Qt::Key_Left, -1);
    onKey(Qt::Key_Right, 1);
    makePages();
    showSteps();
}

void GuidePane::makePages()
{
    auto* predict = new PredictPage(m_context, m_stack);
    auto* explain = new ExplainPage(m_context, m_stack);
    auto* quiz = new QuizPage(m_context, m_stack);
    m_pages = {new ReadPage(m_context, m_stack), predict, new RunPage(m_context, m_stack),
        new ObservePage(m_context, m_stack), explain, quiz, new NextPage(m_context, m_stack)};
    for (GuidePage* page : std::as_const(m_pages)) {
        m_stack->addWidget(page);
        connectPage(page);
    }
    connect(predict, &PredictPage::predictionMade, this, &GuidePane::keepPrediction);
    connect(predict, &PredictPage::predictionWithdrawn, this, &GuidePane::withdrawPrediction);
    connect(predict, &PredictPage::skipRequested, this, &GuidePane::skipPredictions);
    connect(quiz, &QuizPage::chosen, this, &GuidePane::answer);
    connect(explain, &ExplainPage::noteEdited, this, [this](const QString& text) {
        m_context.progress.note = text;
        m_context.progress.noteTold = false;
    });
    connect(explain, &ExplainPage::explanationShown, this, [this] {
        tellAll();
        m_context.progress.explained = true;
        markDone(LessonStep::explain);
        showSteps();
        refreshPage();
    });
}

void GuidePane::connectPage(GuidePage* page)
{
    connect(page, &GuidePage::seeRequested, this, &GuidePane::follow);
    connect(page, &GuidePage::targetRequested, this, &GuidePane::targetRequested);
    connect(page, &GuidePage::runRequested, this, &GuidePane::runRequested);
    connect(page, &GuidePage::attemptRequested, this, [this](const Attempt& attempt) {
        if (!m_context.whyNotRun.isEmpty())
            return say(m_context.whyNotRun);
        markDone(LessonStep::next);
        goTo(LessonStep::run);
        emit attemptRequested(attempt);
    });
}

GuidePage* GuidePane::pageOf(LessonStep step) const
{
    return m_pages[static_cast<qsizetype>(step)];
}

void GuidePane::setLesson(const LessonDescription& lesson, const std::string& program)
{
    tellAll();
    if (!m_key.isEmpty())
        m_kept.insert(m_key, m_context.progress);
    m_key = QString::fromStdString(lesson.id + '\n' + program);
    m_context.lesson = lesson;
    m_context.texts = guide_texts_from(lesson.text);
    m_context.progress = m_kept.value(m_key);
    m_context.progress.asked = false;
    m_context.values = lesson.parse({});
    m_context.run.reset();
    m_context.findings.clear();
    if (!m_context.steps().contains(m_context.progress.step))
        m_context.progress.step = LessonStep::read;
    m_said->hide();
    showSteps();
    refreshPage();
    emit predictionsChanged();
}

void GuidePane::setValues(const std::optional<ParameterValues>& values)
{
    // The form may be in the making, or that of another version of the lesson.
    const auto& parameters = m_context.lesson.parameters;
    const bool complete = values
        && std::all_of(parameters.begin(), parameters.end(),
            [&](const ParameterDescription& one) { return values->contains(one.name); });
    if (!complete || *values == m_context.values)
        return;
    m_context.values = *values;
    const LessonStep step = m_context.progress.step;
    if (step == LessonStep::read || step == LessonStep::predict || step == LessonStep::run)
        refreshPage();
    emit predictionsChanged();
}

void GuidePane::setRun(std::shared_ptr<const FinishedRun> run)
{
    if (run == m_context.run)
        return;
    m_context.run = std::move(run);
    m_context.findings.clear();
    m_context.progress.runAnswers.clear();
    if (m_context.run)
        markDone(LessonStep::run);
    const LessonStep step = m_context.progress.step;
    if (m_context.run && (step == LessonStep::run || step == LessonStep::predict))
        return goTo(LessonStep::observe);
    if (!m_context.steps().contains(step))
        return goTo(LessonStep::observe);
    showSteps();
    refreshPage();
}

void GuidePane::setRunning(bool running)
{
    if (running == m_context.running)
        return;
    m_context.running = running;
    if (running) {
        tellAll();
        if (m_context.progress.step == LessonStep::predict)
            return goTo(LessonStep::run);
    }
    const LessonStep step = m_context.progress.step;
    if (step == LessonStep::run || step == LessonStep::observe)
        refreshPage();
}

void GuidePane::setStatus(const QString& status)
{
    m_context.status = status;
    if (m_context.progress.step == LessonStep::run)
        refreshPage();
}

void GuidePane::setWhyNotRun(const QString& reason)
{
    if (reason == m_context.whyNotRun)
        return;
    m_context.whyNotRun = reason;
    if (m_context.progress.step == LessonStep::run)
        refreshPage();
}

void GuidePane::setFindings(std::vector<GuideFinding> findings)
{
    m_context.findings = std::move(findings);
    showSteps();
    if (m_context.progress.step == LessonStep::explain
        || m_context.progress.step == LessonStep::observe)
        refreshPage();
}

QString GuidePane::step() const
{
    return nameOf(m_context.progress.step);
}

void GuidePane::setStep(const QString& step)
{
    if (const std::optional<LessonStep> known = lessonStepOf(step))
        goTo(*known);
}

QStringList GuidePane::steps() const
{
    QStringList names;
    for (const LessonStep step : m_context.steps())
        names.append(nameOf(step));
    return names;
}

bool GuidePane::isDone(const QString& step) const
{
    const std::optional<LessonStep> known = lessonStepOf(step);
    return known && m_context.progress.done.contains(*known);
}

void GuidePane::goTo(LessonStep step)
{
    GuideProgress& progress = m_context.progress;
    if (!m_context.steps().contains(step))
        return;
    m_said->hide();
    if (step == LessonStep::predict)
        progress.asked = true;
    if (step != progress.step) {
        if (progress.step == LessonStep::read)
            markDone(LessonStep::read);
        if (progress.step == LessonStep::observe && m_context.run)
            markDone(LessonStep::observe);
        tellAll();
        const QWidget* focus = QApplication::focusWidget();
        const bool inside = focus && m_stack->isAncestorOf(focus);
        progress.step = step;
        emit stepReached(nameOf(step), progress.done.contains(step));
        if (inside)
            setFocus(Qt::OtherFocusReason);
    }
    showSteps();
    refreshPage();
    if (auto* bar = pageOf(step)->verticalScrollBar())
        bar->setValue(0);
}

void GuidePane::goBy(int direction)
{
    const QList<LessonStep> steps = m_context.steps();
    const qsizetype to = steps.indexOf(m_context.progress.step) + direction;
    if (to >= 0 && to < steps.size())
        goTo(steps[to]);
}

void GuidePane::showSteps()
{
    const QList<LessonStep> steps = m_context.steps();
    const LessonStep step = m_context.progress.step;
    const qsizetype here = steps.indexOf(step);
    m_steps->showSteps(steps, step, m_context.progress.done);
    m_stack->setCurrentWidget(pageOf(step));
    const bool isFirst = here <= 0;
    const bool isLast = here + 1 >= steps.size();
    m_back->setEnabled(!isFirst);
    m_back->setText(isFirst ? tr("◂ Back") : tr("◂ %1").arg(titleOf(steps[here - 1])));
    m_back->setToolTip(isFirst ? tr("This is the first step") : tr("The step before (Alt+Left)"));
    m_next->setEnabled(!isLast);
    m_next->setText(isLast ? tr("Next ▸") : tr("%1 ▸").arg(titleOf(steps[here + 1])));
    m_next->setToolTip(isLast ? tr("This is the last step") : tr("The next step (Alt+Right)"));
    const QString state
        = tr("Step %1 of %2: %3").arg(here + 1).arg(steps.size()).arg(titleOf(step));
    if (state != accessibleDescription()) {
        setAccessibleDescription(state);
        QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&changed);
    }
}

void GuidePane::refreshPage()
{
    GuidePage* page = pageOf(m_context.progress.step);
    page->refresh();
    // What was made just now would come last in the window.
    QWidget* before = m_steps->findChildren<QToolButton*>().last();
    QList<QWidget*> order = page->widget()->findChildren<QWidget*>();
    order.append({m_back, m_next});
    for (QWidget* widget : std::as_const(order)) {
        if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisibleTo(this))
            continue;
        setTabOrder(before, widget);
        before = widget;
    }
}

void GuidePane::say(const QString& text)
{
    m_said->setText(text);
    m_said->setVisible(!text.isEmpty());
    QAccessibleEvent alert(m_said, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void GuidePane::follow(const QString& link)
{
    m_said->hide();
    const QString view = QStringLiteral("see:view/");
    if (link.startsWith(view)) {
        emit viewRequested(QUrl::fromPercentEncoding(link.mid(view.size()).toUtf8()));
        return;
    }
    if (!m_context.run)
        return say(tr("There is nothing to see yet: run the lesson first (F5)."));
    if (const std::optional<Target> target = targetOf(link, *m_context.run->recording))
        emit targetRequested(*target);
    else
        say(tr("This run has nothing of that kind (%1).").arg(link));
}

void GuidePane::keyPressEvent(QKeyEvent* event)
{
    const QList<LessonStep> steps = m_context.steps();
    const int digit = event->key() - Qt::Key_1;
    QScrollBar* bar = pageOf(m_context.progress.step)->verticalScrollBar();
    if (digit >= 0 && digit < steps.size() && !event->modifiers())
        return goTo(steps[digit]);
    switch (event->key()) {
    case Qt::Key_Up:
        return bar->triggerAction(QAbstractSlider::SliderSingleStepSub);
    case Qt::Key_Down:
        return bar->triggerAction(QAbstractSlider::SliderSingleStepAdd);
    case Qt::Key_PageUp:
        return bar->triggerAction(QAbstractSlider::SliderPageStepSub);
    case Qt::Key_PageDown:
    case Qt::Key_Space:
        return bar->triggerAction(QAbstractSlider::SliderPageStepAdd);
    default:
        QWidget::keyPressEvent(event);
    }
}

void GuidePane::paintEvent(QPaintEvent* event)
{
    QWidget::paintEvent(event);
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

void GuidePane::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void GuidePane::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

} // namespace manyhands::app
