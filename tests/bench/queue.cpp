// SPDX-License-Identifier: MIT
// Messages through a queue: 64 bytes from one process to one and from two to two, and 1 MiB. Ours
// within a lesson (lesson_queue.cpp), beside a bare ring of equal capacity; the peers in turn.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"
#include "tests/bench/queue_peers.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace manyhands::bench {
namespace {

constexpr int rounds = 7;
constexpr std::uint64_t peer_messages = 500'000;

// What the peers reached in one round.
struct Rates
{
    std::vector<double> zeromq;
    std::vector<double> boost;
    std::vector<double> better; ///< of the two, round by round

    void measure(int pairs)
    {
        const std::optional<double> first = zeromq_rate(pairs, peer_messages);
        const std::optional<double> second = boost_rate(pairs, peer_messages);
        if (first)
            zeromq.push_back(*first);
        if (second)
            boost.push_back(*second);
        if (first || second)
            better.push_back(std::max(first.value_or(0), second.value_or(0)));
    }

    std::vector<Peer> peers() const
    {
        const auto peer = [](std::string name, const std::vector<double>& values) {
            return values.empty()
                ? Peer{std::move(name), std::nullopt, "its headers are not installed"}
                : Peer{std::move(name), quartiles(values).median, {}};
        };
        return {peer("ZeroMQ, ipc", zeromq), peer("Boost.Interprocess message_queue", boost)};
    }
};

struct Ours
{
    std::vector<double> small;
    std::vector<double> ring;
    std::vector<double> two;
    std::vector<double> large;

    // A sample a run: the median of three.
    void measure(bool traced)
    {
        const nlohmann::json result = result_of_lesson("queue", {}, traced);
        for (const auto& [name, values] :
            {std::pair<const char*, std::vector<double>*>{"small", &small}, {"ring", &ring},
                {"two", &two}, {"large", &large}})
            values->push_back(quartiles(result.at(name).get<std::vector<double>>()).median);
    }
};

Row beside_peers(
    std::string name, const std::vector<double>& ours, const Rates& rates, double target)
{
    Row row;
    if (rates.better.empty()) {
        row = {.name = std::move(name),
            .unit = "M/s",
            .samples = ours.size(),
            .ours = quartiles(ours)};
    } else {
        row = paired_row(std::move(name), "M/s", {ours, rates.better}, "the better peer");
        row.goal = Goal::ratio_at_least;
        row.target = target;
    }
    row.peers = rates.peers();
    return row;
}

std::vector<Row> measure()
{
    Ours untraced;
    Ours traced;
    Rates one_to_one;
    Rates two_to_two;
    for (int i = 0; i < rounds; ++i) {
        untraced.measure(false);
        traced.measure(true);
        one_to_one.measure(1);
        two_to_two.measure(2);
    }
    Row beside_ring = paired_row("queue, 64 B, 1 to 1, untraced", "M/s",
        {untraced.small, untraced.ring}, "a single-producer ring of as many places, spinning");
    beside_ring.goal = Goal::ratio_at_least;
    beside_ring.target = 0.4;
    const auto large = [](std::string name, const std::vector<double>& values) {
        return Row{.name = std::move(name),
            .unit = "GiB/s",
            .samples = values.size(),
            .ours = quartiles(values),
            .goal = Goal::value_at_least,
            .target = 6};
    };
    Row python
        = beside_peers("queue, 64 B, 1 to 1, untraced, and peers", untraced.small, one_to_one, 3);
    python.peers.push_back(python_peer("queue"));
    return {beside_ring, python,
        beside_peers("queue, 64 B, 1 to 1, traced", traced.small, one_to_one, 1.5),
        beside_peers("queue, 64 B, 2 to 2, untraced", untraced.two, two_to_two, 2),
        large("queue, 1 MiB, untraced", untraced.large),
        large("queue, 1 MiB, traced", traced.large)};
}

} // namespace

const Figure queue = {"queue", measure};

} // namespace manyhands::bench
