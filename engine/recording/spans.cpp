// SPDX-License-Identifier: MIT
#include "engine/recording/spans.hpp"

#include <algorithm>

namespace manyhands {
namespace {

constexpr std::int64_t longest_chunk_ns = std::numeric_limits<std::uint32_t>::max();

} // namespace

Span Spans::operator[](std::size_t index) const
{
    const Chunk& chunk = chunks_[chunk_of(index)];
    const std::size_t at = index - chunk.first;
    const Packed& packed = chunk.spans[at];
    return {.begin_ns = chunk.base_ns + packed.begin,
        .end_ns = end_of(chunk, at),
        .subject = packed.subject,
        .place = packed.place,
        .state = packed.state,
        .depth = packed.depth};
}

std::size_t Spans::open(
    std::int64_t time_ns, State state, std::uint32_t subject, std::uint16_t place)
{
    const std::int64_t time = size_ == 0 ? time_ns : std::max(time_ns, last_ns_);
    if (size_ == 0)
        last_ns_ = time;
    advance(time);
    if (chunks_.empty() || chunks_.back().spans.size() == chunk_spans
        || time - chunks_.back().base_ns > longest_chunk_ns)
        begin_chunk();
    Chunk& chunk = chunks_.back();
    if (chunk.spans.size() % block_spans == 0)
        begin_block(chunk);
    chunk.spans.push_back({.begin = static_cast<std::uint32_t>(time - chunk.base_ns),
        .length = length_open,
        .subject = subject,
        .place = place,
        .state = state,
        .depth = static_cast<std::uint8_t>(open_.size())});
    open_.push_back({static_cast<std::uint32_t>(size_), state});
    return size_++;
}

void Spans::close(std::size_t depth, std::int64_t time_ns)
{
    if (open_.size() <= depth)
        return;
    advance(std::max(time_ns, last_ns_));
    for (; open_.size() > depth; open_.pop_back()) {
        const std::uint32_t index = open_.back().index;
        Chunk& chunk = chunks_[chunk_of(index)];
        Packed& packed = chunk.spans[index - chunk.first];
        const std::int64_t length = last_ns_ - chunk.base_ns - packed.begin;
        if (length < length_long) {
            packed.length = static_cast<std::uint32_t>(length);
            continue;
        }
        packed.length = length_long;
        const auto at = static_cast<std::uint32_t>(index - chunk.first);
        chunk.long_ends.insert(std::lower_bound(chunk.long_ends.begin(), chunk.long_ends.end(),
                                   std::pair(at, std::numeric_limits<std::int64_t>::min())),
            {at, last_ns_});
    }
}

std::size_t Spans::begun_by(std::int64_t time_ns) const
{
    const auto behind = std::upper_bound(chunks_.begin(), chunks_.end(), time_ns,
        [](std::int64_t time, const Chunk& chunk) { return time < chunk.base_ns; });
    if (behind == chunks_.begin())
        return 0;
    const Chunk& chunk = behind[-1];
    const auto next
        = std::upper_bound(chunk.spans.begin(), chunk.spans.end(), time_ns - chunk.base_ns,
            [](std::int64_t time, const Packed& span) { return time < std::int64_t{span.begin}; });
    return chunk.first + static_cast<std::size_t>(next - chunk.spans.begin());
}

std::size_t Spans::innermost(std::int64_t time_ns) const
{
    return empty() ? 0 : StateWalk(*this, time_ns).innermost();
}

StateTimes Spans::times_until(std::int64_t time_ns) const
{
    StateTimes times = {};
    if (empty() || time_ns <= chunks_.front().base_ns)
        return times;
    if (time_ns >= last_ns_) {
        times = times_;
        if (!open_.empty())
            times[static_cast<std::size_t>(open_.back().state)] += time_ns - last_ns_;
        return times;
    }
    StateWalk(*this, chunks_.front().base_ns).add_until(time_ns, times);
    return times;
}

std::size_t Spans::memory_bytes() const noexcept
{
    std::size_t bytes = sizeof *this + chunks_.capacity() * sizeof(Chunk);
    for (const Chunk& chunk : chunks_) {
        bytes += chunk.spans.capacity() * sizeof(Packed) + chunk.blocks.capacity() * sizeof(Block)
            + chunk.enclosing.capacity() * sizeof(std::uint32_t)
            + chunk.long_ends.capacity() * sizeof(chunk.long_ends[0]);
    }
    return bytes;
}

std::size_t Spans::chunk_of(std::size_t index) const
{
    const auto contains = [&](std::size_t number) {
        const Chunk& chunk = chunks_[number];
        return chunk.first <= index && index - chunk.first < chunk.spans.size();
    };
    // Of a busy lane all chunks are full; and who writes most often asks for the last one.
    if (const std::size_t guess = index / chunk_spans; guess < chunks_.size() && contains(guess))
        return guess;
    if (contains(chunks_.size() - 1))
        return chunks_.size() - 1;
    const auto behind = std::upper_bound(chunks_.begin(), chunks_.end(), index,
        [](std::size_t number, const Chunk& chunk) { return number < chunk.first; });
    return static_cast<std::size_t>(behind - chunks_.begin()) - 1;
}

std::int64_t Spans::end_of(const Chunk& chunk, std::size_t at) const
{
    const Packed& packed = chunk.spans[at];
    if (packed.length < length_long)
        return chunk.base_ns + packed.begin + packed.length;
    if (packed.length == length_open)
        return open_end;
    return std::lower_bound(chunk.long_ends.begin(), chunk.long_ends.end(),
        std::pair(static_cast<std::uint32_t>(at), std::numeric_limits<std::int64_t>::min()))
        ->second;
}

void Spans::advance(std::int64_t time_ns)
{
    if (!open_.empty())
        times_[static_cast<std::size_t>(open_.back().state)] += time_ns - last_ns_;
    last_ns_ = time_ns;
}

void Spans::begin_chunk()
{
    if (!chunks_.empty()) {
        chunks_.back().spans.shrink_to_fit();
        chunks_.back().enclosing.shrink_to_fit();
    }
    Chunk chunk;
    chunk.base_ns = last_ns_;
    chunk.first = size_;
    chunk.times = times_;
    chunks_.push_back(std::move(chunk));
}

void Spans::begin_block(Chunk& chunk)
{
    Block block;
    for (std::size_t i = 0; i < state_count; ++i)
        block.times[i] = static_cast<std::uint32_t>(times_[i] - chunk.times[i]);
    block.enclosing = static_cast<std::uint32_t>(chunk.enclosing.size());
    block.begin = static_cast<std::uint32_t>(last_ns_ - chunk.base_ns);
    for (const Open& open : open_)
        chunk.enclosing.push_back(open.index);
    chunk.blocks.push_back(block);
}

StateWalk::StateWalk(const Spans& spans, std::int64_t time_ns)
    : spans_(spans)
    , time_ns_(time_ns)
{
    if (spans.empty())
        return;
    const auto [chunk, block] = block_at(time_ns);
    load(chunk, block);
    StateTimes before = {};
    if (time_ns_ < time_ns)
        walk_until(time_ns, before);
    time_ns_ = time_ns;
}

void StateWalk::add_until(std::int64_t time_ns, StateTimes& times)
{
    if (spans_.empty())
        return;
    if (time_ns > far_ns_)
        jump(time_ns, times);
    walk_until(time_ns, times);
}

// To the block around `time_ns`, by the sums that stand before blocks.
void StateWalk::jump(std::int64_t time_ns, StateTimes& times)
{
    std::size_t chunk = chunk_;
    std::size_t block = (next_ + Spans::block_spans - 1) / Spans::block_spans;
    if (block == spans_.chunks_[chunk].blocks.size()) {
        ++chunk;
        block = 0;
    }
    walk_until(block_begin(chunk, block), times);
    const auto [to_chunk, to_block] = block_at(time_ns);
    const Spans::Chunk& from = spans_.chunks_[chunk];
    const Spans::Chunk& to = spans_.chunks_[to_chunk];
    for (std::size_t i = 0; i < state_count; ++i) {
        times[i] += (to.times[i] + to.blocks[to_block].times[i])
            - (from.times[i] + from.blocks[block].times[i]);
    }
    load(to_chunk, to_block);
}

std::size_t StateWalk::innermost()
{
    if (spans_.empty())
        return 0;
    // What begins at the moment itself has begun; what ends then has ended.
    for (;;) {
        while (depth_ > 0 && around_[depth_ - 1].end_ns <= time_ns_)
            --depth_;
        if (next_begin_ns_ > time_ns_)
            return depth_ == 0 ? spans_.size() : around_[depth_ - 1].index;
        begin_next();
    }
}

void StateWalk::load(std::size_t chunk_number, std::size_t block_number)
{
    const Spans::Chunk& chunk = spans_.chunks_[chunk_number];
    const std::size_t first = chunk.blocks[block_number].enclosing;
    const std::size_t last = block_number + 1 < chunk.blocks.size()
        ? chunk.blocks[block_number + 1].enclosing
        : chunk.enclosing.size();
    depth_ = 0;
    for (std::size_t i = first; i < last; ++i) {
        const std::uint32_t index = chunk.enclosing[i];
        const Spans::Chunk& of = spans_.chunks_[spans_.chunk_of(index)];
        around_[depth_++]
            = {spans_.end_of(of, index - of.first), index, of.spans[index - of.first].state};
    }
    chunk_ = chunk_number;
    next_ = block_number * Spans::block_spans;
    time_ns_ = block_begin(chunk_number, block_number);
    look_ahead();
}

void StateWalk::walk_until(std::int64_t time_ns, StateTimes& times)
{
    walk_flat_until(time_ns, times);
    for (;;) {
        const std::int64_t until = std::min(next_begin_ns_, time_ns);
        for (; depth_ > 0 && around_[depth_ - 1].end_ns <= until; --depth_) {
            const Around& inner = around_[depth_ - 1];
            times[static_cast<std::size_t>(inner.state)]
                += std::max<std::int64_t>(inner.end_ns - time_ns_, 0);
            time_ns_ = std::max(time_ns_, inner.end_ns);
        }
        if (until > time_ns_) {
            if (depth_ > 0)
                times[static_cast<std::size_t>(around_[depth_ - 1].state)] += until - time_ns_;
            time_ns_ = until;
        }
        if (next_begin_ns_ >= time_ns)
            return;
        begin_next();
    }
}

// The usual case, quickly: spans within the block that end before the next one begins.
void StateWalk::walk_flat_until(std::int64_t time_ns, StateTimes& times)
{
    // What follows the last one of a block is looked at where the block ends.
    const std::size_t last
        = std::min((next_ / Spans::block_spans + 1) * Spans::block_spans, count_) - 1;
    if (next_ >= last || next_begin_ns_ >= time_ns)
        return;
    std::int64_t outer_end = time_ns - base_ns_;
    std::int64_t unused = 0;
    std::int64_t* between = &unused;
    if (depth_ > 0) {
        const Around& outer = around_[depth_ - 1];
        if (outer.end_ns <= next_begin_ns_)
            return;
        outer_end = std::min(outer_end, outer.end_ns - base_ns_);
        between = &times[static_cast<std::size_t>(outer.state)];
    }
    std::int64_t now = time_ns_ - base_ns_;
    const Spans::Packed* span = packed_ + next_;
    const Spans::Packed* const end = packed_ + last;
    for (; span != end; ++span) {
        // A length that stands for another is longer than any way to the next span.
        const std::int64_t span_end = std::int64_t{span->begin} + span->length;
        if (span_end > outer_end || span[1].begin < span_end)
            break;
        *between += span->begin - now;
        times[static_cast<std::size_t>(span->state)] += span->length;
        now = span_end;
    }
    next_ = static_cast<std::size_t>(span - packed_);
    time_ns_ = base_ns_ + now;
    next_begin_ns_ = base_ns_ + span->begin;
}

void StateWalk::begin_next()
{
    const Spans::Packed& span = packed_[next_];
    const std::int64_t end = span.length < Spans::length_long
        ? base_ns_ + span.begin + span.length
        : spans_.end_of(spans_.chunks_[chunk_], next_);
    around_[depth_++] = {end, static_cast<std::uint32_t>(first_ + next_), span.state};
    ++next_;
    if (next_ % Spans::block_spans != 0 && next_ < count_)
        next_begin_ns_ = base_ns_ + packed_[next_].begin;
    else
        look_ahead();
}

// Finds the next span, and the block behind the next one.
void StateWalk::look_ahead()
{
    const auto& chunks = spans_.chunks_;
    if (next_ == chunks[chunk_].spans.size() && chunk_ + 1 < chunks.size()) {
        ++chunk_;
        next_ = 0;
    }
    const Spans::Chunk& chunk = chunks[chunk_];
    packed_ = chunk.spans.data();
    count_ = chunk.spans.size();
    base_ns_ = chunk.base_ns;
    first_ = chunk.first;
    next_begin_ns_ = next_ < count_ ? base_ns_ + packed_[next_].begin : open_end;
    const std::size_t block = (next_ + Spans::block_spans - 1) / Spans::block_spans + 1;
    far_ns_ = block < chunk.blocks.size() ? block_begin(chunk_, block)
        : chunk_ + 1 < chunks.size()      ? chunks[chunk_ + 1].base_ns
                                          : open_end;
}

std::pair<std::size_t, std::size_t> StateWalk::block_at(std::int64_t time_ns) const
{
    // Not far ahead, most often: steps that double, then halves.
    const auto& chunks = spans_.chunks_;
    std::size_t chunk = chunk_;
    if (chunk + 1 < chunks.size() && chunks[chunk + 1].base_ns <= time_ns) {
        const auto behind = std::upper_bound(chunks.begin() + static_cast<std::ptrdiff_t>(chunk),
            chunks.end(), time_ns,
            [](std::int64_t time, const Spans::Chunk& other) { return time < other.base_ns; });
        chunk = static_cast<std::size_t>(behind - chunks.begin()) - 1;
    }
    const std::vector<Spans::Block>& blocks = chunks[chunk].blocks;
    const std::int64_t time = time_ns - chunks[chunk].base_ns;
    std::size_t low = chunk == chunk_ ? next_ / Spans::block_spans : 0;
    low = std::min(low, blocks.size() - 1);
    if (blocks[low].begin > time)
        low = 0;
    std::size_t step = 1;
    while (low + step < blocks.size() && blocks[low + step].begin <= time) {
        low += step;
        step *= 2;
    }
    std::size_t high = std::min(low + step, blocks.size());
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (blocks[middle].begin <= time ? low : high) = middle;
    }
    return {chunk, low};
}

std::int64_t StateWalk::block_begin(std::size_t chunk, std::size_t block) const
{
    const Spans::Chunk& of = spans_.chunks_[chunk];
    return of.base_ns + of.blocks[block].begin;
}

} // namespace manyhands
