// SPDX-License-Identifier: GPL-3.0-or-later
// Who sent to whom: both ends of each message brought together.
#include "app/views/message_matches.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

std::uint64_t keyOf(const Transfer& transfer)
{
    return std::uint64_t{transfer.channel} << 32 | transfer.message;
}

std::uint64_t countOf(const Transfer& transfer)
{
    return transfer.summarised ? std::uint64_t{transfer.message} : 1;
}

} // namespace

void MessageMatches::reset()
{
    *this = MessageMatches();
}

void MessageMatches::take(const Recording& recording)
{
    const std::vector<Transfer>& transfers = recording.transfers();
    const std::vector<Channel>& channels = recording.channels();
    for (; m_taken < transfers.size(); ++m_taken) {
        const auto index = static_cast<std::uint32_t>(m_taken);
        const std::uint32_t channel = transfers[m_taken].channel;
        if (channel < channels.size() && is_of_calls(channels[channel]))
            continue;
        if (transfers[m_taken].summarised)
            takeSummarised(transfers[m_taken], index);
        else if (transfers[m_taken].received)
            takeReceived(transfers, index);
        else
            takeSent(transfers, index);
    }
}

void MessageMatches::add(
    Sums& sums, std::uint32_t sender, std::uint32_t receiver, const Transfer& transfer)
{
    Sum& sum = sums[{sender, receiver}];
    sum.bytes += transfer.bytes;
    sum.messages += countOf(transfer);
}

void MessageMatches::takeSummarised(const Transfer& transfer, std::uint32_t index)
{
    if (transfer.received) {
        m_messages.push_back({no_subject, index});
        add(m_sums, summarised, transfer.lane, transfer);
    } else {
        m_messages.push_back({index, no_subject});
        add(m_sums, transfer.lane, summarised, transfer);
    }
}

void MessageMatches::takeSent(const std::vector<Transfer>& transfers, std::uint32_t index)
{
    const Transfer& sent = transfers[index];
    const auto open = m_open.find(keyOf(sent));
    // Its receiver may have been read before it.
    if (open != m_open.end() && m_messages[open->second].sent == no_subject) {
        Message& message = m_messages[open->second];
        message.sent = index;
        add(m_sums, sent.lane, transfers[message.received].lane, sent);
        m_open.erase(open);
        return;
    }
    m_open[keyOf(sent)] = static_cast<std::uint32_t>(m_messages.size());
    m_messages.push_back({index, no_subject});
    add(m_sums, sent.lane, onTheWay, sent);
}

void MessageMatches::takeReceived(const std::vector<Transfer>& transfers, std::uint32_t index)
{
    const Transfer& received = transfers[index];
    const auto open = m_open.find(keyOf(received));
    if (open == m_open.end() || m_messages[open->second].received != no_subject) {
        m_open[keyOf(received)] = static_cast<std::uint32_t>(m_messages.size());
        m_messages.push_back({no_subject, index});
        return;
    }
    Message& message = m_messages[open->second];
    message.received = index;
    const Transfer& sent = transfers[message.sent];
    const auto waiting = m_sums.find({sent.lane, onTheWay});
    waiting->second.bytes -= sent.bytes;
    if (--waiting->second.messages == 0)
        m_sums.erase(waiting);
    add(m_sums, sent.lane, received.lane, sent);
    m_open.erase(open);
}

MessageMatches::Sums MessageMatches::within(
    const Recording& recording, Interval interval, std::int64_t now_ns) const
{
    const std::vector<Transfer>& transfers = recording.transfers();
    const auto inside = [&](const Transfer& transfer) {
        return transfer.time_ns >= interval.begin_ns && transfer.time_ns < interval.end_ns
            && transfer.time_ns <= now_ns;
    };
    Sums sums;
    for (const Message& message : m_messages) {
        if (message.sent == no_subject) {
            const Transfer& received = transfers[message.received];
            if (received.summarised && inside(received))
                add(sums, summarised, received.lane, received);
            continue;
        }
        const Transfer& sent = transfers[message.sent];
        if (!inside(sent))
            continue;
        std::uint32_t receiver = sent.summarised ? summarised : onTheWay;
        if (message.received != no_subject && transfers[message.received].time_ns <= now_ns)
            receiver = transfers[message.received].lane;
        add(sums, sent.lane, receiver, sent);
    }
    return sums;
}

} // namespace manyhands::app
