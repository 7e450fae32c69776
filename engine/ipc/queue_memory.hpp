// SPDX-License-Identifier: MIT
// How a MessageQueue lies in the arena: rings of places, and each producer's cells beside them.
#pragma once

#include "engine/arena/arena.hpp"
#include "engine/sync/waiters.hpp"
#include "engine/trace/segment.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace manyhands::queue_memory {

/// The word of a place, from the top: 46 bits of turn, closed, full, 8 bits of slot (who filled or
/// emptied it), 8 of size. Positions p, p + capacity, p + 2 capacity … of a ring are the turns
/// 0, 1, 2 … of one place. At this rate of bits the turns last for ever: 2^46 laps of a ring.
class PlaceWord
{
public:
    constexpr explicit PlaceWord(std::uint64_t bits) noexcept
        : bits_(bits)
    {
    }
    static constexpr PlaceWord filled(
        std::uint64_t turn, std::uint32_t slot, std::uint8_t size) noexcept
    {
        return PlaceWord(turn << 18 | full_bit | std::uint64_t{slot} << 8 | size);
    }
    /// Free for `turn`, emptied by `slot`.
    static constexpr PlaceWord emptied(std::uint64_t turn, std::uint32_t slot) noexcept
    {
        return PlaceWord(turn << 18 | std::uint64_t{slot} << 8);
    }
    constexpr PlaceWord closed_as(PlaceWord other) const noexcept
    {
        return PlaceWord(bits_ | (other.bits_ & closed_bit));
    }
    constexpr PlaceWord closed() const noexcept { return PlaceWord(bits_ | closed_bit); }

    constexpr std::uint64_t bits() const noexcept { return bits_; }
    constexpr std::uint64_t turn() const noexcept { return bits_ >> 18; }
    constexpr bool is_closed() const noexcept { return (bits_ & closed_bit) != 0; }
    constexpr bool is_full() const noexcept { return (bits_ & full_bit) != 0; }
    constexpr std::uint32_t slot() const noexcept { return bits_ >> 8 & 0xff; }
    constexpr std::uint8_t size() const noexcept { return static_cast<std::uint8_t>(bits_); }

private:
    static constexpr std::uint64_t full_bit = std::uint64_t{1} << 16;
    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 17;

    std::uint64_t bits_;
};
static_assert(slot_limit <= 256);

/// What a place's word says of a message's size where that lies in a block of its own.
inline constexpr std::uint8_t in_a_block = 0xff;
inline constexpr std::size_t inline_bytes = 64;

/// What a producer keeps of a message: its bytes, or its block's offset and size.
struct alignas(64) Cell
{
    std::array<std::uint64_t, inline_bytes / 8> words;
};

/// Places, filled in the order of their positions, and emptied in it.
struct Ring
{
    // Eight words to a cache line: who is ahead of the other side by more than that has the line
    // to itself, fills or empties all of it, and hands it on once. Pacer sees to it.
    struct Place
    {
        std::atomic<std::uint64_t> word;
    };

    // Hints, seldom written: never ahead of the truth, which is in the places' words.
    alignas(64) std::atomic<std::uint64_t> next_put;
    alignas(64) std::atomic<std::uint64_t> next_get;
    alignas(64) std::uint64_t capacity;
    /// The number of its first message in the queue; known when the ring before it is closed.
    std::atomic<std::uint64_t> first;
    /// Where the messages of each slot's processes lie, once one has been put: a cell for each
    /// place. Kept for the slot's next process, so that what this one leaves stays readable.
    std::array<std::atomic<ArenaOffset>, slot_limit> cells;
    alignas(64) Place places[1];

    static constexpr std::size_t bytes(std::uint64_t capacity)
    {
        return sizeof(Ring) + (capacity - 1) * sizeof(Place);
    }
};

/// Of an unbounded queue: 256 places, 512, 1024 …; their sum is at most four times what was in the
/// queue at once. Room for 2^31 messages.
inline constexpr std::uint64_t first_ring_places = 256;
inline constexpr std::size_t most_rings = 23;

/// The beginning of a queue's block; its first ring stands behind it.
struct Layout
{
    std::uint64_t capacity; ///< 0: unbounded
    std::uint32_t owner; ///< in the arena, of all that belongs to the queue
    std::uint16_t channel;
    std::array<char, 122> name; ///< cut to fit, ended by a zero
    std::array<std::atomic<ArenaOffset>, most_rings> rings;
    alignas(64) std::atomic<std::uint32_t> put_ring; ///< hints, as in Ring
    std::atomic<std::uint32_t> get_ring;
    Waiters consumers;
    Waiters producers;
};

/// Where a process is in a queue: the position that it looks at next.
struct Cursor
{
    Ring* ring = nullptr;
    std::uint64_t turn = 0;
    std::uint64_t index = 0; ///< of the place
    std::uint64_t first = 0; ///< Ring::first
    std::uint32_t number = 0; ///< of the ring

    std::uint64_t position() const noexcept { return turn * ring->capacity + index; }
    void set(std::uint64_t position) noexcept
    {
        turn = position / ring->capacity;
        index = position % ring->capacity;
    }
    void advance() noexcept
    {
        if (++index == ring->capacity) {
            index = 0;
            ++turn;
        }
    }
    std::atomic<std::uint64_t>& word() const noexcept { return ring->places[index].word; }
};

/// Has a process that waits for the other side let it get ahead first. Two that follow each other
/// from message to message hand each cache line to and fro for each of them, and both are slow.
class Pacer
{
public:
    /// The process has come to `position` and finds nothing to do there.
    void pause(std::uint64_t position) noexcept
    {
        // Where the last pause was not worth it, as where a question waits for its answer, none is
        // made for a while.
        if (paused_ && position - position_ < worthwhile)
            left_out_ = most_left_out;
        position_ = position;
        paused_ = left_out_ == 0;
        if (paused_) {
            for (int i = 0; i < length; ++i)
                relax_cpu();
        } else {
            --left_out_;
        }
    }

private:
    // Some 2 to 4 µs: a hundred messages or so, and far less than going to sleep costs.
    static constexpr int length = 100;
    static constexpr std::uint64_t worthwhile = 8;
    static constexpr int most_left_out = 256;

    std::uint64_t position_ = 0;
    int left_out_ = 0;
    bool paused_ = false;
};

/// What a process finds at its position.
enum class Found : std::uint8_t {
    nothing, ///< to a producer: no space; to a consumer: no message
    ready, ///< a place to fill, or to empty
    closed, ///< the ring goes on in the next one
};

/// Goes on to the first position that is not filled; `seen` is its word.
inline Found seek_put(Cursor& at, std::uint64_t& seen) noexcept
{
    while (true) {
        // Acquire: the consumer that emptied the place has copied our message of the last turn.
        // Sequentially consistent towards the waiters' list (Waiters::wait).
        seen = at.word().load(std::memory_order_seq_cst);
        const PlaceWord word(seen);
        if (word.turn() == at.turn && !word.is_full()) [[likely]]
            return word.is_closed() ? Found::closed : Found::ready;
        if (word.turn() < at.turn) // still full from the turn before
            return word.is_closed() ? Found::closed : Found::nothing;
        // Others were here, perhaps for turns.
        at.turn = word.is_full() ? word.turn() : word.turn() - 1;
        at.advance();
    }
}

/// Goes on to the first position that is not emptied; `seen` is its word.
inline Found seek_get(Cursor& at, std::uint64_t& seen) noexcept
{
    while (true) {
        // Acquire: who sees the place full sees the message. The rest as above.
        seen = at.word().load(std::memory_order_seq_cst);
        const PlaceWord word(seen);
        if (word.turn() == at.turn && word.is_full()) [[likely]]
            return Found::ready;
        if (word.turn() <= at.turn)
            return word.is_closed() ? Found::closed : Found::nothing;
        at.turn = word.turn() - 1;
        at.advance();
    }
}

} // namespace manyhands::queue_memory
