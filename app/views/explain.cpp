// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/explain.hpp"

#include "app/views/time_axis.hpp"
#include "app/views/wording.hpp"
#include "engine/analysis/messages.hpp"

#include <QCoreApplication>

#include <algorithm>

namespace manyhands::app {
namespace {

constexpr std::size_t mostMessageLinks = 6;

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::Explanation", text);
}

QString lasting(std::int64_t ns)
{
    return durationText(secondsOf(ns));
}

QString placeText(const Recording& recording, std::uint16_t place)
{
    if (place == 0 || place >= recording.places().size())
        return {};
    const Place& at = recording.places()[place];
    return QStringLiteral("%1:%2").arg(QString::fromStdString(at.file)).arg(at.line);
}

template <class Named>
QString nameIn(const std::vector<Named>& all, std::uint32_t index)
{
    return index < all.size() ? QString::fromStdString(all[index].name) : tr("unknown");
}

/// What a span says, without its length: "P1 Worker-1 waited for data in tasks".
QString deedOf(const Recording& recording, const QString& who, const Span& span)
{
    const QString channel = nameIn(recording.channels(), span.subject);
    const QString lock = nameIn(recording.locks(), span.subject);
    const QString kind = span.subject < recording.locks().size()
        ? QString::fromStdString(recording.locks()[span.subject].kind)
        : tr("lock");
    switch (span.state) {
    case State::starting:
        return tr("%1 was being started").arg(who);
    case State::tearing_down:
        return tr("%1 was ending").arg(who);
    case State::computing:
        return span.subject == no_subject ? tr("%1 computed").arg(who)
                                          : tr("%1 worked on task %2").arg(who).arg(span.subject);
    case State::serialising:
        return tr("%1 turned an object into bytes").arg(who);
    case State::sending:
        return tr("%1 copied a message into %2").arg(who, channel);
    case State::receiving:
        return tr("%1 copied a message out of %2").arg(who, channel);
    case State::waiting_data:
        return tr("%1 waited for data: %2 was empty").arg(who, channel);
    case State::waiting_space:
        return tr("%1 waited for space: %2 was full").arg(who, channel);
    case State::waiting_lock:
        return tr("%1 waited for the %2 %3").arg(who, kind, lock);
    case State::joining:
        return tr("%1 waited for another process to end").arg(who);
    case State::idle:
        return tr("%1 had no task").arg(who);
    case State::sleeping:
        return tr("%1 slept on purpose").arg(who);
    case State::held:
        return tr("%1 was held by the lesson at “%2”")
            .arg(who,
                span.subject < recording.gates().size()
                    ? QString::fromStdString(recording.gates()[span.subject])
                    : tr("a gate"));
    case State::foreign:
        return tr("%1 was in “%2”").arg(who, wordFor(recording, span));
    }
    return who;
}

void addShare(Explanation& explanation, const RunFacts& facts, std::int64_t length)
{
    const std::int64_t whole = facts.recording->run_time(facts.recording->now_ns());
    if (whole > 0) {
        explanation.rows.append({tr("Share of the run"),
            shareText(static_cast<double>(length) / static_cast<double>(whole))});
    }
}

/// Who held the lock that a span waits for, where it is known.
std::uint32_t holderOf(const Recording& recording, std::uint32_t lane, const Span& span)
{
    const auto& waits = recording.waits();
    const auto wait = std::find_if(waits.begin(), waits.end(), [&](const LockWait& candidate) {
        return candidate.lane == lane && candidate.time_ns == span.begin_ns;
    });
    return wait == waits.end() ? no_subject : wait->holder;
}

void addMessages(
    Explanation& explanation, const Recording& recording, std::uint32_t lane, Interval interval)
{
    const LaneMessages found = messages_of(recording, lane, interval, mostMessageLinks);
    for (const Message& message : found.messages) {
        const bool out = message.sender == lane;
        const std::uint32_t other = out ? message.receiver : message.sender;
        const QString channel = nameIn(recording.channels(), message.channel);
        const QString size = bytesText(static_cast<double>(message.bytes));
        if (other == no_subject || other >= recording.lanes().size()) {
            explanation.rows.append(
                {tr("Sent"), tr("%1 into %2, not received").arg(size, channel)});
            continue;
        }
        const std::int64_t time = out ? message.received_ns : message.sent_ns;
        const std::size_t span
            = recording.lanes()[other].spans.innermost(std::max<std::int64_t>(0, time - 1));
        const Target target = span < recording.lanes()[other].spans.size()
            ? Target::ofSpan(other, span)
            : Target::ofLane(other);
        const QString name = laneName(recording, other, false);
        explanation.rows.append({out ? tr("Sent") : tr("Received"),
            out ? tr("%1 by %2 to %3").arg(size, channel, name)
                : tr("%1 by %2 from %3").arg(size, channel, name)});
        explanation.links.append(
            {out ? tr("Go to the receiver, %1").arg(name) : tr("Go to the sender, %1").arg(name),
                target});
    }
    if (found.all > mostMessageLinks)
        explanation.rows.append({tr("Messages"), countText(found.all)});
}

Explanation explainSpan(const Target& target, const RunFacts& facts)
{
    const Recording& recording = *facts.recording;
    if (target.lane >= recording.lanes().size()
        || target.number >= recording.lanes()[target.lane].spans.size())
        return {};
    const Span span = recording.lanes()[target.lane].spans[target.number];
    if (span.begin_ns > facts.nowNs())
        return {}; // a replay has not come to it
    const std::int64_t end = std::min(span.end_ns, facts.nowNs());
    const std::int64_t length = recording.run_time_within({span.begin_ns, end});
    const QString who = laneName(recording, target.lane, false);
    Explanation explanation;
    explanation.title = tr("%1: %2").arg(who, wordFor(recording, span));
    QString deed = deedOf(recording, who, span);
    if (span.state == State::waiting_lock) {
        const std::uint32_t holder = holderOf(recording, target.lane, span);
        if (holder < recording.lanes().size()) {
            deed = tr("%1, which %2 held").arg(deed, laneName(recording, holder, false));
            const std::size_t held = recording.lanes()[holder].spans.innermost(span.begin_ns);
            explanation.links.append({tr("Go to the holder"),
                held < recording.lanes()[holder].spans.size() ? Target::ofSpan(holder, held)
                                                              : Target::ofLane(holder)});
        }
    }
    explanation.sentence = span.end_ns > facts.nowNs()
        ? tr("%1, for %2 so far.").arg(deed, lasting(length))
        : tr("%1, for %2.").arg(deed, lasting(length));
    explanation.rows = {{facts.foreign ? tr("Name") : tr("State"), wordFor(recording, span)},
        {tr("From"), lasting(recording.run_time(span.begin_ns))},
        {tr("Duration"), lasting(length)}};
    addShare(explanation, facts, length);
    if (span.state == State::foreign && span.subject < recording.names().size()
        && !recording.names()[span.subject].category.empty()) {
        explanation.rows.append(
            {tr("Category"), QString::fromStdString(recording.names()[span.subject].category)});
    }
    if (span.state == State::computing && span.subject != no_subject)
        explanation.rows.append({tr("Task"), QString::number(span.subject)});
    if (subject_of(span.state) == SubjectKind::channel
        && span.subject < recording.channels().size()) {
        explanation.rows.append({tr("Channel"), nameIn(recording.channels(), span.subject)});
        explanation.links.append({tr("Show the channel"), Target::ofChannel(span.subject)});
    }
    if (const QString place = placeText(recording, span.place); !place.isEmpty())
        explanation.rows.append({tr("Source"), place});
    addMessages(explanation, recording, target.lane, {span.begin_ns, end});
    return explanation;
}

void addBudget(Explanation& explanation, const Budget& budget)
{
    std::vector<BudgetCategory> categories;
    for (int i = 0; i < budget_category_count; ++i) {
        if (budget.seconds[static_cast<std::size_t>(i)] > 0)
            categories.push_back(static_cast<BudgetCategory>(i));
    }
    std::sort(categories.begin(), categories.end(),
        [&](BudgetCategory a, BudgetCategory b) { return budget[a] > budget[b]; });
    for (const BudgetCategory category : categories) {
        explanation.rows.append({wordFor(category),
            tr("%1 (%2)").arg(
                durationText(budget[category]), shareText(budget[category] / budget.total_s))});
    }
}

Explanation explainLane(const Target& target, const RunFacts& facts)
{
    const Recording& recording = *facts.recording;
    if (target.lane >= recording.lanes().size())
        return {};
    const Lane& lane = recording.lanes()[target.lane];
    if (lane.start_ns > facts.nowNs())
        return {};
    const std::int64_t end = std::min(lane.ended() ? lane.end_ns : facts.nowNs(), facts.nowNs());
    Explanation explanation;
    explanation.title = laneName(recording, target.lane);
    const QString life = lasting(recording.run_time_within({lane.start_ns, end}));
    if (facts.foreign) {
        // Nobody knows when it started and how it ended.
        const QString spans = countText(lane.spans.size());
        explanation.sentence
            = tr("%1: spans in %2, from the first one's begin to the last one's end.")
                  .arg(explanation.title, life);
        explanation.rows = {{tr("First begin"), lasting(recording.run_time(lane.start_ns))},
            {tr("Last end"), lasting(recording.run_time(end))}, {tr("Spans"), spans}};
        return explanation;
    }
    if (!lane.ended())
        explanation.sentence = tr("%1 has run for %2 so far.").arg(explanation.title, life);
    else if (!lane.exit || *lane.exit == 0)
        explanation.sentence
            = tr("%1 ran for %2 and ended as it should.").arg(explanation.title, life);
    else
        explanation.sentence = tr("%1 ran for %2 and ended with %3.")
                                   .arg(explanation.title, life, exitText(*lane.exit));
    explanation.rows
        = {{tr("Start"), lasting(recording.run_time(lane.start_ns))}, {tr("Life"), life},
            {tr("CPU time"), lasting(lane.cpu_ns)}, {tr("Tasks"), countText(lane.tasks_done)}};
    if (!lane.exception.empty())
        explanation.rows.append({tr("Exception"), QString::fromStdString(lane.exception)});
    if (lane.peak_rss_bytes > 0) {
        explanation.rows.append(
            {tr("Most memory"), bytesText(static_cast<double>(lane.peak_rss_bytes))});
    }
    if (lane.events_dropped > 0)
        explanation.rows.append({tr("Events lost"), countText(lane.events_dropped)});
    if (const TimeBudget budget = time_budget(recording, {lane.start_ns, end});
        budget.lanes[target.lane].total_s > 0)
        addBudget(explanation, budget.lanes[target.lane]);
    return explanation;
}

Explanation explainChannel(const Target& target, const RunFacts& facts)
{
    if (target.number >= facts.recording->channels().size())
        return {};
    const Channel& channel = facts.recording->channels()[target.number];
    Explanation explanation;
    explanation.title = tr("Channel %1").arg(QString::fromStdString(channel.name));
    explanation.sentence
        = tr("%1 carried %2 with %3; at most %4 lay in it at once.")
              .arg(explanation.title, messagesText(channel.messages),
                  bytesText(static_cast<double>(channel.bytes)), countText(channel.max_depth));
    explanation.rows = {{tr("Kind"), QString::fromStdString(channel.kind)},
        {tr("Sent"),
            tr("%1, %2").arg(
                messagesText(channel.messages), bytesText(static_cast<double>(channel.bytes)))},
        {tr("Received"),
            tr("%1, %2").arg(messagesText(channel.messages_received),
                bytesText(static_cast<double>(channel.bytes_received)))},
        {tr("Most at once"), countText(channel.max_depth)}};
    return explanation;
}

Explanation explainInterval(const Interval& interval, const RunFacts& facts)
{
    const Recording& recording = *facts.recording;
    const TimeBudget budget = time_budget(recording, interval);
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    for (const Transfer& transfer : recording.transfers()) {
        if (!transfer.received && interval.begin_ns <= transfer.time_ns
            && transfer.time_ns < interval.end_ns) {
            messages += transfer.summarised ? transfer.message : 1;
            bytes += transfer.bytes;
        }
    }
    const auto lanes = static_cast<std::uint64_t>(std::count_if(budget.lanes.begin(),
        budget.lanes.end(), [](const Budget& lane) { return lane.total_s > 0; }));
    const std::int64_t length = recording.run_time_within(interval);
    Explanation explanation;
    explanation.title
        = tr("%1 from %2 on").arg(lasting(length), lasting(recording.run_time(interval.begin_ns)));
    if (facts.foreign) {
        explanation.sentence
            = tr("In these %1, there were spans of %2.").arg(lasting(length), threadsText(lanes));
        explanation.rows = {{tr("From"), lasting(recording.run_time(interval.begin_ns))},
            {tr("To"), lasting(recording.run_time(interval.end_ns))},
            {tr("Duration"), lasting(length)}};
        return explanation;
    }
    const double computing
        = budget.all.total_s > 0 ? budget.all[BudgetCategory::computing] / budget.all.total_s : 0;
    explanation.sentence
        = tr("In these %1, %2 were alive, computed for %3 of their time and sent %4 with %5.")
              .arg(lasting(length), processesText(lanes), shareText(computing),
                  messagesText(messages), bytesText(static_cast<double>(bytes)));
    explanation.rows = {{tr("From"), lasting(recording.run_time(interval.begin_ns))},
        {tr("To"), lasting(recording.run_time(interval.end_ns))}, {tr("Duration"), lasting(length)},
        {tr("Sent"),
            tr("%1, %2").arg(messagesText(messages), bytesText(static_cast<double>(bytes)))},
        {tr("Overhead of the workers"), shareText(budget.overhead)}};
    if (budget.all.total_s > 0)
        addBudget(explanation, budget.all);
    return explanation;
}

Explanation explainMoment(std::int64_t time, const RunFacts& facts)
{
    const Recording& recording = *facts.recording;
    Explanation explanation;
    explanation.title = tr("At %1").arg(lasting(recording.run_time(time)));
    int alive = 0;
    for (std::uint32_t i = 0; i < recording.lanes().size(); ++i) {
        const Lane& lane = recording.lanes()[i];
        if (time < lane.start_ns || (lane.ended() && time >= lane.end_ns))
            continue;
        ++alive;
        const std::size_t span = lane.spans.innermost(time);
        const bool known = span < lane.spans.size();
        explanation.rows.append({laneName(recording, i, false),
            known               ? wordFor(recording, lane.spans[span])
                : facts.foreign ? tr("no span")
                                : wordFor(BudgetCategory::unexplained)});
        if (known) {
            explanation.links.append({tr("Select what %1 did").arg(laneName(recording, i, false)),
                Target::ofSpan(i, span)});
        }
    }
    const auto count = static_cast<std::uint64_t>(alive);
    explanation.sentence = facts.foreign
        ? tr("At this moment %1 had spans before and behind.").arg(threadsText(count))
        : tr("At this moment %1 were alive.").arg(processesText(count));
    return explanation;
}

} // namespace

Explanation explain(const Target& target, const RunFacts& facts)
{
    if (!facts.recording)
        return {};
    switch (target.kind) {
    case Target::Kind::span:
        return explainSpan(target, facts);
    case Target::Kind::lane:
        return explainLane(target, facts);
    case Target::Kind::channel:
        return explainChannel(target, facts);
    case Target::Kind::interval:
        return explainInterval(target.interval, facts);
    case Target::Kind::moment:
        return explainMoment(target.interval.begin_ns, facts);
    case Target::Kind::nothing:
        break;
    }
    return {};
}

} // namespace manyhands::app
