// SPDX-License-Identifier: MIT
#include "engine/manager/managed_objects.hpp"

#include "engine/manager/value_proxy.hpp"

namespace manyhands {

void* ManagedObjects::at(std::uint64_t number) const
{
    if (number >= objects_.size())
        throw RemoteProblem{"KeyError", "the manager has no object of this number"};
    return objects_[number].get();
}

namespace detail {

std::vector<std::byte> ManagedNamespace::get(
    ManagedNamespace& of, std::string name, std::string type)
{
    const Attribute& attribute = of.find(name);
    if (attribute.type != type)
        throw RemoteProblem{"TypeError", "'" + name + "' was set as another type"};
    return attribute.encoded;
}

void ManagedNamespace::set(
    ManagedNamespace& of, std::string name, std::string type, std::vector<std::byte> encoded)
{
    of.attributes_[std::move(name)] = {std::move(type), std::move(encoded)};
}

void ManagedNamespace::erase(ManagedNamespace& of, std::string name)
{
    of.find(name);
    of.attributes_.erase(name);
}

bool ManagedNamespace::contains(ManagedNamespace& of, std::string name)
{
    return of.attributes_.contains(name);
}

std::vector<std::string> ManagedNamespace::names(ManagedNamespace& of)
{
    std::vector<std::string> names;
    for (const auto& [name, attribute] : of.attributes_)
        names.push_back(name);
    return names;
}

ManagedNamespace::Attribute& ManagedNamespace::find(const std::string& name)
{
    const auto found = attributes_.find(name);
    if (found == attributes_.end())
        throw RemoteProblem{"AttributeError", "'" + name + "' is not in the namespace"};
    return found->second;
}

} // namespace detail
} // namespace manyhands
