// SPDX-License-Identifier: MIT
// A dictionary in a manager's server, as Python's multiprocessing.Manager().dict().
#pragma once

#include "engine/manager/remote_object.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

namespace detail {

/// The dictionary itself, in the server: in the order of insertion, as Python's.
template <class K, class V>
class ManagedDict
{
public:
    using Items = std::vector<std::pair<K, V>>;

    explicit ManagedDict(Items items) { update(*this, std::move(items)); }

    static V at(ManagedDict& dict, K key) { return dict.find(key)->second; }
    static std::optional<V> get(ManagedDict& dict, K key)
    {
        const auto found = dict.index_.find(key);
        return found == dict.index_.end() ? std::nullopt : std::optional<V>(found->second->second);
    }
    static void set(ManagedDict& dict, K key, V value)
    {
        const auto found = dict.index_.find(key);
        if (found != dict.index_.end()) {
            found->second->second = std::move(value);
            return;
        }
        dict.items_.emplace_back(key, std::move(value));
        dict.index_.emplace(std::move(key), std::prev(dict.items_.end()));
    }
    static V setdefault(ManagedDict& dict, K key, V value)
    {
        if (!dict.index_.contains(key))
            set(dict, key, std::move(value));
        return at(dict, std::move(key));
    }
    static V pop(ManagedDict& dict, K key)
    {
        const auto item = dict.find(key);
        V value = std::move(item->second);
        dict.index_.erase(key);
        dict.items_.erase(item);
        return value;
    }
    static void erase(ManagedDict& dict, K key) { pop(dict, std::move(key)); }
    static std::pair<K, V> popitem(ManagedDict& dict)
    {
        if (dict.items_.empty())
            throw RemoteProblem{"KeyError", "popitem(): dictionary is empty"};
        std::pair<K, V> item = std::move(dict.items_.back());
        dict.index_.erase(item.first);
        dict.items_.pop_back();
        return item;
    }
    static bool contains(ManagedDict& dict, K key) { return dict.index_.contains(key); }
    static std::uint64_t size(ManagedDict& dict) { return dict.items_.size(); }
    static std::vector<K> keys(ManagedDict& dict)
    {
        std::vector<K> keys;
        for (const auto& item : dict.items_)
            keys.push_back(item.first);
        return keys;
    }
    static std::vector<V> values(ManagedDict& dict)
    {
        std::vector<V> values;
        for (const auto& item : dict.items_)
            values.push_back(item.second);
        return values;
    }
    static Items items(ManagedDict& dict) { return {dict.items_.begin(), dict.items_.end()}; }
    static void update(ManagedDict& dict, Items items)
    {
        for (auto& [key, value] : items)
            set(dict, std::move(key), std::move(value));
    }
    static void clear(ManagedDict& dict)
    {
        dict.index_.clear();
        dict.items_.clear();
    }

private:
    using Item = typename std::list<std::pair<K, V>>::iterator;

    Item find(const K& key)
    {
        const auto found = index_.find(key);
        if (found == index_.end())
            throw RemoteProblem{"KeyError", managed_text(key)};
        return found->second;
    }

    std::list<std::pair<K, V>> items_;
    std::map<K, Item> index_;
};

} // namespace detail

/// A dictionary that any process of the run reads and changes. Made by Manager::dict(); a copy is
/// the same dictionary, and crosses to other processes as an argument or in a queue. Belongs to one
/// thread; the dictionary lives as long as its manager, which goes on whoever dies.
///
/// Each call is one round trip to the server, which answers one after the other: a call is never
/// half done, two calls may have others' between them (`d.set(k, d.at(k) + 1)` loses updates
/// without a lock, as in Python). Keys and values are copied: a value that is changed after it was
/// got is not changed in the dictionary until it is set again. Keys need `<`; their order is that
/// of insertion.
///
/// All calls throw WorkerDied where the server dies or has died, Error where the manager was shut
/// down, StopRequested when the run is asked to end. A key that is not there is a RemoteError whose
/// failure().type is "KeyError".
template <class K, class V>
class DictProxy
{
    using Object = detail::ManagedDict<K, V>;
    using Where = std::source_location;

public:
    static DictProxy view(ArenaOffset offset) { return DictProxy(offset); }
    ArenaOffset offset() const noexcept { return object_.offset(); }

    /// The value of a key; KeyError.
    V at(const K& key, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::at, key);
    }
    /// The value of a key; nothing where it is not there.
    std::optional<V> get(const K& key, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::get, key);
    }
    V get(const K& key, const V& otherwise, const Where& where = Where::current()) const
    {
        return get(key, where).value_or(otherwise);
    }
    void set(const K& key, const V& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::set, key, value);
    }
    /// The value of a key, which is `value` from now on where it was not there.
    V setdefault(const K& key, const V& value, const Where& where = Where::current())
    {
        return object_.call(where, &Object::setdefault, key, value);
    }
    /// Takes a key out; KeyError.
    void erase(const K& key, const Where& where = Where::current())
    {
        object_.call(where, &Object::erase, key);
    }
    /// Takes a key out and returns its value; KeyError.
    V pop(const K& key, const Where& where = Where::current())
    {
        return object_.call(where, &Object::pop, key);
    }
    /// Takes the item out that was inserted last; KeyError where there is none.
    std::pair<K, V> popitem(const Where& where = Where::current())
    {
        return object_.call(where, &Object::popitem);
    }
    bool contains(const K& key, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::contains, key);
    }
    std::size_t size(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::size);
    }
    bool empty(const Where& where = Where::current()) const { return size(where) == 0; }
    std::vector<K> keys(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::keys);
    }
    std::vector<V> values(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::values);
    }
    std::vector<std::pair<K, V>> items(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::items);
    }
    void update(const std::vector<std::pair<K, V>>& items, const Where& where = Where::current())
    {
        object_.call(where, &Object::update, items);
    }
    void clear(const Where& where = Where::current()) { object_.call(where, &Object::clear); }

    /// What `dict[key]` is: reads it where a value is wanted, sets it where it is assigned to.
    class Item
    {
    public:
        operator V() const { return dict_.at(key_, where_); } // NOLINT: as in Python
        Item& operator=(const V& value)
        {
            dict_.set(key_, value, where_);
            return *this;
        }
        Item(const Item&) = delete;
        Item& operator=(const Item& other) { return *this = static_cast<V>(other); }
        ~Item() = default;

    private:
        friend class DictProxy;
        Item(DictProxy& dict, K key, const Where& where)
            : dict_(dict)
            , key_(std::move(key))
            , where_(where)
        {
        }

        DictProxy& dict_;
        K key_;
        Where where_;
    };

    /// A key and where it was written: an operator has no room for a default argument.
    struct Key
    {
        template <class From>
        requires std::is_convertible_v<From, K> Key(From&& from, // NOLINT: stands for the key
            const Where& from_where = Where::current())
            : key(std::forward<From>(from))
            , where(from_where)
        {
        }

        K key;
        Where where;
    };
    Item operator[](Key key) { return {*this, std::move(key.key), key.where}; }

private:
    friend class Manager;
    explicit DictProxy(ArenaOffset handle)
        : object_(handle, "dict")
    {
    }

    RemoteObject object_;
};

} // namespace manyhands
