// SPDX-License-Identifier: MIT
// An array that processes share, as Python's multiprocessing.Array and RawArray.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/ipc/value.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/lock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <source_location>
#include <span>
#include <string>

namespace manyhands {

namespace detail {

/// The bytes of an array. Throws BadValue for a size that is not allowed.
std::size_t checked_array_bytes(
    const std::string& object, std::int64_t size, std::size_t each, std::size_t head);
[[noreturn]] void throw_no_such_index(std::int64_t index, std::size_t size);

} // namespace detail

/// An array without a lock. Made by any process of the run; copies are views and cross to others as
/// arguments. Elements that several processes use at once need std::atomic_ref or a lock; elements
/// of their own, nothing.
template <class T>
class RawArray
{
public:
    /// All zero. Throws BadValue for a size below 1 or above what can be addressed, Error where the
    /// run's shared memory has no room.
    explicit RawArray(std::int64_t size, std::string name = {})
        : RawArray(size, 0, std::move(name))
    {
    }
    /// With these values.
    explicit RawArray(std::span<const T> values, std::string name = {})
        : RawArray(static_cast<std::int64_t>(values.size()), 0, std::move(name))
    {
        std::copy(values.begin(), values.end(), span().begin());
    }
    static RawArray view(ArenaOffset offset) noexcept { return RawArray(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    std::size_t size() const noexcept { return head().size; }
    std::span<T> span() const noexcept
    {
        return {std::launder(reinterpret_cast<T*>(block_.memory() + sizeof(Head))), size()};
    }

private:
    template <class U>
    friend class Array;

    struct Head
    {
        alignas(64) std::size_t size;
        ArenaOffset lock; // of an Array; 0: none
    };
    static_assert(alignof(T) <= alignof(Head));

    RawArray(std::int64_t size, ArenaOffset lock, std::string name)
    {
        detail::check_can_be_shared<T>();
        const std::string object = name.empty() ? "array" : "array " + name;
        block_ = SharedBlock(
            object, detail::checked_array_bytes(object, size, sizeof(T), sizeof(Head)));
        new (block_.memory()) Head{static_cast<std::size_t>(size), lock};
        // The memory is zero already, which makes a T of plain data; this only begins its life.
        std::uninitialized_default_construct(span().begin(), span().end());
    }
    explicit RawArray(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    Head& head() const noexcept { return block_.template as<Head>(); }

    SharedBlock block_;
};

/// An array with a lock of its own, which get() and set() take. Made by any process of the run;
/// copies are views and cross to others as arguments. By the main threads of processes. What it
/// holds is not traced; waits for its lock are.
template <class T>
class Array
{
public:
    /// As RawArray's.
    explicit Array(std::int64_t size, std::string name = {})
        : raw_(size, 0, name)
        , lock_({.name = name})
    {
        raw_.head().lock = lock_.offset();
    }
    explicit Array(std::span<const T> values, std::string name = {})
        : Array(static_cast<std::int64_t>(values.size()), std::move(name))
    {
        std::copy(values.begin(), values.end(), span().begin());
    }
    static Array view(ArenaOffset offset) noexcept { return Array(RawArray<T>::view(offset)); }
    ArenaOffset offset() const noexcept { return raw_.offset(); }

    std::size_t size() const noexcept { return raw_.size(); }
    /// Throws BadValue for an index that is not below size(); negative ones do not count from the
    /// end, as they do in Python.
    T get(std::int64_t index, const std::source_location& where = std::source_location::current())
    {
        T& element = at(index);
        const auto held = lock_.hold(forever, where);
        return element;
    }
    void set(std::int64_t index, const T& value,
        const std::source_location& where = std::source_location::current())
    {
        T& element = at(index);
        const auto held = lock_.hold(forever, where);
        element = value;
    }
    RLock& get_lock() noexcept { return lock_; }
    /// All elements: for who holds get_lock().
    std::span<T> span() const noexcept { return raw_.span(); }

private:
    explicit Array(RawArray<T> raw) noexcept
        : raw_(std::move(raw))
        , lock_(RLock::view(raw_.head().lock))
    {
    }
    T& at(std::int64_t index) const
    {
        if (index < 0 || static_cast<std::uint64_t>(index) >= size())
            detail::throw_no_such_index(index, size());
        return span()[static_cast<std::size_t>(index)];
    }

    RawArray<T> raw_;
    RLock lock_;
};

} // namespace manyhands
