// SPDX-License-Identifier: MIT
#include "engine/analysis/messages.hpp"

#include <algorithm>
#include <unordered_map>

namespace manyhands {
namespace {

std::uint64_t key_of(const Transfer& transfer)
{
    return std::uint64_t{transfer.channel} << 32 | transfer.message;
}

} // namespace

LaneMessages messages_of(
    const Recording& recording, std::uint32_t lane, Interval interval, std::size_t most)
{
    const auto asked_for = [&](const Transfer& transfer) {
        return (lane == no_subject || transfer.lane == lane)
            && interval.begin_ns <= transfer.time_ns && transfer.time_ns <= interval.end_ns;
    };
    // First the messages that have an end here, then both ends of these.
    std::unordered_map<std::uint64_t, const Transfer*> sent;
    std::vector<std::uint64_t> keys;
    LaneMessages found;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.summarised || !asked_for(transfer))
            continue;
        if (sent.size() < most || sent.contains(key_of(transfer)))
            sent.try_emplace(key_of(transfer), nullptr);
        keys.push_back(key_of(transfer));
    }
    std::sort(keys.begin(), keys.end());
    found.all = static_cast<std::size_t>(std::unique(keys.begin(), keys.end()) - keys.begin());
    if (sent.empty())
        return found;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.summarised || transfer.received)
            continue;
        if (const auto at = sent.find(key_of(transfer)); at != sent.end())
            at->second = &transfer;
    }
    const auto add = [&](const Transfer& from, const Transfer* to) {
        found.messages.push_back({.channel = from.channel,
            .number = from.message,
            .bytes = from.bytes,
            .sender = from.lane,
            .receiver = to ? to->lane : no_subject,
            .sent_ns = from.time_ns,
            .received_ns = to ? to->time_ns : open_end});
    };
    std::unordered_map<std::uint64_t, bool> received;
    for (const Transfer& transfer : recording.transfers()) {
        if (transfer.summarised || !transfer.received)
            continue;
        const auto at = sent.find(key_of(transfer));
        if (at == sent.end() || at->second == nullptr)
            continue;
        received[at->first] = true;
        if (asked_for(transfer) || asked_for(*at->second))
            add(*at->second, &transfer);
    }
    for (const auto& [key, from] : sent) {
        if (from != nullptr && !received.contains(key))
            add(*from, nullptr);
    }
    std::sort(found.messages.begin(), found.messages.end(), [](const Message& a, const Message& b) {
        return a.sent_ns != b.sent_ns ? a.sent_ns < b.sent_ns
            : a.channel != b.channel  ? a.channel < b.channel
            : a.number != b.number    ? a.number < b.number
                                      : a.received_ns < b.received_ns;
    });
    return found;
}

} // namespace manyhands
