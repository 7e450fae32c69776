// SPDX-License-Identifier: MIT
// How much memory a process has had at most.
#pragma once

#include <cstdint>

namespace manyhands::lessons {

/// The most memory that this process has had at a moment, resident, in bytes; 0 where the kernel
/// does not say. Since its program began: what getrusage() says counts the parent's as well.
std::uint64_t peak_memory_bytes();

} // namespace manyhands::lessons
