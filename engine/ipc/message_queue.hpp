// SPDX-License-Identifier: MIT
// A queue of byte messages for many producers and many consumers, any of which may die at any
// moment. What Queue<T> stands on.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/ipc/channel_trace.hpp"
#include "engine/ipc/queue_memory.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/waiters.hpp"

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// A queue has no message, and the time to wait for one is over. Names who died meanwhile.
class Empty : public Error
{
public:
    Empty(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// A queue has no space, and the time to wait for some is over. Names who died meanwhile.
class Full : public Error
{
public:
    Full(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// The queue.
///
/// Each place of it has one word: the turn, full or empty, and who filled or emptied it. A producer
/// writes its message into memory of its own and publishes it with one compare-and-swap on that
/// word; a consumer copies the message out first and takes it with one compare-and-swap. So a death
/// leaves nothing half done: a message is either not there yet, or there, or taken. Messages leave
/// in the order in which they were published. One that a consumer has taken and not yet worked on
/// dies with it.
///
/// An unbounded queue is a chain of rings of such places. One that is full when somebody wants to
/// put is closed, which is one bit in the word of its next place, and the queue goes on in another
/// one of double size. They are given back with the queue.
///
/// Lies in the arena and is handed to other processes as its offset; the object here is a view of
/// it, with this process's place in it, and belongs to one thread. Every message is traced as sent
/// and received over a channel (ChannelTrace), with the depth.
class MessageQueue
{
public:
    static constexpr std::uint32_t most_places = 1U << 20;
    static constexpr std::size_t most_bytes = std::size_t{64} << 20; ///< of a message

    /// Makes a queue of `capacity` places (up to 2^20; 0: as many as the arena holds), traced as
    /// channel `name`.
    MessageQueue(std::string_view name, std::uint32_t capacity);
    /// A view of the queue that lies at `offset`.
    explicit MessageQueue(ArenaOffset offset);

    /// Makes the queue in a zeroed block of bytes_for() bytes.
    static void make_at(ArenaOffset offset, std::string_view name, std::uint32_t capacity);
    /// Throws BadValue for a capacity over most_places.
    static std::size_t bytes_for(std::string_view name, std::uint32_t capacity);
    /// Gives back what belongs to the queue but its own block; when nobody uses it any more.
    static void give_back(ArenaOffset offset) noexcept;

    ArenaOffset offset() const noexcept { return offset_; }
    std::uint32_t capacity() const noexcept; ///< 0: unbounded
    std::string name() const;
    /// About how many messages are in it: others may be putting and getting at this moment.
    std::uint64_t size() const noexcept;

    /// Appends a message of `bytes` bytes, which `fill(std::byte*)` writes, and returns its number
    /// (they count from 0); waits for space at most `timeout`. Throws Full when the time is over,
    /// BadValue for a message over most_bytes.
    template <std::invocable<std::byte*> Fill>
    std::uint64_t put(std::size_t bytes, Fill&& fill, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        attend(timeout);
        const std::uint64_t begin = ChannelTrace::begin();
        Outgoing message;
        fill_in(message, bytes, fill);
        std::optional<std::uint64_t> number = publish(message);
        if (!number) [[unlikely]]
            return wait_and_publish(message, bytes, timeout, begin, where);
        if (begin != 0)
            trace_sent(*number, bytes, begin, where);
        layout().consumers.wake_one();
        return *number;
    }
    /// The same if there is space; returns whether there was.
    template <std::invocable<std::byte*> Fill>
    bool try_put(std::size_t bytes, Fill&& fill,
        const std::source_location& where = std::source_location::current())
    {
        const std::uint64_t begin = ChannelTrace::begin();
        Outgoing message;
        fill_in(message, bytes, fill);
        const std::optional<std::uint64_t> number = publish(message);
        if (!number)
            return false;
        if (begin != 0)
            trace_sent(*number, bytes, begin, where);
        layout().consumers.wake_one();
        return true;
    }
    std::uint64_t put(std::span<const std::byte> message,
        std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());

    /// Takes the oldest message and calls `use(std::span<const std::byte>)` with it; waits for one
    /// at most `timeout`. Throws Empty when the time is over, and what `use` throws; the message
    /// is gone then.
    template <std::invocable<std::span<const std::byte>> Use>
    decltype(auto) get(Use&& use, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        attend(timeout);
        const std::uint64_t begin = ChannelTrace::begin();
        Incoming message;
        if (take(message)) [[likely]] {
            if (begin != 0)
                trace_received(message, begin, where);
        } else {
            wait_and_take(message, timeout, begin, where);
        }
        charge(message.bytes());
        return use(message.contents());
    }
    /// The same if there is a message; returns whether there was.
    template <std::invocable<std::span<const std::byte>> Use>
    bool try_get(Use&& use, const std::source_location& where = std::source_location::current())
    {
        const std::uint64_t begin = ChannelTrace::begin();
        Incoming message;
        if (!take(message))
            return false;
        if (begin != 0)
            trace_received(message, begin, where);
        use(message.contents());
        return true;
    }

    /// As above; `bytes` is overwritten.
    void get(std::vector<std::byte>& bytes, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current());
    bool try_get(std::vector<std::byte>& bytes,
        const std::source_location& where = std::source_location::current());

    /// The same as get(), but gives up, returning false, as soon as `interrupted()` holds while it
    /// waits. It is asked after each wake: in the lesson's main process also when a child's state
    /// changed. The wait is traced as `waiting`: a pool's worker without a task is idle.
    bool get_unless(std::vector<std::byte>& bytes, const std::function<bool()>& interrupted,
        State waiting = State::waiting_data,
        const std::source_location& where = std::source_location::current());

    std::uint16_t channel() const noexcept { return trace_.channel(); }
    /// Whether messages come too fast for each to be traced.
    bool summarises_sent() const noexcept { return trace_.summarises_sent(); }
    bool summarises_received() const noexcept { return trace_.summarises_received(); }
    /// Tells what this process has sent and received and not told yet.
    void flush() noexcept { trace_.flush(size()); }

    /// The slot of the process that took message number `position` of a bounded queue; nothing
    /// while it is in the queue, and nothing when its place has been filled again.
    std::optional<std::uint32_t> taken_by(std::uint64_t position) const noexcept;

    /// Wakes every consumer that waits, so that it asks `interrupted()`.
    void wake_consumers() noexcept;

    /// A process has died: takes it off the lists of sleepers.
    void forget(std::uint32_t slot) noexcept;

    /// Gives all of the queue's memory back. By its maker, when nobody uses it any more.
    void destroy() noexcept;

private:
    // A message on its way into the queue. A block is this process's until it is published, and
    // freed where it is not.
    struct Outgoing
    {
        Outgoing() noexcept { } // the words are left as they are: 64 bytes to clear for nothing
        ~Outgoing();
        Outgoing(const Outgoing&) = delete;
        Outgoing& operator=(const Outgoing&) = delete;

        std::array<std::uint64_t, queue_memory::inline_bytes / 8> words;
        ArenaOffset block = 0;
        std::uint8_t size = queue_memory::in_a_block;
    };

    // One that was taken out of it.
    struct Incoming
    {
        Incoming() noexcept { }
        ~Incoming();
        Incoming(const Incoming&) = delete;
        Incoming& operator=(const Incoming&) = delete;

        std::size_t bytes() const noexcept
        {
            return size == queue_memory::in_a_block ? words[1] : size;
        }
        std::span<const std::byte> contents() const noexcept
        {
            return {block != 0 ? this_process.arena->at(block)
                               : reinterpret_cast<const std::byte*>(words.data()),
                bytes()};
        }

        std::array<std::uint64_t, queue_memory::inline_bytes / 8> words;
        ArenaOffset block = 0;
        std::uint64_t number = 0;
        std::uint8_t size = 0;
    };

    queue_memory::Layout& layout() const noexcept { return *layout_; }
    queue_memory::Ring& ring(std::uint32_t number) const noexcept;
    const queue_memory::Cell* cells_of(
        const queue_memory::Ring& ring, std::uint32_t slot) const noexcept;
    template <class Fill>
    void fill_in(Outgoing& message, std::size_t bytes, Fill& fill)
    {
        if (bytes <= queue_memory::inline_bytes) [[likely]] {
            if (bytes < queue_memory::inline_bytes)
                message.words[bytes / 8] = 0;
            fill(reinterpret_cast<std::byte*>(message.words.data()));
            message.size = static_cast<std::uint8_t>(bytes);
        } else {
            charge(bytes);
            take_block(message, bytes);
            fill(this_process.arena->at(message.block));
        }
    }
    void take_block(Outgoing& message, std::size_t bytes);
    void enter(queue_memory::Cursor& at, std::uint32_t number) const noexcept;
    void enter_next(queue_memory::Cursor& at, std::atomic<std::uint32_t>& hint) const noexcept;
    queue_memory::Cell* own_cells_in(queue_memory::Ring& ring) const;
    void find_own_cells();
    void grow(std::uint64_t seen);
    ArenaOffset allocate(std::size_t bytes) const;

    std::optional<std::uint64_t> publish(Outgoing& message);
    bool take(Incoming& message);
    bool has_space();
    bool has_message();
    std::uint64_t wait_and_publish(Outgoing& message, std::size_t bytes,
        std::chrono::nanoseconds timeout, std::uint64_t begin, const std::source_location& where);
    void wait_and_take(Incoming& message, std::chrono::nanoseconds timeout, std::uint64_t begin,
        const std::source_location& where);
    bool wait_and_take(Incoming& message, const Deadline& deadline,
        const std::function<bool()>& interrupted, State waiting, std::uint64_t begin,
        const std::source_location& where);
    std::uint64_t tell_wait(State waiting, std::uint64_t begin, std::uint16_t place) noexcept;

    // In the lesson's main process: looks after its children now and then, in a loop that never
    // waits, too. Everywhere: throws StopRequested when the run is asked to end.
    void attend(std::chrono::nanoseconds timeout)
    {
        if (timeout < std::chrono::nanoseconds::zero()) [[unlikely]]
            static_cast<void>(Deadline(timeout)); // which refuses it
        if (--until_attending_ < 0) [[unlikely]]
            attend_now();
    }
    // A large message takes as long as many small ones.
    void charge(std::size_t bytes) { until_attending_ -= static_cast<std::int64_t>(bytes >> 13); }
    void attend_now();

    std::uint16_t place(const std::source_location& where) noexcept;
    void trace_sent(std::uint64_t number, std::size_t bytes, std::uint64_t begin,
        const std::source_location& where) noexcept;
    void trace_received(
        const Incoming& message, std::uint64_t begin, const std::source_location& where) noexcept;

    // Some 10 µs of small messages, or 2 MiB: far below the 33 ms within which main must drain.
    static constexpr std::int64_t attending_after = 256;

    ArenaOffset offset_ = 0;
    queue_memory::Layout* layout_ = nullptr;
    queue_memory::Cursor put_;
    queue_memory::Cursor get_;
    queue_memory::Pacer put_pacer_;
    queue_memory::Pacer get_pacer_;
    queue_memory::Cell* own_cells_ = nullptr; ///< in put_'s ring, of own_slot_
    std::uint32_t own_slot_ = 0;
    std::int64_t until_attending_ = attending_after;
    ChannelTrace trace_;
    std::uint16_t place_ = 0; ///< of the last `where`, in place_slot_'s process
    std::uint32_t place_slot_ = 0;
    std::uint32_t place_line_ = 0;
    const char* place_file_ = nullptr;
};

} // namespace manyhands
