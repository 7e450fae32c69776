// SPDX-License-Identifier: MIT
#include "engine/analysis/finding_rules.hpp"
#include "engine/description/shown_text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace manyhands {
namespace {

/// More than that nobody reads.
constexpr std::size_t most_findings = 5;

// What is wrong goes before what was believed, that before what took time.
constexpr FindingRule rules_of_data[] = {deadlock, worker_died, items_lost, lock_beside_the_race,
    predicted_no_race, no_race_so_far, put_waits_for_get};
constexpr FindingRule rules_of_time[]
    = {sleep_is_work, one_after_the_other, slower_than_alone, speedup_has_limits, one_lock_for_all,
        small_tasks, large_messages, idle_tail, back_pressure, starved};
// True of almost every pool, so it is told last.
constexpr FindingRule rules_of_order[] = {ended_out_of_order};

/// Names come out of a segment, and anything may stand in them.
std::string one_line(const std::string& text)
{
    std::string line = plain_text(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    return line;
}

} // namespace

FindingContext::FindingContext(const FindingFacts& about)
    : facts(about)
    , interval(about.recording.shown_interval())
    , budget(time_budget(about.recording, interval))
{
    const std::vector<std::string>& held_when = facts.description.guide.held_when;
    by_hand = !held_when.empty() && facts.description.holds(held_when, facts.parameters);
    const std::vector<Lane>& lanes = facts.recording.lanes();
    for (std::uint32_t lane = 0; lane < lanes.size(); ++lane) {
        if (lanes[lane].role != Role::worker || !(budget.lanes[lane].total_s > 0))
            continue;
        workers.push_back(lane);
        for (std::size_t i = 0; i < work.seconds.size(); ++i)
            work.seconds[i] += budget.lanes[lane].seconds[i];
        work.total_s += budget.lanes[lane].total_s;
    }
}

double FindingContext::share(BudgetCategory category) const
{
    return work.total_s > 0 ? work[category] / work.total_s : 0;
}

double FindingContext::share(std::uint32_t lane, BudgetCategory category) const
{
    const Budget& of = budget.lanes[lane];
    return of.total_s > 0 ? of[category] / of.total_s : 0;
}

std::optional<std::uint32_t> FindingContext::worker_with_most(BudgetCategory category) const
{
    const auto most = std::max_element(
        workers.begin(), workers.end(), [&](std::uint32_t one, std::uint32_t other) {
            return budget.lanes[one][category] < budget.lanes[other][category];
        });
    if (most == workers.end() || !(budget.lanes[*most][category] > 0))
        return std::nullopt;
    return *most;
}

const std::string& FindingContext::name_of_lane(std::uint32_t lane) const
{
    return facts.recording.lanes()[lane].name;
}

std::vector<Finding> findings(const FindingFacts& facts)
{
    const FindingContext context(facts);
    std::vector<Finding> found;
    const auto apply = [&](const auto& rules) {
        for (const FindingRule rule : rules) {
            if (found.size() == most_findings)
                return;
            if (std::optional<Finding> finding = rule(context)) {
                finding->sentence = one_line(finding->sentence);
                found.push_back(*std::move(finding));
            }
        }
    };
    apply(rules_of_data);
    if (facts.timed && !context.by_hand)
        apply(rules_of_time);
    apply(rules_of_order);
    return found;
}

} // namespace manyhands
