// SPDX-License-Identifier: MIT
#include "engine/recording/trace_stream.hpp"

#include "engine/os/error.hpp"

// Makes zlib's input pointer one to const.
#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>
#include <vector>

namespace manyhands {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr int gzip_of_largest_window = 15 + 16;
// A run's events shrink to an eighth, those of the most regular one to a fortieth; a bomb's zeros
// to a thousandth.
constexpr std::uint64_t most_growth = 200;
constexpr std::uint64_t harmless_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t most_bytes = std::uint64_t{64} << 30;

} // namespace

struct GzipSink::State
{
    explicit State(TraceSink sink)
        : next(std::move(sink))
    {
        constexpr int default_memory_level = 8;
        // The fastest level: traces shrink to an eighth with it, and the default takes twice as
        // long for a fifth less.
        if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_of_largest_window,
                default_memory_level, Z_DEFAULT_STRATEGY)
            != Z_OK)
            throw std::bad_alloc();
    }
    ~State() { deflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Compresses all input there is and passes on what comes out.
    void deflate_all(int flush)
    {
        do {
            stream.next_out = out.data();
            stream.avail_out = static_cast<uInt>(out.size());
            deflate(&stream, flush); // fails only where the stream is misused
            const std::size_t bytes = out.size() - stream.avail_out;
            if (bytes > 0)
                next({reinterpret_cast<const char*>(out.data()), bytes});
        } while (stream.avail_out == 0);
    }

    TraceSink next;
    z_stream stream = {};
    std::vector<Bytef> out = std::vector<Bytef>(piece_bytes);
};

GzipSink::GzipSink(TraceSink next)
    : state_(std::make_unique<State>(std::move(next)))
{
}

GzipSink::~GzipSink() = default;

void GzipSink::operator()(std::string_view piece)
{
    while (!piece.empty()) {
        const std::string_view part = piece.substr(0, std::numeric_limits<uInt>::max());
        state_->stream.next_in = reinterpret_cast<const Bytef*>(part.data());
        state_->stream.avail_in = static_cast<uInt>(part.size());
        state_->deflate_all(Z_NO_FLUSH);
        piece.remove_prefix(part.size());
    }
}

void GzipSink::finish()
{
    state_->deflate_all(Z_FINISH);
}

struct GzipSource::State
{
    State(TraceSource source, std::string name)
        : next(std::move(source))
        , object(std::move(name))
    {
        if (inflateInit2(&stream, gzip_of_largest_window) != Z_OK)
            throw std::bad_alloc();
    }
    ~State() { inflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Whether there is input: at the end of a stream there need not be more.
    bool fetch()
    {
        if (stream.avail_in > 0)
            return true;
        const std::size_t bytes = next(in);
        stream.next_in = reinterpret_cast<const Bytef*>(in.data());
        stream.avail_in = static_cast<uInt>(bytes);
        bytes_in += bytes;
        return bytes > 0;
    }

    void check_growth() const
    {
        const bool grows = bytes_out > harmless_bytes && bytes_out / most_growth > bytes_in;
        if (!grows && bytes_out <= most_bytes)
            return;
        throw BadValue({.object = object,
            .problem = "is no run of Manyhands: its compressed data grow beyond all measure",
            .limit = "200 times their size, 64 GiB"});
    }

    TraceSource next;
    std::string object;
    z_stream stream = {};
    std::vector<char> in = std::vector<char>(piece_bytes);
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    bool between_streams = false;
};

GzipSource::GzipSource(TraceSource next, std::string object)
    : state_(std::make_unique<State>(std::move(next), std::move(object)))
{
}

GzipSource::~GzipSource() = default;

std::size_t GzipSource::operator()(std::span<char> room)
{
    z_stream& stream = state_->stream;
    const auto size = static_cast<uInt>(std::min<std::size_t>(room.size(), piece_bytes));
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = size;
    while (stream.avail_out == size) {
        if (!state_->fetch()) {
            if (state_->between_streams)
                return 0;
            throw TraceDamage("the compressed data are cut off");
        }
        if (std::exchange(state_->between_streams, false))
            inflateReset(&stream);
        const int result = inflate(&stream, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            state_->between_streams = true;
        else if (result != Z_OK && result != Z_BUF_ERROR && stream.avail_out == size)
            throw TraceDamage("the compressed data are damaged"); // what came before has been given
    }
    state_->bytes_out += size - stream.avail_out;
    state_->check_growth();
    return size - stream.avail_out;
}

} // namespace manyhands
