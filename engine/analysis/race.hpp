// SPDX-License-Identifier: MIT
// The race for a shared number as a model: what each order of the processes' steps comes to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace manyhands {

/// Processes that each add 1 to a shared number so often, in three steps: load it into a register
/// of their own, add 1 there, store it. Where they are, and what it has come to.
class Race
{
public:
    static constexpr int most_processes = 3;
    static constexpr int most_increments = 3; ///< of each
    static constexpr int steps_of_an_increment = 3;

    /// Before the first step; both numbers at least 1.
    Race(int processes, int increments) noexcept
        : processes_(processes)
        , steps_(increments * steps_of_an_increment)
    {
    }

    /// Whether the model reaches so far.
    static constexpr bool fits(int processes, int increments) noexcept
    {
        return processes >= 1 && processes <= most_processes && increments >= 1
            && increments <= most_increments;
    }

    int processes() const noexcept { return processes_; }
    int increments_in_all() const noexcept { return processes_ * steps_ / steps_of_an_increment; }
    int steps_in_all() const noexcept { return processes_ * steps_; }
    int number() const noexcept { return number_; } ///< what is in memory
    bool done(int process) const noexcept { return at(process).steps == steps_; }
    /// 0: its next step is a load, 1: an addition, 2: a store.
    int next_step(int process) const noexcept { return at(process).steps % steps_of_an_increment; }

    /// Takes the next step of a process that is not done.
    void step(int process) noexcept;

    /// Another one for each state of the races of the same size.
    std::uint64_t key() const noexcept;

private:
    struct Register
    {
        int steps = 0; // taken
        int value = 0; // 0 where it does not matter: before a load
    };
    const Register& at(int process) const noexcept
    {
        return registers_[static_cast<std::size_t>(process)];
    }

    int processes_;
    int steps_; // of each process
    int number_ = 0;
    std::array<Register, most_processes> registers_ = {};
};

/// How many orders of the steps end with which number. Counted state by state, since the orders
/// themselves are too many: 227 873 431 500 of three processes with three increments each.
class RaceOutcomes
{
public:
    /// By the final number.
    using Counts = std::array<std::uint64_t, Race::most_processes * Race::most_increments + 1>;

    /// Of the orders in which the steps that are left can be taken. Remembers what it has counted:
    /// for races of one size only.
    const Counts& from(const Race& race);

private:
    std::unordered_map<std::uint64_t, Counts> known_;
};

/// The smallest number with which an order ends.
int smallest_of(const RaceOutcomes::Counts& counts) noexcept;
/// How many orders there are in all.
std::uint64_t sum_of(const RaceOutcomes::Counts& counts) noexcept;

} // namespace manyhands
