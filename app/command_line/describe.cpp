// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands describe`: what a lesson is about, and what can be set in it.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

std::string withUnit(const std::string& text, const std::string& unit)
{
    return unit.empty() ? text : text + ' ' + unit;
}

/// `word` names the lesson on a command line.
std::string describedAsText(const LessonDescription& lesson, const std::string& word)
{
    std::string text = lesson.title + " (" + lesson.id + ")\n";
    if (!lesson.objectives.empty()) {
        text += "\nObjectives\n";
        for (const std::string& objective : lesson.objectives)
            text += "  - " + objective + '\n';
    }
    if (!lesson.parameters.empty()) {
        TextTable table;
        for (const ParameterDescription& parameter : lesson.parameters) {
            table.add({parameter.name + '=' + to_text(parameter.default_value),
                parameter.label + ": " + withUnit(parameter.allowed(), parameter.unit)});
            if (!parameter.help.empty())
                table.add({"", parameter.help});
        }
        text += "\nParameters, with their defaults and what is allowed\n" + table.text();
    }
    if (!lesson.quantities.empty()) {
        TextTable table;
        for (const QuantityDescription& quantity : lesson.quantities)
            table.add({quantity.name, quantity.label, quantity.unit});
        text += "\nWhat a run reports\n" + table.text();
    }
    return text + "\nTo run it: manyhands run " + shown(word)
        + (lesson.parameters.empty() ? "" : " [name=value...]") + "\n";
}

} // namespace

int describeCommand(const std::vector<std::string>& arguments)
{
    const CommandDescription command = {
        .name = "describe",
        .usage = {"manyhands describe LESSON [--json] [--language L]"},
        .purpose = "Says what a lesson is about, what can be set in it and what it reports.\n"
                   "LESSON is an id (manyhands list) or the path of another lesson program, with\n"
                   ":ID behind it where that has several.",
        .options = {
            {"--json", "", "print all of it, text and source code too, as one JSON object"},
            {"--language", "L", "language of the texts, where the lesson has it: en, de, ..."},
        },
        .more = {},
    };
    const auto given = parseArguments(command, arguments);
    if (!given)
        return exit_code::done;
    if (given->words.size() != 1)
        throw BadValue({.object = "describe",
            .problem = given->words.empty() ? "has no lesson" : "takes one word, and got another",
            .value = given->words.empty() ? std::string() : shown(given->words[1]),
            .limit = "describe LESSON",
            .advice = "manyhands list names the lessons"});

    const LessonReference lesson = find_lesson(given->words.front());
    const LessonDescription description
        = describe_lesson(lesson, given->value("--language").value_or("en"));
    if (given->has("--json"))
        printJson(to_json(description));
    else
        print(describedAsText(description, given->words.front()));
    return exit_code::done;
}

} // namespace manyhands::app
