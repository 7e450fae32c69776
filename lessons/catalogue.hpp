// SPDX-License-Identifier: MIT
// The lessons of manyhands-lesson, in the order in which a newcomer meets them.
#pragma once

#include "engine/program/lesson.hpp"

#include <span>

namespace manyhands::lessons {

std::span<const Lesson> catalogue();

} // namespace manyhands::lessons
