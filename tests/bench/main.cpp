// SPDX-License-Identifier: MIT
// manyhands-bench: how fast we are, how near the limit, and on what machine. Prints a table, a
// figure at a time. Ends with 0 whatever the figures are, with 1 where one could not be measured.
#include "engine/description/exit_codes.hpp"
#include "engine/os/clock.hpp"
#include "tests/bench/harness.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/spin.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>

namespace manyhands::bench {
namespace {

Measured measure(const Figure& figure)
{
    Measured measured;
    measured.figure = figure.name;
    const std::int64_t begin = os::monotonic_ns();
    try {
        measured.spin_before_ns = spin_round_trip_ns();
        measured.rows = figure.measure();
        measured.spin_behind_ns = spin_round_trip_ns();
    } catch (const std::exception& error) {
        measured.problem = error.what();
    }
    measured.seconds = static_cast<double>(os::monotonic_ns() - begin) / 1e9;
    return measured;
}

int run(int argc, char** argv)
{
    // Short ones first: what goes wrong, goes wrong soon.
    std::vector<Figure> figures
        = {event_recorded, event_untraced, events_sustained, spawn, fork, forkserver, lock, map,
            imap, apply, manager, pipe_round_trip, queue, run_files, window, frames,
            drawn_figures, primes, python_tracer, watching};
    std::vector<std::string> names;
    for (const Figure& figure : figures)
        names.emplace_back(figure.name);
    std::vector<std::string> wanted;
    bool json = false;
    CLI::App app("Measures Manyhands against the floor that this machine allows, and its peers.");
    app.add_option("--figure", wanted, "Only this one; may be given again")
        ->check(CLI::IsMember(names))
        ->allow_extra_args(false);
    app.add_flag("--json", json, "Print JSON in place of the table");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_code::done : exit_code::usage;
    }
    if (!wanted.empty())
        std::erase_if(figures, [&](const Figure& figure) {
            return std::find(wanted.begin(), wanted.end(), figure.name) == wanted.end();
        });

    // No figure is to depend on a display.
    ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    if (!json)
        std::printf("%s\n\n%s", machine_line().c_str(), table_head().c_str());
    std::vector<Measured> all;
    for (const Figure& figure : figures) {
        // What is forked must find nothing to print.
        std::fflush(stdout);
        all.push_back(measure(figure));
        if (!json)
            std::printf("%s", table_lines(all.back()).c_str());
    }
    if (json)
        std::printf("%s\n", to_json(all).dump(2).c_str());
    const bool complete = std::all_of(
        all.begin(), all.end(), [](const Measured& one) { return one.problem.empty(); });
    return complete ? exit_code::done : exit_code::failed;
}

} // namespace
} // namespace manyhands::bench

int main(int argc, char** argv)
{
    return manyhands::bench::run(argc, argv);
}
