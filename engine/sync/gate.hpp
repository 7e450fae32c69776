// SPDX-License-Identifier: MIT
// Gates: places in a lesson where whoever observes can hold a process and let it go step by step.
#pragma once

#include "engine/trace/this_process.hpp"

#include <source_location>
#include <string_view>

namespace manyhands {

/// What gate() does where gates are not open: holds this process, traced as State::held, until the
/// observer lets it go.
void wait_at_gate(std::string_view name, const std::source_location& where);

/// A gate: `gate("before load")`.
///
/// Where nobody has asked for more, one load and a branch. Else the process waits here until it may
/// take one more step, until its pace allows the next one, or until gates are opened again; time
/// held is run time, so that time-outs go on. A name is known in the whole run: gates of the same
/// name are one. Throws StopRequested when the run is asked to end. Python has nothing like it.
inline void gate(
    std::string_view name, const std::source_location& where = std::source_location::current())
{
    // Relaxed: who is asked to stop here a moment later is held at the next gate.
    const auto mode = this_process.segment.header().control.gates.load(std::memory_order_relaxed);
    if (mode != static_cast<std::uint32_t>(GateMode::open)) [[unlikely]]
        wait_at_gate(name, where);
}

} // namespace manyhands
