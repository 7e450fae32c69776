// SPDX-License-Identifier: MIT
// Unnamed shared memory: a sealed memfd and its mapping. Freed with the last descriptor and
// mapping.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstddef>
#include <span>

namespace manyhands::os {

/// A shared memory file of fixed size and its mapping in this process.
///
/// The file is sparse and sealed against shrinking and growing. A part must be backed before it is
/// touched: an untouched, unbacked page would be a SIGBUS in a full memory. Safe to share between
/// processes; the object itself belongs to one thread.
class SharedMemory
{
public:
    SharedMemory() = default;

    /// Makes a new one of `bytes` bytes. `name` shows in /proc only. Throws Error.
    SharedMemory(const char* name, std::size_t bytes);

    /// Maps the one that another process made and that `descriptor` names. Throws Error where the
    /// descriptor is no memfd, is not sealed, or is smaller than `least_bytes`.
    SharedMemory(Descriptor descriptor, std::size_t least_bytes);

    SharedMemory(SharedMemory&& other) noexcept;
    SharedMemory& operator=(SharedMemory&& other) noexcept;
    ~SharedMemory();

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    int descriptor() const noexcept { return descriptor_.get(); }
    explicit operator bool() const noexcept { return data_ != nullptr; }

    /// Gives the part real memory, zeroed where it is new. Throws Error where there is none.
    void back(std::size_t offset, std::size_t bytes) const;

    /// Gives the part's memory back to the system; it reads as zeros afterwards.
    void punch(std::size_t offset, std::size_t bytes) const noexcept;

private:
    void map();

    Descriptor descriptor_;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace manyhands::os
