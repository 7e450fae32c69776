// SPDX-License-Identifier: GPL-3.0-or-later
// The window's making: panes, docks, what is connected with what, and what is kept of its looks.
#include "app/guide/code_pane.hpp"
#include "app/guide/guide_pane.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/guide/progress_pane.hpp"
#include "app/guide/results_pane.hpp"
#include "app/views/chart.hpp"
#include "app/views/details_pane.hpp"
#include "app/views/microscope.hpp"
#include "app/window/banner.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/export_dialog.hpp"
#include "app/window/key_overlay.hpp"
#include "app/window/main_window.hpp"
#include "app/window/measure_dialog.hpp"
#include "app/window/output_pane.hpp"
#include "app/window/pace_bar.hpp"
#include "app/window/replay_bar.hpp"
#include "app/window/report_saver.hpp"
#include "app/window/watch_cost_dialog.hpp"
#include "app/window/window_icon.hpp"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace manyhands::app {
namespace {

constexpr QSize startSize(1280, 800);
constexpr QSize leastSize(800, 560);
/// Every process of a run is gone by then.
constexpr std::chrono::milliseconds longestStop(2000);
/// Shares of the side panes in the window's width, within bounds; at the usual size of letters.
constexpr int leastListWidth = 120;
constexpr int mostListWidth = 210;
constexpr int leastGuideWidth = 220;
constexpr int mostGuideWidth = 400;
/// Of what restoreState() reads.
constexpr int stateVersion = 1;

QToolButton* buttonFor(QAction* action, const QString& accessibleName, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setAccessibleName(accessibleName);
    button->setMinimumSize(24, 28);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

/// The first widget of a pane that takes the focus; the pane itself where it does.
QWidget* focusTarget(QWidget* pane)
{
    if (pane->focusPolicy() & Qt::TabFocus)
        return pane;
    const auto takes = [](const QWidget* widget) {
        return (widget->focusPolicy() & Qt::TabFocus) && widget->isEnabled() && widget->isVisible();
    };
    const QList<QWidget*> inside = pane->findChildren<QWidget*>();
    const auto found = std::find_if(inside.begin(), inside.end(), takes);
    return found == inside.end() ? nullptr : *found;
}

} // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent)
    , m_usableCpus(this_machine().usable_cpus)
    , m_actions(new WindowActions(this))
    , m_files(new RunFiles(*m_actions, this))
    , m_reports(new ReportSaver(m_files->worker(), this))
    , m_notebook(new Notebook(Notebook::usualFolder(), this))
{
    setWindowIcon(drawnIcon());
    setMinimumSize(leastSize);
    setAcceptDrops(true);
    setDockOptions(dockOptions() | AllowNestedDocks);
    makeForm();
    makeCentre();
    makeReplay();
    makePace();
    makeLessonList();
    makeGuide();
    makeCode();
    makeProgress();
    makeStatus();
    m_measureDialog = new MeasureDialog(m_control, this);
    makeExport();
    resize(startSize);
    connectRuns();
    connectActions();
    connectCharts();
    connectGuide();
    connectHistory();
    connectReports();
    updateAll();
}

void MainWindow::makeForm()
{
    m_form = new ParameterForm(this);
    m_runButton = buttonFor(m_actions->run, tr("Run lesson"), m_form);
    m_form->addLeading(m_runButton);
    m_form->addLeading(buttonFor(m_actions->pause, tr("Pause run"), m_form));
    m_form->addLeading(buttonFor(m_actions->stop, tr("Stop run"), m_form));
    m_form->addTrailing(buttonFor(m_actions->reset, tr("Reset parameters"), m_form));
    auto* bar = addToolBar(tr("Parameters"));
    bar->setObjectName(QStringLiteral("parameters"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->addWidget(m_form);
    auto* cpus = new QLabel(tr("usable CPUs: %1 ").arg(m_usableCpus), this);
    cpus->setAlignment(Qt::AlignVCenter | Qt::AlignRight);
    cpus->setToolTip(tr("So many processes can compute at the same moment here."));
    menuBar()->setCornerWidget(cpus);
}

void MainWindow::makeCentre()
{
    auto* centre = new QWidget(this);
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(2, 2, 2, 2);
    column->setSpacing(2);
    m_banner = new Banner(centre);
    column->addWidget(m_banner);
    m_centre = new QSplitter(Qt::Vertical, centre);
    m_centre->setChildrenCollapsible(false);
    m_area = new ChartArea(*m_actions, m_centre);
    m_centre->addWidget(m_area);
    column->addWidget(m_centre, 1);
    setCentralWidget(centre);
}

void MainWindow::makeReplay()
{
    m_replay = new Replay(m_area->view(), this);
    m_replayBar = new ReplayBar(*m_replay);
    m_area->addBelowTimeline(m_replayBar);
    connect(m_replay, &Replay::moved, this, &MainWindow::showReplay);
    connect(m_replay, &Replay::changed, this, &MainWindow::replayChanged);
    const auto step = [this](Qt::Key key, int direction) {
        auto* shortcut = new QShortcut(QKeySequence(key), this);
        shortcut->setEnabled(false);
        connect(shortcut, &QShortcut::activated, this, [=, this] { m_replay->step(direction); });
        connect(m_replay, &Replay::changed, shortcut,
            [=, this] { shortcut->setEnabled(m_replay->isActive()); });
    };
    step(Qt::Key_BracketLeft, -1);
    step(Qt::Key_BracketRight, 1);
}

QDockWidget* MainWindow::addPane(
    Qt::DockWidgetArea area, const QString& name, QWidget* content, const QString& title)
{
    auto* dock = new QDockWidget(title, this);
    dock->setObjectName(name);
    dock->setWidget(content);
    addDockWidget(area, dock);
    dock->toggleViewAction()->setToolTip(tr("Show or hide the pane “%1”").arg(title));
    m_actions->panes->addAction(dock->toggleViewAction());
    m_docks.append(dock);
    return dock;
}

void MainWindow::makeLessonList()
{
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Lessons"));
    m_list->setWordWrap(true);
    m_list->setSpacing(2);
    m_list->setMinimumWidth(leastListWidth);
    connect(m_list, &QListWidget::currentRowChanged, this, &MainWindow::chooseLesson);
    addPane(Qt::LeftDockWidgetArea, QStringLiteral("lessons"), m_list, tr("Lessons"));
}

void MainWindow::makeGuide()
{
    m_guide = new GuidePane(this);
    m_results = new ResultsPane(this);
    m_output = new OutputPane(this);
    m_after = new QTabWidget(this);
    m_after->setDocumentMode(true);
    m_after->addTab(m_results, tr("Results"));
    m_after->addTab(m_output, tr("Output"));
    m_after->addTab(m_area->details(), tr("Details"));
    // Who selects something wants to know of it; who reads the results of a run does not select.
    connect(&m_area->view(), &ViewState::selectionChanged, this, [this] {
        if (m_area->view().selection().kind != Target::Kind::nothing)
            m_after->setCurrentWidget(m_area->details());
    });
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->addWidget(m_guide);
    split->addWidget(m_after);
    split->setStretchFactor(0, 5);
    split->setStretchFactor(1, 2);
    split->setSizes({500, 200});
    split->setMinimumWidth(leastGuideWidth);
    addPane(Qt::RightDockWidgetArea, QStringLiteral("guide"), split, tr("Guide"));
}

void MainWindow::makeProgress()
{
    m_progress = new ProgressPane(*m_notebook, this);
    QDockWidget* dock
        = addPane(Qt::LeftDockWidgetArea, QStringLiteral("progress"), m_progress, tr("Your work"));
    m_files->setKeptFolder(m_notebook->runsFolder());
    connect(m_progress, &ProgressPane::refreshed, this, &MainWindow::markLessons);
    // Queued: it may be in the midst of anything.
    connect(
        m_notebook, &Notebook::failed, this,
        [this, dock](const QString& problem) {
            say(problem);
            // Said once, and there to be seen as long as it holds.
            if (!m_notebook->isKept()) {
                dock->setWindowTitle(tr("Your work (not kept)"));
                dock->setToolTip(problem);
            }
        },
        Qt::QueuedConnection);
    connect(m_files, &RunFiles::notKept, this, [this](const QString& path, const QString& problem) {
        if (path == m_keptFile)
            m_keptFile.clear();
        m_notebook->runNotKept(path);
        // Where the notebook is not kept either, that was said.
        if (!std::exchange(m_saidNotKept, true) && m_notebook->isKept())
            say(tr("This run is not kept: %1").arg(problem));
    });
    connect(&m_control, &RunControl::finished, this, &MainWindow::keepRun);
}

void MainWindow::makeStatus()
{
    m_status = new QLabel(this);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setAccessibleName(tr("Run status"));
    // A long one is cut rather than making the window wider.
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    statusBar()->addWidget(m_status, 1);
}

void MainWindow::connectRuns()
{
    connect(&m_control, &RunControl::aboutToStart, this, &MainWindow::runAboutToStart);
    connect(&m_control, &RunControl::started, this, &MainWindow::updateAll);
    connect(&m_control, &RunControl::started, this, [this] {
        // The points of a sweep are what one waits for.
        if (m_control.sweep())
            m_area->bringForward(m_area->chartNamed(QStringLiteral("sweep")));
    });
    connect(&m_control, &RunControl::changed, this, &MainWindow::runChanged);
    connect(
        &m_control, &RunControl::finished, this, [this] { showFinished(m_control.finishedRun()); });
    connect(&m_control, &RunControl::failed, this, &MainWindow::runFailed);
    connect(m_form, &ParameterForm::changed, this, &MainWindow::updateActions);
    connect(m_form, &ParameterForm::changed, this, &MainWindow::showSources);
    connect(m_files, &RunFiles::opened, this, &MainWindow::showOpened);
    connect(m_files, &RunFiles::openedTogether, this, &MainWindow::showCompared);
    connect(m_files, &RunFiles::compareRequested, this, &MainWindow::compareFiles);
    connect(m_files, &RunFiles::failed, this, &MainWindow::say);
    connect(m_files, &RunFiles::progressChanged, this, &MainWindow::updateStatus);
    connect(m_files, &RunFiles::saved, this, [this](const QString& path) {
        m_file = path;
        updateAll();
    });
    connect(m_measureDialog, &MeasureDialog::sweepRequested, this,
        [this](
            const std::string& parameter, const std::vector<ParameterValue>& values, int repeats) {
            QString problem;
            std::optional<RunOrder> wanted = order(problem);
            if (!wanted)
                return say(problem);
            m_problem.clear();
            wanted->repeats = repeats;
            m_control.startSweep(*wanted, parameter, values);
        });
}

void MainWindow::connectActions()
{
    const auto on
        = [this](QAction* action, auto what) { connect(action, &QAction::triggered, this, what); };
    on(m_actions->quit, &QWidget::close);
    on(m_actions->watch, &MainWindow::askWhatToWatch);
    on(m_actions->run, &MainWindow::askOrRun);
    on(m_actions->measure, &MainWindow::measure);
    on(m_actions->sweep, [this] {
        m_measureDialog->show();
        m_measureDialog->raise();
        m_measureDialog->activateWindow();
    });
    on(m_actions->pause, [this] {
        m_control.setPaused(!m_control.isPaused());
        updateAll();
    });
    on(m_actions->stop, [this] {
        if (m_watchCost && m_watchCost->cost().isRunning())
            m_watchCost->cost().stop();
        m_control.stop();
    });
    on(m_actions->replay, &MainWindow::toggleReplay);
    on(m_actions->watchSlowly, &MainWindow::toggleReplay);
    on(m_actions->watchCost, &MainWindow::showWatchCost);
    on(m_actions->reset, [this] { m_form->reset(); });
    on(m_actions->fit, [this] { m_area->view().fit(); });
    on(m_actions->previousView, [this] { m_area->view().back(); });
    on(m_actions->maximize, [this] { m_area->toggleMaximized(m_area->currentChart()); });
    on(m_actions->back, &MainWindow::goBack);
    on(m_actions->nextPane, [this] { movePane(1); });
    on(m_actions->previousPane, [this] { movePane(-1); });
    on(m_actions->larger, [this] { m_appearance.step(1); });
    on(m_actions->smaller, [this] { m_appearance.step(-1); });
    on(m_actions->usualSize, [this] { m_appearance.setPercent(100); });
    on(m_actions->keys, [this] {
        if (m_keys)
            m_keys->close();
        else
            m_keys = showKeys(*m_actions, this);
    });
    connect(m_actions->colours, &QActionGroup::triggered, this, [this](const QAction* action) {
        m_appearance.setColours(static_cast<Colours>(action->data().toInt()));
    });
    const auto checkColours = [this] {
        for (QAction* action : m_actions->colours->actions())
            action->setChecked(action->data().toInt() == static_cast<int>(m_appearance.colours()));
    };
    connect(&m_appearance, &Appearance::changed, this, checkColours);
    connect(&m_appearance, &Appearance::changed, this, [this] {
        // Each has taken a font of its own for its title.
        for (QDockWidget* dock : std::as_const(m_docks))
            dock->setFont(QApplication::font());
    });
    checkColours();
}

void MainWindow::connectCharts()
{
    connect(m_area, &ChartArea::maximizedChanged, this, [this] {
        if (m_area->isMaximized()) {
            for (QDockWidget* dock : std::as_const(m_docks)) {
                if (!dock->isHidden()) {
                    dock->hide();
                    m_docksAway.append(dock);
                }
            }
        } else {
            for (QDockWidget* dock : std::as_const(m_docksAway))
                dock->show();
            m_docksAway.clear();
        }
        placeMicroscope();
        updateActions();
    });
    connect(m_area, &ChartArea::emptyActionRequested, this, [this](Chart::EmptyAction action) {
        if (action == Chart::EmptyAction::measure)
            m_actions->sweep->trigger();
        else
            askOrRun();
    });
    const auto listCharts = [this] {
        m_actions->charts->clear();
        for (Chart* chart : m_area->charts()) {
            QAction* action = m_actions->charts->addAction(
                chart->title(), this, [this, chart] { m_area->showChart(chart); });
            action->setToolTip(tr("Go to the chart “%1”").arg(chart->title()));
        }
    };
    connect(m_area, &ChartArea::chartsChanged, this, listCharts);
    listCharts();
    connect(&m_area->view(), &ViewState::visibleChanged, this, &MainWindow::updateActions);
    connect(&m_area->view(), &ViewState::selectionChanged, this, &MainWindow::updateActions);
}

void MainWindow::movePane(int direction)
{
    QList<QWidget*> panes = {m_list, m_progress, m_form};
    if (m_banner->isVisible())
        panes.append(m_banner);
    panes.append(m_microscope);
    for (QWidget* chart : m_area->shownCharts()) {
        panes.append(chart);
        if (chart == m_area->charts().first() && m_replay->isActive())
            panes.append(m_replayBar);
        if (chart == m_area->charts().first())
            panes.append(m_paceBar);
    }
    panes.append({m_guide, m_after, m_code});
    // A pane under another's tab is visible to Qt, and not to anybody else.
    panes.removeIf([](QWidget* pane) {
        return !pane->isVisible() || pane->visibleRegion().isEmpty() || !focusTarget(pane);
    });
    if (panes.isEmpty())
        return;
    const QWidget* focus = QApplication::focusWidget();
    const auto here = std::find_if(panes.begin(), panes.end(),
        [&](const QWidget* pane) { return focus && (pane == focus || pane->isAncestorOf(focus)); });
    qsizetype next = 0;
    if (here != panes.end())
        next = (here - panes.begin() + direction + panes.size()) % panes.size();
    focusTarget(panes[next])->setFocus(Qt::TabFocusReason);
}

void MainWindow::showWatchCost()
{
    if (!m_watchCost) {
        m_watchCost = new WatchCostDialog(
            m_control, [this](QString& problem) { return order(problem); }, this);
        connect(&m_watchCost->cost(), &WatchCost::changed, this, &MainWindow::updateAll);
    }
    m_watchCost->show();
    m_watchCost->raise();
    m_watchCost->activateWindow();
}

void MainWindow::setSettings(QSettings& settings)
{
    m_settings = &settings;
    const int colours = settings.value(QStringLiteral("colours")).toInt();
    if (colours >= 0 && colours < allColours().size())
        m_appearance.setColours(static_cast<Colours>(colours));
    m_appearance.setPercent(settings.value(QStringLiteral("percent"), 100).toInt());
    m_measureDialog->setRepeats(
        settings.value(QStringLiteral("repeats"), MeasureDialog::usualRepeats).toInt());
    m_exportDialog->setRemembered(settings.value(QStringLiteral("export")).toString());
    m_files->setRecent(settings.value(QStringLiteral("recent")).toStringList());
    restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
    m_arranged = restoreState(settings.value(QStringLiteral("panes")).toByteArray(), stateVersion);
    updateAll();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_watchCost)
        m_watchCost->cost().stop();
    m_guide->tellAll();
    m_control.stopAndWait(longestStop);
    if (m_settings) {
        m_area->restore();
        m_settings->setValue(QStringLiteral("colours"), static_cast<int>(m_appearance.colours()));
        m_settings->setValue(QStringLiteral("percent"), m_appearance.percent());
        m_settings->setValue(QStringLiteral("repeats"), m_measureDialog->repeats());
        m_settings->setValue(QStringLiteral("export"), m_exportDialog->remembered());
        m_settings->setValue(QStringLiteral("recent"), m_files->recent());
        m_settings->setValue(QStringLiteral("geometry"), saveGeometry());
        m_settings->setValue(QStringLiteral("panes"), saveState(stateVersion));
    }
    event->accept();
}

bool MainWindow::event(QEvent* event)
{
    // The handles between the panes are the window's own.
    if (event->type() == QEvent::MouseButtonPress)
        m_arranged = true;
    return QMainWindow::event(event);
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        arrangePanes();
}

void MainWindow::arrangePanes()
{
    if (m_arranged || m_docks.size() < 2)
        return;
    const int percent = m_appearance.percent();
    const int guideWidth
        = std::clamp(width() * 23 / 100, leastGuideWidth, mostGuideWidth * percent / 100);
    // Lines of code are longer than lines of text.
    const int codeWidth = std::max(guideWidth, width() * 38 / 100);
    resizeDocks({m_docks[0], m_codeInFront ? m_codeDock : m_docks[1]},
        {std::clamp(width() * 13 / 100, leastListWidth, mostListWidth * percent / 100),
            m_codeInFront ? codeWidth : guideWidth},
        Qt::Horizontal);
    // A run takes more lines than a lesson.
    resizeDocks({m_docks[0], findChild<QDockWidget*>(QStringLiteral("progress"))},
        {height() * 2 / 5, height() * 3 / 5}, Qt::Vertical);
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    // Its text has colours of the theme in it.
    if (event->type() == QEvent::PaletteChange && m_results && m_shown)
        m_results->showResults(*m_shown);
    if (event->type() == QEvent::PaletteChange && m_actions)
        m_actions->drawSigns(palette());
}

} // namespace manyhands::app
