// SPDX-License-Identifier: MIT
#include "tests/bench/harness.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace manyhands::bench {

Quartiles quartiles(std::vector<double> values)
{
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
        const double position = share * static_cast<double>(values.size() - 1);
        const auto below = static_cast<std::size_t>(position);
        const std::size_t above = std::min(below + 1, values.size() - 1);
        const double part = position - std::floor(position);
        return values[below] + part * (values[above] - values[below]);
    };
    return {at(0.25), at(0.5), at(0.75)};
}

std::optional<bool> Row::met() const
{
    switch (goal) {
    case Goal::none:
        return std::nullopt;
    case Goal::ratio_at_most:
        return ratio && ratio->median <= target;
    case Goal::ratio_at_least:
        return ratio && ratio->median >= target;
    case Goal::value_at_most:
        return ours.median <= target;
    case Goal::value_at_least:
        return ours.median >= target;
    }
    return std::nullopt;
}

Pairs measure_in_turn(
    int count, const std::function<double()>& ours, const std::function<double()>& floor)
{
    ours();
    floor();
    Pairs pairs;
    for (int i = 0; i < count; ++i) {
        pairs.ours.push_back(ours());
        pairs.floor.push_back(floor());
    }
    return pairs;
}

Row paired_row(std::string name, std::string unit, const Pairs& pairs, std::string floor_name)
{
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pairs.ours.size(); ++i)
        ratios.push_back(pairs.ours[i] / pairs.floor[i]);
    return {.name = std::move(name),
        .unit = std::move(unit),
        .samples = pairs.ours.size(),
        .ours = quartiles(pairs.ours),
        .floor_name = std::move(floor_name),
        .floor = quartiles(pairs.floor),
        .ratio = quartiles(std::move(ratios))};
}

} // namespace manyhands::bench
