// SPDX-License-Identifier: MIT
// The lesson prime_counting: for the catalogue, and what its program has to be described.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::lessons::prime_counting {

extern const Lesson lesson;

/// In one process, without a pool: every range after the other.
void count_alone(LessonRun& run);
/// With a pool, which is given all ranges by the method chosen.
void count_with_pool(LessonRun& run);

} // namespace manyhands::lessons::prime_counting
