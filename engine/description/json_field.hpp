// SPDX-License-Identifier: MIT
// The strict reading of JSON documents that another program wrote.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

/// A value within a document, with the path that leads to it. Each reading function throws BadValue
/// that names the path ("parameters[2].minimum of the lesson description is not a number") where
/// the value is of another type or outside what is allowed. Refers to the document, not a copy.
class JsonField
{
public:
    /// The root of a document; `document` names it: "the lesson description".
    JsonField(const nlohmann::json& json, std::string_view document);

    JsonField member(const char* key) const; ///< of an object; required
    bool has(const char* key) const; ///< whether it is an object with that member
    std::vector<JsonField> elements(std::size_t most) const;

    bool is_null() const noexcept { return json_->is_null(); }
    bool flag() const;
    double number() const; ///< finite
    std::int64_t whole(std::int64_t least, std::int64_t most) const;
    std::string line(std::size_t most_bytes) const; ///< without control characters
    std::string text(std::size_t most_bytes) const; ///< the same, of several lines
    std::string name() const; ///< lower-case letters, digits, underscores; for words and file names
    nlohmann::json tree(int most_levels) const; ///< any JSON, nested no deeper than that

    [[noreturn]] void refuse(std::string problem, std::string limit = {}) const;

private:
    JsonField(const nlohmann::json& json, std::string_view document, std::string path);

    const std::string& string(std::size_t most_bytes) const;

    const nlohmann::json* json_;
    std::string_view document_;
    std::string path_;
};

} // namespace manyhands
