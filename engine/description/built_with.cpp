// SPDX-License-Identifier: MIT
#include "engine/description/built_with.hpp"

#include "engine/description/json_field.hpp"

#include <limits>

namespace manyhands {
namespace {

constexpr std::size_t most_bytes_of_a_version = 100;
constexpr std::int64_t highest_version = std::numeric_limits<std::uint32_t>::max();

} // namespace

nlohmann::json to_json(const BuiltWith& built)
{
    return {
        {"engine", built.engine}, {"description", built.description}, {"segment", built.segment}};
}

std::optional<BuiltWith> built_with_from(const nlohmann::json& answer)
{
    const JsonField root(answer, "the answer to --describe");
    if (!root.has("built_with"))
        return std::nullopt;
    const JsonField built = root.member("built_with");
    return BuiltWith{.engine = built.member("engine").line(most_bytes_of_a_version),
        .description
        = static_cast<std::uint32_t>(built.member("description").whole(0, highest_version)),
        .segment = static_cast<std::uint32_t>(built.member("segment").whole(0, highest_version))};
}

} // namespace manyhands
