// SPDX-License-Identifier: MIT
// A list in a manager's server, as Python's multiprocessing.Manager().list().
#pragma once

#include "engine/manager/remote_object.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <source_location>
#include <string>
#include <utility>
#include <vector>

namespace manyhands {

namespace detail {

/// The list itself, in the server.
template <class T>
class ManagedList
{
public:
    explicit ManagedList(std::vector<T> values)
        : values_(std::move(values))
    {
    }

    static T at(ManagedList& list, std::int64_t index)
    {
        return list.values_[list.place(index, "list")];
    }
    static void set(ManagedList& list, std::int64_t index, T value)
    {
        list.values_[list.place(index, "list assignment")] = std::move(value);
    }
    static void append(ManagedList& list, T value) { list.values_.push_back(std::move(value)); }
    static void extend(ManagedList& list, std::vector<T> values)
    {
        list.values_.insert(list.values_.end(), std::make_move_iterator(values.begin()),
            std::make_move_iterator(values.end()));
    }
    static void insert(ManagedList& list, std::int64_t index, T value)
    {
        list.values_.insert(list.values_.begin() + list.cut(index), std::move(value));
    }
    static T pop(ManagedList& list, std::int64_t index)
    {
        if (list.values_.empty())
            throw RemoteProblem{"IndexError", "pop from empty list"};
        const auto at
            = list.values_.begin() + static_cast<std::ptrdiff_t>(list.place(index, "pop"));
        T value = std::move(*at);
        list.values_.erase(at);
        return value;
    }
    static void erase(ManagedList& list, std::int64_t index)
    {
        list.values_.erase(
            list.values_.begin() + static_cast<std::ptrdiff_t>(list.place(index, "list deletion")));
    }
    static void remove(ManagedList& list, T value)
    {
        list.values_.erase(
            list.values_.begin() + static_cast<std::ptrdiff_t>(index_of(list, std::move(value))));
    }
    static std::uint64_t index_of(ManagedList& list, T value)
    {
        const auto found = std::find(list.values_.begin(), list.values_.end(), value);
        if (found == list.values_.end())
            throw RemoteProblem{"ValueError", managed_text(value) + " is not in list"};
        return static_cast<std::uint64_t>(found - list.values_.begin());
    }
    static std::uint64_t count(ManagedList& list, T value)
    {
        return static_cast<std::uint64_t>(
            std::count(list.values_.begin(), list.values_.end(), value));
    }
    static bool contains(ManagedList& list, T value) { return count(list, std::move(value)) != 0; }
    static std::uint64_t size(ManagedList& list) { return list.values_.size(); }
    static void clear(ManagedList& list) { list.values_.clear(); }
    static void reverse(ManagedList& list)
    {
        std::reverse(list.values_.begin(), list.values_.end());
    }
    static void sort(ManagedList& list)
    {
        std::stable_sort(list.values_.begin(), list.values_.end());
    }
    static std::vector<T> slice(ManagedList& list, std::int64_t begin, std::int64_t end)
    {
        const auto first = list.values_.begin() + list.cut(begin);
        return {first, std::max(first, list.values_.begin() + list.cut(end))};
    }

private:
    // Negative ones count from the end.
    std::size_t place(std::int64_t index, const char* of_what) const
    {
        const auto size = static_cast<std::int64_t>(values_.size());
        if (index < -size || index >= size)
            throw RemoteProblem{"IndexError", std::string(of_what) + " index out of range"};
        return static_cast<std::size_t>(index < 0 ? index + size : index);
    }
    // Between two values; what lies outside means the end.
    std::ptrdiff_t cut(std::int64_t index) const
    {
        const auto size = static_cast<std::int64_t>(values_.size());
        return std::clamp<std::int64_t>(
            index < 0 ? std::max<std::int64_t>(index, -size) + size : index, 0, size);
    }

    std::vector<T> values_;
};

} // namespace detail

/// A list that any process of the run reads and changes; see DictProxy, of which all the rest holds
/// here, too. Made by Manager::list(). Negative indices count from the end, as in Python; one that
/// is out of range is a RemoteError whose failure().type is "IndexError", a value that is not there
/// a "ValueError".
template <class T>
class ListProxy
{
    using Object = detail::ManagedList<T>;
    using Where = std::source_location;

public:
    static ListProxy view(ArenaOffset offset) { return ListProxy(offset); }
    ArenaOffset offset() const noexcept { return object_.offset(); }

    T at(std::int64_t index, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::at, index);
    }
    void set(std::int64_t index, const T& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::set, index, value);
    }
    void append(const T& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::append, value);
    }
    void extend(const std::vector<T>& values, const Where& where = Where::current())
    {
        object_.call(where, &Object::extend, values);
    }
    /// Before the value that has the index now.
    void insert(std::int64_t index, const T& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::insert, index, value);
    }
    /// Takes a value out, the last one unless told otherwise, and returns it.
    T pop(std::int64_t index = -1, const Where& where = Where::current())
    {
        return object_.call(where, &Object::pop, index);
    }
    void erase(std::int64_t index, const Where& where = Where::current())
    {
        object_.call(where, &Object::erase, index);
    }
    /// The first that equals it.
    void remove(const T& value, const Where& where = Where::current())
    {
        object_.call(where, &Object::remove, value);
    }
    std::size_t index(const T& value, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::index_of, value);
    }
    std::size_t count(const T& value, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::count, value);
    }
    bool contains(const T& value, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::contains, value);
    }
    std::size_t size(const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::size);
    }
    bool empty(const Where& where = Where::current()) const { return size(where) == 0; }
    void clear(const Where& where = Where::current()) { object_.call(where, &Object::clear); }
    void reverse(const Where& where = Where::current()) { object_.call(where, &Object::reverse); }
    void sort(const Where& where = Where::current()) { object_.call(where, &Object::sort); }
    /// The values from `begin` on, before `end`.
    std::vector<T> slice(
        std::int64_t begin, std::int64_t end, const Where& where = Where::current()) const
    {
        return object_.call(where, &Object::slice, begin, end);
    }
    /// All of them.
    std::vector<T> copy(const Where& where = Where::current()) const
    {
        return slice(0, std::numeric_limits<std::int64_t>::max(), where);
    }

    /// What `list[index]` is: reads it where a value is wanted, sets it where it is assigned to.
    class Item
    {
    public:
        operator T() const { return list_.at(index_, where_); } // NOLINT: as in Python
        Item& operator=(const T& value)
        {
            list_.set(index_, value, where_);
            return *this;
        }
        Item(const Item&) = delete;
        Item& operator=(const Item& other) { return *this = static_cast<T>(other); }
        ~Item() = default;

    private:
        friend class ListProxy;
        Item(ListProxy& list, std::int64_t index, const Where& where)
            : list_(list)
            , index_(index)
            , where_(where)
        {
        }

        ListProxy& list_;
        std::int64_t index_;
        Where where_;
    };

    /// An index and where it was written: an operator has no room for a default argument.
    struct Index
    {
        Index(
            std::int64_t from, const Where& from_where = Where::current()) // NOLINT: stands for it
            : index(from)
            , where(from_where)
        {
        }

        std::int64_t index;
        Where where;
    };
    Item operator[](Index index) { return {*this, index.index, index.where}; }

private:
    friend class Manager;
    explicit ListProxy(ArenaOffset handle)
        : object_(handle, "list")
    {
    }

    RemoteObject object_;
};

} // namespace manyhands
