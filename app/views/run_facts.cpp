// SPDX-License-Identifier: GPL-3.0-or-later
// What the views know of a run: its recording, and what stands beside it.
#include "app/views/run_facts.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

/// The value of the parameter that the lesson marks as its number of workers; else the workers met.
int workersOf(const Session& session)
{
    const SessionOptions& options = session.options();
    for (const ParameterDescription& parameter : options.description.parameters) {
        if (!parameter.workers)
            continue;
        const auto found = options.parameters.find(parameter.name);
        if (found == options.parameters.end())
            continue;
        if (const auto* number = std::get_if<std::int64_t>(&found->second))
            return static_cast<int>(*number);
    }
    const auto& lanes = session.recording().lanes();
    return static_cast<int>(std::count_if(
        lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.role == Role::worker; }));
}

} // namespace

std::int64_t RunFacts::nowNs() const
{
    if (!recording)
        return 0;
    return untilNs ? std::min(*untilNs, recording->now_ns()) : recording->now_ns();
}

RunFacts factsOf(const Session& session, const TimeBudget* budget)
{
    RunFacts facts;
    facts.recording = &session.recording();
    facts.budget
        = budget ? *budget : time_budget(session.recording(), session.recording().shown_interval());
    facts.lesson = QString::fromStdString(session.options().description.title);
    facts.running = !session.finished();
    facts.hasBaseline = session.options().description.baseline;
    facts.sequentialS = session.sequential_s();
    facts.allWork = session.all_work();
    facts.workers = workersOf(session);
    facts.declaresMemory = session.options().description.memory;
    facts.usableCpus = session.machine().usable_cpus;
    if (session.finished() && session.shown_repeat() < session.repeats().size())
        facts.finalSpeedup = session.repeats()[session.shown_repeat()].speedup;
    return facts;
}

} // namespace manyhands::app
