// SPDX-License-Identifier: MIT
#include "tests/bench/queue_peers.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/os/guards.hpp"

#include <csignal>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#if __has_include(<boost/interprocess/ipc/message_queue.hpp>)
#define HAS_BOOST_QUEUE
#include <boost/interprocess/ipc/message_queue.hpp>
#endif
#ifdef MANYHANDS_HAS_ZEROMQ
#include <zmq.h>
#endif

namespace manyhands::bench {
namespace {

[[maybe_unused]] constexpr std::size_t message_bytes = 64;
[[maybe_unused]] constexpr std::size_t places = 1024;

int fork_into(const std::function<void()>& work)
{
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid == 0) {
        os::die_with_parent(parent);
        work();
        ::_exit(0);
    }
    return pid;
}

// The rate from the first message that this process receives to the last of all.
[[maybe_unused]] double rate(int pairs, std::uint64_t messages,
    const std::function<void(int)>& send, const std::function<void(int)>& receive_first,
    const std::function<void(int)>& receive_rest, const std::function<void(int)>& receive)
{
    std::vector<int> pids;
    for (int i = 1; i < pairs; ++i)
        pids.push_back(fork_into([&, i] { receive(i); }));
    std::vector<int> senders;
    for (int i = 0; i < pairs; ++i)
        senders.push_back(fork_into([&, i] { send(i); }));
    receive_first(0);
    const std::int64_t begin = os::monotonic_ns();
    receive_rest(0);
    for (const int pid : pids)
        ::waitpid(pid, nullptr, 0);
    const double seconds = static_cast<double>(os::monotonic_ns() - begin) / 1e9;
    // One may have messages left that nobody is there to receive.
    for (const int pid : senders) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    return static_cast<double>(messages) / 1e6 / seconds;
}

} // namespace

#ifdef MANYHANDS_HAS_ZEROMQ

namespace {

// In a process of its own: closing a context for which messages are left may take for ever.
double zeromq_rate_here(int pairs, std::uint64_t messages)
{
    // Each receiver has an address, and each sender is connected to all of them.
    const auto address = [parent = ::getpid()](int i) {
        return "ipc://@manyhands-bench-" + std::to_string(parent) + "-" + std::to_string(i);
    };
    const std::uint64_t each = messages / static_cast<std::uint64_t>(pairs);
    // How messages are shared out is ZeroMQ's to say: the last tenth may go to another.
    const std::uint64_t share = pairs == 1 ? each : each - each / 10;
    void* context = nullptr;
    void* socket = nullptr;
    char buffer[message_bytes];
    const auto open = [&](int i) {
        context = ::zmq_ctx_new();
        socket = ::zmq_socket(context, ZMQ_PULL);
        ::zmq_bind(socket, address(i).c_str());
    };
    const auto take = [&](std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i)
            ::zmq_recv(socket, buffer, sizeof buffer, 0);
    };
    return rate(
        pairs, share * static_cast<std::uint64_t>(pairs),
        [&](int) {
            void* const own = ::zmq_ctx_new();
            void* const out = ::zmq_socket(own, ZMQ_PUSH);
            for (int i = 0; i < pairs; ++i)
                ::zmq_connect(out, address(i).c_str());
            const char message[message_bytes] = {};
            for (std::uint64_t i = 0; i < each; ++i)
                ::zmq_send(out, message, sizeof message, 0);
            ::zmq_close(out);
            ::zmq_ctx_term(own);
        },
        [&](int i) {
            open(i);
            take(1);
        },
        [&](int) { take(share - 1); },
        [&](int i) {
            open(i);
            take(share);
        });
}

} // namespace

std::optional<double> zeromq_rate(int pairs, std::uint64_t messages)
{
    os::PipeEnds pipe = os::make_pipe();
    const int pid = fork_into([&] {
        const double found = zeromq_rate_here(pairs, messages);
        static_cast<void>(::write(pipe.write.get(), &found, sizeof found) == sizeof found);
    });
    pipe.write.reset();
    double found = 0;
    const bool told = ::read(pipe.read.get(), &found, sizeof found) == sizeof found;
    ::waitpid(pid, nullptr, 0);
    if (!told)
        throw Error({.object = "ZeroMQ", .problem = "did not tell its rate"});
    return found;
}

#else

std::optional<double> zeromq_rate(int, std::uint64_t)
{
    return std::nullopt;
}

#endif

#ifdef HAS_BOOST_QUEUE

std::optional<double> boost_rate(int pairs, std::uint64_t messages)
{
    namespace ipc = boost::interprocess;
    const std::string name = "manyhands-bench-" + std::to_string(::getpid());
    const std::uint64_t each = messages / static_cast<std::uint64_t>(pairs);
    ipc::message_queue::remove(name.c_str());
    ipc::message_queue queue(ipc::create_only, name.c_str(), places, message_bytes);
    const auto take = [&](std::uint64_t count) {
        char buffer[message_bytes];
        ipc::message_queue::size_type size = 0;
        unsigned priority = 0;
        for (std::uint64_t i = 0; i < count; ++i)
            queue.receive(buffer, sizeof buffer, size, priority);
    };
    const double found = rate(
        pairs, messages,
        [&](int) {
            const char message[message_bytes] = {};
            for (std::uint64_t i = 0; i < each; ++i)
                queue.send(message, sizeof message, 0);
        },
        [&](int) { take(1); }, [&](int) { take(each - 1); }, [&](int) { take(each); });
    ipc::message_queue::remove(name.c_str());
    return found;
}

#else

std::optional<double> boost_rate(int, std::uint64_t)
{
    return std::nullopt;
}

#endif

} // namespace manyhands::bench
