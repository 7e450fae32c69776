// SPDX-License-Identifier: MIT
// How the arguments of a process cross to it: as values, and ends of pipes as descriptors.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/ipc/pipe_end.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace manyhands {

namespace detail {

template <class T>
inline constexpr bool is_row_of_ends = false;
template <class T, class Allocator>
inline constexpr bool is_row_of_ends<std::vector<T, Allocator>> = codec::detail::EndOfPipe<T>;

} // namespace detail

/// Appends `argument` to `bytes`; ends of pipes move into `ends`, in the order in which the process
/// is to get them.
template <class T>
void hand_over(std::vector<std::byte>& bytes, std::vector<PipeEnd>& ends, T& argument)
{
    if constexpr (codec::detail::EndOfPipe<T>) {
        std::move(argument).hand_over(bytes, ends);
    } else if constexpr (detail::is_row_of_ends<T>) {
        codec::encode(bytes, std::uint64_t{argument.size()});
        for (auto& each : argument)
            std::move(each).hand_over(bytes, ends);
    } else {
        codec::encode(bytes, argument);
    }
}

/// The new process's side of it. Throws Error where `bytes` hold no T.
template <class T>
T taken_over(std::span<const std::byte>& bytes)
{
    if constexpr (codec::detail::EndOfPipe<T>) {
        return T::taken_over(bytes);
    } else if constexpr (detail::is_row_of_ends<T>) {
        T row;
        for (auto left = codec::decode<std::uint64_t>(bytes); left > 0; --left)
            row.push_back(T::value_type::taken_over(bytes));
        return row;
    } else {
        return codec::decode<T>(bytes);
    }
}

} // namespace manyhands
