// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lessons, a lesson's text and parameters, the live charts of its run.
#include "app/window/main_window.hpp"

#include "app/guide/lesson_text.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/guide/results_pane.hpp"
#include "app/views/budget_chart.hpp"
#include "app/views/ipc_volume.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/timeline.hpp"
#include "app/views/wording.hpp"
#include "app/window/banner.hpp"
#include "app/window/chart_panel.hpp"
#include "app/window/chart_shelf.hpp"

#include <QAction>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFontDatabase>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QPainter>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStatusBar>
#include <QStyle>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>

namespace manyhands::app {
namespace {

constexpr QSize startSize(1280, 800);
/// Every process of a run is gone by then.
constexpr std::chrono::milliseconds longestStop(2000);
constexpr int mostOutputLines = 10'000;
/// Shares of the side panes in the window's width, within bounds.
constexpr int leastListWidth = 120;
constexpr int mostListWidth = 210;
constexpr int leastGuideWidth = 220;
constexpr int mostGuideWidth = 400;

/// Lanes of processes, in the colours of their states.
QIcon drawnIcon()
{
    struct Bar
    {
        double left;
        double right;
        State state;
    };
    constexpr Bar lanes[4][2] = {{{0, 0.35, State::computing}, {0.35, 1, State::waiting_data}},
        {{0.2, 0.3, State::starting}, {0.3, 0.95, State::computing}},
        {{0.25, 0.35, State::starting}, {0.35, 0.8, State::computing}},
        {{0.3, 0.4, State::starting}, {0.4, 1, State::computing}}};
    QIcon icon;
    for (const int size : {16, 32, 64, 128}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(Theme::light().background);
        painter.drawRoundedRect(QRectF(0, 0, size, size), size / 8.0, size / 8.0);
        const double margin = size / 8.0;
        const double width = size - 2 * margin;
        const double row = width / std::size(lanes);
        double y = margin;
        for (const auto& lane : lanes) {
            for (const Bar& bar : lane) {
                const Look look = Theme::light().look(bar.state);
                const double full = row * 0.75;
                painter.setBrush(look.colour);
                painter.drawRect(QRectF(margin + bar.left * width, y + full * (1 - look.height),
                    (bar.right - bar.left) * width, full * look.height));
            }
            y += row;
        }
        icon.addPixmap(pixmap);
    }
    return icon;
}

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

} // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent)
    , m_usableCpus(this_machine().usable_cpus)
{
    setWindowTitle(tr("Manyhands"));
    setWindowIcon(drawnIcon());
    setMinimumSize(800, 560);
    makeActions();
    makeForm();
    makeCharts();
    makeLessonList();
    makeGuide();
    makeStatus();
    resize(startSize);
    connect(&m_control, &RunControl::aboutToStart, this, &MainWindow::runAboutToStart);
    connect(&m_control, &RunControl::started, this, &MainWindow::updateActions);
    connect(&m_control, &RunControl::changed, this, &MainWindow::runChanged);
    connect(&m_control, &RunControl::finished, this, &MainWindow::runFinished);
    connect(&m_control, &RunControl::failed, this, &MainWindow::runFailed);
    connect(m_form, &ParameterForm::changed, this, &MainWindow::updateActions);
    updateActions();
    updateStatus();
}

MainWindow::~MainWindow()
{
    // The charts outlive the control, a member, and hold on to its recording.
    m_control.disconnect(this);
    for (Chart* chart : std::as_const(m_charts))
        chart->clear();
}

void MainWindow::makeActions()
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    QAction* quit
        = file->addAction(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), this, &QWidget::close);
    quit->setMenuRole(QAction::QuitRole);

    QMenu* runMenu = menuBar()->addMenu(tr("&Run"));
    m_runAction = runMenu->addAction(style()->standardIcon(QStyle::SP_MediaPlay), tr("&Run"),
        QKeySequence(Qt::Key_F5), this, &MainWindow::run);
    m_runAction->setIconText(tr("Run  F5"));
    m_stopAction = runMenu->addAction(style()->standardIcon(QStyle::SP_MediaStop), tr("&Stop"),
        QKeySequence(Qt::Key_Escape), &m_control, &RunControl::stop);
    m_stopAction->setIconText(tr("Stop  Esc"));
    runMenu->addSeparator();
    m_resetAction = runMenu->addAction(tr("Reset &parameters"), this, [this] { m_form->reset(); });
    m_resetAction->setIconText(tr("Reset"));
    m_resetAction->setToolTip(tr("Set every parameter to its default"));

    auto* cpus = new QLabel(tr("usable CPUs: %1 ").arg(m_usableCpus), this);
    cpus->setAlignment(Qt::AlignVCenter | Qt::AlignRight);
    cpus->setToolTip(tr("So many processes can compute at the same moment here."));
    menuBar()->setCornerWidget(cpus);
}

void MainWindow::makeForm()
{
    m_form = new ParameterForm(this);
    m_runButton = buttonFor(m_runAction, tr("Run lesson"), m_form);
    m_form->addLeading(m_runButton);
    m_form->addLeading(buttonFor(m_stopAction, tr("Stop run"), m_form));
    m_form->addTrailing(buttonFor(m_resetAction, tr("Reset parameters"), m_form));

    auto* bar = addToolBar(tr("Parameters"));
    bar->setObjectName(QStringLiteral("parameters"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->addWidget(m_form);
}

void MainWindow::makeCharts()
{
    auto* centre = new QWidget(this);
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(2, 2, 2, 2);
    column->setSpacing(2);
    m_banner = new Banner(centre);
    column->addWidget(m_banner);
    auto* charts = new QSplitter(Qt::Vertical, centre);
    charts->setChildrenCollapsible(false);

    auto* timeline = new Timeline;
    charts->addWidget(new ChartPanel(timeline));
    m_charts.append(timeline);
    auto* lower = new ChartShelf;
    for (Chart* chart :
        std::initializer_list<Chart*>{new IpcVolume, new SpeedupChart, new BudgetChart}) {
        lower->addPanel(new ChartPanel(chart));
        m_charts.append(chart);
    }
    charts->addWidget(lower);
    charts->setStretchFactor(0, 5);
    charts->setStretchFactor(1, 5);
    column->addWidget(charts, 1);
    setCentralWidget(centre);
}

void MainWindow::makeLessonList()
{
    m_list = new QListWidget(this);
    m_list->setAccessibleName(tr("Lessons"));
    m_list->setWordWrap(true);
    m_list->setSpacing(2);
    m_list->setMinimumWidth(leastListWidth);
    connect(m_list, &QListWidget::currentRowChanged, this, &MainWindow::chooseLesson);
    auto* dock = new QDockWidget(tr("Lessons"), this);
    dock->setObjectName(QStringLiteral("lessons"));
    dock->setWidget(m_list);
    addDockWidget(Qt::LeftDockWidgetArea, dock);

    QMenu* view = menuBar()->addMenu(tr("&View"));
    view->setObjectName(QStringLiteral("view"));
    view->addAction(dock->toggleViewAction());
}

void MainWindow::makeGuide()
{
    m_text = new LessonText(this);
    m_results = new ResultsPane(this);
    m_output = new QPlainTextEdit(this);
    m_output->setReadOnly(true);
    m_output->setMaximumBlockCount(mostOutputLines);
    m_output->setAccessibleName(tr("Output of the processes"));
    m_output->setPlaceholderText(tr("What the processes print stands here."));
    m_output->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_output->setTabChangesFocus(true);
    m_after = new QTabWidget(this);
    m_after->setDocumentMode(true);
    m_after->addTab(m_results, tr("Results"));
    m_after->addTab(m_output, tr("Output"));
    auto* split = new QSplitter(Qt::Vertical, this);
    split->setChildrenCollapsible(false);
    split->addWidget(m_text);
    split->addWidget(m_after);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    split->setMinimumWidth(leastGuideWidth);
    auto* dock = new QDockWidget(tr("Guide"), this);
    dock->setObjectName(QStringLiteral("guide"));
    dock->setWidget(split);
    addDockWidget(Qt::RightDockWidgetArea, dock);
    menuBar()->findChild<QMenu*>(QStringLiteral("view"))->addAction(dock->toggleViewAction());
}

void MainWindow::makeStatus()
{
    m_status = new QLabel(this);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setAccessibleName(tr("Run status"));
    statusBar()->addWidget(m_status, 1);
}

void MainWindow::setLessons(const std::vector<ListedLesson>& lessons)
{
    const QSignalBlocker quiet(m_list);
    m_lessons = lessons;
    m_list->clear();
    int number = 0;
    for (const ListedLesson& lesson : lessons)
        m_list->addItem(tr("%1  %2").arg(++number).arg(QString::fromStdString(lesson.title)));
}

void MainWindow::openLesson(const LessonReference& reference, const LessonDescription& description)
{
    if (m_control.isRunning())
        return;
    m_lesson = reference;
    m_description = description;
    m_problem.clear();
    m_text->setLesson(description);
    m_form->setLesson(description, m_usableCpus);
    setWindowTitle(tr("%1 – Manyhands").arg(QString::fromStdString(description.title)));
    selectInList(reference);
    updateActions();
    updateBanner();
}

void MainWindow::selectInList(const LessonReference& reference)
{
    const auto found
        = std::find_if(m_lessons.begin(), m_lessons.end(), [&](const ListedLesson& lesson) {
              return lesson.reference.id == reference.id
                  && lesson.reference.program == reference.program;
          });
    const QSignalBlocker quiet(m_list);
    m_list->setCurrentRow(
        found == m_lessons.end() ? -1 : static_cast<int>(found - m_lessons.begin()));
}

void MainWindow::chooseLesson(int row)
{
    if (row < 0 || static_cast<std::size_t>(row) >= m_lessons.size())
        return;
    const ListedLesson lesson = m_lessons[static_cast<std::size_t>(row)];
    try {
        const LessonDescription description = describe_lesson(lesson.reference);
        for (Chart* chart : std::as_const(m_charts))
            chart->clear();
        m_results->showNothing(false);
        openLesson(lesson.reference, description);
    } catch (const Error& error) {
        m_problem = QString::fromUtf8(error.what());
        selectInList(m_lesson);
        updateBanner();
    }
}

void MainWindow::run()
{
    const std::optional<ParameterValues> values = m_form->values();
    if (!m_runAction->isEnabled() || !values)
        return;
    m_problem.clear();
    m_control.start(m_lesson, m_description, *values, m_seed);
}

void MainWindow::runAboutToStart()
{
    for (Chart* chart : std::as_const(m_charts))
        chart->clear();
    m_output->clear();
    m_outputShown = 0;
    m_results->showNothing(true);
}

void MainWindow::runChanged()
{
    for (Chart* chart : std::as_const(m_charts))
        chart->showRun(m_control.facts());
    appendOutput();
    updateStatus();
    updateBanner();
}

void MainWindow::runFinished()
{
    m_results->showResults(*m_control.session());
    updateActions();
    updateStatus();
    updateBanner();
}

void MainWindow::runFailed(const QString& problem)
{
    m_problem = problem;
    m_results->showNothing(false);
    updateActions();
    updateStatus();
    updateBanner();
}

void MainWindow::updateActions()
{
    const bool running = m_control.isRunning();
    QString reason;
    if (m_description.id.empty())
        reason = tr("Choose a lesson first");
    else if (running)
        reason = tr("A run is under way");
    else
        reason = m_form->problem();
    m_runAction->setEnabled(reason.isEmpty());
    m_runAction->setToolTip(reason.isEmpty() ? tr("Run the lesson (F5)") : reason);
    m_runButton->setAccessibleDescription(m_runAction->toolTip());
    m_stopAction->setEnabled(running);
    m_stopAction->setToolTip(
        running ? tr("Stop the run and keep what was measured (Esc)") : tr("Nothing is running"));
    m_list->setEnabled(!running);
    m_list->setToolTip(running ? tr("Stop the run (Esc) to choose another lesson") : QString());
    updateBanner();
}

QStringList MainWindow::messages() const
{
    QStringList messages;
    if (!m_problem.isEmpty())
        messages.append(tr("✕ %1").arg(m_problem));
    const Session* session = m_control.session();
    if (!session)
        return messages;
    if (session->document()) {
        for (const Failure& failure : session->document()->failures)
            messages.append(failureText(failure));
    }
    if (!session->problem().empty())
        messages.append(tr("✕ %1").arg(QString::fromStdString(session->problem())));
    if (const std::uint64_t dropped = session->progress().dropped; dropped > 0) {
        messages.append(tr("⚠ %1 dropped: the charts are incomplete.").arg(eventsText(dropped)));
    }
    const std::vector<std::string> marks = session->marks();
    if (std::find(marks.begin(), marks.end(), "oversubscribed") != marks.end()) {
        messages.append(
            tr("⚠ Oversubscribed: %1 share %2, so they wait for each other's turn.")
                .arg(
                    workersText(static_cast<std::uint64_t>(std::max(0, m_control.facts().workers))),
                    cpusText(static_cast<std::uint64_t>(session->machine().usable_cpus))));
    }
    if (std::find(marks.begin(), marks.end(), "busy_machine") != marks.end())
        messages.append(tr("⚠ Other programs kept this machine busy: times are too long."));
    return messages;
}

void MainWindow::updateBanner()
{
    m_banner->setMessages(messages());
}

void MainWindow::updateStatus()
{
    const Session* session = m_control.session();
    if (!session) {
        m_status->setText(tr("Ready: F5 runs the lesson"));
        return;
    }
    const Session::Progress progress = session->progress();
    QString phase;
    switch (session->state()) {
    case RunState::running:
        phase = progress.phase ? tr("▶ %1").arg(wordFor(*progress.phase)) : tr("▶ starting");
        break;
    case RunState::stopping:
        phase = tr("■ stopping");
        break;
    case RunState::done:
        phase = tr("✓ done");
        break;
    case RunState::stopped:
        phase = tr("■ stopped, partial");
        break;
    case RunState::timed_out:
        phase = tr("■ timed out, partial");
        break;
    case RunState::failed:
        phase = tr("✕ failed");
        break;
    }
    m_status->setText(
        tr("%1 · %2 · %3 alive · %4 · %5 dropped")
            .arg(phase, durationText(progress.elapsed_s),
                processesText(static_cast<std::uint64_t>(std::max(0, progress.alive))),
                eventsText(progress.events), countText(progress.dropped)));
}

void MainWindow::appendOutput()
{
    const Recording& recording = m_control.session()->recording();
    const std::vector<OutputLine>& lines = recording.output();
    if (lines.size() < m_outputShown) {
        m_output->clear();
        m_outputShown = 0;
    }
    if (lines.size() == m_outputShown)
        return;
    QStringList fresh;
    for (; m_outputShown < lines.size(); ++m_outputShown) {
        const OutputLine& line = lines[m_outputShown];
        const QString text = QString::fromStdString(line.text);
        fresh.append(line.lane < recording.lanes().size()
                ? tr("%1: %2").arg(laneName(recording, line.lane, false), text)
                : text);
    }
    m_output->appendPlainText(fresh.join(QLatin1Char('\n')));
    m_after->setTabText(1, tr("Output (%1)").arg(countText(lines.size())));
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_control.stopAndWait(longestStop);
    event->accept();
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    if (event->size().width() == event->oldSize().width())
        return;
    const auto docks = findChildren<QDockWidget*>();
    const int width = event->size().width();
    resizeDocks(docks,
        {std::clamp(width * 13 / 100, leastListWidth, mostListWidth),
            std::clamp(width * 23 / 100, leastGuideWidth, mostGuideWidth)},
        Qt::Horizontal);
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    // Its text has colours of the theme in it.
    if (event->type() == QEvent::PaletteChange && m_results && m_control.session()
        && m_control.session()->finished())
        m_results->showResults(*m_control.session());
}

} // namespace manyhands::app
