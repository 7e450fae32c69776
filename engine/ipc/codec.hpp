// SPDX-License-Identifier: MIT
// How values cross between processes: what is trivially copyable is copied, the rest goes through
// cereal, and what cannot cross is refused at compile time.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/os/error.hpp"

#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <cstddef>
#include <cstring>
#include <istream>
#include <ostream>
#include <span>
#include <streambuf>
#include <type_traits>
#include <vector>

namespace manyhands::codec {

/// Whether a value of type T is copied byte by byte.
template <class T>
inline constexpr bool copied
    = std::is_trivially_copyable_v<
          T> && !std::is_pointer_v<T> && !std::is_reference_v<T> && !std::is_member_pointer_v<T> && !SharedObject<T>;

/// Refuses at compile time what means nothing in another process.
template <class T>
constexpr void check_can_cross()
{
    static_assert(!std::is_pointer_v<T> && !std::is_member_pointer_v<T>,
        "A pointer cannot be sent to another process: it is an address in this process's memory, "
        "and the other process has memory of its own. Send the value that it points to.");
    static_assert(!std::is_reference_v<T>,
        "A reference cannot be sent to another process, which has memory of its own. Send a "
        "value.");
    static_assert(!std::is_same_v<std::remove_cv_t<T>, std::nullptr_t>,
        "A null pointer cannot be sent to another process. Send std::optional.");
}

namespace detail {

class AppendingBuffer : public std::streambuf
{
public:
    explicit AppendingBuffer(std::vector<std::byte>& to)
        : to_(to)
    {
    }

protected:
    std::streamsize xsputn(const char* bytes, std::streamsize count) override
    {
        const auto* const first = reinterpret_cast<const std::byte*>(bytes);
        to_.insert(to_.end(), first, first + count);
        return count;
    }
    int_type overflow(int_type byte) override
    {
        to_.push_back(static_cast<std::byte>(byte));
        return byte;
    }

private:
    std::vector<std::byte>& to_;
};

class SpanBuffer : public std::streambuf
{
public:
    explicit SpanBuffer(std::span<const std::byte> bytes)
    {
        // The stream only reads; its interface has no const.
        auto* const first = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
        setg(first, first, first + bytes.size());
    }
    std::size_t left() const { return static_cast<std::size_t>(egptr() - gptr()); }
};

} // namespace detail

/// Appends `value` to `bytes`.
template <class T>
void encode(std::vector<std::byte>& bytes, const T& value)
{
    check_can_cross<T>();
    if constexpr (SharedObject<T>) {
        encode(bytes, value.offset());
    } else if constexpr (copied<T>) {
        const auto* const first = reinterpret_cast<const std::byte*>(&value);
        bytes.insert(bytes.end(), first, first + sizeof value);
    } else {
        detail::AppendingBuffer buffer(bytes);
        std::ostream stream(&buffer);
        cereal::BinaryOutputArchive archive(stream);
        archive(value);
    }
}

/// Takes a T off the beginning of `bytes`. Throws Error where they hold none.
template <class T>
T decode(std::span<const std::byte>& bytes)
{
    check_can_cross<T>();
    if constexpr (SharedObject<T>) {
        return T::view(decode<ArenaOffset>(bytes));
    } else if constexpr (copied<T>) {
        if (bytes.size() < sizeof(T))
            throw Error({.object = "message", .problem = "is too short for its type"});
        // Through raw memory: T need not have a default constructor.
        alignas(T) std::byte memory[sizeof(T)];
        std::memcpy(memory, bytes.data(), sizeof(T));
        bytes = bytes.subspan(sizeof(T));
        return *std::launder(reinterpret_cast<T*>(memory));
    } else {
        detail::SpanBuffer buffer(bytes);
        std::istream stream(&buffer);
        T value;
        try {
            cereal::BinaryInputArchive archive(stream);
            archive(value);
        } catch (const cereal::Exception&) {
            throw Error({.object = "message", .problem = "does not hold what its type says"});
        }
        bytes = bytes.last(buffer.left());
        return value;
    }
}

} // namespace manyhands::codec
