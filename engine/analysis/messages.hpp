// SPDX-License-Identifier: MIT
// Messages from end to end: who sent each, who received it.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace manyhands {

/// One message's way. A message of several receivers has one entry for each.
struct Message
{
    std::uint32_t channel; ///< index into Recording::channels()
    std::uint32_t number; ///< in the channel
    std::uint64_t bytes;
    std::uint32_t sender; ///< index into Recording::lanes()
    std::uint32_t receiver; ///< likewise; no_subject while nobody has received it
    std::int64_t sent_ns;
    std::int64_t received_ns; ///< open_end while nobody has received it
};

/// Messages that a lane sent or received within an interval (its end belongs to it), in the order
/// of their sending, and how many there are in all.
struct LaneMessages
{
    std::vector<Message> messages; ///< at most as many as were asked for
    std::size_t all = 0; ///< each counted once, whatever receivers it has
};

/// Finds them; no_subject as `lane`: of all lanes. Goes through the recording's transfers;
/// summarised ones have no identity and are left out.
LaneMessages messages_of(
    const Recording& recording, std::uint32_t lane, Interval interval, std::size_t most);

} // namespace manyhands
