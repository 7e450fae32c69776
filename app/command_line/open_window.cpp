// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands [LESSON [name=value...]]`: what the words stand for, before the window opens.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/option_values.hpp"
#include "app/command_line/plain_text.hpp"
#include "app/command_line/run_options.hpp"
#include "app/window/window_main.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace manyhands::app {
namespace {

const CommandDescription& windowDescription()
{
    static const CommandDescription description = {
        .name = {},
        .usage = {
            "manyhands [LESSON [name=value...]] [--run [--json]] [--seed S]",
            "manyhands FILE...",
            "manyhands list [PROGRAM] [--json]",
            "manyhands describe LESSON [--json] [--language L]",
            "manyhands run LESSON [name=value...] [OPTION...]",
            "manyhands sweep LESSON [name=value...] --over name=v1,v2,... [OPTION...]",
            "manyhands export FILE --figure VIEW=FILE [OPTION...]",
            "manyhands compare FILE FILE... [OPTION...]",
            "manyhands watch [OPTION...] -- COMMAND...",
            "manyhands doctor [--json]",
        },
        .purpose = "Shows multiprocessing on real processes: a window, at a lesson if named, or\n"
                   "with saved runs (FILE: NAME.json or NAME.json.gz, existing or with a /), which\n"
                   "may be Chrome traces of other programs, too, as VizTracer writes them.\n"
                   "The commands need no display; each has a --help of its own.\n"
                   "LESSON is an id (manyhands list) or the path of another lesson program, with\n"
                   ":ID behind it where that has several.",
        .options = {
            {"--run", "", "start the lesson at once"},
            {"--json", "", "with --run: print the result as JSON when it ends, and quit"},
            {"--seed", "S", "with a lesson: seed of the random numbers; 1 unless given"},
        },
        .more = {},
    };
    return description;
}

bool isRunFile(const std::string& word)
{
    return word.ends_with(".json") || word.ends_with(".json.gz");
}

/// Whether a word is the name of a saved run rather than of a lesson or lesson program.
bool namesRunFile(const std::string& word)
{
    std::error_code ignored;
    return isRunFile(word)
        && (word.find('/') != std::string::npos || std::filesystem::exists(word, ignored));
}

/// Throws BadValue for what cannot be opened, as far as can be seen without reading it.
void checkSavedRun(const std::string& word)
{
    if (!namesRunFile(word))
        throw BadValue({.object = word,
            .problem = "is no saved run",
            .limit = "NAME.json or NAME.json.gz, one after the other",
            .advice = helpAdvice(windowDescription())});
    checkRunFile(word);
}

/// The lesson that the first word names; throws BadValue saying what it may be.
LessonReference lessonNamed(const std::string& word, OfSeveral which)
{
    const std::vector<std::string> commands = commandNames();
    if (std::find(commands.begin(), commands.end(), word) != commands.end())
        throw BadValue({.object = word,
            .problem = "is a command and goes first",
            .limit = "manyhands " + word + " ...",
            .advice = helpAdvice(windowDescription())});
    std::error_code ignored;
    const bool isPath = word.find('/') != std::string::npos;
    if (isPath)
        return find_lesson(word, which);

    const std::filesystem::path program = own_lesson_program();
    std::vector<std::string> ids;
    for (const LessonSummary& lesson : describe_lessons(program)) {
        if (lesson.id == word)
            return {.program = program, .id = word};
        ids.push_back(lesson.id);
    }
    throw BadValue({.object = "the first word",
        .problem = "is neither a command nor a lesson",
        .value = word.empty() ? "''" : shown(word),
        .limit = "the commands " + joined(commands) + "; the lessons " + joined(ids)
            + "; the file of a saved run",
        .advice = std::filesystem::exists(word, ignored)
            ? "a lesson program in this folder is named with a '/': ./" + word
            : helpAdvice(windowDescription())});
}

void refuseLessonOptions(const Arguments& given)
{
    for (const char* const option : {"--run", "--json", "--seed"}) {
        if (given.has(option))
            throw BadValue({.object = option,
                .problem = "needs a lesson",
                .limit = "manyhands LESSON " + std::string(option),
                .advice = "manyhands list names the lessons"});
    }
}

} // namespace

int openWindow(const std::vector<std::string>& arguments, int argc, char** argv)
{
    const auto given = parseArguments(windowDescription(), arguments);
    if (!given)
        return exit_code::done;
    WindowOptions options;
    options.run = given->has("--run");
    options.json = given->has("--json");
    if (const auto text = given->value("--seed"))
        options.seed = seedFrom(*text);
    if (given->words.empty()) {
        refuseLessonOptions(*given);
    } else if (namesRunFile(given->words.front())) {
        refuseLessonOptions(*given);
        options.files = given->words;
        std::for_each(options.files.begin(), options.files.end(), checkSavedRun);
    } else {
        // The window lists all of a program's lessons; what is to be run or set has to be named.
        const bool mayChoose = given->words.size() == 1 && !options.run;
        options.lesson
            = lessonNamed(given->words.front(), mayChoose ? OfSeveral::first : OfSeveral::named);
        options.parameters.assign(given->words.begin() + 1, given->words.end());
    }
    if (options.json && !options.run)
        throw BadValue({.object = "--json",
            .problem = "needs --run",
            .limit = "manyhands LESSON --run --json, manyhands run LESSON --json"});
    return windowMain(argc, argv, options);
}

} // namespace manyhands::app
