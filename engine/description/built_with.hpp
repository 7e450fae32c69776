// SPDX-License-Identifier: MIT
// Which engine a lesson program was built with: whoever opens it must read what it says and writes.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace manyhands {

/// Of what `--describe` answers. A change of a field's meaning, or a new one that must be there, is
/// a new version.
inline constexpr std::uint32_t description_version = 1;

/// Stands in each answer to `--describe`, in all versions alike.
struct BuiltWith
{
    std::string engine; ///< its version, for a person
    std::uint32_t description = description_version;
    std::uint32_t segment = 0; ///< layout version
};

nlohmann::json to_json(const BuiltWith& built);
/// Nothing where `answer` does not say it.
std::optional<BuiltWith> built_with_from(const nlohmann::json& answer);

} // namespace manyhands
