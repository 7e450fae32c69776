// SPDX-License-Identifier: MIT
// What the lesson shared_counter says of itself, and what it finds in a run.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::lessons::shared_counter {

/// Parameters, quantities, predictions, quiz, views.
LessonDescription describe();

/// Quantities, checks, charts and a question of a run; program.cpp writes the result that it reads.
void evaluate(const Evaluation& evaluation, ResultDocument& document);

// Runs that are suggested in several places.
Attempt without_lock();
Attempt lock_each();
Attempt short_race();
Attempt microscope();
Attempt all_ways();

} // namespace manyhands::lessons::shared_counter
