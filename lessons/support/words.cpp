// SPDX-License-Identifier: MIT
#include "lessons/support/words.hpp"

#include <array>
#include <cstdio>

namespace manyhands::lessons {

std::string duration_text(double seconds)
{
    struct Unit
    {
        double seconds;
        const char* name;
    };
    constexpr std::array units
        = {Unit{1, "s"}, Unit{1e-3, "ms"}, Unit{1e-6, "µs"}, Unit{1e-9, "ns"}};
    const Unit* fitting = &units.back();
    for (const Unit& unit : units) {
        if (seconds >= unit.seconds) {
            fitting = &unit;
            break;
        }
    }
    std::array<char, 64> text;
    const double value = seconds / fitting->seconds;
    std::snprintf(
        text.data(), text.size(), value >= 99.95 ? "%.0f %s" : "%.3g %s", value, fitting->name);
    return text.data();
}

} // namespace manyhands::lessons
