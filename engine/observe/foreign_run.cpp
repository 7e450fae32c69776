// SPDX-License-Identifier: MIT
#include "engine/observe/foreign_run.hpp"

#include "engine/os/error.hpp"

#include <utility>

namespace manyhands {

FinishedRun foreign_run(ForeignTrace trace, const std::filesystem::path& path)
{
    if (trace.recording.lanes().empty())
        throw BadValue({.object = path.string(),
            .problem = "is a trace without a span that could be shown",
            .value = trace.left_out.empty() ? "" : "left out " + trace.left_out,
            .limit = "events of the kinds B and E, or X, of a process"});
    FinishedRun run;
    run.description.title = path.filename().string();
    run.description.baseline = false;
    run.machine.cpu = "unknown";
    run.recording = std::make_shared<const Recording>(std::move(trace.recording));
    run.events = trace.entries;
    run.foreign
        = ForeignOrigin{std::move(trace.writer), std::move(trace.left_out), trace.without_end};
    if (!trace.shortfall.empty())
        run.shortfall = path.string() + ' ' + trace.shortfall;
    return run;
}

} // namespace manyhands
