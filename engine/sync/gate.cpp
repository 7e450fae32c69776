// SPDX-License-Identifier: MIT
#include "engine/sync/gate.hpp"

#include "engine/sync/waiters.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace manyhands {
namespace {

// When this process was last let go, in run time; long ago where it never was.
std::int64_t last_pass_ns = std::numeric_limits<std::int64_t>::min() / 2;

// How long the gate still holds the process; zero or less where it may go.
std::chrono::nanoseconds still_held(const Control& control, const Slot& slot) noexcept
{
    // Acquire: the interval was written before the mode.
    switch (static_cast<GateMode>(control.gates.load(std::memory_order_acquire))) {
    case GateMode::stepped: {
        // Relaxed: who grants a step wakes us after that. The difference may have wrapped around.
        const std::uint32_t steps_left = slot.steps.load(std::memory_order_relaxed)
            - slot.gates_passed.load(std::memory_order_relaxed);
        return static_cast<std::int32_t>(steps_left) > 0 ? std::chrono::nanoseconds::zero()
                                                         : forever;
    }
    case GateMode::paced: {
        // A year is as good as for ever, and overflows nothing.
        constexpr std::uint64_t longest_ns = std::uint64_t{366} * 86'400 * 1'000'000'000;
        const auto interval = static_cast<std::int64_t>(
            std::min(control.gate_interval_ns.load(std::memory_order_relaxed), longest_ns));
        return std::chrono::nanoseconds(last_pass_ns + interval - run_time_ns());
    }
    default:
        return std::chrono::nanoseconds::zero();
    }
}

// Tells the observer that a gate holds this process, until it is let go or the run is stopped.
class Hold
{
public:
    Hold(Slot& slot, std::uint32_t gate) noexcept
        : slot_(slot)
        , gate_(gate)
    {
    }
    ~Hold()
    {
        // Only this process writes the two. In this order, the second one by release: an observer
        // that sees all steps taken sees no gate that they led out of.
        slot_.gate.store(0, std::memory_order_relaxed);
        slot_.gates_passed.store(
            slot_.gates_passed.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    // Again at each look: what is done while waiting may have come to a gate of its own.
    void tell() noexcept
    {
        // Release: the gate's name was written before.
        slot_.gate.store(gate_ + 1, std::memory_order_release);
    }

private:
    Slot& slot_;
    std::uint32_t gate_;
};

} // namespace

void wait_at_gate(std::string_view name, const std::source_location& where)
{
    const Control& control = this_process.segment.header().control;
    Slot& slot = this_process.slot();
    const std::uint16_t id = this_process.recorder.gate(name);
    const StateSpan held(
        State::held, id == Recorder::unknown_gate ? event_without_subject : id, where);
    Hold hold(slot, id);
    while (true) {
        // The token first: a step that is granted behind the look changes it.
        const std::uint32_t token = wake_token();
        const std::chrono::nanoseconds left = still_held(control, slot);
        if (left <= std::chrono::nanoseconds::zero())
            break;
        if (this_process.stop_requested())
            throw StopRequested();
        hold.tell();
        sleep_until_woken(token, left);
    }
    last_pass_ns = run_time_ns();
}

} // namespace manyhands
