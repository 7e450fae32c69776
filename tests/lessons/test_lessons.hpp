// SPDX-License-Identifier: MIT
// The lessons of manyhands-test-lessons.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::test_lessons {

/// Workers finish `before` tasks in all and then wait, each in its next task, until the test opens
/// the FIFO whose path is in MANYHANDS_TEST_FIFO for writing.
extern const Lesson hold;

/// prime_counting as it would be with a workers' function that does nothing: speedup, budget and
/// result must change, and a check must fail.
extern const Lesson honest;

/// One worker that goes through known states at known times.
extern const Lesson picture;

/// Workers that fail in the way that `fault` names.
extern const Lesson faults;

/// Processes that do `what` its parameter says: count in three steps with gates between them, wait
/// in vain with a time-out of 300 ms, compute for ever, throw, die with a lock. Those that wait or
/// compute say "ready" first.
extern const Lesson gates;

/// Processes that wait for each other for ever (`what`: two_orders, twice, join_first), and such
/// that only seem to (long_wait, barrier). Each says "ready" before its last wait. To be stopped.
extern const Lesson deadlock;

/// A main process with `shared` MiB, and workers with `own` MiB each that come to a gate when they
/// have them; started by fork or by spawn. Declares that its memory is to be sampled.
extern const Lesson memory;

/// 64 pieces in chunks, with two views of its own, predictions, and a quantity that predicts the
/// best chunk: all of them computed from the parameters.
extern const Lesson viewed;
/// Processes that add 1 to a shared number so often, in three steps with a gate before each: held
/// from the first one on where `mode` is microscope. Each tells what its register holds.
extern const Lesson microscope;

/// Every part of the engine in one program, with a lock's owner that is killed.
extern const Lesson tour;

/// Workers that take one lock, `steps` that are a quantity, and everything that the guide can lead
/// through: predictions with mode=plain, a quiz, what to try next.
extern const Lesson guided;
extern const std::string_view guided_text; ///< its Markdown

/// A parameter of a test lesson.
ParameterDescription whole_number(
    const char* name, std::int64_t default_value, double minimum, double maximum);

} // namespace manyhands::test_lessons
