// SPDX-License-Identifier: GPL-3.0-or-later
// How fast a run goes where its lesson has gates: the choice, and the bar of who is held.
#include "app/window/pace_bar.hpp"

#include "app/guide/flow_layout.hpp"
#include "app/views/wording.hpp"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QToolButton>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr double speeds[] = {1, 2, 5, 10, 50};
constexpr QLatin1String stepPrefix("before ");

QString slowText(double stepsPerSecond)
{
    return stepsPerSecond == 1
        ? PaceBar::tr("1 step a second")
        : PaceBar::tr("%1 steps a second").arg(QLocale().toString(stepsPerSecond));
}

} // namespace

PaceChoice::PaceChoice(RunControl& control, QWidget* parent)
    : QComboBox(parent)
    , m_control(control)
{
    setAccessibleName(tr("Pace of the run"));
    setMinimumHeight(28); // as the buttons beside it
    addItem(tr("Full speed"));
    for (const double speed : speeds)
        addItem(slowText(speed), speed);
    addItem(tr("Step by step"));
    connect(this, &QComboBox::activated, this, [this](int index) {
        Pace pace = m_control.pace();
        if (index == 0) {
            pace.kind = Pace::Kind::free;
        } else if (index == count() - 1) {
            pace.kind = Pace::Kind::stepped;
        } else {
            pace.kind = Pace::Kind::slow;
            pace.stepsPerSecond = itemData(index).toDouble();
        }
        m_control.setPace(pace);
    });
    connect(&m_control, &RunControl::paceChanged, this, &PaceChoice::showPace);
}

void PaceChoice::showPace()
{
    const Pace pace = m_control.pace();
    const QSignalBlocker quiet(this);
    setCurrentIndex(pace.kind == Pace::Kind::free ? 0
            : pace.kind == Pace::Kind::stepped    ? count() - 1
                                                  : findData(pace.stepsPerSecond));
}

void PaceChoice::allow(const QString& reason)
{
    setEnabled(reason.isEmpty());
    setToolTip(reason.isEmpty()
            ? tr("How fast the processes pass the lesson's gates. What does not run at full speed "
                 "is not for measuring.")
            : reason);
    showPace();
}

PaceBar::PaceBar(RunControl& control, QAction* stepAll, QAction* letRun, QWidget* parent)
    : QFrame(parent)
    , m_control(control)
    , m_word(new QLabel(this))
    , m_row(new QWidget(this))
{
    setFrameShape(QFrame::StyledPanel);
    setAccessibleName(tr("Pace"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(6, 1, 6, 1);
    row->setSpacing(4);
    QFont bold = m_word->font();
    bold.setBold(true);
    m_word->setFont(bold);
    row->addWidget(m_word);
    auto* flow = new FlowLayout(m_row);
    flow->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_row, 1);
    for (QAction* action : {stepAll, letRun}) {
        auto* button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setMinimumSize(24, 24);
        button->setFocusPolicy(Qt::StrongFocus);
        row->addWidget(button);
    }
    // Before the run that the lanes are of is gone.
    connect(&m_control, &RunControl::aboutToStart, this, &PaceBar::forget);
    hide();
}

void PaceBar::forget()
{
    for (const Step& step : std::as_const(m_steps))
        step.button->deleteLater();
    m_steps.clear();
}

QToolButton* PaceBar::buttonOf(std::uint32_t lane)
{
    const auto at = std::lower_bound(m_steps.begin(), m_steps.end(), lane,
        [](const Step& step, std::uint32_t wanted) { return step.lane < wanted; });
    if (at != m_steps.end() && at->lane == lane)
        return at->button;
    auto* button = new QToolButton(m_row);
    button->setMinimumSize(24, 24);
    button->setFocusPolicy(Qt::StrongFocus);
    connect(button, &QToolButton::clicked, this, [this, lane] { m_control.step(lane); });
    m_steps.insert(at, {lane, button});
    // All of them again: the layout has them in the order of their coming.
    for (const Step& step : std::as_const(m_steps)) {
        m_row->layout()->removeWidget(step.button);
        m_row->layout()->addWidget(step.button);
    }
    return button;
}

void PaceBar::showRun(bool elsewhere)
{
    const Pace pace = m_control.pace();
    const bool shown = m_control.takesPace() && pace.kind != Pace::Kind::free && !elsewhere;
    setVisible(shown);
    if (!shown)
        return;
    const bool stepped = pace.kind == Pace::Kind::stepped;
    m_word->setText(
        stepped ? tr("STEP BY STEP") : tr("SLOW MOTION: %1").arg(slowText(pace.stepsPerSecond)));
    m_row->setVisible(stepped);
    const Recording& run = m_control.session()->recording();
    const std::vector<Session::HeldLane> held = m_control.held();
    for (const Session::HeldLane& one : held)
        buttonOf(one.lane);
    for (qsizetype i = 0; i < m_steps.size(); ++i) {
        const std::uint32_t lane = m_steps[i].lane;
        QToolButton* button = m_steps[i].button;
        const auto at = std::find_if(held.begin(), held.end(),
            [&](const Session::HeldLane& one) { return one.lane == lane; });
        QString state = run.lanes()[lane].ended() ? tr("has ended") : tr("runs …");
        if (at != held.end()) {
            state = at->gate < run.gates().size() ? QString::fromStdString(run.gates()[at->gate])
                                                  : tr("a gate");
            if (state.startsWith(stepPrefix))
                state.remove(0, stepPrefix.size());
        }
        const QString name = tr("P%1").arg(lane);
        button->setText(
            i < 9 ? tr("%1: %2 (%3)").arg(name, state).arg(i + 1) : tr("%1: %2").arg(name, state));
        const QString tip
            = tr("Step: let %1 go on to its next gate").arg(laneName(run, lane, true));
        button->setToolTip(tip);
        button->setAccessibleName(tr("%1, now: %2").arg(tip, state));
        button->setEnabled(!run.lanes()[lane].ended());
    }
}

void PaceBar::step(qsizetype number)
{
    if (number >= 0 && number < m_steps.size())
        m_control.step(m_steps[number].lane);
}

QString PaceBar::textOf(qsizetype number) const
{
    return m_steps.value(number).button ? m_steps[number].button->text() : QString();
}

void PaceBar::keyPressEvent(QKeyEvent* event)
{
    const int digit = event->key() - Qt::Key_0;
    if (digit >= 1 && digit <= 9 && !(event->modifiers() & ~Qt::KeypadModifier))
        step(digit - 1);
    else
        QFrame::keyPressEvent(event);
}

} // namespace manyhands::app
