// SPDX-License-Identifier: MIT
// A handle on an object in the arena: what Lock, Queue, Value and their like are made of.
#pragma once

#include "engine/arena/arena.hpp"

#include <concepts>
#include <new>
#include <string_view>

namespace manyhands {

/// A block of the arena that holds one object, and who answers for it.
///
/// The handle that made the block owns it; a copy is a view, which another process may get as well
/// (it travels as the block's offset). When the owner is destroyed, the block is given back as soon
/// as no other process lives that may hold a view. Moving hands the ownership on. Each handle
/// belongs to one process; what the object allows at once is its own to say.
class SharedBlock
{
public:
    /// What the object needs to be told before its block is given back.
    using Destroy = void (*)(ArenaOffset) noexcept;

    SharedBlock() = default;
    /// A new block of `bytes` bytes, all zero. Throws Error, which names `object`, where the arena
    /// has no room.
    SharedBlock(std::string_view object, std::size_t bytes, Destroy destroy = nullptr);
    /// A view of the block at `offset`.
    explicit SharedBlock(ArenaOffset offset) noexcept
        : offset_(offset)
    {
    }
    SharedBlock(const SharedBlock& other) noexcept
        : offset_(other.offset_)
    {
    }
    SharedBlock(SharedBlock&& other) noexcept;
    SharedBlock& operator=(SharedBlock other) noexcept;
    ~SharedBlock();

    ArenaOffset offset() const noexcept { return offset_; }

    /// The object. It was made by placement new, or is one that zeros make.
    template <class Object>
    Object& as() const noexcept
    {
        return *std::launder(reinterpret_cast<Object*>(memory()));
    }
    std::byte* memory() const noexcept;

private:
    ArenaOffset offset_ = 0;
    Destroy destroy_ = nullptr;
    std::uint32_t owner_ = no_owner; ///< the slot of the process whose handle owns the block
    static constexpr std::uint32_t no_owner = 0xffff'ffff;
};

/// What crosses between processes as the offset of its block: has offset(), and view() makes one
/// from it.
template <class T>
concept SharedObject = requires(const T& object, ArenaOffset offset)
{
    {
        object.offset()
        } -> std::same_as<ArenaOffset>;
    {
        T::view(offset)
        } -> std::same_as<T>;
};

} // namespace manyhands
