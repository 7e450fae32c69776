// SPDX-License-Identifier: GPL-3.0-or-later
// A run as the notebook's table has it.
#pragma once

#include "app/notebook/notebook_database.hpp"
#include "engine/observe/finished_run.hpp"

#include <QDateTime>
#include <QString>
#include <QStringList>

#include <optional>

namespace manyhands::app {

/// A run that was made in a window.
struct KeptRun
{
    qint64 id = 0;
    QString lesson;
    QDateTime time; ///< of its end, UTC
    ParameterValues parameters;
    std::uint64_t seed = 1;
    RunState state = RunState::done;
    QStringList marks; ///< see Session::marks()
    std::optional<double> wallS; ///< medians
    std::optional<double> sequentialS;
    std::optional<double> speedup;
    int repeats = 0; ///< that are complete
    std::optional<int> workers;
    QString file; ///< its whole path; empty where it could not be kept
    QString title; ///< of the lesson; empty where an older version kept the run
    /// "workers=3, limit=50000": what was not at its default; all where that is not known.
    QString changedParameters;
    QString name; ///< that a person gave it; empty without one
    bool pinned = false; ///< stays when the history is full
};

/// What keptRunFrom() reads, in its order.
QString keptRunColumns();
/// `folder`: of the files of runs.
KeptRun keptRunFrom(const QVariantList& row, const QString& folder);

/// Puts a run in, whose file has this name below the folder of runs (empty: it has none); returns
/// its id.
qint64 keepRun(NotebookDatabase::Transaction& notebook, const FinishedRun& run,
    const QDateTime& time, const QString& fileName);

/// The name of `path` below `folder`; the whole path of what stands elsewhere. What stands in our
/// folder is found again where that was moved to.
QString nameBelow(const QString& folder, const QString& path);

/// A time as the notebook writes it, and now.
QString notebookTime(const QDateTime& time);
QString notebookTime();

} // namespace manyhands::app
