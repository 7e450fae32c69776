// SPDX-License-Identifier: GPL-3.0-or-later
// Runs beside each other, on one time: what the views of a comparison share.
#pragma once

#include "app/views/run_facts.hpp"
#include "app/views/theme.hpp"
#include "engine/observe/comparison.hpp"

#include <qcustomplot.h>

#include <QString>

#include <memory>
#include <vector>

namespace manyhands::app {

/// A run of a comparison. Its own time is run time; the common one counts from its origin.
struct AlignedRun
{
    QString label; ///< "A"
    QString name; ///< of its file, on one line
    std::shared_ptr<const FinishedRun> run;
    RunFacts facts;
    std::int64_t originNs = 0; ///< run time of the start of its parallel part

    /// The common time, in nanoseconds, of a recorded moment.
    std::int64_t commonTime(std::int64_t recorded_ns) const;
    /// The recorded moment of a common time.
    std::int64_t recordedTime(std::int64_t common_ns) const;
};

/// Two to four runs, what is to be said of them, and the time that they have in common.
struct ComparedRuns
{
    std::vector<AlignedRun> runs;
    Comparison comparison;
    Interval whole; ///< common time, from the first run's start to the last one's end
    Interval shown; ///< likewise of the repeats that are shown, with a little room
};

/// Throws BadValue for another number of runs.
std::shared_ptr<const ComparedRuns> comparedRuns(const std::vector<ComparedRun>& runs);

/// How a run is drawn wherever colours stand for runs: never by its colour alone.
SeriesLook lookOfRun(const Theme& theme, std::size_t run);
QCPScatterStyle::ScatterShape markerOfRun(std::size_t run);
/// "● A", as its marker is.
QString signOfRun(std::size_t run);
/// What was set in a run: "workers=2 limit=1000".
QString settingsText(const FinishedRun& run);

/// The value as the table of differences has it, with its unit; and how far it is from the first
/// run's, with a sign.
QString valueText(const ComparedQuantity& quantity, std::size_t run);
QString differenceText(const ComparedQuantity& quantity, std::size_t run);
/// "1.85", and "≈ 1.02" where there is no clear difference.
QString ratioText(const ComparedQuantity& quantity, std::size_t run);

} // namespace manyhands::app
