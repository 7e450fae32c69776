// SPDX-License-Identifier: MIT
// Rules on what was lost, left behind, or came in another order.
#include "engine/analysis/finding_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

namespace manyhands {
namespace {

/// So many rounds without a loss are not few any more.
constexpr int many_rounds = 100;
/// With fewer tasks, order says nothing.
constexpr std::size_t least_tasks_in_order = 4;

/// Messages that nobody received.
std::uint64_t left_in(const Channel& channel)
{
    // In a pool's, signs to end stay where its workers are ended.
    if (is_of_calls(channel) || channel.kind == "pool")
        return 0;
    return channel.messages > channel.messages_received
        ? channel.messages - channel.messages_received
        : 0;
}

/// The lane that was the first to receive its last message of a channel, and when that was.
struct FirstToLeave
{
    std::uint32_t lane;
    std::int64_t time_ns;
    std::uint64_t sent_later; ///< messages, by anybody
};

std::optional<FirstToLeave> first_to_leave(const Recording& recording, std::uint32_t channel)
{
    std::vector<std::int64_t> last(recording.lanes().size(), open_end);
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.channel == channel && transfer.received)
            last[transfer.lane] = transfer.time_ns;
    }
    FirstToLeave found = {0, open_end, 0};
    for (std::uint32_t lane = 0; lane < last.size(); ++lane) {
        if (last[lane] < found.time_ns)
            found = {lane, last[lane], 0};
    }
    if (found.time_ns == open_end)
        return std::nullopt;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.channel == channel && !transfer.received && transfer.time_ns > found.time_ns)
            found.sent_later += transfer.summarised ? transfer.message : 1;
    }
    return found;
}

bool is_lock(const Recording& recording, std::uint32_t lock)
{
    return lock < recording.locks().size() && recording.locks()[lock].kind.ends_with("lock");
}

/// Locks that lanes had or waited for, with the lanes.
std::set<std::pair<std::uint32_t, std::uint32_t>> locks_in_use(const FindingContext& context)
{
    const Recording& recording = context.facts.recording;
    std::set<std::pair<std::uint32_t, std::uint32_t>> used;
    for (const LockHold& hold : recording.holds()) {
        if (is_lock(recording, hold.lock) && hold.end_ns > context.interval.begin_ns)
            used.emplace(hold.lock, hold.lane);
    }
    if (!(context.work[BudgetCategory::waiting_lock] > 0))
        return used;
    for (const std::uint32_t lane : context.workers) {
        for (const Span& span : recording.lanes()[lane].spans) {
            if (span.state == State::waiting_lock && is_lock(recording, span.subject))
                used.emplace(span.subject, lane);
        }
    }
    return used;
}

std::string updates_words(const KnownQuantity& lost)
{
    std::string words = count_words(lost.value, "update", "updates");
    if (lost.quantity.samples > 1)
        words += " a round (the median of " + count_words(lost.quantity.samples) + ")";
    return words;
}

/// Of the updates themselves, or of their share.
bool predicted_no_loss(const FindingFacts& facts, const KnownQuantity& lost)
{
    const auto no_loss = [&](const std::string& quantity) {
        const auto guess = predicted(facts, quantity);
        return guess && guess->high == 0;
    };
    const auto share = quantity_of(facts, "lost_share");
    return no_loss(lost.about.name) || (share && no_loss(share->about.name));
}

} // namespace

std::optional<Finding> worker_died(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    if (facts.document == nullptr || facts.stopped)
        return std::nullopt;
    const std::vector<Lane>& lanes = facts.recording.lanes();
    for (const Failure& failure : facts.document->failures) {
        const auto lane = std::find_if(
            lanes.begin(), lanes.end(), [&](const Lane& one) { return one.pid == failure.pid; });
        if (failure.kind == "exception" || lane == lanes.end() || !lane->ended())
            continue;
        const auto index = static_cast<std::uint32_t>(lane - lanes.begin());
        Finding finding = {.id = "worker_died",
            .belief = "When a process dies, the system cleans up after it.",
            .sentence = lane->name + " " + failure.text + " after "
                + moment_words(context, lane->end_ns) + ".",
            .question = "Who noticed it, and what became of what it had in its hands?",
            .lane = index,
            .interval = {},
            .attempt = {}};
        std::size_t lost = 0;
        for (const Task& task : facts.recording.tasks()) {
            if (task.lane != index || task.outcome != Task::Outcome::lost)
                continue;
            finding.interval = {task.begin_ns, task.end_ns};
            ++lost;
        }
        if (lost > 0) {
            finding.sentence += " It was at a task then, and that task never came to its end.";
            finding.question = "Who noticed it, and who has to do that task now?";
        }
        return finding;
    }
    return std::nullopt;
}

std::optional<Finding> items_lost(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    const std::vector<Channel>& channels = facts.recording.channels();
    if (facts.partial)
        return std::nullopt;
    const auto lost = quantity_of(facts, "lost_items");
    // What was dropped by a full ring may have been received all the same.
    const auto fullest = facts.recording.events_dropped() > 0
        ? channels.end()
        : std::max_element(channels.begin(), channels.end(),
            [](const Channel& a, const Channel& b) { return left_in(a) < left_in(b); });
    const std::uint64_t left = fullest == channels.end() ? 0 : left_in(*fullest);
    const bool items = lost && lost->value > 0;
    if (!items && left == 0)
        return std::nullopt;
    Finding finding = {.id = items ? "items_lost" : "messages_left",
        .belief = "What was sent arrives: the system takes care of what is left.",
        .sentence = {},
        .question = "Who told the receivers to stop, how often, and what was still to come then?",
        .lane = {},
        .interval = {},
        .attempt = attempt_default_way(facts)};
    if (items)
        finding.sentence
            = "Nobody ever got " + count_words(lost->value) + " of the items that were sent.";
    if (left == 0)
        return finding;
    finding.sentence += (items ? " " : "") + std::string("At the end ")
        + named("channel", fullest->name) + " still held "
        + count_words(static_cast<double>(left), "message", "messages") + ".";
    const auto first
        = first_to_leave(facts.recording, static_cast<std::uint32_t>(fullest - channels.begin()));
    if (first && first->sent_later > 0) {
        finding.lane = first->lane;
        finding.interval = {first->time_ns, context.interval.end_ns};
        finding.sentence += " " + context.name_of_lane(first->lane) + " took its last one after "
            + moment_words(context, first->time_ns) + ", and "
            + count_words(static_cast<double>(first->sent_later), "was", "were")
            + " sent after that.";
    }
    return finding;
}

std::optional<Finding> lock_beside_the_race(const FindingContext& context)
{
    const auto lost = quantity_of(context.facts, "lost_updates");
    // A lock there may be what takes turns.
    if (!lost || !(lost->value > 0) || context.by_hand)
        return std::nullopt;
    const auto used = locks_in_use(context);
    if (used.empty())
        return std::nullopt;
    std::set<std::uint32_t> locks;
    for (const auto& [lock, lane] : used)
        locks.insert(lock);
    const bool each_its_own = locks.size() > 1 && used.size() == locks.size();
    const std::string& name = context.facts.recording.locks()[used.begin()->first].name;
    return Finding{.id = "lock_beside_the_race",
        .belief = "A lock anywhere makes it safe.",
        .sentence = "There was a lock, and still " + updates_words(*lost) + " got lost: "
            + (each_its_own ? count_words(static_cast<double>(locks.size()))
                        + " locks were in use, and each by one process alone."
                            : named("lock", name)
                        + " was not held from the reading of the old value to the writing of the "
                          "new one by everybody who changed it."),
        .question = "From which step to which must a lock be held so that nobody else comes "
                    "between, and must it be the same lock?",
        .lane = used.begin()->second,
        .interval = {},
        .attempt = attempt_every_way(context.facts)};
}

std::optional<Finding> predicted_no_race(const FindingContext& context)
{
    const auto lost = quantity_of(context.facts, "lost_updates");
    if (!lost || !(lost->value > 0) || !predicted_no_loss(context.facts, *lost))
        return std::nullopt;
    return Finding{.id = "predicted_no_race",
        .belief = "Fast machines do not race.",
        .sentence = "You predicted that nothing gets lost; "
            + count_words(static_cast<double>(context.workers.size()), "process", "processes")
            + " lost " + updates_words(*lost) + ".",
        .question = "Between a load and the store that follows it lie a few nanoseconds. How often "
                    "does somebody else have to come between them?",
        .lane = {},
        .interval = {},
        .attempt = attempt_every_way(context.facts)};
}

std::optional<Finding> no_race_so_far(const FindingContext& context)
{
    const FindingFacts& facts = context.facts;
    const auto lost = quantity_of(facts, "lost_updates");
    if (!lost || lost->value != 0 || lost->quantity.high.value_or(0) != 0 || facts.partial
        || lost->quantity.samples >= many_rounds || context.workers.size() < 2
        || !locks_in_use(context).empty())
        return std::nullopt;
    // Whether it could have been otherwise (or each addition was one step), no number tells.
    return Finding{.id = "no_race_so_far",
        .belief = "It ran correctly, so it is correct.",
        .sentence = "No update got lost in "
            + count_words(lost->quantity.samples, "round", "rounds") + ", with "
            + count_words(static_cast<double>(context.workers.size()))
            + " processes and no lock between them.",
        .question = "Does that show that none can get lost? Which order of their steps would lose "
                    "one, or why is there none?",
        .lane = {},
        .interval = {},
        .attempt = attempt_more_work(facts)};
}

std::optional<Finding> put_waits_for_get(const FindingContext& context)
{
    const std::vector<Channel>& channels = context.facts.recording.channels();
    const auto depth = quantity_of(context.facts, "depth");
    if (!depth || depth->value < 1 || channels.empty())
        return std::nullopt;
    const auto guess = predicted(context.facts, depth->about.name);
    if (!guess || guess->high >= 1)
        return std::nullopt;
    const auto deepest = std::max_element(channels.begin(), channels.end(),
        [](const Channel& a, const Channel& b) { return a.max_depth < b.max_depth; });
    if (deepest->max_depth < 1)
        return std::nullopt;
    return Finding{.id = "put_waits_for_get",
        .belief = "A put waits for the get: messages synchronise both sides.",
        .sentence = "You predicted " + guess->words + " in the queue; "
            + named("channel", deepest->name) + " held up to "
            + count_words(static_cast<double>(deepest->max_depth), "message", "messages")
            + " at once, put and not yet got.",
        .question = "When does a put have to wait, then, and for what?",
        .lane = {},
        .interval = {},
        .attempt = attempt_other_size(context.facts)};
}

std::optional<Finding> ended_out_of_order(const FindingContext& context)
{
    const Recording& recording = context.facts.recording;
    if (recording.events_dropped() > 0)
        return std::nullopt;
    std::vector<const Task*> tasks;
    for (const Task& task : recording.tasks()) {
        if (task.outcome == Task::Outcome::done && task.lane < recording.lanes().size()
            && task.begin_ns >= context.interval.begin_ns && task.end_ns <= context.interval.end_ns)
            tasks.push_back(&task);
    }
    if (tasks.size() < least_tasks_in_order)
        return std::nullopt;
    const auto ahead = [](const Task* a, const Task* b) { return a->index < b->index; };
    std::sort(tasks.begin(), tasks.end(), ahead);
    // Two pools number alike.
    if (std::adjacent_find(tasks.begin(), tasks.end(),
            [](const Task* a, const Task* b) { return a->index == b->index; })
        != tasks.end())
        return std::nullopt;
    std::size_t early = 0;
    const Task* last = tasks.front(); // of those so far, the one that ended last
    const Task* overtaken = nullptr;
    const Task* overtaking = nullptr;
    for (const Task* const task : tasks) {
        if (task->end_ns >= last->end_ns) {
            last = task;
            continue;
        }
        ++early;
        if (overtaking == nullptr
            || last->end_ns - task->end_ns > overtaken->end_ns - overtaking->end_ns) {
            overtaken = last;
            overtaking = task;
        }
    }
    if (overtaking == nullptr)
        return std::nullopt;
    const double by = static_cast<double>(overtaken->end_ns - overtaking->end_ns) * 1e-9;
    return Finding{.id = "ended_out_of_order",
        .belief = "Tasks end in the order of the list.",
        .sentence = count_words(static_cast<double>(early)) + " of "
            + count_words(static_cast<double>(tasks.size()))
            + " tasks ended before one that stands ahead of them: task "
            + std::to_string(overtaking->index) + " on " + context.name_of_lane(overtaking->lane)
            + " was done " + seconds_words(by) + " before task " + std::to_string(overtaken->index)
            + " on " + context.name_of_lane(overtaken->lane) + ".",
        .question = "In which order does the caller get the results, and what does it have to wait "
                    "for?",
        .lane = overtaken->lane,
        .interval = Interval{overtaken->begin_ns, overtaken->end_ns},
        .attempt = attempt_every_way(context.facts)};
}

} // namespace manyhands
