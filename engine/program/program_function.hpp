// SPDX-License-Identifier: MIT
// A program that is one function, as the lesson that the engine runs.
#pragma once

#include "engine/program/lesson.hpp"
#include "engine/program/run.hpp"

#include <string>
#include <vector>

namespace manyhands {

/// The lesson that a function with its options makes, and the files that it shows: those embedded,
/// else its source file, where that can be read.
class ProgramOfOneFunction
{
public:
    ProgramOfOneFunction(std::function<void(const Given&)> function, ProgramOptions options,
        std::span<const EmbeddedFile> embedded, const std::source_location& where);
    ProgramOfOneFunction(const ProgramOfOneFunction&) = delete;
    ProgramOfOneFunction& operator=(const ProgramOfOneFunction&) = delete;

    const Lesson& lesson() const noexcept { return lesson_; }
    std::span<const EmbeddedFile> files() const noexcept { return files_; }

private:
    LessonDescription describe() const;

    std::function<void(const Given&)> function_;
    ProgramOptions options_;
    std::string source_; ///< text of the file that was read
    std::vector<EmbeddedFile> files_;
    Lesson lesson_;
};

} // namespace manyhands
