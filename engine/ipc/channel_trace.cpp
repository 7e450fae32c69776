// SPDX-License-Identifier: MIT
#include "engine/ipc/channel_trace.hpp"

#include "engine/os/clock.hpp"

namespace manyhands {
namespace {

// The lane's traces that have something to tell, and whose they are: a forked process finds its
// parent's here.
struct Untold
{
    ChannelTrace* first = nullptr;
    std::uint32_t slot = 0;
};
constinit thread_local Untold untold;

} // namespace

ChannelTrace& ChannelTrace::operator=(const ChannelTrace& other) noexcept
{
    if (this != &other) {
        flush();
        channel_ = other.channel_;
        sent_ = {sent_.each, sent_.summary};
        received_ = {received_.each, received_.summary};
    }
    return *this;
}

void ChannelTrace::tell_long(const Direction& direction, std::uint64_t message,
    std::uint64_t argument, std::uint16_t place, std::uint64_t since_ticks,
    std::uint64_t now) noexcept
{
    Recorder& recorder = this_process.recorder;
    const auto state = static_cast<std::uint8_t>(
        direction.each == EventKind::message_sent ? State::sending : State::receiving);
    recorder.event_at(since_ticks, EventKind::state_begin, state, channel_, 0, place);
    recorder.event_at(now, direction.each, 0, static_cast<std::uint32_t>(message), argument, place);
    recorder.event_at(now, EventKind::state_end, state, event_without_subject, 0, 0);
}

void ChannelTrace::open_window(
    Direction& direction, std::uint64_t message, std::uint64_t now) noexcept
{
    if (window_ticks_ == 0) {
        const os::Clock clock(this_process.segment.header().clock);
        const std::int64_t origin = this_process.segment.header().clock.first.monotonic_ns;
        window_ticks_ = clock.to_ticks(origin + window_ns) - clock.to_ticks(origin);
    }
    // By the rate since the window began. The very first began before all time.
    const auto messages
        = static_cast<double>(static_cast<std::int64_t>(message + 1 - direction.window_message));
    const auto windows
        = static_cast<double>(now - direction.window_ticks) / static_cast<double>(window_ticks_);
    direction.summarising = messages > windows * static_cast<double>(most_in_window);
    direction.window_ticks = now;
    direction.window_message = message + 1;
}

void ChannelTrace::write_summary(
    Direction& direction, std::uint64_t now, std::optional<std::uint64_t> depth) noexcept
{
    if (slot_ == this_process.slot_number && direction.count > 0)
        this_process.recorder.event_at(now, direction.summary, 0, direction.count,
            pack_message(channel_, direction.bytes, depth), direction.place);
    direction.count = 0;
    direction.bytes = 0;
    if (sent_.count == 0 && received_.count == 0)
        leave_list();
}

void ChannelTrace::flush(std::optional<std::uint64_t> depth) noexcept
{
    if (sent_.count > 0)
        write_summary(sent_, this_process.recorder.ticks(), depth);
    if (received_.count > 0)
        write_summary(received_, this_process.recorder.ticks(), depth);
}

void ChannelTrace::begin_count() noexcept
{
    // What was counted before a fork is the parent's to tell.
    if (slot_ != this_process.slot_number) {
        for (Direction* const direction : {&sent_, &received_}) {
            direction->count = 0;
            direction->bytes = 0;
        }
    }
    slot_ = this_process.slot_number;
    if (untold.slot != slot_)
        untold = {nullptr, slot_};
    next_ = untold.first;
    if (next_ != nullptr)
        next_->link_ = &next_;
    link_ = &untold.first;
    untold.first = this;
    this_process.before_sleeping = &flush_all;
}

void ChannelTrace::leave_list() noexcept
{
    if (link_ == nullptr)
        return;
    if (untold.slot == slot_) {
        *link_ = next_;
        if (next_ != nullptr)
            next_->link_ = link_;
    }
    next_ = nullptr;
    link_ = nullptr;
}

void ChannelTrace::flush_all() noexcept
{
    if (untold.slot != this_process.slot_number)
        untold = {nullptr, this_process.slot_number};
    while (untold.first != nullptr)
        untold.first->flush();
}

} // namespace manyhands
