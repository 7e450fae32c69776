// SPDX-License-Identifier: MIT
// A JSON value out of a parser's calls, with bounds: what strangers wrote is not kept at any size.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace manyhands {

/// Builds one value. Throws TraceDamage where it is nested deeper than 64 levels, has a key twice
/// in an object, or has more than a million values or 64 MiB of text, those built before included.
class JsonTree
{
public:
    /// Forgets the value built before.
    void begin();
    /// Whether the value is complete.
    bool complete() const noexcept { return begun_ && open_.empty(); }
    nlohmann::json take() { return std::move(root_); }

    void value(nlohmann::json value);
    void key(const std::string& key);
    void start(nlohmann::json empty); ///< an object or a list
    void end();

private:
    nlohmann::json& add(nlohmann::json value);
    void count_text(std::size_t bytes);

    nlohmann::json root_;
    bool begun_ = false;
    std::vector<nlohmann::json*> open_; ///< outermost first; all are the last of their parents
    std::string key_;
    std::size_t values_ = 0;
    std::size_t text_bytes_ = 0;
};

} // namespace manyhands
