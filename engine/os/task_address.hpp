// SPDX-License-Identifier: MIT
// How a function crosses between processes: as its offset from the image's base, which is the same
// in every process of one build. The build id is compared when a worker starts.
#pragma once

#include "engine/os/build_id.hpp"

#include <cstdint>
#include <type_traits>

namespace manyhands {

/// A plain function, or a lambda without captures, as a number that means the same in every
/// process.
template <class Function>
std::uint64_t function_offset(Function function)
{
    static_assert(
        std::is_pointer_v<Function> && std::is_function_v<std::remove_pointer_t<Function>>,
        "Only a plain function or a lambda without captures can run in another process: what a "
        "lambda captures lies in this process's memory. Pass it as an argument.");
    return reinterpret_cast<std::uintptr_t>(function) - os::image_base();
}

/// The function of type Function* at `offset`.
template <class Function>
Function function_at(std::uint64_t offset)
{
    return reinterpret_cast<Function>(os::image_base() + static_cast<std::uintptr_t>(offset));
}

/// `function` as a function pointer: turns a lambda without captures into one.
template <class Callable>
constexpr auto as_function(Callable callable)
{
    if constexpr (std::is_pointer_v<Callable>) {
        return callable;
    } else {
        static_assert(std::is_empty_v<Callable>,
            "A lambda with captures cannot run in another process: what it captures lies in this "
            "process's memory. Pass it as an argument.");
        return +callable;
    }
}

} // namespace manyhands
