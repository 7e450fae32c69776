// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/arguments.hpp"

#include "app/command_line/console.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/session.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace manyhands::app {
namespace {

const OptionDescription helpOption = {"--help", "", "this text"};
const OptionDescription versionOption = {"--version", "", "version and commit"};

/// "--repeat N".
std::string usageOf(const OptionDescription& option)
{
    return option.value.empty() ? option.name : option.name + ' ' + option.value;
}

std::string helpText(const CommandDescription& command)
{
    std::string text;
    for (const std::string& line : command.usage)
        text += (text.empty() ? "Usage: " : "       ") + line + '\n';
    text += command.purpose + "\n\n";
    std::vector<OptionDescription> options = command.options;
    options.insert(options.end(), {helpOption, versionOption});
    TextTable table;
    for (const OptionDescription& option : options)
        table.add({usageOf(option), option.help});
    text += table.text();
    if (!command.more.empty())
        text += '\n' + command.more + '\n';
    return text;
}

/// "--repeat, --seed, --help and …": what the command has.
std::string optionNames(const CommandDescription& command)
{
    std::string names;
    for (const OptionDescription& option : command.options)
        names += option.name + ", ";
    return names + helpOption.name + ", " + versionOption.name;
}

/// An option without its value, a switch with one, an option twice: CLI11's `message` names it.
[[noreturn]] void refuseUse(const CommandDescription& command, const std::string& message)
{
    for (const OptionDescription& option : command.options) {
        const std::string bareName = option.name.substr(2);
        if (message.starts_with(option.name + ':') || message.starts_with(bareName + ' '))
            throw BadValue({.object = option.name,
                .problem = option.value.empty() ? "takes no value" : "takes one value, once",
                .limit = usageOf(option),
                .advice = helpAdvice(command)});
    }
    throw BadValue({.object = message, .advice = helpAdvice(command)});
}

[[noreturn]] void refuseOption(const CommandDescription& command, const std::string& option)
{
    throw BadValue({.object = command.name.empty() ? "option" : command.name + ": option",
        .problem = "is unknown",
        .value = shown(option),
        .limit = optionNames(command),
        .advice = helpAdvice(command)});
}

} // namespace

std::optional<std::string> Arguments::value(std::string_view option) const
{
    const auto found = options.find(option);
    if (found == options.end() || found->second.empty())
        return std::nullopt;
    return found->second.back();
}

std::vector<std::string> Arguments::values(std::string_view option) const
{
    const auto found = options.find(option);
    return found == options.end() ? std::vector<std::string>() : found->second;
}

std::string helpAdvice(const CommandDescription& command)
{
    return "see manyhands " + (command.name.empty() ? "" : command.name + ' ') + "--help";
}

std::optional<Arguments> parseArguments(
    const CommandDescription& command, const std::vector<std::string>& arguments)
{
    // Words stay with us as they are: CLI11 reads a vector out of "[a,b]" and "{}".
    CLI::App parser;
    parser.allow_extras();
    parser.set_help_flag("-h,--help");
    parser.set_version_flag("--version", std::string());
    std::map<std::string, std::vector<std::string>> values;
    std::map<std::string, CLI::Option*> options;
    for (const OptionDescription& option : command.options) {
        if (option.value.empty()) {
            options[option.name] = parser.add_flag(option.name)->disable_flag_override();
        } else {
            // One value each time, or `--figure a=b workers=4` would take the parameter with it.
            options[option.name] = parser.add_option(option.name, values[option.name])
                                       ->expected(1)
                                       ->allow_extra_args(false)
                                       ->multi_option_policy(option.many
                                               ? CLI::MultiOptionPolicy::TakeAll
                                               : CLI::MultiOptionPolicy::Throw);
        }
    }
    try {
        parser.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        print(helpText(command));
        return std::nullopt;
    } catch (const CLI::CallForVersion&) {
        const Machine machine = this_machine();
        print("manyhands " + machine.version + " (commit " + machine.commit + ")\n");
        return std::nullopt;
    } catch (const CLI::Error& error) {
        refuseUse(command, error.what());
    }

    Arguments given;
    bool wordsOnly = false;
    for (const std::string& word : parser.remaining()) {
        if (!wordsOnly && word == "--")
            wordsOnly = true;
        else if (!wordsOnly && word.size() > 1 && word.front() == '-')
            refuseOption(command, word);
        else
            given.words.push_back(word);
    }
    for (const auto& [name, option] : options) {
        if (option->count() > 0)
            given.options[name] = values[name];
    }
    return given;
}

} // namespace manyhands::app
