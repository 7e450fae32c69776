// SPDX-License-Identifier: GPL-3.0-or-later
// A command's arguments, taken apart, and its help; the one place that knows CLI11.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::app {

/// An option of a command.
struct OptionDescription
{
    std::string name;  ///< "--repeat"
    std::string value; ///< what stands behind it: "N"; empty for a switch
    std::string help;  ///< one line
    bool many = false; ///< may be given more than once
};

/// A command as its help shows it.
struct CommandDescription
{
    std::string name; ///< "run"; empty for the program as a whole
    std::vector<std::string> usage; ///< lines
    std::string purpose;
    std::vector<OptionDescription> options; ///< besides --help and --version
    std::string more;                       ///< paragraphs at the help's end
};

/// What a command was given: words, and options with their values as text.
struct Arguments
{
    std::vector<std::string> words;
    std::map<std::string, std::vector<std::string>, std::less<>> options;

    bool has(std::string_view option) const { return options.contains(option); }
    /// The value of an option; nothing where it was not given.
    std::optional<std::string> value(std::string_view option) const;
    std::vector<std::string> values(std::string_view option) const;
};

/// Takes `arguments` apart. Answers --help and --version itself, and returns nothing then. Throws
/// BadValue that names the argument which the command does not have.
std::optional<Arguments> parseArguments(
    const CommandDescription& command, const std::vector<std::string>& arguments);

/// "see manyhands run --help": what an error about the usage of a command ends with.
std::string helpAdvice(const CommandDescription& command);

} // namespace manyhands::app
