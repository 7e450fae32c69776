// SPDX-License-Identifier: MIT
// A queue of values for many producers and many consumers, as Python's multiprocessing.Queue.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/ipc/codec.hpp"
#include "engine/ipc/message_queue.hpp"
#include "engine/os/error.hpp"
#include "engine/trace/this_process.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

/// How a queue is called in traces and errors.
struct QueueOptions
{
    std::string name = "queue";
};

/// Values on their way between processes, first in, first out.
///
/// Made by any process; its handle crosses to others as an argument of Process or Pool, or in
/// another queue. The handle that made it owns it. Each handle belongs to one process; any number
/// of processes put and get at once, and any of them may die at any moment: a value is not there
/// yet, or there, or taken, each is delivered once, and the others go on. What a process has taken
/// and not worked on dies with it.
///
/// What differs from Python, on purpose:
/// - There is no feeder thread. put() returns when the value is in shared memory: it was serialised
///   then, so a change to it later is not seen; and a process may end at once, there is nothing
///   that would have to be joined or could be lost (join_thread, cancel_join_thread).
/// - The order is that of publication, also among values put by different processes.
/// - qsize() works everywhere; like empty() and full() it is a moment old when it returns.
/// - Empty and Full name the processes that died since the wait began.
/// - A time-out of 0 is what block=False is; there is no such parameter. A negative one is refused.
/// - A value holds at most 64 MiB, a bounded queue at most 2^20 values.
/// - After close(), get() fails too. Like Python's it is about this process only.
template <class T>
class Queue
{
public:
    /// A queue of at most `maxsize` values; 0: as many as shared memory holds. Throws BadValue, and
    /// Error where there is no memory.
    explicit Queue(std::uint32_t maxsize = 0, QueueOptions options = {})
        : block_("queue " + options.name, MessageQueue::bytes_for(options.name, maxsize),
            &MessageQueue::give_back)
        , messages_((MessageQueue::make_at(block_.offset(), options.name, maxsize),
              MessageQueue(block_.offset())))
    {
    }
    /// A handle on the queue at `offset`.
    static Queue view(ArenaOffset offset) { return Queue(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// Appends `value`, waiting for space at most `timeout`. Throws Full when that is over,
    /// BadValue where the value is too large.
    void put(const T& value, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        check_open();
        codec::check_can_be_sent<T>();
        if constexpr (codec::is_plain<T>) {
            messages_.put(
                codec::plain_bytes(value), [&](std::byte* to) { codec::write_plain(to, value); },
                timeout, where);
        } else {
            encode(value, where);
            messages_.put(scratch_, timeout, where);
        }
    }
    /// The same if there is space; returns whether there was.
    bool try_put(
        const T& value, const std::source_location& where = std::source_location::current())
    {
        check_open();
        codec::check_can_be_sent<T>();
        if constexpr (codec::is_plain<T>) {
            return messages_.try_put(
                codec::plain_bytes(value), [&](std::byte* to) { codec::write_plain(to, value); },
                where);
        } else {
            encode(value, where);
            return messages_.try_put(
                scratch_.size(),
                [&](std::byte* to) { std::memcpy(to, scratch_.data(), scratch_.size()); }, where);
        }
    }

    /// Takes the oldest value, waiting for one at most `timeout`. Throws Empty when that is over.
    T get(std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        check_open();
        return messages_.get(
            [&](std::span<const std::byte> message) { return decode(message, where); }, timeout,
            where);
    }
    /// The same if there is one.
    std::optional<T> try_get(const std::source_location& where = std::source_location::current())
    {
        check_open();
        std::optional<T> value;
        messages_.try_get(
            [&](std::span<const std::byte> message) { value.emplace(decode(message, where)); },
            where);
        return value;
    }

    /// Appends each of `values`, in their order, one by one: others' values may come between them.
    /// Waits at most `timeout` in all. Throws Full when that is over; those before the one that
    /// found no space are in the queue, and how many they are stands in its text.
    void put_many(std::span<const T> values, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        const Deadline deadline(timeout);
        for (std::size_t i = 0; i < values.size(); ++i) {
            try {
                put(values[i], timeout == forever ? timeout : deadline.left_or_none(), where);
            } catch (const Full& full) {
                throw Full({.object = "queue " + name(),
                               .problem = "is full, with " + std::to_string(i) + " of "
                                   + std::to_string(values.size()) + " values put",
                               .value = full.value(),
                               .limit = full.limit()},
                    deadline.deaths());
            }
        }
    }
    void put_many(const std::vector<T>& values, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        put_many(std::span<const T>(values), timeout, where);
    }

    /// Takes the oldest value, waiting for it at most `timeout`, and what else is there, `most`
    /// values in all. Throws Empty when the time is over.
    std::vector<T> get_many(std::size_t most, std::chrono::nanoseconds timeout = forever,
        const std::source_location& where = std::source_location::current())
    {
        check_open();
        std::vector<T> values;
        if (most == 0)
            return values;
        values.push_back(get(timeout, where));
        while (values.size() < most
            && messages_.try_get(
                [&](std::span<const std::byte> message) {
                    values.push_back(decode(message, where));
                },
                where)) { }
        return values;
    }

    /// About how many values are in it.
    std::size_t qsize() const noexcept { return messages_.size(); }
    bool empty() const noexcept { return qsize() == 0; }
    bool full() const noexcept { return maxsize() != 0 && qsize() >= maxsize(); }
    std::uint32_t maxsize() const noexcept { return messages_.capacity(); } ///< 0: not bounded
    std::string name() const { return messages_.name(); }

    /// This handle puts and gets no more: Error. What is in the queue stays, for other processes.
    void close() noexcept
    {
        messages_.flush();
        closed_ = true;
    }

private:
    explicit Queue(SharedBlock block)
        : block_(std::move(block))
        , messages_(block_.offset())
    {
    }

    void check_open() const
    {
        if (closed_) [[unlikely]]
            throw Error({.object = "queue " + name(),
                .problem = "is closed",
                .advice = "call close() when nothing more is to be put or got"});
    }

    void encode(const T& value, const std::source_location& where)
    {
        const Serialising span(messages_.summarises_sent(), messages_.channel(), where);
        scratch_.clear();
        codec::encode(scratch_, value);
    }

    T decode(std::span<const std::byte> message, const std::source_location& where) const
    {
        if constexpr (codec::is_plain<T>) {
            return codec::decode<T>(message);
        } else {
            const Serialising span(messages_.summarises_received(), messages_.channel(), where);
            return codec::decode<T>(message);
        }
    }

    // The span of a serialisation, but where messages come too fast for each to be told.
    class Serialising
    {
    public:
        Serialising(bool too_fast, std::uint16_t channel, const std::source_location& where)
        {
            if (!too_fast && this_process.recorder.traced())
                span_.emplace(State::serialising, channel, where);
        }

    private:
        std::optional<StateSpan> span_;
    };

    SharedBlock block_;
    MessageQueue messages_;
    std::vector<std::byte> scratch_; ///< of put(): kept, so that its memory is
    bool closed_ = false;
};

} // namespace manyhands
