// SPDX-License-Identifier: MIT
#include "engine/observe/measured.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace manyhands {
namespace {

std::optional<Measured> median_of(const std::vector<double>& values, std::string unit)
{
    if (values.empty())
        return std::nullopt;
    Measured figure;
    figure.value = *median(values);
    figure.samples = static_cast<int>(values.size());
    figure.unit = std::move(unit);
    if (values.size() > 1) {
        figure.low = quantile(values, 0.25);
        figure.high = quantile(values, 0.75);
    }
    return figure;
}

/// S of the medians, as the run object has it; its spread is that of the repeats.
std::optional<Measured> speedup_of(const FinishedRun& run)
{
    std::vector<double> walls;
    std::vector<double> ratios;
    for (const Repeat& repeat : run.repeats) {
        walls.push_back(repeat.wall_s);
        if (repeat.speedup)
            ratios.push_back(*repeat.speedup);
    }
    const auto ratio = speedup(run.sequential_s.value_or(0), median(walls).value_or(0));
    std::optional<Measured> figure = median_of(ratios, "×");
    if (!figure || !ratio)
        return std::nullopt;
    figure->value = *ratio;
    return figure;
}

std::optional<Measured> efficiency_of(const FinishedRun& run)
{
    std::optional<Measured> figure = speedup_of(run);
    const int workers = workers_of(run);
    if (!figure || workers < 1)
        return std::nullopt;
    figure->value /= workers;
    for (std::optional<double>* const end : {&figure->low, &figure->high}) {
        if (*end)
            **end /= workers;
    }
    figure->unit.clear();
    return figure;
}

std::optional<Measured> general(const FinishedRun& run, std::string_view name)
{
    if (name == "speedup")
        return speedup_of(run);
    if (name == "efficiency")
        return efficiency_of(run);
    std::vector<double> values;
    for (const Repeat& repeat : run.repeats) {
        if (name == "wall_s")
            values.push_back(repeat.wall_s);
        else if (name == "sequential_s" && repeat.sequential_s)
            values.push_back(*repeat.sequential_s);
    }
    return median_of(values, "s");
}

} // namespace

std::optional<Measured> measured(const FinishedRun& run, std::string_view name)
{
    const auto& described = run.description.quantities;
    const auto known = std::find_if(described.begin(), described.end(),
        [name](const QuantityDescription& one) { return one.name == name; });
    if (known == described.end())
        return general(run, name);
    if (!run.document)
        return std::nullopt;
    for (const Quantity& quantity : run.document->quantities) {
        if (quantity.name == name && quantity.value)
            return Measured{
                *quantity.value, quantity.low, quantity.high, quantity.samples, known->unit};
    }
    return std::nullopt;
}

Verdict judged(const PredictionDescription& description, const Prediction& prediction,
    const std::optional<Measured>& measurement)
{
    if (!measurement)
        return Verdict::unknown;
    const double value = measurement->value;
    if (description.kind == PredictionKind::choice) {
        if (!prediction.choice || *prediction.choice >= description.choices.size())
            return Verdict::unknown;
        const PredictionChoice& choice = description.choices[*prediction.choice];
        return choice.low <= value && value <= choice.high ? Verdict::right : Verdict::other;
    }
    if (!prediction.value)
        return Verdict::unknown;
    const double allowed = std::abs(value) * description.tolerance;
    double low = measurement->low.value_or(value);
    double high = measurement->high.value_or(value);
    if (high - low < allowed / 10) {
        low = value - allowed;
        high = value + allowed;
    }
    if (*prediction.value < low)
        return Verdict::too_low;
    return *prediction.value > high ? Verdict::too_high : Verdict::right;
}

} // namespace manyhands
