// SPDX-License-Identifier: MIT
// A lesson program as an observer finds it: its path, and what it says of its lessons.
#pragma once

#include "engine/description/lesson_description.hpp"
#include "engine/os/error.hpp" // what all of observe throws, for the app, which includes no os

#include <filesystem>
#include <string>
#include <vector>

namespace manyhands {

/// A lesson of a lesson program.
struct LessonReference
{
    std::filesystem::path program;
    std::string id;
};

/// The lesson program that came with us, `manyhands-lesson` beside our executable (or in
/// ../libexec/manyhands). Throws MachineLacks naming where it was looked for.
std::filesystem::path own_lesson_program();

/// What `--describe` says: ids and titles in order. Throws BadValue for what is no lesson
/// program (one answers within 2 s and 4 MiB), and for one that was built with an engine that
/// writes other descriptions or segments than this one reads.
std::vector<LessonSummary> describe_lessons(const std::filesystem::path& program);

/// What `--describe ID --language LANGUAGE` says. Bounded likewise. Throws BadValue for an id
/// that the program does not have, naming those it has.
LessonDescription describe_lesson(
    const LessonReference& lesson, const std::string& language = "en");

/// Of a program with several lessons, none of which was named: refused, or the first one.
enum class OfSeveral { named, first };

/// The lesson that a person's word names: an id of ours, or the path of a lesson program (a word
/// with a '/'), with `:ID` behind it where it has several. Throws BadValue saying what is allowed.
LessonReference find_lesson(const std::string& word, OfSeveral which = OfSeveral::named);

} // namespace manyhands
