// SPDX-License-Identifier: MIT
// The rules behind findings(), and what they share. For this room alone.
#pragma once

#include "engine/analysis/findings.hpp"
#include "engine/analysis/time_budget.hpp"

#include <string_view>

namespace manyhands {

/// The facts, and what is computed of them once.
struct FindingContext
{
    explicit FindingContext(const FindingFacts& about);

    const FindingFacts& facts;
    Interval interval; ///< that the run is judged by
    TimeBudget budget;
    std::vector<std::uint32_t> workers; ///< lanes of workers that lived in the interval
    Budget work; ///< the workers' together

    /// The lesson holds the run at its gates: somebody chose its order, and took the time for it.
    bool by_hand = false;

    /// A category's share of the workers' time, 0 to 1.
    double share(BudgetCategory category) const;
    /// Another one's of a lane's.
    double share(std::uint32_t lane, BudgetCategory category) const;
    /// The worker with the most of a category; nothing where none has any.
    std::optional<std::uint32_t> worker_with_most(BudgetCategory category) const;
    const std::string& name_of_lane(std::uint32_t lane) const;
};

/// A rule: what it finds, if anything.
using FindingRule = std::optional<Finding> (*)(const FindingContext&);

// Of what was lost or left behind (findings_of_data.cpp).
std::optional<Finding> worker_died(const FindingContext&);
std::optional<Finding> items_lost(const FindingContext&);
std::optional<Finding> lock_beside_the_race(const FindingContext&);
std::optional<Finding> predicted_no_race(const FindingContext&);
std::optional<Finding> no_race_so_far(const FindingContext&);
std::optional<Finding> put_waits_for_get(const FindingContext&);
std::optional<Finding> ended_out_of_order(const FindingContext&);

// Of who waits for whom for ever (findings_of_deadlock.cpp).
std::optional<Finding> deadlock(const FindingContext&);

// Of how fast it was (findings_of_speed.cpp).
std::optional<Finding> sleep_is_work(const FindingContext&);
std::optional<Finding> slower_than_alone(const FindingContext&);
std::optional<Finding> speedup_has_limits(const FindingContext&);
std::optional<Finding> small_tasks(const FindingContext&);
std::optional<Finding> large_messages(const FindingContext&);
std::optional<Finding> idle_tail(const FindingContext&);

// Of who waited (findings_of_waiting.cpp).
std::optional<Finding> one_after_the_other(const FindingContext&);
std::optional<Finding> one_lock_for_all(const FindingContext&);
std::optional<Finding> back_pressure(const FindingContext&);
std::optional<Finding> starved(const FindingContext&);

// --- What rules share (finding_words.cpp) -----------------------------------------------------

/// A lesson's quantity that has a value.
struct KnownQuantity
{
    const QuantityDescription& about;
    const Quantity& quantity;
    double value;
};
/// The first one of a kind.
std::optional<KnownQuantity> quantity_of(const FindingFacts& facts, std::string_view kind);

/// What somebody predicted, as a range: a number's ends are the same.
struct PredictedRange
{
    const PredictionDescription& about;
    double low;
    double high;
    std::string words; ///< "3.5", or the choice's label
};
/// The first prediction of a quantity of that name.
std::optional<PredictedRange> predicted(const FindingFacts& facts, std::string_view quantity);

/// The longest span of a lane within the interval that is spent on `category`; those cut by its
/// ends count with what lies in it.
std::optional<Span> longest_span(
    const FindingContext& context, std::uint32_t lane, BudgetCategory category);
/// The part of a span that lies within the interval.
Interval within(Interval interval, const Span& span);

// Attempts; nothing where the lesson has no parameter for it, or it has that value already.
/// The number of workers; where a lane is named, of those that are named like it.
std::optional<Attempt> attempt_workers(
    const FindingFacts& facts, double times, std::string_view lane = {});
std::optional<Attempt> attempt_as_many_workers_as_cpus(const FindingFacts& facts);
/// The value that the lesson predicts to be best; else the lesson's own sweep over a number that
/// changes neither work nor workers, or one around the present value of the first in sight.
std::optional<Attempt> attempt_other_size(const FindingFacts& facts);
/// Ten times the work.
std::optional<Attempt> attempt_more_work(const FindingFacts& facts);
/// The lesson's own sweep over a choice of how the work is done, or one over the only one in sight.
std::optional<Attempt> attempt_every_way(const FindingFacts& facts);
/// Choices of how the work is done as they are at first.
std::optional<Attempt> attempt_default_way(const FindingFacts& facts);

// Words, in the C locale.
std::string seconds_words(double seconds); ///< "1.25 s", "12.3 ms", "40.0 µs"
std::string count_words(double count); ///< "12 000", in groups of three
std::string count_words(double count, std::string_view one, std::string_view many);
std::string ratio_words(double ratio); ///< three digits: "1.85", "12.3"
std::string percent_words(double share); ///< "83 %", "less than 1 %"
std::string bytes_words(double bytes); ///< "8 bytes", "1.05 MB"
std::string_view words_for(BudgetCategory category); ///< behind "went to": "waiting for data"
/// "the lock “counter”", "the lock" where it has no name.
std::string named(std::string_view what, std::string_view name);
/// Run time since the begin of the interval.
std::string moment_words(const FindingContext& context, std::int64_t time_ns);

} // namespace manyhands
