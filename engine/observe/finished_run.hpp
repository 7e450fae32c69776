// SPDX-License-Identifier: MIT
// A run that has ended, as views, run files and the command line see it.
#pragma once

#include "engine/observe/session.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// Of a trace that another program wrote.
struct ForeignOrigin
{
    std::string writer; ///< "VizTracer"; empty where the file does not tell
    std::string left_out; ///< what is not shown: "12 counters, 3 flow events"; empty for nothing
    std::uint64_t without_end = 0; ///< spans that are drawn to their thread's last moment
};

/// A run that has ended, whether it was just observed or read from a file. Copies share the
/// recording, which is never changed again: any thread may read it.
struct FinishedRun
{
    LessonReference lesson; ///< its program is empty where the run came from a file
    LessonDescription description;
    ParameterValues parameters; ///< all of them
    std::uint64_t seed = 1;
    Machine machine = {}; ///< that it ran on
    RunState state = RunState::done; ///< `stopped` where a cut file does not tell it
    bool traced = true;
    std::shared_ptr<const Recording> recording; ///< of the shown repeat; never null
    std::vector<Repeat> repeats; ///< those that are complete
    std::size_t shown_repeat = 0; ///< index into `repeats`; 0 where there is none
    std::optional<double> sequential_s; ///< see Session::sequential_s()
    std::optional<std::uint64_t> all_work; ///< see Session::all_work()
    std::vector<std::string> marks; ///< see Session::marks()
    std::optional<ResultDocument> document; ///< the lesson's own figures
    std::string problem; ///< what went wrong as a whole, one line; empty where nothing did
    std::string raw_output; ///< see Session::raw_output()
    std::uint64_t events = 0; ///< recorded in the whole run, all its repeats
    std::uint64_t dropped = 0; ///< likewise
    /// Only where this is no run of a lesson, but a trace of another program. Then there are lanes
    /// with named spans and nothing else: no lesson, no parameters, no machine, no repeats, and no
    /// states that a budget could be made of.
    std::optional<ForeignOrigin> foreign;
    /// One line: what of a damaged or cut file is missing; empty where it was whole.
    std::string shortfall;
};

/// The run of a session that has finished; shares its recording, and outlives it.
FinishedRun finished_run(const Session& session);

/// Processes that did tasks in the shown repeat: the p of speedup and efficiency.
int workers_of(const FinishedRun& run);

/// The run as one JSON object, as `--json` prints it and a run file keeps it.
nlohmann::json run_object(const FinishedRun& run);

} // namespace manyhands
