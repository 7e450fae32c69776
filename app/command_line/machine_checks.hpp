// SPDX-License-Identifier: GPL-3.0-or-later
// What is looked at on a machine, and what it means for the program.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace manyhands::app {

/// One thing that was looked at.
struct MachineCheck
{
    enum class State {
        fine,
        poor, ///< something works less well, or only a part of the program
        missing, ///< lessons do not run, or nothing can be shown of them
    };

    std::string name; ///< "cpus", for scripts
    std::string title; ///< "CPUs"
    State state = State::fine;
    std::string found; ///< a clause: "2 usable of 4"
    std::string advice; ///< what to do; empty where there is nothing to be done
    nlohmann::json values = nlohmann::json::object(); ///< the numbers of `found`
};

/// Looks at everything. Shows nothing and needs no display; makes an application object that draws
/// nowhere.
std::vector<MachineCheck> checkMachine();

} // namespace manyhands::app
