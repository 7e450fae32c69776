// SPDX-License-Identifier: GPL-3.0-or-later
// What the views know of a run: its recording, and what stands beside it.
#pragma once

#include "app/views/predictions.hpp"
#include "engine/analysis/scaling.hpp"
#include "engine/analysis/time_budget.hpp"
#include "engine/observe/finished_run.hpp"
#include "engine/recording/recording.hpp"

#include <QString>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace manyhands::app {

/// What was measured with one value of a parameter.
struct SweptValue
{
    ParameterValue value;
    std::vector<double> wall_s; ///< of each repeat
    std::optional<double> sequential_s; ///< T1 of the same work
    bool oversubscribed = false;
};

/// Wall times over the values of one parameter, all else being the same.
struct SweptParameter
{
    ParameterDescription parameter;
    std::vector<SweptValue> values; ///< in their order
    /// The lesson's quantity that predicts the best value, where it has one.
    std::optional<QuantityDescription> predictor;
    std::optional<double> predictedBest; ///< of the newest run
};

/// Of one run at one moment. The recording, and what else is pointed to, must outlive the views'
/// use of it. Before the first run there are predictions, perhaps, and no more.
struct RunFacts
{
    const Recording* recording = nullptr; ///< nullptr before the first run
    TimeBudget budget; ///< of the recording's shown interval
    QString lesson; ///< title
    bool running = false;
    bool foreign = false; ///< a trace of another program: lanes with named spans, no states
    bool hasBaseline = true; ///< the lesson has one, so a speedup
    std::optional<double> sequentialS;
    std::optional<std::uint64_t> allWork;
    std::optional<double> finalSpeedup; ///< of the shown repeat, once it is complete
    int workers = 0; ///< that the run was asked for, or started
    int usableCpus = 1;
    /// Measured for the same work, by number of workers.
    std::vector<ScalingPoint> points;
    /// Measured over a parameter, by whichever was swept last; nullptr where nothing was.
    std::shared_ptr<const SweptParameter> swept;
    /// What the lesson found in the run; nullptr before the run has ended.
    const ResultDocument* document = nullptr;
    Predictions predictions;
    bool declaresMemory = false; ///< the lesson wants its processes' memory sampled
    /// Of a replay: nothing later than this recorded moment is drawn.
    std::optional<std::int64_t> untilNs;
    /// Of a figure: the lanes that it shows, by number, ascending; empty: all.
    std::vector<std::uint32_t> lanes;
    /// Of a figure: the run time that it shows; nothing: all of it.
    std::optional<Interval> part;

    bool shows(std::size_t lane) const;

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
/// The facts of a run that has ended, observed here or read from a file; they point into `run`.
RunFacts factsOf(const FinishedRun& run);

} // namespace manyhands::app
