// SPDX-License-Identifier: MIT
// What the Python tracer costs: steps of python_traced.py under `manyhands watch` over the same
// alone.
#include "tests/bench/harness.hpp"
#include "tests/bench/programs.hpp"

#include "engine/os/error.hpp"

#include <fstream>
#include <map>
#include <unistd.h>

namespace manyhands::bench {
namespace {

constexpr int rounds = 3;

// What the script measured. It writes a file: standard output is the watched program's as well as
// the command's.
nlohmann::json steps(std::vector<std::string> before)
{
    const std::filesystem::path file = std::filesystem::temp_directory_path()
        / ("manyhands-python-" + std::to_string(::getpid()) + ".json");
    // As a person's Python is set up: what it has compiled it keeps, the tracer too.
    before.insert(before.end(),
        {"-u", "PYTHONDONTWRITEBYTECODE", "python3", MANYHANDS_PYTHON_TRACED, file.string()});
    const std::filesystem::path program = before.front();
    before.erase(before.begin());
    const Output output = run_program(program, before);
    const nlohmann::json json = nlohmann::json::parse(std::ifstream(file), nullptr, false);
    std::filesystem::remove(file);
    if (output.exit != 0 || !json.is_object())
        throw Error({.object = program.string(),
            .problem = "ended with " + std::to_string(output.exit) + " and left no figures"});
    return json;
}

std::vector<Row> measure()
{
    std::map<std::string, Pairs> pairs;
    for (int i = 0; i < rounds; ++i) {
        const nlohmann::json alone = steps({"/usr/bin/env"});
        const nlohmann::json traced
            = steps({built_program("manyhands"), "watch", "--quiet", "--", "/usr/bin/env"});
        for (const auto& [name, value] : alone.items()) {
            pairs[name].ours.push_back(traced.at(name).get<double>());
            pairs[name].floor.push_back(value.get<double>());
        }
    }
    std::vector<Row> rows;
    for (const auto& [name, measured] : pairs)
        rows.push_back(paired_row("Python traced: " + name, "us", measured, "untraced"));
    return rows;
}

} // namespace

const Figure python_tracer = {"python_tracer", measure};

} // namespace manyhands::bench
