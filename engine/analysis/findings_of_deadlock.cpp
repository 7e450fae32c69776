// SPDX-License-Identifier: MIT
// The rule on lanes that wait for each other.
#include "engine/analysis/finding_rules.hpp"
#include "engine/analysis/wait_for_graph.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace manyhands {
namespace {

template <class Named>
std::string name_in(const std::vector<Named>& all, std::uint32_t index)
{
    return index < all.size() ? all[index].name : std::string();
}

std::string lock_words(const FindingContext& context, const WaitEdge& edge)
{
    return named("lock", name_in(context.facts.recording.locks(), edge.subject));
}

/// "the lock “A”, which Worker-2 holds": what a lane of the cycle waits for, which `next` has.
std::string awaited_words(const FindingContext& context, const WaitEdge& edge, std::uint32_t next)
{
    const std::string& who = context.name_of_lane(next);
    const bool alone = edge.targets.size() == 1;
    const std::string channel
        = named("channel", name_in(context.facts.recording.channels(), edge.subject));
    switch (edge.state) {
    case State::joining:
        return who + " to end";
    case State::waiting_space:
        return "space in " + channel + ", from which "
            + (alone ? "only " + who + " could take" : "nobody takes who does not wait as well");
    case State::waiting_data:
        return "data in " + channel + ", into which "
            + (alone ? "only " + who + " could put some" : "nobody puts who does not wait as well");
    default:
        return lock_words(context, edge) + ", which "
            + (next == edge.lane ? "it holds itself" : who + " holds");
    }
}

struct Belief
{
    const char* belief;
    const char* question;
};

Belief belief_about(const WaitForGraph& graph)
{
    if (graph.cycle.size() == 1)
        return {"A process that has a lock may take it once more.",
            "Who would have to let the lock go, and what is that process doing?"};
    const bool locks_alone = std::all_of(graph.cycle.begin(), graph.cycle.end(),
        [&](std::uint32_t lane) { return graph.edge_of(lane)->state == State::waiting_lock; });
    if (locks_alone)
        return {"Locks may be taken in whatever order one needs them.",
            "In which order would all of them have to take their locks, so that this cannot come "
            "about?"};
    return {"Who waits long enough gets what it waits for.",
        "What would one of them have to do before it waits?"};
}

} // namespace

std::optional<Finding> deadlock(const FindingContext& context)
{
    const WaitForGraph graph = wait_for_graph(context.facts.recording);
    if (graph.cycle.empty())
        return std::nullopt;
    std::string sentence;
    const WaitEdge* last = nullptr; // whose wait closed the cycle
    const std::size_t size = graph.cycle.size();
    for (std::size_t i = 0; i < size; ++i) {
        const WaitEdge& edge = *graph.edge_of(graph.cycle[i]);
        const WaitEdge& before = *graph.edge_of(graph.cycle[(i + size - 1) % size]);
        sentence += (i == 0 ? "" : "; ") + context.name_of_lane(edge.lane);
        if (size > 1 && before.state == State::waiting_lock)
            sentence += " holds " + lock_words(context, before) + " and";
        sentence += " waits for " + awaited_words(context, edge, graph.cycle[(i + 1) % size]);
        if (last == nullptr || edge.interval.begin_ns > last->interval.begin_ns)
            last = &edge;
    }
    sentence += ". So it is since " + moment_words(context, last->interval.begin_ns) + ": "
        + (size == 1 ? "it can never go on" : "none of them can ever go on");
    const std::string for_whom = size == 1 ? "it" : "them";
    std::vector<std::uint32_t> others;
    std::copy_if(graph.stuck.begin(), graph.stuck.end(), std::back_inserter(others),
        [&](std::uint32_t lane) {
            return std::find(graph.cycle.begin(), graph.cycle.end(), lane) == graph.cycle.end();
        });
    if (others.size() == 1)
        sentence += "; nor can " + context.name_of_lane(others.front()) + ", which waits for "
            + for_whom;
    else if (others.size() > 1)
        sentence += "; nor can " + count_words(static_cast<double>(others.size()))
            + " others, which wait for " + for_whom;
    const Belief about = belief_about(graph);
    const auto clamped = [&](std::int64_t time) {
        return std::clamp(time, context.interval.begin_ns, context.interval.end_ns);
    };
    return Finding{.id = "deadlock",
        .belief = about.belief,
        .sentence = sentence + ".",
        .question = about.question,
        .lane = last->lane,
        .interval = Interval{clamped(last->interval.begin_ns), clamped(graph.moment_ns)},
        .attempt = attempt_every_way(context.facts)};
}

} // namespace manyhands
