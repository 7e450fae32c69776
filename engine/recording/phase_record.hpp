// SPDX-License-Identifier: MIT
// How the lesson's main process announces the parts of a run: a text record at the beginning and
// one at the end of each, in traced and untraced runs alike.
#pragma once

#include "engine/trace/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace manyhands {

/// One announcement.
struct PhaseRecord
{
    PhaseKind kind = PhaseKind::repeat;
    int number = 0; ///< counts within the kind, from 0
    std::uint32_t group = 0; ///< a baseline and the repeat after it are one group
    std::uint64_t begin_ticks = 0;
    std::uint64_t end_ticks = 0; ///< 0 while it lasts; what stands below is known at the end
    std::uint64_t work = 0;
    std::int64_t wall_ns = 0; ///< by CLOCK_MONOTONIC, less pauses
    std::int64_t main_cpu_ns = 0; ///< of the main process, within the phase
    std::int64_t main_run_delay_ns = 0; ///< likewise
};

std::string to_text(const PhaseRecord& record);
/// Nothing where `text` is no announcement.
std::optional<PhaseRecord> phase_record_from(std::string_view text);

} // namespace manyhands
