// SPDX-License-Identifier: MIT
// What a figure is, and how it is measured: ours and the floor under it in turn, so that both see
// the same minutes of the same machine.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands::bench {

/// The median of some samples, and the quartiles beside it.
struct Quartiles
{
    double first = 0;
    double median = 0;
    double third = 0;
};

/// Of at least one value.
Quartiles quartiles(std::vector<double> values);

/// What a row is held to; `none` only reports.
enum class Goal { none, ratio_at_most, ratio_at_least, value_at_most, value_at_least };

/// Another system's figure for the same thing.
struct Peer
{
    std::string name;
    std::optional<double> value; ///< in the row's unit; nothing: `missing` says why
    std::string missing;
};

/// A line of the table.
struct Row
{
    std::string name;
    std::string unit;
    std::size_t samples = 0;
    Quartiles ours = {};
    std::string floor_name = {}; ///< what the floor is; empty where there is none
    std::optional<Quartiles> floor = {};
    std::optional<Quartiles> ratio = {}; ///< ours over the floor, pair by pair
    Goal goal = Goal::none;
    double target = 0;
    std::vector<Peer> peers = {};
    std::string note = {};

    /// Whether the target is met; nothing where there is none.
    std::optional<bool> met() const;
};

/// Samples taken in turn: the i-th of both belong together.
struct Pairs
{
    std::vector<double> ours;
    std::vector<double> floor;
};

/// Takes `count` pairs, ours first, after one pair that does not count.
Pairs measure_in_turn(
    int count, const std::function<double()>& ours, const std::function<double()>& floor);

/// A row whose ratio is that of the pairs.
Row paired_row(std::string name, std::string unit, const Pairs& pairs, std::string floor_name);

/// A part of the table that is measured as a whole.
struct Figure
{
    std::string_view name; ///< for --figure
    /// Throws Error where it cannot be measured.
    std::vector<Row> (*measure)();
};

extern const Figure event_recorded;
extern const Figure event_untraced;
extern const Figure events_sustained;
extern const Figure queue;
extern const Figure spawn;
extern const Figure fork;
extern const Figure forkserver;
extern const Figure lock;
extern const Figure manager;
extern const Figure map;
extern const Figure apply;
extern const Figure pipe_round_trip;
extern const Figure imap;
extern const Figure primes;
extern const Figure python_tracer;
extern const Figure run_files;
extern const Figure drawn_figures;
extern const Figure frames;
extern const Figure window;
extern const Figure watching;

} // namespace manyhands::bench
