// SPDX-License-Identifier: MIT
// The text of a trace file as a JSON parser takes it: character by character, out of pieces.
#pragma once

#include "engine/recording/trace_stream.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace manyhands {

/// Where a character stands in a text; both count from 1.
struct TextPlace
{
    std::uint64_t line = 1;
    std::uint64_t byte = 1;
};

/// A text that comes from a source. Holds one piece of it.
class TraceText
{
public:
    explicit TraceText(const TraceSource& source)
        : source_(source)
    {
    }
    TraceText(const TraceText&) = delete;
    TraceText& operator=(const TraceText&) = delete;

    /// Reads the first piece. This and moving an iterator on throw what the source throws.
    void start() { refill(); }
    /// Whether all characters have been taken.
    bool ended() const noexcept { return next_ == end_; }
    bool empty() const noexcept { return bytes_before_ == 0 && end_ == piece_.data(); }
    /// Whether somebody wanted more, and the source had no more.
    bool read_past_end() const noexcept { return read_past_end_; }
    /// Of the last character taken.
    TextPlace place() const noexcept;

    /// The parser has come to the end of a word, number or string. A text in which that takes more
    /// than 16 MiB is damaged: the parser keeps all of it.
    void token_done() noexcept { ++tokens_; }

    class Iterator
    {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = char;
        using difference_type = std::ptrdiff_t;
        using pointer = const char*;
        using reference = char;

        explicit Iterator(TraceText* text)
            : text_(text)
        {
        }
        char operator*() const noexcept { return *text_->next_; }
        Iterator& operator++()
        {
            if (++text_->next_ == text_->end_)
                text_->refill();
            return *this;
        }
        void operator++(int) { ++*this; }
        /// Any two are the same at the end, and there alone.
        friend bool operator==(const Iterator& at, const Iterator&) { return at.at_end(); }

    private:
        bool at_end() const noexcept
        {
            if (!text_->ended())
                return false;
            text_->read_past_end_ = true;
            return true;
        }

        TraceText* text_;
    };

private:
    void refill();

    const TraceSource& source_;
    std::array<char, std::size_t{64} * 1024> piece_;
    const char* next_ = piece_.data();
    const char* end_ = piece_.data();
    std::uint64_t bytes_before_ = 0; ///< of the pieces before this one
    std::uint64_t lines_before_ = 0;
    std::uint64_t tokens_ = 0;
    std::uint64_t tokens_seen_ = 0;
    std::uint64_t bytes_at_token_ = 0;
    bool read_past_end_ = false;
};

} // namespace manyhands
