// SPDX-License-Identifier: MIT
// The lesson chunked_processing: for the catalogue, and what its program has to be described.
#pragma once

#include "engine/program/lesson.hpp"

#include <cstdint>

namespace manyhands::lessons::chunked_processing {

extern const Lesson lesson;

/// The numbers are cut into chunks of one size; the last one is what is left.
struct Cut
{
    std::uint64_t numbers;
    std::uint64_t size; ///< of a chunk; not above `numbers`
    std::uint64_t chunks;
    std::uint64_t last; ///< size of the last one
};
/// Cuts `numbers` numbers; a `size` above takes all of them at once. Neither is 0.
Cut cut_of(std::uint64_t numbers, std::uint64_t size);

/// In one process, without pool and messages.
void process_alone(LessonRun& run);
/// With a pool: chunk after chunk as a message.
void process_chunks(LessonRun& run);

} // namespace manyhands::lessons::chunked_processing
