// SPDX-License-Identifier: MIT
#include "engine/recording/json_tree.hpp"

#include "engine/recording/trace_stream.hpp"

#include <utility>

namespace manyhands {
namespace {

constexpr std::size_t most_levels = 64;
constexpr std::size_t most_values = 1'000'000;
constexpr std::size_t most_text_bytes = std::size_t{64} << 20;

} // namespace

void JsonTree::begin()
{
    root_ = nullptr;
    begun_ = false;
}

void JsonTree::count_text(std::size_t bytes)
{
    text_bytes_ += bytes;
    if (text_bytes_ > most_text_bytes)
        throw TraceDamage("there is more text than in any run");
}

nlohmann::json& JsonTree::add(nlohmann::json value)
{
    if (++values_ > most_values)
        throw TraceDamage("there are more values than in any run");
    if (value.is_string())
        count_text(value.get_ref<const std::string&>().size());
    begun_ = true;
    if (open_.empty())
        return root_ = std::move(value);
    nlohmann::json& parent = *open_.back();
    if (parent.is_object())
        return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
}

void JsonTree::value(nlohmann::json value)
{
    add(std::move(value));
}

void JsonTree::key(const std::string& key)
{
    if (open_.back()->contains(key))
        throw TraceDamage("a key stands there twice");
    count_text(key.size());
    key_ = key;
}

void JsonTree::start(nlohmann::json empty)
{
    if (open_.size() == most_levels)
        throw TraceDamage("it is nested too deeply");
    open_.push_back(&add(std::move(empty)));
}

void JsonTree::end()
{
    open_.pop_back();
}

} // namespace manyhands
