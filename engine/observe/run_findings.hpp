// SPDX-License-Identifier: MIT
// What a finished run says to a belief.
#pragma once

#include "engine/analysis/findings.hpp"
#include "engine/observe/finished_run.hpp"

#include <vector>

namespace manyhands {

/// findings() of a run; the repeats that are complete count, the recording is the shown one's.
std::vector<Finding> findings_of(
    const FinishedRun& run, const std::vector<Prediction>& predictions = {});

/// As `--json` prints them: `id`, `belief`, `sentence`, `question`, `process` and `pid` (null where
/// none is pointed at), `interval_s` (begin and end as the processes' times are, or null) and
/// `attempt` (`label`, `words`, `sweep`, or null).
nlohmann::json findings_array(const FinishedRun& run, const std::vector<Finding>& findings);

} // namespace manyhands
