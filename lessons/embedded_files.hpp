// SPDX-License-Identifier: MIT
// The texts and sources of the lessons, built into the program (resources/cmake/embed.cmake).
#pragma once

#include "engine/program/lesson.hpp"

#include <span>

namespace manyhands::lessons {

std::span<const EmbeddedFile> embedded_files();

} // namespace manyhands::lessons
