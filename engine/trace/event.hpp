// SPDX-License-Identifier: MIT
// One event of a trace: 24 bytes, written by the process that it is about.
#pragma once

#include "engine/trace/vocabulary.hpp"

#include <cstdint>
#include <type_traits>

namespace manyhands {

/// What a ring holds. `subject` and `argument` mean what EventKind says; `place` is an interned
/// source place of the writing lane, 0 for none.
struct Event
{
    std::uint64_t ticks;
    std::uint64_t argument;
    std::uint32_t subject;
    std::uint16_t place;
    EventKind kind;
    std::uint8_t detail;
};

static_assert(sizeof(Event) == 24 && alignof(Event) == 8);
static_assert(std::is_trivially_copyable_v<Event>);

/// The argument of message events: the channel in the upper 16 bits, the bytes in the lower 48.
constexpr std::uint64_t pack_message(std::uint16_t channel, std::uint64_t bytes) noexcept
{
    constexpr std::uint64_t most = (std::uint64_t{1} << 48) - 1;
    return std::uint64_t{channel} << 48 | (bytes < most ? bytes : most);
}
constexpr std::uint16_t channel_of(std::uint64_t argument) noexcept
{
    return static_cast<std::uint16_t>(argument >> 48);
}
constexpr std::uint64_t bytes_of(std::uint64_t argument) noexcept
{
    return argument & ((std::uint64_t{1} << 48) - 1);
}

/// The subject of events that have none.
inline constexpr std::uint32_t event_without_subject = 0xffff'ffff;

} // namespace manyhands
