// SPDX-License-Identifier: MIT
// The slots of a watched run, and who has them.
#pragma once

#include "engine/trace/segment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace manyhands {

/// Gives slots to the processes of a watched program. The first one is its root's. Belongs to the
/// host, the one writer of their fixed parts.
class WatchedSlots
{
public:
    explicit WatchedSlots(const Segment& segment);

    const Segment& segment() const noexcept { return segment_; }

    /// The slot of a process that is seen for the first time; nothing where none is free. Its ring
    /// and text are empty, its state is `free` until run() is called.
    std::optional<std::uint32_t> take();
    /// The slot's process is complete and to be seen.
    void run(std::uint32_t slot) noexcept;
    /// How it ended; all of its figures are written.
    void end(std::uint32_t slot) noexcept;

    /// Sees to it that the slot's ring has memory for its first `bytes` bytes (at most all of it).
    /// Throws Error where memory lacks.
    void back(std::uint32_t slot, std::size_t bytes);

private:
    bool is_free(std::uint32_t slot) const noexcept;

    const Segment& segment_;
    std::array<std::size_t, slot_limit> backed_ = {};
    bool root_given_ = false;
};

} // namespace manyhands
