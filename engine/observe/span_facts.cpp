// SPDX-License-Identifier: MIT
#include "engine/observe/span_facts.hpp"

#include <algorithm>
#include <tuple>

namespace manyhands {
namespace {

std::uint64_t message_of(const Transfer& transfer)
{
    return std::uint64_t{transfer.channel} << 32 | transfer.message;
}

} // namespace

SpanFacts::SpanFacts(const Recording& recording)
    : recording_(recording)
{
    for (auto& by_lane : transfers_)
        by_lane.resize(recording.lanes().size());
    const auto& transfers = recording.transfers();
    for (std::size_t i = 0; i < transfers.size(); ++i) {
        const Transfer& transfer = transfers[i];
        transfers_[transfer.received ? 1 : 0][transfer.lane].push_back(
            static_cast<std::uint32_t>(i));
        if (!transfer.summarised)
            (transfer.received ? received_ : sent_)
                .push_back({message_of(transfer), transfer.lane});
    }
    for (auto& by_lane : transfers_) {
        for (std::vector<std::uint32_t>& of_lane : by_lane) {
            std::stable_sort(of_lane.begin(), of_lane.end(), [&](std::uint32_t a, std::uint32_t b) {
                return transfers[a].time_ns < transfers[b].time_ns;
            });
        }
    }
    std::sort(sent_.begin(), sent_.end());
    std::sort(received_.begin(), received_.end());
    const auto& waits = recording.waits();
    for (std::size_t i = 0; i < waits.size(); ++i)
        waits_.push_back(static_cast<std::uint32_t>(i));
    std::sort(waits_.begin(), waits_.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(waits[a].lane, waits[a].time_ns)
            < std::tie(waits[b].lane, waits[b].time_ns);
    });
}

// no_subject where nobody is known, or several are.
std::uint32_t SpanFacts::partner_of(const Transfer& transfer) const
{
    if (transfer.summarised)
        return no_subject;
    const std::vector<End>& others = transfer.received ? sent_ : received_;
    const std::uint64_t message = message_of(transfer);
    const auto first = std::lower_bound(others.begin(), others.end(), End{message, 0});
    if (first == others.end() || first->message != message)
        return no_subject;
    const auto second = first + 1;
    const bool alone = second == others.end() || second->message != message;
    return alone ? first->lane : no_subject;
}

std::uint32_t SpanFacts::holder_of(std::uint32_t lane, const Span& span) const
{
    const auto& waits = recording_.waits();
    const auto key = std::tuple(lane, span.begin_ns);
    const auto found = std::lower_bound(
        waits_.begin(), waits_.end(), key, [&](std::uint32_t wait, const auto& wanted) {
            return std::tuple(waits[wait].lane, waits[wait].time_ns) < wanted;
        });
    if (found == waits_.end() || waits[*found].lane != lane
        || waits[*found].time_ns != span.begin_ns)
        return no_subject;
    return waits[*found].holder;
}

SpanFacts::Walk::Walk(const SpanFacts& facts, std::size_t lane)
    : facts_(facts)
    , lane_(static_cast<std::uint32_t>(lane))
{
}

// A message's moment is the end of the span that it was copied in, which may be the begin of the
// next one: it belongs to the first that contains it.
void SpanFacts::Walk::take_transfers(const Span& span, Facts& facts)
{
    const Recording& recording = facts_.recording_;
    const std::size_t direction = span.state == State::receiving ? 1 : 0;
    const std::vector<std::uint32_t>& own = facts_.transfers_[direction][lane_];
    std::size_t& next = next_[direction];
    std::uint32_t partner = no_subject;
    for (; next < own.size(); ++next) {
        const Transfer& transfer = recording.transfers()[own[next]];
        const bool of_this = transfer.channel == span.subject;
        if (transfer.time_ns > span.end_ns || (transfer.time_ns == span.end_ns && !of_this))
            break;
        if (transfer.time_ns < span.begin_ns || !of_this)
            continue;
        const std::uint32_t other = facts_.partner_of(transfer);
        partner = !facts.bytes || partner == other ? other : no_subject;
        facts.bytes = facts.bytes.value_or(0) + transfer.bytes;
    }
    if (partner != no_subject)
        facts.partner = recording.lanes()[partner].name;
}

SpanFacts::Facts SpanFacts::Walk::next(const Span& span)
{
    const Recording& recording = facts_.recording_;
    Facts facts;
    switch (subject_of(span.state)) {
    case SubjectKind::channel:
        if (span.subject < recording.channels().size())
            facts.channel = recording.channels()[span.subject].name;
        break;
    case SubjectKind::lock:
        if (span.subject < recording.locks().size())
            facts.name = recording.locks()[span.subject].name;
        if (const std::uint32_t holder = facts_.holder_of(lane_, span); holder != no_subject)
            facts.partner = recording.lanes()[holder].name;
        break;
    case SubjectKind::gate:
        if (span.subject < recording.gates().size())
            facts.name = recording.gates()[span.subject];
        break;
    case SubjectKind::task:
        if (span.subject != no_subject)
            facts.task = span.subject;
        break;
    case SubjectKind::name:
        if (span.subject < recording.names().size())
            facts.name = recording.names()[span.subject].name;
        break;
    case SubjectKind::other:
        break;
    }
    if (span.state == State::sending || span.state == State::receiving)
        take_transfers(span, facts);
    if (span.place != 0) {
        const Place& place = recording.places()[span.place];
        facts.place = place.file + ':' + std::to_string(place.line);
    }
    return facts;
}

} // namespace manyhands
