// SPDX-License-Identifier: MIT
#include "engine/os/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace manyhands::os {

// Never the _PRIVATE forms: the words lie in memory that several processes map.

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
    std::chrono::nanoseconds timeout) noexcept
{
    if (timeout.count() <= 0)
        return;
    const timespec relative = {static_cast<time_t>(timeout.count() / 1'000'000'000),
        static_cast<long>(timeout.count() % 1'000'000'000)};
    ::syscall(SYS_futex, &word, FUTEX_WAIT, expected, &relative, nullptr, 0);
}

void futex_wake(const std::atomic<std::uint32_t>& word, int count) noexcept
{
    ::syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
}

} // namespace manyhands::os
