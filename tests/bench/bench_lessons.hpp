// SPDX-License-Identifier: MIT
// The lessons of manyhands-bench-lesson: figures that are taken in a lesson's main process. Their
// results are the samples, `ours` and `floor`.
#pragma once

#include "engine/program/lesson.hpp"

namespace manyhands::bench {

/// Microseconds from the start of a process to its first act in its parent's eyes.
extern const Lesson spawn_lesson;
extern const Lesson fork_lesson;
extern const Lesson forkserver_lesson;
/// Millions of additions a second under one lock.
extern const Lesson lock_lesson;
/// A pool's map() and imap() of empty tasks, in millions a second, and its apply(), in
/// microseconds.
extern const Lesson map_lesson;
extern const Lesson imap_lesson;
extern const Lesson apply_lesson;
/// A round trip to a manager's server, in microseconds.
extern const Lesson manager_lesson;
/// Microseconds that a byte takes through pipes to another process and back.
extern const Lesson pipe_lesson;
/// Rates of messages through a queue, and through a bare ring.
extern const Lesson queue_lesson;
/// Speedups of counting primes.
extern const Lesson primes_lesson;

/// `PROGRAM ready_word FD` writes one byte to the descriptor, as its first act, and ends.
inline constexpr const char* ready_word = "--ready";

/// Two processes that wake each other by futex: microseconds there and back, of so many.
double microseconds_a_wake(std::uint32_t calls);

/// A whole number that a lesson of ours takes.
ParameterDescription bench_parameter(const char* name, std::int64_t default_value);

} // namespace manyhands::bench
