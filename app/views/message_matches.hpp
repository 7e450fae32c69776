// SPDX-License-Identifier: GPL-3.0-or-later
// Who sent to whom: both ends of each message brought together.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace manyhands::app {

/// Sums of messages by sender and receiver. Takes in what a recording has more than before. The
/// two ends of a message have its channel and number in common; where its sender summarised it,
/// no number is known, so neither is the other end.
class MessageMatches
{
public:
    struct Sum
    {
        std::uint64_t bytes = 0;
        std::uint64_t messages = 0;
    };
    /// In a lane's place: the other end of summarised messages; of one that nobody has received.
    static constexpr std::uint32_t summarised = no_subject - 1;
    static constexpr std::uint32_t onTheWay = no_subject;
    /// Sender and receiver: indices into Recording::lanes(), or one of the two above.
    using Sums = std::map<std::pair<std::uint32_t, std::uint32_t>, Sum>;

    void reset();
    /// Takes in what is new, in time that follows that.
    void take(const Recording& recording);

    /// Of all that was taken in.
    const Sums& sums() const { return m_sums; }
    /// Of what was sent within an interval of recorded time, as it stood at the moment `now_ns`;
    /// linear in the messages.
    Sums within(const Recording& recording, Interval interval, std::int64_t now_ns) const;

private:
    /// Indices into Recording::transfers(); no_subject where that end is not known (yet).
    struct Message
    {
        std::uint32_t sent;
        std::uint32_t received;
    };

    void takeSummarised(const Transfer& transfer, std::uint32_t index);
    void takeSent(const std::vector<Transfer>& transfers, std::uint32_t index);
    void takeReceived(const std::vector<Transfer>& transfers, std::uint32_t index);
    static void add(
        Sums& sums, std::uint32_t sender, std::uint32_t receiver, const Transfer& transfer);

    Sums m_sums;
    std::vector<Message> m_messages;
    std::unordered_map<std::uint64_t, std::uint32_t> m_open; ///< to m_messages, by channel, number
    std::size_t m_taken = 0;
};

} // namespace manyhands::app
