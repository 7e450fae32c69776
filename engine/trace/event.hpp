// SPDX-License-Identifier: MIT
// One event of a trace: 24 bytes, written by the process that it is about.
#pragma once

#include "engine/trace/vocabulary.hpp"

#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace manyhands {

/// What a ring holds. `subject` and `argument` mean what EventKind says; `place` is an interned
/// source place of the writing lane, 0 for none.
struct TraceEvent
{
    std::uint64_t ticks;
    std::uint64_t argument;
    std::uint32_t subject;
    std::uint16_t place;
    EventKind kind;
    std::uint8_t detail;
};

static_assert(sizeof(TraceEvent) == 24 && alignof(TraceEvent) == 8);
static_assert(std::is_trivially_copyable_v<TraceEvent>);

/// The argument of message events: from the top, 16 bits of channel, 16 of the depth that the
/// message left behind plus 1 (0 where it is not told), 32 of bytes. What does not fit is told as
/// the most.
constexpr std::uint64_t pack_message(
    std::uint16_t channel, std::uint64_t bytes, std::optional<std::uint64_t> depth = {}) noexcept
{
    constexpr std::uint64_t most_bytes = 0xffff'ffff;
    constexpr std::uint64_t most_depth = 0xffff;
    const std::uint64_t told = !depth ? 0 : *depth < most_depth ? *depth + 1 : most_depth;
    return std::uint64_t{channel} << 48 | told << 32 | (bytes < most_bytes ? bytes : most_bytes);
}
constexpr std::uint16_t channel_of(std::uint64_t argument) noexcept
{
    return static_cast<std::uint16_t>(argument >> 48);
}
constexpr std::uint64_t bytes_of(std::uint64_t argument) noexcept
{
    return argument & 0xffff'ffff;
}
constexpr std::optional<std::uint64_t> depth_of(std::uint64_t argument) noexcept
{
    const std::uint64_t told = argument >> 32 & 0xffff;
    return told == 0 ? std::nullopt : std::optional(told - 1);
}

/// How long sending or receiving a message took, in the `detail` of its event: a state that is over
/// before it is told needs no events of its own. 4 bits of mantissa behind a leading one, 4 bits of
/// exponent; rounded down, by a sixteenth at the most. 0 is none.
inline constexpr std::uint64_t most_packed_ticks = std::uint64_t{31} << 14;
constexpr std::uint8_t pack_ticks(std::uint64_t ticks) noexcept
{
    if (ticks < 16)
        return static_cast<std::uint8_t>(ticks);
    const std::uint64_t kept = ticks < most_packed_ticks ? ticks : most_packed_ticks;
    const int exponent = static_cast<int>(std::bit_width(kept)) - 5;
    return static_cast<std::uint8_t>((exponent + 1) << 4 | (kept >> exponent & 15));
}
constexpr std::uint64_t unpack_ticks(std::uint8_t packed) noexcept
{
    const std::uint64_t mantissa = packed & 15;
    return packed < 16 ? mantissa : (16 + mantissa) << ((packed >> 4) - 1);
}

/// The detail of task events that also begin and end the state `computing`.
inline constexpr std::uint8_t computes = 1;

/// The subject of events that have none.
inline constexpr std::uint32_t event_without_subject = 0xffff'ffff;

} // namespace manyhands
