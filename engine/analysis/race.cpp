// SPDX-License-Identifier: MIT
#include "engine/analysis/race.hpp"

#include <algorithm>
#include <numeric>

namespace manyhands {

void Race::step(int process) noexcept
{
    Register& own = registers_[static_cast<std::size_t>(process)];
    switch (own.steps++ % steps_of_an_increment) {
    case 0:
        own.value = number_;
        break;
    case 1:
        ++own.value;
        break;
    default:
        number_ = own.value;
        own.value = 0;
    }
}

std::uint64_t Race::key() const noexcept
{
    static_assert(
        most_increments * steps_of_an_increment < 16 && most_processes * most_increments < 16,
        "each number has four bits");
    auto key = static_cast<std::uint64_t>(number_);
    for (const Register& own : registers_)
        key = (key * 16 + static_cast<std::uint64_t>(own.steps)) * 16
            + static_cast<std::uint64_t>(own.value);
    return key;
}

const RaceOutcomes::Counts& RaceOutcomes::from(const Race& race)
{
    if (const auto found = known_.find(race.key()); found != known_.end())
        return found->second;
    Counts counts = {};
    bool all_done = true;
    for (int process = 0; process < race.processes(); ++process) {
        if (race.done(process))
            continue;
        all_done = false;
        Race next = race;
        next.step(process);
        const Counts& behind = from(next);
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] += behind[i];
    }
    if (all_done)
        counts[static_cast<std::size_t>(race.number())] = 1;
    return known_.emplace(race.key(), counts).first->second;
}

int smallest_of(const RaceOutcomes::Counts& counts) noexcept
{
    const auto smallest = std::find_if(
        counts.begin(), counts.end(), [](std::uint64_t orders) { return orders > 0; });
    return static_cast<int>(smallest - counts.begin());
}

std::uint64_t sum_of(const RaceOutcomes::Counts& counts) noexcept
{
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

} // namespace manyhands
