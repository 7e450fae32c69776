// SPDX-License-Identifier: MIT
#include "tests/support/finished_runs.hpp"

#include <nlohmann/json.hpp>

#include <tuple>

namespace manyhands::test {
namespace {

// Every member of each kind, so that two are the same where these tuples are.
auto all_of(const Interval& of)
{
    return std::tuple(of.begin_ns, of.end_ns);
}
auto all_of(const Span& of)
{
    return std::tuple(of.begin_ns, of.end_ns, of.subject, of.place, of.state, of.depth);
}
auto all_of(const Place& of)
{
    return std::tuple(of.file, of.line, of.function);
}
auto all_of(const Channel& of)
{
    return std::tuple(of.name, of.kind, of.messages, of.bytes, of.messages_received,
        of.bytes_received, of.max_depth);
}
auto all_of(const Transfer& of)
{
    return std::tuple(
        of.time_ns, of.bytes, of.channel, of.message, of.lane, of.received, of.summarised);
}
auto all_of(const DepthSample& of)
{
    return std::tuple(of.time_ns, of.channel, of.depth);
}
auto all_of(const LockName& of)
{
    return std::tuple(of.name, of.kind);
}
auto all_of(const LockHold& of)
{
    return std::tuple(of.begin_ns, of.end_ns, of.lock, of.lane, of.place, of.abandoned);
}
auto all_of(const LockWait& of)
{
    return std::tuple(of.time_ns, of.lock, of.lane, of.holder);
}
auto all_of(const JoinWait& of)
{
    return std::tuple(of.time_ns, of.lane, of.joined);
}
auto all_of(const LockRecovery& of)
{
    return std::tuple(of.time_ns, of.lock, of.lane, of.from, of.place);
}
auto all_of(const ValueChange& of)
{
    return std::tuple(of.time_ns, of.now, of.value, of.lane, of.place, of.form);
}
auto all_of(const Task& of)
{
    return std::tuple(of.index, of.lane, of.argument, of.begin_ns, of.end_ns, of.outcome);
}
auto all_of(const Phase& of)
{
    return std::tuple(of.kind, of.number, of.begin_ns, of.end_ns, of.work);
}
auto all_of(const WorkSample& of)
{
    return std::tuple(of.time_ns, of.work);
}
auto all_of(const MemorySample& of)
{
    return std::tuple(of.time_ns, of.rss_bytes, of.pss_bytes, of.lane);
}
auto all_of(const OutputLine& of)
{
    return std::tuple(of.lane, of.text);
}
auto all_of(const std::string& of)
{
    return of;
}
auto facts_of(const Lane& of)
{
    return std::tuple(of.name, of.pid, of.role, of.start_method, of.start_ns, of.end_ns,
        of.exception, of.exit, of.cpu_ns, of.run_delay_ns, of.peak_rss_bytes, of.tasks_done,
        of.work_done, of.events_recorded, of.events_dropped, of.text_dropped, of.damaged);
}

class Differences
{
public:
    void same(const std::string& name, bool same)
    {
        if (!same)
            found.push_back(name);
    }

    template <class Elements>
    void list(const std::string& name, const Elements& one, const Elements& other)
    {
        if (one.size() != other.size()) {
            found.push_back(
                name + ": " + std::to_string(one.size()) + " and " + std::to_string(other.size()));
            return;
        }
        for (std::size_t i = 0; i < one.size(); ++i) {
            if (all_of(one[i]) != all_of(other[i])) {
                found.push_back(name + '[' + std::to_string(i) + ']');
                return;
            }
        }
    }

    std::vector<std::string> found;
};

} // namespace

std::vector<std::string> differences(const Recording& one, const Recording& other)
{
    Differences differ;
    differ.same("lanes", one.lanes().size() == other.lanes().size());
    for (std::size_t i = 0; i < std::min(one.lanes().size(), other.lanes().size()); ++i) {
        const std::string name = "lanes[" + std::to_string(i) + "]";
        differ.same(name, facts_of(one.lanes()[i]) == facts_of(other.lanes()[i]));
        differ.list(name + ".spans", one.lanes()[i].spans, other.lanes()[i].spans);
        differ.list(name + ".stops", one.lanes()[i].stops, other.lanes()[i].stops);
    }
    differ.list("channels", one.channels(), other.channels());
    differ.list("transfers", one.transfers(), other.transfers());
    differ.list("depths", one.depths(), other.depths());
    differ.list("tasks", one.tasks(), other.tasks());
    differ.list("phases", one.phases(), other.phases());
    differ.list("work samples", one.work_samples(), other.work_samples());
    differ.list("memory", one.memory(), other.memory());
    differ.list("output", one.output(), other.output());
    differ.list("places", one.places(), other.places());
    differ.list("locks", one.locks(), other.locks());
    differ.list("holds", one.holds(), other.holds());
    differ.list("waits", one.waits(), other.waits());
    differ.list("joins", one.joins(), other.joins());
    differ.list("recoveries", one.recoveries(), other.recoveries());
    differ.list("values", one.values(), other.values());
    differ.list("changes", one.changes(), other.changes());
    differ.list("gates", one.gates(), other.gates());
    differ.list("pauses", one.pauses(), other.pauses());
    differ.same("stop asked", one.stop_asked_ns() == other.stop_asked_ns());
    differ.same("origin", one.origin_ns() == other.origin_ns());
    differ.same("now", one.now_ns() == other.now_ns());
    return differ.found;
}

std::vector<std::string> differences(const FinishedRun& one, const FinishedRun& other)
{
    Differences differ;
    differ.found = differences(*one.recording, *other.recording);
    differ.same("lesson", one.lesson.id == other.lesson.id);
    differ.same("description", to_json(one.description) == to_json(other.description));
    differ.same("parameters", one.parameters == other.parameters);
    differ.same("seed", one.seed == other.seed);
    const auto machine = [](const Machine& of) {
        return std::tuple(of.cpu, of.usable_cpus, of.logical_cpus, of.memory_bytes, of.kernel,
            of.version, of.commit);
    };
    differ.same("machine", machine(one.machine) == machine(other.machine));
    differ.same("state", one.state == other.state);
    differ.same("traced", one.traced == other.traced);
    const auto repeats = [](const FinishedRun& of) {
        std::vector<std::tuple<double, std::optional<double>, std::optional<double>>> all;
        for (const Repeat& repeat : of.repeats)
            all.emplace_back(repeat.wall_s, repeat.sequential_s, repeat.speedup);
        return all;
    };
    differ.same("repeats", repeats(one) == repeats(other));
    differ.same("shown repeat", one.shown_repeat == other.shown_repeat);
    differ.same("sequential", one.sequential_s == other.sequential_s);
    differ.same("all work", one.all_work == other.all_work);
    differ.same("marks", one.marks == other.marks);
    const auto document = [](const FinishedRun& of) {
        return of.document ? to_json(*of.document) : nlohmann::json();
    };
    differ.same("document", document(one) == document(other));
    differ.same("problem", one.problem == other.problem);
    differ.same("raw output", one.raw_output == other.raw_output);
    differ.same("events", one.events == other.events && one.dropped == other.dropped);
    return differ.found;
}

} // namespace manyhands::test
