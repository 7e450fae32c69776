// SPDX-License-Identifier: MIT
// A bounded queue of byte messages for many producers and many consumers, any of which may die at
// any moment. What Queue<T> and Pool stand on.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <vector>

namespace manyhands {

/// A queue has no message, and the time to wait for one is over.
class Empty : public Error
{
public:
    using Error::Error;
};

/// A queue has no space, and the time to wait for some is over.
class Full : public Error
{
public:
    using Error::Error;
};

/// The queue.
///
/// Each place of it has one word: the turn, full or empty, and who filled or emptied it. A producer
/// writes its message into memory of its own and publishes it with one compare-and-swap on that
/// word; a consumer copies the message out first and takes it with one compare-and-swap. So a death
/// leaves nothing half done: a message is either not there yet, or there, or taken, and
/// `taken_by()` tells by whom. Messages leave in the order in which they were published.
///
/// Lies in the arena and is handed to other processes as its offset; the object here is a view of
/// it. Every message is traced as sent and received over a channel, with the depth.
class MessageQueue
{
public:
    /// Makes a queue of `capacity` places (1 to 2^20), traced as channel `name`. By the lesson's
    /// main process.
    MessageQueue(const std::string& name, std::uint32_t capacity);
    /// A view of the queue that another process made.
    explicit MessageQueue(ArenaOffset offset);

    ArenaOffset offset() const noexcept { return offset_; }
    std::uint32_t capacity() const noexcept;
    /// About how many messages are in it: others may be putting and getting at this moment.
    std::uint64_t size() const noexcept;

    /// Appends a message and returns its position (they count from 0), waiting for space at most
    /// `timeout`. Throws Full when the time is over.
    std::uint64_t put(std::span<const std::byte> message,
        std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    /// Takes the oldest message, waiting for one at most `timeout`. Throws Empty when the time is
    /// over. `bytes` is overwritten.
    void get(std::vector<std::byte>& bytes, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    /// The same, but gives up, returning false, as soon as `interrupted()` holds while it waits.
    /// It is asked after each wake: in the lesson's main process also when a child's state changed.
    /// The wait is traced as `waiting`: a pool's worker without a task is idle.
    bool get_unless(std::vector<std::byte>& bytes, const std::function<bool()>& interrupted,
        State waiting = State::waiting_data,
        const std::source_location& where = std::source_location::current());

    /// Takes the oldest message if there is one.
    bool try_get(std::vector<std::byte>& bytes,
        const std::source_location& where = std::source_location::current());

    /// The slot of the process that took the message at `position`; nothing while it is in the
    /// queue, and nothing when its place has been filled again.
    std::optional<std::uint32_t> taken_by(std::uint64_t position) const noexcept;

    /// Wakes every consumer that waits, so that it asks `interrupted()`.
    void wake_consumers() noexcept;

    /// A process has died: takes it off the lists of sleepers.
    void forget(std::uint32_t slot) noexcept;

    /// Gives the queue's memory back. By its maker, when nobody uses it any more.
    void destroy() noexcept;

private:
    struct Layout;
    struct Message;

    Layout& layout() const noexcept;
    std::atomic<std::uint64_t>& place(std::uint64_t position) const noexcept;
    Message* own_messages();
    Message* messages_of(std::uint32_t slot) const noexcept;
    std::optional<std::uint64_t> try_put(std::span<const std::byte> message);
    bool has_message() const noexcept;
    bool has_space() const noexcept;
    std::optional<std::uint64_t> wait_and_put(std::span<const std::byte> message,
        std::chrono::nanoseconds timeout, const std::source_location& where);
    bool take(std::vector<std::byte>& bytes, std::uint64_t& position);
    std::optional<std::uint64_t> wait_and_take(std::vector<std::byte>& bytes,
        const std::function<bool()>& interrupted, State waiting, const std::source_location& where);
    void trace(EventKind kind, std::uint64_t position, std::size_t bytes, std::uint16_t place,
        std::uint64_t since_ticks) noexcept;

    ArenaOffset offset_ = 0;
};

} // namespace manyhands
