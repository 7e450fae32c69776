// SPDX-License-Identifier: MIT
// The lesson shared_counter, for the catalogue.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::lessons::shared_counter {

extern const Lesson lesson;

} // namespace manyhands::lessons::shared_counter
