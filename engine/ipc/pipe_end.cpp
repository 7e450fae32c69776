// SPDX-License-Identifier: MIT
#include "engine/ipc/pipe_end.hpp"

#include "engine/ipc/codec.hpp"
#include "engine/os/error.hpp"
#include "engine/sync/wait_text.hpp"
#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <unistd.h>

namespace manyhands {
namespace {

// The descriptors of all ends that this process has, and those that it was handed at its start.
// Threads make and close ends of their own at once; while they live, nobody forks with it locked.
std::mutex open_ends_lock;
std::vector<int> open_ends;
std::vector<int> handed_ends;

// How an end stands among the arguments of a process.
struct Handed
{
    ArenaOffset state;
    std::uint32_t index; // in handed_ends
    std::uint32_t side;
};

// As in Python: to write where nobody reads any more is an error that is told, and kills nobody.
void ignore_broken_pipes() noexcept
{
    struct sigaction usual = {};
    if (::sigaction(SIGPIPE, nullptr, &usual) == 0 && usual.sa_handler == SIG_DFL)
        ::signal(SIGPIPE, SIG_IGN);
}

void give_back_unless_used(PipeState& state, ArenaOffset offset) noexcept
{
    if (state.handles.fetch_sub(1, std::memory_order_relaxed) == 1)
        this_process.arena->retire(offset, nullptr);
}

ArenaOffset make_state(bool duplex, std::string_view name, bool traced)
{
    const std::string object = name.empty() ? "pipe" : "pipe " + std::string(name);
    if (this_process.arena == nullptr)
        throw Error({.object = object,
            .problem = "needs the shared memory of a run",
            .advice = "make it in a lesson's functions, which manyhands::run() calls"});
    Arena& arena = *this_process.arena;
    ArenaOffset offset = 0;
    try {
        offset = arena.allocate(sizeof(PipeState), Arena::shared_owner);
    } catch (const Error& error) {
        throw Error({.object = object,
            .problem = "finds no room in the shared memory of the run",
            .value = error.value(),
            .limit = error.limit()});
    }
    PipeState& state = *new (arena.at(offset)) PipeState();
    state.duplex = duplex;
    state.maker = this_process.slot_number;
    // The only way of a one-way pipe is from its second end.
    for (int side = duplex ? 0 : 1; side < 2; ++side)
        state.ways[static_cast<std::size_t>(side)].channel = arena.next_channel();
    state.name.set(name_or_number(name, "Pipe", state.ways[duplex ? 0 : 1].channel));
    for (int side = duplex ? 0 : 1; traced && side < 2; ++side) {
        const std::string direction = !duplex ? "" : side == 0 ? " →" : " ←";
        this_process.recorder.text(TextKind::channel,
            state.ways[static_cast<std::size_t>(side)].channel,
            "pipe\n" + state.name.get() + direction);
    }
    return offset;
}

} // namespace

PipeEnd::PipeEnd(os::Descriptor descriptor, ArenaOffset state, int side)
    : fd_(descriptor.get())
    , side_(side)
    , state_(state)
    , owner_(own_key())
{
    ignore_broken_pipes();
    {
        const std::lock_guard hold(open_ends_lock);
        open_ends.push_back(fd_);
    }
    descriptor.release();
    PipeState& shared = this->state();
    shared.holders[static_cast<std::size_t>(side)].store(own_key(), std::memory_order_relaxed);
    if (shared.maker == this_process.slot_number)
        shared.handles.fetch_add(1, std::memory_order_relaxed);
}

PipeEnd::PipeEnd(PipeEnd&& other) noexcept
    : fd_(std::exchange(other.fd_, -1))
    , side_(other.side_)
    , state_(other.state_)
    , owner_(other.owner_)
{
}

PipeEnd& PipeEnd::operator=(PipeEnd&& other) noexcept
{
    if (this != &other) {
        close();
        fd_ = std::exchange(other.fd_, -1);
        side_ = other.side_;
        state_ = other.state_;
        owner_ = other.owner_;
    }
    return *this;
}

std::pair<PipeEnd, PipeEnd> PipeEnd::make(bool duplex, std::string_view name, bool traced)
{
    std::pair<os::Descriptor, os::Descriptor> ends;
    if (duplex) {
        ends = os::make_socket_pair();
    } else {
        os::PipeEnds pipe = os::make_pipe();
        ends = {std::move(pipe.read), std::move(pipe.write)};
    }
    os::never_block(ends.first.get());
    os::never_block(ends.second.get());
    const ArenaOffset state = make_state(duplex, name, traced);
    return {PipeEnd(std::move(ends.first), state, 0), PipeEnd(std::move(ends.second), state, 1)};
}

PipeEnd PipeEnd::duplicate() const
{
    return {os::another_descriptor(fd_), state_, side_};
}

void PipeEnd::close() noexcept
{
    if (*this) {
        {
            const std::lock_guard hold(open_ends_lock);
            open_ends.erase(std::find(open_ends.begin(), open_ends.end(), fd_));
        }
        ::close(fd_);
        if (this_process.arena != nullptr && state().maker == this_process.slot_number)
            give_back_unless_used(state(), state_);
    }
    fd_ = -1;
}

PipeState& PipeEnd::state() const noexcept
{
    return *std::launder(reinterpret_cast<PipeState*>(this_process.arena->at(state_)));
}

void PipeEnd::hand_over(std::vector<std::byte>& bytes, std::vector<PipeEnd>& ends) &&
{
    if (!*this)
        throw Error({.object = "end of a pipe",
            .problem = "is closed",
            .advice = "hand it over to one process only, or a duplicate() to each"});
    codec::encode(bytes,
        Handed{state_, static_cast<std::uint32_t>(ends.size()), static_cast<std::uint32_t>(side_)});
    ends.push_back(std::move(*this));
}

PipeEnd PipeEnd::taken_over(std::span<const std::byte>& bytes)
{
    const auto handed = codec::decode<Handed>(bytes);
    if (handed.index >= handed_ends.size() || handed_ends[handed.index] < 0 || handed.side > 1
        || !this_process.arena->holds(handed.state, sizeof(PipeState)))
        throw Error({.object = "end of a pipe", .problem = "was not handed over"});
    const int fd = std::exchange(handed_ends[handed.index], -1);
    return {os::Descriptor(fd), handed.state, static_cast<int>(handed.side)};
}

void take_over_ends(std::span<const int> descriptors)
{
    for (const int end : open_ends) {
        if (std::find(descriptors.begin(), descriptors.end(), end) == descriptors.end())
            ::close(end);
    }
    open_ends.clear();
    handed_ends.assign(descriptors.begin(), descriptors.end());
    for (const int end : handed_ends)
        os::close_on_exec(end);
}

} // namespace manyhands
