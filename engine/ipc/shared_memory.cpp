// SPDX-License-Identifier: MIT
#include "engine/ipc/shared_memory.hpp"

#include "engine/os/error.hpp"

#include <limits>
#include <new>

namespace manyhands {

// What stands before the bytes.
struct SharedMemory::Head
{
    alignas(64) std::size_t size;
};

SharedMemory::SharedMemory(std::int64_t size, const std::string& name)
{
    const std::string object = name.empty() ? "shared memory" : "shared memory " + name;
    constexpr auto most
        = std::numeric_limits<std::int64_t>::max() - static_cast<std::int64_t>(sizeof(Head));
    if (size < 1 || size > most)
        throw BadValue({.object = "size of " + object,
            .problem = "is not allowed",
            .value = std::to_string(size) + " bytes",
            .limit = "1 to " + std::to_string(most)});
    const auto bytes = static_cast<std::size_t>(size);
    block_ = SharedBlock(object, sizeof(Head) + bytes);
    new (block_.memory()) Head{bytes};
}

std::span<std::byte> SharedMemory::buf() const noexcept
{
    return {block_.memory() + sizeof(Head), size()};
}

std::size_t SharedMemory::size() const noexcept
{
    return block_.as<Head>().size;
}

} // namespace manyhands
