// SPDX-License-Identifier: MIT
// A semaphore that never has more tokens than at its beginning, as Python's
// multiprocessing.BoundedSemaphore.
#pragma once

#include "engine/sync/semaphore.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <utility>

namespace manyhands {

/// A Semaphore of which nobody releases what was not acquired: that is most often an error of the
/// program. All else is a Semaphore's, also where processes die.
class BoundedSemaphore
{
public:
    /// Throws as a Semaphore.
    explicit BoundedSemaphore(std::int64_t value = 1, const std::string& name = {})
        : semaphore_(value, name, true)
    {
    }
    static BoundedSemaphore view(ArenaOffset offset) noexcept
    {
        return BoundedSemaphore(Semaphore::view(offset));
    }
    ArenaOffset offset() const noexcept { return semaphore_.offset(); }

    void acquire(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        semaphore_.acquire(timeout, where);
    }
    bool try_acquire(const std::source_location& where = std::source_location::current())
    {
        return semaphore_.try_acquire(where);
    }
    /// Throws BadValue for less than 1, and where there would be more than at the beginning
    /// (Python: ValueError). A token that a guard holds is that guard's to give back.
    void release(std::int64_t tokens = 1) { semaphore_.release(tokens); }

    [[nodiscard]] SemaphoreGuard hold(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        return semaphore_.hold(timeout, where);
    }
    [[nodiscard]] std::optional<SemaphoreGuard> try_hold(
        const std::source_location& where = std::source_location::current())
    {
        return semaphore_.try_hold(where);
    }

    std::int64_t get_value() const noexcept { return semaphore_.get_value(); }
    std::string name() const { return semaphore_.name(); }

private:
    explicit BoundedSemaphore(Semaphore semaphore) noexcept
        : semaphore_(std::move(semaphore))
    {
    }

    Semaphore semaphore_;
};

} // namespace manyhands
