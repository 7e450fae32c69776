// SPDX-License-Identifier: MIT
#include "engine/program/command_line.hpp"

#include "engine/os/machine_details.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>

namespace manyhands {

ParsedArguments parse_arguments(int argc, char** argv)
{
    ParsedArguments parsed;
    ProgramArguments& arguments = parsed.arguments;
    const std::string name
        = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "manyhands-lesson";
    CLI::App app("Runs in this terminal and says what its processes did; describes or checks it.\n"
                 "To see it run: manyhands PATH",
        name);
    app.set_version_flag("--version", version_text(this_machine()));
    int repeats = 0;
    double sequential_s = 0;
    bool untraced = false;
    app.add_option("lesson", arguments.lesson, "The lesson's id, where the program has several");
    app.add_option("parameters", arguments.parameters, "Its parameters: name=value");
    app.add_flag(
        "--describe", arguments.describe, "Print what the lesson is, or all of them, as JSON");
    app.add_flag("--check", arguments.check,
        "Run the lesson, or all of them, at small sizes and say which of their claims held: ends "
        "with 0 where all did, else with 1");
    app.add_option("--check-limit", arguments.check_limit_s, "Seconds that each of those may take")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    app.add_option("--language", arguments.language, "Language of the description");
    app.add_option("--seed", arguments.seed, "Seed of whatever is random");
    auto* const repeat = app.add_option("--repeat", repeats,
                                "Measure: a warm-up, then so many baselines and repeats in turn")
                             ->check(CLI::Range(1, 1000));
    app.add_flag("--no-trace", untraced, "Record no events");
    // What an observer hands over is none of a person's business.
    app.add_option("--observe-segment", arguments.segment)->group("");
    app.add_option("--observe-lifeline", arguments.lifeline)->group("");
    app.add_option("--document-pipe", arguments.document_pipe)->group("");
    auto* const known = app.add_option("--sequential-s", sequential_s)->group("");
    app.add_option("--sequential-work", arguments.sequential_work)->group("");
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        parsed.answer = app.help();
        parsed.is_help = true;
    } catch (const CLI::CallForVersion&) {
        parsed.answer = app.version() + "\n";
    } catch (const CLI::ParseError& error) {
        throw BadValue(
            {.object = "arguments:", .problem = error.what(), .advice = "see " + name + " --help"});
    }
    if (arguments.check && !arguments.parameters.empty()) {
        throw BadValue({.object = "arguments:",
            .problem = "--check brings its own parameters, and got",
            .value = arguments.parameters.front()});
    }
    arguments.traced = !untraced;
    if (repeat->count() > 0)
        arguments.repeats = repeats;
    if (known->count() > 0)
        arguments.sequential_s = sequential_s;
    return parsed;
}

} // namespace manyhands
