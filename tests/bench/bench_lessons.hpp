// SPDX-License-Identifier: MIT
// The lessons of manyhands-bench-lesson: figures that are taken in a lesson's main process. Their
// results are the samples, `ours` and `floor`.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::bench {

/// Microseconds from the start of a process to its first act in its parent's eyes.
extern const Lesson spawn_lesson;
extern const Lesson fork_lesson;
/// Millions of additions a second under one lock.
extern const Lesson lock_lesson;
/// A pool's map() and imap() of empty tasks, in millions a second, and its apply(), in
/// microseconds.
extern const Lesson map_lesson;
extern const Lesson imap_lesson;
extern const Lesson apply_lesson;
/// Rates of messages through a queue, and through a bare ring.
extern const Lesson queue_lesson;
/// Speedups of counting primes.
extern const Lesson primes_lesson;

/// `PROGRAM ready_word FD` writes one byte to the descriptor, as its first act, and ends.
inline constexpr const char* ready_word = "--ready";

/// A whole number that a lesson of ours takes.
ParameterDescription bench_parameter(const char* name, std::int64_t default_value);

} // namespace manyhands::bench
