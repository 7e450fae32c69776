// SPDX-License-Identifier: MIT
#include "engine/ipc/message_queue.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace manyhands {

using namespace queue_memory;

namespace {

// The words of a cell are copied one by one, relaxed: a consumer may copy what its producer is
// overwriting for a later turn; the compare-and-swap that follows then fails, and the copy is
// thrown away.
std::size_t words_of(std::uint8_t size) noexcept
{
    return size == in_a_block ? 2 : (size + 7U) / 8;
}

void write_cell(Cell& cell, const std::uint64_t* words, std::uint8_t size) noexcept
{
    const std::size_t count = words_of(size);
    for (std::size_t i = 0; i < count; ++i)
        __atomic_store_n(&cell.words[i], words[i], __ATOMIC_RELAXED);
}

void read_cell(const Cell& cell, std::uint64_t* words, std::uint8_t size) noexcept
{
    const std::size_t count = words_of(size);
    for (std::size_t i = 0; i < count; ++i)
        words[i] = __atomic_load_n(&cell.words[i], __ATOMIC_RELAXED);
}

// A hint is written now and then only, since all who put or get share its cache line. Where depths
// are traced it is kept exact: they are read off the hints.
bool hint_is_due(const Cursor& at) noexcept
{
    return at.index % 16 == 0 || this_process.recorder.traced();
}

// Both sides work through cache lines that the other side has had last, one after the other: those
// of later messages are fetched while this one's are waited for, the places' for writing.
constexpr std::uint64_t fetched_ahead = 16;

void fetch_ahead(const Cursor& at, const Cell* cells) noexcept
{
    const std::uint64_t index = at.index + fetched_ahead;
    if (index >= at.ring->capacity)
        return;
#if defined(__x86_64__)
    // The builtin fetches for writing only where the compiler is told of a newer CPU.
    asm volatile("prefetchw %0" : : "m"(at.ring->places[index]));
#else
    __builtin_prefetch(&at.ring->places[index], 1);
#endif
    __builtin_prefetch(cells + index, 0);
}

// Moves a hint forward. Two that do so at once may leave the lower one: hints may lag behind.
template <class Number>
void raise(std::atomic<Number>& hint, Number value) noexcept
{
    if (hint.load(std::memory_order_relaxed) < value)
        hint.store(value, std::memory_order_release);
}

std::string with_size(std::uint64_t bytes)
{
    return std::to_string(bytes) + " bytes";
}

} // namespace

Empty::Empty(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_deaths(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

Full::Full(ErrorDetails details, std::vector<Death> deaths)
    : Error(with_deaths(std::move(details), deaths))
    , deaths_(std::move(deaths))
{
}

MessageQueue::Outgoing::~Outgoing()
{
    if (block != 0)
        this_process.arena->free(block);
}

MessageQueue::Incoming::~Incoming()
{
    if (block != 0)
        this_process.arena->free(block);
}

std::size_t MessageQueue::bytes_for(std::string_view name, std::uint32_t capacity)
{
    if (capacity > most_places)
        throw BadValue({.object = "capacity of queue " + std::string(name),
            .problem = "is not allowed",
            .value = std::to_string(capacity),
            .limit
            = "1 to " + std::to_string(most_places) + ", or 0 for as many as there is room"});
    // In pages of its own at least: so it has an owner number.
    const std::uint64_t places = capacity == 0 ? first_ring_places : capacity;
    return std::max(sizeof(Layout) + Ring::bytes(places), Arena::large_bytes);
}

void MessageQueue::make_at(ArenaOffset offset, std::string_view name, std::uint32_t capacity)
{
    std::byte* const memory = this_process.arena->at(offset);
    Layout& made = *std::launder(reinterpret_cast<Layout*>(memory));
    made.capacity = capacity;
    made.owner = Arena::owner_for(offset);
    made.channel = this_process.arena->next_channel();
    std::size_t length = std::min(name.size(), made.name.size() - 1);
    // Not in the middle of a letter.
    while (length < name.size() && length > 0 && (name[length] & 0xc0) == 0x80)
        --length;
    std::memcpy(made.name.data(), name.data(), length);
    made.rings[0].store(offset + sizeof(Layout), std::memory_order_release);
    std::launder(reinterpret_cast<Ring*>(memory + sizeof(Layout)))->capacity
        = capacity == 0 ? first_ring_places : capacity;
    this_process.recorder.text(TextKind::channel, made.channel, "queue\n" + std::string(name));
}

MessageQueue::MessageQueue(std::string_view name, std::uint32_t capacity)
    : MessageQueue([&] {
        const std::size_t bytes = bytes_for(name, capacity);
        const ArenaOffset offset = this_process.arena->allocate(bytes, Arena::shared_owner);
        std::memset(this_process.arena->at(offset), 0, bytes);
        make_at(offset, name, capacity);
        return offset;
    }())
{
}

MessageQueue::MessageQueue(ArenaOffset offset)
    : offset_(offset)
    , layout_(std::launder(reinterpret_cast<Layout*>(this_process.arena->at(offset))))
    , trace_(layout_->channel)
{
    // Acquire: with a ring's number comes its first position.
    enter(put_, layout_->put_ring.load(std::memory_order_acquire));
    put_.set(put_.ring->next_put.load(std::memory_order_relaxed));
    enter(get_, layout_->get_ring.load(std::memory_order_acquire));
    get_.set(get_.ring->next_get.load(std::memory_order_relaxed));
}

void MessageQueue::give_back(ArenaOffset offset) noexcept
{
    const Layout& gone = *std::launder(reinterpret_cast<Layout*>(this_process.arena->at(offset)));
    this_process.arena->reclaim(gone.owner);
}

void MessageQueue::destroy() noexcept
{
    give_back(offset_);
    this_process.arena->free(std::exchange(offset_, 0));
}

Ring& MessageQueue::ring(std::uint32_t number) const noexcept
{
    const ArenaOffset at = layout().rings[number].load(std::memory_order_acquire);
    return *std::launder(reinterpret_cast<Ring*>(this_process.arena->at(at)));
}

const Cell* MessageQueue::cells_of(const Ring& ring, std::uint32_t slot) const noexcept
{
    const ArenaOffset at = ring.cells[slot].load(std::memory_order_acquire);
    return reinterpret_cast<const Cell*>(this_process.arena->at(at));
}

std::uint32_t MessageQueue::capacity() const noexcept
{
    return static_cast<std::uint32_t>(layout().capacity);
}

std::string MessageQueue::name() const
{
    return layout().name.data();
}

std::uint64_t MessageQueue::size() const noexcept
{
    // From the hints on: what was taken first, so that it is not more than what was put.
    std::uint64_t seen = 0;
    Cursor get;
    enter(get, layout().get_ring.load(std::memory_order_acquire));
    get.set(get.ring->next_get.load(std::memory_order_relaxed));
    while (seek_get(get, seen) == Found::closed)
        enter(get, get.number + 1);
    Cursor put;
    enter(put, layout().put_ring.load(std::memory_order_acquire));
    put.set(put.ring->next_put.load(std::memory_order_relaxed));
    while (seek_put(put, seen) == Found::closed)
        enter(put, put.number + 1);
    const std::uint64_t taken = get.first + get.position();
    const std::uint64_t sent = put.first + put.position();
    return sent > taken ? sent - taken : 0;
}

void MessageQueue::enter(Cursor& at, std::uint32_t number) const noexcept
{
    // A ring's first message has the number that the closed ring before it has come to.
    Ring& next = ring(number);
    if (at.ring != nullptr)
        next.first.store(at.first + at.position(), std::memory_order_release);
    at = {.ring = &next, .first = next.first.load(std::memory_order_acquire), .number = number};
}

void MessageQueue::enter_next(Cursor& at, std::atomic<std::uint32_t>& hint) const noexcept
{
    enter(at, at.number + 1);
    raise(hint, at.number);
}

Cell* MessageQueue::own_cells_in(Ring& ring) const
{
    std::atomic<ArenaOffset>& cells = ring.cells[this_process.slot_number];
    if (cells.load(std::memory_order_relaxed) == 0)
        cells.store(allocate(ring.capacity * sizeof(Cell)), std::memory_order_release);
    return reinterpret_cast<Cell*>(this_process.arena->at(cells.load(std::memory_order_relaxed)));
}

void MessageQueue::find_own_cells()
{
    own_cells_ = own_cells_in(*put_.ring);
    own_slot_ = this_process.slot_number;
}

// A block that belongs to the queue.
ArenaOffset MessageQueue::allocate(std::size_t bytes) const
{
    try {
        return this_process.arena->allocate(bytes, layout().owner);
    } catch (const Error& error) {
        throw Error({.object = "queue " + name(),
            .problem = "finds no room in the shared memory of the run",
            .value = with_size(bytes) + " asked for, with " + std::to_string(size())
                + " messages in the queue",
            .limit = error.limit(),
            .advice = capacity() == 0 ? "bound the queue" : ""});
    }
}

void MessageQueue::take_block(Outgoing& message, std::size_t bytes)
{
    if (bytes > most_bytes)
        throw BadValue({.object = "message for queue " + name(),
            .problem = "is too large",
            .value = with_size(bytes),
            .limit = with_size(most_bytes) + " at the most",
            .advice = "send it in parts"});
    message.block = allocate(bytes);
    // Ours until it is about to be published: should we die before, it is reclaimed.
    this_process.arena->transfer(message.block, this_process.slot_number);
    message.words[0] = message.block;
    message.words[1] = bytes;
}

// Has the queue go on in another ring; `seen` is the word of the place that ends this one. Where
// there is space by then, it stays open.
void MessageQueue::grow(std::uint64_t seen)
{
    const std::uint32_t number = put_.number + 1;
    if (number == most_rings)
        throw Error({.object = "queue " + name(),
            .problem = "is full",
            .limit = std::to_string(size()) + " messages"});
    std::atomic<ArenaOffset>& next = layout().rings[number];
    if (next.load(std::memory_order_acquire) == 0) {
        const std::uint64_t capacity = put_.ring->capacity * 2;
        const ArenaOffset block = allocate(Ring::bytes(capacity));
        std::memset(this_process.arena->at(block), 0, Ring::bytes(capacity));
        std::launder(reinterpret_cast<Ring*>(this_process.arena->at(block)))->capacity = capacity;
        ArenaOffset none = 0;
        // Release: who sees the ring sees that it is empty.
        if (!next.compare_exchange_strong(
                none, block, std::memory_order_release, std::memory_order_relaxed))
            this_process.arena->free(block); // another producer was faster
    }
    // Should there be no memory for these, this ring is still of use.
    own_cells_in(ring(number));
    put_.word().compare_exchange_strong(seen, PlaceWord(seen).closed().bits(),
        std::memory_order_seq_cst, std::memory_order_relaxed);
}

std::optional<std::uint64_t> MessageQueue::publish(Outgoing& message)
{
    if (own_cells_ == nullptr || own_slot_ != this_process.slot_number) [[unlikely]]
        find_own_cells();
    while (true) {
        std::uint64_t seen = 0;
        const Found found = seek_put(put_, seen);
        if (found == Found::closed) [[unlikely]] {
            enter_next(put_, layout().put_ring);
            own_cells_ = nullptr;
            put_.set(put_.ring->next_put.load(std::memory_order_relaxed));
            find_own_cells();
            continue;
        }
        if (found == Found::nothing) {
            if (layout().capacity != 0)
                return std::nullopt;
            grow(seen);
            continue;
        }
        fetch_ahead(put_, own_cells_);
        write_cell(own_cells_[put_.index], message.words.data(), message.size);
        if (message.block != 0)
            this_process.arena->transfer(message.block, layout().owner);
        // Release: who sees the place full sees the message. Sequentially consistent towards the
        // waiters' list (Waiters::wait).
        if (put_.word().compare_exchange_strong(seen,
                PlaceWord::filled(put_.turn, this_process.slot_number, message.size).bits(),
                std::memory_order_seq_cst, std::memory_order_relaxed)) [[likely]] {
            message.block = 0;
            const std::uint64_t number = put_.first + put_.position();
            put_.advance();
            if (hint_is_due(put_))
                raise(put_.ring->next_put, put_.position());
            return number;
        }
        if (message.block != 0)
            this_process.arena->transfer(message.block, this_process.slot_number);
    }
}

bool MessageQueue::take(Incoming& message)
{
    while (true) {
        std::uint64_t seen = 0;
        const Found found = seek_get(get_, seen);
        if (found == Found::closed) [[unlikely]] {
            enter_next(get_, layout().get_ring);
            get_.set(get_.ring->next_get.load(std::memory_order_relaxed));
            continue;
        }
        if (found == Found::nothing)
            return false;
        const PlaceWord word(seen);
        message.size = word.size();
        const Cell* const cells = cells_of(*get_.ring, word.slot());
        fetch_ahead(get_, cells);
        read_cell(cells[get_.index], message.words.data(), message.size);
        if (!get_.word().compare_exchange_strong(seen,
                PlaceWord::emptied(get_.turn + 1, this_process.slot_number).closed_as(word).bits(),
                std::memory_order_seq_cst, std::memory_order_relaxed)) [[unlikely]]
            continue;
        if (message.size == in_a_block) {
            // Ours from here on: nobody else reads or frees the block.
            message.block = message.words[0];
            this_process.arena->transfer(message.block, this_process.slot_number);
        }
        message.number = get_.first + get_.position();
        get_.advance();
        if (hint_is_due(get_))
            raise(get_.ring->next_get, get_.position());
        if (layout().capacity != 0)
            layout().producers.wake_one();
        return true;
    }
}

bool MessageQueue::has_space()
{
    std::uint64_t seen = 0;
    return layout().capacity == 0 || seek_put(put_, seen) != Found::nothing;
}

bool MessageQueue::has_message()
{
    // Where the ring is closed, there may be one in the next.
    std::uint64_t seen = 0;
    return seek_get(get_, seen) != Found::nothing;
}

void MessageQueue::attend_now()
{
    until_attending_ = attending_after;
    if (this_process.stop_requested())
        throw StopRequested();
    if (this_process.while_waiting != nullptr)
        this_process.while_waiting();
}

std::uint16_t MessageQueue::place(const std::source_location& where) noexcept
{
    // Most calls come from the line that the last one came from.
    if (place_file_ != where.file_name() || place_line_ != where.line()
        || place_slot_ != this_process.slot_number) {
        place_ = this_process.recorder.place(where);
        place_file_ = where.file_name();
        place_line_ = where.line();
        place_slot_ = this_process.slot_number;
    }
    return place_;
}

void MessageQueue::trace_sent(std::uint64_t number, std::size_t bytes, std::uint64_t begin,
    const std::source_location& where) noexcept
{
    trace_.sent(
        number, bytes, [this] { return size(); }, place(where), begin);
}

void MessageQueue::trace_received(
    const Incoming& message, std::uint64_t begin, const std::source_location& where) noexcept
{
    trace_.received(
        message.number, message.bytes(), [this] { return size(); }, place(where), begin);
}

// Tells of a wait since `begin` that did not come to sleeping; returns now.
std::uint64_t MessageQueue::tell_wait(
    State waiting, std::uint64_t begin, std::uint16_t place) noexcept
{
    Recorder& recorder = this_process.recorder;
    const std::uint64_t now = recorder.ticks();
    const auto state = static_cast<std::uint8_t>(waiting);
    recorder.event_at(begin, EventKind::state_begin, state, trace_.channel(), 0, place);
    recorder.event_at(now, EventKind::state_end, state, event_without_subject, 0, 0);
    return now;
}

std::uint64_t MessageQueue::put(std::span<const std::byte> message,
    std::chrono::nanoseconds timeout, const std::source_location& where)
{
    return put(
        message.size(),
        [&](std::byte* to) {
            if (!message.empty())
                std::memcpy(to, message.data(), message.size());
        },
        timeout, where);
}

std::uint64_t MessageQueue::wait_and_publish(Outgoing& message, std::size_t bytes,
    std::chrono::nanoseconds timeout, std::uint64_t begin, const std::source_location& where)
{
    const Deadline deadline(timeout);
    const auto space = [this] { return has_space(); };
    std::optional<std::uint64_t> number;
    if (!deadline.over())
        put_pacer_.pause(put_.position());
    while (!number && !deadline.over() && Waiters::spin(space))
        number = publish(message);
    if (number) {
        if (begin != 0) {
            if (!trace_.summarises_sent())
                begin = tell_wait(State::waiting_space, begin, place(where));
            trace_sent(*number, bytes, begin, where);
        }
    } else {
        trace_.flush(size());
        const StateSpan sending(State::sending, trace_.channel(), where);
        {
            const StateSpan waiting(State::waiting_space, trace_.channel(), where);
            while (!number && layout().producers.sleep(deadline, space, [] { return false; }))
                number = publish(message);
        }
        if (!number)
            number = publish(message); // the time is over; some may have come all the same
        if (!number)
            throw Full({.object = "queue " + name(),
                           .problem = "is full",
                           .value = std::to_string(size()) + " messages",
                           .limit = std::to_string(capacity())},
                deadline.deaths());
        trace_sent(*number, bytes, 0, where);
    }
    layout().consumers.wake_one();
    return *number;
}

void MessageQueue::wait_and_take(Incoming& message, std::chrono::nanoseconds timeout,
    std::uint64_t begin, const std::source_location& where)
{
    static const std::function<bool()> nothing = [] { return false; };
    const Deadline deadline(timeout);
    if (!wait_and_take(message, deadline, nothing, State::waiting_data, begin, where))
        throw Empty({.object = "queue " + name(), .problem = "is empty"}, deadline.deaths());
}

bool MessageQueue::wait_and_take(Incoming& message, const Deadline& deadline,
    const std::function<bool()>& interrupted, State waiting, std::uint64_t begin,
    const std::source_location& where)
{
    const auto there = [this] { return has_message(); };
    if (!deadline.over())
        get_pacer_.pause(get_.position());
    while (!deadline.over() && Waiters::spin(there)) {
        if (!take(message))
            continue;
        if (begin != 0) {
            if (!trace_.summarises_received())
                begin = tell_wait(waiting, begin, place(where));
            trace_received(message, begin, where);
        }
        return true;
    }
    trace_.flush(size());
    const StateSpan receiving(State::receiving, trace_.channel(), where);
    bool taken = false;
    {
        const StateSpan span(waiting, trace_.channel(), where);
        while (!taken && layout().consumers.sleep(deadline, there, interrupted))
            taken = take(message);
    }
    if (taken)
        trace_received(message, 0, where);
    return taken;
}

bool MessageQueue::get_unless(std::vector<std::byte>& bytes,
    const std::function<bool()>& interrupted, State waiting, const std::source_location& where)
{
    const std::uint64_t begin = ChannelTrace::begin();
    Incoming message;
    if (take(message)) {
        if (begin != 0)
            trace_received(message, begin, where);
    } else if (!wait_and_take(message, Deadline(forever), interrupted, waiting, begin, where)) {
        return false;
    }
    bytes.assign(message.contents().begin(), message.contents().end());
    return true;
}

void MessageQueue::get(std::vector<std::byte>& bytes, std::chrono::nanoseconds timeout,
    const std::source_location& where)
{
    get([&](std::span<const std::byte> message) { bytes.assign(message.begin(), message.end()); },
        timeout, where);
}

bool MessageQueue::try_get(std::vector<std::byte>& bytes, const std::source_location& where)
{
    return try_get(
        [&](std::span<const std::byte> message) { bytes.assign(message.begin(), message.end()); },
        where);
}

std::optional<std::uint32_t> MessageQueue::taken_by(std::uint64_t position) const noexcept
{
    const std::uint64_t capacity = layout().capacity;
    const PlaceWord seen(ring(0).places[position % capacity].word.load(std::memory_order_acquire));
    if (seen.turn() != position / capacity + 1 || seen.is_full())
        return std::nullopt;
    return seen.slot();
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

} // namespace manyhands
