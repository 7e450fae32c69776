// SPDX-License-Identifier: MIT
// The main of a program of one's own.
#pragma once

#include "engine/program/given.hpp"

#include <functional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace manyhands {

/// What a program says of itself to whoever opens it. All of it may be left out.
struct ProgramOptions
{
    std::string title = {}; ///< the program's file name where it is empty
    std::string text = {}; ///< for the guide, Markdown; the embedded one where it is empty
    std::vector<ParameterDescription> parameters = {};
    bool memory = false; ///< what its processes occupy is sampled
};

/// A function that a program can be: it takes nothing, or what its parameters are set to.
template <class Function>
concept ProgramFunction
    = std::is_invocable_v<Function&> || std::is_invocable_v<Function&, const Given&>;

namespace detail {

int run_program(int argc, char** argv, std::function<void(const Given&)> function,
    ProgramOptions options, const std::source_location& where);

} // namespace detail

/// The main of a program: `return manyhands::run(argc, argv, function);`. Called first; in a worker
/// process it does not return. Answers `--describe` and `--help`, or calls `function` in the main
/// process (once, unless it is to be measured): observed by Manyhands, or alone, with a summary in
/// the terminal behind what it printed. Returns the exit code: 0, or 1 where an exception left the
/// function or it called std::exit. What its processes do outside of any other state is told as
/// computing. The code shown beside its run is what manyhands_add_program() embedded, else the file
/// `where`, as long as that is there and not newer than the program.
template <ProgramFunction Function>
int run(int argc, char** argv, Function function, ProgramOptions options = {},
    const std::source_location& where = std::source_location::current())
{
    if constexpr (std::is_invocable_v<Function&, const Given&>)
        return detail::run_program(argc, argv, std::move(function), std::move(options), where);
    else
        return detail::run_program(
            argc, argv, [function = std::move(function)](const Given&) mutable { function(); },
            std::move(options), where);
}

} // namespace manyhands
