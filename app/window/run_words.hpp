// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says of a run in words: its status in a line, and what is to be known of it.
#pragma once

#include "engine/observe/finished_run.hpp"

#include <QString>
#include <QStringList>

namespace manyhands::app {

/// "▶ repeat 3 of 5 · 2.31 s · 4 processes alive · …" of a run under way.
QString statusOf(const Session& session);
/// The same of one that has ended.
QString statusOf(const FinishedRun& run);

/// Warnings and failures, one a line, each with a sign; they hold as long as the run is shown.
QStringList messagesOf(const Session& session);
QStringList messagesOf(const FinishedRun& run);

/// Seconds that a measurement still takes, by the repeats that it has finished; nothing before the
/// first.
std::optional<double> secondsLeft(const Session& session);

} // namespace manyhands::app
