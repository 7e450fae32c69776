// SPDX-License-Identifier: MIT
// The lesson prime_counting, for the catalogue.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::lessons::prime_counting {

extern const Lesson lesson;

} // namespace manyhands::lessons::prime_counting
