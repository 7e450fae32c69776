// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands list`: the lessons that came with us, or those of another program.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>

namespace manyhands::app {

int listCommand(const std::vector<std::string>& arguments)
{
    const CommandDescription command = {
        .name = "list",
        .usage = {"manyhands list [PROGRAM] [--json]"},
        .purpose = "Lists the lessons: id and title, one a line. PROGRAM is the path of another\n"
                   "lesson program, with a / in it.",
        .options = {{"--json", "", "print a JSON array of ids and titles"}},
        .more = {},
    };
    const auto given = parseArguments(command, arguments);
    if (!given)
        return exit_code::done;
    const bool isProgram
        = given->words.size() == 1 && given->words.front().find('/') != std::string::npos;
    if (!given->words.empty() && !isProgram)
        throw BadValue({.object = "list",
            .problem = "takes the path of one program, and got",
            .value = shown(given->words.back()),
            .limit = "list, list --json, list ./program",
            .advice = helpAdvice(command)});

    const std::filesystem::path program
        = isProgram ? std::filesystem::path(given->words.front()) : own_lesson_program();
    const std::vector<LessonSummary> lessons = describe_lessons(program);
    if (given->has("--json")) {
        printJson(to_json(lessons));
        return exit_code::done;
    }
    TextTable table({}, {});
    for (const LessonSummary& lesson : lessons)
        table.add({lesson.id, lesson.title});
    print(table.text());
    return exit_code::done;
}

} // namespace manyhands::app
