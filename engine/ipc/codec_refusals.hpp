// SPDX-License-Identifier: MIT
// What cannot cross between processes, and why, in words that the compiler prints.
#pragma once

#include "engine/arena/shared_block.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace manyhands::codec {

/// Whether a value of type T is copied byte by byte.
template <class T>
inline constexpr bool copied
    = std::is_trivially_copyable_v<T> && !std::is_reference_v<T> && !SharedObject<T>;

namespace detail {

enum class Refusal : unsigned char { none, pointer, reference, view, function, end, handle };

template <class T>
concept Callable = std::is_class_v<T> && requires
{
    &T::operator();
};

// What hand_over.hpp hands to a new process.
template <class T>
concept EndOfPipe = requires
{
    typename T::HandedOver;
};

template <class T>
constexpr Refusal refusal_of_one()
{
    if (std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T>)
        return Refusal::pointer;
    if (std::is_reference_v<T>)
        return Refusal::reference;
    if (SharedObject<T>)
        return Refusal::none;
    if (EndOfPipe<T>)
        return Refusal::end;
    if (Callable<T>)
        return Refusal::function;
    // A thread, a mutex, a file: what cannot be copied stands for something that is there once.
    return std::is_copy_constructible_v<T> || std::is_array_v<T> ? Refusal::none : Refusal::handle;
}

template <class T>
struct RefusalOf
{
    static constexpr Refusal value = refusal_of_one<T>();
};
template <class T>
struct RefusalOf<const T> : RefusalOf<T>
{
};

template <class... Parts>
struct RefusalOfParts
{
    static constexpr Refusal value = [] {
        Refusal first = Refusal::none;
        ((first = first != Refusal::none ? first : RefusalOf<Parts>::value), ...);
        return first;
    }();
};

template <class T, std::size_t count>
struct RefusalOf<T[count]> : RefusalOf<T>
{
};
template <class T, std::size_t count>
struct RefusalOf<std::array<T, count>> : RefusalOf<T>
{
};
template <class T, class A>
struct RefusalOf<std::vector<T, A>> : RefusalOf<T>
{
};
template <class T>
struct RefusalOf<std::optional<T>> : RefusalOf<T>
{
};
template <class A, class B>
struct RefusalOf<std::pair<A, B>> : RefusalOfParts<A, B>
{
};
template <class... Parts>
struct RefusalOf<std::tuple<Parts...>> : RefusalOfParts<Parts...>
{
};
template <class... Parts>
struct RefusalOf<std::variant<Parts...>> : RefusalOfParts<Parts...>
{
};
template <class Key, class T, class... Rest>
struct RefusalOf<std::map<Key, T, Rest...>> : RefusalOfParts<Key, T>
{
};
template <class Key, class T, class... Rest>
struct RefusalOf<std::unordered_map<Key, T, Rest...>> : RefusalOfParts<Key, T>
{
};
template <class T, class... Rest>
struct RefusalOf<std::set<T, Rest...>> : RefusalOf<T>
{
};
template <class T, class... Rest>
struct RefusalOf<std::unordered_set<T, Rest...>> : RefusalOf<T>
{
};
template <class T, class D>
struct RefusalOf<std::unique_ptr<T, D>>
{
    static constexpr Refusal value = Refusal::pointer;
};
template <class T>
struct RefusalOf<std::shared_ptr<T>>
{
    static constexpr Refusal value = Refusal::pointer;
};
template <class T>
struct RefusalOf<std::weak_ptr<T>>
{
    static constexpr Refusal value = Refusal::pointer;
};
template <class T>
struct RefusalOf<std::reference_wrapper<T>>
{
    static constexpr Refusal value = Refusal::reference;
};
template <class T>
struct RefusalOf<std::function<T>>
{
    static constexpr Refusal value = Refusal::function;
};
template <class Letter, class Traits>
struct RefusalOf<std::basic_string_view<Letter, Traits>>
{
    static constexpr Refusal value = Refusal::view;
};
template <class T, std::size_t extent>
struct RefusalOf<std::span<T, extent>>
{
    static constexpr Refusal value = Refusal::view;
};

} // namespace detail

/// Refuses at compile time what means nothing in another process.
template <class T>
constexpr void check_can_cross()
{
    constexpr detail::Refusal refusal = detail::RefusalOf<T>::value;
    static_assert(refusal != detail::Refusal::pointer,
        "A pointer cannot be sent to another process: it is an address in this process's memory, "
        "and the other process has memory of its own. Send the value that it points to, or a "
        "std::optional of it where there may be none.");
    static_assert(refusal != detail::Refusal::reference,
        "A reference cannot be sent to another process, which has memory of its own. Send a "
        "value.");
    static_assert(refusal != detail::Refusal::view,
        "A view (std::string_view, std::span) cannot be sent to another process: what it looks at "
        "lies in this process's memory. Send a std::string or a std::vector.");
    static_assert(refusal != detail::Refusal::function,
        "A function object (a lambda, a std::function) cannot be sent to another process: what it "
        "has captured lies in this process's memory. Send values, and have the other process call "
        "a function of the program.");
    static_assert(refusal != detail::Refusal::end,
        "An end of a pipe cannot be sent in a message or with a task of a pool: it is a descriptor "
        "of this process. Make it an argument of a Process, by itself or in a std::vector, and the "
        "process starts with it; or use a Queue, which can be sent.");
    static_assert(refusal != detail::Refusal::handle,
        "A handle (a thread, a mutex, a file: what cannot be copied) cannot be sent to another "
        "process: it stands for something of this process. Send the values that the other process "
        "needs to make one of its own; Lock, Queue and their like can be sent.");
}

} // namespace manyhands::codec
