// SPDX-License-Identifier: MIT
// A file for the data of one run, which nobody else sees and nothing leaves behind.
#pragma once

#include "engine/os/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace manyhands::lessons {

/// A real file without a name, in the folder for temporary files: it is gone with its last
/// descriptor, however the run ends. Belongs to one process.
class TemporaryFile
{
public:
    /// An empty one. Throws Error where the folder takes none.
    TemporaryFile();

    /// Appends `bytes`. Throws MachineLacks where the disk is full, Error for what else fails.
    void append(std::span<const std::byte> bytes);
    /// Fills `bytes` with what stands from `offset` on. Throws Error where that is less.
    void read(std::uint64_t offset, std::span<std::byte> bytes) const;

private:
    os::Descriptor descriptor_;
};

} // namespace manyhands::lessons
