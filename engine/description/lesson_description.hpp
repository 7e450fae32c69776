// SPDX-License-Identifier: MIT
// What a lesson program says of a lesson (`--describe ID`), as structs and as JSON.
#pragma once

#include "engine/description/guide.hpp"

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace manyhands {

/// A line of `--describe`.
struct LessonSummary
{
    std::string id;
    std::string title;
};

/// A parameter's value: whole number, real number, or a choice's or text's characters.
using ParameterValue = std::variant<std::int64_t, double, std::string>;
using ParameterValues = std::map<std::string, ParameterValue>;

/// As a person would type it: dot decimals, no grouping, whatever the locale.
std::string to_text(const ParameterValue& value);

enum class ParameterType : std::uint8_t { integer, real, choice };
std::string_view name_of(ParameterType type);

/// One setting of a lesson.
struct ParameterDescription
{
    std::string name; ///< "limit"
    std::string label; ///< "Count primes up to"
    std::string help; ///< one sentence
    std::string unit; ///< "" where it is a plain count
    ParameterType type = ParameterType::integer;
    ParameterValue default_value = std::int64_t{0};
    double minimum = 0; ///< of numbers, inclusive
    double maximum = 0;
    std::vector<std::string> choices; ///< of ParameterType::choice
    bool work = false; ///< part of "the same work" (limit; not workers)
    bool workers = false; ///< is the number of worker processes: marks oversubscription
    bool folded = false; ///< shown under "More settings" only

    /// What is allowed, for a person: "1 to 256", "static, dynamic or guided".
    std::string allowed() const;

    /// The value that `text` stands for. Throws BadValue that names the parameter, the text and
    /// what is allowed. Whole numbers may be written 15000000, 15_000_000, 15 000 000 or 1.5e7.
    ParameterValue parse(std::string_view text) const;
};

/// A figure that only the lesson knows, computed after a run.
struct QuantityDescription
{
    std::string name; ///< "primes"
    std::string label; ///< "Primes found"
    std::string unit;
    std::string kind; ///< what it measures, for findings: "count", "imbalance", "time", …
    std::string parameter = {}; ///< of the kind "predicted_best": of which parameter it is the best
};

/// Source code shown beside the lesson.
struct SourceFile
{
    std::string path; ///< from the repository's root: "lessons/prime_counting/program.cpp"
    std::string language; ///< "cpp" or "python"
    std::string text;
};

/// Everything that the app knows of a lesson before it runs.
struct LessonDescription
{
    std::string id;
    std::string title;
    std::vector<std::string> objectives;
    std::string text; ///< Markdown
    std::vector<SourceFile> sources;
    std::vector<ParameterDescription> parameters;
    std::vector<QuantityDescription> quantities;
    std::string work_unit; ///< "trial divisions"
    bool baseline = true; ///< has a serial baseline, so a speedup
    bool memory = false; ///< wants memory sampled
    Guide guide = {};

    const ParameterDescription* parameter(std::string_view name) const noexcept;

    /// Checks `name=value` words against the parameters and fills in the defaults. Throws BadValue.
    ParameterValues parse(const std::vector<std::string>& words) const;

    /// Whether all conditions of a `when` (guide.hpp) hold for `values`, which are complete. Throws
    /// BadValue for one that does not fit the parameters.
    bool holds(const std::vector<std::string>& when, const ParameterValues& values) const;
};

nlohmann::json to_json(const LessonDescription& description);
/// Throws BadValue naming the field where `json` is not a description.
LessonDescription lesson_description_from(const nlohmann::json& json);

nlohmann::json to_json(const std::vector<LessonSummary>& summaries);
std::vector<LessonSummary> lesson_summaries_from(const nlohmann::json& json);

/// Parameter values as a JSON object.
nlohmann::json to_json(const ParameterValues& values);
/// The same values again. Throws BadValue naming the field where `json` does not hold one allowed
/// value for each parameter of `description`, and nothing else.
ParameterValues parameter_values_from(
    const nlohmann::json& json, const LessonDescription& description);

} // namespace manyhands
