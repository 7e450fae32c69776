// SPDX-License-Identifier: MIT
// What a manager and its clients share: where the queues lie, and what goes through them.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/sync/shared_text.hpp"
#include "engine/trace/segment.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace manyhands {

/// The manager's block: a large one, so that it has an owner number of its own.
struct ManagerMemory
{
    /// A reply that its client has died before reading waits for the slot's next process, which
    /// throws it away: a client has one request under way, so a few places are enough.
    static constexpr std::uint32_t reply_places = 8;

    ArenaOffset requests; ///< an unbounded queue: nobody waits to ask
    std::uint32_t owner; ///< in the arena, of the reply queues and the objects' handles
    SharedName name;
    /// Of each slot: the queue of its replies, made by its first process that asks.
    std::array<std::atomic<ArenaOffset>, slot_limit> replies;
    std::array<std::byte, Arena::large_bytes> room;
};
static_assert(std::is_trivially_destructible_v<ManagerMemory>);

/// One object of a manager, as its proxies find it: a small block, whose offset is what crosses.
struct ObjectHandle
{
    ArenaOffset manager;
    std::uint64_t object;
    ProcessKey server; ///< never used again, so it also says whether the rest still holds
};

/// Stands before a request's arguments. A request with no thunk asks the server to end.
struct RequestHead
{
    std::uint64_t thunk;
    std::uint64_t function;
    std::uint64_t object;
    ProcessKey client;
    std::uint64_t number; ///< the client's; comes back with the reply
};

/// Stands before a result, or before an error's type and text.
struct ReplyHead
{
    std::uint64_t number;
    std::uint64_t failed; ///< 0 or 1
};

/// The server's function: holds the objects and answers until it is asked to end.
void serve_manager(ArenaOffset manager);

} // namespace manyhands
