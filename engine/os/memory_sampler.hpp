// SPDX-License-Identifier: MIT
// How much memory a process has: /proc/PID/{statm,smaps_rollup}.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstdint>
#include <optional>

namespace manyhands::os {

/// Keeps a process's two files open and reads them again and again.
class MemorySampler
{
public:
    /// `pid` must be alive and not reaped. Where a file cannot be opened, its figure is nothing.
    explicit MemorySampler(int pid);

    /// Resident memory in bytes, shared pages in full; nothing once the process has been reaped, or
    /// has no memory any more. Costs some 1 µs.
    std::optional<std::uint64_t> rss_bytes() const;

    /// The same with a share of each page that others have, too: it adds up over processes. The
    /// kernel goes through the whole memory map for it: seldom, and never while a time is taken.
    std::optional<std::uint64_t> pss_bytes();

private:
    int pid_;
    Descriptor statm_;
    Descriptor smaps_rollup_;
};

} // namespace manyhands::os
