// SPDX-License-Identifier: MIT
// The client's end of a manager's object: what every proxy is made of.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/ipc/message_queue.hpp"
#include "engine/manager/managed_objects.hpp"
#include "engine/manager/manager_memory.hpp"
#include "engine/os/task_address.hpp"
#include "engine/process/task_failure.hpp"

#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace manyhands {

/// This process's way to a manager's server. Belongs to one thread.
class ManagerLink
{
public:
    ManagerLink(ArenaOffset manager, ProcessKey server)
        : manager_(manager)
        , server_(server)
    {
    }
    // A copy finds its own way.
    ManagerLink(const ManagerLink& other) noexcept
        : ManagerLink(other.manager_, other.server_)
    {
    }
    ManagerLink& operator=(const ManagerLink& other) noexcept;

    ArenaOffset manager() const noexcept { return manager_; }
    ProcessKey server() const noexcept { return server_; }

    /// Begins a request; the arguments are appended to what this returns.
    std::vector<std::byte>& request(const ManagedCall& call, std::uint64_t object);
    /// Sends it and waits for its reply; returns the encoded result, which the next request
    /// overwrites. Throws RemoteError where the method threw, naming `object`; WorkerDied where the
    /// server has died or dies, Error where it was shut down; StopRequested when the run is asked
    /// to end.
    std::span<const std::byte> round_trip(
        const std::string& object, const std::source_location& where);
    /// Asks the server to end, when it has answered what was asked before.
    void ask_to_end();

private:
    struct Queues
    {
        std::uint32_t slot; ///< whose they are: not those of a process forked since
        MessageQueue requests;
        MessageQueue replies;
    };

    Queues& queues();
    void check_server() const;
    [[noreturn]] void throw_gone() const;
    [[noreturn]] void throw_failure_of(
        const std::string& object, std::span<const std::byte> type_and_text) const;

    ArenaOffset manager_;
    ProcessKey server_;
    std::optional<Queues> queues_; ///< once it is needed
    std::vector<std::byte> request_; ///< kept, so that their memory is
    std::vector<std::byte> reply_;
};

/// An object of a manager, seen from a client. Crosses as the offset of its handle; a copy is the
/// same object. Belongs to one thread.
class RemoteObject
{
public:
    /// The object with that handle. `kind` is for errors: "dict".
    RemoteObject(ArenaOffset handle, const char* kind);

    /// Has the server make an object of type Object from `initial`.
    template <class Object, class Initial>
    static ArenaOffset make(
        ManagerLink& link, const char* kind, const Initial& initial, std::source_location where)
    {
        const ManagedCall call
            = {function_offset<ManagedCall::Thunk>(&detail::make_managed<Object, Initial>), 0};
        codec::encode(link.request(call, 0), initial);
        std::span<const std::byte> result = link.round_trip(kind, where);
        return make_handle(link, codec::decode<std::uint64_t>(result));
    }

    ArenaOffset offset() const noexcept { return handle_; }

    /// Has the server call `method` with the object and copies of `arguments`, and returns a copy
    /// of what it returns. Throws what ManagerLink::round_trip() does.
    template <class Object, class Result, class... Parameters>
    Result call(const std::source_location& where, Result (*method)(Object&, Parameters...),
        const std::type_identity_t<Parameters>&... arguments) const
    {
        const ManagedCall call = {function_offset<ManagedCall::Thunk>(
                                      &detail::call_managed<Object, Result, Parameters...>),
            function_offset(method)};
        [[maybe_unused]] std::vector<std::byte>& request = link_.request(call, object_);
        (codec::encode(request, arguments), ...);
        [[maybe_unused]] std::span<const std::byte> result = link_.round_trip(kind_, where);
        if constexpr (!std::is_void_v<Result>)
            return codec::decode<Result>(result);
    }

private:
    static ArenaOffset make_handle(const ManagerLink& link, std::uint64_t object);

    ArenaOffset handle_;
    std::uint64_t object_;
    const char* kind_;
    mutable ManagerLink link_;
};

} // namespace manyhands
