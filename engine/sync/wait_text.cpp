// SPDX-License-Identifier: MIT
#include "engine/sync/wait_text.hpp"

#include "engine/trace/this_process.hpp"

#include <charconv>
#include <utility>

namespace manyhands {

std::string name_or_number(std::string_view name, std::string_view kind, std::uint16_t number)
{
    if (!name.empty())
        return std::string(name);
    return std::string(kind) + "-" + std::to_string(number + 1);
}

void tell_of_lock(std::uint16_t number, std::string_view kind, std::string_view name)
{
    this_process.recorder.text(
        TextKind::lock, number, std::string(kind) + "\n" + std::string(name));
}

std::string time_text(std::chrono::nanoseconds time)
{
    constexpr std::pair<double, const char*> units[] = {{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}};
    const auto ns = static_cast<double>(time.count());
    for (const auto& [size, unit] : units) {
        if (ns < size)
            continue;
        // Whatever the locale: a point, and no digits that are not needed.
        char digits[32];
        const auto end = std::to_chars(digits, digits + sizeof digits, ns / size).ptr;
        return std::string(digits, end) + unit;
    }
    return std::to_string(time.count()) + " ns";
}

} // namespace manyhands
