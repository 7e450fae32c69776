// SPDX-License-Identifier: MIT
// cereal's archives for what crosses between processes: bytes in a row, read with suspicion.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/ipc/codec_refusals.hpp"
#include "engine/os/error.hpp"

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/unordered_set.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>
#include <cereal/types/vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

namespace manyhands::codec {

namespace detail {

/// The first `count` of `bytes`, which are taken off. Throws Error where there are less.
inline const std::byte* take_bytes(std::span<const std::byte>& bytes, std::size_t count)
{
    if (bytes.size() < count)
        throw Error({.object = "message", .problem = "is too short for its type"});
    const std::byte* const first = bytes.data();
    bytes = bytes.subspan(count);
    return first;
}

} // namespace detail

/// Appends to `bytes`.
class OutputArchive : public cereal::OutputArchive<OutputArchive>
{
public:
    explicit OutputArchive(std::vector<std::byte>& bytes)
        : cereal::OutputArchive<OutputArchive>(this)
        , bytes_(bytes)
    {
    }
    void write(const void* from, std::size_t count)
    {
        const auto* const first = static_cast<const std::byte*>(from);
        bytes_.insert(bytes_.end(), first, first + count);
    }

private:
    std::vector<std::byte>& bytes_;
};

/// Takes off the beginning of `bytes`. Throws Error where they end too soon.
class InputArchive : public cereal::InputArchive<InputArchive>
{
public:
    explicit InputArchive(std::span<const std::byte>& bytes)
        : cereal::InputArchive<InputArchive>(this)
        , bytes_(bytes)
    {
    }
    void read(void* to, std::size_t count)
    {
        if (count > 0)
            std::memcpy(to, detail::take_bytes(bytes_, count), count);
    }
    const std::byte* take(std::size_t count) { return detail::take_bytes(bytes_, count); }
    std::size_t left() const noexcept { return bytes_.size(); }

private:
    std::span<const std::byte>& bytes_;
};

namespace detail {

template <class T>
inline constexpr bool has_cereals_own = false;
template <class T, std::size_t count>
inline constexpr bool has_cereals_own<std::array<T, count>> = true;
template <class T>
inline constexpr bool has_cereals_own<std::optional<T>> = true;
template <class... Parts>
inline constexpr bool has_cereals_own<std::variant<Parts...>> = true;
template <class A, class B>
inline constexpr bool has_cereals_own<std::pair<A, B>> = true;
template <class... Parts>
inline constexpr bool has_cereals_own<std::tuple<Parts...>> = true;

// A struct that is copied, and of which nobody has said how it is serialised.
template <class T>
concept CopiedStruct = std::is_class_v<T> && copied<T> && !has_cereals_own<
                           T> && !cereal::traits::has_member_serialize<T, OutputArchive>::value
    && !cereal::traits::has_member_save<T, OutputArchive>::value
    && !cereal::traits::has_non_member_serialize<T, OutputArchive>::value;

} // namespace detail

// What cereal finds by the archives' namespace. Lengths are 64 bits; a length larger than what is
// left is believed of nobody, since each element takes a byte at the least.

template <class T>
requires std::is_arithmetic_v<T>
void save(OutputArchive& archive, const T& value)
{
    archive.write(&value, sizeof value);
}
template <class T>
requires std::is_arithmetic_v<T>
void load(InputArchive& archive, T& value)
{
    archive.read(&value, sizeof value);
}

template <class T>
void save(OutputArchive& archive, const cereal::NameValuePair<T>& pair)
{
    archive(pair.value);
}
template <class T>
void load(InputArchive& archive, cereal::NameValuePair<T>& pair)
{
    archive(pair.value);
}

template <class T>
void save(OutputArchive& archive, const cereal::SizeTag<T>& tag)
{
    const auto count = static_cast<std::uint64_t>(tag.size);
    archive.write(&count, sizeof count);
}
template <class T>
void load(InputArchive& archive, cereal::SizeTag<T>& tag)
{
    std::uint64_t count = 0;
    archive.read(&count, sizeof count);
    if (count > archive.left())
        throw Error({.object = "message", .problem = "is too short for its type"});
    tag.size = static_cast<std::remove_reference_t<T>>(count);
}

template <class T>
void save(OutputArchive& archive, const cereal::BinaryData<T>& data)
{
    archive.write(data.data, data.size);
}
template <class T>
void load(InputArchive& archive, cereal::BinaryData<T>& data)
{
    archive.read(data.data, data.size);
}

template <detail::CopiedStruct T>
void save(OutputArchive& archive, const T& value)
{
    check_can_cross<T>();
    archive.write(&value, sizeof value);
}
template <detail::CopiedStruct T>
void load(InputArchive& archive, T& value)
{
    archive.read(static_cast<void*>(&value), sizeof value);
}

template <SharedObject T>
void save(OutputArchive& archive, const T& object)
{
    archive(object.offset());
}
template <SharedObject T>
void load(InputArchive& archive, T& object)
{
    ArenaOffset offset = 0;
    archive(offset);
    object = T::view(offset);
}

// More special than cereal's own: elements that are copied are copied at once, the others come one
// by one, so that a wrong length makes nothing large.
template <class T, class Allocator>
requires(!std::is_same_v<T, bool>) void save(
    OutputArchive& archive, const std::vector<T, Allocator>& vector)
{
    archive(cereal::make_size_tag(static_cast<cereal::size_type>(vector.size())));
    if constexpr (copied<T>) {
        check_can_cross<T>();
        archive.write(vector.data(), vector.size() * sizeof(T));
    } else {
        for (const T& element : vector)
            archive(element);
    }
}
template <class T, class Allocator>
requires(!std::is_same_v<T, bool>) void load(
    InputArchive& archive, std::vector<T, Allocator>& vector)
{
    cereal::size_type count = 0;
    archive(cereal::make_size_tag(count));
    vector.clear();
    if constexpr (copied<T>) {
        if (count > archive.left() / sizeof(T))
            throw Error({.object = "message", .problem = "is too short for its type"});
        const std::byte* const from = archive.take(count * sizeof(T));
        if (reinterpret_cast<std::uintptr_t>(from) % alignof(T) == 0) {
            // Without clearing the memory first.
            const T* const first = std::launder(reinterpret_cast<const T*>(from));
            vector.assign(first, first + count);
        } else if constexpr (std::is_default_constructible_v<T>) {
            vector.resize(count);
            std::memcpy(static_cast<void*>(vector.data()), from, count * sizeof(T));
        } else {
            alignas(T) std::byte memory[sizeof(T)];
            for (cereal::size_type i = 0; i < count; ++i) {
                std::memcpy(memory, from + i * sizeof(T), sizeof(T));
                vector.push_back(*std::launder(reinterpret_cast<const T*>(memory)));
            }
        }
    } else {
        // Most elements take as many bytes on the way as here, or more.
        vector.reserve(std::min<std::size_t>(count, archive.left() / sizeof(T) + 1));
        for (cereal::size_type i = 0; i < count; ++i) {
            if constexpr (SharedObject<T>) {
                ArenaOffset offset = 0;
                archive(offset);
                vector.push_back(T::view(offset));
            } else {
                archive(vector.emplace_back());
            }
        }
    }
}

} // namespace manyhands::codec

CEREAL_SETUP_ARCHIVE_TRAITS(manyhands::codec::InputArchive, manyhands::codec::OutputArchive)
