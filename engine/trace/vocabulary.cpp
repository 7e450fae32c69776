// SPDX-License-Identifier: MIT
#include "engine/trace/vocabulary.hpp"

#include <array>
#include <cstddef>

namespace manyhands {
namespace {

constexpr std::array<std::string_view, state_count> state_names
    = {"starting", "tearing_down", "computing", "serialising", "sending", "receiving",
        "waiting_data", "waiting_space", "waiting_lock", "joining", "idle", "sleeping", "held",
        "foreign"};
constexpr std::array<std::string_view, 3> role_names = {"main", "worker", "server"};
constexpr std::array<std::string_view, start_method_count> start_method_names
    = {"", "spawn", "fork", "forkserver", "thread"};
constexpr std::array<std::string_view, 3> form_names = {"whole", "real", "bytes"};
constexpr std::array<std::string_view, 3> phase_names = {"baseline", "warm_up", "repeat"};

template <class Names, class Value>
std::string_view name_in(const Names& names, Value value)
{
    const auto index = static_cast<std::size_t>(value);
    return index < names.size() ? names[index] : "unknown";
}

} // namespace

std::string_view name_of(State state)
{
    return name_in(state_names, state);
}
std::string_view name_of(Role role)
{
    return name_in(role_names, role);
}
std::string_view name_of(StartMethod method)
{
    return name_in(start_method_names, method);
}
std::string_view name_of(PhaseKind kind)
{
    return name_in(phase_names, kind);
}
std::string_view name_of(ValueForm form)
{
    return name_in(form_names, form);
}

} // namespace manyhands
