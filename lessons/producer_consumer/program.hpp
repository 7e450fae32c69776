// SPDX-License-Identifier: MIT
// The lesson producer_consumer, for the catalogue, and its parts: what it says of itself
// (description.cpp), what runs (program.cpp), what is made of a run (evaluation.cpp).
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::lessons::producer_consumer {

extern const Lesson lesson;

LessonDescription describe();
void evaluate(const Evaluation& evaluation, ResultDocument& document);

} // namespace manyhands::lessons::producer_consumer
