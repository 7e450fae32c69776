// SPDX-License-Identifier: MIT
#include "tests/lessons/test_lessons.hpp"

#include <string_view>

namespace manyhands::test_lessons {

ParameterDescription whole_number(
    const char* name, std::int64_t default_value, double minimum, double maximum)
{
    ParameterDescription parameter;
    parameter.name = name;
    parameter.label = name;
    parameter.help = "For tests.";
    parameter.default_value = default_value;
    parameter.minimum = minimum;
    parameter.maximum = maximum;
    parameter.workers = std::string_view(name) == "workers";
    return parameter;
}

} // namespace manyhands::test_lessons
