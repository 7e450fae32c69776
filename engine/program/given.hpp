// SPDX-License-Identifier: MIT
// What a program of one's own lets a person set, and what its function is given then.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

// Parameters: each is a field of the window's form, and `name=value` on a command line. A name has
// lower-case letters, digits and underscores; the label stands beside the field.

/// A whole number from `least` to `most`; `value` unless it is set.
ParameterDescription whole_number(
    std::string name, std::string label, std::int64_t value, std::int64_t least, std::int64_t most);
/// The same for the number of worker processes: `workers`. Marks a run with more of them than CPUs.
ParameterDescription worker_count(std::int64_t value, std::int64_t most = 64);
/// A number with decimals.
ParameterDescription real_number(
    std::string name, std::string label, double value, double least, double most);
/// One of several words; the first one unless it is set.
ParameterDescription choice(std::string name, std::string label, std::vector<std::string> words);

/// The values of a program's parameters. Each function throws Error for a name that the program did
/// not declare, or declared as something else.
class Given
{
public:
    Given(const ParameterValues& values, std::uint64_t seed) noexcept
        : values_(values)
        , seed_(seed)
    {
    }

    std::int64_t whole(std::string_view name) const;
    double real(std::string_view name) const;
    const std::string& choice(std::string_view name) const;
    /// For whatever is random: 1, or what --seed says.
    std::uint64_t seed() const noexcept { return seed_; }

private:
    const ParameterValues& values_;
    std::uint64_t seed_;
};

} // namespace manyhands
