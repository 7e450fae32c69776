// SPDX-License-Identifier: MIT
#include "engine/description/parameter_words.hpp"

namespace manyhands {

std::vector<std::string> parameter_words(
    const LessonDescription& lesson, const ParameterValues& values, ToldParameters told)
{
    std::vector<std::string> words;
    for (const ParameterDescription& parameter : lesson.parameters) {
        const auto value = values.find(parameter.name);
        if (value == values.end())
            continue;
        if (told == ToldParameters::all || value->second != parameter.default_value)
            words.push_back(parameter.name + '=' + to_text(value->second));
    }
    return words;
}

} // namespace manyhands
