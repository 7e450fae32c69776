// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a window: dialogs to open and save, the latest files, progress and errors.
#include "app/window/run_files.hpp"

#include "app/views/wording.hpp"
#include "app/window/window_actions.hpp"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

namespace manyhands::app {
namespace {

constexpr auto suffix = ".manyhands.json.gz";

QString filters()
{
    return RunFiles::tr("Runs (*.json *.json.gz);;All files (*)");
}

} // namespace

RunFiles::RunFiles(const WindowActions& actions, QWidget* window)
    : QObject(window)
    , m_actions(actions)
    , m_window(window)
    , m_worker(this)
{
    connect(actions.open, &QAction::triggered, this, &RunFiles::askToOpen);
    connect(actions.compare, &QAction::triggered, this, &RunFiles::askToCompare);
    connect(actions.save, &QAction::triggered, this, &RunFiles::askToSave);
    connect(actions.cancelFile, &QAction::triggered, &m_worker, &FileWorker::cancel);
    connect(&m_worker, &FileWorker::opened, this,
        [this](std::shared_ptr<const FinishedRun> run, const QString& path) {
            remember(path);
            emit opened(std::move(run), path);
        });
    connect(&m_worker, &FileWorker::openedTogether, this,
        [this](
            const std::vector<std::shared_ptr<const FinishedRun>>& runs, const QStringList& paths) {
            for (auto path = paths.rbegin(); path != paths.rend(); ++path)
                remember(*path);
            emit openedTogether(runs, paths);
        });
    connect(&m_worker, &FileWorker::saved, this, [this](const QString& path) {
        if (m_keeping.removeAll(path) > 0)
            return;
        remember(path);
        emit saved(path);
    });
    connect(
        &m_worker, &FileWorker::failed, this, [this](const QString& path, const QString& problem) {
            if (m_keeping.removeAll(path) > 0)
                emit notKept(path, problem);
            else
                emit failed(problem);
        });
    connect(&m_worker, &FileWorker::progressed, this, [this](const QString& path, double share) {
        if (m_keeping.contains(path))
            return;
        m_progress = tr("%1: %2").arg(QFileInfo(path).fileName(), shareText(share));
        emit progressChanged();
    });
    connect(&m_worker, &FileWorker::busyChanged, this, &RunFiles::showBusy);
    setRun(nullptr, {});
    showBusy();
    fillRecent();
}

void RunFiles::open(const QString& path)
{
    m_progress = tr("Reading %1").arg(QFileInfo(path).fileName());
    m_worker.open(path);
}

void RunFiles::openTogether(const QStringList& paths)
{
    m_progress = tr("Reading %1 runs").arg(paths.size());
    m_worker.openTogether(paths);
}

void RunFiles::save(const QString& path)
{
    if (!m_run)
        return;
    m_progress = tr("Writing %1").arg(QFileInfo(path).fileName());
    m_worker.save(m_run, path);
}

void RunFiles::keep(std::shared_ptr<const FinishedRun> run, const QString& path)
{
    m_keeping.append(path);
    m_worker.save(std::move(run), path);
}

void RunFiles::setRun(std::shared_ptr<const FinishedRun> run, const QString& name)
{
    m_run = std::move(run);
    m_name = name;
    WindowActions::allow(
        m_actions.save, m_run ? QString() : tr("There is no finished run to save"));
}

void RunFiles::setRecent(const QStringList& paths)
{
    m_recent = paths.mid(0, mostRecent);
    fillRecent();
}

void RunFiles::askToOpen()
{
    auto* dialog = new QFileDialog(m_window, tr("Open a run"), {}, filters());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    if (!m_recent.isEmpty())
        dialog->setDirectory(QFileInfo(m_recent.first()).absolutePath());
    connect(dialog, &QFileDialog::fileSelected, this, &RunFiles::open);
    dialog->open();
}

void RunFiles::askToCompare()
{
    auto* dialog
        = new QFileDialog(m_window, tr("Choose two to four runs to compare"), {}, filters());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    if (!m_recent.isEmpty())
        dialog->setDirectory(QFileInfo(m_recent.first()).absolutePath());
    connect(dialog, &QFileDialog::filesSelected, this, &RunFiles::compareRequested);
    dialog->open();
}

void RunFiles::askToSave()
{
    if (!m_run)
        return;
    auto* dialog = new QFileDialog(m_window, tr("Save this run"), {}, filters());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("manyhands.json.gz"));
    if (!m_recent.isEmpty())
        dialog->setDirectory(QFileInfo(m_recent.first()).absolutePath());
    dialog->selectFile(m_name + QLatin1String(suffix));
    // The run of this moment, whatever is run before a name is found.
    const std::shared_ptr<const FinishedRun> run = m_run;
    connect(dialog, &QFileDialog::fileSelected, this, [this, run](const QString& path) {
        m_progress = tr("Writing %1").arg(QFileInfo(path).fileName());
        m_worker.save(run, path);
    });
    dialog->open();
}

void RunFiles::remember(const QString& path)
{
    const QString whole = QFileInfo(path).absoluteFilePath();
    if (QFileInfo(path).absolutePath() == m_keptFolder)
        return;
    m_recent.removeAll(whole);
    m_recent.prepend(whole);
    setRecent(m_recent);
}

void RunFiles::showBusy()
{
    if (!m_worker.isBusy())
        m_progress.clear();
    WindowActions::allow(m_actions.cancelFile,
        m_worker.isBusy() ? QString() : tr("No file is being read or written"));
    emit progressChanged();
}

void RunFiles::fillRecent()
{
    m_actions.recent->clear();
    for (const QString& path : m_recent) {
        const QString name
            = QFileInfo(path).fileName().replace(QLatin1Char('&'), QLatin1String("&&"));
        QAction* action = m_actions.recent->addAction(name, this, [this, path] { open(path); });
        action->setToolTip(path);
    }
    m_actions.recent->setEnabled(!m_recent.isEmpty());
}

} // namespace manyhands::app
