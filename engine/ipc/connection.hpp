// SPDX-License-Identifier: MIT
// A pipe and its two ends, as Python's multiprocessing.Pipe and Connection.
#pragma once

#include "engine/ipc/codec.hpp"
#include "engine/ipc/message_pipe.hpp"
#include "engine/trace/this_process.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace manyhands {

/// How a pipe is called in traces and errors.
struct PipeOptions
{
    std::string name = {}; ///< "Pipe-1" … where empty
};

/// One end of a pipe, over a descriptor of the kernel's. Move-only. Values of type T go through it
/// one by one, first in, first out.
///
/// It crosses to another process as an argument of that: moved into it, by itself or in a
/// std::vector, and the new process has it then, and this one no longer. What differs from Python
/// there, on purpose: Python gives the new process a duplicate. This process's own stays open until
/// it is closed, and a forked process has all the others besides; where either is forgotten, the
/// end of the file never comes. Who wants to see that says so: by handing over a duplicate().
///
/// As in Python, an end is not to be used by two processes (or threads) at once: two that receive
/// tear messages apart, two that send run into each other where a message is larger than 4 KiB or
/// the pipe is full. By the main threads of processes.
template <class T>
class Connection
{
public:
    using HandedOver = PipeEnd; ///< it crosses as an argument of a process only

    explicit Connection(PipeEnd end)
        : pipe_(std::move(end))
    {
    }

    /// Sends `value`, waiting for space. Throws BrokenPipeError where nobody has the other end open
    /// any more, Error where this end is closed or only receives, BadValue for more than 1 GiB,
    /// StopRequested when the run is asked to end.
    void send(const T& value, const std::source_location& where = std::source_location::current())
    {
        pipe_.check_can_send();
        scratch_.resize(MessagePipe::frame_bytes);
        {
            const Serialising span(pipe_.summarises_sent(), pipe_.sending_channel(), where);
            codec::encode(scratch_, value);
        }
        pipe_.send(scratch_, where);
    }

    /// Receives the next value, waiting for it. Throws EndOfFile where nobody has the other end
    /// open any more and all was received, which says so where a message was cut by a death; Error
    /// and StopRequested as above.
    T recv(const std::source_location& where = std::source_location::current())
    {
        pipe_.check_can_receive();
        std::span<const std::byte> message = pipe_.receive(where);
        const Serialising span(pipe_.summarises_received(), pipe_.receiving_channel(), where);
        return codec::decode<T>(message);
    }

    /// Whether there is something to receive, or comes within `timeout`; at the end of the file
    /// there is: EndOfFile. (Python's None is `forever`.) Throws Error and StopRequested as above,
    /// BadValue for a negative time.
    bool poll(std::chrono::nanoseconds timeout = std::chrono::nanoseconds::zero(),
        const std::source_location& where = std::source_location::current())
    {
        pipe_.check_can_receive();
        return pipe_.poll(timeout, where);
    }

    /// Another handle on this end: the other end sees the end of the file when both are closed.
    /// Throws Error where this one is closed, or descriptors run out.
    Connection duplicate() const
    {
        check_open();
        return Connection(pipe_.end().duplicate());
    }

    /// Closes it, if it is open. What was sent can still be received.
    void close() noexcept { pipe_.close(); }

    bool closed() const noexcept { return !pipe_.end(); }
    bool readable() const { return check_open(), pipe_.end().can_receive(); }
    bool writable() const { return check_open(), pipe_.end().can_send(); }
    std::string name() const { return pipe_.name(); } ///< of the pipe
    /// Its descriptor, which never blocks.
    int fileno() const { return check_open(), pipe_.end().descriptor(); }

    /// For hand_over() and taken_over().
    void hand_over(std::vector<std::byte>& bytes, std::vector<PipeEnd>& ends) &&
    {
        check_open();
        std::move(pipe_.end()).hand_over(bytes, ends);
    }
    static Connection taken_over(std::span<const std::byte>& bytes)
    {
        return Connection(PipeEnd::taken_over(bytes));
    }

private:
    void check_open() const
    {
        if (closed()) [[unlikely]]
            throw Error({.object = "this end of pipe " + name(),
                .problem = "is closed, or was handed over to another process"});
    }

    // The span of a serialisation: where there is any, and messages do not come too fast for each
    // to be told.
    class Serialising
    {
    public:
        Serialising(bool too_fast, std::uint16_t channel, const std::source_location& where)
        {
            if (!codec::is_plain<T> && !too_fast && this_process.recorder.traced())
                span_.emplace(State::serialising, channel, where);
        }

    private:
        std::optional<StateSpan> span_;
    };

    MessagePipe pipe_;
    std::vector<std::byte> scratch_; ///< of send(): kept, so that its memory is
};

/// A new pipe and its two ends, made by any process of the run. `duplex`: both send and receive;
/// else the first one only receives and the second one only sends, as in Python. Throws Error where
/// descriptors or shared memory run out.
template <class T>
std::pair<Connection<T>, Connection<T>> pipe(bool duplex = true, const PipeOptions& options = {})
{
    codec::check_can_be_sent<T>();
    std::pair<PipeEnd, PipeEnd> ends = PipeEnd::make(duplex, options.name);
    return {Connection<T>(std::move(ends.first)), Connection<T>(std::move(ends.second))};
}

} // namespace manyhands
