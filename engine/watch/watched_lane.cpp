// SPDX-License-Identifier: MIT
#include "engine/watch/watched_lane.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/process_figures.hpp"

#include <algorithm>

namespace manyhands {
WatchedLane::WatchedLane(WatchedSlots& slots, int pid, std::int64_t earliest_ns)
    : slots_(slots)
    , process_(pid)
{
    const std::int64_t now = os::monotonic_ns();
    const auto figures = process_.figures();
    if (!figures) {
        ended_ = true;
        return;
    }
    parent_ = figures->parent;
    command_ = figures->command;
    name_ = command_;
    threads_ = figures->threads;
    // The kernel's word is rounded down to a tick of its clock.
    start_ns_ = std::clamp(os::monotonic_of_boot_ns(figures->start_boot_ns), earliest_ns, now);
}

void WatchedLane::take_slot(std::uint16_t calls_channel)
{
    slot_ = slots_.take();
    if (!slot_)
        return;
    calls_channel_ = calls_channel;
    const Segment& segment = slots_.segment();
    ring_ = segment.ring_writer(*slot_);
    text_ = segment.text_writer(*slot_);
    text_.append(TextKind::place, sampled_place_id, sampled_place_text);
    Slot& slot = segment.slot(*slot_);
    slot.role = *slot_ == main_slot ? Role::main : Role::worker;
    slot.start_method = StartMethod::none;
    manyhands::set_name(slot, name_);
    slot.pid.store(pid(), std::memory_order_relaxed);
    slot.start_ticks.store(static_cast<std::uint64_t>(start_ns_), std::memory_order_relaxed);
    slot.writer.store(static_cast<std::uint32_t>(SlotWriter::host), std::memory_order_relaxed);
    slots_.run(*slot_);
}

void WatchedLane::push(EventKind kind, std::uint8_t detail, std::uint32_t subject,
    std::uint64_t argument, std::uint16_t place)
{
    const std::uint64_t position = written_++ % ring_capacity(ring_bytes);
    slots_.back(*slot_, sizeof(RingHeader) + (position + 1) * sizeof(TraceEvent));
    ring_.push(
        {static_cast<std::uint64_t>(os::monotonic_ns()), argument, subject, place, kind, detail});
}

std::optional<State> WatchedLane::state_of(char state) const
{
    switch (state) {
    case 'R':
        return State::computing;
    case 'S':
    case 'D':
    case 'I':
    case 'P':
        break;
    default:
        return shown_;
    }
    if (threads_ > 1 && process_.any_thread_runs())
        return State::computing;
    switch (process_.waits_in()) {
    case os::WatchedWait::space:
        return State::waiting_space;
    case os::WatchedWait::lock:
        return State::waiting_lock;
    case os::WatchedWait::child:
        return State::joining;
    case os::WatchedWait::time:
        return State::sleeping;
    case os::WatchedWait::data:
    case os::WatchedWait::unknown:
        break;
    }
    return State::waiting_data;
}

void WatchedLane::show_state(char state)
{
    const std::optional<State> now = state_of(state);
    if (now == shown_)
        return;
    if (shown_)
        push(EventKind::state_end, static_cast<std::uint8_t>(*shown_), event_without_subject, 0, 0);
    shown_ = now;
    if (now)
        push(EventKind::state_begin, static_cast<std::uint8_t>(*now), event_without_subject, 0,
            sampled_place_id);
}

void WatchedLane::show_stop(bool stopped)
{
    if (stopped == stopped_)
        return;
    stopped_ = stopped;
    const Slot& slot = slots_.segment().slot(*slot_);
    push(stopped ? EventKind::process_stopped : EventKind::process_continued, 0, *slot_,
        slot.generation.load(std::memory_order_relaxed), 0);
}

void WatchedLane::show_calls(EventKind kind, std::uint64_t calls, std::uint64_t bytes)
{
    if (calls == 0 && bytes == 0)
        return;
    if (!channel_told_)
        channel_told_ = text_.append(TextKind::channel, calls_channel_, "calls\nread and write");
    // An event holds 4 GiB.
    constexpr std::uint64_t most = 0xffff'ffff;
    do {
        const std::uint64_t told = std::min(bytes, most);
        push(kind, 0, static_cast<std::uint32_t>(std::min(calls, most)),
            pack_message(calls_channel_, told), sampled_place_id);
        bytes -= told;
        calls = 0;
    } while (bytes > 0);
}

void WatchedLane::read_bytes()
{
    // Nobody tells of it: its bytes stay among its parent's.
    if (!slot_)
        return;
    const auto now = process_.bytes();
    if (!now) {
        hidden_ = process_.hidden();
        return;
    }
    const os::WatchedBytes before = bytes_.value_or(os::WatchedBytes{});
    bytes_ = now;
    // Who traces itself tells of its messages.
    if (traces_itself_)
        return;
    const auto own = [](std::uint64_t more, std::uint64_t& of_children) {
        const std::uint64_t known = std::min(more, of_children);
        of_children -= known;
        return more - known;
    };
    show_calls(EventKind::messages_sent,
        own(now->write_calls - before.write_calls, of_children_.write_calls),
        own(now->write_bytes - before.write_bytes, of_children_.write_bytes));
    show_calls(EventKind::messages_received,
        own(now->read_calls - before.read_calls, of_children_.read_calls),
        own(now->read_bytes - before.read_bytes, of_children_.read_bytes));
}

void WatchedLane::look(bool thorough)
{
    if (ended_)
        return;
    const auto figures = process_.figures();
    if (!figures) {
        // Somebody else has reaped it.
        end(std::nullopt);
        return;
    }
    cpu_ns_ = figures->cpu_ns;
    threads_ = figures->threads;
    peak_bytes_ = std::max(peak_bytes_, figures->resident_bytes);
    // Of a process whose first thread has ended the others may go on.
    if ((figures->state == 'Z' && figures->threads <= 1) || figures->state == 'X') {
        read_bytes();
        run_delay_ns_ = std::max(run_delay_ns_, process_.run_delay_ns());
        end(os::exit_of_status(figures->status));
        return;
    }
    if (thorough) {
        read_bytes();
        peak_bytes_ = std::max(peak_bytes_, process_.peak_resident_bytes());
        run_delay_ns_ = process_.run_delay_ns();
    }
    if (traces_itself_ || !slot_) {
        name_ = traces_itself_ ? name_ : figures->command;
        return;
    }
    if (figures->command != command_) {
        // It has executed another program.
        command_ = figures->command;
        set_name(command_);
    }
    const bool stopped = figures->state == 'T' || figures->state == 't';
    show_stop(stopped);
    if (!stopped)
        show_state(figures->state);
}

void WatchedLane::has_waited_for(const WatchedLane& child)
{
    if (!child.bytes_)
        return;
    of_children_.write_calls += child.bytes_->write_calls;
    of_children_.write_bytes += child.bytes_->write_bytes;
    of_children_.read_calls += child.bytes_->read_calls;
    of_children_.read_bytes += child.bytes_->read_bytes;
}

void WatchedLane::set_name(std::string name)
{
    name_ = std::move(name);
    if (slot_)
        manyhands::set_name(slots_.segment().slot(*slot_), name_);
}

void WatchedLane::hand_over(const Registration& registration)
{
    if (!slot_ || ended_)
        return;
    Slot& slot = slots_.segment().slot(*slot_);
    if (!traces_itself_) {
        slots_.back(*slot_, ring_bytes);
        show_stop(false);
        if (shown_)
            push(EventKind::state_end, static_cast<std::uint8_t>(*shown_), event_without_subject, 0,
                0);
        shown_.reset();
        traces_itself_ = true;
    }
    set_name(registration.name);
    slot.start_method = registration.start_method;
    slot.role = *slot_ == main_slot ? Role::main : registration.role;
    // Release: the process writes behind our last event.
    slot.writer.store(
        static_cast<std::uint32_t>(SlotWriter::traced_by_itself), std::memory_order_release);
}

void WatchedLane::end(std::optional<int> exit)
{
    if (ended_)
        return;
    ended_ = true;
    exit_ = exit ? exit : process_.exit_of_reaped();
    if (!slot_)
        return;
    Slot& slot = slots_.segment().slot(*slot_);
    slot.end_ticks.store(static_cast<std::uint64_t>(os::monotonic_ns()), std::memory_order_relaxed);
    slot.exit.store(exit_.value_or(exit_unknown), std::memory_order_relaxed);
    slot.cpu_ns.store(cpu_ns_, std::memory_order_relaxed);
    slot.run_delay_ns.store(run_delay_ns_, std::memory_order_relaxed);
    slot.peak_rss_bytes.store(peak_bytes_, std::memory_order_relaxed);
    slots_.end(*slot_);
}

} // namespace manyhands
