// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/command_line.hpp"

#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/observe/lesson_program.hpp"

#include <algorithm>
#include <exception>
#include <new>

namespace manyhands::app {
namespace {

struct Command
{
    const char* name;
    int (*run)(const std::vector<std::string>& arguments);
};

constexpr Command commands[] = {
    {"list", listCommand},
    {"describe", describeCommand},
    {"export", exportCommand},
    {"run", runCommand},
    {"sweep", sweepCommand},
    {"compare", compareCommand},
    {"doctor", doctorCommand},
};

/// It may open the window, and its words may be anything.
constexpr const char* watchName = "watch";

int dispatch(int argc, char** argv)
{
    std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    // The first word: options may stand before it.
    const auto word = std::find_if(arguments.begin(), arguments.end(),
        [](const std::string& argument) { return !argument.starts_with('-'); });
    for (const Command& command : commands) {
        if (word != arguments.end() && *word == command.name) {
            arguments.erase(word);
            return command.run(arguments);
        }
    }
    if (word != arguments.end() && *word == watchName) {
        arguments.erase(word);
        return watchCommand(arguments, argc, argv);
    }
    return openWindow(arguments, argc, argv);
}

} // namespace

std::vector<std::string> commandNames()
{
    std::vector<std::string> names;
    for (const Command& command : commands)
        names.emplace_back(command.name);
    names.emplace_back(watchName);
    return names;
}

int commandLine(int argc, char** argv)
{
    try {
        return dispatch(argc, argv);
    } catch (const BadValue& error) {
        printError(error.what());
        return exit_code::usage;
    } catch (const MachineLacks& error) {
        printError(error.what());
        return exit_code::machine_lacks;
    } catch (const std::bad_alloc&) {
        printError("out of memory");
        return exit_code::machine_lacks;
    } catch (const std::exception& error) {
        printError(error.what());
        return exit_code::failed;
    }
}

} // namespace manyhands::app
