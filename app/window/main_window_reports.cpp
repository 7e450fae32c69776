// SPDX-License-Identifier: GPL-3.0-or-later
// The window's reports: of the run that is shown, of the last sweep, of a student's work, of a
// comparison.
#include "app/figures/comparison_report_content.hpp"
#include "app/figures/run_report_content.hpp"
#include "app/figures/sweep_report_content.hpp"
#include "app/figures/work_report_content.hpp"
#include "app/guide/guide_pane.hpp"
#include "app/guide/progress_pane.hpp"
#include "app/window/main_window.hpp"
#include "app/window/report_saver.hpp"

#include <QAction>
#include <QFileInfo>

namespace manyhands::app {
namespace {

ReportPlan planOf(const FigureSubject& subject)
{
    const auto run = std::make_shared<const FinishedRun>(subject.run);
    return {runFigures(subject), [run](std::vector<ReportFigure> figures) {
                return runReportContent(*run, std::move(figures));
            }};
}

ReportPlan planOf(const FinishedSweep& sweep)
{
    return {sweepFigures(sweep), [sweep](std::vector<ReportFigure> figures) {
                return sweepReportContent(sweep, std::move(figures));
            }};
}

ReportPlan planOf(const StudentWork& work)
{
    return {workFigures(work), [work](std::vector<ReportFigure> figures) {
                return workReportContent(work, std::move(figures));
            }};
}

} // namespace

void MainWindow::connectReports()
{
    connect(m_actions->saveReport, &QAction::triggered, this, &MainWindow::saveReport);
    connect(m_actions->saveSweepReport, &QAction::triggered, this, &MainWindow::saveSweepReport);
    connect(m_actions->saveLabReport, &QAction::triggered, this, &MainWindow::saveLabReport);
    connect(
        m_progress, &ProgressPane::labReportRequested, m_actions->saveLabReport, &QAction::trigger);
    connect(m_reports, &ReportSaver::failed, this, &MainWindow::say);
    connect(m_reports, &ReportSaver::progressChanged, this, [this] {
        updateReportActions();
        updateStatus();
    });
}

void MainWindow::updateReportActions()
{
    const auto allow = [this](QAction* action, const QString& reason) {
        WindowActions::allow(action,
            !reason.isEmpty() || !m_reports->isBusy() ? reason : tr("A report is being written"));
    };
    allow(m_actions->saveReport, m_shown ? QString() : tr("There is no finished run to report"));
    const bool swept = m_control.sweep() && !m_control.isRunning();
    allow(m_actions->saveSweepReport,
        swept ? QString() : tr("Measure for several values first (Ctrl+F5)"));
    allow(m_actions->saveLabReport,
        m_description.id.empty() ? tr("Choose a lesson first") : QString());
}

void MainWindow::saveReport()
{
    // The run of this moment, whatever is run before a name is found.
    const FigureSubject subject
        = {.run = *m_shown, .points = m_facts.points, .swept = m_facts.swept, .predictions = {}};
    m_reports->ask(tr("Save a report of this run"), QString::fromStdString(m_shown->description.id),
        [subject] { return planOf(subject); });
}

void MainWindow::saveSweepReport()
{
    const FinishedSweep sweep = finishedSweep(*m_control.sweep());
    m_reports->ask(tr("Save a report of this sweep"),
        QString::fromStdString(sweep.last.description.id) + QStringLiteral("-sweep"),
        [sweep] { return planOf(sweep); });
}

void MainWindow::saveLabReport()
{
    m_guide->tellAll();
    const QString id = QString::fromStdString(m_description.id);
    if (m_shown && m_shown->description.id == m_description.id) {
        saveLabReportOf(m_shown);
        return;
    }
    for (const KeptRun& run : m_notebook->runs(id)) {
        if (!run.file.isEmpty()) {
            m_files->worker().read(run.file, [this, id](std::shared_ptr<const FinishedRun> kept) {
                // Whoever has gone on to another lesson since wants no report of this one.
                if (id == QString::fromStdString(m_description.id))
                    saveLabReportOf(std::move(kept));
            });
            return;
        }
    }
    saveLabReportOf(nullptr);
}

void MainWindow::saveLabReportOf(std::shared_ptr<const FinishedRun> run)
{
    const StudentWork work = studentWork(*m_notebook, m_description, std::move(run));
    m_reports->ask(tr("Save a lab report"),
        QString::fromStdString(m_description.id) + QStringLiteral("-lab-report"),
        [work] { return planOf(work); });
}

void MainWindow::saveComparisonReport(
    std::shared_ptr<const ComparedRuns> runs, const QStringList& files)
{
    if (m_reports->isBusy())
        return say(tr("A report is being written"));
    QStringList names;
    for (const QString& file : files)
        names.append(QFileInfo(file).fileName());
    m_reports->ask(tr("Save a report of this comparison"), QStringLiteral("comparison"),
        [runs = std::move(runs), names] {
            return ReportPlan{
                comparisonFigures(runs), [runs, names](std::vector<ReportFigure> figures) {
                    return comparisonReportContent(*runs, names, std::move(figures));
                }};
        });
}

} // namespace manyhands::app
