// SPDX-License-Identifier: MIT
// Which build of the program this process runs, and where its code lies in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace manyhands::os {

/// The linker's build id (SHA-1 of the program's contents).
using BuildId = std::array<std::uint8_t, 20>;

/// This executable's build id; all zeros where it was linked without one.
BuildId build_id() noexcept;

/// The address at which this executable's image begins. A function's offset from it is the same in
/// every process of the same build, whether static, PIE or static-PIE.
std::uintptr_t image_base() noexcept;

} // namespace manyhands::os
