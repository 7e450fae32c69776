// SPDX-License-Identifier: MIT
#include "engine/program/given.hpp"

#include "engine/os/error.hpp"

#include <utility>

namespace manyhands {
namespace {

ParameterDescription parameter(std::string name, std::string label, ParameterType type)
{
    ParameterDescription description;
    description.name = std::move(name);
    description.label = std::move(label);
    description.type = type;
    return description;
}

template <class T>
const T& value_of(const ParameterValues& values, std::string_view name, const char* kind)
{
    const auto found = values.find(std::string(name));
    const T* const value = found == values.end() ? nullptr : std::get_if<T>(&found->second);
    if (value == nullptr)
        throw Error({.object = "parameter " + std::string(name),
            .problem = "was not declared as " + std::string(kind),
            .advice = "declare it in the options of manyhands::run"});
    return *value;
}

} // namespace

ParameterDescription whole_number(
    std::string name, std::string label, std::int64_t value, std::int64_t least, std::int64_t most)
{
    ParameterDescription description
        = parameter(std::move(name), std::move(label), ParameterType::integer);
    description.default_value = value;
    description.minimum = static_cast<double>(least);
    description.maximum = static_cast<double>(most);
    return description;
}

ParameterDescription worker_count(std::int64_t value, std::int64_t most)
{
    ParameterDescription description = whole_number("workers", "Worker processes", value, 1, most);
    description.workers = true;
    return description;
}

ParameterDescription real_number(
    std::string name, std::string label, double value, double least, double most)
{
    ParameterDescription description
        = parameter(std::move(name), std::move(label), ParameterType::real);
    description.default_value = value;
    description.minimum = least;
    description.maximum = most;
    return description;
}

ParameterDescription choice(std::string name, std::string label, std::vector<std::string> words)
{
    ParameterDescription description
        = parameter(std::move(name), std::move(label), ParameterType::choice);
    description.default_value = words.empty() ? std::string() : words.front();
    description.choices = std::move(words);
    return description;
}

std::int64_t Given::whole(std::string_view name) const
{
    return value_of<std::int64_t>(values_, name, "a whole number");
}

double Given::real(std::string_view name) const
{
    return value_of<double>(values_, name, "a number");
}

const std::string& Given::choice(std::string_view name) const
{
    return value_of<std::string>(values_, name, "a choice");
}

} // namespace manyhands
