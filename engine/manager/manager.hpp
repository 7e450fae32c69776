// SPDX-License-Identifier: MIT
// A process that holds objects for all others, as Python's multiprocessing.Manager.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/manager/dict_proxy.hpp"
#include "engine/manager/list_proxy.hpp"
#include "engine/manager/value_proxy.hpp"
#include "engine/process/process.hpp"

#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

/// How a manager is made.
struct ManagerOptions
{
    std::string name = {}; ///< of its server: "Manager-1", "Manager-2" … where empty
    std::optional<StartMethod> start_method = {}; ///< start_method() where it is nothing
};

/// A server process with dictionaries, lists and values, and the way to make them. Move-only;
/// belongs to the lesson's main process, as every Process. Destroying it shuts it down (as leaving
/// `with` does in Python).
///
/// What it makes are proxies: they may be copied, and cross to other processes as arguments of
/// Process or Pool, in queues, and in other managed objects. The objects live as long as the
/// manager. (Python counts references to each.) Should the server die, they are gone, and whoever
/// asks for one is told at once.
class Manager
{
    using Where = std::source_location;

public:
    /// Starts the server. Throws MachineLacks where it cannot be started.
    explicit Manager(ManagerOptions options = {}, const Where& where = Where::current());
    Manager(Manager&& other) noexcept = default;
    Manager& operator=(Manager&& other) noexcept;
    ~Manager();

    /// A new dictionary.
    template <class K, class V>
    DictProxy<K, V> dict(
        const std::vector<std::pair<K, V>>& items = {}, const Where& where = Where::current())
    {
        return DictProxy<K, V>(
            RemoteObject::make<detail::ManagedDict<K, V>>(link_, "dict", items, where));
    }
    /// A new list.
    template <class T>
    ListProxy<T> list(const std::vector<T>& values = {}, const Where& where = Where::current())
    {
        return ListProxy<T>(
            RemoteObject::make<detail::ManagedList<T>>(link_, "list", values, where));
    }
    /// A new value.
    template <class T>
    ValueProxy<T> value(const T& initial = {}, const Where& where = Where::current())
    {
        return ValueProxy<T>(
            RemoteObject::make<detail::ManagedValue<T>>(link_, "value", initial, where));
    }
    /// New named attributes. (Python's Namespace; that word is taken.)
    NamespaceProxy name_space(const Where& where = Where::current());

    /// Ends the server when it has answered what was asked before, and waits for that; one that
    /// does not end is killed. Its objects are gone. Does nothing the second time.
    void shutdown() noexcept;

    const std::string& name() const noexcept { return server_.name(); }
    int pid() const noexcept { return server_.pid(); }

private:
    SharedBlock block_;
    Process server_;
    ManagerLink link_;
};

} // namespace manyhands
