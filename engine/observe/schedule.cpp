// SPDX-License-Identifier: MIT
#include "engine/observe/schedule.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <random>
#include <unordered_map>

namespace manyhands {
namespace {

constexpr int steps_of_an_increment = 3; // load, add, store
constexpr int most_processes = 3;
constexpr int most_increments = 3;

// What the processes have done so far, and what it came to.
struct Race
{
    struct Register
    {
        int steps = 0; // taken
        int value = 0; // of no meaning before a load, and made 0 by a store
    };

    int counter = 0;
    std::array<Register, most_processes> registers = {};

    void step(std::size_t process)
    {
        Register& own = registers[process];
        switch (own.steps++ % steps_of_an_increment) {
        case 0:
            own.value = counter;
            break;
        case 1:
            ++own.value;
            break;
        default:
            counter = own.value;
            own.value = 0;
        }
    }

    // Different for different states: no number in it is above 9.
    std::uint64_t key() const
    {
        auto key = static_cast<std::uint64_t>(counter);
        for (const Register& own : registers)
            key = (key * 16 + static_cast<std::uint64_t>(own.steps)) * 16
                + static_cast<std::uint64_t>(own.value);
        return key;
    }
};

// Finds the smallest final number that can be reached from a state, each state once.
class Search
{
public:
    Search(int processes, int increments)
        : processes_(static_cast<std::size_t>(processes))
        , steps_(increments * steps_of_an_increment)
    {
    }

    int smallest_from(const Race& race)
    {
        const std::uint64_t key = race.key();
        if (const auto known = smallest_.find(key); known != smallest_.end())
            return known->second;
        int smallest = steps_;
        bool ended = true;
        for (std::size_t process = 0; process < processes_; ++process) {
            if (race.registers[process].steps == steps_)
                continue;
            Race next = race;
            next.step(process);
            const int reached = smallest_from(next);
            smallest = ended ? reached : std::min(smallest, reached);
            ended = false;
        }
        if (ended)
            smallest = race.counter;
        smallest_.emplace(key, smallest);
        return smallest;
    }

    // The best next step. Of several, a load before an add before a store: so that one sees first
    // how all of them take the same number.
    std::size_t next_of(const Race& race)
    {
        const int smallest = smallest_from(race);
        std::size_t chosen = processes_;
        int kind_of_chosen = steps_of_an_increment;
        for (std::size_t process = 0; process < processes_; ++process) {
            const int steps = race.registers[process].steps;
            const int kind = steps % steps_of_an_increment;
            if (steps == steps_ || kind >= kind_of_chosen)
                continue;
            Race next = race;
            next.step(process);
            if (smallest_from(next) == smallest) {
                chosen = process;
                kind_of_chosen = kind;
            }
        }
        return chosen;
    }

private:
    std::size_t processes_;
    int steps_; // of each process
    std::unordered_map<std::uint64_t, int> smallest_;
};

} // namespace

std::vector<int> losing_schedule(int processes, int increments)
{
    std::vector<int> schedule;
    if (processes < 1 || processes > most_processes || increments < 1
        || increments > most_increments)
        return schedule;
    Search search(processes, increments);
    Race race;
    for (int left = processes * increments * steps_of_an_increment; left > 0; --left) {
        const std::size_t next = search.next_of(race);
        race.step(next);
        schedule.push_back(static_cast<int>(next));
    }
    return schedule;
}

std::vector<int> random_schedule(int processes, int increments, std::uint64_t seed)
{
    if (processes < 1 || increments < 1)
        return {};
    // Who goes next is drawn from all steps that are left: then each order is as likely as another.
    std::vector<std::uint64_t> left(static_cast<std::size_t>(processes),
        static_cast<std::uint64_t>(increments) * steps_of_an_increment);
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
