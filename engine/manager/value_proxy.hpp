// SPDX-License-Identifier: MIT
// Single values in a manager's server, as Python's multiprocessing.Manager().Value() and
// .Namespace().
#pragma once

#include "engine/manager/remote_object.hpp"

#include <map>
#include <source_location>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace manyhands {

namespace detail {

template <class T>
struct ManagedValue
{
    explicit ManagedValue(T initial)
        : value(std::move(initial))
    {
    }

    static T get(ManagedValue& of) { return of.value; }
    static void set(ManagedValue& of, T value) { of.value = std::move(value); }

    T value;
};

/// Attributes of any types: the server keeps them encoded, and which type they are of.
class ManagedNamespace
{
public:
    explicit ManagedNamespace(std::uint64_t /*nothing*/) { }

    static std::vector<std::byte> get(ManagedNamespace& of, std::string name, std::string type);
    static void set(
        ManagedNamespace& of, std::string name, std::string type, std::vector<std::byte> encoded);
    static void erase(ManagedNamespace& of, std::string name);
    static bool contains(ManagedNamespace& of, std::string name);
    static std::vector<std::string> names(ManagedNamespace& of);

private:
    struct Attribute
    {
        std::string type;
        std::vector<std::byte> encoded;
    };

    Attribute& find(const std::string& name);

    std::map<std::string, Attribute> attributes_;
};

} // namespace detail

/// A value that any process of the run reads and changes; see DictProxy, of which all the rest
/// holds here, too. Made by Manager::value(). (A Value lies in shared memory, and takes no round
/// trip.)
template <class T>
class ValueProxy
{
    using Object = detail::ManagedValue<T>;
    using Where = std::source_location;

public:
    static ValueProxy view(ArenaOffset offset) { return ValueProxy(offset); }
    ArenaOffset offset() const noexcept { return object_.offset(); }

    T get(const Where& where = Where::current()) const { return object_.call(where, &Object::get); }
    void set(const T& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::set, value);
    }

private:
    friend class Manager;
    explicit ValueProxy(ArenaOffset handle)
        : object_(handle, "value")
    {
    }

    RemoteObject object_;
};

/// Named attributes, each of a type of its own: `names.set("limit", 10)`,
/// `names.get<int>("limit")`. See DictProxy, of which all the rest holds here, too. Made by
/// Manager::name_space(). A name that is not there is a RemoteError whose failure().type is
/// "AttributeError"; one that was set as another type, a "TypeError".
class NamespaceProxy
{
    using Object = detail::ManagedNamespace;
    using Where = std::source_location;

public:
    static NamespaceProxy view(ArenaOffset offset) { return NamespaceProxy(offset); }
    ArenaOffset offset() const noexcept { return object_.offset(); }

    template <class T>
    T get(const std::string& name, const Where& where = Where::current()) const
    {
        const std::vector<std::byte> encoded
            = object_.call(where, &Object::get, name, typeid(T).name());
        std::span<const std::byte> bytes = encoded;
        return codec::decode<T>(bytes);
    }
    template <class T>
    void set(const std::string& name, const T& value, const Where& where = Where::current())
    {
        std::vector<std::byte> encoded;
        codec::encode(encoded, value);
        object_.call(where, &Object::set, name, typeid(T).name(), encoded);
    }
    /// A text is a std::string, however it is written.
    void set(const std::string& name, const char* text, const Where& where = Where::current())
    {
        set(name, std::string(text), where);
    }
    void erase(const std::string& name, const Where& where = Where::current())
    {
        object_.call(where, &Object::erase, name);
    }
    bool contains(const std::string& name, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::contains, name);
    }
    /// Those that are there, in the order of the alphabet.
    std::vector<std::string> names(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::names);
    }

private:
    friend class Manager;
    explicit NamespaceProxy(ArenaOffset handle)
        : object_(handle, "namespace")
    {
    }

    RemoteObject object_;
};

} // namespace manyhands
