// SPDX-License-Identifier: MIT
#include "engine/process/fork_server.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/os/futex.hpp"
#include "engine/os/guards.hpp"
#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace manyhands {
namespace {

using namespace std::chrono_literals;

// A server that dies under a request is replaced; one that cannot live is not replaced for ever.
constexpr int most_servers = 3;
// How long a server may take to end by itself, and a start that is under way when the run is asked
// to end: that may be waiting for a server which is stopped.
constexpr std::chrono::milliseconds grace{500};
constexpr std::chrono::milliseconds patience{100};

enum class Stage : std::uint32_t {
    idle,
    asked, ///< by the lesson's main process
    taken, ///< by the server
    made, ///< by the worker, which is the main process's child now
    failed, ///< by the server or the worker
    given_up, ///< by the main process
    closing, ///< by the main process: the server ends
};

// What the two of them share. Zeros when new.
struct ForkRequest
{
    static constexpr std::size_t name_bytes = 256;

    alignas(64) std::atomic<std::uint32_t> stage;
    std::atomic<std::int32_t> worker; // its pid, by the process in the middle
    std::atomic<std::int32_t> error; // of the fork that failed; by those below the server

    // By the main process, before it asks.
    std::int32_t main;
    std::uint32_t slot;
    std::uint32_t ends; // that many descriptors lie in the socket
    std::atomic<std::uint32_t> ends_held; // by the server still; to 0 by it alone
    ArenaOffset block;
    char name[name_bytes];

    bool move(Stage from, Stage to) noexcept
    {
        auto expected = static_cast<std::uint32_t>(from);
        // Both ways: who finds the stage finds what was written before it.
        return stage.compare_exchange_strong(
            expected, static_cast<std::uint32_t>(to), std::memory_order_acq_rel);
    }
    /// The main process's word, unless it is decided already; returns whether it was not.
    bool decide(Stage to) noexcept { return move(Stage::asked, to) || move(Stage::taken, to); }
    Stage now() const noexcept { return static_cast<Stage>(stage.load(std::memory_order_acquire)); }
    void set(Stage to) noexcept
    {
        stage.store(static_cast<std::uint32_t>(to), std::memory_order_release);
    }
};

bool has_ended_unreaped(int pid) noexcept
{
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0
        && info.si_pid != 0;
}

[[noreturn]] void refuse(ForkRequest& request, int error) noexcept
{
    request.error.store(error, std::memory_order_relaxed);
    if (request.move(Stage::taken, Stage::failed))
        wake(this_process.segment, main_slot);
    ::_exit(1);
}

// In the worker, until `done()`. It comes at once; where it is held up, do not burn its CPU.
template <class Done>
void wait_for_those_between(Done done)
{
    constexpr int most_looks = 1000;
    for (int looks = 0; !done(); ++looks) {
        if (looks < most_looks)
            std::this_thread::yield();
        else
            std::this_thread::sleep_for(50us);
        if (looks > most_looks && os::is_cut(inherited_lifeline()))
            ::_exit(128 + SIGKILL);
    }
}

// The worker, from its first instruction on.
[[noreturn]] void become_worker(
    ForkRequest& request, os::Descriptor& lifeline, std::vector<int>& ends)
{
    if (!lifeline)
        refuse(request, EMFILE);
    // First of all: from here on the end of the main process is the worker's, too.
    os::tie_to_lifeline(lifeline.release(), ::getpid());
    // The process in the middle is about to end.
    wait_for_those_between([&] { return ::getppid() == request.main; });
    os::die_with_parent(request.main);
    const WorkerArguments arguments = {.name = request.name,
        .slot = request.slot,
        .start = request.block,
        .ends = std::move(ends)};
    request.worker.store(::getpid(), std::memory_order_relaxed);
    // Or who waits for the end of the file, should this process end at once, would wait for the
    // server. Acquire: what it closed is closed.
    wait_for_those_between([&] { return request.ends_held.load(std::memory_order_acquire) == 0; });
    if (!request.move(Stage::taken, Stage::made))
        ::_exit(1);
    wake(this_process.segment, main_slot);
    forked_worker_main(arguments);
}

// Forks twice. The one in the middle borrows the server's memory, so that only one copy is made;
// until it has ended, the server stands still. Returns its pid, or a negative number.
[[gnu::noinline]] pid_t fork_behind(
    ForkRequest& request, os::Descriptor& lifeline, std::vector<int>& ends)
{
    const pid_t middle = ::vfork();
    if (middle == 0) {
        os::end_with_parent();
        const pid_t worker = ::fork();
        if (worker == 0)
            become_worker(request, lifeline, ends);
        if (worker < 0)
            request.error.store(errno, std::memory_order_relaxed);
        else
            request.worker.store(worker, std::memory_order_relaxed);
        ::_exit(worker < 0 ? 1 : 0);
    }
    return middle;
}

void carry_out(ForkRequest& request, os::Descriptor& lifeline, const PipeEnd& socket)
{
    std::vector<os::Descriptor> received;
    try {
        received = os::receive_descriptors(socket.descriptor(), request.ends);
    } catch (const Error& error) {
        request.error.store(error.code().value(), std::memory_order_relaxed);
        if (request.move(Stage::taken, Stage::failed))
            wake(this_process.segment, main_slot);
        // What has not been taken out would be taken for the next worker's.
        throw;
    }
    std::vector<int> ends;
    for (const os::Descriptor& descriptor : received)
        ends.push_back(descriptor.get());
    if (!lifeline)
        lifeline = os::another_end(inherited_lifeline());
    const pid_t middle = fork_behind(request, lifeline, ends);
    int status = -1;
    if (middle < 0)
        request.error.store(errno, std::memory_order_relaxed);
    else
        while (::waitpid(middle, &status, 0) < 0 && errno == EINTR) { }
    received.clear();
    request.ends_held.store(0, std::memory_order_release);
    if (status != 0 && request.move(Stage::taken, Stage::failed))
        wake(this_process.segment, main_slot);
    // The worker's own; the next one's is opened while nobody waits for it.
    lifeline = os::another_end(inherited_lifeline());
}

// Takes the next one; false where the server is to end.
bool wait_for_request(ForkRequest& request)
{
    const StateSpan idle(State::idle);
    while (true) {
        const std::uint32_t token = wake_token();
        if (request.move(Stage::asked, Stage::taken))
            return true;
        if (request.now() == Stage::closing)
            return false;
        sleep_until_woken(token, forever);
    }
}

// What the server runs.
void serve(ArenaOffset block, PipeEnd socket)
{
    os::name_this_process(fork_server_name);
    const SharedBlock view(block);
    ForkRequest& request = view.as<ForkRequest>();
    os::Descriptor lifeline = os::another_end(inherited_lifeline());
    while (wait_for_request(request)) {
        const StateSpan starting(State::starting, request.slot);
        carry_out(request, lifeline, socket);
    }
}

} // namespace

ForkServer::ForkServer()
    : block_("fork server", sizeof(ForkRequest))
{
}

ForkServer::~ForkServer()
{
    bury();
}

void ForkServer::start()
{
    if (lives())
        return;
    bury();
    block_.as<ForkRequest>().set(Stage::idle);
    auto [ours, servers] = PipeEnd::make(true, fork_server_name, false);
    socket_ = std::move(ours);
    server_.emplace(ProcessOptions{.name = fork_server_name,
                        .role = Role::server,
                        .start_method = StartMethod::spawn,
                        .daemon = true},
        &serve, block_.offset(), std::move(servers));
    try {
        server_->start();
    } catch (...) {
        server_.reset();
        throw;
    }
}

int ForkServer::fork(
    const std::string& name, std::uint32_t slot, ArenaOffset block, std::span<const int> ends)
{
    const ForkRequest& request = block_.as<ForkRequest>();
    std::string how_it_ended_last;
    for (int servers = 0; servers < most_servers; ++servers) {
        start();
        const int server = server_->pid();
        if (ask(name, slot, block, ends))
            return request.worker.load(std::memory_order_relaxed);
        const int error = request.error.load(std::memory_order_relaxed);
        if (error != 0)
            throw MachineLacks({.object = "process " + name,
                .problem = "could not be forked by the fork server",
                .code = std::error_code(error, std::generic_category())});
        const std::optional<int> exit = lives() ? std::nullopt : server_->exit_code();
        how_it_ended_last = exit ? std::string(fork_server_name) + " (pid " + std::to_string(server)
                + ") " + how_it_ended(*exit)
                                 : "the process between it and its worker was killed";
    }
    throw MachineLacks({.object = "process " + name,
        .problem = "could not be forked: " + how_it_ended_last + ", the third time in a row",
        .advice = "see what ends it, or use spawn or fork"});
}

// Whether the worker was made.
bool ForkServer::ask(
    const std::string& name, std::uint32_t slot, ArenaOffset block, std::span<const int> ends)
{
    ForkRequest& request = block_.as<ForkRequest>();
    request.worker.store(0, std::memory_order_relaxed);
    request.error.store(0, std::memory_order_relaxed);
    request.main = ::getpid();
    request.slot = slot;
    request.block = block;
    request.ends = static_cast<std::uint32_t>(ends.size());
    request.ends_held.store(request.ends, std::memory_order_relaxed);
    const std::size_t length = std::min(name.size(), ForkRequest::name_bytes - 1);
    std::memcpy(request.name, name.data(), length);
    request.name[length] = '\0';
    try {
        os::send_descriptors(socket_.descriptor(), ends);
    } catch (...) {
        // What was sent would be taken for the next worker's.
        bury();
        throw;
    }
    request.set(Stage::asked);
    wake(this_process.segment, server_->slot());
    const std::int64_t patience_ends
        = os::monotonic_ns() + std::chrono::nanoseconds(patience).count();
    while (true) {
        // A child's end changes it, too: the server's, and that of a worker that comes to us dead.
        const std::uint32_t token = wake_token();
        if (request.now() == Stage::made)
            return true;
        if (request.now() == Stage::failed || has_ended_unreaped(server_->pid()))
            return give_up_asking(false);
        const int worker = request.worker.load(std::memory_order_relaxed);
        // Dead before its first word: a process that has ended, as any may.
        if (worker != 0 && has_ended_unreaped(worker) && request.decide(Stage::made))
            return true;
        if (this_process.stop_requested() && os::monotonic_ns() > patience_ends) {
            if (give_up_asking(true))
                return true;
            throw StopRequested();
        }
        os::futex_wait(this_process.slot().wake, token, 30ms);
        this_process.supervisor->drain();
    }
}

// Whether the worker was made all the same; if not, it never will be, and nothing of it is left.
bool ForkServer::give_up_asking(bool with_server)
{
    ForkRequest& request = block_.as<ForkRequest>();
    if (!request.decide(Stage::given_up) && request.now() == Stage::made)
        return true;
    if (with_server)
        bury();
    bury_strays();
    return false;
}

// Ends the server, if it has not ended, and what it may have left.
void ForkServer::bury() noexcept
{
    if (!server_)
        return;
    if (lives())
        this_process.supervisor->end_one(server_->slot(), server_->generation());
    const bool ended_well = server_->exit_code().value_or(0) == 0;
    server_.reset();
    if (!ended_well)
        bury_strays();
}

// What a dead server had begun, or not waited for, came to us; nobody else waits for it.
void ForkServer::bury_strays() noexcept
{
    os::end_strays(fork_server_name, this_process.supervisor->pids());
}

bool ForkServer::lives()
{
    return server_ && server_->pid() != 0
        && !this_process.supervisor->has_ended(server_->slot(), server_->generation());
}

bool ForkServer::has(std::uint32_t slot) const noexcept
{
    return server_ && server_->pid() != 0 && server_->slot() == slot;
}

void ForkServer::close() noexcept
{
    if (!server_)
        return;
    block_.as<ForkRequest>().set(Stage::closing);
    const std::int64_t deadline = os::monotonic_ns() + std::chrono::nanoseconds(grace).count();
    while (os::monotonic_ns() < deadline) {
        const std::uint32_t token = wake_token();
        if (!lives())
            return;
        wake(this_process.segment, server_->slot());
        os::futex_wait(this_process.slot().wake, token, 20ms);
    }
}

} // namespace manyhands
