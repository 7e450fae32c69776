// SPDX-License-Identifier: GPL-3.0-or-later
// What the views know of a run: its recording, and what stands beside it.
#include "app/views/run_facts.hpp"

#include <algorithm>

namespace manyhands::app {
int workersOf(const LessonDescription& description, const ParameterValues& parameters,
    const Recording& recording)
{
    int workers = 0;
    for (const ParameterDescription& parameter : description.parameters) {
        if (!parameter.workers)
            continue;
        const auto found = parameters.find(parameter.name);
        if (found == parameters.end())
            continue;
        if (const auto* number = std::get_if<std::int64_t>(&found->second))
            workers += static_cast<int>(*number);
    }
    if (workers > 0)
        return workers;
    const auto& lanes = recording.lanes();
    return static_cast<int>(std::count_if(
        lanes.begin(), lanes.end(), [](const Lane& lane) { return lane.role == Role::worker; }));
}

std::int64_t RunFacts::nowNs() const
{
    if (!recording)
        return 0;
    return untilNs ? std::min(*untilNs, recording->now_ns()) : recording->now_ns();
}

bool RunFacts::goesOn() const
{
    return running || (recording != nullptr && untilNs && *untilNs < recording->now_ns());
}

bool RunFacts::shows(std::size_t lane) const
{
    return lanes.empty()
        || std::binary_search(lanes.begin(), lanes.end(), static_cast<std::uint32_t>(lane));
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
    facts.declaresMemory = session.options().description.memory;
    facts.sequentialS = session.sequential_s();
    facts.allWork = session.all_work();
    facts.workers = workersOf(
        session.options().description, session.options().parameters, session.recording());
    facts.usableCpus = session.machine().usable_cpus;
    if (session.finished() && session.document())
        facts.document = &*session.document();
    if (session.finished() && session.shown_repeat() < session.repeats().size())
        facts.finalSpeedup = session.repeats()[session.shown_repeat()].speedup;
    return facts;
}

RunFacts factsOf(const FinishedRun& run)
{
    RunFacts facts;
    facts.recording = run.recording.get();
    facts.budget = time_budget(*run.recording, run.recording->shown_interval());
    facts.foreign = run.foreign.has_value();
    facts.lesson = QString::fromStdString(run.description.title);
    facts.hasBaseline = run.description.baseline;
    facts.declaresMemory = run.description.memory;
    facts.sequentialS = run.sequential_s;
    facts.allWork = run.all_work;
    facts.workers = workersOf(run.description, run.parameters, *run.recording);
    facts.usableCpus = run.machine.usable_cpus;
    if (run.document)
        facts.document = &*run.document;
    if (run.shown_repeat < run.repeats.size())
        facts.finalSpeedup = run.repeats[run.shown_repeat].speedup;
    return facts;
}

} // namespace manyhands::app
