// SPDX-License-Identifier: MIT
// The text of a trace file's events, a line each, as it is written.
#pragma once

#include "engine/recording/trace_stream.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace manyhands {

/// JSON text, whatever bytes a hostile process put into the strings of `json`.
std::string written(const nlohmann::json& json);
std::string json_string(std::string_view text);

void append_digits(std::string& text, std::integral auto number, int base = 10)
{
    std::array<char, 72> buffer;
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number, base);
    text.append(buffer.data(), end.ptr);
}

/// The fewest digits that tell `number` from its neighbours.
void append_digits(std::string& text, double number);

template <class Number>
std::string digits(Number number)
{
    std::string text;
    append_digits(text, number);
    return text;
}

/// Writes the members of an object, in the order given.
class Arguments
{
public:
    explicit Arguments(std::string& text)
        : text_(text)
    {
    }

    template <class Number>
    Arguments& number(std::string_view key, Number value)
    {
        append_digits(member(key), value);
        return *this;
    }
    Arguments& text(std::string_view key, std::string_view value)
    {
        return raw(key, json_string(value));
    }
    /// A text of ours, which has nothing to escape.
    Arguments& word(std::string_view key, std::string_view value)
    {
        member(key).append("\"").append(value).append("\"");
        return *this;
    }
    Arguments& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
    Arguments& null(std::string_view key) { return raw(key, "null"); }
    Arguments& raw(std::string_view key, std::string_view json)
    {
        member(key) += json;
        return *this;
    }

private:
    std::string& member(std::string_view key)
    {
        return text_.append(std::exchange(first_, false) ? "\"" : ",\"").append(key).append("\":");
    }

    std::string& text_;
    bool first_ = true;
};

/// Events and what stands around them, passed on in pieces of 64 KiB.
class TraceLines
{
public:
    explicit TraceLines(const TraceSink& sink)
        : sink_(sink)
    {
        buffer_.reserve(2 * piece_bytes);
    }

    /// Begins an event, on a line of its own so that a cut file can be read line by line. `name`
    /// and `category` are written as they are; an empty one not at all. `identity` are its members
    /// "pid" and "tid", behind a comma.
    void begin(
        char phase, std::string_view name, std::string_view category, std::string_view identity);
    /// The same with a moment: microseconds with three decimals, made of whole numbers, so that
    /// the same moment has the same digits everywhere; or importers misnest neighbours.
    void begin(char phase, std::string_view name, std::string_view category, std::int64_t time_ns,
        std::string_view identity);
    void raw(std::string_view text) { buffer_ += text; }
    template <class Number>
    void number(std::string_view key, Number value)
    {
        buffer_.append(",\"").append(key).append("\":");
        append_digits(buffer_, value);
    }
    void id(std::uint64_t id);
    Arguments arguments(); ///< ends with end_arguments()
    void end_arguments() { put("}}"); } ///< and the event
    void end() { put("}"); } ///< of an event without arguments

    void put(std::string_view text)
    {
        buffer_ += text;
        if (buffer_.size() >= piece_bytes)
            flush();
    }
    void flush();
    std::uint64_t events() const noexcept { return events_; }

private:
    static constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

    const TraceSink& sink_;
    std::string buffer_;
    std::uint64_t events_ = 0;
};

} // namespace manyhands
