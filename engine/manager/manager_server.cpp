// SPDX-License-Identifier: MIT
#include "engine/ipc/message_queue.hpp"
#include "engine/manager/managed_objects.hpp"
#include "engine/manager/manager_memory.hpp"
#include "engine/process/start_block.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

namespace manyhands {
namespace {

/// Answers requests, one after the other.
class Server
{
public:
    explicit Server(const ManagerMemory& memory)
        : memory_(memory)
        , requests_(memory.requests)
    {
    }

    void run()
    {
        std::vector<std::byte> request;
        RequestHead head = {};
        while (true) {
            requests_.get(request);
            std::memcpy(&head, request.data(), sizeof head);
            if (head.thunk == 0)
                return;
            answer(head, std::span(request).subspan(sizeof head));
        }
    }

private:
    void answer(const RequestHead& head, std::span<const std::byte> arguments)
    {
        {
            const StateSpan computing(State::computing);
            try {
                begin_reply(head.number, false);
                function_at<ManagedCall::Thunk>(head.thunk)(
                    objects_, head.object, head.function, arguments, reply_);
            } catch (const RemoteProblem& problem) {
                fail(head.number, problem.type, problem.text);
            } catch (const std::exception& error) {
                fail(head.number, type_name(error), error.what());
            }
        }
        try {
            send(head.client);
        } catch (const Error& error) {
            // It is too large, or there is no room for it. A short word always has room.
            fail(head.number, "Error", error.what());
            reply_.resize(std::min(reply_.size(), queue_memory::inline_bytes));
            send(head.client);
        }
    }

    void begin_reply(std::uint64_t number, bool failed)
    {
        const ReplyHead head = {number, failed ? std::uint64_t{1} : 0};
        reply_.resize(sizeof head);
        std::memcpy(reply_.data(), &head, sizeof head);
    }

    void fail(std::uint64_t number, const std::string& type, const std::string& text)
    {
        begin_reply(number, true);
        const std::string both = type + '\n' + text;
        const auto* const first = reinterpret_cast<const std::byte*>(both.data());
        reply_.insert(reply_.end(), first, first + both.size());
    }

    // Whether it was taken does not matter here: a client that died leaves its reply behind, and a
    // queue full of such has no living reader.
    void send(ProcessKey client)
    {
        const std::uint32_t slot = slot_of_key(client);
        std::optional<MessageQueue>& replies = replies_.at(slot);
        if (!replies)
            replies.emplace(memory_.replies.at(slot).load(std::memory_order_acquire));
        replies->try_put(
            reply_.size(), [&](std::byte* to) { std::memcpy(to, reply_.data(), reply_.size()); });
    }

    const ManagerMemory& memory_;
    MessageQueue requests_;
    std::array<std::optional<MessageQueue>, slot_limit> replies_;
    ManagedObjects objects_;
    std::vector<std::byte> reply_;
};

} // namespace

void serve_manager(ArenaOffset manager)
{
    const auto& memory
        = *std::launder(reinterpret_cast<const ManagerMemory*>(this_process.arena->at(manager)));
    // Too large for the stack of a process that may have a small one.
    const auto server = std::make_unique<Server>(memory);
    server->run();
}

} // namespace manyhands
