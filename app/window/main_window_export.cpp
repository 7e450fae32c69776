// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves the window as a figure: into a file, or onto the clipboard.
#include "app/figures/figure_file.hpp"
#include "app/views/chart.hpp"
#include "app/views/speedup_chart.hpp"
#include "app/views/time_axis.hpp"
#include "app/window/chart_area.hpp"
#include "app/window/export_dialog.hpp"
#include "app/window/file_worker.hpp"
#include "app/window/main_window.hpp"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QMimeData>

#include <algorithm>

namespace manyhands::app {
namespace {

/// What a figure of the chart is called; a switch can make it another.
QString viewOf(const Chart* chart)
{
    const auto* speedup = qobject_cast<const SpeedupChart*>(chart);
    if (speedup && speedup->mode() == SpeedupChart::Mode::efficiency)
        return QStringLiteral("efficiency");
    return chart->objectName();
}

} // namespace

void MainWindow::makeExport()
{
    m_exportDialog = new ExportDialog([this] { return exportSource(); }, this);
    connect(m_actions->exportFigure, &QAction::triggered, this,
        [this] { exportFigure(m_area->currentChart()); });
    connect(m_actions->exportAgain, &QAction::triggered, m_exportDialog, &ExportDialog::repeat);
    connect(m_actions->copyFigure, &QAction::triggered, this,
        [this] { copyFigure(m_area->currentChart()); });
    connect(m_area, &ChartArea::exportRequested, this, &MainWindow::exportFigure);
    connect(m_area, &ChartArea::copyRequested, this, &MainWindow::copyFigure);
    connect(&m_area->view(), &ViewState::visibleChanged, m_exportDialog, [this] {
        if (m_exportDialog->isVisible())
            m_exportDialog->seenChanged();
    });
    connect(m_exportDialog, &ExportDialog::written, this, &MainWindow::tellWritten);
    // Data and reports.
    connect(&m_files->worker(), &FileWorker::written, this, &MainWindow::tellWritten);
    connect(m_exportDialog, &ExportDialog::failed, this, [this](const QString& problem) {
        // The dialog says it itself where it is open.
        if (!m_exportDialog->isVisible())
            say(problem);
        updateAll();
    });
}

void MainWindow::tellWritten(const QString& path)
{
    m_problem.clear();
    m_exported = tr("✓ Written: %1").arg(QDir::toNativeSeparators(path));
    updateAll();
}

ExportSource MainWindow::exportSource() const
{
    ExportSource source;
    if (!m_shown)
        return source;
    source.subject = FigureSubject{*m_shown, m_facts.points, m_facts.swept, m_area->predictions()};
    source.runFile = m_file.isEmpty() ? m_keptFile : m_file;
    const ViewState& view = m_area->view();
    if (view.mode() == ViewState::Mode::chosen)
        source.seen
            = Interval{view.visible().begin_ns, std::min(view.visible().end_ns, view.extentNs())};
    return source;
}

void MainWindow::exportFigure(Chart* chart)
{
    if (m_shown)
        m_exportDialog->openFor(viewOf(chart));
}

void MainWindow::copyFigure(Chart* chart)
{
    auto* content = new QMimeData;
    const ExportSource source = exportSource();
    QString text = tr("%1: %2").arg(chart->title(), chart->summary());
    if (source.subject) {
        FigureSettings settings;
        settings.view = viewOf(chart);
        if (source.seen) {
            settings.fromS = secondsOf(source.seen->begin_ns);
            settings.toS = secondsOf(source.seen->end_ns);
        }
        try {
            Figure figure(*source.subject, settings);
            content->setImageData(figure.image());
            content->setData(QStringLiteral("image/svg+xml"), encoded(figure, FigureFormat::svg));
            text = tr("%1\n%2\n%3").arg(figure.title(), figure.summary(), figure.caption());
        } catch (const Error& error) {
            delete content;
            say(QString::fromUtf8(error.what()));
            return;
        }
    } else {
        // Of a run under way there is no figure yet: what is to be seen of it.
        content->setImageData(chart->grab().toImage());
    }
    content->setText(text);
    QApplication::clipboard()->setMimeData(content);
}

void MainWindow::updateExport()
{
    const auto allow = &WindowActions::allow;
    const QString noRun = m_control.isRunning()
        ? tr("A run is under way: figures are made when it has ended")
        : tr("There is no finished run to make a figure of");
    allow(m_actions->exportFigure, m_shown ? QString() : noRun);
    allow(m_actions->exportAgain, m_shown ? m_exportDialog->whyNotRepeat() : noRun);
    allow(m_actions->copyFigure,
        m_shown || m_control.isRunning() ? QString() : tr("There is no run to copy a figure of"));
}

} // namespace manyhands::app
