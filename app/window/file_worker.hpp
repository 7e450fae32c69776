// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes run files on a thread of its own: the one that the program starts.
#pragma once

#include "engine/observe/finished_run.hpp"

#include <QByteArray>
#include <QObject>
#include <QStringList>
#include <QThread>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace manyhands::app {

/// One file after the other, in the order asked for. Belongs to the main thread; what it has built
/// comes back there whole, in one queued call. Its thread touches no widget, no process and no
/// recording that still grows. When it goes, what is being written is finished first.
class FileWorker : public QObject
{
    Q_OBJECT

public:
    explicit FileWorker(QObject* parent = nullptr);
    ~FileWorker() override;

    /// Writes something else to a file; throws where it cannot. Runs on the worker's thread.
    using Write = std::function<void(
        const std::filesystem::path& path, const std::function<bool()>& cancelled)>;

    void open(const QString& path);
    /// Reads several, for who needs all of them: openedTogether() tells of them, or failed() of the
    /// first that could not be read.
    void openTogether(const QStringList& paths);
    void save(std::shared_ptr<const FinishedRun> run, const QString& path);
    void write(Write what, const QString& path);
    /// Writes what is there already. written() says when.
    void write(const QByteArray& bytes, const QString& path);
    /// Reads a run for somebody else than who waits for opened(): `then` is called on the main
    /// thread, with nullptr where the file cannot be read.
    void read(const QString& path, std::function<void(std::shared_ptr<const FinishedRun>)> then);
    /// Gives up every file that was asked for. A file that was there before stays as it was.
    void cancel();
    bool isBusy() const { return m_jobs > 0; }

signals:
    void opened(std::shared_ptr<const manyhands::FinishedRun> run, const QString& path);
    void openedTogether(const std::vector<std::shared_ptr<const manyhands::FinishedRun>>& runs,
        const QStringList& paths);
    void saved(const QString& path);
    void written(const QString& path); ///< by write()
    /// `problem`: one line that names the file.
    void failed(const QString& path, const QString& problem);
    /// How much (0 to 1) of the file under way is done, a few times a second.
    void progressed(const QString& path, double share);
    void busyChanged();

private:
    class Job;

    void start(std::function<void(Job&)> work, const QString& path);
    void finish();

    QThread m_thread;
    QObject* m_there; ///< lives on the thread
    /// Jobs asked for before the last cancel() have a lower number.
    std::atomic<int> m_cancelledBefore = 0;
    int m_number = 0;
    int m_jobs = 0;
};

} // namespace manyhands::app
