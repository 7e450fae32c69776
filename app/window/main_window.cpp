// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lessons, a lesson's text and parameters, the charts of its run or of a saved one.
#include "app/window/main_window.hpp"

#include "app/guide/code_pane.hpp"
#include "app/guide/guide_pane.hpp"
#include "app/guide/parameter_form.hpp"
#include "app/guide/progress_pane.hpp"
#include "app/guide/results_pane.hpp"
#include "app/views/chart.hpp"
#include "app/views/microscope.hpp"
#include "app/views/wording.hpp"
#include "app/window/banner.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/compare_window.hpp"
#include "app/window/export_dialog.hpp"
#include "app/window/measure_dialog.hpp"
#include "app/window/output_pane.hpp"
#include "app/window/replay_bar.hpp"
#include "app/window/report_saver.hpp"
#include "app/window/run_words.hpp"
#include "app/window/watch_cost_dialog.hpp"

#include <QAction>
#include <QDockWidget>
#include <QFileInfo>
#include <QLabel>
#include <QListWidget>
#include <QTabWidget>

#include <algorithm>

namespace manyhands::app {
namespace {

/// What is over sooner is too fast to be seen.
constexpr double watchableS = 1;
/// Adding the budget up walks all spans.
constexpr qint64 budgetIntervalMs = 250;

double wallOf(const FinishedRun& run)
{
    return run.shown_repeat < run.repeats.size() ? run.repeats[run.shown_repeat].wall_s : 0;
}

/// What a run is called in a comparison: by its name in the history or its time, else its file.
QString nameForComparing(const QFileInfo& file, const QList<HistoryRun>& kept)
{
    const auto found = std::find_if(kept.begin(), kept.end(),
        [&](const HistoryRun& one) { return QFileInfo(one.run.file) == file; });
    if (found == kept.end())
        return file.fileName();
    const KeptRun& run = found->run;
    return run.name.isEmpty()
        ? QLocale().toString(run.time.toLocalTime(), QStringLiteral("yyyy-MM-dd HH:mm:ss"))
        : run.name;
}

} // namespace

MainWindow::~MainWindow()
{
    // The charts outlive the control, a member, and hold on to its recording.
    m_control.disconnect(this);
    m_codeDock->disconnect(this);
    m_code->clear();
    m_replay->disconnect(this);
    m_replay->end();
    m_area->clear();
}

const QList<Chart*>& MainWindow::charts() const
{
    return m_area->charts();
}

void MainWindow::setLessons(const std::vector<ListedLesson>& lessons)
{
    const QSignalBlocker quiet(m_list);
    m_lessons = lessons;
    m_list->clear();
    for (std::size_t i = 0; i < lessons.size(); ++i)
        m_list->addItem(QString());
    markLessons();
}

void MainWindow::markLessons()
{
    int row = 0;
    for (const ListedLesson& lesson : m_lessons) {
        const QString title = QString::fromStdString(lesson.title);
        const LessonProgress progress
            = m_progress->progressOf(QString::fromStdString(lesson.reference.id));
        QListWidgetItem* item = m_list->item(row++);
        item->setText(tr("%1 %2 %3").arg(row).arg(signOf(progress), title));
        item->setData(
            Qt::AccessibleTextRole, tr("%1 %2, %3").arg(row).arg(title, wordFor(progress)));
        item->setToolTip(tr("%1: %2").arg(title, wordFor(progress)));
    }
}

void MainWindow::openLesson(const LessonReference& reference, const LessonDescription& description)
{
    if (m_control.isRunning())
        return;
    m_watched.reset();
    m_lesson = reference;
    m_description = description;
    m_problem.clear();
    notice({});
    m_unknownLesson.clear();
    m_area->setLesson(description);
    guideThrough(description);
    m_form->setEnabled(true);
    m_form->setLesson(description, m_usableCpus);
    m_measureDialog->setLesson(description, m_usableCpus);
    m_progress->setLesson(description);
    selectInList(reference);
    showSources();
    updateAll();
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
        runAboutToStart();
        m_results->showNothing(false);
        openLesson(lesson.reference, description);
    } catch (const Error& error) {
        m_problem = QString::fromUtf8(error.what());
        selectInList(m_lesson);
        updateBanner();
    }
}

std::optional<RunOrder> MainWindow::order(QString& problem) const
{
    problem = whyNotRun();
    const std::optional<ParameterValues> values = m_form->values();
    if (!problem.isEmpty() || !values)
        return std::nullopt;
    return RunOrder{m_lesson, m_description, *values, m_seed, std::nullopt, m_watched};
}

void MainWindow::run()
{
    QString problem;
    if (const std::optional<RunOrder> wanted = order(problem)) {
        m_problem.clear();
        m_control.start(*wanted);
    }
}

void MainWindow::measure()
{
    QString problem;
    if (std::optional<RunOrder> wanted = order(problem); wanted && !m_watched) {
        m_problem.clear();
        wanted->repeats = m_measureDialog->repeats();
        m_control.start(*wanted);
    }
}

void MainWindow::openFiles(const QStringList& paths)
{
    if (paths.isEmpty())
        return;
    for (auto path = paths.rbegin(); path != paths.rend(); ++path)
        m_files->offer(*path);
    m_files->open(paths.first());
}

void MainWindow::compareFiles(const QStringList& paths)
{
    if (paths.size() < static_cast<qsizetype>(fewest_compared)
        || paths.size() > static_cast<qsizetype>(most_compared)) {
        say(paths.size() == 1
                ? tr("One run cannot be compared (allowed: two to four files)")
                : tr("%1 runs cannot be compared at once (allowed: two to four files)")
                      .arg(paths.size()));
        return;
    }
    if (m_control.isRunning()) {
        say(tr("A run is under way; stop it (Esc), then choose the files to compare again"));
        return;
    }
    m_files->openTogether(paths);
}

void MainWindow::showCompared(
    const std::vector<std::shared_ptr<const FinishedRun>>& runs, const QStringList& paths)
{
    m_problem.clear();
    updateBanner();
    const QList<HistoryRun> kept = m_notebook->history().runs();
    std::vector<ComparedRun> compared;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const QFileInfo file(paths[static_cast<qsizetype>(i)]);
        compared.push_back({.name = nameForComparing(file, kept).toStdString(),
            .run = runs[i],
            .path = file.canonicalFilePath().toStdString()});
    }
    try {
        CompareWindow* window = openCompareWindow(comparedRuns(compared), this);
        connect(window, &CompareWindow::reportRequested, this,
            [this, window, paths] { saveComparisonReport(window->runs(), paths); });
    } catch (const Error& error) {
        say(QString::fromStdString(error.what()));
    }
}

void MainWindow::showOpened(std::shared_ptr<const FinishedRun> run, const QString& path)
{
    if (m_control.isRunning()) {
        say(tr("%1: a run is under way; stop it (Esc), then choose the file in File > Open recent")
                .arg(path));
        return;
    }
    runAboutToStart();
    m_problem.clear();
    // A trace of another program belongs to no lesson: the one that is open stays.
    if (!run->foreign) {
        adoptLessonOf(*run);
        m_notebook->runOpened(QString::fromStdString(run->description.id), path);
    }
    m_file = path;
    showFinished(std::move(run));
}

void MainWindow::adoptLessonOf(const FinishedRun& run)
{
    const auto found = std::find_if(m_lessons.begin(), m_lessons.end(),
        [&](const ListedLesson& lesson) { return lesson.reference.id == run.description.id; });
    m_unknownLesson.clear();
    m_watched.reset();
    m_lesson = {};
    m_description = run.description;
    if (run.description.id == watched_id) {
        // What a file says is never run.
        m_unknownLesson = tr("A watched program is not started from a file: File > Watch a "
                             "program… runs it again");
    } else if (found == m_lessons.end()) {
        m_unknownLesson = tr("This file's lesson, %1, is not one of those here: choose another")
                              .arg(QString::fromStdString(run.description.id));
    } else {
        try {
            m_description = describe_lesson(found->reference);
            m_lesson = found->reference;
        } catch (const Error& error) {
            m_unknownLesson = QString::fromUtf8(error.what());
        }
    }
    // The text that was there when the run was made.
    m_area->setLesson(run.description);
    guideThrough(run.description);
    m_form->setLesson(m_description, m_usableCpus);
    m_form->setValues(run.parameters);
    m_form->setEnabled(m_unknownLesson.isEmpty());
    m_measureDialog->setLesson(m_description, m_usableCpus);
    m_progress->setLesson(m_description);
    m_seed = run.seed;
    selectInList(m_lesson);
}

void MainWindow::runAboutToStart()
{
    m_replay->end();
    m_shown.reset();
    m_guide->setRun(nullptr);
    m_file.clear();
    m_keptFile.clear();
    m_exported.clear();
    m_facts = {};
    m_code->clear();
    takeMicroscopeAway();
    m_area->clear();
    m_output->forget();
    m_after->setTabText(1, tr("Output"));
    m_results->showNothing(true);
    m_files->setRun(nullptr, {});
    m_exportDialog->sourceChanged();
    m_files->setSwept(nullptr);
}

void MainWindow::runChanged()
{
    showFacts(m_control.facts());
    m_output->showRun(m_control.session()->recording());
    m_after->setTabText(1, tr("Output (%1)").arg(countText(m_output->lines())));
    updateStatus();
    updateBanner();
}

void MainWindow::keepRun()
{
    const std::shared_ptr<const FinishedRun> run = m_control.finishedRun();
    const QString path = m_notebook->newRunPath(QString::fromStdString(run->description.id));
    m_files->keep(run, path);
    m_keptFile = path;
    m_notebook->runFinished(*run, path);
}

void MainWindow::showFinished(std::shared_ptr<const FinishedRun> run)
{
    m_shown = std::move(run);
    m_facts = factsOf(*m_shown);
    const bool observed = m_shown == m_control.finishedRun();
    if (observed) {
        m_facts.points = m_control.facts().points;
        m_facts.swept = m_control.facts().swept;
    } else if (const auto point = pointOf(*m_shown); point && m_shown->repeats.size() > 1)
        m_facts.points = {*point};
    showSources();
    if (!observed)
        setUpMicroscope(m_shown->description, m_shown->parameters, m_shown->seed);
    showFacts(m_facts);
    if (m_shown->document)
        m_microscope->showResult(m_shown->description, *m_shown->document);
    m_output->showRun(*m_shown->recording);
    m_after->setTabText(1, tr("Output (%1)").arg(countText(m_output->lines())));
    m_results->showResults(*m_shown);
    m_guide->setRun(m_shown->foreign ? nullptr : m_shown);
    showFindings();
    m_files->setRun(m_shown, QString::fromStdString(m_shown->description.id));
    m_files->setSwept(m_facts.swept);
    updateAll();
    m_exportDialog->sourceChanged();
}

void MainWindow::runFailed(const QString& problem)
{
    m_results->showNothing(false);
    say(problem);
    updateAll();
}

void MainWindow::say(const QString& problem)
{
    m_problem = problem;
    updateBanner();
}

void MainWindow::toggleReplay()
{
    if (m_replay->isActive()) {
        m_replay->end();
    } else if (m_shown) {
        m_replay->begin(*m_shown->recording);
        m_replay->play();
        m_replayBar->focusPlay();
    }
    updateActions();
}

void MainWindow::showReplay()
{
    RunFacts facts = m_facts;
    facts.untilNs = m_replay->untilNs();
    if (!m_sinceReplayBudget.isValid() || m_sinceReplayBudget.elapsed() >= budgetIntervalMs
        || !m_replay->isPlaying()) {
        Interval interval = facts.recording->shown_interval();
        interval.end_ns = std::clamp(*facts.untilNs, interval.begin_ns, interval.end_ns);
        m_replayBudget = time_budget(*facts.recording, interval);
        m_sinceReplayBudget.start();
    }
    facts.budget = m_replayBudget;
    // What came out at the end is not known yet.
    if (*facts.untilNs < facts.recording->shown_interval().end_ns) {
        facts.finalSpeedup.reset();
        facts.document = nullptr;
    }
    showFacts(facts);
}

void MainWindow::replayChanged()
{
    m_area->setMark(m_replay->isActive() ? tr("REPLAY") : QString());
    if (!m_replay->isActive() && m_shown)
        showFacts(m_facts);
    updateAll();
}

void MainWindow::goBack()
{
    if (m_area->isMaximized())
        m_area->restore();
    else if (m_replay->isActive())
        m_replay->end();
    else
        m_area->view().select({});
}

QString MainWindow::whyNotRun() const
{
    if (!m_unknownLesson.isEmpty())
        return m_unknownLesson;
    if (m_description.id.empty())
        return tr("Choose a lesson first");
    if (m_control.isRunning())
        return tr("A run is under way");
    if (m_watchCost && m_watchCost->cost().isRunning())
        return tr("The cost of watching is being measured");
    return m_form->problem();
}

void MainWindow::updateAll()
{
    updateActions();
    updatePredictions();
    updateStatus();
    updateTitle();
}

void MainWindow::updateActions()
{
    const auto allow = &WindowActions::allow;
    const bool running = m_control.isRunning();
    const QString reason = whyNotRun();
    allow(m_actions->run, reason);
    for (QAction* action : {m_actions->measure, m_actions->sweep, m_actions->watchCost})
        allow(action, action == m_actions->measure || m_watched ? whyNotMeasure() : QString());
    allow(m_actions->watch, running ? tr("Stop the run (Esc) first") : QString());
    m_runButton->setAccessibleDescription(m_actions->run->toolTip());
    m_guide->setRunning(running);
    m_guide->setWhyNotRun(reason);
    m_guide->setValues(m_form->values());
    allow(m_actions->stop, running ? QString() : tr("Nothing is running"));
    allow(m_actions->pause, running ? QString() : tr("Nothing is running"));
    m_actions->pause->setChecked(m_control.isPaused());
    allow(m_actions->open, running ? tr("Stop the run (Esc) first") : QString());
    allow(m_actions->replay, m_shown ? QString() : tr("There is no finished run to watch again"));
    m_actions->replay->setChecked(m_replay->isActive());
    allow(m_actions->reset, m_form->isEnabled() ? QString() : m_unknownLesson);
    const bool haveRun = m_shown || running;
    allow(m_actions->fit, haveRun ? QString() : tr("There is no run to show"));
    allow(m_actions->previousView,
        m_area->view().canGoBack() ? QString() : tr("Nothing else was shown before"));
    m_actions->maximize->setChecked(m_area->isMaximized());
    const bool selected = m_area->view().selection().kind != Target::Kind::nothing;
    const bool canGoBack = m_area->isMaximized() || m_replay->isActive() || selected;
    // Stop has the same key.
    allow(m_actions->back,
        canGoBack && !running ? QString() : tr("There is nothing to go back from"));
    updatePace();
    updateExport();
    updateReportActions();
    m_list->setEnabled(!running);
    m_list->setToolTip(running ? tr("Stop the run (Esc) to choose another lesson") : QString());
    updateBanner();
}

QStringList MainWindow::messages() const
{
    QStringList messages;
    if (!m_problem.isEmpty())
        messages.append(tr("✕ %1").arg(m_problem));
    if (!m_notice.isEmpty())
        messages.append(tr("• %1.").arg(m_notice));
    if (m_shown)
        messages.append(messagesOf(*m_shown));
    else if (m_control.session() && m_control.isRunning())
        messages.append(messagesOf(*m_control.session()));
    if (m_shown && !m_shown->foreign && !m_unknownLesson.isEmpty())
        messages.append(tr("• %1").arg(m_unknownLesson));
    if (m_shown && m_shown->state == RunState::done && wallOf(*m_shown) < watchableS
        && wallOf(*m_shown) > 0 && !m_replay->isActive()) {
        messages.append(tr("• This run took %1, too short to see it happen.")
                            .arg(durationText(wallOf(*m_shown))));
    }
    return messages;
}

void MainWindow::updateBanner()
{
    const bool tooFast = m_shown && m_shown->state == RunState::done && wallOf(*m_shown) > 0
        && wallOf(*m_shown) < watchableS && !m_replay->isActive();
    QAction* offer = tooFast ? m_actions->watchSlowly : nullptr;
    if (!m_noticeUndoes.isEmpty())
        offer = m_actions->undo;
    m_banner->setMessages(messages(), offer);
}

void MainWindow::updateStatus()
{
    QString text;
    if (m_control.isRunning()) {
        text = statusOf(*m_control.session());
        if (const Sweep* sweep = m_control.sweep()) {
            const Sweep::Progress progress = sweep->progress();
            text.prepend(tr("%1 = %2 (%3 of %4) · ")
                             .arg(QString::fromStdString(sweep->parameter()),
                                 QString::fromStdString(to_text(sweep->values()[progress.point])))
                             .arg(progress.point + 1)
                             .arg(progress.points));
        }
    } else if (m_shown) {
        text = (m_file.isEmpty() ? QString() : tr("%1 · ").arg(QFileInfo(m_file).fileName()))
            + statusOf(*m_shown);
    } else {
        text = m_lesson.id.empty() ? tr("Ready: choose a lesson")
            : m_watched            ? tr("Ready: F5 runs the program")
                                   : tr("Ready: F5 runs the lesson");
    }
    if (m_replay->isActive())
        text.prepend(tr("REPLAY, %1 · ").arg(speedText(m_replay->nsPerSecond())));
    if (!m_exported.isEmpty())
        text.prepend(tr("%1 · ").arg(m_exported));
    if (!m_files->progress().isEmpty())
        text.append(tr(" · %1").arg(m_files->progress()));
    if (const QString report = m_reports->progress(); !report.isEmpty())
        text.append(tr(" · %1").arg(report));
    m_status->setText(text);
    m_guide->setStatus(text);
}

void MainWindow::updateTitle()
{
    QStringList parts;
    if (!m_file.isEmpty())
        parts.append(QFileInfo(m_file).fileName());
    const LessonDescription& lesson = m_shown ? m_shown->description : m_description;
    if (!lesson.title.empty() && !(m_shown && m_shown->foreign))
        parts.append(lesson.id == watched_id
                ? tr("watching %1").arg(QString::fromStdString(lesson.title))
                : QString::fromStdString(lesson.title));
    parts.append(tr("Manyhands"));
    setWindowTitle(parts.join(tr(" – ")));
}

} // namespace manyhands::app
