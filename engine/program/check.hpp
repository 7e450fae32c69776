// SPDX-License-Identifier: MIT
// `--check`: small runs of lessons, each a process of its own, and whether what they claim held.
#pragma once

#include "engine/program/lesson.hpp"

#include <chrono>
#include <span>

namespace manyhands {

/// Carries out the check runs of `lessons` one after the other and prints a line for each. A run
/// that takes longer than `limit` is killed with all its processes. Returns the exit code: `done`
/// where every run was done and every check held or does not apply. Throws MachineLacks where no
/// process can be started.
int check_lessons(
    std::span<const Lesson> lessons, std::chrono::seconds limit, const char* program_name);

} // namespace manyhands
