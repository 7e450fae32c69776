// SPDX-License-Identifier: MIT
#include "engine/manager/manager.hpp"

#include "engine/ipc/message_queue.hpp"
#include "engine/manager/manager_memory.hpp"
#include "engine/trace/this_process.hpp"

#include <chrono>
#include <cstring>
#include <new>

namespace manyhands {
namespace {

// One that has not answered all by then is stopped or hangs.
constexpr std::chrono::seconds time_to_end{5};

int made = 0;

// Gives it a name where it has none.
const std::string& named(ManagerOptions& options)
{
    ++made;
    if (options.name.empty())
        options.name = "Manager-" + std::to_string(made);
    return options.name;
}

ManagerMemory& memory_at(ArenaOffset offset)
{
    return *std::launder(reinterpret_cast<ManagerMemory*>(this_process.arena->at(offset)));
}

// What belongs to the manager besides its block.
void give_back(ArenaOffset offset) noexcept
{
    const ManagerMemory& gone = memory_at(offset);
    for (const std::atomic<ArenaOffset>& replies : gone.replies) {
        if (const ArenaOffset queue = replies.load(std::memory_order_acquire))
            MessageQueue::give_back(queue);
    }
    if (gone.requests != 0)
        MessageQueue::give_back(gone.requests);
    this_process.arena->reclaim(gone.owner);
}

SharedBlock make_memory(const std::string& name)
{
    SharedBlock block("manager " + name, sizeof(ManagerMemory), &give_back);
    ManagerMemory& memory = block.as<ManagerMemory>();
    memory.name.set(name);
    memory.owner = Arena::owner_for(block.offset());
    const std::string requests = name + " requests";
    const std::size_t bytes = MessageQueue::bytes_for(requests, 0);
    Arena& arena = *this_process.arena;
    memory.requests = arena.allocate(bytes, memory.owner);
    std::memset(arena.at(memory.requests), 0, bytes);
    MessageQueue::make_at(memory.requests, requests, 0);
    return block;
}

Process make_server(const ManagerOptions& options, ArenaOffset block)
{
    return Process(
        {.name = options.name, .role = Role::server, .start_method = options.start_method},
        &serve_manager, block);
}

} // namespace

Manager::Manager(ManagerOptions options, const Where& where)
    : block_(make_memory(named(options)))
    , server_(make_server(options, block_.offset()))
    , link_(block_.offset(), 0)
{
    server_.start(where);
    link_ = ManagerLink(block_.offset(), process_key(server_.slot(), server_.generation()));
}

Manager& Manager::operator=(Manager&& other) noexcept
{
    if (this != &other) {
        std::swap(block_, other.block_);
        std::swap(server_, other.server_);
        std::swap(link_, other.link_);
    }
    return *this;
}

Manager::~Manager()
{
    shutdown();
}

NamespaceProxy Manager::name_space(const Where& where)
{
    return NamespaceProxy(
        RemoteObject::make<detail::ManagedNamespace>(link_, "namespace", std::uint64_t{0}, where));
}

void Manager::shutdown() noexcept
{
    try {
        if (!server_.is_alive())
            return;
        link_.ask_to_end();
        if (server_.join(time_to_end))
            return;
    } catch (const Error&) {
        // The run is asked to end, or has no memory left: then it ends like this.
    }
    server_.kill();
    while (server_.is_alive())
        sleep_until_woken(wake_token(), std::chrono::milliseconds(1));
}

} // namespace manyhands
