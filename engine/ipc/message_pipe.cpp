// SPDX-License-Identifier: MIT
#include "engine/ipc/message_pipe.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

// What stands before each message, and is all of a short one.
struct Frame
{
    std::uint32_t number; // of the message in its channel
    std::uint32_t here; // so many bytes of `content` are the message
    std::uint64_t content;
};
static_assert(sizeof(Frame) == MessagePipe::frame_bytes);

// In Frame::here: the message follows, and `content` is its size.
constexpr std::uint32_t behind = 0xffff'ffff;

// Main must drain within 33 ms, also where it never waits. A call takes 1 us or so.
constexpr std::int64_t attending_after = 256;

// A receiver makes room in steps: what a frame says of the size of a message is believed as far as
// that has come.
constexpr std::size_t first_room = std::size_t{1} << 20;

// How long the reason of a message that was cut is waited for: its process is ending.
constexpr std::chrono::milliseconds patience{200};

ErrorDetails with_reason(ErrorDetails details, const std::vector<Death>& deaths)
{
    if (!deaths.empty())
        details.advice = to_text(deaths);
    return details;
}

std::size_t index(int side) noexcept
{
    return static_cast<std::size_t>(side);
}

} // namespace

EndOfFile::EndOfFile(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_reason(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

BrokenPipeError::BrokenPipeError(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_reason(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

// What a call waits for, and how that is told: a short wait as a span that is over already, and
// from the first sleep on as spans that an observer sees.
class MessagePipe::Waiting
{
public:
    Waiting(os::Readiness readiness, int fd, LookBudget& looks, ChannelTrace& trace,
        const PipeState::Way& way, const std::source_location& where) noexcept
        : readiness_(readiness)
        , fd_(fd)
        , looks_(looks)
        , trace_(trace)
        , way_(way)
        , where_(where)
        , began_(ChannelTrace::begin())
    {
    }

    // `tries` does what it can and returns whether that was anything.
    template <class Tries>
    void until(Tries&& tries)
    {
        if (tries())
            return;
        if (!transfer_) {
            for (int looks = looks_.looks(); looks > 0; --looks) {
                if (tries()) {
                    looks_.paid_off();
                    tell_short_wait();
                    return;
                }
            }
            looks_.was_in_vain();
            trace_.flush(depth());
            transfer_.emplace(
                sends() ? State::sending : State::receiving, trace_.channel(), where_);
        }
        const StateSpan span(
            sends() ? State::waiting_space : State::waiting_data, trace_.channel(), where_);
        do {
            if (this_process.stop_requested())
                throw StopRequested();
            sleep_until_ready(fd_, readiness_, forever);
        } while (!tries());
    }

    // The message is complete.
    void tell(std::uint64_t message, std::uint64_t bytes) noexcept
    {
        const auto left = [this] { return depth(); };
        const std::uint16_t place = this_process.recorder.place(where_);
        const std::uint64_t since = transfer_ ? 0 : began_;
        if (sends())
            trace_.sent(message, bytes, left, place, since);
        else
            trace_.received(message, bytes, left, place, since);
    }

private:
    bool sends() const noexcept { return readiness_ == os::Readiness::to_write; }

    // Messages of which a part, at least, is in the pipe or on its way into it.
    std::uint64_t depth() const noexcept
    {
        const std::uint64_t received = way_.received.load(std::memory_order_relaxed);
        const std::uint64_t sent = way_.sent.load(std::memory_order_relaxed);
        return sent > received ? sent - received : 0;
    }

    void tell_short_wait() noexcept
    {
        const bool too_fast = sends() ? trace_.summarises_sent() : trace_.summarises_received();
        if (began_ == 0 || too_fast)
            return;
        Recorder& recorder = this_process.recorder;
        const auto state
            = static_cast<std::uint8_t>(sends() ? State::waiting_space : State::waiting_data);
        const std::uint16_t place = recorder.place(where_);
        recorder.event_at(began_, EventKind::state_begin, state, trace_.channel(), 0, place);
        began_ = recorder.ticks();
        recorder.event_at(began_, EventKind::state_end, state, event_without_subject, 0, 0);
    }

    os::Readiness readiness_;
    int fd_;
    LookBudget& looks_;
    ChannelTrace& trace_;
    const PipeState::Way& way_;
    const std::source_location& where_;
    std::uint64_t began_; // what is not told yet
    std::optional<StateSpan> transfer_; // from the first sleep on
};

MessagePipe::MessagePipe(PipeEnd end)
    : end_(std::move(end))
    , name_(end_.state().name)
    , sent_(outgoing().channel)
    , received_(incoming().channel)
    , until_attending_(attending_after)
{
}

PipeState::Way& MessagePipe::outgoing() const noexcept
{
    return end_.state().ways[index(end_.side())];
}

PipeState::Way& MessagePipe::incoming() const noexcept
{
    return end_.state().ways[index(1 - end_.side())];
}

void MessagePipe::check_can_send() const
{
    if (!end_ || !end_.can_send()) [[unlikely]]
        throw_unusable(true);
}

void MessagePipe::check_can_receive() const
{
    if (!end_ || !end_.can_receive()) [[unlikely]]
        throw_unusable(false);
}

void MessagePipe::throw_unusable(bool sending) const
{
    const std::string object = "this end of pipe " + name();
    if (end_.belongs_elsewhere())
        throw Error({.object = object,
            .problem = "belongs to another process or thread",
            .advice = "make it an argument of the process that is to have it"});
    if (!end_)
        throw Error({.object = object,
            .problem = "is closed, or was handed over to another process",
            .advice = sending ? "send before it is closed" : "receive before it is closed"});
    throw Error({.object = object,
        .problem = sending ? "only receives" : "only sends",
        .advice = sending ? "send into the second end, or make the pipe duplex"
                          : "receive from the first end, or make the pipe duplex"});
}

// In the lesson's main process: looks after its children now and then, in a loop that never waits,
// too. Everywhere: throws StopRequested when the run is asked to end.
void MessagePipe::attend(std::size_t bytes)
{
    until_attending_ -= 1 + static_cast<std::int64_t>(bytes >> 13);
    if (until_attending_ > 0) [[likely]]
        return;
    until_attending_ = attending_after;
    if (this_process.stop_requested())
        throw StopRequested();
    if (this_process.while_waiting != nullptr)
        this_process.while_waiting();
}

void MessagePipe::send(std::span<std::byte> message, const std::source_location& where)
{
    const std::size_t bytes = message.size() - frame_bytes;
    if (bytes > most_bytes)
        throw BadValue({.object = "message for pipe " + name(),
            .problem = "is too large",
            .value = std::to_string(bytes) + " bytes",
            .limit = std::to_string(most_bytes) + " bytes at the most",
            .advice = "send it in parts"});
    attend(bytes);
    PipeState::Way& way = outgoing();
    Waiting waiting(os::Readiness::to_write, end_.descriptor(), looks_, sent_, way, where);
    // Before it can be received: so whoever does sees that it was sent.
    const std::uint64_t number = way.sent.fetch_add(1, std::memory_order_relaxed);
    Frame frame = {static_cast<std::uint32_t>(number), behind, bytes};
    std::span<const std::byte> all = message;
    if (bytes <= sizeof frame.content) {
        frame.here = static_cast<std::uint32_t>(bytes);
        std::memcpy(&frame.content, message.data() + frame_bytes, bytes);
        all = message.first(frame_bytes);
    }
    std::memcpy(message.data(), &frame, sizeof frame);
    write_all(all, waiting);
    waiting.tell(number, bytes);
}

void MessagePipe::write_all(std::span<const std::byte> bytes, Waiting& waiting)
{
    const int fd = end_.descriptor();
    std::size_t written = 0;
    const auto write_some = [&] {
        ssize_t count = 0;
        do {
            count = ::write(fd, bytes.data() + written, bytes.size() - written);
        } while (count < 0 && errno == EINTR);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
            return true;
        }
        if (errno == EAGAIN)
            return false;
        // ECONNRESET: the other end was closed with messages in it that nobody has received.
        if (errno == EPIPE || errno == ECONNRESET)
            throw_broken_pipe(written, bytes.size());
        throw system_error("pipe " + name(), "could not be written to", errno);
    };
    try {
        while (written < bytes.size())
            waiting.until(write_some);
    } catch (...) {
        // What would be sent behind a part of a message could not be told from its rest.
        if (written > 0)
            close();
        throw;
    }
}

std::span<const std::byte> MessagePipe::receive(const std::source_location& where)
{
    attend(buffer_.size());
    PipeState::Way& way = incoming();
    Waiting waiting(os::Readiness::to_read, end_.descriptor(), looks_, received_, way, where);
    Frame frame;
    std::array<std::byte, frame_bytes> head;
    std::size_t had = 0;
    std::uint64_t bytes = 0;
    buffer_.clear();
    try {
        if (!read_all(head, had, waiting))
            throw_end_of_file(had, {});
        std::memcpy(&frame, head.data(), sizeof frame);
        bytes = frame.here == behind ? frame.content : frame.here;
        if (bytes > (frame.here == behind ? most_bytes : sizeof frame.content))
            throw Error({.object = "pipe " + name(),
                .problem = "holds no message where one should begin",
                .advice = "let one process at a time send into an end, and one receive from it"});
        if (frame.here == behind) {
            read_rest(bytes, had, waiting);
        } else {
            buffer_.resize(bytes);
            if (bytes > 0)
                std::memcpy(buffer_.data(), &frame.content, bytes);
        }
    } catch (...) {
        if (had > 0)
            close();
        throw;
    }
    way.received.fetch_add(1, std::memory_order_relaxed);
    waiting.tell(frame.number, bytes);
    return buffer_;
}

void MessagePipe::read_rest(std::uint64_t bytes, std::size_t& had, Waiting& waiting)
{
    while (buffer_.size() < bytes) {
        const std::size_t before = buffer_.size();
        buffer_.resize(std::min<std::size_t>(bytes, std::max(first_room, 2 * before)));
        if (!read_all(std::span(buffer_).subspan(before), had, waiting))
            throw_end_of_file(had, bytes + frame_bytes);
    }
}

// False where the file ends first; `had` grows by what has come.
bool MessagePipe::read_all(std::span<std::byte> bytes, std::size_t& had, Waiting& waiting)
{
    const int fd = end_.descriptor();
    bool ended = false;
    const auto read_some = [&] {
        ssize_t count = 0;
        do {
            count = ::read(fd, bytes.data(), bytes.size());
        } while (count < 0 && errno == EINTR);
        if (count < 0 && errno == EAGAIN)
            return false;
        // ECONNRESET: it was closed with messages in it that went the other way.
        if (count < 0 && errno != ECONNRESET)
            throw system_error("pipe " + name(), "could not be read from", errno);
        ended = count <= 0;
        if (!ended) {
            had += static_cast<std::size_t>(count);
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        }
        return true;
    };
    while (!bytes.empty() && !ended)
        waiting.until(read_some);
    return !ended;
}

bool MessagePipe::poll(std::chrono::nanoseconds timeout, const std::source_location& where)
{
    constexpr std::chrono::nanoseconds at_once{0};
    const Deadline deadline(timeout);
    attend(0);
    const int fd = end_.descriptor();
    if (os::wait_until_ready(fd, os::Readiness::to_read, at_once))
        return true;
    if (deadline.over())
        return false;
    received_.flush();
    const StateSpan span(State::waiting_data, received_.channel(), where);
    while (!sleep_until_ready(fd, os::Readiness::to_read, deadline.left())) {
        if (this_process.stop_requested())
            throw StopRequested();
        if (deadline.over())
            return os::wait_until_ready(fd, os::Readiness::to_read, at_once);
    }
    return true;
}

// Who had the other end, if it died.
std::vector<Death> MessagePipe::deaths_behind(bool in_a_message) const
{
    const ProcessKey key
        = end_.state().holders[index(1 - end_.side())].load(std::memory_order_relaxed);
    if (key == own_key() || key == 0)
        return {};
    const Deadline soon(in_a_message ? patience : std::chrono::nanoseconds::zero());
    while (!has_ended(slot_of_key(key), generation_of_key(key))) {
        if (soon.over())
            return {};
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    Death death = death_of(key);
    return death.exit == 0 ? std::vector<Death>() : std::vector<Death>{std::move(death)};
}

void MessagePipe::throw_end_of_file(std::size_t had, std::optional<std::uint64_t> of) const
{
    if (had == 0)
        throw EndOfFile({.object = "pipe " + name(),
                            .problem = "has come to its end: nobody has its other end open"},
            deaths_behind(false));
    throw EndOfFile({.object = "pipe " + name(),
                        .problem = "has come to its end in the middle of a message",
                        .value = std::to_string(had) + " bytes of "
                            + (of ? std::to_string(*of) : "a message's head") + " had come"},
        deaths_behind(true));
}

void MessagePipe::throw_broken_pipe(std::size_t written, std::size_t of) const
{
    ErrorDetails details = {.object = "pipe " + name(),
        .problem = "is broken: nobody has its other end open to receive"};
    if (written > 0)
        details.value = std::to_string(written) + " bytes of " + std::to_string(of) + " were sent";
    throw BrokenPipeError(std::move(details), deaths_behind(written > 0));
}

void MessagePipe::close() noexcept
{
    sent_.flush();
    received_.flush();
    end_.close();
}

} // namespace manyhands
