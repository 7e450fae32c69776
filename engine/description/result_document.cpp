// SPDX-License-Identifier: MIT
#include "engine/description/result_document.hpp"

#include "engine/description/json_list.hpp"
#include "engine/description/shown_text.hpp"

#include <cmath>
#include <cstddef>
#include <limits>

namespace manyhands {
namespace {

// What a document may hold. It comes through main's text area of 1 MiB, so sizes are bounded
// there; counts and nesting are bounded here.
constexpr std::size_t most_quantities = 256;
constexpr std::size_t most_checks = 256;
constexpr std::size_t most_failures = 10'000;
constexpr int most_samples = 1'000'000;
constexpr int most_levels_of_a_result = 32;

nlohmann::json to_json(const Failure& failure)
{
    // Arguments and texts of exceptions may hold any bytes; the document must be readable still.
    return {{"process", plain_text(failure.process)}, {"pid", failure.pid},
        {"task", failure.task ? nlohmann::json(*failure.task) : nlohmann::json()},
        {"argument", plain_text(failure.argument)}, {"kind", failure.kind},
        {"value", failure.value}, {"text", plain_text(failure.text)}};
}

/// `result` with what no JSON text can hold replaced: bytes that are not UTF-8, infinite numbers.
nlohmann::json writable(const nlohmann::json& result)
{
    return nlohmann::json::parse(
        result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

nlohmann::json number_or_null(std::optional<double> value)
{
    return value && std::isfinite(*value) ? nlohmann::json(*value) : nlohmann::json();
}

std::optional<double> number_or_nothing(const JsonField& json)
{
    return json.is_null() ? std::nullopt : std::optional(json.number());
}

Failure failure_from(const JsonField& json)
{
    constexpr std::int64_t most = std::numeric_limits<int>::max();
    Failure failure;
    failure.process = json.member("process").text(most_bytes_of_a_line);
    failure.pid = static_cast<int>(json.member("pid").whole(0, most));
    if (const JsonField task = json.member("task"); !task.is_null()) {
        failure.task
            = static_cast<std::uint32_t>(task.whole(0, std::numeric_limits<std::uint32_t>::max()));
    }
    failure.argument = json.member("argument").text(most_bytes_of_a_text);
    const JsonField kind = json.member("kind");
    failure.kind = kind.line(most_bytes_of_a_line);
    if (failure.kind != "exception" && failure.kind != "signal" && failure.kind != "exit"
        && failure.kind != "timeout")
        kind.refuse("is not a kind of failure", "exception, signal, exit or timeout");
    failure.value = static_cast<int>(json.member("value").whole(-most, most));
    failure.text = json.member("text").text(most_bytes_of_a_text);
    return failure;
}

} // namespace

nlohmann::json to_json(const ResultDocument& document)
{
    nlohmann::json quantities = nlohmann::json::array();
    for (const Quantity& quantity : document.quantities) {
        quantities.push_back({{"name", quantity.name}, {"value", number_or_null(quantity.value)},
            {"low", number_or_null(quantity.low)}, {"high", number_or_null(quantity.high)},
            {"samples", quantity.samples}});
    }
    nlohmann::json checks = nlohmann::json::array();
    for (const Check& check : document.checks) {
        checks.push_back({{"claim", check.claim},
            {"held", check.held ? nlohmann::json(*check.held) : nlohmann::json()}});
    }
    nlohmann::json failures = nlohmann::json::array();
    for (const Failure& failure : document.failures)
        failures.push_back(to_json(failure));
    return {{"quantities", std::move(quantities)}, {"checks", std::move(checks)},
        {"failures", std::move(failures)}, {"quiz", list_to_json(document.quiz, to_json)},
        {"series", list_to_json(document.series, to_json)}, {"result", writable(document.result)},
        {"summary", plain_text(document.summary)}};
}

ResultDocument result_document_from(const nlohmann::json& json)
{
    const JsonField root(json, "the result document");
    ResultDocument document;
    for (const JsonField& quantity : root.member("quantities").elements(most_quantities)) {
        Quantity& read = document.quantities.emplace_back();
        read.name = quantity.member("name").name();
        read.value = number_or_nothing(quantity.member("value"));
        // Runs were kept before quantities had a spread, and before there was what follows them.
        if (!quantity.has("samples"))
            continue;
        read.low = number_or_nothing(quantity.member("low"));
        read.high = number_or_nothing(quantity.member("high"));
        read.samples = static_cast<int>(quantity.member("samples").whole(0, most_samples));
    }
    for (const JsonField& check : root.member("checks").elements(most_checks)) {
        Check& read = document.checks.emplace_back();
        read.claim = check.member("claim").line(most_bytes_of_a_line);
        if (const JsonField held = check.member("held"); !held.is_null())
            read.held = held.flag();
    }
    for (const JsonField& failure : root.member("failures").elements(most_failures))
        document.failures.push_back(failure_from(failure));
    if (root.has("quiz"))
        document.quiz = list_from(root.member("quiz"), quiz_question_from);
    if (root.has("series"))
        document.series = list_from(root.member("series"), series_from);
    document.result = root.member("result").tree(most_levels_of_a_result);
    document.summary = root.member("summary").text(most_bytes_of_a_text);
    return document;
}

} // namespace manyhands
