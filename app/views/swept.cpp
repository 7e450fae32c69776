// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/swept.hpp"

namespace manyhands::app {

const QuantityDescription* predictorOf(
    const LessonDescription& lesson, const std::string& parameter)
{
    const auto found = std::find_if(lesson.quantities.begin(), lesson.quantities.end(),
        [&](const QuantityDescription& quantity) {
            return quantity.kind == "predicted_best" && quantity.parameter == parameter;
        });
    return found == lesson.quantities.end() ? nullptr : &*found;
}

std::optional<double> quantityOf(const SweepPoint& point, const std::string& quantity)
{
    const nlohmann::json& quantities = point.run.at("quantities");
    const auto found = quantities.find(quantity);
    if (found == quantities.end() || !found->is_number())
        return std::nullopt;
    return found->get<double>();
}

std::shared_ptr<const SweptParameter> sweptOf(const Sweep& sweep)
{
    const LessonDescription& lesson = sweep.session().options().description;
    const ParameterDescription* const parameter = lesson.parameter(sweep.parameter());
    if (parameter == nullptr)
        return nullptr;
    auto swept = std::make_shared<SweptParameter>(SweptParameter{
        .parameter = *parameter, .values = {}, .predictor = {}, .predictedBest = {}});
    const QuantityDescription* const predictor = predictorOf(lesson, parameter->name);
    if (predictor != nullptr)
        swept->predictor = *predictor;
    for (const SweepPoint& point : sweep.points()) {
        const nlohmann::json& marks = point.run.at("marks");
        if (!isForMeasuring(marks) || point.state != RunState::done || point.repeats.empty())
            continue;
        swept->values.push_back(sweptValueOf(point.repeats, point.sequential_s, marks));
        swept->values.back().value = point.value;
        if (predictor == nullptr)
            continue;
        if (const auto best = quantityOf(point, predictor->name))
            swept->predictedBest = best;
    }
    std::sort(swept->values.begin(), swept->values.end(),
        [](const SweptValue& one, const SweptValue& other) { return one.value < other.value; });
    return swept;
}

} // namespace manyhands::app
