// SPDX-License-Identifier: MIT
#include "engine/sync/wait_span.hpp"

namespace manyhands {
namespace {

// What a span of two events costs is some 30 ns: a wait that is told is 30 times as long at least,
// and a lane tells a million a second of them at the most.
constexpr std::chrono::microseconds least_told{1};
constexpr std::chrono::milliseconds told_again{100};

} // namespace

std::uint64_t ticks_in(std::chrono::nanoseconds time) noexcept
{
    const os::ClockCalibration& clock = this_process.segment.header().clock;
    const auto ticks = static_cast<double>(clock.second.ticks - clock.first.ticks);
    const auto ns = static_cast<double>(clock.second.monotonic_ns - clock.first.monotonic_ns);
    const double ratio = ns > 0 ? ticks / ns : 1;
    return static_cast<std::uint64_t>(static_cast<double>(time.count()) * ratio);
}

WaitSpan::WaitSpan(std::uint16_t number, const std::source_location& where) noexcept
    : where_(where)
    , number_(number)
{
    if (this_process.recorder.traced())
        ticks_ = this_process.recorder.ticks();
}

void WaitSpan::tell(ProcessKey holder) noexcept
{
    told_ = true;
    holder_ = holder;
    holder_ticks_ = ticks_;
    Recorder& recorder = this_process.recorder;
    // Of its true beginning: this process has told nothing since.
    recorder.event_at(ticks_, EventKind::state_begin,
        static_cast<std::uint8_t>(State::waiting_lock), number_, holder, recorder.place(where_));
}

void WaitSpan::go_on(std::uint64_t now, ProcessKey holder) noexcept
{
    if (!told_ || ticks_ == 0 || holder == 0
        || (holder == holder_ && now - holder_ticks_ < ticks_in(told_again)))
        return;
    holder_ = holder;
    holder_ticks_ = now;
    this_process.recorder.event_at(now, EventKind::lock_awaited, 0, number_, holder, 0);
}

bool WaitSpan::end() noexcept
{
    if (ticks_ == 0)
        return told_;
    if (!told_ && this_process.recorder.ticks() - ticks_ >= ticks_in(least_told))
        tell(0);
    if (told_)
        this_process.recorder.end(State::waiting_lock);
    ticks_ = 0;
    return told_;
}

} // namespace manyhands
