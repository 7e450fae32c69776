// SPDX-License-Identifier: MIT
#include "engine/ipc/array.hpp"

namespace manyhands::detail {

std::size_t checked_array_bytes(
    const std::string& object, std::int64_t size, std::size_t each, std::size_t head)
{
    // Room for the head, and for what the allocator rounds up to.
    constexpr std::size_t spare = std::size_t{1} << 30;
    const auto most = static_cast<std::uint64_t>(
        (std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(spare + head))
        / static_cast<std::int64_t>(each));
    if (size < 1 || static_cast<std::uint64_t>(size) > most)
        throw BadValue({.object = object,
            .problem = "cannot have so many elements",
            .value = std::to_string(size),
            .limit = "1 to " + std::to_string(most)});
    return head + static_cast<std::size_t>(size) * each;
}

void throw_no_such_index(std::int64_t index, std::size_t size)
{
    throw BadValue({.object = "array",
        .problem = "has no element of this index",
        .value = std::to_string(index),
        .limit = "0 to " + std::to_string(size - 1)});
}

} // namespace manyhands::detail
