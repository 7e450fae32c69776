// SPDX-License-Identifier: MIT
// Sleeping on a word of shared memory and waking its sleepers, across processes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace manyhands::os {

/// Sleeps while `word` holds `expected`, for at most `timeout`. Returns early when woken, when the
/// word differs, when a signal came, or for no reason: the caller looks again at its condition.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
    std::chrono::nanoseconds timeout) noexcept;

/// Wakes up to `count` sleepers of `word`, in whichever process. Async-signal-safe.
void futex_wake(const std::atomic<std::uint32_t>& word, int count) noexcept;

} // namespace manyhands::os
