// SPDX-License-Identifier: MIT
// How values cross between processes: what is trivially copyable is copied, the rest goes through
// cereal, and what cannot cross is refused at compile time.
//
// What is refused is found inside pairs, tuples, vectors, optionals, arrays, variants, maps and
// sets as well. Not inside a struct: one that holds a pointer and is trivially copyable is copied,
// pointer and all, and so is a generic lambda with what it has captured. Nobody can see it here.
#pragma once

#include "engine/ipc/codec_archives.hpp"
#include "engine/ipc/codec_refusals.hpp"

#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace manyhands::codec {

namespace detail {

// Whose elements lie one behind the other and are copied: their number and they are the message.
template <class T>
inline constexpr bool is_row = false;
template <class Element, class Allocator>
inline constexpr bool
    is_row<std::vector<Element, Allocator>> = copied<Element> && !std::is_same_v<Element, bool>;
template <class Letter, class Traits, class Allocator>
inline constexpr bool is_row<std::basic_string<Letter, Traits, Allocator>> = true;
template <class Element>
inline constexpr bool is_row<std::span<Element>> = copied<std::remove_cv_t<Element>>;

// What arrives where a T is sent.
template <class T>
struct Sent
{
    using Type = T;
};
template <class Element>
struct Sent<std::span<Element>>
{
    using Type = std::vector<std::remove_cv_t<Element>>;
};

inline void append(std::vector<std::byte>& bytes, const void* from, std::size_t count)
{
    const auto* const first = static_cast<const std::byte*>(from);
    const std::size_t before = bytes.size();
    bytes.resize(before + count);
    if (count > 0)
        std::memcpy(bytes.data() + before, first, count);
}

} // namespace detail

/// Refuses at compile time what cannot be encoded.
template <class T>
constexpr void check_can_be_sent()
{
    check_can_cross<typename detail::Sent<T>::Type>();
    if constexpr (!copied<T> && !detail::is_row<T> && !SharedObject<T>)
        static_assert(cereal::traits::is_output_serializable<T, OutputArchive>::value,
            "Nothing says how this type is sent to another process. Give it a member: template "
            "<class Archive> void serialize(Archive& archive) { archive(first, second); }");
}

/// Whether a value needs no serialising: it is copied, or its elements are, or it is the offset of
/// an object in the arena.
template <class T>
inline constexpr bool is_plain = copied<T> || detail::is_row<T> || SharedObject<T>;

/// The bytes that a plain value takes.
template <class T>
requires is_plain<T> std::size_t plain_bytes([[maybe_unused]] const T& value)
noexcept
{
    if constexpr (SharedObject<T>)
        return sizeof(ArenaOffset);
    else if constexpr (detail::is_row<T>)
        return sizeof(std::uint64_t) + value.size() * sizeof *value.data();
    else
        return sizeof(T);
}

/// Writes a plain value: plain_bytes() bytes.
template <class T>
requires is_plain<T>
void write_plain(std::byte* to, const T& value) noexcept
{
    if constexpr (SharedObject<T>) {
        const ArenaOffset offset = value.offset();
        std::memcpy(to, &offset, sizeof offset);
    } else if constexpr (detail::is_row<T>) {
        const std::uint64_t count = value.size();
        std::memcpy(to, &count, sizeof count);
        if (count > 0)
            std::memcpy(to + sizeof count, value.data(), count * sizeof *value.data());
    } else {
        std::memcpy(to, &value, sizeof value);
    }
}

/// Appends `value` to `bytes`. A std::span crosses as the std::vector that it is a view of.
template <class T>
void encode(std::vector<std::byte>& bytes, const T& value)
{
    check_can_be_sent<T>();
    if constexpr (is_plain<T>) {
        if constexpr (detail::is_row<T>) {
            const std::uint64_t count = value.size();
            detail::append(bytes, &count, sizeof count);
            detail::append(bytes, value.data(), count * sizeof *value.data());
        } else {
            const std::size_t before = bytes.size();
            bytes.resize(before + plain_bytes(value));
            write_plain(bytes.data() + before, value);
        }
    } else {
        OutputArchive archive(bytes);
        archive(value);
    }
}

/// Takes a T off the beginning of `bytes`. Throws Error where they hold none; allocates no more
/// than what is there can be worth.
template <class T>
T decode(std::span<const std::byte>& bytes)
{
    check_can_cross<T>();
    if constexpr (SharedObject<T>) {
        return T::view(decode<ArenaOffset>(bytes));
    } else if constexpr (copied<T>) {
        // Through raw memory: T need not have a default constructor.
        alignas(T) std::byte memory[sizeof(T)];
        std::memcpy(memory, detail::take_bytes(bytes, sizeof(T)), sizeof(T));
        return *std::launder(reinterpret_cast<T*>(memory));
    } else {
        static_assert(std::is_default_constructible_v<T>,
            "A type that another process receives needs a constructor without arguments: the value "
            "is made first, and then filled.");
        T value;
        InputArchive archive(bytes);
        try {
            archive(value);
        } catch (const cereal::Exception&) {
            throw Error({.object = "message", .problem = "does not hold what its type says"});
        }
        return value;
    }
}

} // namespace manyhands::codec
