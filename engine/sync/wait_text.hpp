// SPDX-License-Identifier: MIT
// What the objects that processes wait for have in common in words: names, texts of errors.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace manyhands {

/// `name`, or "KIND-1" for the object of number 0 where it is empty.
std::string name_or_number(std::string_view name, std::string_view kind, std::uint16_t number);

/// Tells the trace what stands behind the number of a lock and its like.
void tell_of_lock(std::uint16_t number, std::string_view kind, std::string_view name);

/// "1.5 s", "20 ms", "3 us", "7 ns"
std::string time_text(std::chrono::nanoseconds time);

} // namespace manyhands
