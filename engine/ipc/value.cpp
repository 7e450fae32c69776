// SPDX-License-Identifier: MIT
#include "engine/ipc/value.hpp"

#include "engine/arena/arena.hpp"
#include "engine/sync/wait_span.hpp"
#include "engine/sync/wait_text.hpp"

namespace manyhands::detail {
namespace {

// At most 100 000 events a second, of the 5 million that a lane can tell.
constexpr std::chrono::microseconds least_between{10};

} // namespace

std::uint16_t make_value_number(std::string& name, std::string_view kind)
{
    const std::uint16_t number = this_process.arena->next_value();
    name = name_or_number(name, kind, number);
    this_process.recorder.text(TextKind::value, number, name);
    return number;
}

void tell_of_value(
    std::uint16_t number, ValueForm form, std::uint64_t bits, const std::source_location& where)
{
    static std::uint64_t last_ticks = 0; // of this process, which tells from one thread
    Recorder& recorder = this_process.recorder;
    const std::uint64_t now = recorder.ticks();
    // Signed: on another CPU the counter may lag a little behind.
    const auto since = static_cast<std::int64_t>(now - last_ticks);
    if (last_ticks != 0 && since < static_cast<std::int64_t>(ticks_in(least_between)))
        return;
    last_ticks = now;
    recorder.event(EventKind::value_changed, static_cast<std::uint8_t>(form), number, bits,
        recorder.place(where));
}

} // namespace manyhands::detail
