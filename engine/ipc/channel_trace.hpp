// SPDX-License-Identifier: MIT
// What one process tells of the messages of one channel: each of them, or where they come too fast
// for that, how many they were.
#pragma once

#include "engine/trace/this_process.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>

namespace manyhands {

/// Traces the messages that this process sends and receives over one channel.
///
/// Up to 1 M messages a second in the channel, whoever sends them, each is an event. Beyond that
/// none is: every 100 µs one event tells how many messages and bytes there were (messages_sent,
/// messages_received). What is counted and not yet told is told by the first message that comes
/// later than that, before the process goes to sleep, and when the object is destroyed.
/// Where the process is not traced, all of it is one branch.
///
/// Belongs to one process; a copy, and what a forked process finds, begins with nothing counted.
class ChannelTrace
{
public:
    explicit ChannelTrace(std::uint16_t channel) noexcept
        : channel_(channel)
    {
    }
    ChannelTrace(const ChannelTrace& other) noexcept
        : channel_(other.channel_)
    {
    }
    ChannelTrace& operator=(const ChannelTrace& other) noexcept;
    ~ChannelTrace() { flush(); }

    std::uint16_t channel() const noexcept { return channel_; }

    /// Now, for `since_ticks`; 0 where the process is not traced.
    static std::uint64_t begin() noexcept
    {
        return this_process.recorder.traced() ? this_process.recorder.ticks() : 0;
    }

    /// Message number `message` of the channel (they count from 0, whoever sends them) has been
    /// sent. `depth`, how many messages are in the channel now, is a number, or a function that
    /// is called only when an event is written. `since_ticks` is when sending began, and 0 where a
    /// StateSpan tells that.
    template <class Depth>
    void sent(std::uint64_t message, std::uint64_t bytes, const Depth& depth, std::uint16_t place,
        std::uint64_t since_ticks) noexcept
    {
        if (this_process.recorder.traced())
            tell(sent_, message, bytes, depth, place, since_ticks);
    }
    /// The same for one that has been received.
    template <class Depth>
    void received(std::uint64_t message, std::uint64_t bytes, const Depth& depth,
        std::uint16_t place, std::uint64_t since_ticks) noexcept
    {
        if (this_process.recorder.traced())
            tell(received_, message, bytes, depth, place, since_ticks);
    }

    /// Whether messages come too fast for each to be told.
    bool summarises_sent() const noexcept { return sent_.summarising; }
    bool summarises_received() const noexcept { return received_.summarising; }

    /// Tells what has been counted; `depth` as above, where it is known.
    void flush(std::optional<std::uint64_t> depth = {}) noexcept;

private:
    // 1 M a second, so 100 in a window: what a trace carries of one channel without a drop.
    static constexpr std::int64_t window_ns = 100'000;
    static constexpr std::int64_t most_in_window = 100;

    struct Direction
    {
        EventKind each;
        EventKind summary;
        bool summarising = false;
        std::uint16_t place = 0; ///< of the last message that was counted
        std::uint32_t count = 0; ///< not yet told
        std::uint64_t bytes = 0; ///< of those
        std::uint64_t window_ticks = 0; ///< when the window began
        std::uint64_t window_message = 0; ///< the channel's messages before it
    };

    template <class Depth>
    void tell(Direction& direction, std::uint64_t message, std::uint64_t bytes, const Depth& depth,
        std::uint16_t place, std::uint64_t since_ticks) noexcept
    {
        Recorder& recorder = this_process.recorder;
        // Where messages come fast, the clock is read once for each.
        const std::uint64_t now
            = direction.summarising && since_ticks != 0 ? since_ticks : recorder.ticks();
        const bool window_over = now - direction.window_ticks >= window_ticks_;
        // Signed: where messages are told out of their order, an earlier one counts for nothing.
        if (!window_over
            && static_cast<std::int64_t>(message - direction.window_message) >= most_in_window)
            direction.summarising = true;
        if (direction.summarising) [[likely]] {
            count(direction, bytes, place);
            if (window_over || direction.bytes > most_bytes)
                write_summary(direction, now, number(depth));
        } else {
            // Within a span of its own where there was a wait, else with its duration.
            const std::uint64_t took = since_ticks == 0 ? 0 : now - since_ticks;
            const std::uint64_t argument = pack_message(channel_, bytes, number(depth));
            if (took >= most_packed_ticks) [[unlikely]]
                tell_long(direction, message, argument, place, since_ticks, now);
            else
                recorder.event_at(now, direction.each, pack_ticks(took),
                    static_cast<std::uint32_t>(message), argument, place);
        }
        if (window_over)
            open_window(direction, message, now);
    }

    template <class Depth>
    static std::uint64_t number(const Depth& depth) noexcept
    {
        if constexpr (std::is_invocable_v<const Depth&>)
            return depth();
        else
            return depth;
    }

    void count(Direction& direction, std::uint64_t bytes, std::uint16_t place) noexcept
    {
        if (link_ == nullptr || slot_ != this_process.slot_number) [[unlikely]]
            begin_count();
        ++direction.count;
        direction.bytes += bytes;
        direction.place = place;
    }
    // One that took longer than its event can say: whoever was woken by it ran first.
    void tell_long(const Direction& direction, std::uint64_t message, std::uint64_t argument,
        std::uint16_t place, std::uint64_t since_ticks, std::uint64_t now) noexcept;
    void open_window(Direction& direction, std::uint64_t message, std::uint64_t now) noexcept;
    void write_summary(
        Direction& direction, std::uint64_t now, std::optional<std::uint64_t> depth) noexcept;
    void begin_count() noexcept;
    void leave_list() noexcept;
    static void flush_all() noexcept;

    // An event holds 32 bits of bytes; no single message is as large as the rest of them.
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 31;

    std::uint16_t channel_;
    std::uint32_t slot_ = 0; ///< whose count it is: not that of a process forked since
    std::uint64_t window_ticks_ = 0; ///< window_ns
    Direction sent_ = {EventKind::message_sent, EventKind::messages_sent};
    Direction received_ = {EventKind::message_received, EventKind::messages_received};
    // Those of this process that have something to tell.
    ChannelTrace* next_ = nullptr;
    ChannelTrace** link_ = nullptr; ///< what points here; null where it is not in the list
};

} // namespace manyhands
