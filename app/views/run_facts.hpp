// SPDX-License-Identifier: GPL-3.0-or-later
// What the views know of a run: its recording, and what stands beside it.
#pragma once

#include "engine/analysis/scaling.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/recording/recording.hpp"

#include <QString>

#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands::app {

/// Of one run at one moment. The recording must outlive the views' use of it.
struct RunFacts
{
    const Recording* recording = nullptr; ///< nullptr before the first run
    TimeBudget budget; ///< of the recording's shown interval
    QString lesson; ///< title
    bool running = false;
    bool hasBaseline = true; ///< the lesson has one, so a speedup
    std::optional<double> sequentialS;
    std::optional<std::uint64_t> allWork;
    std::optional<double> finalSpeedup; ///< of the shown repeat, once it is complete
    int workers = 0; ///< that the run was asked for, or started
    int usableCpus = 1;
    /// Measured for the same work, by number of workers.
    std::vector<ScalingPoint> points;
    bool declaresMemory = false; ///< the lesson wants its processes' memory sampled
    /// Of a replay: nothing later than this recorded moment is drawn.
    std::optional<std::int64_t> untilNs;

    /// The last recorded moment that is drawn; 0 without a recording.
    std::int64_t nowNs() const;
    /// More is to come: the run is under way, or its replay.
    bool goesOn() const;
};

/// The parameters that the lesson marks as numbers of workers, together; else the workers met.
int workersOf(const LessonDescription& description, const ParameterValues& parameters,
    const Recording& recording);

/// The facts of a session. Without a `budget` that still serves, it is added up afresh, which takes
/// time linear in the spans.
RunFacts factsOf(const Session& session, const TimeBudget* budget = nullptr);
/// The facts of a run that has ended, observed here or read from a file.
RunFacts factsOf(const FinishedRun& run);

} // namespace manyhands::app
