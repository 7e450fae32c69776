// SPDX-License-Identifier: MIT
// One end of a pipe as a descriptor: who has it open, and how a new process gets it.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/sync/deaths.hpp"
#include "engine/sync/shared_text.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace manyhands {

/// What the ends of a pipe share, in the arena: what is known of it beside the bytes in it.
struct PipeState
{
    /// One direction of it.
    struct Way
    {
        alignas(64) std::atomic<std::uint64_t> sent; ///< messages begun
        std::atomic<std::uint64_t> received;
        std::uint16_t channel; ///< in the trace
    };

    std::array<Way, 2> ways; ///< from the first end, from the second one
    /// Who has taken up each end last.
    std::array<std::atomic<ProcessKey>, 2> holders;
    std::atomic<std::uint32_t> handles; ///< of the process that made it
    std::uint32_t maker; ///< its slot
    bool duplex;
    SharedName name;
};

/// A descriptor of one end, closed with this object. Move-only.
///
/// Nobody else gets it unasked: not by exec, and not by fork, since take_over_ends() closes in the
/// child whatever it was not handed. (Where a forked process keeps the ends that its parent has,
/// the classical error is that the end of the file never comes.) By the main threads of processes.
class PipeEnd
{
public:
    using HandedOver = PipeEnd; ///< it crosses as an argument of a process only

    PipeEnd() = default;
    ~PipeEnd() { close(); }
    PipeEnd(PipeEnd&& other) noexcept;
    PipeEnd& operator=(PipeEnd&& other) noexcept;

    /// Both ends of a new pipe: a socket pair where it is `duplex`, else a pipe, of which the first
    /// end only receives. "Pipe-1" … where `name` is empty. `traced`: it is a channel of the run's.
    /// Throws Error where descriptors or shared memory run out.
    static std::pair<PipeEnd, PipeEnd> make(bool duplex, std::string_view name, bool traced = true);
    /// Another descriptor of the same end. Throws Error where they run out.
    PipeEnd duplicate() const;
    void close() noexcept;

    /// Whether it is open, and in this process.
    explicit operator bool() const noexcept { return fd_ >= 0 && owner_ == own_key(); }
    /// Whether another process, which forked this one, or another thread has it.
    bool belongs_elsewhere() const noexcept { return fd_ >= 0 && owner_ != own_key(); }
    int descriptor() const noexcept { return fd_; }
    PipeState& state() const noexcept;
    int side() const noexcept { return side_; } ///< 0: the first end
    bool can_receive() const noexcept { return side_ == 0 || state().duplex; }
    bool can_send() const noexcept { return side_ == 1 || state().duplex; }

    /// Moves it into `ends`, for a new process, and appends to `bytes` what that needs to find it.
    void hand_over(std::vector<std::byte>& bytes, std::vector<PipeEnd>& ends) &&;
    /// The new process's side of it. Throws Error where no end was handed over.
    static PipeEnd taken_over(std::span<const std::byte>& bytes);

private:
    PipeEnd(os::Descriptor descriptor, ArenaOffset state, int side);

    int fd_ = -1;
    int side_ = 0;
    ArenaOffset state_ = 0;
    ProcessKey owner_ = 0; ///< a forked process owns nothing by its copies
};

/// In a new process, however it was started, before it takes its arguments up: `descriptors` are
/// those of the ends that it was handed, in the order in which they were. Closes all others that
/// it has from its parent.
void take_over_ends(std::span<const int> descriptors);

} // namespace manyhands
