// SPDX-License-Identifier: MIT
// The fork server: a small process, started by spawn, that forks workers for the lesson's main
// process. They are that one's children all the same.
#pragma once

#include "engine/arena/shared_block.hpp"
#include "engine/ipc/pipe_end.hpp"
#include "engine/process/process.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace manyhands {

/// What ps shows for the server and for what it forks, until that has its own name.
inline constexpr char fork_server_name[] = "Fork server";

/// The lesson's main process's hold on its fork server, which is started when it is first needed
/// and lives until close(), or until this is destroyed. A server that dies is replaced by the next
/// start.
///
/// The server forks twice: the process in the middle ends at once, by which the worker becomes a
/// child of the lesson's main process, a subreaper, that waits for it and watches over it like over
/// any other. Request and answer lie in shared memory, one at a time, and one compare-and-swap
/// decides what became of it, whoever of the four dies at whatever moment: a worker that was given
/// up never calls its function.
class ForkServer
{
public:
    ForkServer();
    ~ForkServer();
    ForkServer(const ForkServer&) = delete;
    ForkServer& operator=(const ForkServer&) = delete;

    /// Starts the server, where it does not live. Throws MachineLacks.
    void start();

    /// Has a worker forked for `slot`, which gets duplicates of the descriptors in `ends`, and
    /// returns its pid: that of a child of this process which nobody has reaped. Throws
    /// MachineLacks where it cannot be forked, StopRequested when the run is asked to end before it
    /// is; nothing is left behind then.
    int fork(
        const std::string& name, std::uint32_t slot, ArenaOffset block, std::span<const int> ends);

    /// Whether the server is the process that has `slot`.
    bool has(std::uint32_t slot) const noexcept;

    /// Has the server end by itself, and gives it the time for that.
    void close() noexcept;

private:
    bool ask(
        const std::string& name, std::uint32_t slot, ArenaOffset block, std::span<const int> ends);
    bool give_up_asking(bool with_server);
    bool lives();
    void bury() noexcept;
    static void bury_strays() noexcept;

    SharedBlock block_; ///< a ForkRequest
    PipeEnd socket_; ///< by which descriptors go to the server
    std::optional<Process> server_;
};

} // namespace manyhands
