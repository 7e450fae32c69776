// SPDX-License-Identifier: MIT
// The words behind a lesson program's name.
#pragma once

#include "engine/os/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {

/// What a lesson program is asked to do.
struct ProgramArguments
{
    bool describe = false;
    bool check = false; ///< carry out the check runs of the lesson, or of all
    int check_limit_s = 300; ///< of each of them
    std::string language = "en";
    std::string lesson; ///< empty: all (describe), or none was named
    std::vector<std::string> parameters;
    std::uint64_t seed = 1;
    std::optional<int> repeats;
    bool traced = true;
    int segment = -1; ///< descriptors that an observer hands over
    int lifeline = -1;
    int document_pipe = -1; ///< the result document goes there instead of a summary
    std::optional<double> sequential_s; ///< a baseline that the observer knows, with its work
    std::uint64_t sequential_work = 0;
};

/// The arguments, or what is to be printed instead of a run (`--help`, `--version`).
struct ParsedArguments
{
    ProgramArguments arguments;
    std::optional<std::string> answer;
    bool is_help = false;
};

/// Throws BadValue, one line, for what cannot be understood.
ParsedArguments parse_arguments(int argc, char** argv);

} // namespace manyhands
