// SPDX-License-Identifier: GPL-3.0-or-later
// Reads and writes run files on a thread of its own: the one that the program starts.
#include "app/window/file_worker.hpp"

#include "engine/observe/output_file.hpp"
#include "engine/observe/run_file.hpp"

#include <QElapsedTimer>

#include <exception>
#include <new>
#include <utility>

namespace manyhands::app {
namespace {

constexpr qint64 progressIntervalMs = 100;

} // namespace

/// What work on the thread knows of the one who asked for it.
class FileWorker::Job
{
public:
    Job(FileWorker& worker, QString path, int number)
        : m_worker(worker)
        , m_path(std::move(path))
        , m_number(number)
    {
        m_sinceProgress.start();
    }

    const QString& path() const { return m_path; }
    std::filesystem::path filePath() const { return m_path.toStdString(); }
    bool cancelled() const { return m_number < m_worker.m_cancelledBefore; }

    void progress(double share)
    {
        if (m_sinceProgress.elapsed() < progressIntervalMs)
            return;
        m_sinceProgress.start();
        tell([worker = &m_worker, path = m_path, share] { emit worker->progressed(path, share); });
    }

    /// Calls `what` on the main thread.
    template <class What>
    void tell(What what)
    {
        QMetaObject::invokeMethod(&m_worker, std::move(what), Qt::QueuedConnection);
    }

private:
    FileWorker& m_worker;
    QString m_path;
    int m_number;
    QElapsedTimer m_sinceProgress;
};

FileWorker::FileWorker(QObject* parent)
    : QObject(parent)
    , m_there(new QObject)
{
    m_thread.setObjectName(QStringLiteral("files"));
    m_there->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_there, &QObject::deleteLater);
    m_thread.start();
}

FileWorker::~FileWorker()
{
    // Behind all that was asked for.
    QMetaObject::invokeMethod(
        m_there, [this] { m_thread.quit(); }, Qt::QueuedConnection);
    m_thread.wait();
}

void FileWorker::open(const QString& path)
{
    start(
        [this](Job& job) {
            // A share of "nothing" still asks whether to go on.
            auto run = std::make_shared<const FinishedRun>(
                open_run(job.filePath(), [&job](double share) {
                    job.progress(share);
                    return !job.cancelled();
                }));
            job.tell([this, run = std::move(run), path = job.path()] { emit opened(run, path); });
        },
        path);
}

void FileWorker::openTogether(const QStringList& paths)
{
    start(
        [this, paths](Job& job) {
            std::vector<std::shared_ptr<const FinishedRun>> runs;
            for (const QString& path : paths) {
                const auto share = [&](double ofOne) {
                    job.progress((static_cast<double>(runs.size()) + ofOne)
                        / static_cast<double>(paths.size()));
                    return !job.cancelled();
                };
                runs.push_back(
                    std::make_shared<const FinishedRun>(open_run(path.toStdString(), share)));
            }
            job.tell([this, runs = std::move(runs), paths] { emit openedTogether(runs, paths); });
        },
        paths.value(0));
}

void FileWorker::save(std::shared_ptr<const FinishedRun> run, const QString& path)
{
    start(
        [this, run = std::move(run)](Job& job) {
            save_run(
                *run, job.filePath(), [&job] { return job.cancelled(); },
                [&job](double share) { job.progress(share); });
            job.tell([this, path = job.path()] { emit saved(path); });
        },
        path);
}

void FileWorker::write(Write what, const QString& path)
{
    start(
        [this, what = std::move(what)](Job& job) {
            what(job.filePath(), [&job] { return job.cancelled(); });
            job.tell([this, path = job.path()] { emit written(path); });
        },
        path);
}

void FileWorker::write(const QByteArray& bytes, const QString& path)
{
    write(
        [bytes](const std::filesystem::path& to, const std::function<bool()>&) {
            OutputFile file(to);
            file.write({bytes.constData(), static_cast<std::size_t>(bytes.size())});
            file.commit();
        },
        path);
}

void FileWorker::read(
    const QString& path, std::function<void(std::shared_ptr<const FinishedRun>)> then)
{
    start(
        [then = std::move(then)](Job& job) {
            std::shared_ptr<const FinishedRun> run;
            try {
                run = std::make_shared<const FinishedRun>(
                    open_run(job.filePath(), [&job](double) { return !job.cancelled(); }));
            } catch (const std::exception&) {
                // It is gone, or was never whole: the one who asked goes on without it.
                run.reset();
            }
            job.tell([then, run = std::move(run)] { then(run); });
        },
        path);
}

void FileWorker::start(std::function<void(Job&)> work, const QString& path)
{
    ++m_jobs;
    emit busyChanged();
    const auto run = [this, work = std::move(work), path, number = m_number] {
        Job job(*this, path, number);
        const auto fail = [&](const QString& problem) {
            job.tell([this, path, problem] { emit failed(path, problem); });
        };
        if (job.cancelled()) {
            fail(tr("%1: given up").arg(path));
        } else {
            try {
                work(job);
            } catch (const std::bad_alloc&) {
                fail(tr("%1: is too large for this machine's memory").arg(path));
            } catch (const std::exception& error) {
                fail(QString::fromUtf8(error.what()));
            }
        }
        job.tell([this] { finish(); });
    };
    QMetaObject::invokeMethod(m_there, run, Qt::QueuedConnection);
}

void FileWorker::finish()
{
    --m_jobs;
    emit busyChanged();
}

void FileWorker::cancel()
{
    m_cancelledBefore = ++m_number;
}

} // namespace manyhands::app
