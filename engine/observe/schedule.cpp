// SPDX-License-Identifier: MIT
#include "engine/observe/schedule.hpp"

#include "engine/analysis/race.hpp"

#include <cstddef>
#include <random>

namespace manyhands {
namespace {

// Whose step keeps the smallest number within reach. Of several, a load before an addition before a
// store: so that one sees first how all of them take the same number.
int next_to_lose(const Race& race, RaceOutcomes& outcomes)
{
    const int smallest = smallest_of(outcomes.from(race));
    int chosen = -1;
    for (int process = 0; process < race.processes(); ++process) {
        if (race.done(process)
            || (chosen >= 0 && race.next_step(process) >= race.next_step(chosen)))
            continue;
        Race next = race;
        next.step(process);
        if (smallest_of(outcomes.from(next)) == smallest)
            chosen = process;
    }
    return chosen;
}

} // namespace

std::vector<int> losing_schedule(int processes, int increments)
{
    std::vector<int> schedule;
    if (!Race::fits(processes, increments))
        return schedule;
    RaceOutcomes outcomes;
    Race race(processes, increments);
    for (int left = race.steps_in_all(); left > 0; --left) {
        const int next = next_to_lose(race, outcomes);
        race.step(next);
        schedule.push_back(next);
    }
    return schedule;
}

std::vector<int> random_schedule(int processes, int increments, std::uint64_t seed)
{
    if (processes < 1 || increments < 1)
        return {};
    // Who goes next is drawn from all steps that are left: then each order is as likely as another.
    std::vector<std::uint64_t> left(static_cast<std::size_t>(processes),
        static_cast<std::uint64_t>(increments) * Race::steps_of_an_increment);
    std::uint64_t all = left.size() * left.front();
    std::vector<int> schedule;
    schedule.reserve(all);
    std::mt19937_64 random(seed);
    for (; all > 0; --all) {
        // The remainder is uniform but for one part in 2^64 / all.
        std::uint64_t drawn = random() % all;
        std::size_t process = 0;
        while (drawn >= left[process])
            drawn -= left[process++];
        --left[process];
        schedule.push_back(static_cast<int>(process));
    }
    return schedule;
}

} // namespace manyhands
