// SPDX-License-Identifier: MIT
#include "engine/analysis/finding_rules.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>

namespace manyhands {
namespace {

std::string fixed(double value, int decimals)
{
    char text[400]; // the longest double has 309 digits before its dot
    const auto end
        = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
    return {text, end.ptr};
}

/// Three significant digits, never an exponent.
std::string significant(double value)
{
    const double size = std::abs(value);
    return fixed(value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

bool has_digits(char first)
{
    return first >= '0' && first <= '9';
}

/// What a lane's name begins with: "producer" of "Producer-2".
std::string stem_of(std::string_view lane)
{
    std::string stem(lane.substr(0, lane.find('-')));
    std::transform(stem.begin(), stem.end(), stem.begin(),
        [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return stem;
}

const ParameterDescription* workers_parameter(const FindingFacts& facts, std::string_view lane)
{
    const ParameterDescription* found = nullptr;
    const std::string stem = stem_of(lane);
    for (const ParameterDescription& parameter : facts.description.parameters) {
        // Of several that fit, none is the one.
        if (parameter.workers && parameter.name.starts_with(stem)
            && std::exchange(found, &parameter) != nullptr)
            return nullptr;
    }
    return found;
}

/// A whole number of the parameter's range, as its present value is not.
std::optional<Attempt> attempt_whole(const FindingFacts& facts,
    const ParameterDescription& parameter, double wanted, std::string_view verb)
{
    const auto present = facts.parameters.find(parameter.name);
    if (present == facts.parameters.end() || !std::holds_alternative<std::int64_t>(present->second))
        return std::nullopt;
    const ParameterValue value = static_cast<std::int64_t>(
        std::round(std::clamp(wanted, parameter.minimum, parameter.maximum)));
    if (value == present->second)
        return std::nullopt;
    return Attempt{std::string(verb) + ' ' + parameter.name + '=' + to_text(value),
        {parameter.name + '=' + to_text(value)}, ""};
}

/// A choice of how the same work is done.
bool is_way(const ParameterDescription& parameter)
{
    return parameter.type == ParameterType::choice && !parameter.work;
}

/// A number that changes neither the work nor who does it.
bool is_size(const ParameterDescription& parameter)
{
    return parameter.type == ParameterType::integer && !parameter.work && !parameter.workers;
}

/// The sweep over such a parameter that the lesson suggests by itself: it knows best.
std::optional<Attempt> own_sweep(
    const FindingFacts& facts, bool (*fits)(const ParameterDescription&))
{
    const auto is_it = [&](const Attempt& attempt) {
        const ParameterDescription* const parameter
            = facts.description.parameter(attempt.sweep.substr(0, attempt.sweep.find('=')));
        return parameter != nullptr && fits(*parameter);
    };
    const Guide& guide = facts.description.guide;
    for (const Attempt& attempt : guide.next) {
        if (is_it(attempt))
            return attempt;
    }
    for (const QuizQuestion& question : guide.quiz) {
        for (const QuizChoice& choice : question.choices) {
            if (choice.attempt && is_it(*choice.attempt))
                return choice.attempt;
        }
    }
    return std::nullopt;
}

std::optional<double> present_number(
    const FindingFacts& facts, const ParameterDescription& parameter)
{
    const auto present = facts.parameters.find(parameter.name);
    if (present == facts.parameters.end())
        return std::nullopt;
    const auto* const whole = std::get_if<std::int64_t>(&present->second);
    return whole == nullptr ? std::nullopt : std::optional(static_cast<double>(*whole));
}

} // namespace

std::optional<KnownQuantity> quantity_of(const FindingFacts& facts, std::string_view kind)
{
    if (facts.document == nullptr)
        return std::nullopt;
    for (const QuantityDescription& about : facts.description.quantities) {
        if (about.kind != kind)
            continue;
        for (const Quantity& quantity : facts.document->quantities) {
            if (quantity.name == about.name && quantity.value)
                return KnownQuantity{about, quantity, *quantity.value};
        }
    }
    return std::nullopt;
}

std::optional<PredictedRange> predicted(const FindingFacts& facts, std::string_view quantity)
{
    for (const Prediction& prediction : facts.predictions) {
        for (const PredictionDescription& about : facts.description.guide.predictions) {
            if (about.name != prediction.name || about.quantity != quantity)
                continue;
            if (prediction.value)
                return PredictedRange{
                    about, *prediction.value, *prediction.value, ratio_words(*prediction.value)};
            if (prediction.choice && *prediction.choice < about.choices.size()) {
                const PredictionChoice& choice = about.choices[*prediction.choice];
                return PredictedRange{about, choice.low, choice.high, "“" + choice.label + "”"};
            }
        }
    }
    return std::nullopt;
}

Interval within(Interval interval, const Span& span)
{
    return {std::max(span.begin_ns, interval.begin_ns), std::min(span.end_ns, interval.end_ns)};
}

std::optional<Span> longest_span(
    const FindingContext& context, std::uint32_t lane, BudgetCategory category)
{
    std::optional<Span> longest;
    std::int64_t most = 0;
    for (const Span& span : context.facts.recording.lanes()[lane].spans) {
        if (span.begin_ns >= context.interval.end_ns)
            break;
        const std::int64_t length = within(context.interval, span).length_ns();
        if (category_of(span.state) == category && length > most) {
            most = length;
            longest = span;
        }
    }
    return longest;
}

std::optional<Attempt> attempt_workers(
    const FindingFacts& facts, double times, std::string_view lane)
{
    const ParameterDescription* const parameter = workers_parameter(facts, lane);
    if (parameter == nullptr)
        return std::nullopt;
    const std::optional<double> present = present_number(facts, *parameter);
    return present ? attempt_whole(facts, *parameter, *present * times, "Run with") : std::nullopt;
}

std::optional<Attempt> attempt_as_many_workers_as_cpus(const FindingFacts& facts)
{
    const ParameterDescription* const parameter = workers_parameter(facts, {});
    return parameter == nullptr ? std::nullopt
                                : attempt_whole(facts, *parameter, facts.usable_cpus, "Run with");
}

std::optional<Attempt> attempt_other_size(const FindingFacts& facts)
{
    if (const auto best = quantity_of(facts, "predicted_best")) {
        const ParameterDescription* const parameter
            = facts.description.parameter(best->about.parameter);
        if (parameter != nullptr && parameter->type == ParameterType::integer) {
            if (auto attempt
                = attempt_whole(facts, *parameter, best->value, "Run with what is predicted best:"))
                return attempt;
        }
    }
    if (auto own = own_sweep(facts, is_size))
        return own;
    for (const ParameterDescription& parameter : facts.description.parameters) {
        if (!is_size(parameter) || parameter.folded)
            continue;
        const std::optional<double> present = present_number(facts, parameter);
        if (!present)
            continue;
        std::vector<std::string> values;
        for (const double value : {*present / 10, *present, *present * 10}) {
            const ParameterValue one = static_cast<std::int64_t>(
                std::round(std::clamp(value, parameter.minimum, parameter.maximum)));
            if (values.empty() || values.back() != to_text(one))
                values.push_back(to_text(one));
        }
        if (values.size() < 2)
            continue;
        std::string list;
        for (const std::string& value : values)
            list += (list.empty() ? "" : ",") + value;
        return Attempt{
            "Measure with " + parameter.name + '=' + list, {}, parameter.name + '=' + list};
    }
    return std::nullopt;
}

std::optional<Attempt> attempt_more_work(const FindingFacts& facts)
{
    for (const ParameterDescription& parameter : facts.description.parameters) {
        if (!parameter.work || parameter.type != ParameterType::integer)
            continue;
        const std::optional<double> present = present_number(facts, parameter);
        if (!present || *present <= 0)
            continue;
        if (auto attempt = attempt_whole(facts, parameter, *present * 10, "Give them more to do:"))
            return attempt;
    }
    return std::nullopt;
}

std::optional<Attempt> attempt_every_way(const FindingFacts& facts)
{
    if (auto own = own_sweep(facts, is_way))
        return own;
    const ParameterDescription* way = nullptr;
    for (const ParameterDescription& parameter : facts.description.parameters) {
        // Of several, none is the one.
        if (is_way(parameter) && !parameter.folded && std::exchange(way, &parameter) != nullptr)
            return std::nullopt;
    }
    if (way == nullptr || way->choices.size() < 2)
        return std::nullopt;
    std::string sweep = way->name + '=';
    for (const std::string& choice : way->choices)
        sweep += (&choice == &way->choices.front() ? "" : ",") + choice;
    return Attempt{"Measure with each: " + sweep, {}, sweep};
}

std::optional<Attempt> attempt_default_way(const FindingFacts& facts)
{
    Attempt attempt;
    for (const ParameterDescription& parameter : facts.description.parameters) {
        const auto present = facts.parameters.find(parameter.name);
        if (is_way(parameter) && present != facts.parameters.end()
            && present->second != parameter.default_value)
            attempt.words.push_back(parameter.name + '=' + to_text(parameter.default_value));
    }
    if (attempt.words.empty())
        return std::nullopt;
    attempt.label = "Run with";
    for (const std::string& word : attempt.words)
        attempt.label += ' ' + word;
    return attempt;
}

std::string seconds_words(double seconds)
{
    const double size = std::abs(seconds);
    if (size >= 0.9995 || size == 0)
        return significant(seconds) + " s";
    return size >= 0.9995e-3 ? significant(seconds * 1e3) + " ms"
                             : significant(seconds * 1e6) + " µs";
}

std::string count_words(double count)
{
    std::string digits = fixed(count, 0);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        if (has_digits(digits[at - 4]))
            digits.insert(at - 3, "\u202f");
    }
    return digits;
}

std::string count_words(double count, std::string_view one, std::string_view many)
{
    return count_words(count) + ' ' + std::string(std::round(count) == 1 ? one : many);
}

std::string ratio_words(double ratio)
{
    return ratio == std::trunc(ratio) ? count_words(ratio) : significant(ratio);
}

std::string percent_words(double share)
{
    const double percent = share * 100;
    return percent > 0 && percent < 1 ? "less than 1 %" : fixed(percent, 0) + " %";
}

std::string bytes_words(double bytes)
{
    if (bytes < 999.5)
        return count_words(bytes, "byte", "bytes");
    constexpr std::pair<double, const char*> units[] = {{1e3, "kB"}, {1e6, "MB"}, {1e9, "GB"}};
    const auto* unit = std::begin(units);
    while (unit + 1 != std::end(units) && bytes >= unit->first * 999.5)
        ++unit;
    return significant(bytes / unit->first) + ' ' + unit->second;
}

std::string_view words_for(BudgetCategory category)
{
    switch (category) {
    case BudgetCategory::computing:
        return "computing";
    case BudgetCategory::starting:
        return "starting";
    case BudgetCategory::tear_down:
        return "ending";
    case BudgetCategory::serialising:
        return "serialising";
    case BudgetCategory::transfer:
        return "sending and receiving";
    case BudgetCategory::waiting_data:
        return "waiting for data";
    case BudgetCategory::waiting_space:
        return "waiting for space";
    case BudgetCategory::waiting_lock:
        return "waiting for a lock";
    case BudgetCategory::joining:
        return "waiting for another process to end";
    case BudgetCategory::idle:
        return "waiting for a task";
    case BudgetCategory::sleeping:
        return "sleeping";
    case BudgetCategory::held:
        return "being held at a gate";
    case BudgetCategory::stopped:
        return "being stopped";
    case BudgetCategory::ready:
        return "waiting for a free CPU";
    case BudgetCategory::unexplained:
        break;
    }
    return "what no event explains";
}

std::string named(std::string_view what, std::string_view name)
{
    std::string text = "the " + std::string(what);
    if (!name.empty())
        text.append(" “").append(name).append("”");
    return text;
}

std::string moment_words(const FindingContext& context, std::int64_t time_ns)
{
    const Interval until
        = {context.interval.begin_ns, std::max(time_ns, context.interval.begin_ns)};
    return seconds_words(
        static_cast<double>(context.facts.recording.run_time_within(until)) * 1e-9);
}

} // namespace manyhands
