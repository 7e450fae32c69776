// SPDX-License-Identifier: GPL-3.0-or-later
// What went through the channels until any moment, found without walking all that was sent.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>
#include <vector>

namespace manyhands::app {

/// Sums of what was sent, and depths, by channel. Takes in what a recording has more than before;
/// processes are read one after the other, so what comes may be older than what is there.
class ChannelIndex
{
public:
    struct Sum
    {
        std::uint64_t bytes = 0;
        std::uint64_t messages = 0;
    };

    void reset();
    /// Takes in what is new, in time that follows that, not the run's length.
    void take(const Recording& recording);

    std::size_t channels() const { return m_sent.size(); }
    bool empty() const { return m_transfersTaken == 0; }
    /// What was sent through a channel before a recorded moment.
    Sum sentBefore(std::size_t channel, std::int64_t time_ns) const;
    /// The first moment that a depth is known of; open_end where none is.
    std::int64_t depthKnownFrom(std::size_t channel) const;
    /// How many messages were in it at a recorded moment.
    std::uint32_t depthAt(std::size_t channel, std::int64_t time_ns) const;
    /// The most that were in it within [begin, end), its beginning included.
    std::uint32_t mostWithin(std::size_t channel, Interval interval) const;

private:
    struct Sent
    {
        std::int64_t time_ns;
        std::uint64_t bytes; ///< of this and all before it
        std::uint64_t messages;
    };
    struct Depth
    {
        std::int64_t time_ns;
        std::uint32_t depth;
    };

    void takeTransfers(const Recording& recording);
    void takeDepths(const Recording& recording);
    static void order(std::vector<Sent>& sent, std::size_t firstNew);

    std::vector<std::vector<Sent>> m_sent;
    std::vector<std::vector<Depth>> m_depths;
    std::vector<std::vector<std::uint32_t>> m_blockMost; ///< of each block of depths
    std::size_t m_transfersTaken = 0;
    std::size_t m_depthsTaken = 0;
};

} // namespace manyhands::app
