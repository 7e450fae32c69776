// SPDX-License-Identifier: MIT
#include "tests/bench/report.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/machine.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace manyhands::bench {
namespace {

// Three digits that count.
std::string number(double value)
{
    const double size = std::fabs(value);
    const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string number(const Quartiles& value)
{
    return number(value.median);
}

std::string ratio_text(double value)
{
    char text[64];
    std::snprintf(text, sizeof text, "%.3f", value);
    return text;
}

std::string target_text(const Row& row)
{
    switch (row.goal) {
    case Goal::none:
        return "-";
    case Goal::ratio_at_most:
        return "ratio <= " + number(row.target);
    case Goal::ratio_at_least:
        return "ratio >= " + number(row.target);
    case Goal::value_at_most:
        return "ours <= " + number(row.target);
    case Goal::value_at_least:
        return "ours >= " + number(row.target);
    }
    return {};
}

std::string verdict(const Row& row)
{
    const std::optional<bool> met = row.met();
    return !met ? "-" : *met ? "met" : "MISSED";
}

std::string spread(const Row& row)
{
    std::string text = number(row.ours.first) + ".." + number(row.ours.third);
    if (row.floor)
        text += " / " + number(row.floor->first) + ".." + number(row.floor->third);
    if (row.ratio)
        text += " = " + ratio_text(row.ratio->first) + ".." + ratio_text(row.ratio->third);
    return text + " (" + std::to_string(row.samples) + ")";
}

std::string line(const std::array<std::string, 8>& cells)
{
    constexpr std::array<int, 7> widths = {51, 5, 8, 8, 7, 14, 7};
    std::string text;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const bool is_number = i >= 2 && i <= 4;
        char cell[128];
        std::snprintf(
            cell, sizeof cell, is_number ? "%*s  " : "%-*s  ", widths[i], cells[i].c_str());
        text += cell;
    }
    return text + cells.back() + '\n';
}

std::string peer_line(const Row& row, const Peer& peer)
{
    std::string text = "  " + peer.name + ": ";
    if (!peer.value)
        return text + peer.missing + '\n';
    text += number(*peer.value) + ' ' + row.unit;
    return text + ", " + number(*peer.value / row.ours.median) + " times ours\n";
}

nlohmann::json to_json(const std::optional<Quartiles>& value)
{
    if (!value)
        return nullptr;
    return {{"first_quartile", value->first}, {"median", value->median},
        {"third_quartile", value->third}};
}

template <class Value>
nlohmann::json or_null(const std::optional<Value>& value)
{
    return value ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json to_json(const Row& row)
{
    nlohmann::json peers = nlohmann::json::array();
    for (const Peer& peer : row.peers)
        peers.push_back(
            {{"name", peer.name}, {"value", or_null(peer.value)}, {"missing", peer.missing}});
    return {{"name", row.name}, {"unit", row.unit}, {"samples", row.samples},
        {"ours", to_json(std::optional(row.ours))}, {"floor", to_json(row.floor)},
        {"floor_name", row.floor_name}, {"ratio", to_json(row.ratio)},
        {"target", row.goal == Goal::none ? nlohmann::json() : nlohmann::json(target_text(row))},
        {"met", or_null(row.met())}, {"peers", peers}, {"note", row.note}};
}

} // namespace

std::string machine_line()
{
    const Machine machine = this_machine();
    std::array<double, 3> load = {};
    if (::getloadavg(load.data(), static_cast<int>(load.size())) < 0)
        load = {};
    const bool counter = os::calibrate_clock().source == os::ClockSource::cycle_counter;
    return machine.cpu + ", " + std::to_string(machine.usable_cpus) + " usable CPUs of "
        + std::to_string(machine.logical_cpus) + ", load " + number(load[0]) + ' ' + number(load[1])
        + ' ' + number(load[2]) + ", " + machine.kernel + ", clock "
        + (counter ? "cycle counter" : "CLOCK_MONOTONIC") + ", Manyhands " + machine.version + " ("
        + machine.commit + ")";
}

std::string table_head()
{
    return line({"figure", "unit", "ours", "floor", "ratio", "target", "verdict",
        "quartiles: ours / floor = ratio (samples)"});
}

std::string table_lines(const Measured& measured)
{
    if (!measured.problem.empty())
        return measured.figure + ": could not be measured: " + measured.problem + '\n';
    std::string text;
    for (const Row& row : measured.rows) {
        text += line({row.name, row.unit, number(row.ours), row.floor ? number(*row.floor) : "-",
            row.ratio ? ratio_text(row.ratio->median) : "-", target_text(row), verdict(row),
            spread(row)});
        if (!row.floor_name.empty())
            text += "  floor: " + row.floor_name + '\n';
        for (const Peer& peer : row.peers)
            text += peer_line(row, peer);
        if (!row.note.empty())
            text += "  " + row.note + '\n';
    }
    if (measured.spin_before_ns && measured.spin_behind_ns)
        text += "  spin round trip " + number(*measured.spin_before_ns) + " ns before, "
            + number(*measured.spin_behind_ns) + " ns behind\n";
    return text;
}

nlohmann::json to_json(const std::vector<Measured>& all)
{
    nlohmann::json figures = nlohmann::json::array();
    for (const Measured& measured : all) {
        nlohmann::json rows = nlohmann::json::array();
        for (const Row& row : measured.rows)
            rows.push_back(to_json(row));
        figures.push_back({{"figure", measured.figure}, {"rows", rows},
            {"problem", measured.problem}, {"spin_before_ns", or_null(measured.spin_before_ns)},
            {"spin_behind_ns", or_null(measured.spin_behind_ns)}, {"seconds", measured.seconds}});
    }
    return {{"machine", machine_line()}, {"figures", figures}};
}

} // namespace manyhands::bench
