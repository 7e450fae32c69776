// SPDX-License-Identifier: MIT
// Two to four finished runs beside each other: what was set, what came out, and what may be said
// of the difference.
#pragma once

#include "engine/observe/finished_run.hpp"
#include "engine/observe/measured.hpp"

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

inline constexpr std::size_t fewest_compared = 2;
inline constexpr std::size_t most_compared = 4;

/// A run and what a person knows it by.
struct ComparedRun
{
    std::string name; ///< of its file
    std::shared_ptr<const FinishedRun> run; ///< never null
    std::string path = {}; ///< where its file really is; empty where that does not matter
};

/// "A" to "D": the name of a run in a comparison, by its place.
std::string label_of(std::size_t run);

/// Something that was set, or given, and is not the same in all runs that have it.
struct ComparedSetting
{
    std::string name; ///< of a parameter; or "lesson", "seed", "cpu", "usable_cpus", "kernel",
                      ///< "version"
    std::vector<std::string> values; ///< by run; "-" where it has none
    bool work = false; ///< part of "the same work"
};

/// How a run's value differs from the first one's.
struct Difference
{
    double absolute = 0;
    std::optional<double> ratio; ///< of this run's to the first one's; nothing where that is 0
    bool clear = false; ///< more than their spread explains
};

/// A figure of each run.
struct ComparedQuantity
{
    std::string name; ///< "wall_s", "budget.waiting_data", "bytes.tasks", "quantity.primes"
    std::string label; ///< "waiting for data", for a table
    std::string unit; ///< "s", "B", "×" or ""
    std::vector<std::optional<Measured>> values; ///< by run
    std::vector<std::optional<Difference>> differences; ///< by run; nothing for the first one
};

/// What is said of the runs in plain words.
struct ComparisonSentence
{
    std::string id; ///< of the rule: "wall"
    std::size_t run = 0; ///< that it speaks of; of all but the first one, against that
    bool limit = false; ///< says what the comparison does not tell
    std::string text;
};

struct Comparison
{
    std::vector<std::string> labels; ///< by run
    std::vector<std::string> names; ///< likewise
    std::vector<ComparedSetting> settings; ///< those that differ
    std::vector<ComparedQuantity> quantities; ///< that at least one run has, in a fixed order
    std::vector<ComparisonSentence> sentences;

    const ComparedQuantity* quantity(std::string_view name) const noexcept;
};

/// Whether two measurements differ by more than chance: whether their quartiles do not overlap. A
/// single measurement is taken for good to 5 %.
bool clearly_differ(const Measured& one, const Measured& other);

/// Compares each run with the first one. Times are those of measured(); budget, bytes, messages and
/// tasks those of the shown repeat, as run_object() has them. Throws BadValue for fewer than two
/// runs, for more than four and for traces of other programs. Takes time in the lanes, tasks and channels of the runs.
Comparison compare(const std::vector<ComparedRun>& runs);

/// The comparison of `runs` as `--json` prints it: `schema`, `files`, `runs` (run objects) and
/// `differences`: `against` ("A"), `settings`, `quantities` (by run `values`, `low`, `high`,
/// `samples`, `difference`, `ratio`, `clear`; null where there is none) and `sentences`.
nlohmann::json comparison_object(
    const std::vector<ComparedRun>& runs, const Comparison& comparison);

} // namespace manyhands
