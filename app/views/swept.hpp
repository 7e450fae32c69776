// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep has measured, as the views see it.
#pragma once

#include "app/views/run_facts.hpp"
#include "engine/observe/sweep.hpp"

#include <algorithm>
#include <memory>
#include <string_view>

namespace manyhands::app {

/// Whether the run's times say how fast the lesson is. `Marks`: of texts.
template <class Marks>
bool isForMeasuring(const Marks& marks)
{
    constexpr std::string_view spoilt[] = {"partial", "paused", "slowed", "stepped"};
    return std::none_of(std::begin(spoilt), std::end(spoilt), [&](std::string_view mark) {
        return std::find(marks.begin(), marks.end(), mark) != marks.end();
    });
}

/// All but the value.
template <class Marks>
SweptValue sweptValueOf(
    const std::vector<Repeat>& repeats, std::optional<double> sequential_s, const Marks& marks)
{
    SweptValue measured;
    for (const Repeat& repeat : repeats)
        measured.wall_s.push_back(repeat.wall_s);
    measured.sequential_s = sequential_s;
    measured.oversubscribed
        = std::find(marks.begin(), marks.end(), "oversubscribed") != marks.end();
    return measured;
}

/// The lesson's quantity that predicts the best value of a parameter; nullptr where it has none.
const QuantityDescription* predictorOf(
    const LessonDescription& lesson, const std::string& parameter);

/// The quantity's value in a point's run; nothing where it has none.
std::optional<double> quantityOf(const SweepPoint& point, const std::string& quantity);

/// The points that are complete and for measuring, in the order of their values.
std::shared_ptr<const SweptParameter> sweptOf(const Sweep& sweep);

} // namespace manyhands::app
