// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a window: dialogs to open and save, the latest files, progress and errors.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/window/file_worker.hpp"
#include "engine/observe/run_tables.hpp"

#include <QStringList>

#include <memory>

namespace manyhands::app {

class WindowActions;

/// Serves File > Open, Save and Open recent.
class RunFiles : public QObject
{
    Q_OBJECT

public:
    RunFiles(const WindowActions& actions, QWidget* window);

    void open(const QString& path);
    /// Reads several runs to be compared.
    void openTogether(const QStringList& paths);
    void save(const QString& path);
    /// Writes a run that nobody asked to save: without a word, and not among the recent files.
    void keep(std::shared_ptr<const FinishedRun> run, const QString& path);
    /// Reads runs for the history, without showing them.
    void takeIn(const QStringList& paths);
    /// What stands in this folder is not put among the recent files either.
    void setKeptFolder(const QString& path) { m_keptFolder = path; }
    /// Puts a file among the recent ones without reading it.
    void offer(const QString& path) { remember(path); }
    /// The run that Save keeps; nullptr where there is none. `name`: of its lesson.
    void setRun(std::shared_ptr<const FinishedRun> run, const QString& name);
    /// What was measured over a parameter; nullptr where nothing was.
    void setSwept(std::shared_ptr<const SweptParameter> swept);
    /// Writes a table of the run, or of what was measured over a parameter.
    void saveTable(RunTable table, const QString& path);

    const QStringList& recent() const { return m_recent; }
    void setRecent(const QStringList& paths);
    static constexpr int mostRecent = 10;

    /// What is being read or written, for the status line; empty for nothing.
    const QString& progress() const { return m_progress; }
    FileWorker& worker() { return m_worker; }

signals:
    void openedTogether(const std::vector<std::shared_ptr<const manyhands::FinishedRun>>& runs,
        const QStringList& paths);
    /// A person has chosen files to compare.
    void compareRequested(const QStringList& paths);
    void opened(std::shared_ptr<const manyhands::FinishedRun> run, const QString& path);
    /// Of takeIn().
    void takenIn(std::shared_ptr<const manyhands::FinishedRun> run, const QString& path);
    void saved(const QString& path);
    /// Of keep().
    void kept(const QString& path);
    void failed(const QString& problem);
    /// Of keep(), for what could not be written.
    void notKept(const QString& path, const QString& problem);
    void progressChanged();

private:
    void askToOpen();
    void askToCompare();
    void askToSave();
    void askToSaveTable(RunTable table);
    void allowTables();
    /// What writes a table of this moment, whatever is run before a name is found.
    FileWorker::Write writerOf(RunTable table) const;
    void write(FileWorker::Write what, const QString& path);
    void remember(const QString& path);
    void openRecent(const QString& path);
    void showBusy();
    void fillRecent();

    const WindowActions& m_actions;
    QWidget* m_window;
    FileWorker m_worker;
    std::shared_ptr<const FinishedRun> m_run;
    std::shared_ptr<const SweptParameter> m_swept;
    QString m_name;
    QStringList m_recent;
    QStringList m_keeping; ///< paths that are being written by keep()
    QStringList m_takingIn; ///< paths that are being read by takeIn()
    QString m_keptFolder;
    QString m_progress;
};

} // namespace manyhands::app
