// SPDX-License-Identifier: MIT
// The table of the figures, and the same as JSON.
#pragma once

#include "tests/bench/harness.hpp"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace manyhands::bench {

/// A figure as it was measured, or why it was not.
struct Measured
{
    std::string figure;
    std::vector<Row> rows;
    std::string problem; ///< empty where nothing went wrong
    /// The spin round trip before and behind it, in nanoseconds: what it was between is unknown,
    /// but where the two differ, figures between processes say little.
    std::optional<double> spin_before_ns;
    std::optional<double> spin_behind_ns;
    double seconds = 0; ///< that it took
};

/// What the figures were measured on: CPU, usable CPUs, load, kernel, version.
std::string machine_line();

std::string table_head();
std::string table_lines(const Measured& measured);

nlohmann::json to_json(const std::vector<Measured>& all);

} // namespace manyhands::bench
