// SPDX-License-Identifier: GPL-3.0-or-later
// The window's way to look closely: the pace of a run, the microscope, the code beside it.
#include "app/guide/code_pane.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/views/microscope.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/main_window.hpp"
#include "app/window/pace_bar.hpp"

#include <QAction>
#include <QDockWidget>
#include <QSplitter>

namespace manyhands::app {

void MainWindow::makePace()
{
    m_paceChoice = new PaceChoice(m_control, m_form);
    m_form->addLeading(m_paceChoice);
    m_paceBar = new PaceBar(m_control, m_actions->stepAll, m_actions->letRun);
    m_area->addBelowTimeline(m_paceBar);
    m_microscope = new Microscope(m_centre);
    m_centre->insertWidget(0, m_microscope);
    m_centre->setStretchFactor(0, 2);
    m_centre->setStretchFactor(1, 1);
    m_microscope->hide();
    connect(m_microscope, &Microscope::stepRequested, this,
        [this](auto lane) { m_control.step(lane); });
    connect(m_microscope, &Microscope::letRunRequested, m_actions->letRun, &QAction::trigger);
    connect(
        m_actions->slowMotion, &QAction::triggered, this, [this] { togglePace(Pace::Kind::slow); });
    connect(m_actions->stepByStep, &QAction::triggered, this,
        [this] { togglePace(Pace::Kind::stepped); });
    connect(m_actions->stepAll, &QAction::triggered, this, [this] { m_control.stepAll(); });
    connect(m_actions->letRun, &QAction::triggered, this, [this] {
        Pace pace = m_control.pace();
        pace.kind = Pace::Kind::free;
        m_control.setPace(pace);
    });
    connect(&m_control, &RunControl::paceChanged, this, &MainWindow::updateAll);
    connect(&m_control, &RunControl::started, this, [this] {
        const SessionOptions& options = m_control.session()->options();
        showSources();
        if (m_control.takesPace())
            setUpMicroscope(options.description, options.parameters, options.seed);
        if (m_underMicroscope)
            m_microscope->setFocus(Qt::OtherFocusReason);
    });
}

void MainWindow::makeCode()
{
    m_code = new CodePane(&m_area->view(), this);
    m_codeDock = addPane(Qt::RightDockWidgetArea, QStringLiteral("code"), m_code, tr("Code"));
    tabifyDockWidget(m_docks[1], m_codeDock);
    m_docks[1]->raise();
    connect(m_codeDock, &QDockWidget::visibilityChanged, this, [this](bool visible) {
        m_codeInFront = visible;
        arrangePanes();
    });
    connect(m_actions->code, &QAction::triggered, this, &MainWindow::showCode);
}

void MainWindow::showCode()
{
    m_codeDock->show();
    m_codeDock->raise();
    m_code->focusSource();
}

void MainWindow::showSources()
{
    const LessonDescription& lesson = m_shown ? m_shown->description : m_description;
    const std::optional<ParameterValues> values
        = m_shown ? std::optional(m_shown->parameters) : m_form->values();
    if (!lesson.id.empty() && values)
        m_code->setLesson(lesson, *values);
}

void MainWindow::showFacts(const RunFacts& facts)
{
    m_area->showRun(facts);
    m_code->showRun(facts);
    if (m_underMicroscope) {
        const bool canStep = facts.running && m_control.takesPace()
            && m_control.pace().kind == Pace::Kind::stepped
            && m_control.session()->state() == RunState::running;
        m_microscope->showRun(facts, canStep);
    }
    m_paceBar->showRun(m_underMicroscope);
}

void MainWindow::setUpMicroscope(
    const LessonDescription& lesson, const ParameterValues& values, std::uint64_t seed)
{
    const std::vector<std::string>& when = lesson.guide.held_when;
    m_underMicroscope = !when.empty() && lesson.holds(when, values);
    if (m_underMicroscope)
        m_microscope->begin(values, seed);
    m_area->setShelfAway(m_underMicroscope);
    placeMicroscope();
}

void MainWindow::takeMicroscopeAway()
{
    if (!m_underMicroscope)
        return;
    m_underMicroscope = false;
    m_microscope->clear();
    m_area->setShelfAway(false);
    placeMicroscope();
}

void MainWindow::placeMicroscope()
{
    const bool shown = m_underMicroscope && !m_area->isMaximized();
    if (m_microscope->isVisibleTo(this) == shown)
        return;
    m_microscope->setVisible(shown);
    if (shown)
        m_centre->setSizes({m_centre->height() * 2 / 3, m_centre->height() / 3});
}

void MainWindow::togglePace(Pace::Kind kind)
{
    Pace pace = m_control.pace();
    pace.kind = pace.kind == kind ? Pace::Kind::free : kind;
    m_control.setPace(pace);
}

void MainWindow::updatePace()
{
    const auto allow = &WindowActions::allow;
    QString reason;
    if (m_description.id.empty())
        reason = tr("Choose a lesson first");
    else if (!m_description.guide.gates)
        reason = tr("This lesson has no gates at which its processes could be held");
    else if (m_control.isRunning() && !m_control.takesPace())
        reason = tr("What is measured runs at full speed");
    m_paceChoice->allow(reason);
    allow(m_actions->slowMotion, reason);
    allow(m_actions->stepByStep, reason);
    const Pace::Kind kind = m_control.pace().kind;
    m_actions->slowMotion->setChecked(reason.isEmpty() && kind == Pace::Kind::slow);
    m_actions->stepByStep->setChecked(reason.isEmpty() && kind == Pace::Kind::stepped);
    const bool running = m_control.takesPace();
    allow(m_actions->stepAll,
        !reason.isEmpty() ? reason
            : !running || kind != Pace::Kind::stepped
            ? tr("No process is held: run it step by step")
            : QString());
    allow(m_actions->letRun,
        !reason.isEmpty()                          ? reason
            : !running || kind == Pace::Kind::free ? tr("Nothing is held or slowed down")
                                                   : QString());
    m_paceBar->showRun(m_underMicroscope);
}

} // namespace manyhands::app
