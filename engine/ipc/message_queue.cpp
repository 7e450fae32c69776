// SPDX-License-Identifier: MIT
#include "engine/ipc/message_queue.hpp"

#include "engine/trace/this_process.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace manyhands {
namespace {

// A place's word, from the top: 40 bits of turn, 1 bit full, 16 bits of slot number. Positions
// p, p + capacity, p + 2 capacity … are the turns 0, 1, 2 … of one place.
constexpr std::uint64_t word(std::uint64_t turn, bool full, std::uint32_t slot)
{
    return turn << 17 | std::uint64_t{full} << 16 | slot;
}
constexpr std::uint64_t turn_of(std::uint64_t value)
{
    return value >> 17;
}
constexpr bool is_full(std::uint64_t value)
{
    return (value >> 16 & 1) != 0;
}
constexpr std::uint32_t slot_of(std::uint64_t value)
{
    return static_cast<std::uint32_t>(value & 0xffff);
}

constexpr std::uint32_t most_places = 1U << 20;
constexpr std::size_t inline_bytes = 56;

// Copies through relaxed words: a consumer may copy what its producer is overwriting for a later
// turn; the compare-and-swap that follows then fails and the copy is thrown away.
void copy_in(std::uint64_t* to, std::span<const std::byte> from) noexcept
{
    while (!from.empty()) {
        std::uint64_t value = 0;
        const std::size_t count = std::min(from.size(), sizeof value);
        std::memcpy(&value, from.data(), count);
        __atomic_store_n(to++, value, __ATOMIC_RELAXED);
        from = from.subspan(count);
    }
}

void copy_out(std::byte* to, const std::uint64_t* from, std::size_t bytes) noexcept
{
    while (bytes > 0) {
        const std::uint64_t value = __atomic_load_n(from++, __ATOMIC_RELAXED);
        const std::size_t count = std::min(bytes, sizeof value);
        std::memcpy(to, &value, count);
        to += count;
        bytes -= count;
    }
}

// Channels are numbered by the lesson's main process, which makes them all.
std::uint16_t next_channel = 0;

} // namespace

// What a producer keeps of a message: a cache line, with the bytes in it or in a block of the
// arena.
struct alignas(64) MessageQueue::Message
{
    std::uint64_t bytes;
    std::uint64_t contents[inline_bytes / 8]; // contents[0] is the block of a larger message
};

struct MessageQueue::Layout
{
    // A word to a cache line: producers and consumers work on neighbouring places at once.
    struct alignas(64) Place
    {
        std::atomic<std::uint64_t> word;
    };

    std::uint32_t capacity;
    std::uint16_t channel;
    alignas(64) std::atomic<std::uint64_t> next_put; // hints: never ahead of the truth in the words
    alignas(64) std::atomic<std::uint64_t> next_get;
    Waiters consumers;
    Waiters producers;
    // Where each slot's own messages lie, once it has put one.
    alignas(64) std::atomic<ArenaOffset> messages[slot_limit];
    Place places[1];
};

MessageQueue::MessageQueue(const std::string& name, std::uint32_t capacity)
{
    if (capacity == 0 || capacity > most_places)
        throw BadValue({.object = "capacity of queue " + name,
            .problem = "is not allowed",
            .value = std::to_string(capacity),
            .limit = "1 to " + std::to_string(most_places)});
    const std::size_t bytes = sizeof(Layout) + (capacity - 1) * sizeof(Layout::Place);
    offset_ = this_process.arena->allocate(bytes, Arena::shared_owner);
    std::memset(this_process.arena->at(offset_), 0, bytes);
    Layout& made = *new (this_process.arena->at(offset_)) Layout;
    made.capacity = capacity;
    made.channel = next_channel++;
    this_process.recorder.text(TextKind::channel, made.channel, "queue\n" + name);
}

MessageQueue::MessageQueue(ArenaOffset offset)
    : offset_(offset)
{
}

MessageQueue::Layout& MessageQueue::layout() const noexcept
{
    return *std::launder(reinterpret_cast<Layout*>(this_process.arena->at(offset_)));
}

std::atomic<std::uint64_t>& MessageQueue::place(std::uint64_t position) const noexcept
{
    Layout& queue = layout();
    return queue.places[position % queue.capacity].word;
}

std::uint32_t MessageQueue::capacity() const noexcept
{
    return layout().capacity;
}

std::uint64_t MessageQueue::size() const noexcept
{
    const std::uint64_t taken = layout().next_get.load(std::memory_order_relaxed);
    const std::uint64_t put = layout().next_put.load(std::memory_order_relaxed);
    return put > taken ? put - taken : 0;
}

MessageQueue::Message* MessageQueue::messages_of(std::uint32_t slot) const noexcept
{
    const ArenaOffset block = layout().messages[slot].load(std::memory_order_acquire);
    return block == 0 ? nullptr : reinterpret_cast<Message*>(this_process.arena->at(block));
}

MessageQueue::Message* MessageQueue::own_messages()
{
    if (Message* const known = messages_of(this_process.slot_number))
        return known;
    // Kept for the slot's next process, too: what this one leaves in the queue stays readable.
    const ArenaOffset block = this_process.arena->allocate(
        std::size_t{capacity()} * sizeof(Message), Arena::shared_owner);
    layout().messages[this_process.slot_number].store(block, std::memory_order_release);
    return messages_of(this_process.slot_number);
}

std::optional<std::uint64_t> MessageQueue::try_put(std::span<const std::byte> message)
{
    Layout& queue = layout();
    Message* const own = own_messages();
    std::uint64_t position = queue.next_put.load(std::memory_order_relaxed);
    while (true) {
        const std::uint64_t turn = position / queue.capacity;
        std::atomic<std::uint64_t>& target = place(position);
        // Acquire: the consumer that emptied the place has copied our message of the last turn.
        std::uint64_t seen = target.load(std::memory_order_acquire);
        if (turn_of(seen) < turn)
            return std::nullopt; // still full from the turn before
        if (turn_of(seen) > turn || is_full(seen)) {
            // Somebody else was here; help the hint on.
            queue.next_put.compare_exchange_strong(
                position, position + 1, std::memory_order_relaxed);
            position = std::max(position, queue.next_put.load(std::memory_order_relaxed));
            continue;
        }
        Message& slot = own[position % queue.capacity];
        __atomic_store_n(&slot.bytes, message.size(), __ATOMIC_RELAXED);
        ArenaOffset block = 0;
        if (message.size() <= inline_bytes) {
            copy_in(slot.contents, message);
        } else {
            // Ours until it is about to be published: should we die before, it is reclaimed.
            block = this_process.arena->allocate(message.size(), this_process.slot_number);
            std::memcpy(this_process.arena->at(block), message.data(), message.size());
            __atomic_store_n(&slot.contents[0], block, __ATOMIC_RELAXED);
            this_process.arena->transfer(block, Arena::shared_owner);
        }
        // Release: who sees the place full sees the message. Sequentially consistent towards the
        // waiters' list (Waiters::wait).
        if (target.compare_exchange_strong(seen, word(turn, true, this_process.slot_number),
                std::memory_order_seq_cst, std::memory_order_relaxed)) {
            std::uint64_t expected = position;
            queue.next_put.compare_exchange_strong(
                expected, position + 1, std::memory_order_relaxed);
            return position;
        }
        this_process.arena->free(block);
    }
}

bool MessageQueue::has_space() const noexcept
{
    const std::uint64_t position = layout().next_put.load(std::memory_order_seq_cst);
    return turn_of(place(position).load(std::memory_order_seq_cst)) >= position / capacity();
}

bool MessageQueue::has_message() const noexcept
{
    const std::uint64_t position = layout().next_get.load(std::memory_order_seq_cst);
    const std::uint64_t seen = place(position).load(std::memory_order_seq_cst);
    return turn_of(seen) > position / capacity() || is_full(seen);
}

void MessageQueue::trace(EventKind kind, std::uint64_t position, std::size_t bytes,
    std::uint16_t where, std::uint64_t since_ticks) noexcept
{
    Recorder& recorder = this_process.recorder;
    if (!recorder.traced())
        return;
    const std::uint64_t now = recorder.ticks();
    // Within a span of its own where there was a wait (since_ticks 0), else with its duration.
    recorder.event_at(now, kind, since_ticks == 0 ? std::uint8_t{0} : pack_ticks(now - since_ticks),
        static_cast<std::uint32_t>(position), pack_message(layout().channel, bytes, size()), where);
}

std::uint64_t MessageQueue::put(std::span<const std::byte> message,
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    Recorder& recorder = this_process.recorder;
    const std::uint16_t where_id = recorder.place(where);
    const std::uint64_t begin = recorder.traced() ? recorder.ticks() : 0;
    std::optional<std::uint64_t> position = try_put(message);
    if (position) {
        trace(EventKind::message_sent, *position, message.size(), where_id, begin);
    } else {
        const StateSpan sending(State::sending, layout().channel, where);
        position = wait_and_put(message, timeout, where);
        if (position)
            trace(EventKind::message_sent, *position, message.size(), where_id, 0);
    }
    if (!position)
        throw Full({.object = "queue", .problem = "is full"});
    layout().consumers.wake_one();
    return *position;
}

std::optional<std::uint64_t> MessageQueue::wait_and_put(std::span<const std::byte> message,
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    const StateSpan waiting(State::waiting_space, layout().channel, where);
    const Deadline deadline(timeout);
    while (layout().producers.wait(deadline, [this] { return has_space(); })) {
        if (const auto position = try_put(message))
            return position;
    }
    // The time is over; some space may have come all the same.
    return try_put(message);
}

bool MessageQueue::try_get(std::vector<std::byte>& bytes, const std::source_location& where)
{
    Recorder& recorder = this_process.recorder;
    const std::uint64_t begin = recorder.traced() ? recorder.ticks() : 0;
    std::uint64_t position = 0;
    if (!take(bytes, position))
        return false;
    trace(EventKind::message_received, position, bytes.size(), recorder.place(where), begin);
    return true;
}

bool MessageQueue::take(std::vector<std::byte>& bytes, std::uint64_t& position)
{
    Layout& queue = layout();
    position = queue.next_get.load(std::memory_order_relaxed);
    while (true) {
        const std::uint64_t turn = position / queue.capacity;
        std::atomic<std::uint64_t>& source = place(position);
        // Acquire: pairs with the producer's publishing.
        std::uint64_t seen = source.load(std::memory_order_acquire);
        if (turn_of(seen) > turn) {
            queue.next_get.compare_exchange_strong(
                position, position + 1, std::memory_order_relaxed);
            position = std::max(position, queue.next_get.load(std::memory_order_relaxed));
            continue;
        }
        if (turn_of(seen) < turn || !is_full(seen))
            return false;
        const Message* const messages = messages_of(slot_of(seen));
        const Message& message = messages[position % queue.capacity];
        const std::uint64_t size = __atomic_load_n(&message.bytes, __ATOMIC_RELAXED);
        std::uint64_t contents[inline_bytes / 8];
        if (size <= inline_bytes) {
            bytes.resize(size);
            copy_out(bytes.data(), message.contents, size);
        } else {
            contents[0] = __atomic_load_n(&message.contents[0], __ATOMIC_RELAXED);
        }
        const std::uint32_t own_slot = this_process.slot_number;
        if (!source.compare_exchange_strong(seen, word(turn + 1, false, own_slot),
                std::memory_order_seq_cst, std::memory_order_relaxed))
            continue;
        // A larger message is ours from here on: nobody else reads or frees its block.
        if (size > inline_bytes) {
            this_process.arena->transfer(contents[0], own_slot);
            const std::byte* const block = this_process.arena->at(contents[0]);
            bytes.assign(block, block + size);
            this_process.arena->free(contents[0]);
        }
        std::uint64_t expected = position;
        queue.next_get.compare_exchange_strong(expected, position + 1, std::memory_order_relaxed);
        queue.producers.wake_one();
        return true;
    }
}

bool MessageQueue::get_unless(std::vector<std::byte>& bytes,
    const std::function<bool()>& interrupted, State waiting, const std::source_location& where)
{
    if (try_get(bytes, where))
        return true;
    const StateSpan receiving(State::receiving, layout().channel, where);
    const std::optional<std::uint64_t> position = wait_and_take(bytes, interrupted, waiting, where);
    if (position)
        trace(EventKind::message_received, *position, bytes.size(),
            this_process.recorder.place(where), 0);
    return position.has_value();
}

std::optional<std::uint64_t> MessageQueue::wait_and_take(std::vector<std::byte>& bytes,
    const std::function<bool()>& interrupted, State waiting, const std::source_location& where)
{
    const StateSpan span(waiting, layout().channel, where);
    const Deadline never(forever);
    std::uint64_t position = 0;
    while (layout().consumers.wait(
        never, [this] { return has_message(); }, interrupted)) {
        if (take(bytes, position))
            return position;
    }
    return std::nullopt;
}

void MessageQueue::get(std::vector<std::byte>& bytes, std::chrono::nanoseconds timeout,
    const std::source_location& where)
{
    const Deadline deadline(timeout);
    if (!get_unless(
            bytes, [&] { return deadline.over(); }, State::waiting_data, where))
        throw Empty({.object = "queue", .problem = "is empty"});
}

std::optional<std::uint32_t> MessageQueue::taken_by(std::uint64_t position) const noexcept
{
    const std::uint64_t seen = place(position).load(std::memory_order_acquire);
    if (turn_of(seen) != position / capacity() + 1 || is_full(seen))
        return std::nullopt;
    return slot_of(seen);
}

void MessageQueue::wake_consumers() noexcept
{
    layout().consumers.wake_all();
}

void MessageQueue::forget(std::uint32_t slot) noexcept
{
    layout().consumers.forget(slot);
    layout().producers.forget(slot);
}

void MessageQueue::destroy() noexcept
{
    // From the oldest message that may be left; the hints may lag behind, but are never ahead.
    for (std::uint64_t at = layout().next_get.load();; ++at) {
        const std::uint64_t turn = at / capacity();
        const std::uint64_t seen = place(at).load();
        if (turn_of(seen) > turn)
            continue;
        if (turn_of(seen) < turn || !is_full(seen))
            break;
        const Message& message = messages_of(slot_of(seen))[at % capacity()];
        if (message.bytes > inline_bytes)
            this_process.arena->free(message.contents[0]);
    }
    for (auto& block : layout().messages)
        this_process.arena->free(block.load());
    this_process.arena->free(std::exchange(offset_, 0));
}

} // namespace manyhands
