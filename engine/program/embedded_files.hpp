// SPDX-License-Identifier: MIT
// The texts and sources that a program carries within it (resources/cmake/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace manyhands {

/// A file that was built into the program: what a lesson shows of itself.
struct EmbeddedFile
{
    std::string_view path; ///< from the root of the tree that it was built from
    std::string_view sha256;
    std::string_view text;
};

/// What manyhands_embed() or manyhands_add_program() built into this program. Not defined where
/// neither did.
std::span<const EmbeddedFile> embedded_files();

} // namespace manyhands
