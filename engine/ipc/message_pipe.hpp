// SPDX-License-Identifier: MIT
// One end of a pipe of byte messages. What Connection<T> stands on.
#pragma once

#include "engine/ipc/channel_trace.hpp"
#include "engine/ipc/pipe_end.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/waiters.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <vector>

namespace manyhands {

/// There is nobody any more who could send: every other end of the pipe is closed, or its process
/// has ended. Where that died, it is named.
class EndOfFile : public Error
{
public:
    EndOfFile(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// There is nobody any more who could receive what is sent. As above.
class BrokenPipeError : public Error
{
public:
    BrokenPipeError(ErrorDetails details, std::vector<Death> deaths);
    const std::vector<Death>& deaths() const noexcept { return deaths_; }

private:
    std::vector<Death> deaths_;
};

/// How often a descriptor is looked at before its process goes to sleep. Each look is a system
/// call, and where both processes are on one CPU, the other one waits for the last of them: looks in
/// vain take half of them away, and one that paid off gives all back.
class LookBudget
{
public:
    int looks() noexcept { return looks_ > 0 || ++rests_ % most_rests != 0 ? looks_ : most; }
    void was_in_vain() noexcept { looks_ /= 2; }
    void paid_off() noexcept { looks_ = most; }

private:
    // A look takes some 0.2 to 0.4 µs: 25 µs or so at the most, what another process needs to be
    // woken and to answer. Where it does not look itself yet, that must be borne to find out that
    // it could: then both look, and nobody sleeps.
    static constexpr int most = 80;
    static constexpr std::uint32_t most_rests = 64; ///< then it is tried again

    int looks_ = most;
    std::uint32_t rests_ = 0;
};

/// The end.
///
/// A message is a frame of 16 bytes and what it holds; up to 8 bytes of that stand in the frame.
/// So a number takes one system call on either side. The descriptor never blocks: this process
/// waits by itself, looking after what a process of a run has to do meanwhile. Nothing is read
/// ahead, so that the next message is whoever's who has the end then.
///
/// Belongs to one thread. Every message is traced as sent and received over a channel
/// (ChannelTrace), with the depth.
class MessagePipe
{
public:
    static constexpr std::size_t frame_bytes = 16;
    static constexpr std::size_t most_bytes = std::size_t{1} << 30; ///< of a message

    explicit MessagePipe(PipeEnd end);

    PipeEnd& end() noexcept { return end_; }
    const PipeEnd& end() const noexcept { return end_; }
    std::string name() const { return name_.get(); }

    /// Throws Error where the end is closed, or is one that only receives or only sends.
    void check_can_send() const;
    void check_can_receive() const;

    /// Sends what stands behind the first frame_bytes of `message`, which are overwritten; waits
    /// for space. Throws BrokenPipeError, BadValue for a message over most_bytes, StopRequested,
    /// which closes this end where a part of the message is away.
    void send(std::span<std::byte> message, const std::source_location& where);
    /// Receives the next message, which stays where it is until the next call. Throws EndOfFile,
    /// and StopRequested, which closes this end where a part of the message has come.
    std::span<const std::byte> receive(const std::source_location& where);
    /// Waits until there is something to receive, which may be the end of the file, at most
    /// `timeout`. Returns whether there is.
    bool poll(std::chrono::nanoseconds timeout, const std::source_location& where);

    void close() noexcept;

    std::uint16_t sending_channel() const noexcept { return sent_.channel(); }
    std::uint16_t receiving_channel() const noexcept { return received_.channel(); }
    bool summarises_sent() const noexcept { return sent_.summarises_sent(); }
    bool summarises_received() const noexcept { return received_.summarises_received(); }

private:
    class Waiting;
    struct Progress;

    PipeState::Way& outgoing() const noexcept;
    PipeState::Way& incoming() const noexcept;
    void attend(std::size_t bytes);
    void write_all(std::span<const std::byte> bytes, Waiting& waiting);
    bool read_all(std::span<std::byte> bytes, std::size_t& had, Waiting& waiting);
    void read_rest(std::uint64_t bytes, std::size_t& had, Waiting& waiting);
    std::vector<Death> deaths_behind(bool in_a_message) const;
    [[noreturn]] void throw_end_of_file(std::size_t had, std::optional<std::uint64_t> of) const;
    [[noreturn]] void throw_broken_pipe(std::size_t written, std::size_t of) const;
    [[noreturn]] void throw_unusable(bool sending) const;

    PipeEnd end_;
    SharedName name_; ///< stays here, also when the end is closed or moved on
    std::vector<std::byte> buffer_; ///< of receive(): kept, so that its memory is
    ChannelTrace sent_;
    ChannelTrace received_;
    LookBudget looks_;
    std::int64_t until_attending_ = 0;
};

} // namespace manyhands
