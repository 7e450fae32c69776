// SPDX-License-Identifier: MIT
// What each worker of a pool calls before its first task.
#pragma once

#include "engine/os/task_address.hpp"
#include "engine/pool/task_codec.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace manyhands {

/// A function and its arguments, which cross by value: Python's initializer and initargs. Nothing
/// where it is made of nothing. `{&load_table, "primes.txt", 3}` makes one.
class Initializer
{
public:
    Initializer() = default;
    template <class Callable, class... Arguments>
    Initializer(Callable callable, Arguments&&... arguments) requires(
        !std::same_as<Callable, Initializer>)
    {
        using Tuple = detail::ParametersOf<Callable>;
        const auto plain = as_function(callable);
        thunk_ = function_offset(&call<detail::FunctionOf<Callable>, Tuple>);
        function_ = function_offset(plain);
        detail::ArgumentCodec<detail::Several<Tuple>>::encode(
            arguments_, Tuple(std::forward<Arguments>(arguments)...));
    }

    explicit operator bool() const noexcept { return thunk_ != 0; }

    /// Offsets from the program's image: of a void(std::uint64_t function, std::span<const
    /// std::byte>), and of the function itself.
    std::uint64_t thunk() const noexcept { return thunk_; }
    std::uint64_t function() const noexcept { return function_; }
    std::span<const std::byte> arguments() const noexcept { return arguments_; }

private:
    template <class Function, class Tuple>
    static void call(std::uint64_t offset, std::span<const std::byte> encoded)
    {
        using Codec = detail::ArgumentCodec<detail::Several<Tuple>>;
        Tuple decoded = Codec::decode(encoded);
        Codec::call(function_at<Function>(offset), decoded);
    }

    std::uint64_t thunk_ = 0;
    std::uint64_t function_ = 0;
    std::vector<std::byte> arguments_;
};

} // namespace manyhands
