// SPDX-License-Identifier: GPL-3.0-or-later
// `manyhands doctor`: what this machine has, and what is missing.
#include "app/command_line/arguments.hpp"
#include "app/command_line/commands.hpp"
#include "app/command_line/console.hpp"
#include "app/command_line/machine_checks.hpp"
#include "app/command_line/plain_text.hpp"
#include "engine/description/exit_codes.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/observe/lesson_program.hpp"

#include <algorithm>

namespace manyhands::app {
namespace {

using State = MachineCheck::State;

constexpr int schema = 1;

const char* signOf(State state)
{
    switch (state) {
    case State::fine:
        return "✓";
    case State::poor:
        return "!";
    case State::missing:
        break;
    }
    return "✕";
}

const char* wordFor(State state)
{
    switch (state) {
    case State::fine:
        return "fine";
    case State::poor:
        return "poor";
    case State::missing:
        break;
    }
    return "missing";
}

std::size_t countOf(const std::vector<MachineCheck>& checks, State state)
{
    return static_cast<std::size_t>(std::count_if(checks.begin(), checks.end(),
        [&](const MachineCheck& check) { return check.state == state; }));
}

nlohmann::json jsonOf(const std::vector<MachineCheck>& checks)
{
    nlohmann::json list = nlohmann::json::array();
    for (const MachineCheck& check : checks) {
        list.push_back(
            {{"name", check.name}, {"state", wordFor(check.state)}, {"found", check.found},
                {"advice",
                    check.advice.empty() ? nlohmann::json(nullptr) : nlohmann::json(check.advice)},
                {"values", check.values}});
    }
    return {{"schema", schema}, {"usable", countOf(checks, State::missing) == 0},
        {"checks", std::move(list)}};
}

std::string textOf(const std::vector<MachineCheck>& checks)
{
    TextTable table({}, {});
    for (const MachineCheck& check : checks) {
        table.add({signOf(check.state), check.title,
            check.found + (check.advice.empty() ? "" : "; " + check.advice)});
    }
    const std::size_t missing = countOf(checks, State::missing);
    const std::size_t poor = countOf(checks, State::poor);
    std::string sum = missing == 0
        ? "Everything that is needed is there"
        : countText(missing, "thing is", "things are") + " missing that lessons need (✕)";
    if (poor > 0)
        sum += "; " + countText(poor, "thing", "things") + " could be better (!)";
    return table.text() + sum + ".\n";
}

} // namespace

int doctorCommand(const std::vector<std::string>& arguments)
{
    const CommandDescription command = {
        .name = "doctor",
        .usage = {"manyhands doctor [--json]"},
        .purpose
        = "Looks at what this machine has, one thing a line: ✓ fine, ! works less well or\n"
          "in part, ✕ missing, and what to do about it. Ends with 3 where something is\n"
          "missing, else with 0. Needs no display.",
        .options = {{"--json", "", "print one object with a list of checks"}},
        .more = {},
    };
    const auto given = parseArguments(command, arguments);
    if (!given)
        return exit_code::done;
    if (!given->words.empty())
        throw BadValue({.object = "doctor",
            .problem = "takes no words",
            .value = shown(given->words.front()),
            .limit = "doctor, doctor --json",
            .advice = helpAdvice(command)});

    const std::vector<MachineCheck> checks = checkMachine();
    if (given->has("--json"))
        printJson(jsonOf(checks));
    else
        print(textOf(checks));
    return countOf(checks, State::missing) == 0 ? exit_code::done : exit_code::machine_lacks;
}

} // namespace manyhands::app
