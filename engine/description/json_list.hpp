// SPDX-License-Identifier: MIT
// Lists in the JSON documents of this room.
#pragma once

#include "engine/description/json_field.hpp"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace manyhands {

// What a document may hold. Any program may answer --describe, and all of this is shown.
inline constexpr std::size_t most_entries = 64; ///< parameters, quantities, choices, sources, …
inline constexpr std::size_t most_bytes_of_a_line = 1000;
inline constexpr std::size_t most_bytes_of_a_text = 1 << 20;

template <class Element>
nlohmann::json list_to_json(
    const std::vector<Element>& elements, nlohmann::json (*convert)(const Element&))
{
    nlohmann::json list = nlohmann::json::array();
    for (const Element& element : elements)
        list.push_back(convert(element));
    return list;
}

template <class Element>
std::vector<Element> list_from(
    const JsonField& json, Element (*convert)(const JsonField&), std::size_t most = most_entries)
{
    std::vector<Element> list;
    for (const JsonField& element : json.elements(most))
        list.push_back(convert(element));
    return list;
}

inline std::string line_from(const JsonField& json)
{
    return json.line(most_bytes_of_a_line);
}

inline std::vector<std::string> lines_from(const JsonField& json)
{
    return list_from(json, line_from);
}

/// Refuses a list in which two elements have the same name.
template <class Element>
void refuse_same_names(
    const JsonField& json, const std::vector<Element>& elements, std::string Element::*name)
{
    for (std::size_t i = 0; i < elements.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (elements[i].*name == elements[j].*name)
                json.refuse("has two elements named " + elements[i].*name);
        }
    }
}

/// The enumerator whose name_of() stands at `json`. Refuses others: "is not a `what`".
template <class Enum, std::size_t count>
Enum enumerator_from(const JsonField& json, const Enum (&all)[count], std::string_view what)
{
    const std::string word = line_from(json);
    std::string allowed;
    for (std::size_t i = 0; i < count; ++i) {
        if (word == name_of(all[i]))
            return all[i];
        allowed += (i == 0 ? "" : i + 1 == count ? " or " : ", ") + std::string(name_of(all[i]));
    }
    json.refuse("is not a " + std::string(what), std::move(allowed));
}

} // namespace manyhands
