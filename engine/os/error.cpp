// SPDX-License-Identifier: MIT
#include "engine/os/error.hpp"

namespace manyhands {
namespace {

std::string one_line(const ErrorDetails& details)
{
    std::string text = details.object;
    if (!details.problem.empty())
        text += (text.empty() ? "" : " ") + details.problem;
    if (!details.value.empty())
        text += ": " + details.value;
    if (!details.limit.empty())
        text += " (allowed: " + details.limit + ")";
    if (details.code)
        text += ": " + details.code.message();
    if (!details.advice.empty())
        text += "; " + details.advice;
    return text;
}

} // namespace

Error::Error(ErrorDetails details)
    : std::runtime_error(one_line(details))
    , details_(std::move(details))
{
}

Error system_error(std::string object, std::string problem, int error_number)
{
    return Error({.object = std::move(object),
        .problem = std::move(problem),
        .value = {},
        .limit = {},
        .advice = {},
        .code = std::error_code(error_number, std::generic_category())});
}

} // namespace manyhands
