// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands list`: the lessons that came with us.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <nlohmann/json.hpp>

namespace manyhands::app {

int listCommand(const std::vector<std::string>& arguments)
{
    const CommandDescription command = {
        .name = "list",
        .usage = {"manyhands list [--json]"},
        .purpose = "Lists the lessons: id and title, one a line.",
        .options = {{"--json", "", "print a JSON array of ids and titles"}},
        .more = {},
    };
    const auto given = parseArguments(command, arguments);
    if (!given)
        return exit_code::done;
    if (!given->words.empty())
        throw BadValue({.object = "list",
            .problem = "takes no words",
            .value = shown(given->words.front()),
            .limit = "list, list --json",
            .advice = helpAdvice(command)});

    const std::vector<LessonSummary> lessons = describe_lessons(own_lesson_program());
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
