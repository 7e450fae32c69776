// SPDX-License-Identifier: MIT
#include "engine/manager/remote_object.hpp"

#include "engine/trace/this_process.hpp"

#include <cstring>
#include <new>
#include <utility>

namespace manyhands {
namespace {

ManagerMemory& memory_at(ArenaOffset manager)
{
    return *std::launder(reinterpret_cast<ManagerMemory*>(this_process.arena->at(manager)));
}

// The queue of this slot's replies. Nobody else makes it: the slot is this process's.
ArenaOffset replies_of_this_slot(ManagerMemory& memory)
{
    std::atomic<ArenaOffset>& replies = memory.replies[this_process.slot_number];
    if (const ArenaOffset known = replies.load(std::memory_order_relaxed))
        return known;
    Arena& arena = *this_process.arena;
    const std::string name = memory.name.get() + " replies";
    const std::size_t bytes = MessageQueue::bytes_for(name, ManagerMemory::reply_places);
    // The manager's from the beginning: should we die here, it is given back with the manager.
    const ArenaOffset made = arena.allocate(bytes, memory.owner);
    std::memset(arena.at(made), 0, bytes);
    MessageQueue::make_at(made, name, ManagerMemory::reply_places);
    // Release: the server sees the queue with its offset.
    replies.store(made, std::memory_order_release);
    return made;
}

} // namespace

ManagerLink& ManagerLink::operator=(const ManagerLink& other) noexcept
{
    if (this != &other) {
        manager_ = other.manager_;
        server_ = other.server_;
        queues_.reset();
    }
    return *this;
}

// Before the manager's memory is touched: a dead server's may be another's by now.
void ManagerLink::check_server() const
{
    if (!seems_alive(server_))
        throw_gone();
}

void ManagerLink::throw_gone() const
{
    const Death death = death_of(server_);
    if (death.exit == 0)
        throw Error({.object = "manager " + death.process,
            .problem = "has been shut down",
            .advice = "let it live as long as its proxies are used"});
    throw WorkerDied({.process = death.process,
        .pid = death.pid,
        .task = {},
        .argument = {},
        .kind = death.exit < 0 ? TaskFailure::Kind::signal : TaskFailure::Kind::exit,
        .value = death.exit < 0 ? -death.exit : death.exit,
        .type = {},
        .text = how_it_ended(death.exit)});
}

void ManagerLink::throw_failure_of(
    const std::string& object, std::span<const std::byte> type_and_text) const
{
    const std::string both(
        reinterpret_cast<const char*>(type_and_text.data()), type_and_text.size());
    const std::size_t end = both.find('\n');
    const Death server = death_of(server_);
    TaskFailure failure = {.process = server.process,
        .pid = server.pid,
        .task = {},
        .argument = {},
        .kind = TaskFailure::Kind::exception,
        .value = 0,
        .type = both.substr(0, end),
        .text = end == std::string::npos ? std::string() : both.substr(end + 1)};
    ErrorDetails details = {.object = object,
        .problem = "threw " + failure.type + " in " + failure.process,
        .value = failure.text};
    throw RemoteError(std::move(details), std::move(failure));
}

ManagerLink::Queues& ManagerLink::queues()
{
    if (!queues_ || queues_->slot != this_process.slot_number) {
        ManagerMemory& memory = memory_at(manager_);
        queues_.emplace(Queues{this_process.slot_number, MessageQueue(memory.requests),
            MessageQueue(replies_of_this_slot(memory))});
    }
    return *queues_;
}

std::vector<std::byte>& ManagerLink::request(const ManagedCall& call, std::uint64_t object)
{
    // The clock's: no two requests of a slot have the same, whoever has it.
    const RequestHead head = {.thunk = call.thunk,
        .function = call.function,
        .object = object,
        .client = own_key(),
        .number = this_process.recorder.ticks()};
    request_.resize(sizeof head);
    std::memcpy(request_.data(), &head, sizeof head);
    return request_;
}

std::span<const std::byte> ManagerLink::round_trip(
    const std::string& object, const std::source_location& where)
{
    check_server();
    RequestHead request = {};
    std::memcpy(&request, request_.data(), sizeof request);
    Queues& by = queues();
    by.requests.put(request_, forever, where);
    // The kernel is asked only where it slept in vain: that takes longer than a round trip.
    bool slept = false;
    const auto gone = [&] {
        return std::exchange(slept, true)
            ? has_ended(slot_of_key(server_), generation_of_key(server_))
            : !seems_alive(server_);
    };
    while (true) {
        // What it answered before it died is there all the same.
        if (!by.replies.get_unless(reply_, gone, State::waiting_data, where)
            && !by.replies.try_get(reply_, where))
            throw_gone();
        ReplyHead head = {};
        std::memcpy(&head, reply_.data(), sizeof head);
        if (head.number != request.number)
            continue; // to one who did not wait for it: another process of the slot, perhaps
        const std::span<const std::byte> contents = std::span(reply_).subspan(sizeof head);
        if (head.failed != 0)
            throw_failure_of(object, contents);
        return contents;
    }
}

void ManagerLink::ask_to_end()
{
    request({0, 0}, 0);
    queues().requests.put(request_);
}

RemoteObject::RemoteObject(ArenaOffset handle, const char* kind)
    : handle_(handle)
    , object_(0)
    , kind_(kind)
    , link_(0, 0)
{
    ObjectHandle known = {};
    std::memcpy(&known, this_process.arena->at(handle), sizeof known);
    object_ = known.object;
    link_ = ManagerLink(known.manager, known.server);
}

ArenaOffset RemoteObject::make_handle(const ManagerLink& link, std::uint64_t object)
{
    Arena& arena = *this_process.arena;
    const ArenaOffset handle
        = arena.allocate(sizeof(ObjectHandle), memory_at(link.manager()).owner);
    const ObjectHandle made
        = {.manager = link.manager(), .object = object, .server = link.server()};
    std::memcpy(arena.at(handle), &made, sizeof made);
    return handle;
}

} // namespace manyhands
