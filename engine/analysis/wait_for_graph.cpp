// SPDX-License-Identifier: MIT
#include "engine/analysis/wait_for_graph.hpp"

#include <algorithm>
#include <deque>

namespace manyhands {
namespace {

using Evidence = WaitEdge::Evidence;

bool is_wait(State state)
{
    return state == State::waiting_lock || state == State::joining || state == State::waiting_data
        || state == State::waiting_space;
}

/// Builds one graph.
class Builder
{
public:
    Builder(const Recording& recording, std::int64_t moment)
        : recording_(recording)
        , moment_(moment)
    {
        graph_.moment_ns = moment;
    }

    WaitForGraph build() &&
    {
        const auto& lanes = recording_.lanes();
        edge_of_.assign(lanes.size(), nothing);
        for (std::uint32_t lane = 0; lane < lanes.size(); ++lane) {
            if (lives(lane))
                begin_edge(lane);
        }
        for (WaitEdge& edge : graph_.edges)
            find_targets(edge);
        find_stuck();
        find_cycle();
        return std::move(graph_);
    }

private:
    static constexpr std::size_t nothing = static_cast<std::size_t>(-1);

    bool lives(std::uint32_t lane) const
    {
        const Lane& of = recording_.lanes()[lane];
        return of.start_ns <= moment_ && moment_ < of.end_ns;
    }

    void begin_edge(std::uint32_t lane)
    {
        graph_.lanes.push_back(lane);
        const Spans& spans = recording_.lanes()[lane].spans;
        const std::size_t index = spans.innermost(moment_);
        if (index == spans.size())
            return;
        const Span span = spans[index];
        if (!is_wait(span.state))
            return;
        edge_of_[lane] = graph_.edges.size();
        graph_.edges.push_back({.lane = lane,
            .state = span.state,
            .subject = span.subject,
            .interval = {span.begin_ns, moment_},
            .targets = {},
            .evidence = Evidence::nobody});
    }

    void find_targets(WaitEdge& edge) const
    {
        if (edge.state == State::waiting_lock)
            find_holder(edge);
        else if (edge.state == State::joining)
            find_joined(edge);
        else
            find_other_side(edge);
    }

    void find_holder(WaitEdge& edge) const
    {
        if (edge.subject >= recording_.locks().size())
            return;
        const LockWait* told = nullptr;
        for (const LockWait& wait : recording_.waits()) {
            if (wait.lock == edge.subject && wait.time_ns <= moment_
                && (told == nullptr || wait.time_ns >= told->time_ns))
                told = &wait;
        }
        for (const LockHold& hold : recording_.holds()) {
            if (hold.lock != edge.subject || hold.begin_ns > moment_)
                continue;
            if (hold.end_ns > moment_) {
                edge.targets = {hold.lane};
                edge.evidence = Evidence::certain;
                return;
            }
            if (told != nullptr && hold.lane == told->holder && hold.end_ns >= told->time_ns)
                told = nullptr; // and let it go since
        }
        if (told == nullptr || !lives(told->holder))
            return;
        edge.targets = {told->holder};
        // Who has waited ever since it was seen with the lock has not let it go.
        const std::size_t of_holder = edge_of_[told->holder];
        const bool waits_since
            = of_holder != nothing && graph_.edges[of_holder].interval.begin_ns <= told->time_ns;
        edge.evidence = waits_since ? Evidence::certain : Evidence::likely;
    }

    void find_joined(WaitEdge& edge) const
    {
        for (const JoinWait& join : recording_.joins()) {
            if (join.lane == edge.lane && join.time_ns == edge.interval.begin_ns
                && lives(join.joined)) {
                edge.targets = {join.joined};
                edge.evidence = Evidence::certain;
            }
        }
    }

    /// Whoever could put (or take) a message: of a lane that never did, nobody knows that it will
    /// not.
    void find_other_side(WaitEdge& edge) const
    {
        if (edge.subject >= recording_.channels().size())
            return;
        const bool needs_receiver = edge.state == State::waiting_space;
        std::vector<bool> same_side(recording_.lanes().size(), false);
        std::vector<bool> other_side(recording_.lanes().size(), false);
        std::int64_t change = 0; // of what is in the channel, since the wait began
        for (const Transfer& transfer : recording_.transfers()) {
            if (transfer.channel != edge.subject || transfer.time_ns > moment_)
                continue;
            (transfer.received == needs_receiver ? other_side : same_side)[transfer.lane] = true;
            if (transfer.time_ns >= edge.interval.begin_ns) {
                const std::int64_t messages = transfer.summarised ? transfer.message : 1;
                change += transfer.received ? -messages : messages;
            }
        }
        // There is what it waits for, and it is about to go on.
        if (needs_receiver ? change < 0 : change > 0)
            return;
        for (const std::uint32_t lane : graph_.lanes) {
            if (lane != edge.lane && (other_side[lane] || !same_side[lane]))
                edge.targets.push_back(lane);
        }
        if (!edge.targets.empty())
            edge.evidence = Evidence::possible;
    }

    /// All that wait at first; whoever may yet be helped from outside is taken off, until nobody
    /// is.
    void find_stuck()
    {
        std::vector<bool> stuck(recording_.lanes().size(), false);
        for (const WaitEdge& edge : graph_.edges)
            stuck[edge.lane]
                = edge.evidence >= Evidence::possible && edge.evidence != Evidence::likely;
        for (bool changed = true; changed;) {
            changed = false;
            for (const WaitEdge& edge : graph_.edges) {
                if (stuck[edge.lane]
                    && !std::all_of(edge.targets.begin(), edge.targets.end(),
                        [&](std::uint32_t target) { return stuck[target]; })) {
                    stuck[edge.lane] = false;
                    changed = true;
                }
            }
        }
        for (const std::uint32_t lane : graph_.lanes) {
            if (stuck[lane])
                graph_.stuck.push_back(lane);
        }
    }

    /// The shortest one, and of those the one whose lanes come first.
    void find_cycle()
    {
        for (const std::uint32_t first : graph_.stuck) {
            std::vector<std::uint32_t> found = cycle_from(first);
            if (!found.empty() && (graph_.cycle.empty() || found.size() < graph_.cycle.size()))
                graph_.cycle = std::move(found);
        }
    }

    std::vector<std::uint32_t> cycle_from(std::uint32_t first) const
    {
        std::vector<std::uint32_t> before(recording_.lanes().size(), no_subject);
        std::deque<std::uint32_t> reached = {first};
        for (; !reached.empty(); reached.pop_front()) {
            const std::uint32_t lane = reached.front();
            for (const std::uint32_t target : graph_.edges[edge_of_[lane]].targets) {
                if (target == first) {
                    std::vector<std::uint32_t> cycle;
                    for (std::uint32_t at = lane; at != first; at = before[at])
                        cycle.push_back(at);
                    cycle.push_back(first);
                    std::reverse(cycle.begin(), cycle.end());
                    return cycle;
                }
                if (before[target] == no_subject) {
                    before[target] = lane;
                    reached.push_back(target);
                }
            }
        }
        return {};
    }

    const Recording& recording_;
    std::int64_t moment_;
    WaitForGraph graph_;
    std::vector<std::size_t> edge_of_; ///< index into the graph's edges, by lane
};

} // namespace

const WaitEdge* WaitForGraph::edge_of(std::uint32_t lane) const noexcept
{
    const auto found = std::lower_bound(edges.begin(), edges.end(), lane,
        [](const WaitEdge& edge, std::uint32_t wanted) { return edge.lane < wanted; });
    return found == edges.end() || found->lane != lane ? nullptr : &*found;
}

WaitForGraph wait_for_graph(const Recording& recording, std::optional<std::int64_t> moment_ns)
{
    return Builder(
        recording, moment_ns.value_or(recording.stop_asked_ns().value_or(recording.now_ns())))
        .build();
}

} // namespace manyhands
