// SPDX-License-Identifier: MIT
// The spans of one lane, packed, with an index that grows with them: how long the lane was in each
// state until a moment is known without going through the spans before it.
#pragma once

#include "engine/trace/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace manyhands {

/// The end of what has not ended yet.
inline constexpr std::int64_t open_end = std::numeric_limits<std::int64_t>::max();
/// Where a span, message or event names no task, lane or place.
inline constexpr std::uint32_t no_subject = std::numeric_limits<std::uint32_t>::max();

/// One stay of a lane in a state. Spans of a lane nest strictly: they stand in the order of their
/// begin, an outer one before those within it.
struct Span
{
    std::int64_t begin_ns;
    std::int64_t end_ns; ///< open_end while it lasts
    /// What subject_of() says: a task's number, an index into channels(), locks(), gates() or
    /// names(); or no_subject.
    std::uint32_t subject;
    std::uint16_t place; ///< index into Recording::places(), 0 where unknown
    State state;
    std::uint8_t depth; ///< 0 for an outermost one

    bool operator==(const Span&) const = default;
};

/// Nanoseconds by state; the innermost state counts.
using StateTimes = std::array<std::int64_t, state_count>;

/// A sequence of spans, read by value; 16 bytes each, and 4 of the index. Grows at its end alone.
class Spans
{
public:
    class Iterator
    {
    public:
        using iterator_category = std::random_access_iterator_tag;
        using value_type = Span;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Span;

        Iterator() = default;
        Iterator(const Spans& spans, std::size_t index)
            : spans_(&spans)
            , index_(index)
        {
        }

        Span operator*() const { return (*spans_)[index_]; }
        Span operator[](std::ptrdiff_t by) const { return *(*this + by); }
        /// Its number in the sequence.
        std::size_t index() const noexcept { return index_; }

        Iterator& operator++()
        {
            ++index_;
            return *this;
        }
        Iterator operator++(int) { return {*spans_, index_++}; }
        Iterator& operator--()
        {
            --index_;
            return *this;
        }
        Iterator operator--(int) { return {*spans_, index_--}; }
        Iterator& operator+=(std::ptrdiff_t by)
        {
            index_ += static_cast<std::size_t>(by);
            return *this;
        }
        Iterator& operator-=(std::ptrdiff_t by) { return *this += -by; }
        friend Iterator operator+(Iterator at, std::ptrdiff_t by) { return at += by; }
        friend Iterator operator+(std::ptrdiff_t by, Iterator at) { return at += by; }
        friend Iterator operator-(Iterator at, std::ptrdiff_t by) { return at -= by; }
        friend std::ptrdiff_t operator-(const Iterator& a, const Iterator& b)
        {
            return static_cast<std::ptrdiff_t>(a.index_) - static_cast<std::ptrdiff_t>(b.index_);
        }
        bool operator==(const Iterator& other) const { return index_ == other.index_; }
        auto operator<=>(const Iterator& other) const { return index_ <=> other.index_; }

    private:
        const Spans* spans_ = nullptr;
        std::size_t index_ = 0;
    };

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return size_ == 0; }
    Span operator[](std::size_t index) const;
    Span front() const { return (*this)[0]; }
    Span back() const { return (*this)[size_ - 1]; }
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, size_}; }
    std::reverse_iterator<Iterator> rbegin() const { return std::reverse_iterator(end()); }
    std::reverse_iterator<Iterator> rend() const { return std::reverse_iterator(begin()); }

    /// Begins a span within those that are open. A time before the last one given counts as that.
    /// Returns its number.
    std::size_t open(std::int64_t time_ns, State state, std::uint32_t subject, std::uint16_t place);
    /// Ends the open spans from `depth` inwards; the innermost first.
    void close(std::size_t depth, std::int64_t time_ns);
    /// How many are open.
    std::size_t depth() const noexcept { return open_.size(); }
    /// The state of an open span, by its depth.
    State open_state(std::size_t depth) const noexcept { return open_[depth].state; }
    bool is_open() const noexcept { return !open_.empty(); }

    /// How many begin before `time_ns` or at it.
    std::size_t begun_by(std::int64_t time_ns) const;
    /// The innermost span that contains a moment (its begin belongs to it, its end does not);
    /// size() where none does. An open one contains all that follows.
    std::size_t innermost(std::int64_t time_ns) const;
    /// How long the lane was in each state before a moment; what is open lasts until then.
    StateTimes times_until(std::int64_t time_ns) const;

    /// What this takes, its index included.
    std::size_t memory_bytes() const noexcept;

private:
    friend class StateWalk;

    // Begins and lengths are told from the chunk's base in 32 bits: a chunk is closed when it is
    // full or older than that (4.3 s).
    struct Packed
    {
        std::uint32_t begin;
        std::uint32_t length; // or one of the two below
        std::uint32_t subject;
        std::uint16_t place;
        State state;
        std::uint8_t depth;
    };
    static constexpr std::uint32_t length_open = 0xffff'ffff;
    static constexpr std::uint32_t length_long = 0xffff'fffe; // its end stands in Chunk::long_ends

    // What is known at the begin of a block's first span, before it.
    struct Block
    {
        std::array<std::uint32_t, state_count> times; // since the chunk's base
        std::uint32_t enclosing; // where Chunk::enclosing begins to name the spans around it
        std::uint32_t begin; // of its first span
    };
    // Finer blocks are quicker to search and take more memory: 4 bytes a span at this length.
    static constexpr std::size_t block_spans = 16;
    static constexpr std::size_t chunk_spans = 4096;

    struct Chunk
    {
        std::int64_t base_ns;
        std::size_t first; // the number of its first span
        StateTimes times; // until its base
        std::vector<Packed> spans;
        std::vector<Block> blocks;
        std::vector<std::uint32_t> enclosing; // numbers of spans, outer ones first
        std::vector<std::pair<std::uint32_t, std::int64_t>> long_ends; // in the order of ending
    };
    struct Open
    {
        std::uint32_t index;
        State state;
    };

    std::size_t chunk_of(std::size_t index) const;
    std::int64_t end_of(const Chunk& chunk, std::size_t at) const;
    // The time until `time_ns` belongs to the innermost open span.
    void advance(std::int64_t time_ns);
    void begin_chunk();
    void begin_block(Chunk& chunk);

    std::vector<Chunk> chunks_;
    std::vector<Open> open_;
    StateTimes times_ = {}; // until last_ns_
    std::int64_t last_ns_ = 0;
    std::size_t size_ = 0;
};

/// Goes through a lane's time from the left to the right, adding up its states. The spans must not
/// change meanwhile.
class StateWalk
{
public:
    /// Begins at `time_ns`.
    StateWalk(const Spans& spans, std::int64_t time_ns);

    /// Goes on to `time_ns`, which is not before the last one; adds what lies between to `times`.
    void add_until(std::int64_t time_ns, StateTimes& times);
    /// How many spans have begun so far.
    std::size_t begun() const noexcept { return first_ + next_; }
    /// When a span begins or ends next; open_end where none does.
    std::int64_t next_change() const noexcept
    {
        return depth_ == 0 ? next_begin_ns_ : std::min(next_begin_ns_, around_[depth_ - 1].end_ns);
    }
    /// The state that lasts until then; nothing where no span is open.
    std::optional<State> state() const noexcept
    {
        return depth_ == 0 ? std::nullopt : std::optional(around_[depth_ - 1].state);
    }
    /// Goes on to `time_ns`, which must not be behind next_change().
    void skip_to(std::int64_t time_ns) noexcept { time_ns_ = time_ns; }
    /// The innermost span at the time reached; the spans' size() for none.
    std::size_t innermost();

private:
    struct Around
    {
        std::int64_t end_ns;
        std::uint32_t index;
        State state;
    };
    // Deeper than a depth can say no span lies.
    static constexpr std::size_t most_around = 257;

    void load(std::size_t chunk, std::size_t block);
    void jump(std::int64_t time_ns, StateTimes& times);
    void walk_until(std::int64_t time_ns, StateTimes& times);
    void walk_flat_until(std::int64_t time_ns, StateTimes& times);
    std::pair<std::size_t, std::size_t> block_at(std::int64_t time_ns) const;
    std::int64_t block_begin(std::size_t chunk, std::size_t block) const;
    void look_ahead();
    void begin_next();

    const Spans& spans_;
    std::array<Around, most_around> around_; // those that are open, the innermost last
    std::size_t depth_ = 0;
    std::int64_t time_ns_;
    std::size_t chunk_ = 0;
    std::size_t next_ = 0; // in the chunk: the next span to begin
    std::int64_t next_begin_ns_ = open_end; // when it does; open_end where there is none
    // Of the chunk, at hand for each span.
    const Spans::Packed* packed_ = nullptr;
    std::size_t count_ = 0;
    std::int64_t base_ns_ = 0;
    std::size_t first_ = 0; // the number of its first span
    std::int64_t far_ns_ = open_end; // behind it, it pays to look for the block
};

} // namespace manyhands
