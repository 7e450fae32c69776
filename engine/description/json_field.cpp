// SPDX-License-Identifier: MIT
#include "engine/description/json_field.hpp"

#include "engine/description/shown_text.hpp"
#include "engine/os/error.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace manyhands {
namespace {

constexpr std::size_t most_bytes_of_a_name = 64;

/// What stands in the place of the value that was wanted; of structures only what they are, since
/// writing one out recurses as deep as a stranger nested it.
std::string shown_value(const nlohmann::json& json)
{
    if (json.is_structured() || json.is_binary() || json.is_discarded())
        return json.type_name();
    if (json.is_string())
        return '"' + shown(json.get_ref<const std::string&>()) + '"';
    return json.dump();
}

bool nested_deeper_than(int levels, const nlohmann::json& json)
{
    if (!json.is_structured())
        return false;
    return levels == 0
        || std::any_of(json.begin(), json.end(), [levels](const nlohmann::json& inner) {
               return nested_deeper_than(levels - 1, inner);
           });
}

} // namespace

JsonField::JsonField(const nlohmann::json& json, std::string_view document)
    : JsonField(json, document, {})
{
}

JsonField::JsonField(const nlohmann::json& json, std::string_view document, std::string path)
    : json_(&json)
    , document_(document)
    , path_(std::move(path))
{
}

JsonField JsonField::member(const char* key) const
{
    if (!json_->is_object())
        refuse("is not an object");
    const std::string path = path_.empty() ? key : path_ + '.' + key;
    const auto found = json_->find(key);
    if (found == json_->end())
        throw BadValue({.object = path, .problem = "is missing in " + std::string(document_)});
    return {*found, document_, path};
}

bool JsonField::has(const char* key) const
{
    return json_->contains(key);
}

std::vector<JsonField> JsonField::elements(std::size_t most) const
{
    if (!json_->is_array())
        refuse("is not a list");
    if (json_->size() > most)
        refuse("has too many elements", "at most " + std::to_string(most));
    std::vector<JsonField> fields;
    fields.reserve(json_->size());
    for (const nlohmann::json& element : *json_) {
        std::string path = path_ + '[' + std::to_string(fields.size()) + ']';
        fields.push_back(JsonField(element, document_, std::move(path)));
    }
    return fields;
}

bool JsonField::flag() const
{
    if (!json_->is_boolean())
        refuse("is neither true nor false");
    return json_->get<bool>();
}

double JsonField::number() const
{
    if (!json_->is_number() || !std::isfinite(json_->get<double>()))
        refuse("is not a number");
    return json_->get<double>();
}

std::int64_t JsonField::whole(std::int64_t least, std::int64_t most) const
{
    const bool too_large
        = json_->is_number_unsigned() && std::cmp_greater(json_->get<std::uint64_t>(), most);
    if (!json_->is_number_integer() || too_large || json_->get<std::int64_t>() < least
        || json_->get<std::int64_t>() > most) {
        refuse("is not a whole number of its range",
            std::to_string(least) + " to " + std::to_string(most));
    }
    return json_->get<std::int64_t>();
}

const std::string& JsonField::string(std::size_t most_bytes) const
{
    if (!json_->is_string())
        refuse("is not a text");
    const auto& text = json_->get_ref<const std::string&>();
    if (text.size() > most_bytes)
        refuse("is too long", "at most " + std::to_string(most_bytes) + " bytes");
    return text;
}

std::string JsonField::line(std::size_t most_bytes) const
{
    const std::string& text = string(most_bytes);
    if (!is_one_line(text))
        refuse("has characters that no line of text has");
    return text;
}

std::string JsonField::text(std::size_t most_bytes) const
{
    const std::string& text = string(most_bytes);
    if (!is_plain_text(text))
        refuse("has characters that no text has");
    return text;
}

std::string JsonField::name() const
{
    const std::string& text = string(most_bytes_of_a_name);
    const auto allowed
        = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (text.empty() || !std::all_of(text.begin(), text.end(), allowed))
        refuse("is not a name", "lower-case letters, digits and underscores");
    return text;
}

nlohmann::json JsonField::tree(int most_levels) const
{
    if (nested_deeper_than(most_levels, *json_))
        refuse("is nested too deeply", "at most " + std::to_string(most_levels) + " levels");
    return *json_;
}

void JsonField::refuse(std::string problem, std::string limit) const
{
    const std::string document(document_);
    throw BadValue({.object = path_.empty() ? document : path_,
        .problem = path_.empty() ? std::move(problem) : "of " + document + ' ' + problem,
        .value = shown_value(*json_),
        .limit = std::move(limit)});
}

} // namespace manyhands
