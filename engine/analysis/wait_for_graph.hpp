// SPDX-License-Identifier: MIT
// Who waits for whom at a moment, as far as the recording tells, and whether anybody can ever go
// on.
#pragma once

#include "engine/recording/recording.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace manyhands {

/// One lane's wait at the moment, and the lanes that could end it: an edge to each of them.
struct WaitEdge
{
    /// How the lanes it waits for are known.
    enum class Evidence : std::uint8_t {
        nobody, ///< none is known: a barrier, an event, a holder who is not told of
        possible, ///< any of them may end the wait; no other lane is known that could
        likely, ///< the only one, as far as was told; it may have changed since
        certain, ///< the only one
    };

    std::uint32_t lane; ///< that waits
    State state; ///< waiting_lock, joining, waiting_data or waiting_space
    std::uint32_t subject; ///< of the span: a lock, a channel
    Interval interval; ///< since the wait began, until the moment
    std::vector<std::uint32_t> targets; ///< in ascending order; its own lane, too, for a lock
    Evidence evidence;
};

/// Lanes are indices into Recording::lanes().
struct WaitForGraph
{
    std::int64_t moment_ns = 0;
    std::vector<std::uint32_t> lanes; ///< that lived then, in ascending order
    std::vector<WaitEdge> edges; ///< at most one a lane, in the order of the lanes
    /// Lanes that wait for each other, or for those that do, and so for ever: whoever could end the
    /// wait of one of them is one of them.
    std::vector<std::uint32_t> stuck;
    /// A deadlock: each of these waits for the next one, the last for the first. Empty where nobody
    /// is stuck.
    std::vector<std::uint32_t> cycle;

    /// The wait of a lane; null where it does not wait.
    const WaitEdge* edge_of(std::uint32_t lane) const noexcept;
};

/// The graph at `moment_ns`: where nothing is given, the moment at which the run was asked to stop,
/// else its end as far as known (at which nobody waits any more where it has come to its end). What
/// is stuck is found by its cycle, however long it has lasted.
///
/// A lock is waited for from whoever holds it; a join for the lane joined; data (or space) for any
/// lane but those that are only seen at the same side of the channel. A join or a channel's wait
/// with a time-out counts like another one; a lock's is told of once, and so is mostly but likely.
/// Takes time in the number of lanes, waits, holds and transfers.
WaitForGraph wait_for_graph(
    const Recording& recording, std::optional<std::int64_t> moment_ns = std::nullopt);

} // namespace manyhands
