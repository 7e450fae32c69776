// SPDX-License-Identifier: MIT
// Rules on who waited for whom.
#include "engine/analysis/finding_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace manyhands {
namespace {

constexpr double hardly_together = 0.1; ///< of the time in which somebody computed
constexpr double its_part = 0.1; ///< of the busiest lane's time: less is not taking part
constexpr double least_active_s = 1e-3;
constexpr double long_wait = 0.3; ///< of the workers' time
constexpr double most_of_its_time = 0.5; ///< of a lane's

/// Does something of its own: sleeping on purpose stands for work that waits for something else.
bool is_active(State state)
{
    return state == State::computing || state == State::sleeping;
}

double active_s(const Budget& budget)
{
    return budget[BudgetCategory::computing] + budget[BudgetCategory::sleeping];
}

/// When a lane was active, one after the other.
void add_active(const Lane& lane, Interval interval, std::vector<Interval>& pieces)
{
    struct Open
    {
        std::int64_t end_ns;
        bool active;
    };
    std::vector<Open> open;
    std::int64_t now = interval.begin_ns;
    const auto go_to = [&](std::int64_t time) {
        const std::int64_t end = std::min(time, interval.end_ns);
        if (end <= now)
            return;
        if (!open.empty() && open.back().active) {
            if (!pieces.empty() && pieces.back().end_ns == now)
                pieces.back().end_ns = end;
            else
                pieces.push_back({now, end});
        }
        now = end;
    };
    const auto leave_until = [&](std::int64_t time) {
        while (!open.empty() && open.back().end_ns <= time) {
            go_to(open.back().end_ns);
            open.pop_back();
        }
        go_to(time);
    };
    for (const Span& span : lane.spans) {
        if (span.begin_ns >= interval.end_ns)
            break;
        leave_until(span.begin_ns);
        open.push_back({span.end_ns, is_active(span.state)});
    }
    leave_until(interval.end_ns);
}

struct Together
{
    std::int64_t any_ns = 0; ///< at least one was active
    std::int64_t several_ns = 0; ///< more than one was
};

Together together(const FindingContext& context)
{
    std::vector<std::pair<std::int64_t, int>> edges;
    std::vector<Interval> pieces;
    for (const std::uint32_t lane : context.workers) {
        pieces.clear();
        const Lane& of = context.facts.recording.lanes()[lane];
        add_active(of,
            {context.interval.begin_ns,
                std::min(
                    of.ended() ? of.end_ns : context.interval.end_ns, context.interval.end_ns)},
            pieces);
        for (const Interval& piece : pieces) {
            edges.emplace_back(piece.begin_ns, 1);
            edges.emplace_back(piece.end_ns, -1);
        }
    }
    std::sort(edges.begin(), edges.end());
    Together sum;
    int active = 0;
    std::int64_t now = 0;
    for (const auto& [time, change] : edges) {
        if (active > 0)
            sum.any_ns += time - now;
        if (active > 1)
            sum.several_ns += time - now;
        active += change;
        now = time;
    }
    return sum;
}

/// What lanes wait for.
constexpr BudgetCategory waits[] = {BudgetCategory::waiting_lock, BudgetCategory::waiting_data,
    BudgetCategory::waiting_space, BudgetCategory::idle, BudgetCategory::starting};

/// The name of what a span waits for; "" where it is not known.
std::string name_of_subject(const Recording& recording, const Span& span)
{
    const std::size_t subject = span.subject;
    if (subject_of(span.state) == SubjectKind::lock && subject < recording.locks().size())
        return recording.locks()[subject].name;
    if (subject_of(span.state) == SubjectKind::channel && subject < recording.channels().size())
        return recording.channels()[subject].name;
    return {};
}

/// A lane of a kind that waited for a channel most of its time, and who is at the other end.
struct WaitingLane
{
    std::uint32_t lane;
    Span longest;
    double share;
    std::optional<std::uint32_t> other; ///< a lane
};

std::optional<WaitingLane> waiting_lane(
    const FindingContext& context, BudgetCategory category, bool waits_to_receive)
{
    std::optional<std::uint32_t> most;
    for (const std::uint32_t lane : context.workers) {
        if (context.share(lane, category) >= most_of_its_time
            && (!most || context.share(lane, category) > context.share(*most, category)))
            most = lane;
    }
    if (!most)
        return std::nullopt;
    const auto longest = longest_span(context, *most, category);
    if (!longest)
        return std::nullopt;
    const Recording& recording = context.facts.recording;
    WaitingLane found = {*most, *longest, context.share(*most, category), {}};
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.channel == longest->subject && transfer.received != waits_to_receive
            && transfer.lane != *most) {
            found.other = transfer.lane;
            break;
        }
    }
    return found;
}

} // namespace

std::optional<Finding> one_after_the_other(const FindingContext& context)
{
    double sum_s = 0;
    double most_s = 0;
    for (const std::uint32_t lane : context.workers) {
        sum_s += active_s(context.budget.lanes[lane]);
        most_s = std::max(most_s, active_s(context.budget.lanes[lane]));
    }
    const auto taking_part = static_cast<std::size_t>(
        std::count_if(context.workers.begin(), context.workers.end(), [&](std::uint32_t lane) {
            return active_s(context.budget.lanes[lane]) > most_s * its_part;
        }));
    if (taking_part < 2 || sum_s < least_active_s)
        return std::nullopt;
    // More than there is time for one after the other: the usual case, without going through it.
    const double wall_s = static_cast<double>(context.interval.length_ns()) * 1e-9;
    const auto others = static_cast<double>(context.workers.size() - 1);
    if ((sum_s - wall_s) / others >= hardly_together * wall_s)
        return std::nullopt;
    const Together time = together(context);
    const double share = static_cast<double>(time.several_ns)
        / static_cast<double>(std::max<std::int64_t>(time.any_ns, 1));
    if (share >= hardly_together)
        return std::nullopt;
    Finding finding = {.id = "one_after_the_other",
        .belief = "What runs in several processes runs at the same time.",
        .sentence = count_words(static_cast<double>(taking_part)) + " workers did something for "
            + seconds_words(static_cast<double>(time.any_ns) * 1e-9) + ", but "
            + (time.several_ns == 0
                    ? "never two of them at once."
                    : "two of them at once for " + percent_words(share) + " of that time."),
        .question = "What was each of them waiting for while another one was at work?",
        .lane = {},
        .interval = {},
        .attempt = attempt_every_way(context.facts)};
    const BudgetCategory most = *std::max_element(std::begin(waits), std::end(waits),
        [&](BudgetCategory a, BudgetCategory b) { return context.work[a] < context.work[b]; });
    finding.lane = context.worker_with_most(most);
    if (!finding.lane)
        return finding;
    finding.sentence += " " + percent_words(context.share(most)) + " of their time went to "
        + std::string(words_for(most)) + ".";
    if (const auto span = longest_span(context, *finding.lane, most))
        finding.interval = within(context.interval, *span);
    return finding;
}

std::optional<Finding> one_lock_for_all(const FindingContext& context)
{
    const Recording& recording = context.facts.recording;
    if (context.share(BudgetCategory::waiting_lock) < long_wait)
        return std::nullopt;
    // Barriers, events and semaphores are waited for in the same state, and are none.
    std::vector<double> waited_ns(recording.locks().size(), 0);
    for (const std::uint32_t lane : context.workers) {
        for (const Span& span : recording.lanes()[lane].spans) {
            if (span.state == State::waiting_lock && span.subject < waited_ns.size()
                && recording.locks()[span.subject].kind.ends_with("lock"))
                waited_ns[span.subject] += static_cast<double>(
                    std::max<std::int64_t>(within(context.interval, span).length_ns(), 0));
        }
    }
    const auto most = std::max_element(waited_ns.begin(), waited_ns.end());
    if (most == waited_ns.end() || !(context.work.total_s > 0))
        return std::nullopt;
    const double share = *most * 1e-9 / context.work.total_s;
    if (share < long_wait)
        return std::nullopt;
    const auto lock = static_cast<std::size_t>(most - waited_ns.begin());
    Finding finding = {.id = "one_lock_for_all",
        .belief = "One lock for everything costs little.",
        .sentence = "The workers waited " + percent_words(share) + " of their time for "
            + named("lock", recording.locks()[lock].name) + ".",
        .question = "What has to be done while the lock is held, and what could be done before it "
                    "is taken or after?",
        .lane = context.worker_with_most(BudgetCategory::waiting_lock),
        .interval = {},
        .attempt = attempt_every_way(context.facts)};
    if (!finding.lane)
        return finding;
    if (const auto span = longest_span(context, *finding.lane, BudgetCategory::waiting_lock)) {
        finding.interval = within(context.interval, *span);
        finding.sentence += " " + context.name_of_lane(*finding.lane) + " waited longest, once for "
            + seconds_words(static_cast<double>(finding.interval->length_ns()) * 1e-9) + ".";
    }
    return finding;
}

std::optional<Finding> back_pressure(const FindingContext& context)
{
    const auto waiting = waiting_lane(context, BudgetCategory::waiting_space, false);
    if (!waiting)
        return std::nullopt;
    const std::string channel = name_of_subject(context.facts.recording, waiting->longest);
    return Finding{.id = "back_pressure",
        .belief = "A faster producer makes the whole faster.",
        .sentence = context.name_of_lane(waiting->lane) + " waited " + percent_words(waiting->share)
            + " of its time ("
            + seconds_words(context.budget.lanes[waiting->lane][BudgetCategory::waiting_space])
            + ") for space: " + named("channel", channel)
            + " was full, so whoever receives sets the pace.",
        .question = "What would let it wait less: more places in the queue, or more processes that "
                    "take from it?",
        .lane = waiting->lane,
        .interval = within(context.interval, waiting->longest),
        .attempt = waiting->other
            ? attempt_workers(context.facts, 2, context.name_of_lane(*waiting->other))
            : std::nullopt};
}

std::optional<Finding> starved(const FindingContext& context)
{
    const auto waiting = waiting_lane(context, BudgetCategory::waiting_data, true);
    if (!waiting)
        return std::nullopt;
    const std::string channel = name_of_subject(context.facts.recording, waiting->longest);
    return Finding{.id = "starved",
        .belief = "More receivers get more done.",
        .sentence = context.name_of_lane(waiting->lane) + " waited " + percent_words(waiting->share)
            + " of its time ("
            + seconds_words(context.budget.lanes[waiting->lane][BudgetCategory::waiting_data])
            + ") for data: " + named("channel", channel)
            + " was empty, so whoever sends sets the pace.",
        .question = "What would one more receiver have to do?",
        .lane = waiting->lane,
        .interval = within(context.interval, waiting->longest),
        .attempt = waiting->other
            ? attempt_workers(context.facts, 2, context.name_of_lane(*waiting->other))
            : std::nullopt};
}

} // namespace manyhands
