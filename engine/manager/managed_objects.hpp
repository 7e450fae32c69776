// SPDX-License-Identifier: MIT
// What a manager's server holds: the objects behind the proxies, and how a method of theirs is
// called by a message.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/os/task_address.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace manyhands {

/// A method's complaint, as Python would name it: "KeyError". Thrown in the server; the caller gets
/// it as RemoteError.
struct RemoteProblem
{
    std::string type;
    std::string text;
};

/// The objects, of any types, by their numbers. Of the server alone.
class ManagedObjects
{
public:
    template <class Object>
    std::uint64_t add(Object object)
    {
        objects_.emplace_back(new Object(std::move(object)),
            [](void* memory) { delete static_cast<Object*>(memory); });
        return objects_.size() - 1;
    }
    template <class Object>
    Object& get(std::uint64_t number)
    {
        return *static_cast<Object*>(at(number));
    }

private:
    void* at(std::uint64_t number) const;

    std::vector<std::unique_ptr<void, void (*)(void*)>> objects_;
};

/// A method as it crosses: what takes its arguments apart, and which it is.
struct ManagedCall
{
    using Thunk = void (*)(ManagedObjects& objects, std::uint64_t object, std::uint64_t function,
        std::span<const std::byte> arguments, std::vector<std::byte>& result);

    std::uint64_t thunk; ///< offsets (function_offset)
    std::uint64_t function;
};

namespace detail {

/// Calls a function of the object and of values, in the server.
template <class Object, class Result, class... Parameters>
void call_managed(ManagedObjects& objects, std::uint64_t object, std::uint64_t function,
    [[maybe_unused]] std::span<const std::byte> arguments, std::vector<std::byte>& result)
{
    // Braces: the arguments are decoded in their order.
    std::tuple<Parameters...> decoded{codec::decode<Parameters>(arguments)...};
    const auto method = function_at<Result (*)(Object&, Parameters...)>(function);
    const auto call = [&](Parameters&... each) -> Result {
        return method(objects.get<Object>(object), std::move(each)...);
    };
    if constexpr (std::is_void_v<Result>)
        std::apply(call, decoded);
    else
        codec::encode(result, std::apply(call, decoded));
}

/// Makes an object of a value; its number is the result.
template <class Object, class Initial>
void make_managed(ManagedObjects& objects, std::uint64_t /*object*/, std::uint64_t /*function*/,
    std::span<const std::byte> arguments, std::vector<std::byte>& result)
{
    codec::encode(result, objects.add(Object(codec::decode<Initial>(arguments))));
}

/// A key or a value as a person reads it; empty where it is neither a number nor a text.
template <class T>
std::string managed_text(const T& value)
{
    if constexpr (std::is_same_v<T, bool>)
        return value ? "true" : "false";
    else if constexpr (std::is_arithmetic_v<T>)
        return std::to_string(value);
    else if constexpr (std::is_convertible_v<const T&, std::string>)
        return "'" + std::string(value) + "'";
    else
        return {};
}

} // namespace detail
} // namespace manyhands
