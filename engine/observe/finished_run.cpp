// SPDX-License-Identifier: MIT
#include "engine/observe/finished_run.hpp"

namespace manyhands {

FinishedRun finished_run(const Session& session)
{
    const SessionOptions& options = session.options();
    const Session::Progress progress = session.progress();
    FinishedRun run;
    run.lesson = options.lesson;
    run.description = options.description;
    run.parameters = options.parameters;
    run.seed = options.seed;
    run.machine = session.machine();
    run.state = session.state();
    run.traced = options.traced;
    run.recording = session.shared_recording();
    run.repeats = session.repeats();
    run.shown_repeat = session.shown_repeat();
    run.sequential_s = session.sequential_s();
    run.all_work = session.all_work();
    run.marks = session.marks();
    run.document = session.document();
    run.problem = session.problem();
    run.raw_output = session.raw_output();
    run.events = progress.events;
    run.dropped = progress.dropped;
    return run;
}

} // namespace manyhands
