// SPDX-License-Identifier: MIT
#include "engine/description/lesson_description.hpp"

#include "engine/description/json_list.hpp"
#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

namespace manyhands {
namespace {

constexpr std::size_t most_lessons = 1000;

/// Whether `limit` is a whole number that a parameter can have.
bool is_whole(double limit)
{
    return limit == std::trunc(limit) && std::abs(limit) < 0x1p63;
}

constexpr ParameterType parameter_types[]
    = {ParameterType::integer, ParameterType::real, ParameterType::choice};

/// "a, b or c"; "" for none.
std::string any_of_them(const std::vector<std::string>& words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

// --- Numbers as people type them --------------------------------------------------------------

constexpr std::string_view digit_characters = "0123456789";
/// Longer ones are no numbers that anybody means.
constexpr std::size_t most_bytes_of_a_number = 100;

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

void replace_all(std::string& text, std::string_view from, std::string_view to)
{
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
        text.replace(at, from.size(), to);
}

/// Takes the digits at the beginning of `text` off it.
std::string_view take_digits(std::string_view& text)
{
    const std::string_view digits = text.substr(0, text.find_first_not_of(digit_characters));
    text.remove_prefix(digits.size());
    return digits;
}

bool take(std::string_view& text, std::string_view any_of)
{
    if (text.empty() || any_of.find(text[0]) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

/// A decimal number in its parts; its value is `digits` times ten to the power `exponent`.
struct Decimal
{
    std::string plain; ///< as std::from_chars reads it: without grouping
    std::string digits;
    std::int64_t exponent = 0;
    bool negative = false;
};

/// Takes a number apart: [-]digits[.digits][e[+|-]digits], the digits before the dot in groups of
/// three behind a blank or an underscore, or in one. Nothing where `text` is not one.
std::optional<Decimal> decimal(std::string_view typed)
{
    if (typed.size() > most_bytes_of_a_number)
        return std::nullopt;
    std::string text(trimmed(typed));
    replace_all(text, "\u00a0", " "); // the blanks that stand in copied numbers
    replace_all(text, "\u202f", " ");

    Decimal number;
    std::string_view rest = text;
    number.negative = take(rest, "-");
    number.digits = take_digits(rest);
    if (number.digits.empty())
        return std::nullopt;
    if (!rest.empty() && (rest[0] == ' ' || rest[0] == '_')) {
        const std::string_view separator = rest.substr(0, 1);
        if (number.digits.size() > 3)
            return std::nullopt;
        while (take(rest, separator)) {
            const std::string_view group = take_digits(rest);
            if (group.size() != 3)
                return std::nullopt;
            number.digits += group;
        }
    }
    number.plain = (number.negative ? "-" : "") + number.digits;

    if (take(rest, ".")) {
        const std::string_view fraction = take_digits(rest);
        if (fraction.empty())
            return std::nullopt;
        number.digits += fraction;
        number.exponent = -static_cast<std::int64_t>(fraction.size());
        number.plain.append(".").append(fraction);
    }
    if (take(rest, "eE")) {
        const bool down = take(rest, "-");
        if (!down)
            take(rest, "+");
        const std::string_view power = take_digits(rest);
        // Six digits are beyond every number there is, and few enough to count and write out.
        if (power.empty() || power.size() > 6)
            return std::nullopt;
        std::int64_t value = 0;
        std::from_chars(power.data(), power.data() + power.size(), value);
        number.exponent += down ? -value : value;
        number.plain.append(down ? "e-" : "e+").append(power);
    }
    if (!rest.empty())
        return std::nullopt;
    return number;
}

/// The whole number that `text` stands for, exactly; nothing where it is not one or too large.
std::optional<std::int64_t> whole_number(std::string_view text)
{
    std::optional<Decimal> number = decimal(text);
    if (!number)
        return std::nullopt;
    std::string& digits = number->digits;
    while (digits.size() > 1 && digits.back() == '0') {
        digits.pop_back();
        ++number->exponent;
    }
    if (digits == "0")
        return 0;
    if (number->exponent < 0)
        return std::nullopt;
    digits.append(static_cast<std::size_t>(number->exponent), '0');
    if (number->negative)
        digits.insert(0, "-");
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

std::optional<double> real_number(std::string_view text)
{
    const std::optional<Decimal> number = decimal(text);
    if (!number)
        return std::nullopt;
    const char* const end_of_text = number->plain.data() + number->plain.size();
    double value = 0;
    const auto [end, error] = std::from_chars(number->plain.data(), end_of_text, value);
    if (error != std::errc{} || end != end_of_text)
        return std::nullopt;
    return value;
}

/// A limit as a value of its parameter.
ParameterValue limit_of(ParameterType type, double limit)
{
    if (type == ParameterType::integer && is_whole(limit))
        return static_cast<std::int64_t>(limit);
    return limit;
}

/// Whether `value` is one that `parameter` allows.
bool fits(const ParameterDescription& parameter, const ParameterValue& value)
{
    // A long double holds every value of 64 bits exactly; a double would round up to the maximum.
    const auto in_range = [&](long double number) {
        return number >= parameter.minimum && number <= parameter.maximum;
    };
    switch (parameter.type) {
    case ParameterType::integer: {
        const auto* number = std::get_if<std::int64_t>(&value);
        return number && in_range(static_cast<long double>(*number));
    }
    case ParameterType::real: {
        const auto* number = std::get_if<double>(&value);
        return number && in_range(*number);
    }
    case ParameterType::choice: {
        const auto* word = std::get_if<std::string>(&value);
        return word
            && std::find(parameter.choices.begin(), parameter.choices.end(), *word)
            != parameter.choices.end();
    }
    }
    return false;
}

// --- JSON -------------------------------------------------------------------------------------

nlohmann::json value_to_json(const ParameterValue& value)
{
    return std::visit([](const auto& held) { return nlohmann::json(held); }, value);
}

nlohmann::json limit_to_json(ParameterType type, double limit)
{
    return value_to_json(limit_of(type, limit));
}

nlohmann::json parameter_to_json(const ParameterDescription& parameter)
{
    nlohmann::json json = {{"name", parameter.name}, {"label", parameter.label},
        {"help", parameter.help}, {"unit", parameter.unit}, {"type", name_of(parameter.type)},
        {"default", value_to_json(parameter.default_value)}, {"work", parameter.work},
        {"workers", parameter.workers}, {"folded", parameter.folded}};
    if (parameter.type == ParameterType::choice) {
        json["choices"] = parameter.choices;
    } else {
        json["minimum"] = limit_to_json(parameter.type, parameter.minimum);
        json["maximum"] = limit_to_json(parameter.type, parameter.maximum);
    }
    return json;
}

ParameterValue value_from(const JsonField& field, ParameterType type)
{
    switch (type) {
    case ParameterType::integer:
        return field.whole(
            std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
    case ParameterType::real:
        return field.number();
    case ParameterType::choice:
        break;
    }
    return field.line(most_bytes_of_a_line);
}

double limit_from(const JsonField& field, ParameterType type)
{
    const double limit = field.number();
    if (type == ParameterType::integer && !is_whole(limit))
        field.refuse("is not a whole number");
    return limit;
}

ParameterDescription parameter_from(const JsonField& json)
{
    ParameterDescription parameter;
    parameter.name = json.member("name").name();
    parameter.label = json.member("label").line(most_bytes_of_a_line);
    parameter.help = json.member("help").line(most_bytes_of_a_line);
    parameter.unit = json.member("unit").line(most_bytes_of_a_line);
    parameter.type = enumerator_from(json.member("type"), parameter_types, "type of parameter");
    parameter.work = json.member("work").flag();
    parameter.workers = json.member("workers").flag();
    parameter.folded = json.member("folded").flag();
    if (parameter.type == ParameterType::choice) {
        const JsonField choices = json.member("choices");
        parameter.choices = lines_from(choices);
        if (parameter.choices.empty())
            choices.refuse("is empty");
    } else {
        parameter.minimum = limit_from(json.member("minimum"), parameter.type);
        parameter.maximum = limit_from(json.member("maximum"), parameter.type);
        if (parameter.maximum < parameter.minimum)
            json.member("maximum").refuse("is below the minimum");
    }
    if (parameter.workers && parameter.type != ParameterType::integer)
        json.member("workers").refuse("is true, and the type not integer");
    const JsonField given = json.member("default");
    parameter.default_value = value_from(given, parameter.type);
    if (!fits(parameter, parameter.default_value))
        given.refuse("is not allowed", parameter.allowed());
    return parameter;
}

nlohmann::json quantity_to_json(const QuantityDescription& quantity)
{
    return {{"name", quantity.name}, {"label", quantity.label}, {"unit", quantity.unit},
        {"kind", quantity.kind}, {"parameter", quantity.parameter}};
}

QuantityDescription quantity_from(const JsonField& json)
{
    return {.name = json.member("name").name(),
        .label = json.member("label").line(most_bytes_of_a_line),
        .unit = json.member("unit").line(most_bytes_of_a_line),
        .kind = json.member("kind").line(most_bytes_of_a_line),
        .parameter = json.has("parameter") ? line_from(json.member("parameter")) : ""};
}

nlohmann::json source_to_json(const SourceFile& source)
{
    return {{"path", source.path}, {"language", source.language}, {"text", source.text}};
}

SourceFile source_from(const JsonField& json)
{
    return {.path = json.member("path").line(most_bytes_of_a_line),
        .language = json.member("language").line(most_bytes_of_a_line),
        .text = json.member("text").text(most_bytes_of_a_text)};
}

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

/// Throws BadValue where an attempt does not fit the lesson's parameters.
void try_out(const Attempt& attempt, const LessonDescription& description)
{
    description.parse(attempt.words);
    if (attempt.sweep.empty())
        return;
    const std::string name = attempt.sweep.substr(0, attempt.sweep.find('='));
    const std::size_t values = std::min(name.size() + 1, attempt.sweep.size());
    for (const std::string& value : split(attempt.sweep.substr(values), ','))
        description.parse({name + '=' + value});
}

/// Refuses conditions and attempts that do not fit the lesson's parameters: they are looked at
/// when the lesson is open, and nobody expects it then.
void refuse_unknown_words(const JsonField& root, const LessonDescription& description)
{
    const ParameterValues defaults = description.parse({});
    const auto look = [](const JsonField& field, auto try_it) {
        try {
            try_it();
        } catch (const BadValue& error) {
            field.refuse(std::string("does not fit the parameters: ") + error.what());
        }
    };
    const auto look_at_each = [&](const JsonField& list, const auto& elements, auto try_one) {
        const std::vector<JsonField> fields = list.elements(most_entries);
        for (std::size_t i = 0; i < elements.size(); ++i)
            look(fields[i], [&] { try_one(elements[i]); });
    };
    const JsonField json = root.member("guide");
    const Guide& guide = description.guide;
    look_at_each(json.member("predictions"), guide.predictions,
        [&](const PredictionDescription& one) { description.holds(one.when, defaults); });
    look_at_each(json.member("next"), guide.next,
        [&](const Attempt& attempt) { try_out(attempt, description); });
    look_at_each(json.member("quiz"), guide.quiz, [&](const QuizQuestion& question) {
        for (const QuizChoice& choice : question.choices) {
            if (choice.attempt)
                try_out(*choice.attempt, description);
        }
    });
    look(json.member("held_when"), [&] { description.holds(guide.held_when, defaults); });
    look(root.member("text"), [&] {
        for (const GuideText& passage : guide_texts_from(description.text))
            description.holds(passage.when, defaults);
    });
}

} // namespace

std::string_view name_of(ParameterType type)
{
    constexpr std::string_view names[] = {"integer", "real", "choice"};
    return names[static_cast<std::size_t>(type)];
}

std::string to_text(const ParameterValue& value)
{
    if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    std::array<char, 400> buffer; // the longest double without an exponent has 325 characters
    std::to_chars_result end = {};
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        end = std::to_chars(buffer.begin(), buffer.end(), *whole);
    } else {
        const double number = std::get<double>(value) + 0.0; // a negative zero is a zero
        const double size = std::abs(number);
        const bool plain = size == 0 || (size >= 1e-5 && size < 1e15);
        end = std::to_chars(buffer.begin(), buffer.end(), number,
            plain ? std::chars_format::fixed : std::chars_format::scientific);
    }
    return {buffer.data(), end.ptr};
}

std::string ParameterDescription::allowed() const
{
    if (type == ParameterType::choice)
        return any_of_them(choices);
    return to_text(limit_of(type, minimum)) + " to " + to_text(limit_of(type, maximum));
}

ParameterValue ParameterDescription::parse(std::string_view text) const
{
    std::optional<ParameterValue> value;
    std::string advice;
    switch (type) {
    case ParameterType::integer:
        value = whole_number(text);
        advice = "give a whole number";
        break;
    case ParameterType::real:
        value = real_number(text);
        advice = "give a number, with a dot before its decimals";
        break;
    case ParameterType::choice:
        value = std::string(text);
        break;
    }
    if (value && fits(*this, *value))
        return *std::move(value);
    throw BadValue({.object = name,
        .problem = text.empty() ? "is empty" : "is not allowed",
        .value = shown(text),
        .limit = allowed(),
        .advice = std::move(advice)});
}

const ParameterDescription* LessonDescription::parameter(std::string_view name) const noexcept
{
    const auto found = std::find_if(parameters.begin(), parameters.end(),
        [name](const ParameterDescription& candidate) { return candidate.name == name; });
    return found == parameters.end() ? nullptr : &*found;
}

ParameterValues LessonDescription::parse(const std::vector<std::string>& words) const
{
    ParameterValues values;
    for (const std::string& word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) {
            throw BadValue({.object = id,
                .problem = "takes parameters as name=value, and got",
                .value = shown(word)});
        }
        const std::string name = word.substr(0, equals);
        const ParameterDescription* known = parameter(name);
        if (!known) {
            std::vector<std::string> names;
            for (const ParameterDescription& candidate : parameters)
                names.push_back(candidate.name);
            throw BadValue({.object = id,
                .problem = "has no parameter of this name",
                .value = shown(name),
                .limit = names.empty() ? "none" : any_of_them(names)});
        }
        if (!values.emplace(name, known->parse(std::string_view(word).substr(equals + 1))).second) {
            throw BadValue({.object = name,
                .problem = "is given twice",
                .value = shown(word),
                .advice = "give it once"});
        }
    }
    for (const ParameterDescription& candidate : parameters)
        values.emplace(candidate.name, candidate.default_value);
    return values;
}

bool LessonDescription::holds(
    const std::vector<std::string>& when, const ParameterValues& values) const
{
    // All are looked at, so that one that fits no parameter is found whatever the others say.
    bool all = true;
    for (const std::string& condition : when) {
        const std::size_t equals = condition.find('=');
        const ParameterDescription* known = parameter(condition.substr(0, equals));
        if (equals == std::string::npos || !known) {
            throw BadValue({.object = id,
                .problem = "has a condition that none of its parameters meets",
                .value = shown(condition)});
        }
        bool any = false;
        for (const std::string& value : split(condition.substr(equals + 1), ','))
            any = known->parse(value) == values.at(known->name) || any;
        all = all && any;
    }
    return all;
}

nlohmann::json to_json(const LessonDescription& description)
{
    return {{"id", description.id}, {"title", description.title},
        {"objectives", description.objectives}, {"text", description.text},
        {"sources", list_to_json(description.sources, source_to_json)},
        {"parameters", list_to_json(description.parameters, parameter_to_json)},
        {"quantities", list_to_json(description.quantities, quantity_to_json)},
        {"work_unit", description.work_unit}, {"baseline", description.baseline},
        {"memory", description.memory}, {"guide", to_json(description.guide)}};
}

LessonDescription lesson_description_from(const nlohmann::json& json)
{
    const JsonField root(json, "the lesson description");
    LessonDescription description;
    description.id = root.member("id").name();
    description.title = root.member("title").line(most_bytes_of_a_line);
    description.objectives = lines_from(root.member("objectives"));
    description.text = root.member("text").text(most_bytes_of_a_text);
    description.sources = list_from(root.member("sources"), source_from);
    const JsonField parameters = root.member("parameters");
    description.parameters = list_from(parameters, parameter_from);
    refuse_same_names(parameters, description.parameters, &ParameterDescription::name);
    const JsonField quantities = root.member("quantities");
    description.quantities = list_from(quantities, quantity_from);
    refuse_same_names(quantities, description.quantities, &QuantityDescription::name);
    for (std::size_t i = 0; i < description.quantities.size(); ++i) {
        const std::string& name = description.quantities[i].parameter;
        if (!name.empty() && !description.parameter(name))
            quantities.elements(most_entries)[i]
                .member("parameter")
                .refuse("is none of the lesson");
    }
    description.work_unit = root.member("work_unit").line(most_bytes_of_a_line);
    description.baseline = root.member("baseline").flag();
    description.memory = root.member("memory").flag();
    // Runs were kept before lessons had a guide.
    if (root.has("guide")) {
        description.guide = guide_from(root.member("guide"));
        refuse_unknown_words(root, description);
    }
    return description;
}

nlohmann::json to_json(const std::vector<LessonSummary>& summaries)
{
    nlohmann::json list = nlohmann::json::array();
    for (const LessonSummary& summary : summaries)
        list.push_back({{"id", summary.id}, {"title", summary.title}});
    return list;
}

std::vector<LessonSummary> lesson_summaries_from(const nlohmann::json& json)
{
    const JsonField root(json, "the list of lessons");
    std::vector<LessonSummary> summaries;
    for (const JsonField& lesson : root.elements(most_lessons)) {
        summaries.push_back({.id = lesson.member("id").name(),
            .title = lesson.member("title").line(most_bytes_of_a_line)});
    }
    return summaries;
}

nlohmann::json to_json(const ParameterValues& values)
{
    nlohmann::json json = nlohmann::json::object();
    for (const auto& [name, value] : values)
        json[name] = value_to_json(value);
    return json;
}

ParameterValues parameter_values_from(
    const nlohmann::json& json, const LessonDescription& description)
{
    const JsonField root(json, "the parameters");
    ParameterValues values;
    for (const ParameterDescription& parameter : description.parameters) {
        const JsonField field = root.member(parameter.name.c_str());
        ParameterValue value = value_from(field, parameter.type);
        if (!fits(parameter, value))
            field.refuse("is not allowed", parameter.allowed());
        values.emplace(parameter.name, std::move(value));
    }
    if (json.size() != values.size())
        root.refuse("are more than the lesson has");
    return values;
}

} // namespace manyhands
