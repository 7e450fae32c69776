// SPDX-License-Identifier: MIT
// The programs that figures start: those of the build, lessons made for benchmarks, and Python.
#pragma once

#include "tests/bench/harness.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::bench {

/// A program that the build put beside this one. Throws MachineLacks where it is not there.
std::filesystem::path built_program(std::string_view name);

struct Output
{
    std::string text; ///< what it wrote to standard output
    int exit = 0; ///< as in Python
};

/// Runs a program to its end.
Output run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments);

/// The same for one that prints a JSON object and ends with 0; throws Error for any other.
nlohmann::json json_of_program(
    const std::filesystem::path& program, const std::vector<std::string>& arguments);

/// Runs a lesson of manyhands-bench-lesson, observed as the app would; returns its
/// result. Throws Error where the run did not end well.
nlohmann::json result_of_lesson(
    const std::string& id, const std::vector<std::string>& parameters = {}, bool traced = true);

/// The figure of python_peer.py, in the unit that it prints.
Peer python_peer(const std::string& figure);

} // namespace manyhands::bench
