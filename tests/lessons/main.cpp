// SPDX-License-Identifier: MIT
// manyhands-test-lessons: lessons that exist for the tests alone. Built beside manyhands-lesson and
// never installed.
#include "engine/program/lesson.hpp"
#include "tests/lessons/test_lessons.hpp"

int main(int argc, char** argv)
{
    static const manyhands::Lesson lessons[] = {
        manyhands::test_lessons::hold,
        manyhands::test_lessons::honest,
        manyhands::test_lessons::picture,
        manyhands::test_lessons::faults,
        manyhands::test_lessons::tour,
        manyhands::test_lessons::gates,
        manyhands::test_lessons::deadlock,
        manyhands::test_lessons::memory,
        manyhands::test_lessons::viewed,
        manyhands::test_lessons::microscope,
        manyhands::test_lessons::guided,
    };
    const manyhands::EmbeddedFile files[] = {
        {manyhands::test_lessons::guided.text, {}, manyhands::test_lessons::guided_text},
    };
    return manyhands::run(argc, argv, lessons, files);
}
