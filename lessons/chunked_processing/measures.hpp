// SPDX-License-Identifier: MIT
// What a recording says of the lesson's messages: their cost, how many bytes were under way, and
// which chunk size follows from that.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands::lessons::chunked_processing {

/// What a chunk costs beside the work on its numbers, in seconds.
struct MessageCost
{
    double median_s;
    double low_s; ///< first quartile
    double high_s;
    int samples;
};

/// Measured for each chunk but a worker's first: the gap since the worker's last chunk, and what it
/// takes to unpack this one. Where the workers leave no CPU to the main process (`main_shares`),
/// what that does for a chunk is added: the time from one sending to the next without its waits.
/// Nothing where no worker had two chunks.
std::optional<MessageCost> message_cost(const Recording& recording, bool main_shares);

/// The bytes of chunks that were sent and not yet begun. A worker that receives more messages than
/// are traced singly says so later; that it begins a chunk is always told at once.
struct InFlight
{
    struct Point
    {
        std::int64_t time_ns;
        std::uint64_t bytes; ///< from then on
    };
    std::vector<Point> points;
    std::uint64_t peak_bytes = 0;
};
/// Nothing where sendings were summarised: when each of them was is not known then.
std::optional<InFlight> in_flight(const Recording& recording);

/// The chunk size that takes the least time as long as this holds, for N `numbers`, c `number_s` a
/// number, h `message_s` a message, p `at_once` workers that compute at once:
///
///     T(k) = (N c + N/k h) / p + k c / 2
///
/// All numbers and all messages, shared by p; and at the end a wait for the last worker, which is
/// between nothing and one chunk behind, half a chunk on average. dT/dk = 0 where
/// N h / (p k^2) = c / 2, so at k = sqrt(2 N h / (p c)); 1 and N are the ends.
double best_chunk(std::uint64_t numbers, double number_s, double message_s, int at_once);

} // namespace manyhands::lessons::chunked_processing
