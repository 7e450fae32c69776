// SPDX-License-Identifier: MIT
// How the arguments and results of a pool's tasks lie in the arena: at a fixed size where they are
// simply copied, else through the codec.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/os/task_address.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace manyhands {

/// An argument as a person reads it: numbers and texts as they are, other types by their own
/// `to_text()`, which argument-dependent lookup finds; empty where there is none.
template <class Argument>
std::string argument_text(const Argument& argument)
{
    if constexpr (std::is_same_v<Argument, bool>)
        return argument ? "true" : "false";
    else if constexpr (std::is_arithmetic_v<Argument>)
        return std::to_string(argument);
    else if constexpr (std::convertible_to<const Argument&, std::string>)
        return argument;
    else if constexpr (requires {
                           {
                               to_text(argument)
                               } -> std::convertible_to<std::string>;
                       })
        return to_text(argument);
    else
        return {};
}

namespace detail {

/// What std::apply takes apart: a task's several arguments.
template <class T>
concept TupleLike = requires
{
    std::tuple_size<T>::value;
};

/// The size that each T takes; 0 where they differ.
template <class T>
constexpr std::size_t fixed_bytes()
{
    if constexpr (SharedObject<T>)
        return sizeof(ArenaOffset);
    else if constexpr (codec::copied<T>)
        return sizeof(T);
    else
        return 0;
}

/// The arguments of a call, which cross one by one.
template <class... Arguments>
constexpr std::size_t fixed_bytes(std::type_identity<std::tuple<Arguments...>>)
{
    return ((fixed_bytes<Arguments>() > 0) && ...) ? (fixed_bytes<Arguments>() + ... + 0) : 0;
}

/// How the arguments of one task cross. `Arguments` is a type for map(), a std::tuple for a call of
/// several.
template <class Arguments>
struct ArgumentCodec
{
    static constexpr std::size_t bytes = fixed_bytes<Arguments>();

    static void encode(std::vector<std::byte>& to, const Arguments& arguments)
    {
        codec::encode(to, arguments);
    }
    static Arguments decode(std::span<const std::byte> from)
    {
        return codec::decode<Arguments>(from);
    }
    template <class Function>
    static decltype(auto) call(Function function, const Arguments& arguments)
    {
        return function(arguments);
    }
    static std::string text(const Arguments& arguments) { return argument_text(arguments); }
    /// What the trace tells of it.
    static std::uint64_t number(const Arguments& arguments)
    {
        if constexpr (std::is_integral_v<Arguments>)
            return static_cast<std::uint64_t>(arguments);
        else
            return 0;
    }
};

/// Tag for calls of several arguments.
template <class Tuple>
struct Several;

template <class... Arguments>
struct ArgumentCodec<Several<std::tuple<Arguments...>>>
{
    using Tuple = std::tuple<Arguments...>;
    static constexpr std::size_t bytes = fixed_bytes(std::type_identity<Tuple>());

    static void encode(std::vector<std::byte>& to, const Tuple& arguments)
    {
        std::apply([&](const Arguments&... each) { (codec::encode(to, each), ...); }, arguments);
    }
    static Tuple decode([[maybe_unused]] std::span<const std::byte> from)
    {
        // Braces: they are decoded in their order.
        return Tuple{codec::decode<Arguments>(from)...};
    }
    template <class Function>
    static decltype(auto) call(Function function, Tuple& arguments)
    {
        return std::apply(function, std::move(arguments));
    }
    static std::string text(const Tuple& arguments)
    {
        std::string all;
        std::apply(
            [&](const Arguments&... each) {
                ((all += (all.empty() ? "" : ", ") + argument_text(each)), ...);
            },
            arguments);
        return all;
    }
    static std::uint64_t number(const Tuple& arguments)
    {
        if constexpr (sizeof...(Arguments) > 0)
            return ArgumentCodec<std::tuple_element_t<0, Tuple>>::number(std::get<0>(arguments));
        else
            return 0;
    }
};

template <class Callable>
using FunctionOf = std::remove_const_t<decltype(as_function(std::declval<Callable>()))>;

/// What a function of one argument, taken from items of type Argument, returns.
template <class Callable, class Argument>
using ResultOfOne = std::invoke_result_t<FunctionOf<Callable>, const Argument&>;

/// The parameters of a function, as values.
template <class Function>
struct Parameters;
template <class R, class... P>
struct Parameters<R (*)(P...)>
{
    using Result = R;
    using Tuple = std::tuple<std::remove_cvref_t<P>...>;
};
template <class R, class... P>
struct Parameters<R (*)(P...) noexcept> : Parameters<R (*)(P...)>
{
};
template <class Callable>
using ParametersOf = typename Parameters<FunctionOf<Callable>>::Tuple;
template <class Callable>
using ResultOf = typename Parameters<FunctionOf<Callable>>::Result;

/// The result of a function that returns nothing.
struct Nothing
{
};

/// What a function's result is kept as.
template <class Result>
using Kept = std::conditional_t<std::is_void_v<Result>, Nothing, std::remove_cvref_t<Result>>;

// Larger results have a block of their own: cells are as large as the largest of all tasks.
inline constexpr std::size_t most_cell_bytes = 256;

template <class Result>
inline constexpr bool in_cell = codec::copied<Result> && sizeof(Result) <= most_cell_bytes;

/// A cell also holds the offset of a block: of an exception's text, at least.
template <class Result>
constexpr std::uint32_t cell_bytes()
{
    constexpr std::size_t word = sizeof(ArenaOffset);
    const std::size_t bytes = in_cell<Result> ? sizeof(Result) : word;
    return static_cast<std::uint32_t>((bytes + word - 1) / word * word);
}

} // namespace detail
} // namespace manyhands
