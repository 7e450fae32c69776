// SPDX-License-Identifier: MIT
// A block of bytes that processes share, as Python's multiprocessing.shared_memory.
#pragma once

#include "engine/arena/shared_block.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace manyhands {

/// So many bytes, the same in every process that has it. Made by any process of the run; copies are
/// views and cross to others as arguments of processes and tasks, and in queues: nothing is copied
/// then but the place.
///
/// It has no name in the system, so there is nothing to unlink: it is gone with the handle that
/// made it, as soon as no other process lives that may use it, and with the run, however that ends.
/// Bytes that several processes use at once need std::atomic_ref or a lock; bytes of their own,
/// nothing. What it holds is not traced.
class SharedMemory
{
public:
    /// All zero. Throws BadValue for less than 1 byte or more than can be addressed, Error, which
    /// says how much is free, where the run's shared memory has no room.
    explicit SharedMemory(std::int64_t size, const std::string& name = {});
    static SharedMemory view(ArenaOffset offset) noexcept
    {
        return SharedMemory(SharedBlock(offset));
    }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    /// The bytes, aligned to 64, for as long as the handle lives that made them.
    std::span<std::byte> buf() const noexcept;
    std::size_t size() const noexcept;

private:
    struct Head;

    explicit SharedMemory(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }

    SharedBlock block_;
};

} // namespace manyhands
