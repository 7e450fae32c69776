// SPDX-License-Identifier: MIT
// One value that processes share, as Python's multiprocessing.Value and RawValue.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/ipc/codec.hpp"
#include "engine/sync/lock.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <new>
#include <source_location>
#include <string>
#include <type_traits>

namespace manyhands {

namespace detail {

/// Refuses at compile time what cannot lie in memory that processes share.
template <class T>
constexpr void check_can_be_shared()
{
    codec::check_can_cross<T>();
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>,
        "Only plain data can lie in shared memory: numbers, and structs and arrays of them. A "
        "std::string or std::vector keeps its contents in this process's memory. Send it through a "
        "queue.");
}

/// How a value's bits are told; see ValueForm.
template <class T>
constexpr ValueForm value_form() noexcept
{
    return std::floating_point<T> && sizeof(T) == sizeof(double) ? ValueForm::real
        : std::integral<T> || std::is_enum_v<T>                  ? ValueForm::whole
                                                                 : ValueForm::bytes;
}

template <class T>
std::uint64_t value_bits(const T& value) noexcept
{
    if constexpr (std::integral<T> || std::is_enum_v<T>) {
        return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    } else {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, std::min(sizeof bits, sizeof value));
        return bits;
    }
}

/// What values of every type have in common. `kind` is for the name of one without a name.
std::uint16_t make_value_number(std::string& name, std::string_view kind);
/// Tells that a value has changed, at most every 10 us for a process.
void tell_of_value(
    std::uint16_t number, ValueForm form, std::uint64_t bits, const std::source_location& where);

} // namespace detail

/// A value without a lock. Made by any process of the run; copies are views and cross to others as
/// arguments.
///
/// To read it, change it and write it back is three steps, between which another process may write:
/// that is the race that a lesson may want to show. It then has to use load() and store(). An `++`
/// through a plain reference is no race that one can count on: it is undefined behaviour, and the
/// compiler may merge a whole loop of it into one addition. atomic() is the remedy without a lock.
template <class T>
class RawValue
{
public:
    explicit RawValue(T value = {}, std::string name = {})
        : block_(name.empty() ? "value" : "value " + name, sizeof(State))
    {
        detail::check_can_be_shared<T>();
        static_assert(std::atomic_ref<T>::is_always_lock_free,
            "A RawValue is read and written in one piece: it can hold a number or something of "
            "that size. Use Value, which has a lock.");
        State& shared = *new (block_.memory()) State{value, 0};
        shared.number = detail::make_value_number(name, "RawValue");
    }
    static RawValue view(ArenaOffset offset) noexcept { return RawValue(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    T load(std::memory_order order = std::memory_order_relaxed) const noexcept
    {
        return atomic().load(order);
    }
    void store(T value, std::memory_order order = std::memory_order_relaxed) noexcept
    {
        atomic().store(value, order);
    }
    /// For fetch_add() and its like: one step each.
    std::atomic_ref<T> atomic() const noexcept { return std::atomic_ref<T>(state().value); }

    /// Tells the trace what it holds now; nothing else does. At most every 10 us for a process.
    void trace(const std::source_location& where = std::source_location::current()) const
    {
        if (this_process.recorder.traced()) [[unlikely]]
            detail::tell_of_value(
                state().number, detail::value_form<T>(), detail::value_bits(load()), where);
    }

private:
    struct State
    {
        // A cache line of its own: what stands beside it is read only.
        alignas(64) T value;
        std::uint16_t number;
    };

    explicit RawValue(SharedBlock block) noexcept
        : block_(std::move(block))
    {
    }
    State& state() const noexcept { return block_.as<State>(); }

    SharedBlock block_;
};

/// A value with a lock of its own, which get() and set() take. Made by any process of the run;
/// copies are views and cross to others as arguments. By the main threads of processes.
///
/// To change it by what it holds is two steps: lock get_lock() around both, as in Python. If a
/// process dies within, the next one goes on with what it left: the old value or the new one where
/// T is read and written in one piece, else perhaps a part of each.
template <class T>
class Value
{
public:
    explicit Value(T value = {}, std::string name = {})
        : block_(name.empty() ? "value" : "value " + name, sizeof(State))
        , lock_({.name = name})
    {
        detail::check_can_be_shared<T>();
        State& shared = *new (block_.memory()) State{value, lock_.offset(), 0};
        shared.number = detail::make_value_number(name, "Value");
    }
    static Value view(ArenaOffset offset) noexcept { return Value(SharedBlock(offset)); }
    ArenaOffset offset() const noexcept { return block_.offset(); }

    T get(const std::source_location& where = std::source_location::current())
    {
        const auto held = lock_.hold(forever, where);
        return state().value;
    }
    /// Also tells the trace what it holds now, as far as it fits 8 bytes, and at most every 10 us
    /// for a process, so that a tight loop leaves room for other events.
    void set(const T& value, const std::source_location& where = std::source_location::current())
    {
        const auto held = lock_.hold(forever, where);
        state().value = value;
        if (this_process.recorder.traced())
            detail::tell_of_value(
                state().number, detail::value_form<T>(), detail::value_bits(value), where);
    }
    RLock& get_lock() noexcept { return lock_; }

private:
    struct State
    {
        T value;
        ArenaOffset lock;
        std::uint16_t number;
    };

    explicit Value(SharedBlock block) noexcept
        : block_(std::move(block))
        , lock_(RLock::view(state().lock))
    {
    }
    State& state() const noexcept { return block_.template as<State>(); }

    SharedBlock block_;
    RLock lock_;
};

} // namespace manyhands
