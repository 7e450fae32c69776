// SPDX-License-Identifier: MIT
// What a lesson program prints in a terminal when it ran alone.
#pragma once

#include "engine/program/lesson_runner.hpp"

#include <string>

namespace manyhands {

/// The run in lines: times, speedup, the lesson's own figures, a line for each process.
std::string summary(const LessonDescription& description, const ParameterValues& parameters,
    const LessonRunner& runner);

} // namespace manyhands
