// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of the notebook, as the steps that lead from each version to the next.
#pragma once

#include <QList>
#include <QStringList>

namespace manyhands::app {

/// The n-th holds the statements that lead from `PRAGMA user_version` n to n + 1. What was
/// published is never changed: a new version is a further one.
const QList<QStringList>& notebookMigrations();

/// All tables of the newest version, each behind those that it refers to.
const QStringList& notebookTables();

} // namespace manyhands::app
