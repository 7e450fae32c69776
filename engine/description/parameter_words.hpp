// SPDX-License-Identifier: MIT
// Values of a lesson's parameters as the words that set them.
#pragma once

#include "engine/description/lesson_description.hpp"

#include <string>
#include <vector>

namespace manyhands {

/// Which parameters are told.
enum class ToldParameters {
    all,
    changed, ///< those that are not at their defaults
};

/// "limit=1000", "workers=2": what LessonDescription::parse() makes `values` of again, in the order
/// of the lesson's parameters. Values that are missing are left out.
std::vector<std::string> parameter_words(const LessonDescription& lesson,
    const ParameterValues& values, ToldParameters told = ToldParameters::all);

} // namespace manyhands
