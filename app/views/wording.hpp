// SPDX-License-Identifier: GPL-3.0-or-later
// The words and numbers that the views show to people.
#pragma once

#include "engine/analysis/time_budget.hpp"
#include "engine/recording/recording.hpp"

#include <QString>

namespace manyhands::app {

QString wordFor(State state);
QString wordFor(BudgetCategory category);
QString wordFor(PhaseKind phase);
/// What a span is: its state, or its name in a trace of another program.
QString wordFor(const Recording& recording, const Span& span);

/// "P1 Worker-1 (pid 4242)"; without the pid where there is no room for it.
QString laneName(const Recording& recording, std::size_t lane, bool withPid = true);

/// Whether a process ended by a signal or with a code that says failure.
bool failed(const Lane& lane);

/// How a process ended: "exit code 3", "signal 9 (Killed)".
QString exitText(int exit);

/// "2.31 s", "18.4 ms", "730 µs".
QString durationText(double seconds);
/// "12.3 KiB".
QString bytesText(double bytes);
/// "1 234", "0.318": whole numbers in full, others in three digits.
QString figureText(double value);
/// A value with its unit: seconds and bytes ("s", "B") in the unit that suits them.
QString quantityText(double value, const QString& unit);
/// Of a replay, in recorded nanoseconds a second: "1 s = 40 µs".
QString speedText(double nsPerSecond);
/// "61 %".
QString shareText(double share);
/// "1 234 567", in the person's own grouping.
QString countText(std::uint64_t count);

QString processesText(std::uint64_t count); ///< "1 process", "4 processes"
QString threadsText(std::uint64_t count); ///< of a trace of another program
QString workersText(std::uint64_t count);
QString cpusText(std::uint64_t count); ///< "2 usable CPUs"
QString messagesText(std::uint64_t count);
QString eventsText(std::uint64_t count);

} // namespace manyhands::app
