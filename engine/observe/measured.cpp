// SPDX-License-Identifier: MIT
#include "engine/observe/measured.hpp"

#include "engine/analysis/speedup.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
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

std::optional<Measured> general(const FinishedRun& run, std::string_view name)
{
    std::vector<double> values;
    for (const Repeat& repeat : run.repeats) {
        if (name == "wall_s")
            values.push_back(repeat.wall_s);
        else if (name == "sequential_s" && repeat.sequential_s)
            values.push_back(*repeat.sequential_s);
        else if ((name == "speedup" || name == "efficiency") && repeat.speedup)
            values.push_back(*repeat.speedup);
    }
    if (name == "efficiency") {
        const int workers = run_object(run).at("workers").get<int>();
        if (workers < 1)
            return std::nullopt;
        for (double& value : values)
            value /= workers;
    }
    return median_of(values, name.ends_with("_s") ? "s" : name == "speedup" ? "×" : "");
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
