// SPDX-License-Identifier: MIT
// How the text of a trace file comes and goes: in pieces, plain or as a gzip stream.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace manyhands {

/// Takes the next piece of the file; throws to end the writing.
using TraceSink = std::function<void(std::string_view)>;

/// Puts the next bytes of the file into `room` and returns how many; 0 at its end. Throws to end
/// the reading: a TraceDamage where the bytes are at fault.
using TraceSource = std::function<std::size_t(std::span<char> room)>;

/// Why a file cannot be read on at a place. what() is a clause about the file there.
class TraceDamage : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Wraps a sink: what it passes on is the gzip stream of what it takes.
class GzipSink
{
public:
    explicit GzipSink(TraceSink next);
    ~GzipSink();
    GzipSink(const GzipSink&) = delete;
    GzipSink& operator=(const GzipSink&) = delete;

    void operator()(std::string_view piece);
    void finish(); ///< writes the end of the stream; call once, after the last piece

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Wraps a source of gzip streams, one behind the other: gives what they hold. Throws TraceDamage
/// where they are cut, damaged or fail their checksum, and BadValue naming `object` where they
/// hold more than 200 times their bytes (beyond 64 MiB) or more than 64 GiB: no run does.
class GzipSource
{
public:
    GzipSource(TraceSource next, std::string object);
    ~GzipSource();
    GzipSource(const GzipSource&) = delete;
    GzipSource& operator=(const GzipSource&) = delete;

    std::size_t operator()(std::span<char> room);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace manyhands
