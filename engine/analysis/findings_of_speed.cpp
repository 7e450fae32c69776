// SPDX-License-Identifier: MIT
// Rules on how fast it was, and where the workers' time went.
#include "engine/analysis/durations.hpp"
#include "engine/analysis/finding_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace manyhands {
namespace {

// What is less than these could as well be chance.
constexpr double clearly_more = 1.05; ///< of a speedup, over what it is compared with
constexpr double clearly_missed = 1.1; ///< of a prediction
constexpr double large_share = 0.3; ///< of the workers' time
constexpr double uneven = 1.25; ///< the busiest worker over the mean
constexpr double felt = 0.1; ///< of the workers' time without a CPU
constexpr double long_tail = 0.1; ///< of the workers' time

constexpr std::int64_t small_task_ns = 100'000;
constexpr std::size_t many_tasks_a_worker = 20;
constexpr double large_message_bytes = 64 * 1024;

/// What the workers spent most on, besides what they were there for.
BudgetCategory largest_overhead(const FindingContext& context)
{
    BudgetCategory largest = BudgetCategory::unexplained;
    for (int i = 0; i < budget_category_count; ++i) {
        const auto category = static_cast<BudgetCategory>(i);
        if (category != BudgetCategory::computing && category != BudgetCategory::sleeping
            && category != BudgetCategory::held && context.work[category] > context.work[largest])
            largest = category;
    }
    return largest;
}

/// Points at the worker that spent most on it, and at where it did so longest.
void point_at(Finding& finding, const FindingContext& context, BudgetCategory category)
{
    finding.lane = context.worker_with_most(category);
    if (!finding.lane)
        return;
    if (const auto span = longest_span(context, *finding.lane, category))
        finding.interval = within(context.interval, *span);
}

std::string where_it_went(const FindingContext& context, BudgetCategory category)
{
    if (!(context.work[category] > 0))
        return {};
    return " Of the workers' time " + percent_words(context.share(category)) + " went to "
        + std::string(words_for(category)) + ", "
        + percent_words(context.share(BudgetCategory::computing)) + " to computing.";
}

std::string workers_words(const FindingContext& context)
{
    return count_words(static_cast<double>(context.workers.size()), "worker", "workers");
}

std::string cpus_words(const FindingContext& context)
{
    return count_words(context.facts.usable_cpus, "CPU", "CPUs");
}

double seconds_of(std::int64_t ns)
{
    return static_cast<double>(ns) * 1e-9;
}

/// Tasks that came to their end in the interval, in the lanes that did them.
struct LaneTasks
{
    std::size_t count = 0;
    std::int64_t first_begin_ns = open_end;
    std::int64_t last_end_ns = 0;
};

std::vector<LaneTasks> tasks_of_lanes(const FindingContext& context)
{
    std::vector<LaneTasks> of(context.facts.recording.lanes().size());
    for (const Task& task : context.facts.recording.tasks()) {
        if (task.lane >= of.size() || task.end_ns == open_end
            || task.begin_ns < context.interval.begin_ns || task.end_ns > context.interval.end_ns)
            continue;
        LaneTasks& lane = of[task.lane];
        ++lane.count;
        lane.first_begin_ns = std::min(lane.first_begin_ns, task.begin_ns);
        lane.last_end_ns = std::max(lane.last_end_ns, task.end_ns);
    }
    return of;
}

} // namespace

std::optional<Finding> sleep_is_work(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    const double slept = context.work[BudgetCategory::sleeping];
    if (!facts.speedup || *facts.speedup <= facts.usable_cpus * clearly_more
        || slept < context.work[BudgetCategory::computing])
        return std::nullopt;
    double cpu_s = 0;
    for (const std::uint32_t lane : context.workers)
        cpu_s += seconds_of(facts.recording.lanes()[lane].cpu_ns);
    if (cpu_s > slept / 2)
        return std::nullopt;
    Finding finding = {.id = "sleep_is_work",
        .belief = "Sleeping is work like any other.",
        .sentence = "The speedup is " + ratio_words(*facts.speedup) + " on " + cpus_words(context)
            + ". The workers slept for " + seconds_words(slept) + " in all, and used a CPU for "
            + seconds_words(cpu_s) + ".",
        .question = "How many processes can sleep at the same time on one CPU, and how many can "
                    "compute?",
        .lane = {},
        .interval = {},
        .attempt = attempt_workers(facts, 2)};
    point_at(finding, context, BudgetCategory::sleeping);
    return finding;
}

std::optional<Finding> slower_than_alone(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    if (!facts.speedup || !facts.sequential_s || !facts.wall_s || *facts.speedup >= 1
        || context.workers.empty())
        return std::nullopt;
    const BudgetCategory largest = largest_overhead(context);
    Finding finding = {.id = "slower_than_alone",
        .belief = "More processes are always faster.",
        .sentence = workers_words(context) + " took " + seconds_words(*facts.wall_s)
            + ", and one process alone " + seconds_words(*facts.sequential_s) + ": the speedup is "
            + ratio_words(*facts.speedup) + "." + where_it_went(context, largest),
        .question = "How much would there have to be to do until the others pay off?",
        .lane = {},
        .interval = {},
        .attempt = attempt_more_work(facts)};
    if (!finding.attempt)
        finding.attempt = attempt_workers(facts, 0.5);
    if (largest == BudgetCategory::ready) {
        finding.question = "Who else wanted a CPU at that time?";
        finding.attempt = attempt_as_many_workers_as_cpus(facts);
    }
    point_at(finding, context, largest);
    return finding;
}

std::optional<Finding> speedup_has_limits(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    const std::size_t workers = context.workers.size();
    const auto cpus = static_cast<double>(facts.usable_cpus);
    if (!facts.speedup || workers < 2)
        return std::nullopt;
    const bool oversubscribed
        = static_cast<double>(workers) > cpus && *facts.speedup <= cpus * clearly_more;
    const auto guess = predicted(facts, "speedup");
    const bool hoped = guess && guess->low > *facts.speedup * clearly_missed
        && (guess->low > cpus || guess->high > static_cast<double>(workers) / clearly_missed);
    if (!hoped && (!oversubscribed || context.share(BudgetCategory::ready) < felt))
        return std::nullopt;
    const BudgetCategory largest
        = oversubscribed ? BudgetCategory::ready : largest_overhead(context);
    Finding finding = {.id = "speedup_has_limits",
        .belief = "The speedup is the number of processes.",
        .sentence = {},
        .question = "What does one more process add when every CPU has something to do already?",
        .lane = {},
        .interval = {},
        .attempt = attempt_as_many_workers_as_cpus(facts)};
    if (hoped)
        finding.sentence = "You predicted " + guess->words + " as speedup of "
            + workers_words(context) + "; it is " + ratio_words(*facts.speedup) + " on "
            + cpus_words(context) + ".";
    else
        finding.sentence = workers_words(context) + " shared " + cpus_words(context)
            + ", and the speedup is " + ratio_words(*facts.speedup) + ".";
    finding.sentence += where_it_went(context, largest);
    if (!oversubscribed) {
        finding.question = "Which part of each worker's time was not spent on the work itself?";
        finding.attempt = attempt_more_work(facts);
    }
    point_at(finding, context, largest);
    return finding;
}

std::optional<Finding> small_tasks(const FindingContext& context)
{
    const double around = context.share(BudgetCategory::serialising)
        + context.share(BudgetCategory::transfer) + context.share(BudgetCategory::idle);
    if (around < large_share)
        return std::nullopt;
    std::vector<std::int64_t> durations
        = task_durations_ns(context.facts.recording, context.interval);
    if (durations.size() < many_tasks_a_worker * context.workers.size())
        return std::nullopt;
    const auto middle = durations.begin() + static_cast<std::ptrdiff_t>(durations.size() / 2);
    std::nth_element(durations.begin(), middle, durations.end());
    if (*middle > small_task_ns)
        return std::nullopt;
    Finding finding = {.id = "small_tasks",
        .belief = "Cutting work into small tasks costs nothing.",
        .sentence = "A task took " + seconds_words(seconds_of(*middle)) + " (the median of "
            + count_words(static_cast<double>(durations.size()))
            + "). Getting tasks and handing back their results took " + percent_words(around)
            + " of the workers' time.",
        .question = "What does each task cost that does not depend on its size, and how many of "
                    "them does the work need?",
        .lane = {},
        .interval = {},
        .attempt = attempt_other_size(context.facts)};
    point_at(finding, context, BudgetCategory::idle);
    return finding;
}

std::optional<Finding> large_messages(const FindingContext& context)
{
    const std::vector<Channel>& channels = context.facts.recording.channels();
    const double copying
        = context.share(BudgetCategory::serialising) + context.share(BudgetCategory::transfer);
    if (copying < large_share || channels.empty())
        return std::nullopt;
    const auto busiest = std::max_element(channels.begin(), channels.end(),
        [](const Channel& a, const Channel& b) { return a.bytes < b.bytes; });
    const auto bytes = static_cast<double>(busiest->bytes);
    const auto messages = static_cast<double>(busiest->messages);
    if (messages < 1 || bytes / messages < large_message_bytes)
        return std::nullopt;
    Finding finding = {.id = "large_messages",
        .belief = "Handing over is free, however much it is.",
        .sentence = "A message of " + named("channel", busiest->name) + " held "
            + bytes_words(bytes / messages) + " on average, all " + count_words(messages)
            + " together " + bytes_words(bytes) + ". Copying them in and out took "
            + percent_words(copying) + " of the workers' time.",
        .question = "Does each receiver need all of that, or could it find it where it is?",
        .lane = {},
        .interval = {},
        .attempt = attempt_other_size(context.facts)};
    point_at(finding, context,
        context.work[BudgetCategory::transfer] >= context.work[BudgetCategory::serialising]
            ? BudgetCategory::transfer
            : BudgetCategory::serialising);
    return finding;
}

std::optional<Finding> idle_tail(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    const std::vector<LaneTasks> of = tasks_of_lanes(context);
    std::optional<std::uint32_t> first;
    std::optional<std::uint32_t> last;
    std::int64_t begin_ns = open_end;
    for (const std::uint32_t lane : context.workers) {
        if (of[lane].count == 0)
            continue;
        begin_ns = std::min(begin_ns, of[lane].first_begin_ns);
        if (!first || of[lane].last_end_ns < of[*first].last_end_ns)
            first = lane;
        if (!last || of[lane].last_end_ns > of[*last].last_end_ns)
            last = lane;
    }
    if (!first || first == last)
        return std::nullopt;
    const std::int64_t end_ns = of[*last].last_end_ns;
    double idle_ns = 0;
    double lanes = 0;
    for (const std::uint32_t lane : context.workers) {
        if (of[lane].count == 0)
            continue;
        idle_ns += static_cast<double>(end_ns - of[lane].last_end_ns);
        ++lanes;
    }
    const double tail = idle_ns / (lanes * static_cast<double>(end_ns - begin_ns));
    const auto measured = quantity_of(facts, "imbalance");
    const double imbalance_of_lanes
        = measured ? measured->value : imbalance(facts.recording, context.interval).value_or(1);
    if (tail < long_tail || imbalance_of_lanes < uneven)
        return std::nullopt;
    Finding finding = {.id = "idle_tail",
        .belief = "The system balances the work by itself.",
        .sentence = context.name_of_lane(*first) + " had nothing left to do "
            + seconds_words(seconds_of(end_ns - of[*first].last_end_ns)) + " before "
            + context.name_of_lane(*last) + " was done. The busiest worker worked "
            + ratio_words(imbalance_of_lanes) + " times as long as the mean.",
        .question = "Which task was the last one, and could it have been begun earlier or cut into "
                    "smaller ones?",
        .lane = last,
        .interval = Interval{of[*first].last_end_ns, end_ns},
        .attempt = attempt_every_way(facts)};
    if (auto size = attempt_other_size(facts);
        size && (!finding.attempt || quantity_of(facts, "predicted_best")))
        finding.attempt = std::move(size);
    return finding;
}

} // namespace manyhands
