// SPDX-License-Identifier: GPL-3.0-or-later
// The window and the runs that were made before: the history, what is dropped, what is undone.
#include "app/guide/progress_pane.hpp"
#include "app/history/history_pane.hpp"
#include "app/notebook/notebook.hpp"
#include "app/window/main_window.hpp"
#include "engine/observe/comparison.hpp"

#include <QAction>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QUrl>

namespace manyhands::app {
namespace {

/// Why what was dropped is not opened; empty where it may be a run. Nothing dropped is ever
/// started, whatever it is.
QString objectionTo(const QUrl& url)
{
    if (!url.isLocalFile())
        return MainWindow::tr("%1 is no file of this machine: save it here, then drop it")
            .arg(url.toDisplayString());
    const QFileInfo file(url.toLocalFile());
    const bool named = file.fileName().endsWith(QLatin1String(".json"))
        || file.fileName().endsWith(QLatin1String(".json.gz"));
    if (!file.exists())
        return MainWindow::tr("%1 does not exist").arg(file.filePath());
    if (!file.isFile() || !named)
        return MainWindow::tr("%1 is no saved run: drop NAME.json or NAME.json.gz")
            .arg(file.filePath());
    return {};
}

} // namespace

void MainWindow::connectHistory()
{
    HistoryPane& pane = m_progress->history();
    RunHistory& history = m_notebook->history();
    connect(&pane, &HistoryPane::failed, this, &MainWindow::say);
    connect(&pane, &HistoryPane::openRequested, this, &MainWindow::openOne);
    connect(&pane, &HistoryPane::compareRequested, this, &MainWindow::compareFiles);
    connect(&pane, &HistoryPane::takeInRequested, m_files, &RunFiles::takeIn);
    connect(m_files, &RunFiles::takenIn, this,
        [&history](const std::shared_ptr<const FinishedRun>& run, const QString& path) {
            history.takeIn(*run, path);
            history.keepWithinCap();
        });
    // Its size is known now.
    connect(m_files, &RunFiles::kept, this, [&history] {
        emit history.changed();
        history.keepWithinCap();
    });
    connect(&history, &RunHistory::removed, this,
        [this, &history](const QString& sentence) { notice(sentence, history.undoable()); });
    connect(m_actions->undo, &QAction::triggered, this, &MainWindow::undo);
    const auto offerUndo = [this, &history] {
        const QString what = history.undoable();
        m_actions->undo->setWhatsThis(what.isEmpty()
                ? tr("Take back what was done last to the run history")
                : tr("Undo: %1").arg(what));
        WindowActions::allow(
            m_actions->undo, what.isEmpty() ? tr("There is nothing to undo") : QString());
        // Something else was done since.
        if (!m_noticeUndoes.isEmpty() && m_noticeUndoes != what)
            notice({});
    };
    // Queued: what can be undone is known when the change is complete.
    connect(&history, &RunHistory::changed, m_actions, offerUndo, Qt::QueuedConnection);
    offerUndo();
    connect(&m_control, &RunControl::aboutToStart, this, [this] { notice({}); });
}

void MainWindow::notice(const QString& sentence, const QString& undoes)
{
    m_notice = sentence;
    m_noticeUndoes = undoes;
    updateBanner();
}

void MainWindow::undo()
{
    m_notebook->history().undo();
    if (!m_noticeUndoes.isEmpty())
        notice({});
}

void MainWindow::openOne(const QString& path)
{
    if (m_control.isRunning())
        say(tr("Stop the run (Esc) first, then open %1").arg(path));
    else
        m_files->open(path);
}

void MainWindow::openDropped(const QList<QUrl>& urls)
{
    QStringList files;
    for (const QUrl& url : urls) {
        if (const QString objection = objectionTo(url); !objection.isEmpty()) {
            say(objection);
            return;
        }
        files.append(url.toLocalFile());
    }
    if (files.size() == 1)
        openOne(files.first());
    else if (files.size() <= static_cast<qsizetype>(most_compared))
        compareFiles(files);
    else
        say(tr("%1 files were dropped: drop one run to open it, or up to %2 to see them together")
                .arg(files.size())
                .arg(most_compared));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    // Whatever cannot be opened is refused in words when it is dropped.
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    event->acceptProposedAction();
    openDropped(urls);
}

} // namespace manyhands::app
