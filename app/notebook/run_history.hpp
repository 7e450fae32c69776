// SPDX-License-Identifier: GPL-3.0-or-later
// All runs that are kept, of every lesson: named, pinned, noted, removed and brought back, and no
// more of them than there is room for.
#pragma once

#include "app/notebook/kept_run.hpp"

#include <QList>
#include <QObject>
#include <QStringList>

#include <functional>
#include <limits>
#include <optional>

namespace manyhands::app {

/// How much is kept. Pinned runs count and stay.
struct HistoryCap
{
    int runs = 200;
    qint64 bytes = 500'000'000; ///< of their files
};

/// A run as the history lists it.
struct HistoryRun
{
    KeptRun run;
    QString note;
    enum class File : std::uint8_t {
        kept,
        beingWritten,
        gone, ///< there was one
        none, ///< it could not be kept
    } file
        = File::none;
    qint64 bytes = 0; ///< of the file
};

/// Works on the notebook's database, which must outlive it. What is removed can be brought back
/// until this object goes; then, or when too much else was done since, its file is removed for
/// good. Where the notebook is not kept, no file is ever removed.
class RunHistory : public QObject
{
    Q_OBJECT

public:
    /// `folder`: of the runs' files.
    RunHistory(NotebookDatabase& database, QString folder);
    ~RunHistory() override;

    /// Pinned ones first, else the newest first.
    QList<HistoryRun> runs();

    void rename(qint64 id, const QString& name);
    /// Replaces what was written on the run; empty: nothing.
    void setNote(qint64 id, const QString& text);
    void setPinned(const QList<qint64>& ids, bool pinned);
    void remove(const QList<qint64>& ids);
    /// All runs, pinned ones too, for good.
    void clear();
    /// Removes the oldest runs that are not pinned, until the rest is within the cap; never the one
    /// that was put in last.
    void keepWithinCap();
    void setCap(const HistoryCap& cap) { m_cap = cap; }

    /// What undo() takes back: "remove 2 runs"; empty where there is nothing.
    QString undoable() const;
    void undo();

    /// Tells changed() if another window has changed something.
    void lookForChanges();
    /// Files of runs in the folder that no row names.
    QStringList strays();
    /// Puts the run of such a file in.
    void takeIn(const FinishedRun& run, const QString& file);
    /// Removes for good what a program that crashed has left: runs that were removed a day ago, and
    /// half-written files.
    void tidy();

    /// How many changes can be taken back.
    static constexpr qsizetype mostUndoable = 20;

signals:
    void changed();
    /// Runs were removed, and can be brought back: one line.
    void removed(const QString& sentence);

private:
    using Transaction = NotebookDatabase::Transaction;

    struct Change
    {
        QString words; ///< "rename a run"
        std::function<void(Transaction&)> takeBack;
        QList<qint64> removed; ///< runs that wait to be removed for good
    };

    void change(const std::function<void(Transaction&)>& what);
    void remember(Change change);
    bool removeAll(Transaction& notebook, const QList<qint64>& ids);
    void rememberRemoved(const QList<qint64>& ids);
    void removeForGood(const QList<qint64>& ids);

    NotebookDatabase& m_database;
    QString m_folder;
    HistoryCap m_cap;
    QList<Change> m_changes; ///< the latest last
};

} // namespace manyhands::app
