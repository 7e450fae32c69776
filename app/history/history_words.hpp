// SPDX-License-Identifier: GPL-3.0-or-later
// What the history says of a run, and which runs a search finds.
#pragma once

#include "app/notebook/run_history.hpp"

#include <QString>
#include <QStringList>

namespace manyhands::app {

/// A time of the notebook: of today without its date.
QString timeText(const QDateTime& utc);
/// "3 runs", "1 run".
QString runsText(qsizetype count);
/// "12.3 MB".
QString fileSizeText(qint64 bytes);

/// Its name; the lesson's title where it has none.
QString nameOf(const HistoryRun& run);
/// The lines of a run in the list, the first says which it is.
QStringList linesOf(const HistoryRun& run);
/// All of it, with every parameter and the whole note.
QString toolTipOf(const HistoryRun& run);
/// Why it cannot be opened; empty where it can.
QString whyNotOpened(const HistoryRun& run);

/// Whether each of the words stands somewhere in what is known of the run, in any case.
bool matches(const HistoryRun& run, const QStringList& words);

} // namespace manyhands::app
