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
    return RunFiles::tr("Runs and traces (*.json *.json.gz);;All files (*)");
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
    for (const RunTable table : all_run_tables) {
        connect(actions.saveTables[static_cast<int>(table)], &QAction::triggered, this,
            [this, table] { askToSaveTable(table); });
    }
    connect(actions.cancelFile, &QAction::triggered, &m_worker, &FileWorker::cancel);
    connect(&m_worker, &FileWorker::opened, this,
        [this](std::shared_ptr<const FinishedRun> run, const QString& path) {
            if (m_takingIn.removeOne(path)) {
                emit takenIn(std::move(run), path);
                return;
            }
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
        if (m_keeping.removeAll(path) > 0) {
            emit kept(path);
            return;
        }
        remember(path);
        emit saved(path);
    });
    connect(
        &m_worker, &FileWorker::failed, this, [this](const QString& path, const QString& problem) {
            m_takingIn.removeOne(path);
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
    if (!m_run || m_run->foreign)
        return;
    m_progress = tr("Writing %1").arg(QFileInfo(path).fileName());
    m_worker.save(m_run, path);
}

void RunFiles::keep(std::shared_ptr<const FinishedRun> run, const QString& path)
{
    m_keeping.append(path);
    m_worker.save(std::move(run), path);
}

void RunFiles::takeIn(const QStringList& paths)
{
    for (const QString& path : paths) {
        m_takingIn.append(path);
        m_worker.open(path);
    }
}

void RunFiles::setRun(std::shared_ptr<const FinishedRun> run, const QString& name)
{
    m_run = std::move(run);
    m_name = name;
    WindowActions::allow(m_actions.save,
        !m_run               ? tr("There is no finished run to save")
            : m_run->foreign ? tr("A trace of another program is no run: copy its file")
                             : QString());
    allowTables();
}

void RunFiles::setSwept(std::shared_ptr<const SweptParameter> swept)
{
    m_swept = std::move(swept);
    allowTables();
}

void RunFiles::allowTables()
{
    for (const RunTable table : all_run_tables) {
        QString reason;
        if (table == RunTable::sweep)
            reason = m_swept ? QString() : tr("Nothing was measured over a parameter");
        else if (!m_run)
            reason = tr("There is no finished run");
        else if (m_run->foreign && table != RunTable::spans)
            reason = tr("A trace of another program has spans alone");
        else if (!m_run->traced && table != RunTable::repeats)
            reason = tr("This run was made without a trace");
        WindowActions::allow(m_actions.saveTables[static_cast<int>(table)], reason);
    }
}

FileWorker::Write RunFiles::writerOf(RunTable table) const
{
    if (table != RunTable::sweep) {
        if (!m_run)
            return {};
        return [run = m_run, table](
                   const std::filesystem::path& path, const std::function<bool()>& cancelled) {
            save_table(*run, table, {}, path, cancelled);
        };
    }
    if (!m_swept)
        return {};
    SweepRows rows = {m_name.toStdString(), m_swept->parameter.name, {}};
    for (const SweptValue& swept : m_swept->values) {
        SweepRow row = {.value = swept.value,
            .workers = {},
            .wall_s = swept.wall_s,
            .sequential_s = swept.sequential_s,
            .oversubscribed = swept.oversubscribed,
            .marks = {}};
        if (const auto* workers = std::get_if<std::int64_t>(&swept.value);
            workers && m_swept->parameter.workers)
            row.workers = static_cast<int>(*workers);
        if (row.oversubscribed)
            row.marks.emplace_back("oversubscribed");
        rows.rows.push_back(std::move(row));
    }
    return [rows = std::move(rows)](const std::filesystem::path& path,
               const std::function<bool()>& cancelled) { save_table(rows, path, cancelled); };
}

void RunFiles::write(FileWorker::Write what, const QString& path)
{
    m_progress = tr("Writing %1").arg(QFileInfo(path).fileName());
    m_worker.write(std::move(what), path);
}

void RunFiles::saveTable(RunTable table, const QString& path)
{
    if (FileWorker::Write what = writerOf(table))
        write(std::move(what), path);
}

void RunFiles::askToSaveTable(RunTable table)
{
    const FileWorker::Write what = writerOf(table);
    if (!what)
        return;
    auto* dialog = new QFileDialog(
        m_window, tr("Save data as CSV"), {}, tr("Tables (*.csv);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    if (!m_recent.isEmpty())
        dialog->setDirectory(QFileInfo(m_recent.first()).absolutePath());
    const std::string_view name = name_of(table);
    const QString kind = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    dialog->selectFile(
        (m_name.isEmpty() ? kind : m_name + QLatin1Char('-') + kind) + QStringLiteral(".csv"));
    connect(dialog, &QFileDialog::fileSelected, this,
        [this, what](const QString& path) { write(what, path); });
    dialog->open();
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
    if (!m_run || m_run->foreign)
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

void RunFiles::openRecent(const QString& path)
{
    if (QFileInfo::exists(path)) {
        open(path);
        return;
    }
    // The menu that asks is still open.
    QMetaObject::invokeMethod(
        this,
        [this, path] {
            m_recent.removeAll(path);
            fillRecent();
        },
        Qt::QueuedConnection);
    emit failed(tr("%1 is gone: it was taken off the recent files").arg(path));
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
        QAction* action
            = m_actions.recent->addAction(name, this, [this, path] { openRecent(path); });
        action->setToolTip(path);
    }
    if (!m_recent.isEmpty()) {
        m_actions.recent->addSeparator();
        QAction* clear = m_actions.recent->addAction(
            tr("&Clear this list"), this, [this] { setRecent({}); }, Qt::QueuedConnection);
        clear->setToolTip(tr("Forget these names; the files stay"));
    }
    m_actions.recent->setEnabled(!m_recent.isEmpty());
}

} // namespace manyhands::app
